/* Who took which records out: rows of the table export_log. Errors as everywhere in the store. */
#ifndef KONTOR_STORE_EXPORTS_H
#define KONTOR_STORE_EXPORTS_H

#include <stddef.h>
#include <stdint.h>

struct arena;
struct db;
struct err;

struct export_entry {
    int64_t id, at, user, records;
    const char *actor, *entity, *format, *filter; /* "" where there is none */
};

int exports_add(struct db *db, const struct export_entry *entry, struct err *e);
/* Newest first, those before the id `before` (0: all). */
int exports_list(struct db *db, int64_t before, size_t limit, struct arena *a,
                 struct export_entry **out, size_t *count, struct err *e);

#endif
