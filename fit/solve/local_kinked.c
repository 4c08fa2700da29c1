/* Local fits of losses with a kink: to a vertex, or to where Newton's method proves a minimum off vertices.
 */
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "fit/solve/kinked.h"
#include "fit/solve/local_parts.h"
#include "fit/solve/refine.h"
#include "fit/solve/vertex.h"

static const double ROUNDED_FIRST = 0.05;  /* of the spread: width of the kink where edges begin */
static const double ROUNDED_NEWTON = 2e-3; /* width from which an exact end is looked for */
static const double ROUNDED_LAST = 1e-10;
static const double NOTHING = 1e-14; /* of the loss: no gain */
enum { MOST_VERTICES = 40 };

/* A law that is linear: down its edges, from where rounding the kink widely leads. A second time, from the
 * vertex, takes back what rounding has cost. */
static jf_status fit_linear(jf_local *l, jf_minimum *m, jf_error *err)
{
    const jf_problem *p = l->objective->problem;
    jf_status status = JF_OK;
    double spread = jf_local_spread(l, m->theta);

    if (!l->warm && spread > 1e3 * l->objective->rounding) {
        l->objective->penalty.smoothing = ROUNDED_FIRST * spread;
        jf_local_descend(l, 1e-6, l->max_iterations, false, m);
        l->objective->penalty.smoothing = 0;
    }
    for (int i = 0; i < 2; i++) JF_TRY(jf_vertex_find(l->objective, p->lower, p->upper, m, err));
    if (!jf_objective_loss(l->objective, m->theta, &m->loss))
        status = jf_fail(err, JF_EFIT, "the law is not finite");
done:
    return status;
}

/* ---- from vertex to vertex of the law made linear --------------------------------------------------------
 */

/* Sequential linear programming (Osborne and Watson 1971; Fletcher and Sainz de la Maza 1989). */
typedef struct slide {
    jf_objective *o;
    jf_minimum next;
    jf_point point; /* for the lengths of columns */
    double *lower, *upper;
    double radius; /* how far the law is taken as linear: change of the values, as a length */
} slide;

static jf_status slide_new(jf_objective *o, slide *s, jf_error *err)
{
    jf_status status = JF_OK;

    *s = (slide){.o = o, .lower = JF_NEW_ARRAY(double, 2 * o->k)};
    JF_TRY_NEW(s->lower, err, "a solver");
    s->upper = s->lower + o->k;
    JF_TRY(jf_minimum_new(o->k, &s->next, err));
    JF_TRY(jf_point_new(o->k, &s->point, err));
done:
    return status;
}

static void slide_clear(slide *s)
{
    jf_free(s->lower);
    jf_minimum_clear(&s->next);
    jf_point_clear(&s->point);
}

/* The box about theta in which the law is taken as linear; false where it has no derivatives. */
static bool set_box(slide *s, const double *theta)
{
    const jf_problem *p = s->o->problem;

    memcpy(s->point.theta, theta, s->o->k * sizeof *theta);
    if (!jf_objective_precise(s->o, &s->point)) return false;
    for (size_t j = 0; j < p->k; j++) {
        double reach = s->point.length[j] > 0 ? s->radius / s->point.length[j] : 0;

        s->lower[j] = fmax(p->lower[j], theta[j] - reach);
        s->upper[j] = fmin(p->upper[j], theta[j] + reach);
    }
    return true;
}

/* The vertex found is where m stands: what it proves is m's. Sides of the box are no bounds. */
static void take_proof(slide *s, double tolerance, jf_minimum *m)
{
    const jf_problem *p = s->o->problem;
    double loss = m->loss;

    memcpy(s->next.theta, m->theta, p->k * sizeof(double));
    jf_minimum_copy(m, &s->next, p->k);
    m->loss = loss;
    m->converged = m->converged && m->scaled_gradient <= tolerance;
    for (size_t j = 0; j < p->k; j++) {
        if (!m->bound[j] || m->theta[j] == (m->bound[j] < 0 ? p->lower[j] : p->upper[j])) continue;
        m->bound[j] = 0;
        m->converged = false;
    }
}

/* From vertex to vertex until none is lower: m->converged says whether that proved m a minimum. */
static jf_status slide_down(jf_local *l, jf_minimum *m, jf_error *err)
{
    jf_objective *o = l->objective;
    jf_status status = JF_OK;
    slide s;

    m->converged = false;
    JF_TRY(slide_new(o, &s, err));
    s.radius = jf_local_spread(l, m->theta) * sqrt((double)o->n);
    for (int i = 0; i < MOST_VERTICES && jf_objective_loss(o, m->theta, &m->loss); i++) {
        double promised, loss;

        if (!set_box(&s, m->theta)) break;
        memcpy(s.next.theta, m->theta, o->k * sizeof(double));
        JF_TRY(jf_vertex_find(o, s.lower, s.upper, &s.next, err));
        promised = m->loss - s.next.loss;
        if (promised <= NOTHING * m->loss) {
            take_proof(&s, l->tolerance, m);
            break;
        }
        if (jf_objective_loss(o, s.next.theta, &loss) && m->loss - loss > 0.1 * promised) {
            memcpy(m->theta, s.next.theta, o->k * sizeof(double));
            m->iterations++;
        } else {
            s.radius *= 0.25;
        }
    }
done:
    slide_clear(&s);
    return status;
}

/* ---- a law that is not linear ----------------------------------------------------------------------------
 */

/* Newton's method on the rows that seem to have residual zero, else from vertex to vertex. */
static jf_status finish(jf_local *l, double width, jf_minimum *m, jf_error *err)
{
    jf_status status = JF_OK;

    JF_TRY(jf_refine(l->objective, l->tolerance, JF_REFINE_STEPS, m, err));
    status = jf_kinked_finish(l->objective, width, l->tolerance, m, err);
    if (status == JF_OK && m->converged) goto done;
    if (status == JF_ENOMEM) goto done;
    l->objective->penalty.smoothing = 0;
    JF_TRY(slide_down(l, m, err));
done:
    return status;
}

/* The kink rounded over ever less, until an exact end is found. */
static jf_status fit_nonlinear(jf_local *l, jf_minimum *m, jf_error *err)
{
    jf_status status = JF_OK;
    double spread = fmax(jf_local_spread(l, m->theta), 1e3 * l->objective->rounding);

    m->converged = false;
    for (double width = spread; width > ROUNDED_LAST * spread; width *= 0.1) {
        l->objective->penalty.smoothing = width;
        if (!jf_local_descend(l, 1e-9, l->max_iterations, false, m))
            JF_TRY(jf_fail(err, JF_EFIT, "the law or a derivative is not finite at the start"));
        m->converged = false;
        if (width > ROUNDED_NEWTON * spread) continue;
        JF_TRY(finish(l, width, m, err));
        if (m->converged) break;
    }
done:
    l->objective->penalty.smoothing = 0;
    return status;
}

jf_status jf_local_fit_kinked(jf_local *l, jf_minimum *m, jf_error *err)
{
    return jf_formula_is_linear(l->objective->problem->formula) ? fit_linear(l, m, err)
                                                                : fit_nonlinear(l, m, err);
}
