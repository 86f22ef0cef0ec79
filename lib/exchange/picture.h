/*
 * Pictures as address books carry them: bytes in base64 within a text, which become data: URIs
 * (RFC 2397) in a cell. What a picture is its bytes say, whatever stands beside them. Addresses are
 * never asked for anything. No state.
 */
#ifndef KONTOR_EXCHANGE_PICTURE_H
#define KONTOR_EXCHANGE_PICTURE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct arena;

#define PICTURE_TEXT_MAX ((size_t)8 * 1024 * 1024) /* bytes of a URI: pictures of 6 MB */

/* The media type of these first bytes (16 are enough): PNG, JPEG, GIF, WebP; else NULL. */
const char *picture_type(const void *start, size_t n);
/* Begins like a data: URI of a picture. */
bool picture_is(const char *text);
/* Appends the bytes of a data: URI in base64; the type it names does not matter. NULL: it is none, or
 * no picture; else its type. */
const char *picture_read(const char *uri, struct buf *out);
/* A URI made of a data: URI or of base64 alone, with the type its bytes have; NULL: no picture. */
const char *picture_uri(struct arena *a, const char *text, bool base64);
/* Appends the bytes as base64. */
void picture_base64(struct buf *out, const void *bytes, size_t n);

#endif
