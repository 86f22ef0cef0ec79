/*
 * Writing an import in slices: at most 1,000 rows and 60 ms each, one transaction that also stores
 * the position. What is beside the database (rejects, lists of deferred rows) is written at
 * positions the job row counts, so that a slice that runs again after a crash or a retry writes the
 * same bytes to the same place. See core/transfer.h.
 */
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "core/import_job.h"
#include "core/parts.h"

#define SLICE_ROWS 1000
#define SLICE_BYTES ((uint64_t)2 << 20) /* of the rows read at once: some have pictures */
#define TRIAL_PAUSE_MS 500 /* between two looks whether another import is out of the way */
#define BATCH_ROWS 32 /* rows in a savepoint, and between two looks at the clock */
#define LEASE_MS   60000
#define SHOWN_ROWS    100  /* lines a trial shows whatever becomes of them */
#define SHOWN_UPDATES 300
#define SHOWN_REJECTS 1000 /* rejected rows that can be corrected in the browser */
#define SHOWN_BYTES   (8 << 20) /* of all lines, at most; those of rows that go in take half */
#define TELL_MS       400  /* between two reports of a trial */

/* ---- a slice --------------------------------------------------------------------------------- */

struct slice {
    struct import_job *j;
    struct job before; /* the job as it was before this slice */
    struct import_plan plan;
    struct import_position start, end; /* end is made anew by every run */
    struct import_row *rows;
    size_t count;
    bool ended;    /* the file has no rows after these */
    bool finished; /* nothing is left after these rows */
    bool careful;  /* rows may fail: savepoints */
    bool stumbled; /* out: a row failed where none should */
    bool failed;   /* out: a row failed and comes again in the next pass */
    struct map similar; /* what unknown links may have meant */
};

/* The next rows, from wherever the position says. */
static int read_slice(struct ctx *c, struct slice *s)
{
    struct import_position *p = &s->start;
    struct import_list_entry *entries = NULL;
    size_t want = SLICE_ROWS;
    if (p->count > 0) {
        want = p->count - p->index < SLICE_ROWS ? (size_t)(p->count - p->index) : SLICE_ROWS;
        if (import_list_read(c, import_list_path(c, s->j->job.id, p->pass), p->index, want,
                             &entries) != 0) {
            return -1;
        }
    }
    struct import_reader *r = import_reader_open(c, s->j->job.id, &s->j->file);
    s->rows = ARENA_ARRAY(c->arena, struct import_row, want + 1);
    uint64_t size = 0;
    for (s->count = 0; r != NULL && s->count < want && size < SLICE_BYTES; s->count++) {
        struct import_row *row = &s->rows[s->count];
        int rc;
        if (entries != NULL) {
            rc = import_reader_at(r, c, (uint64_t)entries[s->count].offset,
                                  (uint64_t)entries[s->count].line, row);
        } else if (s->count == 0) {
            rc = import_reader_at(r, c, (uint64_t)p->offset, (uint64_t)p->line, row);
        } else {
            rc = import_reader_next(r, c, row);
        }
        if (rc < 0) {
            return -1;
        }
        if (rc == 0) {
            s->ended = true;
            break;
        }
        size += row->next_offset - row->offset;
        row->at_ms = entries != NULL && s->plan.at >= 0 ? entries[s->count].at_ms : 0;
    }
    if (r == NULL) {
        return -1;
    }
    import_reader_close(r);
    return 0;
}

/* Messages come from many hands: all begin with a capital and end without a full stop. */
static void add_sentence(struct buf *out, const char *text)
{
    size_t n = strlen(text), begin = out->size;
    buf_add(out, text, n > 0 && text[n - 1] == '.' ? n - 1 : n);
    if (out->size > begin && out->data[begin] >= 'a' && out->data[begin] <= 'z') {
        out->data[begin] = (char)(out->data[begin] - 'a' + 'A');
    }
}

/* The first reason is about the column named beside it; each further one names its own. */
static void add_reason(struct buf *reason, const struct row_run *run, const struct err_item *item)
{
    int at = reason->size > 0 ? import_column_of(run, item->where) : -1;
    buf_puts(reason, reason->size > 0 ? "; " : "");
    if (at >= 0) {
        buf_printf(reason, "%s: ", run->plan->columns[at].header);
    }
    add_sentence(reason, item->text);
}

