/* Any bytes as YAML: an error with a message, or a tree whose lines lie in the text. */
#include <assert.h>
#include <stdint.h>
#include "core/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    jf_yaml *tree = NULL;
    jf_error err = {0};

    if (jf_yaml_read("input.yaml", (const char *)data, size, &tree, &err) == JF_OK) {
        assert(!tree || tree->line >= 1);
    } else {
        assert(!tree && err.message[0]);
    }
    jf_yaml_free(tree);
    return 0;
}
