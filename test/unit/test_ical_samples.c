/*
 * Calendars and recurrence rules of other projects with the occurrences they expect, when the folder
 * with shared data is there (else skipped): kcalcore's days and times, libical's list of rules, and
 * what every file of all of them is read as.
 */
#include "unit.h"

#include "base/attr.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/str.h"
#include "exchange/ical.h"

#define FILE_MAX ((size_t)4 * 1024 * 1024)
#define LAST     (ical_day_of(9999, 12, 31) * ICAL_DAY)
#define MOST     800000

static char *samples(struct arena *a, const char *folder)
{
    const char *shared = getenv("KONTOR_SHARED");
    char *dir = fs_join(a, shared ? shared : KONTOR_SOURCE_DIR "/../shared", "data/icalendar");
    if (!fs_is_dir(dir)) {
        skip();
    }
    return fs_join(a, dir, folder);
}

static const char *text_of(struct arena *a, const char *path)
{
    struct err e = {0};
    struct buf bytes = {0};
    assert_int_equal(fs_read(path, FILE_MAX, &bytes, &e), 0);
    const char *text = arena_strndup(a, buf_text(&bytes), bytes.size);
    buf_done(&bytes);
    return text;
}

struct times {
    int64_t *at;
    size_t count;
};

/* What the rule of an item gives, without its start if that does not fit. */
static struct times of_rule(struct arena *a, const struct ical_item *item, size_t most)
{
    struct times t = {ARENA_ARRAY(a, int64_t, most), 0};
    struct ical_rule rule;
    struct err e = {0};
    struct ical_recur *r = ARENA_NEW(a, struct ical_recur);
    assert_int_equal(ical_rule_read(item->rules[0], &rule, &e), 0);
    ical_recur_start(r, &rule, item->start.wall, item->start.is_day, LAST);
    while (t.count < most && ical_recur_next(r, &t.at[t.count])) {
        t.count++;
    }
    return t;
}

static struct times of_set(struct arena *a, const struct ical_item *item)
{
    struct err e = {0};
    struct ical_set *set = ical_set_of(a, item, LAST, MOST, &e);
    assert_non_null(set);
    struct times t = {ARENA_ARRAY(a, int64_t, ical_set_count(set) + 1), 0};
    for (; t.count < ical_set_count(set); t.count++) {
        t.at[t.count] = ical_set_at(set, t.count);
    }
    return t;
}

/* ---- kcalcore -------------------------------------------------------------------------------- */

static const char *next_line(const char *text)
{
    return text + strcspn(text, "\n") + (strchr(text, '\n') != NULL);
}

/* The times up to those of the file, as it writes them ("1997-09-02T09:00:00 PDT …"). */
static void compare_times(const char *name, const struct times *t, const char *want)
{
    size_t i = 0;
    for (; *want > ' '; want = next_line(want)) {
        int64_t at;
        bool day, utc;
        assert_true(ical_time_read(want, want[10] == 'T' ? 19 : 10, &at, &day, &utc));
        if (i >= t->count || t->at[i] != at) {
            fail_msg("%s: %zu of %zu is not %.20s", name, i, t->count, want);
        }
        i++;
    }
    if (i < 500 && i != t->count) {
        fail_msg("%s: %zu, not %zu", name, t->count, i);
    }
}

/* The days on which something begins; the files hold at most 501, and none after 2020. */
static void compare_days(const char *name, const struct times *t, const char *want)
{
    int64_t before = INT64_MIN;
    for (size_t i = 0; i < t->count && *want > ' '; i++) {
        int64_t day = t->at[i] / ICAL_DAY, at;
        bool is_day, utc;
        if (day == before) {
            continue;
        }
        assert_true(ical_time_read(want, 10, &at, &is_day, &utc));
        if (at / ICAL_DAY != day) {
            fail_msg("%s: %.10s is not there", name, want);
        }
        want = next_line(want);
        before = day;
    }
    if (*want > ' ') {
        fail_msg("%s: %.10s is not there", name, want);
    }
}

