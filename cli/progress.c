/* Progress on a terminal. */
#include "cli/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "core/clock.h"

static const double worth_telling_s = 1, between_lines_s = 0.2;
static const double long_s = 600, judged_after_s = 3;

bool jf_progress_has_terminal(void)
{
    const char *term = getenv("TERM");
    return isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0;
}

/* "12 s", "3 min", "1.5 h". */
static void write_duration(char *text, size_t size, double seconds)
{
    if (seconds < 100)
        snprintf(text, size, "%.0f s", seconds);
    else if (seconds < 6000)
        snprintf(text, size, "%.0f min", seconds / 60);
    else
        snprintf(text, size, "%.1f h", seconds / 3600);
}

void jf_progress_erase(jf_progress_line *line)
{
    if (!line || !line->is_shown) return;
    fputs("\r\033[K", stderr);
    fflush(stderr);
    line->is_shown = false;
}

void jf_progress_warn(void *context, const char *what, double seconds)
{
    char duration[32];

    if (!(seconds > long_s)) return;
    jf_progress_erase(context);
    write_duration(duration, sizeof duration, seconds);
    fprintf(stderr, "joulefit: %s will take about %s; Ctrl-C ends it\n", what, duration);
}

/* The first pieces tell how long all of them will take. */
static void judge_stage(jf_progress_line *line, double elapsed)
{
    if (line->is_told || elapsed < judged_after_s || !(line->share > 0)) return;
    line->is_told = true;
    jf_progress_warn(line, line->what, elapsed / line->share);
}

void jf_progress_show(void *context, const char *what, double share)
{
    jf_progress_line *line = context;
    double now = jf_clock_seconds(), elapsed;
    char left[32];

    if (!line->what || strcmp(line->what, what) != 0 || share < line->share) {
        line->what = what;
        line->began_s = now;
        line->is_told = false;
    }
    line->share = share;
    elapsed = now - line->began_s;
    if (share >= 1) {
        jf_progress_erase(line);
        line->what = NULL;
        return;
    }
    judge_stage(line, elapsed);
    if (!line->on_terminal || elapsed < worth_telling_s || now - line->shown_s < between_lines_s) return;
    line->shown_s = now;
    write_duration(left, sizeof left, elapsed * (1 - share) / share);
    if (share > 0)
        fprintf(stderr, "\r\033[K%s: %.0f %%, %s left", what, 100 * share, left);
    else
        fprintf(stderr, "\r\033[K%s", what); /* nobody knows how long it is */
    fflush(stderr);
    line->is_shown = true;
}
