/* Drawing: a script and its data are written into a folder of their own beside the target, gnuplot runs
 * there, and what it drew is renamed onto the target. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "core/memory.h"
#include "plots/gnuplot.h"
#include "plots/process.h"

static const double time_limit_s = 120;

/* The target's folder and stem, and the folder beside it where the work is done. */
typedef struct workshop {
    char *folder, *stem;
    char *room;         /* made by mkdtemp; NULL before */
    const char *suffix; /* ".pdf": how it is drawn */
} workshop;

static char *path_in(const char *folder, const char *stem, const char *suffix)
{
    jf_text path = {0};
    jf_text_addf(&path, "%s/%s%s", folder, stem, suffix);
    return jf_text_take(&path);
}

static jf_status split_path(const char *path, workshop *out, jf_error *err)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

    out->suffix = jf_gnuplot_suffix(name);
    if (!out->suffix || !strcmp(name, out->suffix))
        return jf_fail(err, JF_EUSAGE, "%s: expected the name of a figure, ending in .pdf, .svg or .png",
                       path);
    for (const char *at = name; *at; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            return jf_fail(err, JF_EUSAGE, "name of a figure: control characters are not allowed");
    out->folder = slash ? jf_copy_bytes(path, slash == path ? 1 : (size_t)(slash - path)) : jf_copy_text(".");
    out->stem = jf_copy_bytes(name, strlen(name) - strlen(out->suffix));
    if (!out->folder || !out->stem) return jf_fail(err, JF_ENOMEM, "out of memory for %s", path);
    return JF_OK;
}

static jf_status open_room(const char *path, workshop *out, jf_error *err)
{
    out->room = path_in(out->folder, ".joulefit-", "XXXXXX");
    if (!out->room) return jf_fail(err, JF_ENOMEM, "out of memory for %s", path);
    if (mkdtemp(out->room)) return JF_OK;
    jf_free(out->room);
    out->room = NULL;
    return jf_fail(err, JF_EOUTPUT, "%s: cannot write in %s: %s", path, out->folder, strerror(errno));
}

static void close_room(workshop *out)
{
    static const char *const suffixes[] = {".gp", ".dat"};

    for (size_t i = 0; out->room && i <= sizeof suffixes / sizeof *suffixes; i++) {
        char *path = path_in(out->room, out->stem, i < 2 ? suffixes[i] : out->suffix);
        if (path) unlink(path);
        jf_free(path);
    }
    if (out->room) rmdir(out->room);
    jf_free(out->room);
    jf_free(out->folder);
    jf_free(out->stem);
}

static jf_status write_text(const workshop *in, const char *suffix, const jf_text *text, jf_error *err)
{
    char *path = path_in(in->room, in->stem, suffix);
    FILE *file = path ? fopen(path, "wxe") : NULL;
    bool written = file && fwrite(text->data, 1, text->length, file) == text->length;

    if (file && fclose(file) != 0) written = false;
    jf_free(path);
    return written ? JF_OK
                   : jf_fail(err, JF_EOUTPUT, "%s%s: could not be written: %s", in->stem, suffix,
                             strerror(errno));
}

/* What gnuplot said, on one line without its pointers to places. */
static void squeeze(const jf_text *words, char *line, size_t size)
{
    size_t used = 0;

    for (size_t i = 0; i < words->length && used + 1 < size; i++) {
        unsigned char byte = (unsigned char)words->data[i];
        bool blank = byte <= 0x20 || byte == '^';
        if (blank && (used == 0 || line[used - 1] == ' ')) continue;
        line[used++] = blank ? ' ' : (char)byte;
    }
    line[used] = '\0';
}

