/* joulefit plot: one figure from a saved result. */
#include <string.h>
#include "cli/command.h"
#include "cli/plot.h"
#include "cli/result.h"
#include "fit/model_file.h"
#include "reports/figures.h"

typedef struct plot_settings {
    const char *law, *x, *by;
    bool keep;
} plot_settings;

static const jf_option plot_table[] = {
    {"law", 'l', JF_OPTION_TEXT, offsetof(plot_settings, law), .argument = "NAME",
     .help = "which law of a comparison; else the best"},
    {"x", 0, JF_OPTION_TEXT, offsetof(plot_settings, x), .argument = "INPUT",
     .help = "which input a curve runs along; else the widest"},
    {"by", 0, JF_OPTION_TEXT, offsetof(plot_settings, by), .argument = "INPUT",
     .help = "which labels are drawn apart; else the first with few levels"},
    {"keep", 0, JF_OPTION_FLAG, offsetof(plot_settings, keep),
     .help = "leave FIG.gp and FIG.dat beside the figure, to be changed by hand"},
    {NULL}};

static size_t plot_sets(void *settings, jf_option_set *sets)
{
    sets[0] = (jf_option_set){"The figure", plot_table, settings};
    return 1;
}

/* `joulefit plot` alone says which figures there are. */
static jf_status list_kinds(const jf_session *session, jf_error *err)
{
    jf_status status = JF_OK;
    jf_doc *doc = jf_doc_new(NULL);
    jf_doc_table *table;

    JF_TRY_NEW(doc, err, "the list of figures");
    table = jf_doc_add_table(doc, NULL);
    jf_doc_table_column(table, "figure", JF_LEFT, 0);
    jf_doc_table_column(table, "what it shows", JF_LEFT, 0);
    for (const jf_figure_kind *kind = jf_figure_kinds; kind->name; kind++) {
        jf_doc_table_row(table);
        jf_doc_table_cell(table, 0, "%s", kind->name);
        jf_doc_table_cell(table, 1, "%s", kind->title);
    }
    JF_TRY(jf_session_write_doc(session, doc, err));
done:
    jf_doc_free(doc);
    return status;
}

jf_status jf_plot_build(jf_session *session, void *settings, jf_figure **out, jf_error *err)
{
    const plot_settings *s = settings;
    const jf_option_list *arguments = &session->arguments;
    const jf_figure_kind *figure_kind;
    jf_status status = JF_OK;
    json_t *result = NULL;
    const char *kind;

    *out = NULL;
    JF_TRY(jf_figure_find(arguments->items[0], &figure_kind, err));
    if (arguments->n != 2)
        return jf_fail(err, JF_EUSAGE, "expected 'plot KIND RESULT.json -o FIG.pdf', found %zu words",
                       arguments->n);
    JF_TRY(jf_result_read(arguments->items[1], &result, &kind, err));
    JF_TRY(jf_figure_build(
        figure_kind, &(jf_figure_source){.result = result, .law = s->law, .x = s->x, .by = s->by}, out, err));
done:
    json_decref(result);
    return status;
}

static jf_status run_plot(jf_session *session, void *settings, jf_error *err)
{
    const plot_settings *s = settings;
    const jf_figure_kind *figure_kind;
    jf_status status = JF_OK;
    jf_figure *figure = NULL;

    if (session->arguments.n == 0) return list_kinds(session, err);
    JF_TRY(jf_figure_find(session->arguments.items[0], &figure_kind, err)); /* a misspelt name comes first */
    if (!session->common.output || strcmp(session->common.output, "-") == 0)
        JF_TRY(jf_fail(err, JF_EUSAGE, "-o: expected a file for the figure (.pdf, .svg or .png)"));
    JF_TRY(jf_plot_build(session, settings, &figure, err));
    JF_TRY(jf_figure_draw(figure, session->common.output, s->keep, err));
done:
    jf_figure_free(figure);
    return status;
}

const jf_command jf_command_plot = {
    .name = "plot",
    .summary = "draw one figure of a saved result",
    .usage = "plot KIND RESULT.json|MODEL.json -o FIG.pdf [OPTIONS]",
    .examples = "  joulefit plot\n"
                "  joulefit compare data/sets/bert_sweep_simulated.csv --save result.json \\\n"
                "      --law 'log(energy) ~ b0 + a*log(num_layers) + g*log(gpus)'\n"
                "  joulefit plot parity result.json -o parity.pdf\n"
                "  joulefit plot scores result.json -o scores.svg --keep\n",
    .settings_size = sizeof(plot_settings),
    .sets = plot_sets,
    .run = run_plot,
};
