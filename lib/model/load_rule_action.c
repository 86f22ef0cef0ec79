/* What rules do: RULE_ACTIONS, THE table of actions, and how each is read. See rule.h. */
#include <string.h>

#include "base/str.h"
#include "model/load.h"
#include "model/types.h"

#define PEOPLE_MAX 50
#define SETS_MAX   60

const struct rule_action_row RULE_ACTIONS[] = {
    {RULE_REFUSE, "refuse", true,
     "the change is refused with this text; `{field: f, say: text}` says it beside the field",
     "refuse: Won deals are not deleted"},
    {RULE_ASSIGN, "assign", false,
     "gives the record an owner and tells him: see below", "assign: {round_robin: [{team: Solar}]}"},
    {RULE_SET, "set", false,
     "fields of the record: a value, an expression, a text with `{fields}`, or `empty`",
     "set: {stage: contacted, tags: hot}"},
    {RULE_CREATE, "create", false,
     "a record of an entity with these fields; an activity or note concerns the record by itself",
     "create: {activity: {kind: call, subject: \"Call {title}\", due: now() + 1 days}}"},
    {RULE_NOTIFY, "notify", false,
     "tells people in the bell; `to` as in assignments, a team is all its members",
     "notify: {to: [owner, {team: Solar}], text: \"New enquiry: {subject}\"}"},
    {0},
};

/* ---- texts ----------------------------------------------------------------------------------- */

/* A value that can be written into a sentence; of a link its title. */
static const struct expr *read_value(struct loader *l, const struct entity *e,
                                     const struct yaml *node, size_t at, size_t size)
{
    const struct expr *x = load_expr_part(l, node, at, size, e);
    const struct expr *title = x == NULL ? NULL : expr_title(l->arena, x);
    if (title != NULL) {
        return title;
    }
    if (x != NULL && (x->type.kind == KIND_LIST || x->type.kind == KIND_LINK ||
                      x->type.kind == KIND_DURATION)) {
        load_error_at(l, node, at, "this cannot be written into a text");
        return NULL;
    }
    return x;
}

const struct rule_text *load_rule_text(struct loader *l, const struct entity *e,
                                       const struct yaml *node)
{
    const char *text = load_text(l, node);
    if (text == NULL) {
        return NULL;
    }
    struct rule_text *out = ARENA_NEW(l->arena, struct rule_text);
    out->source = text;
    out->pieces = ARENA_ARRAY(l->arena, struct rule_piece, strlen(text) + 1);
    for (size_t at = 0; text[at] != '\0';) {
        size_t plain = strcspn(text + at, "{");
        if (plain > 0) {
            out->pieces[out->count++].text = arena_strndup(l->arena, text + at, plain);
            at += plain;
            continue;
        }
        size_t size = strcspn(text + at + 1, "}");
        if (text[at + 1 + size] == '\0') {
            load_error_at(l, node, at, "a { without its }");
            return NULL;
        }
        out->pieces[out->count].value = read_value(l, e, node, at + 1, size);
        if (out->pieces[out->count++].value == NULL) {
            return NULL;
        }
        at += size + 2;
    }
    return out;
}

/* ---- people ---------------------------------------------------------------------------------- */

static const char *const PEOPLE_KEYS[] = {"user", "team", NULL};

/* A field that holds a user or a team. */
static bool read_people_field(struct loader *l, const struct entity *e, const struct yaml *node,
                              struct people *out)
{
    const struct expr *x = load_expr(l, node, e, KIND_NONE, NULL);
    if (x == NULL) {
        return false;
    }
    if (x->type.kind != KIND_LINK || x->type.entity == NULL || !entity_is_account(x->type.entity)) {
        load_error(l, node,
                   "must be a user or a team: a field like owner, an e-mail address, or {team: Name}");
        return false;
    }
    *out = (struct people){.kind = PEOPLE_FIELD, .expr = x, .name = node->text};
    return true;
}

bool load_people(struct loader *l, const struct entity *e, const struct yaml *node,
                 struct people *out)
{
    if (node->type == YAML_SCALAR) {
        const char *text = load_text(l, node);
        if (text == NULL || strchr(text, '@') == NULL) {
            return text != NULL && read_people_field(l, e, node, out);
        }
        *out = (struct people){
            .kind = PEOPLE_USER, .name = text, .where = yaml_where(l->arena, node)};
        return true;
    }
    if (!load_check_keys(l, node, PEOPLE_KEYS)) {
        return false;
    }
    const struct yaml *user = yaml_find(node, "user"), *team = yaml_find(node, "team");
    if ((user == NULL) == (team == NULL)) {
        load_error(l, node, "must name one user or one team");
        return false;
    }
    *out = (struct people){.kind = user != NULL ? PEOPLE_USER : PEOPLE_TEAM,
                           .name = load_text(l, user != NULL ? user : team),
                           .where = yaml_where(l->arena, user != NULL ? user : team)};
    return out->name != NULL;
}

