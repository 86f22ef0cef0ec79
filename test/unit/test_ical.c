/* Calendars: what is read of them, how they are written, and that nothing in them takes long. */
#include "unit.h"

#include "base/attr.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/str.h"
#include "base/zone.h"
#include "exchange/ical.h"

#define LAST (ical_day_of(2030, 1, 1) * ICAL_DAY)

static const struct ical_calendar *read_file(struct arena *a, const char *name)
{
    struct err e = {0};
    struct buf bytes = {0};
    struct ical_calendar *calendar = ARENA_NEW(a, struct ical_calendar);
    assert_int_equal(
        fs_read(arena_printf(a, KONTOR_SOURCE_DIR "/test/data/calendar/%s", name), 1000000, &bytes, &e),
        0);
    assert_int_equal(ical_read(a, bytes.data, bytes.size, "Europe/Vienna", calendar, &e), 0);
    buf_done(&bytes);
    return calendar;
}

static const struct ical_calendar *read_text(struct arena *a, const char *text)
{
    struct err e = {0};
    struct ical_calendar *calendar = ARENA_NEW(a, struct ical_calendar);
    assert_int_equal(ical_read(a, text, strlen(text), NULL, calendar, &e), 0);
    return calendar;
}

static const char *times_of(struct arena *a, const struct ical_item *item)
{
    struct err e = {0};
    struct buf out = {0};
    struct ical_set *set = ical_set_of(a, item, LAST, 20, &e);
    assert_non_null(set);
    for (size_t i = 0; i < ical_set_count(set); i++) {
        buf_puts(&out, i > 0 ? " " : "");
        ical_time_write(&out, ical_set_at(set, i), item->start.is_day, item->start.is_utc);
    }
    const char *text = arena_strdup(a, buf_text(&out));
    buf_done(&out);
    return text;
}

static void read__takes_what_an_event_says(void **state)
{
    const struct ical_calendar *c = read_file(*state, "outlook.ics");
    assert_int_equal(c->count, 4);
    assert_int_equal(c->problem_count, 0);
    assert_string_equal(c->method, "REQUEST");
    const struct ical_item *item = &c->items[0];
    assert_string_equal(item->summary,
                        "Quarterly review, with a very long title that has to be folded in two "
                        "places; at least");
    assert_string_equal(item->description, "First line\nsecond line");
    assert_string_equal(item->organizer.name, "Weber, Anna");
    assert_string_equal(item->organizer.mail, "anna@sample.example");
    assert_int_equal(item->people_count, 1);
    assert_string_equal(item->people[0].state, "NEEDS-ACTION");
    assert_int_equal(item->alarm_count, 2);
    assert_int_equal(item->alarms[0], 15);
    assert_int_equal(item->alarms[1], -30); /* an hour before the end of 90 minutes */
    assert_int_equal(ical_length(item, NULL), 5400);
    assert_int_equal(item->priority, 1);
    assert_int_equal(ical_length(&c->items[2], NULL), 3 * ICAL_DAY);
    assert_int_equal(c->items[3].kind, ICAL_TODO);
    assert_null(c->items[3].end.zone);
    assert_true(c->items[3].completed.is_utc);
}

static void read__knows_zones_by_names_and_by_rules(void **state)
{
    const struct ical_calendar *c = read_file(*state, "outlook.ics");
    assert_string_equal(c->items[0].start.zone, "Europe/Vienna"); /* the company's: the rules fit */
    assert_string_equal(c->items[1].start.zone, "Europe/Berlin");
    assert_string_equal(ical_zone_named(*state, "/sample.example/20260101/America/Indiana/Knox"),
                        "America/Indiana/Knox");
    assert_string_equal(ical_zone_named(*state, "Romance Standard Time"), "Europe/Paris");
    assert_null(ical_zone_named(*state, "Middle Earth"));
    assert_null(ical_zone_named(*state, "../../../etc/passwd"));
}

static void set__is_start_and_rule_and_dates(void **state)
{
    const struct ical_calendar *c = read_file(*state, "outlook.ics");
    assert_string_equal(times_of(*state, &c->items[0]),
                        "20260309T090000 20260323T090000 20260330T090000 20260401T140000 "
                        "20260406T090000 20260413T090000");
    assert_string_equal(times_of(*state, &c->items[2]), "20260504");
}

