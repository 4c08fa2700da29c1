/* JSON files of training tools: read whole, with the NaN and Infinity that Python writes taken as null. */
#include "data/trackers/json_text.h"

#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/text.h"
#include "data/source.h"

static const size_t most = (size_t)256 << 20;

static jf_status read_all(const char *path, jf_text *text, jf_error *err)
{
    jf_status status = JF_OK;
    jf_source *source = NULL;
    char block[4096];
    size_t n = 1;

    JF_TRY(jf_source_open(path, &source, err));
    while (n) {
        JF_TRY(jf_source_read(source, block, sizeof block, &n, err));
        jf_text_add_bytes(text, block, n);
        JF_TRY_NEW(!text->failed, err, path);
        if (text->length > most)
            JF_TRY(jf_fail(err, JF_ELIMIT, "%s: a JSON file of more than 256 MiB", path));
    }
done:
    jf_source_close(source);
    return status;
}

/* Length of a token at `at` that JSON does not have, or 0. */
static size_t non_finite(const char *at)
{
    static const char *const tokens[] = {"NaN", "Infinity", "-Infinity"};

    for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++)
        if (strncmp(at, tokens[i], strlen(tokens[i])) == 0) return strlen(tokens[i]);
    return 0;
}

/* Copies the text with such tokens, outside strings, as null. */
static size_t replace_non_finite(const char *from, jf_text *to)
{
    size_t n = 0;
    bool in_string = false;

    while (*from) {
        const char *start = from;
        size_t token = 0;
        while (*from && !(token = in_string ? 0 : non_finite(from))) {
            if (in_string && *from == '\\' && from[1])
                from++;
            else if (*from == '"')
                in_string = !in_string;
            from++;
        }
        jf_text_add_bytes(to, start, (size_t)(from - start));
        if (!token) break;
        jf_text_add(to, "null");
        from += token;
        n++;
    }
    return n;
}

jf_status jf_json_file(const char *path, json_t **out, size_t *n_replaced, jf_error *err)
{
    jf_status status = JF_OK;
    jf_text raw = {0}, latin = {0}, text = {0};
    json_error_t where;
    const char *start;

    *out = NULL;
    *n_replaced = 0;
    JF_TRY(read_all(path, &raw, err));
    start = raw.data ? raw.data : "";
    if (strncmp(start, "\xEF\xBB\xBF", 3) == 0) start += 3;
    if (!jf_text_is_utf8(start)) { /* a name or a path of the machine that wrote it */
        jf_text_add_latin1(&latin, start, strlen(start));
        JF_TRY_NEW(latin.data && !latin.failed, err, path);
        start = latin.data;
    }
    *n_replaced = replace_non_finite(start, &text);
    JF_TRY_NEW(!text.failed, err, path);
    *out = json_loadb(text.data ? text.data : "", text.length, JSON_DECODE_INT_AS_REAL, &where);
    if (!*out) {
        status = jf_fail(err, JF_EDATA, "%s:%d: column %d: %s", path, where.line, where.column, where.text);
        goto done;
    }
done:
    jf_text_free(&raw);
    jf_text_free(&latin);
    jf_text_free(&text);
    return status;
}

double jf_json_member(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    return json_is_number(value) ? json_number_value(value) : NAN;
}
