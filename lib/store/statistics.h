/* What SQLite's planner knows of the indexes. Writer connection, between transactions. */
#ifndef KONTOR_STORE_STATISTICS_H
#define KONTOR_STORE_STATISTICS_H

#include "store/db.h"

/* Looks at the tables that changed much; SQLite decides which. Readers opened later know it. */
int statistics_refresh(struct db *db, struct err *e);

#endif
