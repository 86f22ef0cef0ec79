/*
 * Keys out of a list: choice and choices (options of the field), pipeline and stage (the entity's
 * pipelines), tags and words (any). A text way in also takes the label, in any case, because files of
 * other systems hold labels. That a stage belongs to the record's pipeline is checked by lib/core.
 */
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "model/types.h"

#define TAG_LENGTH_MAX 60
#define LISTED_MAX     12 /* options named in a refusal */

/* The n-th of what the entity's pipelines are or have. */
static bool pipeline_option(const struct model *m, const struct field *f, size_t n,
                            struct option *out)
{
    bool stages = f->type->options == OPTIONS_STAGES;
    for (size_t i = 0; i < m->pipeline_count; i++) {
        const struct pipeline *p = &m->pipelines[i];
        size_t own = p->entity != f->entity ? 0 : stages ? p->stage_count : 1;
        if (n < own) {
            *out = stages ? (struct option){.id = p->stages[n].id, .label = p->stages[n].label}
                          : (struct option){.id = p->id, .label = p->label};
            return true;
        }
        n -= own;
    }
    return false;
}

static bool has_pipeline_options(const struct field *f)
{
    return f->type->options == OPTIONS_PIPELINES || f->type->options == OPTIONS_STAGES;
}

bool field_option(const struct model *m, const struct field *f, size_t n, struct option *out)
{
    if (has_pipeline_options(f)) {
        return pipeline_option(m, f, n, out);
    }
    if (n >= f->option_count) {
        return false;
    }
    *out = f->options[n];
    return true;
}

const struct option *type_options(struct arena *a, const struct model *m, const struct field *f,
                                  size_t *count)
{
    *count = f->option_count;
    if (!has_pipeline_options(f)) {
        return f->options;
    }
    struct option one;
    while (field_option(m, f, *count, &one)) {
        (*count)++;
    }
    struct option *options = ARENA_ARRAY(a, struct option, *count);
    for (size_t i = 0; i < *count; i++) {
        field_option(m, f, i, &options[i]);
    }
    return options;
}

static const char *find_label(struct arena *a, const struct option *options, size_t count,
                              const char *text)
{
    const char *folded = str_fold(a, text, strlen(text));
    for (size_t i = 0; i < count; i++) {
        if (strcmp(folded, str_fold(a, options[i].label, strlen(options[i].label))) == 0 ||
            strcmp(folded, options[i].id) == 0) {
            return options[i].id;
        }
    }
    return NULL;
}

/* " (de, dk, se)"; nothing when there are too many to read. */
static const char *list_names(struct arena *a, const char *const *names, size_t count)
{
    const char *list = "";
    if (count == 0 || count > LISTED_MAX) {
        return list;
    }
    for (size_t i = 0; i < count; i++) {
        list = arena_printf(a, "%s%s%s", list, i == 0 ? " (" : ", ", names[i]);
    }
    return arena_printf(a, "%s)", list);
}

/* Words have no list: every short one is a key. A tag has to come back out of a cell, and to be told
 * from others by more than its case, blanks and punctuation. */
static const char *find_word(const struct parse_context *c, const struct field *f, const char *text,
                             struct err *e)
{
    const char *quoted = type_quote(c->arena, text);
    if (str_utf8_length(text) > TAG_LENGTH_MAX) {
        type_refuse(c, e, "%s is longer than %d characters", quoted, TAG_LENGTH_MAX);
    } else if (f->type->governed && strpbrk(text, ";,\n") != NULL) {
        type_refuse(c, e, "%s holds a comma or semicolon, which stand between tags", quoted);
    } else if (f->type->governed && *str_fold_tight(c->arena, text) == '\0') {
        type_refuse(c, e, "%s has neither a letter nor a digit", quoted);
    } else {
        return text;
    }
    return NULL;
}

/* The key in the model's memory; NULL: refused. */
static const char *find_key(const struct parse_context *c, const struct field *f, const char *text,
                            bool labels, struct err *e)
{
    if (f->type->options == OPTIONS_NONE) {
        return find_word(c, f, text, e);
    }
    size_t count;
    const struct option *options = type_options(c->arena, c->model, f, &count);
    const char **names = ARENA_ARRAY(c->arena, const char *, count);
    for (size_t i = 0; i < count; i++) {
        names[i] = c->by_labels ? options[i].label : options[i].id;
        if (strcmp(options[i].id, text) == 0) {
            return options[i].id;
        }
    }
    const char *found = labels ? find_label(c->arena, options, count, text) : NULL;
    if (found != NULL) {
        return found;
    }
    const char *near = str_nearest(text, names, count);
    type_refuse(c, e,
                near != NULL ? "%s is not one of the options; do you mean \"%s\"?"
                             : "%s is not one of the options%s",
                type_quote(c->arena, text),
                near != NULL ? near : list_names(c->arena, names, count));
    return NULL;
}

