/*
 * Views of conf/views.yaml may quote tags, which are records: one that is not there, maybe because it
 * was renamed in the browser, is worth a word beside the plan. Nothing fails by it: tags come and go.
 */
#include "app/config.h"
#include "model/expr.h"
#include "store/tagged.h"

static int note_view(struct ctx *c, const struct view *v, const struct entity *tags,
                     struct err *notes)
{
    struct arena *a = c->arena;
    struct expr_quote *quotes = NULL;
    size_t count = v->filter != NULL ? expr_quoted_tags(a, v->filter, v->filter_text, &quotes) : 0;
    for (size_t i = 0; i < count; i++) {
        struct tag_row row;
        if (tag_find(c->db, tags, quotes[i].tag, a, &row, &c->err) != 0) {
            return -1;
        }
        if (row.id == 0) {
            err_add(notes, a, ERR_INVALID, v->filter_where, "there is no tag \"%s\"",
                    quotes[i].tag);
        }
    }
    return 0;
}

int config_note_tags(struct ctx *c, struct candidate *seen)
{
    const struct entity *tags = model_entity_find(c->model, ENTITY_TAG); /* the ones in force */
    for (size_t i = 0; tags != NULL && i < seen->model->entity_count; i++) {
        const struct entity *of = seen->model->entities[i];
        for (size_t k = 0; k < of->view_count; k++) {
            if (note_view(c, &of->views[k], tags, &seen->notes) != 0) {
                return -1;
            }
        }
    }
    return 0;
}
