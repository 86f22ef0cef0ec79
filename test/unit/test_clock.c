/* Clock: instants, days, zones and the hours that clocks skip or repeat. */
#include "unit.h"

#include <time.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/zone.h"

static int64_t parse(const char *text)
{
    int64_t ms = 0;
    assert_int_equal(clock_parse_instant(text, &ms), 0);
    return ms;
}

static void assert_instant(const char *text, const char *printed)
{
    char out[CLOCK_INSTANT_SIZE];
    clock_print_instant(parse(text), out);
    assert_string_equal(out, printed);
}

static void clock__prints_and_reads_instants(void **state)
{
    (void)state;
    assert_int_equal(clock_set_zone("UTC"), 0);
    assert_true(parse("1970-01-01T00:00:00Z") == 0);
    assert_true(parse("2026-11-21T14:05:00.123Z") == INT64_C(1795269900123));
    assert_instant("2026-11-21T14:05:00Z", "2026-11-21T14:05:00Z");
    assert_instant("2026-11-21T14:05:00.1Z", "2026-11-21T14:05:00.100Z");
    assert_instant("2026-11-21T14:05:00.123999Z", "2026-11-21T14:05:00.123Z");
    assert_instant("2026-11-21t14:05:00z", "2026-11-21T14:05:00Z");
    assert_instant("2026-11-21T14:05:00+01:30", "2026-11-21T12:35:00Z");
    assert_instant("2026-11-21T14:05:00-05:00", "2026-11-21T19:05:00Z");
    assert_instant("1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z");
    assert_instant("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z");
    assert_instant("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z");
    assert_instant("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z");
}

static void clock__refuses_what_is_no_instant(void **state)
{
    (void)state;
    static const char *const BAD[] = {
        "",
        "now",
        "2026-02-29T00:00:00Z",
        "2026-13-01",
        "2026-1-1",
        "2026-11-21T",
        "2026-11-21T24:00:00Z",
        "2026-11-21T14:60:00Z",
        "2026-11-21T14:05:61Z",
        "2026-11-21T14:05:00.Z",
        "2026-11-21T14:05:00Zx",
        "2026-11-21T14:05:00+0100",
        "2026-11-21T14:05:00+24:00",
        "2026-11-21  14:05",
        "2026-11-21T14",
        "0000-01-01",
        "+2026-11-21",
    };
    for (size_t i = 0; i < COUNT(BAD); i++) {
        int64_t ms = 77;
        assert_int_equal(clock_parse_instant(BAD[i], &ms), -1);
        assert_int_equal(ms, 77);
    }
    int64_t ms;
    assert_int_equal(clock_parse_instant(NULL, &ms), -1);
}

static void clock__counts_days_there_and_back(void **state)
{
    (void)state;
    char date[CLOCK_DATE_SIZE];
    for (int64_t days = -719162; days <= 2932896; days += 97) {
        clock_date_from_days(days, date);
        assert_true(clock_is_date(date));
        assert_true(clock_days_of(date) == days);
    }
    assert_true(clock_days_of("1970-01-01") == 0);
    assert_true(clock_days_of("2000-03-01") == 11017);
    assert_true(clock_days_of("0001-01-01") == -719162);
    assert_true(clock_days_of("9999-12-31") == 2932896);
    clock_date_from_days(INT64_MAX / 2, date);
    assert_string_equal(date, "9999-12-31");
    clock_date_from_days(INT64_MIN / 2, date);
    assert_string_equal(date, "0001-01-01");
}

static void clock__knows_real_days(void **state)
{
    (void)state;
    assert_true(clock_is_date("2024-02-29"));
    assert_true(clock_is_date("2000-02-29"));
    assert_false(clock_is_date("1900-02-29"));
    assert_false(clock_is_date("2026-04-31"));
    assert_false(clock_is_date("2026-04-00"));
    assert_false(clock_is_date("2026-04-1"));
    assert_false(clock_is_date("2026-04-011"));
    assert_false(clock_is_date("2026/04/01"));
    assert_false(clock_is_date(""));
    assert_false(clock_is_date(NULL));
}

static void clock__prints_instants_beyond_its_years(void **state)
{
    (void)state;
    char out[CLOCK_INSTANT_SIZE];
    clock_print_instant(INT64_MAX, out);
    assert_memory_equal(out, "9999-12-31T", 11);
    clock_print_instant(INT64_MIN, out);
    assert_memory_equal(out, "0001-01-01T", 11);
}

