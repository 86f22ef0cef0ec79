/*
 * How a file writes its numbers and dates. Each cell is asked as the file is taken in; a column is
 * then read one way from its first row on. "1.500" may be a thousand or a decimal: where a column
 * does not tell, the numbers of the others decide, then how the file is written otherwise. What
 * nothing decides is refused before anything is written, for no guess would show afterwards.
 */
#include <stddef.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "core/import.h"
#include "core/parts.h"

#define AROUND_SIZE 12 /* bytes beside a number: "EUR", "US$", blanks that do not break */

char import_decimal_said(const char *text)
{
    return strcmp(text, "comma") == 0 ? ',' : strcmp(text, "point") == 0 ? '.' : 0;
}

/* ---- what cells say -------------------------------------------------------------------------- */

/* Numbers and dates have digits and a sign between them, and at most a currency beside; most cells
 * are not worth a closer look. */
static bool may_tell(const char *text)
{
    size_t digits = 0, signs = 0, others = 0;
    for (const char *p = text; *p != 0; p++) {
        bool digit = *p >= '0' && *p <= '9';
        bool sign = strchr(".,/-'", *p) != NULL;
        digits += digit;
        signs += sign;
        others += !digit && !sign && *p != ' ';
    }
    return digits > 0 && signs > 0 && others <= AROUND_SIZE;
}

static void vote_unclear(struct ctx *c, struct import_unclear *u, const char *text, char sign,
                         uint64_t line)
{
    int64_t thousandths = 0;
    if (u->count++ == 0) {
        u->text = arena_strdup(c->arena, text);
        u->line = line;
    }
    number_parse(text, sign, 3, &thousandths);
    u->broken += thousandths % 1000 != 0;
}

void import_vote(struct ctx *c, struct import_votes *v, const struct table_cell *cell, uint64_t line)
{
    const char *text = cell->text;
    if (!may_tell(text)) {
        return;
    }
    if (cell->exact && number_unclear_sign(text) != 0) {
        v->point++;
        return;
    }
    char sign = number_decimal_sign(text), unclear = number_unclear_sign(text);
    v->point += sign == '.';
    v->comma += sign == ',';
    if (unclear != 0) {
        vote_unclear(c, &v->unclear[unclear == ','], text, unclear, line);
    }
    enum date_order order = number_date_order(text);
    v->ymd += order == DATE_ORDER_YMD;
    v->dmy += order == DATE_ORDER_DMY;
    v->mdy += order == DATE_ORDER_MDY;
    v->dotted += order == DATE_ORDER_DMY && strchr(text, '.') != NULL;
}

static enum date_order order_of(const struct import_votes *v)
{
    if (v->dmy > 0 && v->mdy == 0) {
        return DATE_ORDER_DMY;
    }
    if (v->mdy > 0 && v->dmy == 0) {
        return DATE_ORDER_MDY;
    }
    return v->ymd > 0 ? DATE_ORDER_YMD : DATE_ORDER_DMY;
}

/* The sign that has votes when the other one has none. */
static char only_sign(size_t point, size_t comma)
{
    return point > 0 && comma == 0 ? '.' : comma > 0 && point == 0 ? ',' : 0;
}

void import_take_votes(struct ctx *c, struct import_file *f)
{
    f->decimals = arena_alloc(c->arena, f->header_count + 1);
    f->orders = arena_alloc(c->arena, f->header_count + 1);
    for (size_t i = 0; i < f->header_count; i++) {
        const struct import_votes *v = &f->votes[i];
        f->decimals[i] = only_sign(v->point, v->comma);
        f->orders[i] = (unsigned char)order_of(v);
    }
}

/* ---- what they decide together --------------------------------------------------------------- */

static bool is_number(const struct import_column *column)
{
    enum expr_kind kind = column->field != NULL ? column->field->type->expr_kind : KIND_TEXT;
    return kind == KIND_NUMBER || kind == KIND_MONEY;
}

