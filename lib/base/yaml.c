/*
 * YAML; see yaml.h. libyaml's event parser feeds one loop; an explicit stack of open lists and maps
 * (at most 32) takes the place of recursion. Nodes live in the caller's arena and are complete when
 * the stack is empty again. Keys of a map are remembered in a hash map while it is open, so a file
 * of many keys stays linear.
 */
#include "base/yaml.h"

#include <string.h>
#include <yaml.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "base/yaml_problem.h"

#define SIZE_LIMIT ((size_t)1024 * 1024)
#define DEPTH_MAX  32
#define NODES_MAX  100000

/* An open list or map. */
struct level {
    struct yaml *node;
    const struct yaml **tail; /* where the next child goes */
    struct map keys;          /* of a map: those seen */
    const char *key;          /* of a map: the key whose value comes next, or NULL */
    int key_line, key_column;
};

struct builder {
    struct arena *arena;
    const char *file;
    const char *text;
    size_t size;
    struct err *e;
    struct level levels[DEPTH_MAX];
    size_t depth;
    size_t node_count;
    size_t document_count;
    struct yaml *root;
};

static int fail_at(struct builder *b, const yaml_mark_t *mark, const char *text)
{
    const char *where =
        arena_printf(b->arena, "%s:%zu:%zu", b->file, mark->line + 1, mark->column + 1);
    return err_add(b->e, b->arena, ERR_INVALID, where, "%s", text);
}

/* Hangs a new node into the open level, or makes it the root. */
static struct yaml *add_node(struct builder *b, enum yaml_type type, const yaml_mark_t *mark)
{
    struct yaml *node = ARENA_NEW(b->arena, struct yaml);
    node->type = type;
    node->file = b->file;
    node->line = (int)mark->line + 1;
    node->column = (int)mark->column + 1;
    if (b->depth == 0) {
        b->root = node;
        return node;
    }
    struct level *l = &b->levels[b->depth - 1];
    if (l->key) {
        node->key = l->key;
        node->key_line = l->key_line;
        node->key_column = l->key_column;
        l->key = NULL;
    }
    *l->tail = node;
    l->tail = &node->next;
    l->node->count++;
    return node;
}

static bool key_is_due(const struct builder *b)
{
    if (b->depth == 0) {
        return false;
    }
    const struct level *l = &b->levels[b->depth - 1];
    return l->node->type == YAML_MAP && !l->key;
}

static int take_key(struct builder *b, const char *text, const yaml_mark_t *mark)
{
    struct level *l = &b->levels[b->depth - 1];
    if (map_find(&l->keys, text)) {
        return fail_at(b, mark, arena_printf(b->arena, "The key \"%.60s\" is there twice.", text));
    }
    map_set(&l->keys, text, l);
    l->key = text;
    l->key_line = (int)mark->line + 1;
    l->key_column = (int)mark->column + 1;
    return 0;
}

static int take_scalar(struct builder *b, const yaml_event_t *event)
{
    const char *value = (const char *)event->data.scalar.value;
    size_t n = event->data.scalar.length;
    if (memchr(value, '\0', n)) {
        return fail_at(b, &event->start_mark, "Text must not contain NUL.");
    }
    const char *text = arena_strndup(b->arena, value, n);
    if (key_is_due(b)) {
        return take_key(b, text, &event->start_mark);
    }
    struct yaml *node = add_node(b, YAML_SCALAR, &event->start_mark);
    node->text = text;
    node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    return 0;
}

static int open_level(struct builder *b, enum yaml_type type, const yaml_event_t *event)
{
    if (key_is_due(b)) {
        return fail_at(b, &event->start_mark, "A key must be plain text.");
    }
    if (b->depth == DEPTH_MAX) {
        return fail_at(b, &event->start_mark, "This is nested deeper than 32.");
    }
    struct yaml *node = add_node(b, type, &event->start_mark);
    struct level *l = &b->levels[b->depth++];
    *l = (struct level){.node = node, .tail = &node->child};
    map_init(&l->keys, b->arena);
    return 0;
}

