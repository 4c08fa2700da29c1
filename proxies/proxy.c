/* Features added to a table: planned, made in order, and what is no longer needed let go. */
#include "proxies/proxy.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/expr/evaluate.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "core/progress.h"
#include "core/text.h"
#include "data/unit.h"
#include "proxies/plan.h"

/* --- making -------------------------------------------------------------------------------------------- */

/* The slots that one formula may read, as the expression language sees them. */
typedef struct slot_view {
    const jf_plan *plan;
    const jf_slot *slot;
} slot_view;

static const jf_column *find_need(const void *table, const char *name)
{
    const slot_view *view = table;

    for (size_t i = 0; i < view->slot->n_needs; i++) {
        const jf_slot *need = &view->plan->slots[view->slot->needs[i]];
        if (!strcmp(need->name, name)) return &need->column;
    }
    return NULL;
}

static const jf_column *need_at(const void *table, size_t index)
{
    const slot_view *view = table;

    return index < view->slot->n_needs ? &view->plan->slots[view->slot->needs[index]].column : NULL;
}

static jf_status make_by_formula(const jf_plan *plan, jf_slot *slot, jf_error *err)
{
    slot_view view = {plan, slot};
    jf_columns columns = {find_need, need_at, &view, slot->n_needs, plan->table->n_rows};

    return jf_evaluate(slot->name, slot->formula, &columns, &slot->column, err);
}

static jf_status make_by_function(const jf_plan *plan, jf_slot *slot, bool lenient, jf_warnings *warnings,
                                  jf_error *err)
{
    jf_status status = JF_OK;
    const jf_column *needs[8];
    jf_proxy_call call = {.name = slot->name,
                          .needs = needs,
                          .n_rows = plan->table->n_rows,
                          .hardware = &plan->catalogue->hardware,
                          .table = plan->table,
                          .family = (const char *const *)plan->family,
                          .n_family = plan->n_family,
                          .is_lenient = lenient,
                          .warnings = warnings,
                          .ledger = plan->request->ledger};

    for (size_t i = 0; i < slot->n_needs; i++) needs[i] = &plan->slots[slot->needs[i]].column;
    slot->column.kind = JF_NUMERIC;
    slot->column.values = JF_NEW_ARRAY(double, call.n_rows);
    JF_TRY_NEW(slot->column.values, err, "a column");
    JF_TRY(slot->feature->function(&call, slot->column.values, err));
done:
    return status;
}

static void say_warning(const jf_slot *slot, jf_warnings *warnings)
{
    const jf_column *column = &slot->column;
    bool is_harmless =
        slot->warn_unless && column->n_levels == 1 && !strcmp(column->levels[0], slot->warn_unless);

    if (slot->warning && !is_harmless) jf_warn(warnings, slot->warning_code, "%s", slot->warning);
}

static jf_status make_slot(jf_plan *plan, jf_slot *slot, bool lenient, jf_warnings *warnings, jf_error *err)
{
    jf_status status = JF_OK;

    if (slot->is_there) {
        say_warning(slot, warnings);
        return JF_OK;
    }
    if (slot->formula)
        JF_TRY(make_by_formula(plan, slot, err));
    else
        JF_TRY(make_by_function(plan, slot, lenient, warnings, err));
    slot->is_there = true;
    say_warning(slot, warnings);
    for (size_t i = 0; i < slot->n_needs; i++)
        if (plan->slots[slot->needs[i]].column.known == JF_POST_RUN) slot->column.known = JF_POST_RUN;
    snprintf(slot->column.unit, sizeof slot->column.unit, "%s", slot->unit);
done:
    return status;
}

static void let_go(jf_slot *slot)
{
    if (slot->is_wanted || slot->n_users) return;
    if (!slot->is_borrowed) jf_column_clear(&slot->column);
    slot->column = (jf_column){0};
}

static bool has_failed_need(const jf_plan *plan, const jf_slot *slot)
{
    for (size_t i = 0; i < slot->n_needs; i++)
        if (plan->slots[slot->needs[i]].has_failed) return true;
    return false;
}

