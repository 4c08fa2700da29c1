/* A figure as an <svg> element for an HTML page. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "core/memory.h"
#include "plots/figure.h"

/* Whole file; JF_EOUTPUT when it cannot be read. */
static jf_status read_whole(const char *path, jf_text *out, jf_error *err)
{
    FILE *file = fopen(path, "re");
    char bytes[16384];
    size_t n;

    if (!file) return jf_fail(err, JF_EOUTPUT, "a figure could not be read back: %s", strerror(errno));
    while ((n = fread(bytes, 1, sizeof bytes, file)) > 0) jf_text_add_bytes(out, bytes, n);
    fclose(file);
    return out->failed ? jf_fail(err, JF_ENOMEM, "out of memory for a figure") : JF_OK;
}

/* Copies a tag (from < to >) with `prefix` before every id and before what points at one. Attributes are
 * gnuplot's own: text from outside stands between tags only. */
static void add_tag(jf_text *out, const char *tag, size_t length, const char *prefix)
{
    static const char *const before[] = {" id='", " id=\"", "href='#", "href=\"#", "url(#"};

    for (size_t i = 0; i < length;) {
        size_t k = 0, n = sizeof before / sizeof *before;
        while (k < n &&
               (length - i < strlen(before[k]) || strncmp(tag + i, before[k], strlen(before[k])) != 0))
            k++;
        jf_text_add_bytes(out, tag + i, k < n ? strlen(before[k]) : 1);
        i += k < n ? strlen(before[k]) : 1;
        if (k < n) jf_text_add(out, prefix);
    }
}

/* The <svg> element of a file, without the XML head that HTML does not take. */
static void add_element(jf_text *out, const char *svg, const char *prefix)
{
    const char *at = strstr(svg, "<svg");

    while (at && *at) {
        const char *end = *at == '<' ? strchr(at, '>') : NULL;
        size_t length = end ? (size_t)(end - at) + 1 : 1 + strcspn(at + 1, "<");
        if (end)
            add_tag(out, at, length, prefix);
        else
            jf_text_add_bytes(out, at, length);
        at += length;
    }
}

jf_status jf_figure_svg(const jf_figure *figure, const char *prefix, jf_text *out, jf_error *err)
{
    const char *base = getenv("TMPDIR");
    jf_text folder = {0}, path = {0}, svg = {0};
    jf_status status = JF_OK;
    bool made = false;

    jf_text_addf(&folder, "%s/joulefit-XXXXXX", base && *base ? base : "/tmp");
    JF_TRY_NEW(folder.data, err, "a figure");
    made = mkdtemp(folder.data) != NULL;
    if (!made) JF_TRY(jf_fail(err, JF_EOUTPUT, "no temporary folder %s: %s", folder.data, strerror(errno)));
    jf_text_addf(&path, "%s/figure.svg", folder.data);
    JF_TRY_NEW(path.data, err, "a figure");
    JF_TRY(jf_figure_draw(figure, path.data, false, err));
    JF_TRY(read_whole(path.data, &svg, err));
    add_element(out, svg.data ? svg.data : "", prefix);
    if (out->failed) JF_TRY(jf_fail(err, JF_ENOMEM, "out of memory for a figure"));
done:
    if (made && path.data) unlink(path.data);
    if (made) rmdir(folder.data);
    jf_text_free(&folder);
    jf_text_free(&path);
    jf_text_free(&svg);
    return status;
}
