/* The leaves of a result, with paths that stay the same when members of lists change places. */
#include "reports/walk.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include "core/text.h"
#include "reports/result.h"

typedef struct walker {
    const char *const *skip;
    jf_walk_visit visit;
    void *context;
    jf_text path;
} walker;

static jf_status walk(walker *w, const json_t *value, const char *key, const json_t *holder, jf_error *err);

enum { LONGEST_NAME = 240 };

/* What a member of a list is called by: the first of these that it has; "" for none. */
static const char *name_of(const json_t *member, char name[LONGEST_NAME])
{
    static const char *const names[] = {"name", "law.name", "plan", "kind", "reason", "hypothesis", "code"};
    const char *a = jf_result_text(member, "a"), *b = jf_result_text(member, "b");

    *name = '\0';
    if (*a && *b) {
        snprintf(name, LONGEST_NAME, "%s:%s:%s", jf_result_text(member, "kind"), a, b);
        return name;
    }
    for (size_t i = 0; !*name && i < sizeof names / sizeof *names; i++)
        snprintf(name, LONGEST_NAME, "%s", jf_result_text(member, names[i]));
    return name;
}

static bool has_twin(const json_t *list, size_t i, const char *name)
{
    char other[LONGEST_NAME];

    for (size_t k = 0; k < i; k++)
        if (!strcmp(name_of(json_array_get(list, k), other), name)) return true;
    return false;
}

/* Dots part the path, so that a name has none. */
static void add_name(jf_text *path, const char *name)
{
    if (path->length) jf_text_add(path, ".");
    for (; *name; name++) {
        bool plain = isalnum((unsigned char)*name) || strchr("_-+:=[],\"<>~*() ", *name);
        jf_text_add_bytes(path, plain ? name : "-", 1);
    }
}

static jf_status step(walker *w, const char *name, const json_t *value, const char *key, const json_t *holder,
                      jf_error *err)
{
    size_t length = w->path.length;
    jf_status status;

    add_name(&w->path, name);
    if (w->path.failed) return jf_fail(err, JF_ENOMEM, "out of memory for the numbers of a result");
    status = walk(w, value, key, holder, err);
    w->path.length = length;
    w->path.data[length] = '\0';
    return status;
}

static jf_status walk_list(walker *w, const json_t *list, jf_error *err)
{
    jf_status status = JF_OK;

    for (size_t i = 0; i < json_array_size(list) && status == JF_OK; i++) {
        const json_t *member = json_array_get(list, i);
        char name[LONGEST_NAME], place[32];
        snprintf(place, sizeof place, "%zu", i + 1);
        name_of(member, name);
        status = step(w, *name && !has_twin(list, i, name) ? name : place, member, "", list, err);
    }
    return status;
}

static bool is_skipped(const walker *w, const char *name, const json_t *member)
{
    if (!json_is_object(member) && !json_is_array(member)) return false;
    for (const char *const *skip = w->skip; skip && *skip; skip++)
        if (!strcmp(*skip, name)) return true;
    return false;
}

static jf_status walk(walker *w, const json_t *value, const char *key, const json_t *holder, jf_error *err)
{
    jf_status status = JF_OK;
    const char *name;
    json_t *member;

    if (json_is_array(value)) return walk_list(w, value, err);
    if (!json_is_object(value))
        return w->visit(w->context,
                        &(jf_leaf){.path = w->path.data, .key = key, .value = value, .holder = holder}, err);
    json_object_foreach((json_t *)value, name, member)
    {
        if (!is_skipped(w, name, member)) status = step(w, name, member, name, value, err);
        if (status != JF_OK) break;
    }
    return status;
}

jf_status jf_walk(const json_t *json, const char *prefix, const char *const *skip, jf_walk_visit visit,
                  void *context, jf_error *err)
{
    walker w = {.skip = skip, .visit = visit, .context = context};
    jf_status status;

    jf_text_add(&w.path, "");
    add_name(&w.path, prefix);
    if (w.path.failed) return jf_fail(err, JF_ENOMEM, "out of memory for the numbers of a result");
    status = walk(&w, json, "", NULL, err);
    jf_text_free(&w.path);
    return status;
}
