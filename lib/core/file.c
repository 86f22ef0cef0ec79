/* See file.h. Bytes first, on disk and in place, then the rows: a process that dies in between
 * leaves bytes that files_tidy removes, never a row without them. */
#include "core/file.h"

#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/crypto.h"
#include "base/fs.h"
#include "base/str.h"
#include "core/parts.h"
#include "exchange/encoding.h"
#include "store/accounts.h"
#include "store/files.h"
#include "store/jobs.h"

#define MB       (1024LL * 1024)
#define OVERHEAD 65536 /* bytes of a form around its files */
#define SNIFFED  32    /* first bytes that tell what a file is */

static atomic_llong file_bytes = 100 * MB, all_bytes = 20480 * MB;

int64_t file_bytes_max(void)
{
    return atomic_load(&file_bytes);
}

int64_t file_bytes_all(void)
{
    return atomic_load(&all_bytes);
}

void file_configure(const struct file_limits *limits)
{
    atomic_store(&file_bytes, limits->file_bytes);
    atomic_store(&all_bytes, limits->all_bytes);
}

const struct entity *file_entity(const struct model *m)
{
    const struct entity *e = model_entity_find(m, ENTITY_FILE);
    return e != NULL && !e->custom ? e : NULL;
}

/* ---- taking in ------------------------------------------------------------------------------- */

struct incoming {
    const char *name, *said;
    struct file_draft *draft;
    const char *type, *content; /* known when all bytes are there; content NULL: no text */
};

struct file_intake {
    struct ctx *c;
    struct file_target target;
    const struct entity *entity;
    const struct field *field; /* of target->field; NULL */
    struct incoming files[FILES_AT_ONCE];
    size_t count;
    bool open; /* the last file is still coming */
    struct record_result *out;
};

int file_too_large(struct ctx *c)
{
    return ctx_fail(c, ERR_TOO_LARGE, "", "The file is larger than %lld MB, the most one may have.",
                    atomic_load(&file_bytes) / MB);
}

static int no_space(struct ctx *c)
{
    return ctx_fail(c, ERR_FULL, "",
                    "The space for files is used up (%lld MB); an administrator can give more "
                    "with the setting files_quota.",
                    atomic_load(&all_bytes) / MB);
}

/* May he? Asked before the first byte is read, and again where it is written. */
static int check_rights(struct file_intake *in)
{
    struct ctx *c = in->c;
    if (access_entity(c, ACTION_CREATE, in->entity) != 0 ||
        record_permit(c, ACTION_SEE, in->target.entity, in->target.id, false) != 0) {
        return -1;
    }
    return in->field == NULL
               ? 0
               : record_permit(c, ACTION_EDIT, in->target.entity, in->target.id, false);
}

static int find_field(struct file_intake *in)
{
    struct ctx *c = in->c;
    const char *name = in->target.field;
    if (name == NULL) {
        return 0;
    }
    const struct field *f = access_field(c, in->target.entity, name, ERR_INVALID, "field");
    if (f == NULL) {
        return -1;
    }
    if (!field_is_link(f) || f->to != in->entity || !access_sets(c, f)) {
        return ctx_fail(c, ERR_INVALID, "field", "%s does not take a file.", f->label);
    }
    in->field = f;
    return 0;
}

static int check_announced(struct file_intake *in, int64_t announced)
{
    struct ctx *c = in->c;
    int64_t used = 0;
    if (ctx_db(c) == NULL || files_bytes(c->db, &used, &c->err) != 0) {
        return -1;
    }
    if (announced > atomic_load(&file_bytes) * FILES_AT_ONCE + OVERHEAD) {
        return file_too_large(c);
    }
    if (used >= atomic_load(&all_bytes)) {
        return no_space(c);
    }
    return announced <= 0 || fs_leaves_room(store_dir(c->store), (uint64_t)announced)
               ? 0
               : ctx_fail(c, ERR_FULL, "", "The disk has no room for this file.");
}

