/*
 * Files that are part of the binary: static/ (the browser's files), schema/ and conf/ (YAML).
 *
 * cmd/embed turns the three folders into one sorted, read-only table at build time; nothing is
 * read from disk at run time and nothing is freed. Callers: web (serving), model (schema), the
 * init command (starters). Everything here is constant, so any thread may call it.
 */
#ifndef KONTOR_BASE_EMBED_H
#define KONTOR_BASE_EMBED_H

#include <stddef.h>

/* One file. gzip and brotli are NULL where they would not be smaller (fonts, tiny files) and for
 * all files outside static/. */
struct embed_file {
    const char *path; /* from the top of the source tree: "static/js/app.js" */
    const char *mime; /* complete Content-Type value */
    const unsigned char *raw;
    size_t raw_size;
    const unsigned char *gzip;
    size_t gzip_size;
    const unsigned char *brotli;
    size_t brotli_size;
};

/* The file of exactly this path, or NULL. */
const struct embed_file *embed_find(const char *path);

/* How many files there are, and the one at index 0 .. count-1; they are sorted by path, so the
 * files of a folder stand together. NULL beyond the end. */
size_t embed_count(void);
const struct embed_file *embed_at(size_t index);

/* 16 hex digits over all paths and contents below static/: changes whenever one of them does. */
const char *embed_build_id(void);

/* The table that cmd/embed writes; ends with a zero row. Use the functions above. */
extern const struct embed_file EMBED_FILES[];
extern const size_t EMBED_FILE_COUNT;
extern const char EMBED_BUILD_ID[];

#endif
