/* Output files: a temporary file beside the target, synced, then renamed over it. */
#include "core/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "core/memory.h"
#include "core/text.h"

struct jf_output {
    FILE *stream;
    char *target;    /* NULL: stdout */
    char *temporary; /* NULL once renamed, or for stdout */
    int error;       /* errno of a write that is known to have failed */
};

static const char *name_of(const jf_output *output)
{
    return output->target ? output->target : "standard output";
}

static jf_status cannot_write(const char *name, int error, jf_error *err)
{
    if (error == ENOMEM) return jf_fail(err, JF_ENOMEM, "%s: out of memory", name);
    return jf_fail(err, JF_EOUTPUT, "%s: cannot write: %s", name, strerror(error));
}

void jf_output_discard(jf_output *output)
{
    if (!output) return;
    if (output->target && output->stream) fclose(output->stream);
    if (output->temporary) unlink(output->temporary);
    jf_free(output->temporary);
    jf_free(output->target);
    jf_free(output);
}

/* Follows links, so that the file behind a link is replaced and the link stays. */
static jf_status find_target(const char *path, jf_output *output, mode_t *mode, jf_error *err)
{
    struct stat info;
    char *real;

    *mode = 0;
    if (!path[0]) return jf_fail(err, JF_EOUTPUT, "cannot write: the file name is empty");
    if (stat(path, &info) != 0) {
        output->target = jf_copy_text(path);
        return output->target ? JF_OK : jf_fail(err, JF_ENOMEM, "out of memory for a file name");
    }
    if (S_ISDIR(info.st_mode)) return jf_fail(err, JF_EOUTPUT, "%s: cannot write: it is a directory", path);
    if (!S_ISREG(info.st_mode))
        return jf_fail(err, JF_EOUTPUT, "%s: cannot write: it is no plain file (- is standard output)", path);
    if (access(path, W_OK) != 0) return cannot_write(path, errno, err); /* a rename would not ask */
    *mode = info.st_mode & 07777;
    real = realpath(path, NULL);
    if (!real) return cannot_write(path, errno, err);
    output->target = jf_copy_text(real);
    free(real);
    return output->target ? JF_OK : jf_fail(err, JF_ENOMEM, "out of memory for a file name");
}

/* A name of our own beside the target: short, so that a long target name is no trouble. */
static int create_temporary(jf_output *output)
{
    const char *slash = strrchr(output->target, '/');
    size_t folder = slash ? (size_t)(slash - output->target) + 1 : 0;
    int descriptor = -1;

    for (int attempt = 0; attempt < 1000 && descriptor < 0; attempt++) {
        jf_text name = {0};
        jf_text_add_bytes(&name, output->target, folder);
        jf_text_addf(&name, ".joulefit-%ld-%d.tmp", (long)getpid(), attempt);
        jf_free(output->temporary);
        output->temporary = jf_text_take(&name);
        if (!output->temporary) {
            errno = ENOMEM;
            return -1;
        }
        descriptor = open(output->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (descriptor < 0 && errno != EEXIST) break;
    }
    if (descriptor < 0) {
        int error = errno;
        jf_free(output->temporary); /* not ours: must not be unlinked */
        output->temporary = NULL;
        errno = error;
    }
    return descriptor;
}

static jf_status open_temporary(const char *path, jf_output *output, jf_error *err)
{
    mode_t mode;
    int descriptor;
    jf_status status = find_target(path, output, &mode, err);

    if (status != JF_OK) return status;
    descriptor = create_temporary(output);
    if (descriptor < 0) return cannot_write(path, errno, err);
    if (mode) (void)fchmod(descriptor, mode); /* a foreign owner's mode may be refused: the umask's stands */
    output->stream = fdopen(descriptor, "w");
    if (!output->stream) {
        int error = errno;
        close(descriptor);
        return cannot_write(path, error, err);
    }
    return JF_OK;
}

/* A warning, a fold or an interval that found no memory is missing in what comes to be written. */
static jf_status check_memory(const char *path, jf_error *err)
{
    return jf_memory_now().ran_out ? jf_fail(err, JF_ENOMEM, "%s is not written: out of memory", path)
                                   : JF_OK;
}

jf_status jf_output_open(const char *path, jf_output **out, jf_error *err)
{
    jf_status status = JF_OK;
    jf_output *output = JF_NEW(jf_output);

    *out = NULL;
    JF_TRY(check_memory(path, err));
    JF_TRY_NEW(output, err, "an output file");
    if (strcmp(path, "-") == 0)
        output->stream = stdout;
    else
        JF_TRY(open_temporary(path, output, err));
    *out = output;
    output = NULL;
done:
    jf_output_discard(output);
    return status;
}

FILE *jf_output_stream(jf_output *output)
{
    return output->stream;
}

/* The name of a file is in its folder: without this a crash may bring the old file back. Some file systems
 * cannot sync a folder, which is no failure to write. */
static void sync_folder(const char *target)
{
    const char *slash = strrchr(target, '/');
    char *folder = slash ? jf_copy_bytes(target, (size_t)(slash - target) + 1) : jf_copy_text(".");
    int descriptor = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

    if (descriptor >= 0) {
        (void)fsync(descriptor);
        close(descriptor);
    }
    jf_free(folder);
}

static int flush_and_sync(jf_output *output)
{
    int error = output->error;

    errno = 0;
    if ((fflush(output->stream) != 0 || ferror(output->stream)) && !error) error = errno ? errno : EIO;
    if (!output->target) return error;
    if (!error && fsync(fileno(output->stream)) != 0 && errno != EINVAL && errno != ENOTSUP) error = errno;
    if (fclose(output->stream) != 0 && !error) error = errno;
    output->stream = NULL;
    return error;
}

jf_status jf_output_commit(jf_output *output, jf_error *err)
{
    jf_status status = check_memory(name_of(output), err);
    int error = flush_and_sync(output);

    if (!error && status == JF_OK && output->target) {
        if (rename(output->temporary, output->target) != 0) {
            error = errno;
        } else {
            jf_free(output->temporary);
            output->temporary = NULL;
            sync_folder(output->target);
        }
    }
    if (error && status == JF_OK) status = cannot_write(name_of(output), error, err);
    jf_output_discard(output);
    return status;
}

jf_status jf_output_write(const char *path, const char *bytes, size_t length, jf_error *err)
{
    jf_output *output = NULL;
    jf_status status = jf_output_open(path, &output, err);

    if (status != JF_OK) return status;
    if (fwrite(bytes, 1, length, output->stream) < length) output->error = errno;
    return jf_output_commit(output, err);
}
