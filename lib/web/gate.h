/*
 * The gate: every check a request must pass before anything looks at what it wants, in one order,
 * in one function. civetweb answers malformed requests too (two lengths, length and chunks
 * together, folded or dropped headers, cut paths), so what it parsed is compared with the bytes it
 * parsed. Whoever fails is answered and the connection closed.
 */
#ifndef KONTOR_WEB_GATE_H
#define KONTOR_WEB_GATE_H

#include "web/server.h"

struct refusal {
    int status;       /* 0: passed */
    const char *text; /* one sentence */
};

#define GATE_URI_SIZE 4096 /* path and query together, as sent */
#define GATE_HEADERS  50

/* Fills method, path, authority, address, secure, size … of h from h->info. */
struct refusal gate_check(struct http *h);

/* Decodes a path once into out (room for strlen(raw) + 1). False: not in normal form ("//", "/../",
 * "%2f", "%00", control bytes, bad UTF-8, broken escapes). */
bool gate_path(const char *raw, char *out);

#endif
