/* conf/README.md holds exactly what the tables of types, functions, mapping keys and roles say. */
#include "model_fixture.h"

#include "base/fs.h"
#include "model/expr.h"
#include "model/form.h"

static void reference__is_what_the_readme_says(void **state)
{
    struct buf made = {0}, kept = {0};
    struct err e = {0};
    (void)state;
    expr_write_reference(&made);
    keys_write_reference(&made);
    story_write_reference(&made);
    pipeline_write_reference(&made);
    target_write_reference(&made);
    form_write_reference(&made);
    follow_up_write_reference(&made);
    import_write_reference(&made);
    role_write_reference(&made);
    rule_write_reference(&made);
    calendar_write_reference(&made);
    response_write_reference(&made);
    assert_int_equal(fs_read(KONTOR_SOURCE_DIR "/conf/README.md", 1 << 20, &kept, &e), 0);
    assert_string_equal(buf_text(&kept), buf_text(&made));
    buf_done(&made);
    buf_done(&kept);
}

static void reference__examples_are_expressions(void **state)
{
    static const char *const ENTITIES[] = {"deal", "company", "activity"};
    const struct model *m = fixture_load(*state, NULL);
    for (const struct expr_function_row *f = EXPR_FUNCTIONS; f->name != NULL; f++) {
        bool good = f->in_rules; /* test/config asks these */
        for (size_t i = 0; i < COUNT(ENTITIES); i++) {
            struct err e = {0};
            const struct expr *x;
            const struct entity *scope = model_entity_find(m, ENTITIES[i]);
            good |= expr_compile(*state, m, scope, NULL, f->example, KIND_BOOL, &x, &e) == 0;
        }
        if (!good) {
            fail_msg("the example of %s is no condition: %s", f->name, f->example);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT_TEST(reference__is_what_the_readme_says),
        UNIT_TEST(reference__examples_are_expressions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
