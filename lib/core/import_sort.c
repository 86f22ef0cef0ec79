/*
 * The order in which the rows of an import are written. Dated rows go by their date, for time does
 * not run backwards. Other rows of a large file go by their title's sort key, when nothing depends
 * on the order (import_depend.c): every index of a list ends with that key, so that rows which come
 * in its order touch pages they have just touched, and far fewer pages go through the log. All else
 * keeps the order of the file. See import_job.h.
 */
#include <string.h>

#include "base/str.h"
#include "core/import_job.h"

#define SORT_ROWS_MIN 1000    /* the ids of fewer rows follow the file, as people see them there */
#define SORT_ROWS_MAX 1000000 /* more would take too much memory at once */
#define WRONG_DATES_MAX 20    /* told at once */

/* Reads the whole file once more: `look` is told each row and says what it is sorted by. */
struct reading {
    struct import_job *j;
    const struct import_plan *plan;
    struct import_sorter *sorter;
    size_t count;
    int64_t oldest; /* the least key */
    size_t wrong;   /* dates that cannot be taken; c->err tells which */
    struct import_marks marks;
    struct arena *own; /* c->arena is that of the row */
    int (*look)(struct ctx *c, struct reading *r, const struct import_row *row, int64_t *key);
};

static int take_row(struct ctx *c, struct reading *r, const struct import_row *row)
{
    struct import_list_entry entry = {.offset = (int64_t)row->offset, .line = (int64_t)row->line};
    if (r->look(c, r, row, &entry.at_ms) != 0) {
        return -1;
    }
    r->oldest = r->count == 0 || entry.at_ms < r->oldest ? entry.at_ms : r->oldest;
    r->count++;
    return import_sorter_add(r->sorter, &entry, &c->err);
}

static int read_rows(struct ctx *c, struct reading *r, struct import_reader *file)
{
    struct import_job *j = r->j;
    struct import_row row;
    struct arena rows, *own = r->own = c->arena;
    int rc = 0, got = 0;
    arena_init(&rows);
    do {
        arena_reset(&rows); /* one row at a time, however long the file */
        c->arena = &rows;
        got = r->count == 0
                  ? import_reader_at(file, c, j->file.data_offset, j->file.data_line, &row)
                  : import_reader_next(file, c, &row);
        if (got == 1 && r->count < j->file.rows) {
            rc = take_row(c, r, &row);
        }
        c->arena = own;
    } while (rc == 0 && got == 1 && r->count < j->file.rows);
    arena_done(&rows);
    return rc == 0 && got >= 0 ? 0 : -1;
}

/* Reads the file by `look`; write_entries makes the list of it. */
static int read_entries(struct ctx *c, struct reading *r)
{
    struct import_reader *file = import_reader_open(c, r->j->job.id, &r->j->file);
    if (file == NULL) {
        return -1;
    }
    r->sorter = import_sorter_new(c->arena, import_list_path(c, r->j->job.id, 0), r->j->file.rows);
    int rc = read_rows(c, r, file);
    import_reader_close(file);
    return rc;
}

static int write_entries(struct ctx *c, const struct reading *r)
{
    ctx_release(c);
    return import_sorter_end(r->sorter, &c->err);
}

/* ---- by date --------------------------------------------------------------------------------- */

/* Dates that are wrong are told together; rows without one sort as the first. */
static int take_date(struct ctx *c, struct reading *r, const struct import_row *row, int64_t *out)
{
    struct arena *own = r->own;
    *out = 0;
    if (import_date_of(c, own, r->j, r->plan, row, out) == 0) {
        return 0;
    }
    return ++r->wrong < WRONG_DATES_MAX ? 0 : -1;
}

static int sort_by_date(struct ctx *c, struct import_job *j, const struct import_plan *plan)
{
    struct reading r = {.j = j, .plan = plan, .look = take_date};
    if (read_entries(c, &r) != 0 || r.wrong > 0) {
        return -1;
    }
    j->oldest = r.count > 0 ? r.oldest : c->now_ms;
    return import_check_oldest(c, j) != 0 ? -1 : write_entries(c, &r);
}

/* ---- by title -------------------------------------------------------------------------------- */

/* The first eight bytes of the sort key, as a number that is ordered like them. */
static int64_t number_of(const char *key)
{
    uint64_t number = 0;
    size_t n = strlen(key);
    for (size_t i = 0; i < sizeof number; i++) {
        number = number << 8 | (i < n ? (unsigned char)key[i] : 0);
    }
    return (int64_t)(number ^ UINT64_C(1) << 63);
}

/* The title's sort key as far as the columns tell: it need not be exact, for only speed hangs on
 * it. */
static int take_title(struct ctx *c, struct reading *r, const struct import_row *row, int64_t *out)
{
    const struct entity *e = r->plan->entity;
    bool own_sort = e->title_sort_count > 0;
    const struct field **parts = own_sort ? e->title_sort : e->title;
    size_t count = own_sort ? e->title_sort_count : e->title_count;
    const char *title = "";
    for (size_t i = 0; i < count; i++) {
        const char *text = import_row_text(c, r->plan, row, parts[i]);
        if (text != NULL) {
            title = *title == 0 ? text : arena_printf(c->arena, "%s %s", title, text);
        }
    }
    *out = number_of(str_fold(c->arena, title, strlen(title)));
    import_marks_add(c, &r->marks, r->plan, row);
    return 0;
}

static int sort_by_title(struct ctx *c, struct import_job *j, const struct import_plan *plan,
                         bool *listed)
{
    struct reading r = {.j = j, .plan = plan, .look = take_title};
    bool meet = true;
    int rc = read_entries(c, &r);
    if (rc == 0) {
        meet = import_marks_meet(c, &r.marks, plan);
        *listed = !meet;
    }
    buf_done(&r.marks.list);
    return rc == 0 && !meet ? write_entries(c, &r) : rc;
}

int import_sort(struct ctx *c, struct import_job *j, const struct import_plan *plan, bool *listed)
{
    uint64_t rows = j->file.rows;
    *listed = plan->at >= 0;
    if (plan->at >= 0) {
        return sort_by_date(c, j, plan);
    }
    return rows >= SORT_ROWS_MIN && rows <= SORT_ROWS_MAX && import_may_sort(c->model, plan)
               ? sort_by_title(c, j, plan, listed)
               : 0;
}
