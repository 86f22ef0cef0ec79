/*
 * Tags are governed: a word that is written into a field of type tags is the name of a record of the
 * entity tag. The same word in other letters, blanks or signs is the tag there is; a new word makes a
 * tag, for those who may make one. Names change only for all records at once (tag_replace.c).
 */
#include <string.h>

#include "base/str.h"
#include "core/parts.h"
#include "store/tagged.h"

static bool is_tag(const struct record *r)
{
    return strcmp(r->entity->name, ENTITY_TAG) == 0;
}

static const struct field *name_of(const struct entity *e)
{
    return entity_field_find(e, "name");
}

static const char *text_of(const struct record *r, const struct field *f)
{
    struct value v = r == NULL || f == NULL ? value_null() : record_value(r, f);
    return v.kind == VALUE_TEXT ? v.s : "";
}

/* ---- Records of the entity tag --------------------------------------------------------------- */

/* A colour for who chose none: the same for the same word, in every installation. */
static void choose_colour(struct record *r, const char *name, struct arena *a)
{
    const struct field *f = entity_field_find(r->entity, "colour");
    unsigned sum = 0;
    if (f == NULL || f->option_count == 0 || !value_is_empty(record_value(r, f))) {
        return;
    }
    for (const char *s = str_fold_tight(a, name); *s != '\0'; s++) {
        sum = sum * 31 + (unsigned char)*s;
    }
    struct value v = value_text(f->options[sum % f->option_count].id);
    record_set(r, f, &v);
}

static int check_name(struct ctx *c, const struct record *r, const char *name)
{
    struct tag_row same;
    if (strpbrk(name, ";,") != NULL || *str_fold_tight(c->arena, name) == '\0') {
        return err_add(&c->err, c->arena, ERR_INVALID, "tag.name",
                       "A tag has letters or digits, and neither comma nor semicolon.");
    }
    if (tag_find(c->db, r->entity, name, c->arena, &same, &c->err) != 0) {
        return -1;
    }
    return same.id == 0 || same.id == r->id || strcmp(same.name, name) == 0
               ? 0 /* what is quite the same the store refuses */
               : err_add(&c->err, c->arena, ERR_INVALID, "tag.name",
                         "There is a tag “%.60s” already.", same.name);
}

int tag_check(struct ctx *c, const struct record *before, struct record *r)
{
    if (!is_tag(r)) {
        return 0;
    }
    const char *name = text_of(r, name_of(r->entity));
    if (before != NULL && strcmp(text_of(before, name_of(r->entity)), name) != 0) {
        return err_add(&c->err, c->arena, ERR_INVALID, "tag.name",
                       "A tag is renamed with POST /api/v1/tags/replace: its records follow.");
    }
    choose_colour(r, name, c->arena);
    return before == NULL && *name != '\0' ? check_name(c, r, name) : 0;
}

#define USES_AT_ONCE 64

/* Does a record that is not in the bin have the tag? */
static int is_used(struct ctx *c, const char *tag, bool *used)
{
    int64_t *ids = NULL;
    int64_t after = 0;
    size_t count = USES_AT_ONCE;
    const struct who system = {.model = c->model, .now_ms = c->now_ms};
    struct title_row rows[USES_AT_ONCE];
    *used = false;
    while (!*used && count == USES_AT_ONCE) {
        if (tagged_next(c->db, tag, after, USES_AT_ONCE, c->arena, &ids, &count, &c->err) != 0 ||
            query_titles(c->db, &system, ids, count, c->arena, rows, &c->err) != 0) {
            return -1;
        }
        for (size_t i = 0; i < count; i++) {
            *used = *used || !rows[i].deleted;
            after = ids[i];
        }
    }
    return 0;
}

/* An undo tries again when the records it takes back with the tag are gone. */
int tag_check_trash(struct ctx *c, const struct record *r)
{
    bool used = false;
    if (!is_tag(r)) {
        return 0;
    }
    const char *tag = str_fold_tight(c->arena, text_of(r, name_of(r->entity)));
    if (is_used(c, tag, &used) != 0) {
        return -1;
    }
    bool undo = c->change.source == SOURCE_UNDO;
    return !used ? 0
                 : ctx_fail(c, undo ? ERR_CONFLICT : ERR_INVALID, "tag.name",
                                 "This tag is in use. It is taken off its records with POST "
                                 "/api/v1/tags/replace.");
}

