/*
 * Connections: opening with our settings, small statements, errors. See db.h.
 *
 * Every connection is defensive, knows no extensions and never checkpoints by itself. Readers are
 * read-only three times over: by how the file is opened, by query_only and by an authorizer that
 * lets through SELECT, functions and the one pragma FTS5 needs. A reader's progress handler ends
 * what takes longer than its deadline; the writer has none.
 */
#include "store/db.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/str.h"
#include "model/model.h"
#include "store/sql_functions.h"
#include "store/stmt_cache.h"
#include "store/store_private.h"

#define PROGRESS_STEPS  1000
#define BUSY_TIMEOUT_MS 5000

/* Settings of all connections, then what is different for the two kinds. */
static const char COMMON[] =
    "PRAGMA trusted_schema=OFF; PRAGMA foreign_keys=ON; PRAGMA mmap_size=0;"
    "PRAGMA temp_store=MEMORY; PRAGMA wal_autocheckpoint=0;";
static const char WRITER[] =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;"
    "PRAGMA cache_size=-65536;";
static const char READER[] = "PRAGMA cache_size=-49152; PRAGMA query_only=ON;";

static const struct {
    int limit, value;
} LIMITS[] = {
    {SQLITE_LIMIT_SQL_LENGTH, 512 * 1024}, {SQLITE_LIMIT_ATTACHED, 0},
    {SQLITE_LIMIT_COMPOUND_SELECT, 60},    {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1000},
    {SQLITE_LIMIT_TRIGGER_DEPTH, 10},      {SQLITE_LIMIT_WORKER_THREADS, 0},
};

int64_t pseudo_field(int64_t entity_id, enum pseudo p)
{
    return -(PSEUDO_COUNT * entity_id + (int64_t)p);
}

/* What a reader may ask the file about itself; to set it is denied. */
static bool asks_figure(const char *pragma, const char *value)
{
    static const char *const FIGURES[] = {"data_version", "page_count", "page_size"};
    bool found = false;
    for (size_t i = 0; pragma && !value && i < COUNT(FIGURES); i++) {
        found = found || sqlite3_stricmp(pragma, FIGURES[i]) == 0;
    }
    return found;
}

static int authorize_reader(void *data, int action, const char *a, const char *b, const char *c,
                            const char *d)
{
    (void)data;
    (void)c;
    (void)d;
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_FUNCTION:
    case SQLITE_RECURSIVE:
    case SQLITE_TRANSACTION:
        return SQLITE_OK;
    case SQLITE_PRAGMA:
        return asks_figure(a, b) ? SQLITE_OK : SQLITE_DENY;
    default:
        return SQLITE_DENY;
    }
}

static int past_deadline(void *data)
{
    const struct db *db = data;
    return db->deadline_ms != 0 && clock_monotonic_ms() > db->deadline_ms;
}

static int configure(struct db *db, struct err *e)
{
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_busy_timeout(db->handle, BUSY_TIMEOUT_MS);
    for (size_t i = 0; i < COUNT(LIMITS); i++) {
        sqlite3_limit(db->handle, LIMITS[i].limit, LIMITS[i].value);
    }
    if (query_register(db->handle) != 0) {
        return db_fail(db, e);
    }
    if (db_run_script(db, COMMON, e) != 0 ||
        db_run_script(db, db->writer ? WRITER : READER, e) != 0) {
        return -1;
    }
    if (!db->writer) {
        sqlite3_set_authorizer(db->handle, authorize_reader, NULL);
        sqlite3_progress_handler(db->handle, PROGRESS_STEPS, past_deadline, db);
    }
    return 0;
}

static char *copy_text(const char *s)
{
    size_t size = strlen(s) + 1;
    return memcpy(memory_take(size), s, size);
}

