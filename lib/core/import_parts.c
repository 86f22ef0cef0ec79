/*
 * A row that makes several records: a sheet with people, their companies, deals and notes. Each kind
 * but the main one is a part, a plan of its own over the same cells. Parts the main record links to
 * come before it, those that link to it after; links between them follow the model. A part is found
 * again by what it is called (a person by addresses too), by addresses alone where no name is told,
 * so that a company of many rows is made once, two that share a website or a switchboard are two,
 * and the file that comes again makes nothing twice. Columns without a field of their own become a note
 * about the main record.
 */
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "core/import.h"
#include "core/import_mapping.h"
#include "core/parts.h"
#include "exchange/picture.h"

/* ---- the plan -------------------------------------------------------------------------------- */

static const struct field *link_between(const struct entity *from, const struct entity *to)
{
    for (size_t i = 0; from != to && i < from->field_count; i++) {
        if (field_is_link(from->fields[i]) && from->fields[i]->to == to &&
            !from->fields[i]->system) {
            return from->fields[i];
        }
    }
    return NULL;
}

static const struct field *records_field(const struct entity *e)
{
    const struct field *found = NULL;
    for (size_t i = 0; found == NULL && i < e->field_count; i++) {
        found = field_is_records(e->fields[i]) ? e->fields[i] : NULL;
    }
    return found;
}

static struct import_plan *part_of(struct ctx *c, struct import_plan *p, const struct entity *e)
{
    for (size_t i = 0; i < p->part_count; i++) {
        if (p->parts[i].entity == e) {
            return &p->parts[i];
        }
    }
    if (p->part_count == IMPORT_PARTS_MAX) {
        err_add(&c->err, c->arena, ERR_INVALID, "columns",
                "A row can make at most %d records.", IMPORT_PARTS_MAX + 1);
        return NULL;
    }
    struct import_plan *part = &p->parts[p->part_count++];
    *part = (struct import_plan){.entity = e,
                                 .column_count = p->column_count,
                                 .at = -1,
                                 .part = true,
                                 .clear = p->clear,
                                 .system = p->system,
                                 .create_links = p->create_links,
                                 .before = link_between(p->entity, e) != NULL};
    part->columns = ARENA_ARRAY(c->arena, struct import_column, p->column_count + 1);
    for (size_t i = 0; i < p->column_count; i++) {
        part->columns[i].header = p->columns[i].header;
        map_init(&part->columns[i].values, c->arena);
    }
    return part;
}

static bool fills(const struct import_plan *p, const struct field *f)
{
    for (size_t i = 0; f != NULL && i < p->column_count; i++) {
        if (p->columns[i].field == f) {
            return true;
        }
    }
    return false;
}

static bool splits(const struct import_plan *p)
{
    for (size_t i = 0; i < p->column_count; i++) {
        if (p->columns[i].split) {
            return true;
        }
    }
    return false;
}

/* What a part is found by: all of its name, and addresses beside it; see import_match.c. */
static void match_part(struct import_plan *part)
{
    const struct entity *e = part->entity;
    for (size_t i = 0; part->help == NULL && i < e->field_count; i++) {
        const struct field *f = e->fields[i];
        bool finds = (f->unique || f->type->form == FORM_POINTS) && field_handle(f) != HANDLE_NONE;
        part->help = fills(part, f) && finds ? f : NULL;
    }
    bool named = records_field(e) == NULL;
    for (size_t i = 0; named && i < e->title_count; i++) {
        named = fills(part, e->title[i]) || splits(part);
    }
    for (size_t i = 0; named && i < e->title_count && i < IMPORT_MATCH_MAX; i++) {
        if (e->title[i] != part->help) {
            part->match[part->match_count++] = e->title[i];
        }
    }
}

static int by_order(const struct import_plan *a, const struct import_plan *b)
{
    return a->before != b->before                          ? (a->before ? -1 : 1)
           : link_between(a->entity, b->entity) != NULL    ? 1
           : link_between(b->entity, a->entity) != NULL    ? -1
           : (records_field(a->entity) != NULL) - (records_field(b->entity) != NULL);
}

