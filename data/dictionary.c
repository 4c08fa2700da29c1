/* Different texts numbered by first appearance: open addressing over one block of bytes. */
#include "data/dictionary.h"

#include <string.h>
#include "core/memory.h"

struct jf_dictionary_slot {
    uint32_t hash;
    int32_t code_plus_1; /* 0: empty */
};

/* Eight bytes at a time through a multiply and a shift; the constants are those of splitmix64. */
static uint64_t hash_bytes(const char *bytes, size_t length)
{
    uint64_t hash = 0x9e3779b97f4a7c15u ^ length, word;

    for (; length >= 8; bytes += 8, length -= 8) {
        memcpy(&word, bytes, 8);
        hash = (hash ^ word) * 0xbf58476d1ce4e5b9u;
        hash ^= hash >> 29;
    }
    word = 0;
    memcpy(&word, bytes, length);
    hash = (hash ^ word) * 0x94d049bb133111ebu;
    return hash ^ hash >> 32;
}

static void place(struct jf_dictionary_slot *slots, size_t n_slots, struct jf_dictionary_slot entry)
{
    size_t i = entry.hash & (n_slots - 1);

    while (slots[i].code_plus_1) i = (i + 1) & (n_slots - 1);
    slots[i] = entry;
}

static bool grow_slots(jf_dictionary *dictionary)
{
    size_t n_slots = dictionary->n_slots ? 2 * dictionary->n_slots : 16;
    struct jf_dictionary_slot *slots;

    if (2 * (dictionary->n + 1) <= dictionary->n_slots) return true;
    slots = JF_NEW_ZEROED(struct jf_dictionary_slot, n_slots);
    if (!slots) return false;
    for (size_t i = 0; i < dictionary->n_slots; i++)
        if (dictionary->slots[i].code_plus_1) place(slots, n_slots, dictionary->slots[i]);
    jf_free(dictionary->slots);
    dictionary->slots = slots;
    dictionary->n_slots = n_slots;
    return true;
}

static bool is_text(const jf_dictionary *dictionary, size_t code, const char *text, size_t length)
{
    size_t start = dictionary->starts[code];

    return dictionary->starts[code + 1] - start - 1 == length &&
           memcmp(dictionary->bytes + start, text, length) == 0;
}

static bool append(jf_dictionary *dictionary, const char *text, size_t length)
{
    if (!jf_grow((void **)&dictionary->bytes, &dictionary->bytes_capacity, dictionary->n_bytes + length + 1,
                 1) ||
        !jf_grow((void **)&dictionary->starts, &dictionary->starts_capacity, dictionary->n + 2,
                 sizeof *dictionary->starts))
        return false;
    dictionary->starts[dictionary->n++] = dictionary->n_bytes;
    memcpy(dictionary->bytes + dictionary->n_bytes, text, length);
    dictionary->n_bytes += length;
    dictionary->bytes[dictionary->n_bytes++] = '\0';
    dictionary->starts[dictionary->n] = dictionary->n_bytes;
    return true;
}

bool jf_dictionary_code(jf_dictionary *dictionary, const char *text, size_t length, int32_t *code)
{
    uint32_t hash = (uint32_t)hash_bytes(text, length);
    size_t mask, i;

    if (!grow_slots(dictionary)) return false;
    mask = dictionary->n_slots - 1;
    for (i = hash & mask; dictionary->slots[i].code_plus_1; i = (i + 1) & mask) {
        *code = dictionary->slots[i].code_plus_1 - 1;
        if (dictionary->slots[i].hash == hash && is_text(dictionary, (size_t)*code, text, length))
            return true;
    }
    if (dictionary->n >= INT32_MAX || !append(dictionary, text, length)) return false;
    *code = (int32_t)dictionary->n - 1;
    dictionary->slots[i] = (struct jf_dictionary_slot){.hash = hash, .code_plus_1 = *code + 1};
    return true;
}

const char *jf_dictionary_text(const jf_dictionary *dictionary, size_t code)
{
    return dictionary->bytes + dictionary->starts[code];
}

void jf_dictionary_free(jf_dictionary *dictionary)
{
    jf_free(dictionary->bytes);
    jf_free(dictionary->starts);
    jf_free(dictionary->slots);
    *dictionary = (jf_dictionary){0};
}
