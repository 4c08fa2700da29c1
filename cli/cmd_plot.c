/* joulefit plot: one figure from a saved result, from runs, or from a power log. */
#include <math.h>
#include <string.h>
#include "cli/command.h"
#include "cli/efficiency.h"
#include "cli/kinds_out.h"
#include "cli/plot.h"
#include "cli/result.h"
#include "cli/runs.h"
#include "core/memory.h"
#include "data/trackers/header.h"
#include "data/trackers/power_log.h"
#include "data/trackers/tracker.h"
#include "fit/model/model_file.h"
#include "reports/figures.h"

typedef struct figure_options {
    const char *law, *x, *by, *size;
    bool keep, list;
} figure_options;

typedef struct plot_settings {
    figure_options figure;
    jf_runs_options runs;
} plot_settings;

static const jf_option figure_table[] = {
    {"law", 'l', JF_OPTION_TEXT, offsetof(figure_options, law), .argument = "NAME",
     .help = "which law of a comparison; else the best"},
    {"x", 0, JF_OPTION_TEXT, offsetof(figure_options, x), .argument = "INPUT",
     .help = "which input a curve runs along; else the widest"},
    {"by", 0, JF_OPTION_TEXT, offsetof(figure_options, by), .argument = "COL",
     .help = "which labels are drawn apart; else strategy, GPU, or the first with few levels"},
    {"size", 0, JF_OPTION_TEXT, offsetof(figure_options, size), .argument = "SIZE",
     .help = "column (84 mm), text (174 mm) or WIDTHxHEIGHT in mm; else what suits the panels",
     .aside = true},
    {"keep", 0, JF_OPTION_FLAG, offsetof(figure_options, keep),
     .help = "leave FIG.gp and FIG.dat beside the figure, to be changed by hand", .aside = true},
    {"list", 0, JF_OPTION_FLAG, offsetof(figure_options, list),
     .help = "list the figures, what each needs, and the command that makes it", .aside = true},
    {NULL}};

static size_t plot_sets(void *settings, jf_option_set *sets)
{
    plot_settings *s = settings;

    sets[0] = (jf_option_set){"The figure", figure_table, &s->figure};
    return 1 + jf_runs_sets(&s->runs, "The runs, of a figure that is drawn from them", sets + 1);
}

static bool kind_at(size_t i, jf_listed_kind *out)
{
    const jf_figure_kind *kind = &jf_figure_kinds[i];

    *out = (jf_listed_kind){kind->name, kind->title, kind->needs, kind->made_by};
    return kind->name != NULL;
}

/* ---- what the figure is made from ---- */

/* Owns what a jf_figure_source borrows. */
typedef struct material {
    json_t *result;
    const char *result_kind; /* "fit", "compare" */
    jf_runs runs;
    jf_power_log log;
    jf_efficiency efficiency;
    jf_figure_source source;
} material;

static void material_clear(material *of)
{
    json_decref(of->result);
    jf_runs_free(&of->runs);
    jf_power_log_free(&of->log);
    jf_efficiency_free(&of->efficiency);
}

static jf_status read_result(const char *path, material *out, jf_error *err)
{
    jf_status status = jf_result_read(path, &out->result, &out->result_kind, err);

    out->source.result = out->result;
    return status;
}

/* The features that the figure reads are made like those that are asked for. */
static jf_status read_runs(jf_session *session, plot_settings *s, const jf_figure_kind *kind,
                           const jf_option_list *paths, const jf_words *maps, material *out, jf_error *err)
{
    jf_status status = JF_OK;

    if (kind->proxies && !jf_option_list_add(&s->runs.proxies, kind->proxies))
        return jf_fail(err, JF_ENOMEM, "out of memory for features");
    JF_TRY(jf_runs_read_files(session, &s->runs, s->runs.proxies.n ? maps : NULL, paths, &out->runs, err));
    out->source.table = out->runs.table;
    out->source.rows = out->runs.rows;
    out->source.n_rows = out->runs.n_rows;
done:
    jf_warnings_append(&session->warnings, &out->runs.warnings);
    return status;
}

/* Runs in place of those of the result: what its law says of them. */
static jf_status foretell(const jf_words *maps, material *out, jf_error *err)
{
    const json_t *fit;
    jf_status status = jf_result_fit(out->result, out->result_kind, out->source.law, &fit, err);

    if (status == JF_OK) status = jf_efficiency_find(fit, &out->runs, maps, &out->efficiency, err);
    out->source.efficiency = &out->efficiency;
    return status;
}

static jf_status read_data(jf_session *session, plot_settings *s, const jf_figure_kind *kind,
                           const jf_option_list *paths, material *out, jf_error *err)
{
    jf_words maps = {0};
    jf_status status = JF_OK;

    JF_TRY(jf_words_split_all(&s->runs.maps, &maps, err));
    JF_TRY(read_runs(session, s, kind, paths, &maps, out, err));
    if (kind->wants & JF_TAKES_RUNS) JF_TRY(foretell(&maps, out, err));
done:
    jf_words_free(&maps);
    return status;
}

static jf_status read_window(const char *text, jf_trace_options *out, jf_error *err)
{
    jf_words times = {0};
    jf_status status = JF_OK;

    out->start_s = out->end_s = NAN;
    if (!text) return JF_OK;
    JF_TRY(jf_words_split(text, &times, err));
    if (times.n == 2) {
        out->start_s = jf_time_read(times.items[0]);
        out->end_s = jf_time_read(times.items[1]);
    }
    if (!(out->end_s > out->start_s))
        JF_TRY(jf_fail(
            err, JF_EUSAGE,
            "--window: expected two times like 2026-08-15T10:00:00, the later one last, found '%s'", text));
done:
    jf_words_free(&times);
    return status;
}

