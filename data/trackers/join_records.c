/* Several records of one run made one: from several trackers, or from several nodes. */
#include "data/trackers/join_parts.h"

#include <math.h>
#include <stdio.h>
#include "core/memory.h"

/* ---- records of one run in several formats ---- */

static void take_number(double *to, double from)
{
    if (isnan(*to)) *to = from;
}

static void take_text(char **to, char **from)
{
    if (*to || !*from) return;
    *to = *from;
    *from = NULL;
}

static void swap_doubles(double *a, double *b)
{
    double kept = *a;

    *a = *b;
    *b = kept;
}

/* The GPU energy and what belongs to it. */
static void swap_measurement(jf_measured *a, jf_measured *b)
{
    jf_method method = a->method;

    a->method = b->method;
    b->method = method;
    swap_doubles(&a->gpu_energy_J, &b->gpu_energy_J);
    swap_doubles(&a->duration_s, &b->duration_s);
    swap_doubles(&a->start_s, &b->start_s);
    swap_doubles(&a->samples, &b->samples);
    swap_doubles(&a->gap_share, &b->gap_share);
    swap_doubles(&a->gpus, &b->gpus);
}

static void fill_missing(jf_measured *to, jf_measured *from)
{
    take_text(&to->run_id, &from->run_id);
    take_text(&to->project, &from->project);
    take_text(&to->window, &from->window);
    take_text(&to->gpu, &from->gpu);
    take_text(&to->scope, &from->scope);
    take_number(&to->start_s, from->start_s);
    take_number(&to->duration_s, from->duration_s);
    take_number(&to->gpu_energy_J, from->gpu_energy_J);
    take_number(&to->cpu_energy_J, from->cpu_energy_J);
    take_number(&to->ram_energy_J, from->ram_energy_J);
    take_number(&to->total_energy_J, from->total_energy_J);
    take_number(&to->gpus, from->gpus);
    take_number(&to->samples, from->samples);
    take_number(&to->gap_share, from->gap_share);
    take_number(&to->mean_power_W, from->mean_power_W);
    take_number(&to->power_limit_W, from->power_limit_W);
    take_number(&to->flos, from->flos);
    take_number(&to->steps, from->steps);
    take_number(&to->epochs, from->epochs);
    take_number(&to->loss, from->loss);
}

/* Did a tool that saw no GPU call the rest of the machine its total? */
static bool misses_gpu(const jf_measured *run)
{
    return isnan(run->gpu_energy_J) && !isnan(run->total_energy_J);
}

/* The total of a tool that saw no GPU, and the GPU's energy from another. */
static jf_status complete_total(jf_joining *join, size_t at)
{
    jf_import *import = join->import;
    jf_measured *run = &import->items[at];
    double whole = run->gpu_energy_J + run->cpu_energy_J + run->ram_energy_J;

    if (isnan(whole)) return JF_OK;
    run->total_energy_J = whole;
    jf_free(run->scope);
    run->scope = jf_copy_text("gpu+cpu+ram");
    if (!run->scope) return jf_fail(join->err, JF_ENOMEM, "out of memory for the join");
    return jf_ledger_add(import->ledger, JF_REPAIRED, import->files[at], run->line, "total_energy_J",
                         "gpu + cpu + ram", "one tracker saw no GPU, another saw it: the total is their sum",
                         join->err);
}

jf_status jf_join_combine(jf_joining *join, size_t to_at, size_t from_at)
{
    jf_status status = JF_OK;
    jf_import *import = join->import;
    jf_measured *to = &import->items[to_at], *from = &import->items[from_at];
    const char *kept = import->trackers[to_at], *other = import->trackers[from_at];
    bool both = !isnan(to->gpu_energy_J) && !isnan(from->gpu_energy_J);
    bool lacks_gpu = misses_gpu(to) || misses_gpu(from);
    char what[160];

    if (both)
        JF_TRY(jf_import_compare(import, import->files[from_at], from->line, kept, to->gpu_energy_J, other,
                                 from->gpu_energy_J, join->err));
    snprintf(what, sizeof what, "%s joins %s", other, kept);
    if (!isnan(from->gpu_energy_J) && (isnan(to->gpu_energy_J) || from->method > to->method)) {
        swap_measurement(to, from);
        if (both) snprintf(what, sizeof what, "%s joins %s; its GPU energy is kept", other, kept);
    }
    fill_missing(to, from);
    for (size_t e = 0; e < from->n_extras; e++)
        if (!jf_record_key(to, from->extras[e].name))
            JF_TRY(jf_measured_add(to, from->extras[e].name, from->extras[e].value, join->err));
    if (lacks_gpu) JF_TRY(complete_total(join, to_at));
    JF_TRY(jf_ledger_add(import->ledger, JF_MERGED, import->files[from_at], from->line, NULL, what,
                         "records of one run from several trackers", join->err));
done:
    return status;
}

/* ---- records of one run from several nodes ---- */

/* A part that one node does not tell is not told of the whole. */
static void add_part(double *to, double from)
{
    *to += from;
}

jf_status jf_join_add_node(jf_joining *join, size_t to_at, size_t from_at)
{
    jf_import *import = join->import;
    jf_measured *to = &import->items[to_at], *from = &import->items[from_at];
    double end = fmax(to->start_s + to->duration_s, from->start_s + from->duration_s);
    char what[400];

    add_part(&to->gpu_energy_J, from->gpu_energy_J);
    add_part(&to->cpu_energy_J, from->cpu_energy_J);
    add_part(&to->ram_energy_J, from->ram_energy_J);
    add_part(&to->total_energy_J, from->total_energy_J);
    add_part(&to->gpus, from->gpus);
    add_part(&to->samples, from->samples);
    add_part(&to->mean_power_W, from->mean_power_W);
    to->gap_share = fmax(to->gap_share, from->gap_share);
    to->start_s = fmin(to->start_s, from->start_s);
    to->duration_s = isnan(end) ? fmax(to->duration_s, from->duration_s) : end - to->start_s;
    snprintf(what, sizeof what, "added to line %zu of %.300s", to->line, import->files[to_at]);
    return jf_ledger_add(import->ledger, JF_MERGED, import->files[from_at], from->line, NULL, what,
                         "a further node of the run: energies and GPUs are added", join->err);
}
