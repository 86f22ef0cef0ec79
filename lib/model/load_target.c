/*
 * targets.yaml: what is to be won per month, quarter or year, by the firm, a team or a person. Who
 * that is stands in the database, so names of teams and addresses of people are only read here;
 * core/target.c finds them.
 */
#include <limits.h>
#include <string.h>

#include "base/str.h"
#include "model/field_type.h"
#include "model/load.h"

#define TARGETS_MAX 1000
#define BUTS_MAX    240
#define COUNT_MAX   1000000

static const char *const KEYS[] = {"pipeline", "person", "team",  "each", "from",
                                   "to",       "amount", "count", "but",  NULL};
static const struct {
    const char *name;
    enum target_span span;
} SPANS[] = {{"month", SPAN_MONTH}, {"quarter", SPAN_QUARTER}, {"year", SPAN_YEAR}};

int target_month(const char *text, enum target_span *span)
{
    size_t n = strlen(text);
    bool digits = n >= 4 && strspn(text, "0123456789") == 4;
    int year = digits ? (text[0] - '0') * 1000 + (text[1] - '0') * 100 + (text[2] - '0') * 10 +
                            (text[3] - '0')
                      : 0;
    if (year < 1900 || year > 2999) {
        return -1;
    }
    if (n == 4) {
        *span = SPAN_YEAR;
        return year * 12;
    }
    if (n == 7 && text[4] == '-' && text[5] == 'Q' && text[6] >= '1' && text[6] <= '4') {
        *span = SPAN_QUARTER;
        return year * 12 + (text[6] - '1') * 3;
    }
    if (n == 7 && text[4] == '-' && strspn(text + 5, "0123456789") == 2) {
        int month = (text[5] - '0') * 10 + (text[6] - '0');
        *span = SPAN_MONTH;
        return month >= 1 && month <= 12 ? year * 12 + month - 1 : -1;
    }
    return -1;
}

/* A bound of the time: its first month, or with `end` its last one. */
static int read_bound(struct loader *l, const struct yaml *node, bool end, int fallback)
{
    const char *text = load_text(l, node);
    enum target_span span = SPAN_MONTH;
    if (text == NULL) {
        return fallback;
    }
    int month = target_month(text, &span);
    if (month < 0) {
        load_error(l, node, "must be a month like 2026-07, a quarter like 2026-Q3 or a year like 2026");
        return fallback;
    }
    return end ? month + (int)span - 1 : month;
}

static enum target_span read_each(struct loader *l, const struct yaml *node, const struct yaml *item)
{
    const char *names[COUNT(SPANS)];
    const char *text = load_text(l, node);
    for (size_t i = 0; i < COUNT(SPANS); i++) {
        names[i] = SPANS[i].name;
        if (str_eq(text, names[i])) {
            return SPANS[i].span;
        }
    }
    if (text != NULL) {
        const char *near = str_nearest(text, names, COUNT(names));
        load_error(l, node, "there is no time \"%s\": it is month, quarter or year%s%s%s", text,
                   near != NULL ? "; do you mean \"" : "", near != NULL ? near : "",
                   near != NULL ? "\"?" : "");
    } else if (node == NULL) {
        load_error(l, item, "a target needs each: month, quarter or year");
    }
    return SPAN_MONTH;
}

static void read_value(struct loader *l, const struct target *t, const struct yaml *node,
                       int64_t *out)
{
    const char *text = load_text(l, node);
    int places = t->money ? l->m->company.currency_places : 0;
    if (text == NULL) {
        return;
    }
    if (parse_scaled(text, places, out) != 0 || *out < 0 || (!t->money && *out > COUNT_MAX)) {
        load_error(l, node, "must be %s",
                   t->money ? "an amount like 50000, in the company's currency"
                            : "a number of records won, like 12");
    }
}

static void read_goal(struct loader *l, struct target *t, const struct yaml *item)
{
    const struct yaml *amount = yaml_find(item, "amount"), *count = yaml_find(item, "count");
    t->money = amount != NULL || count == NULL;
    if ((amount == NULL) == (count == NULL)) {
        load_error(l, count != NULL ? count : item, "a target is either an amount or a count");
        return;
    }
    read_value(l, t, amount != NULL ? amount : count, &t->value);
}

/* {2026-12: 8000}: spans with a value of their own. */
static void read_buts(struct loader *l, struct target *t, const struct yaml *node)
{
    if (node == NULL) {
        return;
    }
    if (node->type != YAML_MAP || node->count > BUTS_MAX) {
        load_error(l, node, "must be a map like {2026-12: 8000}");
        return;
    }
    struct target_but *list = ARENA_ARRAY(l->arena, struct target_but, node->count);
    t->but = list;
    for (const struct yaml *n = node->child; n != NULL; n = n->next) {
        enum target_span span = SPAN_NONE;
        int month = target_month(n->key, &span);
        if (month < 0 || span != t->each) {
            load_key_error(l, n, "\"%s\" is no time of this target, which is for each %s", n->key,
                           t->each == SPAN_YEAR      ? "year"
                           : t->each == SPAN_QUARTER ? "quarter"
                                                     : "month");
            continue;
        }
        list[t->but_count].month = month;
        read_value(l, t, n, &list[t->but_count].value);
        t->but_count++;
    }
}

