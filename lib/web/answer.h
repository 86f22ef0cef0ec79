/*
 * Answers: status line, headers and body in one buffer and one write. Every answer of every kind
 * goes through here, so the protecting headers are on all of them, errors included.
 */
#ifndef KONTOR_WEB_ANSWER_H
#define KONTOR_WEB_ANSWER_H

#include "web/server.h"

/* What is answered, for the policy that goes with it. */
enum answer_kind { ANSWER_DATA, ANSWER_PART, ANSWER_PICTURE, ANSWER_WORKER, ANSWER_PAGE };

struct answer {
    int status;
    const char *type;  /* Content-Type; NULL: application/json */
    const char *cache; /* Cache-Control; NULL: no-store */
    enum answer_kind kind;
    const char *policy; /* of a user's file, which our pages may frame; NULL: as its kind says */
    bool framed;       /* with a policy: also by pages of other sites, as far as it says */
    int64_t length;    /* answer_begin: bytes to come; 0: unknown */
    const char *head;  /* further header lines, each ended by CR LF; may be NULL */
    const void *body;
    size_t size;
};

/* Sends it; the connection ends afterwards if h->close is set, the client wishes so, or bytes of
 * the body are unread. */
void answer_send(struct http *h, const struct answer *answer);
/* An error in the shape of the API, for what never reaches it. */
void answer_refuse(struct http *h, int status, const char *text);
/* Begins an answer of unknown length; then pieces; then the end (whole false: the connection breaks
 * off, so that the reader sees it is cut). 0/-1 (peer gone). */
int answer_begin(struct http *h, const struct answer *answer);
int answer_piece(struct http *h, const void *bytes, size_t n);
void answer_end(struct http *h, bool whole);
/* Bytes as they are, under the time limit for writes. */
int answer_raw(struct http *h, const void *bytes, size_t n);

/* The client takes this content coding ("br", "gzip"): it stands in Accept-Encoding without q=0. */
bool answer_accepts(const struct http *h, const char *coding);

#endif
