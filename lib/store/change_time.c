/*
 * When changes were made. Times rise with ids, so that a date is found by halving; one thing may
 * break that row: an import that was undone. Nothing of it lasts, so the next dated import may
 * begin before it. What lies between is then set aside (the fact "set_aside", ranges of ids): it
 * stays in the chain and in the history, but no date leads to it. See change.h.
 *
 * While a dated import runs, no other change can be made: it would bear the present's date, and no
 * older row could follow.
 */
#include "store/change_private.h"
#include "store/jobs.h"

struct range { /* of ids, both included; first 0: none */
    int64_t first, last;
};

/* The newest range that was set aside and ends at or before `last`. */
static int range_before(struct db *db, int64_t last, struct range *out, struct err *e)
{
    sqlite3_stmt *st = stmt_get(db,
                                "SELECT json_extract(j.value, '$[0]'), json_extract(j.value, '$[1]')"
                                " FROM fact f, json_each(f.value) j WHERE f.key = 'set_aside'"
                                " AND json_extract(j.value, '$[1]') <= ?1 ORDER BY 2 DESC LIMIT 1",
                                e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, last);
    int rc = stmt_step(db, st, e);
    *out = (struct range){0};
    if (rc == 1) {
        *out = (struct range){sqlite3_column_int64(st, 0), sqlite3_column_int64(st, 1)};
    }
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

static int newest_id(struct db *db, int64_t *out, struct err *e)
{
    return db_get_int(db, "SELECT max(id) FROM change_set", NULL, 0, 0, out, e);
}

/* The time of the first set from `id` on; INT64_MAX if there is none. */
static int time_from(struct db *db, int64_t id, int64_t *out, struct err *e)
{
    return db_get_int(db, "SELECT at FROM change_set WHERE id >= ?1 ORDER BY id LIMIT 1", &id, 1,
                      INT64_MAX, out, e);
}

/* The time of the last set up to `id`; 0 if there is none. */
static int time_until(struct db *db, int64_t id, int64_t *out, struct err *e)
{
    return db_get_int(db, "SELECT at FROM change_set WHERE id <= ?1 ORDER BY id DESC LIMIT 1", &id,
                      1, 0, out, e);
}

int change_newest(struct db *db, int64_t *at_ms, struct err *e)
{
    return time_until(db, INT64_MAX, at_ms, e);
}

/* ---- a date's set ---------------------------------------------------------------------------- */

/* Within sets whose times rise: the newest one above `low` at or before the instant, else low. */
static int halve(struct db *db, int64_t low, int64_t high, int64_t at_ms, int64_t *out,
                 struct err *e)
{
    while (low < high) {
        int64_t middle = low + (high - low + 1) / 2;
        int64_t at = 0;
        if (time_from(db, middle, &at, e) != 0) {
            return -1;
        }
        if (at <= at_ms) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    *out = low;
    return 0;
}

int change_at(struct db *db, int64_t at_ms, int64_t *out, struct err *e)
{
    struct range aside;
    int64_t high = 0;
    if (newest_id(db, &high, e) != 0) {
        return -1;
    }
    for (;;) {
        int64_t at = 0;
        if (range_before(db, high, &aside, e) != 0 || time_from(db, aside.last + 1, &at, e) != 0) {
            return -1;
        }
        if (aside.first == 0 || at <= at_ms) {
            return halve(db, aside.last, high, at_ms, out, e);
        }
        high = aside.first - 1;
    }
}

/* ---- what lasts ------------------------------------------------------------------------------ */

struct top { /* the set under which others were made: itself or its parent */
    int64_t id, source, undo_of, n;
};

/* That of the newest set up to `last`; id 0 if there is none. */
static int top_of(struct db *db, int64_t last, struct top *out, struct err *e)
{
    sqlite3_stmt *st =
        stmt_get(db,
                 "SELECT t.id, t.source, t.undo_of, t.n FROM change_set s JOIN change_set t"
                 " ON t.id = coalesce(s.parent, s.id) WHERE s.id <= ?1 ORDER BY s.id DESC LIMIT 1",
                 e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, last);
    int rc = stmt_step(db, st, e);
    *out = (struct top){0};
    if (rc == 1) {
        *out = (struct top){sqlite3_column_int64(st, 0), sqlite3_column_int64(st, 1),
                            sqlite3_column_int64(st, 2), sqlite3_column_int64(st, 3)};
    }
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

/* Between an import and the end of its undo nothing else was made. */
static int is_alone(struct db *db, int64_t import, int64_t undo, int64_t last, bool *out,
                    struct err *e)
{
    const int64_t values[] = {import, undo, last};
    int64_t other = 0;
    int rc = db_get_int(db,
                        "SELECT id FROM change_set WHERE id BETWEEN ?1 AND ?3 AND id NOT IN (?1, ?2)"
                        " AND (parent IS NULL OR parent NOT IN (?1, ?2)) LIMIT 1",
                        values, 3, 0, &other, e);
    *out = other == 0;
    return rc;
}

/* The first set of an import that ends with `last` and left nothing: undone, or without a row that
 * was taken. 0: what is there lasts. */
static int undone_from(struct db *db, int64_t last, int64_t *out, struct err *e)
{
    struct top top = {0}, import = {0};
    bool alone = false;
    *out = 0;
    if (top_of(db, last, &top, e) != 0) {
        return -1;
    }
    if (top.undo_of == 0) {
        bool empty = top.id == last && top.source == SOURCE_IMPORT && top.n == 0;
        *out = empty ? top.id : 0;
        return 0;
    }
    if (top_of(db, top.undo_of, &import, e) != 0 ||
        is_alone(db, import.id, top.id, last, &alone, e) != 0) {
        return -1;
    }
    *out = import.source == SOURCE_IMPORT && import.undo_of == 0 && alone ? import.id : 0;
    return 0;
}

int change_lasting(struct db *db, int64_t last, int64_t *out, struct err *e)
{
    struct range aside;
    for (int64_t from = last;; last = from - 1) {
        if (range_before(db, last, &aside, e) != 0) {
            return -1;
        }
        if (aside.first != 0 && aside.last == last) {
            from = aside.first;
        } else if (undone_from(db, last, &from, e) != 0) {
            return -1;
        }
        if (from == 0) {
            *out = last;
            return 0;
        }
    }
}

int change_newest_lasting(struct db *db, int64_t *at_ms, struct err *e)
{
    int64_t last = 0;
    return newest_id(db, &last, e) != 0 || change_lasting(db, last, &last, e) != 0
               ? -1
               : time_until(db, last, at_ms, e);
}

int change_set_aside(struct db *db, struct err *e)
{
    int64_t values[] = {0, 0};
    if (newest_id(db, &values[1], e) != 0 || change_lasting(db, values[1], &values[0], e) != 0) {
        return -1;
    }
    values[0]++;
    return db_run_ints(db,
                       "INSERT INTO fact(key, value) VALUES('set_aside', json_array(json_array(?1,"
                       " ?2))) ON CONFLICT(key) DO UPDATE SET value ="
                       " json_insert(value, '$[#]', json_array(?1, ?2))",
                       values, 2, e);
}

/* The sets themselves tell, whatever the fact says: a range is imports that were undone. */
static int is_undone(struct db *db, const struct range *r, bool *out, struct err *e)
{
    int64_t from = r->first;
    for (int64_t last = r->last; from != 0 && last >= r->first; last = from - 1) {
        if (undone_from(db, last, &from, e) != 0) {
            return -1;
        }
    }
    *out = from == r->first && from != 0;
    return 0;
}

int change_time_before(struct db *db, int64_t id, int64_t *at_ms, struct err *e)
{
    struct range aside;
    bool undone = false;
    if (range_before(db, id - 1, &aside, e) != 0) {
        return -1;
    }
    bool follows = aside.first != 0 && aside.last == id - 1;
    if (follows && is_undone(db, &aside, &undone, e) != 0) {
        return -1;
    }
    return time_until(db, undone ? aside.first - 1 : id - 1, at_ms, e);
}

/* ---- a dated import at work ------------------------------------------------------------------ */

int change_may_begin(struct db *db, const struct change_set *cs, bool *waits, struct err *e)
{
    int64_t load = 0;
    *waits = false;
    if (jobs_first_load(db, cs->job, &load, e) != 0) {
        return -1;
    }
    if (load == 0) {
        return 0;
    }
    if (cs->source == SOURCE_CONFIG) {
        *waits = true;
        return 0;
    }
    return err_fail(e, ERR_BUSY, "",
                    "A first load with dates (import %lld) is running: until it is over, nothing "
                    "else can be changed. Try again then.",
                    (long long)load);
}
