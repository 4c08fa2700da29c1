/* Values in a row of bytes, for the same program to read back: what checkpoints keep. */
#ifndef JF_CORE_PACK_H
#define JF_CORE_PACK_H

#include <stdint.h>
#include "core/text.h"

/* Each adds to `to`; as with all texts, `to->failed` says that memory ran out. */
void jf_pack(jf_text *to, const void *bytes, size_t size);
void jf_pack_count(jf_text *to, size_t count);
void jf_pack_text(jf_text *to, const char *text); /* or NULL */

/* Reads in the order in which it was packed. */
typedef struct jf_unpacker {
    const unsigned char *at;
    size_t left;
    bool failed; /* fewer bytes than were asked for, or no memory: nothing more is read */
} jf_unpacker;

void jf_unpack(jf_unpacker *from, void *bytes, size_t size);
/* A count of things that take at least `least` bytes each; 0 once failed. */
size_t jf_unpack_count(jf_unpacker *from, size_t least);
char *jf_unpack_text(jf_unpacker *from); /* freed by the caller; NULL where NULL was packed */

#endif
