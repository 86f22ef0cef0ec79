/*
 * Pictures in cells of a field of type file: a photo out of an address book, as a data: URI. Their
 * bytes are put in place before the write, each once by its hash, where a trial only counts them;
 * the file and its link are written with the record, so that they go with its undo. A record that
 * has the same picture keeps it.
 */
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "core/file.h"
#include "core/import.h"
#include "core/parts.h"
#include "exchange/picture.h"

struct import_picture {
    size_t column;
    const char *problem; /* why it cannot be taken; NULL: it can */
    struct file_bytes file;
    struct import_picture *next;
};

bool import_is_picture(const struct ctx *c, const struct field *f, const char *text)
{
    return f != NULL && f->to != NULL && f->to == file_entity(c->model) && picture_is(text);
}

const char *import_picture_words(struct ctx *c, const char *text)
{
    size_t n = strcspn(text, ";"), kb = strlen(text) * 3 / 4 / 1024;
    return arena_printf(c->arena, "%.*s, %zu KB", n > 5 ? (int)n - 5 : 0, text + 5, kb > 0 ? kb : 1);
}

/* "image/jpeg" → "photo.jpeg" */
static const char *name_of(struct ctx *c, const struct field *f, const char *type)
{
    const char *slash = strchr(type, '/');
    return arena_printf(c->arena, "%s.%s", f->name, slash != NULL ? slash + 1 : type);
}

static int take(struct ctx *c, const struct field *f, const char *text, bool trial,
                struct import_picture *out)
{
    struct buf bytes = {0};
    int rc = 0;
    out->file.type = picture_read(text, &bytes);
    if (out->file.type == NULL) {
        out->problem = "This is no picture that Kontor knows: PNG, JPEG, GIF or WebP in base64.";
    } else {
        out->file.name = name_of(c, f, out->file.type);
        rc = file_bytes_take(c, bytes.data, bytes.size, trial, &out->file);
    }
    buf_done(&bytes);
    if (rc != 0 && (c->err.code == ERR_FULL || c->err.code == ERR_TOO_LARGE)) {
        out->problem = arena_strdup(c->arena, c->err.text);
        err_clear(&c->err);
        rc = 0;
    }
    return rc;
}

/* The field of the column in whichever record of the row. */
static const struct field *field_at(const struct import_plan *p, size_t i)
{
    const struct field *f = p->columns[i].field;
    for (size_t k = 0; f == NULL && k < p->part_count; k++) {
        f = p->parts[k].columns[i].field;
    }
    return f;
}

int import_pictures_take(struct ctx *c, const struct import_plan *p, bool trial,
                         struct import_row *rows, size_t count)
{
    for (size_t i = 0; i < p->column_count; i++) {
        const struct field *f = field_at(p, i);
        for (size_t k = 0; f != NULL && f->to == file_entity(c->model) && k < count; k++) {
            const char *text = i < rows[k].count ? rows[k].cells[i] : "";
            if (!import_is_picture(c, f, text)) {
                continue;
            }
            struct import_picture *picture = ARENA_NEW(c->arena, struct import_picture);
            *picture = (struct import_picture){.column = i, .next = rows[k].pictures};
            rows[k].pictures = picture;
            if (take(c, f, text, trial, picture) != 0) {
                return -1;
            }
        }
    }
    return 0;
}

static int refuse(struct ctx *c, struct row_run *run, const struct import_column *column,
                  const char *why)
{
    run->column = column->header;
    run->value = "";
    return err_add(&c->err, c->arena, ERR_INVALID,
                   arena_printf(c->arena, "%s.%s", run->plan->entity->name, column->field->name),
                   "%s", why);
}

static int write_one(struct ctx *c, const struct row_run *run, const struct import_picture *picture,
                     int64_t id, struct field_set *shown)
{
    const struct entity *e = run->plan->entity;
    const struct field *f = run->plan->columns[picture->column].field;
    struct record *now = NULL;
    int64_t file = 0;
    bool changed = false;
    if (file_bytes_attach(c, &picture->file, id, &file) != 0 ||
        rows_load(c->db, e, id, c->arena, &now, &c->err) != 0) {
        return -1;
    }
    const struct value value[FIELD_MAX_COLUMNS] = {value_int(file)};
    struct field_set *set = field_set_new(c->arena, e);
    field_set_put(set, e, f, value);
    field_set_put(shown, e, f, value);
    return record_change_in(c, now, set, &changed);
}

int import_pictures_write(struct ctx *c, struct row_run *run, int64_t id,
                          const struct record *before, struct field_set *shown, bool *changed)
{
    for (const struct import_picture *p = run->row->pictures; p != NULL; p = p->next) {
        const struct import_column *column = &run->plan->columns[p->column];
        bool same = false;
        if (column->field == NULL) {
            continue;
        }
        if (p->problem != NULL) {
            return refuse(c, run, column, p->problem);
        }
        struct value has = before != NULL ? record_value(before, column->field) : value_null();
        if (has.kind == VALUE_INT && file_bytes_same(c, has.i, &p->file, &same) != 0) {
            return -1;
        }
        if (!same && write_one(c, run, p, id, shown) != 0) {
            return -1;
        }
        *changed = *changed || !same;
    }
    return 0;
}
