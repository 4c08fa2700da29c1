/* What every validation plan promises, on random tables, groups and seeds. */
#include "tests/check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "core/stream.h"
#include "core/summary.h"
#include "fit/select/plan.h"

enum { N_TABLES = 12, MAX_ROWS = 80 };

/* Plans that every property is tried on; each kind has at least one (tested below). */
static const char *const examples[] = {
    "grouped",
    "grouped:repeats=7,test=0.15",
    "rows:grouped:repeats=3",
    "kfold:5",
    "kfold:3,repeats=4",
    "loo",
    "rows:loo",
    "logo:gpu",
    "rows:logo:gpu",
    "logo:n",
    "extrapolate:size",
    "extrapolate:size:0.5",
    "extrapolate:size:down",
    "rows:extrapolate:size:0.4:down",
    "ladder:size:4",
    "ladder:n:5",
    "transfer:gpu:0,1,3",
    "rows:transfer:gpu:1,2,repeats=2",
    "holdout:size > 30",
    "rows:holdout:gpu == \"B\"",
};
enum { N_EXAMPLES = sizeof examples / sizeof *examples };

/* How rows fall into groups. */
typedef enum structure { ONE_TO_FIVE, SINGLE_ROWS, TEN_OR_SO, HALF_IN_ONE, N_STRUCTURES } structure;

/* A random sweep: groups of one to five rows or as the structure says; sizes, GPU counts and GPUs that mostly
 * follow the group; a level list with a rare level; the rows in random order; some rows not used. */
typedef struct sweep {
    jf_table *table;
    jf_groups groups;
    uint32_t group[MAX_ROWS];
    int32_t levels[MAX_ROWS];
    size_t rows[MAX_ROWS];
    const int32_t *level_lists[1];
    jf_plan_data data;
} sweep;

static void add_numbers(jf_table *table, const char *name, const double *values)
{
    jf_column column = {.name = jf_copy_text(name), .kind = JF_NUMERIC};
    jf_error err = {0};

    column.values = JF_NEW_ARRAY(double, table->n_rows);
    assert_non_null(column.values);
    memcpy(column.values, values, table->n_rows * sizeof *values);
    check_ok(jf_table_add(table, &column, false, &err), &err);
}

static void add_labels(jf_table *table, const char *name, const int32_t *codes, size_t n_levels)
{
    jf_column column = {.name = jf_copy_text(name), .kind = JF_LABEL, .n_levels = n_levels};
    jf_error err = {0};

    column.codes = JF_NEW_ARRAY(int32_t, table->n_rows);
    column.levels = JF_NEW_ARRAY(char *, n_levels);
    assert_true(column.codes && column.levels);
    memcpy(column.codes, codes, table->n_rows * sizeof *codes);
    for (size_t i = 0; i < n_levels; i++) column.levels[i] = jf_copy_bytes(&"ABCDEFGH"[i], 1);
    check_ok(jf_table_add(table, &column, false, &err), &err);
}

static size_t members_of(structure how, uint32_t group, size_t n, jf_stream *stream)
{
    switch (how) {
    case SINGLE_ROWS: return 1;
    case TEN_OR_SO: return 1 + n / 8 + jf_stream_below(stream, 3);
    case HALF_IN_ONE: return group == 0 ? n / 2 : 1 + jf_stream_below(stream, 3);
    default: return 1 + jf_stream_below(stream, 5);
    }
}

