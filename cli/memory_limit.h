/* --memory: the most that the program may take, and what it says when that was not enough. */
#ifndef JF_CLI_MEMORY_LIMIT_H
#define JF_CLI_MEMORY_LIMIT_H

#include "core/error.h"

/* `size` as "500M", "8 GB", "1.5GiB" (K, M, G, T and KiB... are powers of 1024, kB, MB... of 1000), from 16
 * MB; NULL: what the machine has available. JF_EUSAGE: no such size. */
jf_status jf_memory_limit_set(const char *size, jf_error *err);
/* Adds to a message about memory that ran out how much was wanted, and how much was allowed. */
void jf_memory_limit_explain(jf_error *err);

#endif
