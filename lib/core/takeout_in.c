/*
 * Loading a full export, see takeout.h. The archive is stored first, read once to compare it with its
 * manifest, and once more inside the one write that loads it.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/map.h"
#include "base/str.h"
#include "core/account.h"
#include "core/parts.h"
#include "core/takeout_private.h"
#include "store/files.h"
#include "store/takeout.h"

#define PIECE        65536
#define LINE_MAX     ((size_t)256 << 20)
#define MANIFEST_MAX ((size_t)64 << 20)

struct stated { /* a file as the manifest tells of it */
    const char *name, *kind, *what, *sha256;
    int64_t lines, bytes;
};

struct found { /* a file as it was read */
    const char *sha256;
    int64_t lines, bytes;
};

struct load {
    struct ctx *c;
    int fd;
    int64_t at; /* where the reader stands */
    struct map stated, found; /* by name */
    struct takeout_load *load;
    struct takeout_result *result;
    /* the file that is being read */
    const char *name;
    int64_t line;
    struct arena row;
};

static long read_stored(void *data, void *out, size_t room)
{
    struct load *l = data;
    ssize_t n = fs_read_at(l->fd, out, room, l->at);
    l->at += n > 0 ? n : 0;
    return (long)n;
}

/* ---- storing --------------------------------------------------------------------------------- */

static int store_archive(struct load *l, archive_source source, void *data)
{
    char *piece = arena_alloc(l->c->arena, PIECE);
    long n;
    while ((n = source(data, piece, PIECE)) > 0) {
        if (fs_write_at(l->fd, piece, (size_t)n, l->at) != 0) {
            return ctx_fail(l->c, errno == ENOSPC ? ERR_FULL : ERR_INTERNAL, "",
                            "The export cannot be stored: %s.", strerror(errno));
        }
        l->at += n;
    }
    return n == 0 ? 0
                  : ctx_fail(l->c, ERR_MALFORMED, "",
                             "The export was cut off on its way; nothing was loaded.");
}

/* ---- the manifest ---------------------------------------------------------------------------- */

/* Reads a file to its end: its hash, how many lines, and the text if `text` is not NULL. */
static int digest(struct load *l, struct archive_reader *r, struct found *out, struct buf *text)
{
    unsigned char hash[CRYPTO_HASH_SIZE];
    char *piece = arena_alloc(&l->row, PIECE);
    struct crypto_hash *h = crypto_hash_new();
    long n;
    while ((n = archive_read(r, piece, PIECE, &l->c->err)) > 0) {
        crypto_hash_add(h, piece, (size_t)n);
        out->bytes += n;
        for (const char *at = piece; (at = memchr(at, '\n', (size_t)(piece + n - at))) != NULL; at++) {
            out->lines++;
        }
        if (text != NULL && text->size + (size_t)n > MANIFEST_MAX) {
            n = ctx_fail(l->c, ERR_TOO_LARGE, TAKEOUT_MANIFEST, "The manifest is too large.");
            break;
        }
        if (text != NULL) {
            buf_add(text, piece, (size_t)n);
        }
    }
    crypto_hash_end(h, hash);
    crypto_hash_free(h);
    out->sha256 = crypto_hex(l->c->arena, hash, sizeof(hash));
    arena_reset(&l->row);
    return n < 0 ? -1 : 0;
}

static int read_manifest(struct load *l, const struct buf *text)
{
    struct ctx *c = l->c;
    const struct json *manifest = NULL;
    int64_t format = 0;
    char *kept = arena_strndup(c->arena, buf_text(text), text->size);
    if (json_parse(c->arena, kept, text->size, &manifest, &c->err) != 0) {
        return -1;
    }
    const struct json *number = json_find(manifest, "format");
    if (number == NULL || json_int(number, &format) != 0 || format != TAKEOUT_FORMAT) {
        return ctx_fail(c, ERR_INVALID, TAKEOUT_MANIFEST,
                        "This export is not of format %d, the one this Kontor reads.",
                        TAKEOUT_FORMAT);
    }
    const struct json *files = json_find(manifest, "files");
    for (const struct json *f = files != NULL ? files->child : NULL; f != NULL; f = f->next) {
        struct stated *s = ARENA_NEW(c->arena, struct stated);
        const char *what = json_text(f, "entity");
        *s = (struct stated){.name = json_text(f, "name"),
                             .kind = json_text(f, "kind"),
                             .what = what != NULL ? what : json_text(f, "table"),
                             .sha256 = json_text(f, "sha256")};
        const struct json *lines = json_find(f, "lines"), *bytes = json_find(f, "bytes");
        if (s->name == NULL || s->kind == NULL || s->sha256 == NULL || lines == NULL ||
            json_int(lines, &s->lines) != 0 || bytes == NULL || json_int(bytes, &s->bytes) != 0) {
            return ctx_fail(c, ERR_INVALID, TAKEOUT_MANIFEST, "A file in it is not described.");
        }
        map_set(&l->stated, s->name, s);
    }
    return 0;
}

