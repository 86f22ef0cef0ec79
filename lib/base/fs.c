/*
 * Files; see fs.h. Durable means: content fsynced, renamed, folder fsynced, in this order, so that
 * after a power cut the old or the new file is there, never half of one. Messages name the path as
 * given and the system's reason.
 */
#include "base/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#define KEEP_FREE (UINT64_C(256) << 20)

static int fail_system(struct err *e, const char *verb, const char *path)
{
    int reason = errno;
    enum err_code code = ERR_INTERNAL;
    if (reason == ENOENT || reason == ENOTDIR) {
        code = ERR_NOT_FOUND;
    } else if (reason == ENOSPC || reason == EDQUOT) {
        code = ERR_FULL;
    }
    char text[128];
    return err_fail(e, code, "", "Cannot %s %s: %s.", verb, path,
                    strerror_r(reason, text, sizeof(text)));
}

bool fs_exists(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0;
}

bool fs_is_dir(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

int fs_make_dirs(const char *path, struct err *e)
{
    char part[PATH_MAX];
    size_t n = strlen(path);
    if (n == 0 || n >= sizeof(part)) {
        return err_fail(e, ERR_INVALID, "", "The folder name is empty or too long.");
    }
    for (size_t i = 1; i <= n; i++) {
        if (path[i] != '/' && path[i] != '\0') {
            continue;
        }
        memcpy(part, path, i);
        part[i] = '\0';
        if (mkdir(part, 0700) != 0 && errno != EEXIST) {
            return fail_system(e, "make the folder", part);
        }
    }
    if (!fs_is_dir(path)) {
        errno = ENOTDIR;
        return fail_system(e, "make the folder", path);
    }
    return 0;
}

/* ---- Reading --------------------------------------------------------------------------------- */

static int read_all(int fd, const char *path, size_t limit, struct buf *out, struct err *e)
{
    size_t got = 0;
    for (;;) {
        buf_reserve(out, 65536);
        ssize_t n = read(fd, out->data + out->size, 65536);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return fail_system(e, "read", path);
        }
        if (n == 0) {
            return 0;
        }
        got += (size_t)n;
        if (got > limit) {
            return err_fail(e, ERR_TOO_LARGE, "", "%s is larger than %zu bytes.", path, limit);
        }
        out->size += (size_t)n;
        out->data[out->size] = '\0';
    }
}

int fs_read(const char *path, size_t limit, struct buf *out, struct err *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return fail_system(e, "read", path);
    }
    int result = read_all(fd, path, limit, out, e);
    close(fd);
    return result;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A link to a regular file counts as one. */
static bool is_file_in(DIR *dir, const char *name)
{
    struct stat st;
    return fstatat(dirfd(dir), name, &st, 0) == 0 && S_ISREG(st.st_mode);
}

int fs_list(struct arena *a, const char *dir, const char *suffix, const char ***out, size_t *count,
            struct err *e)
{
    size_t n = 0;
    size_t room = 16;
    const char **names = ARENA_ARRAY(a, const char *, room);
    DIR *d = opendir(dir);
    if (!d && errno != ENOENT) {
        return fail_system(e, "list the folder", dir);
    }
    struct dirent *entry;
    while (d && (entry = readdir(d))) {
        if (!str_ends(entry->d_name, suffix) || !is_file_in(d, entry->d_name)) {
            continue;
        }
        if (n == room) {
            const char **more = ARENA_ARRAY(a, const char *, room * 2);
            memcpy(more, names, n * sizeof(*names));
            names = more;
            room *= 2;
        }
        names[n++] = arena_strdup(a, entry->d_name);
    }
    if (d) {
        closedir(d);
    }
    qsort(names, n, sizeof(*names), compare_names);
    *out = names;
    *count = n;
    return 0;
}

char *fs_join(struct arena *a, const char *dir, const char *name)
{
    return arena_printf(a, "%s%s%s", dir, *dir == '\0' || str_ends(dir, "/") ? "" : "/", name);
}

/* ---- Pieces and room ------------------------------------------------------------------------- */

ssize_t fs_read_at(int fd, void *out, size_t n, int64_t at)
{
    char *p = out;
    size_t got = 0;
    while (got < n) {
        ssize_t some = pread(fd, p + got, n - got, (off_t)at + (off_t)got);
        if (some < 0 && errno == EINTR) {
            continue;
        }
        if (some < 0) {
            return -1;
        }
        if (some == 0) {
            break;
        }
        got += (size_t)some;
    }
    return (ssize_t)got;
}

