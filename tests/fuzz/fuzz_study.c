/* Any bytes as a study file: an error with a message, or a study whose parts have names and belong to
 * analyses that exist; and the same file as --setup of a command. Nothing that it names is opened. */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "cli/command.h"
#include "cli/setup.h"
#include "cli/study/study.h"
#include "core/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_entries(const jf_study_entries *entries, size_t n_analyses)
{
    for (size_t i = 0; i < entries->n; i++) {
        const jf_study_entry *entry = &entries->items[i];
        assert(entry->name && entry->name[0] && entry->kind && strlen(entry->name) <= 64);
        assert(!strchr(entry->name, '/') && entry->name[0] != '.' && entry->name[0] != '-');
        for (size_t j = 0; j < entry->n_of; j++) assert(entry->of[j] < n_analyses);
    }
}

static void read_study(const char *path)
{
    jf_study study = {0};
    jf_error err = {0};

    if (jf_study_read(path, "/tmp", &study, &err) == JF_OK) {
        assert(study.root && study.analyses.n > 0);
        check_entries(&study.analyses, study.analyses.n);
        check_entries(&study.tables, study.analyses.n);
        check_entries(&study.figures, study.analyses.n);
        for (size_t i = 0; i < study.analyses.n; i++) {
            const jf_yaml *map = NULL;
            assert(jf_study_data(&study, &study.analyses.items[i], &map, &err) == JF_OK || err.message[0]);
        }
        jf_study_free(&study);
    } else {
        assert(err.message[0] && !study.root);
    }
}

/* The settings of a command, as `--setup FILE` reads them. */
static void read_setup(const char *path, const jf_command *command)
{
    jf_option_set sets[JF_MOST_SETS];
    jf_common_options common = {0};
    jf_setup setup = {0};
    jf_error err = {0};
    void *settings = jf_alloc_zero(1, command->settings_size);
    size_t n_sets = jf_command_sets(command, settings, &common, sets);

    for (size_t i = 0; i < n_sets; i++) jf_options_default(sets[i].table, sets[i].settings);
    if (jf_setup_read(path, sets, n_sets, &setup, &err) != JF_OK) assert(err.message[0]);
    for (size_t i = 0; i < n_sets; i++) jf_options_free(sets[i].table, sets[i].settings);
    jf_setup_free(&setup);
    jf_free(settings);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int file = memfd_create("study.yaml", MFD_CLOEXEC);
    char path[64];

    assert(file >= 0 && write(file, data, size) == (ssize_t)size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    read_study(path);
    read_setup(path, &jf_command_fit);
    close(file);
    return 0;
}
