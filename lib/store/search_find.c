/*
 * Search: what somebody typed → records he may see. See query.h.
 *
 * Ways in this order: the handle index (a whole e-mail address or domain), words and beginnings of
 * words, then parts of names and phone numbers. Tokens in the index leave out most of what may not
 * be seen; every hit is then read through its entity's rights, and that decides. Order is by how
 * the title fits, among at most SEARCH_RANKED hits: the rank of FTS5 would read every occurrence of
 * a common word.
 */
#include <stdlib.h>
#include <string.h>

#include "model/field_type.h"
#include "store/index_rows.h"
#include "store/query_private.h"
#include "store/search_text.h"

#define SEARCH_RANKED  500  /* hits that are compared */
#define SEARCH_SCANNED 3000 /* candidates looked at until then */
#define SCORE_HANDLE   7

struct candidate {
    int64_t id;
    const struct entity *entity;
    const char *title;
    const char *snippet;
    int score;
    bool proven; /* the index is right; else title or fields must hold the words */
};

struct search {
    struct db *db;
    const struct who *who;
    const struct entity *kind;
    struct arena *arena;
    struct search_text text;
    struct title_query *titles;  /* by entity->index */
    const struct entity **by_id; /* entity of an id, as in table doc */
    struct candidate *list;
    size_t count, limit;
    int64_t id_max;
};

static bool is_known(const struct search *s, int64_t id)
{
    for (size_t i = 0; i < s->count; i++) {
        if (s->list[i].id == id) {
            return true;
        }
    }
    return false;
}

static const struct entity *entity_by_id(const struct search *s, int64_t id)
{
    return id > 0 && id <= s->id_max ? s->by_id[id] : NULL;
}

/* Adds a record if it is of the kind, living and may be seen. */
static int add(struct search *s, int64_t id, bool proven, int score, struct err *e)
{
    int64_t entity_id = 0;
    if (is_known(s, id)) {
        return 0;
    }
    if (db_get_int(s->db, "SELECT entity FROM doc WHERE id=?1", &id, 1, 0, &entity_id, e) != 0) {
        return -1;
    }
    const struct entity *entity = entity_by_id(s, entity_id);
    if (entity == NULL || (s->kind != NULL && entity != s->kind)) {
        return 0;
    }
    struct title_query *q = &s->titles[entity->index];
    struct link_title title = {0};
    if ((q->text == NULL && title_query(s->who, entity, 0, s->arena, q, e) != 0) ||
        title_read(s->db, q, id, s->arena, &title, e) != 0) {
        return -1;
    }
    if (title.text != NULL && !title.deleted) {
        s->list[s->count++] =
            (struct candidate){.id = id,
                               .entity = entity,
                               .title = title.text,
                               .score = score > 0 ? score : search_score(&s->text, title.text, s->arena),
                               .proven = proven};
    }
    return 0;
}

static int add_handles(struct search *s, enum handle_kind kind, const char *value, struct err *e)
{
    int64_t *ids = NULL;
    size_t count = 0;
    if (value == NULL) {
        return 0;
    }
    if (handle_find(s->db, s->who, kind, value, s->kind, SEARCH_RANKED / 4, s->arena, &ids, &count,
                    e) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        if (add(s, ids[i], true, SCORE_HANDLE, e) != 0) {
            return -1;
        }
    }
    return 0;
}

