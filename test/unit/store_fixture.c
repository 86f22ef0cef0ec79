/* See store_fixture.h. */
#include "store_fixture.h"

#include <dirent.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/str.h"
#include "store/db.h"

/* ---- life ------------------------------------------------------------------------------------ */

static void on_commit(void *data, const struct event *events, size_t count)
{
    struct fixture *f = data;
    for (size_t i = 0; i < count && f->event_count < COUNT(f->events); i++) {
        f->events[f->event_count++] = events[i];
    }
}

struct model *fixture_model(struct fixture *f, ...)
{
    struct source *builtin = NULL;
    size_t count = 0;
    assert_int_equal(model_builtin_sources(&f->a, &builtin, &count), 0);
    struct source *all = ARENA_ARRAY(&f->a, struct source, count + 8);
    memcpy(all, builtin, count * sizeof(*all));
    va_list args;
    va_start(args, f);
    const char *name;
    while ((name = va_arg(args, const char *)) != NULL) {
        const char *text = va_arg(args, const char *);
        all[count++] = (struct source){.name = name, .text = text, .size = strlen(text)};
    }
    va_end(args);
    struct model *m = NULL;
    struct err e = {0};
    if (model_load(all, count, &m, &e, &f->a) != 0) {
        fail_msg("model: %s %s", e.where, e.text);
    }
    return m;
}

static int apply(struct db *db, void *caller, struct err *e)
{
    struct fixture *f = caller;
    return schema_apply(db, f->m, 0, &f->a, e);
}

int fixture_apply(struct fixture *f, struct model *m)
{
    struct model *old = f->m;
    err_clear(&f->e);
    f->m = m;
    if (store_write(f->s, WRITE_NORMAL, apply, f, &f->e) != 0) {
        f->m = old;
        model_release(m);
        return -1;
    }
    if (old) {
        model_release(old);
    }
    return 0;
}

int fixture_setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    crypto_init();
    arena_init(&f->a);
    f->dir = unit_folder(&f->a);
    const struct store_options options = {
        .dir = f->dir, .create = true, .readers = 2, .hooks = {.on_commit = on_commit, .data = f}};
    if (store_open(&options, &f->s, &f->e) != 0) {
        fail_msg("store: %s", f->e.text);
    }
    if (fixture_apply(f, fixture_model(f, NULL)) != 0) {
        fail_msg("apply: %s %s", f->e.where, f->e.text);
    }
    *state = f;
    return 0;
}

static void remove_tree(struct arena *a, const char *path)
{
    DIR *d = opendir(path);
    for (struct dirent *entry; d && (entry = readdir(d)) != NULL;) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            remove_tree(a, arena_printf(a, "%s/%s", path, entry->d_name));
        }
    }
    if (d) {
        closedir(d);
        rmdir(path);
    } else {
        unlink(path);
    }
}

int fixture_teardown(void **state)
{
    struct fixture *f = *state;
    store_close(f->s);
    model_release(f->m);
    remove_tree(&f->a, f->dir);
    arena_done(&f->a);
    free(f);
    return 0;
}

const struct entity *fixture_entity(struct fixture *f, const char *name)
{
    const struct entity *e = model_entity_find(f->m, name);
    assert_non_null(e);
    return e;
}

const struct field *fixture_field(struct fixture *f, const char *entity, const char *field)
{
    const struct field *x = entity_field_find(fixture_entity(f, entity), field);
    assert_non_null(x);
    return x;
}

/* ---- writing --------------------------------------------------------------------------------- */

enum what { INSERT, UPDATE, TRASH, RESTORE, ROOT, UNDO, SQL };

struct call {
    struct fixture *f;
    enum what what;
    const char *entity, *text;
    int64_t id, result;
    struct undone undone;
};

static void set_values(struct fixture *f, struct record *r, const char *text)
{
    char *copy = arena_strdup(&f->a, text);
    for (char *part = strtok(copy, ","); part; part = strtok(NULL, ",")) {
        char *equals = strchr(part, '=');
        assert_non_null(equals);
        *equals = '\0';
        bool found = false;
        for (size_t i = 0; i < r->entity->column_count; i++) {
            const struct column *c = r->entity->columns[i];
            if (strcmp(c->name, part) == 0) {
                bool number = strcmp(c->sql_type, "INTEGER") == 0;
                r->values[i] = equals[1] == '\0' ? value_null()
                               : number          ? value_int(atoll(equals + 1))
                                                 : value_text(equals + 1);
                found = true;
            }
        }
        if (!found) {
            fail_msg("no column %s", part);
        }
    }
}

