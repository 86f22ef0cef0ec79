/*
 * What an import keeps beside its change-sets: the position in the job row, and lists of rows in
 * spool files (rows by date or title, rows that come again in the next pass). Files are written at
 * places the position counts, so that a slice that runs again after a crash or a retry writes the
 * same bytes to the same place. See import_job.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "core/import_job.h"

#define LIST_PIECE 65536

static const struct {
    const char *key;
    size_t at;
} NUMBERS[] = {
#define NUMBER(name)                                                                               \
    {                                                                                              \
#name, offsetof(struct import_position, name)                                              \
    }
    NUMBER(pass),      NUMBER(offset),   NUMBER(line),         NUMBER(index),   NUMBER(count),
    NUMBER(deferred),  NUMBER(last_at),  NUMBER(rows),         NUMBER(created), NUMBER(updated),
    NUMBER(unchanged), NUMBER(rejected), NUMBER(rejects_size), NUMBER(closed),
    NUMBER(keyless),   NUMBER(left_out), NUMBER(preview_size), NUMBER(again),   NUMBER(first_made),
    NUMBER(emptied),
#undef NUMBER
};

static int64_t *number_at(struct import_position *p, size_t i)
{
    return (int64_t *)(void *)((char *)p + NUMBERS[i].at);
}

void import_position_made(struct import_position *p, const char *entity, int64_t count)
{
    size_t i = 0;
    while (i < IMPORT_MADE_MAX && p->made[i].entity != NULL &&
           strcmp(p->made[i].entity, entity) != 0) {
        i++;
    }
    if (i < IMPORT_MADE_MAX) {
        p->made[i].entity = entity;
        p->made[i].count += count;
    }
}

static void parse_made(const struct json *made, struct import_position *out)
{
    for (const struct json *m = made != NULL ? made->child : NULL; m != NULL; m = m->next) {
        int64_t count;
        if (json_int(m, &count) == 0) {
            import_position_made(out, m->key, count);
        }
    }
}

int import_position_parse(struct ctx *c, const struct import_job *j, struct import_position *out)
{
    const struct json *text = NULL;
    if (json_parse(c->arena, j->job.position, strlen(j->job.position), &text, &c->err) != 0) {
        return -1;
    }
    *out = (struct import_position){0};
    for (size_t i = 0; i < COUNT(NUMBERS); i++) {
        const struct json *m = json_find(text, NUMBERS[i].key);
        if (m != NULL && json_int(m, number_at(out, i)) != 0) {
            return ctx_fail(c, ERR_INTERNAL, "", "The position of an import cannot be read.");
        }
    }
    parse_made(json_find(text, "made"), out);
    out->last = json_true(text, "last");
    out->careful = json_true(text, "careful");
    return 0;
}

const char *import_position_print(struct ctx *c, const struct import_position *p)
{
    struct import_position copy = *p;
    struct buf text = {0};
    struct json_writer w;
    jw_init(&w, &text);
    jw_object(&w);
    for (size_t i = 0; i < COUNT(NUMBERS); i++) {
        jw_kv_int(&w, NUMBERS[i].key, *number_at(&copy, i));
    }
    jw_key(&w, "made");
    jw_object(&w);
    for (size_t i = 0; i < IMPORT_MADE_MAX && p->made[i].entity != NULL; i++) {
        jw_kv_int(&w, p->made[i].entity, p->made[i].count);
    }
    jw_object_end(&w);
    jw_kv_bool(&w, "last", p->last);
    jw_kv_bool(&w, "careful", p->careful);
    jw_object_end(&w);
    const char *json = arena_strndup(c->arena, text.data, text.size);
    buf_done(&text);
    return json;
}

const char *import_position_start(struct ctx *c, const struct import_job *j, bool by_list)
{
    struct import_position p = {.offset = (int64_t)j->file.data_offset,
                                .line = (int64_t)j->file.data_line,
                                .rows = (int64_t)j->file.rows,
                                .count = by_list ? (int64_t)j->file.rows : 0};
    return import_position_print(c, &p);
}

int import_job_ready(struct ctx *c, void *job)
{
    return jobs_save(c->db, job, c->now_ms, &c->err);
}

/* ---- lists of rows --------------------------------------------------------------------------- */

char *import_list_path(struct ctx *c, int64_t job, int64_t pass)
{
    static const char *const NAMES[] = {".list0", ".list1", ".list2"};
    return import_path(c, job, pass == 0 ? NAMES[0] : NAMES[1 + pass % 2]);
}

int import_spool_write(struct ctx *c, const char *path, const void *bytes, size_t n, int64_t at)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    int rc = fd < 0 ? -1 : 0;
    if (fd >= 0) {
        rc = ftruncate(fd, at) == 0 && fs_write_at(fd, bytes, n, at) == 0 && fdatasync(fd) == 0
                 ? 0
                 : -1;
        int failed = errno;
        close(fd);
        errno = failed;
    }
    if (rc != 0) {
        return ctx_fail(c, errno == ENOSPC || errno == EDQUOT ? ERR_FULL : ERR_INTERNAL, "",
                        "A spool file cannot be written: %s.", strerror(errno));
    }
    return 0;
}

int import_list_read(struct ctx *c, const char *path, int64_t index, size_t n,
                     struct import_list_entry **out)
{
    *out = ARENA_ARRAY(c->arena, struct import_list_entry, n + 1);
    size_t size = n * sizeof **out;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got =
        fd >= 0 ? fs_read_at(fd, *out, size, index * (int64_t)sizeof **out) : -1;
    if (fd >= 0) {
        close(fd);
    }
    return got == (ssize_t)size ? 0 : ctx_fail(c, ERR_INTERNAL, "", "A spool file cannot be read.");
}

int import_list_sort_file(struct ctx *c, const char *path, size_t n)
{
    struct import_sorter *sorter = import_sorter_new(c->arena, path, n);
    struct import_list_entry *entries;
    for (size_t at = 0, piece; at < n; at += piece) {
        piece = n - at < LIST_PIECE ? n - at : LIST_PIECE;
        if (import_list_read(c, path, (int64_t)at, piece, &entries) != 0) {
            return -1;
        }
        for (size_t i = 0; i < piece; i++) {
            if (import_sorter_add(sorter, &entries[i], &c->err) != 0) {
                return -1;
            }
        }
    }
    return import_sorter_end(sorter, &c->err);
}
