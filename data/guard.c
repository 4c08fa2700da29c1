/* Formulas kept from spreadsheets. */
#include "data/guard.h"

#include <string.h>
#include "core/text.h"

bool jf_guard_is_formula(const char *text)
{
    static const char *const wide[] = {"\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0"};
    double value;

    text += strspn(text, " \t\r\n");
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
        if (strncmp(text, wide[i], 3) == 0) return true;
    if (text[strspn(text, "-")] == '\0') return false; /* dashes alone stand for nothing */
    return *text && strchr("=+-@", *text) && !jf_number_read(text, strlen(text), &value);
}

bool jf_guard_needed(const char *text)
{
    return jf_guard_is_formula(text + strspn(text, "'"));
}

const char *jf_guard_taken_off(const char *text)
{
    return *text == '\'' && jf_guard_needed(text) ? text + 1 : text;
}
