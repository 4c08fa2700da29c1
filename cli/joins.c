/* Joins: tracker records with the runs that they belong to, and tables with tables. */
#include "cli/joins.h"

#include <string.h>
#include "cli/words.h"
#include "core/memory.h"
#include "core/text.h"
#include "data/columns.h"
#include "data/csv.h"
#include "data/digest.h"
#include "data/trackers/header.h"
#include "data/unit.h"

enum { PROBLEMS_SHOWN = 5 };

static const char *const unmatched_choices[] = {"refuse", "keep", "drop", NULL}; /* as jf_unmatched */

#define AT(field) offsetof(jf_join_settings, field)
const jf_option jf_join_options_table[] = {
    {"join", 0, JF_OPTION_LIST, AT(files), .argument = "FILE.csv",
     .help = "a table whose columns are added: the runs that trackers recorded, or anything about runs",
     .path = true},
    {"on", 0, JF_OPTION_LIST, AT(on), .argument = "COL[=COL],...",
     .help = "columns that must agree, for each --join in its order; of trackers: the column of FILE that "
             "names a run, "
             "and what it is called in their records; of tables: the runs' column, and FILE's"},
    {"window", 0, JF_OPTION_TEXT, AT(window), .argument = "START,END",
     .help = "join trackers by time: columns of FILE with start and end (or duration) of each run; with --on "
             "too, what "
             "has no key is joined by time; without --join two times that a power log is cut to"},
    {"unmatched", 0, JF_OPTION_CHOICE, AT(unmatched), "refuse", .choices = unmatched_choices,
     .argument = "HOW", .help = "rows of either side without a partner"},
    {"join-many", 0, JF_OPTION_FLAG, AT(many),
     .help =
         "a run with several records or rows gives a row for each; several runs may share a row of FILE, and "
         "rows that no run names are left out"},
    {"sum-nodes", 0, JF_OPTION_FLAG, AT(sum_nodes),
     .help = "records of one format for one run from several files are its nodes: their energies are added"},
    {NULL}};
#undef AT

bool jf_joins_wanted(const jf_join_settings *settings)
{
    return settings->files.n || settings->window;
}

jf_status jf_joins_check(const jf_join_settings *s, jf_error *err)
{
    if (s->on.n && !s->files.n) return jf_fail(err, JF_EUSAGE, "--on needs --join FILE.csv");
    if (s->files.n && !s->on.n && !s->window)
        return jf_fail(
            err, JF_EUSAGE,
            "--join needs --on COLUMN or --window START,END to say which row belongs to which run");
    if (s->on.n > s->files.n || s->on.n + (s->window != NULL) < s->files.n)
        return jf_fail(err, JF_EUSAGE, "%zu tables to --join, and %zu times --on: expected one for each",
                       s->files.n, s->on.n);
    return JF_OK;
}

void jf_joins_show(const jf_session *session, const jf_join_problems *problems)
{
    size_t n = problems->n;

    for (size_t i = 0; i < n && i < PROBLEMS_SHOWN; i++) {
        const jf_join_problem *problem = &problems->items[i];
        if (problem->line)
            jf_session_note(session, "%s:%zu: %s", problem->file, problem->line, problem->what);
        else
            jf_session_note(session, "%s: %s", problem->file, problem->what);
    }
    if (n > PROBLEMS_SHOWN)
        jf_session_note(session, "... and %zu more (--ledger FILE lists all)", n - PROBLEMS_SHOWN);
}

/* --on of the join at that place; NULL: it is by time alone. Where one --on fewer is given, the first join
 * has none. */
static const char *on_of(const jf_join_settings *s, size_t place)
{
    size_t n_missing = s->files.n - s->on.n;

    return place < n_missing ? NULL : s->on.items[place - n_missing];
}

static size_t n_dropped(const jf_join_settings *s, const jf_join_problems *problems)
{
    return s->unmatched == JF_UNMATCHED_DROP ? problems->n_runs + problems->n_records : 0;
}

/* The name at `*at`, up to `end` or the end of the text; in backquotes, where a doubled one stands for
 * itself, it may hold anything. *at goes behind it. */
static char *read_name(const char **at, char end)
{
    jf_text name = {0};
    const char *c = *at;

    jf_text_add(&name, "");
    if (*c != '`') {
        while (*c && *c != end) jf_text_add_bytes(&name, c++, 1);
    } else {
        for (c++; *c && (*c != '`' || c[1] == '`'); c++) {
            c += *c == '`';
            jf_text_add_bytes(&name, c, 1);
        }
        c += *c == '`';
    }
    *at = c;
    return jf_text_take(&name);
}

