/*
 * Looking things up in a finished model, its life by reference count, and the built-in sources.
 * Everything but the count is read-only, so any thread may look.
 */
#include "model/model.h"

#include <string.h>

#include "base/embed.h"
#include "base/err.h"
#include "base/str.h"
#include "model/field_type.h"

struct model *model_take(struct model *m)
{
    atomic_fetch_add_explicit(&m->references, 1, memory_order_relaxed);
    return m;
}

void model_release(struct model *m)
{
    if (m == NULL || atomic_fetch_sub_explicit(&m->references, 1, memory_order_acq_rel) != 1) {
        return;
    }
    struct arena arena = m->arena; /* the model lives in it */
    arena_done(&arena);
}

const struct entity *model_entity_by_id(const struct model *m, int64_t id)
{
    for (size_t i = 0; i < m->entity_count; i++) {
        if (m->entities[i]->id == id) {
            return m->entities[i];
        }
    }
    return NULL;
}

const struct entity *model_entity_find(const struct model *m, const char *name)
{
    return name == NULL ? NULL : map_find(&m->entity_by_name, name);
}

const struct entity *model_plural_find(const struct model *m, const char *plural)
{
    return plural == NULL ? NULL : map_find(&m->entity_by_plural, plural);
}

const struct role *model_role_find(const struct model *m, const char *id)
{
    for (size_t i = 0; id != NULL && i < m->role_count; i++) {
        if (strcmp(m->roles[i].id, id) == 0) {
            return &m->roles[i];
        }
    }
    return NULL;
}

const struct pipeline *model_pipeline_find(const struct model *m, const char *id)
{
    for (size_t i = 0; id != NULL && i < m->pipeline_count; i++) {
        if (strcmp(m->pipelines[i].id, id) == 0) {
            return &m->pipelines[i];
        }
    }
    return NULL;
}

const struct stage *pipeline_stage_find(const struct pipeline *p, const char *id)
{
    for (size_t i = 0; id != NULL && i < p->stage_count; i++) {
        if (strcmp(p->stages[i].id, id) == 0) {
            return &p->stages[i];
        }
    }
    return NULL;
}

const struct field *entity_field_find(const struct entity *e, const char *name)
{
    return name == NULL ? NULL : map_find(&e->field_by_name, name);
}

bool entity_sorts_otherwise(const struct entity *e)
{
    bool same = e->title_sort_count == 0 || e->title_sort_count == e->title_count;
    for (size_t i = 0; same && i < e->title_sort_count; i++) {
        same = e->title_sort[i] == e->title[i];
    }
    return !same;
}

bool entity_is_account(const struct entity *e)
{
    return strcmp(e->name, ENTITY_USER) == 0 || strcmp(e->name, ENTITY_TEAM) == 0;
}

const struct relation *entity_relation_find(const struct entity *e, const char *name)
{
    for (size_t i = 0; name != NULL && i < e->relation_count; i++) {
        if (strcmp(e->relations[i].name, name) == 0) {
            return &e->relations[i];
        }
    }
    return NULL;
}

const struct field *entity_holder(const struct entity *e, const struct entity *of)
{
    for (size_t i = 0; i < e->field_count; i++) {
        if (e->fields[i]->holds && e->fields[i]->to == of) {
            return e->fields[i];
        }
    }
    return NULL;
}

bool role_sees(const struct role *r, const struct field *f)
{
    return r->index >= 0 && (f->see_roles >> r->index & 1) != 0;
}

bool role_edits(const struct role *r, const struct field *f)
{
    return r->index >= 0 && (f->edit_roles >> r->index & 1) != 0;
}

const char *entity_order(struct arena *a, const struct entity *e, const struct role *r)
{
    const char *order = "";
    for (const char *key = e->sort != NULL ? e->sort : ""; *key != '\0';) {
        const size_t n = strcspn(key, ",");
        const char *one = str_trim(a, arena_strndup(a, key, n));
        const struct field *f = entity_field_find(e, one + (*one == '-'));
        if (f == NULL || r == NULL || role_sees(r, f)) {
            order = arena_printf(a, "%s%s%s", order, *order != '\0' ? "," : "", one);
        }
        key += n + (key[n] == ',');
    }
    return *order != '\0' ? order : "title";
}

bool title_uses(const struct entity *entity, const struct field *f)
{
    for (size_t i = 0; i < entity->title_count; i++) {
        if (entity->title[i] == f) {
            return true;
        }
    }
    for (size_t i = 0; i < entity->title_sort_count; i++) {
        if (entity->title_sort[i] == f) {
            return true;
        }
    }
    for (size_t i = 0; i < entity->title_else_count; i++) {
        if (entity->title_else[i] == f) {
            return true;
        }
    }
    return false;
}

bool column_has_key(const struct column *c)
{
    const struct field *f = c->field;
    return f->type->words == WORDS_LINE && (f->unique || f->indexed || title_uses(f->entity, f));
}

static bool is_builtin_source(const struct embed_file *file)
{
    return str_starts(file->path, "schema/") && str_ends(file->path, ".yaml");
}

int model_builtin_sources(struct arena *a, struct source **out, size_t *count)
{
    struct source *sources = ARENA_ARRAY(a, struct source, embed_count());
    size_t n = 0;
    for (size_t i = 0; i < embed_count(); i++) {
        const struct embed_file *file = embed_at(i);
        if (is_builtin_source(file)) {
            sources[n++] = (struct source){.name = file->path,
                                           .text = (const char *)file->raw,
                                           .size = file->raw_size,
                                           .builtin = true};
        }
    }
    *out = sources;
    *count = n;
    return 0;
}
