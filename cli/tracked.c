/* Tracker files on the way in. */
#include "cli/tracked.h"

#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include "core/memory.h"
#include "data/digest.h"

static bool limits_of(const void *context, const char *gpu, double *idle_W, double *most_W)
{
    const jf_boards *boards = context;
    const jf_gpu *found = NULL;
    jf_error ignored = {0};

    if (jf_hardware_find(&boards->hardware, gpu, &found, NULL, &ignored) != JF_OK) return false;
    *idle_W = found->idle_w;
    *most_W = found->tdp_w;
    return true;
}

jf_status jf_boards_open(jf_boards *boards, jf_import *import, jf_error *err)
{
    import->limits = limits_of;
    import->limits_context = boards;
    return jf_hardware_builtin(&boards->hardware, err);
}

void jf_boards_close(jf_boards *boards)
{
    jf_hardware_free(&boards->hardware);
}

/* The format of a file that can be looked into; NULL where none is known: whatever is wrong with the file,
 * the reader of CSV says it better. */
static jf_status find_format(const char *path, const char *from, const jf_tracker **out, jf_error *err)
{
    jf_error ignored = {0};
    struct stat about;

    *out = NULL;
    if (from) return jf_tracker_find(path, from, out, err);
    if (strcmp(path, "-") == 0 || stat(path, &about) != 0 || !S_ISREG(about.st_mode)) return JF_OK;
    if (jf_tracker_find(path, NULL, out, &ignored) != JF_OK) *out = NULL;
    return JF_OK;
}

jf_status jf_is_tracked(const char *path, const char *from, bool *out, jf_error *err)
{
    const jf_tracker *tracker = NULL;
    jf_status status = find_format(path, from, &tracker, err);

    *out = tracker && (from || !tracker->is_table);
    return status;
}

jf_status jf_holds_records(const char *path, const char *from, bool *out, jf_error *err)
{
    const jf_tracker *tracker = NULL;
    jf_status status = find_format(path, from, &tracker, err);

    *out = tracker != NULL;
    return status;
}

jf_status jf_tracked_read(const char *path, const char *from, jf_ledger *ledger, jf_warnings *warnings,
                          jf_table **out, jf_error *err)
{
    jf_status status = JF_OK;
    jf_import import = {.ledger = ledger, .warnings = warnings, .trace = {.start_s = NAN, .end_s = NAN}};
    jf_boards boards = {0};

    *out = NULL;
    JF_TRY(jf_boards_open(&boards, &import, err));
    JF_TRY(jf_import_read(&import, path, from, err));
    if (import.n == 0) JF_TRY(jf_fail(err, JF_EDATA, "%s: the file holds no run", path));
    JF_TRY(jf_import_flag(&import, err));
    JF_TRY(jf_import_table(&import, out, err));
    (*out)->file = jf_copy_text(path);
    JF_TRY_NEW((*out)->file, err, path);
    (*out)->rows_read = import.n + ledger->rows_rejected;
    if (strcmp(path, "-") != 0) JF_TRY(jf_digest_file(path, (*out)->sha256, err)); /* stdin was used up */
done:
    if (status != JF_OK) {
        jf_table_free(*out);
        *out = NULL;
    }
    jf_import_free(&import);
    jf_boards_close(&boards);
    return status;
}
