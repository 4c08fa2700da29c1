/* Lists of kinds. */
#include "cli/kinds_out.h"

jf_status jf_kinds_out(const jf_session *session, const char *what, bool (*at)(size_t i, jf_listed_kind *out),
                       jf_error *err)
{
    jf_status status = JF_OK;
    jf_doc *doc = jf_doc_new(NULL);
    jf_doc_table *table;
    jf_listed_kind kind;

    JF_TRY_NEW(doc, err, "a list");
    table = jf_doc_add_table(doc, NULL);
    jf_doc_table_column(table, what, JF_LEFT, 0);
    jf_doc_table_column(table, "what it shows", JF_LEFT, 0);
    jf_doc_table_column(table, "needs", JF_LEFT, 0);
    for (size_t i = 0; at(i, &kind); i++) {
        jf_doc_table_row(table);
        jf_doc_table_cell(table, 0, "%s", kind.name);
        jf_doc_table_cell(table, 1, "%s", kind.title);
        jf_doc_table_cell(table, 2, "%s%s%s", kind.needs, kind.made_by ? ": " : "",
                          kind.made_by ? kind.made_by : "");
    }
    JF_TRY(jf_session_write_doc(session, doc, err));
done:
    jf_doc_free(doc);
    return status;
}
