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

static jf_status find_file(const jf_settings_file *file, const jf_yaml *data, const char **out, jf_error *err)
{
    const jf_yaml *value = jf_yaml_get(data, "file");

    *out = NULL;
    if (!value) return JF_OK;
    if (value->kind != JF_YAML_SCALAR || !*value->text)
        return jf_fail(err, JF_EDATA, "%s:%d: expected one data file", file->name, value->line);
    return jf_settings_path(file, value->text, out, err);
}

jf_status jf_setup_read(const char *path, const jf_option_set *sets, size_t n_sets, jf_setup *out,
                        jf_error *err)
{
    static const char *const others[] = {"file", "import", NULL};
    jf_settings_file file = {.name = path, .pool = &out->pool};
    jf_status status = JF_OK;
    const jf_yaml *data;

    out->folder = jf_folder_of(path);
    JF_TRY_NEW(out->folder, err, path);
    if (strcmp(out->folder, ".") != 0) file.folder = out->folder;
    JF_TRY(jf_yaml_read_file(path, &out->root, err));
    data = jf_yaml_get(out->root, "data");
    if (!data) JF_TRY(jf_fail(err, JF_EDATA, "%s: the study has no part 'data'", path));
    JF_TRY(find_file(&file, data, &out->data, err));
    JF_TRY(jf_settings_apply(&file, data, others, sets, n_sets, err));
done:
    return status;
}

void jf_setup_free(jf_setup *setup)
{
    jf_yaml_free(setup->root);
    jf_words_free(&setup->pool);
    jf_free(setup->folder);
    *setup = (jf_setup){0};
}
