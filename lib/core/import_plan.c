/*
 * From the columns of a mapping to a plan: match keys, constants, dates, and the other records that
 * a row makes (a sheet with people, companies and deals). Which column goes where is import_map.c's.
 */
#include <string.h>

#include "base/str.h"
#include "base/yaml.h"
#include "core/import.h"
#include "core/import_mapping.h"
#include "core/parts.h"

/* ---- match keys, constants, dates ------------------------------------------------------------ */

static bool is_mapped(const struct import_plan *p, const struct field *f)
{
    for (size_t i = 0; i < p->column_count; i++) {
        if (p->columns[i].field == f) {
            return true;
        }
    }
    return false;
}

static int add_match(struct ctx *c, struct import_plan *p, const char *name)
{
    if (strcmp(name, "id") == 0) {
        for (size_t i = 0; i < p->column_count; i++) {
            if (strcmp(p->columns[i].header, "id") == 0) {
                p->match_id = true;
                p->id_column = i;
                return 0;
            }
        }
        return err_add(&c->err, c->arena, ERR_INVALID, "match",
                       "The file has no column “id” to match by.");
    }
    const struct field *f = entity_field_find(p->entity, name);
    if (f == NULL && str_eq(name, "email")) {
        f = entity_field_find(p->entity, "emails");
    }
    if (f == NULL && str_eq(name, "phone")) {
        f = entity_field_find(p->entity, "phones");
    }
    if (f == NULL || !access_sees(c, f)) {
        return import_unknown_field(c, p->entity, "match", name);
    }
    if (!is_mapped(p, f)) {
        return err_add(&c->err, c->arena, ERR_INVALID, "match",
                       "No column fills %s, so rows cannot be matched by it.", f->name);
    }
    if (p->match_count == IMPORT_MATCH_MAX) {
        return err_add(&c->err, c->arena, ERR_INVALID, "match",
                       "At most %d fields can be matched by.", IMPORT_MATCH_MAX);
    }
    p->match[p->match_count++] = f;
    return 0;
}

static bool find_column(const struct import_plan *p, const char *header, size_t *out)
{
    for (size_t i = 0; i < p->column_count; i++) {
        if (strcmp(p->columns[i].header, header) == 0) {
            *out = i;
            return true;
        }
    }
    return false;
}

/* Nobody said how rows are matched, and the file is one that an export wrote. */
static void plan_own(struct import_plan *p)
{
    p->own = p->match_id = find_column(p, "id", &p->id_column) &&
                           find_column(p, "created_at", &p->made_column);
}

static void plan_match(struct ctx *c, const struct import_request *q, const struct yaml *map,
                       struct import_plan *p)
{
    const struct yaml *match = map != NULL ? yaml_find(map, "match") : NULL;
    if (q->match == NULL && match != NULL && match->type == YAML_LIST) {
        for (const struct yaml *m = match->child; m != NULL; m = m->next) {
            add_match(c, p, m->text);
        }
        return;
    }
    const char *text = q->match != NULL ? q->match : match != NULL ? match->text : NULL;
    if (text == NULL && map == NULL && q->at == NULL) {
        plan_own(p);
    }
    while (text != NULL && *text != 0) {
        size_t n = strcspn(text, ",");
        add_match(c, p, str_trim(c->arena, arena_strndup(c->arena, text, n)));
        text += n + (text[n] == ',');
    }
}

static void plan_constants(struct ctx *c, const struct yaml *map, struct import_plan *p)
{
    const struct yaml *set = map != NULL ? yaml_find(map, "set") : NULL;
    p->constants = ARENA_ARRAY(c->arena, struct import_constant, set != NULL ? set->count + 1 : 1);
    for (const struct yaml *m = set != NULL ? set->child : NULL; m != NULL; m = m->next) {
        const struct field *f = entity_field_find(p->entity, m->key);
        if (f == NULL || !import_fills(c, f)) {
            import_unknown_field(c, p->entity, yaml_key_where(c->arena, m), m->key);
            continue;
        }
        if (!import_may_fill(c, f)) {
            import_refuse_field(c, f, yaml_key_where(c->arena, m));
            continue;
        }
        p->constants[p->constant_count++] = (struct import_constant){f, m->text};
    }
}

static void plan_at(struct ctx *c, const struct import_request *q, struct import_plan *p)
{
    p->at = -1;
    for (size_t i = 0; q->at != NULL && i < p->column_count; i++) {
        if (strcmp(p->columns[i].header, q->at) == 0) {
            p->at = (int)i;
        }
    }
    if (q->at != NULL && p->at < 0) {
        err_add(&c->err, c->arena, ERR_INVALID, "at", "The file has no column “%s”.", q->at);
    }
}

