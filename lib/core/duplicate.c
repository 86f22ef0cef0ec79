/*
 * Groups of possible doubles; see duplicate.h.
 *
 * The store says, kind by kind, which values several records share. From each such value the group is
 * grown: everything its records share with others, and so on, up to GROUP_MAX. Of the records in it
 * those stay together that are alike enough and that nobody has said are not the same. A group is
 * told at the first of its shared values, so every group is told once, and a page is where a cursor
 * stands: kind and value, sealed, for it may be one that the actor does not see. A page ends when it
 * is full or time is up; then it may hold fewer, even none.
 */
#include "core/duplicate.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/str.h"
#include "model/likeness.h"

#define LIMIT_DEFAULT 50
#define LIMIT_MAX     200
#define GROUP_MAX     20   /* records looked at together */
#define SHARED_AT_ONCE 100
#define PAGE_MS       1000 /* a page ends then */
#define READ_MS       2000
#define DISMISS_MAX   20

static const int KINDS[] = {HANDLE_EMAIL, HANDLE_PHONE, HANDLE_DOMAIN, TWIN_NAME, TWIN_SOUND};

struct finder {
    struct ctx *c;
    struct duplicate_model model;
    struct json_writer *w;
    size_t limit, told;
    size_t kind;       /* of KINDS */
    const char *after; /* value; NULL: from the first of the kind */
    struct arena *home;
};

struct group {
    struct fact facts[GROUP_MAX];
    size_t count;
    bool cut; /* there are more */
    int part[GROUP_MAX]; /* those of one number belong together */
    struct likeness pairs[GROUP_MAX][GROUP_MAX];
};

/* ---- One group ------------------------------------------------------------------------------- */

static int add_by_key(struct finder *f, struct group *g, const struct twin_key *key)
{
    return duplicate_find(f->c, &f->model, key, g->facts, &g->count, GROUP_MAX, &g->cut);
}

/* Everything that hangs together with the records of a value. */
static int grow(struct finder *f, struct group *g, const struct twin_key *seed)
{
    if (add_by_key(f, g, seed) != 0) {
        return -1;
    }
    if (g->count < 2) {
        return 0;
    }
    for (size_t i = 0; i < g->count && !g->cut; i++) {
        for (size_t k = 0; k < g->facts[i].key_count; k++) {
            if (!twin_key_equal(&g->facts[i].keys[k], seed) &&
                add_by_key(f, g, &g->facts[i].keys[k]) != 0) {
                return -1;
            }
        }
    }
    return 0;
}

static void join(struct group *g, size_t x, size_t y)
{
    int from = g->part[y], to = g->part[x];
    for (size_t i = 0; i < g->count; i++) {
        g->part[i] = g->part[i] == from ? to : g->part[i];
    }
}

static int compare_all(struct finder *f, struct group *g)
{
    struct ctx *c = f->c;
    for (size_t i = 0; i < g->count; i++) {
        g->part[i] = (int)i;
    }
    for (size_t x = 0; x < g->count; x++) {
        for (size_t y = x + 1; y < g->count; y++) {
            struct likeness *l = &g->pairs[x][y];
            bool apart = false;
            duplicate_compare(&f->model, &g->facts[x], &g->facts[y], l);
            if (l->score >= DUPLICATE_SCORE &&
                twin_is_apart(c->db, g->facts[x].id, g->facts[y].id, &apart, &c->err) != 0) {
                return -1;
            }
            l->score = apart ? 0 : l->score;
            if (l->score >= DUPLICATE_SCORE) {
                join(g, x, y);
            }
        }
    }
    return 0;
}

