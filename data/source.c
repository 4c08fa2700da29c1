/* Bytes of a file or of stdin: plain, gzip or zstd, with their SHA-256, and readable a second time. */
#include "data/source.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <nettle/sha2.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>
#include "core/memory.h"
#include "core/parallel.h"
#include "core/progress.h"

enum { RAW_SIZE = 1 << 18, WAIT_MS = 200 };

typedef enum packing { PLAIN, GZIP, ZSTD } packing;

struct jf_source {
    char *name;
    int file;
    off_t start;   /* where stdin stood when it was opened */
    bool seekable; /* else `kept` holds what was read so far */
    unsigned char *kept;
    size_t n_kept, kept_capacity, kept_at;

    unsigned char *raw; /* RAW_SIZE bytes as they stand in the file */
    size_t n_raw, raw_at;
    bool raw_ended;

    struct sha256_ctx hash;
    bool hashed; /* the first pass reached the end */
    char digest[65];

    packing packing;
    bool unpacker_ready; /* z_stream has been initialised */
    bool inside_member;  /* the compressed data may not end here */
    z_stream gzip;
    ZSTD_DStream *zstd;
};

const char *jf_source_name(const jf_source *source)
{
    return source->name;
}

double jf_source_share(const jf_source *source)
{
    struct stat about;
    off_t at = lseek(source->file, 0, SEEK_CUR);

    if (at < 0 || fstat(source->file, &about) != 0 || !S_ISREG(about.st_mode) || about.st_size <= 0)
        return NAN;
    return (double)at / (double)about.st_size;
}

/* ---- the file's own bytes ---- */

static void finish_hash(jf_source *source)
{
    uint8_t bytes[SHA256_DIGEST_SIZE];

    if (source->hashed) return;
    sha256_digest(&source->hash, sizeof bytes, bytes);
    for (size_t i = 0; i < sizeof bytes; i++) snprintf(source->digest + 2 * i, 3, "%02x", bytes[i]);
    source->hashed = true;
}

void jf_source_digest(const jf_source *source, char digest[65])
{
    memcpy(digest, source->digest, sizeof source->digest);
}

static jf_status keep_bytes(jf_source *source, jf_error *err)
{
    if (source->seekable) return JF_OK;
    if (!jf_grow((void **)&source->kept, &source->kept_capacity, source->n_kept + source->n_raw, 1))
        return jf_fail(err, JF_ENOMEM, "out of memory for the text of %s", source->name);
    memcpy(source->kept + source->n_kept, source->raw, source->n_raw);
    source->n_kept += source->n_raw;
    source->kept_at = source->n_kept;
    return JF_OK;
}

static bool reread_kept(jf_source *source)
{
    size_t left = source->n_kept - source->kept_at;

    if (left == 0) return false;
    source->n_raw = left < RAW_SIZE ? left : RAW_SIZE;
    memcpy(source->raw, source->kept + source->kept_at, source->n_raw);
    source->kept_at += source->n_raw;
    return true;
}

/* Waits until there is something to read, or the writer has gone: a pipe may keep silent for ever, so a
 * request to stop must end it. */
static jf_status await(const jf_source *source, jf_error *err)
{
    struct pollfd ready = {.fd = source->file, .events = POLLIN};

    if (source->seekable) return JF_OK;
    while (poll(&ready, 1, WAIT_MS) == 0 && !jf_stop_requested()) {
        jf_progress_stage(source->n_kept ? "waiting for more of a pipe" : "waiting for the writer of a pipe");
        jf_progress_tell(0);
    }
    if (jf_stop_requested())
        return jf_fail(err, JF_EINTERRUPTED, "%s: interrupted while waiting for the other end of the pipe",
                       source->name);
    return JF_OK;
}

