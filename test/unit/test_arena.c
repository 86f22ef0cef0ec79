/* Arena, buffer and map: the containers everything else stands on. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "unit.h"

#include "base/map.h"

static void arena__gives_zeroed_aligned_memory(void **state)
{
    struct arena *a = *state;
    for (size_t size = 0; size < 70000; size = size * 3 + 1) {
        unsigned char *p = arena_alloc(a, size);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++) {
            assert_int_equal(p[i], 0);
        }
        memset(p, 0xab, size);
    }
}

static void arena__gives_unique_pointers_for_nothing(void **state)
{
    assert_ptr_not_equal(arena_alloc(*state, 0), arena_alloc(*state, 0));
}

static void arena__zeroes_memory_again_after_reset(void **state)
{
    struct arena *a = *state;
    memset(arena_alloc(a, 1000), 0xff, 1000);
    memset(arena_alloc(a, 100000), 0xff, 100000);
    arena_reset(a);
    assert_int_equal(a->used, 0);
    const char *p = arena_alloc(a, 1000);
    for (size_t i = 0; i < 1000; i++) {
        assert_int_equal(p[i], 0);
    }
}

static void arena__keeps_what_was_there_when_it_grows(void **state)
{
    struct arena *a = *state;
    const char *first = arena_strdup(a, "first");
    const char *texts[2000];
    for (int i = 0; i < 2000; i++) {
        texts[i] = arena_printf(a, "%0*d", i % 400 + 1, i);
    }
    for (int i = 0; i < 2000; i++) {
        assert_int_equal(atoi(texts[i]), i);
    }
    assert_string_equal(first, "first");
    assert_null(arena_strdup(a, NULL));
    assert_string_equal(arena_strndup(a, "abcdef", 3), "abc");
}

static void arena__takes_from_the_room_it_is_given(void **state)
{
    (void)state;
    struct arena a;
    struct arena_room room;
    const char *begin = room.bytes, *end = room.bytes + sizeof(room.bytes);
    arena_init_in(&a, &room);
    const char *first = arena_strdup(&a, "first"), *large = arena_alloc(&a, 5000);
    const char *second = arena_strdup(&a, "second");
    assert_true(first > begin && first < end);
    assert_false(large >= begin && large < end);
    for (int i = 0; i < 500; i++) {
        arena_printf(&a, "%d", i);
    }
    assert_string_equal(first, "first");
    assert_string_equal(second, "second");
    arena_reset(&a);
    first = arena_strdup(&a, "again");
    assert_false(first >= begin && first < end);
    arena_done(&a);
}

static char order[8];

static void note_done(void *object)
{
    strncat(order, object, 1);
}

static void arena__runs_deferred_newest_first_and_once(void **state)
{
    struct arena *a = *state;
    order[0] = '\0';
    arena_defer(a, note_done, "1");
    arena_defer(a, note_done, "2");
    arena_reset(a);
    assert_string_equal(order, "21");
    arena_reset(a);
    assert_string_equal(order, "21");
}

static void buf__grows_and_stays_terminated(void **state)
{
    (void)state;
    struct buf b = {0};
    assert_string_equal(buf_text(&b), "");
    buf_reserve(&b, 1);
    assert_string_equal(buf_text(&b), "");
    for (int i = 0; i < 5000; i++) {
        buf_putc(&b, (char)('a' + i % 26));
    }
    buf_add(&b, "\0x", 2);
    assert_int_equal(b.size, 5002);
    assert_int_equal(b.data[5000], '\0');
    assert_int_equal(b.data[5002], '\0');
    buf_clear(&b);
    assert_int_equal(b.size, 0);
    buf_puts(&b, "n=");
    buf_int(&b, INT64_MIN);
    buf_putc(&b, ' ');
    buf_int(&b, 0);
    assert_string_equal(buf_text(&b), "n=-9223372036854775808 0");
    buf_clear(&b);
    buf_printf(&b, "%s", "short");
    buf_printf(&b, "%0500d", 7);
    assert_int_equal(b.size, 505);
    assert_int_equal(b.data[504], '7');
    buf_done(&b);
    assert_null(b.data);
}

/* Around every power of ten: the count of digits and the two taken at once. */
static void buf_int__prints_numbers_of_every_length(void **state)
{
    (void)state;
    int64_t power = 1;
    for (int k = 0; k < 18; k++, power *= 10) {
        for (int64_t number = power - 1; number <= power + 1; number++) {
            char want[64];
            snprintf(want, sizeof(want), "%" PRId64 " %" PRId64, number, -number);
            struct buf b = {0};
            buf_int(&b, number);
            buf_putc(&b, ' ');
            buf_int(&b, -number);
            assert_string_equal(buf_text(&b), want);
            assert_int_equal(b.size, strlen(want));
            buf_done(&b);
        }
    }
}