static bool counts_lines(const struct stated *s)
{
    return str_eq(s->kind, "records") || str_eq(s->kind, "table") || str_eq(s->kind, "history");
}

static int compare(struct load *l, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct stated *s = map_find(&l->stated, names[i]);
        const struct found *f = map_find(&l->found, names[i]);
        if (s == NULL) {
            return ctx_fail(l->c, ERR_INVALID, names[i], "The manifest does not name this file.");
        }
        if (!str_eq(s->sha256, f->sha256) || s->bytes != f->bytes || (counts_lines(s) && s->lines != f->lines)) {
            return ctx_fail(l->c, ERR_INVALID, names[i],
                            "The file is not the one that was exported: it has %lld lines, the "
                            "manifest says %lld, and the SHA-256 sums %s.",
                            (long long)f->lines, (long long)s->lines,
                            str_eq(s->sha256, f->sha256) ? "agree" : "differ");
        }
    }
    if (l->stated.count != count) {
        return ctx_fail(l->c, ERR_INVALID, TAKEOUT_MANIFEST,
                        "Files that the manifest names are missing: it names %zu, there are %zu.",
                        l->stated.count, count);
    }
    return 0;
}

/* Nothing is loaded from an archive that is not whole. */
static int check(struct load *l)
{
    struct archive_reader *r = archive_reader_new(l->c->arena, read_stored, l);
    struct buf manifest = {0};
    const char **names = NULL;
    const char *name = NULL;
    size_t count = 0, room = 0;
    int rc;
    l->at = 0;
    while ((rc = archive_next(r, &name, &l->c->err)) == 1) {
        struct found *f = ARENA_NEW(l->c->arena, struct found);
        bool is_manifest = strcmp(name, TAKEOUT_MANIFEST) == 0;
        const char *kept = arena_strdup(l->c->arena, name);
        if (digest(l, r, f, is_manifest ? &manifest : NULL) != 0) {
            rc = -1;
            break;
        }
        if (is_manifest) {
            continue;
        }
        if (count == room) {
            size_t more = room > 0 ? 2 * room : 64;
            const char **list = ARENA_ARRAY(l->c->arena, const char *, more);
            if (count > 0) {
                memcpy(list, names, count * sizeof(*list));
            }
            names = list;
            room = more;
        }
        names[count++] = kept;
        map_set(&l->found, kept, f);
    }
    if (rc == 0 && manifest.size == 0) {
        rc = ctx_fail(l->c, ERR_INVALID, TAKEOUT_MANIFEST, "The export has no manifest.");
    }
    if (rc == 0) {
        rc = read_manifest(l, &manifest) == 0 ? compare(l, names, count) : -1;
    }
    buf_done(&manifest);
    return rc;
}

/* ---- attachments ----------------------------------------------------------------------------- */

/* The bytes, into their place; a load that fails after it leaves them to the daily tidying. */
static int keep_file(struct load *l, struct archive_reader *r)
{
    struct file_draft *draft = NULL;
    struct err *e = &l->c->err;
    char *piece = arena_alloc(&l->row, PIECE);
    long n = 0;
    int rc = file_draft_begin(l->c->store, &l->row, &draft, e);
    while (rc == 0 && (n = archive_read(r, piece, PIECE, e)) > 0) {
        rc = file_draft_add(draft, piece, (size_t)n, e);
    }
    rc = rc == 0 && n == 0 && file_draft_end(draft, e) == 0 ? file_draft_keep(draft, e) : -1;
    arena_reset(&l->row);
    return rc;
}

static bool is_file(const struct stated *s)
{
    return s != NULL && str_eq(s->kind, "file");
}

static int keep_files(struct load *l)
{
    struct archive_reader *r = archive_reader_new(l->c->arena, read_stored, l);
    const char *name = NULL;
    int rc;
    l->at = 0;
    while ((rc = archive_next(r, &name, &l->c->err)) == 1) {
        if (is_file(map_find(&l->stated, name)) && keep_file(l, r) != 0) {
            return -1;
        }
    }
    return rc;
}

static int note_file(struct load *l, const struct stated *s)
{
    l->result->files++;
    return files_note(l->c->db, s->sha256, s->bytes, l->c->now_ms, l->c->dry_run, &l->c->err);
}

/* ---- lines ----------------------------------------------------------------------------------- */

/* "records/contacts.ndjson:12" */
static int line_fail(struct load *l, const char *why)
{
    struct err *e = &l->c->err;
    struct err inner = *e;
    const char *where = arena_printf(l->c->arena, "%s:%lld", l->name, (long long)l->line);
    err_clear(e);
    return ctx_fail(l->c, inner.code == ERR_NONE ? ERR_INVALID : inner.code, where, "%s",
                    inner.code == ERR_NONE ? why : arena_strdup(l->c->arena, inner.text));
}

