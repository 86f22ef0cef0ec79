/*
 * Candidates of a search become hits: those the reader may see, read many at a time through the
 * rights of their entity; and what is shown of them. See search_private.h.
 */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "model/field_type.h"
#include "store/index_rows.h"
#include "store/search_private.h"

#define NAMES_MAX  500  /* records that are compared one by one */
#define COMMON_MAX 200  /* the same of a kind that everybody sees */
#define SEEN_MAX   1000 /* with notes and the like */
#define ROWS_MAX   2000 /* read at once: more than there are candidates of one reading */
#define LAST_KEY   "\U0010ffff"

const struct entity *search_entity(const struct search *s, int64_t entity_id)
{
    return entity_id > 0 && entity_id <= s->id_max ? s->by_id[entity_id] : NULL;
}

/* ---- the list ---- */

static size_t slot_of(const struct search_list *l, int64_t id)
{
    size_t at = (size_t)((uint64_t)id * 0x9E3779B97F4A7C15u >> 32) & (l->slots - 1);
    while (l->known[at] != 0 && l->known[at] != id) {
        at = (at + 1) & (l->slots - 1);
    }
    return at;
}

static bool is_known(const struct search_list *l, int64_t id)
{
    return l->slots > 0 && l->known[slot_of(l, id)] == id;
}

static struct candidate *append(struct search *s, int64_t id)
{
    struct search_list *l = &s->list;
    if (l->count == l->room) {
        size_t room = l->room == 0 ? 128 : 2 * l->room;
        struct candidate *items = ARENA_ARRAY(s->arena, struct candidate, room);
        if (l->count > 0) {
            memcpy(items, l->items, l->count * sizeof(*items));
        }
        l->items = items;
        l->room = room;
        l->slots = 4 * room;
        l->known = ARENA_ARRAY(s->arena, int64_t, l->slots);
        memset(l->known, 0, l->slots * sizeof(*l->known));
        for (size_t i = 0; i < l->count; i++) {
            l->known[slot_of(l, items[i].id)] = items[i].id;
        }
    }
    l->known[slot_of(l, id)] = id;
    struct candidate *c = &l->items[l->count++];
    *c = (struct candidate){.id = id};
    return c;
}

/* ---- who may see them ---- */

static void put_stages(struct compile *c, const struct scope_row *r)
{
    const struct model *m = c->who->model;
    const char *comma = "";
    put_column(c, r, value_column(r->entity->stage));
    sql_add(c->sql, " IN (");
    for (size_t i = 0; i < m->pipeline_count; i++) {
        const struct pipeline *p = &m->pipelines[i];
        for (size_t k = 0; p->entity == r->entity && k < p->stage_count; k++) {
            if (p->stages[k].kind != STAGE_OPEN) {
                sql_add(c->sql, comma);
                sql_bind(c->sql, value_text(p->stages[k].id));
                comma = ",";
            }
        }
    }
    sql_add(c->sql, ")");
}

static void put_ended(struct compile *c, const struct scope_row *r)
{
    const struct field *done = r->entity->story.done;
    if (r->entity->stage != NULL) {
        put_stages(c, r);
    } else if (done != NULL && done->column_count > 0) {
        put_column(c, r, value_column(done));
        sql_add(c->sql, " IS NOT NULL");
    } else {
        sql_add(c->sql, "0");
    }
}

static bool is_seen(const struct who *who, const struct field *f)
{
    return f != NULL && f->column_count > 0 && (who->role == NULL || role_sees(who->role, f));
}

