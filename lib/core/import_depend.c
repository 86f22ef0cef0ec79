/*
 * Does it matter in which order the rows of a file are written? It does when one row may find,
 * change or hinder what another one makes: the same record by the match keys, the same value of a
 * unique field, links to records of the file, conditions that look at other records. What the
 * mapping and the model tell is looked at once (import_may_sort); what the rows tell is collected
 * while they are read: a mark for every value by which two rows can meet. In doubt the answer is
 * that it does. See import.h.
 */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "core/import.h"
#include "model/expr.h"

/* ---- what the mapping and the model tell ----------------------------------------------------- */

static void visit_node(const struct expr *node, void *data)
{
    bool *elsewhere = data;
    const struct expr *computed = node->op == EXPR_FIELD ? node->field->compute : NULL;
    *elsewhere = *elsewhere || node->path_count > 0 || node->op == EXPR_AGGREGATE;
    if (!*elsewhere && computed != NULL) {
        expr_walk(computed, visit_node, data);
    }
}

/* Does it look at other records than its own? */
static bool looks_elsewhere(const struct expr *x)
{
    bool elsewhere = false;
    if (x != NULL) {
        expr_walk(x, visit_node, &elsewhere);
    }
    return elsewhere;
}

static bool conditions_look_elsewhere(const struct model *m, const struct entity *e)
{
    for (size_t i = 0; i < e->field_count; i++) {
        const struct field *f = e->fields[i];
        if (looks_elsewhere(f->required.when) || looks_elsewhere(f->visible.when) ||
            looks_elsewhere(f->readonly.when) || looks_elsewhere(f->initial)) {
            return true;
        }
    }
    for (size_t i = 0; i < m->pipeline_count; i++) {
        const struct pipeline *p = &m->pipelines[i];
        for (size_t s = 0; p->entity == e && s < p->stage_count; s++) {
            if (looks_elsewhere(p->stages[s].gate_if) || p->stages[s].gate_activity_count > 0) {
                return true;
            }
        }
    }
    return false;
}

/* May the links of a column or constant meet a record this import makes? */
static bool meets_own(const struct import_plan *p, const struct field *f, const struct entity *to,
                      bool create)
{
    return f != NULL && field_refers(f) && (create || to == NULL || to == p->entity);
}

static bool links_meet_own(const struct import_plan *p)
{
    for (size_t i = 0; i < p->column_count; i++) {
        const struct import_column *column = &p->columns[i];
        if (meets_own(p, column->field, column->to, column->create)) {
            return true;
        }
    }
    for (size_t i = 0; i < p->constant_count; i++) {
        if (meets_own(p, p->constants[i].field, p->constants[i].field->to, false)) {
            return true;
        }
    }
    return false;
}

static bool is_match(const struct import_plan *p, const struct field *f)
{
    for (size_t i = 0; i < p->match_count; i++) {
        if (p->match[i] == f) {
            return true;
        }
    }
    return false;
}

/* A value that rows have without saying so. */
static bool is_given_elsewhere(const struct import_plan *p, const struct field *f)
{
    for (size_t i = 0; i < p->constant_count; i++) {
        if (p->constants[i].field == f) {
            return true;
        }
    }
    return f->initial != NULL || f->type->serial;
}

static bool is_mapped(const struct import_plan *p, const struct field *f)
{
    for (size_t i = 0; i < p->column_count; i++) {
        if (p->columns[i].field == f) {
            return true;
        }
    }
    return false;
}

/* Rows that change records may free a unique value for another row, unless they are found by it. */
static bool keys_can_be_told(const struct import_plan *p)
{
    size_t keys = p->match_count + p->match_id;
    for (size_t i = 0; i < p->entity->field_count; i++) {
        const struct field *f = p->entity->fields[i];
        bool only_key = keys == 1 && is_match(p, f);
        if ((f->unique || is_match(p, f)) && is_given_elsewhere(p, f)) {
            return false;
        }
        if (f->unique && is_mapped(p, f) && keys > 0 && !only_key) {
            return false;
        }
    }
    return true;
}

