/*
 * Titles that a reader connection has looked up lately. Lists and records name their owner, team,
 * company, creator: asking for each by a statement of its own costs more than the record itself.
 *
 * What is kept is good as long as nothing is committed, and for the readers it was looked up for:
 * a key says for whom. A hidden or absent record is kept too. Longer titles are not kept. Belongs to
 * its connection and so to one thread at a time.
 */
#ifndef KONTOR_STORE_TITLE_CACHE_H
#define KONTOR_STORE_TITLE_CACHE_H

#include "store/db.h"
#include "store/query.h"

struct expr;
struct title_cache;

/* That of the connection; NULL on the writer, inside a read transaction (its snapshot may be older
 * than what others see) and outside a store. Ask before the statement begins that it is used for. */
struct title_cache *title_cache_of(struct db *db);
/* The key for readers like `who` of records with the rule `rule` (NULL: everybody may see them).
 * 0: what they see may change without a commit, so nothing can be kept. */
uint64_t title_cache_key(const struct who *who, const struct expr *rule);
/* True when known; *out then is the title, in the arena. */
bool title_cache_find(const struct title_cache *cache, uint64_t key, int64_t id, struct arena *a,
                      struct link_title *out);
void title_cache_put(struct title_cache *cache, uint64_t key, int64_t id,
                     const struct link_title *title);

#endif
