/*
 * The type addresses: a JSON list of entries {"label","street","postcode","city","region","country"} with
 * the marks of point.h, one of them the primary one. On input a plain text, or a list of texts, will do. Printed
 * with what is made of it: "country_code", where the country is known, and "text", the lines of an
 * envelope. See address.h for the plain columns beside it.
 */
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "model/address.h"
#include "model/country.h"
#include "model/types.h"

#define PART_LENGTH_MAX   250
#define STREET_LENGTH_MAX 900

static const char *const MEMBERS[] = {"street", "postcode", "city", "region", "country"};

static int too_long(const struct parse_context *c, const char *key, int most, struct err *e)
{
    return type_refuse(c, e, "\"%s\" is longer than %d characters", key, most);
}

/* Trimmed lines without empty ones. */
static const char *clean_lines(const struct parse_context *c, const char *in, struct err *e)
{
    struct buf all = {0};
    const char *line = in;
    for (const char *at = in; *at != '\0' && line != NULL;) {
        size_t n = strcspn(at, "\n");
        line = arena_strndup(c->arena, at, n > 0 && at[n - 1] == '\r' ? n - 1 : n);
        line = type_clean(c, line, e);
        at += n + (at[n] != '\0');
        if (line != NULL && *line != '\0') {
            buf_puts(&all, all.size > 0 ? "\n" : "");
            buf_puts(&all, line);
        }
    }
    const char *text = line != NULL ? arena_strdup(c->arena, buf_text(&all)) : NULL;
    buf_done(&all);
    return text;
}

static int clean_part(const struct parse_context *c, int part, const char *in, struct address *x,
                      struct err *e)
{
    bool street = part == ADDRESS_STREET;
    int most = street ? STREET_LENGTH_MAX : PART_LENGTH_MAX;
    const char *text = street ? clean_lines(c, in, e) : type_clean(c, in, e);
    if (text == NULL) {
        return -1;
    }
    if (str_utf8_length(text) > (size_t)most) {
        return too_long(c, MEMBERS[part], most, e);
    }
    x->part[part] = text;
    return 0;
}

static int read_member(const struct parse_context *c, const struct json *j, struct address *x,
                       struct err *e)
{
    int mark = type_mark(c, j, &x->is, e);
    if (mark != 0) {
        return mark < 0 ? -1 : 0;
    }
    if (j->type != JSON_STRING && j->type != JSON_NULL) {
        return type_refuse(c, e, "\"%.40s\" must be a text", j->key);
    }
    const char *text = j->type == JSON_STRING ? j->text : "";
    for (int i = 0; i < ADDRESS_PARTS; i++) {
        if (strcmp(j->key, MEMBERS[i]) == 0) {
            return clean_part(c, i, text, x, e);
        }
    }
    if (strcmp(j->key, "label") == 0) {
        x->label = type_clean(c, text, e);
        return x->label == NULL                               ? -1
               : str_utf8_length(x->label) > PART_LENGTH_MAX ? too_long(c, "label", PART_LENGTH_MAX, e)
                                                              : 0;
    }
    if (strcmp(j->key, "country_code") == 0 || strcmp(j->key, "text") == 0) {
        return 0; /* made of the others */
    }
    return type_refuse(c, e,
                       "an address has \"label\", \"street\", \"postcode\", \"city\", \"region\", "
                       "\"country\", \"primary\", \"opt_out\" and \"invalid\", not %s",
                       type_quote(c->arena, j->key));
}

static int clean_all(const struct parse_context *c, struct address *x, struct err *e)
{
    for (int i = 0; i < ADDRESS_PARTS; i++) {
        if (clean_part(c, i, x->part[i], x, e) != 0) {
            return -1;
        }
    }
    return 0;
}

/* What is given as a whole names every part; a part that is not there is empty. */
static int read_entry(const struct parse_context *c, const struct json *in, struct address *x,
                      struct err *e)
{
    *x = (struct address){.label = "", .part = {"", "", "", "", ""}};
    if (in->type == JSON_STRING) {
        const char *text = clean_lines(c, in->text, e);
        if (text == NULL) {
            return -1;
        }
        address_guess(c->arena, text, x);
        return clean_all(c, x, e);
    }
    if (in->type != JSON_OBJECT) {
        return type_refuse(c, e, "an entry must be a text or an object with \"street\", \"city\" …");
    }
    for (const struct json *m = in->child; m != NULL; m = m->next) {
        if (read_member(c, m, x, e) != 0) {
            return -1;
        }
    }
    return 0;
}

