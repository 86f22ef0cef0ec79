/* The loader's tools: messages with positions, unknown keys, small values. See load.h. */
#include <stdarg.h>
#include <string.h>

#include "base/str.h"
#include "model/load.h"

static void PRINTF_LIKE(3, 0)
    report(struct loader *l, const char *where, const char *format, va_list args)
{
    const char *text = arena_vprintf(l->messages, format, args);
    err_add(l->e, l->messages, ERR_INVALID, where, "%s", text);
}

void load_error(struct loader *l, const struct yaml *node, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    report(l, yaml_where(l->messages, node), format, args);
    va_end(args);
}

void load_key_error(struct loader *l, const struct yaml *node, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    report(l, yaml_key_where(l->messages, node), format, args);
    va_end(args);
}

void load_unknown(struct loader *l, const struct yaml *node, const char *what, const char *text,
                  const char *const *names, size_t count)
{
    const char *near = str_nearest(text, names, count);
    if (near == NULL) {
        load_error(l, node, "there is no %s \"%s\"", what, text);
    } else {
        load_error(l, node, "there is no %s \"%s\"; do you mean \"%s\"?", what, text, near);
    }
}

bool load_check_keys(struct loader *l, const struct yaml *node, const char *const *keys)
{
    if (node->type != YAML_MAP) {
        load_error(l, node, "must be a map of keys and values");
        return false;
    }
    size_t count = 0;
    while (keys[count] != NULL) {
        count++;
    }
    for (const struct yaml *item = node->child; item != NULL; item = item->next) {
        size_t i = 0;
        while (i < count && strcmp(keys[i], item->key) != 0) {
            i++;
        }
        if (i < count) {
            continue;
        }
        const char *near = str_nearest(item->key, keys, count);
        if (near == NULL) {
            load_key_error(l, item, "unknown key \"%s\"", item->key);
        } else {
            load_key_error(l, item, "unknown key \"%s\"; do you mean \"%s\"?", item->key, near);
        }
    }
    return true;
}

const char *load_text(struct loader *l, const struct yaml *node)
{
    if (node == NULL) {
        return NULL;
    }
    if (node->type != YAML_SCALAR || node->text[0] == '\0') {
        load_error(l, node, "must be a text");
        return NULL;
    }
    return node->text;
}

static const char *const LANGUAGE_KEYS[] = {"en", "de", NULL};

const char *load_label(struct loader *l, const struct yaml *node, const char *fallback)
{
    if (node != NULL && node->type == YAML_MAP) {
        load_check_keys(l, node, LANGUAGE_KEYS);
        const struct yaml *english = yaml_find(node, "en");
        node = english != NULL ? english : node->child;
    }
    const char *text = load_text(l, node);
    return text != NULL ? text : fallback;
}

bool load_bool(struct loader *l, const struct yaml *node, bool fallback)
{
    static const struct {
        const char *word;
        bool value;
    } WORDS[] = {{"true", true}, {"yes", true}, {"false", false}, {"no", false}};
    if (node == NULL) {
        return fallback;
    }
    for (size_t i = 0; node->type == YAML_SCALAR && i < COUNT(WORDS); i++) {
        if (strcmp(WORDS[i].word, node->text) == 0) {
            return WORDS[i].value;
        }
    }
    load_error(l, node, "must be true or false");
    return fallback;
}

int64_t load_int(struct loader *l, const struct yaml *node, int64_t min, int64_t max,
                 int64_t fallback)
{
    int64_t n;
    if (node == NULL) {
        return fallback;
    }
    if (node->type != YAML_SCALAR || str_to_int(node->text, &n) != 0 || n < min || n > max) {
        load_error(l, node, "must be a whole number from %lld to %lld", (long long)min,
                   (long long)max);
        return fallback;
    }
    return n;
}

const struct yaml **load_items(struct loader *l, const struct yaml *node, size_t *count)
{
    *count = 0;
    if (node == NULL) {
        return NULL;
    }
    bool list = node->type == YAML_LIST;
    const struct yaml **items = ARENA_ARRAY(l->arena, const struct yaml *, list ? node->count : 1);
    for (const struct yaml *item = list ? node->child : node; item != NULL;
         item = list ? item->next : NULL) {
        if (load_text(l, item) != NULL) {
            items[(*count)++] = item;
        }
    }
    return items;
}

const char *load_label_of(struct loader *l, const char *name)
{
    char *label = arena_strdup(l->arena, name);
    for (char *s = label; *s != '\0'; s++) {
        if (*s == '_') {
            *s = ' ';
        }
    }
    if (label[0] >= 'a' && label[0] <= 'z') {
        label[0] = (char)(label[0] - 'a' + 'A');
    }
    return label;
}

