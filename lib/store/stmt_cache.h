/* The cache behind stmt_get: made and freed with its connection (db.c); see stmt.c. */
#ifndef KONTOR_STORE_STMT_CACHE_H
#define KONTOR_STORE_STMT_CACHE_H

#include "store/db.h"

struct stmt_cache *stmt_cache_new(void);
void stmt_cache_free(struct stmt_cache *c); /* finalizes all; NULL allowed */

#endif
