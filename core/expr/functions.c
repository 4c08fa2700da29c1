/* The table of functions, and finding one by name. */
#include "core/expr/functions.h"

#include <ctype.h>
#include <string.h>

const jf_function_row jf_functions[JF_N_FUNCTIONS] = {
#define X(id, name, fewest, most, help) {name, fewest, most, help},
    JF_FUNCTIONS(X)
#undef X
};

int jf_function_find(const char *name)
{
    if (strcmp(name, "pow") == 0) return JF_FN_POW;
    for (int i = 0; i < JF_N_FUNCTIONS; i++)
        if (i != JF_FN_NEG && isalpha((unsigned char)jf_functions[i].name[0]) &&
            strcmp(name, jf_functions[i].name) == 0)
            return i;
    return -1;
}
