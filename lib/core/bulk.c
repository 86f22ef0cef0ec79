/*
 * Bulk changes: the same write for many records, each with its own rights, validation and
 * savepoint, so that one bad record does not stop the others. Up to BULK_SLICE records are one
 * transaction; more run in slices (long_write.h).
 *
 * Which records: the ids given, or those a filter finds among what the actor may change, in order
 * of id. The filter is looked at again in every slice, after the last id done: a change that moves
 * records out of the filter does not disturb. Many ids lie in the job as a text of differences,
 * "1200,1,1,5", which a slice reads only as far as it needs: every slice reads and writes the job.
 */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "core/build.h"
#include "core/bulk.h"
#include "core/long_write.h"

#define IDS_MAX 100000
#define FIND_MS 2000 /* for a filter: the writer asks it again, and everybody waits for the writer */

/* ---- The request ----------------------------------------------------------------------------- */

static int bulk_malformed(struct ctx *c, const char *where, const char *text)
{
    return ctx_fail(c, ERR_MALFORMED, where, "%s", text);
}

static int by_id(const void *x, const void *y)
{
    const int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
    return a < b ? -1 : a > b;
}

static int read_ids(struct bulk *b, const struct json *ids)
{
    struct ctx *c = b->c;
    if (ids->type != JSON_ARRAY || ids->count > IDS_MAX) {
        return bulk_malformed(c, "ids", "\"ids\" is a list of at most 100000 numbers.");
    }
    b->ids = ARENA_ARRAY(c->arena, int64_t, ids->count + 1);
    for (const struct json *one = ids->child; one != NULL; one = one->next) {
        if (json_int(one, &b->ids[b->id_count++]) != 0) {
            return bulk_malformed(c, "ids", "\"ids\" is a list of numbers.");
        }
        if (b->ids[b->id_count - 1] < 1) {
            return ctx_fail(c, ERR_MALFORMED, "ids", "\"ids\" is a list of numbers from 1, not %lld.",
                            (long long)b->ids[b->id_count - 1]);
        }
    }
    if (b->id_count > 1) {
        qsort(b->ids, b->id_count, sizeof(*b->ids), by_id);
        size_t n = 1;
        for (size_t i = 1; i < b->id_count; i++) {
            if (b->ids[i] != b->ids[n - 1]) {
                b->ids[n++] = b->ids[i];
            }
        }
        b->id_count = n;
    }
    return 0;
}

static const char *const BULK_KEYS[] = {"filter", "ids",    "all",     "set", "add",
                                        "remove", "delete", "restore", "make"};

static int check_keys(struct ctx *c, const struct json *body)
{
    for (const struct json *m = body->child; m != NULL; m = m->next) {
        bool known = false;
        for (size_t i = 0; i < COUNT(BULK_KEYS); i++) {
            known = known || strcmp(m->key, BULK_KEYS[i]) == 0;
        }
        if (!known) {
            return ctx_fail(c, ERR_MALFORMED, m->key, "A bulk change has no “%.60s”.", m->key);
        }
    }
    return 0;
}

/* An empty one may be a slip: all are said to be all. (A job of an earlier version may say it so.) */
static int read_filter(struct bulk *b, const struct json *filter, bool stored)
{
    struct ctx *c = b->c;
    bool text = filter->type == JSON_STRING;
    if (!text || (!stored && *str_trim(c->arena, filter->text) == '\0')) {
        return bulk_malformed(c, "filter",
                              "\"filter\" is a condition; say \"all\": true when you mean all.");
    }
    b->by_filter = true;
    return list_filter(c, b->entity, filter->text, &b->filter);
}

