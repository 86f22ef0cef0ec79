/*
 * Attachments: files of records. A file is a record of the built-in entity `file`, so lists, history,
 * undo, bin, export and search are those of all records; its bytes are in the store (store/files.h).
 * What the bytes say (size, media_type, hash, content) nobody sets himself; a file record comes into
 * being only with its bytes, here.
 *
 * Taking files in: file_intake_begin asks whether the actor may, then for each file _file, _bytes…,
 * _end; file_intake_keep writes all of them in one change-set, with a link to their record. What was
 * not kept is gone with the arena: a body that was cut off leaves nothing.
 */
#ifndef KONTOR_CORE_FILE_H
#define KONTOR_CORE_FILE_H

#include "core/record.h"

#define FILES_AT_ONCE  100 /* in one request */
#define FILE_TEXT_SIZE 100000 /* bytes of a text that search finds a file by */

/* What this installation allows; lib/app sets it from kontor.yaml. Any thread. */
struct file_limits {
    int64_t file_bytes, all_bytes;
};
void file_configure(const struct file_limits *limits);
int64_t file_bytes_max(void); /* that one file may have */
int64_t file_bytes_all(void); /* that all together may have */

/* The built-in entity; NULL: the applied model has none (it is of an earlier program). */
const struct entity *file_entity(const struct model *m);

struct file_target {
    const struct entity *entity; /* of the record the files belong to */
    int64_t id;
    const char *field; /* a field of type file that is to hold it as well; NULL */
};
struct file_intake;
/* announced: bytes to come, as far as they are known; -1. */
int file_intake_begin(struct ctx *c, const struct file_target *target, int64_t announced,
                      struct file_intake **out);
/* name: as sent; type: Content-Type as sent, NULL if none. */
int file_intake_file(struct file_intake *in, const char *name, const char *type);
int file_too_large(struct ctx *c); /* fails with ERR_TOO_LARGE */
int file_intake_bytes(struct file_intake *in, const void *bytes, size_t n);
int file_intake_end(struct file_intake *in);
/* The body of the answer: the record; of several {"items":[records]}. */
int file_intake_keep(struct file_intake *in, struct record_result *out);

/* Bytes that come with a record (a photo out of an address book), without a request of their own. */
struct file_bytes {
    const char *name, *type;
    int64_t size;
    char hash[65]; /* hex digits and NUL */
    bool known; /* its bytes are in place; false: a trial, nothing was kept */
};
/* Not within a write: in place, if there is room for them; name and type are the caller's. */
int file_bytes_take(struct ctx *c, const void *bytes, size_t n, bool trial, struct file_bytes *out);
/* Within a write: the record of such a file, which concerns `record`. */
int file_bytes_attach(struct ctx *c, const struct file_bytes *b, int64_t record, int64_t *id);
/* Whether the file of this id has these bytes. */
int file_bytes_same(struct ctx *c, int64_t id, const struct file_bytes *b, bool *same);

struct file_view {
    int fd; /* open for reading; closed with the arena */
    int64_t size;
    const char *name, *media_type, *hash;
    const char *shown_as; /* media type by its first bytes if browsers may show it; else NULL */
};
/* A living file the actor may see; ERR_NOT_FOUND also when its bytes are lost. */
int file_fetch(struct ctx *c, int64_t id, struct file_view *out);

/* Daily: bytes nobody needs any more go; what is missing is remembered as the fact "files_missing"
 * ({"count","first"}). The timer makes a job, which looks around while nobody waits for the writer. */
int file_tidy(struct ctx *c, int64_t record, const char *key);
int file_tidy_slice(struct ctx *c, int64_t job, bool *more);

/* Before a file record is written: its name in order; a new one has its bytes. Within a write. */
int file_check(struct ctx *c, const struct record *before, struct record *r);

/* file_name.c: how files are called and what they are. */

/* The last part of a path without control characters and marks that turn the direction of writing;
 * at most 200 characters, never empty. */
const char *file_clean_name(struct arena *a, const char *name);
/* By its first bytes, its name, what the sender says; in this order. */
const char *file_media_type(struct arena *a, const char *name, const char *said,
                            const void *start, size_t n);
const char *file_shown_as(const void *start, size_t n); /* png jpeg gif webp pdf; else NULL */
bool file_is_text(const char *media_type);

#endif