static void add_reject(struct csv_writer *w, struct ctx *c, const struct slice *s,
                       const struct row_run *run)
{
    const struct import_row *row = run->row;
    for (size_t i = 0; i < s->j->file.header_count; i++) {
        if (strncmp(s->j->file.header[i], "rejected_", 9) != 0) {
            csv_write_text(w, i < row->count && strlen(row->cells[i]) < CSV_CELL_MAX ? row->cells[i]
                                                                                    : "");
        }
    }
    csv_write_text(w, run->column);
    csv_write_text(w, run->value);
    struct buf reason = {0};
    for (const struct err_item *item = c->err.items; item != NULL; item = item->next) {
        add_reason(&reason, run, item);
    }
    if (reason.size == 0) {
        add_sentence(&reason, c->err.text);
    }
    csv_write_text(w, buf_text(&reason));
    csv_write_end_row(w);
    buf_done(&reason);
}

/* A file that came out of a spreadsheet goes back into one: with the mark by which it knows UTF-8. */
static void add_reject_header(struct csv_writer *w, const struct slice *s)
{
    if (s->j->file.marked) {
        csv_write_mark(w);
    }
    for (size_t i = 0; i < s->j->file.header_count; i++) {
        if (strncmp(s->j->file.header[i], "rejected_", 9) != 0) {
            csv_write_text(w, s->j->file.header[i]);
        }
    }
    csv_write_text(w, "rejected_column");
    csv_write_text(w, "rejected_value");
    csv_write_text(w, "rejected_reason");
    csv_write_end_row(w);
}

static void find_blame(const struct ctx *c, struct row_run *run)
{
    int at = import_column_of(run, c->err.items != NULL ? c->err.items->where : c->err.where);
    if (at >= 0 && run->column == NULL) {
        run->column = run->plan->columns[at].header;
        run->value = (size_t)at < run->row->count ? run->row->cells[at] : "";
    }
}

struct output {
    struct buf rejects, deferred, shown;
    struct csv_writer writer;
};

static int write_outputs(struct ctx *c, struct slice *s, struct output *out)
{
    int64_t job = s->j->job.id;
    int rc = 0;
    if (out->rejects.size > 0) {
        rc = import_spool_write(c, import_path(c, job, ".rejects.csv"), out->rejects.data,
                                out->rejects.size, s->start.rejects_size);
        s->end.rejects_size += (int64_t)out->rejects.size;
    }
    if (rc == 0 && out->deferred.size > 0) {
        rc = import_spool_write(c, import_list_path(c, job, s->start.pass + 1), out->deferred.data,
                                out->deferred.size,
                                s->start.deferred * (int64_t)sizeof(struct import_list_entry));
    }
    if (rc == 0 && out->shown.size > 0) {
        rc = import_spool_write(c, import_path(c, job, ".preview"), out->shown.data,
                                out->shown.size, s->start.preview_size);
        s->end.preview_size += (int64_t)out->shown.size;
    }
    return rc;
}

/* A trial shows its first rows, and more of those that change something. */
static enum import_showing shows(const struct slice *s, const struct import_row *row)
{
    bool trial = s->j->request.dry_run;
    return !trial                                              ? SHOW_NONE
           : row->line < s->j->file.data_line + SHOWN_ROWS ? SHOW_ROW
           : s->end.updated < SHOWN_UPDATES                ? SHOW_UPDATE
                                                           : SHOW_NONE;
}

/* Never more than can be asked for; rows that are rejected come last and find room. */
static void show(const struct slice *s, struct output *out, const struct row_run *run)
{
    int64_t most = run->result == ROW_REJECTED ? SHOWN_BYTES : SHOWN_BYTES / 2;
    size_t n = run->shown != NULL ? strlen(run->shown) + 1 : 0;
    if (n > 0 && s->end.preview_size + (int64_t)(out->shown.size + n) <= most) {
        buf_puts(&out->shown, run->shown);
        buf_putc(&out->shown, '\n');
    }
}

static bool is_written(const struct row_run *run)
{
    return run->result == ROW_CREATED || run->result == ROW_UPDATED || run->result == ROW_UNCHANGED;
}

