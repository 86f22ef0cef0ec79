/* The full export, see takeout.h. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/str.h"
#include "core/parts.h"
#include "core/takeout_private.h"
#include "store/files.h"
#include "store/takeout.h"

#define PIECE         65536
#define PART_MAX      ((int64_t)1 << 30) /* bytes; then the lines go on in another file */
#define TIME_LIMIT_MS (60 * 60 * 1000)

struct takeout {
    struct ctx *c;
    struct db *db;
    struct archive_writer *archive;
    int fd;
    int64_t at; /* bytes stored */
    struct json_writer manifest;
    struct buf manifest_text;
    /* the file that is being written */
    const char *name, *kind, *key, *what; /* key: "entity" or "table", of `what`; or NULL */
    int part;
    int64_t size, lines;
    struct crypto_hash *hash;
    struct buf line;
    struct arena row;            /* of one line */
    const struct entity *entity; /* whose records these are */
    int64_t records;
};

static int keep(void *data, const char *bytes, size_t n)
{
    struct takeout *t = data;
    if (fs_write_at(t->fd, bytes, n, t->at) != 0) {
        return ctx_fail(t->c, errno == ENOSPC ? ERR_FULL : ERR_INTERNAL, "",
                        "The export cannot be stored: %s.", strerror(errno));
    }
    t->at += (int64_t)n;
    return 0;
}

static int fail(struct takeout *t)
{
    return ctx_fail(t->c, ERR_INTERNAL, "", "The export cannot be packed.");
}

/* ---- files ----------------------------------------------------------------------------------- */

/* What the manifest says of a file. */
static void note_file(struct takeout *t, const char *name)
{
    unsigned char hash[CRYPTO_HASH_SIZE];
    struct json_writer *w = &t->manifest;
    crypto_hash_end(t->hash, hash);
    jw_object(w);
    jw_kv_text(w, "name", name);
    jw_kv_text(w, "kind", t->kind);
    if (t->key != NULL) {
        jw_kv_text(w, t->key, t->what);
    }
    jw_kv_int(w, "lines", t->lines);
    jw_kv_int(w, "bytes", t->size);
    jw_kv_text(w, "sha256", crypto_hex(t->c->arena, hash, sizeof(hash)));
    jw_object_end(w);
}

/* "records/contacts.ndjson", then "records/contacts-2.ndjson". */
static const char *part_name(const struct takeout *t)
{
    const char *end = strrchr(t->name, '.');
    return t->part == 1 || end == NULL
               ? t->name
               : arena_printf(t->c->arena, "%.*s-%d%s", (int)(end - t->name), t->name, t->part, end);
}

static int begin_part(struct takeout *t)
{
    crypto_hash_reset(t->hash);
    t->size = t->lines = 0;
    return archive_begin(t->archive, part_name(t)) == 0 ? 0 : fail(t);
}

static int begin(struct takeout *t, const char *name, const char *kind, const char *key,
                 const char *what)
{
    t->name = name;
    t->kind = kind;
    t->key = key;
    t->what = what;
    t->part = 1;
    return begin_part(t);
}

static void end(struct takeout *t)
{
    note_file(t, part_name(t));
}

static int add(struct takeout *t, const char *bytes, size_t n)
{
    crypto_hash_add(t->hash, bytes, n);
    t->size += (int64_t)n;
    return archive_add(t->archive, bytes, n) == 0 ? 0 : fail(t);
}

static int end_line(struct takeout *t)
{
    buf_putc(&t->line, '\n');
    int rc = add(t, t->line.data, t->line.size);
    t->lines++;
    buf_clear(&t->line);
    arena_reset(&t->row);
    if (rc == 0 && t->size >= PART_MAX) {
        end(t);
        t->part++;
        rc = begin_part(t);
    }
    return rc;
}

/* ---- records --------------------------------------------------------------------------------- */

/* Titles of everything a record links to, in the order of its fields; NULL on error. */
static struct title_row *link_titles(struct takeout *t, const struct record *r)
{
    struct who who = ctx_who(t->c);
    size_t count = 2;
    int64_t *ids = ARENA_ARRAY(&t->row, int64_t, r->entity->field_count + 2);
    ids[0] = r->created_by;
    ids[1] = r->updated_by;
    for (size_t i = 0; i < r->entity->field_count; i++) {
        const struct field *f = r->entity->fields[i];
        const struct value *values = field_is_link(f) ? record_values(r, f) : NULL;
        if (values != NULL && values[0].kind == VALUE_INT) {
            ids[count++] = values[0].i;
        }
    }
    struct title_row *rows = ARENA_ARRAY(&t->row, struct title_row, count);
    return query_titles(t->db, &who, ids, count, &t->row, rows, &t->c->err) == 0 ? rows : NULL;
}