/* ---- values of fields ------------------------------------------------------------------------ */

/* As the field's type reads it; false: it does not, *refused says why. */
static bool plain_value(struct loader *l, const struct field *f, const char *text,
                        struct rule_set *out, struct err *refused)
{
    const struct parse_context c = {.arena = l->arena, .model = l->m};
    struct parsed *parsed = ARENA_NEW(l->arena, struct parsed);
    if (f->type->parse_text(&c, f, text, parsed, refused) != 0 || parsed->reference_count > 0 ||
        parsed->values[0].kind == VALUE_NULL) {
        return false;
    }
    out->values = parsed->values;
    return true;
}

/* One word that is a field of the record, or more than a word. */
static bool is_expression(const struct entity *scope, const char *text)
{
    return strpbrk(text, " (\".") != NULL || strcmp(text, "me") == 0 ||
           strcmp(text, "my_team") == 0 || entity_field_find(scope, text) != NULL;
}

static bool read_set_value(struct loader *l, const struct entity *scope, const struct yaml *node,
                           struct rule_set *out)
{
    const struct field *f = out->field;
    const char *text = load_text(l, node);
    struct err refused = {0};
    if (text == NULL) {
        return false;
    }
    if (!node->quoted && strcmp(text, "empty") == 0) {
        return true;
    }
    out->source = text;
    if (field_is_words(f)) {
        out->text = load_rule_text(l, scope, node);
        return out->text != NULL;
    }
    if (plain_value(l, f, text, out, &refused)) {
        return true;
    }
    if (!is_expression(scope, text) || f->type->expr_kind == KIND_LIST) {
        load_error(l, node, "%s",
                   refused.item_count > 0  ? refused.items->text
                   : refused.text[0] != 0 ? refused.text
                                           : "this is no value of the field");
        return false;
    }
    out->expr = load_expr(l, node, scope, f->type->expr_kind, f);
    return out->expr != NULL;
}

/* A field of `e` by the key of the node, that something can be put into. */
static const struct field *settable(struct loader *l, const struct entity *e,
                                    const struct yaml *node)
{
    const struct field *f = entity_field_find(e, node->key);
    if (f == NULL || f->hidden) {
        const char **names = ARENA_ARRAY(l->messages, const char *, e->field_count);
        size_t n = 0;
        for (size_t i = 0; i < e->field_count; i++) {
            if (!e->fields[i]->system && !e->fields[i]->hidden) {
                names[n++] = e->fields[i]->name;
            }
        }
        const char *near = str_nearest(node->key, names, n);
        load_key_error(l, node,
                       near == NULL ? "there is no field \"%s\" in %s"
                                    : "there is no field \"%s\" in %s; do you mean \"%s\"?",
                       node->key, e->name, near);
        return NULL;
    }
    if (f->system || f->compute != NULL || f->column_count == 0 || f->type->serial) {
        load_key_error(l, node, "\"%s\" is made by the program itself", f->name);
        return NULL;
    }
    return f;
}

static void read_sets(struct loader *l, const struct entity *scope, const struct entity *e,
                      const struct yaml *node, struct rule_action *x)
{
    if (node->type != YAML_MAP || node->count == 0 || node->count > SETS_MAX) {
        load_error(l, node, "must be a map of fields and what they get");
        return;
    }
    x->sets = ARENA_ARRAY(l->arena, struct rule_set, node->count + 1);
    for (const struct yaml *n = node->child; n != NULL; n = n->next) {
        struct rule_set set = {.field = settable(l, e, n)};
        if (set.field != NULL && field_is_records(set.field)) {
            load_key_error(l, n, "\"%s\" names the record of the rule by itself", n->key);
        } else if (set.field != NULL && read_set_value(l, scope, n, &set)) {
            x->sets[x->set_count++] = set;
        }
    }
}

/* ---- actions --------------------------------------------------------------------------------- */

typedef void read_action(struct loader *l, const struct rule *r, const struct yaml *node,
                         struct rule_action *x);

static const char *const REFUSE_KEYS[] = {"field", "say", NULL};

