/* joulefit proxies: features of runs, computed, listed and explained. */
#include <string.h>
#include "cli/command.h"
#include "cli/matched.h"
#include "cli/proxies_show.h"
#include "cli/runs.h"
#include "cli/table_out.h"

typedef struct proxies_own {
    bool list;
    const char *matched, *along;
    jf_option_list explain;
} proxies_own;

typedef struct proxies_settings {
    proxies_own own;
    jf_runs_options runs;
} proxies_settings;

static const jf_option proxies_table[] = {
    {"list", 0, JF_OPTION_FLAG, offsetof(proxies_own, list), .help = "list the catalogue of features"},
    {"explain", 0, JF_OPTION_LIST, offsetof(proxies_own, explain), .argument = "NAME,...",
     .help = "say how features and inputs are computed and where they come from"},
    {"matched", 0, JF_OPTION_TEXT, offsetof(proxies_own, matched), .argument = "COL,...",
     .help = "set runs on several GPUs against single-GPU runs that agree in these columns: throughput gain, "
             "efficiency, energy per token, and where strategies cross"},
    {"along", 0, JF_OPTION_TEXT, offsetof(proxies_own, along), .argument = "COL",
     .help = "with --matched: the column along which strategies may cross; gpus where none is named"},
    {NULL}};

static size_t proxies_sets(void *settings, jf_option_set *sets)
{
    proxies_settings *s = settings;

    sets[0] = (jf_option_set){"The catalogue", proxies_table, &s->own};
    return 1 + jf_runs_sets(&s->runs, NULL, sets + 1);
}

/* Features that were asked for by name. */
static jf_status refuse_post_run(const jf_words *names, const jf_table *table, jf_error *err)
{
    for (size_t i = 0; i < names->n; i++) {
        const jf_column *column = jf_table_find(table, names->items[i]);
        if (column && column->known == JF_POST_RUN)
            return jf_fail(err, JF_EUSAGE,
                           "--pre-run: feature '%s' is known only after a run; --post-run allows it",
                           names->items[i]);
    }
    return JF_OK;
}

static jf_status show_catalogue(const jf_session *session, const proxies_settings *s, jf_error *err)
{
    jf_status status = JF_OK;
    jf_words names = {0};

    if (session->arguments.n)
        return jf_fail(err, JF_EUSAGE, "--list and --explain take no file, found '%s'",
                       session->arguments.items[0]);
    JF_TRY(jf_words_split_all(&s->own.explain, &names, err));
    JF_TRY(jf_proxies_show(session, &s->runs.catalogues, &names, err));
done:
    jf_words_free(&names);
    return status;
}

static jf_status run_proxies(jf_session *session, void *settings, jf_error *err)
{
    proxies_settings *s = settings;
    jf_status status = JF_OK;
    jf_words maps = {0}, names = {0};
    jf_runs runs = {0};

    if (s->own.list || s->own.explain.n) return show_catalogue(session, s, err);
    JF_TRY(jf_session_arguments(session, "DATA file (or --list, or --explain NAME)", err));
    JF_TRY(jf_words_split_all(&s->runs.maps, &maps, err));
    if (s->own.along && !s->own.matched) JF_TRY(jf_fail(err, JF_EUSAGE, "--along goes with --matched"));
    s->runs.all_proxies = s->runs.proxies.n == 0 && !s->own.matched;
    JF_TRY(jf_runs_read_files(session, &s->runs, &maps, &session->arguments, &runs, err));
    JF_TRY(jf_words_split_all(&s->runs.proxies, &names, err));
    if (jf_runs_pre_run_only(&s->runs)) JF_TRY(refuse_post_run(&names, runs.table, err));
    if (s->own.matched) {
        JF_TRY(jf_matched_show(session, &runs, s->own.matched, s->own.along, err));
        goto done;
    }
    JF_TRY(jf_table_out(session, runs.table, runs.rows, runs.n_rows, err));
done:
    jf_warnings_append(&session->warnings, &runs.warnings);
    jf_runs_free(&runs);
    jf_words_free(&maps);
    jf_words_free(&names);
    return status;
}

const jf_command jf_command_proxies = {
    .name = "proxies",
    .summary = "add features to runs: parameters, FLOPs, bytes, communication, efficiency",
    .usage = "proxies DATA... [--matched COL,...] [OPTIONS] | proxies --list | --explain NAME,...",
    .examples = "  joulefit proxies --list\n"
                "  joulefit proxies --explain eta\n"
                "  joulefit proxies data/sets/bert_sweep_simulated.csv -o features.csv\n"
                "  joulefit proxies data/sets/bert_sweep_simulated.csv --proxy C,M,eta --where 'gpus == 8'\n"
                "  joulefit proxies data/sets/bert_sweep_simulated.csv \\\n"
                "      --matched gpu,num_layers,hidden_size,batch_size,seq_length --along num_layers\n",
    .settings_size = sizeof(proxies_settings),
    .sets = proxies_sets,
    .run = run_proxies,
};
