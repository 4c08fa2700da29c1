/* The way in, common to all commands that read runs. */
#include "cli/runs.h"

#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "data/columns.h"
#include "data/csv.h"
#include "data/stack.h"
#include "data/unit.h"
#include "proxies/proxy.h"

enum { REJECTED_SHOWN = 5 };
enum { DUPLICATES_KEEP, DUPLICATES_DROP, DUPLICATES_ERROR };

static const char *const scopes[] = {"auto", "gpu", "cpu", "ram", "total", NULL};
static const char *const architectures[] = {"auto", "bert", "gpt2", "llama", NULL};
static const char *const duplicate_choices[] = {"keep", "drop", "error", NULL};
static const char *const aggregates[] = {"none", "mean", "median", NULL}; /* as jf_aggregate */

#define AT(field) offsetof(jf_runs_options, field)
const jf_option jf_runs_options_table[] = {
    {"from", 0, JF_OPTION_TEXT, AT(from), .argument = "FORMAT",
     .help = "read DATA as this energy tracker's file ('joulefit import'), whatever it looks like"},
    {"where", 'w', JF_OPTION_LIST, AT(where), .argument = "EXPR",
     .help = "keep the rows for which this holds"},
    {"let", 0, JF_OPTION_LIST, AT(let), .argument = "'NAME [UNIT] = EXPR'",
     .help = "a column more, made from others, in the order given"},
    {"unit", 0, JF_OPTION_LIST, AT(units), .argument = "COL=UNIT",
     .help = "unit of a column, as kWh, J, s, W, GB"},
    {"class", 0, JF_OPTION_LIST, AT(classes), .argument = "COL=pre|post",
     .help = "whether a column is known before a run or only after it"},
    {"label", 0, JF_OPTION_LIST, AT(labels), .argument = "COL", .help = "read a column of numbers as labels"},
    {"scope", 0, JF_OPTION_CHOICE, AT(scope), "auto", .choices = scopes, .argument = "SCOPE",
     .help = "which energy the column 'energy' holds"},
    {"proxy", 0, JF_OPTION_LIST, AT(proxies), .argument = "NAME,...",
     .help = "add these features ('joulefit proxies --list')"},
    {"arch", 0, JF_OPTION_CHOICE, AT(arch), "auto", .choices = architectures, .argument = "ARCH",
     .help = "architecture that features count for"},
    {"catalogue", 0, JF_OPTION_LIST, AT(catalogues), .argument = "FILE",
     .help = "features of your own, in YAML", .path = true},
    {"map", 0, JF_OPTION_LIST, AT(maps), .argument = "NAME=COL,...",
     .help = "tie an input of a law or a feature to a column or an expression"},
    {"duplicates", 0, JF_OPTION_CHOICE, AT(duplicates), "keep", .choices = duplicate_choices,
     .argument = "HOW", .help = "rows equal in every column but an index"},
    {"aggregate", 0, JF_OPTION_CHOICE, AT(aggregate), "none", .choices = aggregates, .argument = "HOW",
     .help = "merge repeats of one configuration into one row"},
    {"group", 'g', JF_OPTION_LIST, AT(groups), .argument = "COL,...",
     .help = "rows that agree in these columns belong together: in splits, and in errors"},
    {"pre-run", 0, JF_OPTION_FLAG, AT(pre_run),
     .help = "refuse laws and features that read what is known only after a run"},
    {"post-run", 0, JF_OPTION_FLAG, AT(post_run),
     .help = "allow them: to predict, and in spite of --pre-run"},
    {"ledger", 0, JF_OPTION_TEXT, AT(ledger), .argument = "FILE",
     .help = "write every repair, merge and rejected row there, as CSV", .aside = true},
    {"setup", 0, JF_OPTION_TEXT, AT(setup), .argument = "STUDY.yaml",
     .help = "take DATA and these options from the study's part 'data'; what is given here is added, or wins",
     .aside = true},
    {NULL}};
#undef AT

size_t jf_runs_sets(jf_runs_options *options, const char *title, jf_option_set *sets)
{
    sets[0] = (jf_option_set){title ? title : "The runs", jf_runs_options_table, options};
    sets[1] =
        (jf_option_set){"Joins, of what is read with other tables", jf_join_options_table, &options->join};
    return 2;
}

