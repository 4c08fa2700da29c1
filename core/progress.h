/* How far a long job has come, told to whoever listens; nothing is printed here. */
#ifndef JF_CORE_PROGRESS_H
#define JF_CORE_PROGRESS_H

#include <stdbool.h>

/* `what` is the name of the stage, `share` from 0 to 1, which ends it. Called by one thread. */
typedef void (*jf_progress_listener)(void *context, const char *what, double share);

/* One listener for the process, as there is one request to stop; NULL: nobody. */
void jf_progress_listen(jf_progress_listener listener, void *context);

/* Names what comes next (a string constant): the next jf_parallel, or what is told by hand. Stages inside a
 * piece of a loop are not told: the loop is. */
void jf_progress_stage(const char *what);
/* Tells the share of the stage that is done; nothing without a stage. 1 ends it. */
void jf_progress_tell(double share);

/* Tells that `what` comes next, takes about so many seconds, and cannot tell how far it is. Nothing inside a
 * piece of a loop. */
void jf_progress_foresee(const char *what, double seconds);
typedef void (*jf_progress_forecast)(void *context, const char *what, double seconds);
/* One listener for forecasts, or NULL. */
void jf_progress_forewarn(jf_progress_forecast forecast, void *context);

/* For jf_parallel: is this thread inside a piece of a loop? */
bool jf_progress_is_inside(void);
void jf_progress_enter(void);
void jf_progress_leave(void);

#endif