/* The first value that two alike records of a part share; NULL: it is none. */
static const struct twin_key *first_of(const struct group *g, int part)
{
    const struct twin_key *first = NULL;
    for (size_t x = 0; x < g->count; x++) {
        for (size_t y = x + 1; y < g->count; y++) {
            const struct likeness *l = &g->pairs[x][y];
            if (g->part[x] != part || l->score < DUPLICATE_SCORE || l->first == NULL) {
                continue;
            }
            bool before = first == NULL || l->first->kind < first->kind ||
                          (l->first->kind == first->kind &&
                           strcmp(l->first->value, first->value) < 0);
            first = before ? l->first : first;
        }
    }
    return first;
}

/* ---- Printing -------------------------------------------------------------------------------- */

/* As sure as the one that belongs to it least. */
static int score_of(const struct group *g, int part)
{
    int score = 100;
    for (size_t x = 0; x < g->count; x++) {
        int best = 0;
        for (size_t y = 0; y < g->count; y++) {
            const struct likeness *l = x < y ? &g->pairs[x][y] : &g->pairs[y][x];
            best = x != y && g->part[x] == part && g->part[y] == part && l->score > best ? l->score
                                                                                        : best;
        }
        score = g->part[x] == part && best < score ? best : score;
    }
    return score;
}

static void print_reasons(const struct group *g, int part, struct arena *a, bool words,
                          struct json_writer *w)
{
    for (int kind = 0; kind < REASON_COUNT; kind++) {
        const struct likeness *found = NULL;
        for (size_t x = 0; x < g->count; x++) {
            for (size_t y = x + 1; y < g->count; y++) {
                const struct likeness *l = &g->pairs[x][y];
                bool is = g->part[x] == part && l->score >= DUPLICATE_SCORE && l->is[kind];
                found = found == NULL && is ? l : found;
            }
        }
        if (found != NULL && words) {
            jw_text(w, duplicate_word(a, (enum reason_kind)kind, found->told[kind]));
        } else if (found != NULL) {
            jw_object(w);
            jw_kv_text(w, "kind", duplicate_name((enum reason_kind)kind));
            jw_kv_text(w, "value", found->told[kind]);
            jw_object_end(w);
        }
    }
}

static int may_merge(struct finder *f, const int64_t *ids, size_t count, bool *may)
{
    struct ctx *c = f->c;
    int64_t *edit = NULL, *delete = NULL;
    size_t edits = 0, deletes = 0;
    if (record_permitted(c, ACTION_EDIT, f->model.entity, ids, count, false, &edit, &edits) != 0 ||
        record_permitted(c, ACTION_DELETE, f->model.entity, ids, count, false, &delete, &deletes) !=
            0) {
        return -1;
    }
    *may = edits == count && deletes + 1 >= count;
    return 0;
}

static int by_id(const void *x, const void *y)
{
    const int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
    return a < b ? -1 : a > b;
}

static int print_part(struct finder *f, const struct group *g, int part)
{
    struct json_writer *w = f->w;
    int64_t ids[GROUP_MAX];
    size_t count = 0;
    bool may = false;
    for (size_t i = 0; i < g->count; i++) {
        if (g->part[i] == part) {
            ids[count++] = g->facts[i].id;
        }
    }
    qsort(ids, count, sizeof(*ids), by_id);
    if (may_merge(f, ids, count, &may) != 0) {
        return -1;
    }
    jw_object(w);
    jw_key(w, "ids");
    jw_array(w);
    for (size_t i = 0; i < count; i++) {
        jw_int(w, ids[i]);
    }
    jw_array_end(w);
    jw_key(w, "titles");
    jw_array(w);
    for (size_t k = 0; k < count; k++) {
        for (size_t i = 0; i < g->count; i++) {
            if (g->facts[i].id == ids[k]) {
                jw_text(w, g->facts[i].title);
            }
        }
    }
    jw_array_end(w);
    jw_kv_int(w, "score", score_of(g, part));
    jw_key(w, "reasons");
    jw_array(w);
    print_reasons(g, part, f->c->arena, true, w);
    jw_array_end(w);
    jw_key(w, "why");
    jw_array(w);
    print_reasons(g, part, f->c->arena, false, w);
    jw_array_end(w);
    jw_kv_bool(w, "mergeable", may);
    if (g->cut) {
        jw_kv_bool(w, "more", true);
    }
    jw_object_end(w);
    f->told++;
    return 0;
}

