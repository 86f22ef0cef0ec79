/* See mention.h. */
#include "core/mention.h"

#include <string.h>

#include "base/str.h"
#include "core/account.h"
#include "core/build.h"
#include "core/notification.h"
#include "core/parts.h"
#include "model/text_ref.h"

#define SUGGESTED  8
#define TITLES_MAX 100

const struct field *mention_field(const struct entity *e)
{
    const struct field *f = e->story.records != NULL ? e->story.text : NULL;
    return f != NULL && f->column_count > 0 && !f->readonly.always && f->compute == NULL ? f : NULL;
}

static const char *text_of(const struct record *r)
{
    const struct field *f = r != NULL ? mention_field(r->entity) : NULL;
    struct value v = f != NULL ? record_value(r, f) : value_null();
    return v.kind == VALUE_TEXT ? v.s : "";
}

static bool holds(const int64_t *ids, size_t count, int64_t id)
{
    for (size_t i = 0; i < count; i++) {
        if (ids[i] == id) {
            return true;
        }
    }
    return false;
}

/* ---- Before it is written -------------------------------------------------------------------- */

struct settling {
    struct ctx *c;
    int64_t *known; /* users mentioned before */
    size_t known_count;
    int64_t *records; /* named by "#", seen by the actor */
    size_t record_count;
    struct buf text;
};

/* A user's name now; NULL with no error when there is no such user. */
static int user_title(struct ctx *c, int64_t id, const char **out)
{
    struct record *r = NULL;
    *out = NULL;
    if (rows_load(c->db, model_entity_find(c->model, ENTITY_USER), id, c->arena, &r, &c->err) == 0) {
        *out = r->title;
        return 0;
    }
    if (c->err.code != ERR_NOT_FOUND) {
        return -1;
    }
    err_clear(&c->err);
    return 0;
}

/* Whom a name or an address means; 0: nobody, or several. */
static int user_named(struct ctx *c, const char *name, int64_t *out)
{
    const struct entity *users = model_entity_find(c->model, ENTITY_USER);
    struct lookup hit = {0};
    const char *key = strchr(name, '@') != NULL ? "email" : NULL;
    *out = 0;
    if (record_lookup(c, users, key, name, &hit) != 0) {
        return -1;
    }
    *out = hit.count == 1 ? hit.id : 0;
    return 0;
}

static int settle_user(struct settling *s, const struct text_ref *ref)
{
    struct ctx *c = s->c;
    const char *name = arena_strndup(c->arena, ref->name, ref->name_size), *title = NULL;
    int64_t id = ref->id;
    if (id != 0 && user_title(c, id, &title) != 0) {
        return -1;
    }
    bool same = title != NULL && (*name == '\0' || str_eq(title, name) ||
                                  holds(s->known, s->known_count, id));
    if (!same && (user_named(c, name, &id) != 0 || user_title(c, id, &title) != 0)) {
        return -1;
    }
    if (id == 0 || title == NULL) {
        buf_printf(&s->text, "@%s", name);
    } else if (strpbrk(title, "[]\r\n") != NULL) {
        buf_printf(&s->text, "@[%lld]", (long long)id);
    } else {
        buf_printf(&s->text, "@[%lld %s]", (long long)id, title);
    }
    return 0;
}

static int record_named(struct ctx *c, const struct text_ref *ref, int64_t *out)
{
    const char *title = NULL;
    struct lookup hit = {0};
    const struct entity *e = records_cell_split(
        c, arena_strndup(c->arena, ref->name, ref->name_size), &title);
    *out = ref->id;
    if (ref->id != 0 || e == NULL || !ctx_may(c, ACTION_SEE, e)) {
        return 0;
    }
    if (record_lookup(c, e, NULL, title, &hit) != 0) {
        return -1;
    }
    *out = hit.count == 1 ? hit.id : 0;
    return 0;
}

static int settle_record(struct settling *s, const struct text_ref *ref)
{
    struct ctx *c = s->c;
    struct title_row *row = NULL;
    int64_t id = 0;
    if (record_named(c, ref, &id) != 0 || (id != 0 && print_titles(c, &id, 1, &row) != 0)) {
        return -1;
    }
    if (id == 0) {
        buf_add(&s->text, ref->begin, (size_t)(ref->end - ref->begin));
        return 0;
    }
    if (!row->hidden && row->entity != NULL && row->entity->timeline &&
        s->record_count < TEXT_REFS_MAX && !holds(s->records, s->record_count, id)) {
        s->records[s->record_count++] = id;
    }
    buf_printf(&s->text, "#[%lld]", (long long)id);
    return 0;
}

