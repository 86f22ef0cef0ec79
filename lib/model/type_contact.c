/*
 * Contact points: e-mail addresses, phone numbers, web links. One JSON list per field, every entry
 * as in point.h; exactly one is the primary one (the first, if nobody says). On input a plain text or a list of texts will do. Values stay as typed;
 * handle.c normalises them.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/str.h"
#include "model/types.h"

#define VALUE_LENGTH_MAX 250

bool phone_fits(const char *s)
{
    size_t digits = 0;
    for (const char *p = s; *p != '\0'; p++) {
        digits += isdigit((unsigned char)*p) != 0;
    }
    return digits >= 2 && digits <= 30;
}

/* http, https or no scheme at all: a page opens these on a click, so nothing else may get in. */
bool web_link_fits(const char *s)
{
    const char *rest = s;
    if (strncasecmp(s, "http://", 7) == 0 || strncasecmp(s, "https://", 8) == 0) {
        rest = strstr(s, "://") + 3;
    }
    size_t host = strcspn(rest, "/?#");
    const char *colon = memchr(rest, ':', host);
    if (colon != NULL && strspn(colon + 1, "0123456789") != host - (size_t)(colon + 1 - rest)) {
        return false;
    }
    return host > 0 && memchr(rest, '@', host) == NULL && strpbrk(s, " \"<>\\") == NULL;
}

static int check_value(const struct parse_context *c, const struct field *f, const char *value,
                       struct err *e)
{
    if (str_utf8_length(value) > VALUE_LENGTH_MAX) {
        return type_refuse(c, e, "%s is longer than %d characters", type_quote(c->arena, value),
                           VALUE_LENGTH_MAX);
    }
    const struct point_type *p = f->type->points;
    return p->fits(value)
               ? 0
               : type_refuse(c, e, "%s is not %s", type_quote(c->arena, value), p->example);
}

static int read_text(const struct parse_context *c, const struct json *j, const char **text,
                     struct err *e)
{
    if (j->type == JSON_NULL) {
        return 0;
    }
    if (j->type != JSON_STRING) {
        return type_refuse(c, e, "\"%s\" must be a text", j->key);
    }
    *text = type_clean(c, j->text, e);
    if (*text != NULL && str_utf8_length(*text) > VALUE_LENGTH_MAX) {
        return type_refuse(c, e, "\"%s\" is longer than %d characters", j->key, VALUE_LENGTH_MAX);
    }
    return *text == NULL ? -1 : 0;
}

static int read_member(const struct parse_context *c, const struct json *j, struct point *p,
                       struct err *e)
{
    if (strcmp(j->key, "value") == 0) {
        return read_text(c, j, &p->value, e);
    }
    if (strcmp(j->key, "label") == 0) {
        return read_text(c, j, &p->label, e);
    }
    int mark = type_mark(c, j, &p->is, e);
    if (mark != 0) {
        return mark < 0 ? -1 : 0;
    }
    return type_refuse(c, e,
                       "an entry has \"value\", \"label\", \"primary\", \"opt_out\" and "
                       "\"invalid\", not %s",
                       type_quote(c->arena, j->key));
}

static int read_point(const struct parse_context *c, const struct json *in, struct point *p,
                      struct err *e)
{
    *p = (struct point){.value = "", .label = ""};
    if (in->type == JSON_STRING) {
        p->value = type_clean(c, in->text, e);
        return p->value == NULL ? -1 : 0;
    }
    if (in->type != JSON_OBJECT) {
        return type_refuse(c, e, "an entry must be a text or an object with \"value\"");
    }
    for (const struct json *m = in->child; m != NULL; m = m->next) {
        if (read_member(c, m, p, e) != 0) {
            return -1;
        }
    }
    return 0;
}

/* Leaves out empty entries and exact doubles; sees to exactly one primary entry. */
static int settle(const struct parse_context *c, const struct field *f, struct point *points,
                  size_t *count, struct err *e)
{
    size_t kept = 0, primaries = 0;
    for (size_t i = 0; i < *count; i++) {
        bool twice = points[i].value[0] == '\0';
        for (size_t k = 0; k < kept && !twice; k++) {
            twice = strcmp(points[k].value, points[i].value) == 0;
        }
        if (twice) {
            continue;
        }
        if (check_value(c, f, points[i].value, e) != 0) {
            return -1;
        }
        primaries += points[i].is.primary;
        points[kept++] = points[i];
    }
    if (primaries > 1) {
        return type_refuse(c, e, "only one entry can be the primary one");
    }
    if (primaries == 0 && kept > 0) {
        points[0].is.primary = true;
    }
    *count = kept;
    return 0;
}

static int take_points(const struct parse_context *c, const struct field *f, struct point *points,
                       size_t count, struct parsed *out, struct err *e)
{
    if (settle(c, f, points, &count, e) != 0) {
        return -1;
    }
    *out = (struct parsed){0};
    out->values[0] = points_print(c->arena, points, count);
    return 0;
}

TYPE_PARSE_JSON(type_contact_from_json)
{
    if (in->type == JSON_STRING) {
        return f->type->parse_text(c, f, in->text, out, e);
    }
    bool list = in->type == JSON_ARRAY;
    if ((!list && in->type != JSON_OBJECT) || (list && in->count > TYPE_ITEMS_MAX)) {
        return type_refuse(c, e, "must be a list of at most %d entries", TYPE_ITEMS_MAX);
    }
    struct point *points = ARENA_ARRAY(c->arena, struct point, list ? in->count + 1 : 1);
    size_t n = 0;
    for (const struct json *item = list ? in->child : in; item != NULL;
         item = list ? item->next : NULL) {
        if (read_point(c, item, &points[n++], e) != 0) {
            return -1;
        }
    }
    return take_points(c, f, points, n, out, e);
}

TYPE_PARSE_TEXT(type_contact_from_text)
{
    struct point *points;
    size_t count;
    if (type_points_split(c, in, f->type->points->separators, &points, &count, e) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        if (str_utf8_length(points[i].label) > VALUE_LENGTH_MAX) {
            return type_refuse(c, e, "a label is longer than %d characters", VALUE_LENGTH_MAX);
        }
    }
    return take_points(c, f, points, count, out, e);
}

size_t point_texts(struct arena *a, struct value list, const char ***out)
{
    *out = NULL;
    return list.kind == VALUE_TEXT ? json_texts(a, list.s, list.n, "value", out) : 0;
}

TYPE_PRINT_TEXT(type_contact_to_text)
{
    (void)f;
    struct arena a;
    struct arena_room room;
    struct point *points;
    arena_init_in(&a, &room);
    size_t count = points_read(&a, values[0], 0, &points);
    for (size_t i = 0; i < count; i++) {
        buf_puts(out, i > 0 ? "; " : "");
        type_point_put(out, &points[i], i == 0);
    }
    arena_done(&a);
}
