/* Laws: made from text, copied, freed, and the settings of their parameters. */
#include "fit/law/law.h"

#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/text.h"

const char *const jf_error_kind_names[] = {"as written", "log", "additive", "relative", NULL};

jf_status jf_error_kind_read(const char *text, jf_error_kind *out, jf_error *err)
{
    char hint[96];
    size_t n = 0;

    *out = JF_ERROR_AS_WRITTEN;
    if (!text) return JF_OK;
    for (; jf_error_kind_names[n]; n++) {
        if (strcmp(text, jf_error_kind_names[n]) == 0) {
            *out = (jf_error_kind)n;
            return JF_OK;
        }
    }
    return jf_fail(err, JF_EUSAGE, "error: expected log, additive or relative, found '%s'%s", text,
                   jf_did_you_mean(hint, sizeof hint, text, jf_error_kind_names, n));
}

static void spec_clear(jf_parameter_spec *spec)
{
    jf_free(spec->name);
    jf_ast_free(spec->tie);
}

void jf_law_input_clear(jf_law_input *input)
{
    for (size_t i = 0; i < input->n_levels; i++) jf_free(input->levels[i]);
    jf_free(input->levels);
    jf_free(input->name);
    jf_free(input->meaning);
    jf_free(input->unit);
}

void jf_law_free(jf_law *law)
{
    if (!law) return;
    for (size_t i = 0; i < law->n_specs; i++) spec_clear(&law->specs[i]);
    for (size_t i = 0; i < law->n_inputs; i++) jf_law_input_clear(&law->inputs[i]);
    jf_free(law->specs);
    jf_free(law->inputs);
    jf_ast_free(law->response);
    jf_ast_free(law->formula);
    jf_free(law->name);
    jf_free(law->text);
    jf_free(law->source);
    jf_free(law->title);
    jf_free(law->group);
    jf_free(law);
}

jf_status jf_law_read(const char *text, jf_law **out, jf_error *err)
{
    jf_status status = JF_OK;
    jf_ast_law parsed = {0};
    jf_law *law = JF_NEW(jf_law);

    *out = NULL;
    JF_TRY_NEW(law, err, "a law");
    JF_TRY(jf_ast_read_law(text, &parsed, err));
    law->name = parsed.name ? jf_copy_text(parsed.name) : jf_copy_text("law1");
    law->text = jf_copy_text(parsed.text);
    JF_TRY_NEW(law->name && law->text ? law : NULL, err, "a law");
    law->response = parsed.response;
    law->formula = parsed.formula;
    parsed.response = parsed.formula = NULL; /* the law owns them now */
    *out = law;
    law = NULL;
done:
    jf_ast_law_clear(&parsed);
    jf_law_free(law);
    return status;
}

static bool copy_optional(char **to, const char *from)
{
    *to = jf_copy_text(from);
    return *to || !from;
}

static bool copy_spec(jf_parameter_spec *to, const jf_parameter_spec *from)
{
    *to = *from;
    to->name = jf_copy_text(from->name);
    to->tie = from->tie ? jf_ast_copy(from->tie) : NULL;
    return to->name && (to->tie || !from->tie);
}

static bool copy_input(jf_law_input *to, const jf_law_input *from)
{
    *to = *from;
    to->levels = NULL;
    to->n_levels = 0;
    to->unit = to->meaning = NULL;
    to->name = jf_copy_text(from->name);
    if (!to->name || !copy_optional(&to->unit, from->unit) || !copy_optional(&to->meaning, from->meaning))
        return false;
    if (!from->n_levels) return true;
    to->levels = JF_NEW_ZEROED(char *, from->n_levels);
    if (!to->levels) return false;
    for (; to->n_levels < from->n_levels; to->n_levels++) {
        to->levels[to->n_levels] = jf_copy_text(from->levels[to->n_levels]);
        if (!to->levels[to->n_levels]) return false;
    }
    return true;
}

