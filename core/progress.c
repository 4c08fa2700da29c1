/* How far a long job has come: the stage and its listener. */
#include "core/progress.h"

#include <stddef.h>

/* Deep inside a loop nothing else leads to whoever waits for it. Written outside of loops only. */
static jf_progress_listener listener;
static void *listener_context;
static jf_progress_forecast forecast;
static void *forecast_context;
static const char *stage;
static _Thread_local int depth;

void jf_progress_listen(jf_progress_listener new_listener, void *context)
{
    listener = new_listener;
    listener_context = context;
    stage = NULL;
}

void jf_progress_stage(const char *what)
{
    if (depth == 0) stage = what;
}

void jf_progress_tell(double share)
{
    if (depth > 0 || !stage || !listener) return;
    listener(listener_context, stage, share);
    if (share >= 1) stage = NULL;
}

void jf_progress_forewarn(jf_progress_forecast new_forecast, void *context)
{
    forecast = new_forecast;
    forecast_context = context;
}

void jf_progress_foresee(const char *what, double seconds)
{
    if (depth == 0 && forecast) forecast(forecast_context, what, seconds);
}

bool jf_progress_is_inside(void)
{
    return depth > 0;
}

void jf_progress_enter(void)
{
    depth++;
}

void jf_progress_leave(void)
{
    depth--;
}
