/* Status codes and the error record. */
#include "core/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void mark_cut(char *message, size_t size)
{
    memcpy(message + size - 4, "...", 4);
}

jf_status jf_fail_at(jf_error *err, jf_status status, const char *file, int line, const char *format, ...)
{
    va_list args;
    int length;

    if (!err) return status;
    err->status = status;
    err->file = file;
    err->line = line;
    va_start(args, format);
    length = vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    if (length >= (int)sizeof err->message) mark_cut(err->message, sizeof err->message);
    return status;
}

void jf_error_prefix(jf_error *err, const char *format, ...)
{
    char old[sizeof err->message];
    va_list args;
    int length;

    if (!err) return;
    memcpy(old, err->message, sizeof old);
    va_start(args, format);
    length = vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    if (length < 0 || length >= (int)sizeof err->message) return;
    int more = snprintf(err->message + length, sizeof err->message - (size_t)length, ": %s", old);
    if (more >= (int)sizeof err->message - length) mark_cut(err->message, sizeof err->message);
}

int jf_status_exit_code(jf_status status)
{
    switch (status) {
    case JF_OK: return 0;
    case JF_EMOVED: return 1;
    case JF_EUSAGE: return 2;
    case JF_EDATA:
    case JF_ELIMIT:
    case JF_ENOMEM: return 3;
    case JF_EFIT: return 4;
    case JF_EOUTPUT: return 5;
    case JF_EINTERRUPTED: return 130;
    }
    return 3;
}
