/*
 * Cells as people write them become the texts the types of fields read: "1.234,56 €" is 1234.56 EUR,
 * "21.11.26" a date, "ja" true.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "core/import.h"
#include "core/parts.h"

#define MILLION 1000000 /* 10 ^ NUMBER_PLACES_MAX */

/* A "1.500" of which nobody knows what it means is no number; among whole numbers "1.200" can only
 * be a thousand. */
static int read_number(const struct import_column *column, const char *text, int64_t *out)
{
    char sign = column->decimal, unclear = sign == 0 ? number_unclear_sign(text) : 0;
    if (unclear != 0) {
        bool whole = column->field->type->expr_kind == KIND_NUMBER && column->field->places == 0;
        if (!whole || number_parse(text, unclear, NUMBER_PLACES_MAX, out) != 0 ||
            *out % MILLION == 0) {
            return -1;
        }
        sign = unclear == '.' ? ',' : '.';
    }
    return number_parse(text, sign, NUMBER_PLACES_MAX, out);
}

/* What stands beside the number belongs there: a currency there is, for money no percent sign. */
static bool fits(const struct import_column *column, const char *text, const char *code)
{
    return (code[0] == 0 || currency_places(code) >= 0) &&
           !(column->field->type->kind == TYPE_MONEY && strchr(text, '%') != NULL);
}

const char *import_cell_amount(struct ctx *c, const struct import_column *column, const char *text,
                               const char *base)
{
    int64_t value;
    char code[NUMBER_CURRENCY_SIZE];
    if (read_number(column, text, &value) != 0 || number_currency(text, base, code) != 0 ||
        !fits(column, text, code)) {
        return text;
    }
    struct buf out = {0};
    print_scaled(&out, value, NUMBER_PLACES_MAX);
    while (out.size > 1 && out.data[out.size - 1] == '0') {
        out.data[--out.size] = 0;
    }
    if (out.size > 1 && out.data[out.size - 1] == '.') {
        out.data[--out.size] = 0;
    }
    if (column->field->type->kind == TYPE_MONEY && code[0] != 0) {
        buf_printf(&out, " %s", code);
    }
    const char *plain = arena_strndup(c->arena, out.data, out.size);
    buf_done(&out);
    return plain;
}

/* "1:30" and "01:30:00", hours and minutes as other programs write how long it takes, in minutes. */
static bool read_minutes(const struct ctx *c, const struct import_column *column, const char *text,
                         int *minutes)
{
    const struct entity *work = c->model->work;
    int hours, rest, seconds = 0, end = 0;
    if (work == NULL || column->field != entity_field_find(work, "duration") ||
        sscanf(text, "%4d:%2d%n:%2d%n", &hours, &rest, &end, &seconds, &end) < 2 ||
        text[end] != 0 || text[strspn(text, "0123456789:")] != 0 || rest > 59 || seconds > 59) {
        return false;
    }
    *minutes = hours * 60 + rest;
    return true;
}

static const char *plain_number(struct ctx *c, const struct import_column *column, const char *text)
{
    int minutes;
    if (read_minutes(c, column, text, &minutes)) {
        return arena_printf(c->arena, "%d", minutes);
    }
    return import_cell_amount(c, column, text, c->model->company.currency);
}

#define DAY_MS         86400000LL
#define EXCEL_EPOCH    25569 /* 1970-01-01 as Excel counts days */
#define EXCEL_DAY_MIN  18264 /* 1950 to 2079: what a cell of dates may hold that lost its format */
#define EXCEL_DAY_MAX  65745

/* "45631.0", the number of a day as Excel counts them; false: it is none. */
static bool excel_day(const char *text, char out[NUMBER_DATE_SIZE])
{
    size_t digits = strspn(text, "0123456789"), rest = 0;
    if (digits != 5) {
        return false;
    }
    rest = text[digits] == '.' ? 1 + strspn(text + digits + 1, "0") : 0;
    int64_t day = 0;
    for (size_t i = 0; i < digits; i++) {
        day = day * 10 + (text[i] - '0');
    }
    if (text[digits + rest] != 0 || day < EXCEL_DAY_MIN || day > EXCEL_DAY_MAX) {
        return false;
    }
    char instant[CLOCK_INSTANT_SIZE];
    clock_print_instant((day - EXCEL_EPOCH) * DAY_MS, instant);
    snprintf(out, NUMBER_DATE_SIZE, "%.10s", instant);
    return true;
}

/* Outlook writes no date as 0/0/00. */
static bool is_no_date(const char *text)
{
    return text[0] != 0 && text[strspn(text, "0/.-")] == 0 && strpbrk(text, "/.-") != NULL;
}

static const char *plain_date(struct ctx *c, const struct import_column *column, const char *text)
{
    char date[NUMBER_DATE_SIZE];
    if (is_no_date(text)) {
        return "";
    }
    if (excel_day(text, date)) {
        return arena_strdup(c->arena, date);
    }
    return number_parse_date(text, column->order, date) == 0 ? arena_strdup(c->arena, date) : text;
}

static const char *plain_instant(struct ctx *c, const struct import_column *column,
                                 const char *text)
{
    char instant[NUMBER_INSTANT_SIZE], date[NUMBER_DATE_SIZE];
    if (is_no_date(text)) {
        return "";
    }
    bool day = column->field->type->local && number_parse_date(text, column->order, date) == 0;
    if (day || excel_day(text, date)) {
        return arena_strdup(c->arena, date);
    }
    return strchr(text, 'T') == NULL && number_parse_instant(text, column->order, instant) == 0
               ? arena_strdup(c->arena, instant)
               : text;
}

