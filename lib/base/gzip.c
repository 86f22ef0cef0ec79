/* See gzip.h. */
#include "base/gzip.h"

#include <zlib.h>

#include "base/memory.h"

#define LEVEL       5  /* a third of the time of 9 for two per cent more bytes on JSON */
#define WINDOW_GZIP 31 /* 15 bits, plus 16: with gzip header and trailer */

void gzip_pack(const void *bytes, size_t n, struct buf *out)
{
    z_stream z = {0};
    if (deflateInit2(&z, LEVEL, Z_DEFLATED, WINDOW_GZIP, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        memory_out();
    }
    buf_clear(out);
    buf_reserve(out, deflateBound(&z, n) + 1);
    z.next_in = (Bytef *)(size_t)bytes;
    z.avail_in = (uInt)n;
    z.next_out = (Bytef *)out->data;
    z.avail_out = (uInt)(out->room - 1);
    if (deflate(&z, Z_FINISH) != Z_STREAM_END) {
        memory_out();
    }
    out->size = z.total_out;
    out->data[out->size] = 0;
    deflateEnd(&z);
}
