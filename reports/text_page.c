/* Words on a page of plain text. */
#include "reports/text_page.h"

#include <string.h>

/* Bytes of the longest beginning of `text` that is at most `width` columns wide (at least one character). */
static size_t bytes_within(const char *text, size_t length, size_t width)
{
    size_t end = 0, used = 0;

    while (end < length) {
        size_t next = end + 1, columns;
        char one[8] = "";
        while (next < length && ((unsigned char)text[next] & 0xc0) == 0x80 && next - end < 4) next++;
        memcpy(one, text + end, next - end);
        columns = jf_text_width(one);
        if (end > 0 && used + columns > width) break;
        used += columns;
        end = next;
    }
    return end;
}

/* In a long path, the last place behind a dot, a slash or the like that leaves no short line; 0: none. */
static size_t break_in_word(const char *text, size_t fits)
{
    for (size_t end = fits; end > fits / 3; end--)
        if (strchr("./,:;", text[end - 1])) return end;
    return 0;
}

size_t jf_page_next_line(const char *text, size_t width)
{
    size_t length = strlen(text), fits = bytes_within(text, length, width), blank = fits;

    if (fits == length) return length;
    while (blank > 0 && text[blank] != ' ') blank--;
    if (blank == 0) blank = break_in_word(text, fits);
    return blank > 0 ? blank : fits;
}

size_t jf_page_skip_blanks(const char *text)
{
    return strspn(text, " ");
}

void jf_page_add_wrapped_from(const jf_page *to, const char *text, size_t first, size_t indent)
{
    size_t column = first;

    text += jf_page_skip_blanks(text);
    do {
        size_t length = jf_page_next_line(text, to->width > column + JF_PAGE_NARROWEST ? to->width - column
                                                                                       : JF_PAGE_NARROWEST);
        jf_text_add_bytes(to->out, text, length);
        jf_text_add(to->out, "\n");
        text += length;
        text += jf_page_skip_blanks(text);
        column = indent;
        if (*text) jf_text_pad(to->out, ' ', indent);
    } while (*text);
}

void jf_page_add_wrapped(const jf_page *to, const char *text, size_t indent)
{
    jf_page_add_wrapped_from(to, text, indent, indent);
}

void jf_page_add_bold(const jf_page *to, const char *text)
{
    jf_text_add(to->out, to->colour ? "\x1b[1m" : "");
    jf_text_add(to->out, text);
    jf_text_add(to->out, to->colour ? "\x1b[0m" : "");
}
