/* A program run without a shell. */
#include "plots/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "core/clock.h"
#include "core/memory.h"
#include "core/parallel.h"

enum { MOST_WORDS = 65536, N_KEPT_VARIABLES = 6, N_SET_VARIABLES = 3, STEP_MS = 100 };

/* One locale for all; TeX reads and writes in its folder and below, whatever its own settings allow. */
static const char *const set_variables[N_SET_VARIABLES] = {"LC_ALL=C.UTF-8", "openin_any=p", "openout_any=p"};

/* What a plotting program needs to find its parts, fonts and font cache; anything else could steer it. */
static const char *const kept_variables[N_KEPT_VARIABLES] = {
    "PATH", "HOME", "FONTCONFIG_FILE", "FONTCONFIG_PATH", "XDG_CACHE_HOME", "XDG_DATA_HOME"};

static void free_environment(char **environment)
{
    for (char **entry = environment; entry && *entry; entry++) jf_free(*entry);
    jf_free(environment);
}

static char **build_environment(void)
{
    char **environment = JF_NEW_ZEROED(char *, N_KEPT_VARIABLES + N_SET_VARIABLES + 1);
    size_t n = 0;

    if (!environment) return NULL;
    while (n < N_SET_VARIABLES && (n == 0 || environment[n - 1])) {
        environment[n] = jf_copy_text(set_variables[n]);
        n++;
    }
    for (size_t i = 0; i < N_KEPT_VARIABLES && environment[n - 1]; i++) {
        const char *value = getenv(kept_variables[i]);
        jf_text entry = {0};
        if (!value) continue;
        jf_text_addf(&entry, "%s=%s", kept_variables[i], value);
        environment[n++] = jf_text_take(&entry);
    }
    if (environment[n - 1]) return environment;
    free_environment(environment);
    return NULL;
}

static int plan_files(posix_spawn_file_actions_t *actions, const char *folder, int words_fd)
{
    int code = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);

    if (!code) code = posix_spawn_file_actions_adddup2(actions, words_fd, STDOUT_FILENO);
    if (!code) code = posix_spawn_file_actions_adddup2(actions, words_fd, STDERR_FILENO);
    if (!code) code = posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1);
    if (!code) code = posix_spawn_file_actions_addchdir_np(actions, folder);
    return code;
}

/* Starts the program as the leader of a group of its own. 0, or the error number of what failed. */
static int spawn(const char *const *argv, const char *folder, char **environment, int words_fd, pid_t *child)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int code = posix_spawn_file_actions_init(&actions);

    if (code) return code;
    code = posix_spawnattr_init(&attributes);
    if (!code) {
        code = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
        if (!code) code = plan_files(&actions, folder, words_fd);
        if (!code)
            code = posix_spawnp(child, argv[0], &actions, &attributes, (char *const *)argv, environment);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return code;
}

/* Neither past the limit nor asked to stop. */
static bool may_go_on(double end)
{
    return jf_clock_seconds() < end && !jf_stop_requested();
}

/* Reads until the program closes its end; false when the limit came first, or a request to stop. */
static bool listen_to(int fd, double end, jf_text *words)
{
    while (may_go_on(end)) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        char bytes[4096];
        ssize_t n;
        if (poll(&ready, 1, STEP_MS) <= 0) continue;
        n = read(fd, bytes, sizeof bytes);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return true;
        if (words->length + (size_t)n <= MOST_WORDS) jf_text_add_bytes(words, bytes, (size_t)n);
    }
    return false;
}

/* Waits for the program, which may live on after it closed its output; false when the limit came first. */
static bool ended_in_time(pid_t child, double end)
{
    siginfo_t info;

    do {
        info.si_pid = 0;
        if (waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG | WNOWAIT) != 0 && errno != EINTR)
            return true;
        if (info.si_pid == child) return true;
        nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
    } while (may_go_on(end));
    return false;
}

static int wait_for(pid_t child)
{
    int state = 0;

    while (waitpid(child, &state, 0) < 0)
        if (errno != EINTR) return -1;
    return WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
}

jf_status jf_process_run(const char *const *argv, const char *folder, double limit_s, jf_process_end *end,
                         jf_error *err)
{
    jf_status status = JF_OK;
    int pipe_fds[2] = {-1, -1}, code;
    char **environment = build_environment();
    pid_t child = 0;
    double limit;

    memset(end, 0, sizeof *end);
    JF_TRY_NEW(environment, err, "the environment of a program");
    if (pipe2(pipe_fds, O_CLOEXEC) != 0)
        JF_TRY(jf_fail(err, JF_EOUTPUT, "no pipe for %s: %s", argv[0], strerror(errno)));
    code = spawn(argv, folder, environment, pipe_fds[1], &child);
    if (code == ENOENT || code == EACCES) {
        end->missing = true;
        goto done;
    }
    if (code) JF_TRY(jf_fail(err, JF_EOUTPUT, "could not run %s: %s", argv[0], strerror(code)));
    close(pipe_fds[1]);
    pipe_fds[1] = -1;
    limit = jf_clock_seconds() + limit_s;
    end->timed_out = !listen_to(pipe_fds[0], limit, &end->words) || !ended_in_time(child, limit);
    if (end->timed_out) kill(-child, SIGKILL); /* and what it started: it leads a group */
    end->exit_code = wait_for(child);
    if (jf_stop_requested()) JF_TRY(jf_fail(err, JF_EINTERRUPTED, "interrupted while %s ran", argv[0]));
done:
    free_environment(environment);
    if (pipe_fds[0] >= 0) close(pipe_fds[0]);
    if (pipe_fds[1] >= 0) close(pipe_fds[1]);
    return status;
}
