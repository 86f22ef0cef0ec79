/* See backup_files.h. */
#include "store/backup_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/crypto.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/memory.h"
#include "base/str.h"
#include "store/db.h"

#define CHUNK     ((size_t)256 * 1024)
#define PAGE      1000
#define HEAD_SIZE (CRYPTO_HASH_SIZE + 8)

static void note_lost(struct backup_lost *lost, struct arena *a, const char *name, const char *hash,
                      const char *how)
{
    if (lost->texts == NULL) {
        lost->texts = ARENA_ARRAY(a, const char *, BACKUP_TOLD);
    }
    if (lost->told < BACKUP_TOLD) {
        lost->texts[lost->told++] =
            arena_printf(a, "%s (" FILES_DIR "/%.2s/%s): %s", name, hash, hash, how);
    }
    lost->count++;
}

/* ---- writing --------------------------------------------------------------------------------- */

static bool is_whole(const char *path, int64_t size)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == size;
}

static void add_item(struct backup_files *out, size_t *room, struct stored_file f, struct arena *a)
{
    if (out->count == *room) {
        *room = *room == 0 ? PAGE : 2 * *room;
        struct stored_file *more = ARENA_ARRAY(a, struct stored_file, *room);
        if (out->count > 0) {
            memcpy(more, out->items, out->count * sizeof *more);
        }
        out->items = more;
    }
    out->items[out->count++] = f;
    out->bytes += HEAD_SIZE + f.size + CRYPTO_HASH_SIZE;
}

int backup_files_list(struct db *copy, const char *data_dir, struct arena *a,
                      struct backup_files *out, struct backup_lost *lost, struct err *e)
{
    struct stored_file *page = NULL;
    size_t n = 0, room = 0;
    const char *after = "", *name = NULL;
    *out = (struct backup_files){0};
    do {
        if (files_each(copy, after, PAGE, a, &page, &n, e) != 0) {
            return -1;
        }
        for (size_t i = 0; i < n; i++) {
            after = page[i].hash;
            if (is_whole(files_path(a, data_dir, page[i].hash), page[i].size)) {
                add_item(out, &room, page[i], a);
            } else if (files_called(copy, page[i].hash, a, &name, e) != 0) {
                return -1;
            } else {
                note_lost(lost, a, name, page[i].hash, "it is missing on disk");
            }
        }
    } while (n == PAGE);
    return 0;
}

int backup_put(int fd, const void *data, size_t n, struct err *e)
{
    if (fs_write(fd, data, n) == 0) {
        return 0;
    }
    return err_fail(e, errno == ENOSPC || errno == EDQUOT ? ERR_FULL : ERR_INTERNAL, "",
                    "The backup cannot be written: %s.", strerror(errno));
}

static int digit(char c)
{
    return c <= '9' ? c - '0' : c - 'a' + 10;
}

static void put_head(const struct stored_file *f, unsigned char out[HEAD_SIZE])
{
    for (size_t i = 0; i < CRYPTO_HASH_SIZE; i++) {
        out[i] = (unsigned char)(digit(f->hash[2 * i]) << 4 | digit(f->hash[2 * i + 1]));
    }
    for (int i = 0; i < 8; i++) {
        out[CRYPTO_HASH_SIZE + i] = (unsigned char)((uint64_t)f->size >> (8 * i));
    }
}

static int write_bytes(int fd, int in, const struct stored_file *f, char *chunk,
                       struct crypto_hash *h, struct err *e)
{
    int64_t at = 0;
    ssize_t n;
    while ((n = fs_read_at(in, chunk, CHUNK, at)) > 0) {
        crypto_hash_add(h, chunk, (size_t)n);
        at += n;
        if (at > f->size || backup_put(fd, chunk, (size_t)n, e) != 0) {
            break;
        }
    }
    return at == f->size && n == 0
               ? 0
               : err_fail(e, ERR_INTERNAL, "", "An attached file cannot be read.");
}

