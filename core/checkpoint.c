/* The file of a checkpoint: a head that names the job, then records that are only ever appended. */
#include "core/checkpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include "core/memory.h"
#include "core/parallel.h"
#include "core/text.h"
#define HASH_NONFATAL_OOM            1
#define uthash_malloc(size)          jf_alloc(1, (size))
#define uthash_free(pointer, size)   jf_free(pointer)
#define uthash_nonfatal_oom(element) (element)->lost = true
#include <uthash.h>

static const char magic[] = "joulefit checkpoint 1\n";
static const double seconds_between_writes = 0.5;

/* What stands in front of a record's bytes in the file. */
typedef struct record_head {
    uint64_t part, index; /* part: checksum of its name */
    uint32_t size, checksum;
} record_head;

typedef struct piece_key {
    uint64_t part, index;
} piece_key;

typedef struct piece {
    piece_key key;
    size_t size;
    bool lost; /* the table had no memory for it */
    UT_hash_handle hh;
    unsigned char bytes[];
} piece;

struct jf_checkpoint {
    char *path;
    int descriptor;
    bool ours; /* a plain file that no other process holds, empty or a checkpoint */
    double (*now)(void);
    double written_at;
    piece *found;
    size_t n_found, n_kept; /* n_kept: in the file or waiting */
    jf_text waiting;
    int error;
    pthread_mutex_t lock;
};

static uint64_t part_of(const char *name)
{
    size_t length = strlen(name);
    uLong low = crc32(0, (const Bytef *)name, (uInt)length);
    uLong high = adler32(1, (const Bytef *)name, (uInt)length);

    return (uint64_t)high << 32 | (uint64_t)low;
}

static uint32_t checksum_of(const record_head *head, const void *bytes)
{
    uLong sum = crc32(0, (const Bytef *)&head->part, sizeof head->part);

    sum = crc32(sum, (const Bytef *)&head->index, sizeof head->index);
    sum = crc32(sum, (const Bytef *)&head->size, sizeof head->size);
    return (uint32_t)crc32(sum, bytes, head->size);
}

/* ---- reading ---- */

static bool read_all(int descriptor, void *bytes, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t n = read(descriptor, (char *)bytes + done, size - done);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        done += (size_t)n;
    }
    return true;
}

/* Is the file empty, or a checkpoint of whatever job? */
static bool is_checkpoint(const jf_checkpoint *c, off_t size)
{
    char found[sizeof magic - 1];
    size_t n = size < (off_t)sizeof found ? (size_t)size : sizeof found;

    return read_all(c->descriptor, found, n) && memcmp(found, magic, n) == 0;
}

/* Is the checkpoint, read up to here, of this job? */
static bool read_head(const jf_checkpoint *c, const char *key)
{
    size_t length = strlen(key);
    uint32_t key_length;
    bool same;
    char *text;

    if (!read_all(c->descriptor, &key_length, sizeof key_length) || key_length != length) return false;
    text = jf_alloc(length + 1, 1);
    same = text && read_all(c->descriptor, text, length) && memcmp(text, key, length) == 0;
    jf_free(text);
    return same;
}

static void free_pieces(jf_checkpoint *c)
{
    piece *one, *next;

    HASH_ITER(hh, c->found, one, next)
    {
        HASH_DEL(c->found, one);
        jf_free(one);
    }
}

/* False at the end of what is whole. `left`: bytes of the file that remain. */
static bool read_record(jf_checkpoint *c, size_t *left)
{
    record_head head;
    piece *one;

    if (*left < sizeof head || !read_all(c->descriptor, &head, sizeof head)) return false;
    *left -= sizeof head;
    if (head.size > *left) return false;
    one = jf_alloc_zero(1, sizeof *one + head.size);
    if (!one) return false;
    one->key = (piece_key){head.part, head.index};
    one->size = head.size;
    if (!read_all(c->descriptor, one->bytes, head.size) || checksum_of(&head, one->bytes) != head.checksum) {
        jf_free(one);
        return false;
    }
    *left -= head.size;
    HASH_ADD(hh, c->found, key, sizeof one->key, one);
    if (one->lost) {
        jf_free(one);
        return false;
    }
    c->n_found++;
    return true;
}

/* ---- writing ---- */

static bool write_all(int descriptor, const void *bytes, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t n = write(descriptor, (const char *)bytes + done, size - done);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return false;
        done += (size_t)n;
    }
    return true;
}

/* With the lock held. A write that fails takes back what it wrote, so that the file stays whole. */
static void write_waiting(jf_checkpoint *c)
{
    off_t before = lseek(c->descriptor, 0, SEEK_CUR);

    if (c->waiting.failed) c->error = ENOMEM;
    if (!c->error && c->waiting.length && !write_all(c->descriptor, c->waiting.data, c->waiting.length)) {
        c->error = errno;
        if (before < 0 || ftruncate(c->descriptor, before) != 0) c->error = EIO;
    }
    jf_text_free(&c->waiting);
}

static bool begin_anew(jf_checkpoint *c, const char *key)
{
    uint32_t length = (uint32_t)strlen(key);

    return ftruncate(c->descriptor, 0) == 0 && lseek(c->descriptor, 0, SEEK_SET) == 0 &&
           write_all(c->descriptor, magic, sizeof magic - 1) &&
           write_all(c->descriptor, &length, sizeof length) && write_all(c->descriptor, key, length);
}

