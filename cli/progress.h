/* Progress on a terminal: what takes more than a second is shown with the time that is left. */
#ifndef JF_CLI_PROGRESS_H
#define JF_CLI_PROGRESS_H

#include <stdbool.h>

typedef struct jf_progress_line {
    const char *what;
    double began_s, shown_s, share;
    bool on_terminal; /* else only long jobs are told of, once */
    bool is_shown;
    bool is_told; /* that this stage takes long */
} jf_progress_line;

/* A listener (core/progress.h); `context` is a jf_progress_line, zeroed before use. */
void jf_progress_show(void *context, const char *what, double share);
/* A forecast's listener: one line where it takes more than ten minutes. */
void jf_progress_warn(void *context, const char *what, double seconds);
/* Takes the line off the terminal, before anything else is written. Takes NULL. */
void jf_progress_erase(jf_progress_line *line);
/* May lines be rewritten on stderr? */
bool jf_progress_has_terminal(void);

#endif
