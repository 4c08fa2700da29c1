/* Figures by kind: one row of a table each, from a saved result, from runs, or from both. */
#ifndef JF_REPORTS_FIGURES_H
#define JF_REPORTS_FIGURES_H

#include <jansson.h>
#include "data/table.h"
#include "plots/figure.h"

/* Efficiencies of runs, by measurement and by a law; n each, NaN where there is none. */
typedef struct jf_efficiency {
    double *measured, *predicted, *gpus;
    size_t n;
    const char *what; /* "energy efficiency" */
} jf_efficiency;

/* What a figure is made from; all borrowed. Zero it, and fill what there is. */
typedef struct jf_figure_source {
    const json_t *result;  /* a saved fit or comparison; NULL: none */
    const char *law;       /* of a comparison; NULL: the best */
    const char *x;         /* input along which a curve runs; NULL: the widest */
    const char *by;        /* label column whose levels are drawn apart; NULL: chosen */
    const jf_table *table; /* runs; NULL: none */
    const size_t *rows;    /* of the table, n_rows of them; NULL: all */
    size_t n_rows;
    const struct jf_power_log *log;  /* a raw power log; NULL: none */
    const jf_efficiency *efficiency; /* of the runs by the law of `result`; NULL: none */
} jf_figure_source;

typedef enum jf_figure_wants {
    JF_WANTS_FIT = 1, /* a fit, or a comparison, whose best or named law is taken */
    JF_WANTS_COMPARISON = 2,
    JF_WANTS_RUNS = 4, /* a table of runs */
    JF_WANTS_LOG = 8,  /* a raw power log */
    JF_TAKES_RUNS = 16 /* a table of runs, where there is one, in place of those that were fitted */
} jf_figure_wants;

typedef struct jf_figure_kind {
    const char *name;    /* "parity" */
    const char *title;   /* what it shows, lower case, no full stop */
    int wants;           /* of jf_figure_wants: each must be there */
    const char *needs;   /* what the source must hold: "a fit with bootstrap intervals" */
    const char *made_by; /* the command that makes it */
    const char *proxies; /* features that the runs must have, parted by commas; NULL: none */
    /* NULL: whatever has what `wants` says will do. */
    bool (*serves)(const jf_figure_source *source);
    /* Gets a figure without panels, and fills it. */
    jf_status (*build)(const jf_figure_source *source, jf_figure *figure, jf_error *err);
} jf_figure_kind;

extern const jf_figure_kind jf_figure_kinds[]; /* ends with a NULL name */

/* JF_EUSAGE with a suggestion when there is none of that name. */
jf_status jf_figure_find(const char *name, const jf_figure_kind **out, jf_error *err);
/* Can the figure be made of this? */
bool jf_figure_serves(const jf_figure_kind *kind, const jf_figure_source *source);
/* JF_EDATA where the source lacks something: what is needed, and the command that makes it. */
jf_status jf_figure_build(const jf_figure_kind *kind, const jf_figure_source *source, jf_figure **out,
                          jf_error *err);

#endif
