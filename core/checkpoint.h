/* Finished pieces of a long job, kept in a file beside its output, so that a job that was stopped goes on
 * where it was. */
#ifndef JF_CORE_CHECKPOINT_H
#define JF_CORE_CHECKPOINT_H

#include <stdbool.h>
#include <stdint.h>
#include "core/error.h"

/* A piece is known by the part of the job that it belongs to ("bootstrap pairs") and its index there. Every
 * call takes NULL for the checkpoint: nothing is found and nothing is kept. */
typedef struct jf_checkpoint jf_checkpoint;

/* Opens or makes the file `path`, which stands for the job that `key` describes (command, data, program): a
 * file of another job, or a damaged one, is begun anew, and what a killed process had half written is left
 * out. `now` gives seconds: pieces go to the file at most once in half a second. A file that another process
 * works on, or that cannot be made, is JF_EOUTPUT. */
jf_status jf_checkpoint_open(const char *path, const char *key, double (*now)(void), jf_checkpoint **out,
                             jf_error *err);
/* How many pieces were found in the file. */
size_t jf_checkpoint_n_found(const jf_checkpoint *checkpoint);
/* How many pieces are kept by now, those that were found included. */
size_t jf_checkpoint_n_kept(const jf_checkpoint *checkpoint);
const char *jf_checkpoint_path(const jf_checkpoint *checkpoint);
/* The bytes of a kept piece, borrowed until the checkpoint is closed, and their number; NULL when there is
 * none. From any thread. */
const void *jf_checkpoint_find(const jf_checkpoint *checkpoint, const char *part, uint64_t index,
                               size_t *size);
/* Copies a kept piece of exactly `size` bytes; false when there is none. From any thread. */
bool jf_checkpoint_get(const jf_checkpoint *checkpoint, const char *part, uint64_t index, void *bytes,
                       size_t size);
/* Keeps a finished piece; none after jf_stop_request, which may have cut it short. From any thread. A disk
 * that is full ends the keeping, not the job: see jf_checkpoint_error. */
void jf_checkpoint_put(jf_checkpoint *checkpoint, const char *part, uint64_t index, const void *bytes,
                       size_t size);
/* errno of the write that failed, or 0. */
int jf_checkpoint_error(const jf_checkpoint *checkpoint);
/* Writes what waits and frees. `done`: the job has ended and its output is written, so the file is removed. A
 * file without a piece in it is removed too. */
void jf_checkpoint_close(jf_checkpoint *checkpoint, bool done);

#endif
