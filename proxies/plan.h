/* Which columns a set of features needs, in the order in which they can be made. */
#ifndef JF_PROXIES_PLAN_H
#define JF_PROXIES_PLAN_H

#include "proxies/catalogue.h"

/* One column of the plan: taken from the table, or made by a formula or a function. */
typedef struct jf_slot {
    const char *name;
    const char *unit;
    const jf_ast *formula;       /* NULL: a column that is there already, or a function */
    jf_ast *own_formula;         /* what `formula` points at when it belongs to the slot */
    const jf_feature *feature;   /* whose function makes it, or NULL */
    const jf_column *own_column; /* the table's column of this name that stands for it, or NULL */
    size_t *needs;               /* earlier slots */
    size_t n_needs;
    jf_column column; /* the values once they are there */
    bool is_borrowed; /* the column's arrays are the table's */
    bool is_there, is_wanted, has_failed;
    size_t n_users;           /* slots still to be made that read it */
    const char *warning_code; /* said when the slot is used */
    const char *warn_unless;  /* NULL, or the label that may stand everywhere without the warning */
    char *warning;
} jf_slot;

typedef struct jf_plan {
    const jf_catalogue *catalogue;
    const jf_proxy_request *request;
    const jf_table *table;
    jf_slot *slots;
    size_t n_slots, capacity;
    const char **under_way; /* names being resolved, to stop circles of defaults */
    size_t n_under_way, under_way_capacity;
    char **family; /* columns of the table in which runs of one family agree; owned */
    size_t n_family;
} jf_plan;

/* Finds or adds the slot of an input or a feature and all that it needs. JF_EUSAGE: an input is missing, the
 * name is unknown; JF_EDATA: a column is there but cannot be read as the input. */
jf_status jf_plan_add(jf_plan *plan, const char *name, size_t *slot, jf_error *err);
/* Sets plan->family: the map "family=...", else the columns that hold inputs marked as family. */
jf_status jf_plan_find_family(jf_plan *plan, jf_error *err);
void jf_plan_clear(jf_plan *plan);

/* inputs.c: the table's column for an input under its own or another name, or NULL. */
const jf_column *jf_input_column(const jf_input *input, const jf_table *table);
/* Fills a slot's column from a column of the table: labels into values, numbers into the input's unit. */
jf_status jf_input_take(const jf_input *input, const jf_column *column, size_t n_rows, jf_slot *slot,
                        jf_error *err);

#endif
