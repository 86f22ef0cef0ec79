/*
 * From a JSON object to the values of fields: the only way in from requests. Every problem is
 * collected, so a form shows all of them at once. What is written here: names and rights of fields,
 * the types' own parsers, then links, checked together against what the actor may see.
 */
#include <string.h>

#include "base/buf.h"
#include "core/parts.h"
#include "core/series_parts.h"
#include "store/merged.h"

struct link_check { /* an id that somebody gave for a link */
    const struct field *field;
    int64_t id;
};

struct parse {
    struct ctx *c;
    const struct entity *entity;
    struct field_set *set;
    int64_t id;            /* of the record that is changed; 0: a new one, or many */
    struct record *before; /* that record, when somebody asked for it */
    bool create;
    struct link_check *links;
    size_t link_count, link_room;
};

struct field_set *field_set_new(struct arena *a, const struct entity *e)
{
    struct field_set *set = ARENA_NEW(a, struct field_set);
    set->given = ARENA_ARRAY(a, bool, e->field_count);
    set->values = ARENA_ARRAY(a, struct value, e->column_count);
    return set;
}

/* Where the columns of f begin among the entity's columns. */
static size_t first_column(const struct entity *e, const struct field *f)
{
    size_t at = 0;
    while (at < e->column_count && e->columns[at]->field != f) {
        at++;
    }
    return at;
}

const struct value *field_set_values(const struct field_set *set, const struct entity *e,
                                     const struct field *f)
{
    return &set->values[first_column(e, f)];
}

void field_set_put(struct field_set *set, const struct entity *e, const struct field *f,
                   const struct value *values)
{
    size_t at = first_column(e, f);
    for (size_t i = 0; i < f->column_count && at + i < e->column_count; i++) {
        set->values[at + i] = values[i];
    }
    set->given[f->index] = true;
}

static const char *where_of(struct ctx *c, const struct field *f)
{
    return arena_printf(c->arena, "%s.%s", f->entity->name, f->name);
}

static void remember_link(struct parse *p, const struct field *f, int64_t id)
{
    if (p->link_count == p->link_room) {
        size_t room = p->link_room == 0 ? 8 : p->link_room * 2;
        struct link_check *more = ARENA_ARRAY(p->c->arena, struct link_check, room);
        if (p->link_count > 0) {
            memcpy(more, p->links, sizeof(*more) * p->link_count);
        }
        p->links = more;
        p->link_room = room;
    }
    p->links[p->link_count++] = (struct link_check){.field = f, .id = id};
}

/* ---- Links ----------------------------------------------------------------------------------- */

/* An id that was merged stands for the record it was merged into. */
static int follow(struct parse *p, int64_t *id)
{
    int64_t survivor = 0;
    if (merged_survivor(p->c->db, *id, &survivor, &p->c->err) != 0) {
        return -1;
    }
    *id = survivor != 0 ? survivor : *id;
    return 0;
}

static int resolve_link(struct parse *p, const struct field *f, struct parsed *in)
{
    if (in->reference_count == 0) {
        if (in->values[0].kind == VALUE_INT) {
            if (follow(p, &in->values[0].i) != 0) {
                return -1;
            }
            remember_link(p, f, in->values[0].i);
        }
        return 0;
    }
    int64_t id = 0;
    if (record_resolve(p->c, f, &in->references[0], where_of(p->c, f), &id) != 0) {
        return -1;
    }
    in->values[0] = value_int(id);
    return 0;
}

/* Ids given plus references resolved, each once, as a JSON list. */
static int resolve_records(struct parse *p, const struct field *f, struct parsed *in)
{
    int64_t *ids = NULL;
    size_t count = print_ids(p->c->arena, in->values[0], &ids);
    int64_t *all = ARENA_ARRAY(p->c->arena, int64_t, count + in->reference_count + 1);
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        if (follow(p, &ids[i]) != 0) {
            return -1;
        }
        remember_link(p, f, ids[i]);
        all[n++] = ids[i];
    }
    int rc = 0;
    for (size_t i = 0; i < in->reference_count; i++) {
        int64_t id = 0;
        if (record_resolve(p->c, f, &in->references[i], where_of(p->c, f), &id) != 0) {
            rc = -1;
        } else {
            all[n++] = id;
        }
    }
    struct buf text = {0};
    buf_putc(&text, '[');
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        bool again = false;
        for (size_t k = 0; k < i && !again; k++) {
            again = all[k] == all[i];
        }
        if (!again) {
            buf_printf(&text, kept++ > 0 ? ",%lld" : "%lld", (long long)all[i]);
        }
    }
    buf_putc(&text, ']');
    in->values[0] =
        kept > 0 ? value_text(arena_strndup(p->c->arena, text.data, text.size)) : value_null();
    buf_done(&text);
    return rc;
}

