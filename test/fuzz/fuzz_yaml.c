/* YAML: no input crashes or hangs; an error has its place, a tree has its counts and positions. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "base/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int ok)
{
    if (!ok) {
        abort();
    }
}

/* Depth is limited by the reader. */
static void walk(const struct yaml *node)
{
    must(node->line >= 1 && node->column >= 1);
    must((node->type == YAML_SCALAR) == (node->text != NULL));
    size_t count = 0;
    for (const struct yaml *c = node->child; c; c = c->next, count++) {
        must((node->type == YAML_MAP) == (c->key != NULL));
        walk(c);
    }
    must(count == node->count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a;
    arena_init(&a);
    struct err e = {0};
    const struct yaml *root;
    if (yaml_parse(&a, "f.yaml", (const char *)data, size, &root, &e) == 0) {
        walk(root);
    } else {
        must(e.item_count == 1 && str_starts(e.where, "f.yaml:"));
    }
    arena_done(&a);
    return 0;
}
