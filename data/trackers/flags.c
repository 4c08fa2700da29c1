/* Records that cannot be right are flagged, never mended: implied power, missing work, doubled windows, wrong
 * units. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include "core/memory.h"
#include "data/trackers/formats.h"

/* Boards may overshoot their limit for a while; beyond this they do not. */
static const double overshoot = 1.6;
/* Where the board is not known: limits known today end at 1000 W (B200), and idle boards draw a few watts. */
static const double any_most_W = 1000, any_least_W = 1;
/* How far a counter and a trace of one run may be apart. */
static const double agreement = 0.05;

static jf_status flag(const jf_import *import, size_t i, const char *what, const char *why, jf_error *err)
{
    jf_warn(import->warnings, "W_SUSPECT_ENERGY", "%s:%zu: %s", import->files[i], import->items[i].line, why);
    return jf_ledger_add(import->ledger, JF_FLAGGED, import->files[i], import->items[i].line, NULL, what, why,
                         err);
}

static double energy_of(const jf_measured *run)
{
    return isnan(run->gpu_energy_J) ? run->total_energy_J : run->gpu_energy_J;
}

/* Idle and highest power of the run's board. A total may hold the host's part, so it has no own low limit. */
static void limits_of(const jf_import *import, const jf_measured *run, double *low, double *high)
{
    double idle = NAN, most = NAN;

    *low = any_least_W;
    *high = overshoot * any_most_W;
    if (!run->gpu || isnan(run->gpu_energy_J) || !import->limits ||
        !import->limits(import->limits_context, run->gpu, &idle, &most))
        return;
    if (idle > 0) *low = idle;
    if (most > 0) *high = overshoot * most;
}

static jf_status check_power(const jf_import *import, size_t i, jf_error *err)
{
    const jf_measured *run = &import->items[i];
    double energy = energy_of(run), gpus = run->gpus > 0 ? run->gpus : 1;
    double power = energy / run->duration_s / gpus, low, high;
    char what[80], why[120];

    if (isnan(energy)) return JF_OK;
    if (energy == 0) return flag(import, i, "energy 0 J", "no energy was recorded", err);
    if (run->duration_s <= 0) return flag(import, i, "duration 0 s", "the run has no duration", err);
    limits_of(import, run, &low, &high);
    if (isnan(power) || (power >= low && power <= high)) return JF_OK;
    snprintf(what, sizeof what, "%.4g W on each of %g GPUs", power, gpus);
    if (power * 3.6e6 <= high && power * 3.6e6 >= low)
        return flag(import, i, what, "the energy fits only when read in kWh", err);
    if (power / 3.6e6 >= low)
        return flag(import, i, what, "the energy fits only when it was in J already", err);
    if (high == overshoot * any_most_W && low == any_least_W)
        return flag(import, i, what, "the implied power is outside what a GPU can draw", err);
    snprintf(why, sizeof why, "the implied power is outside idle to 1.6 TDP (%.4g to %.4g W) of %.40s", low,
             high, run->gpu);
    return flag(import, i, what, why, err);
}

/* ---- windows measured twice ---- */

/* Records in order of their start, so that equal windows are neighbours. */
typedef struct started {
    double start_s;
    size_t at;
} started;

static int by_start(const void *a, const void *b)
{
    const started *first = a, *second = b;

    if (first->start_s != second->start_s) return first->start_s < second->start_s ? -1 : 1;
    return (first->at > second->at) - (first->at < second->at);
}

static bool same_window(const jf_import *import, size_t i, size_t j)
{
    const jf_measured *run = &import->items[i], *other = &import->items[j];
    double apart = fabs(run->start_s - other->start_s) + fabs(run->duration_s - other->duration_s);
    double energy = energy_of(run);

    return import->trackers[i] == import->trackers[j] && apart <= 0.01 * run->duration_s &&
           fabs(energy - energy_of(other)) <= 0.02 * energy;
}

/* Ranks that each track the whole node write the same window again. */
static jf_status check_windows(const jf_import *import, jf_error *err)
{
    jf_status status = JF_OK;
    started *order = JF_NEW_ARRAY(started, import->n + 1);
    size_t n = 0;
    char what[400];

    JF_TRY_NEW(order, err, "the order of runs");
    for (size_t i = 0; i < import->n; i++)
        if (!isnan(import->items[i].start_s)) order[n++] = (started){import->items[i].start_s, i};
    qsort(order, n, sizeof *order, by_start);
    for (size_t k = 1; k < n; k++) {
        size_t i = order[k].at, j = order[k - 1].at;
        size_t later = i > j ? i : j, earlier = i > j ? j : i;
        if (!same_window(import, later, earlier)) continue;
        snprintf(what, sizeof what, "same window and energy as line %zu of %.300s",
                 import->items[earlier].line, import->files[earlier]);
        JF_TRY(flag(import, later, what,
                    "several ranks may have tracked one node: its energy is counted again", err));
    }
done:
    jf_free(order);
    return status;
}

/* ---- counters and traces ---- */

jf_status jf_import_compare(jf_import *import, const char *path, size_t line, const char *first,
                            double first_J, const char *second, double second_J, jf_error *err)
{
    char what[160];

    if (!(fabs(first_J - second_J) > agreement * fabs(first_J))) return JF_OK;
    snprintf(what, sizeof what, "%s %.6g J, %s %.6g J: %.1f %% apart", first, first_J, second, second_J,
             100 * fabs(first_J - second_J) / fabs(first_J));
    jf_warn(import->warnings, "W_COUNTER_TRACE", "%s: %s", path, what);
    return jf_ledger_add(import->ledger, JF_FLAGGED, path, line, NULL, what,
                         "two measurements of one run should agree within 5 %", err);
}

jf_status jf_import_flag(jf_import *import, jf_error *err)
{
    for (size_t i = 0; i < import->n; i++) {
        jf_status status = check_power(import, i, err);
        if (status != JF_OK) return status;
    }
    return check_windows(import, err);
}
