/* joulefit laws: the catalogue of laws, listed in groups or explained one by one. */
#include <math.h>
#include <string.h>
#include "cli/command.h"
#include "core/memory.h"
#include "fit/law/law.h"

typedef struct laws_settings {
    const char *file;
} laws_settings;

static const jf_option laws_table[] = {{"laws", 0, JF_OPTION_TEXT, offsetof(laws_settings, file),
                                        .argument = "FILE",
                                        .help = "a laws file to list in place of the catalogue"},
                                       {NULL}};

static size_t laws_sets(void *settings, jf_option_set *sets)
{
    sets[0] = (jf_option_set){"Which laws", laws_table, settings};
    return 1;
}

static const char *or_blank(const char *text)
{
    return text ? text : "";
}

/* "0 to 2", "at least 0", "at most 1" or "" when neither end is said. */
static void add_span(jf_text *out, double low, double high)
{
    char a[JF_NUMBER_TEXT], b[JF_NUMBER_TEXT];
    bool has_low = isfinite(low), has_high = isfinite(high);

    jf_number_short(a, low, 6);
    jf_number_short(b, high, 6);
    if (has_low && has_high)
        jf_text_addf(out, "%s to %s", a, b);
    else if (has_low)
        jf_text_addf(out, "at least %s", a);
    else if (has_high)
        jf_text_addf(out, "at most %s", b);
}

static void add_number_cell(jf_doc_table *table, size_t column, double value)
{
    char text[JF_NUMBER_TEXT];

    if (isfinite(value)) jf_doc_table_cell(table, column, "%s", jf_number_short(text, value, 6));
}

static void add_span_cell(jf_doc_table *table, size_t column, double low, double high)
{
    jf_text text = {0};

    add_span(&text, low, high);
    jf_doc_table_cell(table, column, "%s", or_blank(text.data));
    jf_text_free(&text);
}

/* ---- the list ---- */

static const char *group_of(const jf_law *law)
{
    return law->group ? law->group : "laws";
}

static bool is_first_of_group(const jf_laws *laws, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (strcmp(group_of(laws->items[i]), group_of(laws->items[index])) == 0) return false;
    return true;
}

static void list_group(jf_doc *doc, const jf_laws *laws, const char *group)
{
    jf_doc_table *table;

    jf_doc_heading(doc, 2, "Laws: %s", group);
    table = jf_doc_add_table(doc, NULL);
    jf_doc_table_column(table, "law", JF_LEFT, 0);
    jf_doc_table_column(table, "what it says", JF_LEFT, 0);
    for (size_t i = 0; i < laws->n; i++) {
        const jf_law *law = laws->items[i];
        if (strcmp(group_of(law), group) != 0) continue;
        jf_doc_table_row(table);
        jf_doc_table_cell(table, 0, "%s", law->name);
        jf_doc_table_cell(table, 1, "%s", law->title ? law->title : law->text);
    }
}

static void list_laws(jf_doc *doc, const jf_laws *laws)
{
    for (size_t i = 0; i < laws->n; i++)
        if (is_first_of_group(laws, i)) list_group(doc, laws, group_of(laws->items[i]));
    jf_doc_paragraph(doc, "'joulefit laws NAME' explains one. Any formula may stand in the place of a name: "
                          "--law 'log(energy) ~ b0 + a*log(tokens)'.");
}

/* One table, which is what CSV has room for. */
static void tabulate_laws(jf_doc *doc, const jf_laws *laws)
{
    static const char *const titles[] = {"law", "group", "what it says", "formula", "error", "source"};
    jf_doc_table *table = jf_doc_add_table(doc, NULL);

    for (size_t c = 0; c < sizeof titles / sizeof *titles; c++)
        jf_doc_table_column(table, titles[c], JF_LEFT, 0);
    for (size_t i = 0; i < laws->n; i++) {
        const jf_law *law = laws->items[i];
        jf_doc_table_row(table);
        jf_doc_table_cell(table, 0, "%s", law->name);
        jf_doc_table_cell(table, 1, "%s", group_of(law));
        jf_doc_table_cell(table, 2, "%s", or_blank(law->title));
        jf_doc_table_cell(table, 3, "%s", law->text);
        jf_doc_table_cell(table, 4, "%s", jf_error_kind_names[law->error]);
        jf_doc_table_cell(table, 5, "%s", or_blank(law->source));
    }
}

