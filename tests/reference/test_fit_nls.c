/* A nonlinear law with levels on 328 measured rows against R's nls (fit_nls_zeus.R). R stops where its own
 * step no longer helps, at about seven digits. */
#include "tests/check.h"

#include <jansson.h>
#include "core/memory.h"
#include "core/stream.h"
#include "data/columns.h"
#include "data/csv.h"
#include "fit/fit.h"

typedef struct world {
    jf_table *table;
    jf_groups groups;
    json_t *wanted;
    jf_law *law;
} world;

static int set_up(void **state)
{
    static world w;
    jf_error err = {0};
    jf_ledger ledger = {0};
    jf_warnings warnings = {0};
    json_error_t where;
    const char *keys[] = {"gpu", "dataset"};
    const char *path = check_shared("data/zeus2023/bert_power.csv");
    jf_csv_options options = {0};

    *state = NULL;
    if (!path) return 0;
    check_ok(jf_csv_read(path, &options, &ledger, &warnings, &w.table, &err), &err);
    check_ok(jf_table_let(w.table, "E [J] = time_per_epoch_s*average_power_W", &err), &err);
    check_ok(jf_groups_by(w.table, keys, 2, &w.groups, &err), &err);
    check_ok(jf_law_read("log(E) ~ log(e0[gpu] * (1 + B0/batch_size)) + d[dataset = \"sentiment140\"]",
                         &w.law, &err),
             &err);
    w.wanted = json_load_file(check_source("tests/reference/fit_nls_zeus.json"), 0, &where);
    assert_non_null(w.wanted);
    jf_ledger_free(&ledger);
    jf_warnings_free(&warnings);
    *state = &w;
    return 0;
}

static int tear_down(void **state)
{
    world *w = *state;

    if (!w) return 0;
    jf_table_free(w->table);
    jf_groups_free(&w->groups);
    json_decref(w->wanted);
    jf_law_free(w->law);
    return 0;
}

static double wanted_at(const world *w, const char *key, size_t i)
{
    const json_t *list = json_object_get(w->wanted, key);

    assert_non_null(json_array_get(list, i));
    return json_number_value(json_array_get(list, i));
}

static void a_nonlinear_law_with_levels_is_fitted_as_by_nls(void **state)
{
    static const char *const kinds[] = {"classical", "hc0", "hc2", "hc3", "cr1"};
    const world *w = *state;

    if (!w) skip();
    for (size_t kind = 0; kind < 5; kind++) {
        jf_fit_options options;
        jf_error err = {0};
        jf_fit *fit = NULL;
        jf_fit_options_default(&options);
        options.seed = JF_DEFAULT_SEED;
        options.threads = 1;
        options.se = kinds[kind];
        check_ok(jf_fit_run(w->law, w->table, NULL, 0, &w->groups, &options, &fit, &err), &err);
        assert_int_equal(fit->outcome, JF_CONVERGED);
        assert_int_equal(fit->n_estimates, 6);
        assert_int_equal(fit->n_groups, 8);
        check_close(fit->rss, wanted_at(w, "rss", 0), 1e-11, "RSS");
        check_close(fit->loglik, wanted_at(w, "loglik_raw", 0), 1e-11, "log-likelihood");
        for (size_t j = 0; j < 6; j++) {
            assert_string_equal(fit->estimates[j].name,
                                json_string_value(json_array_get(json_object_get(w->wanted, "names"), j)));
            check_close(fit->estimates[j].value, wanted_at(w, "estimate", j), 1e-6, "%s",
                        fit->estimates[j].name);
            check_close(fit->estimates[j].std_error, wanted_at(w, kind == 4 ? "cluster" : kinds[kind], j),
                        1e-6, "%s error of %s", kinds[kind], fit->estimates[j].name);
        }
        jf_fit_free(fit);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_nonlinear_law_with_levels_is_fitted_as_by_nls)};

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
