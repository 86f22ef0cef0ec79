/* Private addresses of calendars: made, listed, taken back and read; see feed.h. */
#include <pthread.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/str.h"
#include "core/account.h"
#include "core/feed_parts.h"
#include "core/form_limit.h"
#include "store/accounts.h"
#include "store/feeds.h"

#define MARK         "kf_"
#define ENTRIES_MOST 5000
#define PEOPLE       "participants"
#define TOUCH_MS     60000
#define MINUTE_MS    60000
#define DAY_MS       86400000LL
#define PER_MINUTE   20
#define SLOTS        256

/* What it holds; where that is too much, less: what comes next is what people look for. */
static const struct window {
    int back, ahead; /* days; 0 ahead: all that is to come */
} WINDOWS[] = {{90, 0}, {30, 0}, {7, 0}, {0, 0}, {0, 366}, {0, 92}, {0, 31}, {0, 7}, {0, 1}};

/* ---- One's own ------------------------------------------------------------------------------- */

/* Which records are meant: -1 when they cannot stand in a calendar or the view is none. */
static int read_wish(struct ctx *c, const struct json *body, struct feed *f,
                     const struct entity **out)
{
    const char *plural = json_text(body, "entity"), *view = json_text(body, "view");
    const struct entity *e = plural != NULL ? model_plural_find(c->model, plural) : c->model->work;
    const struct json *asked = json_find(body, "view");
    if (asked != NULL && asked->type != JSON_STRING && asked->type != JSON_NULL) {
        return ctx_fail(c, ERR_INVALID, "view", "The view is a text: its name or its number.");
    }
    if (e == NULL || feed_when(c, e) == NULL || !ctx_may(c, ACTION_SEE, e)) {
        return ctx_fail(c, ERR_INVALID, "entity",
                        "Such records have no day or time to stand in a calendar.");
    }
    f->entity = e->name;
    f->view = view != NULL && *view != '\0' ? view : NULL;
    f->name = json_text(body, "name") != NULL ? str_trim(c->arena, json_text(body, "name")) : "";
    if (f->view != NULL && !ctx_may(c, ACTION_EXPORT, e)) {
        return ctx_fail(c, ERR_FORBIDDEN, "view", "Your role may not export %s.", e->label_plural);
    }
    if (f->view == NULL && e != c->model->work) {
        return ctx_fail(c, ERR_INVALID, "view", "Say which view of %s.", e->label_plural);
    }
    if (str_utf8_length(f->name) > 100) {
        return ctx_fail(c, ERR_INVALID, "name", "The name has at most 100 characters.");
    }
    *out = e;
    return 0;
}

/* What is one's own, and what one takes part in. */
static const char *own_of(struct ctx *c, const struct entity *e)
{
    return entity_field_find(e, PEOPLE) == NULL
               ? " and owner = me"
               : arena_printf(c->arena, " and (owner = me or " PEOPLE " contains %lld)",
                              (long long)c->actor.user);
}

static int spec_of(struct ctx *c, const struct entity *e, const char *view,
                   const struct window *window, struct list_spec *out)
{
    char from[CLOCK_DATE_SIZE], to[CLOCK_DATE_SIZE];
    clock_date_of(c->now_ms - window->back * DAY_MS, from);
    clock_date_of(c->now_ms + (window->ahead + 1) * DAY_MS, to);
    const struct field *when = feed_when(c, e);
    const char *own = view == NULL ? own_of(c, e) : "";
    const char *before =
        window->ahead == 0 ? "" : arena_printf(c->arena, " and %s < \"%s\"", when->name, to);
    const struct list_request q = {
        .view = view,
        .filter = arena_printf(c->arena, "%s >= \"%s\"%s%s", when->name, from, before, own)};
    if (list_read(c, e, &q, out) != 0) {
        return -1;
    }
    out->sort_count = 0;
    return 0;
}