/* ---- All of them ----------------------------------------------------------------------------- */

static int look_at(struct finder *f, const struct twin_key *seed)
{
    struct group *g = ARENA_NEW(f->c->arena, struct group);
    if (grow(f, g, seed) != 0 || compare_all(f, g) != 0) {
        return -1;
    }
    for (size_t i = 0; i < g->count; i++) {
        if (g->part[i] != (int)i) {
            continue;
        }
        const struct twin_key *first = first_of(g, (int)i);
        if (first != NULL && twin_key_equal(first, seed) && print_part(f, g, (int)i) != 0) {
            return -1;
        }
    }
    return 0;
}

/* Each value with memory of its own: thousands may be looked at for a page. */
static int look_alone(struct finder *f, const struct twin_key *seed)
{
    struct ctx *c = f->c;
    struct arena *home = c->arena, own;
    arena_init(&own);
    c->arena = &own;
    int rc = look_at(f, seed);
    c->arena = home;
    if (rc != 0) {
        struct err failed = c->err;
        err_clear(&c->err);
        err_fail(&c->err, failed.code, failed.where, "%s", failed.text);
    }
    arena_done(&own);
    return rc;
}

static int find_page(struct finder *f)
{
    struct ctx *c = f->c;
    int64_t began = clock_monotonic_ms();
    while (f->kind < COUNT(KINDS)) {
        const char **values = NULL;
        size_t count = 0;
        db_limit_ms(c->db, READ_MS);
        if (twin_shared(c->db, f->model.entity, KINDS[f->kind], f->after, SHARED_AT_ONCE, c->arena,
                        &values, &count, &c->err) != 0) {
            return -1;
        }
        for (size_t i = 0; i < count; i++) {
            const struct twin_key seed = {KINDS[f->kind], values[i]};
            if (f->told >= f->limit || clock_monotonic_ms() - began > PAGE_MS) {
                return 0;
            }
            if (look_alone(f, &seed) != 0) {
                return -1;
            }
            f->after = values[i];
        }
        if (count < SHARED_AT_ONCE) {
            f->kind++;
            f->after = NULL;
        }
    }
    return 0;
}

static const char *print_cursor(const struct finder *f)
{
    struct arena *a = f->c->arena;
    return crypto_seal(a, arena_printf(a, "%zu.%s", f->kind, f->after != NULL ? f->after : ""),
                       f->model.entity->name);
}

static int read_cursor(struct finder *f, const char *sealed)
{
    int64_t kind = 0;
    const char *cursor = crypto_unseal(f->c->arena, sealed, f->model.entity->name);
    size_t n = cursor != NULL ? strcspn(cursor, ".") : 0;
    if (cursor == NULL || str_to_int(arena_strndup(f->c->arena, cursor, n), &kind) != 0 ||
        kind < 0 || kind >= (int64_t)COUNT(KINDS) || cursor[n] != '.') {
        return ctx_fail(f->c, ERR_MALFORMED, "cursor",
                        "This cursor is not from an earlier answer.");
    }
    f->kind = (size_t)kind;
    f->after = cursor[n + 1] != '\0' ? cursor + n + 1 : NULL;
    return 0;
}

static int check_entity(struct ctx *c, const struct entity *e, enum action action)
{
    if (e == NULL || !entity_has_doubles(e) || !record_merges(e)) {
        return ctx_fail(c, ERR_MALFORMED, "entity",
                        "Say of which kind: \"entity\" with e-mail addresses or phone numbers.");
    }
    return access_entity(c, action, e);
}

