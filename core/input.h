/* Whole text files in memory, within a limit. */
#ifndef JF_CORE_INPUT_H
#define JF_CORE_INPUT_H

#include <stddef.h>
#include "core/error.h"

/* The bytes of a file or pipe with a zero behind them (freed with jf_free; NULL and 0 on failure). JF_EDATA
 * when it cannot be read or holds a zero byte, as devices and binary files do; JF_ELIMIT when it has more
 * than `most` bytes, which are found out without reading the rest. */
jf_status jf_input_read(const char *path, size_t most, char **bytes, size_t *length, jf_error *err);

#endif
