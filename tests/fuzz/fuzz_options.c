/* Any bytes as a command line, its words parted by zeros, the first byte choosing the command: an error with
 * a message, or settings that print as a command line. */
#include <assert.h>
#include <stdint.h>
#include <string.h>
#include "cli/command.h"
#include "core/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST_WORDS = 32 };

static void parse(const jf_command *command, int argc, char **argv)
{
    jf_option_set sets[JF_MOST_SETS];
    jf_session session = {0};
    jf_error err = {0};
    void *settings = jf_alloc_zero(1, command->settings_size);
    size_t n_sets = jf_command_sets(command, settings, &session.common, sets);

    for (size_t i = 0; i < n_sets; i++) jf_options_default(sets[i].table, sets[i].settings);
    if (jf_options_parse(sets, n_sets, argc, argv, &session.arguments, &err) == JF_OK) {
        jf_command_keep(command, sets, n_sets, &session);
        assert(strncmp(session.command.data, "joulefit ", 9) == 0);
    } else {
        assert(err.message[0]);
    }
    for (size_t i = 0; i < n_sets; i++) jf_options_free(sets[i].table, sets[i].settings);
    jf_option_list_free(&session.arguments);
    jf_text_free(&session.command);
    jf_free(settings);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *words[MOST_WORDS + 1] = {(char *)(uintptr_t) "joulefit"};
    char *text = size ? jf_copy_bytes((const char *)data + 1, size - 1) : NULL;
    int n_words = 1;
    size_t n_commands = 0;

    if (!text) return 0;
    while (jf_commands[n_commands]) n_commands++;
    for (char *at = text; n_words < MOST_WORDS && at < text + size; at += strlen(at) + 1)
        words[n_words++] = at;
    parse(jf_commands[data[0] % n_commands], n_words, words);
    jf_free(text);
    return 0;
}
