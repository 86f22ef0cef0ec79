/*
 * Reminders of dates: `remind` of a field says how long before, whom, and whether every year again;
 * one or several. Read once all fields are there, for `to` names one of them.
 */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "model/load.h"
#include "model/syntax.h"

#define BEFORE_MAX 366 /* days */
#define REMIND_MAX 8   /* of one field */

static const char *const KEYS[] = {"before", "to", "yearly", NULL};

/* "30 days", "2 weeks"; 0 for NULL: on the day itself. -1 after a message. */
static int read_days(struct loader *l, const struct yaml *node)
{
    static const int DAYS[] = {[UNIT_DAY] = 1, [UNIT_WEEK] = 7};
    const char *text = load_text(l, node);
    if (text == NULL) {
        return node == NULL ? 0 : -1;
    }
    const char *blank = strchr(text, ' ');
    int64_t n = 0;
    enum unit unit = blank == NULL ? UNIT_NONE : unit_find(blank + 1);
    const char *number =
        blank == NULL ? "" : arena_strndup(l->messages, text, (size_t)(blank - text));
    bool whole = unit == UNIT_DAY || unit == UNIT_WEEK;
    if (!whole || str_to_int(number, &n) != 0 || n < 0 || n * DAYS[unit] > BEFORE_MAX) {
        load_error(l, node, "must be days or weeks, at most %d days, like \"30 days\"", BEFORE_MAX);
        return -1;
    }
    return (int)n * DAYS[unit];
}

/* The field that says who is told. */
static const struct field *read_to(struct loader *l, const struct entity *e,
                                   const struct yaml *item, const struct yaml *node)
{
    const struct field *f = node != NULL ? load_field(l, e, node) : e->owner;
    if (f == NULL) {
        if (node == NULL) {
            load_error(l, item, "%s has no owner; say whom with to", e->name);
        }
        return NULL;
    }
    bool person = field_is_link(f) && f->to != NULL && strcmp(f->to->name, ENTITY_USER) == 0;
    if (!person || f->column_count == 0) {
        load_error(l, node, "must name a field that holds a user");
        return NULL;
    }
    return f;
}

static void read_one(struct loader *l, struct field *f, const struct yaml *item,
                     struct reminder *list)
{
    if (!load_check_keys(l, item, KEYS)) {
        return;
    }
    struct reminder r = {.days = read_days(l, yaml_find(item, "before")),
                         .yearly = load_bool(l, yaml_find(item, "yearly"), false),
                         .to = read_to(l, f->entity, item, yaml_find(item, "to"))};
    for (size_t i = 0; i < f->reminder_count; i++) {
        if (list[i].days == r.days && list[i].to == r.to) {
            load_error(l, item, "this reminder is there twice");
            return;
        }
    }
    if (r.days >= 0 && r.to != NULL) {
        list[f->reminder_count++] = r;
    }
}

static int longest_first(const void *x, const void *y)
{
    const struct reminder *a = x, *b = y;
    return b->days - a->days;
}

static void read_reminders(struct loader *l, struct field *f, const struct yaml *node)
{
    bool many = node->type == YAML_LIST;
    size_t count = many ? node->count : 1;
    if (f->type->expr_kind != KIND_DATE || f->column_count == 0) {
        load_key_error(l, node, "only dates that are stored can be reminded of");
        return;
    }
    if (count > REMIND_MAX) {
        load_error(l, node, "at most %d reminders for one field", REMIND_MAX);
        return;
    }
    struct reminder *list = ARENA_ARRAY(l->arena, struct reminder, count + 1);
    for (const struct yaml *item = many ? node->child : node; item != NULL;
         item = many ? item->next : NULL) {
        read_one(l, f, item, list);
    }
    if (f->reminder_count > 0) {
        qsort(list, f->reminder_count, sizeof(*list), longest_first);
    }
    f->reminders = list;
}

void link_reminders(struct loader *l)
{
    for (size_t i = 0; i < l->m->entity_count; i++) {
        struct entity_def *d = &l->defs[i];
        for (size_t k = 0; k < d->entity->field_count; k++) {
            const struct yaml *node =
                d->fields[k].field->system ? NULL : load_def_key(&d->fields[k], "remind");
            if (node != NULL) {
                read_reminders(l, d->fields[k].field, node);
            }
        }
    }
}