/* What "#" names is added to what the entry concerns. */
static void join_records(struct settling *s, struct record *r)
{
    const struct field *f = r->entity->story.records;
    int64_t *ids = NULL;
    size_t count = print_ids(s->c->arena, record_value(r, f), &ids), added = 0;
    struct buf text = {0};
    for (size_t i = 0; i < count; i++) {
        buf_printf(&text, "%s%lld", text.size > 0 ? "," : "[", (long long)ids[i]);
    }
    for (size_t i = 0; i < s->record_count; i++) {
        if (!holds(ids, count, s->records[i])) {
            buf_printf(&text, "%s%lld", text.size > 0 ? "," : "[", (long long)s->records[i]);
            added++;
        }
    }
    if (added > 0) {
        buf_putc(&text, ']');
        struct value v = value_text(arena_strndup(s->c->arena, buf_text(&text), text.size));
        record_set(r, f, &v);
    }
    buf_done(&text);
}

int mention_settle(struct ctx *c, const struct record *before, struct record *r)
{
    const char *text = text_of(r);
    struct text_ref ref;
    if (!text_ref_any(text) || str_eq(text_of(before), text)) {
        return 0;
    }
    struct settling s = {.c = c, .records = ARENA_ARRAY(c->arena, int64_t, TEXT_REFS_MAX)};
    s.known_count = text_ref_ids(c->arena, text_of(before), '@', &s.known);
    int rc = 0;
    for (size_t n = 0; rc == 0 && n < TEXT_REFS_MAX && text_ref_next(text, &ref); n++) {
        buf_add(&s.text, text, (size_t)(ref.begin - text));
        rc = ref.sign == '@' ? settle_user(&s, &ref) : settle_record(&s, &ref);
        text = ref.end;
    }
    buf_puts(&s.text, text);
    if (rc == 0) {
        struct value v = value_text(arena_strndup(c->arena, buf_text(&s.text), s.text.size));
        record_set(r, mention_field(r->entity), &v);
        join_records(&s, r);
    }
    buf_done(&s.text);
    return rc;
}

/* ---- Once it is written ---------------------------------------------------------------------- */

