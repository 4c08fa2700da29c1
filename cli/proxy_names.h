/* Parameters that were meant to be features. */
#ifndef JF_CLI_PROXY_NAMES_H
#define JF_CLI_PROXY_NAMES_H

#include "fit/fit.h"

/* A name that is no column is a parameter, so a law that reads `C` without --proxy C has a parameter C, which
 * no rows determine: W_PROXY_NAME is added to `to` when parameters that are not identified bear names of
 * proxies. `catalogues`: those of --catalogue. */
jf_status jf_proxy_names_note(const jf_fit *fit, const jf_option_list *catalogues, jf_warnings *to,
                              jf_error *err);

#endif
