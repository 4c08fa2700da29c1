/* Whole text files in memory. */
#include "core/input.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "core/no_text.h"
#include "core/parallel.h"

enum { STEP = 1 << 16 };

static jf_status take_step(FILE *file, const char *path, char *bytes, size_t *length, jf_error *err)
{
    size_t got = fread(bytes + *length, 1, STEP, file);
    const char *zero = got ? memchr(bytes + *length, 0, got) : NULL;

    if (ferror(file)) return jf_fail(err, JF_EDATA, "cannot read %s: %s", path, strerror(errno));
    if (zero && *length == 0 && jf_no_text(bytes, got))
        return jf_fail(err, JF_EDATA, "%s: this is %s", path, jf_no_text(bytes, got));
    if (zero)
        return jf_fail(err, JF_EDATA, "%s: not a text file: byte %zu is zero", path,
                       (size_t)(zero - bytes) + 1);
    if (jf_stop_requested()) return jf_fail(err, JF_EINTERRUPTED, "interrupted");
    *length += got;
    return JF_OK;
}

static jf_status read_all(FILE *file, const char *path, size_t most, char **bytes, size_t *length,
                          jf_error *err)
{
    jf_status status = JF_OK;
    size_t capacity = 0;

    do {
        if (!jf_grow((void **)bytes, &capacity, *length + STEP + 1, 1))
            return jf_fail(err, JF_ENOMEM, "out of memory for %s", path);
        status = take_step(file, path, *bytes, length, err);
        if (status == JF_OK && *length > most)
            status = jf_fail(err, JF_ELIMIT, "%s: longer than %zu bytes", path, most);
    } while (status == JF_OK && !feof(file));
    (*bytes)[*length] = '\0';
    return status;
}

jf_status jf_input_read(const char *path, size_t most, char **bytes, size_t *length, jf_error *err)
{
    FILE *file = fopen(path, "rbe");
    jf_status status;

    *bytes = NULL;
    *length = 0;
    if (!file) return jf_fail(err, JF_EDATA, "cannot read %s: %s", path, strerror(errno));
    status = read_all(file, path, most, bytes, length, err);
    fclose(file);
    if (status == JF_OK) return JF_OK;
    jf_free(*bytes);
    *bytes = NULL;
    *length = 0;
    return status;
}
