/* proxies --list and --explain: the catalogue of features and inputs in words. */
#ifndef JF_CLI_PROXIES_SHOW_H
#define JF_CLI_PROXIES_SHOW_H

#include "cli/session.h"

/* Writes the list, or (`name` not NULL) all there is to say about one feature or input, in the session's
 * format. `catalogues`: files that add to the catalogue. An unknown name is JF_EUSAGE with a suggestion. */
jf_status jf_proxies_show(const jf_session *session, const jf_option_list *catalogues, const char *name,
                          jf_error *err);

#endif
