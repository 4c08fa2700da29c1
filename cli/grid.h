/* A table of all combinations: "gpus=1,2,4; num_layers=4:24:4; strategy=TP,FSDP". */
#ifndef JF_CLI_GRID_H
#define JF_CLI_GRID_H

#include "data/table.h"

/* Each part names a column and its values: a list, or LOW:HIGH:STEP for numbers (both ends in). Columns whose
 * values are all numbers are numeric, others labels. The last column changes fastest. At most a million rows.
 */
jf_status jf_grid_read(const char *text, jf_table **out, jf_error *err);

#endif
