/* The SI columns `energy` and `duration`, made from the columns of a file that hold a run's energy and time.
 */
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "core/text.h"
#include "data/columns.h"
#include "data/unit.h"

static const char *const scopes[] = {"gpu", "cpu", "ram", "total"};
enum { N_SCOPES = 4, NO_SCOPE = -1 };

static bool is_measured_in(const jf_column *column, jf_dimension dimension, jf_unit *unit)
{
    jf_unit wanted = {.to_si = 1, .known = true};

    wanted.power[dimension] = 1;
    if (column->kind != JF_NUMERIC || !column->unit[0] || jf_unit_read(column->unit, unit, NULL) != JF_OK)
        return false;
    return jf_unit_same_kind(unit, &wanted);
}

/* Spread, counters at the ends and limits are no energy or time of a run. */
static bool is_other_quantity(const char *name)
{
    static const char *const words[] = {"std",   "sd",    "var",    "stdev", "se",      "min",
                                        "max",   "start", "end",    "per",   "limit",   "step",
                                        "epoch", "accel", "device", "idle",  "baseline"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (jf_name_has_word(name, words[i])) return true;
    return false;
}

/* Part of the machine that the name speaks of. "total_gpu_energy_kWh" is the GPU's. */
static int scope_of_name(const char *name)
{
    if (jf_name_has_word(name, "gpu") || jf_name_has_word(name, "gpus")) return 0;
    if (jf_name_has_word(name, "cpu")) return 1;
    if (jf_name_has_word(name, "ram") || jf_name_has_word(name, "dram")) return 2;
    if (jf_name_has_word(name, "total") || jf_name_has_word(name, "consumed")) return 3;
    return NO_SCOPE;
}

/* What was found of one quantity: the first column of each scope, and how many columns there are. */
typedef struct found {
    const jf_column *of_scope[N_SCOPES];
    size_t n_of_scope[N_SCOPES];
    const jf_column *first;
    size_t n;
    jf_text names;
} found;

static found find_energies(const jf_table *table)
{
    found all = {0};

    for (size_t i = 0; i < table->n_columns; i++) {
        const jf_column *column = &table->columns[i];
        int scope = scope_of_name(column->name);
        jf_unit unit;
        if (!is_measured_in(column, JF_ENERGY, &unit) || is_other_quantity(column->name)) continue;
        if (all.n++ == 0) all.first = column;
        jf_text_addf(&all.names, "%s%s", all.names.length ? ", " : "", column->name);
        if (scope != NO_SCOPE && all.n_of_scope[scope]++ == 0) all.of_scope[scope] = column;
    }
    return all;
}

/* The column of the asked scope; without one: total, else gpu, else the only one. NULL when there is none. */
static const jf_column *choose_energy(const found *all, int scope)
{
    if (scope != NO_SCOPE) return all->of_scope[scope];
    if (all->of_scope[3]) return all->of_scope[3];
    if (all->of_scope[0]) return all->of_scope[0];
    return all->n == 1 ? all->first : NULL;
}

static jf_status add_twin(jf_table *table, const char *name, const char *unit_text, const jf_column *from,
                          jf_error *err)
{
    jf_status status = JF_OK;
    jf_column column = {.kind = JF_NUMERIC, .known = JF_POST_RUN};
    jf_unit unit;

    JF_TRY(jf_unit_read(from->unit, &unit, err));
    column.name = jf_copy_text(name);
    column.values = JF_NEW_ARRAY(double, table->n_rows ? table->n_rows : 1);
    JF_TRY_NEW(column.name, err, name);
    JF_TRY_NEW(column.values, err, name);
    snprintf(column.unit, sizeof column.unit, "%s", unit_text);
    for (size_t i = 0; i < table->n_rows; i++) column.values[i] = from->values[i] * unit.to_si;
    JF_TRY(jf_table_add(table, &column, false, err));
done:
    jf_column_clear(&column);
    return status;
}

/* Is there a column of that name already? It wins; say so when it is not known to be SI. */
static bool file_has(const jf_table *table, const char *name, const char *unit, jf_warnings *warnings)
{
    const jf_column *column = jf_table_find(table, name);

    if (!column) return false;
    if (column->kind == JF_LABEL)
        jf_warn(warnings, "W_SI_NAME",
                "the file's own column '%s' holds labels; joulefit makes none of that name", name);
    else if (!column->unit[0])
        jf_warn(warnings, "W_SI_NAME",
                "the file's own column '%s' is used, and its unit is not known; say --unit %s=%s if it is",
                name, name, unit);
    else if (strcmp(column->unit, unit) != 0)
        jf_warn(warnings, "W_SI_NAME", "the file's own column '%s' is used, which is in %s and not in %s",
                name, column->unit, unit);
    return true;
}

static jf_status read_scope(const char *text, int *scope, jf_error *err)
{
    char hint[64];

    *scope = NO_SCOPE;
    if (!text) return JF_OK;
    for (int i = 0; i < N_SCOPES; i++)
        if (strcmp(scopes[i], text) == 0) *scope = i;
    if (*scope != NO_SCOPE) return JF_OK;
    jf_did_you_mean(hint, sizeof hint, text, scopes, N_SCOPES);
    return jf_fail(err, JF_EUSAGE, "--scope: expected gpu, cpu, ram or total, found '%s'%s", text, hint);
}

static jf_status add_energy(jf_table *table, const char *scope_text, jf_warnings *warnings, jf_error *err)
{
    jf_status status = JF_OK;
    found all = {0};
    const jf_column *chosen;
    int scope;

    JF_TRY(read_scope(scope_text, &scope, err));
    if (scope == NO_SCOPE && file_has(table, "energy", "J", warnings)) return JF_OK;
    all = find_energies(table);
    JF_TRY_NEW(!all.names.failed, err, "the names of energy columns");
    chosen = choose_energy(&all, scope);
    if (!chosen && scope != NO_SCOPE)
        status = jf_fail(err, JF_EUSAGE, "--scope %s: no column holds the energy of that scope%s%s",
                         scope_text, all.n ? "; energies are " : "", all.n ? all.names.data : "");
    if (!chosen) goto done;
    if (scope == NO_SCOPE ? all.n > 1 : all.n_of_scope[scope] > 1)
        jf_warn(warnings, "W_SCOPE",
                "energy is taken from '%s', one of %zu energy columns (%s); fit --by-scope refits a law for "
                "each scope",
                chosen->name, all.n, all.names.data ? all.names.data : "");
    if (jf_table_find(table, "energy") && strcmp(chosen->name, "energy") != 0)
        jf_warn(warnings, "W_SCOPE",
                "the file's own column 'energy' is used, not '%s' as --scope %s would say", chosen->name,
                scope_text);
    if (file_has(table, "energy", "J", warnings)) goto done;
    JF_TRY(add_twin(table, "energy", "J", chosen, err));
done:
    jf_text_free(&all.names);
    return status;
}

/* How much a name says "this is the run's time": the highest wins, and a tie decides nothing. */
static int rank_of_duration(const char *name)
{
    static const char *const words[] = {"duration", "runtime", "elapsed", "wall", "time"};

    for (int i = 0; i < 5; i++)
        if (jf_name_has_word(name, words[i])) return 5 - i;
    return 0;
}

static jf_status add_duration(jf_table *table, jf_warnings *warnings, jf_error *err)
{
    const jf_column *best = NULL;
    int best_rank = -1;
    bool tied = false;

    if (file_has(table, "duration", "s", warnings)) return JF_OK;
    for (size_t i = 0; i < table->n_columns; i++) {
        const jf_column *column = &table->columns[i];
        int rank = rank_of_duration(column->name);
        jf_unit unit;
        if (!is_measured_in(column, JF_TIME, &unit) || is_other_quantity(column->name)) continue;
        if (column->known != JF_POST_RUN || rank < best_rank) continue;
        tied = rank == best_rank;
        best = column;
        best_rank = rank;
    }
    return best && !tied ? add_twin(table, "duration", "s", best, err) : JF_OK;
}

jf_status jf_table_add_si(jf_table *table, const char *scope, jf_warnings *warnings, jf_error *err)
{
    jf_status status = JF_OK;

    JF_TRY(add_energy(table, scope, warnings, err));
    JF_TRY(add_duration(table, warnings, err));
done:
    return status;
}

const char *jf_table_scope_column(const jf_table *table, const char *scope)
{
    found all = find_energies(table);
    const char *name = NULL;

    for (int i = 0; i < N_SCOPES; i++)
        if (strcmp(scopes[i], scope) == 0 && all.of_scope[i]) name = all.of_scope[i]->name;
    jf_text_free(&all.names);
    return name;
}
