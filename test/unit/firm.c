/* See firm.h. */
#include "firm.h"

#include <ftw.h>
#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/str.h"
#include "store/schema_plan.h"

/* ---- Opening --------------------------------------------------------------------------------- */

static int apply_model(struct db *db, void *caller, struct err *e)
{
    struct firm *f = caller;
    return schema_apply(db, f->model, 0, &f->arena, e);
}

static void load_model(struct firm *f, const char *const *files)
{
    struct source *builtin = NULL;
    size_t count = 0, more = 0;
    struct err e = {0};
    assert_int_equal(model_builtin_sources(&f->arena, &builtin, &count), 0);
    while (files != NULL && files[2 * more] != NULL) {
        more++;
    }
    struct source *all = ARENA_ARRAY(&f->arena, struct source, count + more);
    memcpy(all, builtin, sizeof(*all) * count);
    for (size_t i = 0; i < more; i++) {
        all[count + i] = (struct source){
            .name = files[2 * i], .text = files[2 * i + 1], .size = strlen(files[2 * i + 1])};
    }
    if (model_load(all, count + more, &f->model, &e, &f->arena) != 0) {
        fail_msg("%s: %s", e.where, e.text);
    }
}

static int64_t add_user(struct firm *f, struct person *p, const char *name, const char *role,
                        int64_t team)
{
    *p = (struct person){.team = team, .role = role};
    const char *json = arena_printf(
        &f->arena, "{\"name\":\"%s\",\"email\":\"%s@firm.example\",\"role\":\"%s\",\"team\":%lld}",
        name, name, role, (long long)team);
    p->id = firm_create(f, &f->system, "user", json);
    return p->id;
}

void firm_open(struct firm *f, const char *const *files)
{
    *f = (struct firm){0};
    struct err e = {0};
    crypto_init();
    arena_init(&f->arena);
    f->dir = unit_folder(&f->arena);
    load_model(f, files);
    struct store_options options = {.dir = f->dir, .readers = 2, .create = true};
    if (store_open(&options, &f->store, &e) != 0 ||
        store_write(f->store, WRITE_NORMAL, apply_model, f, &e) != 0) {
        fail_msg("%s: %s", e.where, e.text);
    }
    f->north = firm_create(f, &f->system, "team", "{\"name\":\"North\"}");
    f->south = firm_create(f, &f->system, "team", "{\"name\":\"South\"}");
    add_user(f, &f->admin, "Ada", "admin", f->north);
    add_user(f, &f->lead, "Lea", "lead", f->north);
    add_user(f, &f->ann, "Ann", "member", f->north);
    add_user(f, &f->bob, "Bob", "member", f->south);
    add_user(f, &f->reader, "Rita", "reader", f->south);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

void firm_close(struct firm *f)
{
    store_close(f->store);
    model_release(f->model);
    nftw(f->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    arena_done(&f->arena);
}

void firm_begin(struct firm *f, struct ctx *c, const struct person *who)
{
    struct actor actor = {.user = who->id,
                          .team = who->team,
                          .role = who->role != NULL ? model_role_find(f->model, who->role) : NULL,
                          .source = SOURCE_API,
                          .name = "test"};
    ctx_begin(c, &f->arena, f->store, f->model, &actor);
}

/* ---- The whole database as one hash ---------------------------------------------------------- */

static void hash_rows(struct crypto_hash *h, sqlite3 *db, const char *sql)
{
    sqlite3_stmt *st = NULL;
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
    while (sqlite3_step(st) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(st); i++) {
            char kind = (char)sqlite3_column_type(st, i);
            crypto_hash_add(h, &kind, 1);
            int size = sqlite3_column_bytes(st, i);
            if (size > 0) {
                crypto_hash_add(h, sqlite3_column_blob(st, i), (size_t)size);
            }
        }
    }
    sqlite3_finalize(st);
}

static char *dump(struct firm *f)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *st = NULL;
    unsigned char digest[CRYPTO_HASH_SIZE];
    struct crypto_hash *h = crypto_hash_new();
    const char *path = arena_printf(&f->arena, "%s/kontor.db", f->dir);
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(
            db,
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
            " AND name NOT LIKE 'sqlite_%' ORDER BY name",
            -1, &st, NULL),
        SQLITE_OK);
    while (sqlite3_step(st) == SQLITE_ROW) {
        hash_rows(h, db,
                  arena_printf(&f->arena, "SELECT * FROM \"%s\"",
                               (const char *)sqlite3_column_text(st, 0)));
    }
    sqlite3_finalize(st);
    sqlite3_close(db);
    crypto_hash_end(h, digest);
    crypto_hash_free(h);
    return crypto_hex(&f->arena, digest, sizeof(digest));
}

/* ---- Writes ---------------------------------------------------------------------------------- */

static const struct json *parse(struct firm *f, const char *text, size_t size)
{
    const struct json *j = NULL;
    struct err e = {0};
    if (size == 0) {
        return NULL;
    }
    if (json_parse(&f->arena, text, size, &j, &e) != 0) {
        fail_msg("not JSON: %s in %.*s", e.text, (int)size, text);
    }
    return j;
}

static int run_one(struct ctx *c, enum firm_write what, const struct entity *e, int64_t id,
                   int64_t if_match, const struct json *body, struct record_result *r)
{
    switch (what) {
    case WRITE_CREATE:
        return record_create(c, e, body, r);
    case WRITE_UPDATE:
        return record_update(c, e, id, if_match, body, r);
    case WRITE_TRASH:
        return record_trash(c, e, id, if_match, r);
    case WRITE_RESTORE:
        return record_restore(c, e, id, body, r);
    case WRITE_BULK:
        return record_bulk(c, e, body, r);
    case WRITE_UNDO:
        return change_undo(c, id, r);
    }
    return -1;
}

