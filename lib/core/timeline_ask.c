/*
 * What a timeline is asked for: kinds, a person, words, what else belongs to the record; and the
 * conditions these make of each stream. See timeline.c.
 */
#include <string.h>

#include "base/str.h"
#include "core/build.h"
#include "core/timeline.h"

/* ---- What is asked for ----------------------------------------------------------------------- */

static int read_kinds(struct timeline *t, const char *kinds)
{
    struct ctx *c = t->c;
    while (kinds != NULL && *kinds != '\0') {
        size_t n = strcspn(kinds, ",");
        const char *kind = str_trim(c->arena, arena_strndup(c->arena, kinds, n));
        if (t->kind_count == KINDS_MAX) {
            return ctx_fail(c, ERR_MALFORMED, "kind", "At most %d kinds can be named.", KINDS_MAX);
        }
        if (*kind != '\0') {
            t->kinds[t->kind_count++] = kind;
        }
        kinds += n + (kinds[n] == ',' ? 1 : 0);
    }
    return 0;
}

bool timeline_names(const struct timeline *t, const char *kind)
{
    for (size_t i = 0; i < t->kind_count; i++) {
        if (strcmp(t->kinds[i], kind) == 0) {
            return true;
        }
    }
    return false;
}

/* Were entries of this stream asked for: by their entity, or by an option of their kind? */
bool timeline_wants(const struct timeline *t, const struct stream *s)
{
    const struct field *kind = s->fields[SLOT_KIND];
    bool named = t->kind_count == 0 || timeline_names(t, s->entity->name);
    for (size_t i = 0; kind != NULL && i < kind->option_count; i++) {
        named = named || timeline_names(t, kind->options[i].id);
    }
    return named;
}

/* "at.id.at.id.set": two numbers for each stream, one for the changes; with those of others three more:
 * "at.set.record" */
int timeline_read_cursor(struct timeline *t, const char *cursor)
{
    size_t own = 2 * t->stream_count + 1, count = own + (t->with ? 3 : 0);
    int64_t **positions = ARENA_ARRAY(t->c->arena, int64_t *, own + 3);
    for (size_t i = 0; i < t->stream_count; i++) {
        positions[2 * i] = &t->streams[i].pos_at;
        positions[2 * i + 1] = &t->streams[i].pos_id;
    }
    positions[own - 1] = &t->pos_set;
    positions[own] = &t->pos_other_at;
    positions[own + 1] = &t->pos_other.set;
    positions[own + 2] = &t->pos_other.record;
    const char *s = cursor;
    for (size_t i = 0; i < count; i++) {
        size_t n = strcspn(s, ".");
        if (str_to_int(arena_strndup(t->c->arena, s, n), positions[i]) != 0 ||
            (s[n] == '.') != (i + 1 < count)) {
            return ctx_fail(t->c, ERR_MALFORMED, "cursor",
                            "This cursor is not from an earlier answer.");
        }
        s += n + 1;
    }
    return 0;
}

const char *timeline_print_cursor(const struct timeline *t)
{
    struct buf text = {0};
    for (size_t i = 0; i < t->stream_count; i++) {
        buf_printf(&text, "%lld.%lld.", (long long)t->streams[i].pos_at,
                   (long long)t->streams[i].pos_id);
    }
    buf_printf(&text, "%lld", (long long)t->pos_set);
    if (t->with) {
        buf_printf(&text, ".%lld.%lld.%lld", (long long)t->pos_other_at,
                   (long long)t->pos_other.set, (long long)t->pos_other.record);
    }
    const char *cursor = arena_strdup(t->c->arena, buf_text(&text));
    buf_done(&text);
    return cursor;
}

/* ---- Conditions ------------------------------------------------------------------------------ */

const struct expr *timeline_after(struct ctx *c, const struct stream *s)
{
    if (s->pos_id == 0) {
        return NULL;
    }
    struct arena *a = c->arena;
    const struct field *at = s->fields[SLOT_AT], *id = entity_field_find(s->entity, "id");
    if (timeline_by_id(s)) {
        return build_compare(a, id, EXPR_LT, value_int(s->pos_id));
    }
    struct value when = value_int(s->pos_at);
    const struct expr *tie = build_test(a, EXPR_AND, build_compare(a, at, EXPR_EQ, when),
                                        build_compare(a, id, EXPR_LT, value_int(s->pos_id)));
    return build_or(a, build_compare(a, at, EXPR_LT, when), tie);
}