static void count_row(struct slice *s, const struct row_run *run, struct output *out)
{
    const struct import_row *row = run->row;
    s->end.created += run->result == ROW_CREATED;
    s->end.keyless += run->result == ROW_CREATED && run->keyless;
    s->end.again += run->result != ROW_REJECTED && run->again;
    s->end.emptied += is_written(run) && *run->lost != NULL;
    s->end.closed += run->result == ROW_CREATED && run->closed;
    for (size_t i = 0; run->result != ROW_REJECTED && i < run->made_count; i++) {
        import_position_made(&s->end, run->made[i]->name, 1);
    }
    if (run->result != ROW_REJECTED && run->occurrences > 0) {
        import_position_made(&s->end, run->plan->entity->name, (int64_t)run->occurrences);
    }
    s->end.updated += run->result == ROW_UPDATED;
    s->end.unchanged += run->result == ROW_UNCHANGED;
    s->end.left_out += run->result == ROW_LEFT_OUT;
    show(s, out, run);
    if (run->result == ROW_DEFERRED) {
        struct import_list_entry entry = {row->at_ms, (int64_t)row->offset, (int64_t)row->line};
        buf_add(&out->deferred, &entry, sizeof entry);
        s->end.deferred++;
    }
    s->end.offset = (int64_t)row->next_offset;
    s->end.line = (int64_t)row->next_line;
    s->end.index++;
}

/* Dated rows: each date its own change-set, never before the one written last. */
static int date_row(struct ctx *c, struct slice *s, const struct import_row *row)
{
    if (s->plan.at < 0) {
        return 0;
    }
    int64_t at = row->at_ms > s->end.last_at ? row->at_ms : s->end.last_at;
    if (at == s->end.last_at && c->change.id != 0) {
        return 0;
    }
    s->end.last_at = at;
    return ctx_next_change(c, at);
}

/*
 * Savepoints cost as much as the rows: SQLite copies every page a row touches. So a slice first
 * goes without. When a row fails the whole slice is taken back and comes again, carefully: rows
 * together in a savepoint, one by one after one failed, then two by two, and so on up to
 * BATCH_ROWS.
 */
struct batch {
    struct row_run *runs;
    size_t count;
};

static int write_batch(struct ctx *c, void *data)
{
    struct batch *b = data;
    size_t from = next_begin(c);
    for (size_t i = 0; i < b->count; i++) {
        if (b->runs[i].plan->at >= 0) {
            c->change.stamp_ms = b->runs[i].row->at_ms;
        }
        if (import_row_write(c, &b->runs[i]) != 0) {
            return -1;
        }
    }
    return next_keep(c, from);
}

/* Rows in the order of their titles fail in the next pass, which has the order of the file. */
static bool fails_later(const struct slice *s)
{
    return s->start.pass == 0 && s->start.count > 0 && s->plan.at < 0;
}

static void reject_row(struct ctx *c, struct slice *s, struct row_run *run, struct output *out)
{
    if (fails_later(s)) {
        err_clear(&c->err);
        run->result = ROW_DEFERRED;
        s->failed = true;
        return;
    }
    find_blame(c, run);
    if (s->end.rejected++ == 0) {
        add_reject_header(&out->writer, s);
    }
    add_reject(&out->writer, c, s, run);
    run->shown = s->end.rejected <= SHOWN_REJECTS ? import_show_reject(c, run) : NULL;
    err_clear(&c->err);
    run->result = ROW_REJECTED;
}

/* How many rows from `first` on may be tried together: dated rows only with others of their moment.
 */
static size_t batch_size(const struct slice *s, size_t first, size_t size)
{
    size_t n = 1;
    while (n < size && first + n < s->count &&
           (s->plan.at < 0 || s->rows[first + n].at_ms <= s->end.last_at)) {
        n++;
    }
    return n;
}

static int write_bold(struct ctx *c, struct slice *s, struct batch *b)
{
    s->stumbled = write_batch(c, b) != 0;
    return s->stumbled ? -1 : 0;
}

/* Some of the rows from `first` on; *size is what to try next. */
static int write_some(struct ctx *c, struct slice *s, size_t *first, size_t *size,
                      struct map *links, struct output *out)
{
    struct row_run runs[BATCH_ROWS];
    struct batch b = {.runs = runs, .count = batch_size(s, *first, *size)};
    bool fatal = false;
    for (size_t i = 0; i < b.count; i++) {
        runs[i] = (struct row_run){.plan = &s->plan,
                                   .row = &s->rows[*first + i],
                                   .defer = !s->start.last,
                                   .first_made = &s->end.first_made,
                                   .links = links,
                                   .similar = &s->similar,
                                   .show = shows(s, &s->rows[*first + i])};
    }
    if (!s->careful) {
        if (write_bold(c, s, &b) != 0) {
            return -1;
        }
    } else if (ctx_try(c, write_batch, &b, &fatal) == 0) {
        *size = *size * 2 < BATCH_ROWS ? *size * 2 : BATCH_ROWS;
    } else {
        if (fatal) {
            return -1;
        }
        map_init(links, c->arena); /* may name records that are taken back */
        *size = 1;
        if (b.count > 1) {
            err_clear(&c->err);
            return 0;
        }
        reject_row(c, s, &runs[0], out);
    }
    for (size_t i = 0; i < b.count; i++) {
        count_row(s, &runs[i], out);
    }
    *first += b.count;
    return 0;
}

