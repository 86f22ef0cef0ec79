/*
 * Calendars that other programs subscribe to by a private address. What they hold is looked up when
 * they are read, with the rights their owner has then; one who left has none. The address is told
 * once, and ends with a new password as API tokens do.
 */
#ifndef KONTOR_CORE_FEED_H
#define KONTOR_CORE_FEED_H

#include "core/ctx.h"

struct json;
struct json_writer;

/* {"name","entity","view"}: entity is a plural, "activities" if it is left out; view as in ?view=, of
 * activities one's own if it is left out. *token: the secret part of the address. */
int feed_make(struct ctx *c, const struct json *body, const char **token, int64_t *id);
/* {"items":[{"id","name","entity","view","created_at","used_at","ended"}]}: one's own; of others (named
 * by address or id, NULL: oneself) administrators see that they are there, never their secrets. */
int feed_list(struct ctx *c, const char *named, struct buf *out);
/* One's own; an administrator anybody's. */
int feed_remove(struct ctx *c, int64_t id);
/* The calendar behind a token, for whoever has it. ERR_NOT_FOUND; ERR_RATE: it is asked for too often.
 * *changed: when what is in it was changed last. */
int feed_read(struct ctx *c, const char *token, const char *address, struct buf *out,
              int64_t *changed);
/* One activity as a calendar for others to take in: with organiser and the people who take part. */
int feed_invitation(struct ctx *c, const struct entity *e, int64_t id, struct buf *out);

#endif
