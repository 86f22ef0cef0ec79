/* Merging: the request, the survivor, the answer; see merge.h. */
#include "core/merge.h"

#include <string.h>

#include "base/str.h"
#include "core/long_write.h"
#include "model/address.h"
#include "model/response.h"
#include "model/unite.h"
#include "store/merged.h"

/* ---- The request ----------------------------------------------------------------------------- */

bool record_merges(const struct entity *e)
{
    return !entity_is_account(e) && !str_eq(e->name, ENTITY_VIEW) && !str_eq(e->name, ENTITY_TAG);
}

static int malformed(struct ctx *c, const char *where, const char *text)
{
    return ctx_fail(c, ERR_MALFORMED, where, "%s", text);
}

static int read_from(struct merge *m, const struct json *list)
{
    struct ctx *c = m->c;
    if (list == NULL || list->type != JSON_ARRAY || list->count < 1 || list->count >= MERGE_MAX) {
        return malformed(c, "from", "\"from\" is a list of one to four ids.");
    }
    for (const struct json *one = list->child; one != NULL; one = one->next) {
        int64_t id = 0;
        bool again = json_int(one, &id) != 0 || id < 1 || id == m->into;
        for (size_t i = 0; i < m->from_count; i++) {
            again = again || m->from[i] == id;
        }
        if (again) {
            return malformed(c, "from", "\"from\" holds the ids of other records, each once.");
        }
        m->from[m->from_count++] = id;
    }
    return 0;
}

static bool is_one_of(const struct merge *m, int64_t id)
{
    bool found = id == m->into;
    for (size_t i = 0; i < m->from_count; i++) {
        found = found || m->from[i] == id;
    }
    return found;
}

/* Pipeline, stage and what moves along with it are of one record. */
static bool follows(const struct field *f)
{
    return f->entity->stage != NULL && (f == f->entity->pipeline || keep_follows_stage(f));
}

static int read_choices(struct merge *m, const struct json *fields)
{
    struct ctx *c = m->c;
    for (const struct json *one = fields->child; one != NULL; one = one->next) {
        const char *where = arena_printf(c->arena, "%s.%.60s", m->entity->name, one->key);
        const struct field *f = access_field(c, m->entity, one->key, ERR_INVALID, where);
        int64_t id = 0;
        if (f == NULL) {
            continue;
        }
        if (!access_sets(c, f) || follows(f) || f->type->serial) {
            err_add(&c->err, c->arena, ERR_INVALID, where, "%s may not be chosen.", f->label);
        } else if (json_int(one, &id) != 0 || !is_one_of(m, id)) {
            err_add(&c->err, c->arena, ERR_INVALID, where,
                    "Say which of the merged records it is taken from, by its id.");
        } else {
            m->choice[f->index] = id;
        }
    }
    return c->err.code == ERR_NONE ? 0 : -1;
}

static const char *const KEYS[] = {"into", "from", "fields"};

static int read_merge(struct ctx *c, const struct entity *e, const struct json *body,
                      struct merge *m)
{
    static const struct json NOTHING = {.type = JSON_OBJECT};
    *m = (struct merge){.c = c, .entity = e};
    m->choice = ARENA_ARRAY(c->arena, int64_t, e->field_count + 1);
    m->moved = ARENA_ARRAY(c->arena, int64_t, c->model->entity_count + 1);
    for (const struct json *one = body->child; one != NULL; one = one->next) {
        bool known = false;
        for (size_t i = 0; i < COUNT(KEYS); i++) {
            known = known || strcmp(one->key, KEYS[i]) == 0;
        }
        if (!known) {
            return ctx_fail(c, ERR_MALFORMED, one->key, "A merge has no “%.60s”.", one->key);
        }
    }
    const struct json *into = json_find(body, "into"), *fields = json_find(body, "fields");
    if (into == NULL || json_int(into, &m->into) != 0 || m->into < 1) {
        return malformed(c, "into", "\"into\" is the id of the record that stays.");
    }
    fields = fields == NULL || fields->type == JSON_NULL ? &NOTHING : fields;
    if (fields->type != JSON_OBJECT) {
        return malformed(c, "fields", "\"fields\" says for a field whose value is taken.");
    }
    return read_from(m, json_find(body, "from")) != 0 ? -1 : read_choices(m, fields);
}

