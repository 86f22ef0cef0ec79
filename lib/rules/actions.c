/* ACTION_TYPES: what rules do. See rules.h. */
#include "base/json.h"
#include "base/str.h"
#include "core/account.h"
#include "core/notification.h"
#include "core/rule.h"
#include "rules/rules.h"
#include "store/notifications.h"

/* ---- values ---------------------------------------------------------------------------------- */

static int set_text(struct step *s, const struct rule_set *set, struct value *values)
{
    const char *text = NULL;
    struct who who = ctx_who(s->c);
    if (rule_say(s->c, &who, set->text, s->entity, s->id, &text) != 0) {
        return -1;
    }
    values[0] = *text != '\0' ? value_text(text) : value_null();
    return 0;
}

static int set_expr(struct step *s, const struct rule_set *set, struct value *values)
{
    struct who who = ctx_who(s->c);
    struct value v = value_null();
    if (query_eval(s->c->db, &who, s->entity, s->id, (const struct expr *[]){set->expr}, 1,
                   s->c->arena, &v, &s->c->err) != 0) {
        return -1;
    }
    rule_value(s->c, set->field, set->expr, v, values);
    return 0;
}

static int put_sets(struct step *s, const struct entity *e, struct field_set *out)
{
    for (size_t i = 0; i < s->action->set_count; i++) {
        const struct rule_set *set = &s->action->sets[i];
        struct value values[FIELD_MAX_COLUMNS] = {{0}};
        if ((set->text != NULL && set_text(s, set, values) != 0) ||
            (set->expr != NULL && set_expr(s, set, values) != 0)) {
            return -1;
        }
        field_set_put(out, e, set->field, set->values != NULL ? set->values : values);
    }
    return 0;
}

static int run_set(struct step *s)
{
    struct ctx *c = s->c;
    struct field_set *set = field_set_new(c->arena, s->entity);
    struct record *before = NULL;
    bool changed = false;
    return put_sets(s, s->entity, set) != 0 ||
                   rows_load(c->db, s->entity, s->id, c->arena, &before, &c->err) != 0 ||
                   record_change_in(c, before, set, &changed) != 0
               ? -1
               : 0;
}

/* ---- records --------------------------------------------------------------------------------- */

/* The new record concerns the rule's one, and belongs to its owner unless the rule says otherwise. */
static void put_ties(struct step *s, const struct record *of, struct field_set *set)
{
    const struct entity *e = s->action->entity;
    struct ctx *c = s->c;
    const struct field *records = e->story.records;
    if (records != NULL && s->entity->timeline) {
        struct value ids = value_text(arena_printf(c->arena, "[%lld]", (long long)s->id));
        field_set_put(set, e, records, &ids);
    }
    const struct field *owner = e->owner;
    if (owner != NULL && s->entity->owner != NULL && !set->given[owner->index]) {
        struct value v = record_value(of, s->entity->owner);
        if (v.kind == VALUE_INT) {
            field_set_put(set, e, owner, &v);
        }
    }
}

static int run_create(struct step *s)
{
    struct ctx *c = s->c;
    const struct entity *e = s->action->entity;
    struct field_set *set = field_set_new(c->arena, e);
    struct record *of = NULL, *made = NULL;
    if (put_sets(s, e, set) != 0 ||
        rows_load(c->db, s->entity, s->id, c->arena, &of, &c->err) != 0) {
        return -1;
    }
    put_ties(s, of, set);
    return record_insert_in(c, e, set, &made);
}

/* ---- telling --------------------------------------------------------------------------------- */

/* What many records change together is told of once by each rule, with the first of them. *key: of the
 * notice to make; NULL: one more of it was told. */
static int key_of(struct step *s, int64_t user, const char **key)
{
    const struct change_set *set = s->c->settled;
    bool more = false;
    bool many = set->source == SOURCE_BULK || set->source == SOURCE_IMPORT;
    int64_t root = many && set->parent != 0 ? set->parent : set->id;
    *key = arena_printf(s->c->arena, "%s:%lld", s->rule->name, (long long)root);
    if (many && notifications_one_more(s->c->db, user, NOTIFY_RULE, *key, &more, &s->c->err) != 0) {
        return -1;
    }
    *key = more ? NULL : *key;
    return 0;
}

static int tell(struct step *s, int64_t user)
{
    struct ctx *c = s->c;
    struct who reader;
    const char *key = NULL;
    const char *text = NULL;
    if (account_who(c, user, &reader) != 0) {
        return -1;
    }
    if (reader.user == 0 || key_of(s, user, &key) != 0 || key == NULL) {
        return c->err.code != ERR_NONE ? -1 : 0;
    }
    reader.since = 0;
    if (rule_say(c, &reader, s->action->text, s->entity, s->id, &text) != 0) {
        return -1;
    }
    struct buf params = {0};
    struct json_writer w;
    jw_init(&w, &params);
    jw_object(&w);
    jw_kv_text(&w, "rule", s->rule->name);
    jw_kv_text(&w, "text", text);
    jw_object_end(&w);
    int rc = notify(c, &(struct notification){
                           .user = user,
                           .kind = NOTIFY_RULE,
                           .record = s->id,
                           .actor = c->actor.user,
                           .key = key,
                           .params = arena_strndup(c->arena, params.data, params.size)});
    buf_done(&params);
    return rc;
}

static int run_notify(struct step *s)
{
    int64_t *users = NULL;
    size_t count = 0;
    if (s->c->rules == RULES_SILENT || s->c->dry_run) {
        return 0;
    }
    if (rules_people(s, s->action->to, s->action->to_count, &users, &count) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        if (tell(s, users[i]) != 0) {
            return -1;
        }
    }
    return 0;
}

const struct action_type ACTION_TYPES[] = {
    {RULE_ASSIGN, rules_assign},
    {RULE_SET, run_set},
    {RULE_CREATE, run_create},
    {RULE_NOTIFY, run_notify},
    {0, NULL},
};
