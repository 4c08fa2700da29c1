/* The parts of a study's output folder: each made once, kept while what it was made from stays the same, and
 * put in place all together at the end. */
#ifndef JF_CLI_PARTS_H
#define JF_CLI_PARTS_H

#include <jansson.h>
#include <stdbool.h>
#include "cli/words.h"

/* Files are made in FOLDER/.partial; a part that is finished is noted there, so that a run that was stopped
 * goes on from it. What stands in FOLDER is not touched before jf_parts_commit. */
typedef struct jf_parts {
    char *folder, *stage;
    json_t *old;    /* the manifest that stands in the folder, or NULL */
    json_t *staged; /* part name -> {"key", "files": {path: sha256}}, finished and not yet in place */
    json_t *now;    /* the same, of this run: made or kept */
    size_t n_made, n_kept;
    int lock;
} jf_parts;

/* Makes the folder where there is none and locks it: JF_EOUTPUT when another run is at work there. */
jf_status jf_parts_open(const char *folder, jf_parts *out, jf_error *err);
/* Is the part there, made with the same key, its files untouched? Then it belongs to this run. */
bool jf_parts_keep(jf_parts *parts, const char *name, const char *key);
/* Takes over all old parts that this run has not, for a run of some parts only. */
jf_status jf_parts_keep_others(jf_parts *parts, jf_error *err);
/* Where a file of the output ("tables/a.tex") is to be made; freed by the caller. Makes its folder. */
jf_status jf_parts_make(const jf_parts *parts, const char *file, char **path, jf_error *err);
/* Where a file of this run's parts is, made or kept; freed by the caller. */
jf_status jf_parts_find(const jf_parts *parts, const char *file, char **path, jf_error *err);
/* Notes that the part's files are made. */
jf_status jf_parts_done(jf_parts *parts, const char *name, const char *key, const jf_words *files,
                        jf_error *err);
/* Puts the files of this run in place, then the manifest, and takes away what an earlier run left and this
 * one does not have. A file in the way that no run has made is not overwritten: JF_EOUTPUT. */
jf_status jf_parts_commit(jf_parts *parts, const json_t *manifest, jf_error *err);
/* Takes away what this run has made, for a folder that was only wanted for a while. */
void jf_parts_remove(const jf_parts *parts);
void jf_parts_close(jf_parts *parts);

/* The digest of a file in the manifest's "parts", "" when it is not there. */
const char *jf_parts_digest(const json_t *parts, const char *file);

#endif