static void make_structured(uint64_t seed, structure how, sweep *out)
{
    jf_stream stream = jf_stream_make(seed, JF_FOR_TESTS, 0);
    size_t n = 40 + jf_stream_below(&stream, MAX_ROWS - 40), order[MAX_ROWS], row = 0, used = 0;
    double size[MAX_ROWS], gpus[MAX_ROWS];
    int32_t gpu[MAX_ROWS];
    jf_error err = {0};

    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < n; i++) order[i] = i;
    jf_stream_shuffle(&stream, order, n);
    for (uint32_t g = 0; row < n; g++) {
        size_t members = members_of(how, g, n, &stream);
        double base = exp(1 + 4 * jf_stream_uniform(&stream));
        int32_t at = (int32_t)jf_stream_below(&stream, 3);
        for (size_t m = 0; m < members && row < n; m++, row++) {
            size_t i = order[row];
            out->group[i] = g;
            size[i] = base * exp(0.3 * jf_stream_normal(&stream));
            gpus[i] = (double)(1 << jf_stream_below(&stream, 4));
            gpu[i] = jf_stream_below(&stream, 20) == 0 ? (at + 1) % 3 : at; /* a few groups straddle */
            out->levels[i] = jf_stream_below(&stream, 15) == 0 ? 4 : (int32_t)jf_stream_below(&stream, 3) - 1;
        }
        out->groups.n_groups = g + 1;
    }
    size[jf_stream_below(&stream, n)] = NAN;
    check_ok(jf_table_new(n, &out->table, &err), &err);
    add_numbers(out->table, "size", size);
    add_numbers(out->table, "n", gpus);
    add_labels(out->table, "gpu", gpu, 3);
    for (size_t i = 0; i < n; i++)
        if (jf_stream_below(&stream, 10) > 0) {
            out->levels[used] = out->levels[i];
            out->rows[used++] = i;
        }
    out->groups.n_rows = n;
    out->groups.group = out->group;
    out->level_lists[0] = out->levels;
    out->data = (jf_plan_data){out->table, out->rows, used, &out->groups, out->level_lists, 1, seed};
}

static void make_sweep(uint64_t seed, sweep *out)
{
    make_structured(seed, ONE_TO_FIVE, out);
}

static jf_plan *build(const sweep *s, const char *text)
{
    jf_plan *plan = NULL;
    jf_error err = {0};

    check_ok(jf_plan_build(text, &s->data, &plan, &err), &err);
    return plan;
}

typedef void (*property)(const sweep *s, const jf_plan *plan, const char *text);

static void for_every_plan(property holds)
{
    for (uint64_t seed = 1; seed <= N_TABLES; seed++) {
        sweep s;
        make_sweep(seed, &s);
        for (size_t e = 0; e < N_EXAMPLES; e++) {
            jf_plan *plan = build(&s, examples[e]);
            holds(&s, plan, examples[e]);
            jf_plan_free(plan);
        }
        jf_table_free(s.table);
    }
}

