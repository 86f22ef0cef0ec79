/*
 * follow_ups.yaml: what is suggested as the next step when an activity is done, by its kind and by
 * how it went. The file takes the place of the built-in one.
 */
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "model/field_type.h"
#include "model/load.h"
#include "model/syntax.h"

#define FOLLOW_UPS_MAX 200
#define IN_DAYS_MAX    3660

static const char *const KEYS[] = {"after", "result", "then", "subject", "in", "at", NULL};

/* strict: what is not there is a mistake; the built-in ones name kinds a firm may have taken away. */
static const struct option *read_option(struct loader *l, const struct field *f,
                                        const struct yaml *node, bool strict)
{
    const char *text = load_text(l, node);
    if (text == NULL) {
        return NULL;
    }
    const char **names = ARENA_ARRAY(l->messages, const char *, f->option_count);
    for (size_t i = 0; i < f->option_count; i++) {
        names[i] = f->options[i].id;
        if (str_eq(names[i], text)) {
            return &f->options[i];
        }
    }
    if (!strict) {
        return NULL;
    }
    load_unknown(l, node, arena_printf(l->messages, "%s of %s", f->name, f->entity->name), text,
                 names, f->option_count);
    return NULL;
}

/* "1 day", "2 weeks". */
static int read_in(struct loader *l, const struct yaml *node)
{
    static const int DAYS[] = {[UNIT_DAY] = 1, [UNIT_WEEK] = 7, [UNIT_MONTH] = 30};
    const char *text = load_text(l, node);
    const char *blank = text != NULL ? strchr(text, ' ') : NULL;
    enum unit unit = blank == NULL ? UNIT_NONE : unit_find(blank + 1);
    int64_t n = 0;
    bool known = unit == UNIT_DAY || unit == UNIT_WEEK || unit == UNIT_MONTH;
    if (text == NULL) {
        return 0;
    }
    if (!known || str_to_int(arena_strndup(l->messages, text, (size_t)(blank - text)), &n) != 0 ||
        n < 0 || n * DAYS[unit] > IN_DAYS_MAX) {
        load_error(l, node, "must be days, weeks or months like \"2 days\"");
        return 0;
    }
    return (int)n * DAYS[unit];
}

static const char *read_at(struct loader *l, const struct yaml *node)
{
    const char *text = load_text(l, node);
    int64_t ms;
    if (text != NULL &&
        (strlen(text) != strlen("09:00") ||
         clock_parse_instant(arena_printf(l->messages, "2026-01-01T%sZ", text), &ms) != 0)) {
        load_error(l, node, "must be a time like \"09:00\"");
        return NULL;
    }
    return text;
}

static bool read_follow_up(struct loader *l, const struct entity *work, const struct yaml *node,
                           bool own, struct follow_up *out)
{
    const struct field *result = entity_field_find(work, WORK_RESULT);
    const struct yaml *after = yaml_find(node, "after"), *how = yaml_find(node, "result");
    if (!load_check_keys(l, node, KEYS)) {
        return false;
    }
    *out = (struct follow_up){.after = read_option(l, work->story.kind, after, own),
                              .kind = read_option(l, work->story.kind, yaml_find(node, "then"), own),
                              .subject = load_label(l, yaml_find(node, "subject"), NULL),
                              .days = read_in(l, yaml_find(node, "in")),
                              .at = read_at(l, yaml_find(node, "at")),
                              .where = own ? yaml_where(l->arena, node) : NULL};
    if (how != NULL && result != NULL) {
        out->result = read_option(l, result, how, own);
    }
    if (out->kind == NULL && yaml_find(node, "then") == NULL) {
        load_key_error(l, node, "a follow-up needs the kind of the next step under then");
    }
    return out->kind != NULL && (out->after != NULL || after == NULL) &&
           (out->result != NULL || how == NULL);
}

void load_follow_ups(struct loader *l)
{
    struct model *m = l->m;
    const struct entity *work = m->work;
    const struct document *d = load_document(l, "follow_ups.yaml", false);
    bool own = d != NULL;
    d = own ? d : load_document(l, "follow_ups.yaml", true);
    if (d == NULL || work == NULL || work->story.kind == NULL) {
        return;
    }
    m->follow_ups = ARENA_ARRAY(l->arena, struct follow_up, d->root->count);
    for (const struct yaml *n = d->root->child; n != NULL; n = n->next) {
        if (m->follow_up_count == FOLLOW_UPS_MAX) {
            load_key_error(l, n, "more than %d follow-ups", FOLLOW_UPS_MAX);
            return;
        }
        m->follow_up_count += read_follow_up(l, work, n, own, &m->follow_ups[m->follow_up_count]);
    }
}

/* THE table behind conf/README.md. */
static const struct import_key REFERENCE[] = {
    {"after", "the kind of what was done; without it any", "after: call"},
    {"result", "how it went; without it however", "result: not_reached"},
    {"then", "the kind of the next step", "then: call"},
    {"subject", "what it says", "subject: Call again"},
    {"in", "how long after: days, weeks or months", "in: 2 days"},
    {"at", "at what time; without it on that day", "at: '09:00'"},
    {NULL, NULL, NULL},
};

void follow_up_write_reference(struct buf *out)
{
    buf_puts(out, "\n## Follow-ups\n\nIn `follow_ups.yaml`, by any id: what is suggested when an activity is "
                  "done. The file takes the place of the built-in one.\n\n| Key | Meaning | Example "
                  "|\n|---|---|---|\n");
    for (const struct import_key *k = REFERENCE; k->name != NULL; k++) {
        buf_printf(out, "| `%s` | %s | `%s` |\n", k->name, k->meaning, k->example);
    }
}
