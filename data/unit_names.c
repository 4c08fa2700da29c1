/* What a column's name says: its unit, and whether its value is known before the run. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "core/memory.h"
#include "core/text.h"
#include "data/unit.h"

/* ---- words ---- */

/* The next word of a name: letters and digits, cut at other characters and, when `camel`, where a capital
 * follows a small letter. Advances *at; NULL at the end. */
static const char *next_word(const char **at, bool camel, size_t *length)
{
    const char *start = *at, *end;

    while (*start && !isalnum((unsigned char)*start) && *start != '%') start++;
    if (!*start) return NULL;
    for (end = start + 1; *end && (isalnum((unsigned char)*end) || *end == '%'); end++)
        if (camel && islower((unsigned char)end[-1]) && isupper((unsigned char)*end)) break;
    *at = end;
    *length = (size_t)(end - start);
    return start;
}

static bool is_word(const char *word, size_t length, const char *wanted)
{
    return strlen(wanted) == length && strncasecmp(word, wanted, length) == 0;
}

static bool has_word(const char *name, const char *wanted, bool camel)
{
    const char *word;
    size_t length;

    while ((word = next_word(&name, camel, &length)))
        if (is_word(word, length, wanted)) return true;
    return false;
}

bool jf_name_has_word(const char *column, const char *word)
{
    return has_word(column, word, false) || has_word(column, word, true);
}

static bool has_any_word(const char *column, const char *const *words)
{
    for (; *words; words++)
        if (jf_name_has_word(column, *words)) return true;
    return false;
}

/* ---- units ---- */

typedef struct name_row {
    const char *name, *unit;
} name_row;

/* Whole names whose unit is fixed by the tool that writes them. */
static const name_row whole_names[] = {
    {"duration", "s"}, /* CodeCarbon, and everybody's guess */
    {"emissions", "kg"},    {"emissions_rate", "kg/s"}, {"cpu_power", "W"},
    {"gpu_power", "W"},     {"ram_power", "W"},         {"cpu_energy", "kWh"},
    {"gpu_energy", "kWh"},  {"ram_energy", "kWh"},      {"energy_consumed", "kWh"},
    {"train_runtime", "s"}, {"eval_runtime", "s"},      {"total_flos", "FLOP"}, /* Hugging Face Trainer */
};

/* Last words that are units. */
static const name_row endings[] = {
    {"J", "J"},
    {"joule", "J"},
    {"joules", "J"},
    {"kJ", "kJ"},
    {"MJ", "MJ"},
    {"mJ", "mJ"},
    {"Wh", "Wh"},
    {"kWh", "kWh"},
    {"MWh", "MWh"},
    {"GWh", "GWh"},
    {"W", "W"},
    {"watt", "W"},
    {"watts", "W"},
    {"kW", "kW"},
    {"mW", "mW"},
    {"s", "s"},
    {"sec", "s"},
    {"secs", "s"},
    {"second", "s"},
    {"seconds", "s"},
    {"ms", "ms"},
    {"us", "us"},
    {"ns", "ns"},
    {"minutes", "min"},
    {"h", "h"},
    {"hr", "h"},
    {"hrs", "h"},
    {"hour", "h"},
    {"hours", "h"},
    {"days", "day"},
    {"byte", "byte"},
    {"bytes", "byte"},
    {"kB", "kB"},
    {"KB", "kB"},
    {"MB", "MB"},
    {"GB", "GB"},
    {"TB", "TB"},
    {"KiB", "KiB"},
    {"MiB", "MiB"},
    {"GiB", "GiB"},
    {"TiB", "TiB"},
    {"FLOP", "FLOP"},
    {"FLOPs", "FLOP"},
    {"flops", "FLOP"},
    {"GFLOP", "GFLOP"},
    {"GFLOPs", "GFLOP"},
    {"TFLOP", "TFLOP"},
    {"TFLOPs", "TFLOP"},
    {"PFLOP", "PFLOP"},
    {"PFLOPs", "PFLOP"},
    {"GFLOPS", "GFLOP/s"},
    {"TFLOPS", "TFLOP/s"},
    {"PFLOPS", "PFLOP/s"},
    {"token", "token"},
    {"tokens", "token"},
    {"kg", "kg"},
    {"Hz", "Hz"},
    {"MHz", "MHz"},
    {"GHz", "GHz"},
    {"percent", "%"},
    {"pct", "%"},
    {"%", "%"},
};

