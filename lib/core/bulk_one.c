/*
 * What a bulk change does to one record: sets values, adds to lists and takes from them, deletes,
 * restores, or makes a note or activity about it. The entries of a list are compared as people read
 * them: texts without case and blanks, addresses by their value.
 */
#include <string.h>

#include "base/str.h"
#include "core/bulk.h"

static int malformed(struct ctx *c, const char *where, const char *text)
{
    return ctx_fail(c, ERR_MALFORMED, where, "%s", text);
}

/* {"note": {…}}: the one kind of record to make, and its field that can name any record. */
static int read_make(struct bulk *b)
{
    struct ctx *c = b->c;
    const struct json *one = b->make->type == JSON_OBJECT ? b->make->child : NULL;
    if (one == NULL || one->next != NULL || one->type != JSON_OBJECT) {
        return malformed(c, "make", "\"make\" is an object like {\"note\": {\"text\": \"…\"}}.");
    }
    b->made = model_entity_find(c->model, one->key);
    for (size_t i = 0; b->made != NULL && i < b->made->field_count && b->about == NULL; i++) {
        const struct field *f = b->made->fields[i];
        b->about = field_is_records(f) && access_sets(c, f) ? f : NULL;
    }
    if (b->about == NULL) {
        return ctx_fail(c, ERR_MALFORMED, "make", "A “%.60s” cannot be about other records.",
                        one->key);
    }
    return 0;
}

int bulk_read_what(struct bulk *b, const struct json *body)
{
    b->set = json_find(body, "set");
    b->add = json_find(body, "add");
    b->remove = json_find(body, "remove");
    b->make = json_find(body, "make");
    bool changes = b->set != NULL || b->add != NULL || b->remove != NULL;
    bool deletes = json_true(body, "delete"), restores = json_true(body, "restore");
    if (changes + deletes + restores + (b->make != NULL) != 1) {
        return malformed(b->c, "",
                         "Say what to do: exactly one of \"set\", \"add\" and \"remove\", "
                         "\"delete\": true, \"restore\": true, \"make\".");
    }
    b->kind = changes    ? BULK_CHANGE
              : deletes  ? BULK_DELETE
              : restores ? BULK_RESTORE
                         : BULK_MAKE;
    return b->make != NULL ? read_make(b) : 0;
}

/* Values to add to lists or to take out; every field is a list. */
static int parse_lists(struct bulk *b, const struct json *lists, const char *where,
                       struct field_set *out)
{
    struct ctx *c = b->c;
    if (lists == NULL) {
        return 0;
    }
    for (const struct json *m = lists->child; m != NULL; m = m->next) {
        const struct field *f = entity_field_find(b->entity, m->key);
        if (f != NULL && access_sees(c, f) && !field_is_list(f)) {
            return ctx_fail(c, ERR_INVALID, arena_printf(c->arena, "%s.%s", b->entity->name, f->name),
                            "%s has one value; use \"set\", not \"%s\".", f->label, where);
        }
    }
    return record_parse(c, b->entity, lists, 0, false, out);
}

int bulk_parse(struct bulk *b)
{
    struct ctx *c = b->c;
    if (b->kind == BULK_MAKE) {
        return access_entity(c, ACTION_CREATE, b->made) != 0
                   ? -1
                   : record_parse(c, b->made, b->make->child, 0, true, &b->fields);
    }
    if (b->kind != BULK_CHANGE) {
        return 0;
    }
    if (b->set != NULL && record_parse(c, b->entity, b->set, 0, false, &b->fields) != 0) {
        return -1;
    }
    return parse_lists(b, b->add, "add", &b->adds) != 0 ||
                   parse_lists(b, b->remove, "remove", &b->removes) != 0
               ? -1
               : 0;
}

enum action bulk_action(const struct bulk *b)
{
    switch (b->kind) {
    case BULK_CHANGE:
        return ACTION_EDIT;
    case BULK_MAKE:
        return ACTION_SEE;
    default:
        return ACTION_DELETE;
    }
}

/* ---- Lists ----------------------------------------------------------------------------------- */

static const struct json *items_of(struct arena *a, struct value v)
{
    const struct json *list = NULL;
    struct err ignored = {0};
    bool is_list = v.kind == VALUE_TEXT && json_parse(a, v.s, v.n, &list, &ignored) == 0 &&
                   list->type == JSON_ARRAY;
    return is_list ? list->child : NULL;
}

/* What an entry is known by: its text, the value of an address, an id as text. */
static const char *known_by(struct arena *a, const struct json *item)
{
    const struct json *value = item->type == JSON_OBJECT ? json_find(item, "value") : item;
    int64_t id = 0;
    if (value != NULL && value->type == JSON_STRING) {
        const char *tight = str_fold_tight(a, value->text);
        return *tight != '\0' ? tight : value->text;
    }
    return value != NULL && json_int(value, &id) == 0 ? arena_printf(a, "#%lld", (long long)id) : "";
}

static bool holds(struct arena *a, const struct json *items, const struct json *item)
{
    const char *key = known_by(a, item);
    for (const struct json *one = items; one != NULL; one = one->next) {
        if (strcmp(known_by(a, one), key) == 0) {
            return true;
        }
    }
    return false;
}

/* `from` with `add` at its end, without what `remove` holds. */
static struct value merged(struct arena *a, struct value from, struct value add,
                           struct value remove)
{
    const struct json *old = items_of(a, from), *more = items_of(a, add);
    const struct json *less = items_of(a, remove);
    struct buf text = {0};
    size_t count = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (const struct json *one = pass == 0 ? old : more; one != NULL; one = one->next) {
            if (holds(a, less, one) || (pass == 1 && holds(a, old, one))) {
                continue;
            }
            buf_puts(&text, count++ > 0 ? "," : "[");
            json_print(&text, one);
        }
    }
    struct value v = value_null();
    if (count > 0) {
        buf_putc(&text, ']');
        const char *copy = arena_strndup(a, text.data, text.size);
        v = value_text(copy);
    }
    buf_done(&text);
    return v;
}

