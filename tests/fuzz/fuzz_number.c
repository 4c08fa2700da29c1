/* Any bytes as a number: what is read is what strtod reads, to the last bit, and prints to text that reads
 * back. */
#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "core/memory.h"
#include "core/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = jf_copy_bytes((const char *)data, size);
    double value = 0, again = 0;

    if (jf_number_read(text, size, &value)) {
        char buffer[JF_NUMBER_TEXT];
        double other = strtod(text, NULL);
        assert(isfinite(value) && memcmp(&value, &other, sizeof value) == 0);
        jf_number_exact(buffer, value);
        assert(jf_number_read(buffer, strlen(buffer), &again) && memcmp(&value, &again, sizeof value) == 0);
    }
    jf_free(text);
    return 0;
}
