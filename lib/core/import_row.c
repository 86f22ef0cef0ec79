/*
 * One row of an import becomes a record: cells are read (import_cell.c), links are looked up
 * (each text once per slice), an existing record is found by the match keys (import_match.c), and
 * the rest is core/record's business. Runs within ctx_try: a row that fails leaves nothing behind
 * and its problems are in c->err.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "core/import.h"
#include "core/parts.h"
#include "exchange/html.h"

#define SALUTATION "salutation" /* of people: where titles before their names go */

/* ---- links ----------------------------------------------------------------------------------- */

/* A new record that has nothing but its name: the field given by `by`, else the last part of the
 * title. */
static int make_target(struct ctx *c, struct row_run *run, const struct import_column *column,
                       const char *text, int64_t *id)
{
    const struct entity *to = column->to;
    const struct field *f = column->by != NULL ? entity_field_find(to, column->by) : NULL;
    for (size_t i = 0; f == NULL || f->system || f->type->serial; i++) {
        if (i == to->title_count) {
            f = NULL;
            break;
        }
        f = to->title[to->title_count - 1 - i];
    }
    if (f == NULL || !ctx_may(c, ACTION_CREATE, to)) {
        return ctx_fail(c, ERR_FORBIDDEN, "", "You may not create %s.", to->label_plural);
    }
    struct parse_context pc = {.arena = c->arena, .model = c->model};
    struct parsed parsed = {0};
    struct record *made;
    if (f->type->parse_text(&pc, f, text, &parsed, &c->err) != 0) {
        return -1;
    }
    struct field_set *set = field_set_new(c->arena, to);
    field_set_put(set, to, f, parsed.values);
    if (record_insert_in(c, to, set, &made) != 0) {
        return -1;
    }
    *id = made->id;
    if (run->made_count < IMPORT_MADE_MAX) {
        run->made[run->made_count++] = to;
    }
    import_show(c, run, (struct import_shown){.entity = to,
                                              .result = ROW_CREATED,
                                              .set = set,
                                              .via = column->field});
    return 0;
}

/* Once for a text in a slice: the same slip comes in many rows. */
static int similar(struct ctx *c, struct row_run *run, const struct import_column *column,
                   const char *text, const char **out)
{
    const char *key = arena_printf(c->arena, "%s\n%s\n%s", column->to->name,
                                   column->by != NULL ? column->by : "", text);
    const char **known = map_find(run->similar, key);
    if (known == NULL) {
        known = ARENA_NEW(c->arena, const char *);
        if (lookup_similar(c, column->to, column->by, text, known) != 0) {
            return -1;
        }
        map_set(run->similar, key, known);
    }
    *out = *known;
    return 0;
}

static int no_target(struct ctx *c, struct row_run *run, const struct import_column *column,
                     const char *text, const struct lookup *found)
{
    const char *where =
        arena_printf(c->arena, "%s.%s", run->plan->entity->name, column->field->name);
    if (found->count > 1) {
        return err_add(&c->err, c->arena, ERR_INVALID, where, "Several %s are called “%s”.",
                       column->to->label_plural, text);
    }
    const char *near = found->near;
    int rc = near != NULL                     ? 0
             : entity_is_account(column->to) ? lookup_nearest(c, column->to, text, &near)
                                              : similar(c, run, column, text, &near);
    if (rc != 0) {
        return -1;
    }
    if (near != NULL) {
        return err_add(&c->err, c->arena, ERR_INVALID, where,
                       "There is no %s “%s”; did you mean “%s”?", column->to->label, text, near);
    }
    return err_add(&c->err, c->arena, ERR_INVALID, where, "There is no %s “%s”.", column->to->label,
                   text);
}

/* A record of any kind by its id; it must be there for this actor as in any request. */
static int find_by_id(struct ctx *c, const struct row_run *run, const struct field *f,
                      const char *text, int64_t *id)
{
    struct title_row *row = NULL;
    const char *where = arena_printf(c->arena, "%s.%s", run->plan->entity->name, f->name);
    if (str_to_int(text, id) != 0) {
        return err_add(&c->err, c->arena, ERR_INVALID, where, "“%s” is neither an id nor a kind with a title, such as company: Acme.", text);
    }
    if (print_titles(c, id, 1, &row) != 0) {
        return -1;
    }
    if (row->hidden || row->deleted) {
        return err_add(&c->err, c->arena, ERR_INVALID, where,
                       "There is no record with the id %lld.", (long long)*id);
    }
    return 0;
}

