/*
 * Which column goes where. A mapping file (--map, or one of conf/imports whose header is the
 * file's) names a target for every column; without one, columns go to the fields of their name or
 * label. A column that has no target is an error, never silently dropped; columns the system makes
 * itself (created_at, computed fields) and those of an earlier rejects file are left alone.
 */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "base/yaml.h"
#include "core/file.h"
#include "core/form.h"
#include "core/import.h"
#include "core/import_mapping.h"
#include "core/parts.h"
#include "model/types.h"

static const char *const REJECT_COLUMNS[] = {"rejected_column", "rejected_value",
                                             "rejected_reason"};

static bool is_reject_column(const char *header)
{
    for (size_t i = 0; i < COUNT(REJECT_COLUMNS); i++) {
        if (strcmp(header, REJECT_COLUMNS[i]) == 0) {
            return true;
        }
    }
    return false;
}

bool import_file_is_rejects(const struct import_file *f)
{
    size_t found = 0;
    for (size_t i = 0; i < f->header_count; i++) {
        found += is_reject_column(f->header[i]);
    }
    return found == COUNT(REJECT_COLUMNS);
}

/* ---- which mapping --------------------------------------------------------------------------- */

/* The mapping's header names exactly the file's columns, in any order. */
bool import_header_is(struct ctx *c, const struct yaml *map, const struct import_file *f)
{
    const struct yaml *header = yaml_find(map, "header");
    if (header == NULL || header->type != YAML_LIST) {
        return false;
    }
    size_t found = 0, own = 0;
    for (size_t i = 0; i < f->header_count; i++) {
        own += !is_reject_column(f->header[i]);
    }
    for (const struct yaml *name = header->child; name != NULL; name = name->next) {
        for (size_t i = 0; i < f->header_count; i++) {
            if (name->text != NULL &&
                strcmp(str_fold(c->arena, name->text, strlen(name->text)),
                       str_fold(c->arena, f->header[i], strlen(f->header[i]))) == 0) {
                found++;
                break;
            }
        }
    }
    return found == header->count && own == header->count;
}

const char *import_scalar(const struct yaml *node, const char *key)
{
    const struct yaml *m = yaml_find(node, key);
    return m != NULL && m->type == YAML_SCALAR ? m->text : NULL;
}

static void check_keys(struct ctx *c, const struct yaml *node, const struct import_key *keys)
{
    for (const struct yaml *m = node->type == YAML_MAP ? node->child : NULL; m; m = m->next) {
        const struct import_key *k = keys;
        while (k->name != NULL && strcmp(m->key, k->name) != 0) {
            k++;
        }
        if (k->name == NULL) {
            err_add(&c->err, c->arena, ERR_INVALID, yaml_key_where(c->arena, m),
                    "There is no key “%s” here.", m->key);
        }
    }
}

static bool is_map_of_texts(const struct yaml *node)
{
    const struct yaml *m = node != NULL && node->type == YAML_MAP ? node->child : NULL;
    while (m != NULL && m->type == YAML_SCALAR) {
        m = m->next;
    }
    return node == NULL || (node->type == YAML_MAP && m == NULL);
}

static void check_texts(struct ctx *c, const struct yaml *map, const char *key, const char *like)
{
    const struct yaml *node = yaml_find(map, key);
    if (!is_map_of_texts(node)) {
        err_add(&c->err, c->arena, ERR_INVALID, yaml_where(c->arena, node),
                "“%s” must be a map like %s.", key, like);
    }
}

static void check_match(struct ctx *c, const struct yaml *match)
{
    bool texts = match == NULL || match->type != YAML_MAP;
    for (const struct yaml *m = texts && match != NULL ? match->child : NULL; m; m = m->next) {
        texts = texts && m->text != NULL;
    }
    if (!texts) {
        err_add(&c->err, c->arena, ERR_INVALID, yaml_where(c->arena, match),
                "“match” must be a field or a list of fields like [email].");
    }
}

