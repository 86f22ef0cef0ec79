/*
 * Opening and closing the store, private snapshots; see store.h. The writer thread is writer.c, the
 * pool of readers readers.c.
 */
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/embed.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/str.h"
#include "model/model.h"
#include "store/copy.h"
#include "store/restore.h"
#include "store/store_private.h"

#define COPIES_MAX    2       /* private copies at a time: each is as large as the database */
#define SQLITE_OLDEST 3051003 /* older ones have the WAL-reset bug */

/* File systems whose locks and memory maps cannot be trusted: NFS, SMB, CIFS, SMB2, Novell, AFS,
 * Coda. */
static const unsigned long NETWORK_FS[] = {0x6969, 0x517b,     0xff534d42, 0xfe534d42,
                                           0x564c, 0x5346414f, 0x73757245};

static char *join(const char *dir, const char *name)
{
    size_t size = strlen(dir) + strlen(name) + 2;
    char *path = memory_take(size);
    snprintf(path, size, "%s/%s", dir, name);
    return path;
}

static int refuse_network_fs(const char *dir, struct err *e)
{
    struct statfs fs;
    if (statfs(dir, &fs) != 0) {
        return 0;
    }
    for (size_t i = 0; i < COUNT(NETWORK_FS); i++) {
        if ((unsigned long)fs.f_type == NETWORK_FS[i]) {
            return err_fail(e, ERR_INVALID, "",
                            "The data directory is on a network file system; "
                            "it has to be on a local disk.");
        }
    }
    return 0;
}

/* ---- fixed tables ---------------------------------------------------------------------------- */

static int run_embedded(struct db *db, const char *path, struct err *e)
{
    const struct embed_file *f = embed_find(path);
    if (!f) {
        return err_fail(e, ERR_INTERNAL, "", "This program lacks %s.", path);
    }
    char *text = memory_take(f->raw_size + 1);
    memcpy(text, f->raw, f->raw_size);
    text[f->raw_size] = '\0';
    int rc = db_run_script(db, text, e);
    free(text);
    return rc;
}

static int set_version(struct db *db, struct err *e)
{
    char sql[96];
    snprintf(sql, sizeof(sql), "PRAGMA application_id=%d; PRAGMA user_version=%d", APPLICATION_ID,
             SCHEMA_VERSION);
    return db_run_script(db, sql, e);
}

static int run_migrations(struct db *db, int64_t have, struct err *e)
{
    for (int64_t next = have + 1; next <= SCHEMA_VERSION; next++) {
        char path[64];
        snprintf(path, sizeof(path), "schema/migrations/%03lld.sql", (long long)next);
        if (run_embedded(db, path, e) != 0) {
            return -1;
        }
    }
    return 0;
}

/* Makes the fixed tables on a new database, runs the missing migrations on an old one; all or
 * nothing. */
static int upgrade_tables(struct db *db, bool create, struct err *e)
{
    int64_t version = 0;
    int64_t application = 0;
    int64_t tables = 0;
    if (db_get_int(db, "PRAGMA user_version", NULL, 0, 0, &version, e) != 0 ||
        db_get_int(db, "PRAGMA application_id", NULL, 0, 0, &application, e) != 0 ||
        db_get_int(db, "SELECT count(*) FROM sqlite_schema", NULL, 0, 0, &tables, e) != 0) {
        return -1;
    }
    if (tables == 0 && !create) {
        return err_fail(e, ERR_NOT_FOUND, "", "There is no database yet; run kontor init.");
    }
    if (tables > 0 && application != APPLICATION_ID) {
        return err_fail(e, ERR_INVALID, "", "kontor.db is not a database of Kontor.");
    }
    if (version > SCHEMA_VERSION) {
        return err_fail(e, ERR_INVALID, "", "The database was made by a newer Kontor.");
    }
    if (version == SCHEMA_VERSION) {
        return 0;
    }
    if (db_run(db, "BEGIN IMMEDIATE", e) != 0) {
        return -1;
    }
    int rc =
        tables == 0 ? run_embedded(db, "schema/system.sql", e) : run_migrations(db, version, e);
    if (rc == 0) {
        rc = set_version(db, e);
    }
    if (rc == 0) {
        return db_run(db, "COMMIT", e);
    }
    struct err ignored = {0};
    db_run(db, "ROLLBACK", &ignored);
    return -1;
}

