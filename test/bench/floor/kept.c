/*
 * Everything Kontor keeps of a new contact, written by plain prepared statements: the row with its
 * folded keys and seven indexes, counters, change-set and change row, entity of the id, e-mail and
 * phone as handles, words and parts for the search. The floor of a durable create.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "floor.h"

static const char TABLES[] =
    "CREATE TABLE IF NOT EXISTS counter(name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT,"
    " WITHOUT ROWID;"
    "INSERT OR IGNORE INTO counter VALUES('record', 0), ('change_set', 0);"
    "CREATE TABLE IF NOT EXISTS person(id INTEGER PRIMARY KEY, version INTEGER NOT NULL,"
    " created_cs INTEGER NOT NULL, created_at INTEGER NOT NULL, created_by INTEGER NOT NULL,"
    " updated_at INTEGER NOT NULL, updated_by INTEGER NOT NULL, deleted_at INTEGER,"
    " title TEXT NOT NULL, title_k TEXT NOT NULL, first_name TEXT, first_name_k TEXT,"
    " last_name TEXT, last_name_k TEXT, company INTEGER, emails TEXT, phones TEXT, city TEXT,"
    " city_k TEXT, country TEXT, country_k TEXT, owner INTEGER, team INTEGER) STRICT;"
    "CREATE INDEX IF NOT EXISTS p_title ON person(title_k) WHERE deleted_at IS NULL;"
    "CREATE INDEX IF NOT EXISTS p_trash ON person(deleted_at) WHERE deleted_at IS NOT NULL;"
    "CREATE INDEX IF NOT EXISTS p_first ON person(first_name_k, title_k)"
    " WHERE deleted_at IS NULL;"
    "CREATE INDEX IF NOT EXISTS p_last ON person(last_name_k, title_k) WHERE deleted_at IS NULL;"
    "CREATE INDEX IF NOT EXISTS p_company ON person(company, title_k) WHERE deleted_at IS NULL;"
    "CREATE INDEX IF NOT EXISTS p_city ON person(city_k, title_k) WHERE deleted_at IS NULL;"
    "CREATE INDEX IF NOT EXISTS p_country ON person(country_k, title_k)"
    " WHERE deleted_at IS NULL;"
    "CREATE INDEX IF NOT EXISTS p_owner ON person(owner, title_k) WHERE deleted_at IS NULL;"
    "CREATE INDEX IF NOT EXISTS p_team ON person(team, title_k) WHERE deleted_at IS NULL;"
    "CREATE TABLE IF NOT EXISTS company(id INTEGER PRIMARY KEY, title_k TEXT NOT NULL) STRICT;"
    "CREATE INDEX IF NOT EXISTS c_title ON company(title_k);"
    "CREATE TABLE IF NOT EXISTS change_set(id INTEGER PRIMARY KEY, at INTEGER NOT NULL,"
    " actor INTEGER NOT NULL, n INTEGER NOT NULL, hash BLOB NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS change(field INTEGER NOT NULL, record INTEGER NOT NULL,"
    " cs INTEGER NOT NULL, before ANY, salt BLOB, PRIMARY KEY(field, record, cs)) STRICT,"
    " WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS change_cs ON change(cs);"
    "CREATE TABLE IF NOT EXISTS doc(id INTEGER PRIMARY KEY, entity INTEGER NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS handle(kind INTEGER NOT NULL, value TEXT NOT NULL,"
    " record INTEGER NOT NULL, field INTEGER NOT NULL, entity INTEGER NOT NULL,"
    " PRIMARY KEY(kind, value, record, field)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS handle_record ON handle(record);"
    "CREATE VIRTUAL TABLE IF NOT EXISTS search_words USING fts5(words, digits, access, content='',"
    " contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='2 3');"
    "CREATE VIRTUAL TABLE IF NOT EXISTS search_parts USING fts5(text, content='',"
    " contentless_delete=1, tokenize='trigram', detail='none');";

enum statement {
    NEXT_RECORD, NEXT_SET, COMPANY, PERSON, SET, CHANGE, DOC, HANDLE, WORDS, PARTS, COUNT
};

static const char *const TEXTS[COUNT] = {
    [NEXT_RECORD] = "UPDATE counter SET value = value + 1 WHERE name = 'record' RETURNING value",
    [NEXT_SET] = "UPDATE counter SET value = value + 1 WHERE name = 'change_set' RETURNING value",
    [COMPANY] = "SELECT id FROM company WHERE title_k = ?1",
    [PERSON] = "INSERT INTO person(id, version, created_cs, created_at, created_by, updated_at,"
               " updated_by, title, title_k, first_name, first_name_k, last_name, last_name_k,"
               " emails, phones, city, city_k, country, country_k, owner, team, company)"
               " VALUES(?1, 1, ?2, ?3, 1, ?3, 1, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, 'DE',"
               " 'de', ?14, ?15, ?16)",
    [SET] = "INSERT INTO change_set VALUES(?1, ?2, 1, 1, zeroblob(32))",
    [CHANGE] = "INSERT INTO change VALUES(-13, ?1, ?2, NULL, zeroblob(16))",
    [DOC] = "INSERT INTO doc VALUES(?1, 3)",
    [HANDLE] = "INSERT INTO handle VALUES(?1, ?2, ?3, 33, 3)",
    [WORDS] = "INSERT INTO search_words(rowid, words, digits, access) VALUES(?1, ?2, ?3, ?4)",
    [PARTS] = "INSERT INTO search_parts(rowid, text) VALUES(?1, ?2)",
};

#define COMPANIES 20000

struct kept {
    sqlite3 *db;
    sqlite3_stmt *st[COUNT];
    bool companies; /* rows are linked to one */
};

