/* Saved results read back: what is no result of joulefit is an error that names the file. */
#include <string.h>
#include "core/input.h"
#include "core/memory.h"
#include "fit/model/json_parts.h"
#include "fit/model/model_file.h"

enum { MOST_BYTES = 1 << 30 };

static jf_status judge_result(const char *path, const json_t *json, const char **kind, jf_error *err)
{
    const json_t *schema = json_object_get(json, "schema");

    if (!json_is_object(json) || !json_is_string(json_object_get(json, "joulefit")))
        return jf_fail(err, JF_EDATA, "%s: JSON, but no result of joulefit", path);
    if (!json_is_integer(schema) || json_integer_value(schema) < 1)
        return jf_fail(err, JF_EDATA, "%s: the result says no schema", path);
    if (json_integer_value(schema) > JF_SCHEMA)
        return jf_fail(err, JF_EDATA, "%s: schema %lld is newer than the %d that this joulefit reads", path,
                       (long long)json_integer_value(schema), JF_SCHEMA);
    const char *named = json_string_value(json_object_get(json, "kind"));

    if (named && strcmp(named, "simulate") == 0)
        *kind = "simulate";
    else if (named && strcmp(named, "verify") == 0)
        *kind = "verify";
    else if (json_is_array(json_object_get(json, "candidates")))
        *kind = "compare";
    else if (json_is_array(json_object_get(json, "parameters")))
        *kind = "fit";
    else
        return jf_fail(err, JF_EDATA, "%s: the result is none of fit, compare, simulate or verify", path);
    return JF_OK;
}

jf_status jf_result_parse(const char *name, const char *bytes, size_t length, json_t **out, const char **kind,
                          jf_error *err)
{
    json_error_t where;
    json_t *json = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, &where);
    jf_status status;

    *out = NULL;
    *kind = NULL;
    if (!json) return jf_fail(err, JF_EDATA, "%s:%d: not JSON: %s", name, where.line, where.text);
    status = judge_result(name, json, kind, err);
    if (status == JF_OK)
        *out = json;
    else
        json_decref(json);
    return status;
}

jf_status jf_result_read(const char *path, json_t **out, const char **kind, jf_error *err)
{
    jf_status status = JF_OK;
    char *bytes;
    size_t length;

    *out = NULL;
    *kind = NULL;
    JF_TRY(jf_input_read(path, MOST_BYTES, &bytes, &length, err));
    if (!length) JF_TRY(jf_fail(err, JF_EDATA, "%s: the file is empty", path));
    JF_TRY(jf_result_parse(path, bytes, length, out, kind, err));
done:
    jf_free(bytes);
    return status;
}
