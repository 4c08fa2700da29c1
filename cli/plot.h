/* The figure of the plot command, for studies, which draw it in several formats. */
#ifndef JF_CLI_PLOT_H
#define JF_CLI_PLOT_H

#include "cli/session.h"
#include "plots/figure.h"

/* Builds what `joulefit plot` would draw: `session` has its arguments (KIND and files), `settings` its
 * options. */
jf_status jf_plot_build(jf_session *session, void *settings, jf_figure **out, jf_error *err);

#endif