/* Does the record that is changed point there already? What it links to may have gone to the trash
 * since: who sends a whole list back says nothing new. */
static int stood_before(struct parse *p, const struct field *f, int64_t id, bool *stood)
{
    struct ctx *c = p->c;
    int64_t *ids = NULL;
    *stood = false;
    if (p->id == 0) {
        return 0;
    }
    if (p->before == NULL &&
        rows_load(c->db, p->entity, p->id, c->arena, &p->before, &c->err) != 0) {
        return -1;
    }
    struct value v = record_value(p->before, f);
    *stood = v.kind == VALUE_INT && v.i == id;
    size_t count = print_ids(c->arena, v, &ids);
    for (size_t i = 0; i < count; i++) {
        *stood = *stood || ids[i] == id;
    }
    return 0;
}

/* One query for all ids of the body: each must be a living record of the right kind that the actor
 * sees. */
static int check_links(struct parse *p)
{
    struct ctx *c = p->c;
    if (p->link_count == 0) {
        return 0;
    }
    int64_t *ids = ARENA_ARRAY(c->arena, int64_t, p->link_count);
    for (size_t i = 0; i < p->link_count; i++) {
        ids[i] = p->links[i].id;
    }
    struct title_row *rows = NULL;
    if (print_titles(c, ids, p->link_count, &rows) != 0) {
        return -1;
    }
    for (size_t i = 0; i < p->link_count; i++) {
        const struct field *f = p->links[i].field;
        bool kind = f->to == NULL || rows[i].entity == f->to;
        bool stood = false;
        if (!rows[i].hidden && rows[i].deleted && stood_before(p, f, ids[i], &stood) != 0) {
            return -1;
        }
        if (rows[i].hidden || (rows[i].deleted && !stood) || !kind) {
            err_add(&c->err, c->arena, ERR_INVALID, where_of(c, f),
                    "There is no %s with the id %lld.", f->to != NULL ? f->to->name : "record",
                    (long long)ids[i]);
        }
    }
    return 0;
}

/* ---- Fields ---------------------------------------------------------------------------------- */

/* A type's refusal as a sentence. */
static const char *sentence(struct ctx *c, const char *text)
{
    size_t n = strlen(text);
    char *s = arena_printf(c->arena, "%s%s", text, n > 0 && text[n - 1] == '.' ? "" : ".");
    *s = *s >= 'a' && *s <= 'z' ? (char)(*s - 'a' + 'A') : *s;
    return s;
}

static void parse_value(struct parse *p, const struct field *f, const struct json *in)
{
    struct ctx *c = p->c;
    struct parsed parsed = {0};
    if (in->type != JSON_NULL) {
        struct parse_context pc = {
            .arena = c->arena, .model = c->model, .at_ms = ctx_rates_ms(c)};
        struct err e = {0};
        if (f->type->parse_json(&pc, f, in, &parsed, &e) != 0) {
            err_add(&c->err, c->arena, ERR_INVALID, where_of(c, f), "%s", sentence(c, e.text));
            return;
        }
        if (field_is_link(f) && resolve_link(p, f, &parsed) != 0) {
            return;
        }
        if (field_is_records(f) && resolve_records(p, f, &parsed) != 0) {
            return;
        }
    }
    field_set_put(p->set, p->entity, f, parsed.values);
}

