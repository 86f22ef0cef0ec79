/*
 * Targets of targets.yaml and teams of pipelines.yaml are about people and teams, which are records:
 * one who is not there, maybe because a name was mistyped, is worth a word beside the plan; his
 * target counts for nobody, her pipeline opens for nobody first.
 */
#include "app/config.h"
#include "core/record.h"

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

int config_note_targets(struct ctx *c, struct candidate *seen)
{
    for (size_t i = 0; i < seen->model->target_count; i++) {
        const struct target *t = &seen->model->targets[i];
        if (note_one(c, ENTITY_USER, "email", t->person, t->whom_where, &seen->notes) != 0 ||
            note_one(c, ENTITY_TEAM, "name", t->team, t->whom_where, &seen->notes) != 0) {
            return -1;
        }
    }
    return note_pipelines(c, seen);
}
