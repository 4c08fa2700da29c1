/* Loss functions and their names. */
#include "fit/loss.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/text.h"

/* What one residual costs, before its weight. */
typedef struct cost {
    double rho, psi, bend, omega;
} cost;

static inline cost cost_of_squares(double constant, double smoothing, double r)
{
    (void)constant, (void)smoothing;
    return (cost){0.5 * r * r, r, 1, 1};
}

static inline cost cost_of_huber(double d, double smoothing, double r)
{
    double size = fabs(r);

    (void)smoothing;
    if (size <= d) return (cost){0.5 * r * r, r, 1, 1};
    return (cost){d * (size - 0.5 * d), r < 0 ? -d : d, 0, d / size};
}

static inline cost cost_of_softl1(double d, double smoothing, double r)
{
    double u = r / d, root = sqrt(1 + u * u);

    (void)smoothing;
    return (cost){r * r / (1 + root), r / root, 1 / (root * root * root), 1 / root};
}

static inline cost cost_of_cauchy(double d, double smoothing, double r)
{
    double u = r / d, grown = 1 + u * u;

    (void)smoothing;
    return (cost){0.5 * d * d * log1p(u * u), r / grown, (1 - u * u) / (grown * grown), 1 / grown};
}

static inline cost cost_of_tukey(double c, double smoothing, double r)
{
    double u = r / c, left = 1 - u * u;

    (void)smoothing;
    if (fabs(u) >= 1) return (cost){c * c / 6, 0, 0, 0};
    return (cost){c * c / 6 * u * u * (3 - 3 * u * u + u * u * u * u), r * left * left,
                  left * (1 - 5 * u * u), left * left};
}

/* A kink with slopes -left and right, rounded by a parabola r^2 / (2 smoothing) that joins both sides
 * smoothly. Without rounding, omega is finite by a guard that no residual of a fit comes near. */
static inline cost cost_of_kink(double left, double right, double smoothing, double r)
{
    double slope = r < 0 ? left : right, size = fabs(r);

    if (size < slope * smoothing)
        return (cost){0.5 * r * r / smoothing, r / smoothing, 1 / smoothing, 1 / smoothing};
    return (cost){slope * (size - 0.5 * slope * smoothing),
                  r < 0   ? -slope
                  : r > 0 ? slope
                          : 0,
                  0, slope / fmax(size, 1e-300)};
}

static inline cost cost_of_l1(double constant, double smoothing, double r)
{
    (void)constant;
    return cost_of_kink(1, 1, smoothing, r);
}

static inline cost cost_of_quantile(double q, double smoothing, double r)
{
    return cost_of_kink(1 - q, q, smoothing, r);
}

/* A loss over a block of rows; one a kind, so that each is a loop of its own without a call a row. */
typedef double (*block_function)(const jf_penalty *penalty, size_t n, const double *r, const double *weight,
                                 double *psi, double *bend, double *omega);

#define BLOCK_OF(name, cost_of)                                                                              \
    static double name(const jf_penalty *penalty, size_t n, const double *r, const double *weight,           \
                       double *psi, double *bend, double *omega)                                             \
    {                                                                                                        \
        double constant = penalty->loss.constant, smoothing = penalty->smoothing, sum = 0;                   \
                                                                                                             \
        for (size_t i = 0; i < n; i++) {                                                                     \
            cost c = cost_of(constant, smoothing, r[i]);                                                     \
            double w = weight ? weight[i] : 1;                                                               \
                                                                                                             \
            sum += w * c.rho;                                                                                \
            psi[i] = w * c.psi;                                                                              \
            if (bend) bend[i] = w * c.bend;                                                                  \
            if (omega) omega[i] = w * c.omega;                                                               \
        }                                                                                                    \
        return sum;                                                                                          \
    }
BLOCK_OF(block_of_squares, cost_of_squares)
BLOCK_OF(block_of_huber, cost_of_huber)
BLOCK_OF(block_of_softl1, cost_of_softl1)
BLOCK_OF(block_of_cauchy, cost_of_cauchy)
BLOCK_OF(block_of_tukey, cost_of_tukey)
BLOCK_OF(block_of_l1, cost_of_l1)
BLOCK_OF(block_of_quantile, cost_of_quantile)

