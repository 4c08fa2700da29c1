/* A document as LaTeX for a stock article: tables by booktabs, every text escaped. */
#include "reports/faces.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include "plots/lettering.h"

/* ---- letters ---- */

typedef struct letter {
    uint32_t point;
    const char *latex;
} letter;

/* ASCII that means something, alone or (ligatures, the star and bracket after a line's end) before others. */
static const letter special[] = {{'\\', "\\textbackslash{}"},
                                 {'{', "\\{"},
                                 {'}', "\\}"},
                                 {'$', "\\$"},
                                 {'&', "\\&"},
                                 {'#', "\\#"},
                                 {'%', "\\%"},
                                 {'_', "\\_"},
                                 {'^', "\\textasciicircum{}"},
                                 {'~', "\\textasciitilde{}"},
                                 {'<', "\\textless{}"},
                                 {'>', "\\textgreater{}"},
                                 {'|', "\\textbar{}"},
                                 {'"', "\\textquotedbl{}"},
                                 {'\'', "\\textquotesingle{}"},
                                 {'`', "\\textasciigrave{}"},
                                 {'[', "{[}"},
                                 {']', "{]}"},
                                 {'*', "{*}"},
                                 {0, NULL}};

/* What papers on energy are likely to hold beyond Latin letters; anything else is shown by its number. */
static const letter beyond[] = {
    {0xa0, "~"},           {0xb0, "$^\\circ$"},   {0xb1, "$\\pm$"},       {0xb2, "$^{2}$"},
    {0xb3, "$^{3}$"},      {0xb5, "$\\mu$"},      {0xb7, "$\\cdot$"},     {0xb9, "$^{1}$"},
    {0xd7, "$\\times$"},   {0xf7, "$\\div$"},     {0x3b1, "$\\alpha$"},   {0x3b2, "$\\beta$"},
    {0x3b3, "$\\gamma$"},  {0x3b4, "$\\delta$"},  {0x3b5, "$\\epsilon$"}, {0x3b6, "$\\zeta$"},
    {0x3b7, "$\\eta$"},    {0x3b8, "$\\theta$"},  {0x3ba, "$\\kappa$"},   {0x3bb, "$\\lambda$"},
    {0x3bc, "$\\mu$"},     {0x3bd, "$\\nu$"},     {0x3be, "$\\xi$"},      {0x3c0, "$\\pi$"},
    {0x3c1, "$\\rho$"},    {0x3c3, "$\\sigma$"},  {0x3c4, "$\\tau$"},     {0x3c6, "$\\phi$"},
    {0x3c7, "$\\chi$"},    {0x3c8, "$\\psi$"},    {0x3c9, "$\\omega$"},   {0x394, "$\\Delta$"},
    {0x3a3, "$\\Sigma$"},  {0x3a9, "$\\Omega$"},  {0x2013, "--"},         {0x2014, "---"},
    {0x2018, "`"},         {0x2019, "'"},         {0x201c, "``"},         {0x201d, "''"},
    {0x2026, "\\ldots{}"}, {0x2212, "$-$"},       {0x2248, "$\\approx$"}, {0x2264, "$\\leq$"},
    {0x2265, "$\\geq$"},   {0x221e, "$\\infty$"}, {0xfffd, "?"},          {0, NULL}};

static const char *find_letter(const letter *letters, uint32_t point)
{
    for (; letters->latex; letters++)
        if (letters->point == point) return letters->latex;
    return NULL;
}

/* One character; returns its bytes. */
static size_t add_letter(jf_text *out, const char *at)
{
    uint32_t point = 0;
    size_t length = jf_lettering_decode(at, &point);
    const char *latex = find_letter(point < 0x80 ? special : beyond, point);

    if (length == 0) { /* cleaned text has no broken byte */
        jf_text_add(out, "?");
        return 1;
    }
    if (latex)
        jf_text_add(out, latex);
    else if (point < 0x80 || (point >= 0xc0 && point <= 0xff))
        jf_text_add_bytes(out, at, length);
    else
        jf_text_addf(out, "{[}U+%04X{]}", point);
    if ((*at == '-' || *at == ',') && at[1] == *at) jf_text_add(out, "{}"); /* no dash, no low quote */
    return length;
}