/* Of a key made of several fields those whose values can be compared as they stand in the file. */
static bool is_comparable(const struct field *f)
{
    return f->type->uniqueable;
}

/* The first match key that is an address or number; NULL if there is none. */
static const struct field *handle_key(const struct import_plan *p)
{
    for (size_t i = 0; i < p->match_count; i++) {
        if (field_handle(p->match[i]) != HANDLE_NONE) {
            return p->match[i];
        }
    }
    return NULL;
}

static bool match_can_be_told(const struct import_plan *p)
{
    bool any = p->match_id || p->match_count == 0 || handle_key(p) != NULL;
    for (size_t i = 0; i < p->match_count; i++) {
        any = any || is_comparable(p->match[i]);
    }
    return any;
}

bool import_may_sort(const struct model *m, const struct import_plan *p)
{
    /* Who imports users or teams may change his own rights on the way. */
    /* A series comes before the times of it that were changed. */
    return p->entity->owner != NULL && !p->self_links && !p->calendar && !links_meet_own(p) &&
           keys_can_be_told(p) && match_can_be_told(p) && !conditions_look_elsewhere(m, p->entity);
}

/* ---- what the rows tell ---------------------------------------------------------------------- */

struct mark {
    uint64_t key; /* hash of a field and a value */
    uint64_t row; /* offset in the file */
};

#define MARKS_MAX ((size_t)2000000)
#define SEEN_MAX  16

/* FNV-1a: who prepares values that collide gets the order of his file. */
static uint64_t hash_add(uint64_t hash, const void *bytes, size_t n)
{
    const unsigned char *p = bytes;
    for (size_t i = 0; i < n; i++) {
        hash = (hash ^ p[i]) * UINT64_C(0x100000001b3);
    }
    return hash;
}

static uint64_t hash_begin(int field)
{
    return hash_add(UINT64_C(0xcbf29ce484222325), &field, sizeof field);
}

/* Values that are equal to the database give the same. */
static uint64_t hash_value(struct ctx *c, uint64_t hash, struct value v)
{
    if (v.kind == VALUE_TEXT) {
        const char *folded = str_fold(c->arena, v.s, v.n);
        return hash_add(hash, folded, strlen(folded) + 1);
    }
    return hash_add(hash, &v.i, sizeof v.i);
}

static void add_mark(struct import_marks *m, const struct import_row *row, uint64_t key)
{
    struct mark mark = {key, row->offset};
    m->full = m->full || m->list.size >= MARKS_MAX * sizeof mark;
    if (!m->full) {
        buf_add(&m->list, &mark, sizeof mark);
    }
}

/* The value of the column by which records are found. */
static bool value_at(struct ctx *c, const struct import_plan *p, const struct import_row *row,
                     const struct field *f, struct value *out)
{
    struct parsed parsed = {0};
    if (!import_row_value(c, p, row, f, &parsed)) {
        return false;
    }
    *out = parsed.values[f->type->compared];
    return !value_is_empty(*out);
}

static void mark_unique(struct ctx *c, struct import_marks *m, const struct import_plan *p,
                        const struct import_row *row)
{
    for (size_t i = 0; i < p->column_count; i++) {
        const struct field *f = p->columns[i].field;
        struct value v;
        if (f != NULL && f->unique && value_at(c, p, row, f, &v)) {
            add_mark(m, row, hash_value(c, hash_begin(f->index), v));
        }
    }
}

static uint64_t hash_handle(const char *normal)
{
    return hash_add(hash_begin(-1), normal, strlen(normal));
}

static void mark_handles(struct ctx *c, struct import_marks *m, const struct import_plan *p,
                         const struct import_row *row)
{
    const struct field *f = handle_key(p);
    const char **keys;
    struct value v;
    if (value_at(c, p, row, f, &v)) {
        size_t count = import_match_normal(c, f, v, &keys);
        for (size_t i = 0; i < count; i++) {
            add_mark(m, row, hash_handle(keys[i]));
        }
    }
}

