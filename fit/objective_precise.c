/* Loss, gradient and lengths of an objective summed in double-double. */
#include <math.h>
#include <string.h>
#include "fit/loops.h"
#include "fit/objective_parts.h"

/* Beyond this many rows only the sums of whole blocks are carried in double-double. */
enum { ROWS_SUMMED_TWOFOLD = 100000 };

typedef struct precise {
    jf_twofold loss, size;
    jf_twofold *gradient, *length; /* k */
} precise;

static void add_precise_slot(jf_objective *o, const jf_rows *rows, size_t a, precise *p)
{
    const double *slope = rows->slots[a];
    jf_touch touch = jf_rows_touch(o, rows, a);

    if (!touch.codes && o->n > ROWS_SUMMED_TWOFOLD) {
        jf_twofold_add(&p->gradient[touch.first], -cblas_ddot((int)rows->n, o->psi, 1, slope, 1));
        for (size_t i = 0; i < rows->n; i++) o->row[i] = (rows->weight ? rows->weight[i] : 1) * slope[i];
        jf_twofold_add(&p->length[touch.first], cblas_ddot((int)rows->n, o->row, 1, slope, 1));
        return;
    }
    for (size_t i = 0; i < rows->n; i++) {
        long j = jf_touched(&touch, i);

        if (j < 0) continue;
        jf_twofold_add_product(&p->gradient[j], -o->psi[i], slope[i]);
        jf_twofold_add(&p->length[j], (rows->weight ? rows->weight[i] : 1) * slope[i] * slope[i]);
    }
}

static void add_precise(jf_objective *o, const jf_rows *rows, void *context)
{
    precise *p = context;

    if (o->penalty.loss.kind == JF_LOSS_LS) {
        for (size_t i = 0; i < rows->n; i++) {
            o->psi[i] = (rows->weight ? rows->weight[i] : 1) * rows->residual[i];
            jf_twofold_add_product(&p->loss, 0.5 * o->psi[i], rows->residual[i]);
        }
    } else {
        jf_twofold_add(&p->loss, jf_penalty_block(&o->penalty, rows->n, rows->residual, rows->weight, o->psi,
                                                  NULL, NULL));
    }
    jf_twofold_add(&p->size, o->loops->pulls(rows->n, o->psi, rows->weight));
    for (size_t a = 0; a < o->n_slots; a++)
        if (o->used[a]) add_precise_slot(o, rows, a, p);
}

bool jf_objective_precise(jf_objective *o, jf_point *point)
{
    precise p = {.gradient = o->sums, .length = o->sums + o->k};
    bool finite;

    memset(o->sums, 0, 2 * o->k * sizeof *o->sums);
    finite = jf_objective_visit(o, point->theta, JF_GRADIENT, add_precise, &p);
    for (size_t j = 0; finite && j < o->k; j++) {
        point->gradient[j] = jf_twofold_value(&p.gradient[j]);
        point->length[j] = sqrt(jf_twofold_value(&p.length[j]));
    }
    point->loss = finite ? jf_twofold_value(&p.loss) : INFINITY;
    point->size = finite ? sqrt(jf_twofold_value(&p.size)) : NAN;
    return finite && isfinite(point->loss) && jf_all_finite(point->gradient, o->k);
}