static bool is_nothing(const struct address *x)
{
    for (int i = 0; i < ADDRESS_PARTS; i++) {
        if (*x->part[i] != '\0') {
            return false;
        }
    }
    return true;
}

/* Without empty entries; exactly one is the primary one. */
static int take_list(const struct parse_context *c, struct address *list, size_t count,
                     struct parsed *out, struct err *e)
{
    size_t n = 0, primaries = 0;
    for (size_t i = 0; i < count; i++) {
        if (!is_nothing(&list[i])) {
            primaries += list[i].is.primary;
            list[n++] = list[i];
        }
    }
    if (primaries > 1) {
        return type_refuse(c, e, "only one address can be the primary one");
    }
    if (primaries == 0 && n > 0) {
        list[0].is.primary = true;
    }
    *out = (struct parsed){0};
    out->values[0] = address_list(c->arena, list, n);
    return 0;
}

TYPE_PARSE_JSON(type_address_from_json)
{
    bool list = in->type == JSON_ARRAY;
    if (in->type == JSON_STRING) {
        return f->type->parse_text(c, f, in->text, out, e);
    }
    if ((!list && in->type != JSON_OBJECT) || (list && in->count > TYPE_ITEMS_MAX)) {
        return type_refuse(c, e, "must be a list of at most %d addresses", TYPE_ITEMS_MAX);
    }
    struct address *all = ARENA_ARRAY(c->arena, struct address, list ? in->count + 1 : 1);
    size_t n = 0;
    for (const struct json *item = list ? in->child : in; item != NULL;
         item = list ? item->next : NULL) {
        if (read_entry(c, item, &all[n++], e) != 0) {
            return -1;
        }
    }
    return take_list(c, all, n, out, e);
}

/* A cell as it is exported; anything else is one address, written freely. */
TYPE_PARSE_TEXT(type_address_from_text)
{
    (void)f;
    struct address *all = ARENA_ARRAY(c->arena, struct address, TYPE_ITEMS_MAX);
    size_t n = 0;
    const char *text = clean_lines(c, in, e);
    if (text == NULL) {
        return -1;
    }
    if (strchr(text, '|') == NULL ||
        address_cell_read(c->arena, text, all, TYPE_ITEMS_MAX, &n) != 0) {
        address_guess(c->arena, text, &all[0]);
        n = 1;
    }
    for (size_t i = 0; i < n; i++) {
        if (str_utf8_length(all[i].label) > PART_LENGTH_MAX) {
            return too_long(c, "label", PART_LENGTH_MAX, e);
        }
        if (clean_all(c, &all[i], e) != 0) {
            return -1;
        }
    }
    return take_list(c, all, n, out, e);
}

static void print_one(struct json_writer *w, const struct field *f, const struct address *x,
                      struct arena *a)
{
    const struct country *c =
        country_find(x->part[ADDRESS_COUNTRY] != NULL ? x->part[ADDRESS_COUNTRY] : "");
    jw_object(w);
    address_print(w, x);
    if (c != NULL) {
        jw_kv_text(w, "country_code", c->code);
    }
    jw_kv_text(w, "text", address_text(a, x, f->home));
    jw_object_end(w);
}

TYPE_PRINT_JSON(type_address_to_json)
{
    struct arena a;
    struct arena_room room;
    struct address *list = NULL;
    arena_init_in(&a, &room);
    size_t count = address_read(&a, values[0], &list);
    jw_array(w);
    for (size_t i = 0; i < count; i++) {
        print_one(w, f, &list[i], &a);
    }
    jw_array_end(w);
    arena_done(&a);
}

TYPE_PRINT_TEXT(type_address_to_text)
{
    (void)f;
    struct arena a;
    struct arena_room room;
    struct address *list = NULL;
    arena_init_in(&a, &room);
    size_t count = address_read(&a, values[0], &list);
    for (size_t i = 0; i < count; i++) {
        buf_puts(out, i > 0 ? "; " : "");
        address_cell_write(out, &list[i]);
    }
    arena_done(&a);
}
