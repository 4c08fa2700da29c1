/* Very many points as a density: squares of the page, the darker the more points fall into them. */
#include <math.h>
#include "core/memory.h"
#include "plots/extent.h"
#include "plots/gnuplot_parts.h"

static const double square_mm = 1;
static const double overlap = 0.03; /* of a square: no white seams between neighbours */
static const double lightest[3] = {0xcf, 0xdc, 0xec},
                    darkest[3] = {0x3a, 0x6e, 0xa5}; /* black lines stay visible */

unsigned jf_density_colour(double share)
{
    unsigned colour = 0;

    for (size_t c = 0; c < 3; c++)
        colour = colour << 8 | (unsigned)lround(lightest[c] + share * (darkest[c] - lightest[c]));
    return colour;
}

/* One axis in squares. */
typedef struct squares {
    const jf_scale *scale;
    size_t n;
} squares;

static squares cut(const jf_scale *scale, double length_mm)
{
    double n = fmax(1, round(length_mm / square_mm));

    return (squares){scale, (size_t)n};
}

static size_t square_of(const squares *of, double value)
{
    double share = jf_scale_position(of->scale, value, 1);

    return share <= 0 ? 0 : share >= 1 ? of->n - 1 : (size_t)(share * (double)of->n);
}

/* The value at a place counted in squares from the low end. */
static double value_at(const squares *of, double place)
{
    double share = place / (double)of->n;

    if (of->scale->log) return of->scale->low * pow(of->scale->high / of->scale->low, share);
    return of->scale->low + share * (of->scale->high - of->scale->low);
}

static void add_square(jf_text *data, const squares *across, const squares *up, size_t i, size_t j,
                       unsigned colour)
{
    double x = (double)i, y = (double)j;
    const double row[] = {value_at(across, x + 0.5),
                          value_at(up, y + 0.5),
                          value_at(across, x - overlap),
                          value_at(across, x + 1 + overlap),
                          value_at(up, y - overlap),
                          value_at(up, y + 1 + overlap),
                          (double)colour};

    jf_gnuplot_add_data(data, row, sizeof row / sizeof *row);
}

jf_status jf_gnuplot_add_density(const jf_writer *to, const jf_panel *panel, const jf_panel_layout *layout,
                                 const jf_series *series, jf_error *err)
{
    squares across = cut(&layout->x, layout->right - layout->left);
    squares up = cut(&layout->y, layout->top - layout->bottom);
    size_t *counts = JF_NEW_ZEROED(size_t, across.n * up.n), most = 1;

    if (!counts) return jf_fail(err, JF_ENOMEM, "out of memory for a figure's points");
    for (size_t i = 0; i < series->n; i++) {
        size_t *count;
        if (!jf_series_visible(panel, series, i)) continue;
        count = &counts[square_of(&up, series->y[i]) * across.n + square_of(&across, series->x[i])];
        if (++*count > most) most = *count;
    }
    jf_text_addf(to->data, "# %zu points; at most %zu in a square\n", series->n, most);
    for (size_t j = 0; j < up.n; j++)
        for (size_t i = 0; i < across.n; i++) {
            size_t count = counts[j * across.n + i];
            if (!count) continue;
            double share = most > 1 ? log((double)count) / log((double)most) : 1;
            add_square(to->data, &across, &up, i, j, jf_density_colour(share));
        }
    jf_free(counts);
    return JF_OK;
}
