/* joulefit: sets the process up, and runs what its command line asks for. */
#include <cblas.h>
#include <gsl/gsl_errno.h>
#include <signal.h>
#include <unistd.h>
#include "cli/command_line.h"
#include "core/parallel.h"

enum { GRACE_S = 2 };

static void stop(int signal_number)
{
    (void)signal_number;
    jf_stop_request();
    alarm(GRACE_S);
}

/* What goes on and on without a look at the request, as a factorisation of thousands of columns, ends here:
 * at any moment the files are those that kill -9 would leave, whole. */
static void end_at_once(int signal_number)
{
    static const char words[] = "joulefit: error: interrupted\n";

    (void)signal_number;
    if (write(STDERR_FILENO, words, sizeof words - 1) < 0) _exit(130);
    _exit(130);
}

/* The first interrupt lets loops end and half-written files be removed, for GRACE_S seconds; a second Ctrl-C
 * kills. A second SIGTERM does not: batch systems and timeout(1) send it twice at once. */
static void set_up_process(void)
{
    struct sigaction action = {.sa_handler = stop, .sa_flags = (int)SA_RESETHAND};

    sigaction(SIGINT, &action, NULL);
    action.sa_flags = 0;
    sigaction(SIGTERM, &action, NULL);
    signal(SIGALRM, end_at_once);
    signal(SIGPIPE, SIG_IGN); /* a child that ends early is an error to report, not our end */
    gsl_set_error_handler_off();
    openblas_set_num_threads(1); /* two would change the last bits of a sum */
}

int main(int argc, char **argv)
{
    set_up_process();
    return jf_command_line_run(argc, argv);
}