static void sort_parts(struct import_plan *p)
{
    for (size_t i = 1; i < p->part_count; i++) {
        for (size_t k = i; k > 0 && by_order(&p->parts[k - 1], &p->parts[k]) > 0; k--) {
            struct import_plan other = p->parts[k];
            p->parts[k] = p->parts[k - 1];
            p->parts[k - 1] = other;
        }
    }
}

/* A link whose target another column names by its foreign id is taken from there first. */
static void order_refs(struct import_plan *p)
{
    for (size_t i = 0; i < p->column_count; i++) {
        for (size_t k = 0; p->columns[i].ref && k < p->column_count; k++) {
            struct import_column *other = &p->columns[k];
            other->by_ref = other->by_ref || (other->field == p->columns[i].field && k != i);
        }
    }
}

static bool has_lines(const struct field *f)
{
    return f != NULL && f->type->visitor == VISITOR_LINES;
}

void import_parts_plan(struct ctx *c, const struct yaml *map, struct import_plan *p)
{
    const char *system = map != NULL ? import_scalar(map, "system") : NULL;
    p->system = system != NULL ? system : "file";
    p->parts = ARENA_ARRAY(c->arena, struct import_plan, IMPORT_PARTS_MAX);
    for (size_t i = 0; i < p->column_count; i++) {
        struct import_column *column = &p->columns[i];
        p->notes = p->notes || column->note;
        column->html = system != NULL && (column->note || has_lines(column->field));
        if (column->part == NULL || column->part == p->entity) {
            continue;
        }
        struct import_plan *part = part_of(c, p, column->part);
        if (part != NULL) {
            part->columns[i] = *column;
            struct import_column none = {
                .header = column->header, .note = column->note, .html = column->html};
            map_init(&none.values, c->arena);
            *column = none;
        }
    }
    for (size_t i = 0; i < p->part_count; i++) {
        match_part(&p->parts[i]);
        order_refs(&p->parts[i]);
    }
    sort_parts(p);
    order_refs(p);
}

/* ---- a row ----------------------------------------------------------------------------------- */

void import_parts_link(struct ctx *c, const struct row_run *run, struct field_set *set)
{
    const struct entity *e = run->plan->entity;
    const struct field *records = records_field(e);
    struct buf ids = {0};
    for (size_t i = 0; i < run->done_count; i++) {
        const struct field *f = link_between(e, run->done[i].entity);
        if (f != NULL && !set->given[f->index]) {
            struct value id = value_int(run->done[i].id);
            field_set_put(set, e, f, &id);
        }
        buf_printf(&ids, "%s%lld", ids.size > 0 ? "," : "[", (long long)run->done[i].id);
    }
    if (records != NULL && !set->given[records->index] && ids.size > 0) {
        struct value list = value_text(arena_printf(c->arena, "%s]", buf_text(&ids)));
        field_set_put(set, e, records, &list);
    }
    buf_done(&ids);
}

static bool is_empty(struct ctx *c, const struct import_plan *p, const struct import_row *row)
{
    bool empty = true;
    for (size_t i = 0; empty && i < p->column_count; i++) {
        const struct import_column *column = &p->columns[i];
        empty = (column->field == NULL && !column->split) ||
                import_cell_text(c, column, row, i)[0] == 0;
    }
    return empty;
}

/* What cannot be found again is made only where the row made or changed something else. */
static bool comes_again(const struct row_run *run, const struct import_plan *part)
{
    return part->match_count == 0 && part->help == NULL && !part->before && run->result == ROW_UNCHANGED;
}

