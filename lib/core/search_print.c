/* Search as JSON: what the store finds among what the actor may see, best first. */
#include <stdio.h>

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

static void print_hit(struct json_writer *w, const struct search_hit *hit,
                      const struct title_row *picture)
{
    jw_object(w);
    jw_kv_text(w, "entity", hit->entity->name);
    jw_kv_int(w, "id", hit->id);
    jw_kv_text(w, "title", hit->title);
    jw_kv_text(w, "snippet", hit->snippet);
    if (hit->about != NULL) {
        jw_kv_text(w, "about", hit->about);
    }
    if (hit->ended) {
        jw_kv_bool(w, "ended", true);
    }
    if (hit->picture != 0 && !picture->hidden && !picture->deleted) {
        jw_key(w, "picture");
        jw_object(w);
        jw_kv_int(w, "id", hit->picture);
        jw_object_end(w);
    }
    jw_object_end(w);
}

static void print_kinds(struct json_writer *w, const struct search_result *found)
{
    jw_key(w, "kinds");
    jw_array(w);
    for (size_t i = 0; i < found->kind_count; i++) {
        jw_object(w);
        jw_kv_text(w, "entity", found->kinds[i].entity->name);
        jw_kv_int(w, "count", (int64_t)found->kinds[i].count);
        if (found->kinds[i].more) {
            jw_kv_bool(w, "count_more", true);
        }
        jw_object_end(w);
    }
    jw_array_end(w);
}

static void print_result(struct buf *out, const struct search_spec *spec,
                         const struct search_result *found, const struct title_row *pictures)
{
    struct json_writer w;
    size_t reach = found->total < SEARCH_RANKED ? found->total : SEARCH_RANKED;
    size_t end = spec->offset + found->count;
    char next[24];
    snprintf(next, sizeof next, "%zu", end);
    jw_init(&w, out);
    jw_object(&w);
    jw_key(&w, "items");
    jw_array(&w);
    for (size_t i = 0; i < found->count; i++) {
        print_hit(&w, &found->hits[i], &pictures[i]);
    }
    jw_array_end(&w);
    if (spec->whole) {
        jw_kv_int(&w, "count", (int64_t)found->total);
        if (found->more) {
            jw_kv_bool(&w, "count_more", true);
        }
        print_kinds(&w, found);
        if (end < reach && found->count > 0) {
            jw_key(&w, "next");
            jw_text(&w, next);
        }
    }
    if (found->suggestion_count > 0) {
        jw_key(&w, "suggestions");
        jw_array(&w);
        for (size_t i = 0; i < found->suggestion_count; i++) {
            jw_text(&w, found->suggestions[i]);
        }
        jw_array_end(&w);
    }
    jw_object_end(&w);
}

/* Which pictures of the hits the actor may see: by hit. */
static int see_pictures(struct ctx *c, const struct search_result *found, struct title_row **out)
{
    int64_t *ids = ARENA_ARRAY(c->arena, int64_t, found->count + 1);
    bool any = false;
    for (size_t i = 0; i < found->count; i++) {
        ids[i] = found->hits[i].picture;
        any = any || ids[i] != 0;
    }
    *out = ARENA_ARRAY(c->arena, struct title_row, found->count + 1);
    return any ? print_titles(c, ids, found->count, out) : 0;
}

int search_print(struct ctx *c, const struct search_wish *wish, struct buf *out)
{
    struct search_result found = {0};
    struct search_spec spec = {.text = str_trim(c->arena, wish->q != NULL ? wish->q : ""),
                               .whole = wish->counts,
                               .suggest = true};
    if (c->actor.anonymous) {
        return ctx_fail(c, ERR_UNAUTHENTICATED, "", "Sign in first.");
    }
    if (kind_of(c, wish->kind, &spec.kind) != 0 || ctx_db(c) == NULL) {
        return -1;
    }
    int64_t limit = wish->limit <= 0 ? LIMIT_DEFAULT : wish->limit;
    spec.limit = (size_t)(limit > LIMIT_MAX ? LIMIT_MAX : limit);
    spec.offset = wish->offset > 0 && wish->offset < SEARCH_RANKED ? (size_t)wish->offset : 0;
    struct who who = ctx_who(c);
    if (*spec.text != '\0' && search_find(c->db, &who, &spec, c->arena, &found, &c->err) != 0) {
        return -1;
    }
    struct title_row *pictures = NULL;
    if (see_pictures(c, &found, &pictures) != 0) {
        return -1;
    }
    print_result(out, &spec, &found, pictures);
    return 0;
}
