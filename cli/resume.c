/* Opens and closes the checkpoint of a command. */
#include "cli/resume.h"

#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include "core/clock.h"
#include "core/expr/formula.h"
#include "core/memory.h"
#include "data/digest.h"

static jf_status add_file(const char *path, jf_text *key, jf_error *err)
{
    char digest[JF_DIGEST_TEXT];
    jf_status status;

    if (!path) return JF_OK;
    status = jf_digest_file(path, digest, err);
    if (status == JF_OK) jf_text_addf(key, "%s %s\n", path, digest);
    return status;
}

/* The version, and which build of it. */
static void add_program(jf_text *key)
{
    struct stat file = {0};

    stat("/proc/self/exe", &file);
    jf_text_addf(key, "joulefit %s (%jd bytes of %jd.%09ld), %s\n", JF_VERSION, (intmax_t)file.st_size,
                 (intmax_t)file.st_mtim.tv_sec, file.st_mtim.tv_nsec, jf_kernels_name());
}

/* All that the numbers depend on: the program, the kernels of this processor, the command with its seed, and
 * the bytes of every file read. */
static jf_status add_key(const jf_session *session, const jf_resume_inputs *inputs, jf_text *key,
                         jf_error *err)
{
    jf_status status = JF_OK;

    add_program(key);
    jf_text_addf(key, "%s\ndata %s\n", session->command.data, inputs->table->sha256);
    JF_TRY(add_file(inputs->laws, key, err));
    JF_TRY(add_file(inputs->model, key, err));
    for (size_t i = 0; i < inputs->catalogues->n; i++)
        JF_TRY(add_file(inputs->catalogues->items[i], key, err));
    JF_TRY_NEW(key->data && !key->failed, err, "a checkpoint");
done:
    return status;
}

jf_checkpoint *jf_resume_open(const jf_session *session, const char *save, const jf_resume_inputs *inputs)
{
    const char *target = save ? save : jf_session_file(session);
    jf_checkpoint *checkpoint = NULL;
    jf_status status = JF_OK;
    jf_text path = {0}, key = {0};
    jf_error err = {0};

    if (!target || !session->command.data) return NULL;
    jf_text_addf(&path, "%s.partial", target);
    JF_TRY_NEW(path.data, &err, "a checkpoint");
    JF_TRY(add_key(session, inputs, &key, &err));
    JF_TRY(jf_checkpoint_open(path.data, key.data, jf_clock_seconds, &checkpoint, &err));
    if (jf_checkpoint_n_found(checkpoint))
        jf_session_note(session, "going on where a stopped run was: %zu finished pieces found in %s",
                        jf_checkpoint_n_found(checkpoint), path.data);
done:
    if (status != JF_OK)
        jf_session_note(session, "a run that is stopped will have to begin anew: %s", err.message);
    jf_text_free(&path);
    jf_text_free(&key);
    return checkpoint;
}

void jf_resume_close(const jf_session *session, jf_checkpoint *checkpoint, jf_status status)
{
    if (!checkpoint) return;
    if (jf_checkpoint_error(checkpoint))
        jf_session_note(session, "%s: not all finished pieces could be kept: %s",
                        jf_checkpoint_path(checkpoint), strerror(jf_checkpoint_error(checkpoint)));
    if (status != JF_OK && jf_checkpoint_n_kept(checkpoint))
        jf_session_note(session, "%zu finished pieces are kept in %s: the same command goes on from there",
                        jf_checkpoint_n_kept(checkpoint), jf_checkpoint_path(checkpoint));
    jf_checkpoint_close(checkpoint, status == JF_OK);
}