/* ---- May they be merged? --------------------------------------------------------------------- */

static int permit(struct merge *m)
{
    struct ctx *c = m->c;
    if (!record_merges(m->entity)) {
        return ctx_fail(c, ERR_FORBIDDEN, "", "%s are not merged.", m->entity->label_plural);
    }
    if (record_permit(c, ACTION_EDIT, m->entity, m->into, false) != 0) {
        return -1;
    }
    for (size_t i = 0; i < m->from_count; i++) {
        if (record_permit(c, ACTION_EDIT, m->entity, m->from[i], false) != 0 ||
            record_permit(c, ACTION_DELETE, m->entity, m->from[i], false) != 0) {
            return -1;
        }
    }
    return 0;
}

static int load(struct merge *m)
{
    struct ctx *c = m->c;
    for (size_t i = 0; i <= m->from_count; i++) {
        if (rows_load(c->db, m->entity, i == 0 ? m->into : m->from[i - 1], c->arena, &m->before[i],
                      &c->err) != 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- The survivor ---------------------------------------------------------------------------- */

static bool is_taken(const struct field *f)
{
    return f->column_count > 0 && !f->system && f->compute == NULL && !f->type->serial;
}

/* The record whose value of a plain field stays: the one chosen, else the first that has any. */
static const struct record *source_of(const struct merge *m, const struct field *f)
{
    bool why = keep_says_why_lost(f) && m->choice[f->index] == 0;
    const struct field *by = follows(f) || why ? m->entity->stage : f;
    int64_t choice = m->choice[by->index];
    for (size_t i = 0; i <= m->from_count; i++) {
        if (choice != 0 ? m->before[i]->id == choice
                        : by != f || !value_is_empty(record_value(m->before[i], f))) {
            return m->before[i];
        }
    }
    return m->before[0];
}

/* The list of a record as people see it: with the address its plain fields hold. */
static struct value list_of(const struct merge *m, const struct record *r, const struct field *f)
{
    return address_is_shared(f) ? record_addresses(m->c->arena, r, f) : record_value(r, f);
}

static struct value united(const struct merge *m, const struct field *f)
{
    struct value v = list_of(m, m->before[0], f);
    for (size_t i = 1; i <= m->from_count; i++) {
        v = unite_lists(m->c->arena, f, v, list_of(m, m->before[i], f));
    }
    return v;
}

/* The plain fields get the primary address as a whole, not each from another record. */
static void take_addresses(const struct merge *m, const struct field *f, struct record *after)
{
    struct value parts[ADDRESS_PARTS] = {{0}}, none[FIELD_MAX_COLUMNS] = {{0}};
    bool found[ADDRESS_PARTS] = {false};
    struct value whole = m->choice[f->index] == 0 ? united(m, f) : list_of(m, source_of(m, f), f);
    none[0] = address_split(m->c->arena, whole, address_mask(f), parts, found);
    record_set(after, f, none);
    for (int i = 0; i < ADDRESS_PARTS; i++) {
        const struct field *mirror = address_mirror(f, (enum address_part)i);
        if (mirror != NULL && m->choice[mirror->index] == 0) {
            none[0] = found[i] ? parts[i] : value_null();
            record_set(after, mirror, none);
        }
    }
}

/* A plain field that holds a part of an address, and is not chosen for itself. */
static bool is_mirror(const struct merge *m, const struct field *f)
{
    for (size_t i = 0; i < m->entity->field_count; i++) {
        const struct field *list = m->entity->fields[i];
        for (int k = 0; k < ADDRESS_PARTS && address_is_shared(list); k++) {
            if (address_mirror(list, (enum address_part)k) == f) {
                return m->choice[f->index] == 0;
            }
        }
    }
    return false;
}

static void take_field(const struct merge *m, const struct field *f, struct record *after)
{
    if (address_is_shared(f)) {
        take_addresses(m, f, after);
    } else if (is_mirror(m, f)) {
        return;
    } else if (field_unites(f) && m->choice[f->index] == 0) {
        struct value v = united(m, f);
        record_set(after, f, &v);
    } else {
        record_set(after, f, record_values(source_of(m, f), f));
    }
}

/* Would the survivor be above itself, by a link among its own kind? */
static int is_ring(struct merge *m, const struct field *f, int64_t id, bool *ring)
{
    struct ctx *c = m->c;
    int64_t *way = NULL;
    size_t count = 0;
    *ring = false;
    if (rows_way_up(c->db, f, id, 0, c->arena, &way, &count, &c->err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        *ring = *ring || is_one_of(m, way[i]);
    }
    return 0;
}

/* Of a link to its own kind: the first value that does not lead back. */
static int take_parent(struct merge *m, const struct field *f, struct record *after)
{
    struct value none = value_null();
    bool ring = false;
    for (size_t i = 0; i <= m->from_count + 1; i++) {
        struct value v = record_value(i == 0 ? source_of(m, f) : m->before[i - 1], f);
        if (v.kind != VALUE_INT || (i > 0 && m->choice[f->index] != 0)) {
            continue;
        }
        if (is_ring(m, f, v.i, &ring) != 0) {
            return -1;
        }
        if (!ring) {
            record_set(after, f, &v);
            return 0;
        }
    }
    record_set(after, f, &none);
    return 0;
}

#define CLOSED_MS 1000 /* a rule notes the answer, just after the stage its moment */

/* What ended its clock may have been that it was closed, which is no answer to another one. */
static bool is_answered(struct ctx *c, const struct response *p, const struct record *r)
{
    const struct field *since = keep_follower(r->entity, FOLLOWS_ENTERED);
    const struct stage *stage = keep_stage_of(c, r);
    struct value at = record_value(r, p->at);
    bool closed = stage != NULL && stage->kind != STAGE_OPEN && since != NULL;
    int64_t left = closed && record_value(r, since).kind == VALUE_INT ? record_value(r, since).i : 0;
    return at.kind == VALUE_INT && (left == 0 || at.i < left - CLOSED_MS || at.i > left + CLOSED_MS);
}

/* Of enquiries that are one the first answer counts, with whether it was late; nobody waits any more. */
static void take_answer(const struct merge *m, struct record *after)
{
    const struct response *p = response_of(m->c->model, m->entity);
    const struct record *first = NULL;
    struct value none = value_null();
    for (size_t i = 0; p != NULL && i <= m->from_count; i++) {
        const struct record *r = m->before[i];
        bool counts = i == 0 ? record_value(r, p->at).kind == VALUE_INT : is_answered(m->c, p, r);
        if (counts && (first == NULL || record_value(r, p->at).i < record_value(first, p->at).i)) {
            first = r;
        }
    }
    if (p != NULL) {
        const struct record *from = first != NULL ? first : m->before[0];
        record_set(after, p->by, first != NULL ? &none : record_values(from, p->by));
        record_set(after, p->at, record_values(from, p->at));
        record_set(after, p->late, record_values(from, p->late));
    }
}

static int make_survivor(struct merge *m, struct record *after)
{
    const struct entity *e = m->entity;
    for (size_t i = 0; i < e->field_count; i++) {
        const struct field *f = e->fields[i];
        if (!is_taken(f)) {
            continue;
        }
        take_field(m, f, after);
        if (field_is_link(f) && f->to == e && take_parent(m, f, after) != 0) {
            return -1;
        }
    }
    take_answer(m, after);
    return 0;
}

/* ---- What is told of it ---------------------------------------------------------------------- */

static void print_left_out(struct merge *m, struct json_writer *w, const struct record *r,
                           const struct field *f, const struct title_row *titles, size_t n)
{
    const struct value *v = record_values(r, f);
    struct link_title to = {0};
    for (size_t i = 0; i < n && field_is_link(f); i++) {
        if (v[0].kind == VALUE_INT && titles[i].id == v[0].i) {
            to = print_target(&titles[i]);
        }
    }
    jw_object(w);
    jw_kv_int(w, "id", r->id);
    jw_key(w, "value");
    print_value(w, m->c, f, v, &to);
    jw_object_end(w);
}

static bool has_same(const struct merge *m, const struct field *f, const struct record *r,
                     const struct record *after)
{
    const struct value *x = record_values(r, f), *y = record_values(after, f);
    bool same = true;
    for (size_t k = 0; k < f->column_count; k++) {
        same = same && value_equal(x[k], y[k]);
    }
    if (!same && field_unites(f)) { /* all of it is in the list */
        struct value all = unite_lists(m->c->arena, f, y[0], x[0]);
        return value_equal(all, y[0]) || m->choice[f->index] == 0;
    }
    return same;
}

static bool is_left_out(const struct merge *m, const struct field *f, const struct record *r,
                        const struct record *after)
{
    struct value v = record_value(r, f);
    bool itself = field_is_link(f) && f->to == m->entity && v.kind == VALUE_INT && is_one_of(m, v.i);
    return !value_is_empty(v) && !itself && !has_same(m, f, r, after);
}

static int note_field(struct merge *m, struct json_writer *w, const struct field *f,
                      const struct record *after)
{
    struct ctx *c = m->c;
    struct title_row *titles = NULL;
    int64_t ids[MERGE_MAX];
    size_t n = 0, left = 0;
    for (size_t i = 0; i <= m->from_count; i++) {
        struct value v = record_value(m->before[i], f);
        left += is_left_out(m, f, m->before[i], after);
        if (field_is_link(f) && v.kind == VALUE_INT) {
            ids[n++] = v.i;
        }
    }
    if (left == 0) {
        return 0;
    }
    if (n > 0 && print_titles(c, ids, n, &titles) != 0) {
        return -1;
    }
    jw_object(w);
    jw_kv_text(w, "field", f->name);
    jw_kv_text(w, "label", f->label);
    jw_key(w, "values");
    jw_array(w);
    for (size_t i = 0; i <= m->from_count; i++) {
        if (is_left_out(m, f, m->before[i], after)) {
            print_left_out(m, w, m->before[i], f, titles, n);
        }
    }
    jw_array_end(w);
    jw_object_end(w);
    return 0;
}

/* Values that nobody has afterwards, of fields the actor sees. */
static int note_dropped(struct merge *m, const struct record *after)
{
    struct ctx *c = m->c;
    struct buf text = {0};
    struct json_writer w;
    int rc = 0;
    jw_init(&w, &text);
    jw_array(&w);
    for (size_t i = 0; i < m->entity->field_count && rc == 0; i++) {
        const struct field *f = m->entity->fields[i];
        if (is_taken(f) && access_sees(c, f) && !field_is_records(f) && !is_mirror(m, f)) {
            rc = note_field(m, &w, f, after);
        }
    }
    jw_array_end(&w);
    buf_clear(&m->dropped);
    buf_add(&m->dropped, text.data + 1, text.size - 2);
    buf_done(&text);
    return rc;
}

/* ---- The merge itself ------------------------------------------------------------------------ */

/* The survivor as the actor sees it; null when its new owner or team hides it from him. */
static int print_survivor(struct merge *m, struct json_writer *w, int64_t *version)
{
    struct ctx *c = m->c;
    int rc = record_print(c, m->entity, m->into, 0, NULL, NULL, w, version);
    if (rc != 0 && c->err.code == ERR_NOT_FOUND) {
        err_clear(&c->err);
        jw_null(w);
        rc = 0;
    }
    return rc;
}

/* For the answer of a large one, which may stand on a copy of the database. */
static int keep_survivor(struct merge *m)
{
    struct buf text = {0};
    struct json_writer w;
    int64_t version = 0;
    jw_init(&w, &text);
    int rc = print_survivor(m, &w, &version);
    m->record = arena_strndup(m->c->arena, text.data, text.size);
    buf_done(&text);
    return rc;
}

/* The others go first: what only one may have is free then. */
static int run_head(struct merge *m, int64_t root)
{
    struct ctx *c = m->c;
    bool changed = false;
    if (permit(m) != 0 || load(m) != 0) {
        return -1;
    }
    struct record *after = record_new(c->arena, m->entity);
    struct value *values = after->values;
    *after = *m->before[0];
    after->values = values;
    memcpy(values, m->before[0]->values, sizeof(*values) * m->entity->column_count);
    if (make_survivor(m, after) != 0 || note_dropped(m, after) != 0 ||
        next_keep_merged(c, m->before, m->from_count + 1, after) != 0) {
        return -1;
    }
    for (size_t i = 1; i <= m->from_count; i++) {
        if (record_trash_in(c, m->before[i]) != 0 ||
            merged_add(c->db, m->before[i]->id, m->into, root != 0 ? root : c->change.id,
                       &c->err) != 0) {
            return -1;
        }
    }
    m->headed = true;
    return write_back(c, m->before[0], after, &changed) != 0 ? -1
           : root != 0                                       ? keep_survivor(m)
                                                             : 0;
}

/* ---- The answer ------------------------------------------------------------------------------ */

static void print_counts(const struct merge *m, struct json_writer *w)
{
    const struct model *model = m->c->model;
    jw_key(w, "moved");
    jw_array(w);
    for (size_t i = 0; i < model->entity_count; i++) {
        if (m->moved[i] > 0) {
            jw_object(w);
            jw_kv_text(w, "entity", model->entities[i]->name);
            jw_kv_int(w, "count", m->moved[i]);
            jw_object_end(w);
        }
    }
    jw_array_end(w);
    jw_kv_int(w, "folded", m->folded);
    jw_key(w, "dropped");
    jw_array(w);
    if (m->dropped.size > 0) {
        jw_raw(w, m->dropped.data, m->dropped.size);
    }
    jw_array_end(w);
}

static int print_answer(struct merge *m, int64_t change, struct record_result *out)
{
    struct buf text = {0};
    struct json_writer w;
    int64_t version = 0;
    jw_init(&w, &text);
    jw_object(&w);
    jw_kv_int(&w, "id", m->into);
    jw_kv_int(&w, "change", change);
    print_counts(m, &w);
    jw_key(&w, "record");
    int rc = 0;
    if (m->record != NULL) {
        jw_raw(&w, m->record, strlen(m->record));
    } else {
        rc = print_survivor(m, &w, &version);
    }
    if (m->c->dry_run) {
        jw_kv_bool(&w, "dry_run", true);
    }
    jw_object_end(&w);
    *out = (struct record_result){.id = m->into,
                                  .version = version,
                                  .change = change,
                                  .body = arena_strndup(m->c->arena, text.data, text.size),
                                  .body_size = text.size};
    buf_done(&text);
    return rc;
}

/* ---- Small and large ------------------------------------------------------------------------- */

struct merge_call {
    const struct entity *entity;
    const struct json *body;
    struct record_result *out;
};

static int run_small(struct ctx *c, void *params)
{
    struct merge_call *call = params;
    struct merge m;
    bool more = false;
    int rc = read_merge(c, call->entity, call->body, &m);
    if (rc == 0) {
        rc = run_head(&m, 0) != 0 || merge_move(&m, false, &more) != 0 ||
                     rows_settle(c->db, &c->change, &c->err) != 0
                 ? -1
                 : print_answer(&m, c->change.id, call->out);
    }
    buf_done(&m.dropped);
    return rc;
}

static const char *position_text(const struct merge *m)
{
    struct buf text = {0};
    struct json_writer w;
    jw_init(&w, &text);
    jw_object(&w);
    jw_kv_bool(&w, "headed", m->headed);
    print_counts(m, &w);
    if (m->record != NULL) {
        jw_key(&w, "record");
        jw_raw(&w, m->record, strlen(m->record));
    }
    jw_object_end(&w);
    const char *copy = arena_strndup(m->c->arena, text.data, text.size);
    buf_done(&text);
    return copy;
}

static void read_position(struct merge *m, const struct json *position)
{
    const struct json *moved = json_find(position, "moved");
    const struct json *record = json_find(position, "record");
    m->headed = json_true(position, "headed");
    m->folded = position_int(position, "folded");
    position_items(position, "dropped", &m->dropped);
    for (const struct json *one = moved != NULL ? moved->child : NULL; one; one = one->next) {
        const char *name = json_text(one, "entity");
        const struct entity *e = name != NULL ? model_entity_find(m->c->model, name) : NULL;
        if (e != NULL) {
            m->moved[e->index] = position_int(one, "count");
        }
    }
    if (record != NULL) {
        struct buf text = {0};
        json_print(&text, record);
        m->record = arena_strndup(m->c->arena, text.data, text.size);
        buf_done(&text);
    }
}

static int run_slice(struct ctx *c, void *params)
{
    struct slice_call *s = params;
    struct job job = {0};
    const struct json *body = NULL, *position = NULL;
    struct merge m = {0};
    if (long_write_load(c, s->job, &job, &body, &position) != 0) {
        return -1;
    }
    const char *name = json_text(body, "entity");
    const struct entity *e = name != NULL ? model_entity_find(c->model, name) : NULL;
    if (e == NULL) {
        return ctx_fail(c, ERR_NOT_FOUND, "", "The entity of this merge is gone.");
    }
    int rc = read_merge(c, e, json_find(body, "body"), &m);
    if (rc == 0) {
        read_position(&m, position);
        rc = (!m.headed && run_head(&m, job.root) != 0) || merge_move(&m, true, &s->more) != 0 ||
                     long_write_save(c, &job, position_text(&m), s->more) != 0
                 ? -1
                 : 0;
    }
    buf_done(&m.dropped);
    return rc;
}

int merge_slice(struct ctx *c, int64_t job, bool *more)
{
    c->halfway = true;
    int rc = long_write_slice(c, SOURCE_MERGE, run_slice, job, more);
    c->halfway = false;
    return rc;
}

static int run_large(struct ctx *c, const struct merge_call *call)
{
    struct buf text = {0};
    const struct json *position = NULL;
    const char *result = NULL;
    int64_t root = 0;
    struct merge m;
    buf_printf(&text, "{\"entity\":\"%s\",\"body\":", call->entity->name);
    json_print(&text, call->body);
    buf_putc(&text, '}');
    struct long_write what = {.kind = "merge",
                              .source = SOURCE_MERGE,
                              .params = arena_strndup(c->arena, text.data, text.size),
                              .slice = merge_slice};
    buf_done(&text);
    if (long_write_run(c, &what, &result, &root) != 0 ||
        json_parse(c->arena, result, strlen(result), &position, &c->err) != 0 ||
        read_merge(c, call->entity, call->body, &m) != 0) {
        return -1;
    }
    read_position(&m, position);
    int rc = print_answer(&m, root, call->out);
    buf_done(&m.dropped);
    return rc;
}

/* The whole request is looked at before anything is begun. */
static int look(struct ctx *c, const struct merge_call *call, bool *large)
{
    struct merge m;
    int64_t count = 0;
    if (access_entity(c, ACTION_EDIT, call->entity) != 0 || ctx_db(c) == NULL ||
        read_merge(c, call->entity, call->body, &m) != 0 || permit(&m) != 0 ||
        merge_count(&m, BULK_SLICE + 1, &count) != 0) {
        return -1;
    }
    *large = count > BULK_SLICE;
    return 0;
}

int record_merge(struct ctx *c, const struct entity *e, const struct json *body,
                 struct record_result *out)
{
    struct merge_call call = {.entity = e, .body = body, .out = out};
    bool large = false;
    *out = (struct record_result){0};
    if (look(c, &call, &large) != 0) {
        return -1;
    }
    ctx_release(c);
    if (large) {
        return run_large(c, &call);
    }
    enum change_source as = c->as;
    c->as = SOURCE_MERGE;
    int rc = ctx_write(c, run_small, &call);
    c->as = as;
    out->change = c->change.id;
    return rc;
}

/* ---- Old ids --------------------------------------------------------------------------------- */

int record_follow(struct ctx *c, const struct entity *e, int64_t *id, bool *followed)
{
    int64_t survivor = 0;
    *followed = false;
    if (ctx_db(c) == NULL || merged_survivor(c->db, *id, &survivor, &c->err) != 0) {
        return -1;
    }
    struct who who = ctx_who(c);
    int seen = survivor == 0 || c->actor.anonymous || !ctx_may(c, ACTION_SEE, e)
                   ? 0
                   : query_permits(c->db, &who, ACTION_SEE, e, survivor, false, &c->err);
    if (seen == 1) {
        *id = survivor;
        *followed = true;
    }
    return seen < 0 ? -1 : 0;
}

int merge_refuse_restore(struct ctx *c, const struct entity *e, int64_t id)
{
    struct merged_row row;
    if (merged_find(c->db, id, &row, &c->err) != 0) {
        return -1;
    }
    return row.record == 0 ? 0
                           : ctx_fail(c, ERR_CONFLICT, "",
                                      "The %s %lld was merged into %lld: undo change %lld.",
                                      e->name, (long long)id, (long long)row.survivor,
                                      (long long)row.set);
}
