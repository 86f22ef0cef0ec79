/*
 * The full-text rows of records; see index_rows.h and the tables search_words, search_texts and
 * search_parts in schema/system.sql.
 *
 * FTS5 writes everything it holds to its tables whenever a savepoint begins, so rows written one
 * command at a time would cost a segment each. Therefore commands only note their rows here;
 * search_flush writes those of the whole group just before COMMIT. A command that is rolled back
 * drops its notes (the writer cuts the list).
 */
#include "store/index_rows.h"

#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/str.h"
#include "model/field_type.h"
#include "model/text_ref.h"
#include "store/search_text.h"

#define LINKS_MAX  50 /* tokens of one record */
#define LOOK_AHEAD 4 /* a create notes its row again after computed fields: only the last counts   \
                      */

struct search_row {
    int64_t id;
    enum search_table table;
    bool drop;
    const char *title, *words, *digits, *access, *parts; /* parts: NULL for none */
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

/* See put_digits in search_match.c. */
static void add_digits(struct buf *out, const struct phone_digits *digits)
{
    if (digits->abroad) {
        buf_printf(out, "%s %s ", digits->full, digits->national);
    } else {
        buf_printf(out, "%s 0%s ", digits->national, digits->national);
    }
}

/* The texts of a row while they are gathered. */
struct texts {
    struct buf words, digits, parts, access;
};

static void add_list(struct texts *t, const struct field *f, struct value list, struct arena *a)
{
    const char **values = NULL;
    size_t count = point_texts(a, list, &values);
    for (size_t i = 0; i < count; i++) {
        if (f->type->points->by_digits) {
            struct phone_digits digits = phone_digits(a, values[i]);
            add_digits(&t->digits, &digits);
            buf_printf(&t->parts, "%s ", digits.full);
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

static bool is_long(const struct field *f)
{
    return f->type->words == WORDS_LINES;
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
    } else if (!field_refers(f) && (is_long(f) || !is_title_part(r->entity, f))) {
        buf_putc(&t->words, ' ');
        if (field_is_words(f)) {
            text_ref_plain(&t->words, values[0].s);
        } else {
            f->type->print_text(&t->words, f, values);
        }
    }
}

/* The title, unless it is the beginning of a text that is there as a whole. */
static void add_title(struct texts *t, const struct record *r)
{
    for (size_t i = 0; i < r->entity->title_count; i++) {
        if (is_long(r->entity->title[i]) && r->entity->title[i]->search) {
            return;
        }
    }
    if (search_table_of(r->entity) == SEARCH_TEXTS) {
        buf_puts(&t->words, r->title);
    }
}

static void add_token(struct texts *t, const char *kind, int64_t id)
{
    buf_printf(&t->access, "%s%lld ", kind, (long long)id);
}

static void add_targets(struct texts *t, struct value list, struct arena *a)
{
    const struct json *ids = NULL;
    struct err ignored = {0};
    int64_t target = 0;
    size_t n = 0;
    if (list.kind != VALUE_TEXT || json_parse(a, list.s, list.n, &ids, &ignored) != 0) {
        return;
    }
    for (const struct json *item = ids->child; item && n < LINKS_MAX; item = item->next, n++) {
        if (json_int(item, &target) == 0) {
            add_token(t, TOKEN_LINK, target);
        }
    }
}

/* What a reader must have for seeing the record, and what it points to. */
static void add_access(struct texts *t, const struct record *r, struct arena *a)
{
    const struct entity *e = r->entity;
    struct value owner = e->owner ? record_value(r, e->owner) : value_null();
    struct value team = e->team ? record_value(r, e->team) : value_null();
    add_token(t, TOKEN_ENTITY, e->id);
    if (owner.kind == VALUE_INT) {
        add_token(t, TOKEN_OWNER, owner.i);
    }
    if (team.kind == VALUE_INT) {
        add_token(t, TOKEN_TEAM, team.i);
    }
    for (size_t i = 0; i < e->field_count; i++) {
        const struct field *f = e->fields[i];
        struct value v = search_points(f) ? record_value(r, f) : value_null();
        if (v.kind == VALUE_INT) {
            add_token(t, TOKEN_LINK, v.i);
        } else {
            add_targets(t, v, a);
        }
    }
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
    enum search_table table = search_table_of(r->entity);
    buf_printf(&t.parts, "%s ", r->title);
    add_title(&t, r);
    for (size_t i = 0; i < r->entity->field_count; i++) {
        if (r->entity->fields[i]->search) {
            add_field(&t, r, r->entity->fields[i], a);
        }
    }
    add_access(&t, r, a);
    struct search_row *row = note(db);
    row->id = r->id;
    row->table = table;
    row->title = str_fold_search(&db->group, r->title, strlen(r->title));
    row->words = str_fold_search(&db->group, buf_text(&t.words), t.words.size);
    row->digits = arena_strndup(&db->group, buf_text(&t.digits), t.digits.size);
    row->parts = table == SEARCH_WORDS
                     ? str_fold_search(&db->group, buf_text(&t.parts), t.parts.size)
                     : NULL;
    row->access = arena_strndup(&db->group, buf_text(&t.access), t.access.size);
    buf_done(&t.words);
    buf_done(&t.digits);
    buf_done(&t.parts);
    buf_done(&t.access);
}

void search_drop(struct db *db, const struct entity *entity, int64_t record)
{
    if (search_has(entity)) {
        struct search_row *row = note(db);
        row->id = record;
        row->table = search_table_of(entity);
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

static int drop_row(struct db *db, const struct search_row *row, struct err *e)
{
    if (row->table == SEARCH_TEXTS) {
        return write_row(db, "DELETE FROM search_texts WHERE rowid = ?1", row->id, NULL, 0, e);
    }
    return write_row(db, "DELETE FROM search_words WHERE rowid = ?1", row->id, NULL, 0, e) != 0 ||
                   write_row(db, "DELETE FROM search_parts WHERE rowid = ?1", row->id, NULL, 0,
                             e) != 0
               ? -1
               : 0;
}

static int flush_row(struct db *db, const struct search_row *row, struct err *e)
{
    const char *const texts[] = {row->words, row->access};
    const char *const words[] = {row->title, row->words, row->digits, row->access};
    if (row->drop) {
        return drop_row(db, row, e);
    }
    if (row->table == SEARCH_TEXTS) {
        return write_row(
            db, "INSERT OR REPLACE INTO search_texts(rowid, words, access) VALUES(?1, ?2, ?3)",
            row->id, texts, COUNT(texts), e);
    }
    if (write_row(db,
                  "INSERT OR REPLACE INTO search_words(rowid, title, words, digits, access)"
                  " VALUES(?1, ?2, ?3, ?4, ?5)",
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

static const char *const TABLES[] = {"search_words", "search_texts", "search_parts"};

int search_drop_every(struct db *db, struct err *e)
{
    for (size_t i = 0; i < COUNT(TABLES); i++) {
        buf_clear(&db->text);
        buf_printf(&db->text, "INSERT INTO %s(%s) VALUES('delete-all')", TABLES[i], TABLES[i]);
        if (db_run(db, buf_text(&db->text), e) != 0) {
            return -1;
        }
    }
    return 0;
}

int search_drop_all(struct db *db, const char *sql_table, struct err *e)
{
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
