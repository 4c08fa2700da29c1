/* Completion scripts: for each command its options, for each option that takes one of a list that list. */
#include "cli/help/help_completion.h"

#include <string.h>
#include "cli/command.h"
#include "cli/help/help_completion_parts.h"
#include "core/memory.h"
#include "core/warnings.h"
#include "data/trackers/tracker.h"
#include "fit/fit.h"
#include "fit/infer/bootstrap.h"
#include "fit/law/law.h"
#include "fit/select/plan.h"
#include "proxies/proxy.h"
#include "reports/figures.h"

const char *const jf_completion_shells[] = {"none", "bash", "zsh", "fish", NULL};
enum { FISH = 3 };

/* ---- words ---- */

/* Only words that no shell reads as anything else. */
static void add_word(jf_text *out, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.+:=,";

    if (*word && word[strspn(word, plain)] == '\0') jf_text_addf(out, " %s", word);
}

static void add_list(jf_text *out, const char *const *words)
{
    for (; *words; words++) add_word(out, *words);
}

static jf_status add_laws(jf_text *out, jf_error *err)
{
    jf_laws laws = {0};
    jf_status status = jf_laws_builtin(&laws, err);

    for (size_t i = 0; i < laws.n; i++) add_word(out, laws.items[i]->name);
    jf_laws_free(&laws);
    return status;
}

static jf_status add_proxies(jf_text *out, jf_error *err)
{
    jf_catalogue *catalogue = NULL;
    jf_status status = jf_catalogue_builtin(&catalogue, err);

    for (size_t i = 0; status == JF_OK && i < jf_catalogue_n(catalogue); i++)
        add_word(out, jf_catalogue_at(catalogue, i)->name);
    jf_catalogue_free(catalogue);
    return status;
}

static jf_status add_figures(jf_text *out, jf_error *err)
{
    (void)err;
    for (const jf_figure_kind *kind = jf_figure_kinds; kind->name; kind++) add_word(out, kind->name);
    return JF_OK;
}

static jf_status add_trackers(jf_text *out, jf_error *err)
{
    (void)err;
    for (size_t i = 0; jf_trackers[i]; i++) add_word(out, jf_trackers[i]->name);
    return JF_OK;
}

static jf_status add_topics(jf_text *out, jf_error *err)
{
    (void)err;
    for (size_t i = 0; jf_commands[i]; i++) add_word(out, jf_commands[i]->name);
    jf_text_add(out, " language warnings");
    for (const jf_warning_help *row = jf_warning_codes; row->code; row++) add_word(out, row->code);
    return JF_OK;
}

static jf_status add_se(jf_text *out, jf_error *err)
{
    (void)err;
    add_list(out, jf_se_names);
    return JF_OK;
}

static jf_status add_resamples(jf_text *out, jf_error *err)
{
    (void)err;
    add_list(out, jf_resample_names);
    return JF_OK;
}

static jf_status add_sizes(jf_text *out, jf_error *err)
{
    (void)err;
    jf_text_add(out, " column text");
    return JF_OK;
}

static jf_status add_plans(jf_text *out, jf_error *err)
{
    (void)err;
    for (const jf_plan_kind *kind = jf_plan_kinds; kind->name; kind++) add_word(out, kind->name);
    return JF_OK;
}

typedef jf_status (*add_words)(jf_text *out, jf_error *err);

/* Texts that are names of a list. */
static const struct {
    const char *option;
    add_words add;
} values[] = {{"law", add_laws},      {"proxy", add_proxies}, {"explain", add_proxies},
              {"from", add_trackers}, {"se", add_se},         {"resample", add_resamples},
              {"size", add_sizes},    {"validate", add_plans}};

/* What stands without an option. */
static const struct {
    const char *command;
    add_words add;
} arguments[] = {{"plot", add_figures}, {"laws", add_laws}, {"help", add_topics}};

jf_status jf_completion_add_values(const jf_option *option, jf_text *out, jf_error *err)
{
    if (option->kind == JF_OPTION_CHOICE) add_list(out, option->choices);
    if (option->kind != JF_OPTION_TEXT && option->kind != JF_OPTION_LIST) return JF_OK;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        if (strcmp(values[i].option, option->name) == 0) return values[i].add(out, err);
    return JF_OK;
}

jf_status jf_completion_add_arguments(const jf_command *command, jf_text *out, jf_error *err)
{
    for (size_t i = 0; i < sizeof arguments / sizeof *arguments; i++)
        if (strcmp(arguments[i].command, command->name) == 0) return arguments[i].add(out, err);
    return JF_OK;
}

static void add_options(const jf_option_set *sets, size_t n_sets, jf_text *out)
{
    for (size_t i = 0; i < n_sets; i++)
        for (const jf_option *option = sets[i].table; option->name; option++) {
            if (jf_option_is_taken_over(sets, n_sets, i, option)) continue;
            jf_text_addf(out, " --%s", option->name);
            if (jf_option_may_be_negated(option)) jf_text_addf(out, " --no-%s", option->name);
        }
}

