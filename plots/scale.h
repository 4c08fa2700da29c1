/* Axis scales: ranges, tics at readable places, and their labels. */
#ifndef JF_PLOTS_SCALE_H
#define JF_PLOTS_SCALE_H

#include <stdbool.h>
#include <stddef.h>

enum { JF_TICS_MAX = 128 };

typedef struct jf_tic {
    double at;
    char label[48]; /* "" for a minor tic */
} jf_tic;

typedef struct jf_scale {
    bool log;
    double low, high;
    jf_tic tics[JF_TICS_MAX];
    size_t n_tics;
} jf_scale;

/* What the labels must fit into. */
typedef struct jf_scale_room {
    double length_mm, size_pt;
    bool horizontal;
    bool doubling; /* tics at powers of two on a log axis, as far as they fit */
    bool whole;    /* the values are whole numbers: no labels between them on a linear axis */
} jf_scale_room;

/* Tics for low..high (low < high, both positive when log): as many labels as fit without touching, at 1, 2, 5
 * times a power of ten, on long log axes at powers of ten only. */
void jf_scale_build(jf_scale *scale, bool log, double low, double high, const jf_scale_room *room);
/* Millimetres from the left or lower end of a scale that is `length_mm` long. */
double jf_scale_position(const jf_scale *scale, double at, double length_mm);
/* The widest label in millimetres. */
double jf_scale_label_width(const jf_scale *scale, double size_pt);

#endif