/* A record of any kind: "company: Acme", or its id. */
static int find_any(struct ctx *c, struct row_run *run, const struct field *f, const char *text,
                    int64_t *id)
{
    struct lookup found = {0};
    const char *title = NULL;
    struct import_column column = {.field = f, .to = records_cell_split(c, text, &title)};
    if (column.to == NULL) {
        return find_by_id(c, run, f, text, id);
    }
    if (record_lookup(c, column.to, NULL, title, &found) != 0) {
        return -1;
    }
    *id = found.id;
    return found.count == 1 ? 0 : no_target(c, run, &column, title, &found);
}

/* The record with the id that the link says is there, and called so. */
static bool is_record(struct ctx *c, const struct import_column *column, const char *text)
{
    struct title_row *row = NULL;
    if (print_titles(c, &column->id, 1, &row) != 0 || row->hidden || row->deleted ||
        row->entity != column->to) {
        return false;
    }
    const char *title = row->title != NULL ? row->title : "";
    int64_t id;
    return strcmp(title, text) == 0 || (str_to_int(text, &id) == 0 && id == column->id);
}

/* 0 found or made, 1 not yet (may come later in the file), IMPORT_LEFT_EMPTY or _SEVERAL, -1 refused. */
static int find_target(struct ctx *c, struct row_run *run, const struct import_column *column,
                       const char *text, int64_t *id)
{
    const char *key = arena_printf(c->arena, "%s\n%s\n%s",
                                   column->to != NULL ? column->to->name : "",
                                   column->by != NULL ? column->by : "", text);
    int64_t *known = map_find(run->links, key);
    if (known != NULL) {
        *id = *known;
        return 0;
    }
    struct lookup found = {0};
    if (column->ref) {
        return import_ref_target(c, run, column, text, id);
    }
    if (column->to == NULL) {
        if (find_any(c, run, column->field, text, id) != 0) {
            return -1;
        }
        known = ARENA_NEW(c->arena, int64_t);
        *known = *id;
        map_set(run->links, key, known);
        return 0;
    }
    if (record_lookup(c, column->to, column->by, text, &found) != 0) {
        return -1;
    }
    if (found.count == 1) {
        *id = found.id;
    } else if (column->id != 0 && is_record(c, column, text)) {
        *id = column->id;
        return 0;
    } else if (found.count == 0 && run->defer && column->to == run->plan->entity) {
        return 1;
    } else if (found.count == 0 && found.near == NULL && column->create) {
        if (make_target(c, run, column, text, id) != 0) {
            return -1;
        }
        return 0; /* not remembered: the row may still fail and take the target back */
    } else if (column->lenient) {
        return found.count > 1 ? IMPORT_LEFT_SEVERAL : IMPORT_LEFT_EMPTY;
    } else {
        return no_target(c, run, column, text, &found);
    }
    known = ARENA_NEW(c->arena, int64_t);
    *known = *id;
    map_set(run->links, key, known);
    return 0;
}

/* ---- a row's values -------------------------------------------------------------------------- */

static void leave_empty(struct ctx *c, struct row_run *run, const struct import_column *column,
                        const char *text, bool several)
{
    struct import_lost *lost = ARENA_NEW(c->arena, struct import_lost);
    *lost = (struct import_lost){column->field, column->header, text, several, *run->lost};
    *run->lost = lost;
}

/* What another column or another record of the row filled is not lost; a list may lack some. */
static void forgive_filled(const struct row_run *run, const struct field_set *set)
{
    struct import_lost **at = run->lost;
    while (*at != NULL) {
        const struct field *f = (*at)->field;
        bool filled = f->entity == run->plan->entity && set->given[f->index] && !field_is_records(f);
        if (filled) {
            *at = (*at)->next;
        } else {
            at = &(*at)->next;
        }
    }
}

static void blame(struct row_run *run, const struct import_column *column, const char *text)
{
    if (run->column == NULL) {
        run->column = column->header;
        run->value = text;
    }
}

/* Items of the parser have no place yet. */
static void place_error(struct ctx *c, const struct import_plan *p, const struct field *f,
                        const struct err *found)
{
    const char *where = arena_printf(c->arena, "%s.%s", p->entity->name, f->name);
    err_add(&c->err, c->arena, ERR_INVALID, where, "%s", found->text);
}

