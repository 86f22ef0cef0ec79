/* What a user reads of his notifications, and how many he has not seen: see notification.h. */
#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "core/notification.h"
#include "core/parts.h"
#include "store/merged.h"

#define LIMIT_DEFAULT 30
#define LIMIT_MAX     100
#define READ_ROWS     200 /* rows read at once */

struct page {
    struct ctx *c;
    struct notification *rows;
    size_t count;
    struct title_row *titles; /* three of each row: record, entry, actor */
    bool *undone;             /* the change it tells of was taken back */
    bool *gone;               /* what it says is no longer true */
    int64_t *held;            /* of digests: how much of what they hold is shown */
};

enum { TITLE_RECORD, TITLE_ENTRY, TITLE_ACTOR, TITLE_COUNT };

static const struct title_row *title_of(const struct page *p, size_t row, int which)
{
    return &p->titles[row * TITLE_COUNT + (size_t)which];
}

static bool is_seen(const struct title_row *t, int64_t id)
{
    return id == 0 || (t->title != NULL && !t->hidden && !t->deleted);
}

/* What was told about a record that was merged is about the survivor, but for the dates of the one
 * that is gone. */
static int follow_merged(struct page *p)
{
    struct ctx *c = p->c;
    size_t *rows = ARENA_ARRAY(c->arena, size_t, p->count + 1), count = 0;
    int64_t *ids = ARENA_ARRAY(c->arena, int64_t, p->count + 1);
    struct title_row *titles = NULL;
    for (size_t i = 0; i < p->count; i++) {
        int64_t survivor = 0;
        if (is_seen(title_of(p, i, TITLE_RECORD), p->rows[i].record) ||
            strcmp(p->rows[i].kind, NOTIFY_REMINDER) == 0) {
            continue;
        }
        if (merged_survivor(c->db, p->rows[i].record, &survivor, &c->err) != 0) {
            return -1;
        }
        if (survivor != 0) {
            rows[count] = i;
            ids[count++] = survivor;
        }
    }
    if (count > 0 && print_titles(c, ids, count, &titles) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        p->titles[rows[i] * TITLE_COUNT + TITLE_RECORD] = titles[i];
    }
    return 0;
}

static int read_titles(struct page *p)
{
    int64_t *ids = ARENA_ARRAY(p->c->arena, int64_t, TITLE_COUNT * p->count + 1);
    for (size_t i = 0; i < p->count; i++) {
        ids[i * TITLE_COUNT + TITLE_RECORD] = p->rows[i].record;
        ids[i * TITLE_COUNT + TITLE_ENTRY] = p->rows[i].entry;
        ids[i * TITLE_COUNT + TITLE_ACTOR] = p->rows[i].actor;
    }
    return print_titles(p->c, ids, TITLE_COUNT * p->count, &p->titles) != 0 ? -1 : follow_merged(p);
}

/* Of a change-set that there is: whether it was taken back. */
static int is_undone(struct ctx *c, int64_t cs, bool *out)
{
    int64_t by = 0;
    if (cs != 0 && change_undone_by(c->db, cs, &by, &c->err) != 0) {
        return -1;
    }
    *out = by != 0;
    return 0;
}

static int read_undone(struct page *p)
{
    bool back = false;
    p->undone = ARENA_ARRAY(p->c->arena, bool, p->count);
    p->gone = ARENA_ARRAY(p->c->arena, bool, p->count);
    for (size_t i = 0; i < p->count; i++) {
        if (is_undone(p->c, p->rows[i].cs, &p->undone[i]) != 0 ||
            is_undone(p->c, p->rows[i].gone, &back) != 0) {
            return -1;
        }
        p->gone[i] = p->rows[i].gone != 0 && !back;
    }
    return 0;
}

static int read_page(struct page *p, const struct notification_page *which)
{
    struct ctx *c = p->c;
    p->count = 0;
    if (notifications_list(c->db, which, READ_ROWS, c->arena, &p->rows, &p->count, &c->err) != 0) {
        return -1;
    }
    p->held = ARENA_ARRAY(c->arena, int64_t, p->count + 1);
    return p->count == 0 || (read_titles(p) == 0 && read_undone(p) == 0) ? 0 : -1;
}

/* The field a reminder is about, if the reader sees it. */
static const struct field *field_of(const struct page *p, size_t row)
{
    const struct json *params = NULL;
    struct err ignored = {0};
    const struct notification *n = &p->rows[row];
    if (json_parse(p->c->arena, n->params, strlen(n->params), &params, &ignored) != 0) {
        return NULL;
    }
    const char *name = json_text(params, "field");
    const struct entity *e = title_of(p, row, TITLE_RECORD)->entity;
    const struct field *f = name != NULL && e != NULL ? entity_field_find(e, name) : NULL;
    return f != NULL && access_sees(p->c, f) ? f : NULL;
}

static bool is_digest(const struct notification *n)
{
    return strcmp(n->kind, NOTIFY_DIGEST) == 0;
}

/* What was taken back before he saw it is not told any more. */
static bool is_shown(const struct page *p, size_t row)
{
    const struct notification *n = &p->rows[row];
    if (is_digest(n)) {
        return p->held[row] > 0;
    }
    return notification_kind(n->kind) != NULL && !p->gone[row] &&
           !(p->undone[row] && n->seen_at == 0) &&
           is_seen(title_of(p, row, TITLE_RECORD), n->record) &&
           is_seen(title_of(p, row, TITLE_ENTRY), n->entry) &&
           (strcmp(n->kind, NOTIFY_REMINDER) != 0 || field_of(p, row) != NULL);
}