/* ---- open and close -------------------------------------------------------------------------- */

static struct store *store_new(const char *dir, const char *file, int readers)
{
    struct store *s = memory_take(sizeof(*s));
    memset(s, 0, sizeof(*s));
    s->dir = join(dir, "");
    s->dir[strlen(s->dir) - 1] = '\0';
    s->path = join(dir, file);
    s->lock_fd = -1;
    pthread_mutex_init(&s->lock, NULL);
    readers_begin(&s->pool, readers > 0 ? (size_t)readers : 0);
    pthread_mutex_init(&s->model_lock, NULL);
    pthread_cond_init(&s->model_set, NULL);
    return s;
}

static void store_free(struct store *s)
{
    readers_end(&s->pool);
    db_close(s->writer);
    if (s->lock_fd >= 0) {
        close(s->lock_fd);
    }
    pthread_mutex_destroy(&s->lock);
    pthread_mutex_destroy(&s->model_lock);
    pthread_cond_destroy(&s->model_set);
    if (s->model) {
        model_release(s->model);
    }
    free(s->dir);
    free(s->path);
    free(s);
}

/* What a process that was killed left of its copies. */
static void clear_tmp(const struct store *s)
{
    static const char *const OURS[] = {"snapshot-", "backup-", "verify-"};
    struct arena a;
    struct err ignored = {0};
    const char **names = NULL;
    size_t count = 0;
    arena_init(&a);
    const char *tmp = fs_join(&a, s->dir, "tmp");
    if (fs_list(&a, tmp, "", &names, &count, &ignored) == 0) {
        for (size_t i = 0; i < count; i++) {
            for (size_t k = 0; k < COUNT(OURS); k++) {
                if (str_starts(names[i], OURS[k])) {
                    unlink(fs_join(&a, tmp, names[i]));
                }
            }
        }
    }
    arena_done(&a);
}

static int open_writer(struct store *s, bool create, struct err *e)
{
    s->writer = db_open(s, s->path, true, e);
    if (!s->writer || upgrade_tables(s->writer, create, e) != 0) {
        return -1;
    }
    return writer_start(s, e);
}

/* SQLite says only that it cannot open a file; and what it may read, but not write, fails later. */
static int check_rights(const char *dir, struct err *e)
{
    static const char *const FILES[] = {"kontor.lock", "kontor.db", "kontor.db-wal",
                                        "kontor.db-shm"};
    int rc = fs_check_rights(dir, e);
    for (size_t i = 0; rc == 0 && i < COUNT(FILES); i++) {
        char *file = join(dir, FILES[i]);
        rc = fs_check_rights(file, e);
        free(file);
    }
    return rc;
}

int store_open(const struct store_options *options, struct store **out, struct err *e)
{
    if (sqlite3_libversion_number() < SQLITE_OLDEST) {
        return err_fail(e, ERR_INTERNAL, "", "SQLite %s is too old; 3.51.3 is needed.",
                        sqlite3_libversion());
    }
    if (options->create ? fs_make_dirs(options->dir, e) != 0 : !fs_is_dir(options->dir)) {
        return err_fail(e, ERR_NOT_FOUND, "", "There is no data directory %s; run kontor init.",
                        options->dir);
    }
    if (refuse_network_fs(options->dir, e) != 0 || check_rights(options->dir, e) != 0) {
        return -1;
    }
    struct store *s = store_new(options->dir, "kontor.db", options->readers);
    s->hooks = options->hooks;
    char *lock = join(options->dir, "kontor.lock");
    s->lock_fd = fs_lock(lock, e);
    free(lock);
    if (s->lock_fd >= 0 && restore_resume(options->dir, e) != 0) {
        store_free(s);
        return -1;
    }
    if (s->lock_fd < 0 || (!options->create && !fs_exists(s->path))) {
        err_fail(e, ERR_NOT_FOUND, "", "There is no installation in %s; run kontor init.",
                 options->dir);
        store_free(s);
        return -1;
    }
    if (open_writer(s, options->create, e) != 0) {
        store_free(s);
        return -1;
    }
    clear_tmp(s);
    *out = s;
    return 0;
}

