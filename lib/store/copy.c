/*
 * Online copy: SQLite's backup in steps of 1,000 pages inside one read transaction of a connection
 * of its own. Without the transaction every commit elsewhere would start it anew. See copy.h.
 */
#include "store/copy.h"

#include "base/err.h"
#include "base/fs.h"
#include "store/db.h"

#define STEP_PAGES 1000

static int copy_pages(struct db *source, sqlite3 *target, const atomic_bool *stop, struct err *e)
{
    sqlite3_backup *b = sqlite3_backup_init(target, "main", source->handle, "main");
    if (!b) {
        return err_fail(e, ERR_INTERNAL, "", "The copy of the database cannot be begun.");
    }
    int rc = SQLITE_OK;
    while (rc == SQLITE_OK && !atomic_load(stop)) {
        rc = sqlite3_backup_step(b, STEP_PAGES);
    }
    sqlite3_backup_finish(b);
    if (rc == SQLITE_OK) {
        return err_fail(e, ERR_BUSY, "", "Kontor is stopping; the copy of the database was given up.");
    }
    if (rc == SQLITE_FULL) {
        return err_fail(e, ERR_FULL, "", "The disk is full; the copy of the database failed.");
    }
    if (rc != SQLITE_DONE) {
        return err_fail(e, ERR_INTERNAL, "", "The copy of the database failed: %s.",
                        sqlite3_errstr(rc));
    }
    /* The copy was in WAL mode like its source; in this mode it is complete in one file. */
    if (sqlite3_exec(target, "PRAGMA journal_mode=DELETE", NULL, NULL, NULL) != SQLITE_OK) {
        return err_fail(e, ERR_INTERNAL, "", "The copy of the database cannot be closed.");
    }
    return 0;
}

/* Both files lie in the data directory, whose disk everybody works on. */
static int check_room(struct db *source, const char *from, struct err *e)
{
    int64_t pages = 0, size = 0;
    if (db_get_int(source, "PRAGMA page_count", NULL, 0, 0, &pages, e) != 0 ||
        db_get_int(source, "PRAGMA page_size", NULL, 0, 0, &size, e) != 0) {
        return -1;
    }
    return fs_leaves_room(from, (uint64_t)(pages * size))
               ? 0
               : err_fail(e, ERR_FULL, "",
                          "The disk has no room for a copy of the database (%lld MB).",
                          (long long)(pages * size >> 20));
}

int copy_database(const char *from, const char *to, const atomic_bool *stop, struct err *e)
{
    struct db *source = db_open(NULL, from, false, e);
    if (!source) {
        return -1;
    }
    sqlite3 *target = NULL;
    int rc = sqlite3_open_v2(
        to, &target, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
    int64_t any = 0;
    if (rc != SQLITE_OK) {
        rc = err_fail(e, ERR_INTERNAL, "", "The copy of the database cannot be made.");
    } else if (db_read_begin(source, e) != 0 ||
               db_get_int(source, "SELECT count(*) FROM counter", NULL, 0, 0, &any, e) != 0 ||
               check_room(source, from, e) != 0) {
        rc = -1;
    } else {
        rc = copy_pages(source, target, stop, e);
        db_read_end(source);
    }
    sqlite3_close_v2(target);
    db_close(source);
    return rc;
}
