/* Changes of stage and pipeline; see stages.h. Two walks over the key of `change`, merged by SQLite. */
#include "store/stages.h"

#include "store/change_private.h"
#include "store/db.h"

#define ONE                                                                                      \
    "SELECT c.record r, c.cs s, t.at, t.parent, coalesce(t.undo_of, p.undo_of), c.field, c.before" \
    " FROM change c CROSS JOIN change_set t ON t.id = c.cs"                                      \
    " LEFT JOIN change_set p ON p.id = t.parent WHERE c.field = "

static const char ALL[] = ONE "?1 UNION ALL " ONE "?2 ORDER BY 1, 2";
static const char RECORD[] =
    ONE "?1 AND c.record = ?3 UNION ALL " ONE "?2 AND c.record = ?3 ORDER BY 1, 2";

static void read_change(sqlite3_stmt *st, int64_t pipeline, struct stage_change *out)
{
    *out = (struct stage_change){.record = sqlite3_column_int64(st, 0),
                                 .set = sqlite3_column_int64(st, 1),
                                 .at_ms = sqlite3_column_int64(st, 2),
                                 .parent = sqlite3_column_int64(st, 3),
                                 .undo_of = sqlite3_column_int64(st, 4),
                                 .pipeline = sqlite3_column_int64(st, 5) == pipeline,
                                 .before = (const char *)sqlite3_column_text(st, 6)};
}

int stages_read(struct db *db, const struct entity *e, int64_t record, stage_change_function take,
                void *data, struct err *err)
{
    int64_t pipeline = e->pipeline->columns[0].id;
    sqlite3_stmt *st = stmt_get(db, record != 0 ? RECORD : ALL, err);
    if (st == NULL) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, e->stage->columns[0].id);
    sqlite3_bind_int64(st, 2, pipeline);
    if (record != 0) {
        sqlite3_bind_int64(st, 3, record);
    }
    int rc = 0, ended = 0;
    while (ended == 0 && (rc = stmt_step(db, st, err)) == 1) {
        struct stage_change change;
        read_change(st, pipeline, &change);
        ended = take(data, &change);
    }
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}
