/* Preloaded into the program: its JOULEFIT_FAIL_AT-th call that makes, writes, syncs, closes or renames a
 * file fails as on a full disk; how many there were goes to the file JOULEFIT_FAIL_COUNT. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static atomic_long n_calls;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int fails(void)
{
    const char *at = getenv("JOULEFIT_FAIL_AT");
    long n = atomic_fetch_add(&n_calls, 1) + 1;

    if (!at || strtol(at, NULL, 10) != n) return 0;
    errno = ENOSPC;
    return 1;
}

__attribute__((destructor)) static void tell_count(void)
{
    const char *path = getenv("JOULEFIT_FAIL_COUNT");
    int descriptor = path ? REAL(open)(path, O_WRONLY | O_CREAT | O_TRUNC, 0600) : -1;

    if (descriptor < 0) return;
    dprintf(descriptor, "%ld\n", (long)n_calls);
    close(descriptor);
}

int open(const char *path, int flags, ...)
{
    mode_t mode = 0;
    va_list arguments;

    va_start(arguments, flags);
    if (flags & O_CREAT) mode = va_arg(arguments, mode_t);
    va_end(arguments);
    return flags & O_CREAT && fails() ? -1 : REAL(open)(path, flags, mode);
}

ssize_t write(int descriptor, const void *bytes, size_t size)
{
    return descriptor > STDERR_FILENO && fails() ? -1 : REAL(write)(descriptor, bytes, size);
}

/* As a real one, it leaves its mark on the stream. */
size_t fwrite(const void *bytes, size_t size, size_t n, FILE *stream)
{
    if (stream == stderr || !fails()) return REAL(fwrite)(bytes, size, n, stream);
    stream->_flags |= _IO_ERR_SEEN;
    return 0;
}

int fflush(FILE *stream)
{
    return stream && stream != stderr && fails() ? EOF : REAL(fflush)(stream);
}

/* The file is closed all the same, as the system does. */
int fclose(FILE *stream)
{
    int failed = fails(), error = errno, closed = REAL(fclose)(stream);

    if (failed) errno = error;
    return failed ? EOF : closed;
}

int fsync(int descriptor)
{
    return fails() ? -1 : REAL(fsync)(descriptor);
}

int ftruncate(int descriptor, off_t length)
{
    return fails() ? -1 : REAL(ftruncate)(descriptor, length);
}

int rename(const char *from, const char *to)
{
    return fails() ? -1 : REAL(rename)(from, to);
}

char *mkdtemp(char *path)
{
    return fails() ? NULL : REAL(mkdtemp)(path);
}