static struct record *copy_of(struct arena *a, const struct record *r)
{
    struct record *copy = record_new(a, r->entity);
    struct value *values = copy->values;
    *copy = *r;
    copy->values = values;
    memcpy(values, r->values, r->entity->column_count * sizeof(*values));
    return copy;
}

static int load(struct db *db, struct fixture *f, int64_t id, struct record **out, struct err *e)
{
    const struct entity *entity = NULL;
    if (rows_entity_of(db, f->m, id, &entity, e) != 0) {
        return -1;
    }
    return entity ? rows_load(db, entity, id, &f->a, out, e)
                  : err_fail(e, ERR_NOT_FOUND, "", "none");
}

static int insert(struct db *db, struct call *c, struct change_set *cs, struct err *e)
{
    struct record *r = record_new(&c->f->a, fixture_entity(c->f, c->entity));
    set_values(c->f, r, c->text);
    if (rows_insert(db, c->f->m, cs, r, e) != 0 || rows_compute(db, c->f->m, cs, r, e) != 0) {
        return -1;
    }
    c->id = r->id;
    return rows_rollup(db, c->f->m, cs, NULL, r, e);
}

static int update_to(struct db *db, struct fixture *f, struct change_set *cs,
                     const struct record *before, struct record *after, struct err *e)
{
    bool changed = false;
    if (rows_update(db, f->m, cs, before, after, &changed, e) != 0 ||
        rows_compute(db, f->m, cs, after, e) != 0) {
        return -1;
    }
    return rows_rollup(db, f->m, cs, before, after, e);
}

static int undo_step(struct db *db, struct call *c, struct change_set *cs,
                     const struct undo_step *step, struct err *e)
{
    struct record *r = NULL;
    c->undone.kept += step->kept_count;
    if (step->kept_record) {
        c->undone.kept_records++;
        return 0;
    }
    if (rows_load(db, step->entity, step->record, &c->f->a, &r, e) != 0) {
        return -1;
    }
    struct record *before = copy_of(&c->f->a, r);
    if (step->op == OP_CREATE || step->op == OP_RESTORE) {
        return rows_trash(db, c->f->m, cs, r, e) != 0 ? -1
                                                      : rows_rollup(db, c->f->m, cs, before, r, e);
    }
    if (step->op == OP_DELETE && rows_restore(db, c->f->m, cs, r, e) != 0) {
        return -1;
    }
    struct record *after = copy_of(&c->f->a, r);
    for (size_t i = 0; i < step->count; i++) {
        const struct field *field = step->columns[i]->field;
        struct value *values = (struct value *)(uintptr_t)record_values(after, field);
        values[step->columns[i]->part] = step->before[i];
    }
    return update_to(db, c->f, cs, r, after, e);
}

static int undo(struct db *db, struct call *c, struct change_set *cs, struct err *e)
{
    int64_t after = 0;
    size_t count = 2;
    c->undone = (struct undone){0};
    while (count == 2) { /* small slices, to test that they go on where they stopped */
        struct undo_step *steps = NULL;
        if (change_undo_plan(db, c->f->m, c->id, after, 2, &c->f->a, &steps, &count, e) != 0) {
            return -1;
        }
        for (size_t i = 0; i < count; i++) {
            after = steps[i].record;
            c->undone.steps++;
            if (undo_step(db, c, cs, &steps[i], e) != 0) {
                return -1;
            }
        }
    }
    return 0;
}

static int write_record(struct db *db, struct call *c, struct change_set *cs, struct err *e)
{
    struct record *r = NULL;
    if (load(db, c->f, c->id, &r, e) != 0) {
        return -1;
    }
    struct record *before = copy_of(&c->f->a, r);
    if (c->what == UPDATE) {
        set_values(c->f, r, c->text);
        return update_to(db, c->f, cs, before, r, e);
    }
    int rc =
        c->what == TRASH ? rows_trash(db, c->f->m, cs, r, e) : rows_restore(db, c->f->m, cs, r, e);
    return rc != 0 ? -1 : rows_rollup(db, c->f->m, cs, before, r, e);
}

