/* The items of a timeline as JSON; see timeline.h. */
#include "core/timeline.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "core/mention.h"
#include "model/text_ref.h"

bool timeline_tells(const struct change_row *row)
{
    return row->op != OP_UPDATE || (row->column != NULL && row->column->field->compute == NULL);
}

static int by_id(const void *x, const void *y)
{
    const int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
    return a < b ? -1 : a > b;
}

static const struct title_row *title_of(const struct timeline *t, int64_t id)
{
    for (size_t i = 0; i < t->title_count; i++) {
        if (t->titles[i].id == id) {
            return &t->titles[i];
        }
    }
    return NULL;
}

struct id_list {
    int64_t *ids;
    size_t count, room;
};

static void add_ids(struct timeline *t, struct id_list *list, const struct field *f, struct value v)
{
    int64_t *ids = NULL;
    size_t count = 0;
    if (f != NULL && field_is_records(f)) {
        count = print_ids(t->c->arena, v, &ids);
    } else if ((f == NULL || field_is_link(f)) && v.kind == VALUE_INT && v.i != 0) {
        ids = &v.i;
        count = 1;
    }
    if (count == 0) {
        return;
    }
    if (list->count + count > list->room) {
        list->room = 2 * (list->count + count);
        int64_t *all = ARENA_ARRAY(t->c->arena, int64_t, list->room);
        if (list->count > 0) {
            memcpy(all, list->ids, sizeof(*all) * list->count);
        }
        list->ids = all;
    }
    memcpy(list->ids + list->count, ids, sizeof(*ids) * count);
    list->count += count;
}

/* The field a row tells of; NULL if none. */
static const struct field *told_field(const struct change_row *row)
{
    return row->column != NULL && timeline_tells(row) ? row->column->field : NULL;
}

static bool has_row(const struct change_row *rows, size_t count, const struct column *c)
{
    for (size_t i = 0; i < count; i++) {
        if (rows[i].column == c) {
            return true;
        }
    }
    return false;
}

/* Rows that change nothing, behind those that do. */
static int complete(struct timeline *t, struct item *item)
{
    struct ctx *c = t->c;
    size_t count = item->row_count;
    struct change_row *rows =
        ARENA_ARRAY(c->arena, struct change_row, count * FIELD_MAX_COLUMNS + 1);
    memcpy(rows, item->rows, count * sizeof(*rows));
    for (size_t i = 0; i < item->row_count; i++) {
        const struct field *f = told_field(&rows[i]);
        for (size_t k = 0; f != NULL && k < f->column_count; k++) {
            struct change_row *row = &rows[count];
            if (has_row(rows, count, &f->columns[k])) {
                continue;
            }
            *row = rows[i];
            row->column = &f->columns[k];
            if (change_value_at(c->db, row->column, row->record, row->set, c->arena, &row->before,
                                &c->err) != 0) {
                return -1;
            }
            row->after = row->before;
            count++;
        }
    }
    item->rows = rows;
    item->row_count = count;
    return 0;
}

static bool is_partial(const struct item *item)
{
    for (size_t i = 0; i < item->row_count; i++) {
        const struct field *f = told_field(&item->rows[i]);
        for (size_t k = 0; f != NULL && k < f->column_count; k++) {
            if (!has_row(item->rows, item->row_count, &f->columns[k])) {
                return true;
            }
        }
    }
    return false;
}

int timeline_whole(struct timeline *t, size_t shown)
{
    for (size_t i = 0; i < shown; i++) {
        if (is_partial(&t->items[i]) && complete(t, &t->items[i]) != 0) {
            return -1;
        }
    }
    return 0;
}

static const char *text_of(const struct item *item)
{
    const struct value *v = item->stream != NULL ? &item->values[SLOT_TEXT] : NULL;
    return v != NULL && v->kind == VALUE_TEXT && text_ref_any(v->s) ? v->s : "";
}

static void add_refs(struct timeline *t, struct id_list *list, const struct item *item)
{
    const char *text = text_of(item);
    struct text_ref ref;
    for (size_t n = 0; n < TEXT_REFS_MAX && text_ref_next(text, &ref); n++, text = ref.end) {
        add_ids(t, list, NULL, value_int(ref.id));
    }
}

/* With others' entries among them: the ones of these that it is about, unless it is about the record
 * itself. */
