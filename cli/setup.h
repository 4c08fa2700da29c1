/* --setup STUDY.yaml: the way in as a study has it, for one command. */
#ifndef JF_CLI_SETUP_H
#define JF_CLI_SETUP_H

#include "cli/settings_file.h"

/* What the settings borrow from the study; zero it before use. */
typedef struct jf_setup {
    jf_yaml *root;
    jf_words pool;
    char *folder;
    jf_option_list data; /* the study's data files as the working folder sees them; the texts are borrowed */
} jf_setup;

/* Puts the part `data` of the study into settings that hold their defaults. */
jf_status jf_setup_read(const char *path, const jf_option_set *sets, size_t n_sets, jf_setup *out,
                        jf_error *err);
/* The files that the part names under `file`: one or a list, as the working folder sees them; none where it
 * has no `file`. */
jf_status jf_setup_files(const jf_settings_file *file, const jf_yaml *data, jf_option_list *out,
                         jf_error *err);
void jf_setup_free(jf_setup *setup);
/* The folder of a file: "a/b" of "a/b/c.yaml", "." of "c.yaml"; NULL when out of memory. */
char *jf_folder_of(const char *path);

#endif
