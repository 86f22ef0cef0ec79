/* What hangs on a record in the trash: living records that point at it, and will again when it is
 * back, as far as the actor may see them. */
#include "core/build.h"
#include "core/parts.h"

#define LINKS_MAX 1000 /* counted exactly */

static bool may_point(const struct ctx *c, const struct field *f, const struct entity *to)
{
    bool points = field_is_records(f) || (field_is_link(f) && f->to == to);
    return points && f->column_count == 1 && !f->system && f->compute == NULL && access_sees(c, f);
}

static const struct expr *points_at(struct arena *a, const struct field *f,
                                    const struct entity *to, int64_t id)
{
    const struct field *key = entity_field_find(to, "id");
    return field_is_records(f) ? build_test(a, EXPR_CONTAINS, build_field(a, f),
                                            build_value(a, key, value_int(id)))
                               : build_compare(a, f, EXPR_EQ, value_int(id));
}

static int count_of(struct ctx *c, const struct entity *from, const struct entity *to, int64_t id,
                    int64_t *sum)
{
    struct who who = ctx_who(c);
    const struct expr *any = NULL;
    bool more = false;
    *sum = 0;
    for (size_t i = 0; i < from->field_count; i++) {
        if (may_point(c, from->fields[i], to)) {
            any = build_or(c->arena, any, points_at(c->arena, from->fields[i], to, id));
        }
    }
    const struct list_spec spec = {.entity = from, .action = ACTION_SEE, .filter = any};
    return any == NULL || !ctx_may(c, ACTION_SEE, from)
               ? 0
               : query_count(c->db, &who, &spec, LINKS_MAX, sum, &more, &c->err);
}

int trash_links(struct ctx *c, const struct entity *e, int64_t id, struct json_writer *w)
{
    jw_key(w, "links");
    jw_array(w);
    for (size_t i = 0; i < c->model->entity_count; i++) {
        int64_t count = 0;
        if (count_of(c, c->model->entities[i], e, id, &count) != 0) {
            return -1;
        }
        if (count > 0) {
            jw_object(w);
            jw_kv_text(w, "entity", c->model->entities[i]->name);
            jw_kv_int(w, "count", count);
            jw_object_end(w);
        }
    }
    jw_array_end(w);
    return 0;
}
