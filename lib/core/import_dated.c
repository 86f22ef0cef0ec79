/*
 * Imports whose rows bear dates (--at), for first loads: when a row is of, and whether the load may
 * begin. Its change-sets are dated by the rows, so it can only follow what is older; while it runs
 * nothing else is changed (store/change.h), and two such loads go one after the other. Of an import
 * that was undone nothing lasts: another may begin before it.
 *
 * Corrected rows of an earlier load (a rejects file) lie before the newest change for the most
 * part. They are taken all the same: the records bear their dates, history has them behind what is
 * there.
 */
#include <string.h>

#include "base/clock.h"
#include "core/import_job.h"

static bool read_instant(const struct import_column *column, const char *text, int64_t *out)
{
    char instant[NUMBER_INSTANT_SIZE];
    return clock_parse_instant(text, out) == 0 ||
           (number_parse_instant(text, column->order, instant) == 0 &&
            clock_parse_instant(instant, out) == 0);
}

/* Later than now, but not than today: as if now. */
static bool is_over(const struct ctx *c, int64_t *at)
{
    char day[CLOCK_DATE_SIZE], today[CLOCK_DATE_SIZE];
    if (*at <= c->now_ms) {
        return true;
    }
    clock_date_of(*at, day);
    clock_date_of(c->now_ms, today);
    *at = c->now_ms;
    return strcmp(day, today) == 0;
}

int import_date_of(struct ctx *c, struct arena *a, const struct import_job *j,
                   const struct import_plan *plan, const struct import_row *row, int64_t *out)
{
    const struct import_column *column = &plan->columns[plan->at];
    const char *text = row->cells[plan->at], *why = "is not a date.";
    if (read_instant(column, text, out)) {
        if (is_over(c, out)) {
            return 0;
        }
        why = "lies in the future; history cannot begin there.";
    }
    return err_add(&c->err, a, ERR_INVALID,
                   table_where(a, j->file.kind, j->request.file_name, j->file.sheet, row->line),
                   "“%.60s” in the column “%s” %s", text, column->header, why);
}

static int refuse_old(struct ctx *c, const struct import_job *j, int64_t newest)
{
    char row[CLOCK_INSTANT_SIZE], last[CLOCK_INSTANT_SIZE];
    clock_print_instant(j->oldest, row);
    clock_print_instant(newest, last);
    return err_add(&c->err, c->arena, ERR_INVALID, j->request.file_name,
                   "The oldest row is of %s, but there are changes of %s already; time cannot run "
                   "backwards. Import the file without --at (its own columns may fill won_at, lost_at "
                   "and stage_since), or undo the import that is in the way if nothing was changed "
                   "after it.",
                   row, last);
}

/* The moment from which on the load is dated; j->first. */
static int find_first(struct ctx *c, struct db *db, struct import_job *j)
{
    int64_t newest = 0;
    bool again = import_file_is_rejects(&j->file);
    int rc = again ? change_newest(db, &newest, &c->err)
                   : change_newest_lasting(db, &newest, &c->err);
    if (rc == 0 && !again && j->oldest < newest) {
        rc = refuse_old(c, j, newest);
    }
    j->first = j->oldest < newest ? newest : j->oldest;
    return rc;
}

int import_check_oldest(struct ctx *c, struct import_job *j)
{
    struct db *db = ctx_db(c);
    return db == NULL ? -1 : find_first(c, db, j);
}

/* Nobody else is at work: one more dated load, or a long write that began before. */
int import_may_load(struct ctx *c, int64_t own)
{
    struct db *db = ctx_db(c);
    int64_t load = 0, other = 0;
    if (db == NULL || jobs_first_load(db, own, &load, &c->err) != 0 ||
        jobs_unfinished(db, own, &other, &c->err) != 0) {
        return -1;
    }
    if (load != 0) {
        return ctx_fail(c, ERR_BUSY, "",
                        "Another first load with dates (import %lld) is running; try again when it "
                        "is over.",
                        (long long)load);
    }
    return other == 0 ? 0
                      : ctx_fail(c, ERR_BUSY, "",
                                 "A large change is still being made (job %lld); try again when it "
                                 "is over.",
                                 (long long)other);
}

int import_dated_ready(struct ctx *c, void *import_job)
{
    struct import_job *j = import_job;
    struct import_position p;
    if ((!j->request.dry_run && import_may_load(c, j->job.id) != 0) ||
        find_first(c, c->db, j) != 0 || import_position_parse(c, j, &p) != 0) {
        return -1;
    }
    p.last_at = j->first;
    j->job.position = import_position_print(c, &p);
    return import_job_ready(c, &j->job);
}

bool import_waits(struct ctx *c, const struct import_job *j)
{
    struct db *db = ctx_db(c);
    int64_t load = 0;
    bool waits = db != NULL && jobs_first_load(db, j->job.id, &load, &c->err) == 0 && load != 0;
    err_clear(&c->err); /* then the slice fails by itself */
    ctx_release(c);
    return waits;
}