/* "run_id=project_name": what stands before and behind the sign; both are the whole without one. */
static jf_status split_pair(const char *text, char **before, char **behind, jf_error *err)
{
    const char *at = text;

    *before = read_name(&at, '=');
    if (*at == '=') {
        at++;
        *behind = read_name(&at, '\0');
    } else {
        *behind = jf_copy_text(*before);
    }
    if (!*before || !*behind) return jf_fail(err, JF_ENOMEM, "out of memory for --on");
    if (**before && **behind && !*at) return JF_OK;
    return jf_fail(err, JF_EUSAGE, "--on: expected COLUMN or COLUMN=COLUMN, found '%s'", text);
}

/* A table of --join; its key columns are read as they are unless labels are asked for. */
static jf_status read_table(const char *path, const char *label, jf_ledger *ledger, jf_warnings *warnings,
                            jf_table **out, jf_error *err)
{
    jf_csv_options csv = {.labels = &label, .n_labels = label != NULL};
    jf_status status = jf_csv_read(path, &csv, ledger, warnings, out, err);

    if (status != JF_OK) jf_error_prefix(err, "--join");
    return status;
}

/* ---- trackers ---- */

static jf_status read_descriptions(jf_tracker_join *join, jf_error *err)
{
    const jf_join_settings *s = join->settings;
    jf_status status = JF_OK;
    const char *on;

    if (s->files.n == 0) return JF_OK;
    on = on_of(s, 0);
    if (on) JF_TRY(split_pair(on, &join->runs_column, &join->record_column, err));
    status = read_table(s->files.items[0], join->runs_column, join->import.ledger, join->import.warnings,
                        &join->runs, err);
done:
    return status;
}

static jf_status read_literal_window(const jf_words *words, jf_window *out, jf_error *err)
{
    *out = (jf_window){jf_time_read(words->items[0]), jf_time_read(words->items[1])};
    if (out->end_s > out->start_s) return JF_OK;
    return jf_fail(err, JF_EUSAGE,
                   "--window: expected two times like 2026-08-15T10:00:00, the later one last");
}

static jf_status read_windows(jf_tracker_join *join, jf_error *err)
{
    const char *window = join->settings->window;
    jf_status status = JF_OK;
    jf_words words = {0};

    if (!window) return JF_OK;
    JF_TRY(jf_words_split(window, &words, err));
    if (words.n != 2) JF_TRY(jf_fail(err, JF_EUSAGE, "--window: expected START,END, found '%s'", window));
    if (join->runs) {
        JF_TRY(jf_join_windows(join->runs, words.items[0], words.items[1], &join->windows, err));
        join->import.n_windows = join->runs->n_rows;
    } else {
        join->windows = JF_NEW(jf_window);
        JF_TRY_NEW(join->windows, err, "--window");
        JF_TRY(read_literal_window(&words, join->windows, err));
        join->import.n_windows = 1;
    }
    join->import.windows = join->windows;
done:
    jf_words_free(&words);
    return status;
}

static jf_status read_trackers(jf_tracker_join *join, jf_error *err)
{
    jf_status status = JF_OK;

    for (size_t i = 0; i < join->files->n; i++) {
        if (strcmp(join->files->items[i], "-") == 0 && !join->from)
            return jf_fail(err, JF_EUSAGE,
                           "standard input cannot be looked at twice: say its format with --from");
        JF_TRY(jf_import_read(&join->import, join->files->items[i], join->from, err));
    }
done:
    return status;
}

