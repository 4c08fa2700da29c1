/* Common options, messages and output of every command. */
#include "cli/session.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "cli/progress.h"
#include "core/memory.h"
#include "core/output.h"
#include "core/stream.h"
#include "core/text.h"
#include "fit/model/model_file.h"

static const char *const formats[] = {"auto", "text", "json", "csv", "markdown", "latex", "html", NULL};

#define AT(field) offsetof(jf_common_options, field)
const jf_option jf_common_options_table[] = {
    {"output", 'o', JF_OPTION_TEXT, AT(output), .argument = "FILE",
     .help = "write the result there, whole or not at all", .aside = true},
    {"format", 'f', JF_OPTION_CHOICE, AT(format), "auto", .choices = formats, .argument = "FORMAT",
     .help = "form of the result; auto goes by the ending of -o, else text", .aside = true},
    {"json", 0, JF_OPTION_FLAG, AT(json), .help = "the same as --format json", .aside = true},
    {"seed", 0, JF_OPTION_INTEGER, AT(seed), "20260623", 0, 0x1p53, .argument = "N",
     .help = "key of all random numbers: the same seed gives the same bytes"},
    {"threads", 0, JF_OPTION_INTEGER, AT(threads), "0", 0, 4096, .argument = "N",
     .help = "threads that share the work, 0 for all; results do not depend on it", .aside = true},
    {"memory", 0, JF_OPTION_TEXT, AT(memory), .argument = "SIZE",
     .help = "most memory to take, as 500M or 8G; more is refused (default: what the machine has available)",
     .aside = true},
    {"strict", 0, JF_OPTION_FLAG, AT(strict), .help = "exit with 1 when there were warnings", .aside = true},
    {"quiet", 'q', JF_OPTION_FLAG, AT(quiet), .help = "no notes and no warnings on stderr", .aside = true},
    {"verbose", 'v', JF_OPTION_FLAG, AT(verbose), .help = "more detail, in results and in errors",
     .aside = true},
    {"no-color", 0, JF_OPTION_FLAG, AT(no_color), .help = "no colours, as with NO_COLOR set or TERM=dumb",
     .aside = true},
    {"help", 'h', JF_OPTION_FLAG, AT(help), .help = "help for the command", .aside = true},
    {NULL}};
#undef AT

/* ---- messages ---- */

static bool colours_allowed(const jf_session *session, int descriptor)
{
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

    if (session->common.no_color || (no_color && no_color[0])) return false;
    return isatty(descriptor) && term && strcmp(term, "dumb") != 0;
}

static void print_marked(const jf_session *session, const char *colour, const char *mark)
{
    if (colours_allowed(session, STDERR_FILENO))
        fprintf(stderr, "\033[1;%sm%s\033[0m", colour, mark);
    else
        fputs(mark, stderr);
}

/* Messages quote files and names of strangers. */
static void print_shown(const char *message)
{
    jf_text shown = {0};

    jf_text_add_shown(&shown, message);
    fputs(shown.failed ? "out of memory for a message" : shown.data ? shown.data : "", stderr);
    jf_text_free(&shown);
}

void jf_session_note(const jf_session *session, const char *format, ...)
{
    va_list arguments;
    jf_text note = {0};

    if (session->common.quiet) return;
    jf_progress_erase(session->progress);
    va_start(arguments, format);
    jf_text_addv(&note, format, arguments);
    va_end(arguments);
    fputs("joulefit: ", stderr);
    print_shown(note.data ? note.data : "");
    fputc('\n', stderr);
    jf_text_free(&note);
}

void jf_session_print_error(const jf_session *session, const jf_error *err)
{
    jf_progress_erase(session->progress);
    fputs("joulefit: ", stderr);
    print_marked(session, "31", "error: ");
    print_shown(err->message);
    fputc('\n', stderr);
    if (session->common.verbose && err->file)
        fprintf(stderr, "joulefit: raised at %s:%d\n", err->file, err->line);
}

void jf_session_print_warnings(const jf_session *session)
{
    if (session->common.quiet || session->warnings_shown) return;
    for (size_t i = 0; i < session->warnings.n; i++) {
        const jf_warning *warning = &session->warnings.items[i];
        fputs("joulefit: ", stderr);
        print_marked(session, "33", "warning: ");
        print_shown(warning->message);
        fprintf(stderr, " [%s]\n", warning->code);
    }
    if (session->common.verbose && session->warnings.n)
        fputs("joulefit: 'joulefit help W_...' says what a warning means and what to do\n", stderr);
}

jf_status jf_session_argument(const jf_session *session, const char *what, const char **out, jf_error *err)
{
    const jf_option_list *arguments = &session->arguments;

    *out = NULL;
    if (arguments->n == 0) return jf_fail(err, JF_EUSAGE, "expected one %s, found none", what);
    if (arguments->n > 1)
        return jf_fail(err, JF_EUSAGE, "expected one %s, found %zu: '%s' and '%s'%s", what, arguments->n,
                       arguments->items[0], arguments->items[1], arguments->n > 2 ? ", ..." : "");
    *out = arguments->items[0];
    return JF_OK;
}

