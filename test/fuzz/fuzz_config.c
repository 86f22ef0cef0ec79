/*
 * Configuration files: any text as fields, entity, pipelines, roles or views file is a model or a list of
 * messages that each have a place.
 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/crypto.h"
#include "base/err.h"
#include "model/model.h"

static const char *const NAMES[] = {"fields.yaml", "entities/x.yaml", "pipelines.yaml",
                                    "roles.yaml",  "views.yaml",      "kontor.yaml",
                                    "imports/x.yaml", "targets.yaml", "forms.yaml", "follow_ups.yaml"};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a;
    struct source *builtin, *all;
    size_t count;
    struct model *m = NULL;
    struct err e = {0};
    if (size < 1) {
        return 0;
    }
    arena_init(&a);
    crypto_init();
    model_builtin_sources(&a, &builtin, &count);
    all = ARENA_ARRAY(&a, struct source, count + 1);
    memcpy(all, builtin, count * sizeof *all);
    all[count] = (struct source){.name = NAMES[data[0] % (sizeof NAMES / sizeof *NAMES)],
                                 .text = arena_strndup(&a, (const char *)data + 1, size - 1),
                                 .size = size - 1};
    if (model_load(all, count + 1, &m, &e, &a) == 0) {
        model_release(m);
    } else if (e.item_count == 0 || e.where[0] == '\0') {
        abort();
    }
    arena_done(&a);
    return 0;
}
