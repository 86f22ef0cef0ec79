/* See gate_tell.h. */
#include "core/gate_tell.h"

#include "core/notification.h"

static const char *about(struct ctx *c, const struct stage *stage)
{
    struct buf text = {0};
    struct json_writer w;
    jw_init(&w, &text);
    jw_object(&w);
    jw_kv_text(&w, "stage", stage->label);
    jw_kv_int(&w, "count", 1);
    jw_object_end(&w);
    const char *json = arena_strndup(c->arena, buf_text(&text), text.size);
    buf_done(&text);
    return json;
}

int gate_tell(struct ctx *c, const struct record *r, const struct stage *stage)
{
    const struct field *owner = r->entity->owner;
    struct value user = owner != NULL ? record_value(r, owner) : value_null();
    bool more = false;
    if (user.kind != VALUE_INT || user.i == c->actor.user || c->dry_run || c->dated_ms != 0) {
        return 0;
    }
    int64_t root = c->change.parent != 0 ? c->change.parent : c->change.id;
    const char *key = arena_printf(c->arena, "%lld", (long long)root);
    if (notifications_one_more(c->db, user.i, NOTIFY_GATE, key, &more, &c->err) != 0) {
        return -1;
    }
    return more ? 0
                : notify(c, &(struct notification){.user = user.i,
                                                   .kind = NOTIFY_GATE,
                                                   .record = r->id,
                                                   .actor = c->actor.user,
                                                   .key = key,
                                                   .params = about(c, stage)});
}