static int write_one(int fd, const char *path, const struct stored_file *f, char *chunk,
                     struct crypto_hash *h, struct err *e)
{
    unsigned char head[HEAD_SIZE], hash[CRYPTO_HASH_SIZE];
    int in = open(path, O_RDONLY | O_CLOEXEC);
    if (in < 0) {
        return err_fail(e, ERR_INTERNAL, "", "An attached file cannot be read.");
    }
    put_head(f, head);
    crypto_hash_reset(h);
    int rc = backup_put(fd, head, sizeof head, e);
    if (rc == 0) {
        rc = write_bytes(fd, in, f, chunk, h, e);
    }
    close(in);
    crypto_hash_end(h, hash);
    return rc == 0 ? backup_put(fd, hash, sizeof hash, e) : -1;
}

int backup_files_write(int fd, const char *data_dir, const struct backup_files *files,
                       struct err *e)
{
    char *chunk = memory_take(CHUNK);
    struct crypto_hash *h = crypto_hash_new();
    struct arena a;
    int rc = 0;
    arena_init(&a);
    for (size_t i = 0; rc == 0 && i < files->count; i++) {
        rc = write_one(fd, files_path(&a, data_dir, files->items[i].hash), &files->items[i], chunk,
                       h, e);
        arena_reset(&a);
    }
    arena_done(&a);
    crypto_hash_free(h);
    free(chunk);
    return rc;
}

/* ---- reading --------------------------------------------------------------------------------- */

static int damaged(struct err *e, const char *what)
{
    return err_fail(e, ERR_INVALID, "", "The backup is damaged: %s.", what);
}

static int read_exactly(int fd, void *out, size_t n, struct err *e)
{
    char *p = out;
    while (n > 0) {
        ssize_t got = read(fd, p, n);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return damaged(e, "it is cut off within the attached files");
        }
        p += got;
        n -= (size_t)got;
    }
    return 0;
}

struct unpacking {
    int fd;
    const char *dir; /* NULL: only checked */
    int64_t left;    /* bytes of the section */
    char *chunk;
    struct crypto_hash *h;
    struct arena *a;
};

static int unpack_error(struct err *e)
{
    return err_fail(e, errno == ENOSPC || errno == EDQUOT ? ERR_FULL : ERR_INTERNAL, "",
                    "The backup cannot be unpacked: %s.", strerror(errno));
}

/* A new file of this name in its folder; -1 with e filled. */
static int create(struct unpacking *u, const char *hash, struct err *e)
{
    struct arena a;
    arena_init(&a);
    const char *path = arena_printf(&a, "%s/%.2s/%s", u->dir, hash, hash);
    int rc = fs_make_dirs(arena_printf(&a, "%s/%.2s", u->dir, hash), e);
    int out = rc == 0 ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
    arena_done(&a);
    if (rc == 0 && out < 0) {
        unpack_error(e);
    }
    return out;
}

static int copy_bytes(struct unpacking *u, int64_t size, int out, struct err *e)
{
    for (int64_t at = 0; at < size;) {
        size_t n = size - at < (int64_t)CHUNK ? (size_t)(size - at) : CHUNK;
        if (read_exactly(u->fd, u->chunk, n, e) != 0) {
            return -1;
        }
        crypto_hash_add(u->h, u->chunk, n);
        if (out >= 0 && fs_write_at(out, u->chunk, n, at) != 0) {
            return unpack_error(e);
        }
        at += (int64_t)n;
    }
    return out >= 0 && fsync(out) != 0 ? unpack_error(e) : 0;
}

/* The head of the next file; its size fits into what is left. */
static int read_head(struct unpacking *u, struct stored_file *out, unsigned char name[CRYPTO_HASH_SIZE],
                     struct err *e)
{
    unsigned char head[HEAD_SIZE];
    uint64_t size = 0;
    if (u->left < (int64_t)(HEAD_SIZE + CRYPTO_HASH_SIZE)) {
        return damaged(e, "it does not hold the attached files it speaks of");
    }
    if (read_exactly(u->fd, head, sizeof head, e) != 0) {
        return -1;
    }
    for (int i = 7; i >= 0; i--) {
        size = size << 8 | head[CRYPTO_HASH_SIZE + i];
    }
    u->left -= HEAD_SIZE + CRYPTO_HASH_SIZE;
    if (size > (uint64_t)u->left) {
        return damaged(e, "an attached file has no possible size");
    }
    u->left -= (int64_t)size;
    memcpy(name, head, CRYPTO_HASH_SIZE);
    *out = (struct stored_file){crypto_hex(u->a, name, CRYPTO_HASH_SIZE), (int64_t)size};
    return 0;
}