/* Conditions on the kind of an entry that were asked for. */
static const struct expr *kinds_filter(struct timeline *t, const struct stream *s)
{
    const struct expr *any = NULL;
    if (s->fields[SLOT_KIND] == NULL || timeline_names(t, s->entity->name)) {
        return NULL;
    }
    for (size_t i = 0; i < t->kind_count; i++) {
        if (strcmp(t->kinds[i], KIND_OPEN) != 0) {
            any = build_or(
                t->c->arena, any,
                build_compare(t->c->arena, s->fields[SLOT_KIND], EXPR_EQ, value_text(t->kinds[i])));
        }
    }
    return any;
}

/* Through one of the fields it points with that the actor sees; work by the one of its next steps. */
static const struct expr *points_here(struct timeline *t, const struct stream *s)
{
    struct arena *a = t->c->arena;
    const struct entity *e = s->entity;
    const struct expr *any = NULL;
    for (size_t i = 0; i < e->field_count; i++) {
        if (timeline_points(t->c, e, e->fields[i])) {
            any = build_or(a, any, build_any_of(a, e->fields[i], t->targets, t->target_count));
        }
    }
    return any;
}

/* Every word of the text somewhere in subject or text. */
static const struct expr *text_filter(struct timeline *t, const struct stream *s)
{
    struct arena *a = t->c->arena;
    const struct expr *all = NULL;
    for (size_t i = 0; i < t->word_count; i++) {
        const struct expr *any = NULL;
        const enum slot in[] = {SLOT_SUBJECT, SLOT_TEXT};
        for (size_t k = 0; k < COUNT(in); k++) {
            const struct field *f = s->fields[in[k]];
            any = f == NULL ? any
                            : build_or(a, any,
                                       build_test(a, EXPR_CONTAINS, build_field(a, f),
                                                  build_value(a, f, value_text(t->words[i]))));
        }
        all = expr_and(a, all, any);
    }
    return all;
}

const struct expr *timeline_filter(struct timeline *t, const struct stream *s)
{
    struct arena *a = t->c->arena;
    const struct expr *filter = expr_and(a, points_here(t, s), kinds_filter(t, s));
    filter = expr_and(a, filter, text_filter(t, s));
    if (t->by != 0) {
        filter = expr_and(
            a, filter, build_compare(a, s->fields[SLOT_BY], EXPR_EQ, value_int(t->by)));
    }
    if (s->fields[SLOT_DONE] != NULL) {
        filter = expr_and(a, filter, build_empty(a, s->fields[SLOT_DONE], false));
    }
    return filter;
}

const struct expr *timeline_open_filter(struct timeline *t, const struct stream *s)
{
    struct arena *a = t->c->arena;
    const struct expr *filter =
        expr_and(a, points_here(t, s), build_empty(a, s->fields[SLOT_DONE], true));
    if (s->fields[SLOT_SERIES] != NULL) { /* NULL: its dates are not seen */
        filter = expr_and(a, filter, expr_next_of(a, build_field(a, s->fields[SLOT_SERIES])));
    }
    return expr_and(a, filter, kinds_filter(t, s));
}

/* ---- What belongs to the record -------------------------------------------------------------- */

/* at: when it was changed last */
static void add_target(struct timeline *t, int64_t id, int64_t at)
{
    for (size_t i = 0; i < t->target_count; i++) {
        if (t->targets[i] == id) {
            return;
        }
    }
    if (t->target_count < TARGETS_MAX) {
        t->target_at[t->target_count] = at;
        t->targets[t->target_count++] = id;
    }
}

/* The records of `from` that link here by `by`, as far as the actor sees them, newest first; or those
 * they link to by `other`. */
struct linking {
    struct timeline *t;
    const struct field *other;
};

static int take_target(void *data, const struct list_row *row)
{
    struct linking *l = data;
    if (l->other == NULL) {
        add_target(l->t, row->id, row->values[0].i);
    } else if (row->values[0].kind == VALUE_INT && row->titles[0].text != NULL) {
        add_target(l->t, row->values[0].i, row->extra[0].i);
    }
    return l->t->target_count == TARGETS_MAX;
}

/* When the target of the link was changed last. */
static const struct expr *changed_at(struct arena *a, const struct field *link)
{
    struct expr *x = ARENA_NEW(a, struct expr);
    const struct field **path = ARENA_ARRAY(a, const struct field *, 1);
    *x = *build_field(a, entity_field_find(link->to, "updated_at"));
    *path = link;
    x->path = path;
    x->path_count = 1;
    return x;
}

