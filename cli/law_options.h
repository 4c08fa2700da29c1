/* The options that say which laws, and what is known about their parameters. */
#ifndef JF_CLI_LAW_OPTIONS_H
#define JF_CLI_LAW_OPTIONS_H

#include "cli/words.h"
#include "fit/law/law.h"

typedef struct jf_law_options {
    jf_option_list laws; /* names of the catalogue or of `file`, or formulas */
    const char *file;    /* --laws FILE */
    jf_option_list starts, bounds, fixed, ties;
    bool optional; /* no option: none need be given */
} jf_law_options;
extern const jf_option jf_law_options_table[];

/* The laws asked for, in order, with their settings: every law of `file` when none is named. Laws typed
 * without a name are called law1, law2, ... by their place. With several laws a setting is written LAW.a=1
 * for one of them and a=1 for all. An entry of --map goes to the laws that read its name; those that none
 * reads are added to `unread`. */
jf_status jf_law_options_read(const jf_law_options *options, const jf_option_list *maps, jf_laws *out,
                              jf_words *unread, jf_error *err);

#endif