int file_intake_begin(struct ctx *c, const struct file_target *target, int64_t announced,
                      struct file_intake **out)
{
    struct file_intake *in = ARENA_NEW(c->arena, struct file_intake);
    *in = (struct file_intake){.c = c, .target = *target, .entity = file_entity(c->model)};
    if (in->entity == NULL) {
        return ctx_fail(c, ERR_NOT_FOUND, "", "There is nothing at this address.");
    }
    if (!target->entity->timeline) {
        return ctx_fail(c, ERR_INVALID, "", "Files cannot be attached to %s.",
                        target->entity->label_plural);
    }
    if (find_field(in) != 0 || check_rights(in) != 0 || check_announced(in, announced) != 0) {
        return -1;
    }
    ctx_release(c);
    *out = in;
    return 0;
}

int file_intake_file(struct file_intake *in, const char *name, const char *type)
{
    struct ctx *c = in->c;
    if (in->count == FILES_AT_ONCE || (in->field != NULL && in->count == 1)) {
        return ctx_fail(c, ERR_INVALID, "", "Send at most %d files at once.",
                        in->field != NULL ? 1 : FILES_AT_ONCE);
    }
    struct incoming *file = &in->files[in->count];
    *file = (struct incoming){.name = file_clean_name(c->arena, name),
                              .said = type != NULL ? arena_strdup(c->arena, type) : NULL};
    if (file_draft_begin(c->store, c->arena, &file->draft, &c->err) != 0) {
        return -1;
    }
    in->count++;
    in->open = true;
    return 0;
}

int file_intake_bytes(struct file_intake *in, const void *bytes, size_t n)
{
    struct ctx *c = in->c;
    struct file_draft *draft = in->files[in->count - 1].draft;
    return draft->size + (int64_t)n > atomic_load(&file_bytes)
               ? file_too_large(c)
               : file_draft_add(draft, bytes, n, &c->err);
}

/* Text that can be searched: to the first NUL or wrong byte, control characters as blanks. */
static const char *clean_text(struct arena *a, const struct buf *text)
{
    size_t n = strnlen(buf_text(text), text->size);
    n = n < FILE_TEXT_SIZE ? n : FILE_TEXT_SIZE;
    while (n > 0 && n < text->size && ((unsigned char)text->data[n] & 0xc0) == 0x80) {
        n--;
    }
    char *out = arena_strndup(a, buf_text(text), n);
    for (char *s = out; *s != '\0'; s++) {
        *s = ((unsigned char)*s < ' ' && *s != '\n' && *s != '\t') || *s == 0x7f ? ' ' : *s;
    }
    return *str_trim(a, out) != '\0' ? out : NULL;
}

static int read_text(struct ctx *c, struct incoming *file)
{
    struct decoder d;
    struct buf text = {0};
    struct err ignored = {0};
    char *start = arena_alloc(c->arena, FILE_TEXT_SIZE);
    size_t n = 0;
    if (file_draft_read(file->draft, start, FILE_TEXT_SIZE, &n, &c->err) != 0) {
        return -1;
    }
    file->type = file_media_type(c->arena, file->name, file->said, start, n < SNIFFED ? n : SNIFFED);
    if (!file_is_text(file->type)) {
        return 0;
    }
    decoder_init(&d, encoding_detect(start, n));
    decoder_feed(&d, start, n, &text, &ignored); /* what comes before a wrong byte is good */
    file->content = str_is_utf8(buf_text(&text), strnlen(buf_text(&text), text.size))
                        ? clean_text(c->arena, &text)
                        : NULL;
    buf_done(&text);
    return 0;
}

int file_intake_end(struct file_intake *in)
{
    struct incoming *file = &in->files[in->count - 1];
    in->open = false;
    return file_draft_end(file->draft, &in->c->err) != 0 ? -1 : read_text(in->c, file);
}

/* ---- keeping --------------------------------------------------------------------------------- */

