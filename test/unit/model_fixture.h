/*
 * A model for tests: the built-in sources plus files given as text. Everything lives in the arena
 * of the test's state; the model is freed with it.
 */
#ifndef KONTOR_TEST_MODEL_FIXTURE_H
#define KONTOR_TEST_MODEL_FIXTURE_H

#include "unit.h"

#include "base/crypto.h"
#include "model/field_type.h"
#include "model/model.h"

#define FIXTURE_FILES_MAX 8

/* name, text, name, text, …; ends with a NULL name. */
typedef const char *const fixture_files[FIXTURE_FILES_MAX * 2 + 1];

static inline void fixture_release(void *model)
{
    model_release(model);
}

/* NULL: e holds the messages. */
static inline const struct model *fixture_try(struct arena *a, fixture_files files, struct err *e)
{
    struct source *builtin, *all;
    size_t count;
    struct model *m = NULL;
    crypto_init();
    assert_int_equal(model_builtin_sources(a, &builtin, &count), 0);
    all = ARENA_ARRAY(a, struct source, count + FIXTURE_FILES_MAX);
    memcpy(all, builtin, count * sizeof *all);
    for (size_t i = 0; files != NULL && files[i] != NULL; i += 2) {
        all[count++] =
            (struct source){.name = files[i], .text = files[i + 1], .size = strlen(files[i + 1])};
    }
    if (model_load(all, count, &m, e, a) != 0) {
        return NULL;
    }
    arena_defer(a, fixture_release, m);
    return m;
}

static inline const struct model *fixture_load(struct arena *a, fixture_files files)
{
    struct err e = {0};
    const struct model *m = fixture_try(a, files, &e);
    for (const struct err_item *i = e.items; i != NULL; i = i->next) {
        print_message("%s: %s\n", i->where, i->text);
    }
    assert_non_null(m);
    return m;
}

static inline const struct field *fixture_field(const struct model *m, const char *entity,
                                                const char *field)
{
    const struct entity *e = model_entity_find(m, entity);
    assert_non_null(e);
    const struct field *f = entity_field_find(e, field);
    assert_non_null(f);
    return f;
}

#endif