static size_t owners_of(const struct timeline *t, const struct item *item, int64_t **out)
{
    size_t kept = 0;
    size_t count = item->stream != NULL
                       ? print_ids(t->c->arena, item->values[SLOT_RECORDS], out)
                       : 0;
    for (size_t i = 0; i < count; i++) {
        bool among = false;
        if ((*out)[i] == t->record->id) {
            return 0;
        }
        for (size_t k = 1; k < t->target_count && !among; k++) {
            among = t->targets[k] == (*out)[i];
        }
        if (among) {
            (*out)[kept++] = (*out)[i];
        }
    }
    return kept;
}

int timeline_titles(struct timeline *t, size_t shown)
{
    struct id_list list = {0};
    for (size_t i = 0; i < shown; i++) {
        const struct item *item = &t->items[i];
        int64_t *owners = NULL;
        size_t owner_count = owners_of(t, item, &owners);
        for (size_t k = 0; k < owner_count; k++) {
            add_ids(t, &list, NULL, value_int(owners[k]));
        }
        add_refs(t, &list, item);
        for (size_t k = 0; k < item->row_count; k++) {
            const struct change_row *row = &item->rows[k];
            if (k == 0) {
                add_ids(t, &list, NULL, value_int(row->actor));
                add_ids(t, &list, NULL, value_int(row->record));
            }
            if (row->column != NULL) {
                add_ids(t, &list, row->column->field, row->before);
                add_ids(t, &list, row->column->field, row->after);
            }
        }
    }
    if (list.count == 0) {
        return 0;
    }
    qsort(list.ids, list.count, sizeof(*list.ids), by_id);
    size_t n = 1;
    for (size_t i = 1; i < list.count; i++) {
        if (list.ids[i] != list.ids[n - 1]) {
            list.ids[n++] = list.ids[i];
        }
    }
    t->title_count = n;
    return print_titles(t->c, list.ids, n, &t->titles);
}

static void print_records(const struct timeline *t, struct json_writer *w, struct value v)
{
    int64_t *ids = NULL;
    size_t count = print_ids(t->c->arena, v, &ids);
    jw_array(w);
    for (size_t i = 0; i < count; i++) {
        const struct link_title to = print_target(title_of(t, ids[i]));
        print_link(w, ids[i], &to);
    }
    jw_array_end(w);
}

static void print_side(const struct timeline *t, struct json_writer *w, const char *key,
                       const struct field *f, const struct value *values)
{
    jw_key(w, key);
    if (field_is_records(f)) {
        print_records(t, w, values[0]);
        return;
    }
    const struct link_title to = print_target(
        field_is_link(f) && values[0].kind == VALUE_INT ? title_of(t, values[0].i) : NULL);
    print_value(w, t->c, f, values, &to);
}

/* One field of a set; its columns may be several rows (money). */
static void print_field(const struct timeline *t, struct json_writer *w, const struct item *item,
                        const struct field *f)
{
    struct value before[FIELD_MAX_COLUMNS] = {0}, after[FIELD_MAX_COLUMNS] = {0};
    for (size_t i = 0; i < item->row_count; i++) {
        const struct change_row *row = &item->rows[i];
        if (row->column != NULL && row->column->field == f) {
            before[row->column->part] = row->before;
            after[row->column->part] = row->after;
        }
    }
    jw_object(w);
    jw_kv_text(w, "name", f->name);
    jw_kv_text(w, "label", f->label);
    print_side(t, w, "before", f, before);
    print_side(t, w, "after", f, after);
    jw_object_end(w);
}

static void print_fields(const struct timeline *t, struct json_writer *w, const struct item *item)
{
    jw_key(w, "fields");
    jw_array(w);
    for (size_t i = 0; i < item->row_count; i++) {
        const struct change_row *row = &item->rows[i];
        const struct field *f = row->column != NULL ? row->column->field : NULL;
        bool again = f == NULL || row->op != OP_UPDATE || !timeline_tells(row);
        for (size_t k = 0; k < i && !again; k++) {
            again = item->rows[k].column != NULL && item->rows[k].column->field == f;
        }
        if (!again) {
            print_field(t, w, item, f);
        }
    }
    jw_array_end(w);
}

static const char *const OPERATION_KINDS[] = {[OP_NONE] = "change",
                                              [OP_CREATE] = "created",
                                              [OP_UPDATE] = "change",
                                              [OP_DELETE] = "deleted",
                                              [OP_RESTORE] = "restored"};

static const char *const OPERATION_WORDS[] = {
    [OP_DELETE] = "Moved to the bin", [OP_RESTORE] = "Taken out of the bin"};