/* ---- the steps ---- */

typedef jf_status (*table_step)(jf_table *table, const char *text, jf_error *err);

static jf_status each(const jf_option_list *values, table_step step, jf_table *table, jf_error *err)
{
    jf_status status = JF_OK;

    for (size_t i = 0; i < values->n && status == JF_OK; i++) status = step(table, values->items[i], err);
    return status;
}

static void report_rejected(const jf_session *session, const jf_runs *runs)
{
    const jf_ledger *ledger = &runs->ledger;
    size_t n = 0;

    for (size_t i = 0; i < ledger->n; i++) {
        const jf_ledger_entry *entry = &ledger->items[i];
        if (entry->action != JF_REJECTED || n++ >= REJECTED_SHOWN) continue;
        jf_session_note(session, "%s:%zu: rejected: %s (%s)", entry->file, entry->line, entry->why,
                        entry->what);
    }
    if (n > REJECTED_SHOWN) jf_session_note(session, "... and %zu more rejected rows", n - REJECTED_SHOWN);
}

static jf_status read_file(const jf_runs_options *options, const char *path, jf_runs *runs, jf_table **out,
                           jf_error *err)
{
    jf_csv_options csv = {.labels = options->labels.items, .n_labels = options->labels.n};
    bool is_tracked;
    jf_status status = jf_is_tracked(path, options->from, &is_tracked, err);

    if (status != JF_OK) return status;
    if (is_tracked)
        status = jf_tracked_read(path, options->from, &runs->ledger, &runs->warnings, out, err);
    else
        status = jf_csv_read(path, &csv, &runs->ledger, &runs->warnings, out, err);
    return status;
}

/* One file is the table; several are read, then put under one another. */
static jf_status read_tables(const jf_runs_options *options, const jf_option_list *paths, jf_runs *runs,
                             jf_error *err)
{
    jf_status status = JF_OK;
    jf_table **tables = JF_NEW_ZEROED(jf_table *, paths->n);

    JF_TRY_NEW(tables, err, "the files");
    for (size_t i = 0; i < paths->n; i++) {
        JF_TRY(read_file(options, paths->items[i], runs, &tables[i], err));
        jf_table_set_units(tables[i]); /* so that units that differ are seen */
    }
    if (paths->n > 1) {
        JF_TRY(jf_tables_stack(tables, paths->n, &runs->warnings, &runs->table, err));
    } else {
        runs->table = tables[0];
        tables[0] = NULL;
    }
done:
    for (size_t i = 0; tables && i < paths->n; i++) jf_table_free(tables[i]);
    jf_free(tables);
    return status;
}

/* Are the files to be joined what trackers recorded? All of them must be, or none. */
static jf_status are_records(const jf_runs_options *options, const jf_option_list *paths, bool *out,
                             jf_error *err)
{
    size_t n = 0;

    for (size_t i = 0; i < paths->n; i++) {
        bool is_record;
        jf_status status = jf_holds_records(paths->items[i], options->from, &is_record, err);
        if (status != JF_OK) return status;
        n += is_record;
    }
    *out = n > 0;
    if (n > 0 && n < paths->n)
        return jf_fail(err, JF_EDATA,
                       "--join: %zu of %zu files are records of energy trackers, the others are tables: "
                       "expected one or the other",
                       n, paths->n);
    return JF_OK;
}

/* Records with the runs that the first table of --join describes, as 'import' joins them. */
static jf_status read_records(const jf_session *session, const jf_runs_options *options,
                              const jf_option_list *paths, jf_runs *runs, jf_error *err)
{
    jf_tracker_join join = {.session = session,
                            .settings = &options->join,
                            .files = paths,
                            .from = options->from,
                            .import = {.ledger = &runs->ledger,
                                       .warnings = &runs->warnings,
                                       .trace = {.start_s = NAN, .end_s = NAN}}};
    jf_status status = jf_tracker_join_read(&join, &runs->table, err);

    runs->n_unmatched = join.n_unmatched;
    if (status == JF_OK) status = jf_tracker_join_sign(&join, runs->table, err);
    if (status == JF_OK) runs->table->rows_read = runs->table->n_rows + join.n_unmatched;
    jf_tracker_join_free(&join);
    return status;
}

