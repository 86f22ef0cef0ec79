/* Who may read and write a file, in words that say what to do. See fs.h. */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"

#define NAME_SIZE 64

/* The name of a user, or the number when the system knows none. */
static void name_of(uid_t uid, char out[NAME_SIZE])
{
    struct passwd entry, *found = NULL;
    char room[4096];
    if (getpwuid_r(uid, &entry, room, sizeof room, &found) == 0 && found != NULL) {
        snprintf(out, NAME_SIZE, "%s", found->pw_name);
    } else {
        snprintf(out, NAME_SIZE, "%lu", (unsigned long)uid);
    }
}

int fs_check_rights(const char *path, struct err *e)
{
    struct stat st;
    char me[NAME_SIZE], owner[NAME_SIZE];
    if (stat(path, &st) != 0) {
        return errno == ENOENT ? 0
                               : err_fail(e, ERR_INTERNAL, "", "Cannot look at %s: %s.", path,
                                          strerror(errno));
    }
    bool dir = S_ISDIR(st.st_mode);
    if (faccessat(AT_FDCWD, path, R_OK | W_OK | (dir ? X_OK : 0), AT_EACCESS) == 0) {
        return 0;
    }
    if (errno == EROFS) {
        return err_fail(e, ERR_INTERNAL, "", "%s cannot be written: its file system is read-only.",
                        path);
    }
    name_of(geteuid(), me);
    name_of(st.st_uid, owner);
    const char *bits = dir ? "rwx" : "rw";
    unsigned mode = st.st_mode & 0777;
    if (st.st_uid == geteuid()) {
        return err_fail(e, ERR_INTERNAL, "",
                        "Kontor runs as %s and may not read and write %s (mode %03o): "
                        "chmod u+%s %s gives it the right.",
                        me, path, mode, bits, path);
    }
    return err_fail(e, ERR_INTERNAL, "",
                    "Kontor runs as %s and may not read and write %s, which belongs to %s "
                    "(mode %03o): chown %s %s gives it the right, or run Kontor as %s.",
                    me, path, owner, mode, me, path, owner);
}

unsigned fs_open_to_others(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && (st.st_mode & S_IRWXO) != 0 ? st.st_mode & 0777 : 0;
}
