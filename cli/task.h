/* A command that a study asks for: its settings from maps, its words, and where its outputs go. */
#ifndef JF_CLI_TASK_H
#define JF_CLI_TASK_H

#include "cli/command.h"
#include "cli/study/study.h"

typedef struct jf_task {
    const jf_command *command;
    void *settings;
    jf_option_set sets[JF_MOST_SETS];
    size_t n_sets;
    jf_session session; /* its command says the task in words */
} jf_task;

/* Defaults, then each map over them (NULL maps are passed over); keys in `others` are not options. `words`:
 * its arguments; NULL: none. The study owns what the settings borrow. Zeroed on failure. */
jf_status jf_task_build(jf_study *study, const jf_command *command, const jf_yaml *const *maps, size_t n_maps,
                        const char *const *others, const jf_option_list *words,
                        const jf_common_options *common, jf_task *out, jf_error *err);
/* Sets an option of a text, where the command has it; `text` is borrowed. */
void jf_task_set(jf_task *task, const char *name, const char *text);
bool jf_task_has(jf_task *task, const char *name);
void jf_task_free(jf_task *task);

#endif
