/* From --law, --laws, --start, --bounds, --fix, --tie and --map to laws. */
#include "cli/law_options.h"

#include <string.h>
#include "core/memory.h"
#include "core/text.h"

#define AT(field) offsetof(jf_law_options, field)
const jf_option jf_law_options_table[] = {
    {"law", 'l', JF_OPTION_LIST, AT(laws), .argument = "LAW",
     .help = "a name of the catalogue, or 'response ~ formula', or 'name: response ~ formula'"},
    {"laws", 0, JF_OPTION_TEXT, AT(file), .argument = "FILE", .help = "laws of your own, in YAML",
     .path = true},
    {"start", 0, JF_OPTION_LIST, AT(starts), .argument = "a=1,b=2", .help = "where the first start stands"},
    {"bounds", 0, JF_OPTION_LIST, AT(bounds), .argument = "a=0:2,b=:1",
     .help = "lowest and highest values allowed"},
    {"fix", 0, JF_OPTION_LIST, AT(fixed), .argument = "b=1", .help = "hold parameters at values"},
    {"tie", 0, JF_OPTION_LIST, AT(ties), .argument = "'b = 2*a'",
     .help = "make a parameter a formula of others"},
    {NULL}};
#undef AT

static jf_status append(jf_laws *laws, jf_law *law, jf_error *err)
{
    if (law && jf_grow((void **)&laws->items, &laws->capacity, laws->n + 1, sizeof *laws->items)) {
        laws->items[laws->n++] = law;
        return JF_OK;
    }
    jf_law_free(law);
    return jf_fail(err, JF_ENOMEM, "out of memory for laws");
}

/* ---- finding laws ---- */

static const jf_law *named(const jf_laws *laws, const char *name)
{
    for (size_t i = 0; i < laws->n; i++)
        if (strcmp(laws->items[i]->name, name) == 0) return laws->items[i];
    return NULL;
}

static jf_status rename_law(jf_law *law, size_t number, jf_error *err)
{
    jf_text name = {0};
    char *taken;

    jf_text_addf(&name, "law%zu", number);
    taken = jf_text_take(&name);
    if (!taken) return jf_fail(err, JF_ENOMEM, "out of memory for laws");
    jf_free(law->name);
    law->name = taken;
    return JF_OK;
}

static jf_status add_typed(const char *text, jf_laws *out, jf_error *err)
{
    jf_law *law = NULL;
    jf_status status = jf_law_read(text, &law, err);

    if (status != JF_OK) return status;
    if (strcmp(law->name, "law1") == 0 && strncmp(text + strspn(text, " \t"), "law1", 4) != 0)
        status = rename_law(law, out->n + 1, err);
    if (status != JF_OK) {
        jf_law_free(law);
        return status;
    }
    return append(out, law, err);
}

static jf_status add_named(const char *name, const jf_laws *own, const jf_laws *builtin, jf_laws *out,
                           jf_error *err)
{
    const jf_law *law = named(own, name);
    jf_status status = JF_OK;

    if (!law && strpbrk(name, " ()*/+^="))
        return jf_fail(err, JF_EUSAGE,
                       "--law: expected a name of the catalogue or 'response ~ formula', found '%s'", name);

    if (!law) status = jf_laws_find(builtin, name, &law, err);
    return status == JF_OK ? append(out, jf_law_copy(law), err) : status;
}

static jf_status refuse_same_names(const jf_laws *laws, jf_error *err)
{
    for (size_t i = 0; i < laws->n; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(laws->items[i]->name, laws->items[j]->name) == 0)
                return jf_fail(err, JF_EUSAGE, "two laws are called '%s': name one, as in --law 'other: %s'",
                               laws->items[i]->name, laws->items[i]->text);
    return JF_OK;
}

static jf_status find_laws(const jf_law_options *options, jf_laws *out, jf_error *err)
{
    jf_status status = JF_OK;
    jf_laws own = {0}, builtin = {0};

    if (options->file) JF_TRY(jf_laws_read_file(options->file, &own, err));
    for (size_t i = 0; i < options->laws.n; i++) {
        const char *text = options->laws.items[i];
        if (strchr(text, '~')) {
            JF_TRY(add_typed(text, out, err));
            continue;
        }
        if (!builtin.n)
            JF_TRY(jf_laws_builtin(&builtin, err)); /* takes milliseconds: not before it is wanted */
        JF_TRY(add_named(text, &own, &builtin, out, err));
    }
    if (options->laws.n == 0)
        for (size_t i = 0; i < own.n; i++) JF_TRY(append(out, jf_law_copy(own.items[i]), err));
    if (out->n == 0 && !options->optional)
        JF_TRY(jf_fail(err, JF_EUSAGE,
                       "no law: give --law NAME ('joulefit laws' lists them) or --law 'log(energy) ~ "
                       "b0 + a*log(tokens)'"));
    JF_TRY(refuse_same_names(out, err));
done:
    jf_laws_free(&builtin);
    jf_laws_free(&own);
    return status;
}

