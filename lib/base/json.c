/*
 * Reading JSON; see json.h. cJSON builds the tree; because it is lenient, a strict scan of the text
 * comes first (json_scan.c) and answers what cJSON lets pass: depth, control bytes, NUL, UTF-8,
 * number grammar, white space. The result is copied into the arena, so cJSON's own tree lives only
 * inside json_parse.
 */
#include "base/json.h"

#include <cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/json_scan.h"
#include "base/map.h"

#define FEW_KEYS      12 /* up to here comparing each with each is faster than a map */
#define INTEGER_LIMIT 9007199254740992.0 /* 2^53 */

/* The shortest text that reads back as the same number; beyond 2^53 always with an exponent, so
 * that it is not taken for an integer. */
static const char *number_text(struct arena *a, double d)
{
    if (d == floor(d) && fabs(d) <= INTEGER_LIMIT) {
        return arena_printf(a, "%lld", (long long)d);
    }
    bool large = fabs(d) > INTEGER_LIMIT;
    char text[32];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof(text), large ? "%.*e" : "%.*g", large ? digits - 1 : digits, d);
        if (strtod(text, NULL) == d) {
            break;
        }
    }
    return arena_strdup(a, text);
}

static int check_keys(struct arena *a, const struct json *object, struct err *e)
{
    struct map seen;
    map_init(&seen, a);
    for (const struct json *m = object->child; m; m = m->next) {
        bool again = false;
        if (object->count > FEW_KEYS) {
            again = map_find(&seen, m->key) != NULL;
            map_set(&seen, m->key, a);
        } else {
            for (const struct json *o = object->child; o != m && !again; o = o->next) {
                again = strcmp(o->key, m->key) == 0;
            }
        }
        if (again) {
            return err_fail(e, ERR_MALFORMED, "", "The JSON has the key \"%.60s\" twice.", m->key);
        }
    }
    return 0;
}

static int copy_children(struct arena *a, const cJSON *from, struct json *to, struct err *e);

/* Fills `to`. Depth is limited by the scan before. */
static int copy_node(struct arena *a, const cJSON *from, struct json *to, struct err *e)
{
    to->key = arena_strdup(a, from->string);
    if (cJSON_IsNull(from)) {
        to->type = JSON_NULL;
    } else if (cJSON_IsBool(from)) {
        to->type = JSON_BOOL;
        to->boolean = cJSON_IsTrue(from);
    } else if (cJSON_IsNumber(from)) {
        to->type = JSON_NUMBER;
        to->number = from->valuedouble;
        to->text = number_text(a, from->valuedouble);
        if (!isfinite(to->number)) {
            return err_fail(e, ERR_MALFORMED, "", "The JSON has a number that is too large.");
        }
    } else if (cJSON_IsString(from)) {
        to->type = JSON_STRING;
        to->text = arena_strdup(a, from->valuestring);
    } else {
        to->type = cJSON_IsObject(from) ? JSON_OBJECT : JSON_ARRAY;
        return copy_children(a, from, to, e);
    }
    return 0;
}

static int copy_children(struct arena *a, const cJSON *from, struct json *to, struct err *e)
{
    const struct json **tail = &to->child;
    for (const cJSON *c = from->child; c; c = c->next) {
        struct json *node = ARENA_NEW(a, struct json);
        if (copy_node(a, c, node, e)) {
            return -1;
        }
        *tail = node;
        tail = &node->next;
        to->count++;
    }
    return to->type == JSON_OBJECT ? check_keys(a, to, e) : 0;
}

int json_parse(struct arena *a, const char *text, size_t size, const struct json **out,
               struct err *e)
{
    size_t end = 0;
    if (json_scan(text, size, &end, e)) {
        return -1;
    }
    const char *stop = text;
    cJSON *tree = cJSON_ParseWithLengthOpts(text, end, &stop, 0);
    if (!tree || stop != text + end) {
        cJSON_Delete(tree);
        return err_fail(e, ERR_MALFORMED, "", "The JSON is wrong at byte %zu.",
                        stop ? (size_t)(stop - text) + 1 : 1);
    }
    struct json *root = ARENA_NEW(a, struct json);
    int result = copy_node(a, tree, root, e);
    cJSON_Delete(tree);
    if (result == 0) {
        *out = root;
    }
    return result;
}

const struct json *json_find(const struct json *object, const char *key)
{
    if (!object || object->type != JSON_OBJECT) {
        return NULL;
    }
    for (const struct json *m = object->child; m; m = m->next) {
        if (strcmp(m->key, key) == 0) {
            return m;
        }
    }
    return NULL;
}

const char *json_text(const struct json *object, const char *key)
{
    const struct json *m = json_find(object, key);
    return m && m->type == JSON_STRING ? m->text : NULL;
}

bool json_true(const struct json *object, const char *key)
{
    const struct json *m = json_find(object, key);
    return m && m->type == JSON_BOOL && m->boolean;
}

int json_int(const struct json *j, int64_t *out)
{
    if (!j || j->type != JSON_NUMBER || j->number != floor(j->number) ||
        fabs(j->number) > INTEGER_LIMIT) {
        return -1;
    }
    *out = (int64_t)j->number;
    return 0;
}

static void print_node(struct json_writer *w, const struct json *j)
{
    if (j->key && w->depth > 0) {
        jw_key_text(w, j->key);
    }
    switch (j->type) {
    case JSON_BOOL:
        jw_bool(w, j->boolean);
        break;
    case JSON_NUMBER:
        jw_raw(w, j->text, strlen(j->text));
        break;
    case JSON_STRING:
        jw_text(w, j->text);
        break;
    case JSON_ARRAY:
        jw_array(w);
        for (const struct json *c = j->child; c; c = c->next) {
            print_node(w, c);
        }
        jw_array_end(w);
        break;
    case JSON_OBJECT:
        jw_object(w);
        for (const struct json *c = j->child; c; c = c->next) {
            print_node(w, c);
        }
        jw_object_end(w);
        break;
    default:
        jw_null(w);
    }
}

void json_print(struct buf *out, const struct json *j)
{
    struct json_writer w;
    jw_init(&w, out);
    print_node(&w, j);
}