static struct result run_ctx(struct firm *f, const struct person *who, bool dry,
                             enum firm_write what, const struct entity *e, int64_t id,
                             int64_t if_match, const struct json *body)
{
    struct ctx c;
    struct record_result r = {0};
    firm_begin(f, &c, who);
    c.dry_run = dry;
    int rc = run_one(&c, what, e, id, if_match, body, &r);
    struct result out = {.code = c.err.code,
                         .where = arena_strdup(&f->arena, c.err.where),
                         .text = arena_strdup(&f->arena, c.err.text),
                         .items = c.err.items,
                         .item_count = c.err.item_count,
                         .id = r.id,
                         .version = r.version,
                         .change = r.change};
    assert_int_equal(rc == 0, c.err.code == ERR_NONE);
    assert_false(c.in_write);
    if (r.body != NULL && (rc == 0 || c.err.code == ERR_STALE)) {
        out.body = parse(f, r.body, r.body_size);
    }
    ctx_end(&c);
    return out;
}

static void same_messages(const struct result *dry, const struct result *real)
{
    assert_int_equal(dry->code, real->code);
    assert_string_equal(dry->where, real->where);
    assert_string_equal(dry->text, real->text);
    assert_int_equal(dry->item_count, real->item_count);
    const struct err_item *a = dry->items, *b = real->items;
    for (; a != NULL && b != NULL; a = a->next, b = b->next) {
        assert_string_equal(a->where, b->where);
        assert_string_equal(a->text, b->text);
    }
    assert_int_equal(dry->id, real->id);
    assert_int_equal(dry->version, real->version);
}

struct result firm_do(struct firm *f, const struct person *who, enum firm_write what,
                      const char *entity, int64_t id, int64_t if_match, const char *json)
{
    const struct entity *e = entity != NULL ? model_entity_find(f->model, entity) : NULL;
    const struct json *body = json != NULL ? parse(f, json, strlen(json)) : NULL;
    char *before = dump(f);
    struct result dry = run_ctx(f, who, true, what, e, id, if_match, body);
    assert_string_equal(before, dump(f));
    struct result real = run_ctx(f, who, false, what, e, id, if_match, body);
    same_messages(&dry, &real);
    if (real.code != ERR_NONE) {
        assert_string_equal(before, dump(f));
    }
    real.draft = json_find(dry.body, "draft");
    return real;
}

static void must(const struct result *r)
{
    if (r->code != ERR_NONE) {
        fail_msg("%s: %s", r->where, r->text);
    }
}

int64_t firm_create(struct firm *f, const struct person *who, const char *entity, const char *json)
{
    struct result r = firm_do(f, who, WRITE_CREATE, entity, 0, 0, json);
    must(&r);
    return r.id;
}

int64_t firm_update(struct firm *f, const struct person *who, const char *entity, int64_t id,
                    const char *json)
{
    struct result r = firm_do(f, who, WRITE_UPDATE, entity, id, 0, json);
    must(&r);
    return r.change;
}

struct result firm_undo(struct firm *f, const struct person *who, int64_t change)
{
    return firm_do(f, who, WRITE_UNDO, NULL, change, 0, NULL);
}

/* ---- Reads ----------------------------------------------------------------------------------- */

const struct json *firm_get(struct firm *f, const struct person *who, const char *entity,
                            int64_t id, enum err_code *code)
{
    struct ctx c;
    struct buf out = {0};
    struct json_writer w;
    int64_t version = 0;
    const struct json *j = NULL;
    firm_begin(f, &c, who);
    jw_init(&w, &out);
    if (record_print(&c, model_entity_find(f->model, entity), id, 0, NULL, NULL, &w, &version) ==
        0) {
        j = parse(f, out.data, out.size);
    }
    if (code != NULL) {
        *code = c.err.code;
    } else if (c.err.code != ERR_NONE) {
        fail_msg("%s", c.err.text);
    }
    buf_done(&out);
    ctx_end(&c);
    return j;
}

const struct json *firm_list(struct firm *f, const struct person *who, const char *entity,
                             const struct list_request *q, enum err_code *code)
{
    struct ctx c;
    struct buf out = {0};
    const struct json *j = NULL;
    firm_begin(f, &c, who);
    if (record_list(&c, model_entity_find(f->model, entity), q, &out) == 0) {
        j = parse(f, out.data, out.size);
    }
    if (code != NULL) {
        *code = c.err.code;
    } else if (c.err.code != ERR_NONE) {
        fail_msg("%s: %s", c.err.where, c.err.text);
    }
    buf_done(&out);
    ctx_end(&c);
    return j;
}

const char *firm_text(struct firm *f, const struct json *j, const char *path)
{
    while (j != NULL && *path != '\0') {
        size_t n = strcspn(path, ".");
        const char *key = arena_strndup(&f->arena, path, n);
        int64_t at = 0;
        if (j->type == JSON_ARRAY && str_to_int(key, &at) == 0) {
            const struct json *one = j->child;
            for (; one != NULL && at > 0; at--) {
                one = one->next;
            }
            j = one;
        } else {
            j = json_find(j, key);
        }
        path += n + (path[n] == '.' ? 1 : 0);
    }
    if (j == NULL || j->type == JSON_NULL) {
        return "";
    }
    if (j->type == JSON_BOOL) {
        return j->boolean ? "true" : "false";
    }
    return j->text != NULL ? j->text : "…";
}

bool result_has(const struct result *r, const char *where)
{
    for (const struct err_item *i = r->items; i != NULL; i = i->next) {
        if (strcmp(i->where, where) == 0) {
            return true;
        }
    }
    return false;
}
