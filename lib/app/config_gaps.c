/* What works as it stands, but was maybe forgotten: worth a word of `kontor check`, no reason to fail. */
#include "app/config_parts.h"

static bool has_lost(const struct pipeline *p)
{
    for (size_t i = 0; i < p->stage_count; i++) {
        if (p->stages[i].kind == STAGE_LOST) {
            return true;
        }
    }
    return false;
}

void config_note_gaps(const struct model *m, struct arena *a, struct err *notes)
{
    for (size_t i = 0; i < m->pipeline_count; i++) {
        const struct pipeline *p = &m->pipelines[i];
        if (!has_lost(p)) {
            err_add(notes, a, ERR_INVALID, p->where,
                    "pipeline \"%s\" has no stage with kind: lost; what is not won stays open",
                    p->id);
        }
    }
    for (size_t i = 0; i < m->follow_up_count; i++) {
        const struct follow_up *f = &m->follow_ups[i];
        if (f->where != NULL && f->subject == NULL) {
            err_add(notes, a, ERR_INVALID, f->where,
                    "this follow-up has no subject: whoever takes it writes one");
        }
    }
}
