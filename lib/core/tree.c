/*
 * The tree a record stands in (`tree: true`): from the topmost record the actor sees down to every
 * branch, with what each brings (amounts counted from others, open records of pipelines, open and
 * last work), and the sum of all that for the record with its branches. Every figure is an expression
 * of the model over the same rows a list shows.
 */
#include <string.h>

#include "base/clock.h"
#include "core/build.h"
#include "core/parts.h"

#define NODES_MAX    300   /* printed */
#define SUMMED_MAX   10000 /* looked at */
#define MEASURES_MAX 8

enum measure_kind { MEASURE_MONEY, MEASURE_COUNT, MEASURE_LAST };
static const char *const KIND_NAMES[] = {"money", "count", "last"};

struct measure {
    enum measure_kind kind;
    const char *key, *label;
    const struct expr *expr;
};

struct total {
    bool any;
    int64_t value;
};

struct tree {
    struct ctx *c;
    const struct entity *entity;
    struct measure measures[MEASURES_MAX];
    size_t measure_count;
    struct json_writer w;
    size_t nodes; /* seen */
    struct total totals[MEASURES_MAX];
    bool printing;
};

/* One the actor's role cannot ask for is not there. */
static void add_measure(struct tree *t, enum measure_kind kind, const char *key, const char *label,
                        const char *text)
{
    struct ctx *c = t->c;
    struct err ignored = {0};
    struct measure *m = &t->measures[t->measure_count];
    *m = (struct measure){.kind = kind, .key = key, .label = label};
    if (t->measure_count < MEASURES_MAX &&
        expr_compile(c->arena, c->model, t->entity, c->actor.role, text, KIND_NONE, &m->expr,
                     &ignored) == 0) {
        t->measure_count++;
    }
}

static void add_amounts(struct tree *t)
{
    for (size_t i = 0; i < t->entity->field_count; i++) {
        const struct field *f = t->entity->fields[i];
        if (f->compute != NULL && f->stored && f->type->expr_kind == KIND_MONEY) {
            add_measure(t, MEASURE_MONEY, f->name, f->label, f->name);
        }
    }
}

static void add_relation(struct tree *t, const struct relation *r)
{
    struct arena *a = t->c->arena;
    const struct entity *from = r->from;
    if (field_is_link(r->by) && from->stage != NULL) {
        add_measure(t, MEASURE_COUNT, arena_printf(a, "%s_open", r->name), from->label_plural,
                    arena_printf(a, "count(%s where %s.kind = \"open\")", r->name, from->stage->name));
    }
    if (from == t->c->model->work && r->by == from->story.records) {
        const char *done = from->story.done->name;
        add_measure(t, MEASURE_COUNT, arena_printf(a, "%s_open", r->name), from->label_plural,
                    arena_printf(a, "count(%s where %s is empty)", r->name, done));
        add_measure(t, MEASURE_LAST, arena_printf(a, "%s_last", r->name), from->label_plural,
                    arena_printf(a, "max(%s.%s)", r->name, done));
    }
}

/* ---- values ---------------------------------------------------------------------------------- */

static void print_figure(struct tree *t, const struct measure *m, struct value v)
{
    struct json_writer *w = &t->w;
    char at[CLOCK_INSTANT_SIZE];
    jw_key(w, m->key);
    if (m->kind == MEASURE_COUNT) {
        jw_int(w, v.kind == VALUE_INT ? v.i : 0);
    } else if (v.kind != VALUE_INT) {
        jw_null(w);
    } else if (m->kind == MEASURE_LAST) {
        clock_print_instant(v.i, at);
        jw_text(w, at);
    } else {
        struct buf text = {0};
        print_sum(t->c, &text, v);
        jw_object(w);
        jw_kv_text(w, "value", buf_text(&text));
        jw_kv_text(w, "currency", t->c->model->company.currency);
        jw_object_end(w);
        buf_done(&text);
    }
}

static void add_up(struct tree *t, const struct list_row *row)
{
    for (size_t i = 0; i < t->measure_count; i++) {
        struct total *total = &t->totals[i];
        if (row->extra[i].kind != VALUE_INT) {
            continue;
        }
        int64_t v = row->extra[i].i;
        if (t->measures[i].kind == MEASURE_LAST) {
            total->value = !total->any || v > total->value ? v : total->value;
        } else if (__builtin_add_overflow(total->value, v, &total->value)) {
            total->value = INT64_MAX;
        }
        total->any = true;
    }
}

