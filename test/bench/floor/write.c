/*
 * write DB SECONDS BATCH: durable creates on one connection, BATCH of them in one transaction, each
 * in a savepoint (group commit). synchronous=FULL. Each writes what Kontor keeps (kept.c).
 * Prints creates per second and CPU per create. The database is made anew unless it is there.
 */
#include <stdio.h>
#include <stdlib.h>

#include "floor.h"

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: write DB SECONDS BATCH\n");
        return 2;
    }
    double seconds = atof(argv[2]);
    int batch = atoi(argv[3]);
    sqlite3 *db = floor_open(argv[1], "PRAGMA synchronous=FULL; PRAGMA cache_size=-65536;"
                                      "PRAGMA wal_autocheckpoint=1000");
    struct kept *k = kept_open(db);
    sqlite3_stmt *begin = floor_prepare(db, "BEGIN IMMEDIATE");
    sqlite3_stmt *commit = floor_prepare(db, "COMMIT");
    sqlite3_stmt *save = floor_prepare(db, "SAVEPOINT s");
    sqlite3_stmt *release = floor_prepare(db, "RELEASE s");
    double start = floor_now(), cpu = floor_cpu();
    long count = 0;
    while (floor_now() - start < seconds) {
        floor_done(db, begin);
        for (int i = 0; i < batch; i++) {
            struct floor_row row;
            floor_row((int64_t)(floor_random() & 0x7fffffff), &row);
            floor_done(db, save);
            kept_insert(k, &row);
            floor_done(db, release);
        }
        floor_done(db, commit);
        count += batch;
    }
    seconds = floor_now() - start;
    cpu = floor_cpu() - cpu;
    printf("{\"requests\":%ld,\"seconds\":%.3f,\"cpu_us\":%.2f}\n", count, seconds,
           cpu * 1e6 / (double)count);
    return 0;
}