static void read_refuse(struct loader *l, const struct rule *r, const struct yaml *node,
                        struct rule_action *x)
{
    const struct yaml *say = node;
    if (node->type == YAML_MAP) {
        load_check_keys(l, node, REFUSE_KEYS);
        const struct yaml *field = yaml_find(node, "field");
        x->field = load_text(l, field) == NULL ? NULL : load_field(l, r->entity, field);
        say = yaml_find(node, "say");
        if (say == NULL) {
            load_error(l, node, "refuse needs a text under say");
            return;
        }
    }
    x->text = load_rule_text(l, r->entity, say);
}

static void read_assign(struct loader *l, const struct rule *r, const struct yaml *node,
                        struct rule_action *x)
{
    if (r->entity->owner == NULL) {
        load_key_error(l, node, "%s has no owner", r->entity->name);
        return;
    }
    x->assign = load_assignment(l, r->entity, node);
}

static void read_set(struct loader *l, const struct rule *r, const struct yaml *node,
                     struct rule_action *x)
{
    read_sets(l, r->entity, r->entity, node, x);
}

static void read_create(struct loader *l, const struct rule *r, const struct yaml *node,
                        struct rule_action *x)
{
    if (node->type != YAML_MAP || node->count != 1) {
        load_error(l, node, "must be one entity with its fields, like {activity: {subject: Call}}");
        return;
    }
    const struct entity_def *d = load_entity_def(l, node->child, node->child->key);
    if (d == NULL) {
        return;
    }
    if (entity_is_account(d->entity)) {
        load_key_error(l, node->child, "rules make no users and teams");
        return;
    }
    x->entity = d->entity;
    read_sets(l, r->entity, d->entity, node->child, x);
}

static const char *const NOTIFY_KEYS[] = {"to", "text", NULL};

static void read_notify(struct loader *l, const struct rule *r, const struct yaml *node,
                        struct rule_action *x)
{
    if (!load_check_keys(l, node, NOTIFY_KEYS)) {
        return;
    }
    const struct yaml *to = yaml_find(node, "to"), *text = yaml_find(node, "text");
    if (to == NULL || text == NULL) {
        load_error(l, node, "notify needs to and text");
        return;
    }
    bool list = to->type == YAML_LIST;
    if (list && to->count > PEOPLE_MAX) {
        load_error(l, to, "more than %d", PEOPLE_MAX);
        return;
    }
    x->to = ARENA_ARRAY(l->arena, struct people, list ? to->count + 1 : 1);
    for (const struct yaml *n = list ? to->child : to; n != NULL; n = list ? n->next : NULL) {
        x->to_count += load_people(l, r->entity, n, &x->to[x->to_count]);
    }
    x->text = load_rule_text(l, r->entity, text);
}

static read_action *const READERS[] = {[RULE_REFUSE] = read_refuse,
                                       [RULE_ASSIGN] = read_assign,
                                       [RULE_SET] = read_set,
                                       [RULE_CREATE] = read_create,
                                       [RULE_NOTIFY] = read_notify};

static const struct rule_action_row *find_action(struct loader *l, const struct yaml *node)
{
    const char *names[COUNT(READERS)];
    size_t n = 0;
    for (const struct rule_action_row *row = RULE_ACTIONS; row->name != NULL; row++) {
        if (strcmp(row->name, node->key) == 0) {
            return row;
        }
        names[n++] = row->name;
    }
    const char *near = str_nearest(node->key, names, n);
    load_key_error(l, node,
                   near == NULL ? "there is no action \"%s\""
                                : "there is no action \"%s\"; do you mean \"%s\"?",
                   node->key, near);
    return NULL;
}

static void read_one(struct loader *l, const struct rule *r, const struct yaml *node,
                     struct rule_action *x)
{
    if (node->type != YAML_MAP || node->count != 1) {
        load_error(l, node, "an action is one word with what belongs to it, like notify: {…}");
        return;
    }
    x->row = find_action(l, node->child);
    if (x->row == NULL) {
        return;
    }
    if (x->row->before != r->before) {
        load_key_error(l, node->child, "\"%s\" belongs to a rule with %s", x->row->name,
                       x->row->before ? "before" : "after");
        return;
    }
    READERS[x->row->id](l, r, node->child, x);
}

void load_rule_actions(struct loader *l, struct rule *r, const struct yaml *node)
{
    bool list = node->type == YAML_LIST;
    size_t count = list ? node->count : 1;
    if (count == 0 || count > RULE_ACTIONS_MAX) {
        load_error(l, node, "a rule does 1 to %d things", RULE_ACTIONS_MAX);
        return;
    }
    r->actions = ARENA_ARRAY(l->arena, struct rule_action, count);
    for (const struct yaml *n = list ? node->child : node; n != NULL; n = list ? n->next : NULL) {
        read_one(l, r, n, &r->actions[r->action_count++]);
    }
}