/* The first split for which something went wrong, in words. */
#define check_split(condition, text, index)                                                                  \
    do {                                                                                                     \
        if (!(condition)) fail_msg("%s, split %zu: %s", (text), (size_t)(index), #condition);                \
    } while (0)

static size_t place_of(const sweep *s, size_t row)
{
    for (size_t i = 0; i < s->data.n_rows; i++)
        if (s->rows[i] == row) return i;
    return SIZE_MAX;
}

/* Unit of a row under the plan: its group, or the row itself. */
static size_t unit_of(const sweep *s, const jf_plan *plan, size_t row)
{
    return plan->by_rows ? row : s->group[row];
}

static void check_sides(const sweep *s, const jf_plan *plan, const char *text)
{
    for (size_t k = 0; k < plan->n_splits; k++) {
        const jf_split *split = &plan->splits[k];
        bool tests[MAX_ROWS] = {false}, unit_tests[MAX_ROWS] = {false};

        for (size_t i = 0; i < split->n_test; i++) {
            check_split(i == 0 || split->test[i] > split->test[i - 1], text, k);
            check_split(place_of(s, split->test[i]) != SIZE_MAX, text, k);
            tests[split->test[i]] = unit_tests[unit_of(s, plan, split->test[i])] = true;
        }
        for (size_t i = 0; i < split->n_train; i++) {
            check_split(i == 0 || split->train[i] > split->train[i - 1], text, k);
            check_split(place_of(s, split->train[i]) != SIZE_MAX, text, k);
            check_split(!tests[split->train[i]], text, k);
            check_split(!unit_tests[unit_of(s, plan, split->train[i])], text, k);
        }
    }
}

/* Groups on each side are counted as they are. */
static void check_units(const sweep *s, const jf_plan *plan, const char *text)
{
    for (size_t k = 0; k < plan->n_splits; k++) {
        const jf_split *split = &plan->splits[k];
        bool trains[MAX_ROWS] = {false}, tests[MAX_ROWS] = {false};
        size_t n_train = 0, n_test = 0;

        for (size_t i = 0; i < split->n_train; i++) trains[unit_of(s, plan, split->train[i])] = true;
        for (size_t i = 0; i < split->n_test; i++) tests[unit_of(s, plan, split->test[i])] = true;
        for (size_t u = 0; u < MAX_ROWS; u++) {
            n_train += trains[u];
            n_test += tests[u];
        }
        check_split(n_train == split->n_train_units && n_test == split->n_test_units, text, k);
    }
}

/* Whatever the groups: a plan that cannot be made of so few is refused, and no other splits a group. */
static void no_row_and_no_group_is_on_both_sides_in_any_plan(void **state)
{
    size_t made[N_EXAMPLES] = {0}, refused = 0;

    (void)state;
    for (structure how = 0; how < N_STRUCTURES; how++)
        for (uint64_t seed = 1; seed <= N_TABLES; seed++) {
            sweep s;
            make_structured(seed, how, &s);
            for (size_t e = 0; e < N_EXAMPLES; e++) {
                jf_plan *plan = NULL;
                jf_error err = {0};
                jf_status status = jf_plan_build(examples[e], &s.data, &plan, &err);
                if (status != JF_OK && status != JF_EDATA) fail_msg("%s: %s", examples[e], err.message);
                refused += status != JF_OK;
                if (!plan) continue;
                made[e]++;
                check_sides(&s, plan, examples[e]);
                check_units(&s, plan, examples[e]);
                jf_plan_free(plan);
            }
            jf_table_free(s.table);
        }
    for (size_t e = 0; e < N_EXAMPLES; e++)
        if (made[e] < N_TABLES * 3) fail_msg("%s was made only %zu times", examples[e], made[e]);
    assert_true(refused < N_TABLES * N_EXAMPLES / 2);
}

/* Does the row stand where the plan says: at the split's level, or where the condition holds? */
static bool should_test(const sweep *s, const jf_plan *plan, const jf_split *split, size_t row)
{
    const jf_column *column = plan->column ? jf_table_find(s->table, plan->column) : NULL;
    char level[40];

    if (strcmp(plan->kind, "holdout") == 0)
        return strstr(plan->text, "size") ? jf_table_find(s->table, "size")->values[row] > 30
                                          : jf_table_find(s->table, "gpu")->codes[row] == 1;
    if (column->kind == JF_LABEL) return column->levels[column->codes[row]][0] == split->name[0];
    snprintf(level, sizeof level, "%g", column->values[row]);
    return strcmp(level, split->name) == 0;
}

/* The whole level tests, and all else trains but rows of groups that test (and rows that say nothing). */
static void check_named_parts(const sweep *s, const jf_plan *plan, const char *text)
{
    if (strcmp(plan->kind, "logo") != 0 && strcmp(plan->kind, "holdout") != 0) return;
    for (size_t k = 0; k < plan->n_splits; k++) {
        const jf_split *split = &plan->splits[k];
        bool unit_tests[MAX_ROWS] = {false};
        size_t test = 0, train = 0;

        for (size_t i = 0; i < s->data.n_rows; i++)
            if (should_test(s, plan, split, s->rows[i])) unit_tests[unit_of(s, plan, s->rows[i])] = true;
        for (size_t i = 0; i < s->data.n_rows; i++) {
            size_t row = s->rows[i];
            bool says_nothing =
                strstr(plan->text, "size") && isnan(jf_table_find(s->table, "size")->values[row]);
            if (should_test(s, plan, split, row))
                check_split(test < split->n_test && split->test[test++] == row, text, k);
            else if (!unit_tests[unit_of(s, plan, row)] && !says_nothing)
                check_split(train < split->n_train && split->train[train++] == row, text, k);
        }
        check_split(test == split->n_test && train == split->n_train, text, k);
    }
}

static void levels_and_conditions_hold_out_all_they_name_and_nothing_more(void **state)
{
    (void)state;
    for_every_plan(check_named_parts);
}

static void check_levels(const sweep *s, const jf_plan *plan, const char *text)
{
    size_t infeasible = 0;

    for (size_t k = 0; k < plan->n_splits; k++) {
        const jf_split *split = &plan->splits[k];
        bool trained[8] = {false}, lacks = split->n_train == 0 || split->n_test == 0;

        for (size_t i = 0; i < split->n_train; i++)
            trained[s->levels[place_of(s, split->train[i])] + 2] = true;
        for (size_t i = 0; i < split->n_test; i++)
            lacks |= !trained[s->levels[place_of(s, split->test[i])] + 2];
        check_split(split->infeasible == lacks, text, k);
        infeasible += split->infeasible;
    }
    check_split(plan->infeasible == infeasible, text, 0);
    if (strcmp(plan->kind, "grouped") != 0) check_split(plan->redrawn == 0, text, 0);
}

static void splits_whose_training_lacks_a_test_level_are_marked_and_only_those(void **state)
{
    (void)state;
    for_every_plan(check_levels);
}

static void splits_are_drawn_again_until_training_has_all_levels(void **state)
{
    size_t redrawn = 0, infeasible = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= N_TABLES; seed++) {
        sweep s;
        jf_plan *plan;
        make_sweep(seed, &s);
        plan = build(&s, "grouped:repeats=50,test=0.5");
        redrawn += plan->redrawn;
        infeasible += plan->infeasible;
        jf_plan_free(plan);
        jf_table_free(s.table);
    }
    assert_true(redrawn > 0); /* else the tables above ask too little */
    assert_int_equal(infeasible, 0);
}

