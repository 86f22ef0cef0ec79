/*
 * Idempotency-Key on any POST: the answer of the first request is kept under (user, key) in the
 * same savepoint as its effect, so a repeat, also one that races or comes after a crash, gets that
 * answer and does nothing. A key used with another request is a conflict. Answers are dropped after
 * a day (accounts_sweep). A record is printed anew, as far as its writer may see it by then.
 *
 * How: before the handler runs, the key is looked up. Then ctx->with_effect is set: lib/core calls
 * it inside the writer when the effect is complete. Handlers of single-savepoint writes announce
 * their result with keep_result, so the stored answer is final at once. Others (long writes in
 * slices) are stored as done without a body, and keep_end adds the body.
 */
#include <string.h>

#include "api/route.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/str.h"
#include "store/accounts.h"

#define CHANGE_HEADER "X-Kontor-Change: "

struct keeper {
    const char *key;
    int64_t user;
    struct answer answer;
    const struct record_result *result; /* while the handler runs: it lies on its stack */
    int status;
    bool raced; /* another request with this key was faster */
    bool kept;  /* a row was written */
    bool final; /* with the whole answer in it */
};

/* The keeper of a request hangs on ctx->with_effect_data while its handler runs. */
static struct keeper *keeper_of(struct request *q)
{
    return q->ctx->with_effect_data;
}

/* The headers of `written` in records.c. */
static const char *answer_head(struct ctx *c, const struct record_result *result)
{
    const char *head = "";
    if (result->version > 0) {
        head = arena_printf(c->arena, "ETag: \"%lld\"\r\n", (long long)result->version);
    }
    if (result->change > 0) {
        head = arena_printf(c->arena, "%s" CHANGE_HEADER "%lld\r\n", head,
                            (long long)result->change);
    }
    return head;
}

/* The answer as long as there is none: of a long write the change it makes and the job that goes on
 * with it, whatever becomes of this request. */
static const char *begun(struct ctx *c)
{
    return c->began_job == 0
               ? arena_printf(c->arena, "{\"replayed\":true,\"change\":%lld}",
                              (long long)c->change.id)
               : arena_printf(c->arena, "{\"replayed\":true,\"change\":%lld,\"job\":%lld}",
                              (long long)c->began_root, (long long)c->began_job);
}

/* Writer thread, inside the savepoint of the effect. */
static int keep_effect(struct ctx *c, void *data)
{
    struct keeper *k = data;
    struct answer earlier;
    struct err lookup = {0};
    if (accounts_answer_find(c->db, k->user, k->key, c->arena, &earlier, &lookup) == 0) {
        k->raced = true;
        return ctx_fail(c, ERR_CONFLICT, "Idempotency-Key",
                        "Another request with this key was faster.");
    }
    if (lookup.code != ERR_NOT_FOUND) {
        c->err = lookup;
        return -1;
    }
    k->final = k->result != NULL && k->result->body != NULL;
    bool goes_on = c->began_job != 0;
    k->answer.status = k->final ? k->status : goes_on ? 202 : 200;
    k->answer.headers = k->final ? answer_head(c, k->result) : "";
    k->answer.body = k->final ? k->result->body
                                : begun(c);
    k->kept = true;
    return accounts_answer_put(c->db, k->user, k->key, &k->answer, c->now_ms, &c->err);
}

static void hash_request(struct request *q, unsigned char out[CRYPTO_HASH_SIZE])
{
    struct buf text = {0};
    buf_printf(&text, "%s %s?%s\n", q->method, q->path, q->query != NULL ? q->query : "");
    if (q->body != NULL) {
        json_print(&text, q->body);
    }
    crypto_sha256(text.data, text.size, out);
    buf_done(&text);
}

/* The record a kept answer is about, 0 for none. */
static int64_t record_of(struct request *q, const struct answer *earlier)
{
    const struct json *body = NULL;
    struct err e = {0};
    int64_t id = 0;
    if (q->entity == NULL || earlier->body == NULL ||
        json_parse(q->ctx->arena, earlier->body, strlen(earlier->body), &body, &e) != 0 ||
        !str_eq(json_text(body, "entity"), q->entity->name) ||
        json_int(json_find(body, "id"), &id) != 0) {
        return 0;
    }
    return id;
}

/* What the writer may see of his record by now: it may have changed hands, and his rights too. */
static int print_again(struct request *q, struct reply *r, const struct answer *earlier, int64_t id)
{
    struct json_writer w;
    int64_t version = 0, change = 0;
    const char *at = strstr(earlier->headers != NULL ? earlier->headers : "", CHANGE_HEADER);
    jw_init(&w, &r->body);
    if (record_print(q->ctx, q->entity, id, 0, NULL, NULL, &w, &version) != 0) {
        if (q->ctx->err.code != ERR_NOT_FOUND) {
            return -1;
        }
        err_clear(&q->ctx->err);
        buf_clear(&r->body);
        buf_printf(&r->body, "{\"id\":%lld,\"entity\":\"%s\",\"hidden\":true}", (long long)id,
                   q->entity->name);
    }
    if (at != NULL) {
        at += sizeof CHANGE_HEADER - 1;
        str_to_id(arena_strndup(q->ctx->arena, at, strcspn(at, "\r")), &change);
    }
    reply_etag(r, version);
    reply_change(r, change);
    return 0;
}

