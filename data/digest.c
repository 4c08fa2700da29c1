/* SHA-256 by nettle. */
#include "data/digest.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

void jf_digest_begin(jf_digest *digest)
{
    sha256_init(&digest->hash);
}

void jf_digest_add(jf_digest *digest, const void *bytes, size_t length)
{
    sha256_update(&digest->hash, length, bytes);
}

void jf_digest_add_text(jf_digest *digest, const char *text)
{
    if (!text) text = "";
    jf_digest_add(digest, text, strlen(text) + 1);
}

void jf_digest_end(jf_digest *digest, char out[JF_DIGEST_TEXT])
{
    uint8_t bytes[SHA256_DIGEST_SIZE];

    sha256_digest(&digest->hash, sizeof bytes, bytes);
    for (size_t i = 0; i < sizeof bytes; i++) snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

jf_status jf_digest_file(const char *path, char out[JF_DIGEST_TEXT], jf_error *err)
{
    char bytes[1 << 15];
    jf_digest digest;
    FILE *file = fopen(path, "rb");
    size_t n;
    int failed;

    *out = '\0';
    if (!file) return jf_fail(err, JF_EDATA, "cannot read %s: %s", path, strerror(errno));
    jf_digest_begin(&digest);
    errno = 0;
    while ((n = fread(bytes, 1, sizeof bytes, file)) > 0) jf_digest_add(&digest, bytes, n);
    failed = ferror(file) ? (errno ? errno : EIO) : 0;
    fclose(file);
    if (failed) return jf_fail(err, JF_EDATA, "cannot read %s: %s", path, strerror(failed));
    jf_digest_end(&digest, out);
    return JF_OK;
}