static int write_feed(struct ctx *c, void *data)
{
    struct feed *f = data;
    struct credential credential;
    if (accounts_credential(c->db, f->user, c->arena, &credential, &c->err) != 0) {
        return -1;
    }
    f->epoch = credential.epoch;
    return feeds_add(c->db, f, &c->err);
}

int feed_make(struct ctx *c, const struct json *body, const char **token, int64_t *id)
{
    struct feed f = {.user = c->actor.user, .created_at = c->now_ms};
    const struct entity *e = NULL;
    struct list_spec spec;
    unsigned char secret[32];
    if (f.user == 0) {
        return ctx_fail(c, ERR_FORBIDDEN, "", "A calendar address belongs to a user.");
    }
    if (read_wish(c, body, &f, &e) != 0 || spec_of(c, e, f.view, &WINDOWS[0], &spec) != 0) {
        return -1;
    }
    f.name = f.name[0] != '\0' ? f.name : e->label_plural;
    crypto_random(secret, sizeof secret);
    char *full = arena_printf(c->arena, MARK "%s", crypto_base64url(c->arena, secret, sizeof secret));
    crypto_wipe(secret, sizeof secret);
    crypto_sha256(full, strlen(full), f.hash);
    ctx_release(c);
    if (ctx_write_fixed(c, write_feed, &f) != 0) {
        return -1;
    }
    *token = full;
    *id = f.id;
    return 0;
}

static void print_time(struct json_writer *w, const char *key, int64_t ms)
{
    char text[CLOCK_INSTANT_SIZE];
    if (ms > 0) {
        clock_print_instant(ms, text);
        jw_kv_text(w, key, text);
    }
}

static int whose(struct ctx *c, const char *named, int64_t *out)
{
    *out = c->actor.user;
    if (named == NULL) {
        return 0;
    }
    return ctx_is_admin(c) ? account_find_user(c, named, out)
                           : ctx_fail(c, ERR_FORBIDDEN, "user",
                                      "Only an administrator may see calendar addresses of others.");
}

static void print_feed(struct ctx *c, const struct feed *f, int64_t epoch, struct json_writer *w)
{
    const struct entity *e = model_entity_find(c->model, f->entity);
    jw_object(w);
    jw_kv_int(w, "id", f->id);
    jw_kv_text(w, "name", f->name);
    jw_kv_text(w, "entity", e != NULL ? e->plural : f->entity);
    if (f->view != NULL) {
        jw_kv_text(w, "view", f->view);
    }
    print_time(w, "created_at", f->created_at);
    print_time(w, "used_at", f->used_at);
    if (f->epoch != epoch) {
        jw_kv_bool(w, "ended", true);
    }
    jw_object_end(w);
}

int feed_list(struct ctx *c, const char *named, struct buf *out)
{
    struct feed *list = NULL;
    size_t count = 0;
    int64_t user;
    struct credential credential;
    struct json_writer w;
    if (whose(c, named, &user) != 0 || ctx_db(c) == NULL ||
        accounts_credential(c->db, user, c->arena, &credential, &c->err) != 0 ||
        feeds_list(c->db, user, c->arena, &list, &count, &c->err) != 0) {
        return -1;
    }
    jw_init(&w, out);
    jw_object(&w);
    jw_key(&w, "items");
    jw_array(&w);
    for (size_t i = 0; i < count; i++) {
        print_feed(c, &list[i], credential.epoch, &w);
    }
    jw_array_end(&w);
    jw_object_end(&w);
    return 0;
}

static int write_removal(struct ctx *c, void *data)
{
    return feeds_remove(c->db, *(const int64_t *)data, ctx_is_admin(c) ? 0 : c->actor.user, &c->err);
}

int feed_remove(struct ctx *c, int64_t id)
{
    return ctx_write_fixed(c, write_removal, &id);
}

/* ---- For whoever has the address ------------------------------------------------------------- */

