/* Guess limits: who guesses waits, and cannot make his own traces disappear. */
#include "unit.h"

#include <stdio.h>

#include "core/limiter.h"

#define NOW INT64_C(1700000000000)

static void fail_often(const char *address, int times, int64_t now_ms)
{
    char account[32];
    for (int i = 0; i < times; i++) {
        snprintf(account, sizeof account, "victim%d@%.8s", i, address);
        limiter_failed(account, address, now_ms);
    }
}

static void limiter__lets_a_slip_pass(void **state)
{
    (void)state;
    limiter_failed("ann", "192.0.2.1", NOW);
    assert_int_equal(limiter_wait_s("ann", "192.0.2.1", NOW), 0);
    for (int i = 0; i < 8; i++) {
        limiter_failed("ann", "192.0.2.1", NOW);
    }
    assert_true(limiter_wait_s("ann", "192.0.2.1", NOW) > 0);
    assert_int_equal(limiter_wait_s("ann", "192.0.2.2", NOW), 0);
    limiter_passed("ann", "192.0.2.1");
    assert_int_equal(limiter_wait_s("ann", "192.0.2.1", NOW), 0);
}

static void limiter__counts_a_network_of_ipv6_once(void **state)
{
    (void)state;
    fail_often("2001:db8::1", 40, NOW);
    assert_true(limiter_wait_s("other", "2001:db8::2", NOW) > 0);
    assert_true(limiter_wait_s("other", "2001:db8:0:0:9:8:7:6", NOW) > 0);
    assert_int_equal(limiter_wait_s("other", "2001:db8:0:1::1", NOW), 0);
    fail_often("::ffff:198.51.100.1", 40, NOW);
    assert_int_equal(limiter_wait_s("other", "::ffff:198.51.100.2", NOW), 0);
}

/* With the table full of others' slips, who guessed most is still known, whoever asks. */
static void limiter__keeps_who_guessed_most(void **state)
{
    (void)state;
    char account[32], address[32];
    fail_often("203.0.113.5", 45, NOW);
    for (int i = 0; i < 5000; i++) {
        snprintf(account, sizeof account, "somebody%d", i);
        snprintf(address, sizeof address, "198.18.%d.%d", i / 250, i % 250);
        limiter_failed(account, address, NOW + 1);
    }
    for (int i = 0; i < 10000; i++) {
        snprintf(account, sizeof account, "asked%d", i);
        limiter_wait_s(account, "203.0.113.5", NOW + 2);
    }
    assert_true(limiter_wait_s("one more", "203.0.113.5", NOW + 3) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limiter__lets_a_slip_pass),
        cmocka_unit_test(limiter__counts_a_network_of_ipv6_once),
        cmocka_unit_test(limiter__keeps_who_guessed_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
