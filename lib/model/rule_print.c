/* Rules in words, for `kontor rules` and the page under Settings. See rule.h. */
#include "base/buf.h"
#include "model/field_type.h"
#include "model/rule.h"

const char *rule_trigger_print(struct arena *a, const struct rule *r, const struct rule_trigger *t)
{
    static const char *const WORDS[] = {[RULE_CREATED] = "created",
                                        [RULE_UPDATED] = "updated",
                                        [RULE_DELETED] = "deleted",
                                        [RULE_RESTORED] = "restored"};
    return arena_printf(a, "%s.%s", r->entity->name,
                        t->event == RULE_FIELD ? t->field->name : WORDS[t->event]);
}

static void put_people(struct buf *out, const struct people *p, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        buf_printf(out, "%s%s%s", i == 0 ? "" : ", ", p[i].kind == PEOPLE_TEAM ? "team " : "",
                   p[i].name);
    }
}

static void put_assignment(struct buf *out, const struct assignment *x)
{
    static const char *const WAYS[] = {[ASSIGN_FIRST] = "",
                                       [ASSIGN_ROUND_ROBIN] = "round robin of ",
                                       [ASSIGN_LEAST_BUSY] = "the least busy of "};
    buf_puts(out, WAYS[x->how]);
    put_people(out, x->to, x->to_count);
}

static void put_conditions(struct buf *out, const struct assignment *x)
{
    for (size_t i = 0; i < x->busy_count; i++) {
        buf_printf(out, "%s%s", i == 0 ? " by " : ", ", x->busy[i]->plural);
    }
    if (x->test != NULL) {
        buf_printf(out, ", if %s", x->test_text);
    }
    if (x->otherwise != NULL) {
        buf_puts(out, ", otherwise ");
        put_people(out, x->otherwise, 1);
    }
}

const char *rule_assignment_print(struct arena *a, const struct assignment *x)
{
    struct buf out = {0};
    put_assignment(&out, x);
    const char *text = arena_strndup(a, buf_text(&out), out.size);
    buf_done(&out);
    return text;
}

static void put_set(struct buf *out, const struct rule_set *x)
{
    const char *quote = x->text != NULL ? "\"" : "";
    buf_printf(out, "%s = %s%s%s", x->field->name, quote, x->source != NULL ? x->source : "empty",
               quote);
}

static void put_sets(struct buf *out, const struct rule_action *x)
{
    for (size_t i = 0; i < x->set_count; i++) {
        buf_puts(out, i == 0 ? "" : ", ");
        put_set(out, &x->sets[i]);
    }
}

static void put_refusal(struct buf *out, const struct rule_action *x)
{
    if (x->field != NULL) {
        buf_printf(out, " at %s", x->field->name);
    }
    buf_printf(out, ": %s", x->text->source);
}

const char *rule_action_print(struct arena *a, const struct rule_action *x)
{
    struct buf out = {0};
    buf_printf(&out, "%s%s", x->row->name, x->row->id == RULE_REFUSE ? "" : " ");
    if (x->row->id == RULE_ASSIGN) {
        put_assignment(&out, x->assign);
        put_conditions(&out, x->assign);
    } else if (x->row->id == RULE_SET) {
        put_sets(&out, x);
    } else if (x->row->id == RULE_CREATE) {
        buf_printf(&out, "%s: ", x->entity->name);
        put_sets(&out, x);
    } else if (x->row->id == RULE_REFUSE) {
        put_refusal(&out, x);
    } else {
        put_people(&out, x->to, x->to_count);
        buf_printf(&out, ": %s", x->text->source);
    }
    const char *text = arena_strndup(a, buf_text(&out), out.size);
    buf_done(&out);
    return text;
}