static void mark_match(struct ctx *c, struct import_marks *m, const struct import_plan *p,
                       const struct import_row *row)
{
    uint64_t hash = hash_begin(-2);
    int64_t id;
    if (p->match_id) {
        if (p->id_column < row->count && str_to_int(row->cells[p->id_column], &id) == 0) {
            add_mark(m, row, hash_add(hash, &id, sizeof id));
        }
        return;
    }
    for (size_t i = 0; i < p->match_count; i++) {
        struct value v;
        if (!is_comparable(p->match[i])) {
            continue;
        }
        if (!value_at(c, p, row, p->match[i], &v)) {
            return; /* a row without a key matches nothing */
        }
        hash = hash_value(c, hash, v);
    }
    add_mark(m, row, hash);
}

void import_marks_add(struct ctx *c, struct import_marks *m, const struct import_plan *p,
                      const struct import_row *row)
{
    mark_unique(c, m, p, row);
    if (handle_key(p) != NULL) {
        mark_handles(c, m, p, row);
    } else if (p->match_id || p->match_count > 0) {
        mark_match(c, m, p, row);
    }
}

static int by_key(const void *a, const void *b)
{
    const struct mark *x = a, *y = b;
    if (x->key != y->key) {
        return x->key < y->key ? -1 : 1;
    }
    return x->row < y->row ? -1 : x->row > y->row;
}

static const struct mark *find_mark(const struct import_marks *m, uint64_t key)
{
    const struct mark *marks = (const void *)m->list.data;
    size_t low = 0, high = m->list.size / sizeof *marks;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (marks[middle].key < key) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < m->list.size / sizeof *marks && marks[low].key == key ? &marks[low] : NULL;
}

/* Addresses of one record: two rows that name different ones meet in it, if the actor sees it: what
 * is hidden does not show by the order either. */
struct meeting {
    struct ctx *c;
    const struct import_marks *marks;
    const struct entity *entity;
    enum handle_kind kind;
    int64_t record;
    const struct mark *first; /* a row that names the record, */
    const char *address;      /* by this */
    bool met;
};

/* In doubt it is seen. */
static bool is_seen(struct meeting *m, const char *normal)
{
    struct ctx *c = m->c;
    struct who who = ctx_who(c);
    int64_t *ids;
    size_t count;
    if (handle_find(c->db, &who, m->kind, normal, m->entity, SEEN_MAX, c->arena, &ids, &count,
                    &c->err) != 0) {
        return true;
    }
    for (size_t i = 0; i < count; i++) {
        if (ids[i] == m->record) {
            return true;
        }
    }
    return count == SEEN_MAX;
}

static bool visit_handle(void *data, int64_t record, const char *normal)
{
    struct meeting *m = data;
    const struct mark *found = find_mark(m->marks, hash_handle(normal));
    if (record != m->record) {
        m->record = record;
        m->first = NULL;
    }
    bool other = found != NULL && m->first != NULL && found->row != m->first->row;
    if (other && is_seen(m, normal)) {
        m->met = is_seen(m, m->address);
        m->first = NULL; /* not met: this one stands in its place */
    }
    if (found != NULL && m->first == NULL) {
        m->first = found;
        m->address = arena_strdup(m->c->arena, normal);
    }
    return !m->met;
}

static bool any_equal(const struct mark *marks, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (marks[i].key == marks[i - 1].key && marks[i].row != marks[i - 1].row) {
            return true;
        }
    }
    return false;
}

bool import_marks_meet(struct ctx *c, struct import_marks *m, const struct import_plan *p)
{
    struct mark *marks = (void *)m->list.data;
    size_t count = m->list.size / sizeof *marks;
    const struct field *key = handle_key(p);
    struct meeting meeting = {.c = c, .marks = m, .entity = p->entity};
    if (count > 0) {
        qsort(marks, count, sizeof *marks, by_key);
    }
    if (m->full || any_equal(marks, count)) {
        return true;
    }
    if (key == NULL || count == 0) {
        return false;
    }
    struct db *db = ctx_db(c);
    meeting.kind = field_handle(key);
    bool asked = db != NULL &&
                 handle_shared(db, meeting.kind, visit_handle, &meeting, &c->err) == 0;
    err_clear(&c->err); /* too much to ask in one request: the order of the file */
    return !asked || meeting.met;
}
