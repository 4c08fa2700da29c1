/* Allocations that fail, one at a time, in whole commands as a user types them: the exit code and the words
 * of "out of memory", old outputs untouched, nothing half written, nothing lost. */
#include "tests/check.h"

#include <execinfo.h>
#include <glob.h>
#include <gsl/gsl_errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cli/command_line.h"
#include "core/memory.h"

/* An allocation is known by the calls that led to it. The first one of each such way fails once; where the
 * ways are many, as those through a recursive parser, they are told apart by the INNERMOST calls only. */
enum { INNERMOST = 6, MOST_WAYS = 1 << 16, MOST_WORDS = 40, SKIPPED = 3 };

typedef struct watch {
    uint64_t *ways; /* in order of first sight */
    size_t n_ways;
    uint64_t *table; /* MOST_WAYS, open addressing; 0: free */
    uint64_t fails;  /* the way to fail; 0: none */
    bool failed;
    void *frames[INNERMOST + SKIPPED]; /* of the allocation that failed */
    int n_frames;
    void *bottom; /* where the command returns to */
} watch;

static long n_faults, n_wrong;

static uint64_t way_here(watch *w)
{
    uint64_t hash = 1469598103934665603u;

    w->n_frames = backtrace(w->frames, INNERMOST + SKIPPED);
    for (int i = SKIPPED; i < w->n_frames && w->frames[i] != w->bottom; i++)
        hash = (hash ^ (uintptr_t)w->frames[i]) * 1099511628211u;
    return hash ? hash : 1;
}

static void note_way(watch *w, uint64_t way)
{
    size_t at = way % MOST_WAYS;

    while (w->table[at] && w->table[at] != way) at = (at + 1) % MOST_WAYS;
    if (w->table[at]) return;
    assert_true(w->n_ways < MOST_WAYS / 2);
    w->table[at] = way;
    w->ways[w->n_ways++] = way;
}

static bool ask(void *context)
{
    watch *w = context;
    uint64_t way;

    if (w->fails && w->failed) return false;
    way = way_here(w);
    if (!w->fails) {
        note_way(w, way);
        return false;
    }
    w->failed = way == w->fails;
    return w->failed;
}

/* ---- files ---- */

static char *read_whole(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text = calloc(1, 1 << 20);

    assert_non_null(text);
    if (file) {
        size_t n = fread(text, 1, (1 << 20) - 1, file);
        text[n] = '\0';
        fclose(file);
    }
    return text;
}