/* ---- the script ---- */

/* What differs between shells: how words are offered, and the frame around the cases. */
typedef struct shell {
    const char *head, *offer, *end_offer, *middle, *tail;
} shell;

static const shell shells[] = {
    [1] = {"# Completion of joulefit in bash; made by 'joulefit help --completion bash'.\n"
           "_joulefit() {\n"
           "    local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}\n"
           "    local command=${COMP_WORDS[1]}\n"
           "    COMPREPLY=()\n"
           "    if [ \"$COMP_CWORD\" -eq 1 ]; then command='' previous=''; fi\n",
           "COMPREPLY=($(compgen -W '", "' -- \"$word\"))", "$word",
           "}\ncomplete -o default -F _joulefit joulefit\n"},
    [2] = {"#compdef joulefit\n"
           "# Completion of joulefit in zsh; made by 'joulefit help --completion zsh'.\n"
           "_joulefit() {\n"
           "    local word=$words[CURRENT] previous=$words[CURRENT-1] command=$words[2]\n"
           "    if (( CURRENT == 2 )); then command='' previous=''; fi\n",
           "compadd --", "", "$word", "}\n_joulefit \"$@\"\n"},
};

static void add_offer(const shell *in, const char *words, jf_text *out)
{
    jf_text_addf(out, "%s%s%s", in->offer, words, in->end_offer);
}

/* After an option that takes a value: the values there are, else files. */
static jf_status add_value_cases(const shell *in, const jf_command *command, const jf_option_set *sets,
                                 size_t n_sets, jf_text *out, jf_error *err)
{
    jf_status status = JF_OK;
    jf_text words = {0};

    for (size_t i = 0; i < n_sets; i++)
        for (const jf_option *option = sets[i].table; option->name; option++) {
            if (option->kind == JF_OPTION_FLAG || jf_option_is_taken_over(sets, n_sets, i, option)) continue;
            jf_text_free(&words);
            JF_TRY(jf_completion_add_values(option, &words, err));
            jf_text_addf(out, "    '%s --%s'", command->name, option->name);
            if (option->letter) jf_text_addf(out, "|'%s -%c'", command->name, option->letter);
            jf_text_add(out, ") ");
            if (words.data)
                add_offer(in, words.data, out);
            else
                jf_text_add(out, in == &shells[2] ? "_files" : ":");
            jf_text_add(out, "; return ;;\n");
        }
done:
    jf_text_free(&words);
    return status;
}

static jf_status add_command_cases(const shell *in, const jf_command *command, bool for_values, jf_text *out,
                                   jf_error *err)
{
    jf_option_set sets[JF_MOST_SETS];
    jf_common_options common;
    jf_status status = JF_OK;
    jf_text words = {0};
    void *settings = jf_alloc_zero(1, command->settings_size);
    size_t n_sets;

    JF_TRY_NEW(settings, err, "a completion");
    n_sets = jf_command_sets(command, settings, &common, sets);
    if (for_values) {
        JF_TRY(add_value_cases(in, command, sets, n_sets, out, err));
        goto done;
    }
    add_options(sets, n_sets, &words);
    jf_text_addf(out, "    '%s -') ", command->name);
    add_offer(in, words.data ? words.data : "", out);
    jf_text_add(out, " ;;\n");
    jf_text_free(&words);
    JF_TRY(jf_completion_add_arguments(command, &words, err));
    jf_text_addf(out, "    '%s ') ", command->name);
    if (words.data) add_offer(in, words.data, out);
    if (in == &shells[2]) jf_text_add(out, words.data ? "; _files" : "_files");
    if (!words.data && in != &shells[2]) jf_text_add(out, ":");
    jf_text_add(out, " ;;\n");
done:
    jf_text_free(&words);
    jf_free(settings);
    return status;
}

jf_status jf_help_completion(int which, jf_text *out, jf_error *err)
{
    const shell *in = &shells[which];
    jf_status status = JF_OK;
    jf_text commands = {0};

    if (which == 0) return JF_OK;
    if (which == FISH) return jf_completion_fish(out, err);
    jf_text_add(out, in->head);
    jf_text_add(out, "    case \"$command $previous\" in\n");
    for (size_t i = 0; jf_commands[i]; i++) {
        jf_text_addf(&commands, " %s", jf_commands[i]->name);
        JF_TRY(add_command_cases(in, jf_commands[i], true, out, err));
    }
    jf_text_add(out, "    esac\n    case \"$word\" in -*) previous=- ;; *) previous= ;; esac\n"
                     "    case \"$command $previous\" in\n    ' '|' -') ");
    add_offer(in, commands.data ? commands.data : "", out);
    jf_text_add(out, " ;;\n");
    for (size_t i = 0; jf_commands[i]; i++) JF_TRY(add_command_cases(in, jf_commands[i], false, out, err));
    jf_text_add(out, "    esac\n");
    jf_text_add(out, in->tail);
done:
    jf_text_free(&commands);
    return status;
}
