/* Any bytes as an expression: an error or a tree that prints to text which reads back to the same tree. */
#include <assert.h>
#include <stdint.h>
#include <string.h>
#include "core/expr/ast.h"
#include "core/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = jf_copy_bytes((const char *)data, size);
    jf_ast *ast = NULL, *again = NULL;
    jf_error err = {0};

    if (jf_ast_read("expression", text, &ast, &err) == JF_OK) {
        char *printed = jf_ast_print(ast);
        jf_status status = jf_ast_read("expression", printed, &again, &err);
        /* printing may lengthen a text past the limit; nothing else may fail */
        assert(status == JF_OK || status == JF_ELIMIT);
        assert(status != JF_OK || jf_ast_equal(ast, again));
        jf_free(printed);
    } else {
        assert(!ast && err.message[0]);
    }
    jf_ast_free(ast);
    jf_ast_free(again);
    jf_free(text);
    return 0;
}
