/* compare --multiverse: ways to count, named on the command line, and the laws that they are tried in. */
#ifndef JF_CLI_MULTIVERSE_H
#define JF_CLI_MULTIVERSE_H

#include "cli/runs.h"
#include "fit/select/multiverse.h"
#include "proxies/proxy.h"

/* What --multiverse asks for; zero it before use, freed with jf_multiverse_plan_free. */
typedef struct jf_multiverse_plan {
    jf_roles roles;
    jf_words proxies; /* features among the choices, to be made by the way in */
    jf_catalogue *catalogue;
} jf_multiverse_plan;

/* Reads "compute=exact,6nd memory=M1,M2" (values of the option, and arguments of the same form, which are
 * taken out of `arguments`). A choice is a name that proxies.yaml (or a catalogue file) gives under the role,
 * a feature, or a column. Does nothing when the option is not there. */
jf_status jf_multiverse_plan_read(const jf_option_list *option, jf_option_list *arguments,
                                  const jf_option_list *catalogues, jf_multiverse_plan *out, jf_error *err);
void jf_multiverse_plan_free(jf_multiverse_plan *plan);

/* Adds the features of all choices to the features that the way in makes. */
jf_status jf_multiverse_plan_features(const jf_multiverse_plan *plan, jf_option_list *proxies, jf_error *err);
/* JF_EUSAGE with a suggestion for a choice that is neither a feature nor a column of the table. */
jf_status jf_multiverse_plan_check(const jf_multiverse_plan *plan, const jf_table *table, jf_error *err);
/* Copies of the laws in which every role that they name is counted its first way: what `compare` ranks beside
 * baselines. */
jf_status jf_multiverse_plan_first(const jf_multiverse_plan *plan, const jf_laws *laws, jf_laws *out,
                                   jf_error *err);

#endif
