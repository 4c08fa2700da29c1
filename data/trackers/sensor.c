/* The on-board power sensors of GPUs: update period and averaging window by architecture (arXiv 2312.02741,
 * table 1). */
#include "data/trackers/trace.h"

#include <math.h>
#include <string.h>

typedef struct sensor_row {
    const char
        *pattern; /* found anywhere in the GPU's name, whatever the case; the first row that fits counts */
    jf_sensor sensor;
} sensor_row;

static const sensor_row sensors[] = {
    {"gh200", {"Grace Hopper", 0.100, 0.020, false}},   {"h100", {"Hopper", 0.100, 1.000, true}},
    {"h200", {"Hopper", 0.100, 1.000, true}},           {"a100", {"Ampere GA100", 0.100, 0.025, false}},
    {"a30", {"Ampere GA100", 0.100, 0.025, false}},     {"rtx 30", {"Ampere (consumer)", 0.100, 0.100, true}},
    {"a40", {"Ampere (consumer)", 0.100, 0.100, true}}, {"v100", {"Volta", 0.020, 0.010, false}},
    {"p100", {"Pascal", 0.020, 0.010, false}},          {"t4", {"Turing", 0.100, 0.100, false}},
    {"rtx 20", {"Turing", 0.100, 0.100, false}},        {"rtx 6000", {"Turing", 0.100, 0.100, false}},
};

const jf_sensor *jf_sensor_find(const char *gpu_name)
{
    for (size_t i = 0; gpu_name && i < sizeof sensors / sizeof *sensors; i++) {
        if (strcasestr(gpu_name, sensors[i].pattern)) return &sensors[i].sensor;
    }
    return NULL;
}

void jf_sensor_check(const jf_sensor *sensor, double duration_s, jf_warnings *warnings)
{
    double slower;

    if (!sensor) return;
    slower = fmax(sensor->update_s, sensor->window_s);
    if (duration_s < 10 * slower) {
        jf_warn(warnings, "W_SHORT_RUN",
                "a run of %.3g s is short for the power sensor of %s, which needs %.3g s", duration_s,
                sensor->architecture, 10 * slower);
    }
    if (sensor->window_s < sensor->update_s) {
        jf_warn(warnings, "W_SENSOR_BLIND", "the power sensor of %s sees only %.0f %% of the time",
                sensor->architecture, 100 * sensor->window_s / sensor->update_s);
    }
}