static jf_status read_log(jf_session *session, const plot_settings *s, const char *path, material *out,
                          jf_error *err)
{
    jf_ledger ledger = {0};
    jf_import import = {
        .ledger = &ledger, .warnings = &session->warnings, .log = &out->log, .trace.max_gap_share = 1};
    jf_status status = JF_OK;

    JF_TRY(read_window(s->runs.join.window, &out->log.options, err));
    out->log.options.max_gap_share = 1; /* the figure shows gaps, and its caption tells their share */
    import.trace.start_s = import.trace.end_s = NAN;
    JF_TRY(jf_import_read(&import, path, s->runs.from, err));
    if (out->log.n == 0) JF_TRY(jf_fail(err, JF_EDATA, "%s: holds no power over time", path));
    out->source.log = &out->log;
done:
    jf_import_free(&import);
    jf_ledger_free(&ledger);
    return status;
}

/* RESULT.json [DATA...] and the like, as a kind of figure takes them. */
static jf_status check_words(const jf_option_list *words, const jf_figure_kind *kind, bool wants_result,
                             bool takes_runs, jf_error *err)
{
    bool wants_log = kind->wants & JF_WANTS_LOG, wants_runs = kind->wants & JF_WANTS_RUNS;
    size_t least = 1 + (size_t)wants_result + (size_t)(wants_runs || wants_log);

    if (words->n >= least && (takes_runs || words->n == least)) return JF_OK;
    return jf_fail(err, JF_EUSAGE, "expected 'plot %s%s%s%s -o FIG.pdf', found %zu words; it needs %s (%s)",
                   kind->name, wants_result ? " RESULT.json" : "",
                   wants_runs   ? " DATA"
                   : takes_runs ? " [DATA]"
                                : "",
                   wants_log ? " LOG" : "", words->n, kind->needs, kind->made_by);
}

/* Which file is what: a result first where the figure wants one, then the runs; or the log alone. */
static jf_status read_material(jf_session *session, plot_settings *s, const jf_figure_kind *kind,
                               material *out, jf_error *err)
{
    const jf_option_list *words = &session->arguments;
    bool wants_result = kind->wants & (JF_WANTS_FIT | JF_WANTS_COMPARISON);
    bool takes_runs = kind->wants & (JF_WANTS_RUNS | JF_TAKES_RUNS);
    size_t next = wants_result ? 2 : 1;
    jf_option_list paths = {0};
    jf_status status = JF_OK;

    JF_TRY(check_words(words, kind, wants_result, takes_runs, err));
    if (wants_result) JF_TRY(read_result(words->items[1], out, err));
    if (kind->wants & JF_WANTS_LOG) JF_TRY(read_log(session, s, words->items[next], out, err));
    paths = (jf_option_list){.items = words->items + next, .n = words->n - next};
    if (takes_runs && paths.n) JF_TRY(read_data(session, s, kind, &paths, out, err));
done:
    return status;
}

jf_status jf_plot_build(jf_session *session, void *settings, jf_figure **out, jf_error *err)
{
    plot_settings *s = settings;
    material of = {.source = {.law = s->figure.law, .x = s->figure.x, .by = s->figure.by}};
    const jf_figure_kind *kind;
    jf_status status = JF_OK;

    *out = NULL;
    JF_TRY(jf_figure_find(session->arguments.items[0], &kind, err));
    JF_TRY(read_material(session, s, kind, &of, err));
    JF_TRY(jf_figure_build(kind, &of.source, out, err));
    if (s->figure.size) JF_TRY(jf_figure_set_size(*out, s->figure.size, err));
done:
    if (status != JF_OK) {
        jf_figure_free(*out);
        *out = NULL;
    }
    material_clear(&of);
    return status;
}

static jf_status run_plot(jf_session *session, void *settings, jf_error *err)
{
    const plot_settings *s = settings;
    const jf_figure_kind *kind;
    jf_status status = JF_OK;
    jf_figure *figure = NULL;

    if (session->arguments.n == 0 || s->figure.list)
        return jf_kinds_out(session, "figure", kind_at, err);        /* `joulefit plot` alone, too */
    JF_TRY(jf_figure_find(session->arguments.items[0], &kind, err)); /* a misspelt name comes first */
    if (!session->common.output || strcmp(session->common.output, "-") == 0)
        JF_TRY(jf_fail(err, JF_EUSAGE, "-o: expected a file for the figure (.pdf, .svg or .png)"));
    JF_TRY(jf_plot_build(session, settings, &figure, err));
    JF_TRY(jf_figure_draw(figure, session->common.output, s->figure.keep, err));
done:
    jf_figure_free(figure);
    return status;
}

const jf_command jf_command_plot = {
    .name = "plot",
    .summary = "draw one figure of a saved result, of runs, or of a power log",
    .usage = "plot KIND [RESULT.json|MODEL.json] [DATA|LOG] -o FIG.pdf [OPTIONS]",
    .examples =
        "  joulefit plot --list\n"
        "  joulefit compare data/sets/bert_sweep_simulated.csv --save result.json \\\n"
        "      --law 'log(energy) ~ b0 + a*log(num_layers) + g*log(gpus)'\n"
        "  joulefit plot parity result.json -o parity.pdf\n"
        "  joulefit plot scores result.json -o scores.svg --size text --keep\n"
        "  joulefit plot efficiency data/sets/bert_sweep_simulated.csv -o efficiency.pdf\n"
        "  joulefit plot trace data/sets/examples/simulated_gpu_power.csv -o trace.png --size 174x60\n",
    .settings_size = sizeof(plot_settings),
    .sets = plot_sets,
    .run = run_plot,
};