/* KOrganizer 3.4 leaves out a start that does not fit its rule, and its files say in which zone
 * their times are to be seen. */
static struct times seen_by_korganizer(struct arena *a, const struct ical_item *item)
{
    struct times t = of_rule(a, item, MOST);
    struct ical_time seen = {.is_set = true, .zone = "Europe/Vienna"};
    for (size_t i = 0; i < t.count; i++) {
        struct ical_time at = {.is_set = true, .is_utc = true, .wall = t.at[i]};
        t.at[i] = ical_wall_like(&at, &seen);
    }
    return t;
}

/* The same the other way round: from the last the file knows, at most 500. */
static void compare_back(const char *name, const struct times *t, const char *want)
{
    size_t i = t->count, lines = 0;
    for (; *want > ' '; want = next_line(want), lines++) {
        int64_t at;
        bool day, utc;
        assert_true(ical_time_read(want, want[10] == 'T' ? 19 : 10, &at, &day, &utc));
        while (lines == 0 && i > 0 && t->at[i - 1] > at) {
            i--;
        }
        if (i == 0 || t->at[--i] != at) {
            fail_msg("%s, back: %zu is not %.20s", name, lines, want);
        }
    }
    if (lines < 500 && i != 0) {
        fail_msg("%s, back: there are %zu more", name, i);
    }
}

static void check_kcalcore(struct arena *a, const char *dir, const char *name)
{
    const char *path = fs_join(a, dir, name), *text = text_of(a, path);
    struct ical_calendar calendar;
    struct err e = {0};
    assert_int_equal(ical_read(a, text, strlen(text), NULL, &calendar, &e), 0);
    assert_int_equal(calendar.count, 1);
    struct times t = strstr(text, "KOrganizer 3.4") != NULL
                         ? seen_by_korganizer(a, &calendar.items[0])
                         : of_set(a, &calendar.items[0]);
    compare_times(name, &t, text_of(a, arena_printf(a, "%s.next.ref", path)));
    compare_days(name, &t, text_of(a, arena_printf(a, "%s.recurson.ref", path)));
    if (strcmp(name, "KAlarm_TestCase09.ics") != 0) { /* the 737,808th is beyond our limit */
        compare_back(name, &t, text_of(a, arena_printf(a, "%s.prev.ref", path)));
    }
}

static void kcalcore__occurrences_match(void **state)
{
    static const char *const FOLDERS[] = {"RFC2445", "UntilInUTC", "KOrganizer_3.4", "KAlarm_3.4"};
    struct arena *a = *state;
    char *root = samples(a, "kcalcore/RecurrenceRule");
    size_t checked = 0;
    for (size_t i = 0; i < COUNT(FOLDERS); i++) {
        const char **names, *dir = fs_join(a, root, FOLDERS[i]);
        size_t count;
        struct err e = {0};
        assert_int_equal(fs_list(a, dir, ".ics", &names, &count, &e), 0);
        for (size_t k = 0; k < count; k++) {
            if (fs_exists(arena_printf(a, "%s/%s.next.ref", dir, names[k]))) {
                check_kcalcore(a, dir, names[k]);
                checked++;
            }
        }
    }
    assert_int_equal(checked, 70);
}

/* Other programs' files and what kcalcore makes of them say the same. It mends what old KOrganizers
 * meant by priorities and UNTIL, and folds texts at blanks, which are lost. */
static bool is_same(struct arena *a, const struct ical_item *x, const struct ical_item *y,
                    bool mended)
{
    return strcmp(x->summary, y->summary) == 0 && strcmp(x->location, y->location) == 0 &&
           (mended || x->priority == y->priority) && x->alarm_count == y->alarm_count &&
           x->people_count == y->people_count &&
           ical_instant(&x->start, "UTC") == ical_instant(&y->start, "UTC") &&
           ical_length(x, "UTC") == ical_length(y, "UTC") &&
           (mended || of_set(a, x).count == of_set(a, y).count);
}

