/*
 * multipart/form-data (RFC 7578), as browsers and curl send files: a push parser on pieces of any size.
 *
 * Bounded everywhere: the boundary (70 bytes), what stands before the first part, the header lines of
 * a part and the number of parts. Bytes of a part are handed on as they come and never collected. A
 * body that ends before its closing boundary was cut off and is an error. No I/O, no state besides the
 * objects; the callbacks say -1 with *e filled to stop.
 */
#ifndef KONTOR_EXCHANGE_MULTIPART_H
#define KONTOR_EXCHANGE_MULTIPART_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

struct arena;

#define MULTIPART_BOUNDARY_MAX 70
#define MULTIPART_PARTS_MAX    200
#define MULTIPART_HEAD_MAX     8192 /* bytes of a part's header lines */
#define MULTIPART_BEFORE_MAX   4096 /* bytes before the first part */

struct multipart_part {
    const char *name;      /* of the form's field; "" when it has none */
    const char *file_name; /* NULL: not a file. UTF-8, otherwise as sent */
    const char *type;      /* Content-Type; NULL: not said */
};

struct multipart_events {
    int (*begin)(void *data, const struct multipart_part *part, struct err *e);
    int (*bytes)(void *data, const void *bytes, size_t n, struct err *e);
    int (*end)(void *data, struct err *e);
    void *data;
};

enum multipart_state { MULTIPART_BEFORE, MULTIPART_LINE, MULTIPART_HEAD, MULTIPART_BYTES, MULTIPART_OVER };

struct multipart {
    struct multipart_events events;
    enum multipart_state state;
    char delimiter[MULTIPART_BOUNDARY_MAX + 5]; /* CR LF -- boundary */
    size_t delimiter_size;
    struct buf pending; /* not decided yet: at most a delimiter and the header lines */
    size_t before, parts;
};

/* type: the value of Content-Type. ERR_MALFORMED when it has no good boundary. */
int multipart_init(struct multipart *m, const char *type, const struct multipart_events *events,
                   struct err *e);
void multipart_done(struct multipart *m);
int multipart_feed(struct multipart *m, const void *bytes, size_t n, struct err *e);
/* The body is complete. */
int multipart_end(struct multipart *m, struct err *e);
bool multipart_is(const char *type); /* Content-Type says multipart/form-data; NULL: no */

/* A parameter of a header like Content-Disposition (RFC 6266, 8187): filename*=UTF-8''… goes before
 * filename="…". Bytes that are not UTF-8 are taken for Windows-1252. NULL: there is none. */
const char *header_parameter(struct arena *a, const char *header, const char *name);

#endif
