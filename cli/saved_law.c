/* Reads a law back from a saved result. */
#include "cli/saved_law.h"

#include <math.h>
#include <string.h>
#include "cli/result.h"
#include "core/memory.h"
#include "core/text.h"
#include "fit/model/model_file.h"

bool jf_is_saved_law(const char *text)
{
    size_t length = strlen(text);

    return !strchr(text, '~') && length > 5 && strcmp(text + length - 5, ".json") == 0;
}

void jf_saved_law_clear(jf_saved_law *saved)
{
    jf_law_free(saved->law);
    jf_model_free(saved->model);
    jf_free(saved->formula);
    *saved = (jf_saved_law){0};
}

static const char *text_at(const json_t *json, const char *key)
{
    const char *text = json_string_value(json_object_get(json, key));

    return text ? text : "";
}

static double number_at(const json_t *json, const char *key, double by_default)
{
    const json_t *value = json_object_get(json, key);

    return json_is_number(value) ? json_number_value(value) : by_default;
}

/* Bounds, fixed values, and that its names are parameters whatever columns there are. */
static jf_status take_settings(const json_t *fit, jf_saved_law *saved, jf_error *err)
{
    const json_t *parameter;
    size_t i;

    for (size_t j = 0; j < saved->model->k; j++) {
        char *base = jf_parameter_base(saved->model->names[j]);
        jf_parameter_spec *spec = base ? jf_law_spec(saved->law, base) : NULL;
        jf_free(base);
        if (!spec) return jf_fail(err, JF_ENOMEM, "out of memory for a law");
        spec->declared = true;
    }
    json_array_foreach(json_object_get(fit, "parameters"), i, parameter)
    {
        jf_parameter_spec *spec;
        if (strcmp(text_at(parameter, "state"), "tied") == 0) continue;
        spec = jf_law_spec(saved->law, text_at(parameter, "name"));
        if (!spec) return jf_fail(err, JF_ENOMEM, "out of memory for a law");
        spec->lower = number_at(parameter, "lower", -INFINITY);
        spec->upper = number_at(parameter, "upper", INFINITY);
        if (strcmp(text_at(parameter, "state"), "fixed") == 0)
            spec->fixed = number_at(parameter, "estimate", NAN);
    }
    return JF_OK;
}

static jf_status build_law(const json_t *fit, jf_saved_law *saved, jf_error *err)
{
    jf_status status = JF_OK;
    const json_t *law = json_object_get(fit, "law");
    jf_text text = {0};

    jf_text_addf(&text, "%s ~ %s", saved->model->response, saved->model->formula);
    JF_TRY_NEW(text.data && !text.failed, err, "a law");
    JF_TRY(jf_law_read(text.data, &saved->law, err));
    jf_free(saved->law->name);
    saved->law->name = jf_copy_text(*text_at(law, "name") ? text_at(law, "name") : "law1");
    saved->formula = jf_copy_text(text_at(law, "formula"));
    JF_TRY_NEW(saved->law->name && saved->formula, err, "a law");
    if (saved->model->error == JF_ERROR_RELATIVE) saved->law->error = JF_ERROR_RELATIVE;
    JF_TRY(take_settings(fit, saved, err));
done:
    jf_text_free(&text);
    return status;
}

jf_status jf_saved_law_read(const char *path, jf_saved_law *out, jf_error *err)
{
    jf_status status = JF_OK;
    json_t *result = NULL;
    const json_t *fit = NULL;
    const char *kind;

    *out = (jf_saved_law){.file = path};
    JF_TRY(jf_result_read(path, &result, &kind, err));
    JF_TRY(jf_result_fit(result, kind, NULL, &fit, err));
    JF_TRY(jf_model_of_json(fit, &out->model, err));
    JF_TRY(build_law(fit, out, err));
done:
    json_decref(result);
    if (status != JF_OK) jf_saved_law_clear(out);
    return status;
}
