/*
 * Packing and unpacking in pieces: raw deflate (RFC 1951) by zlib, and the check sum that archives
 * keep beside it. One stream belongs to one thread. Out of memory ends the process, as in arena.h.
 */
#ifndef KONTOR_BASE_DEFLATE_H
#define KONTOR_BASE_DEFLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct deflater;
struct deflater *deflater_new(void);
void deflater_free(struct deflater *d); /* NULL allowed */
/* Appends to out what n bytes more give; `end`: they are the last, and the next call begins anew. */
void deflater_put(struct deflater *d, const void *bytes, size_t n, bool end, struct buf *out);

struct inflater;
struct inflater *inflater_new(void);
void inflater_free(struct inflater *f); /* NULL allowed */
void inflater_reset(struct inflater *f);
/* Unpacks from *in (moved on, *n made smaller) into out: returns the bytes made, at most room, or -1
 * when this is no deflate. 0 with *end false: more input is needed. *end: the stream is complete. */
long inflater_take(struct inflater *f, const unsigned char **in, size_t *n, void *out, size_t room,
                   bool *end);

/* CRC-32 (ISO 3309, as ZIP and gzip use it) of what had `crc` so far (0 at first) and n bytes more. */
uint32_t crc_add(uint32_t crc, const void *bytes, size_t n);

#endif
