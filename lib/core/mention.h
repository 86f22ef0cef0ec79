/*
 * What the text of an entry (a note, an activity) says of others: "@[12 Max Muster]" mentions a
 * user, who is told; "#[77]" names a record, in whose timeline the entry then stands, too. See
 * model/text_ref.h for the form.
 */
#ifndef KONTOR_CORE_MENTION_H
#define KONTOR_CORE_MENTION_H

#include "core/record.h"

/* The text of an entity's entries; NULL if it has none, or they stand in no timeline. */
const struct field *mention_field(const struct entity *e);

/* Before r is written: references as scripts and files write them get their ids ("@[max@firm]",
 * "#[company: Acme]"), ids from elsewhere are found by the name beside them, and what "#" names is
 * added to what the entry concerns. What cannot be made out stays as it was written. before NULL: a
 * new record. */
int mention_settle(struct ctx *c, const struct record *before, struct record *r);
/* Once r is written: whoever is mentioned and was not before is told. */
int mention_tell(struct ctx *c, const struct record *before, const struct record *r);

/* {"items":[{"id","title","sees","share"}]}: active users whose name or address begins like q,
 * whether each may see this record and whether the actor could share it with him; at most 8. */
int mention_suggest(struct ctx *c, const struct entity *e, int64_t id, const char *q,
                    struct buf *out);
/* {"items":[…]}: what the actor may know of these records, as links. ids: "12,77", at most 100. */
int mention_titles(struct ctx *c, const char *ids, struct buf *out);
/* One of them: {"id","title","entity"}, or {"id","hidden"}; row NULL: hidden. */
void mention_print(struct json_writer *w, const struct title_row *row, int64_t id);
/* The text for a file: records by kind and title instead of ids, as far as the actor sees them. */
int mention_export(struct ctx *c, struct arena *a, const char *text, struct buf *out);

#endif