/* Refills `raw` when it is used up; n_raw is 0 at the end. */
static jf_status fill_raw(jf_source *source, jf_error *err)
{
    if (source->raw_at < source->n_raw || source->raw_ended) return JF_OK;
    source->raw_at = source->n_raw = 0;
    if (reread_kept(source)) return JF_OK;
    while (source->n_raw < RAW_SIZE) { /* pipes give little at a time */
        ssize_t n;
        jf_status status = await(source, err);
        if (status != JF_OK) return status;
        n = read(source->file, source->raw + source->n_raw, RAW_SIZE - source->n_raw);
        if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (n < 0) return jf_fail(err, JF_EDATA, "%s: cannot read: %s", source->name, strerror(errno));
        if (n == 0) break;
        source->n_raw += (size_t)n;
    }
    if (source->n_raw == 0) {
        source->raw_ended = true;
        finish_hash(source);
        return JF_OK;
    }
    if (!source->hashed) sha256_update(&source->hash, source->n_raw, source->raw);
    return keep_bytes(source, err);
}

/* ---- unpacking ---- */

static voidpf gzip_alloc(voidpf context, uInt count, uInt size)
{
    (void)context;
    return jf_alloc_zero(count, size);
}

static void gzip_free(voidpf context, voidpf pointer)
{
    (void)context;
    jf_free(pointer);
}

static jf_status start_unpacking(jf_source *source, jf_error *err)
{
    bool good = true;

    if (source->packing == GZIP && !source->unpacker_ready) {
        source->gzip = (z_stream){.zalloc = gzip_alloc, .zfree = gzip_free};
        good = source->unpacker_ready = inflateInit2(&source->gzip, 15 + 16) == Z_OK;
    } else if (source->packing == GZIP) {
        good = inflateReset(&source->gzip) == Z_OK;
    } else if (source->packing == ZSTD) {
        if (!source->zstd) source->zstd = ZSTD_createDStream();
        good = source->zstd && !ZSTD_isError(ZSTD_initDStream(source->zstd));
    }
    source->inside_member = false;
    return good ? JF_OK : jf_fail(err, JF_ENOMEM, "out of memory for unpacking %s", source->name);
}

static jf_status unpack_gzip(jf_source *source, char *buffer, size_t size, size_t *n, jf_error *err)
{
    z_stream *stream = &source->gzip;
    int code;

    if (!source->inside_member) inflateReset(stream); /* files may hold several members */
    stream->next_in = source->raw + source->raw_at;
    stream->avail_in = (uInt)(source->n_raw - source->raw_at);
    stream->next_out = (unsigned char *)buffer;
    stream->avail_out = (uInt)(size < RAW_SIZE ? size : RAW_SIZE);
    *n = stream->avail_out;
    code = inflate(stream, Z_NO_FLUSH);
    *n -= stream->avail_out;
    source->raw_at = source->n_raw - stream->avail_in;
    source->inside_member = code != Z_STREAM_END;
    if (code == Z_MEM_ERROR) return jf_fail(err, JF_ENOMEM, "out of memory for unpacking %s", source->name);
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
        return jf_fail(err, JF_EDATA, "%s: damaged gzip data: %s", source->name,
                       stream->msg ? stream->msg : "wrong header");
    return JF_OK;
}

static jf_status unpack_zstd(jf_source *source, char *buffer, size_t size, size_t *n, jf_error *err)
{
    ZSTD_inBuffer in = {source->raw, source->n_raw, source->raw_at};
    ZSTD_outBuffer out = {buffer, size, 0};
    size_t code = ZSTD_decompressStream(source->zstd, &out, &in);

    source->raw_at = in.pos;
    *n = out.pos;
    if (ZSTD_isError(code))
        return jf_fail(err, JF_EDATA, "%s: damaged zstd data: %s", source->name, ZSTD_getErrorName(code));
    source->inside_member = code != 0;
    return JF_OK;
}

