/* Commands that a study asks for. */
#include "cli/task.h"

#include "cli/settings_file.h"
#include "core/memory.h"

static jf_status add_words(jf_task *task, const jf_option_list *words, jf_error *err)
{
    for (size_t i = 0; words && i < words->n; i++)
        if (!jf_option_list_add(&task->session.arguments, words->items[i]))
            return jf_fail(err, JF_ENOMEM, "out of memory for options");
    return JF_OK;
}

/* The seed belongs to the study or to the task; what else is common comes from the command line. */
static void take_common(jf_task *task, const jf_common_options *common)
{
    task->session.common.threads = common->threads;
    task->session.common.seed = common->seed;
    task->session.common.quiet = true;
    task->session.common.no_color = true;
}

jf_status jf_task_build(jf_study *study, const jf_command *command, const jf_yaml *const *maps, size_t n_maps,
                        const char *const *others, const jf_option_list *words,
                        const jf_common_options *common, jf_task *out, jf_error *err)
{
    jf_settings_file file = {.name = study->path, .pool = &study->pool};
    jf_status status = JF_OK;

    *out = (jf_task){.command = command, .settings = jf_alloc_zero(1, command->settings_size)};
    JF_TRY_NEW(out->settings, err, "options");
    out->n_sets = command->sets ? command->sets(out->settings, out->sets) : 0;
    out->sets[out->n_sets++] =
        (jf_option_set){"Common options", jf_common_options_table, &out->session.common};
    for (size_t i = 0; i < out->n_sets; i++) jf_options_default(out->sets[i].table, out->sets[i].settings);
    take_common(out, common);
    for (size_t i = 0; i < n_maps; i++)
        JF_TRY(jf_settings_apply(&file, maps[i], others, out->sets, out->n_sets, err));
    JF_TRY(add_words(out, words, err));
done:
    if (status != JF_OK) jf_task_free(out);
    return status;
}

bool jf_task_has(jf_task *task, const char *name)
{
    void *settings;
    return jf_options_find(task->sets, task->n_sets, name, &settings) != NULL;
}

void jf_task_set(jf_task *task, const char *name, const char *text)
{
    void *settings;
    const jf_option *option = jf_options_find(task->sets, task->n_sets, name, &settings);

    if (option && option->kind == JF_OPTION_TEXT) *(const char **)jf_option_field(option, settings) = text;
}

void jf_task_free(jf_task *task)
{
    for (size_t i = 0; i < task->n_sets; i++) jf_options_free(task->sets[i].table, task->sets[i].settings);
    jf_option_list_free(&task->session.arguments);
    jf_text_free(&task->session.command);
    jf_warnings_free(&task->session.warnings);
    jf_free(task->settings);
    *task = (jf_task){0};
}