/* Counts, from the wanted slots down, who reads whom. Slots stand after what they need. */
static void count_users(jf_plan *plan)
{
    for (size_t i = plan->n_slots; i-- > 0;) {
        const jf_slot *slot = &plan->slots[i];
        if (!slot->is_wanted && !slot->n_users) continue;
        for (size_t j = 0; j < slot->n_needs; j++) plan->slots[slot->needs[j]].n_users++;
    }
}

/* Makes every slot that is wanted or read. `lenient`: data that stand in the way become warnings. */
static jf_status make_all(jf_plan *plan, bool lenient, jf_warnings *warnings, jf_error *err)
{
    count_users(plan);
    jf_progress_stage("features");
    for (size_t i = 0; i < plan->n_slots; i++) {
        jf_slot *slot = &plan->slots[i];
        jf_error inner = {0};
        jf_status status = jf_stop_check(err);

        if (status != JF_OK) return status;
        if (i > 0) jf_progress_tell((double)i / (double)plan->n_slots);
        if (!slot->is_wanted && !slot->n_users) continue;
        slot->has_failed = has_failed_need(plan, slot);
        if (!slot->has_failed) status = make_slot(plan, slot, lenient, warnings, &inner);
        if (status != JF_OK && (!lenient || status != JF_EDATA)) {
            if (err) *err = inner;
            if (status == JF_EDATA) jf_error_prefix(err, "proxy '%s'", slot->name);
            return status;
        }
        if (status != JF_OK) {
            slot->has_failed = true;
            jf_warn(warnings, "W_PROXY_SKIPPED", "%s, and what needs it: %s", slot->name, inner.message);
        }
        for (size_t j = 0; j < slot->n_needs; j++) {
            plan->slots[slot->needs[j]].n_users--;
            let_go(&plan->slots[slot->needs[j]]);
        }
    }
    jf_progress_tell(1);
    return JF_OK;
}

/* --- asking -------------------------------------------------------------------------------------------- */

/* A column that an input is read from: its name is no coincidence, whatever feature is called so too. */
static bool is_input(const jf_plan *plan, const jf_column *column)
{
    for (size_t i = 0; i < plan->catalogue->n_inputs; i++)
        if (jf_input_column(&plan->catalogue->inputs[i], plan->table) == column) return true;
    return false;
}

/* Marks a feature as wanted, unless the table has a column of its name already. */
static jf_status want(jf_plan *plan, const char *name, jf_warnings *warnings, jf_error *err)
{
    jf_status status = JF_OK;
    const jf_column *own = jf_table_find(plan->table, name);
    size_t slot;

    if (own) {
        if (jf_feature_find(plan->catalogue, name) && !is_input(plan, own))
            jf_warn(warnings, "W_OWN_COLUMN", "the table has a column '%s' of its own, which is kept", name);
        return JF_OK;
    }
    JF_TRY(jf_plan_add(plan, name, &slot, err));
    plan->slots[slot].is_wanted = true;
done:
    if (status == JF_EUSAGE &&
        (jf_feature_find(plan->catalogue, name) || jf_input_find(plan->catalogue, name)))
        jf_error_prefix(err, "proxy '%s'", name);
    return status;
}

static jf_status want_named(jf_plan *plan, const char *const *names, size_t n, jf_warnings *warnings,
                            jf_error *err)
{
    jf_status status = JF_OK;

    for (size_t i = 0; i < n; i++) JF_TRY(want(plan, names[i], warnings, err));
done:
    return status;
}

static jf_status want_all(jf_plan *plan, jf_warnings *warnings, jf_error *err)
{
    const jf_catalogue *catalogue = plan->catalogue;

    for (size_t i = 0; i < catalogue->n_features; i++) {
        const jf_proxy *proxy = &catalogue->features[i].shown;
        jf_error inner = {0};
        size_t slot;
        jf_status status;

        if (proxy->is_part || jf_table_find(plan->table, proxy->name)) continue;
        status = jf_plan_add(plan, proxy->name, &slot, &inner);
        if (status == JF_OK)
            plan->slots[slot].is_wanted = true;
        else if (status == JF_EDATA)
            jf_warn(warnings, "W_PROXY_SKIPPED", "%s", inner.message);
        else if (status != JF_EUSAGE) {
            if (err) *err = inner;
            return status;
        }
    }
    return JF_OK;
}

