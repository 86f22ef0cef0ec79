/* Records as a calendar; see feed.h. Fields the reader does not see are left out. */
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "core/feed_parts.h"
#include "core/series_parts.h"

#define DEFAULT_MINUTES 30
#define YEARS_BACK      1
#define YEARS_AHEAD     2
#define TITLES_MOST     20
#define DONE            "\xe2\x9c\x93 "

const struct field *feed_when(const struct ctx *c, const struct entity *e)
{
    const struct field *f = e == c->model->work ? e->story.due : NULL;
    for (size_t i = 0; f == NULL && e->pipeline != NULL && i < e->field_count; i++) {
        bool day = e->fields[i]->type->expr_kind == KIND_DATE && e->fields[i]->column_count == 1;
        f = day && !e->fields[i]->system ? e->fields[i] : NULL;
    }
    return f != NULL && access_sees(c, f) ? f : NULL;
}

static const struct field *seen(const struct ctx *c, const struct entity *e, const char *name)
{
    const struct field *f = entity_field_find(e, name);
    return f != NULL && f->column_count > 0 && access_sees(c, f) ? f : NULL;
}

static const char *text_of(const struct ctx *c, const struct record *r, const char *name)
{
    const struct field *f = seen(c, r->entity, name);
    struct value v = f != NULL ? record_value(r, f) : value_null();
    return v.kind == VALUE_TEXT ? v.s : "";
}

static int64_t number_of(const struct ctx *c, const struct record *r, const char *name)
{
    const struct field *f = seen(c, r->entity, name);
    struct value v = f != NULL ? record_value(r, f) : value_null();
    return v.kind == VALUE_INT ? v.i : 0;
}

/* When it is: a day or a time with its zone. */
static bool put_start(struct ctx *c, const struct record *r, struct ical_item *item)
{
    const struct field *when = feed_when(c, r->entity);
    struct series_time at;
    if (when->type->local) {
        if (!series_time_of(c, record_values(r, when), &at)) {
            return false;
        }
        bool utc = at.zone != NULL && strcmp(at.zone, "UTC") == 0;
        item->start = (struct ical_time){.is_set = true, .is_day = at.is_day, .is_utc = utc,
                                         .wall = at.wall, .zone = utc ? NULL : at.zone};
        return true;
    }
    struct value v = record_value(r, when);
    item->start.is_set = v.kind == VALUE_TEXT &&
                         ical_time_read(v.s, strlen(v.s), &item->start.wall, &item->start.is_day,
                                        &item->start.is_utc);
    return item->start.is_set;
}

/* "Concerns: …" and what was noted; titles only of what the reader may see. */
static int put_description(struct ctx *c, const struct record *r, struct ical_item *item)
{
    const struct field *links = r->entity->story.records;
    int64_t *ids = NULL;
    struct title_row *rows = NULL;
    size_t count = links != NULL && access_sees(c, links)
                       ? print_ids(c->arena, record_value(r, links), &ids)
                       : 0;
    const char *text = "";
    count = count < TITLES_MOST ? count : TITLES_MOST;
    if (count > 0 && print_titles(c, ids, count, &rows) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        if (!rows[i].hidden && !rows[i].deleted) {
            text = arena_printf(c->arena, "%s%s%s", text, *text != '\0' ? "\n" : "", rows[i].title);
        }
    }
    const char *const below[] = {text_of(c, r, "description"), text_of(c, r, "outcome")};
    for (size_t i = 0; i < COUNT(below); i++) {
        bool both = *text != '\0' && *below[i] != '\0';
        text = arena_printf(c->arena, "%s%s%s", text, both ? "\n\n" : "", below[i]);
    }
    item->description = text;
    return 0;
}

/* Does the reader take part in it, or is it his? */
static bool is_readers(struct ctx *c, const struct record *r)
{
    const struct field *owner = r->entity->owner, *people = seen(c, r->entity, "participants");
    int64_t *ids = NULL;
    size_t count = people != NULL ? print_ids(c->arena, record_value(r, people), &ids) : 0;
    bool is = owner != NULL && record_value(r, owner).i == c->actor.user;
    for (size_t i = 0; i < count; i++) {
        is = is || ids[i] == c->actor.user;
    }
    return is;
}