static void set__a_clock_change_moves_nothing(void **state)
{
    const struct ical_calendar *c = read_file(*state, "outlook.ics");
    struct ical_time t = c->items[0].start;
    int64_t before, after;
    t.wall = ical_day_of(2026, 3, 23) * ICAL_DAY + 9 * 3600;
    before = ical_instant(&t, NULL);
    t.wall = ical_day_of(2026, 3, 30) * ICAL_DAY + 9 * 3600;
    after = ical_instant(&t, NULL);
    assert_int_equal(after - before, 7 * ICAL_DAY - 3600);
}

/* Rules that libical 3.0.20 expands to other times, or to none. */
static void rule__is_expanded_as_the_rfc_says(void **state)
{
    static const struct {
        const char *rule, *start, *times;
    } CASES[] = {
        {"FREQ=WEEKLY;INTERVAL=3;BYDAY=SU;COUNT=3", "20260326T093000",
         "20260326T093000 20260329T093000 20260419T093000"},
        {"FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1,3;COUNT=3", "20241023",
         "20241023 20241028 20241030"},
        {"FREQ=MONTHLY;BYDAY=MO;BYHOUR=9,17;BYSETPOS=-1;COUNT=2", "20260126T170000",
         "20260126T170000 20260223T170000"},
        {"FREQ=YEARLY;BYWEEKNO=1,2;COUNT=3", "20130108T000000",
         "20130108T000000 20131231T000000 20140107T000000"},
        {"FREQ=YEARLY;BYWEEKNO=-1,-2;COUNT=2", "20131224T000000",
         "20131224T000000 20141216T000000"},
        {"FREQ=HOURLY;INTERVAL=7;BYHOUR=3,6;COUNT=2", "20250101T030500",
         "20250101T030500 20250107T060500"},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct ical_item item = {.rules = {CASES[i].rule}, .rule_count = 1};
        struct ical_time *start = &item.start;
        start->is_set = ical_time_read(CASES[i].start, strlen(CASES[i].start), &start->wall,
                                       &start->is_day, &start->is_utc);
        assert_string_equal(times_of(*state, &item), CASES[i].times);
    }
}

