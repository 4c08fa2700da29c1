/* Splitting of comma-separated option values. */
#include "cli/words.h"

#include <string.h>
#include "core/memory.h"

void jf_words_free(jf_words *names)
{
    for (size_t i = 0; i < names->n; i++) jf_free(names->items[i]);
    jf_free(names->items);
    *names = (jf_words){0};
}

jf_status jf_words_add(jf_words *names, const char *text, size_t length, jf_error *err)
{
    char *copy;

    while (length && *text == ' ') text++, length--;
    while (length && text[length - 1] == ' ') length--;
    if (length == 0) return JF_OK;
    copy = jf_copy_bytes(text, length);
    if (!copy || !jf_grow((void **)&names->items, &names->capacity, names->n + 1, sizeof *names->items)) {
        jf_free(copy);
        return jf_fail(err, JF_ENOMEM, "out of memory for names");
    }
    names->items[names->n++] = copy;
    return JF_OK;
}

/* Length of the part up to the next comma outside brackets and quotes. */
static size_t part_length(const char *text)
{
    size_t length = 0;
    int depth = 0;
    char quote = 0;

    for (; text[length]; length++) {
        char c = text[length];
        if (quote)
            quote = c == quote ? 0 : quote;
        else if (c == '"' || c == '\'' || c == '`')
            quote = c;
        else if (c == '(' || c == '[')
            depth++;
        else if (c == ')' || c == ']')
            depth--;
        else if (c == ',' && depth <= 0)
            break;
    }
    return length;
}

jf_status jf_words_split(const char *text, jf_words *names, jf_error *err)
{
    while (*text) {
        size_t length = part_length(text);
        jf_status status = jf_words_add(names, text, length, err);
        if (status != JF_OK) return status;
        text += length + (text[length] == ',');
    }
    return JF_OK;
}

jf_status jf_words_split_all(const jf_option_list *values, jf_words *names, jf_error *err)
{
    jf_status status = JF_OK;

    for (size_t i = 0; i < values->n && status == JF_OK; i++)
        status = jf_words_split(values->items[i], names, err);
    return status;
}