static void print_change(const struct timeline *t, struct json_writer *w, const struct item *item)
{
    enum operation op = OP_UPDATE;
    for (size_t i = 0; i < item->row_count; i++) {
        op = item->rows[i].op != OP_UPDATE ? item->rows[i].op : op;
    }
    const struct link_title by = print_target(title_of(t, item->rows[0].actor));
    jw_kv_text(w, "kind", OPERATION_KINDS[op]);
    if (OPERATION_WORDS[op] != NULL) {
        jw_kv_text(w, "subject", OPERATION_WORDS[op]);
    }
    jw_kv_int(w, "id", item->id);
    jw_kv_int(w, "change", item->id);
    jw_key(w, "by");
    print_link(w, item->rows[0].actor, &by);
    jw_kv_text(w, "source", source_name(item->rows[0].source));
    if (item->rows[0].source == SOURCE_RULE) {
        jw_kv_text(w, "reason", item->rows[0].reason);
    }
    if (item->other) {
        jw_key(w, "of");
        jw_array(w);
        print_record_link(w, title_of(t, item->rows[0].record));
        jw_array_end(w);
    } else if (item->rows[0].record != t->record->id) {
        const struct link_title of = print_target(title_of(t, item->rows[0].record));
        jw_key(w, "merged");
        print_link(w, item->rows[0].record, &of);
    }
    print_fields(t, w, item);
}

/* What entries are made of in JSON, whatever their fields are called. */
struct member {
    const char *name;
    enum slot slot;
};

static const struct member MEMBERS[] = {
    {"subject", SLOT_SUBJECT}, {"text", SLOT_TEXT}, {"due", SLOT_DUE}, {"done_at", SLOT_DONE}};

/* What the text refers to, for whoever draws it; beside the others' titles. */
static void print_refs(const struct timeline *t, struct json_writer *w, const struct item *item)
{
    const char *text = text_of(item);
    struct text_ref ref;
    if (*text == '\0') {
        return;
    }
    jw_key(w, "refs");
    jw_array(w);
    for (size_t n = 0; n < TEXT_REFS_MAX && text_ref_next(text, &ref); n++, text = ref.end) {
        if (ref.id != 0) {
            mention_print(w, title_of(t, ref.id), ref.id);
        }
    }
    jw_array_end(w);
}

bool timeline_is_pinned(const struct timeline *t, const struct item *item)
{
    int64_t *ids = NULL;
    size_t count = print_ids(t->c->arena, item->values[SLOT_PIN], &ids);
    for (size_t i = 0; i < count; i++) {
        if (ids[i] == t->record->id) {
            return true;
        }
    }
    return false;
}

static void print_owners(const struct timeline *t, struct json_writer *w, const struct item *item)
{
    int64_t *ids = NULL;
    size_t count = owners_of(t, item, &ids);
    if (count == 0) {
        return;
    }
    jw_key(w, "of");
    jw_array(w);
    for (size_t i = 0; i < count; i++) {
        print_record_link(w, title_of(t, ids[i]));
    }
    jw_array_end(w);
}

static void print_entry(const struct timeline *t, struct json_writer *w, const struct item *item)
{
    const struct stream *s = item->stream;
    const struct value *kind = &item->values[SLOT_KIND];
    jw_kv_text(w, "kind", kind->kind == VALUE_TEXT ? kind->s : s->entity->name);
    jw_kv_text(w, "entity", s->entity->name);
    jw_kv_int(w, "id", item->id);
    jw_key(w, "by");
    print_link(w, item->values[SLOT_BY].kind == VALUE_INT ? item->values[SLOT_BY].i : 0,
               &(struct link_title){.text = item->by_title});
    for (size_t i = 0; i < COUNT(MEMBERS); i++) {
        const struct field *f = s->fields[MEMBERS[i].slot];
        if (f != NULL) {
            struct value one[FIELD_MAX_COLUMNS] = {item->values[MEMBERS[i].slot]};
            jw_key(w, MEMBERS[i].name);
            print_value(w, t->c, f, MEMBERS[i].slot == SLOT_DUE ? item->due : one, NULL);
        }
    }
    if (item->values[SLOT_SERIES].kind == VALUE_INT) {
        jw_kv_bool(w, "repeats", true);
    }
    if (timeline_is_pinned(t, item)) {
        jw_kv_bool(w, "pinned", true);
    }
    print_refs(t, w, item);
    print_owners(t, w, item);
}

void timeline_print_item(const struct timeline *t, struct json_writer *w, const struct item *item)
{
    jw_object(w);
    if (item->stream == NULL) {
        print_change(t, w, item);
    } else {
        print_entry(t, w, item);
    }
    print_change_time(w, "at", item->at);
    jw_object_end(w);
}
