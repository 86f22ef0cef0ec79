/*
 * Live changes as server-sent events. A commit puts its events into a ring; every stream has a
 * worker of its own, looks at what is new, asks the database which of these records its user may
 * see (one query per entity and tick) and writes them. A stream that missed too much is told
 * "resync". The user is looked up again at every tick, so a stream ends within a second of its
 * session. The lock guards the ring; the condition wakes the streams.
 */
#ifndef KONTOR_WEB_LIVE_H
#define KONTOR_WEB_LIVE_H

#include "web/server.h"

/* Events up to change-set `newest` are from before the start. At most `streams` at once. */
struct live *live_new(int64_t newest, int streams);
void live_free(struct live *live); /* no stream may be left */
void live_add(struct live *live, const struct event *events, size_t count);
void live_config(struct live *live); /* the model changed */
void live_close(struct live *live);  /* all streams end now */

/* What a page says about a record that is open in it; false: the user has no such stream. */
bool live_present(struct live *live, const struct api_present *said);

/* A page opens streams, and says what it shows on them, by itself again and again: that nobody sits there any more must show. */
bool live_is_stream(const char *path);
/* Runs a stream until it ends; q has been authenticated, r says where to begin. */
void live_serve(struct http *h, struct request *q, struct reply *r);

#endif
