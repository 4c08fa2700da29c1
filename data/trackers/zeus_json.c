/* Zeus: profiles over power limits and results of training, in JSON. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "core/text.h"
#include "data/trackers/devices.h"
#include "data/trackers/formats.h"
#include "data/trackers/json_text.h"

/* Is this a file of power by power limit: {"100000": 98.2, ...} and nothing else? */
static bool begins_with_limit(const char *head)
{
    size_t digits;

    head += strspn(head, " \t\r\n");
    if (*head++ != '{') return false;
    head += strspn(head, " \t\r\n");
    if (*head++ != '"') return false;
    digits = strspn(head, "0123456789");
    return digits >= 4 && digits <= 8 && head[digits] == '"'; /* 1000 mW and up */
}

static bool recognise(const char *head, const char *path)
{
    (void)path;
    if (head[strspn(head, " \t\r\n")] != '{') return false;
    if (strstr(head, "\"measurements\"") && strstr(head, "\"power_limit\"") && strstr(head, "\"energy\""))
        return true;
    if (strstr(head, "\"energy\"") && strstr(head, "\"num_epochs\"") && strstr(head, "\"reached\""))
        return true;
    return begins_with_limit(head);
}

static jf_status add(const char *path, jf_import *into, jf_measured **out, jf_error *err)
{
    jf_status status = JF_OK;

    *out = jf_import_add(into, 0);
    JF_TRY_NEW(*out, err, path);
    (*out)->method = JF_BY_COUNTER;
    (*out)->run_id = jf_run_of_path(path);
    JF_TRY_NEW((*out)->run_id, err, path);
    JF_TRY(jf_measured_text(&(*out)->scope, "gpu", err));
    into->ledger->rows_read++;
    into->ledger->rows_kept++;
done:
    return status;
}

static jf_status read_profile(const char *path, const json_t *measurements, jf_import *into, jf_error *err)
{
    for (size_t i = 0; i < json_array_size(measurements); i++) {
        const json_t *item = json_array_get(measurements, i);
        jf_measured *run;
        jf_status status = add(path, into, &run, err);
        if (status != JF_OK) return status;
        run->power_limit_W = jf_json_member(item, "power_limit");
        run->gpu_energy_J = jf_json_member(item, "energy");
        run->duration_s = jf_json_member(item, "time");
    }
    return JF_OK;
}

static jf_status read_result(const char *path, const json_t *root, jf_import *into, jf_error *err)
{
    jf_status status = JF_OK;
    const json_t *reached = json_object_get(root, "reached");
    char cost[JF_NUMBER_TEXT];
    jf_measured *run;

    JF_TRY(add(path, into, &run, err));
    run->gpu_energy_J = jf_json_member(root, "energy");
    run->duration_s = jf_json_member(root, "time");
    run->epochs = jf_json_member(root, "num_epochs");
    if (json_is_boolean(reached))
        JF_TRY(jf_measured_add(run, "reached", json_is_true(reached) ? "true" : "false", err));
    if (json_is_number(json_object_get(root, "cost")))
        JF_TRY(jf_measured_add(run, "zeus_cost", jf_number_exact(cost, jf_json_member(root, "cost")), err));
done:
    return status;
}

/* Keys are limits in mW, values mean powers in W. */
static jf_status read_powers(const char *path, json_t *root, jf_import *into, jf_error *err)
{
    const char *key;
    json_t *value;

    json_object_foreach(root, key, value)
    {
        double milliwatts;
        jf_measured *run;
        jf_status status;
        if (!jf_number_read(key, strlen(key), &milliwatts) || !json_is_number(value))
            return jf_fail(err, JF_EDATA, "%s: expected powers by limit in mW, found '%.60s'", path, key);
        status = add(path, into, &run, err);
        if (status != JF_OK) return status;
        run->power_limit_W = 1e-3 * milliwatts;
        run->mean_power_W = json_number_value(value);
    }
    return JF_OK;
}

static jf_status read(const char *path, jf_import *into, jf_error *err)
{
    jf_status status = JF_OK;
    json_t *root = NULL, *measurements;
    size_t n_replaced;

    JF_TRY(jf_json_file(path, &root, &n_replaced, err));
    measurements = json_object_get(root, "measurements");
    if (json_is_array(measurements))
        JF_TRY(read_profile(path, measurements, into, err));
    else if (json_object_get(root, "energy"))
        JF_TRY(read_result(path, root, into, err));
    else if (json_object_size(root))
        JF_TRY(read_powers(path, root, into, err));
    else
        JF_TRY(jf_fail(err, JF_EDATA, "%s: expected a profile, a result or powers by limit", path));
done:
    json_decref(root);
    return status;
}

const jf_tracker jf_tracker_zeus_json = {
    "zeus-json", "Zeus's profile over power limits, power.json and train.json", recognise, read};