/* His reminders, for the program that reads it; of a day from the firm's hour on, see
 * remind_step.h. */
static int put_alarms(struct ctx *c, const struct record *r, struct ical_item *item)
{
    const struct field *f = seen(c, r->entity, "reminders"), *done = r->entity->story.done;
    struct value v = f != NULL ? record_value(r, f) : value_null();
    const struct json *list = NULL;
    int64_t minutes, late = item->start.is_day ? c->model->company.remind_minute : 0;
    bool is_done = done != NULL && record_value(r, done).kind == VALUE_INT;
    if (v.kind != VALUE_TEXT || is_done || !is_readers(c, r)) {
        return 0;
    }
    if (json_parse(c->arena, v.s, v.n, &list, &c->err) != 0) {
        return -1;
    }
    for (const struct json *one = list->child; one != NULL; one = one->next) {
        if (one->type == JSON_STRING && str_to_int(one->text, &minutes) == 0 &&
            item->alarm_count < ICAL_ALARMS_MAX) {
            item->alarms[item->alarm_count++] = minutes - late;
        }
    }
    return 0;
}

static int fill(struct ctx *c, const struct record *r, struct ical_item *item)
{
    const struct field *done = r->entity->story.done;
    bool is_done = done != NULL && record_value(r, done).kind == VALUE_INT;
    int64_t minutes = number_of(c, r, "duration");
    *item = (struct ical_item){.kind = ICAL_EVENT};
    if (!put_start(c, r, item)) {
        return 0;
    }
    item->uid = arena_printf(c->arena, "%lld-%lld@kontor", (long long)r->id,
                             (long long)r->created_at);
    item->summary = arena_printf(c->arena, "%s%s", is_done ? DONE : "", r->title);
    item->location = text_of(c, r, "place");
    item->stamp = (struct ical_time){.is_set = true, .is_utc = true, .wall = r->updated_at / 1000};
    item->sequence = r->version - 1;
    item->has_duration = true;
    int64_t days = (minutes * 60 + ICAL_DAY - 1) / ICAL_DAY;
    item->duration_s = item->start.is_day ? (days > 1 ? days : 1) * ICAL_DAY
                                          : (minutes > 0 ? minutes : DEFAULT_MINUTES) * 60;
    item->transparency = item->start.is_day ? "TRANSPARENT" : "OPAQUE";
    return put_description(c, r, item);
}

/* Reads the records, those without a time left out; zones are written as they come up. */
static int take_all(struct ctx *c, const struct entity *e, const int64_t *ids, size_t count,
                    struct ical_item *items, int64_t *changed)
{
    for (size_t i = 0; i < count; i++) {
        struct record *r = NULL;
        if (rows_load(c->db, e, ids[i], c->arena, &r, &c->err) != 0 || fill(c, r, &items[i]) != 0 ||
            (e == c->model->work && put_alarms(c, r, &items[i]) != 0)) {
            return -1;
        }
        *changed = r->updated_at > *changed ? r->updated_at : *changed;
    }
    return 0;
}

