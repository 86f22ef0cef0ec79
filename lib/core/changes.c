/*
 * The list of changes: who did what, newest first, with enough to undo it. Administrators see every
 * change; others their own and those whose (first) record they may see. What a change touched is
 * named only as far as the actor may see it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "core/parts.h"

#define LIMIT_DEFAULT 50
#define LIMIT_MAX     200
#define ROUNDS_MAX    10 /* pages looked at for visible changes */
#define ROWS_MAX      40 /* columns of each change looked at for its summary, on average */
#define FIELDS_MAX    6  /* named in a summary */

struct page {
    struct ctx *c;
    size_t limit;
    struct change_info *infos; /* visible ones; one more than limit when there are more */
    struct title_row *titles;  /* of first records, by position */
    struct title_row *actors;
    size_t count;
    int64_t resume; /* everything before it has not been looked at; 0: the list is at its end */
    struct change_touch *touches; /* of the changes of one record */
    size_t touch_count;
    bool *offered;       /* by position: the actor may undo it */
    const char **stages; /* by position: the stage a change moved its one record to, or NULL */
};

/* ---- Which ----------------------------------------------------------------------------------- */

static bool may_see(const struct ctx *c, const struct change_info *info,
                    const struct title_row *first)
{
    if (ctx_is_admin(c) || (c->actor.user != 0 && info->actor == c->actor.user)) {
        return true;
    }
    return first != NULL && info->first_record != 0 && !first->hidden;
}

static int take_infos(struct page *p, struct change_info *infos, size_t count)
{
    struct ctx *c = p->c;
    int64_t *ids = ARENA_ARRAY(c->arena, int64_t, count + 1);
    struct title_row *titles = NULL;
    for (size_t i = 0; i < count; i++) {
        ids[i] = infos[i].first_record;
    }
    if (print_titles(c, ids, count, &titles) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count && p->count <= p->limit; i++) {
        if (may_see(c, &infos[i], &titles[i])) {
            p->infos[p->count] = infos[i];
            p->titles[p->count++] = titles[i];
        }
    }
    return 0;
}

static int read_roots(struct page *p, int64_t parent, int64_t before, int64_t actor)
{
    struct ctx *c = p->c;
    for (int round = 0; round < ROUNDS_MAX && p->count <= p->limit; round++) {
        struct change_info *infos = NULL;
        size_t count = 0;
        if (change_list(c->db, c->model, parent, before, actor, p->limit + 1, c->arena, &infos,
                        &count, &c->err) != 0 ||
            (count > 0 && take_infos(p, infos, count) != 0)) {
            return -1;
        }
        p->resume = 0;
        if (count < p->limit + 1) {
            return 0;
        }
        before = infos[count - 1].id;
        p->resume = before;
    }
    return 0;
}

/* The sets that changed one record. */
static int read_of_record(struct page *p, const struct entity *e, int64_t record, int64_t before)
{
    struct ctx *c = p->c;
    int64_t last = 0;
    if (record_permit(c, ACTION_SEE, e, record, true) != 0) {
        return -1;
    }
    while (p->count <= p->limit) {
        struct change_row *rows = NULL;
        size_t count = 0;
        if (change_history(c->db, c->model, c->actor.role, e, record, before, 10 * (p->limit + 1),
                           c->arena, &rows, &count, &c->err) != 0) {
            return -1;
        }
        for (size_t i = 0; i < count && p->count <= p->limit; i++) {
            struct change_info info;
            before = rows[i].set;
            if (rows[i].set == last) {
                continue;
            }
            last = rows[i].set;
            if (change_info_find(c->db, c->model, last, c->arena, &info, &c->err) != 0 ||
                take_infos(p, &info, 1) != 0) {
                return -1;
            }
        }
        if (count == 0) {
            return 0;
        }
    }
    return 0;
}

static int read_actors(struct page *p)
{
    int64_t *ids = ARENA_ARRAY(p->c->arena, int64_t, p->count + 1);
    for (size_t i = 0; i < p->count; i++) {
        ids[i] = p->infos[i].actor;
    }
    return p->count == 0 ? 0 : print_titles(p->c, ids, p->count, &p->actors);
}

/* ---- What it was ----------------------------------------------------------------------------- */

static const char *const OPERATION_WORDS[] = {[OP_CREATE] = "created",
                                              [OP_DELETE] = "moved to the bin",
                                              [OP_RESTORE] = "taken out of the bin",
                                              [OP_UPDATE] = NULL};
static const char *const OPERATION_NAMES[] = {[OP_DELETE] = "delete", [OP_RESTORE] = "restore"};

/* What the changes of one record wrote, for the whole page at once. */
static int read_touches(struct page *p)
{
    struct ctx *c = p->c;
    int64_t *sets = ARENA_ARRAY(c->arena, int64_t, p->count + 1);
    size_t n = 0;
    for (size_t i = 0; i < p->count; i++) {
        if (p->infos[i].records == 1) {
            sets[n++] = p->infos[i].id;
        }
    }
    return n == 0 ? 0
                  : change_touches_each(c->db, c->model, sets, n, ROWS_MAX * n, c->arena,
                                        &p->touches, &p->touch_count, &c->err);
}

