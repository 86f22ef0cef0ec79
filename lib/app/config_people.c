/*
 * Targets, pipelines, rules, first answers, calendars and web forms name people and teams, which are
 * records: one who is not there, maybe because a name was mistyped, is worth a word beside the plan; his
 * target counts for nobody, her pipeline opens for nobody first, nobody is told. Who has left gets no
 * enquiries.
 */
#include <string.h>

#include "app/config.h"
#include "core/account.h"
#include "core/record.h"
#include "model/calendar.h"
#include "model/form.h"
#include "model/response.h"
#include "model/rule.h"

static int note_one(struct ctx *c, const char *entity, const char *key, const char *text,
                    const char *where, struct err *notes)
{
    const struct entity *e = model_entity_find(c->model, entity); /* of the model in force */
    struct lookup found = {0};
    if (text == NULL || e == NULL) {
        return 0;
    }
    if (record_lookup(c, e, key, text, &found) != 0) {
        return -1;
    }
    if (found.count == 0) {
        err_add(notes, c->arena, ERR_INVALID, where, "there is no %s \"%s\"", entity, text);
    }
    bool active = true, user = strcmp(e->name, ENTITY_USER) == 0;
    if (found.count == 1 && user && account_is_active(c, found.id, &active) != 0) {
        return -1;
    }
    if (!active) {
        err_add(notes, c->arena, ERR_INVALID, where, "the user \"%s\" is not active", text);
    }
    return 0;
}

static int note_pipelines(struct ctx *c, struct candidate *seen)
{
    for (size_t i = 0; i < seen->model->pipeline_count; i++) {
        const struct pipeline *p = &seen->model->pipelines[i];
        for (size_t k = 0; k < p->team_count; k++) {
            if (note_one(c, ENTITY_TEAM, "name", p->teams[k], p->where, &seen->notes) != 0) {
                return -1;
            }
        }
    }
    return 0;
}

static int note_people(struct ctx *c, struct candidate *seen, const struct people *p, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bool team = p[i].kind == PEOPLE_TEAM;
        const char *key = !team && strchr(p[i].name, '@') != NULL ? "email" : "name";
        if (p[i].kind != PEOPLE_FIELD && note_one(c, team ? ENTITY_TEAM : ENTITY_USER, key,
                                                  p[i].name, p[i].where, &seen->notes) != 0) {
            return -1;
        }
    }
    return 0;
}

static int note_action(struct ctx *c, struct candidate *seen, const struct rule_action *x)
{
    const struct assignment *a = x->assign;
    return note_people(c, seen, x->to, x->to_count) != 0 ||
                   (a != NULL && note_people(c, seen, a->to, a->to_count) != 0) ||
                   (a != NULL && a->otherwise != NULL &&
                    note_people(c, seen, a->otherwise, 1) != 0)
               ? -1
               : 0;
}

static int note_rules(struct ctx *c, struct candidate *seen)
{
    const struct model *m = seen->model;
    for (size_t i = 0; i < m->rule_count; i++) {
        for (size_t k = 0; k < m->rules[i].action_count; k++) {
            if (note_action(c, seen, &m->rules[i].actions[k]) != 0) {
                return -1;
            }
        }
    }
    for (size_t i = 0; i < m->response_count; i++) {
        if (note_people(c, seen, m->responses[i].tell, m->responses[i].tell_count) != 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < m->calendar_count; i++) {
        const struct calendar *x = &m->calendars[i];
        if (note_one(c, ENTITY_TEAM, "name", x->team, x->where, &seen->notes) != 0) {
            return -1;
        }
    }
    return 0;
}

static int note_forms(struct ctx *c, struct candidate *seen)
{
    const struct model *m = seen->model;
    for (size_t i = 0; i < m->form_count; i++) {
        for (size_t k = 0; k < m->forms[i].set_count; k++) {
            const struct form_value *v = &m->forms[i].set[k];
            const char *key = strchr(v->text, '@') != NULL ? "email" : NULL;
            if (field_is_link(v->field) && note_one(c, v->field->to->name, key, v->text, v->where,
                                                    &seen->notes) != 0) {
                return -1;
            }
        }
    }
    return 0;
}

int config_note_people(struct ctx *c, struct candidate *seen)
{
    for (size_t i = 0; i < seen->model->target_count; i++) {
        const struct target *t = &seen->model->targets[i];
        if (note_one(c, ENTITY_USER, "email", t->person, t->whom_where, &seen->notes) != 0 ||
            note_one(c, ENTITY_TEAM, "name", t->team, t->whom_where, &seen->notes) != 0) {
            return -1;
        }
    }
    return note_pipelines(c, seen) != 0 || note_rules(c, seen) != 0 ? -1 : note_forms(c, seen);
}