/* 1 answered from the store, 0 unknown key, -1 error. */
static int replay(struct request *q, struct reply *r, const struct keeper *k)
{
    struct answer earlier;
    struct err lookup = {0};
    struct db *db = ctx_db(q->ctx);
    if (db == NULL) {
        return -1;
    }
    if (accounts_answer_find(db, k->user, k->key, q->ctx->arena, &earlier, &lookup) != 0) {
        if (lookup.code == ERR_NOT_FOUND) {
            return 0;
        }
        q->ctx->err = lookup;
        return -1;
    }
    if (memcmp(earlier.request, k->answer.request, CRYPTO_HASH_SIZE) != 0) {
        return ctx_fail(q->ctx, ERR_CONFLICT, "Idempotency-Key",
                        "This key was used for another request.");
    }
    r->status = earlier.status;
    buf_clear(&r->head);
    buf_clear(&r->body);
    reply_header(r, "Idempotent-Replayed", "true");
    int64_t record = record_of(q, &earlier);
    if (record != 0) {
        return print_again(q, r, &earlier, record) == 0 ? 1 : -1;
    }
    buf_puts(&r->head, earlier.headers != NULL ? earlier.headers : "");
    reply_text(r, earlier.body != NULL ? earlier.body : "",
               earlier.body != NULL ? strlen(earlier.body) : 0);
    return 1;
}

int keep_begin(struct request *q, struct reply *r, struct keeper **out, bool *replayed)
{
    const char *key = request_header(q, "Idempotency-Key");
    *out = NULL;
    *replayed = false;
    if (key == NULL || strcmp(q->method, "POST") != 0 || q->ctx->dry_run ||
        q->route->need == NEED_PUBLIC ||
        q->route->need == NEED_STRANGER) {
        return 0;
    }
    size_t n = strlen(key);
    if (n == 0 || n > 200) {
        return ctx_fail(q->ctx, ERR_MALFORMED, "Idempotency-Key",
                        "The key must have 1 to 200 characters.");
    }
    struct keeper *k = ARENA_NEW(q->ctx->arena, struct keeper);
    k->key = arena_strdup(q->ctx->arena, key);
    k->user = q->ctx->actor.user;
    hash_request(q, k->answer.request);
    int known = replay(q, r, k);
    if (known != 0) {
        *replayed = known > 0;
        return known > 0 ? 0 : -1;
    }
    q->ctx->with_effect = keep_effect;
    q->ctx->with_effect_data = k;
    *out = k;
    return 0;
}

void keep_result(struct request *q, const struct record_result *result, int status)
{
    struct keeper *k = keeper_of(q);
    if (k != NULL) {
        k->result = result;
        k->status = status;
    }
}

/* What this request kept itself is no other's answer. A request that failed may have failed because an equal one was faster, here or before the writer
 * (an undo finds its change undone already): then that one's answer is the answer. */
static int answer_of_other(struct request *q, struct reply *r, const struct keeper *k)
{
    struct err failed = q->ctx->err;
    if (r->streamed || k->kept || (!k->raced && failed.code == ERR_RATE)) {
        return -1;
    }
    err_clear(&q->ctx->err);
    int known = replay(q, r, k);
    if (known == 0) {
        q->ctx->err = failed;
    }
    return known == 1 ? 0 : -1;
}

static int store_final(struct ctx *c, void *data)
{
    const struct keeper *k = data;
    return accounts_answer_put(c->db, k->user, k->key, &k->answer, c->now_ms, &c->err);
}

int keep_end(struct request *q, struct reply *r, struct keeper *k, int rc)
{
    if (k == NULL) {
        return rc;
    }
    q->ctx->with_effect = NULL;
    q->ctx->with_effect_data = NULL;
    if (rc != 0) {
        return answer_of_other(q, r, k);
    }
    if (!k->kept || k->final || r->streamed || r->secret) {
        return rc;
    }
    k->answer.status = r->status;
    k->answer.headers = buf_text(&r->head);
    k->answer.body = buf_text(&r->body);
    struct change_set done = q->ctx->change;
    if (ctx_write_fixed(q->ctx, store_final, k) != 0) {
        log_warn("%s: the effect is done, its answer could not be kept: %s", q->ctx->trace,
                 q->ctx->err.text);
        err_clear(&q->ctx->err);
    }
    q->ctx->change = done;
    return 0;
}
