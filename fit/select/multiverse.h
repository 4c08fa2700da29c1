/* The multiverse of counting conventions: one law refitted with every way to count what it reads (FLOPs by
 * four conventions, bytes by three), and how far its parameters and its fit move. */
#ifndef JF_FIT_SELECT_MULTIVERSE_H
#define JF_FIT_SELECT_MULTIVERSE_H

#include <jansson.h>
#include "fit/select/compare.h"

/* One way to count: "kaplan", in the table's column flops_kaplan. Texts are never NULL. */
typedef struct jf_choice {
    char *name, *column, *convention;
} jf_choice;

/* What is counted, by the name that laws use for it: "compute". */
typedef struct jf_role {
    char *name;
    jf_choice *choices;
    size_t n_choices, capacity;
} jf_role;

typedef struct jf_roles {
    jf_role *items;
    size_t n, capacity;
} jf_roles;

void jf_roles_free(jf_roles *roles);

/* How far one parameter moves over the universes in which it has an estimate. */
typedef struct jf_move {
    char *parameter;
    char *of; /* what it is the exponent of, as the law has it ("compute"); NULL: it is no exponent */
    double low, high;
    size_t low_in, high_in;   /* universes */
    double median, std_error; /* over universes; std_error: the median of the errors */
    double in_errors;         /* (high - low)/std_error: how many standard errors it moves */
    double *shares; /* of each role that the law reads: variance between its choices over all variance; what
                       is left of 1 is how the choices act together. NaN for a parameter that does not move */
} jf_move;

void jf_move_clear(jf_move *move);

/* A law in all its universes: candidate i of `comparison` is universe i, the first role turning slowest. */
typedef struct jf_law_multiverse {
    jf_law *law;            /* with the roles' names in the place of columns */
    size_t *roles, n_roles; /* that it reads: indices */
    size_t n_universes;
    jf_comparison *comparison;
    double *rmse_log; /* of the fits to all rows, log of the raw response; NaN where one is not positive */
    jf_move *moves;   /* every free parameter */
    size_t n_moves;
    char *verdict; /* one plain sentence */
} jf_law_multiverse;

typedef struct jf_multiverse {
    jf_roles roles; /* owned */
    jf_law_multiverse *laws;
    size_t n_laws;
} jf_multiverse;

enum { JF_MAX_UNIVERSES = 200 }; /* of one law */

/* Puts `column` in the place of role `role` in a law: of its name, or, where that does not occur, of the one
 * column of its choices that the law reads. *reads: whether it reads either. JF_EUSAGE when it reads several
 * choices of one role. */
jf_status jf_role_fill(jf_law *law, const jf_role *role, const char *column, bool *reads, jf_error *err);

/* Refits every law that reads one of the roles in all combinations of their choices: on the same rows and
 * splits within a law, without baselines, ablations and intervals. Laws that read none are left out; a role
 * that no law reads is JF_EUSAGE. Takes `roles` over (also on failure: they are emptied). */
jf_status jf_multiverse_run(const jf_laws *laws, jf_roles *roles, const jf_table *table, const size_t *rows,
                            size_t n_rows, const jf_groups *groups, const jf_compare_options *options,
                            jf_multiverse **out, jf_error *err);
void jf_multiverse_free(jf_multiverse *multiverse);
/* The choice of universe `universe` for the k-th role that the law reads. */
size_t jf_universe_choice(const jf_multiverse *multiverse, const jf_law_multiverse *law, size_t universe,
                          size_t k);

/* What each parameter is the exponent of: fills moves with `parameter` and `of`. A parameter is an exponent
 * where it multiplies a logarithm ("a*log(C)": of C) or stands above something ("C^a"). */
jf_status jf_moves_find(const jf_law *law, const jf_comparison *comparison, jf_move **out, size_t *n,
                        jf_error *err);
/* Fills the numbers of the moves, lets go those without any, and writes the verdict. */
jf_status jf_moves_measure(const jf_multiverse *multiverse, jf_law_multiverse *law, jf_error *err);

/* The key `multiverse` of a comparison's JSON; NULL when memory ran out. A number that does not exist is
 * null. roles: [{role, choices: [{name, column, convention}]}] laws:  one for each law that reads a role: law
 * {name, formula (with the roles' names)}, roles (names of those it reads), rows, groups, plan, extrapolation
 * (plan or null), metric (that `score` is of), verdict universes: [{choices: [a name for each of `roles`],
 * formula, outcome, k, rmse_log (fit to all rows), aicc, delta_aicc, score (validated), outside (pooled
 * rmse_log of the extrapolation), parameters: [{name, estimate, std_error, ci_low, ci_high, state}]}] moves:
 * [{parameter, exponent (true or false), of, low, low_in, high, high_in (indices into universes), median,
 * std_error, in_errors, shares: [{role, share}]}] fit_moves: {rmse_log, aicc, score, outside: {low, low_in,
 * high, high_in}} */
json_t *jf_multiverse_to_json(const jf_multiverse *multiverse);

#endif