const char *import_cell_text(struct ctx *c, const struct import_column *column,
                             const struct import_row *row, size_t i)
{
    const char *text = i < row->count ? str_trim(c->arena, row->cells[i]) : "";
    const char *mapped = column->values.count > 0
                             ? map_find(&column->values, str_fold(c->arena, text, strlen(text)))
                             : NULL;
    text = mapped != NULL ? mapped : text;
    return column->html && html_is(text) ? html_text(c->arena, text) : text;
}

static const char *joined(struct ctx *c, const char *before, const char *more, const char *between)
{
    return before == NULL ? more : arena_printf(c->arena, "%s%s%s", before, between, more);
}

static int refuse_currency(struct ctx *c, struct row_run *run, const struct import_column *column,
                           const struct import_column *at, const char *text, const char *why)
{
    blame(run, at, text);
    return err_add(
        &c->err, c->arena, ERR_INVALID,
        arena_printf(c->arena, "%s.%s", run->plan->entity->name, column->field->name), "%s", why);
}

static const char *unclear(struct ctx *c, const char *text, const char *codes)
{
    return arena_printf(c->arena,
                        "“%s” may be of several currencies: %s; write the code of the one it is.",
                        text, codes);
}

/* The code an amount has by another column or by the mapping, in capitals; "" if none. -1: refused. */
static int own_currency(struct ctx *c, struct row_run *run, const struct import_column *column,
                        const char **out)
{
    const char *text = column->currency_code != NULL ? column->currency_code : "";
    if (column->currency != NULL) {
        size_t at = (size_t)(column->currency - run->plan->columns);
        text = import_cell_text(c, column->currency, run->row, at);
    }
    char known[NUMBER_CURRENCY_SIZE];
    if (number_currency(text, c->model->company.currency, known) != 0) {
        return refuse_currency(c, run, column, column->currency, text, unclear(c, text, known));
    }
    char *code = arena_strdup(c->arena, known[0] != 0 ? known : text);
    for (char *p = code; *p != 0; p++) {
        *p = (char)toupper((unsigned char)*p);
    }
    if (code[0] != 0 && currency_places(code) < 0) {
        return refuse_currency(
            c, run, column, column->currency, text,
            arena_printf(c->arena, "“%s” is not a currency code of ISO 4217 like “EUR”.", text));
    }
    *out = code;
    return 0;
}

/* An amount with the currency it is in: its own, or the one beside it ("12.50" becomes "12.50
 * USD"), which also settles what "$" or "kr" means. */
static int amount_text(struct ctx *c, struct row_run *run, const struct import_column *column,
                       const char *text, const char **plain)
{
    const char *code = "";
    char inside[NUMBER_CURRENCY_SIZE];
    if (own_currency(c, run, column, &code) != 0) {
        return -1;
    }
    const char *base = code[0] != 0 ? code : c->model->company.currency;
    if (number_currency(text, base, inside) != 0) {
        return refuse_currency(c, run, column, column, text, unclear(c, text, inside));
    }
    if (code[0] != 0 && inside[0] != 0 && strcmp(inside, code) != 0) {
        return refuse_currency(
            c, run, column, column, text,
            arena_printf(c->arena, "“%s” is in %s, but its currency is given as %s.", text, inside,
                         code));
    }
    *plain = import_cell_amount(c, column, text, base);
    if (code[0] != 0 && inside[0] == 0) {
        *plain = arena_printf(c->arena, "%s %s", *plain, code);
    }
    return 0;
}

static int put_text(struct ctx *c, struct row_run *run, const struct import_column *column,
                    const char *text, struct field_set *set)
{
    const char *plain = text;
    if (column->field->type->kind != TYPE_MONEY || import_cell_json(c, column->field, text) != NULL) {
        plain = import_cell_plain(c, column, text);
    } else if (amount_text(c, run, column, text, &plain) != 0) {
        return -1;
    }
    struct parsed parsed = {0};
    struct err found = {0};
    if (plain[0] == 0) {
        return 0;
    }
    if (import_cell_parse(c, column, plain, &parsed, &found) != 0) {
        if (column->lenient) {
            leave_empty(c, run, column, text, false);
            return 0;
        }
        if (column->fallback != NULL && strcmp(column->fallback, text) != 0) {
            return put_text(c, run, column, column->fallback, set);
        }
        place_error(c, run->plan, column->field, &found);
        blame(run, column, text);
        return -1;
    }
    field_set_put(set, run->plan->entity, column->field, parsed.values);
    return 0;
}

