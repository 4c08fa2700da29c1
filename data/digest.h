/* SHA-256 of bytes, texts and files, as hexadecimal text. */
#ifndef JF_DATA_DIGEST_H
#define JF_DATA_DIGEST_H

#include <nettle/sha2.h>
#include <stddef.h>
#include "core/error.h"

enum { JF_DIGEST_TEXT = 65 };

typedef struct jf_digest {
    struct sha256_ctx hash;
} jf_digest;

void jf_digest_begin(jf_digest *digest);
void jf_digest_add(jf_digest *digest, const void *bytes, size_t length);
/* A text and its closing zero, so that "ab", "c" and "a", "bc" differ; NULL counts as "". */
void jf_digest_add_text(jf_digest *digest, const char *text);
void jf_digest_end(jf_digest *digest, char out[JF_DIGEST_TEXT]);
/* Of a file's bytes. JF_EDATA "cannot read x: ..." */
jf_status jf_digest_file(const char *path, char out[JF_DIGEST_TEXT], jf_error *err);

#endif