static void check_once(struct ctx *c, const struct import_request *q, const struct import_plan *p)
{
    for (size_t i = 0; i < p->column_count; i++) {
        const struct field *f = p->columns[i].field;
        bool several = f == NULL || field_is_list(f) || p->columns[i].join != NULL || p->columns[i].over;
        for (size_t k = 0; !several && k < i; k++) {
            const struct import_column *before = &p->columns[k];
            if (before->field == f && !before->over && before->ref == p->columns[i].ref) {
                err_add(&c->err, c->arena, ERR_INVALID,
                        arena_printf(c->arena, "%s:1", q->file_name),
                        "The columns “%s” and “%s” both go to %s.", p->columns[k].header,
                        p->columns[i].header, f->name);
            }
        }
    }
}

/* A column whose targets may be made is a list of them; where only an administrator makes them, rows
 * of anybody else are rejected one by one. */
static int permit_targets(struct ctx *c, const struct import_column *column)
{
    bool makes = column->create && column->to != NULL;
    bool admin = c->actor.role == NULL || c->actor.role->admin;
    return makes && admin ? user_permit_all(c, column->to) : 0;
}

/* What --create-links makes: a slip of the pen must not become an account or a team. */
static bool makes_freely(const struct import_column *column)
{
    return column->field != NULL && (column->to == NULL || !entity_is_account(column->to));
}

/* Every column of it would be said to be unknown: the file as a whole is one for another list. What
 * has a first and a last day takes a calendar, too (exchange/table_ical.c). */
static bool is_misplaced(const struct ctx *c, const struct import_request *q,
                         const struct import_file *f, const struct yaml *map)
{
    const struct entity *work = c->model->work;
    bool days = entity_field_find(q->entity, "from") != NULL &&
                entity_field_find(q->entity, "until") != NULL;
    return f->kind == TABLE_CALENDAR && map == NULL && work != NULL && q->entity != work && !days;
}

int import_plan_make(struct ctx *c, const struct import_request *q, const struct import_file *f,
                     struct import_plan *out)
{
    const struct yaml *map, *columns = NULL;
    if (import_find_map(c, q, f, &map) != 0) {
        return -1;
    }
    if (is_misplaced(c, q, f, map)) {
        return err_add(&c->err, c->arena, ERR_INVALID, q->file_name,
                       "This file is a calendar; what stands in it comes in as %s.",
                       c->model->work->label_plural);
    }
    if (map != NULL) {
        const char *entity = import_scalar(map, "import");
        columns = yaml_find(map, "columns");
        if (!str_eq(entity, q->entity->name) || columns == NULL) {
            return err_add(&c->err, c->arena, ERR_INVALID, yaml_where(c->arena, map),
                           "This mapping is not one for %s.", q->entity->name);
        }
        if (q->map_yaml != NULL && import_check_map(c, map, columns) != 0) {
            return -1;
        }
    }
    char said = 0;
    if (q->decimal != NULL) {
        said = import_decimal_said(q->decimal);
    } else if (map != NULL && import_read_decimal(c, map, &said) != 0) {
        return -1;
    }
    *out = (struct import_plan){
        .entity = q->entity, .column_count = f->header_count, .create_links = q->create_links, .clear = q->clear};
    out->columns = ARENA_ARRAY(c->arena, struct import_column, f->header_count + 1);
    for (size_t i = 0; i < f->header_count; i++) {
        struct import_column *column = &out->columns[i];
        column->header = f->header[i];
        column->extra = f->extra[i];
        column->decimal = said != 0 ? said : f->decimals[i];
        column->order = (enum date_order)f->orders[i];
        map_init(&column->values, c->arena);
        import_plan_column(c, q, columns, f->extra[i], column);
        out->calendar = out->calendar || column->calendar != CALENDAR_NONE;
        column->create = column->create || (q->create_links && makes_freely(column));
        if (column->field != NULL && column->field->entity != q->entity) {
            continue;
        }
        if (permit_targets(c, column) != 0) {
            return -1;
        }
        out->self_links = out->self_links || (column->to == q->entity && column->field != NULL);
    }
    for (size_t i = 0; columns != NULL && i < f->header_count; i++) {
        import_plan_currency(c, columns, out, &out->columns[i]);
    }
    if (columns == NULL && c->err.code != ERR_NONE) {
        import_say_fields(c, q);
    }
    plan_match(c, q, map, out);
    plan_constants(c, map, out);
    plan_at(c, q, out);
    import_parts_plan(c, map, out);
    check_once(c, q, out);
    for (size_t i = 0; i < out->part_count; i++) {
        check_once(c, q, &out->parts[i]);
    }
    return c->err.code == ERR_NONE ? 0 : -1;
}