static const char *plain_bool(struct ctx *c, const struct import_column *column, const char *text)
{
    bool value;
    (void)c;
    (void)column;
    return number_parse_bool(text, &value) == 0 ? (value ? "true" : "false") : text;
}

bool import_cell_done(struct ctx *c, const struct import_column *column, const char *text,
                      bool *done)
{
    static const char *const WORDS[2][10] = {
        {"todo", "open", "planned", "notstarted", "inprogress", "notheld", "offen", "geplant",
         "nichtbegonnen", "inbearbeitung"},
        {"done", "completed", "closed", "held", "finished", "erledigt", "abgeschlossen", "fertig"}};
    const struct entity *work = c->model->work;
    if (work == NULL || column->field != work->story.done) {
        return false;
    }
    if (number_parse_bool(text, done) == 0) {
        return true;
    }
    const char *key = str_fold_tight(c->arena, text);
    for (size_t i = 0; i < COUNT(WORDS) * COUNT(WORDS[0]); i++) {
        *done = i >= COUNT(WORDS[0]);
        const char *word = WORDS[*done][i % COUNT(WORDS[0])];
        if (word != NULL && strcmp(word, key) == 0) {
            return true;
        }
    }
    return false;
}

static bool same_key(struct ctx *c, const char *a, const char *b)
{
    return strcmp(str_fold_tight(c->arena, a), str_fold_tight(c->arena, b)) == 0;
}

static const char *plain_option(struct ctx *c, const struct import_column *column, const char *text)
{
    struct option option;
    for (size_t i = 0; field_option(c->model, column->field, i, &option); i++) {
        if (same_key(c, option.id, text) || same_key(c, option.label, text)) {
            return option.id;
        }
    }
    return text;
}

typedef const char *plain_function(struct ctx *c, const struct import_column *column,
                                   const char *text);

static plain_function *const PLAIN[] = {
    [KIND_NUMBER] = plain_number,   [KIND_MONEY] = plain_number, [KIND_DATE] = plain_date,
    [KIND_INSTANT] = plain_instant, [KIND_BOOL] = plain_bool,    [KIND_CHOICE] = plain_option,
};

const struct json *import_cell_json(struct ctx *c, const struct field *f, const char *text)
{
    const struct json *json = NULL;
    struct err none = {0};
    if ((text[0] != '[' && text[0] != '{') || field_is_words(f) ||
        json_parse(c->arena, text, strlen(text), &json, &none) != 0) {
        return NULL;
    }
    return json;
}

int import_cell_parse(struct ctx *c, const struct import_column *column, const char *text,
                      struct parsed *out, struct err *e)
{
    const struct field *f = column->field;
    const struct parse_context pc = {
        .arena = c->arena, .model = c->model, .at_ms = ctx_rates_ms(c), .by_labels = true};
    const struct json *json = import_cell_json(c, f, text);
    return json != NULL ? f->type->parse_json(&pc, f, json, out, e)
                        : f->type->parse_text(&pc, f, text, out, e);
}

/* ---- links as JSON --------------------------------------------------------------------------- */

/* {"id", "title"} as an export writes it, or {"email": …}: the text to look for. */
static const char *link_text(struct ctx *c, const struct json *link, struct import_column *column)
{
    const struct json *id = json_find(link, "id");
    const char *title = json_text(link, "title");
    if (json_true(link, "hidden")) {
        return "";
    }
    if (id != NULL) {
        column->id = 0;
        json_int(id, &column->id);
        return title != NULL ? title : arena_printf(c->arena, "%lld", (long long)column->id);
    }
    const struct json *by = link->child;
    if (by == NULL || link->count != 1 || by->type != JSON_STRING) {
        return NULL;
    }
    column->by = strcmp(by->key, "title") == 0 ? NULL : by->key;
    return by->text;
}

const char *import_cell_link(struct ctx *c, struct import_column *column, const char *text)
{
    const struct json *json = import_cell_json(c, column->field, text);
    const char *found = json != NULL && json->type == JSON_OBJECT ? link_text(c, json, column)
                                                                  : NULL;
    return found != NULL ? found : text;
}

const char *import_cell_records(struct ctx *c, const struct field *f, const char *text)
{
    const struct json *json = import_cell_json(c, f, text);
    struct buf out = {0};
    if (json == NULL || json->type != JSON_ARRAY) {
        return text;
    }
    for (const struct json *m = json->child; m != NULL; m = m->next) {
        const char *kind = json_text(m, "entity"), *title = json_text(m, "title");
        const struct entity *e = kind != NULL ? model_entity_find(c->model, kind) : NULL;
        const struct json *id = m->type == JSON_OBJECT ? json_find(m, "id") : m;
        if (e != NULL && title != NULL) {
            records_cell_add(&out, &(struct title_row){.entity = e, .title = title});
        } else if (id != NULL && id->type == JSON_NUMBER) {
            buf_printf(&out, "%s%s", out.size > 0 ? "; " : "", id->text);
        }
    }
    const char *cell = arena_strdup(c->arena, buf_text(&out));
    buf_done(&out);
    return cell;
}

const char *import_cell_plain(struct ctx *c, const struct import_column *column, const char *text)
{
    enum expr_kind kind = column->field->type->expr_kind;
    if (import_cell_json(c, column->field, text) != NULL) {
        return text;
    }
    return kind < COUNT(PLAIN) && PLAIN[kind] != NULL ? PLAIN[kind](c, column, text) : text;
}
