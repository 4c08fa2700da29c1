/* proxies --list and --explain: the catalogue of features and inputs in words. */
#ifndef JF_CLI_PROXIES_SHOW_H
#define JF_CLI_PROXIES_SHOW_H

#include "cli/session.h"
#include "cli/words.h"

/* Writes the list, or (where there are names) all there is to say about features and inputs, in the session's
 * format. `catalogues`: files that add to the catalogue. An unknown name is JF_EUSAGE with a suggestion. */
jf_status jf_proxies_show(const jf_session *session, const jf_option_list *catalogues, const jf_words *names,
                          jf_error *err);

#endif
