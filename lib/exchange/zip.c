/* See zip.h. */
#include "exchange/zip.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/deflate.h"
#include "base/err.h"

#define END_SIZE      22
#define END_REACH     (END_SIZE + 65535) /* behind it only a comment */
#define ENTRY_SIZE    46
#define LOCAL_SIZE    30
#define DIRECTORY_MAX ((uint64_t)16 << 20)
#define PIECE         32768
#define RATIO_FROM    ((uint64_t)64 << 20)

struct entry {
    const char *name;
    uint32_t method, crc;
    uint64_t packed, size, at;
    bool locked; /* by a password */
};

struct zip {
    struct arena *arena;
    struct table_source source;
    uint64_t size;
    struct entry *entries;
    size_t count;
};

struct zip_file {
    struct zip *zip;
    const struct entry *entry;
    struct inflater *inflater;
    uint64_t at, left; /* of the packed bytes */
    uint64_t made;
    uint32_t crc;
    bool ended;
    const unsigned char *next;
    size_t have;
    unsigned char piece[PIECE];
};

static int damaged(struct err *e, const char *why)
{
    return err_fail(e, ERR_INVALID, "", "The file is damaged: %s.", why);
}

static uint32_t get(const unsigned char *p, int bytes)
{
    uint32_t value = 0;
    for (int i = bytes - 1; i >= 0; i--) {
        value = value << 8 | p[i];
    }
    return value;
}

static int read_exact(const struct zip *z, void *out, size_t n, uint64_t at, struct err *e)
{
    char *to = out;
    while (n > 0) {
        long got = z->source.read(z->source.data, to, n, at);
        if (got < 0) {
            return err_fail(e, ERR_INTERNAL, "", "The file cannot be read.");
        }
        if (got == 0) {
            return damaged(e, "it was cut off");
        }
        to += got;
        at += (uint64_t)got;
        n -= (size_t)got;
    }
    return 0;
}

static int find_size(struct zip *z, struct err *e)
{
    char *piece = arena_alloc(z->arena, PIECE);
    long n;
    while ((n = z->source.read(z->source.data, piece, PIECE, z->size)) > 0) {
        z->size += (uint64_t)n;
    }
    return n < 0 ? err_fail(e, ERR_INTERNAL, "", "The file cannot be read.") : 0;
}

/* Where the directory is, and how many files it names. */
static int find_end(struct zip *z, uint64_t *at, uint64_t *size, size_t *count, struct err *e)
{
    size_t reach = z->size < END_REACH ? (size_t)z->size : END_REACH;
    unsigned char *tail = arena_alloc(z->arena, reach + 1);
    uint64_t begin = z->size - reach;
    if (read_exact(z, tail, reach, begin, e) != 0) {
        return -1;
    }
    for (size_t i = reach >= END_SIZE ? reach - END_SIZE + 1 : 0; i > 0; i--) {
        const unsigned char *end = tail + i - 1;
        if (memcmp(end, "PK\5\6", 4) == 0) {
            *count = get(end + 10, 2);
            *size = get(end + 12, 4);
            *at = get(end + 16, 4);
            return *at + *size <= z->size && *size <= DIRECTORY_MAX && *count <= ZIP_FILES_MAX
                       ? 0
                       : damaged(e, "its directory is out of bounds");
        }
    }
    return damaged(e, "it has no directory; it may have been cut off");
}

static int read_directory(struct zip *z, struct err *e)
{
    uint64_t at = 0, size = 0;
    size_t count = 0;
    if (find_end(z, &at, &size, &count, e) != 0) {
        return -1;
    }
    unsigned char *directory = arena_alloc(z->arena, (size_t)size + 1);
    const unsigned char *p = directory, *end = directory + size;
    z->entries = ARENA_ARRAY(z->arena, struct entry, count + 1);
    if (read_exact(z, directory, (size_t)size, at, e) != 0) {
        return -1;
    }
    while (z->count < count) {
        size_t rest = (size_t)(end - p);
        if (rest < ENTRY_SIZE || memcmp(p, "PK\1\2", 4) != 0) {
            return damaged(e, "its directory cannot be read");
        }
        size_t name = get(p + 28, 2), more = name + get(p + 30, 2) + get(p + 32, 2);
        if (rest - ENTRY_SIZE < more) {
            return damaged(e, "its directory was cut off");
        }
        z->entries[z->count++] =
            (struct entry){.name = arena_strndup(z->arena, (const char *)p + ENTRY_SIZE, name),
                           .locked = get(p + 8, 2) & 1,
                           .method = get(p + 10, 2),
                           .crc = get(p + 16, 4),
                           .packed = get(p + 20, 4),
                           .size = get(p + 24, 4),
                           .at = get(p + 42, 4)};
        p += ENTRY_SIZE + more;
    }
    return 0;
}

