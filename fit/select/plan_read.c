/* Reads the text of each kind of plan. */
#include "core/expr/ast.h"
#include "fit/select/plan_parts.h"

#include <math.h>
#include <string.h>

/* Takes the backquotes off a name at the start of `text`, one of two in it, and gives what stands behind;
 * NULL, with nothing changed, where it is not closed. */
static char *unquote(char *text)
{
    char *end = text + 1, *to = text;

    while ((end = strchr(end, '`')) && end[1] == '`') end += 2;
    if (!end) return NULL;
    for (char *from = text + 1; from < end; from++) {
        *to++ = *from;
        if (*from == '`') from++;
    }
    *to = '\0';
    return end + 1;
}

char *jf_plan_next_field(char **rest)
{
    char *field = *rest, *end;

    if (!field) return NULL;
    if (*field == '`' && (end = unquote(field))) {
        *rest = *end == ':' ? end + 1 : NULL;
        return field;
    }
    end = strchr(field, ':');
    if (end) *end = '\0';
    *rest = end ? end + 1 : NULL;
    return field;
}

static jf_status read_count(const jf_plan_request *request, const char *what, const char *text, size_t low,
                            size_t *out, jf_error *err)
{
    double value;

    if (!jf_number_read(text, strlen(text), &value) || value < (double)low || value > 1e6 ||
        value != floor(value))
        return jf_fail(err, JF_EUSAGE, "plan '%s': %s: expected a whole number from %zu, found '%s'",
                       request->text, what, low, text);
    *out = (size_t)value;
    return JF_OK;
}

static jf_status read_fraction(const jf_plan_request *request, const char *what, const char *text,
                               double *out, jf_error *err)
{
    if (!jf_number_read(text, strlen(text), out) || *out <= 0 || *out >= 1)
        return jf_fail(err, JF_EUSAGE, "plan '%s': %s: expected a number between 0 and 1, found '%s'",
                       request->text, what, text);
    return JF_OK;
}

static jf_status wrong_form(const jf_plan_request *request, jf_error *err)
{
    return jf_fail(err, JF_EUSAGE, "plan '%s': expected %s", request->text, request->kind->usage);
}

/* `repeats=5` and `test=0.3` between commas. */
static jf_status read_settings(jf_plan_request *request, char *rest, bool has_test, jf_error *err)
{
    jf_status status = JF_OK;
    char *save = NULL;

    for (char *item = rest ? strtok_r(rest, ",", &save) : NULL; item; item = strtok_r(NULL, ",", &save)) {
        if (strncmp(item, "repeats=", 8) == 0)
            JF_TRY(read_count(request, "repeats", item + 8, 1, &request->repeats, err));
        else if (has_test && strncmp(item, "test=", 5) == 0)
            JF_TRY(read_fraction(request, "test", item + 5, &request->test, err));
        else
            JF_TRY(wrong_form(request, err));
    }
done:
    return status;
}

jf_status jf_read_grouped(jf_plan_request *request, char *rest, jf_error *err)
{
    char share[JF_NUMBER_TEXT];
    jf_status status = JF_OK;

    request->repeats = 20;
    JF_TRY(read_settings(request, rest, true, err));
    jf_text_addf(&request->written, "grouped:repeats=%zu,test=%s", request->repeats,
                 jf_number_exact(share, request->test));
done:
    return status;
}

jf_status jf_read_kfold(jf_plan_request *request, char *rest, jf_error *err)
{
    jf_status status = JF_OK;
    char *more = rest ? strchr(rest, ',') : NULL;

    if (more) *more++ = '\0';
    if (rest) JF_TRY(read_count(request, "folds", rest, 2, &request->folds, err));
    JF_TRY(read_settings(request, more, false, err));
    jf_text_addf(&request->written, "kfold:%zu", request->folds);
    if (request->repeats > 1) jf_text_addf(&request->written, ",repeats=%zu", request->repeats);
done:
    return status;
}

jf_status jf_read_loo(jf_plan_request *request, char *rest, jf_error *err)
{
    if (rest) return wrong_form(request, err);
    jf_text_add(&request->written, "loo");
    return JF_OK;
}

