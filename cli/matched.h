/* `proxies --matched`: runs on several GPUs against single-GPU runs, as a document or JSON. */
#ifndef JF_CLI_MATCHED_H
#define JF_CLI_MATCHED_H

#include "cli/runs.h"

/* `families`: comma-separated columns that a run shares with its baseline; `along`: the column along which
 * strategies may cross (NULL: gpus). Needs the columns gpus, tokens, duration and strategy; energy where
 * there is one. */
jf_status jf_matched_show(const jf_session *session, const jf_runs *runs, const char *families,
                          const char *along, jf_error *err);

#endif
