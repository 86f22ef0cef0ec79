/*
 * Changes of what belongs to a record, people and deals of a company say, among those of its own
 * timeline. They may be two thousand records, and each field of each has changes of its own: so the
 * records that were changed last are read first, and only as many as can hold a page. Where the next
 * one was changed before the last change that is shown, none of the rest can have a newer one.
 */
#include <stdlib.h>

#include "base/buf.h"
#include "core/timeline.h"

#define MORE 4 /* times as many records when those read did not suffice */

struct other {
    int64_t id, at; /* at: when it was changed last */
};

static int changed_last(const void *x, const void *y)
{
    const struct other *a = x, *b = y;
    if (a->at != b->at) {
        return a->at > b->at ? -1 : 1;
    }
    return a->id > b->id ? -1 : a->id < b->id;
}

static const char *list_ids(struct arena *a, const struct other *others, size_t count)
{
    struct buf text = {0};
    for (size_t i = 0; i < count; i++) {
        buf_printf(&text, "%c%lld", i == 0 ? '[' : ',', (long long)others[i].id);
    }
    buf_putc(&text, ']');
    const char *list = arena_strndup(a, buf_text(&text), text.size);
    buf_done(&text);
    return list;
}

/* What one set did to one record, as an item if it is told; the number of its rows. */
static size_t take(struct timeline *t, const struct change_row *rows, size_t count)
{
    size_t n = 0;
    bool told = false;
    while (n < count && rows[n].set == rows[0].set && rows[n].record == rows[0].record) {
        told = told || timeline_tells(&rows[n]);
        n++;
    }
    if (told) {
        struct item *item = timeline_add_item(t);
        item->at = rows[0].at_ms;
        item->id = rows[0].set;
        item->rows = rows;
        item->row_count = n;
        item->other = true;
    }
    return n;
}

/* One item more than a page has, if these records have so many. */
static int read_some(struct timeline *t, const struct other *others, size_t count)
{
    struct ctx *c = t->c;
    struct change_place place = t->pos_other;
    const char *ids = list_ids(c->arena, others, count);
    size_t start = t->count, taken = 0, most = 0;
    while (t->count - start <= t->limit && taken == most) {
        struct change_row *rows = NULL;
        size_t n = 0;
        most = t->limit + 1;
        if (change_news(c->db, c->model, c->actor.role, ids, &place, t->by, most, c->arena, &rows,
                        &n, &c->err) != 0) {
            return -1;
        }
        taken = 0;
        for (size_t i = 0; i < n; taken++) {
            place = (struct change_place){rows[i].set, rows[i].record};
            i += take(t, rows + i, n - i);
        }
    }
    return 0;
}

/* Can none of the records from `next` on have a change that belongs on the page? */
static bool is_enough(const struct timeline *t, size_t start, const struct other *next)
{
    if (t->count - start <= t->limit) {
        return false;
    }
    const struct item *last = &t->items[start + t->limit];
    return last->at > next->at || (last->at == next->at && last->rows[0].record > next->id);
}

int timeline_read_others(struct timeline *t)
{
    size_t count = t->target_count - 1, most = t->limit + 1, start = t->count;
    struct other *others = ARENA_ARRAY(t->c->arena, struct other, count + 1);
    for (size_t i = 0; i < count; i++) {
        others[i] = (struct other){t->targets[i + 1], t->target_at[i + 1]};
        most += t->pos_other.set != 0 && others[i].at >= t->pos_other_at;
    }
    if (count > 1) {
        qsort(others, count, sizeof(*others), changed_last);
    }
    while (count > 0) {
        most = most < count ? most : count;
        t->count = start;
        if (read_some(t, others, most) != 0) {
            return -1;
        }
        if (most == count || is_enough(t, start, &others[most])) {
            return 0;
        }
        most *= MORE;
    }
    return 0;
}
