/* The limit of memory that a user sets. */
#include "cli/memory_limit.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "core/memory.h"
#include "core/text.h"

static const double least_bytes = 16e6;

static const struct {
    const char *name;
    double bytes;
} sizes[] = {{"", 1},       {"B", 1},        {"K", 0x1p10},   {"M", 0x1p20},   {"G", 0x1p30},
             {"T", 0x1p40}, {"KiB", 0x1p10}, {"MiB", 0x1p20}, {"GiB", 0x1p30}, {"TiB", 0x1p40},
             {"kB", 1e3},   {"MB", 1e6},     {"GB", 1e9},     {"TB", 1e12}};

static bool read_size(const char *text, double *bytes)
{
    size_t digits = strspn(text, "0123456789.");
    const char *unit = text + digits + strspn(text + digits, " ");

    if (!jf_number_read(text, digits, bytes)) return false;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        if (strcasecmp(unit, sizes[i].name) == 0) {
            *bytes *= sizes[i].bytes;
            return true;
        }
    return false;
}

jf_status jf_memory_limit_set(const char *size, jf_error *err)
{
    double bytes;

    if (!size) {
        jf_memory_limit(jf_memory_available());
        return JF_OK;
    }
    if (!read_size(size, &bytes) || bytes < least_bytes || bytes > 0x1p62)
        return jf_fail(err, JF_EUSAGE,
                       "--memory: expected a size of 16 MB or more, as 500M or 8G, found '%s'", size);
    jf_memory_limit((size_t)bytes);
    return JF_OK;
}

static const char *show_bytes(double bytes, char *buffer, size_t size)
{
    static const char *const units[] = {"bytes", "kB", "MB", "GB", "TB"};
    size_t unit = 0;

    for (; bytes >= 999.5 && unit + 1 < sizeof units / sizeof *units; unit++) bytes /= 1000;
    snprintf(buffer, size, "%.3g %s", bytes, units[unit]);
    return buffer;
}

void jf_memory_limit_explain(jf_error *err)
{
    jf_memory_state now = jf_memory_now();
    size_t length = strlen(err->message);
    char wanted[32], allowed[32];

    if (err->status != JF_ENOMEM || !now.wanted) return;
    snprintf(err->message + length, sizeof err->message - length,
             ": %s more were wanted, and --memory allows %s in all",
             show_bytes((double)now.wanted, wanted, sizeof wanted),
             show_bytes((double)now.limit, allowed, sizeof allowed));
}