static void rule__errors_name_the_part(void **state)
{
    static const char *const BAD[][2] = {
        {"", "FREQ"},
        {"FREQ=FORTNIGHTLY", "FREQ"},
        {"FREQ=DAILY;INTERVAL=0", "INTERVAL"},
        {"FREQ=DAILY;COUNT=-1", "COUNT"},
        {"FREQ=DAILY;UNTIL=20260230", "UNTIL"},
        {"FREQ=WEEKLY;BYDAY=XX", "BYDAY"},
        {"FREQ=MONTHLY;BYDAY=54MO", "BYDAY"},
        {"FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY"},
        {"FREQ=MONTHLY;BYHOUR=-1", "BYHOUR"},
        {"FREQ=YEARLY;WHEN=EASTER", "WHEN"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(BAD); i++) {
        struct err e = {0};
        struct ical_rule rule;
        assert_int_equal(ical_rule_read(BAD[i][0], &rule, &e), -1);
        assert_non_null(strstr(e.text, BAD[i][1]));
    }
}

static void rule__is_written_in_one_spelling(void **state)
{
    struct err e = {0};
    struct ical_rule rule;
    struct buf out = {0};
    (void)state;
    assert_int_equal(ical_rule_read("BYDAY=FR,MO,-1SU,2TU;freq=monthly;WKST=SU;INTERVAL=02;"
                                    "UNTIL=20270101T120000Z;BYMONTH=3,1",
                                    &rule, &e),
                     0);
    ical_rule_write(&out, &rule);
    assert_string_equal(buf_text(&out), "FREQ=MONTHLY;INTERVAL=2;BYMONTH=1,3;BYDAY=MO,FR,2TU,-1SU;"
                                        "WKST=SU;UNTIL=20270101T120000Z");
    buf_done(&out);
}

static void write__is_read_as_the_same(void **state)
{
    struct arena *a = *state;
    const struct ical_calendar *c = read_file(a, "outlook.ics");
    struct buf out = {0};
    struct ical_writer w;
    ical_write_begin(&w, a, &out, "PUBLISH", "Übersicht der Woche, mit einem Namen länger als fünfundsiebzig", NULL);
    ical_write_zone(&w, "Europe/Vienna", 2025, 2027);
    ical_write_zone(&w, "Europe/Vienna", 2025, 2027);
    for (size_t i = 0; i < c->count; i++) {
        ical_write_item(&w, &c->items[i], 0);
    }
    ical_write_end(&w);
    for (const char *line = buf_text(&out); *line != '\0'; line = strchr(line, '\n') + 1) {
        assert_true(strcspn(line, "\r") <= 75);
        assert_true(str_is_utf8(line, strcspn(line, "\r")));
    }
    const struct ical_calendar *again = read_text(a, buf_text(&out));
    assert_int_equal(again->count, c->count);
    assert_int_equal(again->problem_count, 0);
    assert_true(strstr(strstr(buf_text(&out), "BEGIN:VTIMEZONE") + 1, "BEGIN:VTIMEZONE") == NULL);
    for (size_t i = 0; i < c->count; i++) {
        assert_string_equal(again->items[i].summary, c->items[i].summary);
        assert_string_equal(times_of(a, &again->items[i]), times_of(a, &c->items[i]));
        assert_int_equal(ical_length(&again->items[i], NULL), ical_length(&c->items[i], NULL));
        assert_int_equal(again->items[i].alarm_count, c->items[i].alarm_count);
    }
    buf_done(&out);
}

static void write__a_zone_block_holds_alone(void **state)
{
    static const char *const ZONES[] = {"Europe/Berlin", "America/New_York", "Australia/Lord_Howe",
                                        "Asia/Kolkata", "Pacific/Kiritimati", "Pacific/Pago_Pago"};
    struct arena *a = *state;
    for (size_t i = 0; i < COUNT(ZONES); i++) {
        struct buf out = {0};
        struct ical_writer w;
        ical_write_begin(&w, a, &out, NULL, NULL, NULL);
        ical_write_zone(&w, ZONES[i], 2025, 2027);
        const char *body = strstr(buf_text(&out), "\r\nBEGIN:STANDARD");
        const char *text =
            arena_printf(a, "BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:unheard of%s"
                            "BEGIN:VEVENT\nDTSTART;TZID=unheard of:20260715T120000\nEND:VEVENT\n"
                            "BEGIN:VEVENT\nDTSTART;TZID=unheard of:20261215T120000\nEND:VEVENT\n",
                         body);
        const struct ical_calendar *c = read_text(a, text);
        for (size_t k = 0; k < 2; k++) {
            struct ical_time t = {.is_set = true, .zone = ZONES[i], .wall = c->items[k].start.wall};
            t.wall = ical_day_of(2026, k == 0 ? 7 : 12, 15) * ICAL_DAY + 12 * 3600;
            assert_int_equal(ical_instant(&c->items[k].start, NULL), ical_instant(&t, NULL));
        }
        buf_done(&out);
    }
}

static void read__passes_over_what_it_cannot_take(void **state)
{
    const struct ical_calendar *c =
        read_text(*state, "BEGIN:VCALENDAR\rno property\rBEGIN:VEVENT\rDTSTART:nonsense\r"
                          "RRULE:FREQ=NEVER\rSUMMARY:kept\rBEGIN:VLOCATION\rSUMMARY:not this\r"
                          "END:VLOCATION\rEND:VEVENT\rBEGIN:VJOURNAL\rUID:x\rEND:VJOURNAL\r");
    assert_int_equal(c->count, 1);
    assert_string_equal(c->items[0].summary, "kept");
    assert_int_equal(c->problem_count, 3);
    assert_int_equal(c->problems[0].line, 2);
    assert_int_equal(c->problems[1].line, 4);
}

static void read__calendars_within_events_are_none(void **state)
{
    const struct ical_calendar *c =
        read_text(*state, "BEGIN:VCALENDAR\nBEGIN:VEVENT\nBEGIN:VCALENDAR\nBEGIN:VEVENT\n"
                          "END:VEVENT\nEND:VCALENDAR\nSUMMARY:outer\nEND:VEVENT\n");
    assert_int_equal(c->count, 1);
    assert_string_equal(c->items[0].summary, "outer");
}

static void hostile__ends_soon(void **state)
{
    static const char *const RULES[] = {
        "FREQ=SECONDLY;COUNT=9999999999",
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=SECONDLY;BYHOUR=3;BYMINUTE=59;BYSECOND=60",
        "FREQ=MINUTELY;INTERVAL=100000;BYSECOND=1,2,3;BYSETPOS=366",
        "FREQ=YEARLY;BYMONTHDAY=31;BYMONTH=2",
        "FREQ=DAILY;BYMONTHDAY=30;BYMONTH=2;INTERVAL=99999",
        "FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYHOUR=1,2,3;BYMINUTE=1,2;BYSETPOS=-366,366",
        "FREQ=YEARLY;BYWEEKNO=53;BYYEARDAY=1;BYDAY=53MO",
    };
    struct arena *a = *state;
    int64_t begun = clock_monotonic_ms();
    for (size_t i = 0; i < COUNT(RULES); i++) {
        struct ical_item item = {.rules = {RULES[i]}, .rule_count = 1, .start = {.is_set = true}};
        struct err e = {0};
        struct ical_set *set =
            ical_set_of(a, &item, ical_day_of(9999, 1, 1) * ICAL_DAY, 1000, &e);
        assert_non_null(set);
        assert_true(ical_set_count(set) <= 1000);
    }
    assert_true(clock_monotonic_ms() - begun < 4000);
}

static void hostile__many_rules_take_no_longer_than_one(void **state)
{
    struct arena *a = *state;
    struct ical_item item = {.rule_count = ICAL_RULES_MAX, .not_rule_count = ICAL_RULES_MAX,
                             .start = {.is_set = true}};
    struct err e = {0};
    for (size_t i = 0; i < ICAL_RULES_MAX; i++) {
        item.rules[i] = item.not_rules[i] = "FREQ=SECONDLY;BYSETPOS=300";
    }
    size_t used = a->used;
    struct ical_set *set = ical_set_of(a, &item, LAST, 20000, &e);
    assert_non_null(set);
    assert_true(ical_set_is_cut(set));
    assert_true(ical_set_looks(set) < ICAL_RECUR_STEPS + 100);
    assert_true(a->used - used < 1000);
}

/* `part` so often, between two texts. */
static void check_repeated(struct arena *a, const char *before, const char *part, size_t times)
{
    struct buf text = {0};
    struct err e = {0};
    struct ical_calendar c;
    int64_t begun = clock_monotonic_ms();
    size_t used = a->used;
    buf_puts(&text, before);
    for (size_t i = 0; i < times; i++) {
        buf_puts(&text, part);
    }
    assert_int_equal(ical_read(a, text.data, text.size, NULL, &c, &e), 0);
    assert_true(c.count <= ICAL_ITEMS_MAX);
    assert_true(a->used - used < 64 * 1024 * 1024 && a->used - used < 60 * text.size);
    assert_true(clock_monotonic_ms() - begun < 4000);
    buf_done(&text);
}

static void hostile__files_take_time_and_memory_by_their_size(void **state)
{
    struct arena *a = *state;
    check_repeated(a, "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:", "a=\n =\n", 500000);
    check_repeated(a, "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY", ";a=\"=\n ", 200000);
    check_repeated(a, "BEGIN:VCALENDAR\n", "BEGIN:VEVENT\n", 200000);
    check_repeated(a, "BEGIN:VCALENDAR\n", "BEGIN:VEVENT\nEND:VEVENT\n", 100000);
    check_repeated(a, "BEGIN:VCALENDAR\nBEGIN:VEVENT\nEXDATE:", "20260101T000000,", 200000);
    check_repeated(a, "BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:x\n",
                   "BEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0100\n"
                   "TZOFFSETTO:+0200\nRRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30\nEND:STANDARD\n",
                   3000);
    check_repeated(a, "BEGIN:VCALENDAR\nBEGIN:VEVENT\n", "RRULE:FREQ=DAILY\n", 100000);
    check_repeated(a, "BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:x\n",
                   "BEGIN:A\nDTSTART:19700101\nRRULE:FREQ=DAILY\nEND:A\n", 30000);
    check_repeated(a, "BEGIN:VCALENDAR\nBEGIN:VEVENT\n", "ATTENDEE:a\n", 100000);
    check_repeated(a, "BEGIN:VCALENDAR\n",
                   "BEGIN:VEVENT\nBEGIN:VALARM\nTRIGGER;RELATED=END:PT1H\nEND:VALARM\n"
                   "END:VEVENT\n",
                   20000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT_TEST(read__takes_what_an_event_says),
        UNIT_TEST(read__knows_zones_by_names_and_by_rules),
        UNIT_TEST(read__passes_over_what_it_cannot_take),
        UNIT_TEST(read__calendars_within_events_are_none),
        UNIT_TEST(set__is_start_and_rule_and_dates),
        UNIT_TEST(set__a_clock_change_moves_nothing),
        UNIT_TEST(rule__is_expanded_as_the_rfc_says),
        UNIT_TEST(rule__errors_name_the_part),
        UNIT_TEST(rule__is_written_in_one_spelling),
        UNIT_TEST(write__is_read_as_the_same),
        UNIT_TEST(write__a_zone_block_holds_alone),
        UNIT_TEST(hostile__ends_soon),
        UNIT_TEST(hostile__many_rules_take_no_longer_than_one),
        UNIT_TEST(hostile__files_take_time_and_memory_by_their_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
