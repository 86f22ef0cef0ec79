/*
 * What others built on a record since it was made: a note about it, a contact of it, a file. An undo
 * of the set that made it leaves it where it is then, as it does with a record that was edited.
 *
 * A record counts that points at it, is not in the trash, and was made by none of the sets; or was
 * made by them, but stays for such a reason itself.
 */
#include "store/change_private.h"
#include "store/rows_private.h"

#define PAGE  500
#define DEPTH 3 /* of records that stay because of others */

struct seek {
    struct db *db;
    const struct model *m;
    const struct sets *s;
    struct arena *a;
};

struct pointing {
    int64_t id, version;
};

static int seek_in(const struct seek *k, const struct entity *entity, int64_t record, int depth,
                   int64_t *by, struct err *e);

/* Records that point at it by this field, living ones, in order of id. */
static int read_page(const struct seek *k, const struct field *f, int64_t record, int64_t after,
                     struct pointing *page, size_t *count, struct err *e)
{
    struct buf *sql = &k->db->text;
    buf_clear(sql);
    if (field_is_records(f)) {
        buf_printf(sql,
                   "SELECT t.id, t.version FROM ref r CROSS JOIN %s t ON t.id = r.record WHERE "
                   "r.target = ?1 AND r.field = %lld AND r.record > ?2 AND t.deleted_at IS NULL"
                   " ORDER BY r.record LIMIT %d",
                   f->entity->sql_table, (long long)f->columns[0].id, PAGE);
    } else {
        buf_printf(sql,
                   "SELECT id, version FROM %s WHERE deleted_at IS NULL AND %s = ?1 AND id > ?2"
                   " ORDER BY id LIMIT %d",
                   f->entity->sql_table, f->columns[0].sql_name, PAGE);
    }
    sqlite3_stmt *st = stmt_get(k->db, buf_text(sql), e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, record);
    sqlite3_bind_int64(st, 2, after);
    int rc;
    for (*count = 0; *count < PAGE && (rc = stmt_step(k->db, st, e)) == 1; ++*count) {
        page[*count] = (struct pointing){sqlite3_column_int64(st, 0), sqlite3_column_int64(st, 1)};
    }
    stmt_done(st);
    return *count < PAGE && rc < 0 ? -1 : 0;
}

/* The last set that wrote this field of a record; 0: none did since it was made. */
static int last_set(const struct seek *k, int64_t field, int64_t record, int64_t *set,
                    struct err *e)
{
    const int64_t values[] = {field, record};
    return db_get_int(k->db,
                      "SELECT ifnull(max(cs), 0) FROM change WHERE field = ?1 AND record = ?2",
                      values, COUNT(values), 0, set, e);
}

/* Is the value what the undone sets left there: nobody wrote it since, or it was taken back? */
static int is_ours(const struct seek *k, const struct column *column, int64_t record, bool *ours,
                   struct err *e)
{
    int64_t set = 0, last = k->s->ids[k->s->count - 1];
    struct value left, now;
    if (last_set(k, column->id, record, &set, e) != 0) {
        return -1;
    }
    *ours = set == 0 || set < k->s->ids[0] || sets_have(k->s, set);
    if (*ours) {
        return 0;
    }
    if (change_value_at(k->db, column, record, last, k->a, &left, e) != 0 ||
        change_value_at(k->db, column, record, set, k->a, &now, e) != 0) {
        return -1;
    }
    *ours = value_equal(left, now);
    return 0;
}

static int is_edited(const struct seek *k, const struct entity *entity, int64_t record, bool *edited,
                     struct err *e)
{
    bool ours = true;
    for (size_t i = 0; i < entity->column_count && ours; i++) {
        const struct column *c = entity->columns[i];
        if (!column_is_derived(c) && is_ours(k, c, record, &ours, e) != 0) {
            return -1;
        }
    }
    *edited = !ours;
    return 0;
}

/* *stays: this record, which points at another one by this field, is there after the undo, too, and
 * still does: the link of one that was there before may be of the sets itself. */
static int look_at(const struct seek *k, const struct field *f, const struct pointing *p, int depth,
                   bool *stays, struct err *e)
{
    const struct entity *entity = f->entity;
    int64_t made = 0, linked = 0, by = 0;
    if (last_set(k, pseudo_field(entity->id, PSEUDO_CREATED), p->id, &made, e) != 0 ||
        last_set(k, f->columns[0].id, p->id, &linked, e) != 0) {
        return -1;
    }
    *stays = !sets_have(k->s, made);
    if (*stays && sets_have(k->s, linked)) {
        *stays = false;
        return 0;
    }
    if (*stays || (p->version > 1 && is_edited(k, entity, p->id, stays, e) != 0)) {
        return *stays ? 0 : -1;
    }
    if (!*stays && depth > 0 && seek_in(k, entity, p->id, depth - 1, &by, e) != 0) {
        return -1;
    }
    *stays = *stays || by != 0;
    return 0;
}

static int seek_field(const struct seek *k, const struct field *f, int64_t record, int depth,
                      int64_t *by, struct err *e)
{
    struct pointing *page = ARENA_ARRAY(k->a, struct pointing, PAGE);
    size_t count;
    int64_t after = 0;
    do {
        if (read_page(k, f, record, after, page, &count, e) != 0) {
            return -1;
        }
        for (size_t i = 0; i < count && *by == 0; i++) {
            bool stays = false;
            if (look_at(k, f, &page[i], depth, &stays, e) != 0) {
                return -1;
            }
            after = page[i].id;
            *by = stays ? page[i].id : 0;
        }
    } while (*by == 0 && count == PAGE);
    return 0;
}

static int seek_in(const struct seek *k, const struct entity *entity, int64_t record, int depth,
                   int64_t *by, struct err *e)
{
    for (size_t i = 0; i < k->m->entity_count; i++) {
        const struct entity *from = k->m->entities[i];
        for (size_t n = 0; n < from->field_count && *by == 0; n++) {
            const struct field *f = from->fields[n];
            bool points = !f->system && f->column_count > 0 && f->compute == NULL &&
                          (field_is_records(f) || (field_is_link(f) && f->to == entity));
            if (points && seek_field(k, f, record, depth, by, e) != 0) {
                return -1;
            }
        }
    }
    return 0;
}

int undo_used_by(struct db *db, const struct model *m, const struct sets *s,
                 const struct entity *entity, int64_t record, struct arena *a, int64_t *by,
                 struct err *e)
{
    const struct seek k = {db, m, s, a};
    *by = 0;
    return seek_in(&k, entity, record, DEPTH, by, e);
}
