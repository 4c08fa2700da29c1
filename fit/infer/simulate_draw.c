/* Draws responses on a design: one table a thread, one stream a study. */
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/stream.h"
#include "fit/infer/simulate.h"

void jf_world_clear(jf_world *world)
{
    jf_table_free(world->table);
    jf_groups_free(&world->groups);
    jf_free(world->effect);
    jf_free(world->value);
    *world = (jf_world){0};
}

/* Rows of the design, one copy after another. */
static jf_status copy_table(const jf_truth *truth, jf_world *world, jf_error *err)
{
    jf_status status = JF_OK;
    size_t n_columns = truth->table->n_columns;
    const char **names = JF_NEW_ARRAY(const char *, n_columns);
    size_t *rows = JF_NEW_ARRAY(size_t, world->n);

    JF_TRY_NEW(names && rows, err, "a simulated table");
    for (size_t i = 0; i < n_columns; i++) names[i] = truth->table->columns[i].name;
    for (size_t i = 0; i < world->n; i++) rows[i] = i % truth->n;
    JF_TRY(jf_table_extract(truth->table, names, n_columns, rows, world->n, &world->table, err));
    for (size_t i = 0; i < n_columns; i++)
        if (strcmp(world->table->columns[i].name, jf_transform_raw(truth->problem->transform)) == 0)
            world->raw = world->table->columns[i].values;
done:
    jf_free(names);
    jf_free(rows);
    return status;
}

jf_status jf_world_new(const jf_truth *truth, size_t copies, jf_world *out, jf_error *err)
{
    jf_status status = JF_OK;
    size_t n_groups = truth->groups.n_groups;

    *out = (jf_world){.truth = truth, .n = truth->n * copies, .copies = copies};
    JF_TRY(copy_table(truth, out, err));
    out->value = JF_NEW_ARRAY(double, out->n);
    out->effect = JF_NEW_ARRAY(double, n_groups *copies);
    JF_TRY_NEW(out->value && out->effect, err, "a simulated table");
    if (!n_groups) goto done;
    out->groups.group = JF_NEW_ARRAY(uint32_t, out->n);
    JF_TRY_NEW(out->groups.group, err, "a simulated table");
    out->groups.n_rows = out->n;
    out->groups.n_groups = n_groups * copies;
    for (size_t i = 0; i < out->n; i++)
        out->groups.group[i] = truth->groups.group[i % truth->n] + (uint32_t)(i / truth->n * n_groups);
done:
    if (status != JF_OK) jf_world_clear(out);
    return status;
}

const jf_groups *jf_world_groups(const jf_world *world)
{
    return world->groups.n_groups ? &world->groups : NULL;
}

jf_status jf_world_draw(jf_world *world, uint64_t seed, uint64_t index, jf_error *err)
{
    const jf_truth *truth = world->truth;
    jf_stream stream = jf_stream_make(seed, JF_FOR_SIMULATION, index);
    jf_columns columns = jf_table_columns(world->table);

    for (size_t g = 0; g < world->groups.n_groups; g++)
        world->effect[g] = truth->group_sd * jf_stream_normal(&stream);
    for (size_t i = 0; i < world->n; i++) {
        size_t run = i % truth->n;
        double shared = world->groups.n_groups ? world->effect[world->groups.group[i]] : 0;

        world->value[i] =
            truth->mean[run] + truth->share[run] * shared + truth->scatter[run] * jf_stream_normal(&stream);
    }
    return jf_transform_inverse(truth->problem->transform, &columns, NULL, world->n, world->value, world->raw,
                                err);
}

bool jf_world_is_finite(const jf_world *world)
{
    for (size_t i = 0; i < world->n; i++)
        if (!isfinite(world->raw[i])) return false;
    return true;
}

uint64_t jf_study_index(jf_study_kind kind, size_t part, size_t replicate)
{
    return (uint64_t)kind << 56 | (uint64_t)part << 40 | (uint64_t)replicate;
}
