/* Inside validation: what the pieces of work share. */
#ifndef JF_FIT_SELECT_VALIDATE_PARTS_H
#define JF_FIT_SELECT_VALIDATE_PARTS_H

#include "fit/select/refit.h"
#include "fit/select/two_stage.h"
#include "fit/select/validate.h"

/* What all pieces of work share; read-only while they run, but for each piece's own scores and pool rows. */
typedef struct jf_runner {
    const jf_validate_setup *setup;
    jf_candidate *candidates;
    size_t n_candidates;
    jf_refit_law *laws;     /* n_candidates; whole is NULL for a law that could not be fitted */
    jf_left_out **left_out; /* n_candidates: of linear laws, else NULL */
    size_t *place;          /* of each table row among setup->rows */
    size_t *unit;           /* n_rows: group of each row, renumbered */
    size_t n_groups;
    size_t *alone;   /* n_rows: 0, 1, 2, ...: units of plans by rows */
    size_t n_splits; /* of all plans together */
    double **staged; /* n_splits: what the columns of first stages hold there; NULL: there are none */
} jf_runner;

/* A jf_work: item law * n_splits + split, all plans' splits one after the other. */
jf_status jf_run_piece(void *context, size_t item, int thread, jf_error *err);
/* A jf_work: what first stages predict on split `item`. */
jf_status jf_run_stages(void *context, size_t item, int thread, jf_error *err);
/* Scores n predictions of the rows `place` of a law (low, high NULL: no intervals; loss NULL: not wanted),
 * with the weights that the user gave. */
jf_status jf_score_rows(const jf_refit_law *law, const size_t *place, const double *value, const double *raw,
                        const double *low, const double *high, size_t n, jf_metrics *metrics, double *loss,
                        jf_error *err);
void jf_no_metrics(jf_metrics *metrics);

#endif
