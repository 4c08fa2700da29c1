/* Runs a search on all rows and anew inside the training part of every outer split. */
#include "fit/select/search.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/parallel.h"
#include "core/progress.h"
#include "fit/select/search_staged.h"

/* What all searches share; read-only while they run, but for each one's own result. */
typedef struct searcher {
    const jf_search_setup *setup;
    const jf_search_design *design;
    const size_t *place; /* of each table row in the design */
    jf_search *out;
    size_t *item_plan, *item_split; /* of each piece of work but the first, which sees all rows */
} searcher;

/* Codes of the rows `rows` in each of the setup's level lists. */
static jf_status gather_levels(const searcher *s, const size_t *rows, size_t n_rows, int32_t **codes,
                               const int32_t ***out, jf_error *err)
{
    const jf_search_setup *setup = s->setup;
    jf_status status = JF_OK;

    *codes = JF_NEW_ARRAY(int32_t, setup->n_levels * n_rows + 1);
    *out = JF_NEW_ARRAY(const int32_t *, setup->n_levels + 1);
    JF_TRY_NEW(*codes, err, "a search");
    JF_TRY_NEW(*out, err, "a search");
    for (size_t l = 0; l < setup->n_levels; l++) {
        (*out)[l] = *codes + l * n_rows;
        for (size_t i = 0; i < n_rows; i++) (*codes)[l * n_rows + i] = setup->levels[l][s->place[rows[i]]];
    }
done:
    return status;
}

static size_t *places(const searcher *s, const size_t *rows, size_t n)
{
    size_t *out = JF_NEW_ARRAY(size_t, n + 1);

    for (size_t i = 0; out && i < n; i++) out[i] = s->place[rows[i]];
    return out;
}

/* The products of every feasible split of a plan. */
static jf_status make_products(const searcher *s, const jf_search_design *design, const jf_plan *plan,
                               jf_search_products **out, size_t *n, jf_error *err)
{
    jf_status status = JF_OK;
    size_t *train = NULL, *test = NULL;

    *n = 0;
    *out = JF_NEW_ZEROED(jf_search_products, plan->n_splits + 1);
    JF_TRY_NEW(*out, err, "a search");
    for (size_t i = 0; i < plan->n_splits; i++) {
        const jf_split *split = &plan->splits[i];
        if (split->infeasible) continue;
        train = places(s, split->train, split->n_train);
        test = places(s, split->test, split->n_test);
        JF_TRY_NEW(train && test, err, "a search");
        JF_TRY(jf_search_products_new(design, train, split->n_train, test, split->n_test,
                                      (double)split->n_test_units / (double)split->n_train_units,
                                      &(*out)[(*n)++], err));
        jf_free(train);
        jf_free(test);
        train = test = NULL;
    }
done:
    jf_free(train);
    jf_free(test);
    return status;
}

/* Searches on `rows`, by splits drawn within them; chosen.score is NaN where there is nothing to choose. */
static jf_status search_rows(const searcher *s, const jf_search_design *design, const size_t *rows,
                             size_t n_rows, uint64_t seed, jf_search *out, jf_error *err)
{
    const jf_search_setup *setup = s->setup;
    jf_plan_data data = {.table = setup->table,
                         .rows = rows,
                         .n_rows = n_rows,
                         .groups = setup->groups,
                         .n_levels = setup->n_levels,
                         .seed = seed};
    const int32_t **levels = NULL;
    int32_t *codes = NULL;
    jf_plan *plan = NULL;
    jf_search_products *products = NULL;
    size_t n = 0;
    jf_status status = JF_OK;

    out->chosen = (jf_search_result){0, 1, NAN};
    JF_TRY(gather_levels(s, rows, n_rows, &codes, &levels, err));
    data.levels = levels;
    JF_TRY(jf_plan_build(setup->plan, &data, &plan, err));
    JF_TRY(make_products(s, design, plan, &products, &n, err));
    if (n > 0) JF_TRY(jf_search_subsets(design, products, n, out, err));
done:
    jf_search_products_free(products, n);
    jf_plan_free(plan);
    jf_free(codes);
    jf_free(levels);
    return status;
}

/* Anew inside one outer split; with first stages, by what its training part alone predicts. */
static jf_status search_split(const searcher *s, size_t item, jf_search *out, jf_error *err)
{
    const jf_search_setup *setup = s->setup;
    const jf_plan *plan = setup->outer[s->item_plan[item]];
    const jf_split *split = &plan->splits[s->item_split[item]];
    uint64_t seed = setup->options->seed + item; /* draws of their own, and the same for any order of work */
    size_t key = s->item_split[item] + 1, *train = NULL, *test = NULL;
    jf_search_staged staged = {0};
    jf_status status = JF_OK;

    if (!setup->stages) return search_rows(s, s->design, split->train, split->n_train, seed, out, err);
    for (size_t p = 0; p < s->item_plan[item]; p++) key += setup->outer[p]->n_splits;
    train = places(s, split->train, split->n_train);
    test = places(s, split->test, split->n_test);
    JF_TRY_NEW(train && test, err, "a search");
    JF_TRY(jf_search_staged_new(setup, s->design, plan, train, split->n_train, test, split->n_test, key,
                                &staged, err));
    JF_TRY(search_rows(s, &staged.design, staged.rows, staged.n_rows, seed, out, err));
done:
    jf_search_staged_clear(&staged);
    jf_free(train);
    jf_free(test);
    return status;
}

