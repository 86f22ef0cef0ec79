/* Online copy of a database file: for backups and private snapshots. Any thread, while others
 * write. */
#ifndef KONTOR_STORE_COPY_H
#define KONTOR_STORE_COPY_H

#include <stdatomic.h>

struct err;

/* Copies the database at `from` as it stands at the beginning to the new file `to`, which needs no
 * log beside it. ERR_FULL when it would not leave room on the disk for the work of others, ERR_BUSY
 * once *stop is true. */
int copy_database(const char *from, const char *to, const atomic_bool *stop, struct err *e);

#endif
