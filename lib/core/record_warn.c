/*
 * What a form should know before it is saved: records that may be the same. By e-mail address,
 * phone number or domain from the handle index, by the title but for spelling, and by name and place
 * as duplicates are found (duplicate.h). Only what the actor may see, each record once, none that
 * somebody said is another one.
 */
#include <string.h>

#include "base/str.h"
#include "core/duplicate.h"
#include "model/likeness.h"

#define WARNINGS_MAX 5
#define HANDLES_MAX  8

struct warnings {
    struct ctx *c;
    const struct record *r;
    struct json_writer *w;
    const int64_t *own; /* nobody is warned of these */
    size_t own_count;
    int64_t said[WARNINGS_MAX];
    size_t count;
};

/* what: "has the same phone number"; why: the reason for programs. */
static void warn(struct warnings *k, const struct title_row *row, const char *what,
                 enum reason_kind why)
{
    for (size_t i = 0; i < k->count; i++) {
        if (k->said[i] == row->id) {
            return;
        }
    }
    for (size_t i = 0; i < k->own_count; i++) {
        if (k->own[i] == row->id) {
            return;
        }
    }
    if (k->count == WARNINGS_MAX || row->id == k->r->id) {
        return;
    }
    k->said[k->count++] = row->id;
    jw_object(k->w);
    jw_kv_text(k->w, "text",
               arena_printf(k->c->arena, "The %s “%s” has %s.", row->entity->name, row->title,
                            what));
    jw_kv_text(k->w, "why", duplicate_name(why));
    jw_kv_text(k->w, "entity", row->entity->name);
    jw_kv_int(k->w, "id", row->id);
    jw_kv_text(k->w, "title", row->title);
    jw_object_end(k->w);
}

static int warn_point(struct warnings *k, const struct point_type *p, const char *text)
{
    struct ctx *c = k->c;
    const char *normal = point_key(p, c->arena, text);
    int64_t *ids = NULL;
    size_t count = 0;
    struct title_row *rows = NULL;
    const struct entity *only = p->own_entity ? k->r->entity : NULL;
    struct who who = ctx_who(c);
    if (normal == NULL) {
        return 0;
    }
    if (handle_find(c->db, &who, p->handle, normal, only, HANDLES_MAX, c->arena, &ids, &count,
                    &c->err) != 0) {
        return -1;
    }
    if (count == 0 || print_titles(c, ids, count, &rows) != 0) {
        return count == 0 ? 0 : -1;
    }
    for (size_t i = 0; i < count; i++) {
        if (!rows[i].hidden && !rows[i].deleted) {
            warn(k, &rows[i], arena_printf(c->arena, "the same %s", p->noun),
                 p->handle == HANDLE_EMAIL   ? REASON_EMAIL
                 : p->handle == HANDLE_PHONE ? REASON_PHONE
                                             : REASON_DOMAIN);
        }
    }
    return 0;
}

static int warn_field(struct warnings *k, const struct field *f, struct value v)
{
    const char **texts = NULL;
    size_t count = field_handle(f) == HANDLE_NONE ? 0 : point_texts(k->c->arena, v, &texts);
    for (size_t i = 0; i < count; i++) {
        if (warn_point(k, f->type->points, texts[i]) != 0) {
            return -1;
        }
    }
    return 0;
}

static int warn_titles(struct warnings *k)
{
    struct title_row rows[WARNINGS_MAX];
    size_t count = 0;
    if (lookup_same_title(k->c, k->r->entity, k->r->title, k->r->id, WARNINGS_MAX, rows, &count) !=
        0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        warn(k, &rows[i], "the same name", REASON_NAME);
    }
    return 0;
}

static int warn_called(struct warnings *k, const struct entity *e, const char *title)
{
    struct title_row rows[WARNINGS_MAX];
    size_t count = 0;
    if (lookup_same_title(k->c, e, title, 0, WARNINGS_MAX, rows, &count) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        warn(k, &rows[i], "the same name", REASON_NAME);
    }
    return 0;
}