/* ---- one law ---- */

static void explain_input(jf_doc_table *table, const jf_law_input *input)
{
    jf_doc_table_row(table);
    jf_doc_table_cell(table, 0, "%s", input->name);
    jf_doc_table_cell(table, 1, "%s", or_blank(input->meaning));
    jf_doc_table_cell(table, 2, "%s", or_blank(input->unit));
    if (input->n_levels) {
        jf_text levels = {0};
        for (size_t i = 0; i < input->n_levels; i++)
            jf_text_addf(&levels, "%s%s", i ? ", " : "", input->levels[i]);
        jf_doc_table_cell(table, 3, "%s", or_blank(levels.data));
        jf_text_free(&levels);
    } else {
        add_span_cell(table, 3, input->low, input->high);
    }
}

static void explain_inputs(jf_doc *doc, const jf_law *law)
{
    jf_doc_table *table;

    if (law->n_inputs == 0) return;
    jf_doc_heading(doc, 2, "Columns it reads");
    table = jf_doc_add_table(doc, NULL);
    jf_doc_table_column(table, "column", JF_LEFT, 0);
    jf_doc_table_column(table, "meaning", JF_LEFT, 0);
    jf_doc_table_column(table, "unit", JF_LEFT, 1);
    jf_doc_table_column(table, "usual values", JF_LEFT, 2);
    for (size_t i = 0; i < law->n_inputs; i++) explain_input(table, &law->inputs[i]);
}

/* A column of the table of parameters: one number, or a span when `high` is set; left out when no parameter
 * has it. */
typedef struct spec_column {
    const char *title;
    jf_align align;
    int priority;
    size_t low, high;
} spec_column;

#define AT(field) offsetof(jf_parameter_spec, field)
static const spec_column spec_columns[] = {
    {"bounds", JF_LEFT, 0, AT(lower), AT(upper)},
    {"starts drawn from", JF_LEFT, 1, AT(range_low), AT(range_high)},
    {"start", JF_RIGHT, 2, AT(start), 0},
    {"fixed at", JF_RIGHT, 2, AT(fixed), 0},
    {"published", JF_RIGHT, 0, AT(published), 0},
};
#undef AT
enum { N_SPEC_COLUMNS = sizeof spec_columns / sizeof *spec_columns };

static double number_at(const jf_parameter_spec *spec, size_t offset)
{
    return *(const double *)((const char *)spec + offset);
}

static bool any_has(const jf_law *law, const spec_column *column)
{
    for (size_t i = 0; i < law->n_specs; i++)
        if (isfinite(number_at(&law->specs[i], column->low)) ||
            (column->high && isfinite(number_at(&law->specs[i], column->high))))
            return true;
    return false;
}

static void explain_spec(jf_doc_table *table, const jf_law *law, const jf_parameter_spec *spec)
{
    size_t cell = 1;

    jf_doc_table_row(table);
    jf_doc_table_cell(table, 0, "%s", spec->name);
    for (size_t c = 0; c < N_SPEC_COLUMNS; c++) {
        const spec_column *column = &spec_columns[c];
        if (!any_has(law, column)) continue;
        if (column->high)
            add_span_cell(table, cell, number_at(spec, column->low), number_at(spec, column->high));
        else
            add_number_cell(table, cell, number_at(spec, column->low));
        cell++;
    }
}

static void explain_parameters(jf_doc *doc, const jf_law *law)
{
    jf_doc_table *table;

    if (law->n_specs == 0) return;
    jf_doc_heading(doc, 2, "Parameters");
    table = jf_doc_add_table(doc, NULL);
    jf_doc_table_column(table, "parameter", JF_LEFT, 0);
    for (size_t c = 0; c < N_SPEC_COLUMNS; c++)
        if (any_has(law, &spec_columns[c]))
            jf_doc_table_column(table, spec_columns[c].title, spec_columns[c].align,
                                spec_columns[c].priority);
    for (size_t i = 0; i < law->n_specs; i++) explain_spec(table, law, &law->specs[i]);
}

