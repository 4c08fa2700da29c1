/* Inside the plans: a request as it was typed, a drawing in progress, and what all kinds share. */
#ifndef JF_FIT_SELECT_PLAN_PARTS_H
#define JF_FIT_SELECT_PLAN_PARTS_H

#include "core/stream.h"
#include "core/text.h"
#include "fit/select/plan.h"

enum { JF_MAX_COUNTS = 16 };

/* A plan's text, understood. Fields that a kind has no use for keep their defaults. */
typedef struct jf_plan_request {
    const char *text;
    const jf_plan_kind *kind;
    bool by_rows, down;
    size_t folds, repeats, rungs;
    double test, quantile;
    size_t counts[JF_MAX_COUNTS], n_counts; /* transfer: groups given back */
    char *column, *expression;              /* into the copy of the text that jf_plan_build holds */
    jf_text written;                        /* the text with its defaults */
} jf_plan_request;

typedef enum jf_side { JF_OUT, JF_TRAIN, JF_TEST } jf_side;

/* A plan while it is drawn: rows are dealt out by unit, a group or (without groups) a row. */
typedef struct jf_drawing {
    const jf_plan_data *data;
    const jf_plan_request *request;
    jf_plan *plan;
    size_t *unit; /* n_rows: unit of each row, 0 .. n_units - 1 in order of appearance */
    size_t n_units;
    jf_side *sides;    /* n_rows: what the kind decides for the next split */
    bool *unit_tests;  /* n_units: scratch */
    bool *seen;        /* scratch of jf_plan_lacks_level: codes that occur in training */
    size_t seen_codes; /* length of `seen` */
    double *values;    /* n_rows: of the plan's column, where it has a numeric one */
    size_t rows_held;  /* in all training lists so far */
} jf_drawing;

/* Cuts the text before the next ':' off `*rest` and moves on; NULL when nothing is left. A name in backquotes
 * may hold colons. */
char *jf_plan_next_field(char **rest);
/* Streams of one kind: plans of different kinds share no draws, and a longer plan begins as a shorter one. */
jf_stream jf_plan_stream_of(const jf_drawing *drawing, size_t index);
/* Units in random order; NULL when memory ran out. */
size_t *jf_plan_shuffled_units(const jf_drawing *drawing, jf_stream *stream);
/* Does a test row have a code that no training row has? */
bool jf_plan_lacks_level(const jf_drawing *drawing, const jf_side *sides);
/* Writes drawing->sides down as the next split. Takes over `name`. */
jf_status jf_plan_add_split(jf_drawing *drawing, char *name, jf_error *err);
char *jf_plan_split_name(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The rows of jf_plan_kinds. */
#define JF_DECLARE_PLAN(kind)                                                                                \
    jf_status jf_read_##kind(jf_plan_request *request, char *rest, jf_error *err);                           \
    jf_status jf_draw_##kind(jf_drawing *drawing, jf_error *err);
JF_DECLARE_PLAN(grouped)
JF_DECLARE_PLAN(kfold)
JF_DECLARE_PLAN(loo)
JF_DECLARE_PLAN(logo)
JF_DECLARE_PLAN(extrapolate)
JF_DECLARE_PLAN(ladder)
JF_DECLARE_PLAN(transfer)
JF_DECLARE_PLAN(holdout)
#undef JF_DECLARE_PLAN

#endif
