/*
 * YAML as Kontor reads it: libyaml's events become nodes that remember where they stood. Every
 * plain scalar is text (`no` can be Norway). Refused with file:line:column: duplicate keys, anchors
 * and aliases, tags, several documents, files over 1 MiB, depth over 32, more than 100,000 nodes.
 */
#ifndef KONTOR_BASE_YAML_H
#define KONTOR_BASE_YAML_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct err;

enum yaml_type { YAML_NONE, YAML_SCALAR, YAML_LIST, YAML_MAP };

struct yaml {
    enum yaml_type type;
    const char *text; /* scalar; never NULL for scalars */
    bool quoted;      /* scalar written in quotes or as a block */
    const char *key;  /* within a map, else NULL */
    int key_line, key_column;
    const struct yaml *child, *next; /* children in file order */
    size_t count;
    const char *file; /* name as given to yaml_parse */
    int line, column; /* 1-based */
};

/* An empty file gives an empty map. On error: one item "file:line:column". */
int yaml_parse(struct arena *a, const char *file, const char *text, size_t size,
               const struct yaml **out, struct err *e);
const struct yaml *yaml_find(const struct yaml *map,
                             const char *key); /* NULL when absent or not a map */
/* "file:line:column" of the node (or of its key) for err_add. In the arena. */
const char *yaml_where(struct arena *a, const struct yaml *node);
const char *yaml_key_where(struct arena *a, const struct yaml *node);

#endif
