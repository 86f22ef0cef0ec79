/* Search as JSON: what the store finds among what the actor may see, best first. */
#include "base/str.h"
#include "core/parts.h"

#define LIMIT_DEFAULT 20
#define LIMIT_MAX     100

static int kind_of(struct ctx *c, const char *kind, const struct entity **out)
{
    *out = NULL;
    if (kind == NULL || *kind == '\0') {
        return 0;
    }
    *out = model_entity_find(c->model, kind);
    if (*out == NULL) {
        *out = model_plural_find(c->model, kind);
    }
    if (*out == NULL) {
        return ctx_fail(c, ERR_MALFORMED, "kind", "There is no kind of record named “%.60s”.",
                        kind);
    }
    return access_entity(c, ACTION_SEE, *out);
}

int search_print(struct ctx *c, const char *q, const char *kind, int64_t limit, struct buf *out)
{
    const struct entity *only = NULL;
    struct search_hit *hits = NULL;
    size_t count = 0;
    if (c->actor.anonymous) {
        return ctx_fail(c, ERR_UNAUTHENTICATED, "", "Sign in first.");
    }
    if (kind_of(c, kind, &only) != 0 || ctx_db(c) == NULL) {
        return -1;
    }
    size_t most = limit <= 0 ? LIMIT_DEFAULT : limit > LIMIT_MAX ? LIMIT_MAX : (size_t)limit;
    const char *text = str_trim(c->arena, q != NULL ? q : "");
    struct who who = ctx_who(c);
    if (*text != '\0' &&
        search_find(c->db, &who, text, only, most, c->arena, &hits, &count, &c->err) != 0) {
        return -1;
    }
    struct json_writer w;
    jw_init(&w, out);
    jw_object(&w);
    jw_key(&w, "items");
    jw_array(&w);
    for (size_t i = 0; i < count; i++) {
        jw_object(&w);
        jw_kv_text(&w, "entity", hits[i].entity->name);
        jw_kv_int(&w, "id", hits[i].id);
        jw_kv_text(&w, "title", hits[i].title);
        jw_kv_text(&w, "snippet", hits[i].snippet);
        jw_object_end(&w);
    }
    jw_array_end(&w);
    jw_object_end(&w);
    return 0;
}
