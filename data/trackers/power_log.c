/* Power traces of a raw log. */
#include "data/trackers/power_log.h"

#include <string.h>
#include "core/memory.h"
#include "core/text.h"

jf_status jf_power_log_add(jf_power_log *log, const char *key, const char *model, const jf_trace *trace,
                           jf_error *err)
{
    jf_power_trace *item;
    jf_text name = {0};

    if (!jf_grow((void **)&log->items, &log->capacity, log->n + 1, sizeof *log->items))
        return jf_fail(err, JF_ENOMEM, "out of memory for a power trace");
    item = &log->items[log->n++];
    *item = (jf_power_trace){0};
    jf_text_addf(&name, model && *model ? "%s (%s)" : "%s", key, model);
    item->name = jf_text_take(&name);
    item->trace.time_s = JF_NEW_ARRAY(double, trace->n);
    item->trace.power_W = JF_NEW_ARRAY(double, trace->n);
    if (!item->name || !item->trace.time_s || !item->trace.power_W)
        return jf_fail(err, JF_ENOMEM, "out of memory for a power trace");
    item->trace.n = item->trace.capacity = trace->n;
    if (trace->n) {
        memcpy(item->trace.time_s, trace->time_s, trace->n * sizeof *trace->time_s);
        memcpy(item->trace.power_W, trace->power_W, trace->n * sizeof *trace->power_W);
    }
    return JF_OK;
}

void jf_power_log_free(jf_power_log *log)
{
    for (size_t i = 0; i < log->n; i++) {
        jf_free(log->items[i].name);
        jf_trace_free(&log->items[i].trace);
    }
    jf_free(log->items);
    *log = (jf_power_log){0};
}