static void write_whole(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void write_runs(void)
{
    FILE *file = fopen("runs.csv", "w");

    assert_non_null(file);
    fputs("run_id,energy_J,tokens,gpu\n", file);
    for (int i = 1; i <= 16; i++) fprintf(file, "%d,%g,%d,%c\n", i, 3 + 10.5 * i + i % 3, i, "AB"[i % 2]);
    fclose(file);
    write_whole("power.csv", "timestamp,index,power.draw [W]\n"
                             "2024/01/01 00:00:00.000,0,100.00 W\n2024/01/01 00:00:01.000,0,120.00 W\n"
                             "2024/01/01 00:00:02.000,0,110.00 W\n");
    write_whole("study.yaml", "title: A small study\ndata: {file: runs.csv}\nanalyses:\n"
                              "  one: {command: fit, law: \"log(energy) ~ b0 + a*log(tokens)\"}\n"
                              "tables:\n  parameters: {of: one, table: parameters}\nfigures: {}\n");
}

/* ---- commands ---- */

typedef struct words {
    int n;
    char *items[MOST_WORDS];
} words;

typedef struct command_case {
    const char *line;       /* words parted by |; stdout is never written */
    const char *outputs[4]; /* files that must be old or whole, and are whole at exit 0 */
    const char *folder;     /* or a folder with nothing in place, or all of a study */
} command_case;

static __attribute__((noinline)) int run_line(const char *line, void **bottom)
{
    words w = {.n = 1, .items = {(char *)(uintptr_t) "joulefit"}};
    char *copy = strdup(line), *rest = copy;
    int code;

    *bottom = __builtin_return_address(0);
    for (char *word; (word = strsep(&rest, "|"));) {
        assert_true(w.n < MOST_WORDS - 1);
        w.items[w.n++] = word;
    }
    code = jf_command_line_run(w.n, w.items);
    free(copy);
    return code;
}

/* Its exit code; what it printed is in `stderr.txt`. */
static int run_watched(const command_case *c, watch *w)
{
    int kept = dup(STDERR_FILENO), code;
    FILE *file = freopen("stderr.txt", "w", stderr);

    assert_non_null(file);
    w->failed = false;
    jf_memory_hook(ask, w);
    code = run_line(c->line, &w->bottom);
    jf_memory_hook(NULL, NULL);
    fflush(stderr);
    dup2(kept, STDERR_FILENO);
    close(kept);
    return code;
}

static void remove_all(const char *names)
{
    char line[256];

    snprintf(line, sizeof line, "/bin/rm -rf %s", names);
    assert_int_equal(system(line), 0);
}

static void lay_out_old(const command_case *c)
{
    for (size_t i = 0; i < 4 && c->outputs[i]; i++) {
        char partial[64];
        snprintf(partial, sizeof partial, "%s.partial", c->outputs[i]);
        unlink(partial);
        write_whole(c->outputs[i], "old\n");
    }
    if (c->folder) remove_all(c->folder);
}

/* Told at once with the calls that led to the allocation (`addr2line -pfe PROGRAM ADDRESS...`), and counted,
 * so that one run shows all that is wrong. */
static void wrong(const command_case *c, const watch *w, int code, const char *said, const char *format, ...)
{
    char **names = backtrace_symbols(w->frames, w->n_frames);
    va_list arguments;

    va_start(arguments, format);
    printf("WRONG: %s\n  exit %d, ", c->line, code);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\n  said: %s\n  at:", said);
    for (int i = SKIPPED; names && i < w->n_frames; i++) {
        char *place = strstr(names[i], "(+");
        printf(" %.*s", place ? (int)strcspn(place + 2, ")") : 0, place ? place + 2 : "");
    }
    putchar('\n');
    free(names);
    n_wrong++;
}

static size_t same_bytes(const char *a, const char *b)
{
    size_t n = 0;

    while (a[n] && a[n] == b[n]) n++;
    return n;
}

static bool is_there(const char *folder, const char *name)
{
    char path[256];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    return access(path, F_OK) == 0;
}

/* A study's manifest is its last file: all stands where it does. The answer on the terminal comes after it.
 */
static void check_outputs(const command_case *c, const watch *w, char *const *whole, int code,
                          const char *said)
{
    glob_t left = {0};

    for (size_t i = 0; i < 4 && c->outputs[i]; i++) {
        char *text = read_whole(c->outputs[i]);
        bool is_whole = strcmp(text, whole[i]) == 0;
        size_t at = same_bytes(text, whole[i]);
        if (code == 0 ? !is_whole : !is_whole && strcmp(text, "old\n") != 0)
            wrong(c, w, code, said, "%s has '%.60s' in place of '%.60s'", c->outputs[i], text + at,
                  whole[i] + at);
        free(text);
    }
    if (c->folder && !is_there(c->folder, "manifest.json") ? code == 0
                                                           : c->folder && !is_there(c->folder, "report.html"))
        wrong(c, w, code, said, "a study that is half in place");
    if (glob(".joulefit*", GLOB_PERIOD, NULL, &left) == 0)
        wrong(c, w, code, said, "%s is left", left.gl_pathv[0]);
    globfree(&left);
}

static size_t count(const char *text, const char *part)
{
    size_t n = 0;

    for (const char *at = text; (at = strstr(at, part)); at++) n++;
    return n;
}

static bool check_fault(const command_case *c, watch *w, char *const *whole, size_t fault)
{
    size_t before;
    char *said;
    int code;

    lay_out_old(c);
    before = jf_memory_now().in_use;
    w->fails = w->ways[fault];
    code = run_watched(c, w);
    said = read_whole("stderr.txt");
    if (w->failed) n_faults++;
    if (w->failed ? code != 3 || count(said, "joulefit: error: ") != 1 || !strstr(said, "out of memory")
                  : code != 0)
        wrong(c, w, code, said, "one error that says 'out of memory' was expected");
    if (jf_memory_now().in_use != before)
        wrong(c, w, code, said, "%zd bytes are lost", (ssize_t)(jf_memory_now().in_use - before));
    check_outputs(c, w, whole, code, said);
    free(said);
    return w->failed;
}

static void check_command(const command_case *c)
{
    watch w = {.ways = calloc(MOST_WAYS, sizeof *w.ways), .table = calloc(MOST_WAYS, sizeof *w.table)};
    char *whole[4] = {0};
    size_t n_failed = 0, n;

    assert_non_null(w.ways);
    assert_non_null(w.table);
    lay_out_old(c);
    if (run_watched(c, &w) != 0) fail_msg("%s: %s", c->line, read_whole("stderr.txt"));
    for (size_t i = 0; i < 4 && c->outputs[i]; i++) whole[i] = read_whole(c->outputs[i]);
    n = w.n_ways;
    for (size_t fault = 0; fault < n; fault++) n_failed += check_fault(c, &w, whole, fault);
    print_message("%s: %zu ways to an allocation, %zu made to fail\n", c->line, n, n_failed);
    assert_true(n_failed > n - n / 50); /* a way may hang on the clock or on what stands in a file */
    for (size_t i = 0; i < 4; i++) free(whole[i]);
    free(w.ways);
    free(w.table);
}

static const command_case cases[] = {
    {"fit|runs.csv|--law|log(energy) ~ b0 + "
     "a*log(tokens)|--threads|1|--ci|bootstrap|--bootstrap|20|-o|out.json|"
     "--save|model.json|--rows|rows.csv",
     {"out.json", "model.json", "rows.csv"}},
    {"fit|runs.csv|--law|energy ~ b0 + k*tokens^p|--threads|1|--starts|2|-o|out.txt", {"out.txt"}},
    {"compare|runs.csv|--law|log(energy) ~ b0 + a*log(tokens)|--law|log(energy) ~ b0 + "
     "c*tokens|--validate|kfold:3|"
     "--no-baselines|--threads|1|-o|out.json|--predictions|held_out.csv",
     {"out.json", "held_out.csv"}},
    {"predict|whole.json|runs.csv|--threads|1|-o|out.csv", {"out.csv"}},
    {"report|whole.json|-o|out.txt|--numbers|numbers.tex", {"out.txt", "numbers.tex"}},
    {"simulate|whole.json|--design|runs.csv|--replicates|3|--threads|1|--rows|drawn.csv|-o|out.json",
     {"out.json", "drawn.csv"}},
    {"import|power.csv|-o|out.csv", {"out.csv"}},
    {"run|study.yaml|-o|study|--threads|1", {NULL}, "study"},
};

static void an_allocation_that_fails_ends_a_command_with_an_error(void **state)
{
    const char *only =
        getenv("JOULEFIT_FAULTS_OF"); /* the first word of one command, to look for one fault */

    void *bottom;

    (void)state;
    write_runs();
    assert_int_equal(run_line("fit|runs.csv|--law|log(energy) ~ b0 + "
                              "a*log(tokens)|--threads|1|--quiet|--save|whole.json|-o|w.txt",
                              &bottom),
                     0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (!only || strncmp(cases[i].line, only, strlen(only)) == 0) check_command(&cases[i]);
    assert_int_equal(n_wrong, 0);
    printf("FAULTS: %ld allocations were made to fail\n", n_faults);
}

/* In memory where that can be, as every output is synced. */
static bool make_folder(char *path, size_t size)
{
    snprintf(path, size, "/dev/shm/joulefit-faults-XXXXXX");
    if (mkdtemp(path)) return true;
    snprintf(path, size, "/tmp/joulefit-faults-XXXXXX");
    return mkdtemp(path) != NULL;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_allocation_that_fails_ends_a_command_with_an_error)};
    char folder[64], home[4096];
    int failed;

    gsl_set_error_handler_off();
    setenv("PATH", "/nonexistent", 1); /* no pdflatex, whose time is not what is tested here */
    if (!getcwd(home, sizeof home) || !make_folder(folder, sizeof folder) || chdir(folder) != 0) return 1;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (chdir(home) == 0 && !failed) remove_all(folder);
    return failed;
}
