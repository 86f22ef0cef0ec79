/* Shared by change_read.c and undo.c: columns by their id in the change tables, values a set left.
 */
#ifndef KONTOR_STORE_CHANGE_PRIVATE_H
#define KONTOR_STORE_CHANGE_PRIVATE_H

#include "store/change.h"
#include "store/db.h"

const struct column *entity_column_by_id(const struct entity *entity,
                                         int64_t id); /* NULL: pseudo, or no longer there */
enum pseudo pseudo_of(const struct entity *entity, int64_t field);
const struct entity *model_entity_by_id(const struct model *m,
                                        int64_t id); /* NULL: no longer there */
/* The value `set` (or an earlier one) left in a column (a pseudo column too): the next
 * before-image, else the current. */
int change_value_after(struct db *db, const struct entity *entity, int64_t field, int64_t record,
                       int64_t set, struct arena *a, struct value *out, struct err *e);

#endif
