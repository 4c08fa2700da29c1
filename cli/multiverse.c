/* Reads --multiverse and ties its choices to features. */
#include "cli/multiverse.h"

#include <string.h>
#include "core/memory.h"
#include "core/text.h"

void jf_multiverse_plan_free(jf_multiverse_plan *plan)
{
    jf_roles_free(&plan->roles);
    jf_words_free(&plan->proxies);
    jf_catalogue_free(plan->catalogue);
    plan->catalogue = NULL;
}

/* ---- names ---- */

/* "exact, executed, megatron" or, for a role that no feature has, "". */
static void list_choices(const jf_catalogue *catalogue, const char *role, jf_text *out)
{
    for (size_t i = 0; i < jf_catalogue_n(catalogue); i++) {
        const jf_proxy *proxy = jf_catalogue_at(catalogue, i);
        if (strcmp(proxy->role, role) == 0) jf_text_addf(out, "%s%s", out->length ? ", " : "", proxy->choice);
    }
}

static bool says_role_before(const jf_catalogue *catalogue, size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (strcmp(jf_catalogue_at(catalogue, j)->role, jf_catalogue_at(catalogue, i)->role) == 0)
            return true;
    return false;
}

/* "compute, memory, ...": the roles that features have. */
static void list_roles(const jf_catalogue *catalogue, jf_text *out)
{
    for (size_t i = 0; i < jf_catalogue_n(catalogue); i++) {
        const char *role = jf_catalogue_at(catalogue, i)->role;
        if (*role && !says_role_before(catalogue, i))
            jf_text_addf(out, "%s%s", out->length ? ", " : "", role);
    }
}

static jf_status fail_form(const jf_catalogue *catalogue, const char *found, jf_error *err)
{
    jf_text roles = {0};
    jf_status status;

    list_roles(catalogue, &roles);
    status = jf_fail(err, JF_EUSAGE,
                     "--multiverse: expected ROLE=CHOICE,CHOICE,... (roles of the catalogue: %s), found '%s'",
                     roles.data ? roles.data : "", found);
    jf_text_free(&roles);
    return status;
}

/* ---- roles ---- */

static jf_status add_choice(const jf_catalogue *catalogue, jf_role *role, const char *name, jf_error *err)
{
    jf_status status = JF_OK;
    const jf_proxy *proxy = jf_catalogue_choice(catalogue, role->name, name);
    jf_choice *choice;

    if (!proxy) proxy = jf_catalogue_find(catalogue, name);
    for (size_t c = 0; c < role->n_choices; c++)
        if (strcmp(role->choices[c].name, name) == 0 ||
            strcmp(role->choices[c].column, proxy ? proxy->name : name) == 0)
            return jf_fail(err, JF_EUSAGE, "--multiverse: %s=%s counts as '%s' does: name it once",
                           role->name, name, role->choices[c].name);
    if (!jf_grow((void **)&role->choices, &role->capacity, role->n_choices + 1, sizeof *role->choices))
        return jf_fail(err, JF_ENOMEM, "out of memory for --multiverse");
    choice = &role->choices[role->n_choices++];
    *choice = (jf_choice){jf_copy_text(name), jf_copy_text(proxy ? proxy->name : name),
                          jf_copy_text(proxy ? proxy->convention : "")};
    JF_TRY_NEW(choice->name && choice->column && choice->convention, err, "--multiverse");
done:
    return status;
}

/* "compute=exact,6nd" */
static jf_status add_role(const jf_catalogue *catalogue, const char *text, jf_roles *roles, jf_error *err)
{
    jf_status status = JF_OK;
    const char *equals = strchr(text, '=');
    jf_words choices = {0};
    jf_role *role;

    if (!equals || equals == text || !equals[1]) return fail_form(catalogue, text, err);
    for (size_t r = 0; r < roles->n; r++)
        if (strncmp(roles->items[r].name, text, (size_t)(equals - text)) == 0 &&
            !roles->items[r].name[equals - text])
            return jf_fail(err, JF_EUSAGE, "--multiverse: '%s' is given twice", roles->items[r].name);
    if (!jf_grow((void **)&roles->items, &roles->capacity, roles->n + 1, sizeof *roles->items))
        return jf_fail(err, JF_ENOMEM, "out of memory for --multiverse");
    role = &roles->items[roles->n++];
    *role = (jf_role){.name = jf_copy_bytes(text, (size_t)(equals - text))};
    JF_TRY_NEW(role->name, err, "--multiverse");
    JF_TRY(jf_words_split(equals + 1, &choices, err));
    for (size_t c = 0; c < choices.n; c++) JF_TRY(add_choice(catalogue, role, choices.items[c], err));
    if (role->n_choices == 0) status = fail_form(catalogue, text, err);
done:
    jf_words_free(&choices);
    return status;
}

/* Parts between blanks. */
static jf_status add_roles(const jf_catalogue *catalogue, const char *text, jf_roles *roles, jf_error *err)
{
    jf_status status = JF_OK;

    while (status == JF_OK && *(text += strspn(text, " \t"))) {
        size_t length = strcspn(text, " \t");
        char *part = jf_copy_bytes(text, length);
        JF_TRY_NEW(part, err, "--multiverse");
        status = add_role(catalogue, part, roles, err);
        jf_free(part);
        text += length;
    }
done:
    return status;
}

/* Is an argument "memory=M1,M2" rather than a file? Files with "=" in their name are written ./a=b.csv. */
static bool is_role(const char *argument)
{
    size_t length = strcspn(argument, "=");

    return argument[length] == '=' && length > 0 && strcspn(argument, "/.") > length;
}

