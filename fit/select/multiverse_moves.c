/* How far parameters move over the universes of counting conventions, and which convention moves them. */
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/summary.h"
#include "core/text.h"
#include "fit/select/multiverse.h"

/* ---- which parameters are exponents ---- */

static bool is_logarithm(const jf_ast *ast)
{
    return ast->kind == JF_AST_CALL && (ast->function == JF_FN_LOG || ast->function == JF_FN_LOG2 ||
                                        ast->function == JF_FN_LOG10 || ast->function == JF_FN_LOG1P);
}

/* The first logarithm in a factor, "log(C)" in "(log(C) - 1)"; NULL without one. */
static const jf_ast *find_logarithm(const jf_ast *ast)
{
    const jf_ast *found = is_logarithm(ast) ? ast : NULL;

    for (size_t i = 0; i < ast->n_args && !found; i++) found = find_logarithm(ast->args[i]);
    return found;
}

static bool is_product(const jf_ast *ast)
{
    return ast->kind == JF_AST_CALL && ast->function == JF_FN_MUL;
}

/* Is `name` one of the factors of a product, by itself? */
static bool is_factor(const jf_ast *ast, const char *name)
{
    if (is_product(ast)) return is_factor(ast->args[0], name) || is_factor(ast->args[1], name);
    if (ast->kind == JF_AST_CALL && ast->function == JF_FN_NEG) return is_factor(ast->args[0], name);
    return (ast->kind == JF_AST_NAME || ast->kind == JF_AST_LEVELS) && strcmp(ast->text, name) == 0;
}

static bool holds_name(const jf_ast *ast, const char *name)
{
    if ((ast->kind == JF_AST_NAME || ast->kind == JF_AST_LEVELS) && strcmp(ast->text, name) == 0) return true;
    for (size_t i = 0; i < ast->n_args; i++)
        if (holds_name(ast->args[i], name)) return true;
    return false;
}

/* What `name` is the exponent of, somewhere in the tree; NULL: of nothing. */
static const jf_ast *exponent_of(const jf_ast *ast, const char *name)
{
    const jf_ast *found = NULL;

    if (is_product(ast) && is_factor(ast, name)) {
        found = find_logarithm(ast);
        if (found) return found->args[0];
    }
    if (ast->kind == JF_AST_CALL && ast->function == JF_FN_POW && holds_name(ast->args[1], name))
        return ast->args[0];
    for (size_t i = 0; i < ast->n_args && !found; i++) found = exponent_of(ast->args[i], name);
    return found;
}

static jf_status find_move(const jf_law *law, const jf_estimate *estimate, jf_move *out, jf_error *err)
{
    jf_status status = JF_OK;
    char *base = jf_parameter_base(estimate->name);
    const jf_ast *of;

    out->parameter = jf_copy_text(estimate->name);
    JF_TRY_NEW(base && out->parameter, err, "parameters");
    of = exponent_of(law->formula, base);
    if (!of) goto done;
    out->of = jf_ast_print(of);
    JF_TRY_NEW(out->of, err, "parameters");
done:
    jf_free(base);
    return status;
}

/* The first universe that has a fit: all have the same parameters. */
static const jf_fit *first_fit(const jf_comparison *comparison)
{
    for (size_t i = 0; i < comparison->n_candidates; i++) {
        const jf_fit *fit = comparison->candidates[i].fit;
        if (fit && fit->outcome != JF_FAILED) return fit;
    }
    return NULL;
}

jf_status jf_moves_find(const jf_law *law, const jf_comparison *comparison, jf_move **out, size_t *n,
                        jf_error *err)
{
    jf_status status = JF_OK;
    const jf_fit *fit = first_fit(comparison);

    *n = 0;
    *out = JF_NEW_ZEROED(jf_move, fit ? fit->n_estimates + 1 : 1);
    JF_TRY_NEW(*out, err, "parameters");
    for (size_t i = 0; fit && i < fit->n_estimates; i++) {
        jf_state state = fit->estimates[i].state;
        if (state == JF_STATE_FIXED || state == JF_STATE_TIED) continue;
        JF_TRY(find_move(law, &fit->estimates[i], &(*out)[(*n)++], err));
    }
done:
    return status;
}

