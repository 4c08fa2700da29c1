/* A study file: what is analysed, and what is made of it. */
#ifndef JF_CLI_STUDY_H
#define JF_CLI_STUDY_H

#include "cli/words.h"
#include "core/yaml.h"

/* A named part: an analysis, a table, a figure. */
typedef struct jf_study_entry {
    const char *name;
    const jf_yaml *map; /* its settings; NULL: a table or figure that the study did not ask for by name */
    const char *kind;   /* the analysis's command, the table's or figure's kind */
    size_t *of;         /* tables and figures: n_of places of analyses */
    size_t n_of;
    int line;
} jf_study_entry;

typedef struct jf_study_entries {
    jf_study_entry *items;
    size_t n, capacity;
} jf_study_entries;

typedef struct jf_study {
    char *path;   /* as it opens messages */
    char *folder; /* absolute; what the study names starts here */
    char *file;   /* the study file as seen from there */
    char *text;
    size_t length;
    jf_yaml *root;
    const char *title, *author, *abstract; /* NULL: none */
    jf_study_entries analyses, tables, figures;
    jf_words pool; /* texts that settings borrow */
} jf_study;

/* Reads and checks the parts and their names; options are checked when they are used. `base`: the folder that
 * its paths start from; NULL: the study file's. Zeroed on failure. */
jf_status jf_study_read(const char *path, const char *base, jf_study *out, jf_error *err);
void jf_study_free(jf_study *study);
/* The map that an analysis's runs come from: `source` of the sources, else `data`. */
jf_status jf_study_data(const jf_study *study, const jf_study_entry *analysis, const jf_yaml **out,
                        jf_error *err);
/* "study.yaml:12: table 'x'" before the message. */
void jf_study_blame(const jf_study *study, const jf_study_entry *entry, const char *what, jf_error *err);

/* What an analysis of that command gives when the study does not say: kinds of tables, NULL-ended, and
 * figures. */
typedef struct jf_analysis_kind {
    const char *command;
    const char *const *tables; /* and all figures that its results can show */
    int figures;               /* of jf_figure_wants: what a figure of it may ask for */
    const char *data_option;   /* that takes the runs' file; NULL: it is the command's argument */
} jf_analysis_kind;
extern const jf_analysis_kind jf_analysis_kinds[]; /* ends with a NULL command */
/* The row of a command that the study was checked for. */
const jf_analysis_kind *jf_analysis_kind_of(const char *command);

/* `to` as seen from the folder `from`, both absolute; freed with jf_free. */
char *jf_path_from(const char *from, const char *to);

#endif
