/* joulefit report: saved results in any format: the whole, one table, several side by side, or numbers for
 * LaTeX. */
#include <stdio.h>
#include <string.h>
#include "cli/command.h"
#include "cli/kinds_out.h"
#include "cli/report_table.h"
#include "cli/result.h"
#include "cli/words.h"
#include "core/memory.h"
#include "core/output.h"
#include "fit/model/model_file.h"
#include "reports/numbers.h"
#include "reports/tables.h"

enum { MOST_RESULTS = 64 };

typedef struct report_settings {
    int64_t digits;
    bool brief;
    const char *table, *caption, *label, *numbers;
    jf_option_list columns, laws;
} report_settings;

#define AT(field) offsetof(report_settings, field)
static const jf_option report_table[] = {
    {"table", 't', JF_OPTION_TEXT, AT(table), .argument = "KIND",
     .help = "one table in place of the whole report ('--table ?' lists them); of several results: laws"},
    {"law", 'l', JF_OPTION_LIST, AT(laws), .argument = "NAME,...",
     .help = "laws of the table, in this order"},
    {"columns", 0, JF_OPTION_LIST, AT(columns), .argument = "TITLE,...",
     .help = "columns of the table, in this order"},
    {"caption", 0, JF_OPTION_TEXT, AT(caption), .argument = "TEXT", .help = "what stands above the table"},
    {"label", 0, JF_OPTION_TEXT, AT(label), .argument = "NAME", .help = "label of the table in LaTeX"},
    {"digits", 0, JF_OPTION_INTEGER, AT(digits), "4", 1, 17, .argument = "N",
     .help = "significant digits of numbers without an error; estimates are rounded to two digits of theirs"},
    {"brief", 0, JF_OPTION_FLAG, AT(brief), .help = "the short answer in place of the whole report"},
    {"numbers", 0, JF_OPTION_TEXT, AT(numbers), .argument = "FILE.tex",
     .help = "write every number as a LaTeX macro, \\jf{NAME.parameters.a.estimate}, NAME being the file's",
     .aside = true},
    {NULL}};
#undef AT

static size_t report_sets(void *settings, jf_option_set *sets)
{
    sets[0] = (jf_option_set){"The report", report_table, settings};
    return 1;
}

/* ---- tables ---- */

jf_status jf_report_table(const void *settings, const json_t *const *results, size_t n_results, jf_doc *doc,
                          jf_error *err)
{
    const report_settings *s = settings;
    jf_table_request request = {.results = results,
                                .n_results = n_results,
                                .digits = (int)s->digits,
                                .caption = s->caption,
                                .label = s->label};
    const jf_table_kind *kind;
    jf_words columns = {0}, laws = {0};
    jf_status status = JF_OK;

    JF_TRY(jf_table_kind_find(s->table ? s->table : "laws", &kind, err));
    JF_TRY(jf_words_split_all(&s->columns, &columns, err));
    JF_TRY(jf_words_split_all(&s->laws, &laws, err));
    request.columns = (const char *const *)columns.items;
    request.n_columns = columns.n;
    request.laws = (const char *const *)laws.items;
    request.n_laws = laws.n;
    JF_TRY(jf_report_table_add(doc, kind, &request, err));
done:
    jf_words_free(&columns);
    jf_words_free(&laws);
    return status;
}

static jf_status write_table(jf_session *session, const report_settings *s, json_t *const *results, size_t n,
                             jf_error *err)
{
    jf_status status = JF_OK;
    jf_doc *doc = jf_doc_new("");

    JF_TRY_NEW(doc, err, "a table");
    JF_TRY(jf_report_table(s, (const json_t *const *)results, n, doc, err));
    JF_TRY(jf_session_write_fragment(session, doc, err));
done:
    jf_doc_free(doc);
    return status;
}

static bool kind_at(size_t i, jf_listed_kind *out)
{
    const jf_table_kind *kind = &jf_table_kinds[i];

    *out = (jf_listed_kind){.name = kind->name, .title = kind->title, .needs = kind->needs};
    return kind->name != NULL;
}

/* ---- numbers ---- */

