/* Reminders of dates as the days go by: leap days, New Year, several distances, days without a
 * program. The clock is the test's. */
#include "firm.h"

#include <string.h>

#include "base/clock.h"
#include "core/notification.h"
#include "core/remind.h"
#include "store/jobs.h"

static struct firm firm;
static struct firm *f = &firm;

static const char FIELDS_YAML[] =
    "company:\n"
    "  fields:\n"
    "    ends: {type: date, remind: [{before: 30 days}, {before: 1 week}, {yearly: true}]}\n";
static const char *const FILES[] = {"fields.yaml", FIELDS_YAML, NULL};

static int setup(void **state)
{
    (void)state;
    firm_open(f, FILES);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    firm_close(f);
    return 0;
}

static void begin(struct ctx *c, const char *day)
{
    firm_begin(f, c, &f->system);
    assert_int_equal(clock_date_start(day, &c->now_ms), 0);
    c->now_ms += 12 * 3600000LL;
}

static int strike(struct ctx *c, void *unused)
{
    (void)unused;
    return remind_timer(c, 0, "");
}

static int lease(struct ctx *c, void *data)
{
    int64_t next;
    return jobs_lease(c->db, c->now_ms, 1, c->arena, data, &next, &c->err);
}

/* The program runs on this day: its timer strikes, its job runs to the end. */
static void day(const char *date)
{
    struct ctx c;
    struct job job = {0};
    bool more = true;
    begin(&c, date);
    assert_int_equal(ctx_write(&c, strike, NULL), 0);
    bool found = ctx_write_fixed(&c, lease, &job) == 0;
    ctx_end(&c);
    while (found && more) {
        begin(&c, date);
        if (remind_slice(&c, job.id, &more) != 0) {
            fail_msg("%s", c.err.text);
        }
        ctx_end(&c);
    }
}

/* "ends 2027-02-28, …": what somebody was told, newest first. */
static const char *told(const struct person *who)
{
    struct ctx c;
    struct buf out = {0};
    const struct json *j = NULL;
    struct err e = {0};
    char *all = arena_strdup(&f->arena, "");
    firm_begin(f, &c, who);
    c.now_ms += 1000 * 86400000LL; /* after all of these days */
    const struct notification_asked asked = {.limit = 100};
    assert_int_equal(notification_list(&c, &asked, &out), 0);
    assert_int_equal(json_parse(&f->arena, out.data, out.size, &j, &e), 0);
    for (const struct json *i = json_find(j, "items")->child; i != NULL; i = i->next) {
        const struct json *about = json_find(i, "about");
        all = arena_printf(&f->arena, "%s%s%s %s", all, *all != '\0' ? ", " : "",
                           json_text(about, "field"), json_text(about, "date"));
    }
    ctx_end(&c);
    buf_done(&out);
    return all;
}

static void born(const char *date)
{
    firm_create(f, &f->ann, "contact",
                arena_printf(&f->arena, "{\"last_name\":\"X\",\"birthday\":\"%s\",\"owner\":%lld}",
                             date, (long long)f->ann.id));
}

static void remind__leap_days_fall_on_the_28th_of_common_years(void **state)
{
    (void)state;
    born("2000-02-29");
    day("2027-02-20");
    assert_string_equal(told(&f->ann), "");
    day("2027-02-21");
    assert_string_equal(told(&f->ann), "birthday 2027-02-28");
    day("2027-02-22");
    day("2028-02-21");
    assert_string_equal(told(&f->ann), "birthday 2027-02-28");
    day("2028-02-22");
    assert_string_equal(told(&f->ann), "birthday 2028-02-29, birthday 2027-02-28");
}

static void remind__looks_over_new_year(void **state)
{
    (void)state;
    born("1980-01-02");
    day("2026-12-25");
    assert_string_equal(told(&f->ann), "");
    day("2026-12-26");
    assert_string_equal(told(&f->ann), "birthday 2027-01-02");
}

static void remind__makes_up_for_days_without_a_program(void **state)
{
    (void)state;
    born("1980-06-10");
    day("2027-05-20");
    day("2027-06-08");
    assert_string_equal(told(&f->ann), "birthday 2027-06-10");
    born("1980-07-01");
    born("1981-08-20");
    day("2027-07-20");
    assert_string_equal(told(&f->ann), "birthday 2027-07-01, birthday 2027-06-10");
    day("2027-07-20");
    assert_string_equal(told(&f->ann), "birthday 2027-07-01, birthday 2027-06-10");
}

static void remind__tells_at_each_distance(void **state)
{
    (void)state;
    firm_create(f, &f->ann, "company",
                arena_printf(&f->arena, "{\"name\":\"A\",\"ends\":\"2027-05-31\",\"owner\":%lld}",
                             (long long)f->ann.id));
    static const struct {
        const char *day, *told;
    } DAYS[] = {{"2027-04-30", ""},
                {"2027-05-01", "ends 2027-05-31"},
                {"2027-05-23", "ends 2027-05-31"},
                {"2027-05-24", "ends 2027-05-31, ends 2027-05-31"},
                {"2027-05-31", "ends 2027-05-31, ends 2027-05-31, ends 2027-05-31"},
                {"2028-05-30", "ends 2027-05-31, ends 2027-05-31, ends 2027-05-31"},
                {"2028-05-31",
                 "ends 2028-05-31, ends 2027-05-31, ends 2027-05-31, ends 2027-05-31"}};
    for (size_t i = 0; i < COUNT(DAYS); i++) {
        day(DAYS[i].day);
        assert_string_equal(told(&f->ann), DAYS[i].told);
    }
}

#define FIRM_TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIRM_TEST(remind__leap_days_fall_on_the_28th_of_common_years),
        FIRM_TEST(remind__looks_over_new_year),
        FIRM_TEST(remind__makes_up_for_days_without_a_program),
        FIRM_TEST(remind__tells_at_each_distance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
