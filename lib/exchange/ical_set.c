/* The occurrences of an item, and its times as instants; see ical.h. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/zone.h"
#include "exchange/ical.h"

struct ical_set {
    int64_t *at;
    size_t count, room, most;
    int64_t looks; /* of all its rules together */
    bool is_cut;
};

int64_t ical_instant(const struct ical_time *t, const char *zone)
{
    const char *own = t->zone != NULL ? t->zone : zone;
    int64_t at = t->wall;
    if (!t->is_utc && own != NULL && zone_instant(own, t->wall, &at) != 0) {
        at = t->wall;
    }
    return at;
}

int64_t ical_length(const struct ical_item *item, const char *zone)
{
    if (item->has_duration) {
        return item->duration_s > 0 ? item->duration_s : 0;
    }
    if (item->start.is_set && item->end.is_set) {
        int64_t length = ical_instant(&item->end, zone) - ical_instant(&item->start, zone);
        return length > 0 ? length : 0;
    }
    return item->start.is_set && item->start.is_day ? ICAL_DAY : 0;
}

/* The wall time at an instant. */
static int64_t wall_at(const char *zone, int64_t at)
{
    int64_t offset = 0;
    return zone != NULL && zone_offset(zone, at, &offset) == 0 ? at + offset : at;
}

int64_t ical_wall_like(const struct ical_time *from, const struct ical_time *like)
{
    bool same = from->is_utc == like->is_utc &&
                (from->zone == like->zone ||
                 (from->zone != NULL && like->zone != NULL && strcmp(from->zone, like->zone) == 0));
    bool floating = !like->is_utc && like->zone == NULL;
    if (same || from->is_day || floating || (!from->is_utc && from->zone == NULL)) {
        return from->wall;
    }
    return wall_at(like->zone, ical_instant(from, NULL));
}

static void add(struct arena *a, struct ical_set *set, int64_t at)
{
    if (set->count == set->room) {
        size_t room = set->room > 0 ? set->room * 2 : 32;
        int64_t *list = ARENA_ARRAY(a, int64_t, room);
        memcpy(list, set->at != NULL ? set->at : list, set->count * sizeof *list);
        set->at = list;
        set->room = room;
    }
    set->at[set->count++] = at;
}

/* Adds what one rule gives; UNTIL in UTC is looked at in the zone of the start. `begins`: the start
 * is the first of it and counts, though the rule may not give it. */
static int add_rule(struct arena *a, struct ical_set *set, const char *text, bool begins,
                    const struct ical_time *start, int64_t last, struct err *e)
{
    struct ical_rule rule;
    struct ical_recur r;
    size_t before = set->count;
    int64_t at;
    if (ical_rule_read(text, &rule, e) != 0) {
        return -1;
    }
    if (rule.has_until && rule.until_is_utc && !start->is_utc) {
        rule.until = wall_at(start->zone, rule.until);
    }
    ical_recur_start(&r, &rule, start->wall, start->is_day, last);
    r.most_steps = ICAL_RECUR_STEPS - set->looks;
    while (set->count - before < set->most && ical_recur_next(&r, &at)) {
        if (begins && set->count == before && at != start->wall) {
            add(a, set, start->wall);
            r.given++;
        }
        add(a, set, at);
    }
    if (begins && set->count == before && start->wall <= last) {
        add(a, set, start->wall);
    }
    set->looks += r.steps;
    set->is_cut = set->is_cut || r.exhausted || set->count - before == set->most;
    return 0;
}

static int by_time(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static void sort(struct ical_set *set)
{
    size_t kept = 0;
    if (set->count > 0) {
        qsort(set->at, set->count, sizeof *set->at, by_time);
    }
    for (size_t i = 0; i < set->count; i++) {
        if (kept == 0 || set->at[kept - 1] != set->at[i]) {
            set->at[kept++] = set->at[i];
        }
    }
    set->count = kept;
}

static bool is_in(const int64_t *list, size_t count, int64_t at)
{
    return count > 0 && bsearch(&at, list, count, sizeof *list, by_time) != NULL;
}

static int64_t day_start(int64_t at)
{
    return (at >= 0 ? at : at - (ICAL_DAY - 1)) / ICAL_DAY * ICAL_DAY;
}

/* Takes away what EXRULE and EXDATE name; a day takes away all that begins on it. */
static int subtract(struct arena *a, struct ical_set *set, const struct ical_item *item,
                    int64_t last, struct err *e)
{
    struct ical_set not_at = {.most = set->most, .looks = set->looks}, not_on = {0};
    size_t kept = 0;
    for (size_t i = 0; i < item->not_rule_count; i++) {
        if (add_rule(a, &not_at, item->not_rules[i], false, &item->start, last, e) != 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < item->not_at.count; i++) {
        const struct ical_time *t = &item->not_at.list[i];
        bool day = t->is_day && !item->start.is_day;
        add(a, day ? &not_on : &not_at,
            item->start.is_day ? day_start(t->wall) : ical_wall_like(t, &item->start));
    }
    set->looks = not_at.looks;
    sort(&not_at);
    sort(&not_on);
    for (size_t i = 0; i < set->count; i++) {
        if (!is_in(not_at.at, not_at.count, set->at[i]) &&
            !is_in(not_on.at, not_on.count, day_start(set->at[i]))) {
            set->at[kept++] = set->at[i];
        }
    }
    set->count = kept;
    return 0;
}

static int collect(struct arena *a, struct ical_set *set, const struct ical_item *item,
                   int64_t last, struct err *e)
{
    if (item->rule_count == 0 && item->start.wall <= last) {
        add(a, set, item->start.wall);
    }
    for (size_t i = 0; i < item->rule_count; i++) {
        if (add_rule(a, set, item->rules[i], i == 0, &item->start, last, e) != 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < item->also.count; i++) {
        int64_t at = ical_wall_like(&item->also.list[i], &item->start);
        if (at <= last) {
            add(a, set, at);
        }
    }
    sort(set);
    return subtract(a, set, item, last, e);
}

/* Lists that grow are in an arena of their own: the caller's gets what is left of them. */
struct ical_set *ical_set_of(struct arena *a, const struct ical_item *item, int64_t last,
                             size_t most, struct err *e)
{
    struct ical_set set = {.most = most}, *out = NULL;
    struct arena work;
    arena_init(&work);
    if (!item->start.is_set || collect(&work, &set, item, last, e) == 0) {
        set.is_cut = set.is_cut || set.count > most;
        set.count = set.count > most ? most : set.count;
        const int64_t *at = set.at;
        set.at = ARENA_ARRAY(a, int64_t, set.count);
        memcpy(set.at, at != NULL ? at : set.at, set.count * sizeof *at);
        out = ARENA_NEW(a, struct ical_set);
        *out = set;
    }
    arena_done(&work);
    return out;
}

size_t ical_set_count(const struct ical_set *set)
{
    return set->count;
}

int64_t ical_set_at(const struct ical_set *set, size_t i)
{
    return set->at[i];
}

bool ical_set_is_cut(const struct ical_set *set)
{
    return set->is_cut;
}

int64_t ical_set_looks(const struct ical_set *set)
{
    return set->looks;
}