int zip_open(struct arena *a, const struct table_source *source, struct zip **out, struct err *e)
{
    struct zip *z = ARENA_NEW(a, struct zip);
    z->arena = a;
    z->source = *source;
    if (find_size(z, e) != 0 || read_directory(z, e) != 0) {
        return -1;
    }
    *out = z;
    return 0;
}

static void close_file(void *file)
{
    zip_file_close(file);
}

void zip_file_close(struct zip_file *f)
{
    inflater_free(f->inflater);
    f->inflater = NULL;
}

static const struct entry *find_entry(const struct zip *z, const char *name)
{
    name += *name == '/';
    for (size_t i = 0; i < z->count; i++) {
        if (strcasecmp(z->entries[i].name, name) == 0) {
            return &z->entries[i];
        }
    }
    return NULL;
}

int zip_file_open(struct zip *z, const char *name, struct zip_file **out, struct err *e)
{
    const struct entry *entry = find_entry(z, name);
    unsigned char local[LOCAL_SIZE];
    *out = NULL;
    if (entry == NULL) {
        return 0;
    }
    if (entry->locked || (entry->method != 0 && entry->method != 8)) {
        return damaged(e, entry->locked ? "it is locked by a password"
                                        : "it is packed in an unknown way");
    }
    if (entry->size > ZIP_UNPACKED_MAX) {
        return err_fail(e, ERR_INVALID, "", "The file is too large.");
    }
    if (read_exact(z, local, sizeof local, entry->at, e) != 0) {
        return -1;
    }
    if (memcmp(local, "PK\3\4", 4) != 0) {
        return damaged(e, "a part of it is not where it should be");
    }
    struct zip_file *f = ARENA_NEW(z->arena, struct zip_file);
    f->zip = z;
    f->entry = entry;
    f->at = entry->at + LOCAL_SIZE + get(local + 26, 2) + get(local + 28, 2);
    f->left = entry->packed;
    f->inflater = inflater_new();
    arena_defer(z->arena, close_file, f);
    *out = f;
    return 0;
}

static int refill(struct zip_file *f, struct err *e)
{
    size_t n = f->left < PIECE ? (size_t)f->left : PIECE;
    if (n == 0) {
        return damaged(e, "a part of it was cut off");
    }
    if (read_exact(f->zip, f->piece, n, f->at, e) != 0) {
        return -1;
    }
    f->at += n;
    f->left -= n;
    f->next = f->piece;
    f->have = n;
    return 0;
}

/* Stored or packed bytes; *end: there are no more. */
static long read_some(struct zip_file *f, void *out, size_t room, bool *end, struct err *e)
{
    bool stored = f->entry->method == 0;
    *end = stored && f->have == 0 && f->left == 0;
    while (!*end) {
        if (f->have == 0 && refill(f, e) != 0) {
            return -1;
        }
        if (stored) {
            size_t n = f->have < room ? f->have : room;
            memcpy(out, f->next, n);
            f->next += n;
            f->have -= n;
            return (long)n;
        }
        long n = inflater_take(f->inflater, &f->next, &f->have, out, room, end);
        if (n != 0) {
            return n < 0 ? damaged(e, "a part of it cannot be unpacked") : n;
        }
    }
    return 0;
}

long zip_file_read(struct zip_file *f, void *out, size_t room, struct err *e)
{
    if (f->ended) {
        return 0;
    }
    long n = read_some(f, out, room, &f->ended, e);
    if (n < 0) {
        return -1;
    }
    f->made += (uint64_t)n;
    f->crc = crc_add(f->crc, out, (size_t)n);
    if (f->made > ZIP_UNPACKED_MAX ||
        (f->made > RATIO_FROM && f->made / ZIP_RATIO_MAX > f->entry->packed)) {
        return err_fail(e, ERR_INVALID, "",
                        "The file unpacks to far more than it should; it is "
                        "refused.");
    }
    if ((n == 0 || f->ended) && f->crc != f->entry->crc) {
        return damaged(e, "the check sum of a part of it is wrong");
    }
    f->ended = f->ended || n == 0;
    return n;
}