/* SELECT id, title, owner, ended, picture of living records among the ids ?1 ("[1,2]") that may be seen. */
static int make_query(struct search *s, const struct entity *e, struct hits_query *out,
                      struct err *err)
{
    struct sql sql;
    struct compile c;
    sql_init(&sql, s->arena);
    compile_init(&c, &sql, s->who, err);
    struct scope_row r = scope_new(&c, e, NULL);
    sql_keep(&sql, value_null());
    sql_printf(&sql, "SELECT t%d.id,", r.alias);
    put_title(&c, &r);
    sql_add(&sql, ",");
    if (is_seen(s->who, e->owner)) {
        put_column(&c, &r, value_column(e->owner));
    } else {
        sql_add(&sql, "NULL");
    }
    sql_add(&sql, ",");
    if (is_seen(s->who, e->stage) || is_seen(s->who, e->story.done)) {
        put_ended(&c, &r);
    } else {
        sql_add(&sql, "0");
    }
    sql_add(&sql, ",");
    if (is_seen(s->who, e->picture)) {
        put_column(&c, &r, value_column(e->picture));
    } else {
        sql_add(&sql, "NULL");
    }
    /* The ids first: no index of the rights may lead. */
    records_from(&c, &r, "json_each(?1) j CROSS JOIN ", LIFE_LIVING, ACTION_SEE);
    sql_printf(&sql, " AND t%d.id=j.value", r.alias);
    out->text = sql_cut(&sql, 0);
    out->binds = sql.binds;
    out->bind_count = sql.bind_count;
    sql_done(&sql);
    return compile_end(&c);
}

/* *proven: also when the title holds all words. */
static int rank_of(const struct search *s, const struct entity *e, const char *title, int rank,
                   bool *proven)
{
    if (search_table_of(e) == SEARCH_TEXTS || rank == RANK_HANDLE) {
        return rank;
    }
    const char *folded = str_fold_search(s->arena, title, strlen(title));
    int score = search_score(&s->text, folded);
    *proven = *proven || score > 0;
    int by_title = score >= 3                                                ? RANK_TITLE + score - 3
                   : score > 0                                               ? RANK_INNER
                   : rank == RANK_LINK && search_holds_any(&s->text, folded) ? RANK_NEAR
                                                                             : RANK_NONE;
    return by_title > rank ? by_title : rank;
}

static int read_visible(struct search *s, const struct entity *e, const char *ids, bool proven,
                        int rank, struct err *err)
{
    struct hits_query *q = &s->queries[e->index];
    if (q->text == NULL && make_query(s, e, q, err) != 0) {
        return -1;
    }
    sqlite3_stmt *st = stmt_get(s->db, q->text, err);
    if (st == NULL) {
        return -1;
    }
    stmt_bind_text(st, 1, ids);
    for (size_t i = 1; i < q->bind_count; i++) {
        stmt_bind_value(st, (int)i + 1, q->binds[i]);
    }
    int rc;
    while ((rc = stmt_step(s->db, st, err)) == 1) {
        int64_t id = sqlite3_column_int64(st, 0);
        if (is_known(&s->list, id)) { /* twice among those asked for */
            continue;
        }
        struct candidate *c = append(s, id);
        c->entity = e;
        c->title = stmt_text(st, 1, s->arena);
        c->title = c->title != NULL ? c->title : "";
        c->own = s->who->user != 0 && sqlite3_column_int64(st, 2) == s->who->user;
        c->ended = sqlite3_column_int(st, 3) != 0;
        c->picture = sqlite3_column_int64(st, 4);
        c->proven = proven;
        c->rank = rank_of(s, e, c->title, rank, &c->proven);
    }
    stmt_done(st);
    return rc;
}

int search_add(struct search *s, const struct search_found *found, size_t n, bool proven, int rank,
               struct err *e)
{
    const struct model *m = s->who->model;
    struct buf ids = {0};
    int rc = 0;
    for (size_t k = 0; rc == 0 && k < m->entity_count; k++) {
        const struct entity *entity = m->entities[k];
        buf_clear(&ids);
        for (size_t i = 0; i < n; i++) {
            bool wanted = s->spec->kind == NULL || s->spec->kind == entity;
            if (found[i].entity == entity && wanted && !is_known(&s->list, found[i].id)) {
                buf_printf(&ids, "%c%lld", ids.size == 0 ? '[' : ',', (long long)found[i].id);
            }
        }
        if (ids.size > 0) {
            buf_putc(&ids, ']');
            rc = read_visible(s, entity, arena_strndup(s->arena, buf_text(&ids), ids.size), proven,
                              rank, e);
        }
    }
    buf_done(&ids);
    return rc;
}

