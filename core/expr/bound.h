/* What is inside a bound formula: shared by the files that bind it, build its inputs and evaluate it. */
#ifndef JF_CORE_EXPR_BOUND_H
#define JF_CORE_EXPR_BOUND_H

#include "core/expr/dag.h"
#include "core/expr/formula.h"
#include "core/expr/names.h"
#include "core/expr/program.h"

/* One column as the graph reads it, a SOURCE leaf. */
typedef enum jf_source_kind {
    JF_SOURCE_NUMBERS,
    JF_SOURCE_LABELS, /* the label's number in the formula's list of texts */
    JF_SOURCE_PREFIX  /* 1 where the label starts with `prefix` */
} jf_source_kind;

typedef struct jf_source {
    jf_source_kind kind;
    char *column;
    char *prefix;
} jf_source;

/* One label column in brackets. */
typedef struct jf_dimension {
    char *column;
    char *reference; /* or NULL */
    jf_names levels; /* all levels of the column when it was bound */
    long reference_index;
} jf_dimension;

/* The code of a level parameter: which of its parameters a row uses. */
typedef struct jf_level_input {
    jf_dimension *dimensions;
    size_t n_dimensions;
    int32_t *of_cell; /* product of the dimensions' levels, the last fastest; -1 reference, -2 not bound */
    size_t n_cells;
    size_t n_parameters;
} jf_level_input;

typedef enum jf_statistic { JF_MEAN, JF_DEVIATION, JF_MEDIAN } jf_statistic;

/* A value learned on the training rows. Its argument may use earlier ones. */
typedef struct jf_learned {
    jf_statistic statistic;
    jf_ref argument;
    jf_program program;
} jf_learned;

struct jf_formula {
    jf_dag dag;
    jf_ref root;
    bool gives_labels;   /* the root's values are numbers of `texts` (data-only expressions) */
    jf_names columns;    /* columns that are read, in order of appearance */
    jf_names texts;      /* strings, and levels of label columns that are compared */
    jf_names slot_names; /* bases, by slot */
    jf_source *sources;
    size_t n_sources, sources_capacity;
    jf_parameter *parameters;
    size_t n_parameters;
    jf_slot *slots;
    size_t n_slots, slots_capacity;
    jf_level_input *levels;
    size_t n_levels, levels_capacity;
    jf_learned *learned;
    size_t n_learned, learned_capacity;

    jf_ref *gradient; /* n_slots */
    jf_ref *pairs;   /* n_slots*(n_slots + 1)/2 second derivatives; JF_NONE where zero; NULL when not built */
    bool *pair_used; /* the same order: may a second derivative be other than zero? */
    jf_columns_used inputs;
    jf_program programs[3]; /* by jf_order; the last is empty when `pairs` is NULL */
    jf_program data;        /* inputs, and last whether the row is bad */
};

/* Pair (a, b), a >= b, in the order (0,0) (1,0) (1,1) (2,0) ... */
static inline size_t jf_pair(size_t a, size_t b)
{
    return a >= b ? a * (a + 1) / 2 + b : b * (b + 1) / 2 + a;
}

/* Where the rows of a request are, and what messages call it. */
typedef struct jf_rows {
    const size_t *index; /* NULL: all */
    size_t n;
} jf_rows;

static inline size_t jf_row_at(const jf_rows *rows, size_t i)
{
    return rows->index ? rows->index[i] : i;
}

/* What binding works on. */
typedef struct jf_binding {
    const char *what;
    const jf_columns *columns;
    jf_rows rows;
    const jf_bind_options *options;
    bool data_only; /* names that are no columns are errors */
    jf_warnings *warnings;
    jf_formula *formula;
    jf_error *err;
} jf_binding;

/* Builds the graph of `ast`; formula->root and gives_labels are set. */
jf_status jf_lower(jf_binding *binding, const jf_ast *ast);
/* The column of that name, unless the name is declared to be a parameter. */
const jf_column *jf_binding_column(const jf_binding *binding, const char *name);
/* "what: column N: ..." as the parser writes it. */
jf_status jf_binding_fail(const jf_binding *binding, jf_status status, const jf_ast *at, const char *format,
                          ...) __attribute__((format(printf, 4, 5)));