/* The first record the entry concerns that this reader sees, to be told under; 0: none. */
static int told_under(struct ctx *c, const struct who *who, const struct record *r, int64_t *out)
{
    int64_t *ids = NULL;
    size_t count = print_ids(c->arena, record_value(r, r->entity->story.records), &ids);
    struct title_row *rows = ARENA_ARRAY(c->arena, struct title_row, count + 1);
    *out = 0;
    if (count > 0 && query_titles(c->db, who, ids, count, c->arena, rows, &c->err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        if (!rows[i].hidden && !rows[i].deleted) {
            *out = ids[i];
            return 0;
        }
    }
    *out = count > 0 ? ids[0] : 0; /* he is told when he may see it */
    return 0;
}

static int tell_user(struct ctx *c, int64_t user, const struct record *r)
{
    struct who who;
    int64_t under = 0;
    if (account_who(c, user, &who) != 0 ||
        (who.user != 0 && told_under(c, &who, r, &under) != 0)) {
        return -1;
    }
    return who.user == 0
               ? 0
               : notify(c, &(struct notification){
                               .user = user,
                               .kind = NOTIFY_MENTION,
                               .record = under,
                               .entry = r->id,
                               .actor = c->actor.user,
                               .key = arena_printf(c->arena, "%lld", (long long)r->id),
                           });
}

int mention_tell(struct ctx *c, const struct record *before, const struct record *r)
{
    const char *text = text_of(r);
    int64_t *now = NULL, *then = NULL;
    enum change_source source = c->as != SOURCE_NONE ? c->as : c->actor.source;
    if (source == SOURCE_IMPORT || !text_ref_any(text)) {
        return 0; /* what a file brings was said long ago */
    }
    size_t count = text_ref_ids(c->arena, text, '@', &now);
    size_t old = text_ref_ids(c->arena, text_of(before), '@', &then);
    for (size_t i = 0; i < count; i++) {
        if (!holds(then, old, now[i]) && tell_user(c, now[i], r) != 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- For those who write --------------------------------------------------------------------- */

struct suggestion {
    struct ctx *c;
    int64_t ids[SUGGESTED];
    const char *titles[SUGGESTED];
    size_t count;
};

static int take_user(void *data, const struct list_row *row)
{
    struct suggestion *s = data;
    s->ids[s->count] = row->id;
    s->titles[s->count++] = arena_strdup(s->c->arena, row->values[0].s);
    return s->count == SUGGESTED;
}

static int find_users(struct suggestion *s, const char *q)
{
    struct ctx *c = s->c;
    struct arena *a = c->arena;
    const struct entity *e = model_entity_find(c->model, ENTITY_USER);
    const struct field *name = entity_field_find(e, "title");
    const struct field *email = entity_field_find(e, "email");
    const struct expr *filter =
        build_compare(a, entity_field_find(e, "active"), EXPR_EQ, value_int(1));
    if (*q != '\0') {
        const struct expr *any = build_test(a, EXPR_CONTAINS, build_field(a, name),
                                            build_value(a, name, value_text(q)));
        if (access_sees(c, email)) {
            any = build_or(a, any, build_test(a, EXPR_STARTS, build_field(a, email),
                                              build_value(a, email, value_text(q))));
        }
        filter = expr_and(a, filter, any);
    }
    struct list_spec spec = {.entity = e,
                             .action = ACTION_SEE,
                             .filter = filter,
                             .fields = &name,
                             .field_count = 1,
                             .sort = {{.field = name}},
                             .sort_count = 1,
                             .limit = SUGGESTED};
    struct who who = ctx_who(c);
    return query_list(c->db, &who, &spec, a, take_user, s, NULL, &c->err);
}

int mention_suggest(struct ctx *c, const struct entity *e, int64_t id, const char *q,
                    struct buf *out)
{
    struct suggestion s = {.c = c};
    struct json_writer w;
    int may = 0;
    if (ctx_db(c) == NULL || record_permit(c, ACTION_SEE, e, id, false) != 0 ||
        access_entity(c, ACTION_SEE, model_entity_find(c->model, ENTITY_USER)) != 0 ||
        find_users(&s, str_trim(c->arena, q != NULL ? q : "")) != 0 ||
        (may = share_may(c, e, id)) < 0) {
        return -1;
    }
    jw_init(&w, out);
    jw_object(&w);
    jw_key(&w, "items");
    jw_array(&w);
    for (size_t i = 0; i < s.count; i++) {
        struct who who;
        if (account_who(c, s.ids[i], &who) != 0) {
            return -1;
        }
        int sees = who.user != 0
                       ? query_permits(c->db, &who, ACTION_SEE, e, id, false, &c->err)
                       : 0;
        if (sees < 0) {
            return -1;
        }
        jw_object(&w);
        jw_kv_int(&w, "id", s.ids[i]);
        jw_kv_text(&w, "title", s.titles[i]);
        jw_kv_bool(&w, "sees", sees == 1);
        jw_kv_bool(&w, "share", sees == 0 && may == 1 && share_helps(&who, e));
        jw_object_end(&w);
    }
    jw_array_end(&w);
    jw_object_end(&w);
    return 0;
}

/* ---- For those who read ---------------------------------------------------------------------- */

void mention_print(struct json_writer *w, const struct title_row *row, int64_t id)
{
    jw_object(w);
    jw_kv_int(w, "id", id);
    if (row == NULL || row->hidden || row->title == NULL) {
        jw_kv_bool(w, "hidden", true);
    } else {
        jw_kv_text(w, "title", row->title);
        jw_kv_text(w, "entity", row->entity->name);
        if (row->deleted) {
            jw_kv_bool(w, "deleted", true);
        }
    }
    jw_object_end(w);
}

int mention_titles(struct ctx *c, const char *ids, struct buf *out)
{
    int64_t list[TITLES_MAX];
    size_t count = 0;
    struct json_writer w;
    while (ids != NULL && *ids != '\0') {
        size_t n = strcspn(ids, ",");
        if (count == TITLES_MAX ||
            str_to_id(arena_strndup(c->arena, ids, n), &list[count++]) != 0) {
            return ctx_fail(c, ERR_MALFORMED, "ids", "Name at most %d records by id: 12,77.",
                            TITLES_MAX);
        }
        ids += n + (ids[n] == ',');
    }
    struct title_row *rows = NULL;
    if (ctx_db(c) == NULL || (count > 0 && print_titles(c, list, count, &rows) != 0)) {
        return -1;
    }
    jw_init(&w, out);
    jw_object(&w);
    jw_key(&w, "items");
    jw_array(&w);
    for (size_t i = 0; i < count; i++) {
        mention_print(&w, &rows[i], list[i]);
    }
    jw_array_end(&w);
    jw_object_end(&w);
    return 0;
}

int mention_export(struct ctx *c, struct arena *a, const char *text, struct buf *out)
{
    struct text_ref ref;
    struct who who = ctx_who(c);
    for (; text_ref_next(text, &ref); text = ref.end) {
        struct title_row row = {0};
        buf_add(out, text, (size_t)(ref.begin - text));
        if (ref.sign == '#' && ref.id != 0 &&
            query_titles(c->db, &who, &ref.id, 1, a, &row, &c->err) != 0) {
            return -1;
        }
        if (row.title != NULL && !row.hidden && strpbrk(row.title, "[]\r\n") == NULL) {
            buf_printf(out, "#[%s: %s]", row.entity->name, row.title);
        } else {
            buf_add(out, ref.begin, (size_t)(ref.end - ref.begin));
        }
    }
    buf_puts(out, text);
    return 0;
}
