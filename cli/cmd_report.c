/* joulefit report: any saved result in any format. */
#include "cli/command.h"
#include "cli/result.h"
#include "fit/model_file.h"

typedef struct report_settings {
    int64_t digits;
    bool brief;
} report_settings;

static const jf_option report_table[] = {{"digits", 0, JF_OPTION_INTEGER, offsetof(report_settings, digits),
                                          "4", 1, 17, .argument = "N", .help = "significant digits shown"},
                                         {"brief", 0, JF_OPTION_FLAG, offsetof(report_settings, brief),
                                          .help = "the short answer in place of the whole report"},
                                         {NULL}};

static size_t report_sets(void *settings, jf_option_set *sets)
{
    sets[0] = (jf_option_set){"The report", report_table, settings};
    return 1;
}

static jf_status run_report(jf_session *session, void *settings, jf_error *err)
{
    const report_settings *s = settings;
    jf_report_options options = {.digits = (int)s->digits, .brief = s->brief};
    jf_status status = JF_OK;
    json_t *result = NULL;
    const char *path, *kind;

    JF_TRY(jf_session_argument(session, "RESULT.json", &path, err));
    JF_TRY(jf_result_read(path, &result, &kind, err));
    JF_TRY(jf_result_write(session, result, kind, options, err));
done:
    json_decref(result);
    return status;
}

const jf_command jf_command_report = {
    .name = "report",
    .summary = "show a saved result in any format",
    .usage = "report RESULT.json|MODEL.json [OPTIONS]",
    .examples = "  joulefit compare data/sets/bert_sweep_simulated.csv --save result.json \\\n"
                "      --law 'log(energy) ~ b0 + a*log(num_layers) + g*log(gpus)'\n"
                "  joulefit report result.json\n"
                "  joulefit report result.json -o result.md\n"
                "  joulefit report result.json --format csv --digits 6\n",
    .settings_size = sizeof(report_settings),
    .sets = report_sets,
    .run = run_report,
};