/* The files, and what is joined with them. */
static jf_status read_files(const jf_session *session, const jf_runs_options *options,
                            const jf_option_list *paths, jf_runs *runs, jf_error *err)
{
    jf_status status = JF_OK;
    bool has_records = false;

    JF_TRY(jf_joins_check(&options->join, err));
    if (jf_joins_wanted(&options->join)) JF_TRY(are_records(options, paths, &has_records, err));
    if (has_records)
        JF_TRY(read_records(session, options, paths, runs, err));
    else
        JF_TRY(read_tables(options, paths, runs, err));
    runs->n_rejected = has_records ? 0 : runs->ledger.rows_rejected; /* of records: told by the ledger */
    JF_TRY(jf_joins_add(session, &options->join, has_records, &runs->ledger, &runs->warnings, &runs->table,
                        &runs->n_unmatched, err));
done:
    report_rejected(session, runs);
    return status;
}

static jf_status settle_duplicates(int how, jf_runs *runs, jf_error *err)
{
    jf_status status = JF_OK;
    jf_groups copies = {0};
    size_t before = runs->table->n_rows;

    if (how == DUPLICATES_DROP) {
        JF_TRY(jf_table_drop_duplicates(runs->table, &runs->ledger, err));
        runs->n_copies_dropped = before - runs->table->n_rows;
    } else if (how == DUPLICATES_ERROR) {
        JF_TRY(jf_groups_exact(runs->table, &copies, err));
        if (copies.n_groups < before)
            status = jf_fail(err, JF_EDATA,
                             "%s: %zu of %zu rows are copies of another row (--duplicates keep or drop)",
                             runs->table->file, before - copies.n_groups, before);
    }
done:
    jf_groups_free(&copies);
    return status;
}

static jf_status add_proxies(const jf_runs_options *options, const jf_words *maps, jf_runs *runs,
                             jf_error *err)
{
    jf_status status = JF_OK;
    jf_catalogue *catalogue = NULL;
    jf_words names = {0}, none = {0};

    if (!maps) maps = &none;
    if (options->proxies.n == 0 && !options->all_proxies && maps->n)
        return jf_fail(err, JF_EUSAGE, "--map: nothing reads '%s'", maps->items[0]);
    if (options->proxies.n == 0 && !options->all_proxies) return JF_OK;
    JF_TRY(jf_catalogue_builtin(&catalogue, err));
    for (size_t i = 0; i < options->catalogues.n; i++)
        JF_TRY(jf_catalogue_add_file(catalogue, options->catalogues.items[i], err));
    JF_TRY(jf_words_split_all(&options->proxies, &names, err));
    JF_TRY(jf_proxies_apply(catalogue,
                            &(jf_proxy_request){(const char *const *)names.items, names.n,
                                                options->arch ? architectures[options->arch] : NULL,
                                                (const char *const *)maps->items, maps->n, &runs->warnings,
                                                &runs->ledger},
                            runs->table, err));
done:
    jf_words_free(&names);
    jf_catalogue_free(catalogue);
    return status;
}

/* Rows in both rising lists, in place of the first. */
static void intersect(size_t *rows, size_t *n_rows, const size_t *others, size_t n_others)
{
    size_t n = 0, j = 0;

    for (size_t i = 0; i < *n_rows; i++) {
        while (j < n_others && others[j] < rows[i]) j++;
        if (j < n_others && others[j] == rows[i]) rows[n++] = rows[i];
    }
    *n_rows = n;
}

/* Rows that every --where keeps; each is asked by itself, so that messages count its own columns. */
static jf_status filter_rows(const jf_option_list *where, jf_runs *runs, jf_error *err)
{
    jf_status status = JF_OK;
    size_t *kept = NULL, n_kept;

    for (size_t i = 0; i < where->n; i++) {
        JF_TRY(jf_table_filter(runs->table, where->items[i], &kept, &n_kept, err));
        if (runs->rows) {
            intersect(runs->rows, &runs->n_rows, kept, n_kept);
            jf_free(kept);
        } else {
            runs->rows = kept;
            runs->n_rows = n_kept;
        }
        kept = NULL;
        if (runs->n_rows == 0)
            JF_TRY(jf_fail(err, JF_EDATA, "%s: --where '%s' keeps none of %zu rows", runs->table->file,
                           where->items[i], runs->table->n_rows));
    }
    if (runs->rows) runs->n_filtered = runs->table->n_rows - runs->n_rows;
done:
    return status;
}

