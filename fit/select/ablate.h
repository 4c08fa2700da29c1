/* Laws with one term dropped. */
#ifndef JF_FIT_SELECT_ABLATE_H
#define JF_FIT_SELECT_ABLATE_H

#include "core/column.h"
#include "core/options.h"
#include "fit/law/law.h"
#include "fit/select/compare.h"
#include "fit/select/validate.h"

/* The law without one of its terms; called "NAME - TERM". */
typedef struct jf_ablated {
    char *term; /* as the formula has it: "b*log(M)", "r[strategy = \"Baseline\"]" */
    jf_law *law;
} jf_ablated;

/* Every law that dropping one term of `law` makes. A term is a side of a sum or difference, wherever that
 * stands in the formula, or an argument of lse(), that has a parameter (a name that is no column, or is among
 * `declared`). A constant is one too (a floor), save in sums of logarithms, where it is an intercept.
 * Settings of parameters that are dropped go with them. *out: *n of them, freed with jf_ablated_free. */
jf_status jf_ablate(const jf_law *law, const jf_columns *columns, const jf_option_list *declared,
                    jf_ablated **out, size_t *n, jf_error *err);
void jf_ablated_free(jf_ablated *ablated, size_t n);

/* The law without a column: terms that read no other column are dropped, and elsewhere 1 stands for it.
 * Settings of parameters that are gone go with them. `name` is the new law's. */
jf_status jf_law_without(const jf_law *law, const char *column, const char *name, const jf_columns *columns,
                         const jf_option_list *declared, jf_law **out, jf_error *err);

/* Fits and validates, as the candidates were, every law that dropping one term of candidate `of` makes, and
 * appends the results to comparison->ablations. A law that cannot be bound or fitted without the term is left
 * out: the term is what holds it together. */
jf_status jf_ablations_add(jf_comparison *comparison, size_t of, const jf_validate_setup *setup,
                           jf_metric criterion, jf_error *err);
void jf_ablations_free(jf_ablation *ablations, size_t n);

#endif
