/*
 * Model → tables: DDL, ids, backfills, the applied texts, in the transaction of one command. See
 * schema_plan.h.
 *
 * Order: the rows of `entity` and `field` (with tables and columns), what is no longer in the model
 * is marked gone, the model is bound, indexes that are not wanted any more go, values that follow
 * from others are made anew where their definition changed, new indexes come (unique ones after the
 * keys they stand on).
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "model/field_type.h"
#include "store/index_rows.h"
#include "store/rows_private.h"
#include "store/schema_tables.h"
#include "store/twin.h"

struct applier {
    struct db *db;
    struct arena *a;
    struct model *m;
    struct change_set cs;
    bool currency; /* computed amounts are made anew in another one */
    struct err *e;
};

static int run(struct applier *ap, const char *sql)
{
    return db_run_script(ap->db, sql, ap->e);
}

/* ---- entities and columns -------------------------------------------------------------------- */

static int insert_field(struct applier *ap, int64_t id, int64_t entity, const char *name,
                        const struct column *c)
{
    sqlite3_stmt *st =
        stmt_get(ap->db,
                 "INSERT INTO field(id, entity, name, \"column\", part, derived, type, definition)"
                 " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, '')",
                 ap->e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, id);
    sqlite3_bind_int64(st, 2, entity);
    stmt_bind_text(st, 3, name);
    stmt_bind_text(st, 4, c ? c->name : name);
    sqlite3_bind_int(st, 5, c ? c->part : 0);
    sqlite3_bind_int(st, 6, c ? column_is_derived(c) : str_eq(name, "title"));
    stmt_bind_text(st, 7, c ? type_text(ap->a, c->field) : "");
    int rc = stmt_step(ap->db, st, ap->e);
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

static int add_column(struct applier *ap, const struct entity *entity, const struct column *c,
                      bool alter)
{
    int64_t id = 0;
    if (alter &&
        run(ap, arena_printf(ap->a, "ALTER TABLE %s ADD COLUMN \"%s\" %s",
                             table_name(ap->a, entity->name), c->name, c->sql_type)) != 0) {
        return -1;
    }
    return db_next(ap->db, "field", &id, ap->e) != 0
               ? -1
               : insert_field(ap, id, entity->id, c->field->name, c);
}

static int make_table(struct applier *ap, const struct entity *entity)
{
    struct buf sql = {0};
    buf_printf(
        &sql,
        "CREATE TABLE %s(id INTEGER PRIMARY KEY, version INTEGER NOT NULL, created_cs INTEGER NOT "
        "NULL,"
        " created_at INTEGER NOT NULL, created_by INTEGER NOT NULL, updated_at INTEGER NOT NULL,"
        " updated_by INTEGER NOT NULL, deleted_at INTEGER, title TEXT NOT NULL, title_k TEXT NOT "
        "NULL",
        table_name(ap->a, entity->name));
    for (size_t i = 0; i < entity->column_count; i++) {
        const struct column *c = entity->columns[i];
        buf_printf(&sql, ", \"%s\" %s", c->name, c->sql_type);
        if (column_has_key(c)) {
            buf_printf(&sql, ", \"%s\" TEXT", column_key(ap->a, c));
        }
    }
    buf_puts(&sql, ") STRICT");
    int rc = run(ap, buf_text(&sql));
    buf_done(&sql);
    return rc;
}

static int add_entity(struct applier *ap, struct entity *entity)
{
    static const struct {
        enum pseudo id;
        const char *name;
    } PSEUDOS[] = {
        {PSEUDO_CREATED, "created"}, {PSEUDO_DELETED_AT, "deleted_at"}, {PSEUDO_TITLE, "title"}};
    if (db_next(ap->db, "entity", &entity->id, ap->e) != 0 || make_table(ap, entity) != 0) {
        return -1;
    }
    sqlite3_stmt *st = stmt_get(ap->db, "INSERT INTO entity(id, name) VALUES(?1, ?2)", ap->e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, entity->id);
    stmt_bind_text(st, 2, entity->name);
    int rc = stmt_step(ap->db, st, ap->e);
    stmt_done(st);
    for (size_t i = 0; rc == 0 && i < COUNT(PSEUDOS); i++) {
        rc = insert_field(ap, pseudo_field(entity->id, PSEUDOS[i].id), entity->id, PSEUDOS[i].name,
                          NULL);
    }
    for (size_t i = 0; rc == 0 && i < entity->column_count; i++) {
        rc = add_column(ap, entity, entity->columns[i], false);
    }
    return rc;
}

static int store_text(struct applier *ap, const char *sql, int64_t id, const char *text)
{
    sqlite3_stmt *st = stmt_get(ap->db, sql, ap->e);
    if (!st) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, id);
    stmt_bind_text(st, 2, text);
    int rc = stmt_step(ap->db, st, ap->e);
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

/* The key column of a text: there may be one left from an earlier model. */
static int need_key(struct applier *ap, const struct entity *entity, const struct column *c)
{
    int64_t have = 0;
    const char *key = column_key(ap->a, c);
    const char *sql =
        arena_printf(ap->a, "SELECT count(*) FROM pragma_table_info('e_%s') WHERE name = '%s'",
                     entity->name, key);
    if (db_get_int(ap->db, sql, NULL, 0, 0, &have, ap->e) != 0) {
        return -1;
    }
    if (have > 0) {
        return 0;
    }
    return run(ap, arena_printf(ap->a, "ALTER TABLE %s ADD COLUMN \"%s\" TEXT",
                                table_name(ap->a, entity->name), key));
}

static int set_gone(struct applier *ap, const char *sql, int64_t id)
{
    return db_run_ints(ap->db, sql, &id, 1, ap->e);
}

static int update_fields(struct applier *ap, struct entity *entity, const struct table_entity *te)
{
    for (size_t i = 0; i < entity->column_count; i++) {
        const struct column *c = entity->columns[i];
        const struct table_field *tf = tables_field(te, c->field->name, c->part);
        int rc = 0;
        if (!tf) {
            rc = add_column(ap, entity, c, true);
        } else if (tf->gone) {
            rc = set_gone(ap, "UPDATE field SET gone = 0 WHERE id = ?1", tf->id);
        }
        if (rc == 0 && tf && !str_eq(tf->type, type_text(ap->a, c->field))) {
            rc = store_text(ap, "UPDATE field SET type = ?2 WHERE id = ?1", tf->id,
                            type_text(ap->a, c->field));
        }
        if (rc == 0 && column_has_key(c) && !(tf && !tf->gone && str_eq(tf->definition, "key"))) {
            rc = need_key(ap, entity, c);
        }
        if (rc != 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < te->count; i++) {
        bool wanted = false;
        for (size_t k = 0; k < entity->column_count; k++) {
            wanted = wanted || (entity->columns[k]->part == te->fields[i].part &&
                                str_eq(entity->columns[k]->field->name, te->fields[i].name));
        }
        if (!wanted && !te->fields[i].gone &&
            set_gone(ap, "UPDATE field SET gone = 1, definition = '' WHERE id = ?1",
                     te->fields[i].id) != 0) {
            return -1;
        }
    }
    return 0;
}

static int update_entities(struct applier *ap, const struct tables *t)
{
    for (size_t i = 0; i < ap->m->entity_count; i++) {
        struct entity *entity = ap->m->entities[i];
        const struct table_entity *te = tables_entity(t, entity->name);
        int rc;
        if (!te) {
            rc = add_entity(ap, entity);
        } else {
            entity->id = te->id;
            rc = update_fields(ap, entity, te);
        }
        if (rc == 0 && te && te->gone) {
            rc = set_gone(ap, "UPDATE entity SET gone = 0 WHERE id = ?1", te->id);
        }
        if (rc != 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < t->count; i++) {
        const struct table_entity *te = &t->entities[i];
        if (te->gone || model_entity_find(ap->m, te->name)) {
            continue;
        }
        if (search_drop_all(ap->db, table_name(ap->a, te->name), ap->e) != 0 ||
            set_gone(ap, "UPDATE entity SET gone = 1, definition = '' WHERE id = ?1", te->id) !=
                0) {
            return -1;
        }
    }
    return 0;
}

/* ---- indexes --------------------------------------------------------------------------------- */

static bool is_wanted(struct applier *ap, const struct index_have *have)
{
    for (size_t i = 0; i < ap->m->entity_count; i++) {
        struct index_want *wants = NULL;
        size_t count = index_wants(ap->a, ap->m->entities[i], &wants);
        for (size_t k = 0; k < count; k++) {
            if (index_is(have, &wants[k])) {
                return true;
            }
        }
    }
    return false;
}

static int drop_indexes(struct applier *ap)
{
    struct index_have *have = NULL;
    size_t count = 0;
    if (index_haves(ap->db, ap->a, &have, &count, ap->e) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        if (!is_wanted(ap, &have[i]) &&
            run(ap, arena_printf(ap->a, "DROP INDEX \"%s\"", have[i].name)) != 0) {
            return -1;
        }
    }
    return 0;
}

static int make_indexes(struct applier *ap)
{
    struct index_have *have = NULL;
    size_t have_count = 0;
    if (index_haves(ap->db, ap->a, &have, &have_count, ap->e) != 0) {
        return -1;
    }
    for (size_t i = 0; i < ap->m->entity_count; i++) {
        struct index_want *wants = NULL;
        size_t count = index_wants(ap->a, ap->m->entities[i], &wants);
        for (size_t k = 0; k < count; k++) {
            bool there = false;
            for (size_t h = 0; h < have_count; h++) {
                there = there || index_is(&have[h], &wants[k]);
            }
            if (there) {
                continue;
            }
            rows_refresh_tell(ap->db, ap->m->entities[i], 0, 0);
            if (run(ap, wants[k].sql) == 0) {
                continue;
            }
            if (wants[k].unique && ap->e->code == ERR_CONFLICT) {
                const struct field *f = wants[k].unique;
                err_clear(ap->e);
                err_fail(ap->e, ERR_INVALID, f->where ? f->where : "",
                         "Field %s of %s cannot become unique: some values occur more than once.",
                         f->name, f->entity->name);
            }
            return -1;
        }
    }
    return 0;
}

/* ---- values that follow from others ---------------------------------------------------------- */

/* What of an entity has to be made anew, and the computed fields of which ranks. */
struct anew {
    unsigned what;
    bool *ranks; /* 0..model->rank_max */
};

/* Remembers the new definitions. */
static int changed_columns(struct applier *ap, const struct entity *entity,
                           const struct table_entity *te, struct anew *out)
{
    for (size_t i = 0; i < entity->column_count; i++) {
        const struct column *c = entity->columns[i];
        const struct field *f = c->field;
        const struct table_field *tf = tables_field(te, f->name, c->part);
        const char *now = column_definition(ap->a, ap->m, c);
        bool money = f->compute && f->type->kind == TYPE_MONEY;
        if (tf && !tf->gone && str_eq(tf->definition, now) && !(ap->currency && money)) {
            continue;
        }
        out->what |= f->compute        ? REFRESH_COMPUTED
                     : f->type->serial ? REFRESH_SERIALS
                     : *now            ? REFRESH_KEYS
                                       : 0;
        out->ranks[f->rank] = out->ranks[f->rank] || f->compute;
        out->what |= tf && tf->gone && (handle_has(f) || tagged_has(f) || field_is_records(f)) ? REFRESH_INDEX : 0;
        if (store_text(ap, "UPDATE field SET definition = ?2 WHERE id = ?1", c->id, now) != 0) {
            return -1;
        }
    }
    return 0;
}

static int changed_definitions(struct applier *ap, const struct entity *entity,
                               const struct table_entity *te, struct anew *out)
{
    if (changed_columns(ap, entity, te, out) != 0) {
        return -1;
    }
    const char *title = title_definition(ap->a, entity);
    const char *now = entity_definition(ap->a, entity);
    if (te && !te->gone && str_eq(te->definition, now)) {
        return 0;
    }
    size_t same = te ? strcspn(te->definition, "\n") : 0;
    out->what |=
        REFRESH_SEARCH |
        (te && strlen(title) == same && strncmp(te->definition, title, same) == 0 ? 0
                                                                                  : REFRESH_TITLES);
    return store_text(ap, "UPDATE entity SET definition = ?2 WHERE id = ?1", entity->id, now);
}

/* Does no row of the search stay? Then they need not leave one by one. */
static bool is_all_sought_anew(struct applier *ap, const struct tables *t, const struct anew *anew)
{
    bool all = true;
    for (size_t i = 0; i < ap->m->entity_count; i++) {
        bool there = tables_entity(t, ap->m->entities[i]->name) != NULL;
        all = all && (!there || (anew[i].what & REFRESH_SEARCH) != 0);
    }
    return all;
}

/* One kind of what is to be made anew, in every entity that had records. */
static int refresh_kind(struct applier *ap, const struct tables *t, const struct anew *anew,
                        unsigned kind, int rank)
{
    bool all = (kind & REFRESH_SEARCH) != 0 && is_all_sought_anew(ap, t, anew);
    if (all && search_drop_every(ap->db, ap->e) != 0) {
        return -1;
    }
    for (size_t i = 0; i < ap->m->entity_count; i++) {
        const struct entity *entity = ap->m->entities[i];
        unsigned what = anew[i].what & kind;
        bool due = what != 0 && (kind != REFRESH_COMPUTED || anew[i].ranks[rank]);
        if (!due || !tables_entity(t, entity->name)) {
            continue;
        }
        if (((what & REFRESH_SEARCH) &&
             ((!all && search_drop_all(ap->db, table_name(ap->a, entity->name), ap->e) != 0) ||
              twin_drop_all(ap->db, entity, ap->e) != 0)) ||
            rows_refresh(ap->db, ap->m, &ap->cs, entity, what, ap->e) != 0) {
            return -1;
        }
    }
    return 0;
}

/* Keys before what compares by them, computed fields after those they use, of whatever entity,
 * titles and search rows after all. */
static int refresh(struct applier *ap, const struct tables *t)
{
    struct anew *anew = ARENA_ARRAY(ap->a, struct anew, ap->m->entity_count + 1);
    memset(anew, 0, (ap->m->entity_count + 1) * sizeof(*anew));
    for (size_t i = 0; i < ap->m->entity_count; i++) {
        const struct entity *entity = ap->m->entities[i];
        anew[i].ranks = ARENA_ARRAY(ap->a, bool, (size_t)ap->m->rank_max + 1);
        memset(anew[i].ranks, 0, (size_t)ap->m->rank_max + 1);
        if (changed_definitions(ap, entity, tables_entity(t, entity->name), &anew[i]) != 0) {
            return -1;
        }
    }
    if (refresh_kind(ap, t, anew, REFRESH_KEYS | REFRESH_INDEX | REFRESH_SERIALS, 0) != 0) {
        return -1;
    }
    for (int rank = 1; rank <= ap->m->rank_max; rank++) {
        if (refresh_kind(ap, t, anew, REFRESH_COMPUTED, rank) != 0) {
            return -1;
        }
    }
    return refresh_kind(ap, t, anew, REFRESH_TITLES | REFRESH_SEARCH, 0);
}

/* ---- texts ----------------------------------------------------------------------------------- */

/* The customer's, and the built-in ones they were linked with: a later program may have others. */
static int store_sources(struct applier *ap)
{
    if (db_run(ap->db, "DELETE FROM config", ap->e) != 0) {
        return -1;
    }
    for (size_t i = 0; i < ap->m->source_count; i++) {
        const struct source *s = &ap->m->sources[i];
        sqlite3_stmt *st = stmt_get(
            ap->db, "INSERT INTO config(name, text, applied_at) VALUES(?1, ?2, ?3)", ap->e);
        if (!st) {
            return -1;
        }
        stmt_bind_text(st, 1, s->name);
        sqlite3_bind_text64(st, 2, s->text, s->size, SQLITE_STATIC, SQLITE_UTF8);
        sqlite3_bind_int64(st, 3, ap->cs.stamp_ms);
        int rc = stmt_step(ap->db, st, ap->e);
        stmt_done(st);
        if (rc < 0) {
            return -1;
        }
    }
    return 0;
}

/* Every refusal of the plan as a message. */
static int refuse(struct applier *ap, const struct plan *plan)
{
    for (size_t i = 0; i < plan->count; i++) {
        if (plan->steps[i].kind == STEP_REFUSE) {
            err_add(ap->e, ap->a, ERR_INVALID, plan_step_where(ap->a, &plan->steps[i]), "%s",
                    plan->steps[i].text);
        }
    }
    return -1;
}

/* ---- columns that make room ------------------------------------------------------------------ */

/* The column of a field and its row in the table field; "note" becomes "note~17", which no field can
 * be called. A key beside it stays: the next field that needs one of the name takes it over. */
static int set_aside(struct applier *ap, const char *entity, const struct table_field *tf)
{
    const char *tail = arena_printf(ap->a, "~%lld", (long long)tf->id);
    const char *to = arena_printf(ap->a, "%s%s", tf->column, tail);
    if (column_rename(ap->db, ap->a, entity, tf->column, to, ap->e) != 0) {
        return -1;
    }
    return store_text(ap,
                      "UPDATE field SET gone = 1, definition = '', name = name || ?2,"
                      " \"column\" = \"column\" || ?2 WHERE id = ?1",
                      tf->id, tail);
}

/* Both read the tables again. */
static int make_room(struct applier *ap, const struct plan *plan, struct tables *t)
{
    for (size_t i = 0; i < plan->count; i++) {
        const struct plan_step *step = &plan->steps[i];
        const struct table_entity *te =
            step->kind == STEP_ASIDE ? tables_entity(t, step->entity) : NULL;
        for (size_t k = 0; te && k < te->count; k++) {
            if (str_eq(te->fields[k].name, step->field) &&
                set_aside(ap, te->name, &te->fields[k]) != 0) {
                return -1;
            }
        }
    }
    return tables_read(ap->db, ap->a, t, ap->e);
}

static int fit_columns(struct applier *ap, struct tables *t)
{
    for (size_t i = 0; i < ap->m->entity_count; i++) {
        const struct table_entity *te = tables_entity(t, ap->m->entities[i]->name);
        if (te && rooms_make(ap->db, ap->a, ap->m->entities[i], te, ap->e) != 0) {
            return -1;
        }
    }
    return tables_read(ap->db, ap->a, t, ap->e);
}

int schema_apply(struct db *db, struct model *m, int64_t actor, struct arena *a, struct err *e)
{
    struct applier ap = {.db = db, .a = a, .m = m, .e = e};
    struct tables t = {0};
    struct plan plan = {0};
    ap.cs = (struct change_set){.actor = actor,
                                .source = SOURCE_CONFIG,
                                .reason = "configuration applied",
                                .keep_empty = true};
    if (schema_plan(db, m, a, &plan, e) != 0) {
        return -1;
    }
    if (plan.refused) {
        return refuse(&ap, &plan);
    }
    ap.currency = plan.currency;
    if (tables_read(db, a, &t, e) != 0 || make_room(&ap, &plan, &t) != 0 ||
        fit_columns(&ap, &t) != 0 || change_begin(db, &ap.cs, a, e) != 0 ||
        update_entities(&ap, &t) != 0 || schema_count_up(db, e) != 0 ||
        schema_bind(db, m, e) != 0 || drop_indexes(&ap) != 0 || refresh(&ap, &t) != 0 ||
        make_indexes(&ap) != 0 || store_sources(&ap) != 0) {
        return -1;
    }
    return change_finish(db, &ap.cs, e);
}

/* ---- bind ------------------------------------------------------------------------------------ */

static int bind_entity(struct model *m, struct entity *entity, const struct table_entity *te,
                       struct arena *a, struct err *e)
{
    if (!te || te->gone) {
        return err_fail(e, ERR_INVALID, entity->where ? entity->where : "",
                        "Entity %s has no table yet; run kontor apply.", entity->name);
    }
    entity->id = te->id;
    entity->sql_table = table_name(&m->arena, entity->name);
    for (size_t i = 0; i < entity->column_count; i++) {
        struct column *c = entity->columns[i];
        const struct table_field *tf = tables_field(te, c->field->name, c->part);
        if (!tf || tf->gone || !str_eq(tf->type, type_text(a, c->field))) {
            return err_fail(e, ERR_INVALID, c->field->where ? c->field->where : "",
                            "Field %s of %s does not fit the tables; run kontor apply.",
                            c->field->name, entity->name);
        }
        c->id = tf->id;
        c->sql_name = quoted(&m->arena, tf->column);
    }
    return 0;
}

int schema_bind(struct db *db, struct model *m, struct err *e)
{
    struct arena a;
    struct tables t = {0};
    arena_init(&a);
    int rc = tables_read(db, &a, &t, e);
    for (size_t i = 0; rc == 0 && i < m->entity_count; i++) {
        rc = bind_entity(m, m->entities[i], tables_entity(&t, m->entities[i]->name), &a, e);
    }
    arena_done(&a);
    return rc == 0 ? schema_generation(db, &m->generation, e) : -1;
}