/* stored: the body of a job, not of a request. */
static int read_bulk(struct ctx *c, const struct entity *e, const struct json *body, bool stored,
                     struct bulk *b)
{
    *b = (struct bulk){.c = c, .entity = e};
    if (body == NULL || body->type != JSON_OBJECT) {
        return bulk_malformed(c, "", "The body must be a JSON object.");
    }
    const struct json *ids = json_find(body, "ids"), *filter = json_find(body, "filter");
    bool all = json_true(body, "all");
    if (check_keys(c, body) != 0 || bulk_read_what(b, body) != 0) {
        return -1;
    }
    if ((ids != NULL) + (filter != NULL) + all != 1) {
        return bulk_malformed(c, "",
                              "Say which records: either \"ids\" or \"filter\" or \"all\": true.");
    }
    if (ids != NULL && stored && ids->type == JSON_STRING) {
        b->packed = ids->text;
        return 0;
    }
    if (ids != NULL) {
        return read_ids(b, ids);
    }
    b->by_filter = all;
    return all ? 0 : read_filter(b, filter, stored);
}

static struct list_spec spec_of(const struct bulk *b)
{
    return (struct list_spec){.entity = b->entity,
                              .action = bulk_action(b),
                              .filter = b->filter,
                              .trash = b->kind == BULK_RESTORE};
}

/* ---- One record ------------------------------------------------------------------------------ */

struct one {
    struct bulk *bulk;
    int64_t id;
    bool changed;
};

static int change_one(struct ctx *c, void *params)
{
    struct one *one = params;
    size_t from = next_begin(c);
    return bulk_do(one->bulk, one->id, &one->changed) != 0 ? -1 : next_keep(c, from);
}

static void note_error(struct bulk *b, int64_t id)
{
    struct err *e = &b->c->err;
    if (b->error_count++ < ERRORS_MAX) {
        struct json_writer w;
        if (b->errors.size > 0) {
            buf_putc(&b->errors, ',');
        }
        jw_init(&w, &b->errors);
        jw_object(&w);
        jw_kv_int(&w, "id", id);
        jw_kv_text(&w, "text", e->text);
        if (e->where[0] != '\0') {
            jw_kv_text(&w, "where", e->where);
        }
        jw_object_end(&w);
    }
    err_clear(e);
}

static int try_one(struct bulk *b, int64_t id)
{
    struct one one = {.bulk = b, .id = id};
    bool fatal = false;
    b->matched++;
    if (ctx_try(b->c, change_one, &one, &fatal) == 0) {
        b->changed += one.changed ? 1 : 0;
    } else if (fatal) {
        return -1;
    } else {
        note_error(b, id);
    }
    b->after = id;
    return 0;
}

static void next_packed(const struct bulk *b, int64_t **ids, size_t *count)
{
    const char *at = b->packed;
    int64_t id = 0;
    *ids = ARENA_ARRAY(b->c->arena, int64_t, b->rows);
    *count = 0;
    while (*at != '\0' && *count < b->rows) {
        char *end = NULL;
        id += strtoll(at, &end, 10);
        if (id > b->after) {
            (*ids)[(*count)++] = id;
        }
        at = *end == ',' ? end + 1 : "";
    }
}

/* The next ids after b->after, at most b->rows. */
static int next_ids(struct bulk *b, int64_t **ids, size_t *count)
{
    struct ctx *c = b->c;
    if (b->by_filter) {
        struct who who = ctx_who(c);
        struct list_spec spec = spec_of(b);
        return query_ids(c->db, &who, &spec, b->after, b->rows, c->arena, ids, count, &c->err);
    }
    if (b->packed != NULL) {
        next_packed(b, ids, count);
        return 0;
    }
    size_t from = 0;
    while (from < b->id_count && b->ids[from] <= b->after) {
        from++;
    }
    *ids = b->ids + from;
    *count = b->id_count - from < b->rows ? b->id_count - from : b->rows;
    return 0;
}

/* Changes up to b->rows records; *more: some are left. */
static int run_some(struct bulk *b, bool limited, bool *more)
{
    int64_t *ids = NULL;
    size_t count = 0, done = 0;
    if (bulk_parse(b) != 0 || next_ids(b, &ids, &count) != 0) {
        return -1;
    }
    while (done < count && !(limited && long_write_full(b->c, done))) {
        if (try_one(b, ids[done]) != 0) {
            return -1;
        }
        done++;
    }
    *more = count == b->rows || done < count;
    b->rows = long_write_rows(b->rows, done);
    return 0;
}

