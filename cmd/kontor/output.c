/* See output.h. */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"

#define LINKS_MAX 40

static int cannot_write(const char *name, struct err *e)
{
    return err_fail(e, ERR_INTERNAL, "", "cannot write %s: %s", name, strerror(errno));
}

/* A link where /dev/stdout and /dev/fd/3 lead: it stands for an open file, not for a name. */
static bool is_descriptor(const struct stat *link)
{
    struct stat own;
    return S_ISLNK(link->st_mode) && stat("/proc/self", &own) == 0 && link->st_dev == own.st_dev;
}

/* The file that a name stands for, behind symbolic links, be it there or not; NULL with errno. */
static const char *resolve(struct arena *a, const char *path, bool *descriptor)
{
    char target[PATH_MAX];
    for (int i = 0; i < LINKS_MAX; i++) {
        struct stat st;
        bool found = lstat(path, &st) == 0;
        if (!found && errno != ENOENT) {
            return NULL;
        }
        *descriptor = found && is_descriptor(&st);
        if (!found || !S_ISLNK(st.st_mode) || *descriptor) {
            return path;
        }
        ssize_t n = readlink(path, target, sizeof target);
        const char *slash = strrchr(path, '/');
        int folder = n > 0 && target[0] != '/' && slash != NULL ? (int)(slash - path) + 1 : 0;
        if (n < 0) {
            return NULL;
        }
        path = arena_printf(a, "%.*s%.*s", folder, path, (int)n, target);
    }
    errno = ELOOP;
    return NULL;
}

static int open_beside(struct arena *a, struct output *out, struct err *e)
{
    out->part = arena_printf(a, "%s.part", out->path);
    int fd = open(out->part, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
    out->file = fd >= 0 ? fdopen(fd, "w") : NULL;
    return out->file != NULL ? 0 : cannot_write(out->part, e);
}

static int open_stream(struct output *out, bool whole, struct err *e)
{
    if (whole) {
        return err_fail(e, ERR_INTERNAL, "",
                        "cannot write %s: it is not a file, and what is written must be read again",
                        out->name);
    }
    int fd = open(out->path, O_WRONLY | O_APPEND | O_NOCTTY | O_CLOEXEC);
    out->file = fd >= 0 ? fdopen(fd, "a") : NULL;
    return out->file != NULL ? 0 : cannot_write(out->name, e);
}

int output_open(struct arena *a, const char *name, bool whole, struct output *out, struct err *e)
{
    struct stat st;
    bool descriptor = false;
    *out = (struct output){.name = name, .path = resolve(a, name, &descriptor)};
    if (out->path == NULL) {
        return cannot_write(name, e);
    }
    bool found = stat(out->path, &st) == 0;
    if (found && S_ISDIR(st.st_mode)) {
        errno = EISDIR;
        return cannot_write(name, e);
    }
    bool plain = !descriptor && (!found || S_ISREG(st.st_mode));
    return plain ? open_beside(a, out, e) : open_stream(out, whole, e);
}

int output_flush(struct output *out, struct err *e)
{
    bool good = fflush(out->file) == 0 && (out->part == NULL || fsync(fileno(out->file)) == 0);
    return good ? 0 : cannot_write(out->name, e);
}

int output_keep(struct output *out, struct err *e)
{
    if (output_flush(out, e) != 0) {
        output_drop(out);
        return -1;
    }
    bool closed = fclose(out->file) == 0;
    if (!closed) {
        cannot_write(out->name, e);
    }
    int rc = closed && out->part != NULL ? fs_rename_durable(out->part, out->path, e) : 0;
    if (out->part != NULL && (!closed || rc != 0)) {
        unlink(out->part);
    }
    return closed ? rc : -1;
}

void output_drop(struct output *out)
{
    fclose(out->file);
    if (out->part != NULL) {
        unlink(out->part);
    }
}

bool output_told(const char *command)
{
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout)) {
        return true;
    }
    fprintf(stderr, "kontor: %s is done, but its output could not be written%s%s\n", command,
            errno != 0 ? ": " : "", errno != 0 ? strerror(errno) : "");
    clearerr(stdout);
    return false;
}