jf_status jf_session_arguments(const jf_session *session, const char *what, jf_error *err)
{
    if (session->arguments.n == 0)
        return jf_fail(err, JF_EUSAGE, "expected one or more %ss, found none", what);
    return JF_OK;
}

/* ---- results ---- */

static bool writes_to_stdout(const jf_session *session)
{
    return !session->common.output || strcmp(session->common.output, "-") == 0;
}

const char *jf_session_file(const jf_session *session)
{
    return writes_to_stdout(session) ? NULL : session->common.output;
}

/* The format whose files end as `path` does, or NULL. */
static const char *format_of_ending(const char *path)
{
    static const struct {
        const char *ending, *format;
    } endings[] = {{".json", "json"}, {".csv", "csv"},   {".md", "markdown"},
                   {".tex", "latex"}, {".html", "html"}, {".txt", "text"}};
    size_t length = strlen(path);

    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t n = strlen(endings[i].ending);
        if (length > n && strcmp(path + length - n, endings[i].ending) == 0) return endings[i].format;
    }
    return NULL;
}

const char *jf_session_format(const jf_session *session)
{
    const char *by_ending = NULL;

    if (session->common.json) return "json";
    if (session->common.format) return formats[session->common.format];
    if (!writes_to_stdout(session)) by_ending = format_of_ending(session->common.output);
    return by_ending ? by_ending : "text";
}

bool jf_session_wants(const jf_session *session, const char *format)
{
    return strcmp(jf_session_format(session), format) == 0;
}

void jf_session_leave_on_broken_pipe(const jf_session *session)
{
    if (writes_to_stdout(session)) signal(SIGPIPE, SIG_DFL);
}

jf_status jf_session_write_bytes(const jf_session *session, const char *bytes, size_t length, jf_error *err)
{
    jf_session_leave_on_broken_pipe(session);
    return jf_output_write(writes_to_stdout(session) ? "-" : session->common.output, bytes, length, err);
}

bool jf_session_on_terminal(const jf_session *session)
{
    return writes_to_stdout(session) && jf_session_wants(session, "text") && isatty(STDOUT_FILENO) &&
           isatty(STDERR_FILENO);
}

jf_status jf_session_write_json(const jf_session *session, const json_t *json, jf_error *err)
{
    jf_status status = JF_OK;
    jf_text text = {0};
    char *printed = json ? jf_json_print(json) : NULL;

    JF_TRY_NEW(printed, err, "the result as JSON");
    jf_text_add(&text, printed);
    if (text.length && text.data[text.length - 1] != '\n') jf_text_add(&text, "\n");
    JF_TRY_NEW(text.data && !text.failed, err, "the result as JSON");
    JF_TRY(jf_session_write_bytes(session, text.data, text.length, err));
done:
    jf_text_free(&text);
    jf_free(printed);
    return status;
}

static int terminal_width(void)
{
    struct winsize size;
    const char *columns = getenv("COLUMNS");
    int width = 0;

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
        width = size.ws_col;
    else if (columns)
        width = (int)strtol(columns, NULL, 10);
    return width >= 40 && width <= 400 ? width : 0;
}

static jf_status write_doc(const jf_session *session, const jf_doc *doc, bool fragment, jf_error *err)
{
    jf_status status = JF_OK;
    const char *name = jf_session_format(session);
    const jf_doc_format *format = jf_doc_format_find(name);
    jf_render_options options = {.width = writes_to_stdout(session) ? terminal_width() : 0,
                                 .colour =
                                     writes_to_stdout(session) && colours_allowed(session, STDOUT_FILENO)};
    jf_text text = {0};

    options.fragment = fragment && strcmp(name, "latex") == 0;
    if (!format) return jf_fail(err, JF_EUSAGE, "--format: this result cannot be written as %s", name);
    JF_TRY(format->render(doc, &options, &text, err));
    JF_TRY_NEW(!text.failed, err, "the result");
    JF_TRY(jf_session_write_bytes(session, text.data ? text.data : "", text.length, err));
done:
    jf_text_free(&text);
    return status;
}

jf_status jf_session_write_doc(const jf_session *session, const jf_doc *doc, jf_error *err)
{
    return write_doc(session, doc, false, err);
}

jf_status jf_session_write_fragment(const jf_session *session, const jf_doc *doc, jf_error *err)
{
    return write_doc(session, doc, true, err);
}

jf_status jf_session_check_output(const jf_session *session, jf_error *err)
{
    jf_output *output = NULL;
    jf_status status;
    const char *format = jf_session_format(session);

    if (strcmp(format, "json") != 0 && !jf_doc_format_find(format))
        return jf_fail(err, JF_EUSAGE, "-o: results cannot be written as %s; --format says in which form",
                       format);
    if (writes_to_stdout(session)) return JF_OK;
    status = jf_output_open(session->common.output, &output, err);
    jf_output_discard(output);
    return status;
}
