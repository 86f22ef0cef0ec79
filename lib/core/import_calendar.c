/*
 * Rows of a calendar (exchange/table_ical.c): what repeats becomes a series, people become who takes
 * part where somebody here has their address, alarms reminders; what has no field is kept as lines of
 * the description. A series is known by the id it has there, as any record (import_refs.c), so the
 * same file again changes it instead of doubling it.
 */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "core/import.h"
#include "core/parts.h"
#include "core/series_parts.h"
#include "store/external.h"

static const char *const ROLES[IMPORT_CALENDAR_ROLES] = {
    [CALENDAR_REPEATS] = "rrule", [CALENDAR_LEFT_OUT] = "exdate",
    [CALENDAR_CHANGED] = "differing", [CALENDAR_OCCURRENCE] = "occurrence",
    [CALENDAR_ALARMS] = "alarms",   [CALENDAR_PEOPLE] = "people",
    [CALENDAR_URL] = "url",         [CALENDAR_CATEGORIES] = "categories",
};

enum import_calendar import_calendar_role(const char *header)
{
    for (size_t i = 1; i < COUNT(ROLES); i++) {
        if (strcmp(ROLES[i], header) == 0) {
            return (enum import_calendar)i;
        }
    }
    return CALENDAR_NONE;
}

bool import_calendar_is_inner(const char *header)
{
    switch (import_calendar_role(header)) {
    case CALENDAR_REPEATS:
    case CALENDAR_LEFT_OUT:
    case CALENDAR_CHANGED:
    case CALENDAR_OCCURRENCE:
        return true;
    default:
        return strcmp(header, "uid") == 0;
    }
}

static const char *cell(struct ctx *c, const struct row_run *run, enum import_calendar role)
{
    const struct import_plan *p = run->plan;
    for (size_t i = 0; i < p->column_count; i++) {
        if (p->columns[i].calendar == role) {
            return import_cell_text(c, &p->columns[i], run->row, i);
        }
    }
    return "";
}

static const struct field *field_of(struct ctx *c, const struct row_run *run, const char *name)
{
    const struct field *f = entity_field_find(run->plan->entity, name);
    return f != NULL && f->column_count > 0 && import_may_fill(c, f) ? f : NULL;
}

/* ---- reminders ------------------------------------------------------------------------------- */

/* The reminder there is that comes at that time, else the next before it, else the earliest. */
static const char *nearest(const struct field *f, int64_t minutes)
{
    int64_t best = -1, earliest = -1, at;
    const char *found = NULL, *first = NULL;
    for (size_t i = 0; i < f->option_count; i++) {
        if (str_to_int(f->options[i].id, &at) != 0) {
            continue;
        }
        if (at >= minutes && (best < 0 || at < best)) {
            best = at;
            found = f->options[i].id;
        }
        if (at > earliest) {
            earliest = at;
            first = f->options[i].id;
        }
    }
    return found != NULL ? found : first;
}

static int put_reminders(struct ctx *c, struct row_run *run, struct field_set *set)
{
    const struct field *f = field_of(c, run, "reminders");
    const char *at = cell(c, run, CALENDAR_ALARMS), *text = "";
    struct parse_context pc = {.arena = c->arena, .model = c->model};
    struct parsed parsed = {0};
    while (f != NULL && *at != '\0') {
        size_t n = strcspn(at, ";");
        int64_t minutes = 0;
        const char *one = str_trim(c->arena, arena_strndup(c->arena, at, n));
        const char *name = str_to_int(one, &minutes) == 0 ? nearest(f, minutes) : NULL;
        if (name != NULL) {
            text = arena_printf(c->arena, "%s%s%s", text, *text != '\0' ? ", " : "", name);
        }
        at += n + (at[n] == ';');
    }
    if (*text == '\0' || set->given[f->index]) {
        return 0;
    }
    if (f->type->parse_text(&pc, f, text, &parsed, &c->err) != 0) {
        return -1;
    }
    field_set_put(set, run->plan->entity, f, parsed.values);
    return 0;
}

