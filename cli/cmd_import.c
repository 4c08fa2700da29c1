/* joulefit import: tracker files and descriptions of runs become one table that reads back with its units. */
#include <math.h>
#include <string.h>
#include "cli/command.h"
#include "cli/table_out.h"
#include "cli/tracked.h"
#include "cli/words.h"
#include "core/memory.h"
#include "data/columns.h"
#include "data/csv.h"
#include "data/trackers/header.h"
#include "data/trackers/join.h"

enum { PROBLEMS_SHOWN = 5 };

static const char *const unmatched_choices[] = {"refuse", "keep", "drop", NULL}; /* as jf_unmatched */
static const char *const gap_choices[] = {"linear", "hold", "drop", NULL};       /* as jf_gap_policy */

typedef struct import_settings {
    const char *from, *join, *on, *window, *ledger;
    jf_option_list where;
    int unmatched, gaps;
    bool many, sum_nodes;
    double gap_factor, max_gap_share, interval_s, shift_s;
} import_settings;

#define AT(field) offsetof(import_settings, field)
static const jf_option import_table[] = {
    {"from", 0, JF_OPTION_TEXT, AT(from), .argument = "FORMAT",
     .help = "read the files as this format, whatever they look like ('--from ?' lists them)"},
    {"join", 0, JF_OPTION_TEXT, AT(join), .argument = "RUNS.csv",
     .help = "table that describes the runs, a row each"},
    {"on", 0, JF_OPTION_TEXT, AT(on), .argument = "COL[=COL]",
     .help = "column of RUNS.csv that names a run, and what it is called in the trackers' records"},
    {"window", 0, JF_OPTION_TEXT, AT(window), .argument = "START,END",
     .help = "join by time: columns of RUNS.csv with start and end (or duration) of each run; with --on too, "
             "what has no "
             "key is joined by time; without --join two times"},
    {"unmatched", 0, JF_OPTION_CHOICE, AT(unmatched), "refuse", .choices = unmatched_choices,
     .argument = "HOW", .help = "runs without a record, and records without a run"},
    {"join-many", 0, JF_OPTION_FLAG, AT(many),
     .help = "a run with several records of one format gives a row for each"},
    {"sum-nodes", 0, JF_OPTION_FLAG, AT(sum_nodes),
     .help = "records of one format for one run from several files are its nodes: their energies are added"},
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
    sets[0] = (jf_option_set){"The import", import_table, settings};
    return 1;
}

/* What the command holds while it works. */
typedef struct importing {
    jf_session *session;
    const import_settings *s;
    jf_ledger ledger;
    jf_warnings warnings;
    jf_import import;
    jf_boards boards;
    jf_table *runs;
    jf_window *windows;
    char *runs_column, *record_column;
    jf_join_problems problems;
} importing;

/* ---- options ---- */

static jf_status check_options(const jf_session *session, const import_settings *s, jf_error *err)
{
    if (session->arguments.n == 0)
        return jf_fail(err, JF_EUSAGE, "expected tracker files; 'joulefit help import' shows how");
    if (s->on && !s->join) return jf_fail(err, JF_EUSAGE, "--on needs --join RUNS.csv");
    if (s->join && !s->on && !s->window)
        return jf_fail(err, JF_EUSAGE,
                       "--join needs --on COLUMN or --window START,END to say which record is whose");
    return JF_OK;
}

/* "run_id=project_name": the runs' column and the records'. */
static jf_status split_on(importing *work, jf_error *err)
{
    jf_status status = JF_OK;
    const char *equals;

    if (!work->s->on) return JF_OK;
    equals = strchr(work->s->on, '=');
    work->runs_column =
        equals ? jf_copy_bytes(work->s->on, (size_t)(equals - work->s->on)) : jf_copy_text(work->s->on);
    work->record_column = jf_copy_text(equals ? equals + 1 : work->s->on);
    JF_TRY_NEW(work->runs_column && work->record_column, err, "--on");
    if (!*work->runs_column || !*work->record_column)
        status = jf_fail(err, JF_EUSAGE, "--on: expected COLUMN or COLUMN=COLUMN, found '%s'", work->s->on);
done:
    return status;
}

static jf_status read_descriptions(importing *work, jf_error *err)
{
    jf_status status = JF_OK;
    const char *labels[] = {work->runs_column};
    jf_csv_options csv = {.labels = labels, .n_labels = work->runs_column != NULL};

    if (!work->s->join) return JF_OK;
    status = jf_csv_read(work->s->join, &csv, &work->ledger, &work->warnings, &work->runs, err);
    if (status != JF_OK) jf_error_prefix(err, "--join");
    return status;
}

static jf_status read_literal_window(const jf_words *words, jf_window *out, jf_error *err)
{
    *out = (jf_window){jf_time_read(words->items[0]), jf_time_read(words->items[1])};
    if (out->end_s > out->start_s) return JF_OK;
    return jf_fail(err, JF_EUSAGE,
                   "--window: expected two times like 2026-08-15T10:00:00, the later one last");
}

static jf_status read_windows(importing *work, jf_error *err)
{
    jf_status status = JF_OK;
    jf_words words = {0};

    if (!work->s->window) return JF_OK;
    JF_TRY(jf_words_split(work->s->window, &words, err));
    if (words.n != 2)
        JF_TRY(jf_fail(err, JF_EUSAGE, "--window: expected START,END, found '%s'", work->s->window));
    if (work->runs) {
        JF_TRY(jf_join_windows(work->runs, words.items[0], words.items[1], &work->windows, err));
        work->import.n_windows = work->runs->n_rows;
    } else {
        work->windows = JF_NEW(jf_window);
        JF_TRY_NEW(work->windows, err, "--window");
        JF_TRY(read_literal_window(&words, work->windows, err));
        work->import.n_windows = 1;
    }
    work->import.windows = work->windows;
done:
    jf_words_free(&words);
    return status;
}

