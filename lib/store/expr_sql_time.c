/*
 * Days and moments. A date is text, a moment UTC milliseconds; they meet in the company's zone,
 * which is the process's zone and therefore SQLite's 'localtime'. Months that are too short end the
 * sum on their last day ('floor'). Sums of moments are base/clock's, as what people type is:
 * SQLite's own begin again in the year 2000 after 9999, and go back where a clock change skips an
 * hour. See expr_sql.h.
 */
#include <stdio.h>

#include "base/attr.h"
#include "base/clock.h"
#include "model/calendar.h"
#include "model/field_type.h"
#include "store/expr_sql.h"

#define MINUTE_MS 60000

/* How a unit is written as a modifier of SQLite; milliseconds where the length never varies, months
 * where that of a month does. */
static const struct {
    const char *word;
    int64_t factor, ms;
    bool months;
} UNITS[] = {
    [UNIT_MINUTE] = {"minutes", 1, MINUTE_MS, false},
    [UNIT_HOUR] = {"hours", 1, 60 * MINUTE_MS, false},
    [UNIT_DAY] = {"days", 1, 0, false},
    [UNIT_WEEK] = {"days", 7, 0, false},
    [UNIT_MONTH] = {"months", 1, 0, true},
    [UNIT_QUARTER] = {"months", 3, 0, true},
    [UNIT_YEAR] = {"months", 12, 0, true},
};

/* Parameter of today or now, bound once a statement. */
static void put_today(struct compile *c)
{
    if (c->today == 0) {
        char *day = arena_alloc(c->sql->arena, CLOCK_DATE_SIZE);
        clock_date_of(c->who->now_ms, day);
        c->today = sql_keep(c->sql, value_text(day));
    }
    sql_param(c->sql, c->today);
}

static void put_once(struct compile *c, size_t *slot, int64_t i)
{
    if (*slot == 0) {
        *slot = sql_keep(c->sql, i == 0 ? value_null() : value_int(i));
    }
    sql_param(c->sql, *slot);
}

void put_day(struct compile *c, const struct scope_row *r, const struct expr *x)
{
    if (x->type.kind == KIND_DATE) {
        put_value(c, r, x);
        return;
    }
    sql_add(c->sql, "date(");
    put_value(c, r, x);
    sql_add(c->sql, "/1000.0,'unixepoch','localtime')");
}

/* `a` times `b`, or the most there is. */
static int64_t times(int64_t a, int64_t b)
{
    int64_t n;
    return __builtin_mul_overflow(a, b, &n) ? INT64_MAX : n;
}

/* "+14 days" as a bound value, and what follows it. */
static void put_modifier(struct compile *c, const struct expr *duration, bool minus)
{
    int64_t n = times(duration->amount, UNITS[duration->unit].factor);
    bool negative = minus != (n < 0);
    uint64_t size = n < 0 ? (uint64_t)0 - (uint64_t)n : (uint64_t)n;
    sql_add(c->sql, ",");
    sql_bind(c->sql,
             value_text(arena_printf(c->sql->arena, "%c%llu %s", negative ? '-' : '+',
                                     (unsigned long long)size, UNITS[duration->unit].word)));
    sql_add(c->sql, UNITS[duration->unit].months ? ",'floor'" : "");
}

static void put_moment_shift(struct compile *c, const struct scope_row *r, const struct expr *time,
                             const struct expr *duration, bool minus)
{
    const int64_t ms = UNITS[duration->unit].ms;
    const bool months = UNITS[duration->unit].months;
    int64_t n = times(duration->amount, ms != 0 ? ms : UNITS[duration->unit].factor);
    n = !minus ? n : n == INT64_MIN ? INT64_MAX : -n;
    sql_add(c->sql, "kshift(");
    put_value(c, r, time);
    sql_add(c->sql, ms != 0 ? ",0,0," : months ? "," : ",0,");
    sql_bind(c->sql, value_int(n));
    sql_add(c->sql, ms != 0 ? ")" : months ? ",0,0)" : ",0)");
}

void put_shift(struct compile *c, const struct scope_row *r, const struct expr *x)
{
    bool first = x->args[0]->op == EXPR_DURATION;
    const struct expr *duration = x->args[first ? 0 : 1], *time = x->args[first ? 1 : 0];
    bool minus = x->op == EXPR_SUB;
    if (duration->op != EXPR_DURATION || duration->unit == UNIT_NONE) {
        compile_fail(c, "a duration must be written out, like 14 days");
    } else if (time->type.kind == KIND_INSTANT) {
        put_moment_shift(c, r, time, duration, minus);
    } else {
        sql_add(c->sql, "date(");
        put_value(c, r, time);
        put_modifier(c, duration, minus);
        sql_add(c->sql, ")");
    }
}

static void put_start_day(struct compile *c, const struct scope_row *r, const struct expr *x)
{
    if (x->arg_count == 0) {
        put_today(c);
    } else {
        put_day(c, r, x->args[0]);
    }
}

