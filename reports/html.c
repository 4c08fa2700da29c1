/* A document as one HTML file that asks for nothing from outside: figures are inside as SVG, tables sort. */
#include "reports/faces.h"

#include <nettle/base64.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <string.h>

static const char style[] =
    "body{overflow-wrap:break-word;font:16px/1.5 "
    "system-ui,sans-serif;color:#222;background:#fff;max-width:60rem;margin:2rem "
    "auto;padding:0 1rem}"
    "h1,h2,h3{line-height:1.25}.author{font-style:italic}"
    ".abstract{margin-left:1.5rem;margin-right:1.5rem}"
    "table{border-collapse:collapse;margin:1rem "
    "0;display:block;overflow-x:auto;font-variant-numeric:tabular-nums}"
    "caption{text-align:left;font-weight:600;padding-bottom:.4rem}"
    "th{cursor:pointer;border-top:2px solid #222;border-bottom:1px solid #222;white-space:nowrap}"
    "th[aria-sort=ascending]::after{content:' \\25b2'}th[aria-sort=descending]::after{content:' \\25bc'}"
    "th,td{padding:.2rem .7rem;text-align:left}.r{text-align:right;white-space:nowrap}.c{text-align:center}"
    "tbody tr:last-child td{border-bottom:2px solid #222}tr.best td{font-weight:600}tr.rule "
    "td{border-top:1px solid #222}"
    "pre{background:#f4f4f4;padding:.7rem;overflow-x:auto;white-space:pre-wrap}"
    "dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.2rem "
    "1rem}dt{font-weight:600}dd{margin:0;overflow-wrap:anywhere}"
    "figure{margin:1.5rem 0;overflow-x:auto}figure svg,figure "
    "img{max-width:max(100%,30rem);height:auto}figcaption{color:#444;font-size:.9rem}";

/* A click on a heading sorts by that column: numbers (all digits, in data-v) by size, texts by the alphabet.
 */
static const char script[] =
    "document.querySelectorAll('th').forEach(function(th){function sort(){"
    "var body=th.closest('table').tBodies[0],i=th.cellIndex,up=th.getAttribute('aria-sort')!=='ascending';"
    "function key(tr){var c=tr.cells[i];return c.dataset.v!==undefined?c.dataset.v:c.textContent}"
    "var rows=Array.from(body.rows).map(function(tr,n){return{tr:tr,k:key(tr),n:n}});"
    "rows.sort(function(a,b){if(a.k===''||b.k==='')return(a.k==='')-(b.k==='')||a.n-b.n;var "
    "x=Number(a.k),y=Number(b.k),"
    "d=isNaN(x)||isNaN(y)?a.k.localeCompare(b.k):x-y;return(up?d:-d)||a.n-b.n});"
    "rows.forEach(function(r){body.appendChild(r.tr)});"
    "th.parentNode.querySelectorAll('th').forEach(function(o){o.removeAttribute('aria-sort')});"
    "th.setAttribute('aria-sort',up?'ascending':'descending')}"
    "th.addEventListener('click',sort);"
    "th.addEventListener('keydown',function(e){if(e.key==='Enter'){sort()}})});";

static void add_escaped(jf_text *out, const char *text)
{
    for (const char *at = text; *at; at++) {
        switch (*at) {
        case '&': jf_text_add(out, "&amp;"); break;
        case '<': jf_text_add(out, "&lt;"); break;
        case '>': jf_text_add(out, "&gt;"); break;
        case '"': jf_text_add(out, "&quot;"); break;
        case '\'': jf_text_add(out, "&#39;"); break;
        default: jf_text_add_bytes(out, at, 1);
        }
    }
}

/* <tag>text</tag> */
static void add_element(jf_text *out, const char *tag, const char *text)
{
    jf_text_addf(out, "<%s>", tag);
    add_escaped(out, text);
    jf_text_addf(out, "</%s>\n", tag);
}

/* The page may run this script and no other, and may ask for nothing. */
static void add_policy(jf_text *out)
{
    struct sha256_ctx hash;
    uint8_t digest[SHA256_DIGEST_SIZE];
    char text[BASE64_ENCODE_RAW_LENGTH(SHA256_DIGEST_SIZE) + 1] = "";

    sha256_init(&hash);
    sha256_update(&hash, sizeof script - 1, (const uint8_t *)script);
    sha256_digest(&hash, sizeof digest, digest);
    base64_encode_raw(text, sizeof digest, digest);
    jf_text_addf(
        out,
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src 'self' data:; "
        "style-src 'unsafe-inline'; script-src 'sha256-%s'\">\n",
        text);
}

static const char *class_of(jf_align align)
{
    return align == JF_RIGHT ? " class=\"r\"" : align == JF_CENTRE ? " class=\"c\"" : "";
}

