/*
 * kontor-embed: what its files share. See embed.c.
 */
#ifndef KONTOR_CMD_EMBED_H
#define KONTOR_CMD_EMBED_H

#include <stdbool.h>
#include <stddef.h>

enum { SHA_SIZE = 32 };

/* Bytes on the heap; freed by nobody, the process ends soon. */
struct bytes {
    unsigned char *at;
    size_t size;
};

/* One file to embed. gzip.at and brotli.at are NULL when that form is not wanted. */
struct input {
    char *path; /* relative to the source tree */
    const char *mime;
    struct bytes raw;
    struct bytes gzip;
    struct bytes brotli;
    unsigned char sha[SHA_SIZE];
};

struct inputs {
    struct input *items; /* sorted by path after inputs_sort */
    size_t count;
};

/* Prints the message and ends with exit code 1. */
_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* malloc/realloc that cannot fail. */
void *must_realloc(void *old, size_t size);

/* Reads every file below tree/folder, dot files left out. */
void inputs_add_folder(struct inputs *all, const char *tree, const char *folder);

/* Takes the comments out of a script or style sheet of ours. */
void make_lean(const char *path, struct bytes *raw);

void inputs_sort(struct inputs *all);

/* 16 hex digits (and NUL) over the paths and contents below static/. */
void inputs_build_id(const struct inputs *all, char out[17]);

/* Writes table.c, data.S and the pieces that data.S includes into folder out. */
void emit_all(const struct inputs *all, const char *out);

#endif