static int print_many(struct takeout *t, struct json_writer *w, struct value v)
{
    struct who who = ctx_who(t->c);
    int64_t *ids = NULL;
    size_t count = print_ids(&t->row, v, &ids);
    struct title_row *rows = ARENA_ARRAY(&t->row, struct title_row, count + 1);
    if (count > 0 && query_titles(t->db, &who, ids, count, &t->row, rows, &t->c->err) != 0) {
        return -1;
    }
    jw_array(w);
    for (size_t i = 0; i < count; i++) {
        print_record_link(w, &rows[i]);
    }
    jw_array_end(w);
    return 0;
}

static void print_instant(struct json_writer *w, const char *key, int64_t ms)
{
    char text[CLOCK_INSTANT_SIZE];
    if (ms != 0) {
        clock_print_instant(ms, text);
    }
    jw_kv_text(w, key, ms != 0 ? text : NULL);
}

static void print_system(struct json_writer *w, const struct record *r, const struct title_row *by)
{
    struct link_title made = print_target(&by[0]), changed = print_target(&by[1]);
    jw_kv_int(w, "id", r->id);
    jw_kv_int(w, "version", r->version);
    print_instant(w, "created_at", r->created_at);
    jw_key(w, "created_by");
    print_link(w, r->created_by, &made);
    print_instant(w, "updated_at", r->updated_at);
    jw_key(w, "updated_by");
    print_link(w, r->updated_by, &changed);
    print_instant(w, "deleted_at", r->deleted_at);
    jw_kv_int(w, "_change", r->created_cs);
    jw_key(w, "_by"); /* who is no record any more has no title to print */
    jw_array(w);
    jw_int(w, r->created_by);
    jw_int(w, r->updated_by);
    jw_array_end(w);
}

static int print_fields(struct takeout *t, struct json_writer *w, const struct record *r,
                        const struct title_row *titles)
{
    for (size_t i = 0; i < r->entity->field_count; i++) {
        const struct field *f = r->entity->fields[i];
        const struct value *values = record_values(r, f);
        if (values == NULL) {
            continue;
        }
        bool link = field_is_link(f) && values[0].kind == VALUE_INT;
        struct link_title to = link ? print_target(titles++) : (struct link_title){0};
        jw_key(w, f->name);
        if (field_is_records(f)) {
            if (print_many(t, w, values[0]) != 0) {
                return -1;
            }
        } else {
            print_value(w, t->c, f, values, &to);
        }
    }
    return 0;
}

/* Does the field come back as it is from what was printed? */
static bool comes_back(struct takeout *t, const struct field *f, const struct value *values,
                       const struct json *line)
{
    struct value back[FIELD_MAX_COLUMNS];
    if (takeout_read_field(t->c, &t->row, f, json_find(line, f->name), NULL, back, NULL) != 0) {
        return false;
    }
    for (size_t i = 0; i < f->column_count; i++) {
        if (!value_equal(values[i], back[i])) {
            return false;
        }
    }
    return true;
}

