/* Derived columns, filters and the SI columns `energy` and `duration`. */
#include "data/columns.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/expr/ast.h"
#include "core/expr/evaluate.h"
#include "core/memory.h"
#include "core/text.h"
#include "data/unit.h"

/* ---- assignments ---- */

/* `NAME [UNIT] = EXPR` taken apart; all three owned, unit NULL when none is given. */
typedef struct assignment {
    char *name, *unit;
    const char *expression; /* into the text */
} assignment;

static void clear_assignment(assignment *parts)
{
    jf_free(parts->name);
    jf_free(parts->unit);
}

static const char *skip_blanks(const char *at)
{
    while (*at == ' ' || *at == '\t') at++;
    return at;
}

static char *copy_trimmed(const char *start, size_t length)
{
    while (length && (*start == ' ' || *start == '\t')) start++, length--;
    while (length && (start[length - 1] == ' ' || start[length - 1] == '\t')) length--;
    return jf_copy_bytes(start, length);
}

/* The end of the name at `text`: a name in backquotes, or letters, digits, '_' and '.'. */
static const char *end_of_name(const char *text)
{
    const char *at = text;

    if (*at == '`') {
        at = strchr(at + 1, '`');
        return at ? at + 1 : text;
    }
    while (isalnum((unsigned char)*at) || *at == '_' || *at == '.' || (*at & 0x80)) at++;
    return isdigit((unsigned char)*text) ? text : at;
}

static jf_status split_assignment(const char *text, assignment *out, jf_error *err)
{
    jf_status status = JF_OK;
    const char *start = skip_blanks(text), *end = end_of_name(start), *at = skip_blanks(end), *close;
    bool quoted = *start == '`';

    *out = (assignment){0};
    if (end == start || (quoted && end - start < 3)) goto malformed;
    out->name = quoted ? jf_copy_bytes(start + 1, (size_t)(end - start) - 2)
                       : jf_copy_bytes(start, (size_t)(end - start));
    JF_TRY_NEW(out->name, err, "--let");
    if (*at == '[') {
        close = strchr(at, ']');
        if (!close) goto malformed;
        out->unit = copy_trimmed(at + 1, (size_t)(close - at) - 1);
        JF_TRY_NEW(out->unit, err, "--let");
        at = skip_blanks(close + 1);
    }
    if (*at != '=' || at[1] == '=') goto malformed;
    out->expression = at + 1;
    return JF_OK;
malformed:
    status = jf_fail(err, JF_EUSAGE, "--let: expected NAME [UNIT] = EXPRESSION, found '%s'", text);
done:
    clear_assignment(out);
    *out = (assignment){0};
    return status;
}

/* The unit of the new column: the stated one, which the expression must not contradict, else its own. */
static jf_status settle_unit(const char *what, const assignment *parts, const jf_ast *ast,
                             const jf_columns *columns, jf_column *column, jf_error *err)
{
    jf_unit unit;

    jf_unit_of_expression(ast, columns, &unit, &column->known);
    if (!parts->unit) {
        if (column->kind == JF_NUMERIC) jf_unit_print(&unit, column->unit, sizeof column->unit);
        if (!column->unit[0] && column->kind == JF_NUMERIC && !unit.known)
            jf_unit_of_name(column->name, column->unit, sizeof column->unit);
        return JF_OK;
    }
    if (column->kind == JF_LABEL) return jf_fail(err, JF_EUSAGE, "%s: labels have no unit", what);
    if (jf_unit_read(parts->unit, &unit, err) != JF_OK) {
        jf_error_prefix(err, "%s", what);
        return err ? err->status : JF_EUSAGE;
    }
    if (strlen(parts->unit) >= sizeof column->unit)
        return jf_fail(err, JF_EUSAGE, "%s: unit '%s' is longer than %zu characters", what, parts->unit,
                       sizeof column->unit - 1);
    snprintf(column->unit, sizeof column->unit, "%s", parts->unit);
    return jf_unit_check_stated(what, &unit, ast, columns, err);
}

bool jf_let_makes(const char *text, const char *name, size_t length)
{
    assignment parts = {0};
    bool makes = split_assignment(text, &parts, NULL) == JF_OK && strlen(parts.name) == length &&
                 strncmp(parts.name, name, length) == 0;

    clear_assignment(&parts);
    return makes;
}

jf_status jf_table_let_in(jf_table *table, const char *text, const char *unit, jf_error *err)
{
    jf_status status = JF_OK;
    assignment parts = {0};
    jf_ast *ast = NULL;
    jf_column column = {0};
    jf_columns columns = jf_table_columns(table);
    char what[160];

    JF_TRY(split_assignment(text, &parts, err));
    snprintf(what, sizeof what, "--let %.120s", parts.name);
    if (unit && parts.unit && strcmp(unit, parts.unit) != 0) {
        status =
            jf_fail(err, JF_EUSAGE, "%s: stated to be in %s, and --unit says %s", what, parts.unit, unit);
        goto done;
    }
    if (unit && !parts.unit) parts.unit = jf_copy_text(unit);
    JF_TRY(jf_ast_read(what, parts.expression, &ast, err));
    JF_TRY(jf_evaluate(what, ast, &columns, &column, err));
    jf_free(column.name);
    column.name = parts.name;
    parts.name = NULL;
    JF_TRY(settle_unit(what, &parts, ast, &columns, &column, err));
    JF_TRY(jf_table_add(table, &column, true, err));
done:
    jf_column_clear(&column);
    jf_ast_free(ast);
    clear_assignment(&parts);
    return status;
}

jf_status jf_table_let(jf_table *table, const char *text, jf_error *err)
{
    return jf_table_let_in(table, text, NULL, err);
}

/* ---- rows ---- */

jf_status jf_table_filter(const jf_table *table, const char *expression, size_t **rows, size_t *n_rows,
                          jf_error *err)
{
    jf_status status = JF_OK;
    jf_columns columns = jf_table_columns(table);
    jf_ast *ast = NULL;
    jf_column truth = {0};
    size_t *kept = NULL, n = 0;

    *rows = NULL;
    *n_rows = 0;
    JF_TRY(jf_ast_read("--where", expression, &ast, err));
    JF_TRY(jf_evaluate("--where", ast, &columns, &truth, err));
    if (truth.kind == JF_LABEL) {
        status = jf_fail(err, JF_EUSAGE, "--where: expected a condition, found a text: '%s'", expression);
        goto done;
    }
    kept = JF_NEW_ARRAY(size_t, table->n_rows ? table->n_rows : 1);
    JF_TRY_NEW(kept, err, "a list of rows");
    for (size_t i = 0; i < table->n_rows; i++)
        if (truth.values[i] != 0 && !isnan(truth.values[i])) kept[n++] = i;
    *rows = kept;
    *n_rows = n;
done:
    jf_column_clear(&truth);
    jf_ast_free(ast);
    return status;
}

jf_status jf_table_label(jf_table *table, const char *name, jf_error *err)
{
    jf_status status = JF_OK;
    const jf_column *column;
    jf_column labels = {0};

    status = jf_table_get(table, name, &column, err);
    if (status != JF_OK) {
        jf_error_prefix(err, "--label");
        return status;
    }
    if (column->kind == JF_LABEL) return JF_OK;
    JF_TRY(jf_column_as_labels(column, table->n_rows, &labels, err));
    labels.unit[0] = '\0'; /* levels are names */
    JF_TRY(jf_table_add(table, &labels, true, err));
done:
    jf_column_clear(&labels);
    return status;
}