/* Reading one costs more than most requests: so many times a minute is enough for any program. */
static bool is_too_often(int64_t id, int64_t now_ms)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static struct {
        int64_t id, since;
        int n;
    } slots[SLOTS];
    size_t i = (size_t)id % SLOTS;
    pthread_mutex_lock(&lock);
    if (slots[i].id != id || now_ms - slots[i].since > MINUTE_MS || now_ms < slots[i].since) {
        slots[i].id = id;
        slots[i].since = now_ms;
        slots[i].n = 0;
    }
    bool often = ++slots[i].n > PER_MINUTE;
    pthread_mutex_unlock(&lock);
    return often;
}

static int nobody(struct ctx *c)
{
    err_clear(&c->err);
    return ctx_fail(c, ERR_NOT_FOUND, "", "There is no such calendar.");
}

static int write_touch(struct ctx *c, void *data)
{
    return feeds_touch(c->db, *(const int64_t *)data, c->now_ms, &c->err);
}

/* The feed behind the token, with its owner as the actor. */
static int open_feed(struct ctx *c, const char *token, const char *address, struct feed *f)
{
    unsigned char hash[CRYPTO_HASH_SIZE];
    crypto_sha256(token, strlen(token), hash);
    if (!str_starts(token, MARK) || ctx_db(c) == NULL ||
        feeds_find(c->db, hash, c->arena, f, &c->err) != 0 ||
        account_by_feed(c, f->user, f->epoch) != 0) {
        if (c->err.code == ERR_BUSY) {
            return -1;
        }
        if (form_limit_calendar(address, c->now_ms)) {
            return nobody(c);
        }
        err_clear(&c->err);
        return ctx_fail(c, ERR_RATE, "", "Too many wrong addresses. Try again later.");
    }
    return is_too_often(f->id, c->now_ms)
               ? ctx_fail(c, ERR_RATE, "", "This calendar is asked for too often.")
               : 0;
}

/* What a calendar says of itself that holds less than others. */
static const char *told(struct ctx *c, const struct window *w)
{
    if (w->ahead > 0) {
        return arena_printf(c->arena, "Only the next %d days: there are more than %d entries.",
                            w->ahead, ENTRIES_MOST);
    }
    return w == WINDOWS ? NULL
                        : arena_printf(c->arena,
                                       "Only from %d days ago on: there are more than %d entries.",
                                       w->back, ENTRIES_MOST);
}

static int collect(struct ctx *c, const struct feed *f, const struct entity **e, int64_t **ids,
                   size_t *count, const char **about)
{
    const struct who who = ctx_who(c);
    *e = model_entity_find(c->model, f->entity);
    if (*e == NULL || feed_when(c, *e) == NULL || !ctx_may(c, ACTION_SEE, *e) ||
        (f->view != NULL && !ctx_may(c, ACTION_EXPORT, *e))) {
        return nobody(c);
    }
    for (size_t i = 0; i < COUNT(WINDOWS); i++) {
        struct list_spec spec;
        *about = told(c, &WINDOWS[i]);
        if (spec_of(c, *e, f->view, &WINDOWS[i], &spec) != 0) {
            return nobody(c);
        }
        if (query_ids(c->db, &who, &spec, 0, ENTRIES_MOST + 1, c->arena, ids, count, &c->err) != 0) {
            return -1;
        }
        if (*count <= ENTRIES_MOST) {
            return 0;
        }
    }
    *count = ENTRIES_MOST;
    return 0;
}

int feed_read(struct ctx *c, const char *token, const char *address, struct buf *out,
              int64_t *changed)
{
    struct feed f;
    const struct entity *e = NULL;
    int64_t *ids = NULL;
    const char *about = NULL;
    size_t count = 0;
    if (open_feed(c, token, address, &f) != 0 || ctx_db(c) == NULL ||
        collect(c, &f, &e, &ids, &count, &about) != 0 ||
        feed_print(c, e, f.name, about, ids, count, out, changed) != 0) {
        return -1;
    }
    ctx_release(c);
    if (c->now_ms - f.used_at > TOUCH_MS && ctx_write_fixed(c, write_touch, &f.id) != 0) {
        err_clear(&c->err); /* a full disk takes no calendar away */
    }
    return 0;
}