/* Mappings of conf/imports were checked with the configuration; one that comes along was not. */
int import_check_map(struct ctx *c, const struct yaml *map, const struct yaml *columns)
{
    static const char *const ONE_WORD[] = {"import", "system", "decimal"};
    check_keys(c, map, IMPORT_MAP_KEYS);
    check_texts(c, map, "set", "{source: fair}");
    check_match(c, yaml_find(map, "match"));
    for (size_t i = 0; i < COUNT(ONE_WORD); i++) {
        const struct yaml *node = yaml_find(map, ONE_WORD[i]);
        if (node != NULL && node->type != YAML_SCALAR) {
            err_add(&c->err, c->arena, ERR_INVALID, yaml_where(c->arena, node),
                    "“%s” must be one word.", ONE_WORD[i]);
        }
    }
    if (columns->type != YAML_MAP) {
        return err_add(&c->err, c->arena, ERR_INVALID, yaml_where(c->arena, columns),
                       "“columns” must be a map of columns and fields.");
    }
    for (const struct yaml *m = columns->child; m; m = m->next) {
        check_keys(c, m, IMPORT_COLUMN_KEYS);
        check_texts(c, m, "values", "{GTXPro: GTX Pro}");
    }
    return c->err.code == ERR_NONE ? 0 : -1;
}

/* NULL without error: by names. */
int import_find_map(struct ctx *c, const struct import_request *q, const struct import_file *f,
                    const struct yaml **out)
{
    *out = NULL;
    if (q->map_yaml != NULL) {
        const char *name = q->map_name != NULL ? q->map_name : "map";
        return yaml_parse(c->arena, name, q->map_yaml, strlen(q->map_yaml), out, &c->err);
    }
    for (size_t i = 0; i < c->model->import_count; i++) {
        const struct import_map *m = &c->model->imports[i];
        if (m->entity == q->entity && import_header_is(c, m->yaml, f)) {
            *out = m->yaml;
            return 0;
        }
    }
    return 0;
}

/* ---- one column ------------------------------------------------------------------------------ */

bool import_fills(const struct ctx *c, const struct field *f)
{
    bool fact = f->readonly.always; /* of bytes that are kept, of evidence, or of a first load */
    return !f->hidden && f->compute == NULL && !f->system && access_sees(c, f) &&
           (!fact || (ctx_is_admin(c) && f->entity != file_entity(c->model) &&
                      strcmp(f->entity->name, ENTITY_SUBMISSION) != 0));
}

/* A file writes no more than its sender may. */
bool import_may_fill(const struct ctx *c, const struct field *f)
{
    return c->actor.role == NULL || role_edits(c->actor.role, f);
}

int import_refuse_field(struct ctx *c, const struct field *f, const char *where)
{
    return err_add(&c->err, c->arena, ERR_INVALID, where,
                   "You may not set %s.%s; leave the column out, or map it to skip.",
                   f->entity->name, f->name);
}

int import_unknown_field(struct ctx *c, const struct entity *e, const char *where, const char *name)
{
    const char *near = access_nearest(c, e, name);
    if (near != NULL) {
        return err_add(&c->err, c->arena, ERR_INVALID, where,
                       "%s has no field “%s”; did you mean “%s”?", e->label, name, near);
    }
    return err_add(&c->err, c->arena, ERR_INVALID, where, "%s has no field “%s”.", e->label, name);
}

/* After the columns that mean nothing: what there is, and the way out. */
void import_say_fields(struct ctx *c, const struct import_request *q)
{
    struct buf names = {0};
    for (size_t i = 0; i < q->entity->field_count; i++) {
        const struct field *f = q->entity->fields[i];
        if (import_fills(c, f) && import_may_fill(c, f)) {
            buf_printf(&names, "%s%s", names.size > 0 ? ", " : "", f->name);
        }
    }
    err_add(&c->err, c->arena, ERR_INVALID, q->file_name,
            "%s has the fields %s. When columns are called otherwise, a mapping (--map) says which "
            "is which.",
            q->entity->label, buf_text(&names));
    buf_done(&names);
}

