/* Settings of option tables from maps in a YAML file: the keys are the options' names. */
#ifndef JF_CLI_SETTINGS_FILE_H
#define JF_CLI_SETTINGS_FILE_H

#include "cli/words.h"
#include "core/yaml.h"

typedef struct jf_settings_file {
    const char *name;   /* opens messages */
    const char *folder; /* that its paths start from; NULL: the working folder */
    jf_words *pool;     /* owns the texts that are made here; it must outlive the settings */
} jf_settings_file;

/* A value as text: a scalar as it is; lists and maps joined as options want them, "a,b" and "a=1,b=0:2". */
jf_status jf_settings_text(const jf_settings_file *file, const jf_yaml *value, const char **out,
                           jf_error *err);
/* Each value of a list, each "key=value" of a map, or the one scalar, added to `list` (borrowed texts). */
jf_status jf_settings_list(const jf_settings_file *file, const jf_yaml *value, jf_option_list *list,
                           jf_error *err);
/* Sets what the map says over what the settings hold: options that take lists are added to, others replaced.
 * Keys in `others` (NULL-ended) are left to the caller. "study.yaml:12: unknown key 'whre' (did you mean
 * 'where'?)". */
jf_status jf_settings_apply(const jf_settings_file *file, const jf_yaml *map, const char *const *others,
                            const jf_option_set *sets, size_t n_sets, jf_error *err);
/* A path of the file as the working folder sees it. */
jf_status jf_settings_path(const jf_settings_file *file, const char *path, const char **out, jf_error *err);

#endif