static int64_t number_in(const struct json *line, const char *key)
{
    int64_t n = 0;
    const struct json *j = json_find(line, key);
    return j != NULL && json_int(j, &n) == 0 ? n : 0;
}

static int instant_in(const struct json *line, const char *key, int64_t *out)
{
    const char *text = json_text(line, key);
    *out = 0;
    return text == NULL || clock_parse_instant(text, out) == 0 ? 0 : -1;
}

static int read_system(const struct json *line, struct record *r)
{
    const struct json *by = json_find(line, "_by");
    int64_t at[3];
    static const char *const keys[] = {"created_at", "updated_at", "deleted_at"};
    for (size_t i = 0; i < COUNT(keys); i++) {
        if (instant_in(line, keys[i], &at[i]) != 0) {
            return -1;
        }
    }
    r->id = number_in(line, "id");
    r->version = number_in(line, "version");
    r->created_cs = number_in(line, "_change");
    r->created_at = at[0];
    r->updated_at = at[1];
    r->deleted_at = at[2];
    if (by == NULL || by->count != 2 || json_int(by->child, &r->created_by) != 0 ||
        json_int(by->child->next, &r->updated_by) != 0) {
        return -1;
    }
    return r->id > 0 && r->version > 0 && r->created_cs > 0 ? 0 : -1;
}

static bool is_known(const struct entity *e, const struct json *member)
{
    return member->key[0] == '_' || entity_field_find(e, member->key) != NULL;
}

static int load_record(struct load *l, const struct stated *s, const struct json *line)
{
    const struct entity *e = model_entity_find(l->c->model, s->what != NULL ? s->what : "");
    if (e == NULL) {
        return line_fail(l, "There is no such entity in this configuration.");
    }
    struct record *r = record_new(&l->row, e);
    const struct json *stored = json_find(line, "_stored");
    if (read_system(line, r) != 0) {
        return line_fail(l, "The record lacks its id, version, times or change.");
    }
    for (const struct json *m = line->child; m != NULL; m = m->next) {
        const struct field *f = entity_field_find(e, m->key);
        struct value values[FIELD_MAX_COLUMNS];
        if (!is_known(e, m)) {
            return line_fail(l, arena_printf(l->c->arena, "There is no field %s.", m->key));
        }
        if (f == NULL || record_values(r, f) == NULL) {
            continue;
        }
        if (takeout_read_field(l->c, &l->row, f, m, json_find(stored, f->name), values,
                               &l->c->err) != 0) {
            return line_fail(l, arena_printf(l->c->arena, "%s cannot be read.", f->name));
        }
        record_set(r, f, values);
    }
    l->result->records++;
    return takeout_load_record(l->load, r, &l->row, &l->c->err) == 0 ? 0 : line_fail(l, "");
}

static int load_row(struct load *l, const struct stated *s, const struct json *line)
{
    const struct takeout_table *t = TAKEOUT_TABLES;
    while (t->name != NULL && (!str_eq(t->name, s->what) || t->fate != TAKEOUT_KEPT)) {
        t++;
    }
    if (t->name == NULL) {
        return line_fail(l, "There is no such table in this Kontor.");
    }
    struct takeout_row row = {.names = ARENA_ARRAY(&l->row, const char *, line->count + 1),
                              .values = ARENA_ARRAY(&l->row, struct value, line->count + 1)};
    for (const struct json *m = line->child; m != NULL; m = m->next) {
        row.names[row.count] = m->key;
        if (takeout_read_stored(m, &row.values[row.count++]) != 0) {
            return line_fail(l, arena_printf(l->c->arena, "%s cannot be read.", m->key));
        }
    }
    return takeout_load_row(l->load, t, &row, &l->c->err) == 0 ? 0 : line_fail(l, "");
}

static int read_change(const struct json *j, struct takeout_change *out)
{
    const char *field = json_text(j, "field"), *system = json_text(j, "system");
    const struct json *before = json_find(j, "before");
    *out = (struct takeout_change){.entity = json_text(j, "entity"),
                                   .field = field != NULL ? field : system,
                                   .pseudo = field == NULL,
                                   .part = (int)number_in(j, "part"),
                                   .record = number_in(j, "id")};
    return out->entity != NULL && out->field != NULL && out->record > 0 && before != NULL
               ? takeout_read_stored(before, &out->before)
               : -1;
}

static enum change_source source_of(const char *name)
{
    for (enum change_source s = SOURCE_UI; source_name(s)[0] != 0; s++) {
        if (str_eq(source_name(s), name)) {
            return s;
        }
    }
    return SOURCE_NONE;
}