static int print_stored(struct takeout *t, struct json_writer *w, const struct record *r)
{
    const struct json *line = NULL;
    bool any = false;
    const char *text = arena_printf(&t->row, "%s}", buf_text(&t->line));
    if (json_parse(&t->row, text, strlen(text), &line, &t->c->err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < r->entity->field_count; i++) {
        const struct field *f = r->entity->fields[i];
        const struct value *values = record_values(r, f);
        if (values == NULL || comes_back(t, f, values, line)) {
            continue;
        }
        if (!any) {
            jw_key(w, "_stored");
            jw_object(w);
        }
        any = true;
        jw_key(w, f->name);
        jw_array(w);
        for (size_t k = 0; k < f->column_count; k++) {
            takeout_print_stored(w, values[k]);
        }
        jw_array_end(w);
    }
    if (any) {
        jw_object_end(w);
    }
    return 0;
}

static int take_record(void *data, struct record *r)
{
    struct takeout *t = data;
    struct json_writer w;
    const struct title_row *titles = link_titles(t, r);
    if (titles == NULL) {
        return -1;
    }
    jw_init(&w, &t->line);
    jw_object(&w);
    print_system(&w, r, titles);
    if (print_fields(t, &w, r, titles + 2) != 0 || print_stored(t, &w, r) != 0) {
        return -1;
    }
    jw_object_end(&w);
    t->records++;
    return end_line(t);
}

static int put_records(struct takeout *t)
{
    for (size_t i = 0; i < t->c->model->entity_count; i++) {
        const struct entity *e = t->c->model->entities[i];
        t->entity = e;
        if (begin(t, arena_printf(t->c->arena, "records/%s.ndjson", e->plural), "records", "entity",
                  e->name) != 0 ||
            takeout_records(t->db, e, take_record, t, &t->c->err) != 0) {
            return -1;
        }
        end(t);
    }
    return 0;
}

/* ---- tables, history, configuration ---------------------------------------------------------- */

static int take_row(void *data, const struct takeout_row *row)
{
    struct takeout *t = data;
    struct json_writer w;
    jw_init(&w, &t->line);
    jw_object(&w);
    for (size_t i = 0; i < row->count; i++) {
        jw_key(&w, row->names[i]);
        takeout_print_stored(&w, row->values[i]);
    }
    jw_object_end(&w);
    return end_line(t);
}

static int put_tables(struct takeout *t)
{
    for (const struct takeout_table *table = TAKEOUT_TABLES; table->name != NULL; table++) {
        if (table->fate != TAKEOUT_KEPT) {
            continue;
        }
        if (begin(t, arena_printf(t->c->arena, "tables/%s.ndjson", table->name), "table", "table",
                  table->name) != 0 ||
            takeout_rows(t->db, table, take_row, t, &t->c->err) != 0) {
            return -1;
        }
        end(t);
    }
    return 0;
}

static void print_change(struct json_writer *w, const struct takeout_change *change)
{
    jw_object(w);
    jw_kv_text(w, "entity", change->entity);
    jw_kv_int(w, "id", change->record);
    jw_kv_text(w, change->pseudo ? "system" : "field", change->field);
    if (change->part > 0) {
        jw_kv_int(w, "part", change->part);
    }
    jw_key(w, "before");
    takeout_print_stored(w, change->before);
    jw_object_end(w);
}

static int take_set(void *data, const struct takeout_set *set)
{
    struct takeout *t = data;
    struct json_writer w;
    jw_init(&w, &t->line);
    jw_object(&w);
    jw_kv_int(&w, "id", set->id);
    print_instant(&w, "at", set->at_ms);
    jw_kv_int(&w, "by", set->actor);
    jw_kv_text(&w, "source", source_name(set->source));
    jw_kv_text(&w, "reason", set->reason);
    jw_kv_int(&w, "parent", set->parent);
    jw_kv_int(&w, "undo_of", set->undo_of);
    jw_key(&w, "changes");
    jw_array(&w);
    for (size_t i = 0; i < set->count; i++) {
        print_change(&w, &set->changes[i]);
    }
    jw_array_end(&w);
    jw_object_end(&w);
    return end_line(t);
}

static int put_history(struct takeout *t)
{
    if (begin(t, "history.ndjson", "history", NULL, NULL) != 0 ||
        takeout_sets(t->db, take_set, t, &t->c->err) != 0) {
        return -1;
    }
    end(t);
    return 0;
}

/* ---- attachments ----------------------------------------------------------------------------- */

#define FILES_AT_ONCE 500
#define ENDING_MAX    8

/* ".pdf" of "Offer 12.PDF", so that the file opens by itself; "" when it has none that is plain. */
static const char *ending_of(struct takeout *t, const char *title)
{
    const char *dot = strrchr(title, '.');
    size_t n = dot != NULL ? strlen(dot) : 0;
    if (n < 2 || n > ENDING_MAX) {
        return "";
    }
    for (size_t i = 1; i < n; i++) {
        if (!isalnum((unsigned char)dot[i])) {
            return "";
        }
    }
    return arena_strdup(&t->row, dot);
}

static int add_bytes(struct takeout *t, int fd)
{
    char *piece = arena_alloc(&t->row, PIECE);
    int64_t at = 0;
    ssize_t n;
    while ((n = fs_read_at(fd, piece, PIECE, at)) > 0) {
        if (add(t, piece, (size_t)n) != 0) {
            return -1;
        }
        at += n;
    }
    return n < 0 ? ctx_fail(t->c, ERR_INTERNAL, "", "A file cannot be read: %s.", strerror(errno)) : 0;
}

/* One that is not on disk is missing here too, and the log says so, as the status page does. */
static int put_file(struct takeout *t, const struct stored_file *file)
{
    const char *title = NULL;
    if (files_called(t->db, file->hash, &t->row, &title, &t->c->err) != 0) {
        return -1;
    }
    int fd = files_open(t->c->store, file->hash, file->size);
    if (fd < 0) {
        log_warn("%s: the file %s is missing on disk; the export goes without it", t->c->trace,
                 file->hash);
        return 0;
    }
    const char *name = arena_printf(t->c->arena, "files/%s%s", file->hash, ending_of(t, title));
    int rc = begin(t, name, "file", NULL, NULL) == 0 ? add_bytes(t, fd) : -1;
    close(fd);
    end(t);
    arena_reset(&t->row);
    return rc;
}

static int put_files(struct takeout *t)
{
    const char *after = "";
    size_t count = FILES_AT_ONCE;
    while (count == FILES_AT_ONCE) {
        struct stored_file *files = NULL;
        if (files_each(t->db, after, FILES_AT_ONCE, t->c->arena, &files, &count, &t->c->err) != 0) {
            return -1;
        }
        for (size_t i = 0; i < count; i++) {
            if (put_file(t, &files[i]) != 0) {
                return -1;
            }
            after = files[i].hash;
        }
    }
    return 0;
}

static int put_config(struct takeout *t)
{
    const struct model *m = t->c->model;
    for (size_t i = 0; i < m->source_count; i++) {
        const struct source *s = &m->sources[i];
        if (s->builtin) {
            continue;
        }
        if (begin(t, arena_printf(t->c->arena, "conf/%s", s->name), "config", NULL, NULL) != 0 ||
            add(t, s->text, s->size) != 0) {
            return -1;
        }
        end(t);
    }
    return 0;
}

/* ---- all of it ------------------------------------------------------------------------------- */

static void begin_manifest(struct takeout *t)
{
    struct json_writer *w = &t->manifest;
    jw_init(w, &t->manifest_text);
    jw_object(w);
    jw_kv_int(w, "format", TAKEOUT_FORMAT);
    jw_kv_text(w, "company", t->c->model->company.name);
    print_instant(w, "at", t->c->now_ms);
    jw_kv_text(w, "not_in_it", "passwords, sessions, tokens, jobs");
    jw_key(w, "files");
    jw_array(w);
}

static int put_manifest(struct takeout *t)
{
    jw_array_end(&t->manifest);
    jw_object_end(&t->manifest);
    buf_putc(&t->manifest_text, '\n');
    return archive_begin(t->archive, TAKEOUT_MANIFEST) == 0 &&
                   archive_add(t->archive, t->manifest_text.data, t->manifest_text.size) == 0 &&
                   archive_finish(t->archive) == 0
               ? 0
               : fail(t);
}

static int read_all(struct takeout *t)
{
    t->db = ctx_db(t->c);
    if (t->db == NULL || db_read_begin(t->db, &t->c->err) != 0) {
        return -1;
    }
    db_limit_ms(t->db, TIME_LIMIT_MS);
    begin_manifest(t);
    int rc = put_config(t) == 0 && put_records(t) == 0 && put_tables(t) == 0 && put_history(t) == 0 &&
                     put_files(t) == 0
                 ? put_manifest(t)
                 : -1;
    db_read_end(t->db);
    ctx_release(t->c);
    return rc;
}

static int send_all(struct takeout *t, export_sink sink, void *data)
{
    char *piece = arena_alloc(t->c->arena, PIECE);
    int64_t at = 0;
    ssize_t n;
    while ((n = fs_read_at(t->fd, piece, PIECE, at)) > 0) {
        if (sink(data, piece, (size_t)n) != 0) {
            return ctx_fail(t->c, ERR_BUSY, "", "The receiver went away.");
        }
        at += n;
    }
    return n < 0 ? ctx_fail(t->c, ERR_INTERNAL, "", "The export cannot be read back.") : 0;
}

int takeout_export(struct ctx *c, export_sink sink, void *data)
{
    struct takeout t = {.c = c};
    t.fd = open(store_dir(c->store), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (t.fd < 0) {
        return ctx_fail(c, ERR_INTERNAL, "", "The export cannot be stored: %s.", strerror(errno));
    }
    arena_init(&t.row);
    t.hash = crypto_hash_new();
    t.archive = archive_writer_new(c->arena, keep, &t, c->now_ms / 1000);
    int rc = export_turn(c);
    if (rc == 0) {
        rc = read_all(&t);
        export_turn_end();
    }
    if (rc == 0) {
        rc = export_note(c, NULL, "zip", NULL, t.records);
    }
    if (rc == 0) {
        rc = send_all(&t, sink, data);
    }
    crypto_hash_free(t.hash);
    arena_done(&t.row);
    buf_done(&t.line);
    buf_done(&t.manifest_text);
    close(t.fd);
    return rc;
}
