/* See notification.h. */
#include "core/notification.h"

#include <assert.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "core/account.h"
#include "core/parts.h"
#include "store/accounts.h"
#include "store/merged.h"

#define LIMIT_DEFAULT 30
#define LIMIT_MAX     100
#define READ_ROWS     200 /* rows read at once */
#define DAY_MS        (24 * 3600000LL)

const struct notification_kind NOTIFICATION_KINDS[] = {
    {NOTIFY_MENTION, "Somebody mentions you in a note", true},
    {NOTIFY_REMINDER, "A date is coming up that you are to be reminded of", true},
    {NOTIFY_SHARE, "Somebody shares a record with you", true},
    {NOTIFY_IMPORT, "An import that took a while is finished", true},
    {NOTIFY_ASSIGNED, "A record is assigned to you", true},
    {NOTIFY_LATE, "Nobody has answered an enquiry in time", true},
    {NOTIFY_RULE, "A rule of the firm tells you something", true},
    {NOTIFY_STEP, "Something you planned is due soon", true},
    {NULL, NULL, false},
};

/* ---- Telling --------------------------------------------------------------------------------- */

static const struct notification_kind *kind_find(const char *name)
{
    const struct notification_kind *k = NOTIFICATION_KINDS;
    while (k->name != NULL && strcmp(k->name, name) != 0) {
        k++;
    }
    return k->name != NULL ? k : NULL;
}

static int wants(struct ctx *c, int64_t user, const struct notification_kind *kind, bool *out)
{
    const char *text = NULL;
    const struct json *prefs = NULL;
    struct err ignored = {0};
    if (accounts_prefs(c->db, user, c->arena, &text, &c->err) != 0) {
        return -1;
    }
    const char *said = NULL;
    if (json_parse(c->arena, text, strlen(text), &prefs, &ignored) == 0) {
        said = json_text(json_find(prefs, "notify"), kind->name);
    }
    *out = said != NULL ? strcmp(said, "off") != 0 : kind->on;
    return 0;
}

int notify(struct ctx *c, const struct notification *n)
{
    const struct notification_kind *kind = kind_find(n->kind);
    struct who who;
    bool wanted = false, told = false;
    assert(kind != NULL);
    if (n->user == 0 || n->user == n->actor || c->dry_run) {
        return 0;
    }
    if (account_who(c, n->user, &who) != 0 ||
        (who.user != 0 && wants(c, n->user, kind, &wanted) != 0)) {
        return -1;
    }
    struct notification row = *n;
    row.made_at = c->now_ms;
    return wanted ? notifications_add(c->db, &row, &told, &c->err) : 0;
}

/* ---- Reading --------------------------------------------------------------------------------- */

struct page {
    struct ctx *c;
    struct notification *rows;
    size_t count;
    struct title_row *titles; /* three of each row: record, entry, actor */
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

static int read_page(struct page *p, bool unseen, int64_t before)
{
    struct ctx *c = p->c;
    p->count = 0;
    if (notifications_list(c->db, c->actor.user, unseen, before, READ_ROWS, c->arena, &p->rows,
                           &p->count, &c->err) != 0) {
        return -1;
    }
    int64_t *ids = ARENA_ARRAY(c->arena, int64_t, TITLE_COUNT * p->count + 1);
    for (size_t i = 0; i < p->count; i++) {
        ids[i * TITLE_COUNT + TITLE_RECORD] = p->rows[i].record;
        ids[i * TITLE_COUNT + TITLE_ENTRY] = p->rows[i].entry;
        ids[i * TITLE_COUNT + TITLE_ACTOR] = p->rows[i].actor;
    }
    if (p->count == 0) {
        return 0;
    }
    return print_titles(c, ids, TITLE_COUNT * p->count, &p->titles) != 0 ? -1 : follow_merged(p);
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

static bool is_shown(const struct page *p, size_t row)
{
    const struct notification *n = &p->rows[row];
    return kind_find(n->kind) != NULL && is_seen(title_of(p, row, TITLE_RECORD), n->record) &&
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
    print_about(p, row, w);
    jw_key(w, "about");
    jw_raw(w, n->params, strlen(n->params));
    jw_object_end(w);
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
static int print_items(struct page *p, bool unseen, int64_t before, size_t limit,
                       struct json_writer *w, int64_t *next)
{
    size_t printed = 0;
    *next = 0;
    do {
        if (read_page(p, unseen, before) != 0) {
            return -1;
        }
        for (size_t i = 0; i < p->count; i++) {
            if (!is_shown(p, i)) {
                continue;
            }
            if (printed == limit) {
                *next = before;
                return 0;
            }
            print_item(p, i, w);
            printed++;
            before = p->rows[i].id;
        }
        before = p->count > 0 ? p->rows[p->count - 1].id : before;
    } while (p->count == READ_ROWS);
    return 0;
}

int notification_list(struct ctx *c, bool unseen, const char *cursor, int64_t limit,
                      struct buf *out)
{
    struct page p = {.c = c};
    struct json_writer w;
    int64_t before = 0, next = 0, count = 0;
    limit = limit <= 0 ? LIMIT_DEFAULT : limit > LIMIT_MAX ? LIMIT_MAX : limit;
    if (ctx_db(c) == NULL || read_cursor(c, cursor, &before) != 0 ||
        notification_count(c, &count) != 0) {
        return -1;
    }
    jw_init(&w, out);
    jw_object(&w);
    jw_key(&w, "items");
    jw_array(&w);
    if (print_items(&p, unseen, before, (size_t)limit, &w, &next) != 0) {
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
    int64_t count = 0, before = 0;
    if (ctx_db(c) == NULL) {
        return -1;
    }
    do {
        if (read_page(&p, true, before) != 0) {
            return -1;
        }
        for (size_t i = 0; i < p.count && count < NOTIFICATION_COUNT_MAX; i++) {
            count += is_shown(&p, i) ? 1 : 0;
            before = p.rows[i].id;
        }
    } while (p.count == READ_ROWS && count < NOTIFICATION_COUNT_MAX);
    *out = count;
    return 0;
}

/* ---- Seen ------------------------------------------------------------------------------------ */

struct seen {
    int64_t id;
    bool group;
    const char *kind, *key;
};

static int seen_write(struct ctx *c, void *data)
{
    const struct seen *s = data;
    return s->key != NULL ? notifications_seen_key(c->db, c->actor.user, s->kind, s->key, c->now_ms,
                                                   &c->err)
                          : notifications_seen(c->db, c->actor.user, s->id, s->group, c->now_ms,
                                               &c->err);
}

int notification_seen(struct ctx *c, int64_t id, bool group)
{
    struct seen s = {.id = id, .group = group};
    return ctx_write_fixed(c, seen_write, &s);
}

int notification_seen_key(struct ctx *c, const char *kind, const char *key)
{
    struct seen s = {.kind = kind, .key = key};
    return ctx_write_fixed(c, seen_write, &s);
}

int notification_tidy(struct ctx *c, int64_t record, const char *key)
{
    (void)record;
    (void)key;
    char today[CLOCK_DATE_SIZE];
    clock_date_of(c->now_ms, today);
    return notifications_forget(c->db, c->now_ms - NOTIFICATION_DAYS * DAY_MS, today, &c->err);
}
