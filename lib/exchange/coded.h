/*
 * Bytes that were written as ASCII: base64 (RFC 4648) and quoted-printable (RFC 2045), and text of
 * any encoding made UTF-8. No state.
 */
#ifndef KONTOR_EXCHANGE_CODED_H
#define KONTOR_EXCHANGE_CODED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* Appends what the text stands for; blanks and line ends in it are passed over. -1: it is no
 * base64; out may then hold a part. */
int coded_base64(const char *text, size_t n, struct buf *out);
/* The same; a "=" that begins no code stands for itself, a "=" before a line end joins the lines.
 */
void coded_quoted_printable(const char *text, size_t n, struct buf *out);
/* Appends the bytes as UTF-8. `charset` is the name of their encoding; NULL or one that nobody
 * knows or that they are not in: UTF-8 if they are that, else Windows-1252. false: they are no
 * text (a NUL, or bytes without a meaning); nothing is appended. */
bool coded_text(const char *bytes, size_t n, const char *charset, struct buf *out);

#endif
