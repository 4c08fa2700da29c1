/* Records that cannot be right are flagged, never mended: implied power, missing work, doubled windows, wrong
 * units. */
#include <math.h>
#include <stdio.h>
#include "data/trackers/formats.h"

/* Board limits known today end at 1000 W (B200), and a board may overshoot; idle boards draw a few watts. */
static const double most_W = 1.6 * 1000, least_W = 1;

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

static jf_status check_power(const jf_import *import, size_t i, jf_error *err)
{
    const jf_measured *run = &import->items[i];
    double energy = energy_of(run), gpus = run->gpus > 0 ? run->gpus : 1;
    double power = energy / run->duration_s / gpus;
    char what[80];

    if (isnan(energy)) return JF_OK;
    if (energy == 0) return flag(import, i, "energy 0 J", "no energy was recorded", err);
    if (run->duration_s <= 0) return flag(import, i, "duration 0 s", "the run has no duration", err);
    if (isnan(power) || (power >= least_W && power <= most_W)) return JF_OK;
    snprintf(what, sizeof what, "%.4g W on each of %g GPUs", power, gpus);
    if (power * 3.6e6 <= most_W && power * 3.6e6 >= least_W)
        return flag(import, i, what, "the energy fits only when read in kWh", err);
    if (power / 3.6e6 >= least_W)
        return flag(import, i, what, "the energy fits only when it was in J already", err);
    return flag(import, i, what, "the implied power is outside what a GPU can draw", err);
}

/* Ranks that each track the whole node write the same window again. */
static jf_status check_windows(const jf_import *import, size_t i, jf_error *err)
{
    const jf_measured *run = &import->items[i];

    for (size_t j = 0; j < i; j++) {
        const jf_measured *other = &import->items[j];
        double apart = fabs(run->start_s - other->start_s) + fabs(run->duration_s - other->duration_s);
        double energy = energy_of(run), same = fabs(energy - energy_of(other));
        char what[80];

        if (!(apart <= 0.01 * run->duration_s) || !(same <= 0.02 * energy)) continue;
        snprintf(what, sizeof what, "same window and energy as line %zu of %s", other->line,
                 import->files[j]);
        return flag(import, i, what, "several ranks may have tracked one node: its energy is counted again",
                    err);
    }
    return JF_OK;
}

jf_status jf_import_flag(jf_import *import, jf_error *err)
{
    for (size_t i = 0; i < import->n; i++) {
        jf_status status = check_power(import, i, err);
        if (status == JF_OK) status = check_windows(import, i, err);
        if (status != JF_OK) return status;
    }
    return JF_OK;
}
