/*
 * Rules: conf/rules.yaml, a list in the order in which they act. Here the rule itself; what it does
 * is read by load_rule_action.c and load_rule_assign.c. Read last: everything a rule names is there.
 */
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "model/load.h"

#define TRIGGERS_MAX  20
#define NAME_SIZE_MAX 60

static const struct import_key KEYS[] = {
    {"name", "by which the history tells of it; small letters, digits, `-` and `_`", "name: solar-to-specialists"},
    {"help", "what it is for, shown under Settings", "help: Solar enquiries go to who knows solar"},
    {"before",
     "a change that is refused when the condition holds; like `after`, but for `refuse` alone",
     "before: deal.deleted"},
    {"after",
     "a change after which something is done: `<entity>.created`, `.updated`, `.deleted`, `.restored` or "
     "`.<field>` (altered, or filled in a new record); one or a list of one entity",
     "after: lead.created"},
    {"if", "a condition on the record as it is now; `was(f)` and `changed(f)` look at the change",
     "if: 'amount > 1000 and was(stage) = \"proposal\"'"},
    {"do", "a list of actions, done in this order", "do: [{notify: {to: owner, text: \"Look at {name}\"}}]"},
    {NULL, NULL, NULL},
};

bool load_check_table(struct loader *l, const struct yaml *node, const struct import_key *keys)
{
    size_t count = 0;
    while (keys[count].name != NULL) {
        count++;
    }
    const char **names = ARENA_ARRAY(l->messages, const char *, count + 1);
    for (size_t i = 0; i < count; i++) {
        names[i] = keys[i].name;
    }
    return load_check_keys(l, node, names);
}

/* ---- triggers -------------------------------------------------------------------------------- */

static const struct {
    const char *word;
    enum rule_event event;
} EVENTS[] = {{"created", RULE_CREATED},
              {"updated", RULE_UPDATED},
              {"deleted", RULE_DELETED},
              {"restored", RULE_RESTORED}};

static void unknown_event(struct loader *l, const struct yaml *node, size_t at, const struct entity *e,
                          const char *word)
{
    const char **names = ARENA_ARRAY(l->messages, const char *, COUNT(EVENTS) + e->field_count);
    size_t n = 0;
    for (size_t i = 0; i < COUNT(EVENTS); i++) {
        names[n++] = EVENTS[i].word;
    }
    for (size_t i = 0; i < e->field_count; i++) {
        if (e->fields[i]->column_count > 0 && !e->fields[i]->system) {
            names[n++] = e->fields[i]->name;
        }
    }
    const char *near = str_nearest(word, names, n);
    load_error_at(l, node, at,
                  near == NULL
                      ? arena_printf(l->messages, "%s has no event and no stored field \"%s\"",
                                     e->name, word)
                      : arena_printf(l->messages,
                                     "%s has no event and no stored field \"%s\"; do you mean \"%s\"?",
                                     e->name, word, near));
}

static bool find_event(struct loader *l, const struct yaml *node, size_t at, const struct entity *e,
                       const char *word, struct rule_trigger *out)
{
    *out = (struct rule_trigger){0};
    for (size_t i = 0; i < COUNT(EVENTS); i++) {
        if (strcmp(EVENTS[i].word, word) == 0) {
            out->event = EVENTS[i].event;
            return true;
        }
    }
    const struct field *f = entity_field_find(e, word);
    if (f == NULL || f->system || f->hidden || f->column_count == 0) {
        unknown_event(l, node, at, e, word);
        return false;
    }
    *out = (struct rule_trigger){RULE_FIELD, f};
    return true;
}

/* "lead.created" */
static bool read_trigger(struct loader *l, const struct yaml *node, struct rule *r,
                         struct rule_trigger *out)
{
    const char *text = load_text(l, node);
    const char *dot = text == NULL ? NULL : strchr(text, '.');
    if (dot == NULL) {
        if (text != NULL) {
            load_error(l, node, "must be an entity and what happens to it, like lead.created");
        }
        return false;
    }
    size_t at = (size_t)(dot - text);
    const struct entity_def *d = load_entity_def(l, node, arena_strndup(l->arena, text, at));
    if (d == NULL) {
        return false;
    }
    if (r->entity != NULL && r->entity != d->entity) {
        load_error(l, node, "a rule is about one entity; this one is about %s", r->entity->name);
        return false;
    }
    r->entity = d->entity;
    return find_event(l, node, at + 1, d->entity, dot + 1, out);
}