static void put_start_of(struct compile *c, const struct scope_row *r, const struct expr *x)
{
    static const char *const MODIFIERS[] = {[UNIT_DAY] = "",
                                            [UNIT_WEEK] = ",'weekday 0','-6 days'",
                                            [UNIT_MONTH] = ",'start of month'",
                                            [UNIT_YEAR] = ",'start of year'"};
    sql_add(c->sql, "date(");
    put_start_day(c, r, x);
    if (x->unit == UNIT_QUARTER) {
        sql_add(c->sql, ",'start of month','-'||((strftime('%m',");
        put_start_day(c, r, x);
        sql_add(c->sql, ")-1)%3)||' months'");
    } else {
        sql_add(c->sql, MODIFIERS[x->unit]);
    }
    sql_add(c->sql, ")");
}

/* Known when the statement is made: it is about now. */
static void put_work_hours(struct compile *c, const struct expr *x)
{
    int64_t hours_6 = rescale(x->args[0]->value.i, x->args[0]->type.places, 6);
    const int64_t most = INT64_C(10) * 366 * 24 * 1000000;
    int64_t ms = (hours_6 < most ? hours_6 : most) * 36 / 10;
    int64_t at = calendar_add(calendar_of(c->who->model, NULL), c->who->now_ms, ms);
    sql_bind(c->sql, at < 0 ? value_null() : value_int(at));
}

/* min() of one row is empty when one of its values is; that of several rows passes it over. */
static void put_earliest(struct compile *c, const struct scope_row *r, const struct expr *x)
{
    sql_add(c->sql, "(SELECT min(column1) FROM (VALUES");
    for (size_t i = 0; i < x->arg_count; i++) {
        sql_add(c->sql, i > 0 ? ",(" : "(");
        put_value(c, r, x->args[i]);
        sql_add(c->sql, ")");
    }
    sql_add(c->sql, "))");
}

void put_call(struct compile *c, const struct scope_row *r, const struct expr *x)
{
    switch (x->function) {
    case FN_TODAY:
        put_today(c);
        break;
    case FN_NOW:
        put_once(c, &c->now, c->who->now_ms);
        break;
    case FN_ME:
        put_once(c, &c->me, c->who->user);
        break;
    case FN_MY_TEAM:
        put_once(c, &c->team, c->who->team);
        break;
    case FN_START_OF:
        put_start_of(c, r, x);
        break;
    case FN_FOUND:
        put_found(c, r, x);
        break;
    case FN_WITHIN:
        put_within(c, r, x);
        break;
    case FN_NEXT_OF:
        put_next_of(c, r, x);
        break;
    case FN_WORKING:
        sql_bind(c->sql, value_int(calendar_works(calendar_of(c->who->model, NULL), c->who->now_ms)));
        break;
    case FN_WORK_HOURS:
        put_work_hours(c, x);
        break;
    case FN_WAS:
        put_was(c, r, x);
        break;
    case FN_CHANGED:
        put_changed(c, r, x);
        break;
    case FN_DATE:
        put_day(c, r, x->args[0]);
        break;
    case FN_EARLIEST:
        put_earliest(c, r, x);
        break;
    default:
        compile_fail(c, "the expression uses an unknown function");
    }
}

/* Midnight at which the day begins, or ends (the next one begins), as a moment. */
static void put_midnight(struct compile *c, const struct scope_row *r, const struct expr *day,
                         bool end)
{
    sql_add(c->sql, "kmidnight(");
    put_value(c, r, day);
    sql_add(c->sql, end ? ",1)" : ",0)");
}

/*
 * A moment lies before, on or after a day. Written so that the moment stands alone and the day may
 * be computed once: m < d: before its first midnight; m <= d: before its second.
 */
void put_time_test(struct compile *c, const struct scope_row *r, const struct expr *x)
{
    static const struct {
        enum expr_op op, swapped;
        const char *sign; /* NULL: compare days */
        bool end;
        const char *days;
    } TESTS[] = {{EXPR_LT, EXPR_GT, "<", false, NULL}, {EXPR_LE, EXPR_GE, "<", true, NULL},
                 {EXPR_GT, EXPR_LT, ">=", true, NULL}, {EXPR_GE, EXPR_LE, ">=", false, NULL},
                 {EXPR_EQ, EXPR_EQ, NULL, false, "="}, {EXPR_NE, EXPR_NE, NULL, false, " IS NOT "}};
    bool swapped = x->args[0]->type.kind == KIND_DATE;
    const struct expr *moment = x->args[swapped ? 1 : 0], *day = x->args[swapped ? 0 : 1];
    size_t i = 0;
    while (i + 1 < COUNT(TESTS) && (swapped ? TESTS[i].swapped : TESTS[i].op) != x->op) {
        i++;
    }
    if (TESTS[i].sign != NULL) {
        put_value(c, r, moment);
        sql_add(c->sql, TESTS[i].sign);
        put_midnight(c, r, day, TESTS[i].end);
        return;
    }
    put_day(c, r, moment);
    sql_add(c->sql, TESTS[i].days);
    put_value(c, r, day);
}