/* ---- Fields of type tags --------------------------------------------------------------------- */

static bool has_text(const char *const *texts, size_t count, const char *text)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(texts[i], text) == 0) {
            return true;
        }
    }
    return false;
}

static int make_tag(struct ctx *c, const struct field *f, const struct entity *tags,
                    const char *text)
{
    const char *where = arena_printf(c->arena, "%s.%s", f->entity->name, f->name);
    struct field_set *set = field_set_new(c->arena, tags);
    struct value name = value_text(text);
    struct record *made = NULL;
    if (c->actor.role != NULL && !ctx_may(c, ACTION_CREATE, tags)) {
        const char *near = NULL;
        if (lookup_nearest(c, tags, text, &near) != 0) {
            return -1;
        }
        return err_add(&c->err, c->arena, ERR_INVALID, where,
                       near != NULL ? "There is no tag “%.60s”; did you mean “%.60s”?"
                                    : "There is no tag “%.60s”, and you may not make one.",
                       text, near);
    }
    field_set_put(set, tags, name_of(tags), &name);
    return record_insert_in(c, tags, set, &made);
}

static int resolve(struct ctx *c, const struct field *f, const struct entity *tags,
                   const char **text)
{
    struct tag_row row;
    if (tag_find(c->db, tags, *text, c->arena, &row, &c->err) != 0) {
        return -1;
    }
    if (row.id != 0) {
        *text = row.name;
        return 0;
    }
    return make_tag(c, f, tags, *text);
}

static void put_tags(struct ctx *c, struct record *r, const struct field *f, const char **texts,
                     size_t count)
{
    struct value v = value_null();
    if (count > 0) {
        struct buf text = {0};
        struct json_writer w;
        jw_init(&w, &text);
        jw_array(&w);
        for (size_t i = 0; i < count; i++) {
            jw_text(&w, texts[i]);
        }
        jw_array_end(&w);
        v = value_text(arena_strndup(c->arena, text.data, text.size));
        buf_done(&text);
    }
    record_set(r, f, &v);
}

static size_t texts_of(struct ctx *c, const struct record *r, const struct field *f,
                       const char ***out)
{
    struct value v = r == NULL ? value_null() : record_value(r, f);
    *out = NULL;
    return v.kind == VALUE_TEXT ? json_texts(c->arena, v.s, v.n, NULL, out) : 0;
}

/* What stood there before stays as it is: its tag may have gone. */
static int keep_field(struct ctx *c, const struct entity *tags, const struct record *before,
                      struct record *r, const struct field *f)
{
    const char **texts = NULL, **had = NULL;
    size_t count = texts_of(c, r, f, &texts), had_count = texts_of(c, before, f, &had), n = 0;
    for (size_t i = 0; i < count; i++) {
        const char *text = texts[i];
        if (!has_text(had, had_count, text) && resolve(c, f, tags, &text) != 0) {
            return -1;
        }
        if (!has_text(texts, n, text)) {
            texts[n++] = text;
        }
    }
    put_tags(c, r, f, texts, n);
    return 0;
}

int keep_tags(struct ctx *c, const struct record *before, struct record *r, const bool *given)
{
    const struct entity *tags = model_entity_find(c->model, ENTITY_TAG);
    for (size_t i = 0; tags != NULL && i < r->entity->field_count; i++) {
        const struct field *f = r->entity->fields[i];
        if (given[i] && field_is_tags(f) && f->column_count > 0 &&
            (before == NULL || !value_equal(record_value(before, f), record_value(r, f))) &&
            keep_field(c, tags, before, r, f) != 0) {
            return -1;
        }
    }
    return 0;
}

void tag_swap(struct ctx *c, struct record *r, const struct field *f, const char *const *from,
             size_t from_count, const char *to)
{
    const char **texts = NULL;
    size_t count = texts_of(c, r, f, &texts), n = 0;
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        bool swapped = has_text(from, from_count, str_fold_tight(c->arena, texts[i]));
        const char *text = swapped ? to : texts[i];
        any = any || swapped;
        if (text != NULL && !has_text(texts, n, text)) {
            texts[n++] = text;
        }
    }
    if (any) {
        put_tags(c, r, f, texts, n);
    }
}
