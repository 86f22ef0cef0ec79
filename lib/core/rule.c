/* See rule.h. */
#include "core/rule.h"

#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "core/parts.h"

/* ---- texts ----------------------------------------------------------------------------------- */

static void put_moment(struct buf *out, int64_t ms)
{
    time_t at = (time_t)(ms / 1000);
    struct tm t;
    char text[32];
    if (localtime_r(&at, &t) != NULL && strftime(text, sizeof text, "%Y-%m-%d %H:%M", &t) > 0) {
        buf_puts(out, text);
    }
}

static void put_choice(const struct ctx *c, const struct field *f, const char *key, struct buf *out)
{
    struct option option;
    for (size_t i = 0; f != NULL && field_option(c->model, f, i, &option); i++) {
        if (strcmp(option.id, key) == 0) {
            buf_puts(out, option.label);
            return;
        }
    }
    buf_puts(out, key);
}

static void put_value(const struct ctx *c, const struct expr *x, struct value v, struct buf *out)
{
    if (v.kind == VALUE_TEXT && x->type.kind == KIND_CHOICE) {
        put_choice(c, x->type.field, v.s, out);
    } else if (v.kind == VALUE_TEXT) {
        buf_add(out, v.s, v.n);
    } else if (v.kind == VALUE_INT && x->type.kind == KIND_INSTANT) {
        put_moment(out, v.i);
    } else if (v.kind == VALUE_INT && x->type.kind == KIND_BOOL) {
        buf_puts(out, v.i != 0 ? "yes" : "no");
    } else if (v.kind == VALUE_INT) {
        print_scaled(out, v.i, x->type.places);
        buf_puts(out, x->type.kind == KIND_MONEY ? " " : "");
        buf_puts(out, x->type.kind == KIND_MONEY ? c->model->company.currency : "");
    }
}

int rule_say(struct ctx *c, const struct who *reader, const struct rule_text *text,
             const struct entity *e, int64_t id, const char **out)
{
    const struct expr **exprs = ARENA_ARRAY(c->arena, const struct expr *, text->count + 1);
    struct value *values = ARENA_ARRAY(c->arena, struct value, text->count + 1);
    size_t n = 0, at = 0;
    for (size_t i = 0; i < text->count; i++) {
        const struct expr *x = text->pieces[i].value;
        if (x != NULL && expr_is_seen(x, reader->role)) {
            exprs[n++] = x;
        }
    }
    if (query_eval(c->db, reader, e, id, exprs, n, c->arena, values, &c->err) != 0) {
        return -1;
    }
    struct buf said = {0};
    for (size_t i = 0; i < text->count; i++) {
        const struct rule_piece *p = &text->pieces[i];
        if (p->text != NULL) {
            buf_puts(&said, p->text);
        } else if (at < n && exprs[at] == p->value) {
            put_value(c, p->value, values[at++], &said);
        } else {
            buf_puts(&said, "…");
        }
    }
    *out = arena_strndup(c->arena, buf_text(&said), said.size);
    buf_done(&said);
    return 0;
}

/* ---- rules with `before` --------------------------------------------------------------------- */

static bool differs(const struct record *before, const struct record *r, const struct field *f)
{
    const struct value *now = record_values(r, f);
    for (size_t i = 0; now != NULL && i < f->column_count; i++) {
        if (before == NULL ? !value_is_empty(now[i])
                           : !value_equal(now[i], record_values(before, f)[i])) {
            return true;
        }
    }
    return false;
}

static bool differs_anywhere(const struct record *before, const struct record *r)
{
    for (size_t i = 0; i < r->entity->field_count; i++) {
        const struct field *f = r->entity->fields[i];
        if (!f->system && f->compute == NULL && differs(before, r, f)) {
            return true;
        }
    }
    return false;
}

bool rule_waits(const struct rule *rule, const struct record *before, const struct record *r)
{
    for (size_t i = 0; i < rule->trigger_count; i++) {
        const struct rule_trigger *t = &rule->triggers[i];
        if ((t->event == RULE_CREATED && before == NULL) ||
            (t->event == RULE_UPDATED && before != NULL && differs_anywhere(before, r)) ||
            (t->event == RULE_FIELD && differs(before, r, t->field))) {
            return true;
        }
    }
    return false;
}

/* Who reads what is refused: whoever asked for the change, also when a rule makes it. */
static struct who reader_of(const struct ctx *c)
{
    struct who who = ctx_who(c);
    if (c->settling) {
        who.role = c->asker;
    }
    return who;
}

int rule_refuse(struct ctx *c, const struct rule *rule, const struct record *r)
{
    const struct who reader = reader_of(c);
    for (size_t i = 0; i < rule->action_count; i++) {
        const struct rule_action *x = &rule->actions[i];
        const char *text = NULL;
        bool named = x->field != NULL &&
                     (reader.role == NULL || role_sees(reader.role, x->field));
        if (rule_say(c, &reader, x->text, r->entity, r->id, &text) != 0) {
            return -1;
        }
        err_add(&c->err, c->arena, ERR_INVALID,
                named ? arena_printf(c->arena, "%s.%s", r->entity->name, x->field->name)
                      : r->entity->name,
                "%s", text);
    }
    return 0;
}

static bool waits_for(const struct rule *rule, const struct entity *e, enum rule_event event)
{
    for (size_t i = 0; rule->before && rule->entity == e && i < rule->trigger_count; i++) {
        if (rule->triggers[i].event == event) {
            return true;
        }
    }
    return false;
}

int rule_refuse_move(struct ctx *c, const struct record *r, enum rule_event event)
{
    struct who who = ctx_who(c);
    who.role = NULL;
    who.since = c->change.id - 1;
    for (size_t i = 0; !c->no_gates && c->undo_of == 0 && i < c->model->rule_count; i++) {
        const struct rule *rule = &c->model->rules[i];
        bool holds = rule->test == NULL;
        if (!waits_for(rule, r->entity, event)) {
            continue;
        }
        if (rule->test != NULL && query_match(c->db, &who, r->entity, &r->id, 1,
                                              (const struct expr *[]){rule->test}, 1, c->arena,
                                              &holds, &c->err) != 0) {
            return -1;
        }
        if (holds && rule_refuse(c, rule, r) != 0) {
            return -1;
        }
    }
    return c->err.code == ERR_NONE ? 0 : -1;
}

/* ---- values ---------------------------------------------------------------------------------- */

void rule_value(const struct ctx *c, const struct field *f, const struct expr *x, struct value v,
                struct value out[FIELD_MAX_COLUMNS])
{
    keep_value(c, f, x, v, out);
}