static void parse_member(struct parse *p, const struct json *in)
{
    struct ctx *c = p->c;
    if (p->create && share_is_asked(p->entity, in->key)) {
        return; /* share_with, once the entry is there */
    }
    if (series_is_asked(c, p->entity, in->key)) {
        return; /* so is how it repeats */
    }
    if ((p->create || p->id != 0) && then_is_asked(c, p->entity, in->key)) {
        return; /* next steps, once it is written */
    }
    const char *where = arena_printf(c->arena, "%s.%.60s", p->entity->name, in->key);
    const struct field *f = access_field(c, p->entity, in->key, ERR_INVALID, where);
    if (f == NULL) {
        return;
    }
    if (!access_sets(c, f)) {
        err_add(&c->err, c->arena, ERR_INVALID, where, "%s may not be set.", f->label);
        return;
    }
    if (in->type == JSON_NULL && f->type->serial && !p->create) {
        err_add(&c->err, c->arena, ERR_INVALID, where, "%s may not be taken away.", f->label);
        return;
    }
    parse_value(p, f, in);
}

int record_parse(struct ctx *c, const struct entity *e, const struct json *body, int64_t id,
                 bool create, struct field_set *out)
{
    if (body == NULL || body->type != JSON_OBJECT) {
        return ctx_fail(c, ERR_MALFORMED, "",
                        "The body must be a JSON object with the fields of the %s.", e->name);
    }
    struct parse p = {.c = c,
                      .entity = e,
                      .set = field_set_new(c->arena, e),
                      .id = id,
                      .create = create};
    for (const struct json *m = body->child; m != NULL; m = m->next) {
        parse_member(&p, m);
    }
    if (check_links(&p) != 0 || keep_addresses(c, e, p.set) != 0) {
        return -1;
    }
    *out = *p.set;
    return c->err.code == ERR_NONE ? 0 : -1;
}

/* ---- Values of before ------------------------------------------------------------------------ */

/* The ids of a link or list that are not in `now` already. */
static size_t ids_to_come(struct ctx *c, const struct record *now, const struct field *f,
                          struct value v, int64_t **out)
{
    int64_t *have = NULL;
    if (!field_is_records(f)) {
        *out = ARENA_ARRAY(c->arena, int64_t, 1);
        (*out)[0] = v.i;
        return value_equal(v, record_value(now, f)) ? 0 : 1;
    }
    size_t count = print_ids(c->arena, v, out), n = 0;
    size_t have_count = print_ids(c->arena, record_value(now, f), &have);
    for (size_t i = 0; i < count; i++) {
        bool there = false;
        for (size_t k = 0; k < have_count && !there; k++) {
            there = have[k] == (*out)[i];
        }
        if (!there) {
            (*out)[n++] = (*out)[i];
        }
    }
    return n;
}

/* Which record it is stays unsaid: it may be one he may not see. */
static int links_fit(struct ctx *c, const struct record *now, const struct field *f,
                     struct value v, const char **why)
{
    int64_t *ids = NULL;
    struct title_row *rows = NULL;
    size_t count = ids_to_come(c, now, f, v, &ids);
    if (count > 0 && print_titles(c, ids, count, &rows) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        if (rows[i].hidden || rows[i].deleted || (f->to != NULL && rows[i].entity != f->to)) {
            *why = "It leads to a record that is in the bin, or that you may not see.";
        }
    }
    return 0;
}

int record_fits(struct ctx *c, const struct record *now, const struct field *f,
                const struct value *values, const char **why)
{
    const struct json *in = NULL;
    struct parse_context pc = {
        .arena = c->arena, .model = c->model, .at_ms = ctx_rates_ms(c)};
    struct parsed parsed = {0};
    struct err e = {0};
    struct json_writer w;
    struct buf text = {0};
    *why = NULL;
    if (value_is_empty(values[0])) {
        *why = f->required.always ? arena_printf(c->arena, "%s is required.", f->label) : NULL;
        return 0;
    }
    if (field_is_link(f) || field_is_records(f)) {
        return links_fit(c, now, f, values[0], why);
    }
    jw_init(&w, &text);
    f->type->print_json(&w, f, values);
    int rc = json_parse(c->arena, buf_text(&text), text.size, &in, &c->err);
    buf_done(&text);
    if (rc == 0 && f->type->parse_json(&pc, f, in, &parsed, &e) != 0) {
        *why = sentence(c, e.text);
    }
    return rc;
}