static void clock__knows_the_zone_of_the_company(void **state)
{
    (void)state;
    assert_int_equal(clock_set_zone("Europe/Berlin"), 0);
    assert_instant("2026-11-21 15:05", "2026-11-21T14:05:00Z");
    assert_instant("2026-07-01 15:05:30", "2026-07-01T13:05:30Z");
    assert_instant("2026-07-01", "2026-06-30T22:00:00Z");
    char date[CLOCK_DATE_SIZE];
    clock_date_of(parse("2026-06-30T22:00:00Z"), date);
    assert_string_equal(date, "2026-07-01");
    clock_date_of(parse("2026-06-30T21:59:59.999Z"), date);
    assert_string_equal(date, "2026-06-30");
}

static void clock__takes_skipped_and_repeated_hours_as_documented(void **state)
{
    (void)state;
    assert_int_equal(clock_set_zone("Europe/Berlin"), 0);
    assert_instant("2026-03-29 02:30", "2026-03-29T01:30:00Z");
    assert_instant("2026-10-25 02:30", "2026-10-25T00:30:00Z");
    assert_int_equal(clock_set_zone("America/Sao_Paulo"), 0);
    int64_t ms;
    assert_int_equal(clock_date_start("2018-11-04", &ms), 0);
    assert_true(ms == parse("2018-11-04T03:00:00Z"));
    char date[CLOCK_DATE_SIZE];
    clock_date_of(ms - 1, date);
    assert_string_equal(date, "2018-11-03");
}

static void clock__days_of_every_zone_start_where_the_day_before_ends(void **state)
{
    (void)state;
    static const char *const ZONES[] = {"Asia/Kathmandu",   "Pacific/Apia", "Africa/Cairo",
                                        "America/New_York", "Asia/Beirut",  "Australia/Lord_Howe"};
    for (size_t z = 0; z < COUNT(ZONES); z++) {
        assert_int_equal(clock_set_zone(ZONES[z]), 0);
        for (int64_t day = clock_days_of("2010-01-01"); day < clock_days_of("2013-01-01"); day++) {
            char date[CLOCK_DATE_SIZE], back[CLOCK_DATE_SIZE];
            clock_date_from_days(day, date);
            int64_t ms;
            assert_int_equal(clock_date_start(date, &ms), 0);
            clock_date_of(ms - 1, back);
            assert_true(strcmp(back, date) < 0);
            clock_date_of(ms, back);
            assert_true(strcmp(back, date) == 0 || strcmp(date, "2011-12-30") == 0);
        }
    }
}

static void clock__refuses_unknown_zones_and_keeps_the_old(void **state)
{
    (void)state;
    assert_int_equal(clock_set_zone("Europe/Berlin"), 0);
    static const char *const BAD[] = {"",           "Europe/Berlinn", "../../etc/passwd", "Europe",
                                      "/etc/hosts", "zone.tab",       "Europe/Ber lin"};
    for (size_t i = 0; i < COUNT(BAD); i++) {
        assert_int_equal(clock_set_zone(BAD[i]), -1);
    }
    assert_int_equal(clock_set_zone(NULL), -1);
    assert_instant("2026-11-21 15:05", "2026-11-21T14:05:00Z");
}

static void clock__shifts_the_wall_clock(void **state)
{
    (void)state;
    int64_t before = clock_now_ms();
    clock_set_offset(INT64_C(86400000));
    int64_t after = clock_now_ms();
    clock_set_offset(0);
    assert_true(after - before >= 86400000 && after - before < 86400000 + 10000);
    int64_t steady = clock_monotonic_ms();
    assert_true(clock_monotonic_ms() >= steady);
}

/* The rules of zones against the C library, far beyond the last change their files list. */
static void clock__knows_the_offsets_of_every_zone(void **state)
{
    (void)state;
    static const char *const ZONES[] = {"Europe/Berlin", "America/New_York", "Australia/Lord_Howe",
                                        "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu",
                                        "America/Santiago", "Africa/Casablanca", "Europe/Dublin",
                                        "Asia/Jerusalem", "Etc/GMT+12", "UTC"};
    for (size_t z = 0; z < COUNT(ZONES); z++) {
        assert_int_equal(clock_set_zone(ZONES[z]), 0);
        for (int64_t s = -86400 * INT64_C(365) * 40; s < 86400 * INT64_C(365) * 130; s += 70007) {
            time_t t = (time_t)s;
            struct tm tm;
            int64_t offset = 0;
            localtime_r(&t, &tm);
            assert_int_equal(zone_offset(ZONES[z], s, &offset), 0);
            if (offset != tm.tm_gmtoff) {
                fail_msg("%s at %lld: %lld, not %ld", ZONES[z], (long long)s, (long long)offset,
                         tm.tm_gmtoff);
            }
        }
    }
    int64_t none;
    assert_int_equal(zone_offset("Europe", 0, &none), -1);
    assert_int_equal(zone_offset("../zoneinfo/UTC", 0, &none), -1);
    assert_int_equal(zone_offset("tzdata.zi", 0, &none), -1);
    assert_int_equal(clock_set_zone("UTC"), 0);
}