/* ---- settings ---- */

typedef jf_status (*law_setting)(jf_law *law, const char *text, jf_error *err);

/* The law that "LAW.a=1" is for, with `*text` moved past the dot; NULL: for all. */
static jf_law *addressed(const jf_laws *laws, const char **text)
{
    for (size_t i = 0; i < laws->n; i++) {
        size_t length = strlen(laws->items[i]->name);
        if (strncmp(*text, laws->items[i]->name, length) != 0 || (*text)[length] != '.') continue;
        *text += length + 1;
        return laws->items[i];
    }
    return NULL;
}

static jf_status set_one(const char *option, law_setting set, jf_law *law, const char *text, bool several,
                         jf_error *err)
{
    jf_status status = set(law, text, err);

    if (status != JF_OK && several)
        jf_error_prefix(err, "law '%s' (%s LAW.%s sets it for one law)", law->name, option, text);
    return status;
}

static jf_status set_all(const char *option, const jf_option_list *values, law_setting set,
                         const jf_laws *laws, jf_error *err)
{
    jf_status status = JF_OK;

    for (size_t i = 0; i < values->n; i++) {
        const char *text = values->items[i];
        jf_law *one = addressed(laws, &text);
        if (one) JF_TRY(set_one(option, set, one, text, false, err));
        for (size_t law = 0; law < laws->n && !one; law++)
            JF_TRY(set_one(option, set, laws->items[law], text, laws->n > 1, err));
    }
done:
    return status;
}

/* ---- mapping ---- */

typedef struct name_search {
    const char *name;
    size_t length;
    bool found;
} name_search;

static void look_for(void *context, const jf_ast *node, const char *name, bool is_level_column)
{
    name_search *search = context;
    (void)node, (void)is_level_column;
    if (strlen(name) == search->length && memcmp(name, search->name, search->length) == 0)
        search->found = true;
}

/* Does the law read the name before the '=' of a map entry? */
static bool law_reads(const jf_law *law, const char *entry)
{
    name_search search = {.name = entry, .length = strcspn(entry, "=")};

    while (search.length && search.name[search.length - 1] == ' ') search.length--;
    jf_ast_names(law->response, look_for, &search);
    jf_ast_names(law->formula, look_for, &search);
    return search.found;
}

/* Gives a law all the entries of one --map that it reads at once, so that "a=b,b=a" swaps. */
static jf_status map_law(jf_law *law, const jf_words *entries, bool *taken, jf_error *err)
{
    jf_status status = JF_OK;
    jf_text text = {0};

    for (size_t i = 0; i < entries->n; i++) {
        if (!law_reads(law, entries->items[i])) continue;
        jf_text_addf(&text, "%s%s", text.length ? "," : "", entries->items[i]);
        taken[i] = true;
    }
    if (text.failed) status = jf_fail(err, JF_ENOMEM, "out of memory for --map");
    if (status == JF_OK && text.length) status = jf_law_map(law, text.data, err);
    jf_text_free(&text);
    return status;
}

static jf_status map_laws(const char *value, const jf_laws *laws, jf_words *unread, jf_error *err)
{
    jf_status status = JF_OK;
    jf_words entries = {0};
    bool *taken = NULL;

    JF_TRY(jf_words_split(value, &entries, err));
    taken = JF_NEW_ZEROED(bool, entries.n);
    JF_TRY_NEW(taken, err, "--map");
    for (size_t i = 0; i < entries.n; i++)
        if (!strchr(entries.items[i], '='))
            JF_TRY(jf_fail(err, JF_EUSAGE, "--map: expected NAME=COLUMN, found '%s'", entries.items[i]));
    for (size_t i = 0; i < laws->n; i++) JF_TRY(map_law(laws->items[i], &entries, taken, err));
    for (size_t i = 0; i < entries.n; i++)
        if (!taken[i]) JF_TRY(jf_words_add(unread, entries.items[i], strlen(entries.items[i]), err));
done:
    jf_free(taken);
    jf_words_free(&entries);
    return status;
}

jf_status jf_law_options_read(const jf_law_options *options, const jf_option_list *maps, jf_laws *out,
                              jf_words *unread, jf_error *err)
{
    jf_status status = JF_OK;

    *out = (jf_laws){0};
    JF_TRY(find_laws(options, out, err));
    for (size_t i = 0; i < maps->n; i++) JF_TRY(map_laws(maps->items[i], out, unread, err));
    JF_TRY(set_all("--start", &options->starts, jf_law_set_starts, out, err));
    JF_TRY(set_all("--bounds", &options->bounds, jf_law_set_bounds, out, err));
    JF_TRY(set_all("--fix", &options->fixed, jf_law_set_fixed, out, err));
    JF_TRY(set_all("--tie", &options->ties, jf_law_set_tie, out, err));
done:
    if (status != JF_OK) jf_laws_free(out);
    return status;
}
