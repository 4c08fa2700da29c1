/* What tests share: comparisons of doubles, paths, and the wish for files that may not be there. */
#ifndef JF_TESTS_CHECK_H
#define JF_TESTS_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "core/error.h"

/* |found - wanted| <= tolerance * max(|wanted|, floor): relative, and near zero absolute. Fails with `what`
 * (printf style) in the message. */
#define check_close(found, wanted, tolerance, ...)                                                           \
    check_close_at((found), (wanted), (tolerance), __FILE__, __LINE__, __VA_ARGS__)
void check_close_at(double found, double wanted, double tolerance, const char *file, int line,
                    const char *format, ...) __attribute__((format(printf, 6, 7)));
/* Fails with the error's message unless the status is JF_OK. */
#define check_ok(call, err) check_ok_at((call), (err), __FILE__, __LINE__)
void check_ok_at(jf_status status, const jf_error *err, const char *file, int line);
/* Path of a file of the project ("data/sets/..."), or of ../shared ("data/nist/..."): NULL with a printed
 * line "SKIPPED: ..., needs ../shared/..." when it is not there. Kept until the next call. */
const char *check_source(const char *path);
const char *check_shared(const char *path);

#endif