/* The column as the record knows it that it belongs to: the main one, or another of the row. */
static struct import_column *column_at(const struct import_plan *plan, size_t i)
{
    for (size_t k = 0; k < plan->part_count; k++) {
        if (plan->parts[k].columns[i].field != NULL) {
            return &plan->parts[k].columns[i];
        }
    }
    return &plan->columns[i];
}

static bool is_date(const struct import_plan *plan, size_t i)
{
    const struct field *f = column_at(plan, i)->field;
    enum expr_kind kind = f != NULL ? f->type->expr_kind : KIND_TEXT;
    return kind == KIND_DATE || kind == KIND_INSTANT || plan->at == (int)i;
}

/* Among whole numbers "1.200" can only be a thousand. */
static char sign_of_whole(const struct field *f, const struct import_votes *v)
{
    bool whole = f->type->expr_kind == KIND_NUMBER && f->places == 0;
    return whole && v->point + v->comma == 0
               ? only_sign(v->unclear[1].broken, v->unclear[0].broken)
               : 0;
}

struct evidence {
    size_t point, comma;  /* columns of numbers */
    size_t dotted, mdy;   /* columns of dates: 21.11.2026, 11/21/2026 */
    size_t dates;
};

static struct evidence evidence_of(const struct import_file *f, const struct import_plan *plan)
{
    struct evidence e = {0};
    for (size_t i = 0; i < plan->column_count; i++) {
        const struct import_votes *v = &f->votes[i];
        const struct import_column *column = column_at(plan, i);
        if (is_number(column)) {
            e.point += column->decimal == '.' || (column->decimal == 0 && v->point > 0);
            e.comma += column->decimal == ',' || (column->decimal == 0 && v->comma > 0);
        }
        if (is_date(plan, i)) {
            e.dates += v->ymd + v->dmy + v->mdy > 0;
            e.dotted += v->dotted > 0 && v->dotted == v->ymd + v->dmy + v->mdy;
            e.mdy += v->mdy > 0 && v->dmy + v->ymd == 0;
        }
    }
    return e;
}