static int take_row(void *data, const struct list_row *row)
{
    struct tree *t = data;
    if (!t->printing) {
        t->nodes++;
        add_up(t, row);
        return 0;
    }
    if (t->nodes++ >= NODES_MAX) {
        return 0;
    }
    struct json_writer *w = &t->w;
    jw_object(w);
    jw_kv_int(w, "id", row->id);
    jw_kv_text(w, "title", row->values[0].s);
    jw_key(w, "parent");
    if (row->values[1].kind == VALUE_INT && row->titles[1].text != NULL) {
        jw_int(w, row->values[1].i);
    } else {
        jw_null(w);
    }
    for (size_t i = 0; i < t->measure_count; i++) {
        print_figure(t, &t->measures[i], row->extra[i]);
    }
    jw_object_end(w);
    return 0;
}

static int read_below(struct tree *t, int64_t id)
{
    struct ctx *c = t->c;
    const struct field *fields[] = {entity_field_find(t->entity, "title"), t->entity->tree};
    const struct expr *extra[MEASURES_MAX];
    struct list_spec spec = {.entity = t->entity,
                             .action = ACTION_SEE,
                             .fields = fields,
                             .field_count = COUNT(fields),
                             .extra = extra,
                             .extra_count = t->measure_count,
                             .limit = SUMMED_MAX};
    struct who who = ctx_who(c);
    for (size_t i = 0; i < t->measure_count; i++) {
        extra[i] = t->measures[i].expr;
    }
    t->nodes = 0;
    return list_filter(c, t->entity, arena_printf(c->arena, "within(id, %lld)", (long long)id),
                       &spec.filter) != 0 ||
                   list_sort(c, &spec, "title") != 0
               ? -1
               : query_list(c->db, &who, &spec, c->arena, take_row, t, NULL, &c->err);
}

/* ---- the whole ------------------------------------------------------------------------------- */

/* The highest record above this one up to which the actor sees every step. */
static int find_root(struct ctx *c, const struct entity *e, int64_t id, int64_t *root)
{
    int64_t *ids = NULL;
    size_t count = 0;
    struct title_row *rows = NULL;
    *root = id;
    if (rows_way_up(c->db, e->tree, id, 0, c->arena, &ids, &count, &c->err) != 0 ||
        print_titles(c, ids, count, &rows) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count && !rows[i].hidden && !rows[i].deleted; i++) {
        *root = ids[i];
    }
    return 0;
}

static void print_measures(struct tree *t)
{
    struct json_writer *w = &t->w;
    jw_key(w, "figures");
    jw_array(w);
    for (size_t i = 0; i < t->measure_count; i++) {
        jw_object(w);
        jw_kv_text(w, "key", t->measures[i].key);
        jw_kv_text(w, "kind", KIND_NAMES[t->measures[i].kind]);
        jw_kv_text(w, "label", t->measures[i].label);
        jw_object_end(w);
    }
    jw_array_end(w);
}

int tree_print(struct ctx *c, const struct entity *e, int64_t id, struct buf *out)
{
    struct tree t = {.c = c, .entity = e, .printing = true};
    int64_t root = 0;
    if (e->tree == NULL || !access_sees(c, e->tree)) {
        return ctx_fail(c, ERR_NOT_FOUND, "", "%s form no tree.", e->label_plural);
    }
    if (access_entity(c, ACTION_SEE, e) != 0 || ctx_db(c) == NULL ||
        record_permit(c, ACTION_SEE, e, id, false) != 0 || find_root(c, e, id, &root) != 0) {
        return -1;
    }
    add_amounts(&t);
    for (size_t i = 0; i < e->relation_count; i++) {
        add_relation(&t, &e->relations[i]);
    }
    jw_init(&t.w, out);
    jw_object(&t.w);
    jw_kv_text(&t.w, "field", e->tree->name);
    print_measures(&t);
    jw_key(&t.w, "items");
    jw_array(&t.w);
    if (read_below(&t, root) != 0) {
        return -1;
    }
    jw_array_end(&t.w);
    jw_kv_bool(&t.w, "more", t.nodes > NODES_MAX);
    t.printing = false;
    if (read_below(&t, id) != 0) {
        return -1;
    }
    jw_key(&t.w, "below");
    jw_object(&t.w);
    jw_kv_int(&t.w, "count", (int64_t)t.nodes - 1);
    for (size_t i = 0; i < t.measure_count; i++) {
        print_figure(&t, &t.measures[i],
                     t.totals[i].any ? value_int(t.totals[i].value) : value_null());
    }
    jw_object_end(&t.w);
    jw_object_end(&t.w);
    return 0;
}