static int64_t instant(const char *text)
{
    int64_t ms = 0;
    assert_int_equal(clock_parse_instant(text, &ms), 0);
    return ms;
}

static void assert_shift(const char *from, int64_t months, int64_t days, int64_t more,
                         const char *wanted)
{
    int64_t ms = 1;
    int rc = clock_shift_instant(instant(from), months, days, more, &ms);
    assert_int_equal(rc, wanted ? 0 : -1);
    assert_true(ms == (wanted ? instant(wanted) : 1));
}

static void clock__shifts_instants_by_the_calendar_of_the_company(void **state)
{
    (void)state;
    assert_int_equal(clock_set_zone("Europe/Berlin"), 0);
    assert_shift("2027-03-27 02:30", 0, 1, 0, "2027-03-28 02:30");
    assert_shift("2027-03-29 02:30", 0, -1, 0, "2027-03-28 02:30");
    assert_shift("2027-03-27 12:00", 0, 1, 0, "2027-03-28T10:00:00Z");
    assert_shift("2024-01-31 12:00", 1, 0, 0, "2024-02-29 12:00");
    assert_shift("2024-03-31 12:00", -13, 0, 0, "2023-02-28 12:00");
    assert_shift("1969-12-31T23:59:59.999Z", 0, 1, 2, "1970-01-02T00:00:00.001Z");
    assert_shift("9999-12-31T22:30:00Z", 0, 0, 3600000, "9999-12-31T23:30:00Z");
    assert_shift("9999-12-31T22:30:00Z", 0, 0, 5400000, NULL);
    assert_shift("9999-12-31T22:30:00Z", 0, 1, 0, NULL);
    assert_shift("9999-12-31T12:00:00Z", 1, 0, 0, NULL);
    assert_shift("0001-01-01T12:00:00Z", 0, -1, 0, NULL);
    assert_shift("2026-11-21T12:00:00Z", INT64_MAX, INT64_MIN, INT64_MAX, NULL);
    assert_shift("2026-11-21T12:00:00Z", 0, INT64_MAX, 0, NULL);
    assert_shift("2026-11-21T12:00:00Z", 0, 0, INT64_MIN, NULL);
}

static void clock__ends_days_where_the_next_begin(void **state)
{
    (void)state;
    int64_t end, start;
    assert_int_equal(clock_set_zone("Europe/Berlin"), 0);
    assert_int_equal(clock_date_end("2027-03-28", &end), 0);
    assert_int_equal(clock_date_start("2027-03-29", &start), 0);
    assert_true(end == start);
    assert_int_equal(clock_date_end("9999-12-31", &end), 0);
    assert_true(end == instant("9999-12-31 23:59:59") + 1000);
    assert_int_equal(clock_date_end("9999-12-32", &end), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clock__prints_and_reads_instants),
        cmocka_unit_test(clock__refuses_what_is_no_instant),
        cmocka_unit_test(clock__counts_days_there_and_back),
        cmocka_unit_test(clock__knows_real_days),
        cmocka_unit_test(clock__prints_instants_beyond_its_years),
        cmocka_unit_test(clock__knows_the_zone_of_the_company),
        cmocka_unit_test(clock__takes_skipped_and_repeated_hours_as_documented),
        cmocka_unit_test(clock__days_of_every_zone_start_where_the_day_before_ends),
        cmocka_unit_test(clock__refuses_unknown_zones_and_keeps_the_old),
        cmocka_unit_test(clock__knows_the_offsets_of_every_zone),
        cmocka_unit_test(clock__shifts_the_wall_clock),
        cmocka_unit_test(clock__shifts_instants_by_the_calendar_of_the_company),
        cmocka_unit_test(clock__ends_days_where_the_next_begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