static int load_set(struct load *l, const struct stated *s, const struct json *line)
{
    (void)s;
    const struct json *changes = json_find(line, "changes");
    struct takeout_set set = {.id = number_in(line, "id"),
                              .actor = number_in(line, "by"),
                              .parent = number_in(line, "parent"),
                              .undo_of = number_in(line, "undo_of"),
                              .reason = json_text(line, "reason"),
                              .source = source_of(json_text(line, "source"))};
    if (set.id <= 0 || changes == NULL || instant_in(line, "at", &set.at_ms) != 0) {
        return line_fail(l, "The change lacks its id, time or changes.");
    }
    set.changes = ARENA_ARRAY(&l->row, struct takeout_change, changes->count + 1);
    for (const struct json *j = changes->child; j != NULL; j = j->next) {
        if (read_change(j, &set.changes[set.count++]) != 0) {
            return line_fail(l, "A value before the change cannot be read.");
        }
    }
    l->result->changes++;
    return takeout_load_set(l->load, &set, &l->result->left, &l->c->err) == 0 ? 0
                                                                              : line_fail(l, "");
}

/* THE table of what is loaded, by kind; the rest (the configuration) is applied by whoever loads. */
static const struct {
    const char *kind;
    int (*line)(struct load *l, const struct stated *s, const struct json *line);
} KINDS[] = {{"records", load_record}, {"table", load_row}, {"history", load_set}};

static int load_line(struct load *l, const struct stated *s, const char *text, size_t n)
{
    const struct json *line = NULL;
    l->line++;
    if (json_parse(&l->row, text, n, &line, &l->c->err) != 0) {
        return line_fail(l, "");
    }
    for (size_t i = 0; i < COUNT(KINDS); i++) {
        if (str_eq(KINDS[i].kind, s->kind)) {
            int rc = KINDS[i].line(l, s, line);
            arena_reset(&l->row);
            return rc;
        }
    }
    return 0;
}

/* Cuts what was read into lines; what follows the last one stays in `text`. */
static int load_lines(struct load *l, const struct stated *s, struct buf *text)
{
    char *at = text->data, *end;
    size_t left = text->size;
    while ((end = memchr(at, '\n', left)) != NULL) {
        size_t n = (size_t)(end - at);
        *end = 0;
        if (load_line(l, s, at, n) != 0) {
            return -1;
        }
        at = end + 1;
        left -= n + 1;
    }
    memmove(text->data, at, left);
    text->size = left;
    return left <= LINE_MAX ? 0 : line_fail(l, "The line is too long.");
}

static int load_file(struct load *l, struct archive_reader *r, const struct stated *s)
{
    struct buf text = {0};
    long n = 1;
    int rc = 0;
    l->name = s->name;
    l->line = 0;
    while (rc == 0 && n > 0) {
        buf_reserve(&text, PIECE + 1);
        n = archive_read(r, text.data + text.size, PIECE, &l->c->err);
        text.size += n > 0 ? (size_t)n : 0;
        rc = n < 0 ? -1 : text.size > 0 ? load_lines(l, s, &text) : 0;
    }
    buf_done(&text);
    return rc;
}

/* ---- the write ------------------------------------------------------------------------------- */

static int run(struct ctx *c, void *params)
{
    struct load *l = params;
    struct archive_reader *r = archive_reader_new(c->arena, read_stored, l);
    const char *name = NULL;
    *l->result = (struct takeout_result){0};
    l->at = 0;
    int rc = takeout_load_begin(c->db, c->model, c->arena, &l->load, &c->err);
    while (rc == 0 && (rc = archive_next(r, &name, &c->err)) == 1) {
        const struct stated *s = map_find(&l->stated, name);
        rc = s != NULL && counts_lines(s) ? load_file(l, r, s) : is_file(s) ? note_file(l, s) : 0;
    }
    if (rc == 0) {
        rc = takeout_load_end(l->load, &c->err);
    }
    c->identities_changed = true;
    return rc;
}

int takeout_import(struct ctx *c, archive_source source, void *data, struct takeout_result *out)
{
    struct load l = {.c = c, .result = out};
    l.fd = open(store_dir(c->store), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (l.fd < 0) {
        return ctx_fail(c, ERR_INTERNAL, "", "The export cannot be stored: %s.", strerror(errno));
    }
    c->no_gates = true; /* what is there was so where it comes from */
    arena_init(&l.row);
    map_init(&l.stated, c->arena);
    map_init(&l.found, c->arena);
    int rc = store_archive(&l, source, data) == 0 && check(&l) == 0 && keep_files(&l) == 0
                 ? ctx_write(c, run, &l)
                 : -1;
    if (rc == 0) {
        log_info("%s: everything of an export was loaded: %lld records, %lld changes", c->trace,
                 (long long)out->records, (long long)out->changes);
    }
    arena_done(&l.row);
    close(l.fd);
    return rc;
}
