/* Columns of a delimited tracker file by name. */
#include "data/trackers/header.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "core/memory.h"
#include "core/text.h"

static const char *cell(const jf_row *row, size_t field)
{
    return row->bytes + row->starts[field];
}

static char *copy_trimmed(const char *text)
{
    size_t length;

    while (isspace((unsigned char)*text)) text++;
    length = strlen(text);
    while (length && isspace((unsigned char)text[length - 1])) length--;
    return jf_copy_bytes(text, length);
}

void jf_header_free(jf_header *header)
{
    for (size_t i = 0; i < header->n; i++) jf_free(header->names[i]);
    jf_free(header->names);
    *header = (jf_header){0};
}

jf_status jf_header_read(jf_header *header, const jf_row *row, jf_error *err)
{
    jf_status status = JF_OK;

    jf_header_free(header);
    header->names = JF_NEW_ZEROED(char *, row->n_fields);
    JF_TRY_NEW(header->names, err, "a header");
    header->n = row->n_fields;
    for (size_t i = 0; i < row->n_fields; i++) {
        header->names[i] = copy_trimmed(cell(row, i));
        JF_TRY_NEW(header->names[i], err, "a header");
    }
done:
    if (status != JF_OK) jf_header_free(header);
    return status;
}

long jf_header_find(const jf_header *header, const char *name)
{
    for (size_t i = 0; i < header->n; i++)
        if (strcmp(header->names[i], name) == 0) return (long)i;
    return -1;
}

bool jf_header_repeats(const jf_header *header, const jf_row *row)
{
    if (row->problem || row->n_fields != header->n) return false;
    for (size_t i = 0; i < header->n; i++) {
        const char *text = cell(row, i);
        while (isspace((unsigned char)*text)) text++;
        if (strncmp(text, header->names[i], strlen(header->names[i])) != 0) return false;
    }
    return true;
}

const char *jf_header_text(const jf_header *header, const jf_row *row, const char *name)
{
    long place = jf_header_find(header, name);
    const char *text = place >= 0 && (size_t)place < row->n_fields ? cell(row, (size_t)place) : "";

    while (isspace((unsigned char)*text)) text++;
    return text;
}

double jf_header_number(const jf_header *header, const jf_row *row, const char *name, bool *bad)
{
    const char *text = jf_header_text(header, row, name);
    double value = NAN;

    if (!*text || strcmp(text, "nan") == 0 || strcmp(text, "None") == 0) return NAN;
    if (!jf_number_read(text, strlen(text), &value)) *bad = true;
    return *bad ? NAN : value;
}

/* The next name of a header line, bare; *at goes on behind its comma, to NULL after the last. */
static const char *next_name(const char **at, size_t *length)
{
    const char *start = *at;
    size_t n = strcspn(start, ",\r\n");

    *at = start[n] == ',' ? start + n + 1 : NULL;
    while (n && (isspace((unsigned char)*start) || *start == '"')) start++, n--;
    while (n && (isspace((unsigned char)start[n - 1]) || start[n - 1] == '"')) n--;
    *length = n;
    return start;
}

static const char *first_name(const char *head)
{
    return strncmp(head, "\xEF\xBB\xBF", 3) == 0 ? head + 3 : head;
}

bool jf_head_has(const char *head, const char *name)
{
    size_t length;

    for (const char *at = first_name(head); at;) {
        const char *found = next_name(&at, &length);
        if (length == strlen(name) && strncmp(found, name, length) == 0) return true;
    }
    return false;
}

bool jf_head_only(const char *head, const char *const *names)
{
    size_t length;

    for (const char *at = first_name(head); at;) {
        const char *found = next_name(&at, &length);
        size_t i = 0;
        while (names[i] && (strlen(names[i]) != length || strncmp(found, names[i], length) != 0)) i++;
        if (length && !names[i]) return false;
    }
    return true;
}

/* At most `most` digits; NULL when there is none. */
static const char *read_field(const char *text, int most, int *value)
{
    int n = 0;

    *value = 0;
    for (; n < most && isdigit((unsigned char)text[n]); n++) *value = 10 * *value + (text[n] - '0');
    return n ? text + n : NULL;
}

const char *jf_fields_read(const char *text, const char *pattern, int *fields)
{
    for (; text && *pattern; pattern++) {
        if (isdigit((unsigned char)*pattern))
            text = read_field(text, *pattern - '0', fields++);
        else if (*pattern == ' ')
            text += strspn(text, " \t");
        else
            text = *text == *pattern ? text + 1 : NULL;
    }
    return text;
}

double jf_number_before(const char *text)
{
    double value;

    text += strspn(text, " \t");
    return jf_number_read(text, strspn(text, "0123456789.eE+-"), &value) ? value : NAN;
}

double jf_time_read(const char *text)
{
    int date[3], time[2];
    double seconds = 0;
    const char *at = jf_fields_read(text, " 4-2-2", date);

    if (!at) at = jf_fields_read(text, " 4/2/2", date);
    if (!at || (*at != 'T' && *at != ' ')) return NAN;
    at = jf_fields_read(at + 1, " 2:2:", time);
    if (!at || !jf_number_read(at, strspn(at, "0123456789."), &seconds) || seconds < 0 || seconds >= 61)
        return NAN;
    if (date[1] < 1 || date[1] > 12 || date[2] < 1 || date[2] > 31 || time[0] > 23 || time[1] > 59)
        return NAN;
    struct tm day = {.tm_year = date[0] - 1900,
                     .tm_mon = date[1] - 1,
                     .tm_mday = date[2],
                     .tm_hour = time[0],
                     .tm_min = time[1]};
    return (double)timegm(&day) + seconds;
}