static void put(struct field_set *set, const struct entity *e, const char *name, struct value v)
{
    const struct field *f = entity_field_find(e, name);
    if (f != NULL) {
        field_set_put(set, e, f, &v);
    }
}

static const char *text_of(const struct record *r, const char *name)
{
    const struct field *f = entity_field_find(r->entity, name);
    struct value v = f != NULL ? record_value(r, f) : value_null();
    return v.kind == VALUE_TEXT ? v.s : NULL;
}

static int insert_row(struct ctx *c, const struct file_bytes *b, const char *content,
                      int64_t record, struct record **out)
{
    const struct entity *e = file_entity(c->model);
    struct field_set *set = field_set_new(c->arena, e);
    put(set, e, "name", value_text(b->name));
    put(set, e, "size", value_int(b->size));
    put(set, e, "media_type", value_text(b->type));
    put(set, e, "hash", value_text(arena_strdup(c->arena, b->hash)));
    put(set, e, "content", content != NULL ? value_text(content) : value_null());
    put(set, e, "links", value_text(arena_printf(c->arena, "[%lld]", (long long)record)));
    return files_note(c->db, b->hash, b->size, c->now_ms, !b->known, &c->err) != 0
               ? -1
               : record_insert_in(c, e, set, out);
}

static int insert(struct file_intake *in, const struct incoming *file, struct record **out)
{
    struct file_bytes b = {.name = file->name,
                           .type = file->type,
                           .size = file->draft->size,
                           .known = !in->c->dry_run};
    memcpy(b.hash, file->draft->hash, sizeof b.hash);
    return insert_row(in->c, &b, file->content, in->target.id, out);
}

/* The field of the record that is to hold the file. */
static int set_field(struct file_intake *in, int64_t file)
{
    struct ctx *c = in->c;
    const struct entity *e = in->target.entity;
    struct record *before = NULL;
    bool changed;
    const struct value value[FIELD_MAX_COLUMNS] = {value_int(file)};
    struct field_set *set = field_set_new(c->arena, e);
    field_set_put(set, e, in->field, value);
    return rows_load(c->db, e, in->target.id, c->arena, &before, &c->err) != 0
               ? -1
               : record_change_in(c, before, set, &changed);
}

static int print_all(struct file_intake *in, struct record *const *records)
{
    struct ctx *c = in->c;
    struct buf text = {0};
    struct json_writer w;
    int64_t version = 0;
    int rc = 0;
    jw_init(&w, &text);
    if (in->count > 1) {
        jw_object(&w);
        jw_key(&w, "items");
        jw_array(&w);
    }
    for (size_t i = 0; rc == 0 && i < in->count; i++) {
        rc = record_print(c, in->entity, records[i]->id, 0, NULL, NULL, &w, &version);
    }
    if (in->count > 1) {
        jw_array_end(&w);
        jw_kv_int(&w, "change", c->change.id);
        jw_object_end(&w);
        version = 0;
    }
    *in->out = (struct record_result){.id = records[0]->id,
                                      .version = version,
                                      .change = c->change.id,
                                      .body = arena_strndup(c->arena, buf_text(&text), text.size),
                                      .body_size = text.size};
    buf_done(&text);
    return rc;
}

static int run_keep(struct ctx *c, void *params)
{
    struct file_intake *in = params;
    struct record *records[FILES_AT_ONCE];
    in->c = c;
    if (check_rights(in) != 0) {
        return -1;
    }
    for (size_t i = 0; i < in->count; i++) {
        if (insert(in, &in->files[i], &records[i]) != 0) {
            return -1;
        }
    }
    if (in->field != NULL && set_field(in, records[0]->id) != 0) {
        return -1;
    }
    return print_all(in, records);
}

/* ---- with a record --------------------------------------------------------------------------- */

