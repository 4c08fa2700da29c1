/* A study at work: its analyses computed or kept, its tables and figures made, its report written. */
#ifndef JF_CLI_STUDY_WORK_H
#define JF_CLI_STUDY_WORK_H

#include "cli/task.h"
#include "cli/parts.h"
#include "data/digest.h"

/* One analysis of the study and what came of it. */
typedef struct jf_study_analysis {
    const jf_study_entry *entry;
    jf_task task;
    json_t *result;    /* NULL until computed or read back */
    char *file;        /* "results/NAME.json" */
    double seconds;    /* that it took; 0 when it was kept */
    bool kept, failed; /* failed: no usable fit came out; the result says why */
} jf_study_analysis;

typedef struct jf_study_work {
    jf_session *session; /* of the command that runs the study */
    jf_study *study;
    jf_parts *parts;
    jf_common_options common;     /* of the tasks */
    char program[JF_DIGEST_TEXT]; /* digest of the running program: another build computes anew */
    bool silent;                  /* the warnings of the analyses are not the command's */
    jf_study_analysis *analyses;  /* as the study lists them */
} jf_study_work;

/* Builds the tasks of all analyses, so that a misspelt option is told before any work, and makes the study's
 * folder the working folder. Zeroed on failure. */
jf_status jf_study_work_open(jf_session *session, jf_study *study, jf_parts *parts, jf_study_work *out,
                             jf_error *err);
void jf_study_work_close(jf_study_work *work);

/* The files that a map of runs names. */
jf_status jf_study_files(const jf_study *study, const jf_yaml *data, jf_option_list *out, jf_error *err);
/* What a task's part is made of, as one digest: the program, the command, the files that it reads (its
 * arguments from place `first` on, and those of options), and `made_of`. */
jf_status jf_study_key(const jf_study_work *work, const jf_task *task, size_t first,
                       const char *const *made_of, size_t n_made_of, char key[JF_DIGEST_TEXT], jf_error *err);
/* [{"file", "sha256"}] of all files that the analysis reads. */
jf_status jf_study_sources(const jf_study_analysis *analysis, json_t **out, jf_error *err);
/* Builds the tasks of all tables and figures, so that a misspelt option is told before any work. */
jf_status jf_study_check_pieces(jf_study_work *work, jf_error *err);

/* Computes an analysis, or keeps what an earlier run found; reads its result. Nothing where that was done. */
jf_status jf_study_compute(jf_study_work *work, size_t analysis, jf_error *err);
/* The tasks behind a table and a figure. */
jf_status jf_study_table_task(jf_study_work *work, const jf_study_entry *entry, jf_task *out, jf_error *err);
jf_status jf_study_figure_task(jf_study_work *work, const jf_study_entry *entry, jf_task *out, jf_error *err);
/* Makes a table in every format, a figure as PDF, SVG and PNG; their analyses are computed. What the study
 * did not ask for by name and the results do not give is passed over: *made says whether it is there. */
jf_status jf_study_make_table(jf_study_work *work, const jf_study_entry *entry, bool *made, jf_error *err);
jf_status jf_study_make_figure(jf_study_work *work, const jf_study_entry *entry, bool *made, jf_error *err);
/* Adds the table or the figure to a document; nothing where it was not made. */
jf_status jf_study_add_table(jf_study_work *work, const jf_study_entry *entry, jf_doc *doc, jf_error *err);
jf_status jf_study_add_figure(jf_study_work *work, const jf_study_entry *entry, jf_doc *doc, jf_error *err);
/* study.yaml: the study as it was run. */
jf_status jf_study_make_copy(jf_study_work *work, jf_error *err);
/* numbers.tex, checklist.md, report.html, .md, .txt, .tex and, where there is pdflatex, .pdf. */
jf_status jf_study_make_report(jf_study_work *work, jf_error *err);
/* The manifest of the output folder. */
jf_status jf_study_manifest(const jf_study_work *work, double seconds, json_t **out, jf_error *err);
/* JF_EINTERRUPTED when the user asked to stop. */
jf_status jf_study_go_on(const jf_study_work *work, jf_error *err);
/* A text that lives as long as the study; printf-style; NULL when out of memory. */
const char *jf_study_text(jf_study *study, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