static void explain_law(jf_doc *doc, const jf_law *law)
{
    static const char *const noise[] = {[JF_ERROR_AS_WRITTEN] = "additive on the left side as it is written",
                                        [JF_ERROR_LOG] = "on the logarithm of the response",
                                        [JF_ERROR_ADDITIVE] = "additive on the response",
                                        [JF_ERROR_RELATIVE] = "relative to the prediction"};

    jf_doc_heading(doc, 1, "%s", law->name);
    if (law->title) jf_doc_paragraph(doc, "%s", law->title);
    jf_doc_code(doc, law->text);
    jf_doc_paragraph(doc, "Noise: %s (--error chooses another).", noise[law->error]);
    explain_inputs(doc, law);
    explain_parameters(doc, law);
    if (law->source) jf_doc_paragraph(doc, "Source: %s.", law->source);
    jf_doc_paragraph(
        doc,
        "Columns of other names are tied with --map, as in: joulefit fit runs.csv --law %s --map "
        "%s=COLUMN",
        law->name, law->n_inputs ? law->inputs[law->n_inputs - 1].name : "x");
}

/* ---- as JSON ---- */

static json_t *number_or_null(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *input_json(const jf_law_input *input)
{
    json_t *levels = json_array();

    for (size_t i = 0; i < input->n_levels; i++) json_array_append_new(levels, json_string(input->levels[i]));
    return json_pack("{s:s, s:s?, s:s?, s:o, s:o, s:o}", "name", input->name, "meaning", input->meaning,
                     "unit", input->unit, "low", number_or_null(input->low), "high",
                     number_or_null(input->high), "levels", levels);
}

static json_t *spec_json(const jf_parameter_spec *spec)
{
    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "name", spec->name, "lower",
                     number_or_null(spec->lower), "upper", number_or_null(spec->upper), "range_low",
                     number_or_null(spec->range_low), "range_high", number_or_null(spec->range_high), "start",
                     number_or_null(spec->start), "fixed", number_or_null(spec->fixed), "published",
                     number_or_null(spec->published));
}

static json_t *law_json(const jf_law *law)
{
    json_t *inputs = json_array(), *parameters = json_array();

    for (size_t i = 0; i < law->n_inputs; i++) json_array_append_new(inputs, input_json(&law->inputs[i]));
    for (size_t i = 0; i < law->n_specs; i++) json_array_append_new(parameters, spec_json(&law->specs[i]));
    return json_pack("{s:s, s:s?, s:s?, s:s, s:s, s:o, s:o, s:s?}", "name", law->name, "title", law->title,
                     "group", law->group, "formula", law->text, "error", jf_error_kind_names[law->error],
                     "inputs", inputs, "parameters", parameters, "source", law->source);
}

static json_t *laws_json(const jf_laws *laws)
{
    json_t *all = json_array();

    for (size_t i = 0; i < laws->n; i++) json_array_append_new(all, law_json(laws->items[i]));
    return json_pack("{s:s, s:i, s:o}", "joulefit", JF_VERSION, "schema", 1, "laws", all);
}

static jf_status run_laws(jf_session *session, void *settings, jf_error *err)
{
    const laws_settings *s = settings;
    jf_status status = JF_OK;
    jf_laws laws = {0};
    const jf_law *law = NULL;
    const char *name = NULL;
    jf_doc *doc = NULL;
    json_t *json = NULL;

    if (session->arguments.n) JF_TRY(jf_session_argument(session, "NAME of a law", &name, err));
    JF_TRY(s->file ? jf_laws_read_file(s->file, &laws, err) : jf_laws_builtin(&laws, err));
    if (name) JF_TRY(jf_laws_find(&laws, name, &law, err));
    if (jf_session_wants(session, "json")) {
        json = law ? law_json(law) : laws_json(&laws);
        JF_TRY(jf_session_write_json(session, json, err));
    } else {
        doc = jf_doc_new(NULL);
        JF_TRY_NEW(doc, err, "the list of laws");
        if (law)
            explain_law(doc, law);
        else if (jf_session_wants(session, "csv"))
            tabulate_laws(doc, &laws);
        else
            list_laws(doc, &laws);
        JF_TRY(jf_session_write_doc(session, doc, err));
    }
done:
    json_decref(json);
    jf_doc_free(doc);
    jf_laws_free(&laws);
    return status;
}

const jf_command jf_command_laws = {
    .name = "laws",
    .summary = "list the catalogue of laws, or explain one",
    .usage = "laws [NAME] [--laws FILE]",
    .examples = "  joulefit laws\n"
                "  joulefit laws step_energy\n"
                "  joulefit laws chinchilla --json\n",
    .settings_size = sizeof(laws_settings),
    .sets = laws_sets,
    .run = run_laws,
};