static bool touches(const struct page *p, int64_t set, const struct field *f)
{
    for (size_t i = 0; f != NULL && i < p->touch_count; i++) {
        if (p->touches[i].set == set && p->touches[i].field == f) {
            return access_sees(p->c, f);
        }
    }
    return false;
}

/* Where changes moved their records to in a pipeline, for those that did. */
static int read_stages(struct page *p)
{
    struct ctx *c = p->c;
    p->stages = ARENA_ARRAY(c->arena, const char *, p->count + 1);
    for (size_t i = 0; i < p->count; i++) {
        const struct change_info *info = &p->infos[i];
        const struct entity *e = info->first_entity;
        struct change_row *rows = NULL;
        size_t count = 0;
        p->stages[i] = NULL;
        if (info->records != 1 || e == NULL || p->titles[i].hidden ||
            !touches(p, info->id, e->stage)) {
            continue;
        }
        if (change_history(c->db, c->model, c->actor.role, e, info->first_record, info->id + 1,
                           ROWS_MAX, c->arena, &rows, &count, &c->err) != 0) {
            return -1;
        }
        for (size_t k = 0; k < count && rows[k].set == info->id; k++) {
            if (rows[k].column != NULL && rows[k].column->field == e->stage &&
                rows[k].after.kind == VALUE_TEXT) {
                p->stages[i] = arena_strndup(c->arena, rows[k].after.s, rows[k].after.n);
            }
        }
    }
    return 0;
}

static int read_offers(struct page *p)
{
    p->offered = ARENA_ARRAY(p->c->arena, bool, p->count + 1);
    for (size_t i = 0; i < p->count && i < p->limit; i++) {
        if (undo_offered(p->c, &p->infos[i], &p->offered[i]) != 0) {
            return -1;
        }
    }
    return 0;
}

static void add_fields(const struct page *p, int64_t set, struct buf *text)
{
    const struct field *said[FIELDS_MAX];
    size_t n = 0;
    for (size_t i = 0; i < p->touch_count; i++) {
        const struct field *f = p->touches[i].field;
        bool again =
            p->touches[i].set != set || f == NULL || f->compute != NULL || !access_sees(p->c, f);
        for (size_t k = 0; k < n && !again; k++) {
            again = said[k] == f;
        }
        if (again) {
            continue;
        }
        if (n == FIELDS_MAX) {
            buf_puts(text, " …");
            return;
        }
        said[n++] = f;
        buf_printf(text, n == 1 ? ": %s" : ", %s", f->label);
    }
}

static const char *word_of(const struct page *p, int64_t set)
{
    const char *word = NULL;
    for (size_t i = 0; i < p->touch_count; i++) {
        const struct change_touch *t = &p->touches[i];
        word = t->set == set && t->op != OP_UPDATE ? OPERATION_WORDS[t->op] : word;
    }
    return word;
}

static int64_t counted(int64_t records)
{
    return records > CHANGE_RECORDS_MAX ? CHANGE_RECORDS_MAX : records;
}

/* Out of sight or back: what a bulk change did to all its records; OP_UPDATE for anything else. */
static enum operation moved_all(const struct change_info *info)
{
    bool moved = info->first_op == OP_DELETE || info->first_op == OP_RESTORE;
    return info->source == SOURCE_BULK && moved ? info->first_op : OP_UPDATE;
}

/* "Users: 35, Teams: 3", as far as the actor may see such records; "Users: 35, moved to the bin". */
static const char *summarize_many(struct ctx *c, const struct change_info *info)
{
    const char *text = NULL, *word = OPERATION_WORDS[moved_all(info)];
    for (size_t i = 0; i < info->part_count; i++) {
        const struct change_part *part = &info->parts[i];
        if (ctx_may(c, ACTION_SEE, part->entity)) {
            text = arena_printf(c->arena, "%s%s%s: %lld%s", text != NULL ? text : "",
                                text != NULL ? ", " : "", part->entity->label_plural,
                                (long long)counted(part->records),
                                info->records > CHANGE_RECORDS_MAX ? "+" : "");
        }
    }
    return text == NULL || word == NULL ? text : arena_printf(c->arena, "%s, %s", text, word);
}

/* The same for programs, where there are several kinds. */
static void print_parts(struct ctx *c, const struct change_info *info, struct json_writer *w)
{
    jw_key(w, "parts");
    jw_array(w);
    for (size_t i = 0; i < info->part_count; i++) {
        if (ctx_may(c, ACTION_SEE, info->parts[i].entity)) {
            jw_object(w);
            jw_kv_text(w, "entity", info->parts[i].entity->name);
            jw_kv_int(w, "count", counted(info->parts[i].records));
            jw_object_end(w);
        }
    }
    jw_array_end(w);
}