static const struct ical_item *item_like(const struct ical_calendar *c,
                                         const struct ical_item *item)
{
    for (size_t i = 0; i < c->count; i++) {
        if (strcmp(c->items[i].uid, item->uid) == 0 &&
            c->items[i].recurrence_id.wall == item->recurrence_id.wall) {
            return &c->items[i];
        }
    }
    return NULL;
}

static void kcalcore__other_programs_are_read_alike(void **state)
{
    struct arena *a = *state;
    const char **names, *dir = samples(a, "kcalcore/Compat");
    size_t count, checked = 0;
    struct err e = {0};
    assert_int_equal(fs_list(a, dir, ".ics", &names, &count, &e), 0);
    for (size_t i = 0; i < count; i++) {
        const char *text = text_of(a, fs_join(a, dir, names[i]));
        const char *want = text_of(a, arena_printf(a, "%s/%s.ical.ref", dir, names[i]));
        struct ical_calendar is, was;
        assert_int_equal(ical_read(a, text, strlen(text), NULL, &is, &e), 0);
        assert_int_equal(ical_read(a, want, strlen(want), NULL, &was, &e), 0);
        assert_int_equal(is.count, was.count);
        for (size_t k = 0; k < was.count; k++, checked++) {
            const struct ical_item *item = item_like(&is, &was.items[k]);
            if (item == NULL || !is_same(a, item, &was.items[k], str_starts(names[i], "KOrg"))) {
                fail_msg("%s: %s is not the same", names[i], was.items[k].uid);
            }
        }
    }
    assert_int_equal(checked, 56);
}

/* ---- libical --------------------------------------------------------------------------------- */

/* A week 53 every fifth or sixth year, from a start that is in none of its own year: RFC 5545 does
 * not say which year is counted from. */
static bool is_open(const char *rule, const char *start)
{
    return strstr(rule, "BYWEEKNO=53;INTERVAL=") != NULL && str_starts(start, "20270103");
}

static bool check_rule(struct arena *a, const char *rule, const char *start, const char *want)
{
    struct ical_item item = {.rules = {rule}, .rule_count = 1};
    struct buf got = {0};
    size_t most = 1;
    for (const char *p = want; *p != '\0'; p++) {
        most += *p == ',';
    }
    item.start.is_set = true;
    assert_true(ical_time_read(start, strlen(start), &item.start.wall, &item.start.is_day,
                               &item.start.is_utc));
    struct times t = of_rule(a, &item, most);
    for (size_t i = 0; i < t.count; i++) {
        buf_puts(&got, i > 0 ? "," : "");
        ical_time_write(&got, t.at[i], item.start.is_day, item.start.is_utc);
    }
    bool same = strcmp(buf_text(&got), want) == 0 || is_open(rule, start) ||
                strstr(want, "UNIMPLEMENTED") != NULL;
    if (!same) {
        print_message("%s from %s: %s, not %s\n", rule, start, buf_text(&got), want);
    }
    buf_done(&got);
    return same;
}

static void libical__instances_match(void **state)
{
    struct arena *a = *state;
    char *text = arena_strdup(a, text_of(a, samples(a, "libical/src/test/icalrecur_test.txt")));
    const char *rule = "", *start = "";
    size_t checked = 0, wrong = 0;
    for (char *save, *line = strtok_r(text, "\r\n", &save); line != NULL;
         line = strtok_r(NULL, "\r\n", &save)) {
        if (str_starts(line, "RRULE:")) {
            rule = line + 6;
        } else if (str_starts(line, "DTSTART:")) {
            start = line + 8;
        } else if (str_starts(line, "INSTANCES:")) {
            wrong += !check_rule(a, rule, start, line + 10);
            checked++;
        }
    }
    assert_int_equal(wrong, 0);
    assert_int_equal(checked, 146);
}