/* ---- people ---------------------------------------------------------------------------------- */

struct people {
    struct buf ids, others;
};

static bool has_id(const struct buf *ids, int64_t id)
{
    char one[32];
    snprintf(one, sizeof one, ",%lld,", (long long)id);
    return ids->size > 0 && strstr(ids->data, one) != NULL;
}

/* A user or anybody else who has this address; several: the first who was there. */
static int find_person(struct ctx *c, const char *mail, int64_t *id)
{
    const struct entity *users = model_entity_find(c->model, ENTITY_USER);
    struct lookup found = {0};
    struct who who = ctx_who(c);
    int64_t *ids = NULL;
    size_t count = 0;
    *id = 0;
    if (users != NULL && record_lookup(c, users, "email", mail, &found) != 0) {
        return -1;
    }
    const char *normal = found.count == 0 ? handle_email(c->arena, mail) : NULL;
    if (normal != NULL && handle_find(c->db, &who, HANDLE_EMAIL, normal, NULL, 1, c->arena, &ids,
                                      &count, &c->err) != 0) {
        return -1;
    }
    *id = found.count == 1 ? found.id : count > 0 ? ids[0] : 0;
    return 0;
}

/* "Name <address>" */
static int add_person(struct ctx *c, struct people *p, const char *one)
{
    const char *open = strrchr(one, '<');
    const char *mail = open != NULL ? arena_strndup(c->arena, open + 1, strcspn(open + 1, ">")) : "";
    int64_t id = 0;
    if (*mail != '\0' && find_person(c, mail, &id) != 0) {
        return -1;
    }
    if (id == 0) {
        buf_printf(&p->others, "%s%s", p->others.size > 0 ? ", " : "", one);
    } else if (id != c->actor.user && !has_id(&p->ids, id)) {
        buf_printf(&p->ids, "%s%lld,", p->ids.size > 0 ? "" : ",", (long long)id);
    }
    return 0;
}

static int read_people(struct ctx *c, struct row_run *run, struct people *p)
{
    const char *at = cell(c, run, CALENDAR_PEOPLE);
    while (*at != '\0') {
        size_t n = strcspn(at, ";");
        const char *one = str_trim(c->arena, arena_strndup(c->arena, at, n));
        if (*one != '\0' && add_person(c, p, one) != 0) {
            return -1;
        }
        at += n + (at[n] == ';');
    }
    return 0;
}

static void put_people(struct ctx *c, struct row_run *run, const struct people *p,
                       struct field_set *set)
{
    const struct field *f = field_of(c, run, "participants");
    if (f != NULL && field_is_records(f) && p->ids.size > 0 && !set->given[f->index]) {
        struct value list = value_text(arena_printf(
            c->arena, "[%.*s]", (int)p->ids.size - 2, buf_text(&p->ids) + 1));
        field_set_put(set, run->plan->entity, f, &list);
    }
}

/* ---- the description ------------------------------------------------------------------------- */

static void add_line(struct buf *out, const char *label, const char *text)
{
    if (*text != '\0') {
        buf_puts(out, out->size > 0 ? "\n" : "");
        buf_printf(out, "%s%s%s", label, *label != '\0' ? ": " : "", text);
    }
}

/* What is said, and below it what has no field. */
static void put_description(struct ctx *c, struct row_run *run, const char *others,
                            struct field_set *set)
{
    const struct field *f = field_of(c, run, "description");
    const struct field *people = field_of(c, run, "participants");
    struct buf more = {0};
    if (f == NULL) {
        return;
    }
    add_line(&more, people != NULL ? people->label : "", others);
    add_line(&more, "", cell(c, run, CALENDAR_URL));
    add_line(&more, "", cell(c, run, CALENDAR_CATEGORIES));
    struct value said = set->given[f->index] ? *field_set_values(set, run->plan->entity, f)
                                             : value_null();
    if (more.size > 0) {
        const char *text = said.kind == VALUE_TEXT ? said.s : "";
        struct value all = value_text(arena_printf(
            c->arena, "%s%s%s", text, *text != '\0' ? "\n\n" : "", buf_text(&more)));
        field_set_put(set, run->plan->entity, f, &all);
    }
    buf_done(&more);
}