static int write_part(struct ctx *c, struct row_run *run, const struct import_plan *part)
{
    struct row_run own = *run;
    int64_t id;
    own.plan = part;
    own.defer = false;
    if (is_empty(c, part, run->row) || comes_again(run, part)) {
        return 0;
    }
    if (import_record_write(c, &own, &id) != 0) {
        run->column = own.column;
        run->value = own.value;
        return -1;
    }
    run->made_count = own.made_count;
    memcpy(run->made, own.made, sizeof run->made);
    if (own.result == ROW_CREATED && run->made_count < IMPORT_MADE_MAX) {
        run->made[run->made_count++] = part->entity;
    }
    if (run->result == ROW_UNCHANGED && own.result != ROW_UNCHANGED) {
        run->result = ROW_UPDATED;
    }
    run->done[run->done_count++] = (struct import_done){part->entity, id};
    return 0;
}

int import_parts_before(struct ctx *c, struct row_run *run)
{
    for (size_t i = 0; i < run->plan->part_count; i++) {
        if (run->plan->parts[i].before && write_part(c, run, &run->plan->parts[i]) != 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- notes ----------------------------------------------------------------------------------- */

/* The kind of record that is nothing but a text about others. */
static const struct entity *note_entity(const struct model *m)
{
    for (size_t i = 0; i < m->entity_count; i++) {
        const struct entity *e = m->entities[i];
        if (records_field(e) != NULL && e->title_count == 1 &&
            e->title[0]->type->bulky) {
            return e;
        }
    }
    return NULL;
}

bool import_may_note(struct ctx *c)
{
    const struct entity *e = note_entity(c->model);
    return e != NULL && ctx_may(c, ACTION_CREATE, e);
}

/* One column is the note; several say what they are, and what an address book has beside it. */
static const char *note_text(struct ctx *c, const struct row_run *run)
{
    const struct import_plan *p = run->plan;
    struct buf text = {0};
    size_t count = 0;
    for (size_t i = 0; i < p->column_count; i++) {
        count += p->columns[i].note;
    }
    for (size_t i = 0; i < p->column_count; i++) {
        const char *cell =
            p->columns[i].note ? import_cell_text(c, &p->columns[i], run->row, i) : "";
        if (cell[0] != 0 && !picture_is(cell)) {
            buf_puts(&text, text.size > 0 ? "\n" : "");
            bool named = p->columns[i].extra && strcmp(p->columns[i].header, IMPORT_NOTE) != 0;
            if (count > 1 || named) {
                buf_printf(&text, "%s: ", p->columns[i].header);
            }
            buf_puts(&text, cell);
        }
    }
    const char *all = text.size > 0 ? arena_strndup(c->arena, text.data, text.size) : NULL;
    buf_done(&text);
    return all;
}

static int write_note(struct ctx *c, struct row_run *run)
{
    const struct entity *e = note_entity(c->model);
    const char *text = note_text(c, run);
    struct record *made;
    if (text == NULL || run->result == ROW_UNCHANGED) {
        return 0;
    }
    if (e == NULL || !ctx_may(c, ACTION_CREATE, e)) {
        return ctx_fail(c, ERR_FORBIDDEN, "", "You may not create notes.");
    }
    struct field_set *set = field_set_new(c->arena, e);
    struct value value = value_text(text);
    struct row_run own = *run;
    const struct import_plan plan = {.entity = e};
    own.plan = &plan;
    field_set_put(set, e, e->title[0], &value);
    import_parts_link(c, &own, set);
    if (record_insert_in(c, e, set, &made) != 0) {
        return -1;
    }
    import_show(c, &own, (struct import_shown){.entity = e, .result = ROW_CREATED, .set = set});
    if (run->made_count < IMPORT_MADE_MAX) {
        run->made[run->made_count++] = e;
    }
    return 0;
}

int import_parts_after(struct ctx *c, struct row_run *run)
{
    for (size_t i = 0; i < run->plan->part_count; i++) {
        if (!run->plan->parts[i].before && write_part(c, run, &run->plan->parts[i]) != 0) {
            return -1;
        }
    }
    return run->plan->notes ? write_note(c, run) : 0;
}