static int read_one(struct unpacking *u, struct stored_file *out, struct backup_lost *lost,
                    struct err *e)
{
    unsigned char name[CRYPTO_HASH_SIZE], said[CRYPTO_HASH_SIZE], hash[CRYPTO_HASH_SIZE];
    if (read_head(u, out, name, e) != 0) {
        return -1;
    }
    int to = u->dir != NULL ? create(u, out->hash, e) : -1;
    if (u->dir != NULL && to < 0) {
        return -1;
    }
    crypto_hash_reset(u->h);
    int rc = copy_bytes(u, out->size, to, e);
    if (to >= 0) {
        close(to);
    }
    crypto_hash_end(u->h, hash);
    if (rc != 0 || read_exactly(u->fd, said, sizeof said, e) != 0) {
        return -1;
    }
    if (memcmp(hash, said, sizeof hash) != 0) {
        return damaged(e, "an attached file does not fit its hash");
    }
    if (memcmp(hash, name, sizeof hash) != 0) {
        note_lost(lost, u->a, "an attached file", out->hash, "it was altered before the backup");
    }
    return 0;
}

/* The folders of what was unpacked, on disk. */
static int sync_folders(const char *dir, struct arena *a, struct err *e)
{
    for (unsigned i = 0; i < 256; i++) {
        const char *folder = arena_printf(a, "%s/%02x", dir, i);
        if (fs_is_dir(folder) && fs_sync_dir(folder, e) != 0) {
            return -1;
        }
    }
    return fs_sync_dir(dir, e);
}

int backup_files_read(int fd, int64_t count, int64_t bytes, const char *dir, struct arena *a,
                      struct backup_files *have, struct backup_lost *lost, struct err *e)
{
    struct unpacking u = {.fd = fd, .dir = dir, .left = bytes, .a = a};
    size_t room = 0;
    int rc = dir != NULL ? fs_make_dirs(dir, e) : 0;
    *have = (struct backup_files){0};
    u.chunk = memory_take(CHUNK);
    u.h = crypto_hash_new();
    for (int64_t i = 0; rc == 0 && i < count; i++) {
        struct stored_file f;
        rc = read_one(&u, &f, lost, e);
        if (rc == 0 && have->count > 0 && strcmp(have->items[have->count - 1].hash, f.hash) >= 0) {
            rc = damaged(e, "its attached files are not in order");
        }
        if (rc == 0) {
            add_item(have, &room, f, a);
        }
    }
    crypto_hash_free(u.h);
    free(u.chunk);
    if (rc == 0 && u.left != 0) {
        rc = damaged(e, "something stands between its attached files");
    }
    return rc == 0 && dir != NULL ? sync_folders(dir, a, e) : rc;
}

int backup_files_compare(struct db *db, const struct backup_files *have, struct arena *a,
                         struct backup_lost *lost, struct err *e)
{
    struct stored_file *page = NULL;
    size_t n = 0, at = 0;
    const char *after = "", *name = NULL;
    do {
        if (files_each(db, after, PAGE, a, &page, &n, e) != 0) {
            return -1;
        }
        for (size_t i = 0; i < n; i++) {
            after = page[i].hash;
            while (at < have->count && strcmp(have->items[at].hash, after) < 0) {
                at++;
            }
            if (at < have->count && str_eq(have->items[at].hash, after) &&
                have->items[at].size == page[i].size) {
                continue;
            }
            if (files_called(db, after, a, &name, e) != 0) {
                return -1;
            }
            note_lost(lost, a, name, after, "it was missing when the backup was taken");
        }
    } while (n == PAGE);
    return 0;
}