static bool same_splits(const jf_plan *a, const jf_plan *b)
{
    bool same = a->n_splits == b->n_splits && a->redrawn == b->redrawn;

    for (size_t k = 0; same && k < a->n_splits; k++) {
        const jf_split *x = &a->splits[k], *y = &b->splits[k];
        same = x->n_train == y->n_train && x->n_test == y->n_test &&
               memcmp(x->train, y->train, x->n_train * sizeof *x->train) == 0 &&
               memcmp(x->test, y->test, x->n_test * sizeof *x->test) == 0 && strcmp(x->name, y->name) == 0;
    }
    return same;
}

static void check_seed(const sweep *s, const jf_plan *plan, const char *text)
{
    jf_plan *again = build(s, text), *read_back = build(s, plan->text);

    if (!same_splits(plan, again)) fail_msg("%s: another draw from the same seed differs", text);
    if (!same_splits(plan, read_back))
        fail_msg("%s: written out as %s it draws other splits", text, plan->text);
    assert_string_equal(plan->text, read_back->text);
    jf_plan_free(again);
    jf_plan_free(read_back);
}

static void the_same_seed_gives_the_same_splits_and_the_written_plan_reads_back(void **state)
{
    (void)state;
    for_every_plan(check_seed);
}

static void another_seed_gives_other_random_splits(void **state)
{
    const char *random[] = {"grouped:repeats=3", "kfold:4", "transfer:gpu:0,2"};
    (void)state;
    for (size_t e = 0; e < sizeof random / sizeof *random; e++) {
        sweep s;
        jf_plan *a, *b;
        make_sweep(5, &s);
        a = build(&s, random[e]);
        s.data.seed++;
        b = build(&s, random[e]);
        if (same_splits(a, b)) fail_msg("%s: the seed changes nothing", random[e]);
        jf_plan_free(a);
        jf_plan_free(b);
        jf_table_free(s.table);
    }
}