static void write_all(struct ctx *c, const char *method, const char *name, const char *about,
                      const struct ical_item *items, size_t count, struct buf *out)
{
    struct ical_writer w;
    char today[CLOCK_DATE_SIZE];
    int64_t year = 1970;
    clock_date_of(c->now_ms, today);
    (void)str_to_int(arena_strndup(c->arena, today, 4), &year);
    ical_write_begin(&w, c->arena, out, method, name, about);
    for (size_t i = 0; i < count; i++) {
        if (items[i].start.is_set && items[i].start.zone != NULL) {
            ical_write_zone(&w, items[i].start.zone, (int)year - YEARS_BACK,
                            (int)year + YEARS_AHEAD);
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (items[i].start.is_set) {
            ical_write_item(&w, &items[i], c->now_ms / 1000);
        }
    }
    ical_write_end(&w);
}

int feed_print(struct ctx *c, const struct entity *e, const char *name, const char *about,
               const int64_t *ids, size_t count, struct buf *out, int64_t *changed)
{
    struct ical_item *items = ARENA_ARRAY(c->arena, struct ical_item, count + 1);
    if (take_all(c, e, ids, count, items, changed) != 0) {
        return -1;
    }
    write_all(c, "PUBLISH", name, about, items, count, out);
    return 0;
}

/* ---- One meeting for others to take in ------------------------------------------------------- */

/* The first address in a cell of addresses, with labels or without; NULL: there is none. */
static const char *first_address(struct ctx *c, const char *text)
{
    static const char AROUND[] = " \t,;:<>\"()";
    const char *at = strchr(text, '@'), *from = at;
    while (from != NULL && from > text && strchr(AROUND, from[-1]) == NULL) {
        from--;
    }
    return from == NULL ? NULL : arena_strndup(c->arena, from, strcspn(from, AROUND));
}

static const char *address_of(struct ctx *c, const struct record *r)
{
    const char *found = NULL;
    for (size_t i = 0; i < r->entity->field_count && found == NULL; i++) {
        const struct field *f = r->entity->fields[i];
        bool account = entity_is_account(r->entity) && strcmp(f->name, "email") == 0;
        bool mail = (account || f->type->visitor == VISITOR_EMAIL) && f->column_count > 0 &&
                    f->type->print_text != NULL && access_sees(c, f);
        if (mail && record_value(r, f).kind != VALUE_NULL) {
            struct buf text = {0};
            f->type->print_text(&text, f, record_values(r, f));
            found = first_address(c, buf_text(&text));
            buf_done(&text);
        }
    }
    return found;
}

/* Somebody who has an e-mail address, and is not hidden from the reader. */
static int add_person(struct ctx *c, const struct title_row *row, struct ical_item *item)
{
    struct record *r = NULL;
    if (row->hidden || row->deleted || row->entity == NULL) {
        return 0;
    }
    if (rows_load(c->db, row->entity, row->id, c->arena, &r, &c->err) != 0) {
        return -1;
    }
    const char *mail = address_of(c, r);
    if (mail != NULL) {
        item->people[item->people_count++] =
            (struct ical_person){.mail = mail, .name = row->title, .state = "NEEDS-ACTION"};
    }
    return 0;
}

static int put_people(struct ctx *c, const struct record *r, struct ical_item *item)
{
    const struct field *f = seen(c, r->entity, "participants");
    int64_t *ids = NULL, owner = r->entity->owner != NULL ? record_value(r, r->entity->owner).i : 0;
    struct title_row *rows = NULL;
    size_t count = f != NULL ? print_ids(c->arena, record_value(r, f), &ids) : 0;
    count = count < ICAL_PEOPLE_MAX ? count : ICAL_PEOPLE_MAX;
    item->people = ARENA_ARRAY(c->arena, struct ical_person, count + 1);
    if (owner > 0 && (print_titles(c, &owner, 1, &rows) != 0 || add_person(c, rows, item) != 0)) {
        return -1;
    }
    if (item->people_count == 1) {
        item->organizer = item->people[0];
        item->organizer.state = NULL;
        item->people_count = 0;
    }
    if (count > 0 && print_titles(c, ids, count, &rows) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        if (add_person(c, &rows[i], item) != 0) {
            return -1;
        }
    }
    return 0;
}

int feed_invitation(struct ctx *c, const struct entity *e, int64_t id, struct buf *out)
{
    struct ical_item item;
    struct record *r = NULL;
    if (e != c->model->work) {
        return ctx_fail(c, ERR_NOT_FOUND, "", "There is nothing at this address.");
    }
    if (record_permit(c, ACTION_SEE, e, id, false) != 0 || ctx_db(c) == NULL ||
        rows_load(c->db, e, id, c->arena, &r, &c->err) != 0 || fill(c, r, &item) != 0 ||
        put_people(c, r, &item) != 0) {
        return -1;
    }
    if (!item.start.is_set) {
        return ctx_fail(c, ERR_CONFLICT, "", "This has no day or time to invite to.");
    }
    item.summary = r->title;
    item.status = "CONFIRMED";
    write_all(c, item.people_count > 0 && item.organizer.mail != NULL ? "REQUEST" : "PUBLISH", NULL,
              NULL, &item, 1, out);
    return 0;
}
