/*
 * What can be asked of imports: how far one is, what a trial shows or a run rejected, and the list
 * of those there were. A draft answers for its trial and its run too. See core/transfer.h.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fs.h"
#include "base/str.h"
#include "core/import_job.h"
#include "core/parts.h"

#define LIST_MAX 200

static void print_made(const struct ctx *c, const struct import_position *p, struct json_writer *w)
{
    jw_key(w, "linked");
    jw_array(w);
    for (size_t i = 0; i < IMPORT_MADE_MAX && p->made[i].entity != NULL; i++) {
        const struct entity *e = model_entity_find(c->model, p->made[i].entity);
        jw_object(w);
        jw_kv_text(w, "entity", p->made[i].entity);
        jw_kv_text(w, "plural", e != NULL ? e->plural : p->made[i].entity);
        jw_kv_int(w, "count", p->made[i].count);
        jw_object_end(w);
    }
    jw_array_end(w);
}


static const char *const STATES[] = {"none", "waiting", "running", "done", "failed", "cancelled"};

/* On a full disk not even the job's error can be stored. */
static const char *trouble(const struct ctx *c, const struct job *j)
{
    return j->state == JOB_RUNNING && store_is_full(c->store) ? "The disk is full." : j->error;
}

/* The job waits for room on the disk, however long that takes. */
static bool lacks_room(const struct ctx *c, const struct job *j)
{
    const char *why = trouble(c, j);
    return store_is_full(c->store) && why != NULL && why[0] != 0 &&
           (j->state == JOB_RUNNING || j->state == JOB_WAITING);
}

/* What stands in the position: that of a trial at work is in its result. */
static int position_of(struct ctx *c, const struct import_job *j, struct import_position *out)
{
    struct import_job at = *j;
    if (j->request.dry_run && j->job.result != NULL) {
        at.job.position = j->job.result;
    }
    return import_position_parse(c, &at, out);
}

static const char *state_of(const struct job *j)
{
    bool waits = j->state == JOB_WAITING;
    return waits && j->due_at == IMPORT_NEVER   ? "open"
           : waits && j->due_at == IMPORT_DRAFT ? "draft"
                                                : STATES[j->state];
}

static void print_counted(const struct ctx *c, const struct import_position *p,
                          struct json_writer *w)
{
    jw_kv_int(w, "created", p->created);
    jw_kv_int(w, "updated", p->updated);
    jw_kv_int(w, "unchanged", p->unchanged);
    jw_kv_int(w, "rejected", p->rejected);
    jw_kv_int(w, "left_out", p->left_out);
    jw_kv_int(w, "keyless", p->keyless);
    jw_kv_int(w, "again", p->again);
    jw_kv_int(w, "emptied", p->emptied);
    jw_kv_int(w, "closed_now", p->closed);
    print_made(c, p, w);
    jw_kv_int(w, "done_rows", p->created + p->updated + p->unchanged + p->rejected + p->left_out);
}

/* The set of a run, and the one that took it back. */
static int print_change(struct ctx *c, const struct import_job *j, struct json_writer *w)
{
    int64_t undone = 0;
    bool real = j->job.root != 0 && !j->request.dry_run;
    if (real && change_undone_by(c->db, j->job.root, &undone, &c->err) != 0) {
        return -1;
    }
    jw_key(w, "change");
    if (real) {
        jw_int(w, j->job.root);
    } else {
        jw_null(w);
    }
    jw_key(w, "undone");
    if (undone != 0) {
        jw_int(w, undone);
    } else {
        jw_null(w);
    }
    return 0;
}

/* Who saved the mapping that was taken by itself. */
static int print_author(struct ctx *c, const struct import_request *q, struct json_writer *w)
{
    struct title_row *row = NULL;
    if (q->map_user != 0 && print_titles(c, &q->map_user, 1, &row) != 0) {
        return -1;
    }
    jw_kv_text(w, "map_by", row != NULL && row->title != NULL && !row->hidden ? row->title : NULL);
    jw_kv_bool(w, "map_found", q->map_user != 0);
    return 0;
}

static int print_request(struct ctx *c, const struct import_request *q, struct json_writer *w)
{
    jw_kv_text(w, "map", q->map_yaml);
    jw_kv_text(w, "map_name", q->map_name);
    jw_kv_text(w, "match", q->match);
    jw_kv_text(w, "decimal", q->decimal);
    jw_kv_text(w, "encoding", q->encoding);
    jw_kv_text(w, "delimiter", q->delimiter);
    jw_kv_text(w, "sheet", q->sheet);
    jw_kv_text(w, "dates", q->dates);
    jw_kv_text(w, "rules", q->rules != NULL ? q->rules : "none");
    jw_kv_bool(w, "create_links", q->create_links);
    jw_kv_bool(w, "clear", q->clear);
    return print_author(c, q, w);
}

static int print_corrected(struct ctx *c, const struct import_job *j, struct json_writer *w)
{
    int64_t by = 0;
    int rc = import_corrected_by(c, j, &by);
    jw_key(w, "corrected");
    if (by != 0) {
        jw_int(w, by);
    } else {
        jw_null(w);
    }
    return rc;
}

