/* joulefit import: tracker files and descriptions of runs become one table that reads back with its units. */
#include <math.h>
#include "cli/command.h"
#include "cli/joins.h"
#include "cli/table_out.h"

static const char *const gap_choices[] = {"linear", "hold", "drop", NULL}; /* as jf_gap_policy */

typedef struct import_settings {
    jf_join_settings join;
    const char *from, *ledger;
    jf_option_list where;
    int gaps;
    double gap_factor, max_gap_share, interval_s, shift_s;
} import_settings;

#define AT(field) offsetof(import_settings, field)
static const jf_option import_table[] = {
    {"from", 0, JF_OPTION_TEXT, AT(from), .argument = "FORMAT",
     .help = "read the files as this format, whatever they look like ('--from ?' lists them)"},
    {"where", 'w', JF_OPTION_LIST, AT(where), .argument = "EXPR",
     .help = "take the records for which this holds, as 'window == \"training\"'"},
    {"gap-policy", 0, JF_OPTION_CHOICE, AT(gaps), "linear", .choices = gap_choices, .argument = "HOW",
     .help = "what is put where power samples are too far apart"},
    {"gap-factor", 0, JF_OPTION_NUMBER, AT(gap_factor), "5", 1, 1e6, .argument = "N",
     .help = "a gap is longer than this many sample distances"},
    {"max-gap-share", 0, JF_OPTION_NUMBER, AT(max_gap_share), "0.1", 1e-9, 1, .argument = "SHARE",
     .help = "share of a run that may lie in gaps"},
    {"interval", 0, JF_OPTION_NUMBER, AT(interval_s), "0", 0, 1e6, .argument = "SECONDS",
     .help = "distance of samples in logs without times; 0: what the tool does by default"},
    {"shift", 0, JF_OPTION_NUMBER, AT(shift_s), "0", -1e9, 1e9, .argument = "SECONDS",
     .help = "added to the trackers' times, when their clock is not that of the runs"},
    {"ledger", 0, JF_OPTION_TEXT, AT(ledger), .argument = "FILE",
     .help = "write every repair, merge, rejected and flagged row there, as CSV"},
    {NULL}};
#undef AT

static size_t import_sets(void *settings, jf_option_set *sets)
{
    import_settings *s = settings;

    sets[0] = (jf_option_set){"The import", import_table, s};
    sets[1] = (jf_option_set){"Joins", jf_join_options_table, &s->join};
    return 2;
}

static void summarise(const jf_session *session, const jf_ledger *ledger, bool is_listed)
{
    size_t n_repaired = 0, n_flagged = 0;

    for (size_t i = 0; i < ledger->n; i++) {
        n_repaired += ledger->items[i].action == JF_REPAIRED;
        n_flagged += ledger->items[i].action == JF_FLAGGED;
    }
    jf_session_note(session, "%zu rows read = %zu kept + %zu merged + %zu rejected; %zu repairs, %zu flags%s",
                    ledger->rows_read, ledger->rows_kept, ledger->rows_merged, ledger->rows_rejected,
                    n_repaired, n_flagged, ledger->n && !is_listed ? " (--ledger FILE lists them)" : "");
}

/* The tracker files with the first table of --join, then the others. */
static jf_status make_table(jf_session *session, const import_settings *s, jf_tracker_join *join,
                            jf_ledger *ledger, jf_table **out, jf_error *err)
{
    jf_status status = JF_OK;

    *out = NULL;
    if (session->arguments.n == 0)
        return jf_fail(err, JF_EUSAGE, "expected tracker files; 'joulefit help import' shows how");
    JF_TRY(jf_tracker_join_read(join, out, err));
    JF_TRY(jf_joins_add(session, &s->join, 1, ledger, &session->warnings, out, &join->n_unmatched, err));
done:
    return status;
}

/* A refused join is mended with the ledger at hand: it is written all the same. */
static jf_status write_ledger(const import_settings *s, const jf_ledger *ledger, jf_status so_far,
                              jf_error *err)
{
    jf_error late = {0};
    jf_status status = JF_OK;

    if (s->ledger && (so_far == JF_OK || ledger->n)) status = jf_ledger_write(ledger, s->ledger, &late);
    if (so_far != JF_OK) return so_far;
    if (status != JF_OK && err) *err = late;
    return status;
}

static jf_status run_import(jf_session *session, void *settings, jf_error *err)
{
    const import_settings *s = settings;
    jf_ledger ledger = {0};
    jf_table *table = NULL;
    jf_status status;
    jf_tracker_join join = {.session = session,
                            .settings = &s->join,
                            .files = &session->arguments,
                            .from = s->from,
                            .where = &s->where,
                            .import = {.ledger = &ledger,
                                       .warnings = &session->warnings,
                                       .interval_s = s->interval_s,
                                       .shift_s = s->shift_s,
                                       .trace = {.start_s = NAN,
                                                 .end_s = NAN,
                                                 .gap_factor = s->gap_factor,
                                                 .max_gap_share = s->max_gap_share,
                                                 .gaps = (jf_gap_policy)s->gaps}}};

    status = make_table(session, s, &join, &ledger, &table, err);
    status = write_ledger(s, &ledger, status, err);
    if (status == JF_OK) summarise(session, &ledger, s->ledger != NULL);
    if (status == JF_OK) status = jf_table_out(session, table, NULL, table->n_rows, err);
    jf_table_free(table);
    jf_tracker_join_free(&join);
    jf_ledger_free(&ledger);
    return status;
}

const jf_command jf_command_import = {
    .name = "import",
    .summary = "read energy trackers' files and join them with a table of runs",
    .usage = "import FILE... [--join RUNS.csv --on COL[=COL] | --window START,END] [OPTIONS]",
    .examples = "  joulefit import data/sets/examples/simulated_emissions.csv -o energies.csv\n"
                "  joulefit import data/sets/examples/simulated_emissions.csv --on run_id \\\n"
                "      --join data/sets/examples/simulated_runs.csv -o sweep.csv\n"
                "  joulefit import data/sets/examples/simulated_gpu_power.csv --window start,end \\\n"
                "      --join data/sets/examples/simulated_runs.csv --ledger ledger.csv -o sweep.csv\n",
    .settings_size = sizeof(import_settings),
    .sets = import_sets,
    .run = run_import,
};
