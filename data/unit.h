/* Units: a scale to SI and dimensions; from column names, from the user, and through formulas. */
#ifndef JF_DATA_UNIT_H
#define JF_DATA_UNIT_H

#include "core/expr/ast.h"
#include "data/table.h"

/* W is J/s; temperature is told apart and never converted. */
typedef enum jf_dimension {
    JF_ENERGY,     /* J */
    JF_TIME,       /* s */
    JF_DATA,       /* byte */
    JF_OPERATIONS, /* FLOP */
    JF_TOKENS,     /* token */
    JF_MASS,       /* kg, of CO2 */
    JF_TEMPERATURE,
    JF_N_DIMENSIONS
} jf_dimension;

typedef struct jf_unit {
    double to_si; /* value in SI = to_si * value */
    signed char power[JF_N_DIMENSIONS];
    bool known;
} jf_unit;

/* Are the dimensions the same (not the scales)? False when either is unknown. */
bool jf_unit_same_kind(const jf_unit *a, const jf_unit *b);
/* "kWh", "J", "W", "s", "ms", "GB", "TFLOP", "kg" and products like "J/s"; JF_EUSAGE with the list when
 * unknown. */
jf_status jf_unit_read(const char *text, jf_unit *out, jf_error *err);
/* Text of a unit: a name from the table when one fits ("J"), else a product; "" when unknown or without
 * dimension. */
void jf_unit_print(const jf_unit *unit, char *text, size_t size);
/* Unit by the fixed table of name endings: "energy_kWh" -> kWh, "duration_s" -> s, "energy_joules" -> J,
 * "power.draw [W]" -> W, "tokens_per_s" -> token/s, and of CodeCarbon's and Hugging Face's own names
 * ("energy_consumed" -> kWh); "" when none. Written into `text` (24 bytes are enough). */
const char *jf_unit_of_name(const char *column, char *text, size_t size);
/* Is `word` one of the words of the column's name ("gpu" in "total_gpu_energy_kWh", "GPU power"), in any
 * case? */
bool jf_name_has_word(const char *column, const char *word);
/* Pre- or post-run by the fixed table of names and units (energies, durations, measured power, throughput,
 * utilisation, loss). */
jf_known jf_known_of_name(const char *column, const char *unit);
/* What an expression's value is measured in and when it is known, from its columns. Unknown where terms do
 * not agree, and
 * where a factor looks like a conversion (3.6e6, 1000, 1/60). */
void jf_unit_of_expression(const jf_ast *ast, const jf_columns *columns, jf_unit *unit, jf_known *known);

/* Refuses a stated unit that an expression contradicts: another dimension, or another scale without a factor
 * in the expression that could be the conversion. `what` opens the message. */
jf_status jf_unit_check_stated(const char *what, const jf_unit *stated, const jf_ast *ast,
                               const jf_columns *columns, jf_error *err);

/* Gives every column its unit and class from its name, unless it has them. */
void jf_table_set_units(jf_table *table);
/* `--unit COL=UNIT` and `--class COL=pre|post`. */
jf_status jf_table_set_unit(jf_table *table, const char *assignment, jf_error *err);
jf_status jf_table_set_class(jf_table *table, const char *assignment, jf_error *err);

#endif