/* The column that every kind below starts with. */
static jf_status read_column(jf_plan_request *request, char **rest, jf_error *err)
{
    char *name = jf_plan_next_field(rest);

    if (!name || !*name) return wrong_form(request, err);
    request->column = name;
    jf_text_addf(&request->written, "%s:", request->kind->name);
    if (strpbrk(name, ":`"))
        jf_name_print(&request->written, name);
    else
        jf_text_add(&request->written, name);
    return JF_OK;
}

jf_status jf_read_logo(jf_plan_request *request, char *rest, jf_error *err)
{
    jf_status status = JF_OK;

    JF_TRY(read_column(request, &rest, err));
    if (rest) JF_TRY(wrong_form(request, err));
done:
    return status;
}

jf_status jf_read_extrapolate(jf_plan_request *request, char *rest, jf_error *err)
{
    jf_status status = JF_OK;
    char share[JF_NUMBER_TEXT], *quantile, *way;

    JF_TRY(read_column(request, &rest, err));
    quantile = jf_plan_next_field(&rest);
    way = jf_plan_next_field(&rest);
    if (rest) JF_TRY(wrong_form(request, err));
    if (quantile && strcmp(quantile, "down") == 0 && !way) {
        way = quantile;
        quantile = NULL;
    }
    request->down = way && strcmp(way, "down") == 0;
    if (way && !request->down && strcmp(way, "up") != 0) JF_TRY(wrong_form(request, err));
    request->quantile = request->down ? 0.25 : 0.75;
    if (quantile) JF_TRY(read_fraction(request, "quantile", quantile, &request->quantile, err));
    jf_text_addf(&request->written, ":%s%s", jf_number_exact(share, request->quantile),
                 request->down ? ":down" : "");
done:
    return status;
}

jf_status jf_read_ladder(jf_plan_request *request, char *rest, jf_error *err)
{
    jf_status status = JF_OK;
    char *rungs;

    JF_TRY(read_column(request, &rest, err));
    rungs = jf_plan_next_field(&rest);
    if (rest) JF_TRY(wrong_form(request, err));
    if (rungs) JF_TRY(read_count(request, "rungs", rungs, 1, &request->rungs, err));
    jf_text_addf(&request->written, ":%zu", request->rungs);
done:
    return status;
}

jf_status jf_read_transfer(jf_plan_request *request, char *rest, jf_error *err)
{
    jf_status status = JF_OK;
    char *counts, *save = NULL;
    char by_default[] = "0,1,2,4";

    request->repeats = 5;
    JF_TRY(read_column(request, &rest, err));
    counts = jf_plan_next_field(&rest);
    if (rest) JF_TRY(wrong_form(request, err));
    for (char *item = strtok_r(counts ? counts : by_default, ",", &save); item;
         item = strtok_r(NULL, ",", &save)) {
        if (strncmp(item, "repeats=", 8) == 0) {
            JF_TRY(read_count(request, "repeats", item + 8, 1, &request->repeats, err));
            continue;
        }
        if (request->n_counts == JF_MAX_COUNTS)
            JF_TRY(jf_fail(err, JF_EUSAGE, "plan '%s': at most %d counts", request->text, JF_MAX_COUNTS));
        JF_TRY(read_count(request, "groups given back", item, 0, &request->counts[request->n_counts++], err));
    }
    if (request->n_counts == 0) JF_TRY(wrong_form(request, err));
    for (size_t i = 0; i < request->n_counts; i++)
        jf_text_addf(&request->written, "%c%zu", i ? ',' : ':', request->counts[i]);
    jf_text_addf(&request->written, ",repeats=%zu", request->repeats);
done:
    return status;
}

jf_status jf_read_holdout(jf_plan_request *request, char *rest, jf_error *err)
{
    if (!rest || !*rest) return wrong_form(request, err);
    request->expression = rest;
    jf_text_addf(&request->written, "holdout:%s", rest);
    return JF_OK;
}