/* A map whose left side is nothing that is known would be without effect. */
static jf_status check_maps(const jf_catalogue *catalogue, const char *const *maps, size_t n, jf_error *err)
{
    for (size_t i = 0; i < n; i++) {
        char name[100], hint[200];
        size_t length = strcspn(maps[i], "=");

        if (!maps[i][length] || !length || length >= sizeof name)
            return jf_fail(err, JF_EUSAGE, "--map %s: expected NAME=COLUMN", maps[i]);
        snprintf(name, sizeof name, "%.*s", (int)length, maps[i]);
        if (strcmp(name, "family") != 0 && !jf_input_find(catalogue, name) &&
            !jf_feature_find(catalogue, name))
            return jf_fail(err, JF_EUSAGE, "--map %s: no input or feature '%s'%s", maps[i], name,
                           jf_catalogue_hint(catalogue, name, hint, sizeof hint));
    }
    return JF_OK;
}

/* --- handing over -------------------------------------------------------------------------------------- */

/* A copy of a borrowed column, so that the table can own it twice. */
static jf_status own_column(jf_slot *slot, size_t n_rows, jf_error *err)
{
    jf_status status = JF_OK;
    jf_column copy = {.kind = slot->column.kind, .known = slot->column.known};

    snprintf(copy.unit, sizeof copy.unit, "%s", slot->unit);
    if (copy.kind == JF_NUMERIC) {
        copy.values = JF_NEW_ARRAY(double, n_rows);
        JF_TRY_NEW(copy.values, err, "a column");
        memcpy(copy.values, slot->column.values, n_rows * sizeof *copy.values);
    } else {
        JF_TRY(jf_column_as_labels(&slot->column, n_rows, &copy, err));
    }
    slot->column = copy;
    slot->is_borrowed = false;
    copy = (jf_column){0};
done:
    jf_column_clear(&copy);
    return status;
}

static jf_status name_column(jf_slot *slot, size_t n_rows, jf_error *err)
{
    jf_status status = JF_OK;

    if (slot->is_borrowed) JF_TRY(own_column(slot, n_rows, err));
    jf_free(slot->column.name);
    slot->column.name = jf_copy_text(slot->name);
    JF_TRY_NEW(slot->column.name, err, "a column");
done:
    return status;
}

/* Everything that can fail comes before the first column goes in, but for the table's own memory. */
static jf_status hand_over(jf_plan *plan, jf_table *table, jf_error *err)
{
    jf_status status = JF_OK;

    for (size_t i = 0; i < plan->n_slots; i++)
        if (plan->slots[i].is_wanted && !plan->slots[i].has_failed)
            JF_TRY(name_column(&plan->slots[i], table->n_rows, err));
    for (size_t i = 0; i < plan->n_slots; i++)
        if (plan->slots[i].is_wanted && !plan->slots[i].has_failed)
            JF_TRY(jf_table_add(table, &plan->slots[i].column, false, err));
done:
    return status;
}

jf_status jf_proxies_apply(const jf_catalogue *catalogue, const jf_proxy_request *request, jf_table *table,
                           jf_error *err)
{
    jf_status status = JF_OK;
    bool all = request->n_names == 0;
    jf_plan plan = {.catalogue = catalogue, .request = request, .table = table};

    JF_TRY(check_maps(catalogue, request->maps, request->n_maps, err));
    if (all)
        JF_TRY(want_all(&plan, request->warnings, err));
    else
        JF_TRY(want_named(&plan, request->names, request->n_names, request->warnings, err));
    JF_TRY(jf_plan_find_family(&plan, err));
    JF_TRY(make_all(&plan, all, request->warnings, err));
    JF_TRY(hand_over(&plan, table, err));
done:
    jf_plan_clear(&plan);
    return status;
}
