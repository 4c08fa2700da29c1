/* The part `data` of a study as options of one command. */
#include "cli/setup.h"

#include <string.h>
#include "core/memory.h"

char *jf_folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    if (!slash) return jf_copy_text(".");
    return slash == path ? jf_copy_text("/") : jf_copy_bytes(path, (size_t)(slash - path));
}

jf_status jf_setup_files(const jf_settings_file *file, const jf_yaml *data, jf_option_list *out,
                         jf_error *err)
{
    const jf_yaml *value = jf_yaml_get(data, "file");
    jf_status status = JF_OK;

    if (!value) return JF_OK;
    if (value->kind == JF_YAML_MAP || (value->kind == JF_YAML_LIST && value->n == 0))
        return jf_fail(err, JF_EDATA, "%s:%d: file: expected a data file, or a list of them", file->name,
                       value->line);
    for (size_t i = 0; i < (value->kind == JF_YAML_LIST ? value->n : 1); i++) {
        const jf_yaml *one = value->kind == JF_YAML_LIST ? value->items[i] : value;
        const char *path;
        if (one->kind != JF_YAML_SCALAR || !*one->text)
            return jf_fail(err, JF_EDATA, "%s:%d: file: expected the name of a data file", file->name,
                           one->line);
        JF_TRY(jf_settings_path(file, one->text, &path, err));
        if (!jf_option_list_add(out, path)) JF_TRY_NEW(NULL, err, "options");
    }
done:
    return status;
}

jf_status jf_setup_read(const char *path, const jf_option_set *sets, size_t n_sets, jf_setup *out,
                        jf_error *err)
{
    static const char *const others[] = {"file", NULL};
    jf_settings_file file = {.name = path, .pool = &out->pool};
    jf_status status = JF_OK;
    const jf_yaml *data;

    out->folder = jf_folder_of(path);
    JF_TRY_NEW(out->folder, err, path);
    if (strcmp(out->folder, ".") != 0) file.folder = out->folder;
    JF_TRY(jf_yaml_read_file(path, &out->root, err));
    data = jf_yaml_get(out->root, "data");
    if (!data) JF_TRY(jf_fail(err, JF_EDATA, "%s: the study has no part 'data'", path));
    JF_TRY(jf_setup_files(&file, data, &out->data, err));
    JF_TRY(jf_settings_apply(&file, data, others, sets, n_sets, err));
done:
    return status;
}

void jf_setup_free(jf_setup *setup)
{
    jf_yaml_free(setup->root);
    jf_words_free(&setup->pool);
    jf_option_list_free(&setup->data);
    jf_free(setup->folder);
    *setup = (jf_setup){0};
}
