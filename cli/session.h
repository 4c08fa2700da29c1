/* What every command shares: the common options, messages on stderr, and the way results go out. */
#ifndef JF_CLI_SESSION_H
#define JF_CLI_SESSION_H

#include <jansson.h>
#include <stdint.h>
#include "core/options.h"
#include "core/warnings.h"
#include "reports/doc.h"

typedef struct jf_common_options {
    int format;         /* index into the choices of --format; 0: by the ending of -o, else text */
    bool json;          /* --json: short for --format json */
    const char *output; /* -o; "-" is standard output */
    uint64_t seed;
    int64_t threads;    /* 0: all */
    const char *memory; /* --memory SIZE; NULL: what the machine has available */
    bool quiet, verbose, no_color, strict, help;
} jf_common_options;
extern const jf_option jf_common_options_table[];

typedef struct jf_session {
    jf_common_options common;
    jf_text command; /* that gives this result again; empty when out of memory or before options are read */
    jf_option_list arguments;          /* what is no option, in order; borrowed from argv */
    jf_warnings warnings;              /* printed when the command has ended; any is exit 1 under --strict */
    struct jf_progress_line *progress; /* on the terminal, or NULL; taken off before anything is written */
    bool warnings_shown;               /* the result on this terminal lists them already */
} jf_session;

/* One line on stderr, unless --quiet. */
void jf_session_note(const jf_session *session, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* "joulefit: MESSAGE" on stderr. */
void jf_session_print_error(const jf_session *session, const jf_error *err);
void jf_session_print_warnings(const jf_session *session);
/* Is the result text that the user sees on the same terminal as messages? */
bool jf_session_on_terminal(const jf_session *session);

/* The one argument that a command takes ("DATA"): JF_EUSAGE when there is none or more than one. */
jf_status jf_session_argument(const jf_session *session, const char *what, const char **out, jf_error *err);
/* The arguments of a command that takes one or more ("DATA file"): JF_EUSAGE when there is none. */
jf_status jf_session_arguments(const jf_session *session, const char *what, jf_error *err);

/* "text", "json", "csv", ... as asked for by --format, --json or the ending of -o. */
const char *jf_session_format(const jf_session *session);
/* The file that the result goes to, or NULL for standard output. */
const char *jf_session_file(const jf_session *session);
bool jf_session_wants(const jf_session *session, const char *format);

/* Write the result to -o FILE (whole or not at all) or to standard output, which ends the program quietly
 * when its reader has gone. */
jf_status jf_session_write_bytes(const jf_session *session, const char *bytes, size_t length, jf_error *err);
jf_status jf_session_write_json(const jf_session *session, const json_t *json, jf_error *err);
jf_status jf_session_write_doc(const jf_session *session, const jf_doc *doc, jf_error *err);
/* The same of a table that goes into another document: LaTeX without its head and foot. */
jf_status jf_session_write_fragment(const jf_session *session, const jf_doc *doc, jf_error *err);
/* For results that others write to standard output: call it just before, when no child is left. */
void jf_session_leave_on_broken_pipe(const jf_session *session);
/* Fails now if -o cannot be written, not after an hour of work. */
jf_status jf_session_check_output(const jf_session *session, jf_error *err);

#endif