static int add_linking(struct timeline *t, const struct field *by, const struct field *other)
{
    struct ctx *c = t->c;
    struct linking l = {t, other};
    const struct entity *from = by->entity;
    const struct field *read = other != NULL ? other : entity_field_find(from, "updated_at");
    const struct expr *at = other != NULL ? changed_at(c->arena, other) : NULL;
    struct list_spec spec = {
        .entity = from,
        .action = ACTION_SEE,
        .filter = build_compare(c->arena, by, EXPR_EQ, value_int(t->record->id)),
        .fields = &read,
        .field_count = 1,
        .extra = &at,
        .extra_count = other != NULL ? 1 : 0,
        .sort = {{.field = entity_field_find(from, "id"), .descending = true}},
        .sort_count = 1,
        .limit = TARGETS_MAX};
    struct who who = ctx_who(c);
    return query_list(c->db, &who, &spec, c->arena, take_target, &l, NULL, &c->err);
}

static bool is_way(const struct ctx *c, const struct field *f)
{
    return field_is_link(f) && f->column_count > 0 && f->compute == NULL && !f->system &&
           f->to != NULL && access_sees(c, f);
}

/* One way from a record to others whose entries can be told with its own. */
struct way {
    const struct field *by;    /* links to the record */
    const struct field *other; /* of an entity that joins two others: the way on; NULL: `by` is theirs */
};
#define WAYS_MAX 64

static size_t add_joined(const struct ctx *c, const struct entity *e, const struct field *by,
                         struct way *out, size_t count)
{
    const struct entity *from = by->entity;
    for (size_t i = 0; i < from->field_count && count < WAYS_MAX; i++) {
        const struct field *f = from->fields[i];
        if (f != by && is_way(c, f) && f->to->timeline && f->to != e &&
            ctx_may(c, ACTION_SEE, f->to)) {
            out[count++] = (struct way){by, f};
        }
    }
    return count;
}

/* People and deals of a company: what links here, and what an entity of links joins with it. */
static size_t find_ways(const struct ctx *c, const struct entity *e, struct way *out)
{
    size_t count = 0;
    for (size_t i = 0; i < e->relation_count && count < WAYS_MAX; i++) {
        const struct field *by = e->relations[i].by;
        const struct entity *from = by->entity;
        if (!is_way(c, by) || from == e || !ctx_may(c, ACTION_SEE, from) ||
            entity_is_account(from)) {
            continue;
        }
        if (from->timeline) {
            out[count++] = (struct way){by, NULL};
        } else if (from->visible_all) {
            count = add_joined(c, e, by, out, count);
        }
    }
    return count;
}

size_t timeline_with(const struct ctx *c, const struct entity *e, const struct entity **out,
                     size_t most)
{
    struct way ways[WAYS_MAX];
    size_t count = e->timeline ? find_ways(c, e, ways) : 0, n = 0;
    for (size_t i = 0; i < count && n < most; i++) {
        const struct entity *to = ways[i].other != NULL ? ways[i].other->to : ways[i].by->entity;
        bool again = false;
        for (size_t k = 0; k < n; k++) {
            again = again || out[k] == to;
        }
        if (!again) {
            out[n++] = to;
        }
    }
    return n;
}

static int find_related(struct timeline *t)
{
    struct way ways[WAYS_MAX];
    size_t count = find_ways(t->c, t->entity, ways);
    for (size_t i = 0; i < count; i++) {
        if (add_linking(t, ways[i].by, ways[i].other) != 0) {
            return -1;
        }
    }
    return 0;
}

static int read_words(struct timeline *t, const char *text)
{
    struct ctx *c = t->c;
    while (text != NULL && *text != '\0') {
        size_t blank = strspn(text, " \t"), n = strcspn(text + blank, " \t");
        if (n > 0 && t->word_count == WORDS_MAX) {
            return ctx_fail(c, ERR_MALFORMED, "q", "At most %d words can be looked for.", WORDS_MAX);
        }
        if (n > 0) {
            t->words[t->word_count++] = arena_strndup(c->arena, text + blank, n);
        }
        text += blank + n;
    }
    return 0;
}

int timeline_read_request(struct timeline *t, const struct timeline_request *q)
{
    t->targets = ARENA_ARRAY(t->c->arena, int64_t, TARGETS_MAX);
    t->target_at = ARENA_ARRAY(t->c->arena, int64_t, TARGETS_MAX);
    t->targets[t->target_count++] = t->record->id;
    return read_kinds(t, q->kinds) != 0 || read_words(t, q->text) != 0 ||
                   (t->with && find_related(t) != 0)
               ? -1
               : 0;
}