int import_calendar_fill(struct ctx *c, struct row_run *run, struct field_set *set)
{
    struct people p = {0};
    int rc = read_people(c, run, &p);
    if (rc == 0) {
        put_people(c, run, &p, set);
        put_description(c, run, buf_text(&p.others), set);
        rc = put_reminders(c, run, set);
    }
    buf_done(&p.ids);
    buf_done(&p.others);
    return rc;
}

/* ---- series ---------------------------------------------------------------------------------- */

/* An event that is over took place; a task that was not ticked off is still to be done. */
static bool is_event(const struct series_model *m, const struct field_set *set)
{
    const struct field *kind = entity_field_find(m->activity, "kind");
    struct value v = kind != NULL && kind->column_count == 1 && set->given[kind->index]
                         ? *field_set_values(set, m->activity, kind)
                         : value_null();
    return v.kind == VALUE_TEXT && strcmp(v.s, "meeting") == 0;
}

static int known_series(struct ctx *c, const struct row_run *run, const struct series_model *m,
                        const char *key, int64_t *id)
{
    return import_ref_known(c, run->plan->system, m->entity, key, id);
}

static int keep_series(struct ctx *c, const struct row_run *run, const struct series_model *m,
                       const char *key, int64_t series)
{
    const struct external ref = {
        .system = run->plan->system,
        .kind = m->entity->name,
        .key = key,
        .record = series,
        .change = c->change.parent != 0 ? c->change.parent : c->change.id,
    };
    return external_put(c->db, &ref, &c->err);
}

static int take_new(struct ctx *c, struct row_run *run, const struct series_model *m,
                    const struct series_told *told, int64_t single, struct field_set *set,
                    int64_t *id)
{
    struct written first = {0};
    struct record *before = NULL;
    size_t made = 0;
    if (single != 0 && (record_permit(c, ACTION_EDIT, m->activity, single, false) != 0 ||
                        rows_load(c->db, m->activity, single, c->arena, &before, &c->err) != 0)) {
        return -1;
    }
    if (before == NULL && !ctx_may(c, ACTION_CREATE, m->activity)) {
        return ctx_fail(c, ERR_FORBIDDEN, m->activity->name, "You may not create %s.",
                        m->activity->label_plural);
    }
    if (series_take(c, m, before, set, told, &first, &made) != 0) {
        return -1;
    }
    run->result = made == 0 ? ROW_UNCHANGED : before == NULL ? ROW_CREATED : ROW_UPDATED;
    if (made == 0) {
        return 0;
    }
    *id = first.record->id;
    run->occurrences = made - 1;
    if (run->made_count < IMPORT_MADE_MAX) {
        run->made[run->made_count++] = m->entity;
    }
    import_show(c, run, (struct import_shown){.entity = m->activity,
                                              .result = run->result,
                                              .before = before,
                                              .made = before == NULL ? first.record : NULL,
                                              .plan = run->plan,
                                              .set = set});
    struct value series = record_value(first.record, m->series);
    return keep_series(c, run, m, import_ref_own(c, run), series.i);
}

static int take_again(struct ctx *c, struct row_run *run, const struct series_model *m,
                      const struct series_told *told, int64_t series, struct field_set *set,
                      int64_t *id)
{
    struct record *x = NULL;
    bool changed = false;
    if (series_take_again(c, m, series, set, told, &x, &changed) != 0) {
        return -1;
    }
    run->result = changed ? ROW_UPDATED : ROW_UNCHANGED;
    *id = x != NULL ? x->id : series;
    if (x != NULL) {
        import_show(c, run, (struct import_shown){.entity = m->activity,
                                                  .result = run->result,
                                                  .before = x,
                                                  .set = set});
    }
    return 0;
}