/* ---- by the key of titles ---- */

int search_by_key(struct search *s, const struct entity *entity, size_t limit, struct err *e)
{
    const char *sql = arena_printf(s->arena,
                                   "SELECT id FROM %s WHERE title_k >= ?1 AND title_k < ?2"
                                   " AND deleted_at IS NULL ORDER BY title_k LIMIT %zu",
                                   entity->sql_table, limit);
    struct search_found *found = ARENA_ARRAY(s->arena, struct search_found, limit);
    sqlite3_stmt *st = stmt_get(s->db, sql, e);
    size_t n = 0;
    int rc = 1;
    if (st == NULL) {
        return -1;
    }
    stmt_bind_text(st, 1, s->text.key);
    stmt_bind_text(st, 2, arena_printf(s->arena, "%s" LAST_KEY, s->text.key));
    while (n < limit && (rc = stmt_step(s->db, st, e)) == 1) {
        found[n++] = (struct search_found){sqlite3_column_int64(st, 0), entity};
    }
    stmt_done(st);
    return rc < 0 ? -1 : search_add(s, found, n, true, RANK_TITLE, e);
}

/* ---- what is shared ---- */

#define SHARED_MAX 200 /* the newest are looked through */

int search_shared(struct search *s, struct err *e)
{
    struct search_found *found = ARENA_ARRAY(s->arena, struct search_found, SHARED_MAX);
    struct sql sql;
    struct compile c;
    size_t n = 0;
    sql_init(&sql, s->arena);
    compile_init(&c, &sql, s->who, e);
    sql_add(&sql, "SELECT d.id, d.entity FROM (");
    int ref = put_shared_ids(&c);
    sql_printf(&sql, " ORDER BY t%d.record DESC LIMIT %d) s CROSS JOIN doc d ON d.id=s.target", ref,
               SHARED_MAX);
    sqlite3_stmt *st = compile_end(&c) == 0 ? sql_statement(s->db, &sql, e) : NULL;
    int rc = st == NULL ? -1 : 1;
    while (rc == 1 && (rc = stmt_step(s->db, st, e)) == 1) {
        found[n] = (struct search_found){sqlite3_column_int64(st, 0),
                                         search_entity(s, sqlite3_column_int64(st, 1))};
        n += found[n].entity != NULL && search_has(found[n].entity);
    }
    if (st != NULL) {
        stmt_done(st);
    }
    sql_done(&sql);
    return rc < 0 ? -1 : search_add(s, found, n, false, RANK_PART, e);
}

/* ---- readers who see little ---- */

static bool sees_all(const struct search *s, const struct entity *e)
{
    return s->who->role == NULL || s->who->role->rights[e->index].everything[ACTION_SEE];
}

/* Up to `most` records of the entity that may be seen; *whole: there are no more. */
static int add_seen(struct search *s, const struct entity *entity, size_t most, bool *whole,
                    struct err *e)
{
    struct sql sql;
    struct compile c;
    size_t n = 0;
    sql_init(&sql, s->arena);
    compile_init(&c, &sql, s->who, e);
    struct scope_row r = scope_new(&c, entity, NULL);
    sql_printf(&sql, "SELECT t%d.id", r.alias);
    records_from(&c, &r, "", LIFE_LIVING, ACTION_SEE);
    sqlite3_stmt *st = compile_end(&c) == 0 ? sql_statement(s->db, &sql, e) : NULL;
    int rc = st == NULL ? -1 : 0;
    while (st != NULL && n <= most && (rc = stmt_step(s->db, st, e)) == 1) {
        s->seen[s->seen_count + n++] =
            (struct search_found){sqlite3_column_int64(st, 0), entity};
    }
    if (st != NULL) {
        stmt_done(st);
    }
    sql_done(&sql);
    *whole = n <= most;
    s->seen_count += n <= most ? n : 0;
    return rc < 0 ? -1 : 0;
}