/* One more id of a list, each once. */
static void add_record(struct ctx *c, const char **records, int64_t id)
{
    const char *one = arena_printf(c->arena, ",%lld,", (long long)id);
    const char *all = *records != NULL ? arena_printf(c->arena, ",%s,", *records) : "";
    if (strstr(all, one) == NULL) {
        *records = joined(c, *records, arena_printf(c->arena, "%lld", (long long)id), ",");
    }
}

static int put_link(struct ctx *c, struct row_run *run, const struct import_column *column,
                    const char *text, struct field_set *set, const char **records)
{
    int64_t id = 0;
    struct import_column said = *column;
    text = import_cell_link(c, &said, text);
    if (text[0] == 0) {
        return 0; /* hidden from whoever wrote the file */
    }
    int rc = find_target(c, run, &said, text, &id);
    if (rc < 0) {
        blame(run, column, text);
    }
    if (rc == IMPORT_LEFT_EMPTY || rc == IMPORT_LEFT_SEVERAL) {
        leave_empty(c, run, column, text, rc == IMPORT_LEFT_SEVERAL);
        return 0;
    }
    if (rc != 0) {
        return rc;
    }
    if (field_is_records(column->field)) {
        add_record(c, records, id);
        struct value list = value_text(arena_printf(c->arena, "[%s]", *records));
        field_set_put(set, run->plan->entity, column->field, &list);
        return 0;
    }
    struct value value = value_int(id);
    field_set_put(set, run->plan->entity, column->field, &value);
    return 0;
}

/* The records of a cell; with a kind given by the mapping the whole cell is one title. */
static int put_records(struct ctx *c, struct row_run *run, const struct import_column *column,
                       const char *text, struct field_set *set, const char **records)
{
    if (!field_is_records(column->field) || column->to != NULL) {
        return put_link(c, run, column, text, set, records);
    }
    int rc = 0;
    text = import_cell_records(c, column->field, text);
    while (rc == 0 && *text != 0) {
        const char *item = records_cell_next(c->arena, &text);
        rc = item[0] != 0 ? put_link(c, run, column, item, set, records) : 0;
    }
    return rc;
}

bool import_row_value(struct ctx *c, const struct import_plan *p, const struct import_row *row,
                      const struct field *f, struct parsed *out)
{
    const char *text = import_row_text(c, p, row, f);
    struct err ignored = {0};
    for (size_t i = 0; text != NULL && i < p->column_count; i++) {
        if (p->columns[i].field == f) {
            return import_cell_parse(c, &p->columns[i],
                                     import_cell_plain(c, &p->columns[i], text), out,
                                     &ignored) == 0;
        }
    }
    return false;
}

/* What `set` of the mapping says, where no column did; 0, 1 or -1 as read_cells. */
static int put_constants(struct ctx *c, struct row_run *run, struct field_set *set,
                         const char **records)
{
    int result = 0;
    for (size_t i = 0; i < run->plan->constant_count; i++) {
        const struct import_constant *constant = &run->plan->constants[i];
        const struct field *f = constant->field;
        const struct import_column column = {.header = f->name, .field = f, .to = f->to};
        if (set->given[f->index]) {
            continue;
        }
        int rc = field_refers(f) ? put_records(c, run, &column, constant->text, set, records)
                                 : put_text(c, run, &column, constant->text, set);
        result = rc != 0 && result >= 0 ? rc : result;
    }
    return result;
}

/* A whole name where its parts are not given. A title without a place of its own stays with the
 * first name. */