const struct field *load_field(struct loader *l, const struct entity *e, const struct yaml *node)
{
    const struct field *f = entity_field_find(e, node->text);
    if (f != NULL) {
        return f;
    }
    const char **names = ARENA_ARRAY(l->messages, const char *, e->field_count);
    for (size_t i = 0; i < e->field_count; i++) {
        names[i] = e->fields[i]->name;
    }
    load_unknown(l, node, arena_printf(l->messages, "field of %s", e->name), node->text, names,
                 e->field_count);
    return NULL;
}

const struct field **load_fields(struct loader *l, const struct entity *e, const struct yaml *node,
                                 size_t *count)
{
    size_t item_count;
    const struct yaml **items = load_items(l, node, &item_count);
    const struct field **fields = ARENA_ARRAY(l->arena, const struct field *, item_count);
    *count = 0;
    for (size_t i = 0; i < item_count; i++) {
        const struct field *f = load_field(l, e, items[i]);
        bool twice = false;
        for (size_t k = 0; k < *count; k++) {
            twice |= fields[k] == f;
        }
        if (twice) {
            load_error(l, items[i], "\"%s\" is listed twice", items[i]->text);
        } else if (f != NULL) {
            fields[(*count)++] = f;
        }
    }
    return fields;
}

struct entity_def *load_entity_def(struct loader *l, const struct yaml *node, const char *name)
{
    const struct entity *e = name == NULL ? NULL : model_entity_find(l->m, name);
    if (e != NULL) {
        return &l->defs[e->index];
    }
    if (name != NULL) {
        const char **names = ARENA_ARRAY(l->messages, const char *, l->m->entity_count);
        for (size_t i = 0; i < l->m->entity_count; i++) {
            names[i] = l->m->entities[i]->name;
        }
        load_unknown(l, node, "entity", name, names, l->m->entity_count);
    }
    return NULL;
}

/* A place within a scalar: exact while the text stands in the file as it is, on one line. */
static const char *where_within(struct loader *l, const struct yaml *node, int position)
{
    bool plain = strpbrk(node->text, node->quoted ? "\n'\\" : "\n") == NULL;
    if (!plain) {
        return yaml_where(l->messages, node);
    }
    int column = node->column + (node->quoted ? 1 : 0);
    for (int i = 0; i < position; i++) {
        column += ((unsigned char)node->text[i + 1] & 0xC0) != 0x80;
    }
    return arena_printf(l->messages, "%s:%d:%d", node->file, node->line, column);
}

static const struct expr *build_expr(struct loader *l, const struct yaml *node, const char *text,
                                     int at, const struct entity *scope, enum expr_kind want,
                                     const struct field *target)
{
    const struct expr_request request = {.arena = l->arena,
                                         .model = l->m,
                                         .scope = scope,
                                         .want = want,
                                         .target = target,
                                         .changes = l->changes,
                                         .around = l->around,
                                         .resolve = link_resolve,
                                         .data = l};
    struct expr_message message = {0};
    const struct expr *x = NULL;
    if (expr_build(&request, text, &x, &message) == 0) {
        return x;
    }
    if (strcmp(message.text, EXPR_REPORTED) != 0) {
        err_add(l->e, l->messages, ERR_INVALID, where_within(l, node, at + message.position), "%s",
                message.text);
    }
    return NULL;
}

const struct expr *load_expr(struct loader *l, const struct yaml *node, const struct entity *scope,
                             enum expr_kind want, const struct field *target)
{
    const char *text = load_text(l, node);
    return text == NULL ? NULL : build_expr(l, node, text, 0, scope, want, target);
}

const struct expr *load_expr_part(struct loader *l, const struct yaml *node, size_t at, size_t size,
                                  const struct entity *scope)
{
    const char *text = arena_strndup(l->arena, node->text + at, size);
    return build_expr(l, node, text, (int)at, scope, KIND_NONE, NULL);
}

void load_error_at(struct loader *l, const struct yaml *node, size_t at, const char *text)
{
    err_add(l->e, l->messages, ERR_INVALID, where_within(l, node, (int)at), "%s", text);
}

const struct document *load_document(const struct loader *l, const char *name, bool builtin)
{
    for (size_t i = 0; i < l->document_count; i++) {
        if (l->documents[i].builtin == builtin && strcmp(l->documents[i].name, name) == 0) {
            return &l->documents[i];
        }
    }
    return NULL;
}

const struct yaml *load_def_key(const struct field_def *d, const char *key)
{
    const struct yaml *node = d->over == NULL ? NULL : yaml_find(d->over, key);
    return node != NULL || d->yaml == NULL ? node : yaml_find(d->yaml, key);
}

const struct yaml *load_entity_key(const struct entity_def *d, const char *key)
{
    const struct yaml *node = d->over == NULL ? NULL : yaml_find(d->over, key);
    return node != NULL ? node : yaml_find(d->yaml, key);
}
