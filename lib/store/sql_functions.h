/* Our own SQL functions, for queries only; see sql_functions.c. */
#ifndef KONTOR_STORE_SQL_FUNCTIONS_H
#define KONTOR_STORE_SQL_FUNCTIONS_H

#include <sqlite3.h>

/* Registers them on a connection; -1 when SQLite refuses. Called for every connection when it is
 * opened. */
int query_register(sqlite3 *handle);

#endif
