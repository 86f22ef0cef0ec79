/*
 * Links to other records. A link is an id, or {"id"}, or one field of the target with its text
 * ({"name": "Acme"}, {"email": "ada@example.com"}); such a reference is resolved by lib/core among
 * what the actor may see. Fields of type records point to records of any entity: their JSON objects
 * say which.
 */
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "model/types.h"

static bool is_id(int64_t id)
{
    return id > 0;
}

static bool all_digits(const char *s)
{
    return *s != '\0' && s[strspn(s, "0123456789")] == '\0';
}

/* Key of a plain text: e-mail addresses name a user, everything else a title. */
static const char *plain_key(const struct entity *to, const char *text)
{
    return to != NULL && str_eq(to->name, ENTITY_USER) && strchr(text, '@') != NULL ? "email" : "title";
}

static int read_id(const struct parse_context *c, const struct json *in, int64_t *id, struct err *e)
{
    bool text = in->type == JSON_STRING && all_digits(in->text);
    if ((text ? str_to_int(in->text, id) : json_int(in, id)) != 0 || !is_id(*id)) {
        return type_refuse(c, e, "must be the id of a record");
    }
    return 0;
}

/* "entity" of an object in a field of type records. */
static int read_entity(const struct parse_context *c, const struct json *in,
                       const struct entity **out, struct err *e)
{
    const char *name = json_text(in, "entity");
    *out = NULL;
    if (name == NULL) {
        return 0;
    }
    *out = model_entity_find(c->model, name);
    if (*out != NULL) {
        return 0;
    }
    const char **names = ARENA_ARRAY(c->arena, const char *, c->model->entity_count);
    for (size_t i = 0; i < c->model->entity_count; i++) {
        names[i] = c->model->entities[i]->name;
    }
    const char *near = str_nearest(name, names, c->model->entity_count);
    return near == NULL ? type_refuse(c, e, "there is no entity %s", type_quote(c->arena, name))
                        : type_refuse(c, e, "there is no entity %s; do you mean \"%s\"?",
                                      type_quote(c->arena, name), near);
}

/* "email" also finds records by their list of e-mail addresses, "name" by their title. */
static bool finds_without_field(const char *key)
{
    return strcmp(key, "email") == 0 || strcmp(key, "name") == 0;
}

/* The one member that is neither "entity" nor made by us on output ("title" beside "id"). */
static int read_reference(const struct parse_context *c, const struct json *in,
                          const struct entity *to, struct reference *out, struct err *e)
{
    const struct json *key = NULL;
    for (const struct json *m = in->child; m != NULL; m = m->next) {
        if (strcmp(m->key, "entity") == 0) {
            continue;
        }
        if (key != NULL || m->type != JSON_STRING || *str_trim(c->arena, m->text) == '\0') {
            return type_refuse(c, e,
                               "must be an id or one field with its text, like "
                               "{\"name\": \"Acme\"}");
        }
        key = m;
    }
    if (key == NULL) {
        return type_refuse(c, e,
                           "must be an id or one field with its text, like "
                           "{\"name\": \"Acme\"}");
    }
    if (to == NULL) {
        return type_refuse(c, e, "needs \"entity\" beside \"%s\"", key->key);
    }
    if (entity_field_find(to, key->key) == NULL && !finds_without_field(key->key)) {
        return type_refuse(c, e, "there is no field %s in %s", type_quote(c->arena, key->key),
                           to->name);
    }
    const char *text = type_clean(c, key->text, e);
    *out = (struct reference){.entity = to, .key = arena_strdup(c->arena, key->key), .text = text};
    return text == NULL ? -1 : 0;
}

/* One link: an id (then *id is set) or a reference (then *id is 0). */
static int read_link(const struct parse_context *c, const struct field *f, const struct json *in,
                     int64_t *id, struct reference *reference, struct err *e)
{
    *id = 0;
    if (in->type == JSON_OBJECT) {
        const struct entity *to = f->to;
        const struct json *given = json_find(in, "id");
        if (to == NULL && read_entity(c, in, &to, e) != 0) {
            return -1;
        }
        return given != NULL ? read_id(c, given, id, e) : read_reference(c, in, to, reference, e);
    }
    if (in->type != JSON_STRING || all_digits(in->text)) {
        return read_id(c, in, id, e);
    }
    const char *text = type_clean(c, in->text, e);
    if (text == NULL) {
        return -1;
    }
    if (f->to == NULL) {
        return type_refuse(c, e, "must be the id of a record or an object with \"entity\"");
    }
    *reference = (struct reference){f->to, plain_key(f->to, text), text};
    return 0;
}

