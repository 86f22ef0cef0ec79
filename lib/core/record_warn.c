/*
 * What a form should know before it is saved: records that may be the same. By e-mail address,
 * phone number or domain from the handle index, and by the title but for spelling. Only what the
 * actor may see, each record once.
 */
#include <string.h>

#include "core/parts.h"

#define WARNINGS_MAX 5
#define HANDLES_MAX  8

struct warnings {
    struct ctx *c;
    const struct record *r;
    struct json_writer *w;
    int64_t said[WARNINGS_MAX];
    size_t count;
};

static void warn(struct warnings *k, const struct title_row *row, const char *what)
{
    for (size_t i = 0; i < k->count; i++) {
        if (k->said[i] == row->id) {
            return;
        }
    }
    if (k->count == WARNINGS_MAX || row->id == k->r->id) {
        return;
    }
    k->said[k->count++] = row->id;
    jw_object(k->w);
    jw_kv_text(k->w, "text",
               arena_printf(k->c->arena, "The %s “%s” has the same %s.", row->entity->name,
                            row->title, what));
    jw_kv_text(k->w, "entity", row->entity->name);
    jw_kv_int(k->w, "id", row->id);
    jw_kv_text(k->w, "title", row->title);
    jw_object_end(k->w);
}

static int warn_point(struct warnings *k, const struct point_type *p, const char *text)
{
    struct ctx *c = k->c;
    const char *normal = p->normalise(c->arena, text);
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
            warn(k, &rows[i], p->noun);
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
        warn(k, &rows[i], "name");
    }
    return 0;
}

static bool is_contact_like(const struct entity *e)
{
    for (size_t i = 0; i < e->field_count; i++) {
        const struct point_type *p = e->fields[i]->type->points;
        if (p != NULL && p->reaches) {
            return true;
        }
    }
    return false;
}

int check_warnings(struct ctx *c, const struct record *before, const struct record *r,
                   struct json_writer *w)
{
    struct warnings k = {.c = c, .r = r, .w = w};
    int rc = 0;
    jw_array(w);
    for (size_t i = 0; i < r->entity->field_count && rc == 0; i++) {
        const struct field *f = r->entity->fields[i];
        if (f->system || f->column_count == 0 || !access_sees(c, f)) {
            continue;
        }
        struct value now = record_value(r, f);
        if (before == NULL || !value_equal(now, record_value(before, f))) {
            rc = warn_field(&k, f, now);
        }
    }
    bool renamed = before == NULL || r->title == NULL || before->title == NULL ||
                   strcmp(before->title, r->title) != 0;
    if (rc == 0 && renamed && is_contact_like(r->entity)) {
        rc = warn_titles(&k);
    }
    jw_array_end(w);
    return rc;
}
