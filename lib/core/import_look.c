/*
 * A look into the file of a draft: what its columns are called and hold, how it was read, and where
 * its columns probably go. The first rows are read again each time: nothing of them is kept. See
 * core/transfer.h.
 */
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "core/import_job.h"
#include "core/parts.h"
#include "exchange/picture.h"
#include "store/recipes.h"

#define LOOK_ROWS   5000 /* rows that are looked at */
#define LOOK_BYTES  ((uint64_t)16 << 20)
#define SAMPLES     4    /* texts shown of a column */
#define SAMPLE_SIZE 80   /* bytes of one */
#define VALUES_MAX  60   /* different texts of a column that is one of choices */
#define VALUE_SIZE  120

struct seen {
    const char *text;
    int64_t count;
};

struct look {
    const char *samples[SAMPLES + 1]; /* ends with NULL */
    size_t sample_count;
    int64_t filled;
    struct seen *values;
    struct map by_text;
    size_t value_count;
    bool many; /* more texts than a choice has */
};

static void see_value(struct ctx *c, struct look *l, const char *text)
{
    struct seen *seen = map_find(&l->by_text, text);
    if (seen != NULL) {
        seen->count++;
        return;
    }
    if (l->value_count == VALUES_MAX || strlen(text) > VALUE_SIZE) {
        l->many = true;
        return;
    }
    const char *own = arena_strdup(c->arena, text);
    l->values[l->value_count] = (struct seen){own, 1};
    map_set(&l->by_text, own, &l->values[l->value_count++]);
}

static const char *shortened(struct ctx *c, const char *text)
{
    size_t n = 0, size = strlen(text);
    while (n < size && n < SAMPLE_SIZE) {
        size_t one = str_utf8_sequence(text + n, size - n);
        n += one > 0 ? one : 1;
    }
    return n < size ? arena_printf(c->arena, "%.*s…", (int)n, text) : arena_strdup(c->arena, text);
}

static void see_cell(struct ctx *c, struct look *l, const char *cell)
{
    const char *text = str_trim(c->arena, cell);
    if (text[0] == 0) {
        return;
    }
    l->filled++;
    if (picture_is(text)) {
        l->many = true;
        text = import_picture_words(c, text);
    }
    if (!l->many) {
        see_value(c, l, text);
    }
    for (size_t i = 0; i < l->sample_count; i++) {
        if (strcmp(l->samples[i], text) == 0) {
            return;
        }
    }
    if (l->sample_count < SAMPLES) {
        l->samples[l->sample_count++] = shortened(c, text);
    }
}

/* The first rows; their cells die with the arena of each. */
static int see_rows(struct ctx *c, const struct import_job *j, struct look *looks, size_t *rows)
{
    struct import_reader *r = import_reader_open(c, j->job.id, &j->file);
    struct import_row row;
    int rc = r == NULL ? -1
                       : import_reader_at(r, c, j->file.data_offset, j->file.data_line, &row);
    const uint64_t first = j->file.data_offset;
    for (*rows = 0; rc == 1; (*rows)++) {
        for (size_t i = 0; i < j->file.header_count; i++) {
            see_cell(c, &looks[i], i < row.count ? row.cells[i] : "");
        }
        bool more = *rows + 1 < LOOK_ROWS && row.next_offset - first < LOOK_BYTES;
        rc = more ? import_reader_next(r, c, &row) : 0;
    }
    if (r != NULL) {
        import_reader_close(r);
    }
    return rc < 0 ? -1 : 0;
}

/* ---- telling --------------------------------------------------------------------------------- */

static void print_column(struct json_writer *w, const struct import_file *f, const struct look *l,
                         size_t i, const char *how, bool inner)
{
    static const char *const ORDERS[] = {
        [DATE_ORDER_YMD] = "YMD", [DATE_ORDER_DMY] = "DMY", [DATE_ORDER_MDY] = "MDY"};
    char decimal[2] = {f->decimals[i], 0};
    jw_object(w);
    jw_kv_text(w, "header", f->header[i]);
    jw_kv_text(w, "how", how);
    jw_kv_bool(w, "inner", inner);
    jw_kv_int(w, "filled", l->filled);
    jw_kv_text(w, "decimal", decimal[0] != 0 ? decimal : NULL);
    jw_kv_text(w, "dates", f->orders[i] < COUNT(ORDERS) ? ORDERS[f->orders[i]] : NULL);
    jw_key(w, "samples");
    jw_array(w);
    for (size_t k = 0; k < l->sample_count; k++) {
        jw_text(w, l->samples[k]);
    }
    jw_array_end(w);
    jw_key(w, "values");
    if (l->many) {
        jw_null(w);
    } else {
        jw_array(w);
        for (size_t k = 0; k < l->value_count; k++) {
            jw_object(w);
            jw_kv_text(w, "text", l->values[k].text);
            jw_kv_int(w, "count", l->values[k].count);
            jw_object_end(w);
        }
        jw_array_end(w);
    }
    jw_object_end(w);
}