static jf_status search_item(void *context, size_t item, int thread, jf_error *err)
{
    const searcher *s = context;
    const jf_search_setup *setup = s->setup;
    const jf_split *split;
    jf_search inner = {0};
    jf_error why = {0};
    jf_status status;

    (void)thread;
    if (item == 0)
        return search_rows(s, s->design, setup->rows, setup->n_rows, setup->options->seed, s->out, err);
    split = &setup->outer[s->item_plan[item]]->splits[s->item_split[item]];
    if (split->n_train == 0 || split->n_test == 0) return JF_OK;
    status = search_split(s, item, &inner, &why);
    if (status == JF_ENOMEM || status == JF_EINTERRUPTED) {
        if (err) *err = why;
        return status;
    }
    /* a training part too small to be divided once more has no search */
    s->out->outer[s->item_plan[item]].splits[s->item_split[item]] =
        status == JF_OK ? inner.chosen : (jf_search_result){0, 1, NAN};
    return JF_OK;
}

static jf_status list_items(searcher *s, size_t *n_items, jf_error *err)
{
    const jf_search_setup *setup = s->setup;
    size_t n = 1;
    jf_status status = JF_OK;

    s->out->outer = JF_NEW_ZEROED(jf_search_outer, setup->n_outer + 1);
    JF_TRY_NEW(s->out->outer, err, "a search");
    s->out->n_outer = setup->n_outer;
    for (size_t p = 0; p < setup->n_outer; p++)
        if (setup->outer[p]->n_splits <= JF_SEARCH_MOST_OUTER) n += setup->outer[p]->n_splits;
    s->item_plan = JF_NEW_ARRAY(size_t, n);
    s->item_split = JF_NEW_ARRAY(size_t, n);
    JF_TRY_NEW(s->item_plan && s->item_split, err, "a search");
    *n_items = 1;
    for (size_t p = 0; p < setup->n_outer; p++) {
        size_t n_splits = setup->outer[p]->n_splits;
        if (n_splits > JF_SEARCH_MOST_OUTER) continue;
        s->out->outer[p].splits = JF_NEW_ZEROED(jf_search_result, n_splits + 1);
        JF_TRY_NEW(s->out->outer[p].splits, err, "a search");
        s->out->outer[p].n = n_splits;
        for (size_t i = 0; i < n_splits; i++, ++*n_items) {
            s->out->outer[p].splits[i].score = NAN;
            s->item_plan[*n_items] = p;
            s->item_split[*n_items] = i;
        }
    }
done:
    return status;
}

/* How often each term was chosen. */
static void count_choices(jf_search *search, jf_search_space *space)
{
    search->n_redone = 0;
    for (size_t t = 0; t < space->n_terms; t++) space->terms[t].share = 0;
    for (size_t p = 0; p < search->n_outer; p++)
        for (size_t i = 0; i < search->outer[p].n; i++) {
            const jf_search_result *result = &search->outer[p].splits[i];
            if (isnan(result->score)) continue;
            search->n_redone++;
            for (size_t t = 0; t < space->n_terms; t++)
                space->terms[t].share += (double)(result->terms >> t & 1);
        }
    for (size_t t = 0; t < space->n_terms; t++)
        space->terms[t].share = search->n_redone ? space->terms[t].share / (double)search->n_redone : NAN;
}

jf_status jf_search_run(jf_search_space *space, const jf_search_setup *setup, jf_search *out, jf_error *err)
{
    size_t *place = JF_NEW_ZEROED(size_t, setup->table->n_rows + 1), n_items = 0;
    jf_search_design design = {0};
    searcher s = {.setup = setup, .design = &design, .place = place, .out = out};
    jf_status status = JF_OK;

    JF_TRY_NEW(place, err, "a search");
    for (size_t i = 0; i < setup->n_rows; i++) place[setup->rows[i]] = i;
    out->plan = jf_copy_text(setup->plan);
    out->space = JF_NEW(jf_search_space);
    JF_TRY_NEW(out->plan && out->space, err, "a search");
    JF_TRY(jf_search_design_new(space, &design, err));
    JF_TRY(list_items(&s, &n_items, err));
    jf_progress_stage("search among laws");
    JF_TRY(jf_parallel(n_items, (int)setup->options->threads, search_item, &s, err));
    count_choices(out, space);
    *out->space = *space;
    *space = (jf_search_space){0};
done:
    jf_search_design_clear(&design);
    jf_free(place);
    jf_free(s.item_plan);
    jf_free(s.item_split);
    return status;
}

void jf_search_free(jf_search *search)
{
    if (!search) return;
    if (search->space) jf_search_space_clear(search->space);
    jf_free(search->space);
    jf_free(search->plan);
    for (size_t p = 0; p < search->n_outer; p++) jf_free(search->outer[p].splits);
    jf_free(search->outer);
    jf_free(search);
}
