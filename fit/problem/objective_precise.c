/* Loss, gradient and lengths of an objective summed in double-double. */
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "fit/problem/loops.h"
#include "fit/problem/objective_parts.h"

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

/* Sums of rows begin .. end - 1 into `memory` (2 k), set to zero first. */
static precise sum_rows(jf_objective *o, const double *theta, size_t begin, size_t end, jf_twofold *memory,
                        bool *finite)
{
    precise p = {.gradient = memory, .length = memory + o->k};

    memset(memory, 0, 2 * o->k * sizeof *memory);
    *finite = jf_objective_visit_some(o, theta, JF_GRADIENT, begin, end, add_precise, &p);
    return p;
}

/* ---- many rows: in chunks over threads ---- */

typedef struct chunks {
    const double *theta;
    size_t k;
    precise *parts;
    jf_twofold *memory; /* 2 k a part */
    precise *total;
} chunks;

static bool sum_chunk(jf_objective *member, size_t begin, size_t end, size_t part, void *context)
{
    chunks *c = context;
    bool finite;

    c->parts[part] = sum_rows(member, c->theta, begin, end, c->memory + 2 * c->k * part, &finite);
    return finite;
}

static void add_twofold(jf_twofold *sum, const jf_twofold *part)
{
    jf_twofold_add(sum, part->high);
    jf_twofold_add(sum, part->low);
}

static bool add_chunk(size_t part, void *context)
{
    chunks *c = context;
    const precise *from = &c->parts[part];

    add_twofold(&c->total->loss, &from->loss);
    add_twofold(&c->total->size, &from->size);
    for (size_t j = 0; j < 2 * c->k; j++) add_twofold(&c->total->gradient[j], &from->gradient[j]);
    return true;
}

static bool sum_chunks(jf_objective *o, const double *theta, precise *total)
{
    size_t n = jf_team_parts(o, sizeof *total + 2 * o->k * sizeof(jf_twofold));
    chunks c = {.theta = theta, .k = o->k, .total = total};
    bool finite;

    memset(o->sums, 0, 2 * o->k * sizeof *o->sums);
    c.parts = JF_NEW_ARRAY(precise, n);
    c.memory = JF_NEW_ARRAY(jf_twofold, 2 * o->k * n);
    o->starved = o->starved || !c.parts || !c.memory;
    finite = n && !o->starved && jf_team_run(o, &(jf_team_pass){n, sum_chunk, add_chunk, &c});
    jf_free(c.parts);
    jf_free(c.memory);
    return finite;
}

bool jf_objective_precise(jf_objective *o, jf_point *point)
{
    precise p = {.gradient = o->sums, .length = o->sums + o->k};
    bool finite;

    o->evaluations++;
    if (o->n > JF_CHUNK_ROWS)
        finite = sum_chunks(o, point->theta, &p);
    else
        p = sum_rows(o, point->theta, 0, o->n, o->sums, &finite);
    for (size_t j = 0; finite && j < o->k; j++) {
        point->gradient[j] = jf_twofold_value(&p.gradient[j]);
        point->length[j] = sqrt(jf_twofold_value(&p.length[j]));
    }
    point->loss = finite ? jf_twofold_value(&p.loss) : INFINITY;
    point->size = finite ? sqrt(jf_twofold_value(&p.size)) : NAN;
    return finite && isfinite(point->loss) && jf_all_finite(point->gradient, o->k);
}