/* Candidates of one full-text question, newest first, until `enough` hits are there. */
static int add_matches(struct search *s, const char *sql, const char *match, bool proven,
                       size_t enough, struct err *e)
{
    sqlite3_stmt *st = match == NULL ? NULL : stmt_get(s->db, sql, e);
    if (st == NULL) {
        return match == NULL ? 0 : -1;
    }
    stmt_bind_text(st, 1, match);
    sqlite3_bind_int64(st, 2, SEARCH_SCANNED);
    int rc = 0;
    while (rc >= 0 && s->count < enough && (rc = stmt_step(s->db, st, e)) == 1) {
        rc = add(s, sqlite3_column_int64(st, 0), proven, 0, e) != 0 ? -1 : 1;
    }
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

/* ---- the fields of a hit
 * ---------------------------------------------------------------------------------- */

struct reading {
    struct search *s;
    const struct field **fields;
    size_t count;
    const char *snippet;
};

static int read_row(void *data, const struct list_row *row)
{
    struct reading *r = data;
    r->snippet = search_snippet(&r->s->text, r->fields, r->count, row, r->s->arena);
    return 1;
}

static int find_snippet(struct search *s, struct candidate *c, struct err *e)
{
    struct reading r = {
        .s = s, .fields = ARENA_ARRAY(s->arena, const struct field *, c->entity->field_count)};
    for (size_t i = 0; i < c->entity->field_count; i++) {
        const struct field *f = c->entity->fields[i];
        bool seen = s->who->role == NULL || role_sees(s->who->role, f);
        if (f->search && seen && !field_refers(f) && f->column_count > 0) {
            r.fields[r.count++] = f;
        }
    }
    const struct list_spec spec = {.entity = c->entity,
                                   .action = ACTION_SEE,
                                   .fields = r.fields,
                                   .field_count = r.count,
                                   .only = &c->id,
                                   .limit = 1};
    if (query_list(s->db, s->who, &spec, s->arena, read_row, &r, NULL, e) != 0) {
        return -1;
    }
    c->snippet = r.snippet;
    return 0;
}

/* ---- order
 * ------------------------------------------------------------------------------------------------
 */

static int compare(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    if (x->score != y->score) {
        return x->score > y->score ? -1 : 1;
    }
    size_t m = strlen(x->title), n = strlen(y->title);
    if (m != n) {
        return m < n ? -1 : 1;
    }
    return x->id < y->id ? -1 : x->id > y->id;
}

/* The best ones, each with the field that shows it; what three letters promised and the words do
 * not hold is left out. */
static int take_best(struct search *s, struct search_hit **out, size_t *count, struct err *e)
{
    struct search_hit *hits = ARENA_ARRAY(s->arena, struct search_hit, s->limit);
    size_t n = 0;
    qsort(s->list, s->count, sizeof(*s->list), compare);
    for (size_t i = 0; i < s->count && n < s->limit; i++) {
        struct candidate *c = &s->list[i];
        if (find_snippet(s, c, e) != 0) {
            return -1;
        }
        if (c->proven || c->score > 0 || c->snippet != NULL) {
            hits[n++] = (struct search_hit){c->id, c->entity, c->title, c->snippet};
        }
    }
    *out = hits;
    *count = n;
    return 0;
}

/* Entities by their id in the database. */
static void index_entities(struct search *s)
{
    const struct model *m = s->who->model;
    for (size_t i = 0; i < m->entity_count; i++) {
        s->id_max = m->entities[i]->id > s->id_max ? m->entities[i]->id : s->id_max;
    }
    s->by_id = ARENA_ARRAY(s->arena, const struct entity *, (size_t)s->id_max + 1);
    for (size_t i = 0; i < m->entity_count; i++) {
        if (m->entities[i]->id > 0) {
            s->by_id[m->entities[i]->id] = m->entities[i];
        }
    }
}

int search_find(struct db *db, const struct who *who, const char *text, const struct entity *kind,
                size_t limit, struct arena *a, struct search_hit **out, size_t *count,
                struct err *e)
{
    static const char WORDS[] = "SELECT rowid FROM search_words WHERE search_words MATCH ?1"
                                " ORDER BY rowid DESC LIMIT ?2";
    static const char PARTS[] = "SELECT rowid FROM search_parts WHERE search_parts MATCH ?1"
                                " ORDER BY rowid DESC LIMIT ?2";
    struct search s = {.db = db, .who = who, .kind = kind, .arena = a, .limit = limit};
    search_read(&s.text, text, a);
    s.titles = ARENA_ARRAY(a, struct title_query, who->model->entity_count);
    s.list = ARENA_ARRAY(a, struct candidate, SEARCH_RANKED + SEARCH_RANKED / 2 + limit + 1);
    index_entities(&s);
    if (add_handles(&s, HANDLE_EMAIL, s.text.email, e) != 0 ||
        add_handles(&s, HANDLE_DOMAIN, s.text.domain, e) != 0 ||
        add_matches(&s, WORDS, search_match_words(&s.text, who, kind, a), true, SEARCH_RANKED, e) !=
            0) {
        return -1;
    }
    /* A whole address is found by its handle and, behind a dot or dash, by its words; its thirty
     * threes of letters are in most records and cost more than all else together. */
    if (s.text.email == NULL && s.count < limit && add_matches(&s, PARTS, search_match_parts(&s.text, a), false,
                                       limit + SEARCH_RANKED / 2, e) != 0) {
        return -1;
    }
    return take_best(&s, out, count, e);
}