static void print_about(const struct page *p, size_t row, struct json_writer *w)
{
    const struct notification *n = &p->rows[row];
    const struct field *f = field_of(p, row);
    if (n->record != 0) {
        jw_key(w, "record");
        print_record_link(w, title_of(p, row, TITLE_RECORD));
    }
    if (n->entry != 0) {
        jw_key(w, "entry");
        print_record_link(w, title_of(p, row, TITLE_ENTRY));
    }
    if (n->actor != 0) {
        const struct link_title by = print_target(title_of(p, row, TITLE_ACTOR));
        jw_key(w, "by");
        print_link(w, n->actor, &by);
    }
    if (f != NULL) {
        jw_kv_text(w, "label", f->label);
    }
}

static void print_item(const struct page *p, size_t row, struct json_writer *w)
{
    const struct notification *n = &p->rows[row];
    jw_object(w);
    jw_kv_int(w, "id", n->id);
    jw_kv_text(w, "kind", n->kind);
    print_change_time(w, "at", n->made_at);
    jw_kv_bool(w, "seen", n->seen_at != 0);
    if (p->undone[row]) {
        jw_kv_bool(w, "undone", true);
    }
    if (is_digest(n)) {
        jw_kv_int(w, "count", p->held[row]);
    }
    print_about(p, row, w);
    jw_key(w, "about");
    jw_raw(w, n->params, strlen(n->params));
    jw_object_end(w);
}

/* How much of what a digest holds is shown. */
static int count_held(struct ctx *c, const struct notification *digest, int64_t *out)
{
    struct page p = {.c = c};
    struct notification_page which = {
        .user = digest->user, .digest = digest->id, .now_ms = c->now_ms};
    *out = 0;
    do {
        if (read_page(&p, &which) != 0) {
            return -1;
        }
        for (size_t i = 0; i < p.count; i++) {
            *out += is_shown(&p, i) ? 1 : 0;
            which.before = p.rows[i].id;
        }
    } while (p.count == READ_ROWS);
    return 0;
}

static int read_held(struct page *p)
{
    for (size_t i = 0; i < p->count; i++) {
        if (is_digest(&p->rows[i]) && count_held(p->c, &p->rows[i], &p->held[i]) != 0) {
            return -1;
        }
    }
    return 0;
}

static int read_cursor(struct ctx *c, const char *text, int64_t *out)
{
    *out = 0;
    if (text == NULL || *text == '\0') {
        return 0;
    }
    return str_to_int(text, out) == 0 && *out > 0
               ? 0
               : ctx_fail(c, ERR_MALFORMED, "cursor", "This cursor is not from an earlier answer.");
}

/* The items of a page; *next: where the following one begins, 0 at the end. */
static int print_items(struct page *p, struct notification_page which, size_t limit,
                       struct json_writer *w, int64_t *next)
{
    size_t printed = 0;
    *next = 0;
    do {
        if (read_page(p, &which) != 0 || read_held(p) != 0) {
            return -1;
        }
        for (size_t i = 0; i < p->count; i++) {
            if (!is_shown(p, i)) {
                continue;
            }
            if (printed == limit) {
                *next = which.before;
                return 0;
            }
            print_item(p, i, w);
            printed++;
            which.before = p->rows[i].id;
        }
        which.before = p->count > 0 ? p->rows[p->count - 1].id : which.before;
    } while (p->count == READ_ROWS);
    return 0;
}

int notification_list(struct ctx *c, const struct notification_asked *asked, struct buf *out)
{
    struct page p = {.c = c};
    struct json_writer w;
    struct notification_page which = {.user = c->actor.user,
                                      .digest = asked->digest,
                                      .now_ms = c->now_ms,
                                      .kind = asked->kind,
                                      .unseen = asked->unseen};
    int64_t next = 0, count = 0, limit = asked->limit;
    limit = limit <= 0 ? LIMIT_DEFAULT : limit > LIMIT_MAX ? LIMIT_MAX : limit;
    if (ctx_db(c) == NULL || read_cursor(c, asked->cursor, &which.before) != 0 ||
        notification_count(c, &count) != 0) {
        return -1;
    }
    jw_init(&w, out);
    jw_object(&w);
    jw_key(&w, "items");
    jw_array(&w);
    if (print_items(&p, which, (size_t)limit, &w, &next) != 0) {
        return -1;
    }
    jw_array_end(&w);
    jw_kv_text(&w, "next", next != 0 ? arena_printf(c->arena, "%lld", (long long)next) : NULL);
    jw_kv_int(&w, "unseen", count);
    jw_object_end(&w);
    return 0;
}

int notification_count(struct ctx *c, int64_t *out)
{
    struct page p = {.c = c};
    struct notification_page which = {
        .user = c->actor.user, .now_ms = c->now_ms, .unseen = true};
    int64_t count = 0;
    if (ctx_db(c) == NULL) {
        return -1;
    }
    do {
        if (read_page(&p, &which) != 0 || read_held(&p) != 0) {
            return -1;
        }
        for (size_t i = 0; i < p.count && count < NOTIFICATION_COUNT_MAX; i++) {
            count += is_shown(&p, i) ? 1 : 0;
            which.before = p.rows[i].id;
        }
    } while (p.count == READ_ROWS && count < NOTIFICATION_COUNT_MAX);
    *out = count;
    return 0;
}