static jf_status merge_repeats(int how, jf_runs *runs, jf_error *err)
{
    jf_status status = JF_OK;
    size_t before;

    if (how == JF_AGGREGATE_NONE) return JF_OK;
    if (runs->rows) JF_TRY(jf_table_keep(runs->table, runs->rows, runs->n_rows, err));
    jf_free(runs->rows);
    runs->rows = NULL;
    before = runs->table->n_rows;
    JF_TRY(jf_table_aggregate(runs->table, (jf_aggregate)how, &runs->ledger, err));
    runs->n_merged = before - runs->table->n_rows;
done:
    return status;
}

static jf_status group_rows(const jf_option_list *columns, jf_runs *runs, jf_error *err)
{
    jf_status status = JF_OK;
    jf_words names = {0};

    if (columns->n == 0) return JF_OK;
    for (size_t i = 0; i < columns->n; i++) {
        const char *text = columns->items[i];
        bool is_one = jf_table_find(runs->table, text) != NULL; /* a column may have a comma in its name */
        JF_TRY(is_one ? jf_words_add(&names, text, strlen(text), err) : jf_words_split(text, &names, err));
    }
    JF_TRY(jf_groups_by(runs->table, (const char *const *)names.items, names.n, &runs->groups, err));
    runs->grouped = true;
done:
    jf_words_free(&names);
    return status;
}

static bool mentions_si(const jf_option_list *expressions)
{
    for (size_t i = 0; i < expressions->n; i++)
        if (strstr(expressions->items[i], "energy") || strstr(expressions->items[i], "duration")) return true;
    return false;
}

static bool is_si_column(const char *name)
{
    return name && (strcmp(name, "energy") == 0 || strcmp(name, "duration") == 0);
}

/* Which energy is meant matters only to who reads energy. */
void jf_runs_note_read(jf_runs *runs, const jf_fit *fit)
{
    bool used = runs->si_used || is_si_column(fit->raw_response);
    bool energy = runs->si_used || (fit->raw_response && strcmp(fit->raw_response, "energy") == 0);

    for (size_t i = 0; i < fit->data.n_columns_read; i++) {
        used = used || is_si_column(fit->data.columns_read[i]);
        energy = energy || strcmp(fit->data.columns_read[i], "energy") == 0;
    }
    for (size_t i = 0; i < runs->si_warnings.n && used; i++) {
        const jf_warning *warning = &runs->si_warnings.items[i];
        if (energy || strcmp(warning->code, "W_SCOPE") != 0)
            jf_warn(&runs->warnings, warning->code, "%s", warning->message);
    }
}

/* ---- --unit and --class of columns that --let makes ---- */

static size_t name_length(const char *assignment)
{
    const char *equals = strrchr(assignment, '=');
    return equals ? (size_t)(equals - assignment) : 0;
}

static bool is_made_by_let(const jf_runs_options *options, const char *assignment)
{
    for (size_t i = 0; i < options->let.n; i++)
        if (jf_let_makes(options->let.items[i], assignment, name_length(assignment))) return true;
    return false;
}

/* A column of the file is at hand, even where --let will replace it. */
static bool awaits_let(const jf_runs_options *options, const jf_table *table, const char *assignment)
{
    for (size_t i = 0; i < table->n_columns; i++)
        if (strlen(table->columns[i].name) == name_length(assignment) &&
            strncmp(table->columns[i].name, assignment, name_length(assignment)) == 0)
            return false;
    return is_made_by_let(options, assignment);
}

static jf_status each_at_hand(const jf_runs_options *options, const jf_option_list *list, table_step step,
                              jf_table *table, jf_error *err)
{
    jf_status status = JF_OK;

    for (size_t i = 0; i < list->n && status == JF_OK; i++)
        if (!awaits_let(options, table, list->items[i])) status = step(table, list->items[i], err);
    return status;
}

