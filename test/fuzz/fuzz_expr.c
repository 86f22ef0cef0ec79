/*
 * Expressions: any text is accepted or refused with a position inside it, against the shipped model, for
 * every entity in turn and with a role that may not see everything. What is accepted can be walked.
 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/crypto.h"
#include "base/err.h"
#include "model/expr.h"

static struct model *load_model(void)
{
    static const char ROLES[] = "clerk:\n  entities: {\"*\": all}\n"
                                "  fields: {deal: {amount: {see: false}}}\n";
    struct arena a;
    struct source *builtin, *all;
    size_t count;
    struct model *m = NULL;
    struct err e = {0};
    arena_init(&a);
    crypto_init();
    model_builtin_sources(&a, &builtin, &count);
    all = ARENA_ARRAY(&a, struct source, count + 1);
    memcpy(all, builtin, count * sizeof *all);
    all[count] = (struct source){.name = "roles.yaml", .text = ROLES, .size = strlen(ROLES)};
    if (model_load(all, count + 1, &m, &e, &a) != 0) {
        abort();
    }
    arena_done(&a);
    return m;
}

static void visit(const struct expr *x, void *data)
{
    *(size_t *)data += x->arg_count;
}

static void compile(const struct model *m, const struct entity *scope, const struct role *role,
                    const char *text)
{
    struct arena a;
    struct err e = {0};
    const struct expr *x = NULL;
    arena_init(&a);
    if (expr_compile(&a, m, scope, role, text, KIND_NONE, &x, &e) == 0) {
        size_t args = 0;
        expr_walk(x, visit, &args);
    } else if (e.item_count != 1 || strncmp(e.text, "at ", 3) != 0) {
        abort();
    }
    arena_done(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct model *model;
    if (model == NULL) {
        model = load_model();
    }
    if (size < 1) {
        return 0;
    }
    char *text = malloc(size);
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    const struct entity *scope = model->entities[data[0] % model->entity_count];
    compile(model, scope, NULL, text);
    compile(model, scope, model_role_find(model, "clerk"), text);
    free(text);
    return 0;
}
