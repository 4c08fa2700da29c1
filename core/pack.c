/* Bytes of values, lengths in front of what varies. */
#include "core/pack.h"

#include <string.h>
#include "core/memory.h"

static const uint64_t no_text = UINT64_MAX;

void jf_pack(jf_text *to, const void *bytes, size_t size)
{
    if (size) jf_text_add_bytes(to, bytes, size);
}

void jf_pack_count(jf_text *to, size_t count)
{
    uint64_t n = count;
    jf_pack(to, &n, sizeof n);
}

void jf_pack_text(jf_text *to, const char *text)
{
    uint64_t length = text ? strlen(text) : no_text;

    jf_pack(to, &length, sizeof length);
    if (text) jf_pack(to, text, (size_t)length);
}

void jf_unpack(jf_unpacker *from, void *bytes, size_t size)
{
    from->failed = from->failed || size > from->left;
    if (from->failed || size == 0) return;
    memcpy(bytes, from->at, size);
    from->at += size;
    from->left -= size;
}

size_t jf_unpack_count(jf_unpacker *from, size_t least)
{
    uint64_t n = 0;

    jf_unpack(from, &n, sizeof n);
    from->failed = from->failed || (least && n > from->left / least);
    return from->failed ? 0 : (size_t)n;
}

char *jf_unpack_text(jf_unpacker *from)
{
    uint64_t length = no_text;
    char *text = NULL;

    jf_unpack(from, &length, sizeof length);
    if (from->failed || length == no_text) return NULL;
    if (length <= from->left) text = jf_copy_bytes((const char *)from->at, (size_t)length);
    from->failed = !text;
    if (from->failed) return NULL;
    from->at += length;
    from->left -= (size_t)length;
    return text;
}
