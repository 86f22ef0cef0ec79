/* Which records have a date within a span: what reminders are found by. Reads the whole table once a
 * day for each reminder, unless the field has an index. */
#ifndef KONTOR_STORE_DATES_H
#define KONTOR_STORE_DATES_H

#include "model/model.h"
#include "store/store.h"

struct date_span {
    const struct field *field;
    const char *from, *to; /* "YYYY-MM-DD", both included */
    bool yearly;           /* whose day and month lie in it, in that year or an earlier one; also those of
                              29 February when the span holds a 28th */
};
/* Living records with id > after, in the order of ids, at most limit. */
int dates_within(struct db *db, const struct date_span *span, int64_t after, size_t limit,
                 struct arena *a, int64_t **out, size_t *count, struct err *e);

/* Of work that is to be done: what may have a reminder between two looks. */
struct step_span {
    const struct field *due, *done, *reminders;
    int64_t last_ms, now_ms, after; /* after: ids above this */
};
/* Ids, in their order, of open records whose reminders (minutes before) strike after last_ms and until now_ms, of days
 * without a time about that, and of those changed since last_ms with one that is over; at most limit. */
int dates_steps(struct db *db, const struct step_span *span, size_t limit, struct arena *a,
                int64_t **out, size_t *count, struct err *e);

#endif
