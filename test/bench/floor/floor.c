/* See floor.h. */
#include "floor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

const char FLOOR_TABLE[] =
    "CREATE TABLE contact(id INTEGER PRIMARY KEY, last_name TEXT NOT NULL, first_name TEXT,"
    " email TEXT, phone TEXT, company TEXT, city TEXT, country TEXT, status TEXT NOT NULL,"
    " owner_id INTEGER NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL) STRICT;";
const char FLOOR_INDEXES[] =
    "CREATE INDEX contact_name ON contact(last_name, id);"
    "CREATE INDEX contact_email ON contact(email);"
    "CREATE INDEX contact_owner ON contact(owner_id, status, last_name, id);";
const char FLOOR_SEARCH[] =
    "CREATE VIRTUAL TABLE contact_fts USING fts5(last_name, first_name, email, company, city,"
    " content='contact', content_rowid='id', tokenize='unicode61 remove_diacritics 2',"
    " prefix='2 3');"
    "CREATE TRIGGER contact_fts_insert AFTER INSERT ON contact BEGIN"
    " INSERT INTO contact_fts(rowid, last_name, first_name, email, company, city)"
    " VALUES(new.id, new.last_name, new.first_name, new.email, new.company, new.city); END;";
const char FLOOR_AUDIT[] =
    "CREATE TABLE audit(id INTEGER PRIMARY KEY, at TEXT NOT NULL, actor INTEGER NOT NULL,"
    " record INTEGER NOT NULL, diff TEXT) STRICT;"
    "CREATE INDEX audit_record ON audit(record, id);";
const char FLOOR_INSERT[] = "INSERT INTO contact VALUES(?,?,?,?,?,?,?,?,?,?,?,?)";
const char FLOOR_COLUMN_LIST[] = "id, last_name, first_name, email, phone, company, city, country,"
                                 " status, owner_id, created_at, updated_at";
const char *const FLOOR_NAMES[FLOOR_COLUMNS] = {
    "id",   "last_name", "first_name", "email",    "phone",      "company",
    "city", "country",   "status",     "owner_id", "created_at", "updated_at"};

static const char *const FIRST[] = {"Anna", "Ben",   "Clara", "David", "Emma",  "Felix",
                                    "Greta", "Hans", "Ida",   "Jonas", "Karla", "Leon",
                                    "Mia",  "Noah",  "Olga",  "Paul",  "Jürgen", "Zoë"};
static const char *const LAST[] = {"Müller", "Schmidt", "Fischer", "Weber",  "Meyer",
                                   "Wagner", "Becker",  "Schulz",  "Koch",   "Bauer",
                                   "Richter", "Klein",  "Wolf",    "Neumann", "Schwarz",
                                   "Braun",  "Krüger",  "Lange",   "Weiß",   "Vogel"};
static const char *const CITIES[] = {"Berlin", "Hamburg", "München", "Köln",
                                     "Bremen", "Dresden", "Wien",    "Zürich"};
static const char *const STATUSES[] = {"lead", "active", "customer", "inactive"};

#define PICK(list, h) ((list)[(h) % (sizeof(list) / sizeof *(list))])

double floor_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

double floor_cpu(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

uint64_t floor_random(void)
{
    static _Thread_local uint64_t state;
    state = state != 0 ? state : (uint64_t)(floor_now() * 1e9) | 1;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static uint64_t mix(uint64_t h)
{
    h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9u;
    h = (h ^ (h >> 27)) * 0x94d049bb133111ebu;
    return h ^ (h >> 31);
}

void floor_row(int64_t i, struct floor_row *r)
{
    uint64_t h = mix((uint64_t)i * 0x9e3779b97f4a7c15u), g = mix(h);
    r->id = i;
    r->owner = (int)(g % 50) + 1;
    snprintf(r->first, sizeof r->first, "%s", PICK(FIRST, h));
    snprintf(r->last, sizeof r->last, "%s-%c%c%c%04d", PICK(LAST, h >> 8),
             'A' + (int)((h >> 16) % 26), 'a' + (int)((h >> 21) % 26), 'a' + (int)((h >> 26) % 26),
             (int)((h >> 32) % 10000));
    snprintf(r->email, sizeof r->email, "u%lld.kontakt@firma%d.example", (long long)i,
             (int)((g >> 8) % 5000));
    snprintf(r->phone, sizeof r->phone, "+49 %03d %07d", (int)((g >> 20) % 900) + 100,
             (int)((g >> 30) % 10000000));
    snprintf(r->company, sizeof r->company, "%s %s GmbH", PICK(LAST, g >> 40),
             PICK(CITIES, g >> 44));
    snprintf(r->city, sizeof r->city, "%s", PICK(CITIES, g >> 48));
    snprintf(r->status, sizeof r->status, "%s", PICK(STATUSES, g >> 52));
    snprintf(r->at, sizeof r->at, "2024-%02d-%02dT%02d:%02d:%02dZ", (int)(h % 12) + 1,
             (int)((h >> 4) % 28) + 1, (int)((h >> 9) % 24), (int)((h >> 14) % 60),
             (int)((h >> 19) % 60));
}

void floor_bind(sqlite3_stmt *st, const struct floor_row *r)
{
    const char *const texts[] = {r->last, r->first, r->email, r->phone,
                                 r->company, r->city, "DE", r->status};
    if (r->id != 0) {
        sqlite3_bind_int64(st, 1, r->id);
    } else {
        sqlite3_bind_null(st, 1);
    }
    for (int i = 0; i < 8; i++) {
        sqlite3_bind_text(st, i + 2, texts[i], -1, SQLITE_STATIC);
    }
    sqlite3_bind_int(st, 10, r->owner);
    sqlite3_bind_text(st, 11, r->at, -1, SQLITE_STATIC);
    sqlite3_bind_text(st, 12, r->at, -1, SQLITE_STATIC);
}

void floor_fail(sqlite3 *db, const char *what)
{
    fprintf(stderr, "floor: %s: %s\n", what, db != NULL ? sqlite3_errmsg(db) : "failed");
    exit(1);
}

sqlite3 *floor_open(const char *path, const char *pragmas)
{
    sqlite3 *db = NULL;
    if (sqlite3_open_v2(path, &db,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                        NULL) != SQLITE_OK) {
        floor_fail(db, path);
    }
    sqlite3_busy_timeout(db, 10000);
    floor_run(db, "PRAGMA journal_mode=WAL; PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY;");
    floor_run(db, pragmas);
    return db;
}

void floor_run(sqlite3 *db, const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) {
        floor_fail(db, sql);
    }
}

sqlite3_stmt *floor_prepare(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *st = NULL;
    if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &st, NULL) != SQLITE_OK) {
        floor_fail(db, sql);
    }
    return st;
}

void floor_done(sqlite3 *db, sqlite3_stmt *st)
{
    int rc;
    while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
        continue;
    }
    if (rc != SQLITE_DONE) {
        floor_fail(db, sqlite3_sql(st));
    }
    sqlite3_reset(st);
}