/* ---- Slices ---------------------------------------------------------------------------------- */

static void print_items(struct json_writer *w, const char *key, const struct buf *items)
{
    jw_key(w, key);
    jw_array(w);
    if (items->size > 0) {
        jw_raw(w, items->data, items->size);
    }
    jw_array_end(w);
}

static void forget(struct bulk *b)
{
    buf_done(&b->errors);
    buf_done(&b->examples);
}

static const char *position_text(struct bulk *b)
{
    struct buf text = {0};
    struct json_writer w;
    jw_init(&w, &text);
    jw_object(&w);
    jw_kv_int(&w, "after", b->after);
    jw_kv_int(&w, "rows", (int64_t)b->rows);
    jw_kv_int(&w, "matched", b->matched);
    jw_kv_int(&w, "changed", b->changed);
    jw_kv_int(&w, "error_count", (int64_t)b->error_count);
    print_items(&w, "errors", &b->errors);
    print_items(&w, "examples", &b->examples);
    jw_object_end(&w);
    const char *copy = arena_strndup(b->c->arena, text.data, text.size);
    buf_done(&text);
    return copy;
}

static void read_position(struct bulk *b, const struct json *position)
{
    b->after = position_int(position, "after");
    b->rows = (size_t)position_int(position, "rows");
    b->rows = b->rows == 0 ? LONG_WRITE_ROWS : b->rows;
    b->matched = position_int(position, "matched");
    b->changed = position_int(position, "changed");
    b->error_count = (size_t)position_int(position, "error_count");
    position_items(position, "errors", &b->errors);
    position_items(position, "examples", &b->examples);
    b->example_count = b->examples.size > 0 ? EXAMPLES_MAX : 0;
}

static int run_slice(struct ctx *c, void *params)
{
    struct slice_call *s = params;
    struct job job = {0};
    const struct json *body = NULL, *position = NULL;
    struct bulk b;
    if (long_write_load(c, s->job, &job, &body, &position) != 0) {
        return -1;
    }
    const char *name = json_text(body, "entity");
    const struct entity *e = name != NULL ? model_entity_find(c->model, name) : NULL;
    if (e == NULL) {
        return ctx_fail(c, ERR_NOT_FOUND, "", "The entity of this bulk change is gone.");
    }
    if (read_bulk(c, e, json_find(body, "body"), true, &b) != 0) {
        return -1;
    }
    read_position(&b, position);
    int rc = run_some(&b, true, &s->more);
    if (rc == 0) {
        rc = long_write_save(c, &job, position_text(&b), s->more);
    }
    forget(&b);
    return rc;
}

int bulk_slice(struct ctx *c, int64_t job, bool *more)
{
    return long_write_slice(c, SOURCE_BULK, run_slice, job, more);
}

/* ---- The whole ------------------------------------------------------------------------------- */

static void print_answer(struct bulk *b, int64_t change, struct record_result *out)
{
    struct ctx *c = b->c;
    struct buf text = {0};
    struct json_writer w;
    jw_init(&w, &text);
    jw_object(&w);
    jw_kv_int(&w, "matched", b->matched);
    jw_kv_int(&w, "changed", b->changed);
    jw_kv_int(&w, "refused", (int64_t)b->error_count);
    jw_key(&w, "change");
    if (change != 0) {
        jw_int(&w, change);
    } else {
        jw_null(&w);
    }
    print_items(&w, "errors", &b->errors);
    print_items(&w, "examples", &b->examples);
    if (c->dry_run) {
        jw_kv_bool(&w, "dry_run", true);
    }
    jw_object_end(&w);
    *out = (struct record_result){.change = change,
                                  .body = arena_strndup(c->arena, text.data, text.size),
                                  .body_size = text.size};
    buf_done(&text);
}