/* Words longer than this may break, without a hyphen: hashes and paths. */
enum { LONGEST_WORD = 24 };

static void add_escaped(jf_text *out, const char *text)
{
    size_t run = 0;

    while (*text) {
        run = *text == ' ' ? 0 : run + 1;
        if (run > LONGEST_WORD && run % 8 == 1) jf_text_add(out, "\\allowbreak{}");
        text += add_letter(out, text);
    }
}

void jf_latex_add_text(jf_text *out, const char *text)
{
    add_escaped(out, text);
}

/* ---- numbers ---- */

/* Bytes of a number at the start of `text`, and where its exponent's e is (0: none). A minus before it is not
 * part. */
static size_t number_length(const char *text, size_t *exponent)
{
    size_t mantissa = strspn(text, "0123456789."), power;
    const char *after = text + mantissa;

    *exponent = 0;
    if (mantissa == 0 || !isdigit((unsigned char)*text)) return 0;
    if (*after != 'e') return mantissa;
    power = strspn(after + 1 + (after[1] == '-'), "0123456789");
    if (power == 0) return mantissa;
    *exponent = mantissa;
    return mantissa + 1 + (after[1] == '-') + power;
}

/* A cell of numbers: minus signs and powers of ten as they are set in print. */
static void add_numeric(jf_text *out, const char *text)
{
    while (*text) {
        size_t exponent, length;
        if (*text == '-' && isdigit((unsigned char)text[1])) {
            jf_text_add(out, "$-$");
            text++;
        }
        length = number_length(text, &exponent);
        if (length == 0) {
            text += add_letter(out, text);
        } else if (exponent == 0) {
            jf_text_add_bytes(out, text, length);
            text += length;
        } else {
            jf_text_addf(out, "$%.*s\\times10^{%.*s}$", (int)exponent, text, (int)(length - exponent - 1),
                         text + exponent + 1);
            text += length;
        }
    }
}

/* ---- blocks ---- */

static void add_command(jf_text *out, const char *command, const char *text)
{
    jf_text_addf(out, "\\%s{", command);
    add_escaped(out, text);
    jf_text_add(out, "}\n");
}

static void add_cell(jf_text *out, const jf_doc_table *table, size_t row, size_t column)
{
    const char *cell = jf_doc_cell(table, row, column);
    bool strong = table->emphasis[row] && *cell;

    jf_text_add(out, strong ? "\\textbf{" : "");
    if (table->columns[column].align == JF_RIGHT)
        add_numeric(out, cell);
    else
        add_escaped(out, cell);
    jf_text_add(out, strong ? "}" : "");
    jf_text_add(out, column + 1 < table->n_columns ? " & " : " \\\\\n");
}

static void add_label(jf_text *out, const char *label)
{
    jf_text_add(out, "\\label{");
    for (; *label; label++)
        if (isalnum((unsigned char)*label) || strchr(":-._", *label)) jf_text_add_bytes(out, label, 1);
    jf_text_add(out, "}\n");
}

/* Columns of long words are set in lines of their own. */
enum { LONG_WORDS = 36 };

static bool is_long(const jf_doc_table *table, size_t column)
{
    if (table->columns[column].align != JF_LEFT) return false;
    for (size_t r = 0; r < table->n_rows; r++)
        if (jf_text_width(jf_doc_cell(table, r, column)) > LONG_WORDS) return true;
    return false;
}