TYPE_PARSE_JSON(type_link_from_json)
{
    if (in->type == JSON_STRING && *str_trim(c->arena, in->text) == '\0') {
        *out = (struct parsed){0};
        return 0;
    }
    int64_t id;
    struct reference reference;
    if (read_link(c, f, in, &id, &reference, e) != 0) {
        return -1;
    }
    *out = (struct parsed){0};
    if (id != 0) {
        out->values[0] = value_int(id);
        return 0;
    }
    out->references = ARENA_NEW(c->arena, struct reference);
    out->references[0] = reference;
    out->reference_count = 1;
    return 0;
}

TYPE_PARSE_TEXT(type_link_from_text)
{
    const char *s = type_clean(c, in, e);
    if (s == NULL) {
        return -1;
    }
    const struct json text = {.type = JSON_STRING, .text = s};
    return type_link_from_json(c, f, &text, out, e);
}

/* Adds an id to the list unless it is there. */
static void add_id(int64_t *ids, size_t *count, int64_t id)
{
    for (size_t i = 0; i < *count; i++) {
        if (ids[i] == id) {
            return;
        }
    }
    ids[(*count)++] = id;
}

static struct value print_ids(struct arena *a, const int64_t *ids, size_t count)
{
    struct buf text = {0};
    for (size_t i = 0; i < count; i++) {
        buf_printf(&text, "%s%lld", i == 0 ? "[" : ",", (long long)ids[i]);
    }
    buf_putc(&text, ']');
    struct value v = count == 0 ? value_null() : value_text(arena_strdup(a, text.data));
    buf_done(&text);
    return v;
}

static int read_records(const struct parse_context *c, const struct field *f,
                        const struct json *first, size_t count, struct parsed *out, struct err *e)
{
    int64_t *ids = ARENA_ARRAY(c->arena, int64_t, count);
    struct reference *references = ARENA_ARRAY(c->arena, struct reference, count);
    size_t id_count = 0, reference_count = 0;
    for (const struct json *item = first; count-- > 0; item = item->next) {
        int64_t id;
        if (read_link(c, f, item, &id, &references[reference_count], e) != 0) {
            return -1;
        }
        if (id != 0) {
            add_id(ids, &id_count, id);
        } else {
            reference_count++;
        }
    }
    *out = (struct parsed){.values = {print_ids(c->arena, ids, id_count)},
                           .references = references,
                           .reference_count = reference_count};
    return 0;
}

TYPE_PARSE_JSON(type_records_from_json)
{
    if (in->type == JSON_STRING) {
        return type_records_from_text(c, f, in->text, out, e);
    }
    if (in->type != JSON_ARRAY) {
        return read_records(c, f, in, 1, out, e);
    }
    if (in->count > TYPE_ITEMS_MAX) {
        return type_refuse(c, e, "must be a list of at most %d records", TYPE_ITEMS_MAX);
    }
    return read_records(c, f, in->child, in->count, out, e);
}

TYPE_PARSE_TEXT(type_records_from_text)
{
    (void)f;
    const char **items;
    size_t count, id_count = 0;
    if (type_split(c, in, ";, \n", &items, &count, e) != 0) {
        return -1;
    }
    int64_t *ids = ARENA_ARRAY(c->arena, int64_t, count);
    for (size_t i = 0; i < count; i++) {
        int64_t id;
        if (!all_digits(items[i]) || str_to_int(items[i], &id) != 0 || !is_id(id)) {
            return type_refuse(c, e, "%s is not the id of a record",
                               type_quote(c->arena, items[i]));
        }
        add_id(ids, &id_count, id);
    }
    *out = (struct parsed){.values = {print_ids(c->arena, ids, id_count)}};
    return 0;
}

TYPE_PRINT_TEXT(type_records_to_text)
{
    (void)f;
    for (const char *s = values[0].s; *s != '\0'; s++) {
        if (*s == ',') {
            buf_puts(out, "; ");
        } else if (*s != '[' && *s != ']') {
            buf_putc(out, *s);
        }
    }
}