/* ---- records ---- */

static jf_status read_trackers(importing *work, jf_error *err)
{
    jf_status status = JF_OK;
    const jf_option_list *files = &work->session->arguments;

    for (size_t i = 0; i < files->n; i++) {
        if (strcmp(files->items[i], "-") == 0 && !work->s->from)
            return jf_fail(err, JF_EUSAGE,
                           "standard input cannot be looked at twice: say its format with --from");
        JF_TRY(jf_import_read(&work->import, files->items[i], work->s->from, err));
    }
done:
    return status;
}

/* Records that the filter leaves out are rejected rows. */
static jf_status filter_records(importing *work, jf_error *err)
{
    jf_status status = JF_OK;
    jf_table *table = NULL;
    size_t *rows = NULL, n_rows = 0;

    for (size_t i = 0; i < work->s->where.n; i++) {
        JF_TRY(jf_import_table(&work->import, &table, err));
        status = jf_table_filter(table, work->s->where.items[i], &rows, &n_rows, err);
        if (status != JF_OK) {
            jf_error_prefix(err, "--where");
            goto done;
        }
        JF_TRY(jf_import_keep(&work->import, rows, n_rows, work->s->where.items[i], err));
        jf_free(rows);
        jf_table_free(table);
        rows = NULL;
        table = NULL;
    }
done:
    jf_free(rows);
    jf_table_free(table);
    return status;
}

/* ---- the join and what there is to say ---- */

static void show_problems(const importing *work)
{
    size_t n = work->problems.n;

    for (size_t i = 0; i < n && i < PROBLEMS_SHOWN; i++) {
        const jf_join_problem *problem = &work->problems.items[i];
        if (problem->line)
            jf_session_note(work->session, "%s:%zu: %s", problem->file, problem->line, problem->what);
        else
            jf_session_note(work->session, "%s: %s", problem->file, problem->what);
    }
    if (n > PROBLEMS_SHOWN)
        jf_session_note(work->session, "... and %zu more (--ledger FILE lists all)", n - PROBLEMS_SHOWN);
}

static jf_status make_table(importing *work, jf_table **out, jf_error *err)
{
    jf_join_options options = {work->runs_column, work->record_column, (jf_unmatched)work->s->unmatched,
                               work->s->many, work->s->sum_nodes};
    jf_status status;

    if (!work->runs && work->import.n == 0) return jf_fail(err, JF_EDATA, "the files hold no run");
    if (!work->runs) return jf_import_table(&work->import, out, err);
    status = jf_join_runs(work->runs, &work->import, &options, &work->problems, out, err);
    show_problems(work);
    return status;
}

static void summarise(const importing *work)
{
    const jf_ledger *ledger = &work->ledger;
    size_t n_repaired = 0, n_flagged = 0;

    for (size_t i = 0; i < ledger->n; i++) {
        n_repaired += ledger->items[i].action == JF_REPAIRED;
        n_flagged += ledger->items[i].action == JF_FLAGGED;
    }
    jf_session_note(
        work->session, "%zu rows read = %zu kept + %zu merged + %zu rejected; %zu repairs, %zu flags%s",
        ledger->rows_read, ledger->rows_kept, ledger->rows_merged, ledger->rows_rejected, n_repaired,
        n_flagged, ledger->n && !work->s->ledger ? " (--ledger FILE lists them)" : "");
}

static jf_status run_steps(importing *work, jf_table **table, jf_error *err)
{
    jf_status status = JF_OK;
    const import_settings *s = work->s;

    JF_TRY(check_options(work->session, s, err));
    JF_TRY(split_on(work, err));
    JF_TRY(read_descriptions(work, err));
    JF_TRY(read_windows(work, err));
    JF_TRY(jf_boards_open(&work->boards, &work->import, err));
    JF_TRY(read_trackers(work, err));
    JF_TRY(filter_records(work, err));
    JF_TRY(jf_import_flag(&work->import, err));
    JF_TRY(make_table(work, table, err));
done:
    return status;
}

static jf_status run_import(jf_session *session, void *settings, jf_error *err)
{
    const import_settings *s = settings;
    importing work = {.session = session, .s = s};
    jf_table *table = NULL;
    jf_error late = {0};
    jf_status status, ledger_status = JF_OK;

    work.import = (jf_import){.ledger = &work.ledger,
                              .warnings = &work.warnings,
                              .interval_s = s->interval_s,
                              .shift_s = s->shift_s,
                              .trace = {.start_s = NAN,
                                        .end_s = NAN,
                                        .gap_factor = s->gap_factor,
                                        .max_gap_share = s->max_gap_share,
                                        .gaps = (jf_gap_policy)s->gaps}};
    status = run_steps(&work, &table, err);
    /* a refused join is mended with the ledger at hand */
    if (s->ledger && (status == JF_OK || work.problems.n))
        ledger_status = jf_ledger_write(&work.ledger, s->ledger, &late);
    if (status == JF_OK) {
        status = ledger_status;
        if (status != JF_OK) *err = late;
    }
    if (status == JF_OK) summarise(&work);
    if (status == JF_OK) status = jf_table_out(session, table, NULL, table->n_rows, err);
    jf_warnings_append(&session->warnings, &work.warnings);
    jf_table_free(table);
    jf_table_free(work.runs);
    jf_import_free(&work.import);
    jf_boards_close(&work.boards);
    jf_join_problems_free(&work.problems);
    jf_ledger_free(&work.ledger);
    jf_warnings_free(&work.warnings);
    jf_free(work.windows);
    jf_free(work.runs_column);
    jf_free(work.record_column);
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
