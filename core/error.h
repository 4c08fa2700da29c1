/* Status codes and the error record that every fallible function fills. */
#ifndef JF_CORE_ERROR_H
#define JF_CORE_ERROR_H

#include <stddef.h>

/* What went wrong, by who can mend it. The command line turns these into exit codes (jf_status_exit_code). */
typedef enum jf_status {
    JF_OK = 0,
    JF_EUSAGE,       /* the request is wrong: an option, a formula, a name */
    JF_EDATA,        /* the data are wrong: a file, a row, a column */
    JF_EFIT,         /* no usable fit */
    JF_EOUTPUT,      /* an output could not be written */
    JF_ENOMEM,       /* an allocation failed */
    JF_ELIMIT,       /* a stated limit was passed (depth, size, count) */
    JF_EINTERRUPTED, /* the user asked to stop */
    JF_EMOVED,       /* results are not what they were */
} jf_status;

/* Lives on the caller's stack; zero it before use. NULL is allowed wherever a `jf_error *err` is taken. */
typedef struct jf_error {
    jf_status status;
    char message[1024]; /* one line, no full stop: "runs.csv:41: column 'energy': expected a number, found
                           'n/a'" */
    const char *file;   /* source file that raised it (for -v) */
    int line;
} jf_error;

/* Fills `err` (when not NULL) with the printf-style message and returns `status`. A message longer than the
 * record is cut with "...". */
#define jf_fail(err, status, ...) jf_fail_at((err), (status), __FILE__, __LINE__, __VA_ARGS__)
jf_status jf_fail_at(jf_error *err, jf_status status, const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Puts "prefix: " in front of the message that is there. */
void jf_error_prefix(jf_error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* 0 done, 1 results moved, 2 usage, 3 data (and limits), 4 no usable fit, 5 output, 130 interrupted. */
int jf_status_exit_code(jf_status status);

/* Forwards a failure of `call` to the function's `done:` label; the function has a `jf_status status`. */
#define JF_TRY(call)                                                                                         \
    do {                                                                                                     \
        status = (call);                                                                                     \
        if (status != JF_OK) goto done;                                                                      \
    } while (0)

/* The same for an allocation: `what` names the thing that memory was wanted for. */
#define JF_TRY_NEW(pointer, err, what)                                                                       \
    do {                                                                                                     \
        if (!(pointer)) {                                                                                    \
            status = jf_fail((err), JF_ENOMEM, "out of memory for %s", (what));                              \
            goto done;                                                                                       \
        }                                                                                                    \
    } while (0)

#endif
