/*
 * Properties of iCalendar taken apart, against what ical.js makes of the same files as jCal
 * (RFC 7265), when the folder with shared data is there (else skipped): names, parameters, and
 * values of the kinds that we read (texts, times, rules, and what stands as it is).
 */
#include "unit.h"

#include <ctype.h>

#include "base/fs.h"
#include "base/json.h"
#include "base/str.h"
#include "exchange/ical_private.h"

#define FILE_MAX ((size_t)1024 * 1024)

static const char *text_of(struct arena *a, const char *path)
{
    struct err e = {0};
    struct buf bytes = {0};
    assert_int_equal(fs_read(path, FILE_MAX, &bytes, &e), 0);
    const char *text = arena_strdup(a, buf_text(&bytes));
    buf_done(&bytes);
    return text;
}

/* Without folds. */
static char *unfolded(struct arena *a, const char *text)
{
    char *out = arena_strdup(a, text), *to = out;
    while (*text != '\0') {
        size_t end = text[0] == '\r' && text[1] == '\n' ? 2 : text[0] == '\n';
        if (end > 0 && (text[end] == ' ' || text[end] == '\t')) {
            text += end + 1;
        } else {
            *to++ = *text++;
        }
    }
    *to = '\0';
    return out;
}

/* Texts of a list or one alone, with commas. */
static const char *joined(struct arena *a, const struct json *first)
{
    struct buf out = {0};
    for (const struct json *j = first; j != NULL; j = j->next) {
        buf_puts(&out, j != first ? "," : "");
        buf_puts(&out, j->text != NULL ? j->text : "");
    }
    const char *text = arena_strdup(a, buf_text(&out));
    buf_done(&out);
    return text;
}

/* {"freq": "MONTHLY", "bymonth": [1, 3]} as a rule, and any rule in its one spelling. */
static const char *spelled(struct arena *a, const char *text)
{
    struct ical_rule rule;
    struct err e = {0};
    struct buf out = {0};
    assert_int_equal(ical_rule_read(text, &rule, &e), 0);
    ical_rule_write(&out, &rule);
    text = arena_strdup(a, buf_text(&out));
    buf_done(&out);
    return text;
}

static const char *rule_of(struct arena *a, const struct json *j)
{
    const char *rule = "";
    for (const struct json *m = j->child; m != NULL; m = m->next) {
        const char *value = m->type == JSON_ARRAY ? joined(a, m->child) : m->text;
        rule = arena_printf(a, "%s%s=%s;", rule, m->key, value);
    }
    return spelled(a, rule);
}

/* Times in one spelling: ours have none of jCal's signs. */
static const char *plain_times(struct arena *a, const char *text)
{
    char *out = arena_strdup(a, text), *to = out;
    for (; *text != '\0'; text++) {
        if (*text != '-' && *text != ':') {
            *to++ = *text;
        }
    }
    *to = '\0';
    return out;
}

static void check_parameters(struct arena *a, const struct ical_property *p,
                             const struct json *parameters)
{
    for (const struct json *m = parameters->child; m != NULL; m = m->next) {
        char *name = arena_strdup(a, m->key);
        for (char *c = name; *c != '\0'; c++) {
            *c = (char)toupper((unsigned char)*c);
        }
        const char *value = ical_parameter(p, name);
        assert_non_null(value);
        assert_string_equal(value, m->type == JSON_ARRAY ? joined(a, m->child) : m->text);
    }
}

/* false: a kind of value that we do not take apart. */
static bool check_value(struct arena *a, const struct ical_property *p, const char *type,
                        const struct json *value)
{
    if (strcmp(type, "recur") == 0) {
        assert_string_equal(spelled(a, p->value), rule_of(a, value));
    } else if (value->type != JSON_STRING) {
        return false;
    } else if (strcmp(type, "text") == 0) {
        assert_string_equal(ical_text(a, p->value), str_trim(a, joined(a, value)));
    } else if (strcmp(type, "date") == 0 || strcmp(type, "date-time") == 0) {
        bool is_day, is_utc;
        int64_t at;
        assert_string_equal(p->value, plain_times(a, joined(a, value)));
        assert_true(ical_time_read(value->text, strlen(value->text), &at, &is_day, &is_utc));
        assert_int_equal(is_day, strcmp(type, "date") == 0);
    } else if (strcmp(type, "unknown") == 0 || strcmp(type, "cal-address") == 0 ||
               strcmp(type, "binary") == 0) {
        assert_string_equal(p->value, value->text);
    } else {
        return false;
    }
    return true;
}

struct walk {
    struct arena *arena;
    char *line; /* the next, or a text that has not begun; of strtok_r */
    char *save;
    size_t checked, passed;
};

static void next_line(struct walk *w)
{
    do {
        w->line = strtok_r(w->line, "\r\n", &w->save);
        char *line = w->line;
        w->line = NULL;
        if (line == NULL || (!str_starts(line, "BEGIN:") && !str_starts(line, "END:"))) {
            w->line = line;
            return;
        }
    } while (true);
}

/* A component: its properties, then what is within. */
static void check_component(struct walk *w, const struct json *component)
{
    const struct json *list = component->child->next;
    for (const struct json *j = list->child; j != NULL; j = j->next) {
        const struct json *parameters = j->child->next, *type = parameters->next;
        struct ical_property p;
        next_line(w);
        assert_non_null(w->line);
        assert_true(ical_property_read(w->arena, w->line, &p));
        w->line = NULL;
        const char *dot = strrchr(j->child->text, '.');
        assert_int_equal(strcasecmp(p.name, dot != NULL ? dot + 1 : j->child->text), 0);
        check_parameters(w->arena, &p, parameters);
        bool known = check_value(w->arena, &p, type->text, type->next);
        w->checked += known;
        w->passed += !known;
    }
    for (const struct json *j = list->next->child; j != NULL; j = j->next) {
        check_component(w, j);
    }
}

static void properties__are_those_of_ical_js(void **state)
{
    struct arena *a = *state;
    const char *shared = getenv("KONTOR_SHARED"), **names;
    struct walk w = {.arena = a};
    struct err e = {0};
    size_t count;
    char *dir = fs_join(a, shared ? shared : KONTOR_SOURCE_DIR "/../shared",
                        "data/icalendar/ical.js/test/parser");
    if (!fs_is_dir(dir)) {
        skip();
    }
    assert_int_equal(fs_list(a, dir, ".json", &names, &count, &e), 0);
    for (size_t i = 0; i < count; i++) {
        const char *text = text_of(a, fs_join(a, dir, names[i]));
        size_t stem = strlen(names[i]) - strlen(".json");
        const struct json *jcal;
        assert_int_equal(json_parse(a, text, strlen(text), &jcal, &e), 0);
        w.line = unfolded(a, text_of(a, arena_printf(a, "%s/%.*s.ics", dir, (int)stem, names[i])));
        if (jcal->child->type == JSON_STRING) {
            check_component(&w, jcal);
            continue;
        }
        for (const struct json *j = jcal->child; j != NULL; j = j->next) {
            check_component(&w, j);
        }
    }
    assert_int_equal(count, 21);
    assert_int_equal(w.checked, 46);
    assert_int_equal(w.passed, 14);
}

int main(void)
{
    const struct CMUnitTest tests[] = {UNIT_TEST(properties__are_those_of_ical_js)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