/* Does f become a part of the name of such a record? */
static bool names(const struct field *f, const struct entity *e)
{
    for (size_t i = 0; i < f->becomes_count; i++) {
        for (size_t n = 0; f->becomes[i].to->entity == e && n < e->title_count; n++) {
            if (e->title[n] == f->becomes[i].to) {
                return true;
            }
        }
    }
    return false;
}

/* What the record would become, by the name it would have, may be there already. */
static int warn_becoming(struct warnings *k, const struct entity *e)
{
    struct buf title = {0};
    for (size_t i = 0; i < k->r->entity->field_count; i++) {
        const struct field *f = k->r->entity->fields[i];
        struct value v = f->column_count > 0 ? record_value(k->r, f) : value_null();
        if (names(f, e) && v.kind == VALUE_TEXT && v.n > 0) {
            buf_printf(&title, "%s%s", title.size > 0 ? " " : "", v.s);
        }
    }
    int rc = title.size > 0 && ctx_may(k->c, ACTION_SEE, e)
                 ? warn_called(k, e, arena_strdup(k->c->arena, buf_text(&title)))
                 : 0;
    buf_done(&title);
    return rc;
}

static int warn_elsewhere(struct warnings *k)
{
    for (size_t i = 0; i < k->r->entity->field_count; i++) {
        const struct field *f = k->r->entity->fields[i];
        if (f->holds && entity_has_doubles(f->to) && warn_becoming(k, f->to) != 0) {
            return -1;
        }
    }
    return 0;
}

#define TWINS_MAX 20

static const struct {
    enum reason_kind kind;
    const char *what;
} NAME_REASONS[] = {
    {REASON_NAME_PLACE, "the same name and place"},
    {REASON_NEAR_PLACE, "a similar name in the same place"},
    {REASON_NAME, "the same name"},
};

/* A row of the index says only that they may be alike. */
static int warn_twin(struct warnings *k, const struct duplicate_model *m, const struct fact *mine,
                     const struct fact *other)
{
    struct likeness l;
    bool apart = false;
    duplicate_compare(m, mine, other, &l);
    if (l.score < DUPLICATE_SCORE || other->id == k->r->id) {
        return 0;
    }
    if (k->r->id != 0 && twin_is_apart(k->c->db, k->r->id, other->id, &apart, &k->c->err) != 0) {
        return -1;
    }
    const struct title_row row = {.id = other->id, .entity = m->entity, .title = other->title};
    for (size_t i = 0; i < COUNT(NAME_REASONS) && !apart; i++) {
        if (l.is[NAME_REASONS[i].kind]) {
            warn(k, &row, NAME_REASONS[i].what, NAME_REASONS[i].kind);
        }
    }
    return 0;
}

static int warn_twins(struct warnings *k)
{
    struct ctx *c = k->c;
    struct duplicate_model m;
    struct fact mine = {.id = k->r->id, .title = k->r->title, .town = "", .town_told = ""};
    duplicate_model(c, k->r->entity, &m);
    struct value town = m.town != NULL ? record_value(k->r, m.town) : value_null();
    struct value home = m.home != NULL ? record_value(k->r, m.home) : value_null();
    if (town.kind == VALUE_TEXT) {
        mine.town_told = town.s;
        mine.town = str_fold(c->arena, town.s, strlen(town.s));
    }
    mine.home = home.kind == VALUE_INT ? home.i : 0;
    duplicate_keys(c, &mine);
    for (size_t i = 0; i < mine.key_count; i++) {
        size_t seen = 0;
        bool more = false;
        struct fact *facts = ARENA_ARRAY(c->arena, struct fact, TWINS_MAX);
        if (duplicate_find(c, &m, &mine.keys[i], facts, &seen, TWINS_MAX, &more) != 0) {
            return -1;
        }
        for (size_t n = 0; n < seen; n++) {
            if (warn_twin(k, &m, &mine, &facts[n]) != 0) {
                return -1;
            }
        }
    }
    return 0;
}