/* Words that count things: "steps_per_s" is 1/s. */
static const char *const counted[] = {"steps",  "samples", "iterations", "it", "sequences",
                                      "images", "batches", "epochs",     NULL};

#define N_ROWS(table) (sizeof(table) / sizeof *(table))

/* Unit of one word, or NULL; another case will do where only one unit is meant (kwh, not mw). */
static const char *unit_of_word(const char *word, size_t length)
{
    const char *found = NULL;

    for (size_t i = 0; i < N_ROWS(endings); i++)
        if (strlen(endings[i].name) == length && strncmp(endings[i].name, word, length) == 0)
            return endings[i].unit;
    for (size_t i = 0; i < N_ROWS(endings) && length > 2; i++) {
        if (!is_word(word, length, endings[i].name)) continue;
        if (found && strcmp(found, endings[i].unit) != 0) return NULL;
        found = endings[i].unit;
    }
    return found;
}

/* "power.draw [W]", "Energy (kWh)": a unit in brackets at the end. */
static bool unit_in_brackets(const char *column, char *text, size_t size)
{
    size_t length = strlen(column);
    const char *open = strrchr(column, '[');
    jf_unit unit;

    if (!open || strchr(column, ']') != column + length - 1) open = strrchr(column, '(');
    if (!open || (column[length - 1] != ']' && column[length - 1] != ')')) return false;
    if (strlen(open) < 3 || strlen(open) - 2 >= size) return false;
    snprintf(text, size, "%.*s", (int)strlen(open) - 2, open + 1);
    if (jf_unit_read(text, &unit, NULL) == JF_OK) return true;
    text[0] = '\0';
    return false;
}

/* The last three words of a name. */
typedef struct tail {
    const char *word[3]; /* last, the one before, the one before that; NULL when there is none */
    size_t length[3];
    size_t n_words;
} tail;

static tail tail_of(const char *column)
{
    tail last = {0};
    const char *word;
    size_t length;

    while ((word = next_word(&column, false, &length))) {
        for (int i = 2; i > 0; i--) {
            last.word[i] = last.word[i - 1];
            last.length[i] = last.length[i - 1];
        }
        last.word[0] = word;
        last.length[0] = length;
        last.n_words++;
    }
    return last;
}

static bool is_counted(const char *word, size_t length)
{
    for (size_t i = 0; counted[i]; i++)
        if (is_word(word, length, counted[i])) return true;
    return false;
}

/* "J_per_token", "tokens_per_second", "steps_per_s": X per Y. */
static void unit_of_rate(const tail *last, const char *below, char *text, size_t size)
{
    const char *above = last->word[2] ? unit_of_word(last->word[2], last->length[2]) : NULL;

    if (!above && last->word[2] && is_counted(last->word[2], last->length[2])) above = "1";
    if (above) snprintf(text, size, "%s/%s", above, below);
}

const char *jf_unit_of_name(const char *column, char *text, size_t size)
{
    tail last = tail_of(column);
    const char *unit, *before;

    text[0] = '\0';
    for (size_t i = 0; i < N_ROWS(whole_names); i++)
        if (strcmp(whole_names[i].name, column) == 0) snprintf(text, size, "%s", whole_names[i].unit);
    if (text[0] || last.n_words == 0 || unit_in_brackets(column, text, size)) return text;
    unit = unit_of_word(last.word[0], last.length[0]);
    if (!unit || (last.n_words == 1 && last.length[0] < 3)) return text; /* h, s, W, J may be anything */
    before = last.word[1] ? unit_of_word(last.word[1], last.length[1]) : NULL;
    if (last.word[1] && is_word(last.word[1], last.length[1], "per"))
        unit_of_rate(&last, unit, text, size);
    else if (before && strcmp(unit, "s") == 0)
        snprintf(text, size, "%s/s", before); /* bandwidth_GB_s */
    else
        snprintf(text, size, "%s", unit);
    return text;
}

/* ---- before or after the run ---- */

static const char *const limit_words[] = {"limit",  "cap",     "tdp",    "rated",     "nominal",
                                          "budget", "timeout", "target", "bandwidth", NULL};