static void add_columns(jf_text *out, const jf_doc_table *table)
{
    size_t n_long = 0;

    for (size_t c = 0; c < table->n_columns; c++) n_long += is_long(table, c);
    for (size_t c = 0; c < table->n_columns; c++)
        if (is_long(table, c))
            jf_text_add(out, n_long == 1 ? "p{0.4\\linewidth}" : "p{0.28\\linewidth}");
        else
            jf_text_add(out, table->columns[c].align == JF_RIGHT  ? "r"
                             : table->columns[c].align == JF_LEFT ? "l"
                                                                  : "c");
}

static void add_tabular(jf_text *out, const jf_doc_table *table)
{
    jf_text_add(out, "\\jffit{\\begin{tabular}{");
    add_columns(out, table);
    jf_text_add(out, "}\n\\toprule\n");
    for (size_t c = 0; c < table->n_columns; c++) {
        add_escaped(out, table->columns[c].title);
        jf_text_add(out, c + 1 < table->n_columns ? " & " : " \\\\\n");
    }
    jf_text_add(out, "\\midrule\n");
    for (size_t r = 0; r < table->n_rows; r++) {
        if (r > 0 && r == table->rule_above) jf_text_add(out, "\\midrule\n");
        for (size_t c = 0; c < table->n_columns; c++) add_cell(out, table, r, c);
    }
    jf_text_add(out, "\\bottomrule\n\\end{tabular}}\n");
}

static void add_table(jf_text *out, const jf_doc_table *table)
{
    if (table->n_columns == 0) return;
    jf_text_add(out, "\\begin{table}[htbp]\n\\centering\n");
    if (table->caption) add_command(out, "caption", table->caption);
    if (table->label) add_label(out, table->label);
    add_tabular(out, table);
    jf_text_add(out, "\\end{table}\n");
}

/* A name that TeX can read without escapes. */
static bool is_plain_path(const char *path)
{
    for (; *path; path++)
        if (!isalnum((unsigned char)*path) && !strchr("/._-", *path)) return false;
    return true;
}

static void add_figure(jf_text *out, const jf_block *block)
{
    bool one_column = block->figure && block->figure->n_panels == 1 && !(block->figure->width_mm > 84);
    const char *width = one_column ? "84mm" : "\\linewidth";

    jf_text_add(out, "\\begin{figure}[htbp]\n\\centering\n");
    if (block->path && is_plain_path(block->path)) {
        jf_text_addf(out, "\\IfFileExists{%s}{\\includegraphics[width=%s]{%s}}{\\fbox{figure in ",
                     block->path, width, block->path);
        add_escaped(out, block->path);
        jf_text_add(out, "}}\n");
    } else if (block->path) {
        add_command(out, "fbox", block->path);
    }
    if (block->figure && block->figure->caption) add_command(out, "caption", block->figure->caption);
    if (block->label) add_label(out, block->label);
    jf_text_add(out, "\\end{figure}\n");
}

/* Not verbatim, which a line of the text itself could end. */
static void add_code(jf_text *out, const char *text)
{
    jf_text_add(out, "\\begin{quote}\\ttfamily\\raggedright\n\\mbox{}");
    for (; *text;) {
        if (*text == '\n') {
            jf_text_add(out, "\\\\\n\\mbox{}");
            text++;
        } else {
            text += add_letter(out, text);
        }
    }
    jf_text_add(out, "\n\\end{quote}\n");
}

static void add_items(jf_text *out, const jf_block *block)
{
    bool fields = block->kind == JF_BLOCK_FIELDS;

    if (block->n_items == 0) return;
    jf_text_addf(out, "\\begin{%s}\n", fields ? "description" : "itemize");
    for (size_t i = 0; i < block->n_items; i += fields ? 2 : 1) {
        jf_text_add(out, fields ? "\\item[{" : "\\item{} ");
        add_escaped(out, block->items[i]);
        if (fields) {
            jf_text_add(out, "}] ");
            add_escaped(out, block->items[i + 1]);
        }
        jf_text_add(out, "\n");
    }
    jf_text_addf(out, "\\end{%s}\n", fields ? "description" : "itemize");
}

