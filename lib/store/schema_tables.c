/*
 * Reading the tables `entity` and `field`, and the texts by which a change of meaning is noticed.
 * See schema_tables.h.
 */
#include "store/schema_tables.h"

#include <stdio.h>
#include <string.h>

#include "base/crypto.h"
#include "base/str.h"
#include "model/expr.h"
#include "model/field_type.h"
#include "model/likeness.h"
#include "store/index_rows.h"

/* ---- reading --------------------------------------------------------------------------------- */

static int read_entities(struct db *db, struct arena *a, struct tables *t, struct err *e)
{
    int64_t count = 0;
    if (db_get_int(db, "SELECT count(*) FROM entity", NULL, 0, 0, &count, e) != 0) {
        return -1;
    }
    t->entities = ARENA_ARRAY(a, struct table_entity, (size_t)count + 1);
    t->count = 0;
    sqlite3_stmt *st = stmt_get(db, "SELECT id, name, gone, definition FROM entity ORDER BY id", e);
    if (!st) {
        return -1;
    }
    int rc;
    while ((rc = stmt_step(db, st, e)) == 1 && t->count < (size_t)count) {
        struct table_entity *te = &t->entities[t->count++];
        te->id = sqlite3_column_int64(st, 0);
        te->name = stmt_text(st, 1, a);
        te->gone = sqlite3_column_int(st, 2) != 0;
        te->definition = stmt_text(st, 3, a);
    }
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

static int read_fields(struct db *db, struct arena *a, struct table_entity *te, struct err *e)
{
    int64_t count = 0;
    if (db_get_int(db, "SELECT count(*) FROM field WHERE entity = ?1", &te->id, 1, 0, &count, e) !=
        0) {
        return -1;
    }
    te->fields = ARENA_ARRAY(a, struct table_field, (size_t)count + 1);
    sqlite3_stmt *st =
        stmt_get(db,
                 "SELECT id, name, \"column\", part, derived, gone, type, definition FROM field"
                 " WHERE entity = ?1 AND id > 0 ORDER BY id",
                 e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, te->id);
    int rc;
    while ((rc = stmt_step(db, st, e)) == 1 && te->count < (size_t)count) {
        struct table_field *tf = &te->fields[te->count++];
        tf->id = sqlite3_column_int64(st, 0);
        tf->name = stmt_text(st, 1, a);
        tf->column = stmt_text(st, 2, a);
        tf->part = sqlite3_column_int(st, 3);
        tf->derived = sqlite3_column_int(st, 4) != 0;
        tf->gone = sqlite3_column_int(st, 5) != 0;
        tf->type = stmt_text(st, 6, a);
        tf->definition = stmt_text(st, 7, a);
    }
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

int tables_read(struct db *db, struct arena *a, struct tables *out, struct err *e)
{
    if (read_entities(db, a, out, e) != 0) {
        return -1;
    }
    for (size_t i = 0; i < out->count; i++) {
        if (read_fields(db, a, &out->entities[i], e) != 0) {
            return -1;
        }
    }
    return 0;
}

const struct table_entity *tables_entity(const struct tables *t, const char *name)
{
    for (size_t i = 0; i < t->count; i++) {
        if (str_eq(t->entities[i].name, name)) {
            return &t->entities[i];
        }
    }
    return NULL;
}

const struct table_field *tables_field(const struct table_entity *te, const char *name, int part)
{
    for (size_t i = 0; te && i < te->count; i++) {
        if (te->fields[i].part == part && str_eq(te->fields[i].name, name)) {
            return &te->fields[i];
        }
    }
    return NULL;
}

/* ---- names ----------------------------------------------------------------------------------- */

const char *quoted(struct arena *a, const char *name)
{
    return arena_printf(a, "\"%s\"", name);
}

const char *table_name(struct arena *a, const char *entity)
{
    return arena_printf(a, "\"e_%s\"", entity);
}

const char *column_key(struct arena *a, const struct column *c)
{
    return arena_printf(a, "%s_k", c->name);
}

/* ---- what is remembered ---------------------------------------------------------------------- */

const char *type_text(struct arena *a, const struct field *f)
{
    const char *computed = f->compute ? "computed " : "";
    const char *name = f->type->stored_as != NULL ? f->type->stored_as : f->type->name;
    if (f->type->places >= 0 || f->type->kind == TYPE_MONEY) {
        return arena_printf(a, "%s%s:%d", computed, name, f->places);
    }
    if (field_is_link(f) && f->type->to == NULL) {
        return arena_printf(a, "%s%s:%s", computed, name, f->to ? f->to->name : "");
    }
    return arena_printf(a, "%s%s", computed, name);
}

/* An expression as text that differs when its meaning does, and the computed fields it uses. */
struct meaning {
    struct arena *a;
    const struct model *m;
    struct buf text;
    const struct field **used; /* each once */
    size_t count, room;
};

static void note_used(struct meaning *w, const struct field *f)
{
    for (size_t i = 0; i < w->count; i++) {
        if (w->used[i] == f) {
            return;
        }
    }
    if (w->count == w->room) {
        size_t room = w->room ? 2 * w->room : 16;
        const struct field **used = ARENA_ARRAY(w->a, const struct field *, room);
        if (w->count > 0) {
            memcpy(used, w->used, w->count * sizeof(const struct field *));
        }
        w->used = used;
        w->room = room;
    }
    w->used[w->count++] = f;
}

static void write_field(struct meaning *w, const struct field *f)
{
    buf_printf(&w->text, "%s", f ? f->name : "-");
    if (f && f->compute) {
        note_used(w, f);
    }
}

/* What an attribute of a stage gives stands in the pipelines, not in the record. */
static void write_pipelines(struct meaning *w, const struct expr *x)
{
    bool stage = x->attribute == ATTR_STAGE_KIND || x->attribute == ATTR_STAGE_LABEL ||
                 x->attribute == ATTR_STAGE_PERCENT || x->attribute == ATTR_STAGE_FORECAST;
    for (size_t i = 0; stage && i < w->m->pipeline_count; i++) {
        const struct pipeline *p = &w->m->pipelines[i];
        for (size_t k = 0; p->entity == x->field->entity && k < p->stage_count; k++) {
            const struct stage *s = &p->stages[k];
            buf_printf(&w->text, " %s:%s=", p->id, s->id);
            if (x->attribute == ATTR_STAGE_LABEL) {
                buf_puts(&w->text, s->label);
            } else {
                buf_printf(&w->text, "%lld",
                           x->attribute == ATTR_STAGE_KIND       ? (long long)s->kind
                           : x->attribute == ATTR_STAGE_FORECAST ? (long long)s->forecast
                                                                 : (long long)s->percent);
            }
        }
    }
}

static void write_expr(struct meaning *w, const struct expr *x)
{
    struct buf *out = &w->text;
    buf_printf(out, "(%d", (int)x->op);
    if (x->op == EXPR_LITERAL) {
        buf_printf(out, " %d %lld %s", (int)x->value.kind, (long long)x->value.i,
                   x->value.kind == VALUE_TEXT ? x->value.s : "");
    }
    buf_printf(out, " %lld %d %d %d %d", (long long)x->amount, (int)x->unit, x->up,
               (int)x->function, (int)x->attribute);
    for (size_t i = 0; i < x->path_count; i++) {
        buf_puts(out, " .");
        write_field(w, x->path[i]);
    }
    buf_putc(out, ' ');
    write_field(w, x->field);
    buf_printf(out, " %s", x->relation ? x->relation->name : "-");
    write_pipelines(w, x);
    if (x->measure) {
        write_expr(w, x->measure);
    }
    if (x->where) {
        buf_puts(out, " where ");
        write_expr(w, x->where);
    }
    for (size_t i = 0; i < x->arg_count; i++) {
        write_expr(w, x->args[i]);
    }
    buf_putc(out, ')');
}

const char *column_definition(struct arena *a, const struct model *m, const struct column *c)
{
    if (!c->field->compute) {
        return c->field->type->serial ? "serial" : column_has_key(c) ? "key" : "";
    }
    struct meaning w = {.a = a, .m = m};
    unsigned char hash[CRYPTO_HASH_SIZE];
    write_expr(&w, c->field->compute);
    for (size_t i = 0; i < w.count; i++) {
        buf_printf(&w.text, "\n%s.%s ", w.used[i]->entity->name, w.used[i]->name);
        write_expr(&w, w.used[i]->compute);
    }
    crypto_sha256(buf_text(&w.text), w.text.size, hash);
    buf_done(&w.text);
    return crypto_hex(a, hash, 16);
}

const char *title_definition(struct arena *a, const struct entity *entity)
{
    const char *text = "";
    for (size_t i = 0; i < entity->title_count; i++) {
        text = arena_printf(a, "%s%s ", text, entity->title[i]->name);
    }
    text = arena_printf(a, "%s/ ", text);
    for (size_t i = 0; i < entity->title_sort_count; i++) {
        text = arena_printf(a, "%s%s ", text, entity->title_sort[i]->name);
    }
    for (size_t i = 0; i < entity->title_else_count; i++) {
        text = arena_printf(a, "%s| %s ", text, entity->title_else[i]->name);
    }
    return text;
}

static const char *search_definition(struct arena *a, const struct entity *entity)
{
    const char *text = "";
    for (size_t i = 0; i < entity->field_count; i++) {
        if (entity->fields[i]->search) {
            text = arena_printf(a, "%s%s ", text, entity->fields[i]->name);
        }
    }
    for (size_t i = 0; i < entity->field_count; i++) {
        const struct field *f = entity->fields[i];
        if (search_points(f)) {
            text = arena_printf(a, "%s>%s ", text, f->name);
        }
    }
    return arena_printf(a, "%d %s/ %s %s %s%s", SEARCH_LAYOUT, text,
                        entity->owner ? entity->owner->name : "-",
                        entity->team ? entity->team->name : "-",
                        entity->visible_by_count > 0 ? "d" : "-",
                        entity_has_doubles(entity) ? " 1" : ""); /* twin.h, its first form */
}

const char *entity_definition(struct arena *a, const struct entity *entity)
{
    return arena_printf(a, "%s\n%s", title_definition(a, entity), search_definition(a, entity));
}

int schema_search_fits(struct db *db, const struct model *m, struct arena *a, bool *out,
                       struct err *e)
{
    struct tables t;
    if (tables_read(db, a, &t, e) != 0) {
        return -1;
    }
    *out = true;
    for (size_t i = 0; i < m->entity_count; i++) {
        const struct table_entity *te = tables_entity(&t, m->entities[i]->name);
        *out = *out && te != NULL && str_eq(te->definition, entity_definition(a, m->entities[i]));
    }
    return 0;
}
