/* Writing of archives, see archive.h. */
#include <string.h>
#include <time.h>

#include "base/deflate.h"
#include "exchange/archive.h"

#define FLAGS      0x0808 /* sizes behind the file; names are UTF-8 */
#define DEFLATED   8
#define VERSION    20
#define VERSION_64 45
#define FULL_32    0xffffffffu
#define FULL_16    0xffffu
#define PIECE      65536

struct archive_writer {
    archive_sink sink;
    void *data;
    struct deflater *deflater;
    struct buf packed;    /* of the open file, not sent yet */
    struct buf directory; /* entries of the files that are done, for the end of the archive */
    struct buf name;      /* of the open file; empty: none is open */
    uint32_t stamp;       /* date and time as DOS counts them */
    uint64_t at, begin;   /* bytes sent in all; where the open file begins */
    uint64_t count;       /* files that are done */
    uint64_t size, packed_size;
    uint32_t crc;
};

static void put(struct buf *b, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        buf_putc(b, (char)(unsigned char)(value >> (8 * i)));
    }
}

static uint32_t dos_time(int64_t at)
{
    struct tm t;
    time_t seconds = (time_t)at;
    gmtime_r(&seconds, &t);
    if (t.tm_year < 80) {
        return 1u << 21 | 1u << 16; /* 1980-01-01, the first there is */
    }
    return (uint32_t)(t.tm_year - 80) << 25 | (uint32_t)(t.tm_mon + 1) << 21 |
           (uint32_t)t.tm_mday << 16 | (uint32_t)t.tm_hour << 11 | (uint32_t)t.tm_min << 5 |
           (uint32_t)t.tm_sec / 2;
}

static void writer_done(void *writer)
{
    struct archive_writer *w = writer;
    deflater_free(w->deflater);
    buf_done(&w->packed);
    buf_done(&w->directory);
    buf_done(&w->name);
}

struct archive_writer *archive_writer_new(struct arena *a, archive_sink sink, void *data, int64_t at)
{
    struct archive_writer *w = ARENA_NEW(a, struct archive_writer);
    *w = (struct archive_writer){
        .sink = sink, .data = data, .stamp = dos_time(at), .deflater = deflater_new()};
    arena_defer(a, writer_done, w);
    return w;
}

static int send(struct archive_writer *w, struct buf *b)
{
    int rc = b->size == 0 ? 0 : w->sink(w->data, b->data, b->size);
    w->at += b->size;
    buf_clear(b);
    return rc;
}

/* What stands before a file and in the directory alike: from the flags to the length of the name. */
static void put_common(const struct archive_writer *w, struct buf *b, bool sizes, size_t extra)
{
    put(b, FLAGS, 2);
    put(b, DEFLATED, 2);
    put(b, w->stamp, 4);
    put(b, sizes ? w->crc : 0, 4);
    put(b, sizes ? w->packed_size : 0, 4);
    put(b, sizes ? w->size : 0, 4);
    put(b, w->name.size, 2);
    put(b, extra, 2);
}

static void put_entry(struct archive_writer *w)
{
    struct buf *b = &w->directory;
    bool far = w->begin >= FULL_32;
    put(b, 0x02014b50, 4);
    put(b, 3 << 8 | VERSION_64, 2); /* made on UNIX, for the rights below */
    put(b, far ? VERSION_64 : VERSION, 2);
    put_common(w, b, true, far ? 12 : 0);
    put(b, 0, 2); /* comment */
    put(b, 0, 2); /* disk */
    put(b, 0, 2);
    put(b, (uint64_t)0100600 << 16, 4);
    put(b, far ? FULL_32 : w->begin, 4);
    buf_add(b, w->name.data, w->name.size);
    if (far) {
        put(b, 1, 2); /* ZIP64 */
        put(b, 8, 2);
        put(b, w->begin, 8);
    }
}

static int end_file(struct archive_writer *w)
{
    if (w->name.size == 0) {
        return 0;
    }
    size_t before = w->packed.size;
    deflater_put(w->deflater, "", 0, true, &w->packed);
    w->packed_size += w->packed.size - before;
    if (w->packed_size > ARCHIVE_FILE_MAX) {
        return -1;
    }
    put(&w->packed, 0x08074b50, 4);
    put(&w->packed, w->crc, 4);
    put(&w->packed, w->packed_size, 4);
    put(&w->packed, w->size, 4);
    put_entry(w);
    w->count++;
    buf_clear(&w->name);
    return send(w, &w->packed);
}

int archive_begin(struct archive_writer *w, const char *name)
{
    if (end_file(w) != 0 || strlen(name) == 0 || strlen(name) > ARCHIVE_NAME_MAX) {
        return -1;
    }
    buf_puts(&w->name, name);
    w->begin = w->at;
    w->size = w->packed_size = 0;
    w->crc = 0;
    put(&w->packed, 0x04034b50, 4);
    put(&w->packed, VERSION, 2);
    put_common(w, &w->packed, false, 0);
    buf_add(&w->packed, w->name.data, w->name.size);
    return send(w, &w->packed);
}

int archive_add(struct archive_writer *w, const void *bytes, size_t n)
{
    if (w->size + n > ARCHIVE_FILE_MAX) {
        return -1;
    }
    size_t before = w->packed.size;
    deflater_put(w->deflater, bytes, n, false, &w->packed);
    w->packed_size += w->packed.size - before;
    w->size += n;
    w->crc = crc_add(w->crc, bytes, n);
    return w->packed.size >= PIECE ? send(w, &w->packed) : 0;
}

int archive_finish(struct archive_writer *w)
{
    if (end_file(w) != 0) {
        return -1;
    }
    uint64_t begin = w->at;
    uint64_t size = w->directory.size;
    if (send(w, &w->directory) != 0) {
        return -1;
    }
    struct buf *b = &w->packed;
    bool large = w->count >= FULL_16 || begin >= FULL_32 || size >= FULL_32;
    if (large) {
        put(b, 0x06064b50, 4);
        put(b, 44, 8);
        put(b, 3 << 8 | VERSION_64, 2);
        put(b, VERSION_64, 2);
        put(b, 0, 8); /* disks */
        put(b, w->count, 8);
        put(b, w->count, 8);
        put(b, size, 8);
        put(b, begin, 8);
        put(b, 0x07064b50, 4);
        put(b, 0, 4);
        put(b, begin + size, 8);
        put(b, 1, 4);
    }
    put(b, 0x06054b50, 4);
    put(b, 0, 4);
    put(b, large ? FULL_16 : w->count, 2);
    put(b, large ? FULL_16 : w->count, 2);
    put(b, large ? FULL_32 : size, 4);
    put(b, large ? FULL_32 : begin, 4);
    put(b, 0, 2);
    return send(w, b);
}