/* Records that the filter leaves out are rejected rows. */
static jf_status filter_records(jf_tracker_join *join, jf_error *err)
{
    jf_status status = JF_OK;
    jf_table *table = NULL;
    size_t *rows = NULL, n_rows = 0;

    for (size_t i = 0; join->where && i < join->where->n; i++) {
        const char *where = join->where->items[i];
        JF_TRY(jf_import_table(&join->import, &table, err));
        status = jf_table_filter(table, where, &rows, &n_rows, err);
        if (status != JF_OK) {
            jf_error_prefix(err, "--where");
            goto done;
        }
        JF_TRY(jf_import_keep(&join->import, rows, n_rows, where, err));
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

static jf_status make_table(jf_tracker_join *join, jf_table **out, jf_error *err)
{
    const jf_join_settings *s = join->settings;
    jf_join_options options = {join->runs_column, join->record_column, (jf_unmatched)s->unmatched, s->many,
                               s->sum_nodes};
    jf_status status;

    if (!join->runs && join->import.n == 0) return jf_fail(err, JF_EDATA, "the files hold no run");
    if (!join->runs) return jf_import_table(&join->import, out, err);
    status = jf_join_runs(join->runs, &join->import, &options, &join->problems, out, err);
    jf_joins_show(join->session, &join->problems);
    join->n_unmatched = n_dropped(s, &join->problems);
    return status;
}

jf_status jf_tracker_join_read(jf_tracker_join *join, jf_table **out, jf_error *err)
{
    jf_status status = JF_OK;

    *out = NULL;
    JF_TRY(jf_joins_check(join->settings, err));
    JF_TRY(read_descriptions(join, err));
    JF_TRY(read_windows(join, err));
    JF_TRY(jf_boards_open(&join->boards, &join->import, err));
    JF_TRY(read_trackers(join, err));
    JF_TRY(filter_records(join, err));
    JF_TRY(jf_import_flag(&join->import, err));
    JF_TRY(make_table(join, out, err));
done:
    return status;
}

static jf_status sign_file(const char *path, jf_text *names, jf_digest *digest, jf_error *err)
{
    char text[JF_DIGEST_TEXT] = ""; /* stdin was used up */
    jf_status status = strcmp(path, "-") == 0 ? JF_OK : jf_digest_file(path, text, err);

    jf_text_addf(names, "%s%s", names->length ? ", " : "", path);
    jf_digest_add_text(digest, text);
    return status;
}

jf_status jf_tracker_join_sign(const jf_tracker_join *join, jf_table *table, jf_error *err)
{
    jf_status status = JF_OK;
    jf_text names = {0};
    jf_digest digest;

    jf_digest_begin(&digest);
    for (size_t i = 0; i < join->files->n; i++)
        JF_TRY(sign_file(join->files->items[i], &names, &digest, err));
    if (join->runs) JF_TRY(sign_file(join->runs->file, &names, &digest, err));
    jf_digest_end(&digest, table->sha256);
    jf_free(table->file);
    table->file = jf_text_take(&names);
    JF_TRY_NEW(table->file, err, "the names of files");
done:
    jf_text_free(&names);
    return status;
}

void jf_tracker_join_free(jf_tracker_join *join)
{
    jf_table_free(join->runs);
    jf_import_free(&join->import);
    jf_boards_close(&join->boards);
    jf_join_problems_free(&join->problems);
    jf_free(join->windows);
    jf_free(join->runs_column);
    jf_free(join->record_column);
}

/* ---- tables ---- */

/* --on of two tables: the runs' columns and the other's. */
static jf_status split_keys(const char *on, jf_words *mine, jf_words *theirs, jf_error *err)
{
    jf_status status = JF_OK;
    jf_words pairs = {0};
    char *before = NULL, *behind = NULL;

    JF_TRY(jf_words_split(on, &pairs, err));
    if (pairs.n == 0)
        JF_TRY(jf_fail(err, JF_EUSAGE, "--on: expected COLUMN or COLUMN=COLUMN, found '%s'", on));
    for (size_t i = 0; i < pairs.n; i++) {
        JF_TRY(split_pair(pairs.items[i], &before, &behind, err));
        JF_TRY(jf_words_add(mine, before, strlen(before), err));
        JF_TRY(jf_words_add(theirs, behind, strlen(behind), err));
        jf_free(before);
        jf_free(behind);
        before = behind = NULL;
    }
done:
    jf_free(before);
    jf_free(behind);
    jf_words_free(&pairs);
    return status;
}

static jf_status join_one(const jf_session *session, const jf_join_settings *s, size_t place,
                          jf_ledger *ledger, jf_warnings *warnings, jf_table **table, size_t *n_unmatched,
                          jf_error *err)
{
    jf_status status = JF_OK;
    jf_join_problems problems = {0};
    jf_words mine = {0}, theirs = {0};
    jf_table *other = NULL, *joined = NULL;
    jf_table_join options = {.unmatched = (jf_unmatched)s->unmatched, .many = s->many};

    JF_TRY(split_keys(on_of(s, place), &mine, &theirs, err));
    JF_TRY(read_table(s->files.items[place], NULL, ledger, warnings, &other, err));
    jf_table_set_units(other);
    options.runs_columns = (const char *const *)mine.items;
    options.other_columns = (const char *const *)theirs.items;
    options.n_columns = mine.n;
    status = jf_tables_join(*table, other, &options, ledger, &problems, &joined, err);
    jf_joins_show(session, &problems);
    JF_TRY(status);
    *n_unmatched += n_dropped(s, &problems);
    jf_table_free(*table);
    *table = joined;
done:
    jf_join_problems_free(&problems);
    jf_table_free(other);
    jf_words_free(&mine);
    jf_words_free(&theirs);
    return status;
}

jf_status jf_joins_add(const jf_session *session, const jf_join_settings *s, size_t first, jf_ledger *ledger,
                       jf_warnings *warnings, jf_table **table, size_t *n_unmatched, jf_error *err)
{
    jf_status status = jf_joins_check(s, err);

    if (status == JF_OK && first == 0 && s->window)
        return jf_fail(err, JF_EUSAGE,
                       "--window joins what trackers recorded, and %s is a table: name the columns "
                       "that must agree with --on",
                       (*table)->file);
    for (size_t i = first; i < s->files.n && status == JF_OK; i++)
        status = join_one(session, s, i, ledger, warnings, table, n_unmatched, err);
    return status;
}
