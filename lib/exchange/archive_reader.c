/* Reading of archives from front to back, see archive.h. */
#include <string.h>

#include "base/deflate.h"
#include "base/str.h"
#include "exchange/archive.h"

#define LOCAL_HEADER 0x04034b50u
#define DESCRIPTOR   0x08074b50u
#define HEADER_SIZE  30
#define BEHIND       0x0008u /* flag: the sizes stand behind the file */
#define CIPHERED     0x0001u
#define DEFLATED     8
#define PIECE        65536

enum state { BETWEEN, INSIDE, AT_END, OVER };

struct archive_reader {
    archive_source source;
    void *data;
    struct inflater *inflater;
    enum state state;
    bool deflated, behind;
    uint32_t crc, wanted_crc;
    uint64_t size, left; /* bytes unpacked; of a stored file: still to come */
    uint64_t wanted_size;
    char name[ARCHIVE_NAME_MAX + 1];
    const unsigned char *at; /* in `piece`: what was not used yet */
    size_t have;
    bool ended; /* the source is */
    unsigned char piece[PIECE];
};

static void reader_done(void *reader)
{
    struct archive_reader *r = reader;
    inflater_free(r->inflater);
}

struct archive_reader *archive_reader_new(struct arena *a, archive_source source, void *data)
{
    struct archive_reader *r = ARENA_NEW(a, struct archive_reader);
    r->source = source;
    r->data = data;
    r->inflater = inflater_new();
    arena_defer(a, reader_done, r);
    return r;
}

static int damaged(struct err *e, const char *why)
{
    return err_fail(e, ERR_MALFORMED, "", "The archive is damaged: %s.", why);
}

static int refill(struct archive_reader *r, struct err *e)
{
    long n = r->ended ? 0 : r->source(r->data, r->piece, sizeof(r->piece));
    if (n < 0) {
        return err_fail(e, ERR_MALFORMED, "", "The archive was cut off on its way.");
    }
    r->ended = n == 0;
    r->at = r->piece;
    r->have = (size_t)n;
    return 0;
}

/* Exactly n bytes. */
static int take(struct archive_reader *r, unsigned char *out, size_t n, struct err *e)
{
    while (n > 0) {
        if (r->have == 0 && refill(r, e) != 0) {
            return -1;
        }
        if (r->have == 0) {
            return damaged(e, "it ends too early");
        }
        size_t part = n < r->have ? n : r->have;
        memcpy(out, r->at, part);
        r->at += part;
        r->have -= part;
        out += part;
        n -= part;
    }
    return 0;
}

static uint32_t number(const unsigned char *at, size_t bytes)
{
    uint32_t value = 0;
    for (size_t i = 0; i < bytes; i++) {
        value |= (uint32_t)at[i] << (8 * i);
    }
    return value;
}

static bool stays_inside(const char *name)
{
    if (name[0] == '/' || name[0] == 0 || strchr(name, '\\') != NULL) {
        return false;
    }
    for (const char *part = name; part != NULL; part = strchr(part, '/')) {
        part += *part == '/';
        size_t n = strcspn(part, "/");
        if (n == 0 || (n == 1 && part[0] == '.') || (n == 2 && memcmp(part, "..", 2) == 0)) {
            return false;
        }
    }
    return true;
}

static int read_name(struct archive_reader *r, size_t n, size_t extra, struct err *e)
{
    unsigned char skipped;
    if (n > ARCHIVE_NAME_MAX) {
        return damaged(e, "a name is too long");
    }
    if (take(r, (unsigned char *)r->name, n, e) != 0) {
        return -1;
    }
    r->name[n] = 0;
    if (strlen(r->name) != n || !str_is_utf8(r->name, n) || !stays_inside(r->name)) {
        return damaged(e, "a file has a name that leads out of the folder");
    }
    while (extra-- > 0) {
        if (take(r, &skipped, 1, e) != 0) {
            return -1;
        }
    }
    return 0;
}

static int open_file(struct archive_reader *r, struct err *e)
{
    unsigned char head[HEADER_SIZE - 4];
    if (take(r, head, sizeof(head), e) != 0) {
        return -1;
    }
    uint32_t flags = number(head + 2, 2), method = number(head + 4, 2);
    r->behind = (flags & BEHIND) != 0;
    r->deflated = method == DEFLATED;
    if ((flags & CIPHERED) != 0 || (method != 0 && !r->deflated) || (r->behind && !r->deflated)) {
        return damaged(e, "it holds a file packed in a way that Kontor does not use");
    }
    r->wanted_crc = number(head + 10, 4);
    r->left = number(head + 14, 4);
    r->wanted_size = number(head + 18, 4);
    r->crc = 0;
    r->size = 0;
    inflater_reset(r->inflater);
    r->state = INSIDE;
    return read_name(r, number(head + 22, 2), number(head + 24, 2), e);
}

/* The file is read: is it the one that was written? */
static int close_file(struct archive_reader *r, struct err *e)
{
    unsigned char tail[16];
    if (r->behind) {
        if (take(r, tail, sizeof(tail), e) != 0) {
            return -1;
        }
        if (number(tail, 4) != DESCRIPTOR) {
            return damaged(e, "the end of a file is missing");
        }
        r->wanted_crc = number(tail + 4, 4);
        r->wanted_size = number(tail + 12, 4);
    }
    r->state = AT_END;
    return r->crc == r->wanted_crc && r->size == r->wanted_size
               ? 0
               : damaged(e, "the check sum of a file is wrong");
}

static long read_packed(struct archive_reader *r, void *out, size_t room, bool *end, struct err *e)
{
    for (;;) {
        if (r->have == 0 && refill(r, e) != 0) {
            return -1;
        }
        bool dry = r->have == 0;
        long n = inflater_take(r->inflater, &r->at, &r->have, out, room, end);
        if (n < 0) {
            return damaged(e, "a file cannot be unpacked");
        }
        if (n > 0 || *end) {
            return n;
        }
        if (dry) {
            return damaged(e, "it ends too early");
        }
    }
}

static long read_stored(struct archive_reader *r, void *out, size_t room, bool *end, struct err *e)
{
    size_t n = r->left < room ? (size_t)r->left : room;
    if (take(r, out, n, e) != 0) {
        return -1;
    }
    r->left -= n;
    *end = r->left == 0;
    return (long)n;
}

long archive_read(struct archive_reader *r, void *out, size_t room, struct err *e)
{
    if (r->state != INSIDE) {
        return 0;
    }
    bool end = false;
    long n = r->deflated ? read_packed(r, out, room, &end, e) : read_stored(r, out, room, &end, e);
    if (n < 0) {
        return -1;
    }
    r->crc = crc_add(r->crc, out, (size_t)n);
    r->size += (uint64_t)n;
    if (r->size > ARCHIVE_FILE_MAX) {
        return damaged(e, "a file is too large");
    }
    if (end && close_file(r, e) != 0) {
        return -1;
    }
    return n > 0 || end ? n : archive_read(r, out, room, e);
}

int archive_next(struct archive_reader *r, const char **name, struct err *e)
{
    char rest[4096];
    unsigned char magic[4];
    long n;
    while ((n = archive_read(r, rest, sizeof(rest), e)) > 0) {
    }
    if (n < 0 || r->state == OVER || take(r, magic, sizeof(magic), e) != 0) {
        return n < 0 || r->state != OVER ? -1 : 0;
    }
    if (number(magic, 4) != LOCAL_HEADER) {
        r->state = OVER; /* the directory: it tells nothing new */
        return 0;
    }
    *name = r->name;
    return open_file(r, e) == 0 ? 1 : -1;
}
