/*
 * What every unit test needs: cmocka with the headers it wants before it, and small helpers. Each
 * test program includes this first. Tests of files make a folder of their own with unit_folder and
 * leave nothing behind.
 */
#ifndef KONTOR_TEST_UNIT_H
#define KONTOR_TEST_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

/* A new arena in *state for each test, freed after it. */
static inline int unit_arena_setup(void **state)
{
    struct arena *a = malloc(sizeof(*a));
    arena_init(a);
    *state = a;
    return 0;
}

static inline int unit_arena_teardown(void **state)
{
    arena_done(*state);
    free(*state);
    return 0;
}

#define UNIT_TEST(f) cmocka_unit_test_setup_teardown(f, unit_arena_setup, unit_arena_teardown)

/* A new empty folder; its name is in the arena. The test removes what it puts in. */
static inline char *unit_folder(struct arena *a)
{
    char *name = arena_printf(a, "%s/kontor-unit-XXXXXX", P_tmpdir);
    assert_non_null(mkdtemp(name));
    return name;
}

#endif