static void check_partition(const sweep *s, const jf_plan *plan, const char *text)
{
    bool folds = strcmp(plan->kind, "kfold") == 0 || strcmp(plan->kind, "loo") == 0;
    size_t tested[MAX_ROWS] = {0}, repeats = 1, least = SIZE_MAX, most = 0;
    const char *more = strstr(plan->text, "repeats=");

    if (!folds) return;
    if (more) sscanf(more, "repeats=%zu", &repeats);
    for (size_t k = 0; k < plan->n_splits; k++) {
        const jf_split *split = &plan->splits[k];
        check_split(split->n_train + split->n_test == s->data.n_rows, text, k);
        check_split(split->n_train_units + split->n_test_units == plan->n_units, text, k);
        if (split->n_test_units < least) least = split->n_test_units;
        if (split->n_test_units > most) most = split->n_test_units;
        for (size_t i = 0; i < split->n_test; i++) tested[split->test[i]]++;
    }
    for (size_t i = 0; i < s->data.n_rows; i++) check_split(tested[s->rows[i]] == repeats, text, i);
    check_split(most - least <= 1, text, 0);
}

static void every_row_is_tested_once_a_repeat_in_folds_of_like_size(void **state)
{
    (void)state;
    for_every_plan(check_partition);
}

static void check_share(const sweep *s, const jf_plan *plan, const char *text)
{
    double share = 0.3;
    const char *given = strstr(plan->text, "test=");
    (void)s;
    if (strcmp(plan->kind, "grouped") != 0) return;
    if (given) sscanf(given, "test=%lf", &share);
    for (size_t k = 0; k < plan->n_splits; k++) {
        double wanted = share * (double)plan->n_units, held = (double)plan->splits[k].n_test_units;
        check_split(held >= wanted - 1e-9 && held < wanted + 1, text, k);
        check_split(plan->splits[k].n_test_units + plan->splits[k].n_train_units == plan->n_units, text, k);
    }
}

static void grouped_plans_hold_out_the_share_of_groups_rounded_up(void **state)
{
    (void)state;
    for_every_plan(check_share);
}

static double median_of_unit(const sweep *s, const jf_plan *plan, const double *values, size_t unit)
{
    double of_unit[MAX_ROWS];
    size_t n = 0;

    for (size_t i = 0; i < s->data.n_rows; i++)
        if (unit_of(s, plan, s->rows[i]) == unit && !isnan(values[s->rows[i]]))
            of_unit[n++] = values[s->rows[i]];
    jf_sort(of_unit, n);
    return jf_quantile(of_unit, n, 0.5);
}

static void check_extrapolation(const sweep *s, const jf_plan *plan, const char *text)
{
    const double *values;

    if (!plan->extrapolates) return;
    values = jf_table_find(s->table, plan->column)->values;
    for (size_t k = 0; k < plan->n_splits; k++) {
        const jf_split *split = &plan->splits[k];
        double last = -INFINITY, first = INFINITY, sign = plan->down ? -1 : 1;
        for (size_t i = 0; i < split->n_train; i++) {
            double at = sign * median_of_unit(s, plan, values, unit_of(s, plan, split->train[i]));
            if (at > last) last = at;
        }
        for (size_t i = 0; i < split->n_test; i++) {
            double at = sign * median_of_unit(s, plan, values, unit_of(s, plan, split->test[i]));
            if (at < first) first = at;
            check_split(!isnan(values[split->test[i]]), text, k);
        }
        check_split(split->n_train > 0 && split->n_test > 0 && last < first, text, k);
        if (plan->by_rows) check_split(split->distance > 0 && split->reach >= split->distance, text, k);
    }
}

static void extrapolation_trains_on_one_side_of_the_group_medians_and_tests_beyond(void **state)
{
    (void)state;
    for_every_plan(check_extrapolation);
}