/* What is refused wherever it stands: anchors and tags. */
static int check_properties(struct builder *b, const yaml_event_t *event)
{
    const yaml_char_t *anchor = NULL;
    const yaml_char_t *tag = NULL;
    if (event->type == YAML_SCALAR_EVENT) {
        anchor = event->data.scalar.anchor;
        tag = event->data.scalar.tag;
    } else if (event->type == YAML_SEQUENCE_START_EVENT) {
        anchor = event->data.sequence_start.anchor;
        tag = event->data.sequence_start.tag;
    } else if (event->type == YAML_MAPPING_START_EVENT) {
        anchor = event->data.mapping_start.anchor;
        tag = event->data.mapping_start.tag;
    }
    if (anchor || event->type == YAML_ALIAS_EVENT) {
        return fail_at(b, &event->start_mark,
                       "Anchors (&name) and aliases (*name) are not used here; "
                       "write the text out, or in quotes if it begins with & or *.");
    }
    if (tag) {
        return fail_at(b, &event->start_mark,
                       "Tags (!name) are not used here; put text that begins with ! in quotes.");
    }
    return 0;
}

static int take_event(struct builder *b, const yaml_event_t *event)
{
    if (check_properties(b, event)) {
        return -1;
    }
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (b->document_count++ > 0) {
            return fail_at(b, &event->start_mark, "Only one document per file is read.");
        }
        return 0;
    case YAML_SCALAR_EVENT:
    case YAML_SEQUENCE_START_EVENT:
    case YAML_MAPPING_START_EVENT:
        if (++b->node_count > NODES_MAX) {
            return fail_at(b, &event->start_mark, "The file has more than 100,000 values.");
        }
        if (event->type == YAML_SCALAR_EVENT) {
            return take_scalar(b, event);
        }
        return open_level(b, event->type == YAML_MAPPING_START_EVENT ? YAML_MAP : YAML_LIST, event);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        b->depth--;
        return 0;
    default:
        return 0;
    }
}

static int fail_syntax(struct builder *b, const yaml_parser_t *parser)
{
    const yaml_mark_t *mark;
    if (parser->error == YAML_READER_ERROR) {
        return fail_at(b, &parser->mark, "The file is not UTF-8 text.");
    }
    const char *problem = yaml_problem(b->arena, parser, b->text, b->size, &mark);
    return fail_at(b, mark, problem);
}

static int run_parser(struct builder *b, yaml_parser_t *parser)
{
    bool more = true;
    while (more) {
        yaml_event_t event;
        if (!yaml_parser_parse(parser, &event)) {
            return fail_syntax(b, parser);
        }
        more = event.type != YAML_STREAM_END_EVENT;
        int result = take_event(b, &event);
        yaml_event_delete(&event);
        if (result) {
            return -1;
        }
    }
    return 0;
}

int yaml_parse(struct arena *a, const char *file, const char *text, size_t size,
               const struct yaml **out, struct err *e)
{
    struct builder *b = ARENA_NEW(a, struct builder);
    *b = (struct builder){
        .arena = a, .file = arena_strdup(a, file), .text = text, .size = size, .e = e};
    const yaml_mark_t start = {0};
    if (size > SIZE_LIMIT) {
        return fail_at(b, &start, "The file is larger than 1 MiB.");
    }
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser)) {
        return fail_at(b, &start, "The YAML reader could not be started.");
    }
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, size);
    int result = run_parser(b, &parser);
    yaml_parser_delete(&parser);
    if (result) {
        return -1;
    }
    if (!b->root || (b->root->type == YAML_SCALAR && !b->root->quoted && !*b->root->text)) {
        b->root = NULL;
        add_node(b, YAML_MAP, &start);
    }
    *out = b->root;
    return 0;
}

const struct yaml *yaml_find(const struct yaml *map, const char *key)
{
    if (!map || map->type != YAML_MAP) {
        return NULL;
    }
    for (const struct yaml *c = map->child; c; c = c->next) {
        if (strcmp(c->key, key) == 0) {
            return c;
        }
    }
    return NULL;
}

const char *yaml_where(struct arena *a, const struct yaml *node)
{
    return arena_printf(a, "%s:%d:%d", node->file, node->line, node->column);
}

const char *yaml_key_where(struct arena *a, const struct yaml *node)
{
    if (!node->key) {
        return yaml_where(a, node);
    }
    return arena_printf(a, "%s:%d:%d", node->file, node->key_line, node->key_column);
}
