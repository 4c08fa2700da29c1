/* Tables of a document: columns, rows, cells with their digits; a choice of columns. */
#include <math.h>
#include <stdarg.h>
#include <string.h>
#include "core/memory.h"
#include "plots/lettering.h"
#include "reports/doc_parts.h"

void jf_doc_table_free(jf_doc_table *table)
{
    if (!table) return;
    for (size_t i = 0; i < table->n_rows * table->n_columns; i++) {
        jf_free(table->cells[i]);
        jf_free(table->exact[i]);
        jf_free(table->upper[i]);
    }
    for (size_t i = 0; i < table->n_columns; i++) jf_free(table->columns[i].title);
    jf_free(table->columns);
    jf_free(table->cells);
    jf_free(table->exact);
    jf_free(table->upper);
    jf_free(table->emphasis);
    jf_free(table->caption);
    jf_free(table->label);
    jf_free(table);
}

void jf_doc_table_column(jf_doc_table *table, const char *title, jf_align align, int priority)
{
    jf_doc_column *grown;

    if (!table || table->failed || table->n_rows) return;
    grown = jf_resize(table->columns, table->n_columns + 1, sizeof *grown);
    if (grown) {
        table->columns = grown;
        grown[table->n_columns] = (jf_doc_column){jf_lettering_clean(title), align, priority, false};
        if (grown[table->n_columns++].title) return;
    }
    table->failed = true;
}

void jf_doc_table_row(jf_doc_table *table)
{
    size_t first, wanted;

    if (!table || table->failed) return;
    first = table->n_rows * table->n_columns;
    wanted = first + table->n_columns;
    if (!jf_grow((void **)&table->cells, &table->cells_capacity, wanted, sizeof *table->cells) ||
        !jf_grow((void **)&table->exact, &table->exact_capacity, wanted, sizeof *table->exact) ||
        !jf_grow((void **)&table->upper, &table->upper_capacity, wanted, sizeof *table->upper) ||
        !jf_grow((void **)&table->emphasis, &table->emphasis_capacity, table->n_rows + 1,
                 sizeof *table->emphasis)) {
        table->failed = true;
        return;
    }
    for (size_t i = first; i < wanted; i++) table->cells[i] = table->exact[i] = table->upper[i] = NULL;
    table->emphasis[table->n_rows++] = false;
}

/* Where the last row keeps a cell, or NULL. */
static char **cell_at(jf_doc_table *table, char **cells, size_t column)
{
    if (!table || table->failed || table->n_rows == 0 || column >= table->n_columns) return NULL;
    return &cells[(table->n_rows - 1) * table->n_columns + column];
}

void jf_doc_table_cell(jf_doc_table *table, size_t column, const char *format, ...)
{
    char **cell = table ? cell_at(table, table->cells, column) : NULL;
    va_list args;

    if (!cell) return;
    jf_free(*cell);
    va_start(args, format);
    *cell = jf_doc_clean_format(format, args);
    va_end(args);
    if (!*cell) table->failed = true;
}

/* All digits of a value in place of what `digits` holds; nothing where the value does not exist. */
static void set_digits(jf_doc_table *table, char **digits, double value)
{
    char buffer[JF_NUMBER_TEXT];

    if (!digits) return;
    jf_free(*digits);
    *digits = jf_copy_text(isfinite(value) ? jf_number_exact(buffer, value) : "");
    if (!*digits) table->failed = true;
}

void jf_doc_table_number(jf_doc_table *table, size_t column, double value, const char *shown)
{
    jf_doc_table_cell(table, column, "%s", shown);
    if (table) set_digits(table, cell_at(table, table->exact, column), value);
}

void jf_doc_table_interval(jf_doc_table *table, size_t column, double low, double high, const char *low_shown,
                           const char *high_shown)
{
    jf_doc_table_cell(table, column, "%s .. %s", low_shown, high_shown);
    if (!table || column >= table->n_columns) return;
    table->columns[column].interval = true;
    set_digits(table, cell_at(table, table->exact, column), low);
    set_digits(table, cell_at(table, table->upper, column), high);
}

void jf_doc_table_words(jf_doc_table *table, size_t column, const char *shown, const char *format, ...)
{
    char **exact = table ? cell_at(table, table->exact, column) : NULL;
    va_list args;

    jf_doc_table_cell(table, column, "%s", shown);
    if (!exact) return;
    jf_free(*exact);
    va_start(args, format);
    *exact = jf_doc_clean_format(format, args);
    va_end(args);
    if (!*exact) table->failed = true;
}

void jf_doc_table_rule(jf_doc_table *table)
{
    if (table) table->rule_above = table->n_rows;
}

/* The chosen cells of every row, moved together; the others are freed. */
static void choose_cells(jf_doc_table *table, char **cells, char **chosen, const size_t *columns, size_t n)
{
    for (size_t r = 0; r < table->n_rows; r++)
        for (size_t c = 0; c < n; c++) {
            char **from = &cells[r * table->n_columns + columns[c]];
            chosen[r * n + c] = *from ? jf_copy_text(*from) : NULL;
            if (*from && !chosen[r * n + c]) table->failed = true;
        }
    for (size_t i = 0; i < table->n_rows * table->n_columns; i++) jf_free(cells[i]);
}

void jf_doc_table_choose(jf_doc_table *table, const size_t *columns, size_t n)
{
    char ***parts[] = {&table->cells, &table->exact, &table->upper};
    char **fresh[3];
    jf_doc_column *kept = JF_NEW_ZEROED(jf_doc_column, n + 1);

    for (size_t p = 0; p < 3; p++) fresh[p] = JF_NEW_ZEROED(char *, table->n_rows *n + 1);
    if (!kept || !fresh[0] || !fresh[1] || !fresh[2]) {
        for (size_t p = 0; p < 3; p++) jf_free(fresh[p]);
        jf_free(kept);
        table->failed = true;
        return;
    }
    for (size_t p = 0; p < 3; p++) {
        choose_cells(table, *parts[p], fresh[p], columns, n);
        jf_free(*parts[p]);
        *parts[p] = fresh[p];
    }
    for (size_t c = 0; c < n; c++) {
        kept[c] = table->columns[columns[c]];
        kept[c].title = jf_copy_text(kept[c].title);
        if (!kept[c].title) table->failed = true;
    }
    for (size_t c = 0; c < table->n_columns; c++) jf_free(table->columns[c].title);
    jf_free(table->columns);
    table->columns = kept;
    table->n_columns = n;
    table->cells_capacity = table->exact_capacity = table->upper_capacity = table->n_rows * n + 1;
}

void jf_doc_table_emphasise(jf_doc_table *table)
{
    if (table && !table->failed && table->n_rows) table->emphasis[table->n_rows - 1] = true;
}