/* ---- how far they move ---- */

static const jf_estimate *estimate_in(const jf_law_multiverse *law, size_t universe, const char *name)
{
    const jf_fit *fit = law->comparison->candidates[universe].fit;

    if (!fit || fit->outcome == JF_FAILED) return NULL;
    for (size_t i = 0; i < fit->n_estimates; i++)
        if (strcmp(fit->estimates[i].name, name) == 0) return &fit->estimates[i];
    return NULL;
}

static double median_of_known(double *values, size_t n_all)
{
    size_t n = 0;

    for (size_t i = 0; i < n_all; i++)
        if (!isnan(values[i])) values[n++] = values[i];
    return jf_median(values, n);
}

static void find_range(const double *values, size_t n, jf_move *move)
{
    move->low = move->high = NAN;
    for (size_t u = 0; u < n; u++) {
        if (isnan(values[u])) continue;
        if (isnan(move->low) || values[u] < move->low) move->low = values[u], move->low_in = u;
        if (isnan(move->high) || values[u] > move->high) move->high = values[u], move->high_in = u;
    }
}

/* Sum of squares between the choices of the k-th role, about `mean`. */
static double between(const jf_multiverse *m, const jf_law_multiverse *law, size_t k, const double *values,
                      double mean)
{
    double squares = 0;

    for (size_t c = 0; c < m->roles.items[law->roles[k]].n_choices; c++) {
        double sum = 0;
        size_t n = 0;
        for (size_t u = 0; u < law->n_universes; u++) {
            if (jf_universe_choice(m, law, u, k) != c || isnan(values[u])) continue;
            sum += values[u];
            n++;
        }
        if (n) squares += (sum / (double)n - mean) * (sum / (double)n - mean) * (double)n;
    }
    return squares;
}

static void find_shares(const jf_multiverse *m, const jf_law_multiverse *law, const double *values,
                        jf_move *move)
{
    double sum = 0, squares = 0, mean;
    size_t n = 0;

    for (size_t u = 0; u < law->n_universes; u++)
        if (!isnan(values[u])) sum += values[u], n++;
    mean = sum / (double)n;
    for (size_t u = 0; u < law->n_universes; u++)
        if (!isnan(values[u])) squares += (values[u] - mean) * (values[u] - mean);
    for (size_t k = 0; k < law->n_roles; k++)
        move->shares[k] = squares > 0 ? between(m, law, k, values, mean) / squares : NAN;
}

static jf_status measure(const jf_multiverse *m, const jf_law_multiverse *law, jf_move *move, jf_error *err)
{
    jf_status status = JF_OK;
    double *values = JF_NEW_ARRAY(double, law->n_universes), *errors = JF_NEW_ARRAY(double, law->n_universes);

    move->shares = JF_NEW_ARRAY(double, law->n_roles);
    JF_TRY_NEW(values && errors && move->shares, err, "--multiverse");
    for (size_t u = 0; u < law->n_universes; u++) {
        const jf_estimate *estimate = estimate_in(law, u, move->parameter);
        values[u] = estimate ? estimate->value : NAN;
        errors[u] = estimate ? estimate->std_error : NAN;
    }
    find_range(values, law->n_universes, move);
    find_shares(m, law, values, move);
    move->median = median_of_known(values, law->n_universes);
    move->std_error = median_of_known(errors, law->n_universes);
    move->in_errors = (move->high - move->low) / move->std_error;
done:
    jf_free(values);
    jf_free(errors);
    return status;
}

/* ---- in words ---- */