static jf_status run_gnuplot(const workshop *in, const char *path, jf_text *words, jf_error *err)
{
    jf_text script = {0};
    jf_process_end end = {0};
    jf_status status = JF_OK;
    char line[600];

    jf_text_addf(&script, "./%s.gp", in->stem);
    JF_TRY_NEW(script.data, err, "the name of a script");
    JF_TRY(jf_process_run((const char *const[]){"gnuplot", "-d", script.data, NULL}, in->room, time_limit_s,
                          &end, err));
    squeeze(&end.words, line, sizeof line);
    if (end.missing)
        JF_TRY(jf_fail(err, JF_EOUTPUT,
                       "%s: figures need gnuplot, which is not there (Debian: apt install gnuplot-nox)",
                       path));
    if (end.timed_out)
        JF_TRY(jf_fail(err, JF_EOUTPUT, "%s: gnuplot was stopped after %g s: %s", path, time_limit_s, line));
    if (end.exit_code != 0)
        JF_TRY(jf_fail(err, JF_EOUTPUT, "%s: gnuplot failed (%d): %s", path, end.exit_code, line));
    if (words) jf_text_add(words, line);
done:
    jf_text_free(&script);
    jf_text_free(&end.words);
    return status;
}

/* Same figure, same bytes: the time that cairo writes into a PDF is set to a fixed one of the same length. A
 * file that cannot be changed stays as it is. */
static void forget_time(const workshop *in)
{
    static const char mark[] = "/CreationDate (D:", fixed[] = "20000101000000";
    char *path = strcmp(in->suffix, ".pdf") == 0 ? path_in(in->room, in->stem, in->suffix) : NULL;
    FILE *file = path ? fopen(path, "r+b") : NULL;
    size_t matched = 0;
    int byte;

    while (file && matched < sizeof mark - 1 && (byte = getc(file)) != EOF)
        matched = byte == mark[matched] ? matched + 1 : byte == mark[0];
    if (file && matched == sizeof mark - 1 && fseek(file, 0, SEEK_CUR) == 0) fputs(fixed, file);
    if (file) fclose(file);
    jf_free(path);
}

/* Moves a finished file out of the room; the figure itself must be there and hold something. */
static jf_status move_out(const workshop *in, const char *suffix, jf_error *err)
{
    char *from = path_in(in->room, in->stem, suffix), *to = path_in(in->folder, in->stem, suffix);
    int fd = from ? open(from, O_RDONLY | O_CLOEXEC) : -1;
    jf_status status = JF_OK;
    struct stat about;

    JF_TRY_NEW(from && to, err, "the name of a figure");
    if (fd < 0 || fstat(fd, &about) != 0 || about.st_size == 0)
        JF_TRY(jf_fail(err, JF_EOUTPUT, "%s: gnuplot wrote nothing", to));
    if (fsync(fd) != 0 || rename(from, to) != 0)
        JF_TRY(jf_fail(err, JF_EOUTPUT, "%s: could not be written: %s", to, strerror(errno)));
done:
    if (fd >= 0) close(fd);
    jf_free(from);
    jf_free(to);
    return status;
}

jf_status jf_figure_draw_heard(const jf_figure *figure, const char *path, bool keep, jf_text *words,
                               jf_error *err)
{
    jf_layout layout = {0};
    jf_text script = {0}, data = {0};
    workshop in = {0};
    jf_status status = JF_OK;

    JF_TRY(split_path(path, &in, err));
    JF_TRY(jf_layout_build(figure, &layout, err));
    JF_TRY(jf_gnuplot_write(figure, &layout, in.stem, in.suffix, &script, &data, err));
    JF_TRY(open_room(path, &in, err));
    JF_TRY(write_text(&in, ".gp", &script, err));
    JF_TRY(write_text(&in, ".dat", &data, err));
    JF_TRY(run_gnuplot(&in, path, words, err));
    if (keep) {
        JF_TRY(move_out(&in, ".dat", err));
        JF_TRY(move_out(&in, ".gp", err));
    }
    forget_time(&in);
    JF_TRY(move_out(&in, in.suffix, err));
done:
    close_room(&in);
    jf_layout_free(&layout);
    jf_text_free(&script);
    jf_text_free(&data);
    return status;
}

jf_status jf_figure_draw(const jf_figure *figure, const char *path, bool keep, jf_error *err)
{
    return jf_figure_draw_heard(figure, path, keep, NULL, err);
}
