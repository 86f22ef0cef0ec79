/* Files: whole reads with a limit, atomic durable writes, directories, the lock file. */
#ifndef KONTOR_BASE_FS_H
#define KONTOR_BASE_FS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"

struct arena;
struct err;

bool fs_exists(const char *path);
bool fs_is_dir(const char *path);
int fs_make_dirs(const char *path, struct err *e); /* mode 0700 */
int fs_read(const char *path, size_t limit, struct buf *out, struct err *e);
/* Writes beside, fsyncs, renames, fsyncs the directory. Mode as given. */
int fs_write_atomic(const char *path, const void *data, size_t n, unsigned mode, struct err *e);
/* Pieces of an open file, whole: a signal or a short answer of the system does not end them. Reading
 * gives fewer bytes than asked for only at the end of the file; both give -1 with errno. */
ssize_t fs_read_at(int fd, void *out, size_t n, int64_t at);
int fs_write_at(int fd, const void *data, size_t n, int64_t at);
/* The same where the descriptor stands, which may be no file. */
int fs_write(int fd, const void *data, size_t n);
/* Whether n more bytes on the disk of `path` leave room for everybody's work: a twentieth of the
 * disk, 256 MB at most. */
bool fs_leaves_room(const char *path, uint64_t n);
bool fs_has_room(const char *path, uint64_t n); /* n bytes, with nothing to spare */
int fs_rename_durable(const char *from, const char *to, struct err *e);
int fs_remove_tree(const char *path, struct err *e); /* with all in it; absent is fine */
int fs_sync_dir(const char *dir, struct err *e);
/* Names of the regular files in dir ending in `suffix` ("" = all), sorted; dir absent = none. */
int fs_list(struct arena *a, const char *dir, const char *suffix, const char ***out, size_t *count,
            struct err *e);
char *fs_join(struct arena *a, const char *dir, const char *name);
/* Exclusive lock (flock) on path, which is created and gets our pid. Returns the descriptor to keep
 * open, -1 with ERR_BUSY when another process holds it. */
int fs_lock(const char *path, struct err *e);
/* May this process read and write the file (a folder: also search it)? If not, the message names
 * path, user and what to do. An absent file is no error. fs_rights.c */
int fs_check_rights(const char *path, struct err *e);
/* The mode of a file that users beyond owner and group may read, write or enter; else 0. */
unsigned fs_open_to_others(const char *path);

#endif
