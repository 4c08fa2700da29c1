/* Units: a scale to SI and dimensions; from column names, from the user, and through formulas. */
#ifndef JF_DATA_UNIT_H
#define JF_DATA_UNIT_H

#include "core/expr/ast.h"
#include "data/table.h"

/* Dimensions: energy J, time s, data byte, operations FLOP, tokens, mass kg (of CO2), temperature-free rest.
 * W is J/s. */
enum { JF_N_DIMENSIONS = 7 };
typedef struct jf_unit {
    double to_si; /* value in SI = to_si * value */
    signed char power[JF_N_DIMENSIONS];
    bool known;
} jf_unit;

/* "kWh", "J", "W", "s", "ms", "GB", "TFLOP", "kg" and products like "J/s"; JF_EUSAGE with the list when
 * unknown. */
jf_status jf_unit_read(const char *text, jf_unit *out, jf_error *err);
/* Text of a unit: a name from the table when one fits ("J"), else a product; "" when unknown or without
 * dimension. */
void jf_unit_print(const jf_unit *unit, char *text, size_t size);
/* Unit by the fixed table of name endings: "energy_kWh" -> kWh, "duration_s" -> s, "energy_joules" -> J; ""
 * when none. */
const char *jf_unit_of_name(const char *column);
/* Pre- or post-run by the fixed table of names and units (energies, durations, measured power, throughput,
 * utilisation, loss). */
jf_known jf_known_of_name(const char *column, const char *unit);
/* What an expression's value is measured in and when it is known, from its columns. Unknown where terms do
 * not agree. */
void jf_unit_of_expression(const jf_ast *ast, const jf_columns *columns, jf_unit *unit, jf_known *known);

/* Gives every column its unit and class from its name, unless it has them. */
void jf_table_set_units(jf_table *table);
/* `--unit COL=UNIT` and `--class COL=pre|post`. */
jf_status jf_table_set_unit(jf_table *table, const char *assignment, jf_error *err);
jf_status jf_table_set_class(jf_table *table, const char *assignment, jf_error *err);

#endif