static void read_whom(struct loader *l, struct target *t, const struct yaml *item)
{
    const struct yaml *person = yaml_find(item, "person"), *team = yaml_find(item, "team");
    const char *address = load_text(l, person);
    t->team = load_text(l, team);
    t->whom_where = yaml_where(l->arena, person != NULL ? person : team != NULL ? team : item);
    if (person != NULL && team != NULL) {
        load_error(l, team, "a target is of a person, of a team, or of the firm");
    }
    if (address != NULL) {
        t->person = handle_email(l->arena, address);
        if (t->person == NULL) {
            load_error(l, person, "must be the e-mail address of a user");
        }
    }
}

static bool read_target(struct loader *l, const struct yaml *item, struct target *t)
{
    if (!load_check_keys(l, item, KEYS)) {
        return false;
    }
    *t = (struct target){.id = item->key,
                         .entity = model_entity_find(l->m, ENTITY_DEAL),
                         .where = yaml_key_where(l->arena, item)};
    const struct yaml *pipeline = yaml_find(item, "pipeline");
    const char *name = load_text(l, pipeline);
    if (name != NULL) {
        t->pipeline = model_pipeline_find(l->m, name);
        if (t->pipeline == NULL) {
            const char **names = ARENA_ARRAY(l->messages, const char *, l->m->pipeline_count);
            for (size_t i = 0; i < l->m->pipeline_count; i++) {
                names[i] = l->m->pipelines[i].id;
            }
            load_unknown(l, pipeline, "pipeline", name, names, l->m->pipeline_count);
            return false;
        }
        t->entity = t->pipeline->entity;
    }
    read_whom(l, t, item);
    t->each = read_each(l, yaml_find(item, "each"), item);
    t->from = read_bound(l, yaml_find(item, "from"), false, 0);
    t->to = read_bound(l, yaml_find(item, "to"), true, INT_MAX);
    if (t->to < t->from) {
        load_error(l, yaml_find(item, "to"), "lies before from");
    }
    read_goal(l, t, item);
    read_buts(l, t, yaml_find(item, "but"));
    return true;
}

static bool is_same(const char *a, const char *b)
{
    return a == NULL ? b == NULL : str_eq(a, b);
}

/* Two that say different things about the same. */
static bool overlaps(const struct target *a, const struct target *b)
{
    return a->entity == b->entity && a->pipeline == b->pipeline && is_same(a->person, b->person) &&
           is_same(a->team, b->team) && a->each == b->each &&
           a->money == b->money && a->from <= b->to && b->from <= a->to;
}

void load_targets(struct loader *l)
{
    const struct document *d = load_document(l, "targets.yaml", false);
    struct model *m = l->m;
    if (d == NULL) {
        return;
    }
    m->targets = ARENA_ARRAY(l->arena, struct target, d->root->count);
    for (const struct yaml *n = d->root->child; n != NULL; n = n->next) {
        struct target *t = &m->targets[m->target_count];
        if (m->target_count == TARGETS_MAX) {
            load_key_error(l, n, "more than %d targets", TARGETS_MAX);
            return;
        }
        if (!read_target(l, n, t)) {
            continue;
        }
        for (size_t i = 0; i < m->target_count; i++) {
            if (overlaps(&m->targets[i], t)) {
                load_key_error(l, n, "\"%s\" is a target for the same time and people", m->targets[i].id);
                break;
            }
        }
        m->target_count++;
    }
}

/* THE table behind conf/README.md. */
static const struct import_key REFERENCE[] = {
    {"pipeline", "only what is won in this one; without it all of deals together", "pipeline: sales"},
    {"person", "whose, by the e-mail address he signs in with; neither person nor team: the firm's",
     "person: anna@example.com"},
    {"team", "whose, by its name", "team: North"},
    {"each", "for which time it is: `month`, `quarter` or `year`; forecasts spread it evenly over the months",
     "each: quarter"},
    {"from", "the first month, quarter or year; without it always", "from: 2026-01"},
    {"to", "the last one; without it there is no end", "to: 2026-12"},
    {"amount", "what is to be won, in the company's currency", "amount: 50000"},
    {"count", "or how many", "count: 12"},
    {"but", "months, quarters or years with a figure of their own", "but: {2026-12: 30000}"},
    {NULL, NULL, NULL},
};

void target_write_reference(struct buf *out)
{
    buf_puts(out, "\n## Targets\n\nIn `targets.yaml`, by any id. A month has the target of the shortest time "
                  "there is for it.\n\n| Key | Meaning | Example |\n|---|---|---|\n");
    for (const struct import_key *k = REFERENCE; k->name != NULL; k++) {
        buf_printf(out, "| `%s` | %s | `%s` |\n", k->name, k->meaning, k->example);
    }
}