/* Members of the object of an import. */
static int print_status(struct ctx *c, const struct import_job *j, struct json_writer *w)
{
    struct import_position p;
    struct import_file file = {0};
    if (position_of(c, j, &p) != 0) {
        return -1;
    }
    jw_kv_int(w, "id", j->job.id);
    jw_kv_text(w, "state", state_of(&j->job));
    jw_kv_text(w, "entity", j->request.entity->name);
    jw_kv_text(w, "file_name", j->request.file_name);
    jw_kv_bool(w, "dry_run", j->request.dry_run);
    bool whole = j->file_json != NULL && import_file_parse(c, j->file_json, &file) == 0;
    jw_kv_int(w, "rows", whole ? (int64_t)file.rows : p.rows);
    print_counted(c, &p, w);
    jw_key(w, "found");
    if (whole) {
        import_file_print_found(&file, w);
    } else {
        jw_null(w);
    }
    if (p.left_out > 0) {
        jw_kv_text(w, "program", import_program(c, &j->request));
    }
    if (print_change(c, j, w) != 0 || print_corrected(c, j, w) != 0) {
        return -1;
    }
    jw_kv_text(w, "error", trouble(c, &j->job));
    jw_kv_bool(w, "disk_full", lacks_room(c, &j->job));
    jw_kv_int(w, "user", j->job.user);
    print_change_time(w, "created_at", j->job.created_at);
    print_change_time(w, "updated_at", j->job.updated_at);
    if (j->request.draft != 0) {
        jw_kv_int(w, "draft", j->request.draft);
    }
    return 0;
}

/* The trial or the run of a draft; null when there is none any more. */
static int print_child(struct ctx *c, const char *key, int64_t id, struct json_writer *w)
{
    struct import_job child;
    jw_key(w, key);
    if (id == 0 || import_job_load(c, id, &child) != 0) {
        bool gone = id == 0 || c->err.code == ERR_NOT_FOUND;
        err_clear(&c->err);
        jw_null(w);
        return gone ? 0 : -1;
    }
    jw_object(w);
    int rc = print_status(c, &child, w);
    jw_object_end(w);
    return rc;
}

/* What a draft must still be told of its numbers. */
static void print_unclear(struct ctx *c, const struct import_job *j, struct json_writer *w)
{
    struct import_file file;
    bool draft = j->request.wizard && j->job.state == JOB_WAITING && j->job.due_at == IMPORT_DRAFT;
    if (draft && j->file_json != NULL && import_file_parse(c, j->file_json, &file) == 0) {
        import_print_unclear(c, &j->request, &file, w);
    }
}

static int print_import(struct ctx *c, const struct import_job *j, bool whole,
                        struct json_writer *w)
{
    jw_object(w);
    int rc = print_status(c, j, w);
    jw_key(w, "asked");
    jw_object(w);
    rc = rc == 0 ? print_request(c, &j->request, w) : rc;
    jw_object_end(w);
    if (whole) {
        print_unclear(c, j, w);
    }
    if (rc == 0 && j->request.wizard) {
        rc = print_child(c, "check", j->request.check, w) != 0 ? -1
             : print_child(c, "run", j->request.run, w);
    }
    jw_object_end(w);
    return rc;
}

int import_status(struct ctx *c, int64_t job, struct buf *out)
{
    struct import_job j;
    struct json_writer w;
    jw_init(&w, out);
    return import_job_load(c, job, &j) != 0 ? -1 : print_import(c, &j, true, &w);
}

int import_list(struct ctx *c, struct buf *out)
{
    int64_t *ids = NULL;
    size_t count = 0;
    struct json_writer w;
    struct db *db = ctx_db(c);
    int64_t user = ctx_is_admin(c) ? 0 : c->actor.user;
    if (db == NULL ||
        jobs_of_kind(db, "import", user, LIST_MAX, c->arena, &ids, &count, &c->err) != 0) {
        return -1;
    }
    jw_init(&w, out);
    jw_object(&w);
    jw_key(&w, "items");
    jw_array(&w);
    for (size_t i = 0; i < count; i++) {
        struct import_job j;
        int rc = import_job_load(c, ids[i], &j);
        if (rc != 0) {
            err_clear(&c->err); /* its entity has left the configuration */
        } else if (j.request.draft == 0 && print_import(c, &j, false, &w) != 0) {
            return -1;
        }
    }
    jw_array_end(&w);
    jw_object_end(&w);
    return 0;
}

/* ---- rows as they turned out ----------------------------------------------------------------- */

/* Each line is an object: they become the elements of a list, piece by piece. */
static int print_lines(struct ctx *c, const char *path, int64_t size, struct buf *out)
{
    char piece[65536];
    int fd = size > 0 ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    int64_t at = 0;
    ssize_t n = 0;
    while (fd >= 0 && at < size) {
        size_t want = size - at < (int64_t)sizeof piece ? (size_t)(size - at) : sizeof piece;
        n = fs_read_at(fd, piece, want, at);
        if (n <= 0) {
            break;
        }
        at += n;
        for (ssize_t i = 0; i < n; i++) {
            piece[i] = piece[i] == '\n' ? ',' : piece[i];
        }
        buf_add(out, piece, (size_t)n);
    }
    if (fd >= 0) {
        close(fd);
    }
    if (at < size) {
        return ctx_fail(c, ERR_INTERNAL, "", "The rows of this import cannot be read.");
    }
    out->size -= size > 0 ? 1 : 0; /* the last comma */
    return 0;
}

int import_preview(struct ctx *c, int64_t job, struct buf *out)
{
    struct import_job j;
    struct import_position p;
    struct json_writer w;
    if (import_job_load(c, job, &j) != 0 || position_of(c, &j, &p) != 0) {
        return -1;
    }
    jw_init(&w, out);
    jw_object(&w);
    jw_key(&w, "header");
    jw_array(&w);
    if (j.file_json != NULL && import_file_parse(c, j.file_json, &j.file) == 0) {
        for (size_t i = 0; i < j.file.header_count; i++) {
            jw_text(&w, j.file.header[i]);
        }
    }
    jw_array_end(&w);
    jw_key(&w, "rows");
    jw_array(&w);
    int rc = print_lines(c, import_path(c, job, ".preview"), p.preview_size, out);
    jw_array_end(&w);
    jw_object_end(&w);
    return rc;
}
