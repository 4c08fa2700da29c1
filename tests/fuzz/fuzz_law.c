/* Any bytes as a law typed by a user: an error with a message, or a law. */
#include <assert.h>
#include <stdint.h>
#include "core/memory.h"
#include "fit/law/law.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = jf_copy_bytes((const char *)data, size);
    jf_law *law = NULL;
    jf_error err = {0};

    if (jf_law_read(text, &law, &err) == JF_OK) {
        assert(law->response && law->formula);
    } else {
        assert(!law && err.message[0]);
    }
    jf_law_free(law);
    jf_free(text);
    return 0;
}
