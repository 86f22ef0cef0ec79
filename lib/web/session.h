/* Who a request over HTTP acts as: bearer token, else session cookie, else nobody; and whether a
 * browser was tricked. */
#ifndef KONTOR_WEB_SESSION_H
#define KONTOR_WEB_SESSION_H

#include "web/server.h"

/*
 * Fills the actor of q->ctx, q->session, q->cookie and q->csrf. 0 also when nobody is signed in
 * (actor.anonymous); -1 with ctx->err: a token that is not valid, a write from another site, a
 * write by cookie without its CSRF token.
 */
int session_authenticate(struct http *h, struct request *q);
/* Value of a cookie in the arena; NULL when absent. */
const char *session_cookie(struct http *h, const char *name);

#endif
