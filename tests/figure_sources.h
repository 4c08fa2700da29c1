/* What every kind of figure can be drawn from: saved results, bundled runs, a bundled power log. */
#ifndef JF_TESTS_FIGURE_SOURCES_H
#define JF_TESTS_FIGURE_SOURCES_H

#include "data/trackers/power_log.h"
#include "reports/figures.h"

enum { N_FIGURE_RESULTS = 5 };

typedef struct figure_sources {
    json_t *results[N_FIGURE_RESULTS]; /* fits and comparisons of tests/golden/reports */
    jf_table *table;                   /* the bundled sweep, with the features that figures want */
    jf_power_log log;
} figure_sources;

void figure_sources_load(figure_sources *all);
void figure_sources_free(figure_sources *all);
/* The source number `i` (from 0): a result with the table and the log beside it. */
jf_figure_source figure_source_at(const figure_sources *all, size_t i);
/* The first source that serves the kind; fails when none does. */
jf_figure_source figure_source_for(const figure_sources *all, const jf_figure_kind *kind);
/* Puts `name` in the place of every name that comes from outside: laws, parameters, columns, levels, units,
 * conventions, devices. */
void figure_sources_rename(figure_sources *all, const char *name);

#endif