static void map__finds_replaces_and_grows(void **state)
{
    struct arena *a = *state;
    struct map m;
    map_init(&m, a);
    assert_null(map_find(&m, "anything"));
    for (int i = 0; i < 3000; i++) {
        char *key = arena_printf(a, "key-%d", i);
        map_set(&m, key, key);
    }
    assert_int_equal(m.count, 3000);
    for (int i = 0; i < 3000; i++) {
        char key[16];
        snprintf(key, sizeof(key), "key-%d", i);
        assert_string_equal(map_find(&m, key), key);
    }
    assert_null(map_find(&m, "key-3000"));
    assert_null(map_find(&m, ""));
    map_set(&m, "key-7", "seven");
    assert_int_equal(m.count, 3000);
    assert_string_equal(map_find(&m, "key-7"), "seven");
}

static void map__looks_at_as_many_bytes_as_told(void **state)
{
    struct map m;
    map_init(&m, *state);
    map_set(&m, "stage", "1");
    map_set(&m, "", "2");
    assert_string_equal(map_find_n(&m, "stages", 5), "1");
    assert_null(map_find_n(&m, "stages", 6));
    assert_null(map_find_n(&m, "stage", 4));
    assert_string_equal(map_find(&m, ""), "2");
}

static void err__keeps_the_first_message(void **state)
{
    (void)state;
    struct err e = {0};
    assert_int_equal(err_fail(&e, ERR_INVALID, "deal.name", "First %d.", 1), -1);
    assert_int_equal(err_fail(&e, ERR_INTERNAL, "x", "Second."), -1);
    assert_int_equal(e.code, ERR_INVALID);
    assert_string_equal(e.where, "deal.name");
    assert_string_equal(e.text, "First 1.");
    err_clear(&e);
    assert_int_equal(e.code, ERR_NONE);
}

static void err__collects_items_in_order(void **state)
{
    struct err e = {0};
    err_add(&e, *state, ERR_INVALID, "a", "One.");
    err_add(&e, *state, ERR_INTERNAL, NULL, "Two.");
    assert_int_equal(e.code, ERR_INVALID);
    assert_string_equal(e.text, "One.");
    assert_int_equal(e.item_count, 2);
    assert_string_equal(e.items->where, "a");
    assert_string_equal(e.items->next->text, "Two.");
    assert_string_equal(e.items->next->where, "");
    assert_null(e.items->next->next);
}

static void err__cuts_long_text_between_characters(void **state)
{
    (void)state;
    for (int shift = 0; shift < 4; shift++) {
        char text[1000] = "abc";
        text[shift] = '\0';
        for (int i = 0; i < 200; i++) {
            strcat(text, "€");
        }
        struct err e = {0};
        err_fail(&e, ERR_INVALID, "", "%s", text);
        size_t n = strlen(e.text);
        assert_true(n < sizeof(e.text) && n > sizeof(e.text) - 5);
        assert_int_equal((n - (size_t)shift) % 3, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT_TEST(arena__gives_zeroed_aligned_memory),
        UNIT_TEST(arena__gives_unique_pointers_for_nothing),
        UNIT_TEST(arena__zeroes_memory_again_after_reset),
        UNIT_TEST(arena__keeps_what_was_there_when_it_grows),
        UNIT_TEST(arena__takes_from_the_room_it_is_given),
        UNIT_TEST(arena__runs_deferred_newest_first_and_once),
        UNIT_TEST(buf__grows_and_stays_terminated),
        UNIT_TEST(buf_int__prints_numbers_of_every_length),
        UNIT_TEST(map__finds_replaces_and_grows),
        UNIT_TEST(map__looks_at_as_many_bytes_as_told),
        UNIT_TEST(err__keeps_the_first_message),
        UNIT_TEST(err__collects_items_in_order),
        UNIT_TEST(err__cuts_long_text_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