static void put_name(struct ctx *c, struct row_run *run, size_t i, struct field_set *set)
{
    const struct entity *e = run->plan->entity;
    struct name name;
    if (!import_row_name(c, run->plan, run->row, i, &name)) {
        return;
    }
    const struct field *title = entity_field_find(e, SALUTATION);
    const struct field *const parts[] = {e->title[0], e->title[e->title_count - 1], title};
    bool own = title != NULL && import_may_fill(c, title) &&
               import_row_text(c, run->plan, run->row, title) == NULL;
    const char *const texts[] = {
        own || name.title[0] == 0 ? name.first
                                  : str_trim(c->arena, arena_printf(c->arena, "%s %s", name.title,
                                                                    name.first)),
        name.last, own ? name.title : ""};
    for (size_t k = 0; k < COUNT(parts); k++) {
        const struct import_column part = {.header = run->plan->columns[i].header,
                                           .field = parts[k]};
        if (texts[k][0] != 0) {
            put_text(c, run, &part, texts[k], set);
        }
    }
}

/* The file says only that it is done: when it was due, if that is over, or now. What is done stays
 * so, and another column may say when. */
static void put_done(struct ctx *c, const struct row_run *run, struct field_set *set)
{
    const struct story *s = &run->plan->entity->story;
    const struct value *due =
        set->given[s->due->index] ? field_set_values(set, run->plan->entity, s->due) : NULL;
    struct value at = value_int(c->now_ms);
    const struct value *told = field_set_values(set, run->plan->entity, s->done);
    bool says_when = set->given[s->done->index] && told[0].kind == VALUE_INT;
    if (says_when || (run->before != NULL && record_value(run->before, s->done).kind == VALUE_INT)) {
        return;
    }
    if (due != NULL && due[0].kind == VALUE_INT && due[0].i < c->now_ms) {
        at = due[0];
    }
    field_set_put(set, run->plan->entity, s->done, &at);
}

/* 0 done, 1 deferred, -1 problems (all of the row's). */
static int read_cells(struct ctx *c, struct row_run *run, struct field_set *set)
{
    const struct import_plan *p = run->plan;
    const char *records = NULL;
    bool done = false, is_done = false;
    int result = 0;
    for (size_t i = 0; i < p->column_count; i++) {
        const struct import_column *column = &p->columns[i];
        if (column->split) {
            put_name(c, run, i, set);
        }
        if (column->field == NULL || (column->by_ref && set->given[column->field->index]) ||
            import_is_picture(c, column->field, i < run->row->count ? run->row->cells[i] : "")) {
            continue;
        }
        bool same = false;
        int rc = 0;
        if (run->before != NULL &&
            import_cell_same(c, run->before, column->field, import_cell_text(c, column, run->row, i),
                             &same) != 0) {
            return -1;
        }
        if (same) {
            continue;
        }
        if (field_refers(column->field)) {
            const char *text = import_cell_text(c, column, run->row, i);
            rc = text[0] != 0 ? put_records(c, run, column, text, set, &records) : 0;
        } else {
            const char *text = import_row_gather(c, p, run->row, i);
            if (text != NULL && import_cell_done(c, column, text, &done)) {
                is_done = is_done || done;
            } else {
                rc = text != NULL ? put_text(c, run, column, text, set) : 0;
            }
        }
        if (rc != 0 && result >= 0) {
            result = rc;
        }
    }
    if (is_done) {
        put_done(c, run, set);
    }
    int rc = put_constants(c, run, set, &records);
    rc = rc == 0 ? keep_addresses(c, p->entity, set) : rc;
    return rc != 0 && result >= 0 ? rc : result;
}

/* ---- writing --------------------------------------------------------------------------------- */

/* The stage that the row gives; NULL: none, or none there is. */
static const struct stage *stage_given(const struct ctx *c, const struct import_plan *p,
                                       const struct field_set *set)
{
    const struct entity *e = p->entity;
    const struct value *v = e->stage != NULL ? import_value_of(p, e->stage, set) : NULL;
    const struct stage *stage = NULL;
    for (size_t i = 0; v != NULL && stage == NULL && i < c->model->pipeline_count; i++) {
        const struct pipeline *pipeline = &c->model->pipelines[i];
        stage = pipeline->entity == e && v->kind == VALUE_TEXT ? pipeline_stage_find(pipeline, v->s)
                                                               : NULL;
    }
    return stage;
}

static const struct field *closing_field(const struct entity *e, const struct stage *stage)
{
    return stage == NULL || stage->kind == STAGE_OPEN
               ? NULL
               : keep_follower(e, stage->kind == STAGE_WON ? FOLLOWS_WON : FOLLOWS_LOST);
}

/* The day of the mapping's `closed` column, for a record that the row wins or loses. before NULL: a
 * new one. */
