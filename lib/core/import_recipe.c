/*
 * Mappings that are kept under a name: saved in the browser, used there by themselves for files with
 * the same columns, taken by the command line with --map NAME like those of conf/imports.
 */
#include <string.h>

#include "base/str.h"
#include "core/import_job.h"
#include "core/import_mapping.h"
#include "core/parts.h"
#include "store/recipes.h"

#define RECIPE_NAME_MAX 100

int import_recipe_take(struct ctx *c, struct import_request *q)
{
    struct recipe r = {0};
    if (q->map_yaml != NULL || q->map_name == NULL) {
        return 0;
    }
    for (size_t i = 0; i < c->model->import_count; i++) {
        const struct import_map *m = &c->model->imports[i];
        if (strcmp(m->name, q->map_name) == 0 && m->entity == q->entity) {
            q->map_yaml = import_yaml_json(c, m->yaml);
            return 0;
        }
    }
    if (ctx_db(c) == NULL) {
        return -1;
    }
    int rc = recipes_find(c->db, c->actor.user, q->map_name, c->arena, &r, &c->err);
    ctx_release(c);
    if (rc == 0) {
        q->map_yaml = r.map;
        return 0;
    }
    if (c->err.code != ERR_NOT_FOUND) {
        return -1;
    }
    err_clear(&c->err);
    return ctx_fail(c, ERR_INVALID, "map",
                    "There is no file and no saved mapping “%s”.", q->map_name);
}

static int run_save(struct ctx *c, void *data)
{
    return recipes_save(c->db, data, c->now_ms, &c->err);
}

int import_recipe_save(struct ctx *c, const struct json *body, struct buf *out)
{
    const char *name = json_text(body, "name"), *text = json_text(body, "map");
    const struct yaml *map = NULL;
    name = name != NULL ? str_trim(c->arena, name) : "";
    if (name[0] == 0 || str_utf8_length(name) > RECIPE_NAME_MAX) {
        return ctx_fail(c, ERR_INVALID, "name", "A mapping needs a name of at most %d characters.",
                        RECIPE_NAME_MAX);
    }
    if (text == NULL || yaml_parse(c->arena, "map", text, strlen(text), &map, &c->err) != 0) {
        return c->err.code != ERR_NONE
                   ? -1
                   : ctx_fail(c, ERR_INVALID, "map", "A mapping is a text of YAML.");
    }
    const struct yaml *kind = yaml_find(map, "import");
    const struct entity *e = kind != NULL && kind->text != NULL
                                 ? model_entity_find(c->model, kind->text)
                                 : NULL;
    if (e == NULL || yaml_find(map, "columns") == NULL) {
        return ctx_fail(c, ERR_INVALID, "map", "A mapping says what it imports, and its columns.");
    }
    if (import_check_map(c, map, yaml_find(map, "columns")) != 0) {
        return -1;
    }
    if (!ctx_may(c, ACTION_IMPORT, e)) {
        return ctx_fail(c, ERR_FORBIDDEN, "", "Your role may not import %s.", e->label_plural);
    }
    struct recipe s = {.user = c->actor.user,
                       .name = name,
                       .entity = e->name,
                       .map = text,
                       .shared = json_true(body, "shared")};
    if (ctx_write_fixed(c, run_save, &s) != 0) {
        return -1;
    }
    buf_printf(out, "{\"id\":%lld}", (long long)s.id);
    return 0;
}

static int run_drop(struct ctx *c, void *data)
{
    const int64_t *id = data;
    return recipes_drop(c->db, *id, ctx_is_admin(c) ? 0 : c->actor.user, &c->err);
}

int import_recipe_drop(struct ctx *c, int64_t id)
{
    return ctx_write_fixed(c, run_drop, &id);
}