struct db *db_open(struct store *store, const char *path, bool writer, struct err *e)
{
    struct db *db = memory_take(sizeof(*db));
    *db = (struct db){.store = store, .writer = writer, .path = copy_text(path)};
    arena_init(&db->group);
    db->statements = stmt_cache_new();
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                (writer ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY);
    if (sqlite3_open_v2(path, &db->handle, flags, NULL) != SQLITE_OK) {
        db_fail(db, e);
        db_close(db);
        return NULL;
    }
    if (writer) {
        chmod(path,
              S_IRUSR | S_IWUSR); /* by name: SQLite's own descriptors must stay the only ones */
    }
    if (configure(db, e) != 0) {
        db_close(db);
        return NULL;
    }
    return db;
}

void db_close(struct db *db)
{
    if (!db) {
        return;
    }
    stmt_cache_free(db->statements);
    sqlite3_close_v2(db->handle);
    arena_done(&db->group);
    buf_done(&db->text);
    free(db->events);
    free(db->search);
    free(db->path);
    free(db);
}

int64_t db_commit_count(const struct db *db)
{
    return db->store ? atomic_load(&db->store->commits) : 0;
}

/* What an error of SQLite means for the caller; the first row whose code fits. */
static const struct {
    int code; /* primary or extended result code */
    enum err_code err;
    const char *text;
    bool fatal; /* the file can no longer be trusted */
} FAILURES[] = {
    {SQLITE_FULL, ERR_FULL, "The disk is full; nothing was saved.", false},
    {SQLITE_BUSY, ERR_BUSY, "The database is in use by another program.", false},
    {SQLITE_LOCKED, ERR_BUSY, "The database is in use by another program.", false},
    {SQLITE_INTERRUPT, ERR_BUSY, "This takes too long.", false},
    {SQLITE_CONSTRAINT_UNIQUE, ERR_CONFLICT, "This exists already.", false},
    {SQLITE_CONSTRAINT_PRIMARYKEY, ERR_CONFLICT, "This exists already.", false},
    {SQLITE_TOOBIG, ERR_TOO_LARGE, "A value is too large.", false},
    {SQLITE_IOERR, ERR_BUSY, "The database cannot be read or written.", true},
    {SQLITE_CORRUPT, ERR_BUSY, "The database is damaged.", true},
    {SQLITE_NOTADB, ERR_BUSY, "The file is not a database.", true},
};

int db_fail(struct db *db, struct err *e)
{
    int code = sqlite3_extended_errcode(db->handle);
    for (size_t i = 0; i < COUNT(FAILURES); i++) {
        if (FAILURES[i].code != code && FAILURES[i].code != (code & 0xff)) {
            continue;
        }
        if (FAILURES[i].fatal) {
            log_error("database: %s (%d)", sqlite3_errmsg(db->handle), code);
            if (db->store) {
                store_set_fatal(db->store);
            }
        }
        return err_fail(e, FAILURES[i].err, "", "%s", FAILURES[i].text);
    }
    log_error("database: %s (%d)", sqlite3_errmsg(db->handle), code);
    return err_fail(e, ERR_INTERNAL, "", "Something went wrong in the database.");
}

/* The field behind "UNIQUE constraint failed: e_company.name_k": its name in the model, NULL if it
 * is none. */
static const struct field *field_of_clash(const struct entity *entity, const char *message)
{
    const char *dot = strrchr(message, '.');
    if (!dot) {
        return NULL;
    }
    for (size_t i = 0; i < entity->column_count; i++) {
        const struct column *c = entity->columns[i];
        size_t n = strlen(c->name);
        if (strncmp(dot + 1, c->name, n) == 0 &&
            (dot[1 + n] == '\0' || str_eq(dot + 1 + n, "_k"))) {
            return c->field;
        }
    }
    return NULL;
}

