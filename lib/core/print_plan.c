/* Which fields are written and how: made once per list from the role and what the URL asks for. See
 * print_plan.h. */
#include "core/print_plan.h"

#include <string.h>

#include "base/str.h"

#define EXTRA_MAX 4

static void add_read(struct print_plan *p, const struct field *f)
{
    p->fields[p->field_count++] = f;
    p->value_count += f->column_count > 0 ? f->column_count : 1;
}

static void make_key(struct print_plan *p, struct cell *cell)
{
    size_t n = strlen(cell->field->name);
    char *key = ARENA_ARRAY(p->c->arena, char, n + 5);
    memcpy(key, ",\"", 2);
    memcpy(key + 2, cell->field->name, n);
    memcpy(key + 2 + n, "\":", 3);
    cell->key = key;
    cell->key_size = n + 4;
}

static struct cell *add_cell(struct print_plan *p, const struct field *f, enum cell_kind how)
{
    struct cell *cell = &p->cells[p->cell_count++];
    *cell = (struct cell){.field = f, .slot = p->field_count, .at = p->value_count, .how = how};
    make_key(p, cell);
    add_read(p, f);
    return cell;
}

static enum cell_kind kind_of(const struct field *f)
{
    if (f->compute != NULL) {
        return CELL_COMPUTED;
    }
    return field_is_records(f) ? CELL_RECORDS : CELL_PLAIN;
}

static bool is_always(const struct field *f)
{
    return strcmp(f->name, "id") == 0 || strcmp(f->name, "version") == 0 ||
           strcmp(f->name, "title") == 0;
}

static void add_field(struct print_plan *p, const struct field *f)
{
    for (size_t i = 0; i < p->cell_count; i++) {
        if (p->cells[i].field == f) {
            p->cells[i].how = kind_of(f);
            return;
        }
    }
    if (!is_always(f)) {
        add_cell(p, f, kind_of(f));
        p->defers = p->defers || field_is_records(f);
    }
}

static const char *const SYSTEM_FIELDS[] = {"created_at", "created_by", "updated_at", "updated_by",
                                            "deleted_at" /* the last: in the trash only */};

static void add_all(struct print_plan *p, bool trash)
{
    const struct entity *e = p->entity;
    for (size_t i = 0; i < COUNT(SYSTEM_FIELDS) - (trash ? 0 : 1); i++) {
        const struct field *f = entity_field_find(e, SYSTEM_FIELDS[i]);
        if (f != NULL) {
            add_field(p, f);
        }
    }
    for (size_t i = 0; i < e->field_count; i++) {
        const struct field *f = e->fields[i];
        if (!f->system && !field_is_extract(f) && access_sees(p->c, f)) {
            add_field(p, f);
        }
    }
}

/* A field that is read but not shown unless the caller asks for it. */
static const struct cell *add_silent(struct print_plan *p, const struct field *f)
{
    if (f == NULL || f->column_count == 0) {
        return NULL;
    }
    for (size_t i = 0; i < p->cell_count; i++) {
        if (p->cells[i].field == f) {
            return &p->cells[i];
        }
    }
    return add_cell(p, f, CELL_SILENT);
}

static int add_next_step(struct print_plan *p)
{
    if (p->next_at >= 0 || !next_activity(p->c, p->entity, &p->activity)) {
        return 0;
    }
    const struct expr *dated, *any;
    if (next_step_exprs(p->c, p->entity, &dated, &any) != 0) {
        return -1;
    }
    p->next_at = (int)p->extra_count;
    p->extra[p->extra_count++] = dated;
    p->extra[p->extra_count++] = any;
    p->defers = true;
    return 0;
}

static int add_idle_days(struct print_plan *p)
{
    if (p->idle_at >= 0 || p->entity->stage == NULL) {
        return 0;
    }
    const struct expr *done = NULL;
    if (next_last_done(p->c, p->entity, &done) != 0) {
        return -1;
    }
    p->idle_at = (int)p->extra_count;
    if (done != NULL) {
        p->extra[p->extra_count++] = done;
    }
    const struct field *since = keep_follower(p->entity, FOLLOWS_ENTERED);
    p->since = add_silent(p, since != NULL ? since : entity_field_find(p->entity, "created_at"));
    p->stage = add_silent(p, p->entity->stage);
    p->pipeline = add_silent(p, p->entity->pipeline);
    return 0;
}

/* ---- Words of the URL ------------------------------------------------------------------------ */

struct special {
    const char *name;
    int (*add)(struct print_plan *p);
};

static int add_nothing(struct print_plan *p)
{
    (void)p;
    return 0;
}

static const struct special SPECIALS[] = {{"entity", add_nothing},
                                          {"next_step", add_next_step},
                                          {"idle_days", add_idle_days},
                                          {NULL, NULL}};

static void free_text(void *text)
{
    buf_done(text);
}