static int run(struct db *db, void *caller, struct err *e)
{
    struct call *c = caller;
    struct change_set cs = {
        .actor = 7, .source = SOURCE_API, .parent = c->f->parent, .undo_of = c->f->undo_of};
    if (c->what == SQL) {
        return db_run_script(db, c->text, e);
    }
    if (c->what == ROOT) {
        int rc = change_root(db, &cs, &c->f->a, e);
        c->result = cs.id;
        return rc;
    }
    if (change_begin(db, &cs, &c->f->a, e) != 0) {
        return -1;
    }
    int rc = c->what == INSERT ? insert(db, c, &cs, e)
             : c->what == UNDO ? undo(db, c, &cs, e)
                               : write_record(db, c, &cs, e);
    if (rc != 0 || change_finish(db, &cs, e) != 0) {
        return -1;
    }
    c->result = cs.id;
    return 0;
}

static int call(struct call *c)
{
    err_clear(&c->f->e);
    return store_write(c->f->s, WRITE_NORMAL, run, c, &c->f->e);
}

int64_t fixture_insert(struct fixture *f, const char *entity, const char *values)
{
    struct call c = {.f = f, .what = INSERT, .entity = entity, .text = values};
    return call(&c) != 0 ? -1 : c.id;
}

static int64_t change_one(struct fixture *f, enum what what, int64_t id, const char *values)
{
    struct call c = {.f = f, .what = what, .id = id, .text = values};
    return call(&c) != 0 ? -1 : c.result;
}

int64_t fixture_update(struct fixture *f, int64_t id, const char *values)
{
    return change_one(f, UPDATE, id, values);
}

int64_t fixture_trash(struct fixture *f, int64_t id)
{
    return change_one(f, TRASH, id, NULL);
}

int64_t fixture_restore(struct fixture *f, int64_t id)
{
    return change_one(f, RESTORE, id, NULL);
}

int64_t fixture_root(struct fixture *f)
{
    f->parent = 0;
    f->parent = change_one(f, ROOT, 0, NULL);
    return f->parent;
}

int fixture_undo(struct fixture *f, int64_t set, struct undone *out)
{
    struct call c = {.f = f, .what = UNDO, .id = set};
    f->undo_of = set;
    int rc = call(&c);
    f->undo_of = 0;
    *out = c.undone;
    out->set = c.result;
    return rc;
}

int fixture_sql(struct fixture *f, const char *sql)
{
    return (int)change_one(f, SQL, 0, sql);
}

/* ---- reading --------------------------------------------------------------------------------- */

int64_t fixture_int(struct fixture *f, const char *sql)
{
    struct db *db = store_reader_take(f->s, 0);
    int64_t value = 0;
    assert_non_null(db);
    assert_int_equal(db_get_int(db, sql, NULL, 0, -1, &value, &f->e), 0);
    store_reader_give(f->s, db);
    return value;
}

char *fixture_text(struct fixture *f, const char *sql)
{
    struct db *db = store_reader_take(f->s, 0);
    sqlite3_stmt *st = stmt_get(db, sql, &f->e);
    assert_non_null(st);
    char *text = stmt_step(db, st, &f->e) == 1 ? stmt_text(st, 0, &f->a) : NULL;
    stmt_done(st);
    store_reader_give(f->s, db);
    return text ? text : arena_strdup(&f->a, "");
}

struct record *fixture_load(struct fixture *f, int64_t id)
{
    struct db *db = store_reader_take(f->s, 0);
    struct record *r = NULL;
    assert_int_equal(load(db, f, id, &r, &f->e), 0);
    store_reader_give(f->s, db);
    return r;
}

const char *fixture_value(struct fixture *f, int64_t id, const char *field)
{
    struct record *r = fixture_load(f, id);
    struct value v = record_value(r, fixture_field(f, r->entity->name, field));
    return v.kind == VALUE_TEXT  ? v.s
           : v.kind == VALUE_INT ? arena_printf(&f->a, "%lld", (long long)v.i)
                                 : "";
}

static void count_bad(void *data, int64_t set, const char *text)
{
    int *bad = data;
    (void)set;
    (void)text;
    ++*bad;
}

int fixture_chain(struct fixture *f)
{
    struct db *db = store_reader_take(f->s, 0);
    int64_t checked = 0;
    unsigned char head[32];
    int bad = 0;
    assert_int_equal(chain_verify(db, f->m, 0, count_bad, &bad, &checked, head, &f->e), 0);
    assert_true(checked > 0);
    store_reader_give(f->s, db);
    return bad;
}