int stmt_step_unique(struct db *db, sqlite3_stmt *st, const struct entity *entity, struct err *e)
{
    int rc = sqlite3_step(st);
    if (rc == SQLITE_ROW || rc == SQLITE_DONE) {
        return rc == SQLITE_ROW ? 1 : 0;
    }
    const struct field *f = NULL;
    if (rc == SQLITE_CONSTRAINT_UNIQUE) {
        f = field_of_clash(entity, sqlite3_errmsg(db->handle));
    }
    if (!f) {
        return db_fail(db, e);
    }
    char where[160];
    snprintf(where, sizeof(where), "%s.%s", entity->name, f->name);
    return err_fail(e, ERR_CONFLICT, where, "Another %s has this %s already.", entity->label,
                    f->label);
}

int db_run_script(struct db *db, const char *sql, struct err *e)
{
    return sqlite3_exec(db->handle, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : db_fail(db, e);
}

int db_run(struct db *db, const char *sql, struct err *e)
{
    return db_run_ints(db, sql, NULL, 0, e);
}

static sqlite3_stmt *get_with_ints(struct db *db, const char *sql, const int64_t *values,
                                   size_t count, struct err *e)
{
    sqlite3_stmt *st = stmt_get(db, sql, e);
    for (size_t i = 0; st && i < count; i++) {
        sqlite3_bind_int64(st, (int)i + 1, values[i]);
    }
    return st;
}

int db_run_ints(struct db *db, const char *sql, const int64_t *values, size_t count, struct err *e)
{
    sqlite3_stmt *st = get_with_ints(db, sql, values, count, e);
    if (!st) {
        return -1;
    }
    int rc = stmt_step(db, st, e);
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

int db_get_int(struct db *db, const char *sql, const int64_t *values, size_t count, int64_t missing,
               int64_t *out, struct err *e)
{
    sqlite3_stmt *st = get_with_ints(db, sql, values, count, e);
    if (!st) {
        return -1;
    }
    int rc = stmt_step(db, st, e);
    if (rc >= 0) {
        *out = rc == 1 ? sqlite3_column_int64(st, 0) : missing;
    }
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

int db_counter(struct db *db, const char *counter, int64_t *out, struct err *e)
{
    sqlite3_stmt *st = stmt_get(db, "SELECT value FROM counter WHERE name = ?1", e);
    if (!st) {
        return -1;
    }
    stmt_bind_text(st, 1, counter);
    int rc = stmt_step(db, st, e);
    int64_t value = rc == 1 ? sqlite3_column_int64(st, 0) : 0;
    stmt_done(st);
    if (rc == 0) {
        return err_fail(e, ERR_INTERNAL, "", "There is no counter %s.", counter);
    }
    if (rc == 1) {
        *out = value;
    }
    return rc == 1 ? 0 : -1;
}

/* Two statements: UPDATE … RETURNING would copy every page it touches into a statement journal. */
int db_next(struct db *db, const char *counter, int64_t *out, struct err *e)
{
    sqlite3_stmt *st = stmt_get(db, "UPDATE counter SET value = value + 1 WHERE name = ?1", e);
    if (!st) {
        return -1;
    }
    stmt_bind_text(st, 1, counter);
    int rc = stmt_step(db, st, e);
    stmt_done(st);
    return rc < 0 ? -1 : db_counter(db, counter, out, e);
}

int db_read_begin(struct db *db, struct err *e)
{
    return db->writer ? 0 : db_run(db, "BEGIN", e);
}

void db_read_end(struct db *db)
{
    struct err ignored = {0};
    if (!db->writer && sqlite3_get_autocommit(db->handle) == 0) {
        db_run(db, "COMMIT", &ignored);
    }
}

void db_limit_ms(struct db *db, int ms)
{
    db->deadline_ms = clock_monotonic_ms() + ms;
}

void db_emit(struct db *db, const struct event *event)
{
    if (db->event_count == db->event_room) {
        db->event_room = db->event_room ? 2 * db->event_room : 64;
        db->events = memory_resize(db->events, db->event_room * sizeof(*db->events));
    }
    db->events[db->event_count++] = *event;
}

size_t db_event_count(const struct db *db)
{
    return db->event_count;
}

const struct event *db_event(const struct db *db, size_t i)
{
    return &db->events[i];
}
