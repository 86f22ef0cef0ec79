/* lib/app: every setting has a good default and a help text; wrong ones are named with their place;
 * kontor.yaml is edited. */
#include "unit.h"

#include "app/address.h"
#include "app/config.h"
#include "app/settings.h"
#include "base/yaml.h"

static int read_text(struct arena *a, const char *text, struct settings *out, struct err *e)
{
    const struct yaml *yaml;
    assert_int_equal(yaml_parse(a, "kontor.yaml", text, strlen(text), &yaml, e), 0);
    return settings_read(a, yaml, out, e);
}

static void settings__have_help_and_a_default_that_is_read(void **state)
{
    struct settings s;
    struct err e = {0};
    for (const struct setting *row = SETTINGS; row->key != NULL; row++) {
        assert_true(row->help != NULL && row->help[0] != 0);
        assert_true(row->initial != NULL);
        assert_true(row->type != SETTING_NONE);
    }
    assert_int_equal(settings_read(*state, NULL, &s, &e), 0);
    assert_string_equal(s.listen, "127.0.0.1:8080");
    assert_string_equal(s.password_cost, "normal");
    assert_true(s.threads >= 32);
    assert_int_equal(s.session_idle, 8 * 3600000);
    assert_int_equal(s.session_max, 14 * 86400000);
    assert_int_equal(s.hosts.count, 0);
}

static void settings__are_read_from_yaml(void **state)
{
    struct settings s;
    struct err e = {0};
    assert_int_equal(
        read_text(*state,
                  "name: Acme\ncurrency: EUR\nzone: UTC\nlisten: '0.0.0.0:443'\nhosts: [a, b]\n"
                  "trusted_proxies: 10.0.0.1\nthreads: 64\nsession_idle: 30 minutes\n"
                  "tls_certificate: c.pem\ntls_key: k.pem\n",
                  &s, &e),
        0);
    assert_string_equal(s.listen, "0.0.0.0:443");
    assert_int_equal(s.hosts.count, 2);
    assert_string_equal(s.hosts.items[1], "b");
    assert_int_equal(s.trusted_proxies.count, 1);
    assert_int_equal(s.threads, 64);
    assert_int_equal(s.session_idle, 30 * 60000);
}

static void settings__name_every_problem_and_its_place(void **state)
{
    struct settings s;
    struct err e = {0};
    static const struct {
        const char *where, *text;
    } wanted[] = {
        {"kontor.yaml:1:1", "There is no setting \"lisen\"; did you mean \"listen\"?"},
        {"kontor.yaml:2:10", "threads must be a whole number from 4 to 4096."},
        {"kontor.yaml:3:16", "password_cost must be one of: normal low."},
        {"kontor.yaml:4:15", "session_idle must be a duration such as \"8 hours\" or \"14 days\"."},
        {"kontor.yaml:5:8", "hosts is a list of plain texts."},
        {"kontor.yaml:6:1", "tls_certificate and tls_key go together."},
    };
    assert_int_equal(
        read_text(
            *state,
            "lisen: x\nthreads: 3\npassword_cost: high\nsession_idle: 8 moons\nhosts: {a: b}\n"
            "tls_key: k.pem\n",
            &s, &e),
        -1);
    const struct err_item *item = e.items;
    for (size_t i = 0; i < COUNT(wanted); i++, item = item->next) {
        assert_non_null(item);
        assert_string_equal(item->where, wanted[i].where);
        assert_string_equal(item->text, wanted[i].text);
    }
    assert_null(item);
}

static void settings__tell_what_needs_a_restart(void **state)
{
    struct settings a, b;
    struct err e = {0};
    assert_int_equal(read_text(*state, "threads: 64\n", &a, &e), 0);
    assert_int_equal(read_text(*state, "threads: 64\nsession_idle: 1 hour\n", &b, &e), 0);
    assert_null(settings_restart_needed(&a, &b));
    assert_int_equal(read_text(*state, "threads: 64\nhosts: [crm]\n", &b, &e), 0);
    assert_string_equal(settings_restart_needed(&a, &b), "hosts");
}

static void address__is_where_people_reach_the_server(void **state)
{
    static const struct {
        const char *yaml, *listen;
        int port;
        const char *wanted;
    } cases[] = {
        {"{}", "127.0.0.1:8080", 0, "http://127.0.0.1:8080"},
        {"{}", "127.0.0.1:0", 4711, "http://127.0.0.1:4711"},
        {"{}", "127.0.0.1:0", 0, ""},
        {"{}", "[::1]:80", 0, "http://[::1]"},
        {"{}", "0.0.0.0:8080", 0, ""},
        {"{}", "[::]:8080", 0, ""},
        {"{}", "8080", 8080, ""},
        {"hosts: ['*', crm.example.com, other]", "0.0.0.0:8080", 0, "http://crm.example.com:8080"},
        {"hosts: ['fd00::1']", "[::]:8080", 0, "http://[fd00::1]:8080"},
        {"hosts: [crm]\ntls_certificate: c\ntls_key: k", "0.0.0.0:443", 0, "https://crm"},
        {"hosts: [crm]\ntls_certificate: c\ntls_key: k", "0.0.0.0:80", 0, "https://crm:80"},
        {"hosts: [crm]\ntrusted_proxies: 127.0.0.1", "127.0.0.1:8080", 0, "https://crm"},
        {"trusted_proxies: 127.0.0.1", "127.0.0.1:8080", 0, ""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct settings s;
        struct err e = {0};
        assert_int_equal(read_text(*state, cases[i].yaml, &s, &e), 0);
        assert_string_equal(address_public(*state, &s, cases[i].listen, cases[i].port),
                            cases[i].wanted);
    }
}

static void config__sets_company_values_and_keeps_the_rest(void **state)
{
    const char *yaml = "# Who we are\nname: Old # kept? no\n# currency: CHF\nlisten: 127.0.0.1:1\n";
    assert_string_equal(config_with_company(*state, yaml, "A \"B\"", "EUR", "UTC"),
                        "# Who we are\nname: \"A \\\"B\\\"\"\ncurrency: \"EUR\"\nlisten: "
                        "127.0.0.1:1\nzone: \"UTC\"\n");
    assert_string_equal(config_with_company(*state, yaml, NULL, NULL, NULL), yaml);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT_TEST(settings__have_help_and_a_default_that_is_read),
        UNIT_TEST(settings__are_read_from_yaml),
        UNIT_TEST(settings__name_every_problem_and_its_place),
        UNIT_TEST(settings__tell_what_needs_a_restart),
        UNIT_TEST(address__is_where_people_reach_the_server),
        UNIT_TEST(config__sets_company_values_and_keeps_the_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