/* How many occurrences each event of libical's other list has; where nothing is taken
 * away it looks at the rule alone, without a start that does not fit. One is commented out. */
static void libical__numbers_of_occurrences_match(void **state)
{
    static const char BEGIN[] = "BEGIN:VEVENT", WANT[] = "X-EXPECT-NUMEVENTS:";
    struct arena *a = *state;
    const char *text = text_of(a, samples(a, "libical/test-data/recur.txt"));
    size_t checked = 0, wrong = 0;
    for (const char *at = strstr(text, BEGIN), *next; at != NULL; at = next) {
        struct ical_calendar calendar;
        struct err e = {0};
        next = strstr(at + 1, BEGIN);
        const char *one = arena_printf(a, "BEGIN:VCALENDAR\n%.*s",
                                       next != NULL ? (int)(next - at) : (int)strlen(at), at);
        const char *want = strstr(one, WANT);
        if (want == NULL || (at > text && at[-1] == ';')) {
            continue;
        }
        assert_int_equal(ical_read(a, one, strlen(one), NULL, &calendar, &e), 0);
        const struct ical_item *item = &calendar.items[0];
        bool less = item->not_at.count + item->not_rule_count > 0;
        size_t count = less ? of_set(a, item).count : of_rule(a, item, 1000).count;
        if ((int64_t)count != strtoll(want + sizeof WANT - 1, NULL, 10)) {
            print_message("%zu occurrences: %s\n", count, one);
            wrong++;
        }
        checked++;
    }
    assert_int_equal(wrong, 0);
    assert_int_equal(checked, 57);
}

/* ---- all files ------------------------------------------------------------------------------- */

static size_t read_one(struct arena *a, const char *path)
{
    struct err e = {0};
    struct buf bytes = {0};
    struct ical_calendar calendar;
    assert_int_equal(fs_read(path, FILE_MAX, &bytes, &e), 0);
    int64_t begun = clock_monotonic_ms();
    size_t count = 0;
    if (ical_read(a, buf_text(&bytes), bytes.size, "Europe/Berlin", &calendar, &e) == 0) {
        count = calendar.count;
        for (size_t i = 0; i < count; i++) {
            (void)ical_set_of(a, &calendar.items[i], LAST, 100, &e);
        }
    } else {
        assert_true(e.text[0] != '\0');
    }
    assert_true(clock_monotonic_ms() - begun < 5000);
    buf_done(&bytes);
    return count;
}

static void samples__are_all_read(void **state)
{
    static const struct {
        const char *folder;
        size_t least;
    } FOLDERS[] = {{"ical.js/samples", 18}, {"kcalcore", 5},      {"kcalcore/Compat", 10},
                   {"libical/test-data", 20}, {"biweekly/io/text", 4}, {"ical.js/test/parser", 0}};
    struct arena *a = *state;
    size_t items = 0;
    for (size_t i = 0; i < COUNT(FOLDERS); i++) {
        const char **names, *dir = samples(a, FOLDERS[i].folder);
        size_t count, of_folder = 0;
        struct err e = {0};
        assert_int_equal(fs_list(a, dir, ".ics", &names, &count, &e), 0);
        for (size_t k = 0; k < count; k++) {
            of_folder += read_one(a, fs_join(a, dir, names[k]));
        }
        print_message("%s: %zu\n", FOLDERS[i].folder, of_folder);
        assert_true(of_folder >= FOLDERS[i].least);
        items += of_folder;
    }
    assert_true(items > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT_TEST(kcalcore__occurrences_match),
        UNIT_TEST(kcalcore__other_programs_are_read_alike),
        UNIT_TEST(libical__instances_match),
        UNIT_TEST(libical__numbers_of_occurrences_match),
        UNIT_TEST(samples__are_all_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