static bool copy_into(jf_law *copy, const jf_law *law)
{
    copy->error = law->error;
    copy->from_catalogue = law->from_catalogue;
    copy->response = jf_ast_copy(law->response);
    copy->formula = jf_ast_copy(law->formula);
    if (!copy->response || !copy->formula || !copy_optional(&copy->name, law->name) ||
        !copy_optional(&copy->text, law->text) || !copy_optional(&copy->source, law->source) ||
        !copy_optional(&copy->title, law->title) || !copy_optional(&copy->group, law->group))
        return false;
    copy->specs = JF_NEW_ZEROED(jf_parameter_spec, law->n_specs);
    copy->inputs = JF_NEW_ZEROED(jf_law_input, law->n_inputs);
    if (!copy->specs || !copy->inputs) return false;
    copy->specs_capacity = law->n_specs;
    while (copy->n_specs < law->n_specs) {
        size_t i = copy->n_specs++;
        if (!copy_spec(&copy->specs[i], &law->specs[i])) return false;
    }
    while (copy->n_inputs < law->n_inputs) {
        size_t i = copy->n_inputs++;
        if (!copy_input(&copy->inputs[i], &law->inputs[i])) return false;
    }
    return true;
}

jf_law *jf_law_copy(const jf_law *law)
{
    jf_law *copy = JF_NEW(jf_law);

    if (copy && !copy_into(copy, law)) {
        jf_law_free(copy);
        copy = NULL;
    }
    return copy;
}

const jf_parameter_spec *jf_law_find_spec(const jf_law *law, const char *name)
{
    for (size_t i = 0; i < law->n_specs; i++)
        if (jf_parameter_name_same(law->specs[i].name, name)) return &law->specs[i];
    return NULL;
}

jf_parameter_spec *jf_law_spec(jf_law *law, const char *name)
{
    jf_parameter_spec *spec = (jf_parameter_spec *)jf_law_find_spec(law, name);
    jf_parameter_spec fresh = {.range_low = NAN,
                               .range_high = NAN,
                               .lower = -INFINITY,
                               .upper = INFINITY,
                               .start = NAN,
                               .fixed = NAN,
                               .published = NAN};

    if (spec) return spec;
    if (!jf_grow((void **)&law->specs, &law->specs_capacity, law->n_specs + 1, sizeof *law->specs))
        return NULL;
    fresh.name = jf_copy_text(name);
    if (!fresh.name) return NULL;
    law->specs[law->n_specs] = fresh;
    return &law->specs[law->n_specs++];
}

/* Adds text[0..length) without the blanks and, when `quote` opens it, the quotes around it. */
static void add_trimmed(jf_text *out, const char *text, size_t length)
{
    while (length && *text == ' ') text++, length--;
    while (length && text[length - 1] == ' ') length--;
    if (length >= 2 && strchr("`\"'", text[0]) && text[length - 1] == text[0]) text++, length -= 2;
    jf_text_add_bytes(out, text, length);
}

/* Length of one level: up to the comma or bracket that ends it, quotes skipped. */
static size_t level_length(const char *text)
{
    char quote = 0;
    size_t i = 0;

    for (; text[i]; i++) {
        if (quote)
            quote = text[i] == quote ? 0 : quote;
        else if (text[i] == '"' || text[i] == '\'')
            quote = text[i];
        else if (text[i] == ',' || text[i] == ']')
            break;
    }
    return i;
}

/* A name as base and levels, bare, joined by the unit separator. */
static void bare_name(const char *name, jf_text *out)
{
    size_t length = strcspn(name, "[");
    const char *p = name + length;

    add_trimmed(out, name, length);
    while (*p == '[' || *p == ',') {
        p++;
        jf_text_add_bytes(out, "\x1f", 1);
        length = level_length(p);
        add_trimmed(out, p, length);
        p += length;
    }
}

bool jf_parameter_name_same(const char *a, const char *b)
{
    jf_text left = {0}, right = {0};
    bool same;

    if (strcmp(a, b) == 0) return true;
    if (!strchr(a, '[') != !strchr(b, '[')) return false;
    bare_name(a, &left);
    bare_name(b, &right);
    same = left.data && right.data && !left.failed && !right.failed && strcmp(left.data, right.data) == 0;
    jf_text_free(&left);
    jf_text_free(&right);
    return same;
}

char *jf_parameter_base(const char *name)
{
    jf_text base = {0};

    add_trimmed(&base, name, strcspn(name, "["));
    return jf_text_take(&base);
}

typedef struct name_search {
    const char *name;
    bool found;
} name_search;

static void look_for(void *context, const jf_ast *node, const char *name, bool is_level_column)
{
    name_search *search = context;

    (void)node, (void)is_level_column;
    if (strcmp(name, search->name) == 0) search->found = true;
}

bool jf_law_reads(const jf_law *law, const char *name)
{
    name_search search = {.name = name};

    jf_ast_names(law->formula, look_for, &search);
    jf_ast_names(law->response, look_for, &search);
    return search.found;
}