static int hash_of(struct ctx *c, const void *bytes, size_t n, struct file_bytes *out)
{
    static const char HEX[] = "0123456789abcdef";
    unsigned char hash[CRYPTO_HASH_SIZE];
    bool have = false;
    int64_t used = 0;
    crypto_sha256(bytes, n, hash);
    for (size_t i = 0; i < sizeof hash; i++) {
        out->hash[2 * i] = HEX[hash[i] >> 4];
        out->hash[2 * i + 1] = HEX[hash[i] & 15];
    }
    out->hash[2 * sizeof hash] = '\0';
    out->size = (int64_t)n;
    if (ctx_db(c) == NULL || files_have(c->db, out->hash, &have, &c->err) != 0 ||
        files_bytes(c->db, &used, &c->err) != 0) {
        return -1;
    }
    return !have && used + out->size > atomic_load(&all_bytes) ? no_space(c) : 0;
}

int file_bytes_take(struct ctx *c, const void *bytes, size_t n, bool trial, struct file_bytes *out)
{
    struct file_draft *draft;
    if ((int64_t)n > atomic_load(&file_bytes)) {
        return file_too_large(c);
    }
    if (hash_of(c, bytes, n, out) != 0) {
        return -1;
    }
    ctx_release(c);
    out->known = !trial;
    return trial ? 0
           : file_draft_begin(c->store, c->arena, &draft, &c->err) != 0 ||
                   file_draft_add(draft, bytes, n, &c->err) != 0 ||
                   file_draft_end(draft, &c->err) != 0 || file_draft_keep(draft, &c->err) != 0
               ? -1
               : 0;
}

int file_bytes_attach(struct ctx *c, const struct file_bytes *b, int64_t record, int64_t *id)
{
    const struct entity *e = file_entity(c->model);
    struct record *made;
    if (e == NULL || !ctx_may(c, ACTION_CREATE, e)) {
        return ctx_fail(c, ERR_FORBIDDEN, "", "You may not add files.");
    }
    if (insert_row(c, b, NULL, record, &made) != 0) {
        return -1;
    }
    *id = made->id;
    return 0;
}

int file_bytes_same(struct ctx *c, int64_t id, const struct file_bytes *b, bool *same)
{
    struct record *r = NULL;
    *same = false;
    if (rows_load(c->db, file_entity(c->model), id, c->arena, &r, &c->err) != 0) {
        bool gone = c->err.code == ERR_NOT_FOUND;
        err_clear(&c->err);
        return gone ? 0 : ctx_fail(c, ERR_INTERNAL, "", "A file cannot be read.");
    }
    *same = str_eq(text_of(r, "hash"), b->hash);
    return 0;
}

/* ---- asked before they are kept -------------------------------------------------------------- */