static void add_block(jf_text *out, const jf_block *block)
{
    static const char *const headings[] = {"section*", "section*", "section*", "subsection*",
                                           "subsubsection*"};

    switch (block->kind) {
    case JF_BLOCK_HEADING:
        add_command(out, headings[block->level < 0 ? 0 : block->level > 4 ? 4 : block->level], block->text);
        break;
    case JF_BLOCK_PARAGRAPH:
        jf_text_add(out, "\n");
        add_escaped(out, block->text);
        jf_text_add(out, "\n\n");
        break;
    case JF_BLOCK_CODE: add_code(out, block->text); break;
    case JF_BLOCK_LIST:
    case JF_BLOCK_FIELDS: add_items(out, block); break;
    case JF_BLOCK_TABLE: add_table(out, block->table); break;
    case JF_BLOCK_FIGURE: add_figure(out, block); break;
    }
}

static const char needed[] =
    "\\usepackage[T1]{fontenc}\n\\usepackage[utf8]{inputenc}\n\\usepackage{textcomp}\n"
    "\\usepackage{booktabs}\n\\usepackage{graphicx}\n"
    "\\IfFileExists{lmodern.sty}{\\usepackage{lmodern}}{}\n"
    "\\IfFileExists{geometry.sty}{\\usepackage[margin=25mm]{geometry}}{}\n";
/* Tables and figures may fill most of a page before they get one of their own. */
static const char floats[] = "\\renewcommand{\\topfraction}{0.9}\\renewcommand{\\bottomfraction}{0.8}\n"
                             "\\renewcommand{\\textfraction}{0.08}\\renewcommand{\\floatpagefraction}{0.75}\n"
                             "\\setcounter{topnumber}{4}\\setcounter{bottomnumber}{3}"
                             "\\setcounter{totalnumber}{6}\n";
/* Shrinks what is wider than the line. */
static const char fitting[] = "\\providecommand{\\jffit}[1]{\\sbox0{#1}\\ifdim\\wd0>\\linewidth"
                              "\\resizebox{\\linewidth}{!}{\\usebox0}\\else\\usebox0\\fi}\n";

/* In a box, for in \author no line is broken. */
static void add_author(jf_text *out, const char *author)
{
    jf_text_add(out, *author ? "\\author{\\parbox{0.8\\linewidth}{\\centering " : "\\author{");
    add_escaped(out, author);
    jf_text_add(out, *author ? "}}\n" : "}\n");
}

static void add_head(jf_text *out, const jf_doc *doc)
{
    jf_text_addf(out, "\\documentclass{article}\n%s%s%s\\sloppy\n", needed, fitting, floats);
    if (*doc->title) {
        add_command(out, "title", doc->title);
        add_author(out, doc->author ? doc->author : "");
        jf_text_add(out, "\\date{}\n");
    }
    jf_text_addf(out, "\\begin{document}\n%s", *doc->title ? "\\maketitle\n" : "");
    if (!doc->abstract) return;
    jf_text_add(out, "\\begin{abstract}\n\\noindent ");
    add_escaped(out, doc->abstract);
    jf_text_add(out, "\n\\end{abstract}\n");
}

jf_status jf_render_latex(const jf_doc *doc, const jf_render_options *options, jf_text *out, jf_error *err)
{
    bool whole = !options || !options->fragment;
    jf_status status = JF_OK;

    JF_TRY(jf_doc_check(doc, err));
    if (whole)
        add_head(out, doc);
    else
        jf_text_addf(out, "%% needs: fontenc with T1, booktabs, graphicx\n%s", fitting);
    for (size_t i = 0; i < doc->n_blocks; i++) add_block(out, &doc->blocks[i]);
    if (whole) jf_text_add(out, "\\end{document}\n");
    if (out->failed) status = jf_fail(err, JF_ENOMEM, "out of memory for a document");
done:
    return status;
}
