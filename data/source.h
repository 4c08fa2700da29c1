/* Bytes of a file or of stdin: plain, gzip or zstd, with their SHA-256, and readable a second time. */
#ifndef JF_DATA_SOURCE_H
#define JF_DATA_SOURCE_H

#include <stddef.h>
#include "core/error.h"

typedef struct jf_source jf_source;

/* Opens `path` ("-": stdin). A missing or unreadable file, a folder and an empty file are JF_EDATA with the
 * path in front. What cannot be read twice (a pipe) is kept in memory. */
jf_status jf_source_open(const char *path, jf_source **out, jf_error *err);
/* Takes NULL. */
void jf_source_close(jf_source *source);
/* Up to `size` bytes after decompression; *n is 0 at the end only. */
jf_status jf_source_read(jf_source *source, char *buffer, size_t size, size_t *n, jf_error *err);
/* Starts again from the first byte. */
jf_status jf_source_rewind(jf_source *source, jf_error *err);
/* How much of the file has been read, from 0 to 1; NaN where its size is not known. */
double jf_source_share(const jf_source *source);
/* SHA-256 of the bytes as they stand in the file, in hexadecimal: 64 characters and a zero byte. Valid once
 * the end was reached. */
void jf_source_digest(const jf_source *source, char digest[65]);
/* What stands in messages: the path, "stdin" for "-". */
const char *jf_source_name(const jf_source *source);

#endif