static void add_cell(jf_text *out, const jf_doc_table *table, size_t row, size_t column)
{
    const char *exact = table->exact[row * table->n_columns + column];

    jf_text_addf(out, "<td%s", class_of(table->columns[column].align));
    if (exact) {
        jf_text_add(out, " data-v=\"");
        add_escaped(out, exact);
        jf_text_add(out, "\"");
    }
    jf_text_add(out, ">");
    add_escaped(out, jf_doc_cell(table, row, column));
    jf_text_add(out, "</td>");
}

static void add_table(jf_text *out, const jf_doc_table *table)
{
    jf_text_add(out, "<table>\n");
    if (table->caption) add_element(out, "caption", table->caption);
    jf_text_add(out, "<thead><tr>");
    for (size_t c = 0; c < table->n_columns; c++) {
        jf_text_addf(out, "<th scope=\"col\" tabindex=\"0\"%s>", class_of(table->columns[c].align));
        add_escaped(out, table->columns[c].title);
        jf_text_add(out, "</th>");
    }
    jf_text_add(out, "</tr></thead>\n<tbody>\n");
    for (size_t r = 0; r < table->n_rows; r++) {
        bool ruled = r > 0 && r == table->rule_above;
        jf_text_add(out, table->emphasis[r] ? "<tr class=\"best\">" : ruled ? "<tr class=\"rule\">" : "<tr>");
        for (size_t c = 0; c < table->n_columns; c++) add_cell(out, table, r, c);
        jf_text_add(out, "</tr>\n");
    }
    jf_text_add(out, "</tbody>\n</table>\n");
}

/* Inside the page, whether or not there is a file beside it. */
static jf_status add_figure(jf_text *out, const jf_block *block, size_t number, jf_error *err)
{
    jf_error why = {0};
    char prefix[32];
    jf_status status;

    jf_text_add(out, "<figure>\n");
    snprintf(prefix, sizeof prefix, "f%zu", number);
    status = jf_figure_svg(block->figure, prefix, out, &why);
    if (status == JF_ENOMEM) return jf_fail(err, status, "%s", why.message);
    if (status != JF_OK) { /* the report is worth having without it, but says so */
        jf_text_add(out, "<p>This figure could not be drawn: ");
        add_escaped(out, why.message);
        jf_text_add(out, "</p>\n");
    }
    if (block->figure->caption) add_element(out, "figcaption", block->figure->caption);
    jf_text_add(out, "</figure>\n");
    return JF_OK;
}

static void add_items(jf_text *out, const jf_block *block)
{
    bool fields = block->kind == JF_BLOCK_FIELDS;

    jf_text_add(out, fields ? "<dl>\n" : "<ul>\n");
    for (size_t i = 0; i < block->n_items; i++)
        add_element(out, !fields ? "li" : i % 2 ? "dd" : "dt", block->items[i]);
    jf_text_add(out, fields ? "</dl>\n" : "</ul>\n");
}

static jf_status add_block(jf_text *out, const jf_block *block, size_t number, jf_error *err)
{
    static const char *const headings[] = {"h2", "h2", "h3", "h4", "h5"};

    switch (block->kind) {
    case JF_BLOCK_HEADING:
        add_element(out, headings[block->level < 0 ? 0 : block->level > 4 ? 4 : block->level], block->text);
        break;
    case JF_BLOCK_PARAGRAPH: add_element(out, "p", block->text); break;
    case JF_BLOCK_CODE: add_element(out, "pre", block->text); break;
    case JF_BLOCK_LIST:
    case JF_BLOCK_FIELDS: add_items(out, block); break;
    case JF_BLOCK_TABLE: add_table(out, block->table); break;
    case JF_BLOCK_FIGURE: return add_figure(out, block, number, err);
    }
    return JF_OK;
}

static void add_head(jf_text *out, const jf_doc *doc)
{
    jf_text_add(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    add_policy(out);
    jf_text_add(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    add_element(out, "title", *doc->title ? doc->title : "joulefit");
    jf_text_addf(out, "<style>%s</style>\n</head>\n<body>\n", style);
}

static void add_front(jf_text *out, const char *class, const char *text)
{
    if (!text) return;
    jf_text_addf(out, "<p class=\"%s\">", class);
    add_escaped(out, text);
    jf_text_add(out, "</p>\n");
}

jf_status jf_render_html(const jf_doc *doc, const jf_render_options *options, jf_text *out, jf_error *err)
{
    bool whole = !options || !options->fragment;
    jf_status status = JF_OK;

    JF_TRY(jf_doc_check(doc, err));
    jf_text_add(out, "");
    if (whole) add_head(out, doc);
    if (*doc->title) add_element(out, "h1", doc->title);
    add_front(out, "author", doc->author);
    add_front(out, "abstract", doc->abstract);
    for (size_t i = 0; i < doc->n_blocks; i++) JF_TRY(add_block(out, &doc->blocks[i], i, err));
    if (whole) jf_text_addf(out, "<script>%s</script>\n</body>\n</html>\n", script);
    if (out->failed) status = jf_fail(err, JF_ENOMEM, "out of memory for a document");
done:
    return status;
}