/* The series that a time of it belongs to, and the activity it has there; 0: none. */
static int find_place(struct ctx *c, const struct row_run *run, const struct series_model *m,
                      const char *place, int64_t *series, int64_t *id)
{
    const char *key = import_ref_own(c, run), *end = key != NULL ? strrchr(key, '/') : NULL;
    struct record **list = NULL;
    size_t count = 0;
    *series = *id = 0;
    if (end == NULL ||
        known_series(c, run, m, arena_strndup(c->arena, key, (size_t)(end - key)), series) != 0 ||
        *series == 0) {
        return c->err.code != ERR_NONE ? -1 : 0;
    }
    if (series_occurrences(c, m, *series, true, &list, &count) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count && *id == 0; i++) {
        struct value v = record_value(list[i], m->recurrence_id);
        *id = v.kind == VALUE_TEXT && strcmp(v.s, place) == 0 ? list[i]->id : 0;
    }
    return 0;
}

int import_calendar_find(struct ctx *c, struct row_run *run, struct field_set *set, int64_t *id)
{
    const char *place = cell(c, run, CALENDAR_OCCURRENCE);
    struct series_model m;
    int64_t series = 0;
    if (*id != 0 || *place == '\0' || !series_model(c, run->plan->entity, &m)) {
        return 0;
    }
    if (find_place(c, run, &m, place, &series, id) != 0) {
        return -1;
    }
    if (*id == 0 && series != 0) {
        struct value to = value_int(series), at = value_text(place), yes = value_int(1);
        field_set_put(set, m.activity, m.series, &to);
        field_set_put(set, m.activity, m.recurrence_id, &at);
        field_set_put(set, m.activity, m.exception, &yes);
    }
    return 0;
}

/* A new activity for an event that is over. */
static void put_over(struct ctx *c, const struct series_model *m, struct field_set *set)
{
    struct series_plan plan = {.over_s = 0};
    const struct field *f = entity_field_find(m->activity, "duration");
    if (!set->given[m->due->index] || set->given[m->done_at->index] || !is_event(m, set) ||
        !series_time_of(c, field_set_values(set, m->activity, m->due), &plan.start)) {
        return;
    }
    struct value v = f != NULL && f->column_count == 1 && set->given[f->index]
                         ? *field_set_values(set, m->activity, f)
                         : value_null();
    plan.over_s = plan.start.is_day ? ICAL_DAY : v.kind == VALUE_INT ? v.i * 60 : 0;
    series_put_done(c, m, &plan, plan.start.wall, set);
}

int import_calendar_write(struct ctx *c, struct row_run *run, struct field_set *set, bool *taken,
                          int64_t *id)
{
    const char *rule = cell(c, run, CALENDAR_REPEATS), *key = import_ref_own(c, run);
    const char *changed = cell(c, run, CALENDAR_CHANGED), *gone = cell(c, run, CALENDAR_LEFT_OUT);
    struct series_model m;
    int64_t series = 0;
    *taken = false;
    if (!series_model(c, run->plan->entity, &m)) {
        return 0;
    }
    if (*rule == '\0' || key == NULL) {
        if (*id == 0) {
            put_over(c, &m, set);
        }
        return 0;
    }
    *taken = true;
    const struct series_told told = {
        .rule = rule,
        .left_out = arena_printf(c->arena, "%s%s%s", gone,
                                 *gone != '\0' && *changed != '\0' ? " " : "", changed),
        .gone = gone,
        .over_is_done = is_event(&m, set)};
    if (known_series(c, run, &m, key, &series) != 0) {
        return -1;
    }
    return series != 0 ? take_again(c, run, &m, &told, series, set, id)
                       : take_new(c, run, &m, &told, *id, set, id);
}