static int put_closing_day(struct ctx *c, struct row_run *run, const struct record *before,
                           struct field_set *set)
{
    const struct import_plan *p = run->plan;
    const struct stage *to = stage_given(c, p, set);
    const struct stage *from = before != NULL ? keep_stage_of(c, before) : NULL;
    const struct field *when = closing_field(p->entity, to);
    if (when == NULL || set->given[when->index] || (from != NULL && from->kind == to->kind) ||
        (c->actor.role != NULL && !role_edits(c->actor.role, when))) {
        return 0;
    }
    for (size_t i = 0; i < p->column_count; i++) {
        struct import_column day = p->columns[i];
        const char *text = day.closed ? import_cell_text(c, &p->columns[i], run->row, i) : "";
        day.field = when;
        if (text[0] != 0) {
            return put_text(c, run, &day, text, set);
        }
    }
    return 0;
}

static bool is_key(const struct import_plan *p, const struct field *f)
{
    bool found = false;
    for (size_t i = 0; i < p->match_count; i++) {
        found = found || p->match[i] == f;
    }
    return found;
}

/* Empty cells empty the fields of a record that is there, where that was asked for. */
static void clear_empty(struct ctx *c, const struct row_run *run, struct field_set *set)
{
    const struct import_plan *p = run->plan;
    const struct value none[FIELD_MAX_COLUMNS] = {0};
    for (size_t i = 0; p->clear && i < p->column_count; i++) {
        const struct field *f = p->columns[i].field;
        if (f != NULL && !set->given[f->index] && !is_key(p, f) &&
            import_row_text(c, p, run->row, f) == NULL) {
            field_set_put(set, p->entity, f, none);
        }
    }
}

/* The record that the row names by its id, before its cells are read. */
static int find_before(struct ctx *c, struct row_run *run, const struct field_set *none)
{
    struct record *before = NULL;
    int64_t id = 0;
    run->before = NULL;
    if (!run->plan->match_id) {
        return 0;
    }
    if (import_match_find(c, run, none, &id) != 0 ||
        (id != 0 && rows_load(c->db, run->plan->entity, id, c->arena, &before, &c->err) != 0)) {
        return -1;
    }
    run->before = before;
    return 0;
}

static int update(struct ctx *c, struct row_run *run, int64_t id, bool by_ref,
                  struct field_set *set)
{
    struct record *before;
    bool changed = false;
    if (record_permit(c, ACTION_EDIT, run->plan->entity, id, false) != 0 ||
        rows_load(c->db, run->plan->entity, id, c->arena, &before, &c->err) != 0) {
        return -1;
    }
    import_match_merge(c, run, before, by_ref, set);
    clear_empty(c, run, set);
    if (put_closing_day(c, run, before, set) != 0 ||
        record_change_in(c, before, set, &changed) != 0 ||
        import_pictures_write(c, run, id, before, set, &changed) != 0) {
        return -1;
    }
    run->result = changed ? ROW_UPDATED : ROW_UNCHANGED;
    import_show(c, run, (struct import_shown){.entity = run->plan->entity,
                                              .result = run->result,
                                              .before = before,
                                              .set = set});
    return 0;
}

/* By the match keys. */
static int find_matching(struct ctx *c, struct row_run *run, const struct field_set *set,
                         int64_t *id)
{
    if (import_match_find(c, run, set, id) != 0) {
        return -1;
    }
    run->again = *id != 0 && !run->plan->part && run->first_made != NULL &&
                 *run->first_made != 0 && *id >= *run->first_made;
    return 0;
}

/* Neither the file nor the date of the row says when the record came to the end of its pipeline. */
static bool closes_now(const struct ctx *c, const struct row_run *run, const struct field_set *set,
                       const struct record *made)
{
    const struct field *when =
        run->plan->at < 0 ? closing_field(made->entity, keep_stage_of(c, made)) : NULL;
    return when != NULL && !set->given[when->index];
}