static const char *const result_words[] = {
    "energy",      "joules",      "power",   "watt",       "watts",     "duration",
    "runtime",     "elapsed",     "time",    "latency",    "timestamp", "throughput",
    "utilization", "utilisation", "util",    "used",       "allocated", "reserved",
    "temperature", "temp",        "loss",    "perplexity", "ppl",       "accuracy",
    "speedup",     "efficiency",  "eta",     "mfu",        "hfu",       "hef",
    "emissions",   "co2",         "voltage", "current",    "clock",     NULL};

static bool is_peak_of_hardware(const char *column, const jf_unit *unit)
{
    bool speed = unit->known && unit->power[JF_OPERATIONS] == 1;

    return jf_name_has_word(column, "peak") &&
           (speed || strcasecmp(column, "peak") == 0 || jf_name_has_word(column, "flops"));
}

jf_known jf_known_of_name(const char *column, const char *unit_text)
{
    jf_unit unit = {0};
    bool speed_up = jf_name_has_word(column, "speed") && jf_name_has_word(column, "up");

    if (unit_text && *unit_text) jf_unit_read(unit_text, &unit, NULL);
    if (has_any_word(column, limit_words) || is_peak_of_hardware(column, &unit)) return JF_PRE_RUN;
    if (speed_up || has_any_word(column, result_words)) return JF_POST_RUN;
    return unit.known && (unit.power[JF_ENERGY] || unit.power[JF_TIME]) ? JF_POST_RUN : JF_PRE_RUN;
}

/* ---- tables ---- */

void jf_table_set_units(jf_table *table)
{
    for (size_t i = 0; i < table->n_columns; i++) {
        jf_column *column = &table->columns[i];
        if (column->kind != JF_NUMERIC) continue; /* labels are configuration and have no unit */
        if (!column->unit[0]) jf_unit_of_name(column->name, column->unit, sizeof column->unit);
        if (jf_known_of_name(column->name, column->unit) == JF_POST_RUN) column->known = JF_POST_RUN;
    }
}

/* Splits "COL=VALUE" at the last '='; *value points into `assignment`, *column is owned by the table. */
static jf_status split_assignment(jf_table *table, const char *option, const char *assignment,
                                  jf_column **column, const char **value, jf_error *err)
{
    const char *equals = strrchr(assignment, '=');
    const jf_column *found;
    jf_status status;
    char *name;

    *column = NULL;
    if (!equals || equals == assignment || !equals[1])
        return jf_fail(err, JF_EUSAGE, "%s: expected COLUMN=VALUE, found '%s'", option, assignment);
    name = jf_copy_bytes(assignment, (size_t)(equals - assignment));
    if (!name) return jf_fail(err, JF_ENOMEM, "out of memory for %s", option);
    status = jf_table_get(table, name, &found, err);
    jf_free(name);
    if (status != JF_OK) {
        jf_error_prefix(err, "%s", option);
        return status;
    }
    *column = &table->columns[found - table->columns];
    *value = equals + 1;
    return JF_OK;
}

jf_status jf_table_set_unit(jf_table *table, const char *assignment, jf_error *err)
{
    jf_status status = JF_OK;
    jf_column *column;
    const char *text;
    jf_unit unit;

    JF_TRY(split_assignment(table, "--unit", assignment, &column, &text, err));
    status = jf_unit_read(text, &unit, err);
    if (status == JF_OK && column->kind == JF_LABEL)
        status = jf_fail(err, JF_EUSAGE, "column '%s' holds labels, which have no unit", column->name);
    if (status == JF_OK && strlen(text) >= sizeof column->unit)
        status =
            jf_fail(err, JF_EUSAGE, "unit '%s' is longer than %zu characters", text, sizeof column->unit - 1);
    if (status != JF_OK) {
        jf_error_prefix(err, "--unit");
        return status;
    }
    snprintf(column->unit, sizeof column->unit, "%s", text);
    if (unit.power[JF_ENERGY] || unit.power[JF_TIME]) column->known = jf_known_of_name(column->name, text);
done:
    return status;
}

jf_status jf_table_set_class(jf_table *table, const char *assignment, jf_error *err)
{
    jf_status status = JF_OK;
    jf_column *column;
    const char *text;

    JF_TRY(split_assignment(table, "--class", assignment, &column, &text, err));
    if (strcmp(text, "pre") == 0)
        column->known = JF_PRE_RUN;
    else if (strcmp(text, "post") == 0)
        column->known = JF_POST_RUN;
    else
        status =
            jf_fail(err, JF_EUSAGE, "--class: expected pre or post for '%s', found '%s'", column->name, text);
done:
    return status;
}