static int add_names(struct search *s, struct err *e)
{
    const struct model *m = s->who->model;
    for (size_t i = 0; i < m->entity_count; i++) {
        const struct entity *entity = m->entities[i];
        bool whole = true, all = sees_all(s, entity);
        size_t most = NAMES_MAX - s->seen_count;
        if (!s->few || !search_has(entity) || search_table_of(entity) != SEARCH_WORDS) {
            continue;
        }
        most = all && most > COMMON_MAX ? COMMON_MAX : most;
        if (add_seen(s, entity, most, &whole, e) != 0) {
            return -1;
        }
        s->more_names = s->more_names || !whole;
        s->few = s->few && (whole || all);
    }
    return 0;
}

static void put_narrow(struct search *s, size_t names)
{
    struct buf tokens = {0};
    search_put_token(&tokens, TOKEN_OWNER, s->who->user);
    for (size_t i = 0; i < names; i++) {
        if (!sees_all(s, s->seen[i].entity)) {
            buf_puts(&tokens, " OR ");
            search_put_token(&tokens, TOKEN_LINK, s->seen[i].id);
        }
    }
    s->narrow = arena_strndup(s->arena, buf_text(&tokens), tokens.size);
    buf_done(&tokens);
}

static int add_texts(struct search *s, sqlite3_stmt *st, struct err *e)
{
    int rc = 1;
    while (!s->more_texts && (rc = stmt_step(s->db, st, e)) == 1) {
        s->seen[s->seen_count++] = (struct search_found){
            sqlite3_column_int64(st, 0), search_entity(s, sqlite3_column_int64(st, 1))};
        s->more_texts = s->seen_count == SEEN_MAX;
    }
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

/* What he wrote himself, whatever it points to. */
static int add_own(struct search *s, const struct entity *entity, struct err *e)
{
    struct sql sql;
    struct compile c;
    sql_init(&sql, s->arena);
    compile_init(&c, &sql, s->who, e);
    struct scope_row r = scope_new(&c, entity, NULL);
    sql_printf(&sql, "SELECT t%d.id,%lld", r.alias, (long long)entity->id);
    records_from(&c, &r, "", LIFE_LIVING, ACTION_SEE);
    sql_add(&sql, " AND ");
    put_column(&c, &r, value_column(entity->owner));
    sql_add(&sql, "=");
    sql_bind(&sql, value_int(s->who->user));
    sqlite3_stmt *st = compile_end(&c) == 0 ? sql_statement(s->db, &sql, e) : NULL;
    int rc = st == NULL ? -1 : add_texts(s, st, e);
    sql_done(&sql);
    return rc;
}

static int add_all_own(struct search *s, struct err *e)
{
    const struct model *m = s->who->model;
    for (size_t i = 0; i < m->entity_count; i++) {
        const struct entity *entity = m->entities[i];
        if (search_table_of(entity) == SEARCH_TEXTS && search_has(entity) &&
            entity->owner != NULL && add_own(s, entity, e) != 0) {
            return -1;
        }
    }
    return 0;
}

/* Notes, activities: what points to one of the records, and what is his. */
static int add_about(struct search *s, struct err *e)
{
    size_t names = s->seen_count;
    struct buf ids = {0};
    int rc = 0;
    for (size_t i = 0; i < names; i++) {
        buf_printf(&ids, "%c%lld", i == 0 ? '[' : ',', (long long)s->seen[i].id);
    }
    buf_puts(&ids, names == 0 ? "[]" : "]");
    sqlite3_stmt *st = stmt_get(s->db,
                                "SELECT DISTINCT r.record, d.entity FROM json_each(?1) j"
                                " CROSS JOIN ref r ON r.target = j.value"
                                " CROSS JOIN doc d ON d.id = r.record",
                                e);
    if (st != NULL) {
        stmt_bind_text(st, 1, buf_text(&ids));
    }
    rc = st == NULL ? -1 : add_texts(s, st, e);
    rc = rc == 0 ? add_all_own(s, e) : rc;
    buf_done(&ids);
    if (s->more_texts) {
        s->seen_count = names;
        put_narrow(s, names);
    }
    return rc;
}

/* Is there a kind of text whose rights do not hang on fields of type records alone? */
static bool has_other_texts(const struct search *s)
{
    const struct model *m = s->who->model;
    for (size_t i = 0; i < m->entity_count; i++) {
        const struct entity *entity = m->entities[i];
        bool text = search_table_of(entity) == SEARCH_TEXTS && search_has(entity);
        for (size_t k = 0; text && k < entity->visible_by_count; k++) {
            if (!field_is_records(entity->visible_by[k])) {
                return true;
            }
        }
        if (text && (sees_all(s, entity) || entity->visible_if != NULL)) {
            return true;
        }
    }
    return false;
}

int search_narrow(struct search *s, struct err *e)
{
    const struct model *m = s->who->model;
    for (size_t i = 0; i < m->entity_count; i++) {
        if (m->entities[i]->timeline && sees_all(s, m->entities[i])) {
            return 0;
        }
    }
    s->few = true;
    s->seen = ARENA_ARRAY(s->arena, struct search_found, SEEN_MAX + 1);
    if (add_names(s, e) != 0) {
        return -1;
    }
    if (s->few && has_other_texts(s)) {
        s->more_texts = true;
        put_narrow(s, s->seen_count);
    } else if (s->few && add_about(s, e) != 0) {
        return -1;
    }
    return 0;
}

/* ---- what they say ---- */

struct reading {
    struct search *s;
    const struct hits_query *q;
    size_t from, to;
};

static int read_row(void *data, const struct list_row *row)
{
    struct reading *r = data;
    for (size_t i = r->from; i < r->to; i++) {
        struct candidate *c = &r->s->list.items[i];
        if (c->id == row->id && !c->shown) {
            c->says = search_show(&r->s->text, &r->q->fields, c->title, row, r->s->arena);
            c->shown = true;
        }
    }
    return 0;
}

static int read_entity(struct search *s, const struct entity *entity, size_t from, size_t to,
                       struct err *e)
{
    struct hits_query *q = &s->queries[entity->index];
    struct buf ids = {0};
    for (size_t i = from; i < to; i++) {
        const struct candidate *c = &s->list.items[i];
        if (c->entity == entity && !c->shown) {
            buf_printf(&ids, "%c%lld", ids.size == 0 ? '[' : ',', (long long)c->id);
        }
    }
    int rc = 0;
    if (ids.size > 0) {
        buf_putc(&ids, ']');
        if (q->fields.list == NULL) {
            q->fields = search_fields_of(s->who, entity, s->arena);
        }
        struct reading r = {s, q, from, to};
        const struct list_spec spec = {.entity = entity,
                                       .action = ACTION_SEE,
                                       .fields = q->fields.list,
                                       .field_count = q->fields.count,
                                       .among = arena_strndup(s->arena, buf_text(&ids), ids.size),
                                       .limit = ROWS_MAX};
        rc = query_list(s->db, s->who, &spec, s->arena, read_row, &r, NULL, e);
    }
    buf_done(&ids);
    return rc;
}

int search_read_rows(struct search *s, size_t from, size_t to, struct err *e)
{
    const struct model *m = s->who->model;
    for (size_t i = 0; i < m->entity_count; i++) {
        if (read_entity(s, m->entities[i], from, to, e) != 0) {
            return -1;
        }
    }
    return 0;
}