static struct value given(const struct field_set *set, const struct entity *e,
                          const struct field *f)
{
    return set->given != NULL && set->given[f->index] ? field_set_values(set, e, f)[0]
                                                      : value_null();
}

/* The values of this record: those set, and its own lists with more or less in them. */
static struct field_set *values_for(struct bulk *b, const struct record *r)
{
    struct arena *a = b->c->arena;
    struct field_set *out = field_set_new(a, b->entity);
    for (size_t i = 0; i < b->entity->field_count; i++) {
        const struct field *f = b->entity->fields[i];
        bool set = b->fields.given != NULL && b->fields.given[f->index];
        struct value add = given(&b->adds, b->entity, f), less = given(&b->removes, b->entity, f);
        if (add.kind != VALUE_NULL || less.kind != VALUE_NULL) {
            struct value from = set ? field_set_values(&b->fields, b->entity, f)[0]
                                    : record_value(r, f);
            struct value values[FIELD_MAX_COLUMNS] = {merged(a, from, add, less)};
            field_set_put(out, b->entity, f, values);
        } else if (set) {
            field_set_put(out, b->entity, f, field_set_values(&b->fields, b->entity, f));
        }
    }
    return out;
}

/* ---- Examples -------------------------------------------------------------------------------- */

static bool differs(const struct record *x, const struct record *y, const struct field *f)
{
    for (size_t i = 0; i < f->column_count; i++) {
        if (!value_equal(record_values(x, f)[i], record_values(y, f)[i])) {
            return true;
        }
    }
    return false;
}

static int print_field(struct ctx *c, struct json_writer *w, const struct record *r,
                       const struct field *f)
{
    const struct value *values = record_values(r, f);
    struct title_row *row = NULL;
    struct link_title to = {0};
    if (field_is_link(f) && values[0].kind == VALUE_INT) {
        if (print_titles(c, &values[0].i, 1, &row) != 0) {
            return -1;
        }
        to = print_target(row);
    }
    jw_key(w, f->name);
    print_value(w, c, f, values, &to);
    return 0;
}

/* {"id","title","before":{…},"after":{…}} with the fields that differ, as far as they are seen and no
 * lists of records. */
static int tell(struct bulk *b, const struct record *before, const struct record *after)
{
    struct ctx *c = b->c;
    const struct record *states[] = {before, after};
    static const char *const NAMES[] = {"before", "after"};
    struct json_writer w;
    if (b->examples.size > 0) {
        buf_putc(&b->examples, ',');
    }
    jw_init(&w, &b->examples);
    jw_object(&w);
    jw_kv_int(&w, "id", before->id);
    jw_kv_text(&w, "title", before->title);
    for (size_t s = 0; s < COUNT(states); s++) {
        jw_key(&w, NAMES[s]);
        jw_object(&w);
        for (size_t i = 0; i < b->entity->field_count; i++) {
            const struct field *f = b->entity->fields[i];
            if (!f->system && f->column_count > 0 && !field_is_records(f) && access_sees(c, f) &&
                differs(before, after, f) && print_field(c, &w, states[s], f) != 0) {
                return -1;
            }
        }
        jw_object_end(&w);
    }
    jw_object_end(&w);
    b->example_count++;
    return 0;
}

/* ---- One record ------------------------------------------------------------------------------ */

static int change(struct bulk *b, const struct record *r, bool *changed)
{
    struct written done = {0};
    if (write_change(b->c, r, values_for(b, r), &done) != 0) {
        return -1;
    }
    *changed = done.changed;
    return done.changed && b->example_count < EXAMPLES_MAX ? tell(b, r, done.record) : 0;
}

static int make(struct bulk *b, int64_t id, bool *changed)
{
    struct field_set *set = field_set_new(b->c->arena, b->made);
    struct record *made = NULL;
    for (size_t i = 0; i < b->made->field_count; i++) {
        const struct field *f = b->made->fields[i];
        if (b->fields.given[f->index]) {
            field_set_put(set, b->made, f, field_set_values(&b->fields, b->made, f));
        }
    }
    struct value about[FIELD_MAX_COLUMNS] = {
        value_text(arena_printf(b->c->arena, "[%lld]", (long long)id))};
    field_set_put(set, b->made, b->about, about);
    *changed = true;
    return record_insert_in(b->c, b->made, set, &made);
}

int bulk_do(struct bulk *b, int64_t id, bool *changed)
{
    struct ctx *c = b->c;
    struct record *r = NULL;
    if (record_permit(c, bulk_action(b), b->entity, id, b->kind == BULK_RESTORE) != 0 ||
        (b->kind == BULK_RESTORE && merge_refuse_restore(c, b->entity, id) != 0)) {
        return -1;
    }
    if (b->kind == BULK_MAKE) {
        return make(b, id, changed);
    }
    if (rows_load(c->db, b->entity, id, c->arena, &r, &c->err) != 0) {
        return -1;
    }
    if (b->kind == BULK_CHANGE) {
        return change(b, r, changed);
    }
    bool in_trash = r->deleted_at != 0;
    *changed = in_trash == (b->kind == BULK_RESTORE);
    return b->kind == BULK_DELETE ? record_trash_in(c, r) : record_restore_in(c, r);
}
