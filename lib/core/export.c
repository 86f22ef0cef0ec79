/*
 * Records out, in one of EXPORT_FORMATS. The rows are read in one snapshot into an unnamed file
 * first, so that a slow receiver never holds a reader, and a client that goes away costs nothing.
 * Every export is logged with its filter and row count.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/str.h"
#include "core/account.h"
#include "core/export_private.h"

#define PIECE         65536
#define TIME_LIMIT_MS (30 * 60 * 1000)
#define LINKED_MAX    100 /* columns of linked records */

const struct export_format EXPORT_FORMATS[] = {
    {"csv", "csv", "text/csv; charset=utf-8", false, &EXPORT_CSV},
    {"ndjson", "ndjson", "application/x-ndjson", false, &EXPORT_NDJSON},
    {"xlsx", "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", false,
     &EXPORT_XLSX},
    {"vcf", "vcf", "text/vcard; charset=utf-8", true, &EXPORT_CARDS},
    {NULL, NULL, NULL, false, NULL},
};

const struct export_format *export_format_find(const char *name)
{
    const struct export_format *f = EXPORT_FORMATS;
    while (f->name != NULL && strcmp(f->name, name) != 0) {
        f++;
    }
    return f->name != NULL ? f : NULL;
}

/* What an export holds unless fields are named: all but what changes by itself. */
static bool by_default(const struct ctx *c, const struct field *f)
{
    static const char *const LEFT_OUT[] = {"version", "updated_at", "updated_by", "deleted_at",
                                           "title"};
    for (size_t i = 0; i < COUNT(LEFT_OUT); i++) {
        if (f->system && strcmp(f->name, LEFT_OUT[i]) == 0) {
            return false;
        }
    }
    return !f->hidden && (f->compute == NULL || f->stored) && !field_is_extract(f) &&
           access_sees(c, f);
}

static void add_field(struct export *x, const struct field *f, const char *name)
{
    x->fields[x->field_count] = f;
    x->names[x->field_count++] = name;
}

/* One step of "company.city": what is taken out of a linked record is exported, too. */
static const struct field *step(struct export *x, const struct entity *e, const char *name)
{
    const struct field *link = access_link(x->c, e, name, "fields");
    if (link != NULL && !ctx_may(x->c, ACTION_EXPORT, link->to)) {
        ctx_fail(x->c, ERR_FORBIDDEN, "fields", "Your role may not export %s.",
                 link->to->label_plural);
        return NULL;
    }
    return link;
}

/* The links of a name, and the entity they end at; NULL: failed. *name: what is left. */
static const struct entity *walk(struct export *x, const char **name, struct field_path *path)
{
    struct arena *a = x->c->arena;
    const struct entity *e = x->entity;
    const char *dot;
    while ((dot = strchr(*name, '.')) != NULL) {
        if (path->count == NAME_LINKS_MAX) {
            ctx_fail(x->c, ERR_MALFORMED, "fields", "A name goes over at most %d links.",
                     NAME_LINKS_MAX);
            return NULL;
        }
        if (path->links == NULL) {
            path->links = ARENA_ARRAY(a, const struct field *, NAME_LINKS_MAX);
        }
        const struct field *link = step(x, e, arena_strndup(a, *name, (size_t)(dot - *name)));
        if (link == NULL) {
            return NULL;
        }
        path->links[path->count++] = link;
        e = link->to;
        *name = dot + 1;
    }
    if (path->count > 0 && x->format->cards) {
        ctx_fail(x->c, ERR_MALFORMED, "fields", "A card holds nothing of linked records.");
        return NULL;
    }
    return e;
}

static int add_named(struct export *x, const char *name, size_t room)
{
    struct ctx *c = x->c;
    const char *last = name;
    for (size_t i = 0; i < x->field_count; i++) {
        if (str_eq(x->names[i], name)) {
            return ctx_fail(c, ERR_MALFORMED, "fields", "Name each field once.");
        }
    }
    if (x->field_count == room) {
        return ctx_fail(c, ERR_MALFORMED, "fields", "Name at most %zu fields.", room);
    }
    const struct entity *e = walk(x, &last, &x->paths[x->field_count]);
    const struct field *f =
        e != NULL ? access_field(c, e, last, ERR_MALFORMED, "fields") : NULL;
    if (f == NULL) {
        return -1;
    }
    add_field(x, f, name);
    return 0;
}

static int choose_fields(struct export *x, const char *names)
{
    struct ctx *c = x->c;
    size_t room = x->entity->field_count + LINKED_MAX;
    x->fields = ARENA_ARRAY(c->arena, const struct field *, room);
    x->names = ARENA_ARRAY(c->arena, const char *, room);
    x->paths = ARENA_ARRAY(c->arena, struct field_path, room);
    for (size_t i = 0; names == NULL && i < x->entity->field_count; i++) {
        if (by_default(c, x->entity->fields[i])) {
            add_field(x, x->entity->fields[i], x->entity->fields[i]->name);
        }
    }
    while (names != NULL && *names != 0) {
        size_t n = strcspn(names, ",");
        const char *name = str_trim(c->arena, arena_strndup(c->arena, names, n));
        if (add_named(x, name, room) != 0) {
            return -1;
        }
        names += n + (names[n] == ',');
    }
    return 0;
}

