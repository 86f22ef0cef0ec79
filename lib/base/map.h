/* Hash map from text to pointer, in an arena. Keys are borrowed: they must live as long as the map.
 */
#ifndef KONTOR_BASE_MAP_H
#define KONTOR_BASE_MAP_H

#include <stddef.h>

struct arena;
struct map_slot;

struct map {
    struct arena *arena;
    struct map_slot *slots;
    size_t room;  /* power of two or 0 */
    size_t count; /* keys in use */
};

void map_init(struct map *m, struct arena *a);
void map_set(struct map *m, const char *key, void *value); /* replaces */
void *map_find(const struct map *m, const char *key);      /* NULL when absent */
void *map_find_n(const struct map *m, const char *key, size_t n);

#endif
