/* What becomes of each fixed table in a full export is decided: TAKEOUT_TABLES names all of them. */
#include <string.h>

#include "base/embed.h"
#include "store/takeout.h"
#include "unit.h"

static bool is_named(const char *name, size_t n)
{
    for (const struct takeout_table *t = TAKEOUT_TABLES; t->name != NULL; t++) {
        if (strlen(t->name) == n && strncmp(t->name, name, n) == 0) {
            return t->fate != TAKEOUT_NONE;
        }
    }
    return false;
}

static void takeout__decides_about_every_table(void **state)
{
    (void)state;
    static const char *const CREATES[] = {"CREATE TABLE ", "CREATE VIRTUAL TABLE "};
    const struct embed_file *f = embed_find("schema/system.sql");
    assert_non_null(f);
    size_t found = 0;
    for (size_t i = 0; i < COUNT(CREATES); i++) {
        for (const char *at = strstr((const char *)f->raw, CREATES[i]); at != NULL;
             at = strstr(at, CREATES[i])) {
            at += strlen(CREATES[i]);
            size_t n = strcspn(at, "( ");
            found++;
            if (!is_named(at, n)) {
                fail_msg("TAKEOUT_TABLES says nothing of the table %.*s", (int)n, at);
            }
        }
    }
    assert_true(found > 15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(takeout__decides_about_every_table)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
