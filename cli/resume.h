/* Long jobs that go on where they were stopped: finished pieces stand in FILE.partial beside the file that
 * the command writes. */
#ifndef JF_CLI_RESUME_H
#define JF_CLI_RESUME_H

#include "cli/session.h"
#include "core/checkpoint.h"
#include "data/table.h"

/* What was read for a job: its numbers depend on the bytes of all of it. */
typedef struct jf_resume_inputs {
    const jf_table *table;
    const char *laws, *model; /* files, or NULL */
    const jf_option_list *catalogues;
} jf_resume_inputs;

/* The checkpoint of this command on these inputs, beside `save` (or, when that is NULL, beside -o FILE); NULL
 * when the command writes no file, or when the checkpoint cannot be had, which a note then tells. */
jf_checkpoint *jf_resume_open(const jf_session *session, const char *save, const jf_resume_inputs *inputs);
/* Frees it. A job that was done has no more use for it; of one that was stopped a note says what is kept. */
void jf_resume_close(const jf_session *session, jf_checkpoint *checkpoint, jf_status status);

#endif
