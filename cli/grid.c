/* Tables of all combinations of given values. */
#include "cli/grid.h"

#include <math.h>
#include <string.h>
#include "cli/words.h"
#include "core/memory.h"
#include "core/text.h"

enum { MOST_ROWS = 1000000, MOST_PARTS = 64 };

/* One column of the grid: its name and its values as texts. */
typedef struct axis {
    char *name;
    jf_words values;
} axis;

typedef struct grid {
    axis axes[MOST_PARTS];
    size_t n, n_rows;
} grid;

static void grid_clear(grid *g)
{
    for (size_t i = 0; i < g->n; i++) {
        jf_free(g->axes[i].name);
        jf_words_free(&g->axes[i].values);
    }
}

static bool read_three(const char *text, double three[3])
{
    for (int i = 0; i < 3; i++) {
        size_t length = strcspn(text, ":");
        if (!jf_number_read(text, length, &three[i]) || (text[length] == ':') != (i < 2)) return false;
        text += length + (i < 2);
    }
    return true;
}

/* LOW:HIGH:STEP as its values; a step that misses HIGH by rounding still reaches it. */
static jf_status add_range(const char *text, jf_words *values, jf_error *err)
{
    double three[3], steps;
    char number[JF_NUMBER_TEXT];
    jf_status status = JF_OK;

    if (!read_three(text, three) || !(three[2] > 0) || three[1] < three[0])
        return jf_fail(err, JF_EUSAGE, "--grid: expected LOW:HIGH:STEP, found '%s'", text);
    steps = floor((three[1] - three[0]) / three[2] * (1 + 1e-12) + 1e-12);
    if (steps >= MOST_ROWS)
        return jf_fail(err, JF_ELIMIT, "--grid: '%s' has more than %d values", text, MOST_ROWS);
    for (size_t i = 0; i <= (size_t)steps && status == JF_OK; i++) {
        jf_number_short(number, three[0] + (double)i * three[2], 15);
        status = jf_words_add(values, number, strlen(number), err);
    }
    return status;
}

/* The '=' behind the column's name, which may stand in backquotes. */
static const char *find_equals(const char *part)
{
    if (*part == '`')
        for (part++; *part; part++)
            if (*part == '`' && *++part != '`') break;
    return strchr(part, '=');
}

/* A name without its backquotes; one in it is written twice. */
static void take_quotes_off(char *name)
{
    char *to = name;

    if (*name != '`') return;
    for (const char *from = name + 1; *from; from++) {
        if (*from == '`' && *++from != '`') break;
        *to++ = *from;
    }
    *to = 0;
}

static jf_status add_axis(const char *part, grid *g, jf_error *err)
{
    jf_status status = JF_OK;
    const char *equals = find_equals(part);
    jf_words name = {0}, pieces = {0};
    axis *a = &g->axes[g->n];

    if (g->n == MOST_PARTS) return jf_fail(err, JF_ELIMIT, "--grid: more than %d columns", MOST_PARTS);
    if (!equals) return jf_fail(err, JF_EUSAGE, "--grid: expected COLUMN=VALUES, found '%s'", part);
    *a = (axis){0};
    g->n++;
    JF_TRY(jf_words_add(&name, part, (size_t)(equals - part), err));
    JF_TRY(jf_words_split(equals + 1, &pieces, err));
    if (name.n == 0 || pieces.n == 0)
        JF_TRY(jf_fail(err, JF_EUSAGE, "--grid: expected COLUMN=VALUES, found '%s'", part));
    a->name = name.items[0];
    take_quotes_off(a->name);
    name.n = 0;
    for (size_t i = 0; i < pieces.n; i++) {
        const char *text = pieces.items[i];
        JF_TRY(strchr(text, ':') ? add_range(text, &a->values, err)
                                 : jf_words_add(&a->values, text, strlen(text), err));
    }
    g->n_rows *= a->values.n;
    if (g->n_rows > MOST_ROWS) JF_TRY(jf_fail(err, JF_ELIMIT, "--grid: more than %d rows", MOST_ROWS));
done:
    jf_words_free(&name);
    jf_words_free(&pieces);
    return status;
}

static jf_status read_axes(const char *text, grid *g, jf_error *err)
{
    jf_status status = JF_OK;

    while (*text && status == JF_OK) {
        size_t length = strcspn(text, ";");
        jf_words part = {0};
        status = jf_words_add(&part, text, length, err);
        if (status == JF_OK && part.n) status = add_axis(part.items[0], g, err);
        jf_words_free(&part);
        text += length + (text[length] == ';');
    }
    if (status == JF_OK && g->n == 0)
        status = jf_fail(err, JF_EUSAGE, "--grid: expected COLUMN=VALUES, found nothing");
    return status;
}

/* Value `i` of the axis stands in `repeat` rows on end, then the next. */
static jf_status add_numbers(const axis *a, const double *numbers, size_t repeat, jf_table *table,
                             jf_error *err)
{
    jf_status status = JF_OK;
    jf_column column = {.kind = JF_NUMERIC, .name = jf_copy_text(a->name)};

    column.values = JF_NEW_ARRAY(double, table->n_rows);
    JF_TRY_NEW(column.name && column.values ? column.values : NULL, err, "a grid");
    for (size_t row = 0; row < table->n_rows; row++) column.values[row] = numbers[row / repeat % a->values.n];
    JF_TRY(jf_table_add(table, &column, false, err));
done:
    jf_column_clear(&column);
    return status;
}

static jf_status add_labels(const axis *a, size_t repeat, jf_table *table, jf_error *err)
{
    const char **texts = JF_NEW_ARRAY(const char *, table->n_rows);
    jf_status status = JF_OK;

    JF_TRY_NEW(texts, err, "a grid");
    for (size_t row = 0; row < table->n_rows; row++) texts[row] = a->values.items[row / repeat % a->values.n];
    JF_TRY(jf_table_add_texts(table, a->name, texts, err));
done:
    jf_free((void *)texts);
    return status;
}

static jf_status add_column(const axis *a, size_t repeat, jf_table *table, jf_error *err)
{
    jf_status status = JF_OK;
    double *numbers = JF_NEW_ARRAY(double, a->values.n);
    bool numeric = true;

    JF_TRY_NEW(numbers, err, "a grid");
    for (size_t i = 0; i < a->values.n; i++)
        numeric = numeric && jf_number_read(a->values.items[i], strlen(a->values.items[i]), &numbers[i]);
    JF_TRY(numeric ? add_numbers(a, numbers, repeat, table, err) : add_labels(a, repeat, table, err));
done:
    jf_free(numbers);
    return status;
}

jf_status jf_grid_read(const char *text, jf_table **out, jf_error *err)
{
    jf_status status = JF_OK;
    grid g = {.n_rows = 1};
    jf_table *table = NULL;
    size_t repeat;

    *out = NULL;
    JF_TRY(read_axes(text, &g, err));
    JF_TRY(jf_table_new(g.n_rows, &table, err));
    table->file = jf_copy_text("--grid");
    JF_TRY_NEW(table->file, err, "a grid");
    repeat = g.n_rows;
    for (size_t i = 0; i < g.n; i++) {
        repeat /= g.axes[i].values.n;
        JF_TRY(add_column(&g.axes[i], repeat, table, err));
    }
    *out = table;
    table = NULL;
done:
    jf_table_free(table);
    grid_clear(&g);
    return status;
}