int fs_write_at(int fd, const void *data, size_t n, int64_t at)
{
    const char *p = data;
    while (n > 0) {
        ssize_t some = pwrite(fd, p, n, (off_t)at);
        if (some < 0 && errno == EINTR) {
            continue;
        }
        if (some < 0) {
            return -1;
        }
        p += some;
        at += some;
        n -= (size_t)some;
    }
    return 0;
}

bool fs_has_room(const char *path, uint64_t n)
{
    struct statvfs disk;
    return statvfs(path, &disk) != 0 || (uint64_t)disk.f_bavail * disk.f_frsize >= n;
}

bool fs_leaves_room(const char *path, uint64_t n)
{
    struct statvfs disk;
    if (statvfs(path, &disk) != 0) {
        return true; /* the write itself will tell */
    }
    uint64_t unit = disk.f_frsize, keep = disk.f_blocks / 20 * unit, free = disk.f_bavail * unit;
    keep = keep < KEEP_FREE ? keep : KEEP_FREE;
    return free >= keep && free - keep >= n;
}

/* ---- Removing -------------------------------------------------------------------------------- */

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *place)
{
    (void)st;
    (void)kind;
    (void)place;
    return remove(path);
}

int fs_remove_tree(const char *path, struct err *e)
{
    return nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0 || errno == ENOENT
               ? 0
               : fail_system(e, "remove", path);
}

/* ---- Durable writing ------------------------------------------------------------------------- */

int fs_sync_dir(const char *dir, struct err *e)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return fail_system(e, "open the folder", dir);
    }
    int result = fsync(fd) == 0 ? 0 : fail_system(e, "write the folder", dir);
    close(fd);
    return result;
}

static int sync_parent(const char *path, struct err *e)
{
    char dir[PATH_MAX];
    const char *slash = strrchr(path, '/');
    size_t n = slash ? (size_t)(slash - path) : 0;
    if (n >= sizeof(dir)) {
        return err_fail(e, ERR_INVALID, "", "The file name is too long.");
    }
    if (n > 0) {
        memcpy(dir, path, n);
    }
    dir[n] = '\0';
    if (n == 0) {
        return fs_sync_dir(slash ? "/" : ".", e);
    }
    return fs_sync_dir(dir, e);
}

int fs_rename_durable(const char *from, const char *to, struct err *e)
{
    if (rename(from, to) != 0) {
        return fail_system(e, "rename to", to);
    }
    return sync_parent(to, e);
}

int fs_write(int fd, const void *data, size_t n)
{
    const char *p = data;
    while (n > 0) {
        ssize_t some = write(fd, p, n);
        if (some < 0 && errno == EINTR) {
            continue;
        }
        if (some < 0) {
            return -1;
        }
        p += some;
        n -= (size_t)some;
    }
    return 0;
}

int fs_write_atomic(const char *path, const void *data, size_t n, unsigned mode, struct err *e)
{
    char beside[PATH_MAX];
    if (snprintf(beside, sizeof(beside), "%s.XXXXXX", path) >= (int)sizeof(beside)) {
        return err_fail(e, ERR_INVALID, "", "The file name is too long.");
    }
    int fd = mkostemp(beside, O_CLOEXEC);
    if (fd < 0) {
        return fail_system(e, "write", path);
    }
    int result = 0;
    if (fs_write(fd, data, n) != 0 || fchmod(fd, (mode_t)mode) != 0 || fsync(fd) != 0) {
        result = fail_system(e, "write", path);
    }
    if (close(fd) != 0 && result == 0) {
        result = fail_system(e, "write", path);
    }
    if (result == 0) {
        result = fs_rename_durable(beside, path, e);
    }
    if (result != 0) {
        unlink(beside);
    }
    return result;
}

/* ---- Lock ------------------------------------------------------------------------------------ */

/* Who wrote its number into the lock; 0 if nobody has yet. */
static long holder(int fd)
{
    char pid[24] = "";
    ssize_t n = pread(fd, pid, sizeof pid - 1, 0);
    return n > 0 ? strtol(pid, NULL, 10) : 0;
}

int fs_lock(const char *path, struct err *e)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        return fail_system(e, "open the lock", path);
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        int held = errno == EWOULDBLOCK;
        int result =
            held ? err_fail(e, ERR_BUSY, "",
                            "Kontor runs there already: process %ld holds %s. End it first.",
                            holder(fd), path)
                 : fail_system(e, "lock", path);
        close(fd);
        return result;
    }
    char pid[24];
    int n = snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) != 0 || pwrite(fd, pid, (size_t)n, 0) != n) {
        fail_system(e, "write the lock", path);
        close(fd);
        return -1;
    }
    return fd;
}
