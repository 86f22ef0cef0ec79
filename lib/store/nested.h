/*
 * A savepoint inside a running write: part of a command may fail and be forgotten while the rest stays (one row of an import, one
 * record of a bulk change). Rolls back the rows, the change-set as it stood, and the events. Writer thread only.
 */
#ifndef KONTOR_STORE_NESTED_H
#define KONTOR_STORE_NESTED_H

#include "store/change.h"

/*
 * Calls run(data). On 0 its work stays. On -1 everything it did is taken back and -1 returned with *e as run left it.
 * *gone (may not be NULL): the whole transaction is lost, so the command must fail too.
 */
int db_nested(struct db *db, struct change_set *cs, int (*run)(void *data), void *data, bool *gone, struct err *e);

#endif