struct kept *kept_open(sqlite3 *db)
{
    struct kept *k = calloc(1, sizeof *k);
    if (k == NULL) {
        floor_fail(NULL, "memory");
    }
    floor_run(db, TABLES);
    k->db = db;
    for (int i = 0; i < COUNT; i++) {
        k->st[i] = floor_prepare(db, TEXTS[i]);
    }
    return k;
}

void kept_close(struct kept *k)
{
    for (int i = 0; i < COUNT; i++) {
        sqlite3_finalize(k->st[i]);
    }
    free(k);
}

void kept_companies(struct kept *k)
{
    char sql[256];
    snprintf(sql, sizeof sql,
             "INSERT OR IGNORE INTO company WITH RECURSIVE n(i) AS"
             " (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
             " SELECT i + 1, 'company ' || (i * 7919 %% %d) FROM n",
             COMPANIES - 1, COMPANIES);
    floor_run(k->db, sql);
    k->companies = true;
}

/* The one row of a statement that gives a number. */
static int64_t next(struct kept *k, enum statement which)
{
    if (sqlite3_step(k->st[which]) != SQLITE_ROW) {
        floor_fail(k->db, TEXTS[which]);
    }
    int64_t value = sqlite3_column_int64(k->st[which], 0);
    floor_done(k->db, k->st[which]);
    return value;
}

static int64_t company_of(struct kept *k, const struct floor_row *r)
{
    char key[32];
    snprintf(key, sizeof key, "company %d", (int)((uint64_t)r->id * 7919 % COMPANIES));
    sqlite3_bind_text(k->st[COMPANY], 1, key, -1, SQLITE_STATIC);
    return next(k, COMPANY);
}

static void run_ints(struct kept *k, enum statement which, int64_t a, int64_t b)
{
    sqlite3_bind_int64(k->st[which], 1, a);
    if (sqlite3_bind_parameter_count(k->st[which]) > 1) {
        sqlite3_bind_int64(k->st[which], 2, b);
    }
    floor_done(k->db, k->st[which]);
}

static void lower(char *s)
{
    for (; *s != 0; s++) {
        *s = (char)tolower((unsigned char)*s);
    }
}