static bool is_option(struct ctx *c, const struct field *f, const char *text)
{
    size_t count = 0;
    const struct option *options = type_options(c->arena, c->model, f, &count);
    const char *folded = str_fold(c->arena, text, strlen(text));
    for (size_t i = 0; i < count; i++) {
        if (str_eq(options[i].id, text) ||
            str_eq(str_fold(c->arena, options[i].label, strlen(options[i].label)), folded)) {
            return true;
        }
    }
    return false;
}

/* What a program calls a stage that this firm does not have says nothing where it has one of that
 * very name. */
static bool is_beside(struct ctx *c, const struct field *f, const struct yaml *v)
{
    return f != NULL && f->type->options != OPTIONS_NONE && !is_option(c, f, v->text) &&
           is_option(c, f, v->key);
}

static void read_values(struct ctx *c, const struct yaml *values, struct import_column *out)
{
    for (const struct yaml *v = values != NULL ? values->child : NULL; v != NULL; v = v->next) {
        if (v->text != NULL && !is_beside(c, out->field, v)) {
            map_set(&out->values, str_fold(c->arena, v->key, strlen(v->key)),
                    (void *)(uintptr_t)v->text);
        }
    }
}

/* The mapping names this column as the currency of another one. */
static bool is_currency(struct ctx *c, const struct yaml *columns, const char *header)
{
    const char *key = str_fold(c->arena, header, strlen(header));
    for (const struct yaml *m = columns->child; m != NULL; m = m->next) {
        const char *text = import_scalar(m, "currency");
        if (text != NULL && strcmp(str_fold(c->arena, text, strlen(text)), key) == 0) {
            return true;
        }
    }
    return false;
}

/* `decimal:` of a mapping or one of its columns. */
int import_read_decimal(struct ctx *c, const struct yaml *node, char *out)
{
    const struct yaml *decimal = yaml_find(node, "decimal");
    const char *said = decimal != NULL ? import_scalar(node, "decimal") : NULL;
    if (decimal == NULL) {
        return 0;
    }
    *out = import_decimal_said(said != NULL ? said : "");
    return *out != 0 ? 0
                     : err_add(&c->err, c->arena, ERR_INVALID, yaml_where(c->arena, decimal),
                               "“decimal” must be comma or point.");
}

static bool is_yes(const struct yaml *node, const char *key)
{
    const char *text = import_scalar(node, key);
    return str_eq(text, "true") || str_eq(text, "yes");
}

/* Targets that are no fields: a column that is left out, one that becomes a note, the whole name of
 * a person, whether the row was deleted, the id the record has elsewhere. */
static bool take_word(const struct entity *e, const char *name, const struct yaml *node,
                      struct import_column *out)
{
    if (str_eq(name, "skip")) {
        return true;
    }
    out->note = str_eq(name, IMPORT_NOTE) && import_is_word(e, name);
    out->split = str_eq(name, IMPORT_NAME) && import_is_word(e, name);
    out->deleted = str_eq(name, IMPORT_DELETED) && import_is_word(e, name);
    out->calendar = str_eq(name, IMPORT_CALENDAR) && import_is_word(e, name)
                        ? import_calendar_role(out->header)
                        : CALENDAR_NONE;
    out->own_ref = name == NULL && node->type == YAML_MAP && is_yes(node, "ref");
    return out->note || out->split || out->deleted || out->own_ref || out->calendar;
}

/* A target as the mapping writes it: `name`, `skip` or {field, to, by, create, values, currency,
 * decimal, …}. */