int import_record_write(struct ctx *c, struct row_run *run, int64_t *id)
{
    struct field_set *set = field_set_new(c->arena, run->plan->entity);
    struct record *made;
    bool changed = false;
    *id = 0;
    int rc = find_before(c, run, set) == 0 ? read_cells(c, run, set) : -1;
    if (rc > 0) {
        run->result = ROW_DEFERRED;
        return 0;
    }
    import_parts_link(c, run, set);
    forgive_filled(run, set);
    if (rc < 0 || (run->plan->calendar && import_calendar_fill(c, run, set) != 0) ||
        import_ref_find(c, run, id) != 0) {
        return -1;
    }
    if (run->plan->calendar) {
        bool taken = false;
        if (import_calendar_find(c, run, set, id) != 0 ||
            import_calendar_write(c, run, set, &taken, id) != 0 || taken) {
            return c->err.code != ERR_NONE ? -1 : 0;
        }
    }
    bool by_ref = *id != 0;
    run->again = false;
    if (!by_ref && find_matching(c, run, set, id) != 0) {
        return -1;
    }
    if (*id != 0) {
        return update(c, run, *id, by_ref, set) != 0 ? -1 : import_ref_keep(c, run, *id, set);
    }
    if (!ctx_may(c, ACTION_CREATE, run->plan->entity)) {
        return ctx_fail(c, ERR_FORBIDDEN, run->plan->entity->name, "You may not create %s.",
                        run->plan->entity->label_plural);
    }
    if (put_closing_day(c, run, NULL, set) != 0 ||
        record_insert_in(c, run->plan->entity, set, &made) != 0 ||
        import_pictures_write(c, run, made->id, NULL, set, &changed) != 0) {
        return -1;
    }
    *id = made->id;
    if (!run->plan->part && run->first_made != NULL && *run->first_made == 0) {
        *run->first_made = made->id;
    }
    run->result = ROW_CREATED;
    import_show(c, run, (struct import_shown){.entity = run->plan->entity,
                                              .result = ROW_CREATED,
                                              .made = made,
                                              .plan = run->plan,
                                              .set = set});
    run->keyless = !import_match_can(run, set);
    run->closed = closes_now(c, run, set, made);
    return import_ref_keep(c, run, made->id, set);
}

/* Rows of commas alone stand for people who may not be named (LinkedIn), or for nothing. */
static bool is_blank(struct ctx *c, const struct import_row *row)
{
    bool blank = true;
    for (size_t i = 0; blank && i < row->count; i++) {
        blank = str_trim(c->arena, row->cells[i])[0] == 0;
    }
    return blank;
}

/* A column of the file says that it was deleted there. */
static bool is_deleted(struct ctx *c, const struct row_run *run)
{
    bool deleted = false;
    for (size_t i = 0; !deleted && i < run->plan->column_count; i++) {
        const struct import_column *column = &run->plan->columns[i];
        deleted = column->deleted &&
                  number_parse_bool(import_cell_text(c, column, run->row, i), &deleted) == 0 &&
                  deleted;
    }
    return deleted;
}

int import_row_write(struct ctx *c, void *row_run)
{
    struct row_run *run = row_run;
    struct import_done done[IMPORT_PARTS_MAX + 1];
    int64_t id;
    run->lost = ARENA_NEW(c->arena, struct import_lost *);
    *run->lost = NULL;
    run->list = run->show != SHOW_NONE ? ARENA_NEW(c->arena, struct import_shown_list) : NULL;
    if (run->list != NULL) {
        *run->list = (struct import_shown_list){.main = run->plan};
    }
    run->column = run->value = NULL;
    run->made_count = 0;
    run->occurrences = 0;
    run->shown = NULL;
    run->result = ROW_REJECTED;
    run->done = done;
    run->done_count = 0;
    if (is_blank(c, run->row)) {
        run->result = ROW_UNCHANGED;
        return 0;
    }
    if (is_deleted(c, run)) {
        run->result = ROW_LEFT_OUT;
        run->shown = run->show == SHOW_ROW ? import_show_left_out(c, run) : NULL;
        return 0;
    }
    if (import_parts_before(c, run) != 0 || import_record_write(c, run, &id) != 0) {
        return -1;
    }
    if (run->result == ROW_DEFERRED || id == 0) {
        return 0;
    }
    done[run->done_count++] = (struct import_done){run->plan->entity, id};
    if (import_parts_after(c, run) != 0 || import_refs_others(c, run, id) != 0) {
        return -1;
    }
    bool shown = run->show == SHOW_ROW || (run->show == SHOW_UPDATE && run->result == ROW_UPDATED);
    run->shown = shown ? import_show_row(c, run) : NULL;
    return 0;
}
