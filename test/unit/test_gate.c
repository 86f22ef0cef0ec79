/* lib/web: which paths the gate lets through, and how; which Host headers are well-formed. */
#include "unit.h"

#include "web/gate.h"
#include "web/hosts.h"

static void gate__takes_paths_in_normal_form(void **state)
{
    (void)state;
    static const struct {
        const char *raw, *path;
    } good[] = {
        {"/", "/"},
        {"/api/v1/contacts/12", "/api/v1/contacts/12"},
        {"/search/a%20b", "/search/a b"},
        {"/n/M%C3%BCller", "/n/M\303\274ller"},
        {"/a.b/c..d", "/a.b/c..d"},
        {"/trailing/", "/trailing/"},
        {"/%41", "/A"},
        {"/100%25", "/100%"},
    };
    for (size_t i = 0; i < COUNT(good); i++) {
        char out[64];
        assert_true(gate_path(good[i].raw, out));
        assert_string_equal(out, good[i].path);
    }
}

static void gate__refuses_paths_that_can_be_read_two_ways(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",          "api",       "//",        "/a//b",    "/./a",   "/a/.",      "/a/..",
        "/../etc",   "/a/../b",   "/%2e%2e/x", "/a%2fb",   "/a%2Fb", "/a%5cb",    "/a\\b",
        "/a%00b",    "/a%0d%0ab", "/a%7f",     "/a%",      "/a%4",   "/a%zz",     "/a\tb",
        "/\303\274", "/%c3",      "/%ff%fe",   "/a%e2%82", "/%2e",   "/a/%2e%2e", "/a\177", "/a#b",
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        char out[64];
        if (gate_path(bad[i], out)) {
            fail_msg("\"%s\" was let through as \"%s\"", bad[i], out);
        }
    }
}

static void hosts__knows_a_well_formed_authority(void **state)
{
    (void)state;
    static const char *const good[] = {"a",     "crm.acme.example", "crm:8080", "127.0.0.1:1",
                                       "[::1]", "[fe80::1]:65535"};
    static const char *const bad[] = {"",      ":80", "a:",  "a:b", "a:123456", "[::1",  "[::1]x",
                                      "[]:80", "a/b", "a b", "u@a", "a:80:80",  "[g::]", "a,b"};
    for (size_t i = 0; i < COUNT(good); i++) {
        assert_true(hosts_is_authority(good[i]));
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        if (hosts_is_authority(bad[i])) {
            fail_msg("\"%s\" was taken", bad[i]);
        }
    }
}

static void hosts__compares_without_case_and_port(void **state)
{
    static const char *const names[] = {"CRM.acme.example"};
    const struct web_settings settings = {.hosts = names, .host_count = 1};
    struct hosts hosts;
    hosts_init(&hosts, *state, &settings);
    assert_true(hosts_has(&hosts, "crm.ACME.example:8443"));
    assert_true(hosts_has(&hosts, "localhost:1"));
    assert_true(hosts_has(&hosts, "[::1]:8443"));
    assert_false(hosts_has(&hosts, "evil.example"));
    assert_false(hosts_has(&hosts, "crm.acme.example.evil"));
    assert_false(hosts_has(&hosts, "crm.acme"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT_TEST(gate__takes_paths_in_normal_form),
        UNIT_TEST(gate__refuses_paths_that_can_be_read_two_ways),
        UNIT_TEST(hosts__knows_a_well_formed_authority),
        UNIT_TEST(hosts__compares_without_case_and_port),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
