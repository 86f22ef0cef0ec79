/*
 * The bytes of attachments: files/ab/abcd… beside kontor.db, named by the SHA-256 of what they hold,
 * mode 0600, so the same bytes are there once however often they are attached. What is where is said
 * by the records of the entity `file` (lib/core/file.h); the table stored_file says which bytes there
 * must be, and is what quota, backup, verification and tidying go by.
 *
 * Order of a write: file_draft_begin, _add, _end (on disk under a passing name), file_draft_keep (in
 * place, the folders on disk), then within the transaction of the row files_note. A process that dies
 * in between leaves bytes without a row, which files_tidy removes; never a row without bytes. Bytes no
 * row names any more are marked and go a week later. For everybody who needs all files (export,
 * privacy): files_each over the table, files_open for the bytes of one.
 *
 * Threads: drafts belong to one request; everything with a struct db to whoever has the connection.
 */
#ifndef KONTOR_STORE_FILES_H
#define KONTOR_STORE_FILES_H

#include "store/store.h"

#define FILES_DIR       "files"
#define FILES_HASH_SIZE 65 /* hex digits and NUL */

struct file_draft {
    struct store *store;
    int fd;           /* open for writing until it is kept, then -1 */
    const char *path; /* under its passing name */
    int64_t size;
    char hash[FILES_HASH_SIZE]; /* after file_draft_end */
    struct crypto_hash *running;
};

/* A new empty one; whatever was not kept is removed with the arena. */
int file_draft_begin(struct store *s, struct arena *a, struct file_draft **out, struct err *e);
/* ERR_FULL when the disk has to keep what is left for everybody's work. */
int file_draft_add(struct file_draft *d, const void *bytes, size_t n, struct err *e);
int file_draft_end(struct file_draft *d, struct err *e); /* all bytes are on disk; fills hash */
int file_draft_read(const struct file_draft *d, void *out, size_t n, size_t *got, struct err *e);
/* Into place, if the same bytes are not there already. */
int file_draft_keep(struct file_draft *d, struct err *e);

/* Within the transaction of the row that names them: these bytes are needed. ERR_BUSY when they were
 * tidied away at this very moment. dry: nothing was kept, and nothing is looked for on disk. */
int files_note(struct db *db, const char *hash, int64_t size, int64_t now_ms, bool dry,
               struct err *e);
int files_bytes(struct db *db, int64_t *out, struct err *e); /* sum of all that are stored */
/* Are these bytes among them? */
int files_have(struct db *db, const char *hash, bool *out, struct err *e);

struct stored_file {
    const char *hash; /* hex */
    int64_t size;
};
/* Those that are needed: the next `limit` at most in order of hash, behind `after` ("": from the
 * first). */
int files_each(struct db *db, const char *after, size_t limit, struct arena *a,
               struct stored_file **out, size_t *count, struct err *e);
/* The title of a record that names these bytes, for messages; "a file" if there is none. */
int files_called(struct db *db, const char *hash, struct arena *a, const char **out, struct err *e);
const char *files_path(struct arena *a, const char *data_dir, const char *hash);
/* Open for reading, -1 when it is missing or has another size (-1: any). */
int files_open(const struct store *s, const char *hash, int64_t size);

/* Daily, in two steps. files_strays: bytes on disk, a week old, that the table does not know (an upload
 * died before its row was there); removes what uploads of yesterday left half. files_tidy, within a
 * write of its own: marks bytes that no row of the entity `file` names any more, be it in the bin or in
 * its history, and removes those that have the mark for a week, and the strays. What is removed is
 * decided and removed by the writer, so no row can come in between. */
struct file_strays {
    const char **paths;
    size_t count;
};
int files_strays(struct db *db, int64_t now_ms, struct arena *a, struct file_strays *out,
                 struct err *e);
int files_tidy(struct db *db, int64_t now_ms, const struct file_strays *strays, struct err *e);
/* Stored files that are not on disk, or not with their size: how many, and the first ones. */
int files_missing(struct db *db, struct arena *a, int64_t *count, const char **first,
                  struct err *e);

#endif
