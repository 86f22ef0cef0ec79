/*
 * Why a record has its score: each condition of the list (model/load_score.c) asked of the record alone,
 * with the rights of the system, as the sum was made. Who may not see the field is told nothing of it.
 */
#include "core/parts.h"
#include "store/query.h"

static void print_points(const struct entity *e, const struct value *holds, struct json_writer *w)
{
    jw_key(w, "points");
    jw_array(w);
    for (size_t i = 0; i < e->score_count; i++) {
        jw_object(w);
        jw_kv_int(w, "points", e->score[i].points);
        jw_kv_text(w, "say", e->score[i].say);
        jw_kv_bool(w, "given", holds[i].kind == VALUE_INT && holds[i].i == 1);
        jw_object_end(w);
    }
    jw_array_end(w);
}

static int64_t sum_of(const struct entity *e, const struct value *holds)
{
    int64_t sum = 0;
    for (size_t i = 0; i < e->score_count; i++) {
        sum += holds[i].kind == VALUE_INT && holds[i].i == 1 ? e->score[i].points : 0;
    }
    return sum;
}

int score_print(struct ctx *c, const struct entity *e, int64_t id, struct buf *out)
{
    const struct who system = {.model = c->model};
    const struct expr **when = ARENA_ARRAY(c->arena, const struct expr *, e->score_count + 1);
    struct value *holds = ARENA_ARRAY(c->arena, struct value, e->score_count + 1);
    struct json_writer w;
    if (access_entity(c, ACTION_SEE, e) != 0 || ctx_db(c) == NULL ||
        record_permit(c, ACTION_SEE, e, id, false) != 0) {
        return -1;
    }
    if (e->score_field == NULL || !access_sees(c, e->score_field)) {
        return ctx_fail(c, ERR_NOT_FOUND, "", "%s have no score.", e->label_plural);
    }
    for (size_t i = 0; i < e->score_count; i++) {
        when[i] = e->score[i].when;
    }
    if (query_eval(c->db, &system, e, id, when, e->score_count, c->arena, holds, &c->err) != 0) {
        return -1;
    }
    int64_t sum = sum_of(e, holds);
    jw_init(&w, out);
    jw_object(&w);
    jw_kv_int(&w, "score", sum);
    jw_kv_bool(&w, "hot", e->hot > 0 && sum >= e->hot);
    print_points(e, holds, &w);
    jw_object_end(&w);
    return 0;
}