static bool has_header(const struct import_file *f, const char *name)
{
    for (size_t i = 0; i < f->header_count; i++) {
        if (strcmp(f->header[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* What the file is like, when no number of it tells: spreadsheets that part columns by ";" and write
 * 21.11.2026 have the comma, those that part by "," and write 11/21/2026 the point; exports of ours
 * have the point. */
static char sign_of_rest(const struct import_file *f, const struct evidence *e)
{
    if (has_header(f, "id") && has_header(f, "created_at")) {
        return '.';
    }
    if (e->dates > 0 && e->dotted == e->dates && f->format.delimiter == ';') {
        return ',';
    }
    return e->dates > 0 && e->mdy == e->dates && f->format.delimiter == ',' ? '.' : 0;
}

/* "1500" and "1.5". */
static const char *as_read(struct ctx *c, const char *text, char sign)
{
    struct buf out = {0};
    int64_t value = 0;
    number_parse(text, sign, 3, &value);
    print_scaled(&out, value, 3);
    while (out.size > 1 && out.data[out.size - 1] == '0') {
        out.data[--out.size] = 0;
    }
    if (out.size > 1 && out.data[out.size - 1] == '.') {
        out.data[--out.size] = 0;
    }
    const char *plain = arena_strndup(c->arena, out.data, out.size);
    buf_done(&out);
    return plain;
}

/* The text of a column that does not tell which sign it has: the first of them. */
static const struct import_unclear *unclear_of(const struct import_votes *v)
{
    bool comma = v->unclear[0].count == 0 ||
                 (v->unclear[1].count > 0 && v->unclear[1].line < v->unclear[0].line);
    return &v->unclear[comma];
}

static void refuse(struct ctx *c, const struct import_file *f, const char *name,
                   const struct import_column *column, const struct import_votes *v)
{
    const struct import_unclear *u = unclear_of(v);
    err_add(&c->err, c->arena, ERR_INVALID,
            import_where(c, f, name, u->line),
            "“%s” in the column “%s” is %s with a decimal comma, %s with a decimal point, and the "
            "file does not tell which it has. Say --decimal comma or --decimal point, or write "
            "“decimal: comma” into a mapping. Nothing was imported.",
            u->text, column->header, as_read(c, u->text, ','), as_read(c, u->text, '.'));
}

/* How the numbers and dates of all columns are written, for people. */
static void sum_up(struct import_file *f, const struct import_plan *plan)
{
    bool orders_differ = false;
    struct evidence e = evidence_of(f, plan);
    for (size_t i = 0; i < plan->column_count; i++) {
        enum date_order order = column_at(plan, i)->order;
        if (is_date(plan, i) && order != DATE_ORDER_NONE) {
            orders_differ = orders_differ || (f->order != 0 && f->order != order);
            f->order = order;
        }
    }
    f->order = orders_differ ? DATE_ORDER_NONE : f->order;
    f->decimal = e.point > 0 && e.comma > 0 ? IMPORT_DECIMALS_DIFFER : only_sign(e.point, e.comma);
}

/* Gives every column of numbers its sign; those that nothing decides about are marked in `open`. */
static void decide(const struct import_file *f, const struct import_plan *plan, bool *open)
{
    for (size_t i = 0; i < plan->column_count; i++) {
        struct import_column *column = column_at(plan, i);
        if (is_number(column) && column->decimal == 0) {
            column->decimal = sign_of_whole(column->field, &f->votes[i]);
        }
    }
    struct evidence e = evidence_of(f, plan);
    char sign = e.point + e.comma > 0 ? only_sign(e.point, e.comma) : sign_of_rest(f, &e);
    for (size_t i = 0; i < plan->column_count; i++) {
        struct import_column *column = column_at(plan, i);
        const struct import_votes *v = &f->votes[i];
        bool unclear = v->unclear[0].count + v->unclear[1].count > 0;
        if (is_number(column) && column->decimal == 0 && unclear) {
            column->decimal = sign;
            open[i] = sign == 0;
        }
    }
}

int import_decide(struct ctx *c, const char *name, struct import_file *f, struct import_plan *plan)
{
    bool *open = ARENA_ARRAY(c->arena, bool, plan->column_count + 1);
    decide(f, plan, open);
    for (size_t i = 0; i < plan->column_count; i++) {
        const struct import_column *column = column_at(plan, i);
        if (open[i]) {
            refuse(c, f, name, column, &f->votes[i]);
        }
        f->decimals[i] = column->decimal;
        f->left[i] = plan->columns[i].left;
    }
    sum_up(f, plan);
    return c->err.code == ERR_NONE ? 0 : -1;
}

/* The plan of a draft, as far as there can be one; false: what is said of it does not go together
 * yet, and its run will tell. */
static bool plan_draft(struct ctx *c, const struct import_request *asked,
                       const struct import_file *f, struct import_plan *out)
{
    struct import_request q = *asked;
    struct import_suggestion s;
    bool good = true;
    if (q.map_yaml == NULL) {
        good = import_suggest(c, q.entity, f, NULL, &s) == 0;
        q.map_yaml = good ? s.map : NULL;
    }
    good = good && import_plan_make(c, &q, f, out) == 0;
    err_clear(&c->err);
    return good;
}

void import_print_unclear(struct ctx *c, const struct import_request *q,
                          const struct import_file *f, struct json_writer *w)
{
    struct import_plan plan = {0};
    bool *open = ARENA_ARRAY(c->arena, bool, f->header_count + 1);
    if (plan_draft(c, q, f, &plan)) {
        decide(f, &plan, open);
    }
    jw_key(w, "unclear");
    jw_array(w);
    for (size_t i = 0; i < f->header_count; i++) {
        const struct import_unclear *u = unclear_of(&f->votes[i]);
        if (open[i]) {
            jw_object(w);
            jw_kv_text(w, "column", f->header[i]);
            jw_kv_text(w, "text", u->text);
            jw_kv_text(w, "comma", as_read(c, u->text, ','));
            jw_kv_text(w, "point", as_read(c, u->text, '.'));
            jw_object_end(w);
        }
    }
    jw_array_end(w);
}

/* ---- kept with the draft --------------------------------------------------------------------- */

static const struct {
    const char *key;
    size_t at;
} COUNTS[] = {
#define COUNTED(key, member) {key, offsetof(struct import_votes, member)}
    COUNTED("point", point),          COUNTED("comma", comma),
    COUNTED("ymd", ymd),              COUNTED("dmy", dmy),
    COUNTED("mdy", mdy),              COUNTED("dotted", dotted),
    COUNTED("count", unclear[0].count), COUNTED("broken", unclear[0].broken),
    COUNTED("count_comma", unclear[1].count), COUNTED("broken_comma", unclear[1].broken),
#undef COUNTED
};

static const char *const UNCLEAR[][2] = {{"text", "line"}, {"text_comma", "line_comma"}};

void import_votes_print(const struct import_votes *v, struct json_writer *w)
{
    jw_object(w);
    for (size_t i = 0; i < COUNT(COUNTS); i++) {
        size_t n = *(const size_t *)(const void *)((const char *)v + COUNTS[i].at);
        if (n > 0) {
            jw_kv_int(w, COUNTS[i].key, (int64_t)n);
        }
    }
    for (size_t i = 0; i < COUNT(UNCLEAR); i++) {
        if (v->unclear[i].count > 0) {
            jw_kv_text(w, UNCLEAR[i][0], v->unclear[i].text);
            jw_kv_int(w, UNCLEAR[i][1], (int64_t)v->unclear[i].line);
        }
    }
    jw_object_end(w);
}

static size_t count_in(const struct json *j, const char *key)
{
    int64_t n = 0;
    const struct json *m = json_find(j, key);
    return m != NULL && json_int(m, &n) == 0 && n > 0 ? (size_t)n : 0;
}

void import_votes_parse(const struct json *j, struct import_votes *out)
{
    *out = (struct import_votes){0};
    for (size_t i = 0; j != NULL && i < COUNT(COUNTS); i++) {
        *(size_t *)(void *)((char *)out + COUNTS[i].at) = count_in(j, COUNTS[i].key);
    }
    for (size_t i = 0; j != NULL && i < COUNT(UNCLEAR); i++) {
        const char *text = json_text(j, UNCLEAR[i][0]);
        out->unclear[i].text = text != NULL ? text : "";
        out->unclear[i].line = count_in(j, UNCLEAR[i][1]);
    }
}

/* ---- for people ------------------------------------------------------------------------------ */

static const char *const ORDERS[] = {
    [DATE_ORDER_YMD] = "YMD", [DATE_ORDER_DMY] = "DMY", [DATE_ORDER_MDY] = "MDY"};

void import_file_print_found(const struct import_file *f, struct json_writer *w)
{
    char delimiter[2] = {f->format.delimiter, 0}, decimal[2] = {f->decimal, 0};
    bool differ = f->decimal == IMPORT_DECIMALS_DIFFER;
    jw_object(w);
    jw_kv_text(w, "format", table_format_name(f->kind));
    jw_kv_text(w, "sheet", f->sheet);
    import_file_print_sheets(f, w);
    import_file_print_notes(f, w);
    jw_kv_text(w, "encoding", f->encoding);
    jw_kv_text(w, "delimiter", delimiter);
    jw_kv_text(w, "decimal", differ ? "mixed" : f->decimal != 0 ? decimal : NULL);
    bool dates = f->order != DATE_ORDER_NONE && f->kind != TABLE_CALENDAR; /* it has but one way */
    jw_kv_text(w, "dates", dates ? ORDERS[f->order] : NULL);
    jw_key(w, "left");
    jw_array(w);
    for (size_t i = 0; i < f->header_count; i++) {
        if (f->left[i]) {
            jw_text(w, f->header[i]);
        }
    }
    jw_array_end(w);
    jw_object_end(w);
}
