/* Text that grows, numbers to and from text without the locale, and suggestions for misspelt names. */
#ifndef JF_CORE_TEXT_H
#define JF_CORE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* A growing string. Zero-initialise; after an allocation failure `failed` is set and further adds do nothing.
 */
typedef struct jf_text {
    char *data; /* zero-terminated, or NULL while empty */
    size_t length;
    size_t capacity;
    bool failed;
} jf_text;

void jf_text_add(jf_text *text, const char *more);
void jf_text_add_bytes(jf_text *text, const char *bytes, size_t length);
void jf_text_addf(jf_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void jf_text_addv(jf_text *text, const char *format, va_list arguments) __attribute__((format(printf, 2, 0)));
/* Adds what a terminal may be shown: control characters other than newline and tab, which could steer it, as
 * "\\x1b". */
void jf_text_add_shown(jf_text *text, const char *more);
void jf_text_pad(jf_text *text, char filler, size_t count);
/* Hands the string over (never NULL unless memory ran out) and leaves `text` empty. Freed with jf_free. */
char *jf_text_take(jf_text *text);
void jf_text_free(jf_text *text);

/* Number to text, always with a decimal point, whatever the locale. `buffer` holds JF_NUMBER_TEXT bytes. NaN,
 * inf and -inf are written so. */
enum { JF_NUMBER_TEXT = 40 };
const char *jf_number_exact(char *buffer, double value); /* shortest text that reads back the same */
const char *jf_number_short(char *buffer, double value, int digits); /* `digits` significant, like %.*g */

/* Text to number, whatever the locale: decimal or exponent form, inf and nan are refused. The whole of
 * text[0..length) must be the number (blanks around it are allowed). Correctly rounded, as strtod in the C
 * locale. */
bool jf_number_read(const char *text, size_t length, double *value);

/* The candidate nearest to `name` within about a third of its length in edits (case counts half), or NULL. */
const char *jf_suggest(const char *name, const char *const *candidates, size_t n_candidates);
/* Edits (insert, delete, replace, swap neighbours) between two names; `fold` ignores case. */
size_t jf_edit_distance(const char *a, const char *b, bool fold);
/* " (did you mean 'x'?)" or "", in `buffer` of `size` bytes: for the end of a message. Where none is near,
 * the first candidate that begins with what was typed. */
const char *jf_did_you_mean(char *buffer, size_t size, const char *name, const char *const *candidates,
                            size_t n_candidates);
/* Adds a word as a shell reads it: in single quotes unless it is plain. */
void jf_text_add_shell(jf_text *text, const char *word);
/* Is the text well-formed UTF-8? */
bool jf_text_is_utf8(const char *text);
/* Adds bytes that are Latin-1 as UTF-8. */
void jf_text_add_latin1(jf_text *text, const char *bytes, size_t length);
/* Width on a terminal in columns of a UTF-8 string; a broken byte counts one. */
size_t jf_text_width(const char *text);

#endif
