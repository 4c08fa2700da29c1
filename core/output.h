/* Output files that appear whole or not at all: written beside the target, then renamed. */
#ifndef JF_CORE_OUTPUT_H
#define JF_CORE_OUTPUT_H

#include <stdio.h>
#include "core/error.h"

typedef struct jf_output jf_output;

/* Nothing is written once an allocation has failed (JF_ENOMEM): what was computed since may lack parts.
 *
 * Opens a temporary file in the folder of `path`; it will have the mode of the file it replaces, or of the
 * umask. A link is followed: its target is replaced. Directories, devices and pipes are refused. "-" writes
 * to stdout. */
jf_status jf_output_open(const char *path, jf_output **out, jf_error *err);
FILE *jf_output_stream(jf_output *output);
/* Flushes, checks every write, syncs, renames onto the target and frees. After a failure the old file is
 * untouched. */
jf_status jf_output_commit(jf_output *output, jf_error *err);
/* Removes the temporary file and frees. Takes NULL. */
void jf_output_discard(jf_output *output);
/* The three in one. */
jf_status jf_output_write(const char *path, const char *bytes, size_t length, jf_error *err);

#endif
