/* Shared by takeout_out.c and takeout_in.c: what the ids of columns are called. */
#ifndef KONTOR_STORE_TAKEOUT_PRIVATE_H
#define KONTOR_STORE_TAKEOUT_PRIVATE_H

#include <stdlib.h>

#include "store/db.h"

struct field_name { /* a row of table `field` */
    int64_t id, entity_id;
    const char *entity, *field;
    int part;
};
struct field_names {
    struct field_name *list; /* by id */
    size_t count;
};
int field_names_read(struct db *db, struct arena *a, struct field_names *out, struct err *e);
const struct field_name *field_name_of(const struct field_names *names, int64_t id); /* or NULL */
/* Columns of fixed tables that hold an id of table entity or field. */
bool takeout_is_id(const char *column);

#endif