static int take_key(const struct parse_context *c, const struct field *f, const char *in,
                    bool labels, struct parsed *out, struct err *e)
{
    const char *s = type_clean(c, in, e);
    if (s == NULL) {
        return -1;
    }
    const char *key = *s == '\0' ? NULL : find_key(c, f, s, labels, e);
    if (*s != '\0' && key == NULL) {
        return -1;
    }
    *out = (struct parsed){.values = {value_text(arena_strdup(c->arena, key))}};
    return 0;
}

TYPE_PARSE_JSON(type_choice_from_json)
{
    if (in->type != JSON_STRING) {
        return type_refuse(c, e, "must be a text, the key of one option");
    }
    return take_key(c, f, in->text, false, out, e);
}

TYPE_PARSE_TEXT(type_choice_from_text)
{
    return take_key(c, f, in, true, out, e);
}

static bool contains(const char *const *items, size_t count, const char *text)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(items[i], text) == 0) {
            return true;
        }
    }
    return false;
}

/* Keys of the texts, each once, as a JSON list; an empty list is null. */
static int take_keys(const struct parse_context *c, const struct field *f, const char **items,
                     size_t count, bool labels, struct parsed *out, struct err *e)
{
    struct buf text = {0};
    struct json_writer w;
    size_t kept = 0;
    jw_init(&w, &text);
    jw_array(&w);
    for (size_t i = 0; i < count; i++) {
        const char *key = find_key(c, f, items[i], labels, e);
        if (key == NULL) {
            buf_done(&text);
            return -1;
        }
        if (!contains(items, kept, key)) {
            items[kept++] = key;
            jw_text(&w, key);
        }
    }
    jw_array_end(&w);
    *out = (struct parsed){0};
    if (kept > 0) {
        out->values[0] = value_text(arena_strndup(c->arena, text.data, text.size));
    }
    buf_done(&text);
    return 0;
}

TYPE_PARSE_JSON(type_keys_from_json)
{
    if (in->type == JSON_STRING) {
        return f->type->parse_text(c, f, in->text, out, e);
    }
    if (in->type != JSON_ARRAY || in->count > TYPE_ITEMS_MAX) {
        return type_refuse(c, e, "must be a list of at most %d keys", TYPE_ITEMS_MAX);
    }
    const char **items = ARENA_ARRAY(c->arena, const char *, in->count);
    size_t n = 0;
    for (const struct json *item = in->child; item != NULL; item = item->next) {
        const char *s = item->type == JSON_STRING ? type_clean(c, item->text, e) : NULL;
        if (s == NULL || *s == '\0') {
            return type_refuse(c, e, "must be a list of keys");
        }
        items[n++] = s;
    }
    return take_keys(c, f, items, n, false, out, e);
}

TYPE_PARSE_TEXT(type_keys_from_text)
{
    const char **items;
    size_t count;
    if (type_split(c, in, ";,\n", &items, &count, e) != 0) {
        return -1;
    }
    return take_keys(c, f, items, count, true, out, e);
}

TYPE_PRINT_JSON(type_list_to_json)
{
    (void)f;
    jw_raw(w, values[0].s, values[0].n);
}

TYPE_PRINT_TEXT(type_keys_to_text)
{
    (void)f;
    struct arena a;
    struct arena_room room;
    const char **texts = NULL;
    arena_init_in(&a, &room);
    size_t count = json_texts(&a, values[0].s, values[0].n, NULL, &texts);
    for (size_t i = 0; i < count; i++) {
        buf_puts(out, i > 0 ? "; " : "");
        buf_puts(out, texts[i]);
    }
    arena_done(&a);
}

int type_split(const struct parse_context *c, const char *in, const char *separators,
               const char ***out, size_t *count, struct err *e)
{
    const char **items = ARENA_ARRAY(c->arena, const char *, TYPE_ITEMS_MAX);
    size_t n = 0;
    for (const char *s = in; *s != '\0';) {
        size_t size = strcspn(s, separators);
        const char *item = type_clean(c, arena_strndup(c->arena, s, size), e);
        s += size + (s[size] != '\0');
        if (item == NULL) {
            return -1;
        }
        if (*item == '\0') {
            continue;
        }
        if (n == TYPE_ITEMS_MAX) {
            return type_refuse(c, e, "has more than %d entries", TYPE_ITEMS_MAX);
        }
        items[n++] = item;
    }
    *out = items;
    *count = n;
    return 0;
}