/* " (did you mean 'x'?)" among the columns' names, or "". */
const char *jf_binding_suggest(const jf_binding *binding, const char *name, char *buffer, size_t size);

/* The slot of a plain (`ast` is a NAME) or level parameter, made when it is new. */
jf_status jf_binding_slot(jf_binding *binding, const jf_ast *ast, size_t *slot);

jf_status jf_levels_bind(jf_binding *binding, const jf_ast *ast, jf_level_input *out);
void jf_levels_clear(jf_level_input *levels);
/* Names the parameters of a level slot: fills `parameters` (levels->n_parameters of them). */
jf_status jf_levels_name(const jf_level_input *levels, const char *base, size_t slot,
                         jf_parameter *parameters, jf_error *err);
jf_status jf_levels_code(const jf_level_input *levels, const jf_columns *columns, jf_rows rows,
                         int32_t *codes, jf_error *err);

/* Binds an expression over data only; with `slope_of`, its derivative by that column becomes
 * formula->gradient[0] (one entry) and a second input. */
jf_status jf_formula_bind_data(const char *what, const jf_ast *ast, const jf_columns *columns,
                               const char *slope_of, jf_formula **out, jf_error *err);

/* A matrix of doubles by column, each aligned to a cache line and readable for JF_LANES rows past its end. */
typedef struct jf_matrix {
    void *memory;
    double *values;
    size_t stride; /* from one column to the next */
} jf_matrix;

bool jf_matrix_new(size_t n_rows, size_t n_columns, jf_matrix *out);
void jf_matrix_free(jf_matrix *matrix);
/* Repeats a column's last value in the rows to spare, so that kernels meet nothing odd there. */
void jf_pad(double *column, size_t n);

struct jf_inputs {
    size_t n_rows;
    jf_matrix columns; /* formula->inputs.n of them */
    int32_t **codes;   /* by level input, padded like a column */
    size_t n_codes;
    bool *bad;         /* by row; NULL: none is */
    double *learned;   /* formula->n_learned */
    jf_matrix sources; /* what `columns` were computed from, kept when the formula learns */
};

/* The columns of a table as a formula reads them, ready to be read row by row. */
typedef struct jf_reader {
    const double *values;   /* numbers, by row of the table */
    const int32_t *codes;   /* labels, by row of the table */
    double *of_level;       /* owned: what each level reads as */
    const double *replaced; /* by position in the request */
    jf_column own;          /* labels made from numbers */
} jf_reader;

typedef struct jf_readers {
    jf_reader *items;
    size_t n;
    jf_names more_texts; /* levels that the formula's list of texts has not, numbered on from it */
} jf_readers;

jf_status jf_readers_open(const jf_formula *formula, const jf_columns *columns, const char *replaced_name,
                          const double *replaced, jf_readers *out, jf_error *err);
void jf_readers_close(jf_readers *readers);
/* Reads rows [row, row + n) of the request into column `index` of a matrix, at `out`, padded. */
void jf_readers_read(const jf_readers *readers, size_t index, const jf_rows *rows, size_t row, size_t n,
                     double *out);

/* As jf_inputs_build; `replaced` (when not NULL) is read instead of the column `replaced_name`, by position
 * in `rows`. */
jf_status jf_inputs_build_with(const jf_formula *formula, const jf_columns *columns, jf_rows rows,
                               const double *learned, const char *replaced_name, const double *replaced,
                               jf_inputs **out, jf_error *err);
/* The results of a data-only formula (jf_formula_bind_data) for `rows`, a block at a time: the value into
 * out[0], and the slope into out[1] (either may be NULL). `replaced` as above; it may be an output. */
jf_status jf_formula_write(const jf_formula *formula, const jf_columns *columns, jf_rows rows,
                           const char *replaced_name, const double *replaced, double *const out[2],
                           jf_error *err);
/* Input column `index`. */
const double *jf_inputs_column(const jf_inputs *inputs, size_t index);

#endif
