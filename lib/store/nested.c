/* Savepoints inside a running write; see nested.h. They may nest: a name in SQLite means the newest
 * savepoint of it. */
#include "store/nested.h"

#include "store/db.h"

int db_nested(struct db *db, struct change_set *cs, int (*run)(void *data), void *data, bool *gone,
              struct err *e)
{
    *gone = true;
    if (db_run(db, "SAVEPOINT nested", e) != 0) {
        return -1;
    }
    struct change_set before = *cs;
    size_t events = db->event_count;
    size_t search = db->search_count;
    int rc = run(data);
    if (rc != 0) {
        struct err undo = {0};
        change_rewind(cs, &before);
        db->event_count = events;
        db->search_count = search;
        if (sqlite3_get_autocommit(db->handle) != 0 ||
            db_run(db, "ROLLBACK TO nested", &undo) != 0 ||
            db_run(db, "RELEASE nested", &undo) != 0) {
            return -1;
        }
        *gone = false;
        return -1;
    }
    if (db_run(db, "RELEASE nested", e) != 0) {
        return -1;
    }
    *gone = false;
    return 0;
}
