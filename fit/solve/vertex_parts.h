/* What the files of the vertex method share. Coordinates are the parameters that may move, each in units in
 * which its column has length one; x is a step from the point at which the law is made linear. */
#ifndef JF_FIT_VERTEX_PARTS_H
#define JF_FIT_VERTEX_PARTS_H

#include "fit/problem/objective.h"

/* What keeps x where it is: m items, so many as coordinates. */
typedef enum jf_item_kind {
    JF_ITEM_OPEN, /* nothing: a coordinate that has not moved yet */
    JF_ITEM_ROW,  /* a residual of zero */
    JF_ITEM_LOW,  /* a bound */
    JF_ITEM_HIGH
} jf_item_kind;
typedef struct jf_item {
    jf_item_kind kind;
    size_t index; /* the row, else the coordinate */
} jf_item;

/* Where a row's residual changes sign along an edge. */
typedef struct jf_stop {
    double distance;
    size_t row;
} jf_stop;

typedef struct jf_vertex {
    jf_objective *o;
    const double *base; /* k: where the law is made linear */
    size_t k, m, n;
    double left, right; /* slopes at the kink */
    long *column;       /* k: coordinate of a parameter, or -1 */
    size_t *index;      /* m: the other way */
    double *unit;       /* m: change of the parameter for one step of the coordinate */
    double *total;      /* m: sum of weight |J| */
    double *low, *high; /* m: bounds of x */
    double *x, *gradient;
    double *pull;    /* m: change of the loss' smooth part as one item alone moves */
    double *edge;    /* m: direction of travel */
    double *move;    /* k: the same in parameters */
    double *rows;    /* m x m, row-major: the items' derivatives by x */
    double *inverse; /* m x m, column-major: column p moves item p alone */
    jf_item *items;
    double *first, *residual, *along; /* n: at x = 0, at x, and the change of values along the edge */
    bool *basic;                      /* n: an item */
    jf_stop *heap;                    /* n */
    double shift;                     /* of residuals, to tell ties apart */
    double size;                      /* sum of weight slope^2 */
} jf_vertex;

/* Number that tells row i apart from those that it ties with: between 0.5 and 1 in size, either sign. */
double jf_vertex_shift(size_t row);
/* Passes over all rows. The first one: residuals, lengths and totals; false where something is not finite. */
bool jf_vertex_begin(jf_vertex *v);
/* gradient of the rows that are no items, and size. */
void jf_vertex_slope(jf_vertex *v);
/* along = change of values for one step along `direction` (m). */
void jf_vertex_look_along(jf_vertex *v, const double *direction);
/* residual = what x leaves, with shifts. */
void jf_vertex_residuals(jf_vertex *v);
/* Derivatives of one row by the coordinates (m). */
void jf_vertex_row(jf_vertex *v, size_t row, double *out);

/* How far along v->edge the loss falls, whose slope there is `slope` < 0 (0: to the nearest row), and the
 * item that ends it. False where nothing ends it. */
bool jf_vertex_travel(jf_vertex *v, double slope, double *distance, jf_item *end);

#endif
