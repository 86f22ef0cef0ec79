/*
 * import DB ROWS MODE: reads a CSV file of so many contacts (made first, not timed) into a new
 * database, 10,000 rows in a transaction, synchronous=NORMAL. MODE is a row of letters:
 *   c from the CSV   i three indexes kept meanwhile   F full text by a trigger   a audit rows
 *   I the indexes afterwards (to make a database for `serve`)
 *   x everything Kontor keeps (kept.c), each row found by its e-mail first
 * Prints "total N.NNs". "ciFa" is what a live import does at least.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "floor.h"

#define FIELDS  11
#define SECTION 10000

static void write_csv(const char *path, int64_t rows)
{
    FILE *f = fopen(path, "w");
    if (f == NULL) {
        floor_fail(NULL, path);
    }
    for (int64_t i = 1; i <= rows; i++) {
        struct floor_row r;
        floor_row(i, &r);
        fprintf(f, "%s,%s,%s,%s,\"%s\",%s,DE,%s,%d,%s,%s\n", r.last, r.first, r.email, r.phone,
                r.company, r.city, r.status, r.owner, r.at, r.at);
    }
    fclose(f);
}

/* One line into its fields, quotes taken off (RFC 4180 without line breaks in fields). */
static void split(char *line, const char *fields[FIELDS])
{
    char *p = line;
    for (int i = 0; i < FIELDS; i++) {
        char end = *p == '"' ? '"' : ',';
        p += *p == '"';
        fields[i] = p;
        p += end == '"' ? strcspn(p, "\"") : strcspn(p, ",\n");
        bool quoted = *p == '"';
        bool last = *p == 0 || *p == '\n';
        *p++ = 0;
        p += quoted && *p != 0;
        if (last) {
            return;
        }
    }
}

static void read_row(FILE *csv, int64_t i, struct floor_row *r)
{
    char line[1024];
    const char *f[FIELDS] = {"", "", "", "", "", "", "", "", "", "", ""};
    if (csv == NULL) {
        floor_row(i, r);
        return;
    }
    if (fgets(line, sizeof line, csv) == NULL) {
        floor_fail(NULL, "the CSV file ends early");
    }
    split(line, f);
    r->id = i;
    r->owner = atoi(f[8]);
    snprintf(r->last, sizeof r->last, "%s", f[0]);
    snprintf(r->first, sizeof r->first, "%s", f[1]);
    snprintf(r->email, sizeof r->email, "%s", f[2]);
    snprintf(r->phone, sizeof r->phone, "%s", f[3]);
    snprintf(r->company, sizeof r->company, "%s", f[4]);
    snprintf(r->city, sizeof r->city, "%s", f[5]);
    snprintf(r->status, sizeof r->status, "%s", f[7]);
    snprintf(r->at, sizeof r->at, "%s", f[9]);
}

static void put_audit(sqlite3 *db, sqlite3_stmt *st, const struct floor_row *r)
{
    char diff[512];
    int n = snprintf(diff, sizeof diff,
                     "{\"last_name\":\"%s\",\"first_name\":\"%s\",\"email\":\"%s\",\"phone\":\"%s\","
                     "\"company\":\"%s\",\"city\":\"%s\",\"status\":\"%s\",\"owner_id\":%d}",
                     r->last, r->first, r->email, r->phone, r->company, r->city, r->status,
                     r->owner);
    sqlite3_bind_text(st, 1, r->at, -1, SQLITE_STATIC);
    sqlite3_bind_int64(st, 2, r->id);
    sqlite3_bind_text(st, 3, diff, n, SQLITE_STATIC);
    floor_done(db, st);
}

static void load_plain(sqlite3 *db, FILE *csv, int64_t rows, bool audit)
{
    sqlite3_stmt *insert = floor_prepare(db, FLOOR_INSERT);
    sqlite3_stmt *log =
        audit ? floor_prepare(db, "INSERT INTO audit(at, actor, record, diff) VALUES(?, 1, ?, ?)")
              : NULL;
    for (int64_t i = 1; i <= rows; i++) {
        struct floor_row r;
        read_row(csv, i, &r);
        floor_bind(insert, &r);
        floor_done(db, insert);
        if (log != NULL) {
            put_audit(db, log, &r);
        }
        if (i % SECTION == 0) {
            floor_run(db, "COMMIT; BEGIN");
        }
    }
    sqlite3_finalize(insert);
    sqlite3_finalize(log);
}

static void load_kept(sqlite3 *db, FILE *csv, int64_t rows)
{
    struct kept *k = kept_open(db);
    sqlite3_stmt *match =
        floor_prepare(db, "SELECT record FROM handle WHERE kind = 1 AND value = ?1");
    for (int64_t i = 1; i <= rows; i++) {
        struct floor_row r;
        read_row(csv, i, &r);
        sqlite3_bind_text(match, 1, r.email, -1, SQLITE_STATIC);
        floor_done(db, match);
        kept_insert(k, &r);
        if (i % SECTION == 0) {
            floor_run(db, "COMMIT; BEGIN");
        }
    }
    sqlite3_finalize(match);
    kept_close(k);
}

static void remove_old(const char *path)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    for (int i = 0; i < 3; i++) {
        char file[4096];
        snprintf(file, sizeof file, "%s%s", path, suffixes[i]);
        unlink(file);
    }
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: import DB ROWS MODE\n");
        return 2;
    }
    const char *path = argv[1], *mode = argv[3];
    int64_t rows = atoll(argv[2]);
    char csv_path[4096];
    snprintf(csv_path, sizeof csv_path, "%s.csv", path);
    remove_old(path);
    if (strchr(mode, 'c') != NULL) {
        write_csv(csv_path, rows);
    }
    FILE *csv = strchr(mode, 'c') != NULL ? fopen(csv_path, "r") : NULL;
    sqlite3 *db = floor_open(path, "PRAGMA synchronous=NORMAL; PRAGMA cache_size=-262144;"
                                   "PRAGMA wal_autocheckpoint=20000");
    double start = floor_now(), cpu = floor_cpu();
    floor_run(db, FLOOR_TABLE);
    floor_run(db, strchr(mode, 'i') != NULL ? FLOOR_INDEXES : "");
    floor_run(db, strchr(mode, 'F') != NULL ? FLOOR_SEARCH : "");
    floor_run(db, strchr(mode, 'a') != NULL ? FLOOR_AUDIT : "");
    floor_run(db, "BEGIN");
    if (strchr(mode, 'x') != NULL) {
        load_kept(db, csv, rows);
    } else {
        load_plain(db, csv, rows, strchr(mode, 'a') != NULL);
    }
    floor_run(db, "COMMIT");
    floor_run(db, strchr(mode, 'I') != NULL ? FLOOR_INDEXES : "");
    floor_run(db, "PRAGMA wal_checkpoint(TRUNCATE)");
    printf("total %.2fs, CPU %.2fs\n", floor_now() - start, floor_cpu() - cpu);
    sqlite3_close(db);
    if (csv != NULL) {
        fclose(csv);
        unlink(csv_path);
    }
    return 0;
}
