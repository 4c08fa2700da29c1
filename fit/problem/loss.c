/* Loss functions and their names. */
#include "fit/problem/loss.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/text.h"
#include "fit/problem/loops.h"

/* One row a loss. `usual`: 95 % efficiency at the normal law (Holland and Welsch 1977; softl1 by the same
 * criterion). */
typedef struct loss_row {
    const char *name;
    jf_loss_kind kind;
    bool has_constant, has_kink, is_convex;
    double usual;
} loss_row;

static const loss_row rows[] = {
    {"ls", JF_LOSS_LS, false, false, true, NAN},
    {"huber", JF_LOSS_HUBER, true, false, true, 1.345},
    {"softl1", JF_LOSS_SOFTL1, true, false, true, 1.287},
    {"cauchy", JF_LOSS_CAUCHY, true, false, false, 2.385},
    {"tukey", JF_LOSS_TUKEY, true, false, false, 4.685},
    {"l1", JF_LOSS_L1, false, true, true, NAN},
    {"quantile", JF_LOSS_QUANTILE, true, true, true, NAN},
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
    return jf_loops_active()->penalty[penalty->loss.kind](penalty, n, r, weight, psi, bend, omega);
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
        if (strlen(row->name) != length || strncmp(row->name, text, length) != 0) continue;
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
