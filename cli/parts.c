/* Parts of an output folder: staged, kept, put in place. */
#include "cli/parts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "core/memory.h"
#include "core/output.h"
#include "core/text.h"
#include "data/digest.h"
#include "fit/model/model_file.h"

static const char stage_name[] = ".partial", notes_name[] = "parts.json", manifest_name[] = "manifest.json";

static char *path_of(const char *folder, const char *file)
{
    jf_text path = {0};

    jf_text_addf(&path, "%s/%s", folder, file);
    return jf_text_take(&path);
}

/* Makes the folder and those above it. */
static jf_status make_folders(const char *folder, jf_error *err)
{
    jf_status status = JF_OK;
    char *path = jf_copy_text(folder);

    JF_TRY_NEW(path, err, "a folder's name");
    for (char *at = path + 1; status == JF_OK; at++) {
        char here = *at;
        if (here != '/' && here != '\0') continue;
        *at = '\0';
        if (mkdir(path, 0777) != 0 && errno != EEXIST)
            status = jf_fail(err, JF_EOUTPUT, "%s: cannot make the folder: %s", path, strerror(errno));
        *at = here;
        if (here == '\0') break;
    }
done:
    jf_free(path);
    return status;
}

/* The object that a JSON file holds, or NULL. */
static json_t *read_object(const char *folder, const char *file)
{
    char *path = path_of(folder, file);
    json_t *json = path ? json_load_file(path, 0, NULL) : NULL;

    jf_free(path);
    if (json_is_object(json)) return json;
    json_decref(json);
    return NULL;
}

static jf_status write_object(const char *path, const json_t *json, jf_error *err)
{
    jf_status status = JF_OK;
    char *text = jf_json_print(json);

    JF_TRY_NEW(text, err, path);
    JF_TRY(jf_output_write(path, text, strlen(text), err));
done:
    jf_free(text);
    return status;
}

static jf_status lock_stage(jf_parts *parts, jf_error *err)
{
    char *path = path_of(parts->stage, "lock");

    if (!path) return jf_fail(err, JF_ENOMEM, "out of memory for a folder's name");
    parts->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    jf_free(path);
    if (parts->lock < 0)
        return jf_fail(err, JF_EOUTPUT, "%s: cannot write: %s", parts->folder, strerror(errno));
    if (flock(parts->lock, LOCK_EX | LOCK_NB) != 0)
        return jf_fail(err, JF_EOUTPUT, "%s: another run is at work in this folder", parts->folder);
    return JF_OK;
}

jf_status jf_parts_open(const char *folder, jf_parts *out, jf_error *err)
{
    jf_status status = JF_OK;

    *out = (jf_parts){.lock = -1};
    JF_TRY(make_folders(folder, err));
    out->folder = realpath(folder, NULL); /* the working folder may change */
    if (!out->folder) JF_TRY(jf_fail(err, JF_EOUTPUT, "%s: cannot be found: %s", folder, strerror(errno)));
    out->stage = path_of(out->folder, stage_name);
    out->now = json_object();
    JF_TRY_NEW(out->stage && out->now, err, "an output folder");
    JF_TRY(make_folders(out->stage, err));
    JF_TRY(lock_stage(out, err));
    out->old = read_object(out->folder, manifest_name);
    out->staged = read_object(out->stage, notes_name);
    if (!out->staged) out->staged = json_object();
    JF_TRY_NEW(out->staged, err, "an output folder");
done:
    if (status != JF_OK) jf_parts_close(out);
    return status;
}

void jf_parts_close(jf_parts *parts)
{
    free(parts->folder);
    jf_free(parts->stage);
    json_decref(parts->old);
    json_decref(parts->staged);
    json_decref(parts->now);
    if (parts->lock >= 0) close(parts->lock);
    *parts = (jf_parts){.lock = -1};
}

/* ---- keeping ---- */

/* Are all files of the part under `folder`, with the bytes that were noted? */
static bool is_whole(const json_t *part, const char *folder)
{
    const char *file;
    json_t *digest;

    json_object_foreach(json_object_get(part, "files"), file, digest)
    {
        char found[JF_DIGEST_TEXT], *path = path_of(folder, file);
        bool same = path && jf_digest_file(path, found, NULL) == JF_OK && json_is_string(digest) &&
                    strcmp(found, json_string_value(digest)) == 0;
        jf_free(path);
        if (!same) return false;
    }
    return true;
}