static int flush(struct export *x)
{
    if (fs_write(x->fd, x->out.data, x->out.size) != 0) {
        return ctx_fail(x->c, errno == ENOSPC ? ERR_FULL : ERR_INTERNAL, "",
                        "The export cannot be stored: %s.", strerror(errno));
    }
    buf_clear(&x->out);
    return 0;
}

static int take_row(void *data, const struct list_row *row)
{
    struct export *x = data;
    if (++x->rows > EXPORT_UNASKED_MAX && account_confirmed(x->c) != 0) {
        return -1;
    }
    x->format->rows->row(x, row);
    arena_reset(&x->row);
    if (x->c->err.code != ERR_NONE) {
        return -1;
    }
    return x->out.size >= PIECE ? flush(x) : 0;
}

static int read_rows(struct export *x, struct list_spec *spec)
{
    struct ctx *c = x->c;
    struct who who = ctx_who(c);
    struct db *db = ctx_db(c);
    if (db == NULL) {
        return -1;
    }
    db_limit_ms(db, TIME_LIMIT_MS);
    x->format->rows->begin(x);
    spec->fields = x->fields;
    spec->field_count = x->field_count;
    spec->paths = x->paths;
    bool before = spec->as_of < 0; /* of a time when there was nothing */
    if ((!before && query_list(db, &who, spec, c->arena, take_row, x, NULL, &c->err) != 0) ||
        c->err.code != ERR_NONE) {
        return -1;
    }
    ctx_release(c);
    x->format->rows->end(x);
    return c->err.code == ERR_NONE ? flush(x) : -1;
}

static int send_rows(struct export *x, export_sink sink, void *data)
{
    char *piece = arena_alloc(x->c->arena, PIECE);
    off_t at = 0;
    ssize_t n;
    while ((n = fs_read_at(x->fd, piece, PIECE, at)) > 0) {
        if (sink(data, piece, (size_t)n) != 0) {
            return ctx_fail(x->c, ERR_BUSY, "", "The receiver went away.");
        }
        at += n;
    }
    return n < 0 ? ctx_fail(x->c, ERR_INTERNAL, "", "The export cannot be read back.") : 0;
}

/* An export holds a reader while it reads, maybe for minutes; the rest of the pool stays for pages.
 */
#define READING_MAX 2
static atomic_int reading;

int export_turn(struct ctx *c)
{
    if (atomic_fetch_add(&reading, 1) < READING_MAX) {
        return 0;
    }
    atomic_fetch_sub(&reading, 1);
    return ctx_fail(c, ERR_BUSY, "", "Other exports are running; try again in a minute.");
}

void export_turn_end(void)
{
    atomic_fetch_sub(&reading, 1);
}

/* Which records and fields; the actor may have them. */
static int read_request(struct export *x, const struct export_request *q, struct list_spec *spec)
{
    struct ctx *c = x->c;
    if (!ctx_may(c, ACTION_EXPORT, x->entity)) {
        return ctx_fail(c, ERR_FORBIDDEN, "", "Your role may not export %s.",
                        x->entity->label_plural);
    }
    if (x->format == NULL) {
        return ctx_fail(c, ERR_MALFORMED, "format", "The format must be csv, ndjson, xlsx or vcf.");
    }
    if (x->format->cards && export_card_kind(x->entity) == CARD_NONE) {
        return ctx_fail(c, ERR_MALFORMED, "format", "There are no cards of %s.",
                        x->entity->label_plural);
    }
    if (choose_fields(x, q->list.fields) != 0 || list_read(c, x->entity, &q->list, spec) != 0) {
        return -1;
    }
    spec->action = ACTION_EXPORT;
    spec->limit = (size_t)q->list.limit;
    return spec->filter == NULL ? account_confirmed(c) : 0; /* everything there is of a kind */
}

/* The filter as it was said, and the view whose own one came to it. */
static const char *filter_of(struct ctx *c, const struct list_request *q)
{
    bool filter = q->filter != NULL && q->filter[0] != 0;
    if (q->view == NULL || q->view[0] == 0) {
        return q->filter;
    }
    return arena_printf(c->arena, "%s%sview %s", filter ? q->filter : "", filter ? "; " : "",
                        q->view);
}

int export_records(struct ctx *c, const struct export_request *q, export_sink sink, void *data)
{
    struct export x = {.c = c,
                       .request = q,
                       .entity = q->entity,
                       .format = export_format_find(q->format),
                       .fd = -1};
    struct list_spec spec;
    if (read_request(&x, q, &spec) != 0) {
        return -1;
    }
    x.fd = open(store_dir(c->store), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (x.fd < 0) {
        return ctx_fail(c, ERR_INTERNAL, "", "The export cannot be stored: %s.", strerror(errno));
    }
    arena_init(&x.row);
    int rc = export_turn(c);
    if (rc == 0) {
        rc = read_rows(&x, &spec);
        export_turn_end();
    }
    rc = rc == 0 ? export_note(c, q->entity, x.format->name, filter_of(c, &q->list), x.rows) : rc;
    rc = rc == 0 ? send_rows(&x, sink, data) : rc;
    buf_done(&x.out);
    buf_done(&x.cell);
    arena_done(&x.row);
    close(x.fd);
    return rc;
}