static void read_triggers(struct loader *l, struct rule *r, const struct yaml *node)
{
    size_t count = 0;
    const struct yaml **items = load_items(l, node, &count);
    if (count > TRIGGERS_MAX) {
        load_error(l, node, "more than %d changes", TRIGGERS_MAX);
        return;
    }
    r->triggers = ARENA_ARRAY(l->arena, struct rule_trigger, count + 1);
    for (size_t i = 0; i < count; i++) {
        if (read_trigger(l, items[i], r, &r->triggers[r->trigger_count])) {
            r->trigger_count++;
        }
    }
}

/* ---- the rule -------------------------------------------------------------------------------- */

static bool is_name(const char *s)
{
    size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-_");
    return s[n] == '\0' && n > 0 && n <= NAME_SIZE_MAX && s[0] >= 'a' && s[0] <= 'z';
}

static const char *read_name(struct loader *l, const struct yaml *node)
{
    const struct yaml *name = yaml_find(node, "name");
    const char *text = load_text(l, name);
    if (name == NULL) {
        load_error(l, node, "a rule needs a name");
        return NULL;
    }
    if (text == NULL) {
        return NULL;
    }
    if (!is_name(text)) {
        load_error(l, name, "a name is made of small letters, digits, - and _, at most %d",
                   NAME_SIZE_MAX);
        return NULL;
    }
    for (size_t i = 0; i < l->m->rule_count; i++) {
        if (strcmp(l->m->rules[i].name, text) == 0) {
            load_error(l, name, "there is a rule \"%s\" already", text);
            return NULL;
        }
    }
    return text;
}

static void read_rule(struct loader *l, const struct yaml *node, struct rule *r)
{
    if (!load_check_table(l, node, KEYS)) {
        return;
    }
    const struct yaml *before = yaml_find(node, "before"), *after = yaml_find(node, "after");
    const struct yaml *test = yaml_find(node, "if"), *actions = yaml_find(node, "do");
    *r = (struct rule){.name = read_name(l, node), .before = before != NULL};
    r->where = yaml_where(l->arena, node);
    r->help = load_label(l, yaml_find(node, "help"), NULL);
    if ((before == NULL) == (after == NULL)) {
        load_error(l, node, "a rule has either before or after: the change it is about");
        return;
    }
    read_triggers(l, r, before != NULL ? before : after);
    if (r->trigger_count == 0) {
        return;
    }
    r->test_text = load_text(l, test);
    r->test = test == NULL ? NULL : load_expr(l, test, r->entity, KIND_BOOL, NULL);
    if (actions == NULL) {
        load_error(l, node, "a rule needs something to do");
        return;
    }
    load_rule_actions(l, r, actions);
    l->m->rule_count += r->name != NULL;
}

void load_rules(struct loader *l)
{
    const struct document *d = load_document(l, RULES_FILE, false);
    if (d == NULL || d->root->count == 0) {
        return;
    }
    if (d->root->type != YAML_LIST || d->root->count > RULES_MAX) {
        load_error(l, d->root, "must be a list of at most %d rules, each beginning with - name:",
                   RULES_MAX);
        return;
    }
    l->m->rules = ARENA_ARRAY(l->arena, struct rule, d->root->count);
    l->changes = true;
    for (const struct yaml *n = d->root->child; n != NULL; n = n->next) {
        read_rule(l, n, &l->m->rules[l->m->rule_count]);
    }
    l->changes = false;
}

/* ---- the reference --------------------------------------------------------------------------- */

void rule_write_reference(struct buf *out)
{
    buf_puts(out, "\n## Rules\n\nIn `rules.yaml`, a list. Rules act in the order of the file, with the rights of the "
                  "system, each at most once on a record within one change.\n\n"
                  "| Key | Meaning | Example |\n|---|---|---|\n");
    for (const struct import_key *k = KEYS; k->name != NULL; k++) {
        buf_printf(out, "| `%s` | %s | `%s` |\n", k->name, k->meaning, k->example);
    }
    buf_puts(out, "\nActions:\n\n| Action | With | Meaning | Example |\n|---|---|---|---|\n");
    for (const struct rule_action_row *x = RULE_ACTIONS; x->name != NULL; x++) {
        buf_printf(out, "| `%s` | `%s` | %s | `%s` |\n", x->name, x->before ? "before" : "after",
                   x->meaning, x->example);
    }
    buf_puts(out, "\nAn assignment is one field, or has\n\n| Key | Meaning | Example |\n|---|---|---|\n");
    for (const struct import_key *k = ASSIGN_KEYS; k->name != NULL; k++) {
        buf_printf(out, "| `%s` | %s | `%s` |\n", k->name, k->meaning, k->example);
    }
}