static bool keep_from(jf_parts *parts, const json_t *those, const char *folder, const char *name,
                      const char *key)
{
    json_t *part = json_object_get(those, name);
    const char *old_key = json_string_value(json_object_get(part, "key"));

    if (!old_key || strcmp(old_key, key) != 0 || !is_whole(part, folder)) return false;
    if (json_object_set(parts->now, name, part) != 0) return false;
    parts->n_kept++;
    return true;
}

bool jf_parts_keep(jf_parts *parts, const char *name, const char *key)
{
    return keep_from(parts, parts->staged, parts->stage, name, key) ||
           keep_from(parts, json_object_get(parts->old, "parts"), parts->folder, name, key);
}

jf_status jf_parts_keep_others(jf_parts *parts, jf_error *err)
{
    const char *name;
    json_t *part;

    json_object_foreach(json_object_get(parts->old, "parts"), name, part)
    {
        if (json_object_get(parts->now, name)) continue;
        if (json_object_set(parts->now, name, part) != 0)
            return jf_fail(err, JF_ENOMEM, "out of memory for a manifest");
    }
    return JF_OK;
}

/* ---- making ---- */

jf_status jf_parts_make(const jf_parts *parts, const char *file, char **path, jf_error *err)
{
    jf_status status = JF_OK;
    char *slash;

    *path = path_of(parts->stage, file);
    JF_TRY_NEW(*path, err, file);
    slash = strrchr(*path, '/');
    *slash = '\0';
    status = make_folders(*path, err);
    *slash = '/';
done:
    if (status != JF_OK) {
        jf_free(*path);
        *path = NULL;
    }
    return status;
}

jf_status jf_parts_find(const jf_parts *parts, const char *file, char **path, jf_error *err)
{
    jf_status status = JF_OK;

    *path = path_of(parts->stage, file);
    JF_TRY_NEW(*path, err, file);
    if (access(*path, R_OK) == 0) return JF_OK;
    jf_free(*path);
    *path = path_of(parts->folder, file);
    JF_TRY_NEW(*path, err, file);
done:
    return status;
}

jf_status jf_parts_done(jf_parts *parts, const char *name, const char *key, const jf_words *files,
                        jf_error *err)
{
    jf_status status = JF_OK;
    json_t *part = json_pack("{s:s, s:{}}", "key", key, "files");
    char *path = NULL, digest[JF_DIGEST_TEXT];

    JF_TRY_NEW(part, err, name);
    for (size_t i = 0; i < files->n; i++) {
        jf_free(path);
        path = path_of(parts->stage, files->items[i]);
        JF_TRY_NEW(path, err, name);
        JF_TRY(jf_digest_file(path, digest, err));
        if (json_object_set_new(json_object_get(part, "files"), files->items[i], json_string(digest)) != 0)
            JF_TRY_NEW(NULL, err, name);
    }
    if (json_object_set(parts->now, name, part) != 0 || json_object_set(parts->staged, name, part) != 0)
        JF_TRY_NEW(NULL, err, name);
    parts->n_made++;
    jf_free(path);
    path = path_of(parts->stage, notes_name);
    JF_TRY_NEW(path, err, name);
    JF_TRY(write_object(path, parts->staged, err));
done:
    json_decref(part);
    jf_free(path);
    return status;
}

/* ---- putting in place ---- */

const char *jf_parts_digest(const json_t *parts, const char *file)
{
    const char *name, *digest;
    json_t *part;

    json_object_foreach((json_t *)parts, name, part)
    {
        digest = json_string_value(json_object_get(json_object_get(part, "files"), file));
        if (digest) return digest;
    }
    return "";
}

/* Files that are there and that no earlier run has made stay. */
static jf_status refuse_strangers(const jf_parts *parts, jf_error *err)
{
    const json_t *old = json_object_get(parts->old, "parts");
    const char *name, *file;
    json_t *part, *digest;

    json_object_foreach(parts->now, name, part)
        json_object_foreach(json_object_get(part, "files"), file, digest)
    {
        char *path = path_of(parts->folder, file);
        bool is_there = path && access(path, F_OK) == 0;
        jf_free(path);
        if (is_there && !*jf_parts_digest(old, file))
            return jf_fail(err, JF_EOUTPUT,
                           "%s/%s is there and was not made by 'joulefit run': take another folder, "
                           "or move it away",
                           parts->folder, file);
    }
    return JF_OK;
}

