/* All rules in words, with what is wrong with the people they name. See rules.h. */
#include "base/json.h"
#include "rules/rules.h"

static void print_words(struct json_writer *w, const char *key, const char *const *words, size_t count)
{
    jw_key(w, key);
    jw_array(w);
    for (size_t i = 0; i < count; i++) {
        jw_text(w, words[i]);
    }
    jw_array_end(w);
}

static int check_people(struct ctx *c, const struct people *p, size_t count, struct json_writer *w)
{
    for (size_t i = 0; i < count; i++) {
        int64_t id = 0;
        if (p[i].kind != PEOPLE_FIELD && rules_account(c, &p[i], &id) != 0) {
            return -1;
        }
        if (p[i].kind != PEOPLE_FIELD && id == 0) {
            jw_text(w, arena_printf(c->arena, "there is no %s “%s”",
                                    p[i].kind == PEOPLE_TEAM ? "team" : "user", p[i].name));
        }
    }
    return 0;
}

static int print_problems(struct ctx *c, const struct rule *r, struct json_writer *w)
{
    int rc = 0;
    jw_key(w, "problems");
    jw_array(w);
    for (size_t i = 0; rc == 0 && i < r->action_count; i++) {
        const struct rule_action *x = &r->actions[i];
        rc = check_people(c, x->to, x->to_count, w);
        if (rc == 0 && x->assign != NULL) {
            rc = check_people(c, x->assign->to, x->assign->to_count, w);
        }
        if (rc == 0 && x->assign != NULL && x->assign->otherwise != NULL) {
            rc = check_people(c, x->assign->otherwise, 1, w);
        }
    }
    jw_array_end(w);
    return rc;
}

/* ---- actions by their parts, for pages that say them in their language ------------------------- */

static void print_person(struct json_writer *w, const struct people *p)
{
    static const char *const KINDS[] = {
        [PEOPLE_FIELD] = "field", [PEOPLE_USER] = "user", [PEOPLE_TEAM] = "team"};
    jw_object(w);
    jw_kv_text(w, "kind", KINDS[p->kind]);
    jw_kv_text(w, "name", p->name);
    jw_object_end(w);
}

static void print_people(struct json_writer *w, const struct people *p, size_t count)
{
    jw_key(w, "to");
    jw_array(w);
    for (size_t i = 0; i < count; i++) {
        print_person(w, &p[i]);
    }
    jw_array_end(w);
}

static void print_sets(struct json_writer *w, const struct rule_action *x)
{
    jw_key(w, "set");
    jw_array(w);
    for (size_t i = 0; i < x->set_count; i++) {
        const struct rule_set *s = &x->sets[i];
        jw_object(w);
        jw_kv_text(w, "field", s->field->name);
        jw_kv_text(w, "as",
                   s->source == NULL ? "empty"
                   : s->text != NULL ? "text"
                   : s->expr != NULL ? "expression"
                                     : "value");
        jw_kv_text(w, "value", s->source);
        jw_object_end(w);
    }
    jw_array_end(w);
}

static void print_assignment(struct json_writer *w, const struct assignment *x)
{
    static const char *const WAYS[] = {[ASSIGN_FIRST] = "first",
                                       [ASSIGN_ROUND_ROBIN] = "round_robin",
                                       [ASSIGN_LEAST_BUSY] = "least_busy"};
    jw_kv_text(w, "how", WAYS[x->how]);
    print_people(w, x->to, x->to_count);
    jw_kv_text(w, "if", x->test_text);
    jw_key(w, "by");
    jw_array(w);
    for (size_t i = 0; i < x->busy_count; i++) {
        jw_text(w, x->busy[i]->name);
    }
    jw_array_end(w);
    if (x->otherwise != NULL) {
        jw_key(w, "otherwise");
        print_person(w, x->otherwise);
    }
}

static void print_action(struct json_writer *w, const struct rule_action *x)
{
    jw_object(w);
    jw_kv_text(w, "action", x->row->name);
    if (x->assign != NULL) {
        print_assignment(w, x->assign);
    }
    if (x->row->id == RULE_NOTIFY) {
        print_people(w, x->to, x->to_count);
    }
    if (x->entity != NULL) {
        jw_kv_text(w, "entity", x->entity->name);
    }
    if (x->set_count > 0) {
        print_sets(w, x);
    }
    if (x->field != NULL) {
        jw_kv_text(w, "field", x->field->name);
    }
    if (x->text != NULL) {
        jw_kv_text(w, "text", x->text->source);
    }
    jw_object_end(w);
}

static void print_actions(struct json_writer *w, const struct rule *r)
{
    jw_key(w, "actions");
    jw_array(w);
    for (size_t i = 0; i < r->action_count; i++) {
        print_action(w, &r->actions[i]);
    }
    jw_array_end(w);
}

/* ---- rules ------------------------------------------------------------------------------------- */

static int print_rule(struct ctx *c, const struct rule *r, struct json_writer *w)
{
    const char **words = ARENA_ARRAY(c->arena, const char *, r->trigger_count + r->action_count + 1);
    jw_object(w);
    jw_kv_text(w, "name", r->name);
    jw_kv_text(w, "help", r->help);
    jw_kv_text(w, "where", r->where);
    jw_kv_text(w, "entity", r->entity->name);
    jw_kv_text(w, "when", r->before ? "before" : "after");
    for (size_t i = 0; i < r->trigger_count; i++) {
        words[i] = rule_trigger_print(c->arena, r, &r->triggers[i]);
    }
    print_words(w, "changes", words, r->trigger_count);
    jw_kv_text(w, "if", r->test_text);
    for (size_t i = 0; i < r->action_count; i++) {
        words[i] = rule_action_print(c->arena, &r->actions[i]);
    }
    print_words(w, "do", words, r->action_count);
    print_actions(w, r);
    int rc = print_problems(c, r, w);
    jw_object_end(w);
    return rc;
}

int rules_print(struct ctx *c, struct buf *out)
{
    struct json_writer w;
    int rc = ctx_db(c) == NULL ? -1 : 0;
    jw_init(&w, out);
    jw_object(&w);
    jw_key(&w, "items");
    jw_array(&w);
    for (size_t i = 0; rc == 0 && i < c->model->rule_count; i++) {
        rc = print_rule(c, &c->model->rules[i], &w);
    }
    jw_array_end(&w);
    jw_object_end(&w);
    return rc;
}