static int map_column(struct ctx *c, const struct entity *e, const struct yaml *columns,
                      const struct yaml *node, struct import_column *out)
{
    const char *name = node->type == YAML_SCALAR ? node->text : import_scalar(node, "field");
    if (name == NULL && is_currency(c, columns, out->header)) {
        read_values(c, yaml_find(node, "values"), out);
        return 0;
    }
    if (take_word(e, name, node, out)) {
        return 0;
    }
    if (name == NULL) {
        return err_add(&c->err, c->arena, ERR_INVALID, yaml_where(c->arena, node),
                       "The column “%s” names no field.", out->header);
    }
    const struct field *f = entity_field_find(e, name);
    if (f == NULL || !access_sees(c, f)) {
        return import_unknown_field(c, e, yaml_where(c->arena, node), name);
    }
    if (!import_fills(c, f)) {
        return err_add(&c->err, c->arena, ERR_INVALID, yaml_where(c->arena, node),
                       "%s.%s is made by the system and cannot be imported.", e->name, f->name);
    }
    if (!import_may_fill(c, f)) {
        return import_refuse_field(c, f, yaml_where(c->arena, node));
    }
    out->field = f;
    out->to = f->to;
    if (node->type != YAML_MAP) {
        return 0;
    }
    const char *to = import_scalar(node, "to");
    if (to != NULL) {
        out->to = model_entity_find(c->model, to);
        if (out->to == NULL || (f->to != NULL && f->to != out->to)) {
            return err_add(&c->err, c->arena, ERR_INVALID, yaml_where(c->arena, node),
                           "%s.%s cannot point to “%s”.", e->name, f->name, to);
        }
    }
    out->by = import_scalar(node, "by");
    out->create = is_yes(node, "create");
    out->closed = is_yes(node, "closed");
    out->ref = is_yes(node, "ref");
    const char *unknown = import_scalar(node, "unknown");
    out->lenient = str_eq(unknown, "empty");
    out->fallback = out->lenient ? NULL : unknown;
    out->over = is_yes(node, "over");
    out->join = import_scalar(node, "join");
    out->label = import_scalar(node, "label");
    out->label_in = import_scalar(node, "label_in");
    out->opt_out_in = import_scalar(node, "opt_out_in");
    if (f->type->form == FORM_ADDRESSES) {
        out->address = import_scalar(node, "part");
    }
    enum expr_kind kind = f->type->expr_kind;
    if (out->closed && (e->stage == NULL || (kind != KIND_DATE && kind != KIND_INSTANT))) {
        return err_add(&c->err, c->arena, ERR_INVALID, yaml_where(c->arena, node),
                       "Only a date of records with stages can be the day they were closed.");
    }
    if (import_read_decimal(c, node, &out->decimal) != 0) {
        return -1;
    }
    read_values(c, yaml_find(node, "values"), out);
    return 0;
}

/* "First name", "first-name" and "first_name" mean the field first_name. */
const struct field *import_field_of(struct ctx *c, const struct entity *e, const char *header)
{
    const char *key = str_fold_tight(c->arena, header);
    for (size_t i = 0; i < e->field_count; i++) {
        const struct field *f = e->fields[i];
        if (!f->hidden && access_sees(c, f) &&
            (strcmp(str_fold_tight(c->arena, f->name), key) == 0 ||
             strcmp(str_fold_tight(c->arena, f->label), key) == 0)) {
            return f;
        }
    }
    return NULL;
}

bool import_is_linked(struct ctx *c, const struct entity *e, const char *header)
{
    const char *sign = strstr(header, IMPORT_LINKED_SIGN) != NULL ? IMPORT_LINKED_SIGN : ".";
    const struct field *own = import_field_of(c, e, header);
    const char *at = strstr(header, sign);
    if (at == NULL || (own != NULL && (*sign != '.' || strcmp(own->label, header) == 0))) {
        return false;
    }
    for (; at != NULL; at = strstr(header, sign)) {
        const struct field *link =
            import_field_of(c, e, arena_strndup(c->arena, header, (size_t)(at - header)));
        if (link == NULL || link->to == NULL || field_is_records(link)) {
            return false;
        }
        e = link->to;
        header = at + strlen(sign);
    }
    return import_field_of(c, e, header) != NULL;
}

/* What a format of address books has beside the fields: its id is kept, the rest becomes a note, as
 * far as there can be one. */
static void take_extra(struct ctx *c, const struct entity *e, struct import_column *out)
{
    out->own_ref = strcmp(out->header, "uid") == 0;
    out->calendar = c->model->work == e ? import_calendar_role(out->header) : CALENDAR_NONE;
    out->note = !out->own_ref && !out->calendar && import_is_word(e, IMPORT_NOTE) && import_may_note(c);
    out->left = !out->own_ref && !out->note && !out->calendar;
}

