/* lib/api: the table of routes is complete, and parameters are read as they were written. */
#include "unit.h"

#include "api/route.h"
#include "base/fs.h"

static void routes__each_has_need_help_and_handler(void **state)
{
    (void)state;
    const struct api_host host = {0};
    struct api *api;
    struct err e = {0};
    assert_int_equal(api_new(&host, &api, &e), 0);
    for (const struct route *row = ROUTES; row->method != NULL; row++) {
        assert_true(row->need > NEED_UNSET && row->need <= NEED_SYSTEM);
        assert_true(row->help != NULL && row->help[0] != 0);
        assert_non_null(row->handler);
        assert_int_equal(api_need(api, row->method, "/nowhere/at/all"), NEED_UNSET);
        for (const struct route *other = row + 1; other->method != NULL; other++) {
            assert_false(strcmp(row->method, other->method) == 0 &&
                         strcmp(row->pattern, other->pattern) == 0);
        }
    }
    assert_int_equal(api_need(api, "POST", "/api/v1/session"), NEED_PUBLIC);
    assert_int_equal(api_need(api, "GET", "/api/v1/contacts/12"), NEED_USER);
    assert_int_equal(api_need(api, "GET", "/api/v1/contacts/12x"), NEED_UNSET);
    assert_int_equal(api_need(api, "GET", "/api/v1/backup"), NEED_SYSTEM);
    assert_int_equal(api_need(api, "GET", "/metrics"), NEED_WATCH);
    api_free(api);
}

static void routes__only_these_need_no_sign_in(void **state)
{
    (void)state;
    static const char *const public[] = {"GET /healthz",        "GET /api/v1/setup",
                                         "POST /api/v1/setup",  "POST /api/v1/session",
                                         "GET /api/v1/session", "POST /api/v1/session/link"};
    for (const struct route *row = ROUTES; row->method != NULL; row++) {
        bool listed = false;
        for (size_t i = 0; i < COUNT(public); i++) {
            size_t n = strlen(row->method);
            listed = listed || (strncmp(public[i], row -> method, n) == 0 &&
                                strcmp(public[i] + n + 1, row->pattern) == 0);
        }
        assert_int_equal(listed, row->need == NEED_PUBLIC);
    }
}

/* An entity whose plural is the first word of an address could not be reached. */
static void routes__keep_their_words_from_entities(void **state)
{
    struct arena *a = *state;
    static const char V1[] = "/api/v1/";
    size_t words = 0;
    for (const struct route *row = ROUTES; row->method != NULL; row++) {
        const char *word = row->pattern + sizeof V1 - 1;
        if (strncmp(row->pattern, V1, sizeof V1 - 1) != 0 || word[0] == ':' ||
            strncmp(word, "users/", 6) == 0) {
            continue; /* users are an entity themselves */
        }
        const char *plural = arena_strndup(a, word, strcspn(word, "/."));
        if (!model_plural_reserved(plural)) {
            fail_msg("%s is not reserved in lib/model/load_entity.c", plural);
        }
        words++;
    }
    assert_true(words > 10);
    assert_false(model_plural_reserved("vessels"));
}

/* Nor one whose plural is a page of the browser's: its list would never be seen. */
static void routes__keep_pages_from_entities(void **state)
{
    struct buf text = {0};
    struct err e = {0};
    size_t pages = 0;
    assert_int_equal(fs_read(KONTOR_SOURCE_DIR "/static/js/app.js", 1 << 20, &text, &e), 0);
    const char *at = strstr(buf_text(&text), "const FIXED = ");
    const char *end = at == NULL ? NULL : strchr(at, ';');
    assert_non_null(end);
    while ((at = strstr(at, "'/")) != NULL && at < end) {
        const char *word = arena_strndup(*state, at + 2, strcspn(at + 2, "/'"));
        if (!model_is_page(word) || !model_plural_reserved(word)) {
            fail_msg("the page %s is not in lib/model/load_entity.c", word);
        }
        at += 2;
        pages++;
    }
    assert_true(pages > 4);
    assert_true(model_plural_reserved("healthz"));
    buf_done(&text);
}

static void params__are_decoded_once(void **state)
{
    struct ctx c = {.arena = *state};
    struct request q = {
        .ctx = &c,
        .query = "filter=a+%3D+%22x%26y%22&limit=7&empty=&q=%C3%BC&q=second&bad=%zz&nul=%00"};
    assert_string_equal(request_param(&q, "filter"), "a = \"x&y\"");
    assert_string_equal(request_param(&q, "q"), "\303\274");
    assert_string_equal(request_param(&q, "empty"), "");
    assert_null(request_param(&q, "absent"));
    assert_null(request_param(&q, "fil"));
    assert_int_equal(c.err.code, ERR_NONE);
    assert_null(request_param(&q, "bad"));
    assert_int_equal(c.err.code, ERR_MALFORMED);
    err_clear(&c.err);
    assert_null(request_param(&q, "nul"));
    assert_int_equal(c.err.code, ERR_MALFORMED);
}

static void params__numbers_stay_in_their_range(void **state)
{
    struct ctx c = {.arena = *state};
    struct request q = {.ctx = &c, .query = "a=7&b=501&c=x&d=-1&e=7.0&f=99999999999999999999"};
    int64_t n = 0;
    assert_int_equal(request_int(&q, "a", 0, 1, 500, &n), 0);
    assert_int_equal(n, 7);
    assert_int_equal(request_int(&q, "absent", 50, 1, 500, &n), 0);
    assert_int_equal(n, 50);
    static const char *const bad[] = {"b", "c", "d", "e", "f"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        err_clear(&c.err);
        assert_int_equal(request_int(&q, bad[i], 0, 1, 500, &n), -1);
        assert_int_equal(c.err.code, ERR_MALFORMED);
    }
}

static void reply__marks_a_dry_run_once(void **state)
{
    (void)state;
    static const struct {
        const char *before, *after;
    } rows[] = {
        {"{}", "{\"dry_run\":true}"},
        {"{\"id\":1}", "{\"id\":1,\"dry_run\":true}"},
        {"{\"dry_run\":true,\"id\":1}", "{\"dry_run\":true,\"id\":1}"},
        {"[]", "[]"},
        {"", ""},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct reply r = {0};
        buf_puts(&r.body, rows[i].before);
        reply_dry(&r);
        assert_string_equal(buf_text(&r.body), rows[i].after);
        buf_done(&r.body);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT_TEST(routes__each_has_need_help_and_handler),
        UNIT_TEST(routes__only_these_need_no_sign_in),
        UNIT_TEST(routes__keep_their_words_from_entities),
        UNIT_TEST(routes__keep_pages_from_entities),
        UNIT_TEST(params__are_decoded_once),
        UNIT_TEST(params__numbers_stay_in_their_range),
        UNIT_TEST(reply__marks_a_dry_run_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