static int warn_all(struct warnings *k, const struct record *before)
{
    struct ctx *c = k->c;
    const struct record *r = k->r;
    int rc = 0;
    jw_array(k->w);
    for (size_t i = 0; i < r->entity->field_count && rc == 0; i++) {
        const struct field *f = r->entity->fields[i];
        if (f->system || f->column_count == 0 || !access_sees(c, f)) {
            continue;
        }
        struct value now = record_value(r, f);
        if (before == NULL || !value_equal(now, record_value(before, f))) {
            rc = warn_field(k, f, now);
        }
    }
    bool renamed = before == NULL || r->title == NULL || before->title == NULL ||
                   strcmp(before->title, r->title) != 0;
    bool named = r->title != NULL && entity_has_doubles(r->entity);
    if (rc == 0 && named && (before == NULL || twin_differs(before, r))) {
        rc = warn_twins(k);
    }
    if (rc == 0 && renamed && named) {
        rc = warn_titles(k);
    }
    if (rc == 0 && r->entity->converts && (before == NULL || renamed || twin_differs(before, r))) {
        rc = warn_elsewhere(k);
    }
    jw_array_end(k->w);
    return rc;
}

int check_warnings(struct ctx *c, const struct record *before, const struct record *r,
                   struct json_writer *w)
{
    struct warnings k = {.c = c, .r = r, .w = w};
    return warn_all(&k, before);
}

int check_twins(struct ctx *c, const struct record *r, const int64_t *own, size_t own_count,
                struct json_writer *w)
{
    struct warnings k = {.c = c, .r = r, .w = w, .own = own, .own_count = own_count};
    return warn_all(&k, NULL);
}

/* ---- where it belongs ------------------------------------------------------------------------ */

/* The only record of `to` with the domain of an address; *out 0: none, or several. */
static int find_home(struct ctx *c, const struct field *home, const struct point_type *p,
                     const char *address, int64_t *out)
{
    const char *normal = point_key(p, c->arena, address);
    const char *domain = normal != NULL ? handle_domain(c->arena, normal) : NULL;
    struct who who = ctx_who(c);
    int64_t *ids = NULL;
    size_t count = 0;
    *out = 0;
    if (domain == NULL) {
        return 0;
    }
    if (handle_find(c->db, &who, HANDLE_DOMAIN, domain, home->to, 2, c->arena, &ids, &count,
                    &c->err) != 0) {
        return -1;
    }
    *out = count == 1 ? ids[0] : 0;
    return 0;
}

static int print_offer(struct ctx *c, const struct field *home, int64_t id, struct json_writer *w)
{
    struct title_row *rows = NULL;
    if (print_titles(c, &id, 1, &rows) != 0) {
        return -1;
    }
    if (!rows->hidden && !rows->deleted) {
        jw_object(w);
        jw_kv_text(w, "field", home->name);
        jw_kv_text(w, "entity", home->to->name);
        jw_kv_int(w, "id", id);
        jw_kv_text(w, "title", rows->title);
        jw_object_end(w);
    }
    return 0;
}

int check_offers(struct ctx *c, const struct record *r, struct json_writer *w)
{
    const struct entity *e = r->entity;
    const struct field *home = entity_home(e);
    int64_t found = 0;
    jw_array(w);
    bool open = home != NULL && access_sees(c, home) && record_value(r, home).kind == VALUE_NULL;
    for (size_t i = 0; open && found == 0 && i < e->field_count; i++) {
        const struct field *f = e->fields[i];
        const char **texts = NULL;
        bool mails = field_handle(f) == HANDLE_EMAIL && f->column_count > 0 && access_sees(c, f);
        size_t count = mails ? point_texts(c->arena, record_value(r, f), &texts) : 0;
        for (size_t k = 0; found == 0 && k < count; k++) {
            if (find_home(c, home, f->type->points, texts[k], &found) != 0) {
                return -1;
            }
        }
    }
    int rc = found != 0 ? print_offer(c, home, found, w) : 0;
    jw_array_end(w);
    return rc;
}