static void put_person(struct kept *k, const struct floor_row *r, int64_t id, int64_t set)
{
    char title[128], key[128], first[32], last[64], emails[192], phones[160], city[32];
    sqlite3_stmt *st = k->st[PERSON];
    snprintf(title, sizeof title, "%s %s", r->first, r->last);
    snprintf(key, sizeof key, "%s %s", r->last, r->first);
    snprintf(first, sizeof first, "%s", r->first);
    snprintf(last, sizeof last, "%s", r->last);
    snprintf(city, sizeof city, "%s", r->city);
    lower(key);
    lower(first);
    lower(last);
    lower(city);
    snprintf(emails, sizeof emails,
             "[{\"value\":\"%s\",\"label\":\"\",\"primary\":true,\"opt_out\":false}]", r->email);
    snprintf(phones, sizeof phones,
             "[{\"value\":\"%s\",\"label\":\"\",\"primary\":true,\"opt_out\":false}]", r->phone);
    const char *const texts[] = {title, key,    r->first, first,   r->last,
                                 last,  emails, phones,   r->city, city};
    sqlite3_bind_int64(st, 1, id);
    sqlite3_bind_int64(st, 2, set);
    sqlite3_bind_int64(st, 3, (int64_t)(floor_now() * 1e3));
    for (int i = 0; i < 10; i++) {
        sqlite3_bind_text(st, i + 4, texts[i], -1, SQLITE_STATIC);
    }
    sqlite3_bind_int64(st, 14, r->owner);
    sqlite3_bind_int64(st, 15, r->owner % 10);
    if (k->companies) {
        sqlite3_bind_int64(st, 16, company_of(k, r));
    }
    floor_done(k->db, st);
}

static void put_handle(struct kept *k, int kind, const char *value, int64_t id)
{
    sqlite3_bind_int(k->st[HANDLE], 1, kind);
    sqlite3_bind_text(k->st[HANDLE], 2, value, -1, SQLITE_STATIC);
    sqlite3_bind_int64(k->st[HANDLE], 3, id);
    floor_done(k->db, k->st[HANDLE]);
}

static void put_search(struct kept *k, const struct floor_row *r, const char *digits, int64_t id)
{
    char words[256], parts[256], access[64];
    snprintf(words, sizeof words, "%s %s %s", r->first, r->last, r->email);
    snprintf(parts, sizeof parts, "%s %s %s %s", r->first, r->last, r->email, digits);
    snprintf(access, sizeof access, "e3 o%d t%d", r->owner, r->owner % 10);
    lower(words);
    lower(parts);
    sqlite3_bind_int64(k->st[WORDS], 1, id);
    sqlite3_bind_text(k->st[WORDS], 2, words, -1, SQLITE_STATIC);
    sqlite3_bind_text(k->st[WORDS], 3, digits, -1, SQLITE_STATIC);
    sqlite3_bind_text(k->st[WORDS], 4, access, -1, SQLITE_STATIC);
    floor_done(k->db, k->st[WORDS]);
    sqlite3_bind_int64(k->st[PARTS], 1, id);
    sqlite3_bind_text(k->st[PARTS], 2, parts, -1, SQLITE_STATIC);
    floor_done(k->db, k->st[PARTS]);
}

void kept_insert(struct kept *k, const struct floor_row *r)
{
    char digits[32];
    size_t n = 0;
    for (const char *p = r->phone; *p != 0; p++) {
        if (isdigit((unsigned char)*p)) {
            digits[n++] = *p;
        }
    }
    digits[n] = 0;
    int64_t id = next(k, NEXT_RECORD), set = next(k, NEXT_SET);
    put_person(k, r, id, set);
    run_ints(k, CHANGE, id, set);
    run_ints(k, DOC, id, 0);
    put_handle(k, 1, r->email, id);
    put_handle(k, 2, digits, id);
    put_search(k, r, digits, id);
    run_ints(k, SET, set, (int64_t)(floor_now() * 1e3));
}
