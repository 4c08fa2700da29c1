/* A program run without a shell, in a folder, with few environment variables and a time limit. */
#ifndef JF_PLOTS_PROCESS_H
#define JF_PLOTS_PROCESS_H

#include <stdbool.h>
#include "core/error.h"
#include "core/text.h"

typedef struct jf_process_end {
    bool missing;   /* there is no such program */
    bool timed_out; /* it was stopped at the limit */
    int exit_code;  /* of a program that ended by itself; 128 + signal when one ended it */
    jf_text words;  /* what it wrote to stdout and stderr, the first 64 KiB; freed by the caller */
} jf_process_end;

/* Runs argv[0], found on PATH, with `folder` as working directory and stdin empty. Fails only when the system
 * gives no pipe or process, or with JF_EINTERRUPTED after jf_stop_request; how the program fared is in `end`,
 * zeroed on failure. */
jf_status jf_process_run(const char *const *argv, const char *folder, double limit_s, jf_process_end *end,
                         jf_error *err);

#endif
