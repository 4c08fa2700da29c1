/* Different texts numbered by first appearance: the levels of a label column while it is read. */
#ifndef JF_DATA_DICTIONARY_H
#define JF_DATA_DICTIONARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zero-initialise. Compact on purpose: a column may have a different text in each of a million rows. */
typedef struct jf_dictionary {
    char *bytes; /* the texts, each with a zero byte behind it */
    size_t n_bytes, bytes_capacity;
    size_t *starts; /* n + 1 */
    size_t n, starts_capacity;
    struct jf_dictionary_slot *slots; /* a power of two of them, at most half in use */
    size_t n_slots;
} jf_dictionary;

/* The number of `text`, given to it when it is new. False when out of memory or past INT32_MAX texts. */
bool jf_dictionary_code(jf_dictionary *dictionary, const char *text, size_t length, int32_t *code);
/* Zero-terminated text of number `code`; borrowed until the next new text. */
const char *jf_dictionary_text(const jf_dictionary *dictionary, size_t code);
void jf_dictionary_free(jf_dictionary *dictionary);

#endif
