/* The settings of accounts are read by requests while an apply replaces them. */
#include "unit.h"

#include <pthread.h>
#include <stdatomic.h>

#include "core/account.h"

#define ROUNDS 3000000

static atomic_bool done;

static void *replace(void *data)
{
    (void)data;
    for (int i = 1; i <= ROUNDS; i++) {
        const struct account_settings s = {i, i, i};
        account_configure(&s);
    }
    atomic_store(&done, true);
    return NULL;
}

static void account__settings_are_never_of_two_configurations(void **state)
{
    (void)state;
    const struct account_settings first = {0};
    pthread_t thread;
    size_t mixed = 0;
    account_configure(&first);
    assert_int_equal(pthread_create(&thread, NULL, replace, NULL), 0);
    while (!atomic_load(&done)) {
        struct account_settings s = account_settings_now();
        mixed += s.password_log_n != s.session_idle_ms || s.session_idle_ms != s.session_max_ms;
    }
    pthread_join(thread, NULL);
    assert_int_equal(mixed, 0);
    assert_int_equal(account_settings_now().password_log_n, ROUNDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(account__settings_are_never_of_two_configurations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
