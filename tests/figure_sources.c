/* What every kind of figure can be drawn from. */
#include "tests/figure_sources.h"

#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/text.h"
#include "data/columns.h"
#include "data/csv.h"
#include "data/trackers/tracker.h"
#include "proxies/proxy.h"
#include "tests/check.h"

static void load_table(jf_table **out)
{
    static const char *const features[] = {"C",   "intensity",      "peak", "bandwidth",
                                           "tdp", "device_seconds", "eta",  "energy_per_token"};
    jf_proxy_request request = {.names = features, .n_names = sizeof features / sizeof *features};
    jf_catalogue *catalogue = NULL;
    jf_warnings warnings = {0};
    jf_error err = {0};

    check_ok(
        jf_csv_read(check_source("data/sets/bert_sweep_simulated.csv"), NULL, NULL, &warnings, out, &err),
        &err);
    check_ok(jf_table_add_si(*out, NULL, &warnings, &err), &err);
    check_ok(jf_catalogue_builtin(&catalogue, &err), &err);
    request.warnings = &warnings;
    check_ok(jf_proxies_apply(catalogue, &request, *out, &err), &err);
    jf_catalogue_free(catalogue);
    jf_warnings_free(&warnings);
}

static void load_log(jf_power_log *out)
{
    jf_ledger ledger = {0};
    jf_warnings warnings = {0};
    jf_error err = {0};
    jf_import import = {.ledger = &ledger, .warnings = &warnings, .log = out};

    import.trace.start_s = import.trace.end_s = out->options.start_s = out->options.end_s = NAN;
    check_ok(jf_import_read(&import, check_source("data/sets/examples/simulated_gpu_power.csv"), NULL, &err),
             &err);
    jf_import_free(&import);
    jf_ledger_free(&ledger);
    jf_warnings_free(&warnings);
}

void figure_sources_load(figure_sources *all)
{
    static const char *const names[N_FIGURE_RESULTS] = {"fit", "comparison", "figures_fit",
                                                        "figures_comparison", "figures_efficiency"};

    *all = (figure_sources){0};
    for (size_t i = 0; i < N_FIGURE_RESULTS; i++) {
        char path[100];
        snprintf(path, sizeof path, "tests/golden/reports/%s.json", names[i]);
        all->results[i] = json_load_file(check_source(path), 0, NULL);
        assert_non_null(all->results[i]);
    }
    load_table(&all->table);
    load_log(&all->log);
}

void figure_sources_free(figure_sources *all)
{
    for (size_t i = 0; i < N_FIGURE_RESULTS; i++) json_decref(all->results[i]);
    jf_table_free(all->table);
    jf_power_log_free(&all->log);
}

jf_figure_source figure_source_at(const figure_sources *all, size_t i)
{
    return (jf_figure_source){.result = all->results[i], .table = all->table, .log = &all->log};
}

jf_figure_source figure_source_for(const figure_sources *all, const jf_figure_kind *kind)
{
    for (size_t i = 0; i < N_FIGURE_RESULTS; i++) {
        jf_figure_source source = figure_source_at(all, i);
        if (kind->wants & JF_TAKES_RUNS) source.table = NULL; /* the rows of the result */
        if (jf_figure_serves(kind, &source)) return source;
    }
    fail_msg("nothing that figure '%s' can be drawn from", kind->name);
    return (jf_figure_source){0};
}

/* ---- other names ---- */

static bool is_name(const char *key)
{
    static const char *const keys[] = {"name", "unit", "usual", "role", "convention",
                                       "of",   "law",  "a",     "b",    "file"};

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strcmp(keys[i], key) == 0) return true;
    return false;
}

static void rename_strings(json_t *list, const char *name)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (json_is_string(json_array_get(list, i))) json_array_set_new(list, i, json_string_nocheck(name));
}

/* An efficiency stays one: figures know it by how its name begins. */
static void rename_response(json_t *law, const json_t *response, const char *name)
{
    bool is_efficiency = strncmp(json_string_value(response), "eta", 3) == 0;
    jf_text whole = {0};

    jf_text_addf(&whole, "%s%s", is_efficiency ? "eta" : "", name);
    json_object_set_new(law, "raw_response", json_string_nocheck(whole.data));
    jf_text_free(&whole);
}

static void rename_inside(json_t *value, const char *name)
{
    const char *key;
    json_t *member;

    for (size_t i = 0; i < json_array_size(value); i++) rename_inside(json_array_get(value, i), name);
    if (!json_is_object(value)) return;
    json_object_foreach(value, key, member)
    {
        bool is_text = json_is_string(member);
        if (strcmp(key, "levels") == 0 || strcmp(key, "choices") == 0 || strcmp(key, "names") == 0)
            rename_strings(member, name);
        if (!is_text)
            rename_inside(member, name);
        else if (strcmp(key, "raw_response") == 0)
            rename_response(value, member, name);
        else if (is_name(key))
            json_object_set_new(value, key, json_string_nocheck(name)); /* frees member */
    }
}

/* The rows' inputs keep their keys, which the model knows; their labels become the name, in two forms. */
static void rename_levels(json_t *result, const char *name)
{
    const char *key;
    json_t *column;

    json_object_foreach(json_object_get(result, "inputs"), key, column)
    {
        for (size_t i = 0; i < json_array_size(column) && json_is_string(json_array_get(column, i)); i++)
            json_array_set_new(column, i, i % 2 ? json_string_nocheck(name) : json_string("plain"));
    }
}

static void rename_text(char **text, const char *name)
{
    jf_free(*text);
    *text = jf_copy_text(name);
    assert_non_null(*text);
}

void figure_sources_rename(figure_sources *all, const char *name)
{
    for (size_t i = 0; i < N_FIGURE_RESULTS; i++) {
        rename_inside(all->results[i], name);
        rename_levels(all->results[i], name);
    }
    for (size_t c = 0; c < all->table->n_columns; c++) {
        jf_column *column = &all->table->columns[c];
        for (size_t k = 0; k < column->n_levels; k++) rename_text(&column->levels[k], name);
    }
    for (size_t i = 0; i < all->log.n; i++) rename_text(&all->log.items[i].name, name);
}
