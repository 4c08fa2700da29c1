/* A candidate law: a formula with what is known about its parameters, typed by a user or taken from the
 * catalogue. */
#ifndef JF_FIT_LAW_H
#define JF_FIT_LAW_H

#include <stdbool.h>
#include <stddef.h>
#include "core/error.h"
#include "core/expr/ast.h"

/* How noise enters: additive on the response as written, on its logarithm, or relative to the prediction. */
typedef enum jf_error_kind {
    JF_ERROR_AS_WRITTEN,
    JF_ERROR_LOG,
    JF_ERROR_ADDITIVE,
    JF_ERROR_RELATIVE
} jf_error_kind;

/* Settings of one parameter, or of all levels of one; NaN where nothing is said. */
typedef struct jf_parameter_spec {
    char *name;                   /* "a", "h0" (all levels) or "h0[TP]" */
    double range_low, range_high; /* where starts are drawn */
    bool log_range;               /* draw logarithmically (many orders of magnitude) */
    double lower, upper;          /* bounds, -inf / inf when open */
    double start;
    double fixed;
    double published;
    bool positive; /* a scale parameter: searched on its logarithm */
    bool declared; /* a parameter whatever columns there are: from a laws file */
    jf_ast *tie;   /* an expression of other parameters, or NULL */
} jf_parameter_spec;

/* What a law reads, by the name its formula uses. `low` to `high` is where such values usually lie (NaN: not
 * said), a label's usual levels are in `levels`: for help, simulated designs and tests, never for fits. */
typedef struct jf_law_input {
    char *name, *meaning;
    char *unit; /* "" when it has none */
    double low, high;
    char **levels;
    size_t n_levels;
} jf_law_input;

typedef struct jf_law {
    char *name; /* "chinchilla"; "law1" when none was given */
    char *text; /* `response ~ formula` as typed */
    jf_ast *response;
    jf_ast *formula;
    jf_error_kind error;
    jf_parameter_spec *specs;
    size_t n_specs, specs_capacity;
    jf_law_input *inputs;
    size_t n_inputs;
    char *source; /* NULL when typed */
    char *title;  /* one line for `joulefit laws`; NULL when typed */
    char *group;  /* heading that `joulefit laws` lists it under; NULL when typed or not said */
    bool from_catalogue;
} jf_law;

/* From text: `log(E) ~ ...` or `name: log(E) ~ ...`. */
jf_status jf_law_read(const char *text, jf_law **out, jf_error *err);
jf_law *jf_law_copy(const jf_law *law); /* NULL when memory ran out */
void jf_law_free(jf_law *law);
void jf_law_input_clear(jf_law_input *input);
/* The spec of a parameter name, made (all NaN / infinite bounds) when there is none. NULL when memory ran
 * out. */
jf_parameter_spec *jf_law_spec(jf_law *law, const char *name);
/* The same, but NULL when there is none. */
const jf_parameter_spec *jf_law_find_spec(const jf_law *law, const char *name);
/* Do two parameter names mean the same: `r[TP]`, `r["TP"]`, `r[ TP ]`? */
bool jf_parameter_name_same(const char *a, const char *b);
/* "r" of "r[TP]"; freed with jf_free, NULL when memory ran out. */
char *jf_parameter_base(const char *name);
/* First character of `stops` in `text` that stands outside of quotes and brackets; the end when there is
 * none. */
const char *jf_find_outside(const char *text, const char *stops);
/* "a=1,b=2" (--start, --fix), "a=0:2,b=:1" (--bounds), "b = 2*a" (--tie). Names may have a level: h0[TP]=1.
 * A name that the formula does not hold is JF_EUSAGE with a suggestion; after a failure some of the settings
 * may have been taken. */
jf_status jf_law_set_starts(jf_law *law, const char *text, jf_error *err);
jf_status jf_law_set_fixed(jf_law *law, const char *text, jf_error *err);
jf_status jf_law_set_bounds(jf_law *law, const char *text, jf_error *err);
jf_status jf_law_set_tie(jf_law *law, const char *text, jf_error *err);
/* Lets go the parameters that the law holds at their published constants, so that data can judge them. */
void jf_law_release_published(jf_law *law);
/* "N=params,D=tokens": replaces the inputs' names in formula and response by expressions (--map), all at
 * once, so that "a=b,b=a" swaps. Inside level brackets only a column can stand. */
jf_status jf_law_map(jf_law *law, const char *text, jf_error *err);
/* Does the formula or the response hold this name, as a column, a parameter or a level column? */
bool jf_law_reads(const jf_law *law, const char *name);
/* "log", "additive", "relative" or "as written" (NULL: as written). */
jf_status jf_error_kind_read(const char *text, jf_error_kind *out, jf_error *err);
extern const char *const jf_error_kind_names[]; /* by jf_error_kind */

/* Many laws, in order. */
typedef struct jf_laws {
    jf_law **items;
    size_t n, capacity;
} jf_laws;

void jf_laws_free(jf_laws *laws);
/* The catalogue compiled into the program (fit/laws.yaml). */
jf_status jf_laws_builtin(jf_laws *out, jf_error *err);
/* A laws file: the same YAML. */
jf_status jf_laws_read_file(const char *path, jf_laws *out, jf_error *err);
/* By name; JF_EUSAGE with a suggestion. */
jf_status jf_laws_find(const jf_laws *laws, const char *name, const jf_law **out, jf_error *err);

#endif
