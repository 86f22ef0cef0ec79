/* See assigned.h. */
#include "core/assigned.h"

#include "core/notification.h"

static bool is_told_of(const struct ctx *c, const struct entity *e)
{
    enum change_source source = c->as != SOURCE_NONE ? c->as : c->actor.source;
    return e->owner != NULL && (e->timeline || e == c->model->work) && !c->settling &&
           c->undo_of == 0 && !c->along && (source == SOURCE_UI || source == SOURCE_API);
}

int assigned_tell(struct ctx *c, const struct record *before, const struct record *r)
{
    if (!is_told_of(c, r->entity)) {
        return 0;
    }
    struct value now = record_value(r, r->entity->owner);
    struct value then = before != NULL ? record_value(before, r->entity->owner) : value_null();
    if (now.kind != VALUE_INT || value_equal(now, then)) {
        return 0;
    }
    return notify(c, &(struct notification){
                         .user = now.i,
                         .kind = NOTIFY_ASSIGNED,
                         .record = r->id,
                         .actor = c->actor.user,
                         .key = arena_printf(c->arena, "%lld", (long long)c->change.id),
                         .params = "{}"});
}