static void check_transfer(const sweep *s, const jf_plan *plan, const char *text)
{
    const jf_column *gpu = jf_table_find(s->table, "gpu");
    const jf_split *first = NULL;
    char level = 0;

    if (strcmp(plan->kind, "transfer") != 0) return;
    for (size_t k = 0; k < plan->n_splits; k++) {
        const jf_split *split = &plan->splits[k];
        size_t count, given_rows = 0;
        bool given[MAX_ROWS] = {false};
        assert_int_equal(sscanf(split->name, "%c +%zu", &level, &count), 2);
        if (!first || strncmp(first->name, split->name, 1) != 0 || split->name[3] == first->name[3])
            first = split;
        check_split(split->n_test == first->n_test, text, k);
        check_split(memcmp(split->test, first->test, split->n_test * sizeof *split->test) == 0, text, k);
        for (size_t i = 0; i < split->n_train; i++)
            if (gpu->codes[split->train[i]] == level - 'A') given[unit_of(s, plan, split->train[i])] = true;
        for (size_t u = 0; u < MAX_ROWS; u++) given_rows += given[u];
        check_split(split->n_test == 0 || given_rows == count, text, k);
    }
}

static void transfer_gives_back_the_stated_groups_and_tests_all_counts_on_the_same_rows(void **state)
{
    (void)state;
    for_every_plan(check_transfer);
}

static void every_kind_of_plan_is_among_the_examples(void **state)
{
    (void)state;
    for (const jf_plan_kind *kind = jf_plan_kinds; kind->name; kind++) {
        bool found = false;
        for (size_t e = 0; e < N_EXAMPLES; e++) {
            const char *text = strncmp(examples[e], "rows:", 5) == 0 ? examples[e] + 5 : examples[e];
            found |= strncmp(text, kind->name, strlen(kind->name)) == 0;
        }
        if (!found) fail_msg("no example of %s", kind->name);
    }
}

static bool refuse_after(void *left)
{
    size_t *allocations = left;
    if (*allocations == 0) return true;
    (*allocations)--;
    return false;
}

static void a_failed_allocation_anywhere_is_reported_and_leaves_nothing(void **state)
{
    sweep s;
    (void)state;
    make_sweep(3, &s);
    for (size_t e = 0; e < N_EXAMPLES; e++)
        for (size_t allowed = 0, failed = 1; failed; allowed++) {
            size_t left = allowed;
            jf_plan *plan = NULL;
            jf_error err = {0};
            jf_status status;
            jf_memory_hook(refuse_after, &left);
            status = jf_plan_build(examples[e], &s.data, &plan, &err);
            jf_memory_hook(NULL, NULL);
            failed = status != JF_OK;
            if (failed && (status != JF_ENOMEM || plan))
                fail_msg("%s, allocation %zu: status %d, %s", examples[e], allowed, status, err.message);
            jf_plan_free(plan);
        }
    jf_table_free(s.table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_plan_is_among_the_examples),
        cmocka_unit_test(no_row_and_no_group_is_on_both_sides_in_any_plan),
        cmocka_unit_test(levels_and_conditions_hold_out_all_they_name_and_nothing_more),
        cmocka_unit_test(splits_whose_training_lacks_a_test_level_are_marked_and_only_those),
        cmocka_unit_test(splits_are_drawn_again_until_training_has_all_levels),
        cmocka_unit_test(the_same_seed_gives_the_same_splits_and_the_written_plan_reads_back),
        cmocka_unit_test(another_seed_gives_other_random_splits),
        cmocka_unit_test(every_row_is_tested_once_a_repeat_in_folds_of_like_size),
        cmocka_unit_test(grouped_plans_hold_out_the_share_of_groups_rounded_up),
        cmocka_unit_test(extrapolation_trains_on_one_side_of_the_group_medians_and_tests_beyond),
        cmocka_unit_test(transfer_gives_back_the_stated_groups_and_tests_all_counts_on_the_same_rows),
        cmocka_unit_test(a_failed_allocation_anywhere_is_reported_and_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
