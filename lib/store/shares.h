/*
 * Records shared with a user: rows of the entity `share` (struct sharing of the model). That he sees
 * them is part of the rights every query adds (put_shared in expr_sql_link.c).
 */
#ifndef KONTOR_STORE_SHARES_H
#define KONTOR_STORE_SHARES_H

#include "model/model.h"
#include "store/db.h"

/* Whether anybody shares something with the user, in force or not: most readers are spared the
 * question what. */
int shares_any(struct db *db, const struct model *m, int64_t user, bool *out, struct err *e);

#endif