static int write_rows(struct ctx *c, struct slice *s, struct output *out)
{
    struct map links;
    size_t size = BATCH_ROWS;
    map_init(&links, c->arena);
    map_init(&s->similar, c->arena);
    for (size_t i = 0; i < s->count;) {
        if (i > 0 && store_slice_over(c->store)) {
            s->finished = false;
            return 0;
        }
        if (date_row(c, s, &s->rows[i]) != 0 || write_some(c, s, &i, &size, &links, out) != 0) {
            return -1;
        }
    }
    s->finished = true;
    return 0;
}

/* When a pass is through: the next one, or the end. */
static bool next_pass(struct slice *s)
{
    struct import_position *p = &s->end;
    bool through = p->count > 0 ? p->index >= p->count : s->ended;
    if (!s->finished || !through) {
        return true;
    }
    if (p->deferred == 0) {
        return false;
    }
    p->last = p->pass > 0 && p->deferred == p->count;
    p->pass++;
    p->count = p->deferred;
    p->index = p->deferred = 0;
    return true;
}

static int ensure_root(struct ctx *c, struct slice *s)
{
    if (s->j->job.root != 0) {
        return 0;
    }
    struct change_set root = {.actor = c->actor.user,
                              .source = SOURCE_IMPORT,
                              .reason = c->reason,
                              .job = s->j->job.id};
    if (s->plan.at >= 0 && s->count > 0) {
        root.at_ms = s->rows[0].at_ms > s->start.last_at ? s->rows[0].at_ms : s->start.last_at;
    }
    if (change_root(c->db, &root, c->arena, &c->err) != 0) {
        return -1;
    }
    s->j->job.root = root.id;
    c->change.parent = root.id;
    return 0;
}

static int run_slice(struct ctx *c, void *data)
{
    struct slice *s = data;
    struct output out = {0};
    struct job now = {0};
    if (jobs_find(c->db, s->j->job.id, c->arena, &now, &c->err) != 0) {
        return -1;
    }
    s->finished = now.state == JOB_CANCELLED;
    if (s->finished) {
        return 0;
    }
    s->j->job = s->before; /* an earlier try of this run may have left its traces */
    s->end = s->start;
    s->stumbled = s->failed = false;
    const char sign = s->j->file.format.delimiter;
    csv_writer_init(&out.writer, &out.rejects, sign != 0 ? sign : ',', false, true);
    int rc = ensure_root(c, s);
    if (rc == 0) {
        rc = write_rows(c, s, &out);
    }
    if (rc == 0) {
        rc = write_outputs(c, s, &out);
    }
    s->end.careful = s->failed || s->end.rejected > s->start.rejected;
    bool more = rc == 0 && next_pass(s);
    if (rc == 0) {
        s->j->job.position = import_position_print(c, &s->end);
        s->j->job.state = more ? JOB_RUNNING : JOB_DONE;
        s->j->job.lease_until = clock_now_ms() + LEASE_MS;
        rc = jobs_save(c->db, &s->j->job, c->now_ms, &c->err);
        s->finished = !more;
    }
    if (rc == 0 && !more) {
        rc = import_tell(c, &s->j->job);
    }
    buf_done(&out.rejects);
    buf_done(&out.deferred);
    buf_done(&out.shown);
    return rc;
}

/* What the first pass left comes in the order of the file, or of the dates. */
static int sort_left(struct ctx *c, const struct import_job *j, const struct import_position *p)
{
    return p->pass == 1 && p->index == 0
               ? import_list_sort_file(c, import_list_path(c, j->job.id, 1), (size_t)p->count)
               : 0;
}

