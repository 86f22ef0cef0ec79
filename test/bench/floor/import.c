/*
 * import DB ROWS MODE [FROM [SECTION]]: reads a CSV file of so many contacts (made first, not timed)
 * into a database, SECTION rows (10,000) in a transaction. MODE is a row of letters:
 *   c from the CSV   i three indexes kept meanwhile   F full text by a trigger   a audit rows
 *   I the indexes afterwards (to make a database for `serve`)
 *   x everything Kontor keeps (kept.c), each row found by its e-mail and linked to one of 20,000
 *     companies, found by name
 * Without FROM the database is new and made fast: synchronous=NORMAL, 256 MB of cache. With it the
 * database has FROM rows of the same MODE already and is treated as Kontor treats its own:
 * synchronous=FULL, 64 MB. Prints "total N.NNs". "ciFa" is what a live import does at least.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "floor.h"

#define FIELDS 11

struct work {
    sqlite3 *db;
    FILE *csv;
    int64_t from, rows, section;
    const char *mode;
};

static bool has(const struct work *w, char letter)
{
    return strchr(w->mode, letter) != NULL;
}

static void write_csv(const char *path, const struct work *w)
{
    FILE *f = fopen(path, "w");
    if (f == NULL) {
        floor_fail(NULL, path);
    }
    for (int64_t i = 1; i <= w->rows; i++) {
        struct floor_row r;
        floor_row(w->from + i, &r);
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

static void end_section(const struct work *w, int64_t i)
{
    if (i % w->section == 0) {
        floor_run(w->db, "COMMIT; BEGIN");
    }
}

static void load_plain(const struct work *w)
{
    sqlite3_stmt *insert = floor_prepare(w->db, FLOOR_INSERT);
    sqlite3_stmt *log =
        has(w, 'a')
            ? floor_prepare(w->db, "INSERT INTO audit(at, actor, record, diff) VALUES(?, 1, ?, ?)")
            : NULL;
    for (int64_t i = 1; i <= w->rows; i++) {
        struct floor_row r;
        read_row(w->csv, w->from + i, &r);
        floor_bind(insert, &r);
        floor_done(w->db, insert);
        if (log != NULL) {
            put_audit(w->db, log, &r);
        }
        end_section(w, i);
    }
    sqlite3_finalize(insert);
    sqlite3_finalize(log);
}

static void load_kept(const struct work *w)
{
    struct kept *k = kept_open(w->db);
    sqlite3_stmt *match =
        floor_prepare(w->db, "SELECT record FROM handle WHERE kind = 1 AND value = ?1");
    kept_companies(k);
    for (int64_t i = 1; i <= w->rows; i++) {
        struct floor_row r;
        read_row(w->csv, w->from + i, &r);
        sqlite3_bind_text(match, 1, r.email, -1, SQLITE_STATIC);
        floor_done(w->db, match);
        kept_insert(k, &r);
        end_section(w, i);
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

static void make_tables(const struct work *w)
{
    if (w->from > 0) {
        return;
    }
    floor_run(w->db, FLOOR_TABLE);
    floor_run(w->db, has(w, 'i') ? FLOOR_INDEXES : "");
    floor_run(w->db, has(w, 'F') ? FLOOR_SEARCH : "");
    floor_run(w->db, has(w, 'a') ? FLOOR_AUDIT : "");
}

static void load(const struct work *w)
{
    floor_run(w->db, "BEGIN");
    if (has(w, 'x')) {
        load_kept(w);
    } else {
        load_plain(w);
    }
    floor_run(w->db, "COMMIT");
    floor_run(w->db, has(w, 'I') ? FLOOR_INDEXES : "");
    floor_run(w->db, "PRAGMA wal_checkpoint(TRUNCATE)");
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: import DB ROWS MODE [FROM [SECTION]]\n");
        return 2;
    }
    const char *path = argv[1];
    struct work w = {.rows = atoll(argv[2]), .mode = argv[3], .section = 10000};
    w.from = argc > 4 ? atoll(argv[4]) : 0;
    w.section = argc > 5 ? atoll(argv[5]) : w.section;
    char csv_path[4096];
    snprintf(csv_path, sizeof csv_path, "%s.csv", path);
    if (w.from == 0) {
        remove_old(path);
    }
    if (has(&w, 'c')) {
        write_csv(csv_path, &w);
        w.csv = fopen(csv_path, "r");
    }
    w.db = floor_open(path, w.from == 0 ? "PRAGMA synchronous=NORMAL; PRAGMA cache_size=-262144;"
                                          "PRAGMA wal_autocheckpoint=20000"
                                        : "PRAGMA synchronous=FULL; PRAGMA cache_size=-65536;"
                                          "PRAGMA wal_autocheckpoint=16000");
    double start = floor_now(), cpu = floor_cpu();
    make_tables(&w);
    load(&w);
    printf("total %.2fs, CPU %.2fs\n", floor_now() - start, floor_cpu() - cpu);
    sqlite3_close(w.db);
    if (w.csv != NULL) {
        fclose(w.csv);
        unlink(csv_path);
    }
    return 0;
}