static jf_status put_in_place(const jf_parts *parts, const char *file, jf_error *err)
{
    jf_status status = JF_OK;
    char *from = path_of(parts->stage, file), *to = path_of(parts->folder, file), *slash;

    JF_TRY_NEW(from && to, err, file);
    if (access(from, F_OK) != 0) goto done; /* kept: it is in place */
    slash = strrchr(to, '/');
    *slash = '\0';
    JF_TRY(make_folders(to, err));
    *slash = '/';
    if (rename(from, to) != 0) status = jf_fail(err, JF_EOUTPUT, "%s: cannot write: %s", to, strerror(errno));
done:
    jf_free(from);
    jf_free(to);
    return status;
}

/* What an earlier run made and this one has not; a file that was changed by hand since stays. */
static void remove_stale(const jf_parts *parts)
{
    const char *name, *file;
    json_t *part, *digest;

    json_object_foreach(json_object_get(parts->old, "parts"), name, part)
        json_object_foreach(json_object_get(part, "files"), file, digest)
    {
        char found[JF_DIGEST_TEXT], *path = path_of(parts->folder, file);
        if (path && !*jf_parts_digest(parts->now, file) && json_is_string(digest) &&
            jf_digest_file(path, found, NULL) == JF_OK && strcmp(found, json_string_value(digest)) == 0)
            unlink(path);
        jf_free(path);
    }
}

static void remove_room(const char *room)
{
    DIR *entries = opendir(room);
    struct dirent *entry;

    while (entries && (entry = readdir(entries)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            (void)unlinkat(dirfd(entries), entry->d_name, 0);
    if (entries) closedir(entries);
    rmdir(room);
}

/* What runs that were killed left behind: new files before they had their names, and rooms of gnuplot. */
static void remove_unnamed(const char *folder)
{
    static const char ours[] = ".joulefit-";
    DIR *entries = opendir(folder);
    struct dirent *entry;

    while (entries && (entry = readdir(entries))) {
        char *path =
            strncmp(entry->d_name, ours, sizeof ours - 1) == 0 ? path_of(folder, entry->d_name) : NULL;
        if (path && unlink(path) != 0 && errno == EISDIR) remove_room(path);
        jf_free(path);
    }
    if (entries) closedir(entries);
}

/* Folders go when they are empty; anything else in them is not ours. */
static void remove_stage(const jf_parts *parts)
{
    static const char *const left[] = {"parts.json", "lock",       "report.aux",
                                       "report.log", "report.out", "report.pdf"};
    static const char *const folders[] = {"results", "tables", "figures", "data", ""};

    for (size_t i = 0; i < sizeof left / sizeof *left; i++) {
        char *path = path_of(parts->stage, left[i]);
        if (path) unlink(path);
        jf_free(path);
    }
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        char *path = path_of(parts->stage, folders[i]);
        if (path) remove_unnamed(path);
        if (path) rmdir(path);
        jf_free(path);
    }
}

void jf_parts_remove(const jf_parts *parts)
{
    const char *name, *file;
    json_t *part, *digest;

    if (!parts->stage) return;
    json_object_foreach(parts->staged, name, part)
        json_object_foreach(json_object_get(part, "files"), file, digest)
    {
        char *path = path_of(parts->stage, file);
        if (path) unlink(path);
        jf_free(path);
    }
    remove_stage(parts);
}

jf_status jf_parts_commit(jf_parts *parts, const json_t *manifest, jf_error *err)
{
    jf_status status = JF_OK;
    const char *name, *file;
    json_t *part, *digest;
    char *path = path_of(parts->folder, manifest_name);

    JF_TRY_NEW(path, err, manifest_name);
    JF_TRY(refuse_strangers(parts, err));
    json_object_foreach(parts->now, name, part)
        json_object_foreach(json_object_get(part, "files"), file, digest)
            JF_TRY(put_in_place(parts, file, err));
    JF_TRY(write_object(path, manifest, err));
    remove_stale(parts);
    remove_stage(parts);
done:
    jf_free(path);
    return status;
}
