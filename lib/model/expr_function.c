/*
 * The tables of the expression language: functions, units, reserved words; and the reference made
 * from them and from FIELD_TYPES, which conf/README.md holds.
 */
#include <string.h>

#include "base/attr.h"
#include "base/str.h"
#include "model/field_type.h"
#include "model/syntax.h"

const struct expr_function_row EXPR_FUNCTIONS[] = {
    {"today", FN_TODAY, 0, 0, false, false, "today()", "the current day in the company's time zone",
     "close_date < today()"},
    {"now", FN_NOW, 0, 0, false, false, "now()", "the current moment", "due < now()"},
    {"start_of", FN_START_OF, 1, 2, false, false, "start_of(unit[, d])",
     "the first day of the day, week, month, quarter or year of d (today); weeks begin on Monday",
     "close_date >= start_of(quarter)"},
    {"date", FN_DATE, 1, 1, false, false, "date(d)", "a day out of a text or a moment",
     "date(won_at) = date(\"2026-11-21\")"},
    {"earliest", FN_EARLIEST, 2, 9, false, false, "earliest(d, …)",
     "the first of several days, or of several moments; those that are empty do not count",
     "earliest(close_date, date(won_at)) < today()"},
    {"me", FN_ME, -1, -1, false, false, "me", "the user who asks", "owner = me"},
    {"my_team", FN_MY_TEAM, -1, -1, false, false, "my_team", "the team of the user who asks",
     "team = my_team"},
    {"found", FN_FOUND, 1, 1, false, false, "found(\"text\")",
     "what the search finds, or by the title of a record it links to; for lists, not in rules",
     "found(\"jonas.sch\")"},
    {"within", FN_WITHIN, 2, 2, false, false, "within(link, id)",
     "the linked record is the one with this id or stands below it in its tree; of a choice, the "
     "option or one below it: `within(lost_reason, \"competitor\")`",
     "within(company, 12)"},
    {"next_of", FN_NEXT_OF, 1, 1, false, false, "next_of(link)",
     "of the open activities with the same link and owner, those that were due up to today and the one "
     "that comes next; also those without the link",
     "next_of(series)"},
    {"working", FN_WORKING, 0, 0, false, false, "working()",
     "it is a working hour of the firm now, see calendar.yaml", "working()"},
    {"work_hours", FN_WORK_HOURS, 1, 1, false, false, "work_hours(n)",
     "the moment when n working hours will have passed from now", "due < work_hours(4)"},
    {"was", FN_WAS, 1, 1, false, true, "was(field)",
     "in rules: the value before this change; empty in a new record", "was(stage) = \"proposal\""},
    {"changed", FN_CHANGED, 1, 1, false, true, "changed(field)",
     "in rules: whether this change has altered the field, or filled it in a new record",
     "changed(owner) and owner is not empty"},
    {"sum", FN_SUM, 1, 1, true, false, "sum(list.field [where …])",
     "the sum over the records that link here; 0 if there are none",
     "sum(deals.amount where stage.kind = \"open\") > 0"},
    {"count", FN_COUNT, 1, 1, true, false, "count(list [where …])", "how many records link here",
     "count(deals where open) > 2"},
    {"min", FN_MIN, 1, 1, true, false, "min(list.field [where …])", "the smallest value",
     "min(deals.close_date where open) < today()"},
    {"max", FN_MAX, 1, 1, true, false, "max(list.field [where …])", "the largest value",
     "max(activities.done_at) < now() - 90 days"},
    {"avg", FN_AVG, 1, 1, true, false, "avg(list.field [where …])",
     "the average, with the places of the field", "avg(deals.amount) > 5000"},
    {0},
};

const char *const EXPR_WORDS[] = {"and",   "or",   "not",   "in",    "contains", "starts",  "is",
                                  "empty", "true", "false", "where", "me",       "my_team", NULL};

static const char *const UNITS[] = {
    [UNIT_MINUTE] = "minute", [UNIT_HOUR] = "hour",       [UNIT_DAY] = "day",  [UNIT_WEEK] = "week",
    [UNIT_MONTH] = "month",   [UNIT_QUARTER] = "quarter", [UNIT_YEAR] = "year"};

const char *unit_name(enum unit unit)
{
    return unit == UNIT_NONE ? "" : UNITS[unit];
}

enum unit unit_find(const char *word)
{
    for (size_t i = 1; i < COUNT(UNITS); i++) {
        size_t n = strlen(UNITS[i]);
        if (strncmp(word, UNITS[i], n) == 0 &&
            (word[n] == '\0' || (word[n] == 's' && word[n + 1] == '\0'))) {
            return (enum unit)i;
        }
    }
    return UNIT_NONE;
}

static const struct {
    const char *form, *doc;
} OPERATORS[] = {
    {"a and b, a or b, not a", "combine conditions; brackets decide the order"},
    {"= != < <= > >=", "compare; `=` wants the same letters, case included"},
    {"x in (a, b)", "x is one of the values; also `not in`"},
    {"x contains \"text\"", "part of a text, in any case; or an entry of a list"},
    {"x starts with \"text\"", "beginning of a text, in any case"},
    {"x is empty, x is not empty", "whether there is a value"},
    {"+ - * /", "exact numbers; dates and moments plus or minus a duration"},
    {"14 days, 2 weeks, 11 months", "durations: minutes hours days weeks months quarters years"},
    {"company.city", "a field of the linked record; `company = \"Acme\"` compares its title"},
    {"stage.kind, stage.label, stage.percent, stage.forecast", "what the pipeline says about the stage"},
    {"amount.currency, amount.own", "the currency as written, and the minor units in it"},
};

void expr_write_reference(struct buf *out)
{
    buf_puts(out, "# What configuration files can say\n\n");
    buf_puts(out, "Made from the program's tables; `test/unit/test_reference.c` compares.\n\n");
    buf_puts(out, "## Field types\n\n| Type | Meaning | Example value |\n|---|---|---|\n");
    for (const struct field_type *t = FIELD_TYPES; t->name != NULL; t++) {
        if (t->declarable) {
            buf_printf(out, "| `%s` | %s | `%s` |\n", t->name, t->doc, t->example);
        }
    }
    buf_puts(out, "| `computed` | the type of its expression under `compute` | |\n");
    buf_puts(out, "\n## Expressions\n\n");
    buf_puts(out, "Texts stand in double quotes, dates are texts like `\"2026-11-21\"`.\n\n");
    buf_puts(out, "| Form | Meaning |\n|---|---|\n");
    for (size_t i = 0; i < COUNT(OPERATORS); i++) {
        buf_printf(out, "| `%s` | %s |\n", OPERATORS[i].form, OPERATORS[i].doc);
    }
    buf_puts(out, "\n## Functions\n\n| Function | Meaning | Example |\n|---|---|---|\n");
    for (const struct expr_function_row *f = EXPR_FUNCTIONS; f->name != NULL; f++) {
        buf_printf(out, "| `%s` | %s | `%s` |\n", f->form, f->doc, f->example);
    }
}
