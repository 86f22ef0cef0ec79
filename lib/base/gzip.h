/* Packing bytes for the wire: the gzip format (RFC 1952) by zlib. No state; any thread. */
#ifndef KONTOR_BASE_GZIP_H
#define KONTOR_BASE_GZIP_H

#include <stddef.h>

#include "base/buf.h"

/* Replaces what is in out. Out of memory ends the process, as in arena.h. */
void gzip_pack(const void *bytes, size_t n, struct buf *out);

#endif