static int slice_once(struct ctx *c, struct import_job *j, bool *more)
{
    struct slice s = {.j = j, .before = j->job};
    if (import_file_parse(c, j->file_json, &j->file) != 0 ||
        import_plan_make(c, &j->request, &j->file, &s.plan) != 0 ||
        import_position_parse(c, j, &s.start) != 0 || sort_left(c, j, &s.start) != 0 ||
        read_slice(c, &s) != 0 ||
        import_pictures_take(c, &s.plan, j->request.dry_run, s.rows, s.count) != 0) {
        return -1;
    }
    ctx_release(c);
    c->as = SOURCE_IMPORT;
    c->rules = str_eq(j->request.rules, "all")      ? RULES_ALL
               : str_eq(j->request.rules, "silent") ? RULES_SILENT
                                                    : RULES_NONE;
    const char *by = j->request.by;
    c->reason = arena_printf(c->arena, "import %s%s%s%s", j->request.file_name,
                             j->request.no_gates ? ", without gates" : "",
                             by != NULL ? ", " : "", by != NULL ? by : "");
    c->no_gates = j->request.no_gates;
    s.careful = s.start.careful;
    int rc = ctx_write_slice(c, j->job.root, run_slice, &s);
    if (rc != 0 && s.stumbled) {
        s.careful = true;
        rc = ctx_write_slice(c, j->job.root, run_slice, &s);
    }
    if (rc != 0) {
        return -1;
    }
    *more = !s.finished;
    return 0;
}

/* ---- dry run: the same slices on a private copy, whose outcome alone is kept ----------------- */

static int run_copy(struct ctx *c, struct import_job *j, bool *more)
{
    struct arena a;
    struct ctx inner;
    struct import_job step;
    arena_init(&a);
    ctx_begin(&inner, &a, c->trial->copy, c->model, &c->actor);
    inner.spool = arena_printf(&a, "%s/spool", store_dir(c->store));
    int rc = import_job_load(&inner, j->job.id, &step);
    if (rc == 0) {
        rc = slice_once(&inner, &step, more);
    }
    if (rc == 0) {
        j->job.position = arena_strdup(c->arena, step.job.position);
    } else {
        c->stale = inner.stale;
        err_fail(&c->err, inner.err.code, inner.err.where, "%s", inner.err.text);
    }
    ctx_end(&inner);
    arena_done(&a);
    return rc;
}

/* How far a trial is, unless somebody ended it meanwhile. */
static int tell(struct ctx *c, void *data)
{
    struct job *j = data, now = {0};
    if (jobs_find(c->db, j->id, c->arena, &now, &c->err) != 0 || now.state == JOB_CANCELLED) {
        return c->err.code != ERR_NONE ? -1 : 0;
    }
    return jobs_save(c->db, j, c->now_ms, &c->err);
}

/* One after the other: every copy takes the room of the database. */
static int dry_run(struct ctx *c, struct import_job *j, bool *more)
{
    struct trial *t = c->trial;
    ctx_release(c);
    if (t->copy != NULL && t->job != j->job.id) {
        c->pause_ms = TRIAL_PAUSE_MS;
        *more = true;
        return 0;
    }
    if (t->copy == NULL && store_snapshot(c->store, &t->copy, &c->err) != 0) {
        return -1;
    }
    t->job = j->job.id;
    int64_t told = j->job.updated_at;
    const char *begin = j->job.position; /* after a crash a trial begins anew */
    if (run_copy(c, j, more) != 0) {
        trial_end(t);
        return -1;
    }
    j->job.result = j->job.position;
    if (*more) {
        j->job.position = begin;
        return c->now_ms - told < TELL_MS ? 0 : ctx_write_fixed(c, tell, &j->job);
    }
    trial_end(t);
    j->job.state = JOB_DONE;
    return ctx_write_fixed(c, tell, &j->job);
}

int import_slice(struct ctx *c, int64_t job, bool *more)
{
    struct import_job j;
    *more = false;
    if (import_job_load(c, job, &j) != 0) {
        return -1;
    }
    if (j.job.state == JOB_CANCELLED) {
        if (c->trial != NULL && c->trial->job == job) {
            trial_end(c->trial);
        }
        import_spool_drop(c, job);
        return 0;
    }
    if (import_waits(c, &j)) {
        c->pause_ms = TRIAL_PAUSE_MS;
        *more = true;
        return 0;
    }
    if (j.request.dry_run ? dry_run(c, &j, more) != 0 : slice_once(c, &j, more) != 0) {
        return -1;
    }
    if (!*more) {
        import_spool_drop(c, job);
    }
    return 0;
}