/* ---- the calls ---- */

static jf_status cannot(const char *path, const char *what, jf_error *err)
{
    return jf_fail(err, JF_EOUTPUT, "%s: %s", path, what);
}

/* A plain file of our own that no other process works on. */
static jf_status open_file(jf_checkpoint *c, jf_error *err)
{
    struct stat info;

    c->descriptor = open(c->path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
    if (c->descriptor < 0) return cannot(c->path, strerror(errno), err);
    if (fstat(c->descriptor, &info) != 0 || !S_ISREG(info.st_mode))
        return cannot(c->path, "it is no plain file", err);
    if (flock(c->descriptor, LOCK_EX | LOCK_NB) != 0)
        return cannot(c->path, "another joulefit works on the same output", err);
    if (!is_checkpoint(c, info.st_size)) return cannot(c->path, "is there, and is no checkpoint", err);
    c->ours = true;
    return JF_OK;
}

static jf_status read_or_begin(jf_checkpoint *c, const char *key, jf_error *err)
{
    struct stat info;
    size_t left;
    off_t whole;

    if (!read_head(c, key)) return begin_anew(c, key) ? JF_OK : cannot(c->path, strerror(errno), err);
    whole = lseek(c->descriptor, 0, SEEK_CUR);
    if (whole < 0 || fstat(c->descriptor, &info) != 0) return cannot(c->path, strerror(errno), err);
    left = info.st_size > whole ? (size_t)(info.st_size - whole) : 0;
    for (size_t before = left; read_record(c, &left); before = left) whole += (off_t)(before - left);
    if (ftruncate(c->descriptor, whole) != 0 || lseek(c->descriptor, whole, SEEK_SET) != whole)
        return cannot(c->path, strerror(errno), err);
    c->n_kept = c->n_found;
    return JF_OK;
}

jf_status jf_checkpoint_open(const char *path, const char *key, double (*now)(void), jf_checkpoint **out,
                             jf_error *err)
{
    jf_status status = JF_OK;
    jf_checkpoint *c = JF_NEW(jf_checkpoint);

    *out = NULL;
    JF_TRY_NEW(c, err, "a checkpoint");
    c->descriptor = -1;
    c->now = now;
    c->written_at = now();
    pthread_mutex_init(&c->lock, NULL);
    c->path = jf_copy_text(path);
    JF_TRY_NEW(c->path, err, "a checkpoint");
    JF_TRY(open_file(c, err));
    JF_TRY(read_or_begin(c, key, err));
    *out = c;
    c = NULL;
done:
    if (c) jf_checkpoint_close(c, false);
    return status;
}

size_t jf_checkpoint_n_found(const jf_checkpoint *checkpoint)
{
    return checkpoint ? checkpoint->n_found : 0;
}

size_t jf_checkpoint_n_kept(const jf_checkpoint *checkpoint)
{
    return checkpoint ? checkpoint->n_kept : 0;
}

const char *jf_checkpoint_path(const jf_checkpoint *checkpoint)
{
    return checkpoint->path;
}

const void *jf_checkpoint_find(const jf_checkpoint *c, const char *part, uint64_t index, size_t *size)
{
    piece_key key;
    piece *one = NULL;

    if (!c || !c->found) return NULL;
    memset(&key, 0, sizeof key);
    key.part = part_of(part);
    key.index = index;
    HASH_FIND(hh, c->found, &key, sizeof key, one); /* what was found does not change: no lock */
    if (one) *size = one->size;
    return one ? one->bytes : NULL;
}

bool jf_checkpoint_get(const jf_checkpoint *c, const char *part, uint64_t index, void *bytes, size_t size)
{
    size_t found_size = 0;
    const void *found = jf_checkpoint_find(c, part, index, &found_size);

    if (!found || found_size != size) return false;
    memcpy(bytes, found, size);
    return true;
}

void jf_checkpoint_put(jf_checkpoint *c, const char *part, uint64_t index, const void *bytes, size_t size)
{
    record_head head;
    double now;

    if (!c || size > UINT32_MAX || jf_stop_requested() || jf_memory_now().ran_out) return;
    memset(&head, 0, sizeof head);
    head.part = part_of(part);
    head.index = index;
    head.size = (uint32_t)size;
    head.checksum = checksum_of(&head, bytes);
    now = c->now();
    pthread_mutex_lock(&c->lock);
    if (!c->error) {
        jf_text_add_bytes(&c->waiting, (const char *)&head, sizeof head);
        jf_text_add_bytes(&c->waiting, bytes, size);
        c->n_kept++;
        if (now - c->written_at >= seconds_between_writes) {
            write_waiting(c);
            c->written_at = now;
        }
    }
    pthread_mutex_unlock(&c->lock);
}

int jf_checkpoint_error(const jf_checkpoint *checkpoint)
{
    return checkpoint ? checkpoint->error : 0;
}

void jf_checkpoint_close(jf_checkpoint *c, bool done)
{
    if (!c) return;
    if (c->descriptor >= 0) {
        if (c->ours && c->n_kept && !done)
            write_waiting(c);
        else if (c->ours)
            unlink(c->path);
        close(c->descriptor);
    }
    jf_text_free(&c->waiting);
    free_pieces(c);
    pthread_mutex_destroy(&c->lock);
    jf_free(c->path);
    jf_free(c);
}