static jf_status take_arguments(const jf_catalogue *catalogue, jf_option_list *arguments, jf_roles *roles,
                                jf_error *err)
{
    jf_status status = JF_OK;
    size_t kept = 0;

    for (size_t i = 0; i < arguments->n; i++) {
        const char *argument = arguments->items[i];
        if (is_role(argument))
            JF_TRY(add_roles(catalogue, argument, roles, err));
        else
            arguments->items[kept++] = argument;
    }
    arguments->n = kept;
done:
    return status;
}

static jf_status refuse_single(const jf_catalogue *catalogue, const jf_roles *roles, jf_error *err)
{
    jf_status status = JF_OK;
    jf_text choices = {0};
    size_t n = 1;

    for (size_t r = 0; r < roles->n; r++) n *= roles->items[r].n_choices;
    if (n > 1) return JF_OK;
    list_choices(catalogue, roles->items[0].name, &choices);
    status = jf_fail(err, JF_EUSAGE, "--multiverse: one way to count leaves nothing to compare%s%s%s%s",
                     choices.length ? "; ways to count " : "", choices.length ? roles->items[0].name : "",
                     choices.length ? ": " : "", choices.length ? choices.data : "");
    jf_text_free(&choices);
    return status;
}

/* The features among the choices, for the way in; what is none has to be a column. */
static jf_status list_features(jf_multiverse_plan *plan, jf_error *err)
{
    jf_status status = JF_OK;

    for (size_t r = 0; r < plan->roles.n; r++)
        for (size_t c = 0; c < plan->roles.items[r].n_choices; c++) {
            const char *column = plan->roles.items[r].choices[c].column;
            if (jf_catalogue_find(plan->catalogue, column))
                JF_TRY(jf_words_add(&plan->proxies, column, strlen(column), err));
        }
done:
    return status;
}

jf_status jf_multiverse_plan_read(const jf_option_list *option, jf_option_list *arguments,
                                  const jf_option_list *catalogues, jf_multiverse_plan *out, jf_error *err)
{
    jf_status status = JF_OK;
    const jf_catalogue *catalogue;

    if (option->n == 0) return JF_OK;
    JF_TRY(jf_catalogue_builtin(&out->catalogue, err));
    for (size_t i = 0; i < catalogues->n; i++)
        JF_TRY(jf_catalogue_add_file(out->catalogue, catalogues->items[i], err));
    catalogue = out->catalogue;
    for (size_t i = 0; i < option->n; i++) JF_TRY(add_roles(catalogue, option->items[i], &out->roles, err));
    JF_TRY(take_arguments(catalogue, arguments, &out->roles, err));
    if (out->roles.n == 0) JF_TRY(fail_form(catalogue, "", err));
    JF_TRY(refuse_single(catalogue, &out->roles, err));
    JF_TRY(list_features(out, err));
done:
    return status;
}

/* "no way to count compute is called 'kaplam' (did you mean 'kaplan'?): exact, 6nd, ..., or a column" */
static jf_status fail_choice(const jf_catalogue *catalogue, const char *role, const char *choice,
                             jf_error *err)
{
    jf_status status = JF_OK;
    jf_text choices = {0};
    size_t n = 0;
    const char **names = JF_NEW_ARRAY(const char *, jf_catalogue_n(catalogue));
    char hint[128];

    JF_TRY_NEW(names, err, "--multiverse");
    for (size_t i = 0; i < jf_catalogue_n(catalogue); i++) {
        const jf_proxy *proxy = jf_catalogue_at(catalogue, i);
        if (strcmp(proxy->role, role) == 0) names[n++] = proxy->choice;
    }
    list_choices(catalogue, role, &choices);
    status = jf_fail(err, JF_EUSAGE,
                     "--multiverse: no way to count %s is called '%s'%s; expected %s%sa feature or a "
                     "column",
                     role, choice, jf_did_you_mean(hint, sizeof hint, choice, names, n),
                     choices.length ? choices.data : "", choices.length ? ", " : "");
done:
    jf_text_free(&choices);
    jf_free(names);
    return status;
}

jf_status jf_multiverse_plan_check(const jf_multiverse_plan *plan, const jf_table *table, jf_error *err)
{
    jf_status status = JF_OK;

    for (size_t r = 0; r < plan->roles.n; r++) {
        const jf_role *role = &plan->roles.items[r];
        for (size_t c = 0; c < role->n_choices; c++)
            if (!jf_table_find(table, role->choices[c].column))
                JF_TRY(fail_choice(plan->catalogue, role->name, role->choices[c].name, err));
    }
done:
    return status;
}

jf_status jf_multiverse_plan_features(const jf_multiverse_plan *plan, jf_option_list *proxies, jf_error *err)
{
    for (size_t i = 0; i < plan->proxies.n; i++)
        if (!jf_option_list_add(proxies, plan->proxies.items[i]))
            return jf_fail(err, JF_ENOMEM, "out of memory for --multiverse");
    return JF_OK;
}

jf_status jf_multiverse_plan_first(const jf_multiverse_plan *plan, const jf_laws *laws, jf_laws *out,
                                   jf_error *err)
{
    jf_status status = JF_OK;
    bool reads;

    for (size_t i = 0; i < laws->n; i++) {
        jf_law *copy = jf_law_copy(laws->items[i]);
        if (!copy || !jf_grow((void **)&out->items, &out->capacity, out->n + 1, sizeof *out->items)) {
            jf_law_free(copy);
            return jf_fail(err, JF_ENOMEM, "out of memory for laws");
        }
        out->items[out->n++] = copy;
        for (size_t r = 0; r < plan->roles.n; r++) {
            const jf_role *role = &plan->roles.items[r];
            if (jf_law_reads(copy, role->name))
                JF_TRY(jf_role_fill(copy, role, role->choices[0].column, &reads, err));
        }
    }
done:
    return status;
}