static void remove_files(const char *path)
{
    static const char *const SUFFIXES[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < COUNT(SUFFIXES); i++) {
        char *file = memory_take(strlen(path) + 16);
        snprintf(file, strlen(path) + 16, "%s%s", path, SUFFIXES[i]);
        unlink(file);
        free(file);
    }
}

void store_close(struct store *s)
{
    if (!s) {
        return;
    }
    writer_stop(s);
    char *path = s->snapshot ? s->path : NULL;
    if (s->origin) {
        atomic_fetch_sub(&s->origin->copies, 1);
    }
    s->path = s->snapshot ? NULL : s->path;
    store_free(s);
    if (path) {
        remove_files(path);
        free(path);
    }
}

int store_snapshot(struct store *s, struct store **out, struct err *e)
{
    static atomic_int number;
    if (atomic_fetch_add(&s->copies, 1) >= COPIES_MAX) {
        atomic_fetch_sub(&s->copies, 1);
        return err_fail(e, ERR_BUSY, "", "Other trials of large changes are running; try again.");
    }
    char *tmp = join(s->dir, "tmp");
    int rc = fs_make_dirs(tmp, e);
    char name[64];
    snprintf(name, sizeof(name), "snapshot-%ld-%d.db", (long)getpid(),
             atomic_fetch_add(&number, 1));
    struct store *copy = store_new(tmp, name, 0);
    free(tmp);
    copy->snapshot = true;
    copy->origin = s;
    if (rc != 0 || copy_database(s->path, copy->path, &s->ending, e) != 0 || open_writer(copy, false, e) != 0 ||
        db_run(copy->writer, "PRAGMA synchronous=OFF", e) != 0) {
        store_close(copy);
        return -1;
    }
    *out = copy;
    return 0;
}

/* ---- state ----------------------------------------------------------------------------------- */

void store_hang(struct store *s, const void *hooks)
{
    s->hung = hooks;
}

const void *store_hung(const struct store *s)
{
    return s->origin != NULL ? store_hung(s->origin) : s->hung;
}

const char *store_dir(const struct store *s)
{
    return s->dir;
}

void store_end_soon(struct store *s)
{
    atomic_store(&s->ending, true);
}

bool store_ends_soon(const struct store *s)
{
    return atomic_load(&s->ending) || (s->origin != NULL && store_ends_soon(s->origin));
}

bool store_is_fatal(const struct store *s)
{
    return atomic_load(&s->fatal);
}

bool store_is_full(const struct store *s)
{
    return atomic_load(&s->full);
}

void store_set_fatal(struct store *s)
{
    if (!atomic_exchange(&s->fatal, true)) {
        log_error("the database failed: no more reads and writes");
        if (s->hooks.on_fatal) {
            s->hooks.on_fatal(s->hooks.data);
        }
    }
}

void store_figures(struct store *s, struct store_figures *out)
{
    struct stat file;
    *out = (struct store_figures){.commands = atomic_load(&s->commands),
                                  .groups = atomic_load(&s->groups),
                                  .dry_runs = atomic_load(&s->dry_runs),
                                  .retries = atomic_load(&s->retries),
                                  .slice_ms = atomic_load(&s->slice_work_ms),
                                  .rollups = atomic_load(&s->rollups),
                                  .wal_bytes = atomic_load(&s->wal_bytes),
                                  .database_bytes = stat(s->path, &file) == 0 ? file.st_size : 0};
    struct db *db = store_reader_take(s, 0);
    struct err ignored = {0};
    if (db) {
        db_get_int(db, "SELECT value FROM counter WHERE name = 'change_set'", NULL, 0, 0,
                   &out->change_sets, &ignored);
        store_reader_give(s, db);
    }
}
