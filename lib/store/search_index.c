/*
 * The full-text rows of records; see index_rows.h and the tables search_words and search_parts in
 * schema/system.sql.
 *
 * FTS5 writes everything it holds to its tables whenever a savepoint begins, so rows written one
 * command at a time would cost a segment each. Therefore commands only note their rows here;
 * search_flush writes those of the whole group just before COMMIT. A command that is rolled back
 * drops its notes (the writer cuts the list).
 */
#include "store/index_rows.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/str.h"
#include "model/field_type.h"
#include "model/text_ref.h"

#define LOOK_AHEAD 4 /* a create notes its row again after computed fields: only the last counts   \
                      */

struct search_row {
    int64_t id;
    bool drop;
    const char *words, *digits, *access, *parts;
};

bool search_has(const struct entity *entity)
{
    for (size_t i = 0; i < entity->field_count; i++) {
        if (entity->fields[i]->search && entity->fields[i]->columns) {
            return true;
        }
    }
    return false;
}

static bool is_title_part(const struct entity *entity, const struct field *f)
{
    for (size_t i = 0; i < entity->title_count; i++) {
        if (entity->title[i] == f) {
            return true;
        }
    }
    return false;
}

static void add_digits(struct buf *out, const char *s)
{
    for (; *s; s++) {
        if (*s >= '0' && *s <= '9') {
            buf_putc(out, *s);
        }
    }
    buf_putc(out, ' ');
}

/* The three texts of a row while they are gathered. */
struct texts {
    struct buf words, digits, parts;
};

static void add_list(struct texts *t, const struct field *f, struct value list, struct arena *a)
{
    const char **values = NULL;
    size_t count = point_texts(a, list, &values);
    for (size_t i = 0; i < count; i++) {
        if (f->type->points->by_digits) {
            add_digits(&t->digits, values[i]);
            add_digits(&t->parts, values[i]);
            continue;
        }
        buf_putc(&t->words, ' ');
        buf_puts(&t->words, values[i]);
        if (f->type->points->by_part) {
            buf_puts(&t->parts, values[i]);
            buf_putc(&t->parts, ' ');
        }
    }
}

static void add_field(struct texts *t, const struct record *r, const struct field *f,
                      struct arena *a)
{
    const struct value *values = record_values(r, f);
    if (!values || values[0].kind == VALUE_NULL) {
        return;
    }
    if (f->type->points) {
        add_list(t, f, values[0], a);
    } else if (!field_refers(f) && !is_title_part(r->entity, f)) { /* ids are no words */
        buf_putc(&t->words, ' ');
        if (field_is_words(f)) {
            text_ref_plain(&t->words, values[0].s);
        } else {
            f->type->print_text(&t->words, f, values);
        }
    }
}

static char *access_text(const struct record *r, struct arena *a)
{
    const struct entity *e = r->entity;
    struct value owner = e->owner ? record_value(r, e->owner) : value_null();
    struct value team = e->team ? record_value(r, e->team) : value_null();
    char text[96];
    int n = snprintf(text, sizeof(text), "e%lld", (long long)e->id);
    if (owner.kind == VALUE_INT) {
        n += snprintf(text + n, sizeof(text) - (size_t)n, " o%lld", (long long)owner.i);
    }
    if (team.kind == VALUE_INT) {
        n += snprintf(text + n, sizeof(text) - (size_t)n, " t%lld", (long long)team.i);
    }
    if (e->visible_by_count > 0) {
        n += snprintf(text + n, sizeof(text) - (size_t)n, " d");
    }
    return arena_strndup(a, text, (size_t)n);
}

static struct search_row *note(struct db *db)
{
    if (db->search_count == db->search_room) {
        db->search_room = db->search_room ? 2 * db->search_room : 64;
        db->search = memory_resize(db->search, db->search_room * sizeof(*db->search));
    }
    struct search_row *row = &db->search[db->search_count++];
    *row = (struct search_row){0};
    return row;
}

void search_put(struct db *db, const struct record *r, struct arena *a)
{
    if (!search_has(r->entity)) {
        return;
    }
    struct texts t = {0};
    buf_puts(&t.words, r->title);
    buf_puts(&t.parts, r->title);
    buf_putc(&t.parts, ' ');
    for (size_t i = 0; i < r->entity->field_count; i++) {
        if (r->entity->fields[i]->search) {
            add_field(&t, r, r->entity->fields[i], a);
        }
    }
    struct search_row *row = note(db);
    row->id = r->id;
    row->words = str_fold(&db->group, buf_text(&t.words), t.words.size);
    row->digits = arena_strndup(&db->group, buf_text(&t.digits), t.digits.size);
    row->parts = str_fold(&db->group, buf_text(&t.parts), t.parts.size);
    row->access = access_text(r, &db->group);
    buf_done(&t.words);
    buf_done(&t.digits);
    buf_done(&t.parts);
}

void search_drop(struct db *db, const struct entity *entity, int64_t record)
{
    if (search_has(entity)) {
        struct search_row *row = note(db);
        row->id = record;
        row->drop = true;
    }
}

static bool comes_again(const struct db *db, size_t i)
{
    for (size_t k = i + 1; k < db->search_count && k <= i + LOOK_AHEAD; k++) {
        if (db->search[k].id == db->search[i].id) {
            return true;
        }
    }
    return false;
}

static int write_row(struct db *db, const char *sql, int64_t id, const char *const *texts,
                     size_t count, struct err *e)
{
    sqlite3_stmt *st = stmt_get(db, sql, e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, id);
    for (size_t i = 0; i < count; i++) {
        stmt_bind_text(st, (int)i + 2, texts[i]);
    }
    int rc = stmt_step(db, st, e);
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

static int flush_row(struct db *db, const struct search_row *row, struct err *e)
{
    if (row->drop) {
        return write_row(db, "DELETE FROM search_words WHERE rowid = ?1", row->id, NULL, 0, e) !=
                           0 ||
                       write_row(db, "DELETE FROM search_parts WHERE rowid = ?1", row->id, NULL, 0,
                                 e) != 0
                   ? -1
                   : 0;
    }
    const char *const words[] = {row->words, row->digits, row->access};
    if (write_row(db,
                  "INSERT OR REPLACE INTO search_words(rowid, words, digits, access) VALUES(?1, "
                  "?2, ?3, ?4)",
                  row->id, words, COUNT(words), e) != 0) {
        return -1;
    }
    return write_row(db, "INSERT OR REPLACE INTO search_parts(rowid, text) VALUES(?1, ?2)", row->id,
                     &row->parts, 1, e);
}

int search_flush(struct db *db, struct err *e)
{
    for (size_t i = 0; i < db->search_count; i++) {
        if (!comes_again(db, i) && flush_row(db, &db->search[i], e) != 0) {
            return -1;
        }
    }
    search_clear(db);
    return 0;
}

void search_clear(struct db *db)
{
    db->search_count = 0;
    arena_reset(&db->group);
}

int search_drop_all(struct db *db, const char *sql_table, struct err *e)
{
    static const char *const TABLES[] = {"search_words", "search_parts"};
    for (size_t i = 0; i < COUNT(TABLES); i++) {
        buf_clear(&db->text);
        buf_printf(&db->text, "DELETE FROM %s WHERE rowid IN (SELECT id FROM %s)", TABLES[i],
                   sql_table);
        if (db_run(db, buf_text(&db->text), e) != 0) {
            return -1;
        }
    }
    return 0;
}
