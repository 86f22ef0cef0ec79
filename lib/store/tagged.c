/*
 * Tags: index rows of fields of type tags (index_rows.h), by which lists are filtered and records
 * found whose tag is renamed or merged (tagged.h). A tag is known by its tight fold: letters and
 * digits, in any case. Records in the trash keep their rows: what comes back has the tags of now.
 */
#include "store/tagged.h"

#include "base/json.h"
#include "base/str.h"
#include "model/field_type.h"
#include "store/index_rows.h"

static int add_one(struct db *db, const struct field *f, int64_t record, const char *tag,
                   struct err *e)
{
    sqlite3_stmt *st = stmt_get(
        db, "INSERT OR IGNORE INTO tagged(record, field, tag) VALUES(?1, ?2, ?3)", e);
    if (st == NULL) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, record);
    sqlite3_bind_int64(st, 2, f->columns[0].id);
    stmt_bind_text(st, 3, tag);
    int rc = stmt_step(db, st, e);
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

bool tagged_has(const struct field *f)
{
    return field_is_tags(f) && f->columns != NULL;
}

int tagged_add(struct db *db, const struct field *f, int64_t record, struct value value,
               struct arena *a, struct err *e)
{
    const char **tags = NULL;
    size_t count = value.kind == VALUE_TEXT ? json_texts(a, value.s, value.n, NULL, &tags) : 0;
    for (size_t i = 0; i < count; i++) {
        if (add_one(db, f, record, str_fold_tight(a, tags[i]), e) != 0) {
            return -1;
        }
    }
    return 0;
}

int tagged_take(struct db *db, const struct field *f, int64_t record, struct err *e)
{
    const int64_t values[] = {record, f->columns[0].id};
    return db_run_ints(db, "DELETE FROM tagged WHERE record = ?1 AND field = ?2", values, 2, e);
}

int tagged_next(struct db *db, const char *tag, int64_t after, size_t limit, struct arena *a,
                int64_t **ids, size_t *count, struct err *e)
{
    sqlite3_stmt *st = stmt_get(db,
                                "SELECT DISTINCT record FROM tagged WHERE tag = ?1 AND record > ?2"
                                " ORDER BY record LIMIT ?3",
                                e);
    if (st == NULL) {
        return -1;
    }
    stmt_bind_text(st, 1, tag);
    sqlite3_bind_int64(st, 2, after);
    sqlite3_bind_int64(st, 3, (int64_t)limit);
    int64_t *found = ARENA_ARRAY(a, int64_t, limit);
    size_t n = 0;
    int rc;
    while ((rc = stmt_step(db, st, e)) == 1 && n < limit) {
        found[n++] = sqlite3_column_int64(st, 0);
    }
    stmt_done(st);
    *ids = found;
    *count = n;
    return rc < 0 ? -1 : 0;
}

int tagged_count(struct db *db, const struct field *f, struct arena *a, struct tag_use **out,
                 size_t *count, struct err *e)
{
    buf_clear(&db->text);
    buf_printf(&db->text,
               "SELECT t.tag, count(*) FROM tagged t JOIN %s r ON r.id = t.record"
               " WHERE t.field = ?1 AND r.deleted_at IS NULL GROUP BY t.tag ORDER BY t.tag"
               " LIMIT %d",
               f->entity->sql_table, TAG_USES_MAX);
    sqlite3_stmt *st = stmt_get(db, buf_text(&db->text), e);
    if (st == NULL) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, f->columns[0].id);
    struct tag_use *uses = ARENA_ARRAY(a, struct tag_use, TAG_USES_MAX);
    size_t n = 0;
    int rc;
    while ((rc = stmt_step(db, st, e)) == 1 && n < TAG_USES_MAX) {
        uses[n++] = (struct tag_use){stmt_text(st, 0, a), sqlite3_column_int64(st, 1)};
    }
    stmt_done(st);
    *out = uses;
    *count = n;
    return rc < 0 ? -1 : 0;
}

/* One query by the unique key of the name; what differs in blanks or signs is looked for among all. */
int tag_find(struct db *db, const struct entity *tags, const char *text, struct arena *a,
             struct tag_row *out, struct err *e)
{
    static const char *const TESTS[] = {"title_k = kfold(?1)", "kplain(title) = kplain(?1)"};
    *out = (struct tag_row){0};
    for (size_t i = 0; i < COUNT(TESTS) && out->id == 0; i++) {
        buf_clear(&db->text);
        buf_printf(&db->text,
                   "SELECT id, title FROM %s WHERE deleted_at IS NULL AND %s LIMIT 1",
                   tags->sql_table, TESTS[i]);
        sqlite3_stmt *st = stmt_get(db, buf_text(&db->text), e);
        if (st == NULL) {
            return -1;
        }
        stmt_bind_text(st, 1, text);
        int rc = stmt_step(db, st, e);
        if (rc == 1) {
            *out = (struct tag_row){sqlite3_column_int64(st, 0), stmt_text(st, 1, a)};
        }
        stmt_done(st);
        if (rc < 0) {
            return -1;
        }
    }
    return 0;
}
