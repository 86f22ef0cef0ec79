/* See deflate.h. */
#include "base/deflate.h"

#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

#include "base/memory.h"

#define LEVEL      5   /* as in gzip.c */
#define WINDOW_RAW -15 /* no header, no trailer */
#define PIECE      65536

struct deflater {
    z_stream z;
};
struct inflater {
    z_stream z;
};

struct deflater *deflater_new(void)
{
    struct deflater *d = memory_take(sizeof(*d));
    *d = (struct deflater){0};
    if (deflateInit2(&d->z, LEVEL, Z_DEFLATED, WINDOW_RAW, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        memory_out();
    }
    return d;
}

void deflater_free(struct deflater *d)
{
    if (d != NULL) {
        deflateEnd(&d->z);
        free(d);
    }
}

void deflater_put(struct deflater *d, const void *bytes, size_t n, bool end, struct buf *out)
{
    int rc = Z_OK;
    d->z.next_in = (Bytef *)(uintptr_t)bytes;
    d->z.avail_in = (uInt)n;
    do {
        buf_reserve(out, PIECE + 1);
        d->z.next_out = (Bytef *)out->data + out->size;
        d->z.avail_out = PIECE;
        rc = deflate(&d->z, end ? Z_FINISH : Z_NO_FLUSH);
        out->size += PIECE - d->z.avail_out;
        out->data[out->size] = 0;
    } while (d->z.avail_out == 0 || (end && rc == Z_OK));
    if (end) {
        deflateReset(&d->z);
    }
}

struct inflater *inflater_new(void)
{
    struct inflater *f = memory_take(sizeof(*f));
    *f = (struct inflater){0};
    if (inflateInit2(&f->z, WINDOW_RAW) != Z_OK) {
        memory_out();
    }
    return f;
}

void inflater_free(struct inflater *f)
{
    if (f != NULL) {
        inflateEnd(&f->z);
        free(f);
    }
}

void inflater_reset(struct inflater *f)
{
    inflateReset(&f->z);
}

long inflater_take(struct inflater *f, const unsigned char **in, size_t *n, void *out, size_t room,
                   bool *end)
{
    uInt give = *n > INT_MAX ? INT_MAX : (uInt)*n;
    f->z.next_in = (Bytef *)(uintptr_t)*in;
    f->z.avail_in = give;
    f->z.next_out = out;
    f->z.avail_out = room > INT_MAX ? INT_MAX : (uInt)room;
    uInt space = f->z.avail_out;
    int rc = inflate(&f->z, Z_NO_FLUSH);
    *in += give - f->z.avail_in;
    *n -= give - f->z.avail_in;
    *end = rc == Z_STREAM_END;
    if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR) {
        return -1;
    }
    return (long)(space - f->z.avail_out);
}

uint32_t crc_add(uint32_t crc, const void *bytes, size_t n)
{
    const unsigned char *at = bytes;
    uLong sum = crc;
    while (n > 0) {
        uInt piece = n > INT_MAX ? INT_MAX : (uInt)n;
        sum = crc32(sum, at, piece);
        at += piece;
        n -= piece;
    }
    return (uint32_t)sum;
}
