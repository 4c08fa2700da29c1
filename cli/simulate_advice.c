/* Reads goals and candidates, and judges the candidates. */
#include "cli/simulate_advice.h"

#include <string.h>
#include "core/memory.h"

typedef struct job {
    const jf_session *session;
    const jf_runs_options *runs_options;
    const jf_fit_options *fit_options;
    const jf_words *maps;
    const jf_runs *design;
    const jf_law *law;
    jf_fit *own; /* made at the true values; NULL: the truth's is used */
    jf_simulation *result;
} job;

static const jf_fit *fit_of(const job *j)
{
    return j->own ? j->own : j->result->truth->fit;
}

/* The fit whose errors are judged: the one to the design's own response, else one to responses without noise,
 * which has the true values, with the scatter that was given. */
static jf_status fit_at_truth(job *j, jf_error *err)
{
    jf_status status = JF_OK;
    const jf_truth *truth = j->result->truth;
    jf_fit_options options = *j->fit_options;
    jf_world world = {0};
    jf_columns columns;

    JF_TRY(jf_world_new(truth, 1, &world, err));
    columns = jf_table_columns(world.table);
    JF_TRY(jf_transform_inverse(truth->problem->transform, &columns, NULL, world.n, truth->mean, world.raw,
                                err));
    options.ci = options.se = NULL;
    options.derive = options.test = (jf_option_list){0};
    JF_TRY(jf_fit_run(j->law, world.table, NULL, 0, NULL, &options, &j->own, err));
    j->own->sigma = truth->sigma;
done:
    jf_world_clear(&world);
    return status;
}

/* "gpus=64, layers=12" means one run, unlike the lists of a grid: commas before a name part columns. */
static char *grid_of_one(const char *text)
{
    char *copy = jf_copy_text(text), *comma = NULL;

    for (char *p = copy; p && *p; p++) {
        if (*p == ',') comma = p;
        if (*p == ';') comma = NULL;
        if (*p == '=' && comma) *comma = ';';
        if (*p == '=') comma = NULL;
    }
    return copy;
}

static jf_status read_prediction(job *j, const char *text, jf_goal *out, jf_error *err)
{
    jf_status status = JF_OK;
    jf_candidates wanted = {0};
    char *grid = grid_of_one(text);

    JF_TRY_NEW(grid, err, "a goal");
    JF_TRY(jf_candidates_read(j->session, j->runs_options, j->maps, NULL, grid, "--goal predict", j->design,
                              &wanted, err));
    JF_TRY(jf_goal_predictions(fit_of(j), text, wanted.runs.table, NULL, 0, out, err));
done:
    jf_candidates_free(&wanted);
    jf_free(grid);
    return status;
}

static const char *after(const char *text, const char *prefix)
{
    size_t length = strlen(prefix);

    return strncmp(text, prefix, length) == 0 ? text + length : NULL;
}

static jf_status read_goal(job *j, const char *text, jf_goal *out, jf_error *err)
{
    const char *rest;
    jf_status status;

    if (strcmp(text, "d") == 0) return jf_goal_everything(out, err);
    if ((rest = after(text, "predict:"))) return read_prediction(j, rest, out, err);
    if (!(rest = after(text, "param:")) && !(rest = after(text, "derive:"))) rest = text;
    status = jf_goal_quantity(fit_of(j), j->law, rest, out, err);
    if (status == JF_EUSAGE && rest == text)
        jf_error_prefix(err, "expected param:NAME, derive:EXPRESSION, predict:'COL=VALUE; ...' or d");
    return status;
}

/* Each goal over rows of `from`. */
static jf_status judge_goals(job *j, const jf_next_request *request, const jf_runs *from, jf_error *err)
{
    jf_status status = JF_OK;
    jf_simulation *out = j->result;
    jf_next_options options = {.n_next = (size_t)request->n_next, .cost = request->cost};

    out->advice = JF_NEW_ZEROED(jf_advice, request->goals.n);
    JF_TRY_NEW(out->advice, err, "advice");
    for (; out->n_advice < request->goals.n; out->n_advice++) {
        jf_advice *advice = &out->advice[out->n_advice];
        JF_TRY(read_goal(j, request->goals.items[out->n_advice], &advice->goal, err));
        status = jf_design_next(fit_of(j), from->table, from->rows, from->n_rows, &advice->goal, &options,
                                &advice->next, err);
        if (status != JF_OK) jf_goal_clear(&advice->goal);
        JF_TRY(status);
    }
done:
    return status;
}

jf_status jf_advise(const jf_session *session, const jf_next_request *request,
                    const jf_runs_options *runs_options, const jf_fit_options *fit_options,
                    const jf_words *maps, const jf_runs *design, const jf_law *law, jf_candidates *candidates,
                    jf_simulation *out, jf_error *err)
{
    jf_status status = JF_OK;
    job j = {session, runs_options, fit_options, maps, design, law, NULL, out};
    const jf_runs *from = design;
    const char *file = request->candidates, *grid = request->grid;

    if (file && grid) return jf_fail(err, JF_EUSAGE, "--candidates and --grid cannot both be given");
    if (file || grid) {
        JF_TRY(jf_candidates_read(session, runs_options, maps, file, grid, file ? "--candidates" : "--grid",
                                  design, candidates, err));
        from = &candidates->runs;
    } else {
        JF_TRY(jf_candidates_name(design, &candidates->shown, err));
    }
    if (!out->truth->fit) JF_TRY(fit_at_truth(&j, err));
    JF_TRY(judge_goals(&j, request, from, err));
    out->candidates = from->table;
    out->cost = request->cost;
    out->shown = (const char *const *)candidates->shown.items;
    out->n_shown = candidates->shown.n;
done:
    jf_fit_free(j.own);
    return status;
}