/* The linked records of a field are printed with it, with these fields; NULL and no error when the
 * actor sees none of them anyway. */
static int expand_field(struct print_plan *p, const struct field *f, const char *names,
                        struct expansion **out)
{
    struct ctx *c = p->c;
    *out = NULL;
    if (!ctx_may(c, ACTION_SEE, f->to)) {
        return 0;
    }
    struct expansion *x = ARENA_NEW(c->arena, struct expansion);
    x->field = f;
    if (print_plan_make(c, f->to, names, NULL, false, &x->plan) != 0) {
        return -1;
    }
    arena_defer(c->arena, free_text, &x->text);
    add_field(p, f);
    for (size_t i = 0; i < p->cell_count; i++) {
        if (p->cells[i].field == f) {
            p->cells[i].expand = x;
        }
    }
    p->defers = true;
    *out = x;
    return 0;
}

static int expand_named(struct print_plan *p, const char *name)
{
    struct ctx *c = p->c;
    const struct field *f = access_link(c, p->entity, name, "expand");
    if (f == NULL) {
        return -1;
    }
    char *names = arena_strdup(c->arena, "");
    for (size_t i = 0; i < f->to->list_count; i++) {
        if (access_sees(c, f->to->list[i])) {
            names = arena_printf(c->arena, "%s%s%s", names, *names != '\0' ? "," : "",
                                 f->to->list[i]->name);
        }
    }
    struct expansion *x = NULL;
    return expand_field(p, f, *names != '\0' ? names : "id", &x);
}

static int add_named(struct print_plan *p, const char *name);

static int steps_of(const char *name)
{
    int steps = 0;
    for (const char *dot = strchr(name, '.'); dot != NULL; dot = strchr(dot + 1, '.')) {
        steps++;
    }
    return steps;
}

/* "company.city": the link with what is wanted of its record. */
static int add_path(struct print_plan *p, const char *name, size_t n)
{
    const struct field *f = access_link(p->c, p->entity, arena_strndup(p->c->arena, name, n), "fields");
    struct expansion *x = NULL;
    if (f == NULL) {
        return -1;
    }
    if (steps_of(name) > NAME_LINKS_MAX) {
        return ctx_fail(p->c, ERR_MALFORMED, "fields", "“%.60s” goes over more than %d links.", name,
                        NAME_LINKS_MAX);
    }
    for (size_t i = 0; i < p->cell_count; i++) {
        x = p->cells[i].field == f && p->cells[i].expand != NULL ? p->cells[i].expand : x;
    }
    if (x == NULL && expand_field(p, f, "id", &x) != 0) {
        return -1;
    }
    return x == NULL ? 0 : add_named(x->plan, name + n + 1);
}

static int add_named(struct print_plan *p, const char *name)
{
    size_t n = strcspn(name, ".");
    if (name[n] == '.') {
        return add_path(p, name, n);
    }
    for (const struct special *s = SPECIALS; s->name != NULL; s++) {
        if (strcmp(s->name, name) == 0) {
            return s->add(p);
        }
    }
    const struct field *f = access_field(p->c, p->entity, name, ERR_MALFORMED, "fields");
    if (f == NULL) {
        return -1;
    }
    add_field(p, f);
    return 0;
}

/* Calls take for each name between commas. */
static int each_name(struct print_plan *p, const char *names,
                     int (*take)(struct print_plan *p, const char *name))
{
    while (names != NULL && *names != '\0') {
        size_t n = strcspn(names, ",");
        const char *name = str_trim(p->c->arena, arena_strndup(p->c->arena, names, n));
        if (*name != '\0' && take(p, name) != 0) {
            return -1;
        }
        names += n + (names[n] == ',' ? 1 : 0);
    }
    return 0;
}

int print_plan_make(struct ctx *c, const struct entity *e, const char *fields, const char *expand,
                    bool trash, struct print_plan **out)
{
    struct print_plan *p = ARENA_NEW(c->arena, struct print_plan);
    p->c = c;
    p->entity = e;
    p->head = arena_printf(c->arena, ",\"entity\":\"%s\",\"version\":", e->name);
    p->head_size = strlen(p->head);
    p->next_at = p->idle_at = -1;
    p->fields = ARENA_ARRAY(c->arena, const struct field *, e->field_count + 1);
    p->cells = ARENA_ARRAY(c->arena, struct cell, e->field_count + 1);
    p->extra = ARENA_ARRAY(c->arena, const struct expr *, EXTRA_MAX);
    add_read(p, entity_field_find(e, "title"));
    bool all = fields == NULL || *fields == '\0';
    if (all) {
        add_all(p, trash);
    } else if (each_name(p, fields, add_named) != 0) {
        return -1;
    }
    if (all && e->stage != NULL && (add_idle_days(p) != 0 || add_next_step(p) != 0)) {
        return -1;
    }
    if (each_name(p, expand, expand_named) != 0) {
        return -1;
    }
    *out = p;
    return 0;
}