/* `extra`: the format has it, whether or not there is a place for it. */
static int name_column(struct ctx *c, const struct import_request *q, bool extra,
                       struct import_column *out)
{
    if (is_reject_column(out->header) || (q->at != NULL && strcmp(out->header, q->at) == 0) ||
        import_is_linked(c, q->entity, out->header)) {
        return 0;
    }
    const struct field *f = import_field_of(c, q->entity, out->header);
    if (f == NULL && extra) {
        take_extra(c, q->entity, out);
        return 0;
    }
    if (f == NULL) {
        return import_unknown_field(c, q->entity, arena_printf(c->arena, "%s:1", q->file_name),
                             out->header);
    }
    if (!import_fills(c, f)) {
        return 0; /* made by the system: what an export holds beside the data */
    }
    if (!import_may_fill(c, f)) {
        return import_refuse_field(c, f, arena_printf(c->arena, "%s:1", q->file_name));
    }
    out->field = f;
    out->to = f->to;
    return 0;
}

static const struct yaml *column_node(struct ctx *c, const struct yaml *columns, const char *header)
{
    const char *key = str_fold(c->arena, header, strlen(header));
    for (const struct yaml *m = columns->child; m != NULL; m = m->next) {
        if (strcmp(str_fold(c->arena, m->key, strlen(m->key)), key) == 0) {
            return m;
        }
    }
    return NULL;
}

int import_plan_column(struct ctx *c, const struct import_request *q, const struct yaml *columns,
                       bool extra, struct import_column *out)
{
    if (columns == NULL) {
        return name_column(c, q, extra, out);
    }
    const struct yaml *node = column_node(c, columns, out->header);
    if (node != NULL) {
        const char *of = import_scalar(node, "of");
        const struct entity *e = of == NULL ? q->entity : model_entity_find(c->model, of);
        if (e == NULL || (e != q->entity && !ctx_may(c, ACTION_CREATE, e))) {
            return err_add(&c->err, c->arena, ERR_INVALID, yaml_where(c->arena, node),
                           "There is no entity “%s” you may create.", of);
        }
        out->part = e;
        return map_column(c, e, columns, node, out);
    }
    if (is_reject_column(out->header) || is_currency(c, columns, out->header) || (q->at != NULL && strcmp(out->header, q->at) == 0)) {
        return 0;
    }
    if (extra) {
        out->left = true;
        return 0;
    }
    return err_add(&c->err, c->arena, ERR_INVALID, yaml_where(c->arena, columns),
                   "The mapping says nothing of the column “%s”; name its field, or skip.",
                   out->header);
}

/* `currency:` names a column of the file, or is the code of all its amounts. */
void import_plan_currency(struct ctx *c, const struct yaml *columns, struct import_plan *p,
                          struct import_column *column)
{
    const struct yaml *node = column_node(c, columns, column->header);
    const struct yaml *currency = node != NULL ? yaml_find(node, "currency") : NULL;
    if (column->field == NULL || currency == NULL) {
        return;
    }
    const char *text = currency->type == YAML_SCALAR ? currency->text : "";
    const char *key = str_fold(c->arena, text, strlen(text));
    if (column->field->type->kind != TYPE_MONEY) {
        err_add(&c->err, c->arena, ERR_INVALID, yaml_key_where(c->arena, currency),
                "Only amounts of money have a currency; %s is none.", column->field->name);
        return;
    }
    for (size_t i = 0; i < p->column_count; i++) {
        const char *header = p->columns[i].header;
        if (strcmp(str_fold(c->arena, header, strlen(header)), key) == 0) {
            column->currency = &p->columns[i];
            return;
        }
    }
    if (currency_places(text) >= 0) {
        column->currency_code = text;
        return;
    }
    err_add(&c->err, c->arena, ERR_INVALID, yaml_where(c->arena, currency),
            "“%s” is neither a column of the file nor a currency code of ISO 4217 like “EUR”.",
            text);
}
