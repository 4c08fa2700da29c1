/* What tests share. */
#include "tests/check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void check_close_at(double found, double wanted, double tolerance, const char *file, int line,
                    const char *format, ...)
{
    double scale = fmax(fabs(wanted), 1e-300);
    bool same = (isnan(found) && isnan(wanted)) || found == wanted ||
                fabs(found - wanted) <= tolerance * scale || (wanted == 0 && fabs(found) <= tolerance);
    char what[256];
    va_list args;

    if (same) return;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    fprintf(stderr, "%s: found %.17g, wanted %.17g (relative difference %.3g, allowed %.3g)\n", what, found,
            wanted, fabs(found - wanted) / scale, tolerance);
    _fail(file, line);
}

void check_ok_at(jf_status status, const jf_error *err, const char *file, int line)
{
    if (status == JF_OK) return;
    fprintf(stderr, "status %d: %s\n", (int)status, err ? err->message : "");
    _fail(file, line);
}

static const char *join(const char *variable, const char *path, char *whole, size_t size)
{
    const char *root = getenv(variable);
    snprintf(whole, size, "%s/%s", root ? root : ".", path);
    return access(whole, R_OK) == 0 ? whole : NULL;
}

const char *check_source(const char *path)
{
    static char whole[4096];
    return join("JOULEFIT_SOURCE", path, whole, sizeof whole);
}

const char *check_shared(const char *path)
{
    static char whole[4096];
    const char *found = join("JOULEFIT_SHARED", path, whole, sizeof whole);
    if (!found) printf("SKIPPED: needs ../shared/%s\n", path);
    return found;
}