/* Bytes that are there already need no room. */
static int check_quota(struct file_intake *in)
{
    struct ctx *c = in->c;
    int64_t used = 0;
    if (ctx_db(c) == NULL || files_bytes(c->db, &used, &c->err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < in->count; i++) {
        const struct file_draft *draft = in->files[i].draft;
        bool have = false;
        if (files_have(c->db, draft->hash, &have, &c->err) != 0) {
            return -1;
        }
        used += have ? 0 : draft->size;
        if (!have && used > atomic_load(&all_bytes)) {
            return no_space(c);
        }
    }
    ctx_release(c);
    return 0;
}

int file_intake_keep(struct file_intake *in, struct record_result *out)
{
    struct ctx *c = in->c;
    in->out = out;
    if (in->count == 0 || in->open) {
        return ctx_fail(c, ERR_INVALID, "", "There is no file in the request.");
    }
    if (check_quota(in) != 0) {
        return -1;
    }
    for (size_t i = 0; !c->dry_run && i < in->count; i++) {
        if (file_draft_keep(in->files[i].draft, &c->err) != 0) {
            return -1;
        }
    }
    if (ctx_write(c, run_keep, in) != 0) {
        return -1;
    }
    out->change = c->change.id;
    return 0;
}

/* ---- records --------------------------------------------------------------------------------- */

int file_check(struct ctx *c, const struct record *before, struct record *r)
{
    if (r->entity != file_entity(c->model)) {
        return 0;
    }
    if (before == NULL && text_of(r, "hash") == NULL) {
        return ctx_fail(c, ERR_INVALID, ENTITY_FILE,
                        "A file comes with its bytes: send them to POST "
                        "/api/v1/<plural>/<id>/files of its record.");
    }
    const char *name = text_of(r, "name");
    if (name != NULL) {
        struct value clean = value_text(file_clean_name(c->arena, name));
        record_set(r, entity_field_find(r->entity, "name"), &clean);
    }
    return 0;
}

/* ---- giving out ------------------------------------------------------------------------------ */

static void close_view(void *data)
{
    close(((struct file_view *)data)->fd);
}

int file_fetch(struct ctx *c, int64_t id, struct file_view *out)
{
    const struct entity *e = file_entity(c->model);
    struct record *r = NULL;
    char start[SNIFFED];
    if (e == NULL) {
        return ctx_fail(c, ERR_NOT_FOUND, "", "There is nothing at this address.");
    }
    if (record_permit(c, ACTION_SEE, e, id, false) != 0 ||
        rows_load(c->db, e, id, c->arena, &r, &c->err) != 0) {
        return -1;
    }
    ctx_release(c);
    struct file_view *view = ARENA_NEW(c->arena, struct file_view);
    struct value size = record_value(r, entity_field_find(e, "size"));
    *view = (struct file_view){.size = size.i,
                               .name = text_of(r, "name"),
                               .media_type = text_of(r, "media_type"),
                               .hash = text_of(r, "hash")};
    view->fd = view->hash != NULL ? files_open(c->store, view->hash, view->size) : -1;
    if (view->fd < 0) {
        return ctx_fail(c, ERR_NOT_FOUND, "",
                        "The contents of this file are missing on the server; an administrator "
                        "can put them back from a backup.");
    }
    arena_defer(c->arena, close_view, view);
    ssize_t n = fs_read_at(view->fd, start, sizeof start, 0);
    view->shown_as = n > 0 ? file_shown_as(start, (size_t)n) : NULL;
    *out = *view;
    return 0;
}

/* ---- tidying --------------------------------------------------------------------------------- */

static int keep_missing(struct ctx *c, int64_t count, const char *first)
{
    struct buf text = {0};
    struct json_writer w;
    jw_init(&w, &text);
    jw_object(&w);
    jw_kv_int(&w, "count", count);
    jw_kv_text(&w, "first", first);
    jw_object_end(&w);
    int rc = accounts_set_fact(c->db, "files_missing", buf_text(&text), &c->err);
    buf_done(&text);
    return rc;
}

struct tidying {
    int64_t job;
    struct file_strays strays;
    int64_t missing;
    const char *first;
};

static int run_tidy(struct ctx *c, void *params)
{
    struct tidying *t = params;
    struct job j = {0};
    if (files_tidy(c->db, c->now_ms, &t->strays, &c->err) != 0 ||
        keep_missing(c, t->missing, t->first) != 0 ||
        jobs_find(c->db, t->job, c->arena, &j, &c->err) != 0) {
        return -1;
    }
    j.state = JOB_DONE;
    return jobs_save(c->db, &j, c->now_ms, &c->err);
}

int file_tidy_slice(struct ctx *c, int64_t job, bool *more)
{
    struct tidying t = {.job = job};
    *more = false;
    if (ctx_db(c) == NULL ||
        files_missing(c->db, c->arena, &t.missing, &t.first, &c->err) != 0 ||
        files_strays(c->db, c->now_ms, c->arena, &t.strays, &c->err) != 0) {
        return -1;
    }
    ctx_release(c);
    return ctx_write_fixed(c, run_tidy, &t);
}

int file_tidy(struct ctx *c, int64_t record, const char *key)
{
    struct job j = {.kind = "files",
                    .params = "{}",
                    .position = "{}",
                    .state = JOB_WAITING,
                    .due_at = c->now_ms,
                    .created_at = c->now_ms};
    (void)record;
    (void)key;
    return jobs_add(c->db, &j, &c->err);
}
