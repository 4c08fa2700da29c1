/* Cells that a spreadsheet would take for a formula: written with an apostrophe in front, read back without
 * it. */
#ifndef JF_DATA_GUARD_H
#define JF_DATA_GUARD_H

#include <stdbool.h>

/* Would a spreadsheet take the text for a formula? It begins, after blanks, tabs and line ends, with = + - @
 * (in some countries also with their wide forms) and is
 * neither a number nor dashes alone. */
bool jf_guard_is_formula(const char *text);
/* Does an apostrophe have to stand in front in CSV? Before a formula, and before apostrophes before a
 * formula, so that every text comes back as it was. */
bool jf_guard_needed(const char *text);
/* The text without the apostrophe that jf_guard_needed asked for; other texts as they are. */
const char *jf_guard_taken_off(const char *text);

#endif