/* "Deal Rooftop: stage, amount"; NULL when there is nothing the actor may be told. */
static const char *summarize(const struct page *p, size_t i)
{
    struct ctx *c = p->c;
    const struct change_info *info = &p->infos[i];
    if (info->source == SOURCE_CONFIG) {
        return "Configuration";
    }
    if (info->records == 0) {
        return "Nothing was changed";
    }
    if (info->first_entity == NULL || p->titles[i].hidden) {
        return NULL;
    }
    if (info->records > 1) {
        return summarize_many(c, info);
    }
    struct buf text = {0};
    const char *word = word_of(p, info->id);
    buf_printf(&text, "%s %s", info->first_entity->label, p->titles[i].title);
    if (word != NULL) {
        buf_printf(&text, ": %s", word);
    } else {
        add_fields(p, info->id, &text);
    }
    const char *summary = arena_strndup(c->arena, text.data, text.size);
    buf_done(&text);
    return summary;
}

static void print_info(const struct page *p, size_t i, struct json_writer *w)
{
    const struct change_info *info = &p->infos[i];
    const struct title_row *first = &p->titles[i];
    const struct entity *most =
        info->part_count > 0 ? info->parts[0].entity : info->first_entity;
    jw_object(w);
    jw_kv_int(w, "id", info->id);
    print_change_time(w, "at", info->at_ms);
    jw_key(w, "by");
    const struct link_title by = print_target(&p->actors[i]);
    print_link(w, info->actor, &by);
    jw_kv_text(w, "source", source_name(info->source));
    jw_kv_text(w, "reason", info->reason);
    if (info->parent != 0) {
        jw_kv_int(w, "part_of", info->parent);
    }
    if (info->undo_of != 0) {
        jw_kv_int(w, "undo_of", info->undo_of);
    }
    if (info->undone_by != 0) {
        jw_kv_int(w, "undone_by", info->undone_by);
    }
    jw_kv_int(w, "count", counted(info->records));
    if (info->records > CHANGE_RECORDS_MAX) {
        jw_kv_bool(w, "count_more", true);
    }
    if (info->records > 1 && moved_all(info) != OP_UPDATE) {
        jw_kv_text(w, "op", OPERATION_NAMES[moved_all(info)]);
    }
    if (info->part_count > 1) {
        print_parts(p->c, info, w);
    }
    if (most != NULL) {
        jw_kv_text(w, "entity", most->name);
    }
    if (info->records == 1 && info->first_entity != NULL && !first->hidden) {
        jw_key(w, "record");
        jw_object(w);
        jw_kv_text(w, "entity", info->first_entity->name);
        jw_kv_int(w, "id", info->first_record);
        jw_kv_text(w, "title", first->title);
        jw_object_end(w);
    }
    jw_kv_text(w, "summary", summarize(p, i));
    jw_kv_bool(w, "undoable", p->offered[i]);
    if (p->stages[i] != NULL) {
        jw_kv_text(w, "stage", p->stages[i]);
    }
    jw_object_end(w);
}

static void print_page(const struct page *p, struct buf *out)
{
    struct json_writer w;
    size_t shown = p->count < p->limit ? p->count : p->limit;
    int64_t next = p->count > shown ? p->infos[shown - 1].id : p->resume;
    jw_init(&w, out);
    jw_object(&w);
    jw_key(&w, "items");
    jw_array(&w);
    for (size_t i = 0; i < shown; i++) {
        print_info(p, i, &w);
    }
    jw_array_end(&w);
    jw_kv_text(&w, "next", next != 0 ? arena_printf(p->c->arena, "%lld", (long long)next) : NULL);
    jw_object_end(&w);
}

int changes_list(struct ctx *c, int64_t parent, const char *cursor, bool mine,
                 const struct entity *e, int64_t record, int64_t limit, struct buf *out)
{
    struct page p = {.c = c, .limit = limit <= 0 ? LIMIT_DEFAULT : (size_t)limit};
    int64_t before = 0;
    if (c->actor.anonymous) {
        return ctx_fail(c, ERR_UNAUTHENTICATED, "", "Sign in first.");
    }
    if (cursor != NULL && *cursor != '\0' && (str_to_int(cursor, &before) != 0 || before < 1)) {
        return ctx_fail(c, ERR_MALFORMED, "cursor", "This cursor is not from an earlier answer.");
    }
    p.limit = p.limit > LIMIT_MAX ? LIMIT_MAX : p.limit;
    p.infos = ARENA_ARRAY(c->arena, struct change_info, p.limit + 2);
    p.titles = ARENA_ARRAY(c->arena, struct title_row, p.limit + 2);
    if (ctx_db(c) == NULL) {
        return -1;
    }
    int rc = e != NULL && record != 0 ? read_of_record(&p, e, record, before)
                                      : read_roots(&p, parent, before, mine ? c->actor.user : 0);
    if (rc != 0 || read_actors(&p) != 0 || read_touches(&p) != 0 ||
        read_stages(&p) != 0 || read_offers(&p) != 0) {
        return -1;
    }
    print_page(&p, out);
    return 0;
}