/* The role that accounts for most of a parameter's movement. */
static size_t main_role(const jf_law_multiverse *law, const jf_move *move)
{
    size_t best = 0;

    for (size_t k = 1; k < law->n_roles; k++)
        if (move->shares[k] > move->shares[best]) best = k;
    return best;
}

static void say_move(const jf_multiverse *m, const jf_law_multiverse *law, const jf_move *move, jf_text *out)
{
    char low[JF_NUMBER_TEXT], high[JF_NUMBER_TEXT];
    size_t role = main_role(law, move);

    jf_text_addf(out, "%s (of %s) runs from %s to %s", move->parameter, move->of,
                 jf_number_short(low, move->low, 3), jf_number_short(high, move->high, 3));
    if (isfinite(move->in_errors)) jf_text_addf(out, ", %.1f standard errors", move->in_errors);
    if (law->n_roles > 1 && move->shares[role] > 0)
        jf_text_addf(out, ", %.0f %% of it by the choice of %s", 100 * move->shares[role],
                     m->roles.items[law->roles[role]].name);
}

/* The exponents of what is counted, not of other columns. */
static bool is_of_role(const jf_multiverse *m, const jf_law_multiverse *law, const jf_move *move)
{
    for (size_t k = 0; move->of && k < law->n_roles; k++)
        if (strcmp(move->of, m->roles.items[law->roles[k]].name) == 0) return true;
    return false;
}

static void say_scores(const jf_law_multiverse *law, jf_text *out)
{
    char low_text[JF_NUMBER_TEXT], high_text[JF_NUMBER_TEXT];
    double low = NAN, high = NAN;
    size_t best = 0;

    for (size_t u = 0; u < law->n_universes; u++) {
        double score = law->comparison->candidates[u].score;
        if (isnan(score)) continue;
        if (isnan(low) || score < low) low = score;
        if (isnan(high) || score > high) high = score;
        if (law->comparison->candidates[u].rank == 1) best = u;
    }
    if (isnan(low)) return;
    jf_text_addf(out, "%s the validated %s from %s to %s (ranked first: %s)", out->length ? ";" : "",
                 law->comparison->metric, jf_number_short(low_text, low, 3),
                 jf_number_short(high_text, high, 3), law->comparison->candidates[best].law->name);
}

static jf_status say_verdict(const jf_multiverse *m, jf_law_multiverse *law, jf_error *err)
{
    jf_text moves = {0}, out = {0};

    for (size_t i = 0; i < law->n_moves; i++) {
        if (!is_of_role(m, law, &law->moves[i])) continue;
        if (moves.length) jf_text_add(&moves, "; ");
        say_move(m, law, &law->moves[i], &moves);
    }
    say_scores(law, &moves);
    jf_text_addf(&out, "Over %zu ways of counting, %s.", law->n_universes,
                 moves.length ? moves.data : "there is nothing to compare");
    if (moves.failed) out.failed = true;
    jf_text_free(&moves);
    law->verdict = jf_text_take(&out);
    return law->verdict ? JF_OK : jf_fail(err, JF_ENOMEM, "out of memory for --multiverse");
}

/* Parameters that no universe has an estimate of do not move. */
static void drop_unmeasured(jf_law_multiverse *law)
{
    size_t kept = 0;

    for (size_t i = 0; i < law->n_moves; i++) {
        jf_move *move = &law->moves[i];
        if (!isnan(move->low)) {
            law->moves[kept++] = *move;
            continue;
        }
        jf_move_clear(move);
    }
    law->n_moves = kept;
}

jf_status jf_moves_measure(const jf_multiverse *multiverse, jf_law_multiverse *law, jf_error *err)
{
    jf_status status = JF_OK;

    for (size_t i = 0; i < law->n_moves; i++) JF_TRY(measure(multiverse, law, &law->moves[i], err));
    drop_unmeasured(law);
    JF_TRY(say_verdict(multiverse, law, err));
done:
    return status;
}