/* "step" of "out/step.json": what the numbers of that file begin with. */
static jf_status add_numbers(const char *path, const json_t *result, int digits, jf_text *out, jf_error *err)
{
    const char *slash = strrchr(path, '/'), *stem = slash ? slash + 1 : path, *dot = strrchr(stem, '.');
    char *name = jf_copy_bytes(stem, dot && dot > stem ? (size_t)(dot - stem) : strlen(stem));
    jf_status status = JF_OK;

    JF_TRY_NEW(name, err, "numbers");
    JF_TRY(jf_numbers_add(name, result, digits, out, err));
done:
    jf_free(name);
    return status;
}

static jf_status write_numbers(const jf_session *session, const report_settings *s, json_t *const *results,
                               jf_error *err)
{
    jf_status status = JF_OK;
    jf_text text = {0};

    jf_numbers_begin(&text);
    for (size_t i = 0; i < session->arguments.n; i++)
        JF_TRY(add_numbers(session->arguments.items[i], results[i], (int)s->digits, &text, err));
    JF_TRY_NEW(!text.failed, err, "numbers");
    JF_TRY(jf_output_write(s->numbers, text.data, text.length, err));
done:
    jf_text_free(&text);
    return status;
}

/* ---- the command ---- */

static jf_status check_words(const jf_session *session, const report_settings *s, jf_error *err)
{
    bool one_table = s->table || session->arguments.n > 1;

    if (session->arguments.n == 0)
        return jf_fail(err, JF_EUSAGE, "expected one RESULT.json or more, found none");
    if (session->arguments.n > MOST_RESULTS)
        return jf_fail(err, JF_ELIMIT, "%zu results, at most %d are taken", session->arguments.n,
                       MOST_RESULTS);
    if (!one_table && (s->caption || s->label || s->columns.n || s->laws.n))
        return jf_fail(err, JF_EUSAGE, "--%s needs --table: a whole report has many tables",
                       s->caption     ? "caption"
                       : s->label     ? "label"
                       : s->columns.n ? "columns"
                                      : "law");
    return JF_OK;
}

static jf_status run_report(jf_session *session, void *settings, jf_error *err)
{
    const report_settings *s = settings;
    jf_report_options options = {.digits = (int)s->digits, .brief = s->brief};
    json_t *results[MOST_RESULTS] = {NULL};
    const char *kind = NULL;
    jf_status status = JF_OK;

    if (s->table && strcmp(s->table, "?") == 0) return jf_kinds_out(session, "table", kind_at, err);
    JF_TRY(check_words(session, s, err));
    for (size_t i = 0; i < session->arguments.n; i++)
        JF_TRY(jf_result_read(session->arguments.items[i], &results[i], &kind, err));
    if (s->numbers) JF_TRY(write_numbers(session, s, results, err));
    if (s->table || session->arguments.n > 1)
        JF_TRY(write_table(session, s, results, session->arguments.n, err));
    else if (!s->numbers || session->common.output || session->common.format)
        JF_TRY(jf_result_write(session, results[0], kind, options, err));
done:
    for (size_t i = 0; i < MOST_RESULTS; i++) json_decref(results[i]);
    return status;
}

const jf_command jf_command_report = {
    .name = "report",
    .summary = "show saved results in any format, whole or as a table",
    .usage = "report RESULT.json|MODEL.json... [OPTIONS]",
    .examples =
        "  joulefit compare data/sets/bert_sweep_simulated.csv --save result.json \\\n"
        "      --law 'log(energy) ~ b0 + a*log(num_layers) + g*log(gpus)'\n"
        "  joulefit report result.json\n"
        "  joulefit report result.json -o result.md\n"
        "  joulefit report result.json --table laws -o laws.tex --caption 'Two laws' --label tab:laws\n"
        "  joulefit report result.json --table ranking --columns law,k,dAICc,weight --digits 3\n"
        "  joulefit report result.json --format csv --digits 6\n"
        "  joulefit report result.json -o result.tex --numbers numbers.tex\n",
    .settings_size = sizeof(report_settings),
    .sets = report_sets,
    .run = run_report,
};