jf_status jf_source_read(jf_source *source, char *buffer, size_t size, size_t *n, jf_error *err)
{
    jf_status status = JF_OK;

    *n = 0;
    while (*n == 0) {
        JF_TRY(fill_raw(source, err));
        if (source->packing == PLAIN) {
            size_t left = source->n_raw - source->raw_at;
            *n = left < size ? left : size;
            memcpy(buffer, source->raw + source->raw_at, *n);
            source->raw_at += *n;
            break;
        }
        if (source->raw_at == source->n_raw && source->raw_ended && !source->inside_member) break;
        if (source->packing == GZIP)
            JF_TRY(unpack_gzip(source, buffer, size, n, err));
        else
            JF_TRY(unpack_zstd(source, buffer, size, n, err));
        if (*n == 0 && source->raw_at == source->n_raw && source->raw_ended && source->inside_member)
            return jf_fail(err, JF_EDATA, "%s: compressed data end too early: the file was cut",
                           source->name);
    }
done:
    return status;
}

/* ---- opening ---- */

static jf_status open_file(jf_source *source, const char *path, jf_error *err)
{
    struct stat about;

    /* without O_NONBLOCK the opening of a pipe waits for its writer */
    source->file = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (source->file < 0 && errno == ENOENT) return jf_fail(err, JF_EDATA, "%s: no such file", source->name);
    if (source->file < 0) return jf_fail(err, JF_EDATA, "%s: cannot open: %s", source->name, strerror(errno));
    if (fstat(source->file, &about) == 0 && S_ISDIR(about.st_mode))
        return jf_fail(err, JF_EDATA, "%s: is a folder; name the file in it", source->name);
    source->start = lseek(source->file, 0, SEEK_CUR);
    source->seekable = source->start >= 0 && S_ISREG(about.st_mode);
    return JF_OK;
}

static void find_packing(jf_source *source)
{
    static const unsigned char gzip_magic[] = {0x1f, 0x8b}, zstd_magic[] = {0x28, 0xb5, 0x2f, 0xfd};

    if (source->n_raw >= 2 && memcmp(source->raw, gzip_magic, 2) == 0) source->packing = GZIP;
    if (source->n_raw >= 4 && memcmp(source->raw, zstd_magic, 4) == 0) source->packing = ZSTD;
}

jf_status jf_source_open(const char *path, jf_source **out, jf_error *err)
{
    jf_status status = JF_OK;
    jf_source *source = JF_NEW(jf_source);

    *out = NULL;
    JF_TRY_NEW(source, err, "a file");
    source->file = -1;
    sha256_init(&source->hash);
    source->name = jf_copy_text(strcmp(path, "-") == 0 ? "stdin" : path);
    source->raw = JF_NEW_ARRAY(unsigned char, RAW_SIZE);
    JF_TRY_NEW(source->name, err, "a file's name");
    JF_TRY_NEW(source->raw, err, "a file's text");
    JF_TRY(open_file(source, path, err));
    JF_TRY(fill_raw(source, err));
    if (source->n_raw == 0) {
        status = jf_fail(err, JF_EDATA, "%s: the file is empty", source->name);
        goto done;
    }
    find_packing(source);
    JF_TRY(start_unpacking(source, err));
    *out = source;
    source = NULL;
done:
    jf_source_close(source);
    return status;
}

jf_status jf_source_rewind(jf_source *source, jf_error *err)
{
    if (source->seekable && lseek(source->file, source->start, SEEK_SET) < 0)
        return jf_fail(err, JF_EDATA, "%s: cannot read it again: %s", source->name, strerror(errno));
    source->raw_at = source->n_raw = source->kept_at = 0;
    source->raw_ended = false;
    return start_unpacking(source, err);
}

void jf_source_close(jf_source *source)
{
    if (!source) return;
    if (source->file >= 0) close(source->file);
    if (source->unpacker_ready) inflateEnd(&source->gzip);
    ZSTD_freeDStream(source->zstd);
    jf_free(source->kept);
    jf_free(source->raw);
    jf_free(source->name);
    jf_free(source);
}