/* One row a loss. `usual`: 95 % efficiency at the normal law (Holland and Welsch 1977; softl1 by the same
 * criterion). */
typedef struct loss_row {
    const char *name;
    jf_loss_kind kind;
    block_function block;
    bool has_constant, has_kink, is_convex;
    double usual;
} loss_row;

static const loss_row rows[] = {
    {"ls", JF_LOSS_LS, block_of_squares, false, false, true, NAN},
    {"huber", JF_LOSS_HUBER, block_of_huber, true, false, true, 1.345},
    {"softl1", JF_LOSS_SOFTL1, block_of_softl1, true, false, true, 1.287},
    {"cauchy", JF_LOSS_CAUCHY, block_of_cauchy, true, false, false, 2.385},
    {"tukey", JF_LOSS_TUKEY, block_of_tukey, true, false, false, 4.685},
    {"l1", JF_LOSS_L1, block_of_l1, false, true, true, NAN},
    {"quantile", JF_LOSS_QUANTILE, block_of_quantile, true, true, true, NAN},
};
enum { N_ROWS = sizeof rows / sizeof *rows };

static const loss_row *row_of(jf_loss_kind kind)
{
    for (size_t i = 0; i < N_ROWS; i++)
        if (rows[i].kind == kind) return &rows[i];
    return &rows[0];
}

bool jf_loss_has_kink(const jf_loss *loss)
{
    return row_of(loss->kind)->has_kink;
}

void jf_loss_kink(const jf_loss *loss, double *left, double *right)
{
    bool quantile = loss->kind == JF_LOSS_QUANTILE;

    *left = quantile ? loss->constant - 1 : -1;
    *right = quantile ? loss->constant : 1;
}

bool jf_loss_is_convex(const jf_loss *loss)
{
    return row_of(loss->kind)->is_convex;
}

double jf_loss_reported(const jf_loss *loss, double sum)
{
    return loss->kind == JF_LOSS_LS ? 2 * sum : sum;
}

double jf_loss_usual_constant(jf_loss_kind kind)
{
    return row_of(kind)->usual;
}

double jf_penalty_block(const jf_penalty *penalty, size_t n, const double *r, const double *weight,
                        double *psi, double *bend, double *omega)
{
    return row_of(penalty->loss.kind)->block(penalty, n, r, weight, psi, bend, omega);
}

static jf_status bad_constant(const loss_row *row, const char *text, jf_error *err)
{
    if (row->kind == JF_LOSS_QUANTILE)
        return jf_fail(err, JF_EUSAGE, "loss '%s': expected quantile:Q with Q between 0 and 1", text);
    return jf_fail(err, JF_EUSAGE, "loss '%s': expected %s:D with D above 0", text, row->name);
}

jf_status jf_loss_read(const char *text, jf_loss *out, jf_error *err)
{
    const char *colon = strchr(text, ':');
    size_t length = colon ? (size_t)(colon - text) : strlen(text);
    const char *names[N_ROWS];
    char hint[80], name[24];
    double constant = NAN;

    *out = (jf_loss){JF_LOSS_LS, NAN};
    for (size_t i = 0; i < N_ROWS; i++) {
        const loss_row *row = &rows[i];

        names[i] = row->name;
        if (strlen(row->name) != length || strncmp(row->name, text, length)) continue;
        if (!row->has_constant && colon)
            return jf_fail(err, JF_EUSAGE, "loss '%s': %s has no constant", text, row->name);
        if (colon && !jf_number_read(colon + 1, strlen(colon + 1), &constant))
            return bad_constant(row, text, err);
        if (colon && !(constant > 0)) return bad_constant(row, text, err);
        if (row->kind == JF_LOSS_QUANTILE && !(constant < 1)) return bad_constant(row, text, err);
        *out = (jf_loss){row->kind, constant};
        return JF_OK;
    }
    snprintf(name, sizeof name, "%.*s", (int)(length < 20 ? length : 20), text);
    return jf_fail(err, JF_EUSAGE,
                   "loss: expected ls, huber:D, softl1:D, cauchy:D, tukey:C, l1 or quantile:Q, found '%s'%s",
                   text, jf_did_you_mean(hint, sizeof hint, name, names, N_ROWS));
}