int duplicates_list(struct ctx *c, const struct entity *e, const char *cursor, int64_t limit,
                    struct buf *out)
{
    struct json_writer w;
    struct finder f = {.c = c, .w = &w, .limit = limit <= 0 ? LIMIT_DEFAULT : (size_t)limit};
    f.limit = f.limit > LIMIT_MAX ? LIMIT_MAX : f.limit;
    if (check_entity(c, e, ACTION_SEE) != 0 || ctx_db(c) == NULL) {
        return -1;
    }
    duplicate_model(c, e, &f.model);
    if (cursor != NULL && *cursor != '\0' && read_cursor(&f, cursor) != 0) {
        return -1;
    }
    jw_init(&w, out);
    jw_object(&w);
    jw_key(&w, "items");
    jw_array(&w);
    if (find_page(&f) != 0) {
        return -1;
    }
    jw_array_end(&w);
    jw_kv_text(&w, "next", f.kind == COUNT(KINDS) ? NULL : print_cursor(&f));
    jw_object_end(&w);
    return 0;
}

/* ---- Not the same ---------------------------------------------------------------------------- */

struct dismissal {
    int64_t ids[DISMISS_MAX];
    size_t count;
    bool apart;
};

static int read_dismissal(struct ctx *c, const struct json *body, struct dismissal *out)
{
    const struct json *ids = json_find(body, "ids"), *flag = json_find(body, "dismissed");
    if (ids == NULL || ids->type != JSON_ARRAY || ids->count < 2 || ids->count > DISMISS_MAX) {
        return ctx_fail(c, ERR_MALFORMED, "ids", "\"ids\" is a list of 2 to %d ids.", DISMISS_MAX);
    }
    for (const struct json *one = ids->child; one != NULL; one = one->next) {
        if (json_int(one, &out->ids[out->count++]) != 0) {
            return ctx_fail(c, ERR_MALFORMED, "ids", "\"ids\" is a list of numbers.");
        }
    }
    if (flag != NULL && flag->type != JSON_BOOL) {
        return ctx_fail(c, ERR_MALFORMED, "dismissed", "\"dismissed\" must be true or false.");
    }
    out->apart = flag == NULL || flag->boolean;
    return 0;
}

/* Whoever may change one of two records may say that it is not the other. */
static int permit_dismissal(struct ctx *c, const struct dismissal *d)
{
    size_t may = 0;
    for (size_t i = 0; i < d->count; i++) {
        const struct entity *e = NULL;
        if (rows_entity_of(c->db, c->model, d->ids[i], &e, &c->err) != 0) {
            return -1;
        }
        if (e == NULL) {
            return ctx_fail(c, ERR_NOT_FOUND, "ids", "There is no record with the id %lld.",
                            (long long)d->ids[i]);
        }
        if (record_permit(c, ACTION_SEE, e, d->ids[i], false) != 0) {
            return -1;
        }
        may += record_permit(c, ACTION_EDIT, e, d->ids[i], false) == 0;
        if (c->err.code == ERR_FORBIDDEN) {
            err_clear(&c->err);
        }
    }
    return may + 1 >= d->count ? 0
                               : ctx_fail(c, ERR_FORBIDDEN, "", "You may not change these records.");
}

static int run_dismiss(struct ctx *c, void *params)
{
    const struct dismissal *d = params;
    if (permit_dismissal(c, d) != 0) {
        return -1;
    }
    for (size_t i = 0; i < d->count; i++) {
        for (size_t k = i + 1; k < d->count; k++) {
            if (d->ids[i] != d->ids[k] &&
                twin_set_apart(c->db, d->ids[i], d->ids[k], c->actor.user, c->now_ms, d->apart,
                               &c->err) != 0) {
                return -1;
            }
        }
    }
    return 0;
}

int duplicates_dismiss(struct ctx *c, const struct json *body, bool *dismissed)
{
    struct dismissal d = {0};
    if (read_dismissal(c, body, &d) != 0 || ctx_write(c, run_dismiss, &d) != 0) {
        return -1;
    }
    *dismissed = d.apart;
    return 0;
}
