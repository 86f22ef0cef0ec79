/*
 * Sorting the rows of a file of any length: runs are sorted in memory and written behind each other
 * into a file, then merged. A list that fits into one run is only sorted. See import_job.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "core/import_job.h"

#define WINDOW ((size_t)8192) /* entries of a run that are in memory while it is merged */

struct import_sorter {
    const char *path, *beside; /* the list, and where it is made */
    int runs, out;
    struct import_list_entry *entries; /* of the run that grows, then of the merged list */
    size_t count, room;
    int64_t spilled, written; /* entries in the files */
};

/* A run that is merged: what of it is in memory, what of it is still in the file. */
struct run {
    struct import_list_entry *window;
    size_t at, count;
    int64_t next, end;
};

static int by_key(const void *a, const void *b)
{
    const struct import_list_entry *x = a, *y = b;
    if (x->at_ms != y->at_ms) {
        return x->at_ms < y->at_ms ? -1 : 1;
    }
    return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static int fail(struct err *e, const char *doing)
{
    return err_fail(e, errno == ENOSPC || errno == EDQUOT ? ERR_FULL : ERR_INTERNAL, "",
                    "A spool file cannot be %s: %s.", doing, strerror(errno));
}

static void sorter_free(void *object)
{
    struct import_sorter *s = object;
    if (s->runs >= 0 || s->out >= 0) {
        unlink(s->beside);
    }
    if (s->runs >= 0) {
        close(s->runs);
    }
    if (s->out >= 0) {
        close(s->out);
    }
}

struct import_sorter *import_sorter_new(struct arena *a, const char *path, size_t most)
{
    struct import_sorter *s = ARENA_NEW(a, struct import_sorter);
    *s = (struct import_sorter){.path = path,
                                .beside = arena_printf(a, "%s.new", path),
                                .runs = -1,
                                .out = -1,
                                .room = most < IMPORT_RUN ? most + 1 : IMPORT_RUN};
    s->entries = ARENA_ARRAY(a, struct import_list_entry, s->room);
    arena_defer(a, sorter_free, s);
    return s;
}

/* The entries in memory to the end of a file, made if need be; room is left for others. */
static int append(struct import_sorter *s, int *fd, int64_t *at, struct err *e)
{
    size_t size = s->count * sizeof *s->entries;
    if (*fd < 0) {
        *fd = open(s->beside, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    }
    if (*fd < 0) {
        return fail(e, "opened");
    }
    if (!fs_leaves_room(s->beside, size)) {
        return err_fail(e, ERR_FULL, "", "The disk has no room to sort the file.");
    }
    if (fs_write_at(*fd, s->entries, size, *at * (int64_t)sizeof *s->entries) != 0) {
        return fail(e, "written");
    }
    *at += (int64_t)s->count;
    s->count = 0;
    return 0;
}

static int spill(struct import_sorter *s, struct err *e)
{
    qsort(s->entries, s->count, sizeof *s->entries, by_key);
    return append(s, &s->runs, &s->spilled, e);
}

int import_sorter_add(struct import_sorter *s, const struct import_list_entry *entry, struct err *e)
{
    if (s->count == s->room && spill(s, e) != 0) {
        return -1;
    }
    s->entries[s->count++] = *entry;
    return 0;
}

/* ---- merging --------------------------------------------------------------------------------- */

/* The window's next entries; none at the end of the run. */
static int refill(const struct import_sorter *s, struct run *r, struct err *e)
{
    int64_t left = r->end - r->next;
    r->count = left < (int64_t)WINDOW ? (size_t)left : WINDOW;
    r->at = 0;
    size_t size = r->count * sizeof *r->window;
    if (size > 0 && fs_read_at(s->runs, r->window, size, r->next * (int64_t)sizeof *r->window) !=
                        (ssize_t)size) {
        return err_fail(e, ERR_INTERNAL, "", "A spool file cannot be read.");
    }
    r->next += (int64_t)r->count;
    return 0;
}

static struct run *least(struct run *runs, size_t n)
{
    struct run *found = NULL;
    for (size_t i = 0; i < n; i++) {
        struct run *r = &runs[i];
        if (r->at < r->count &&
            (found == NULL || by_key(&r->window[r->at], &found->window[found->at]) < 0)) {
            found = r;
        }
    }
    return found;
}

static int merge_runs(struct import_sorter *s, struct run *runs, size_t n, struct err *e)
{
    struct run *r;
    while ((r = least(runs, n)) != NULL) {
        if (s->count == s->room && append(s, &s->out, &s->written, e) != 0) {
            return -1;
        }
        s->entries[s->count++] = r->window[r->at++];
        if (r->at == r->count && refill(s, r, e) != 0) {
            return -1;
        }
    }
    return 0;
}

static int merge(struct import_sorter *s, struct err *e)
{
    int64_t length = (int64_t)s->room; /* of a run; the last may be shorter */
    size_t n = (size_t)((s->spilled + length - 1) / length);
    struct arena a;
    arena_init(&a);
    struct run *runs = ARENA_ARRAY(&a, struct run, n);
    struct import_list_entry *windows = ARENA_ARRAY(&a, struct import_list_entry, n * WINDOW);
    int rc = 0;
    for (size_t i = 0; i < n; i++) {
        int64_t begin = (int64_t)i * length, end = begin + length;
        runs[i] = (struct run){.window = windows + i * WINDOW,
                               .next = begin,
                               .end = end < s->spilled ? end : s->spilled};
        rc = rc == 0 ? refill(s, &runs[i], e) : rc;
    }
    rc = rc == 0 ? merge_runs(s, runs, n, e) : rc;
    arena_done(&a);
    return rc;
}

int import_sorter_end(struct import_sorter *s, struct err *e)
{
    if (s->runs < 0) {
        qsort(s->entries, s->count, sizeof *s->entries, by_key);
    } else if (spill(s, e) != 0 || unlink(s->beside) != 0 || merge(s, e) != 0) {
        return e->code != ERR_NONE ? -1 : fail(e, "removed");
    }
    if (append(s, &s->out, &s->written, e) != 0) {
        return -1;
    }
    if (fsync(s->out) != 0) {
        return fail(e, "written");
    }
    close(s->out);
    s->out = -1;
    return fs_rename_durable(s->beside, s->path, e);
}
