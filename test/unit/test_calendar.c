/* Working hours: what is worked when, over clock changes, holidays and midnight, in any zone. */
#include "model_fixture.h"

#include "base/clock.h"
#include "model/calendar.h"

#define HOUR INT64_C(3600000)

static const char CALENDAR[] =
    "hours: {mon-thu: \"08:00-12:00, 13:00-17:00\", fri: \"08:00-14:00\"}\n"
    "holidays:\n"
    "  - 12-25 Christmas\n"
    "  - 2026-12-24 Christmas Eve\n"
    "  - 2026-07-20 - 2026-07-31 Summer break\n"
    "  - holidays/sh.ics\n"
    "teams:\n"
    "  Night: {hours: {mon-sun: \"22:00-06:00\"}, holidays: []}\n"
    "  Boston: {zone: America/New_York, hours: {mon-fri: \"09:00-17:00\"}}\n";
static const char ICS[] =
    "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20261031\r\nDTEND;VALUE=DATE:20261101\r\n"
    "SUMMARY:Reform\r\n ation\\, a day\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20251003\r\n"
    "RRULE:FREQ=YEARLY\r\nSUMMARY:Unity\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\n"
    "DTSTART:20261102T100000Z\r\nSUMMARY:A meeting\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

static const struct calendar *calendar(struct arena *a, const char *team)
{
    const struct model *m =
        fixture_load(a, (fixture_files){"calendar.yaml", CALENDAR, "holidays/sh.ics", ICS});
    return calendar_of(m, team);
}

static int64_t at(const char *text)
{
    int64_t ms = 0;
    assert_int_equal(clock_parse_instant(text, &ms), 0);
    return ms;
}

static void is_at(int64_t ms, const char *wanted)
{
    char text[CLOCK_INSTANT_SIZE];
    clock_print_instant(ms, text);
    assert_string_equal(text, wanted);
}

static void calendar__knows_when_it_is_worked(void **state)
{
    const struct calendar *c = calendar(*state, NULL);
    static const struct {
        const char *at;
        bool works;
    } CASES[] = {{"2026-11-23T07:00:00Z", true},   {"2026-11-23T06:59:59Z", false},
                 {"2026-11-23T11:00:00Z", false},  {"2026-11-23T12:00:00Z", true},
                 {"2026-11-23T16:00:00Z", false},  {"2026-11-27T12:59:00Z", true},
                 {"2026-11-27T13:00:00Z", false},  {"2026-11-28T10:00:00Z", false},
                 {"2026-12-24T10:00:00Z", false},  {"2029-12-25T10:00:00Z", false},
                 {"2026-07-31T09:00:00Z", false},  {"2026-08-03T09:00:00Z", true},
                 {"2025-10-03T10:00:00Z", false},  {"2029-10-03T10:00:00Z", false},
                 {"2026-11-02T10:00:00Z", true}};
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        if (calendar_works(c, at(CASES[i].at)) != CASES[i].works) {
            fail_msg("%s", CASES[i].at);
        }
    }
    assert_true(calendar_works(NULL, at("2026-12-25T03:00:00Z")));
    assert_string_equal(calendar_holiday(c, clock_days_of("2026-10-31"))->name,
                        "Reformation, a day");
}

static void calendar__adds_hours_over_nights_and_holidays(void **state)
{
    const struct calendar *c = calendar(*state, NULL);
    is_at(calendar_add(c, at("2026-11-23T10:00:00Z"), 2 * HOUR), "2026-11-23T13:00:00Z");
    is_at(calendar_add(c, at("2026-11-23T15:30:00Z"), 2 * HOUR), "2026-11-24T08:30:00Z");
    is_at(calendar_add(c, at("2026-11-27T12:00:00Z"), 2 * HOUR), "2026-11-30T08:00:00Z");
    is_at(calendar_add(c, at("2026-11-28T12:00:00Z"), 8 * HOUR), "2026-11-30T16:00:00Z");
    is_at(calendar_add(c, at("2026-12-23T15:00:00Z"), 2 * HOUR), "2026-12-28T08:00:00Z");
    is_at(calendar_add(NULL, at("2026-12-23T15:00:00Z"), 2 * HOUR), "2026-12-23T17:00:00Z");
    assert_int_equal(calendar_between(c, at("2026-11-23T00:00:00Z"), at("2026-11-30T00:00:00Z")),
                     38 * HOUR);
    assert_int_equal(calendar_between(c, at("2026-11-23T10:30:00Z"), at("2026-11-23T12:15:00Z")),
                     HOUR / 2 + HOUR / 4);
}

/* 25 and 29 March, 25 October 2026: the nights of the clock changes. */
static void calendar__shifts_are_as_long_as_they_are(void **state)
{
    const struct calendar *night = calendar(*state, "Night");
    is_at(calendar_add(night, at("2026-03-28T21:00:00Z"), 7 * HOUR), "2026-03-29T04:00:00Z");
    is_at(calendar_add(night, at("2026-03-28T21:00:00Z"), 8 * HOUR), "2026-03-29T21:00:00Z");
    is_at(calendar_add(night, at("2026-10-24T20:00:00Z"), 9 * HOUR), "2026-10-25T05:00:00Z");
    assert_true(calendar_works(night, at("2026-11-24T02:00:00Z")));
    assert_false(calendar_works(night, at("2026-11-24T12:00:00Z")));
    assert_true(calendar_works(night, at("2026-12-25T22:30:00Z"))); /* no holidays of its own */
    assert_int_equal(calendar_between(night, at("2026-03-28T12:00:00Z"), at("2026-03-29T12:00:00Z")),
                     7 * HOUR);
}

static void calendar__works_in_its_own_zone(void **state)
{
    const struct calendar *c = calendar(*state, "Boston");
    assert_false(calendar_works(c, at("2026-11-23T13:59:00Z")));
    assert_true(calendar_works(c, at("2026-11-23T14:00:00Z")));
    /* America changes its clocks on 8 March, Europe on the 29th */
    assert_true(calendar_works(c, at("2026-03-09T13:00:00Z")));
    assert_false(calendar_works(c, at("2026-03-06T13:00:00Z")));
    assert_false(calendar_works(c, at("2026-12-24T15:00:00Z"))); /* as the firm */
    assert_ptr_equal(calendar(*state, "Nobody")->team, NULL);
}

static void calendar__that_never_works_ends(void **state)
{
    const struct model *m = fixture_load(
        *state, (fixture_files){"calendar.yaml", "hours: {mon: \"08:00-09:00\"}\n"
                                                 "holidays: [2026-01-01 - 2040-01-01 Long]\n"});
    assert_int_equal(calendar_add(calendar_of(m, NULL), at("2026-11-23T10:00:00Z"), HOUR), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT_TEST(calendar__knows_when_it_is_worked),
        UNIT_TEST(calendar__adds_hours_over_nights_and_holidays),
        UNIT_TEST(calendar__shifts_are_as_long_as_they_are),
        UNIT_TEST(calendar__works_in_its_own_zone),
        UNIT_TEST(calendar__that_never_works_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