struct small_call {
    const struct entity *entity;
    const struct json *body;
    struct record_result *out;
};

static int run_small(struct ctx *c, void *params)
{
    struct small_call *s = params;
    struct bulk b;
    bool more = true;
    int rc = read_bulk(c, s->entity, s->body, false, &b);
    b.rows = BULK_SLICE;
    while (rc == 0 && more) {
        rc = run_some(&b, false, &more);
    }
    if (rc == 0) {
        print_answer(&b, c->change.id, s->out);
    }
    forget(&b);
    return rc;
}

/* What a slice needs to know: the request, its ids packed. */
static void print_job(const struct bulk *b, const struct json *body, struct buf *text)
{
    const char *comma = "";
    buf_printf(text, "{\"entity\":\"%s\",\"body\":{", b->entity->name);
    for (const struct json *m = body->child; m != NULL; m = m->next) {
        if (strcmp(m->key, "ids") != 0) {
            buf_printf(text, "%s\"%s\":", comma, m->key);
            json_print(text, m);
            comma = ",";
        }
    }
    if (!b->by_filter) {
        buf_printf(text, "%s\"ids\":\"", comma);
        for (size_t i = 0; i < b->id_count; i++) {
            buf_puts(text, i > 0 ? "," : "");
            buf_int(text, b->ids[i] - (i > 0 ? b->ids[i - 1] : 0));
        }
        buf_putc(text, '"');
    }
    buf_puts(text, "}}");
}

static int run_large(struct ctx *c, const struct bulk *asked, const struct json *body,
                     struct record_result *out)
{
    struct buf text = {0};
    const struct json *position = NULL;
    const char *result = NULL;
    int64_t root = 0;
    print_job(asked, body, &text);
    struct long_write what = {.kind = "bulk",
                              .source = SOURCE_BULK,
                              .params = arena_strndup(c->arena, text.data, text.size),
                              .slice = bulk_slice};
    buf_done(&text);
    if (long_write_run(c, &what, &result, &root) != 0 ||
        json_parse(c->arena, result, strlen(result), &position, &c->err) != 0) {
        return -1;
    }
    struct bulk b = {.c = c};
    read_position(&b, position);
    print_answer(&b, root, out);
    forget(&b);
    return 0;
}

/* More than one slice's worth of records? Also the first look at the whole request, before anything
 * is written. */
static int is_large(struct ctx *c, const struct entity *e, const struct json *body, struct bulk *b,
                    bool *large)
{
    if (ctx_db(c) == NULL || read_bulk(c, e, body, false, b) != 0 ||
        access_entity(c, bulk_action(b), e) != 0) {
        return -1;
    }
    if (user_permit_all(c, b->made != NULL ? b->made : e) != 0 || bulk_parse(b) != 0) {
        return -1;
    }
    int64_t count = (int64_t)b->id_count;
    if (b->by_filter) {
        struct who who = ctx_who(c);
        struct list_spec spec = spec_of(b);
        bool more = false;
        db_limit_ms(c->db, FIND_MS);
        if (query_count(c->db, &who, &spec, BULK_SLICE + 1, &count, &more, &c->err) != 0) {
            return -1;
        }
    }
    *large = count > BULK_SLICE;
    return 0;
}

int record_bulk(struct ctx *c, const struct entity *e, const struct json *body,
                struct record_result *out)
{
    struct small_call s = {.entity = e, .body = body, .out = out};
    struct bulk b;
    bool large = false;
    *out = (struct record_result){0};
    if (access_entity(c, ACTION_SEE, e) != 0 || is_large(c, e, body, &b, &large) != 0) {
        return -1;
    }
    ctx_release(c);
    if (large) {
        return run_large(c, &b, body, out);
    }
    enum change_source as = c->as;
    c->as = SOURCE_BULK;
    int rc = ctx_write(c, run_small, &s);
    c->as = as;
    out->change = c->change.id;
    return rc;
}