/* The columns of --let in order, each with the unit of --unit and the class of --class. */
static jf_status add_let(const jf_runs_options *options, jf_table *table, jf_error *err)
{
    jf_status status = JF_OK;

    for (size_t i = 0; i < options->let.n; i++) {
        const char *text = options->let.items[i], *unit = NULL;

        for (size_t u = 0; u < options->units.n; u++) {
            const char *given = options->units.items[u];
            if (awaits_let(options, table, given) && jf_let_makes(text, given, name_length(given)))
                unit = given + name_length(given) + 1;
        }
        JF_TRY(jf_table_let_in(table, text, unit, err));
    }
    for (size_t i = 0; i < options->classes.n; i++)
        if (is_made_by_let(options, options->classes.items[i]))
            JF_TRY(jf_table_set_class(table, options->classes.items[i], err));
done:
    return status;
}

jf_status jf_runs_prepare(const jf_runs_options *options, const jf_words *maps, jf_runs *out, jf_error *err)
{
    jf_status status = JF_OK;
    jf_table *table = out->table;

    jf_table_set_units(table); /* by names first: what the user says comes after and wins */
    JF_TRY(each_at_hand(options, &options->units, jf_table_set_unit, table, err));
    JF_TRY(each_at_hand(options, &options->classes, jf_table_set_class, table, err));
    JF_TRY(settle_duplicates(options->duplicates, out, err));
    JF_TRY(jf_table_add_si(table, options->scope ? scopes[options->scope] : NULL, &out->si_warnings, err));
    JF_TRY(add_let(options, table, err));
    JF_TRY(add_proxies(options, maps, out, err));
    JF_TRY(each(&options->labels, jf_table_label, table, err));
    JF_TRY(filter_rows(&options->where, out, err));
    JF_TRY(merge_repeats(options->aggregate, out, err));
    JF_TRY(group_rows(&options->groups, out, err));
    if (!out->rows) out->n_rows = table->n_rows;
    out->si_used = options->proxies.n || options->all_proxies || mentions_si(&options->let) ||
                   mentions_si(&options->where) || mentions_si(&options->maps);
    if (out->si_used) jf_warnings_append(&out->warnings, &out->si_warnings);
done:
    return status;
}

jf_status jf_runs_read(const jf_session *session, const jf_runs_options *options, const jf_words *maps,
                       const char *path, jf_runs *out, jf_error *err)
{
    jf_option_list paths = {.items = &path, .n = 1};

    return jf_runs_read_files(session, options, maps, &paths, out, err);
}

jf_status jf_runs_read_files(const jf_session *session, const jf_runs_options *options, const jf_words *maps,
                             const jf_option_list *paths, jf_runs *out, jf_error *err)
{
    jf_status status = JF_OK;

    JF_TRY(read_files(session, options, paths, out, err));
    JF_TRY(jf_runs_prepare(options, maps, out, err));
    if (options->ledger) JF_TRY(jf_ledger_write(&out->ledger, options->ledger, err));
done:
    return status;
}

bool jf_runs_pre_run_only(const jf_runs_options *options)
{
    return options->pre_run && !options->post_run;
}

void jf_runs_free(jf_runs *runs)
{
    jf_table_free(runs->table);
    jf_free(runs->rows);
    jf_groups_free(&runs->groups);
    jf_ledger_free(&runs->ledger);
    jf_warnings_free(&runs->warnings);
    jf_warnings_free(&runs->si_warnings);
    *runs = (jf_runs){0};
}

const jf_groups *jf_runs_groups(const jf_runs *runs)
{
    return runs->grouped ? &runs->groups : NULL;
}

/* The engine sees the rows that are left; the way in knows why the others are not. */
void jf_runs_describe(const jf_runs *runs, jf_data_summary *data)
{
    jf_data_drop(data, "rejected", runs->n_rejected);
    jf_data_drop(data, "unmatched", runs->n_unmatched);
    jf_data_drop(data, "filter", runs->n_filtered);
    jf_data_drop(data, "merged", runs->n_merged);
    jf_data_drop(data, "duplicate", runs->n_copies_dropped);
}