static int print_recipes(struct ctx *c, struct json_writer *w)
{
    struct recipe *list = NULL;
    size_t count = 0;
    if (ctx_db(c) == NULL ||
        recipes_list(c->db, c->actor.user, c->arena, &list, &count, &c->err) != 0) {
        return -1;
    }
    jw_key(w, "recipes");
    jw_array(w);
    for (size_t i = 0; i < count; i++) {
        jw_object(w);
        jw_kv_int(w, "id", list[i].id);
        jw_kv_text(w, "name", list[i].name);
        jw_kv_text(w, "entity", list[i].entity);
        jw_kv_text(w, "map", import_map_json(c, list[i].map));
        jw_kv_bool(w, "shared", list[i].shared);
        jw_kv_bool(w, "own", list[i].user == c->actor.user);
        jw_object_end(w);
    }
    jw_array_end(w);
    return 0;
}

static void print_entities(struct ctx *c, struct json_writer *w)
{
    jw_key(w, "entities");
    jw_array(w);
    for (size_t i = 0; i < c->model->entity_count; i++) {
        const struct entity *e = c->model->entities[i];
        if (ctx_may(c, ACTION_IMPORT, e) && ctx_may(c, ACTION_CREATE, e)) {
            jw_text(w, e->name);
        }
    }
    jw_array_end(w);
}

static void print_suggestion(struct json_writer *w, const struct import_suggestion *s)
{
    jw_key(w, "suggestion");
    jw_object(w);
    jw_kv_text(w, "entity", s->entity->name);
    jw_kv_text(w, "source", s->source);
    jw_kv_text(w, "name", s->name);
    jw_kv_text(w, "map", s->map);
    jw_object_end(w);
}

int import_look(struct ctx *c, int64_t draft, struct buf *out)
{
    struct import_job j;
    struct import_suggestion s;
    struct json_writer w;
    size_t rows;
    if (import_job_load(c, draft, &j) != 0) {
        return -1;
    }
    if (j.file_json == NULL || import_file_parse(c, j.file_json, &j.file) != 0 ||
        j.job.due_at != IMPORT_DRAFT || j.job.state != JOB_WAITING) {
        return ctx_fail(c, ERR_CONFLICT, "", "This import is not being prepared any more.");
    }
    struct look *looks = ARENA_ARRAY(c->arena, struct look, j.file.header_count + 1);
    const char *const **samples = ARENA_ARRAY(c->arena, const char *const *, j.file.header_count + 1);
    for (size_t i = 0; i < j.file.header_count; i++) {
        map_init(&looks[i].by_text, c->arena);
        looks[i].values = ARENA_ARRAY(c->arena, struct seen, VALUES_MAX);
        samples[i] = looks[i].samples;
    }
    if (see_rows(c, &j, looks, &rows) != 0 ||
        import_suggest(c, j.request.entity, &j.file, samples, &s) != 0) {
        return -1;
    }
    jw_init(&w, out);
    jw_object(&w);
    jw_kv_int(&w, "looked", (int64_t)rows);
    print_suggestion(&w, &s);
    jw_key(&w, "columns");
    jw_array(&w);
    bool calendar = j.file.kind == TABLE_CALENDAR && s.entity == c->model->work;
    for (size_t i = 0; i < j.file.header_count; i++) {
        bool inner = calendar && import_calendar_is_inner(j.file.header[i]);
        print_column(&w, &j.file, &looks[i], i, s.how[i], inner);
    }
    jw_array_end(&w);
    print_entities(c, &w);
    j.request.map_yaml = j.request.map_yaml != NULL ? j.request.map_yaml : s.map;
    import_print_unclear(c, &j.request, &j.file, &w);
    int rc = print_recipes(c, &w);
    jw_object_end(&w);
    return rc;
}
