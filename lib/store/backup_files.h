/*
 * Attachments within a backup. Behind the parts of the manifest stands, for each file the copy of the
 * database needs, in order of hash: the hash its name is (32 bytes), its size (8, little end first),
 * its bytes, the hash they really have (32). The manifest says how many there are and how many bytes
 * they take together. A file that is not on disk, or not with its size, is left out and told; one that
 * was altered on disk is in it as it is, and shows by its two hashes.
 */
#ifndef KONTOR_STORE_BACKUP_FILES_H
#define KONTOR_STORE_BACKUP_FILES_H

#include "store/files.h"

#define BACKUP_TOLD 100 /* problems that are named */

struct backup_files {
    struct stored_file *items;
    size_t count;
    int64_t bytes; /* of the whole section */
};
struct backup_lost { /* files the database needs and the backup lacks, or has altered */
    const char **texts; /* BACKUP_TOLD at most */
    size_t told;
    int64_t count;
};

/* All of it behind what was written so far. */
int backup_put(int fd, const void *data, size_t n, struct err *e);
/* Which files a copy of the database needs that are there; the others go to `lost`. */
int backup_files_list(struct db *copy, const char *data_dir, struct arena *a,
                      struct backup_files *out, struct backup_lost *lost, struct err *e);
int backup_files_write(int fd, const char *data_dir, const struct backup_files *files,
                       struct err *e);
/* Reads `count` files of `bytes` bytes from fd. dir: where to unpack them, on disk when this returns;
 * NULL: only checked. have: their hashes, in order. Damage of the section itself is an error; what was
 * altered before goes to `lost`. */
int backup_files_read(int fd, int64_t count, int64_t bytes, const char *dir, struct arena *a,
                      struct backup_files *have, struct backup_lost *lost, struct err *e);
/* Compares what a database needs with what there is. */
int backup_files_compare(struct db *db, const struct backup_files *have, struct arena *a,
                         struct backup_lost *lost, struct err *e);

#endif
