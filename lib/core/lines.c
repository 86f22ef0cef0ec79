/*
 * Lines of a deal (or of whatever says so, load_lines.c): what each comes to follows from quantity,
 * price, discount and tax, each rounded for itself, half away from zero; what all come to is the amount
 * of the record they belong to. Name and price come from the product unless somebody says otherwise.
 *
 * The amount is written whenever a line was: in the same change-set, so undo takes back both. When the
 * last line goes, the amount stays as it is, and is free again.
 */
#include <string.h>

#include "base/str.h"
#include "core/build.h"
#include "core/parts.h"

#define SCALED_MAX INT64_C(9007199254740991)

/* a * b / divisor, half away from zero; false: too large. */
static bool multiply(int64_t a, int64_t b, int64_t divisor, int64_t *out)
{
    __extension__ __int128 whole = a;
    whole *= b;
    whole += whole < 0 ? -(divisor / 2) : divisor / 2;
    whole /= divisor;
    if (whole > SCALED_MAX || whole < -SCALED_MAX) {
        return false;
    }
    *out = (int64_t)whole;
    return true;
}

static int64_t power_of_ten(int n)
{
    int64_t p = 1;
    while (n-- > 0) {
        p *= 10;
    }
    return p;
}

static int64_t number_of(const struct record *r, const struct field *f, int64_t missing)
{
    struct value v = f != NULL ? record_value(r, f) : value_null();
    return v.kind == VALUE_INT ? v.i : missing;
}

static int too_large(struct ctx *c, const struct field *f)
{
    return err_add(&c->err, c->arena, ERR_INVALID,
                   arena_printf(c->arena, "%s.%s", f->entity->name, f->name),
                   "%s: the amount is too large.", f->label);
}

static int set_amount(struct ctx *c, struct record *r, const struct field *f, int64_t minor,
                      const char *currency)
{
    int64_t base = 0;
    if (money_to_base(c->model, minor, currency, ctx_rates_ms(c), &base) != 0) {
        return too_large(c, f);
    }
    const struct value values[FIELD_MAX_COLUMNS] = {value_int(minor), value_text(currency),
                                                    value_int(base)};
    record_set(r, f, values);
    return 0;
}

static void set_empty(struct record *r, const struct field *f)
{
    const struct value none[FIELD_MAX_COLUMNS] = {value_null(), value_null(), value_null()};
    if (f != NULL) {
        record_set(r, f, none);
    }
}

/* ---- one line -------------------------------------------------------------------------------- */

/* The product's name and price, where nobody said another one. */
static int take_product(struct ctx *c, const struct record *before, struct record *r,
                        const bool *given)
{
    const struct lines *s = &r->entity->lines;
    struct value id = s->product != NULL ? record_value(r, s->product) : value_null();
    bool same = before != NULL && value_equal(record_value(before, s->product), id);
    struct record *product = NULL;
    if (id.kind != VALUE_INT || same) {
        return 0;
    }
    if (rows_load(c->db, s->product->to, id.i, c->arena, &product, &c->err) != 0) {
        return -1;
    }
    if (s->name != NULL && !given[s->name->index]) {
        struct value name = value_text(product->title);
        record_set(r, s->name, &name);
    }
    if (s->product_price != NULL && !given[s->price->index] &&
        !value_is_empty(record_value(product, s->product_price))) {
        record_set(r, s->price, record_values(product, s->product_price));
    }
    return 0;
}

static int set_totals(struct ctx *c, struct record *r)
{
    const struct lines *s = &r->entity->lines;
    const struct value *price = record_values(r, s->price);
    if (price[0].kind != VALUE_INT || price[1].kind != VALUE_TEXT ||
        record_value(r, s->quantity).kind != VALUE_INT) {
        set_empty(r, s->total);
        set_empty(r, s->tax_amount);
        return 0;
    }
    const char *currency = price[1].s;
    int64_t all = s->discount != NULL ? 100 * power_of_ten(s->discount->places) : 1, net = 0;
    int64_t left = all - number_of(r, s->discount, 0);
    int64_t divisor = power_of_ten(s->quantity->places) * all;
    int64_t share = 0;
    if (__builtin_mul_overflow(number_of(r, s->quantity, 0), left, &share) ||
        !multiply(price[0].i, share, divisor, &net)) {
        return too_large(c, s->total);
    }
    if (set_amount(c, r, s->total, net, currency) != 0 || s->tax_amount == NULL) {
        return c->err.code == ERR_NONE ? 0 : -1;
    }
    int64_t tax = 0;
    if (s->tax == NULL || record_value(r, s->tax).kind != VALUE_INT) {
        set_empty(r, s->tax_amount);
        return 0;
    }
    if (!multiply(net, number_of(r, s->tax, 0), 100 * power_of_ten(s->tax->places), &tax)) {
        return too_large(c, s->tax_amount);
    }
    return set_amount(c, r, s->tax_amount, tax, currency);
}

int lines_keep(struct ctx *c, const struct record *before, struct record *r, const bool *given)
{
    if (r->entity->lines.of == NULL) {
        return 0;
    }
    return take_product(c, before, r, given) != 0 || set_totals(c, r) != 0 ? -1 : 0;
}

/* ---- what they come to ----------------------------------------------------------------------- */

struct adding {
    struct ctx *c;
    const char *currency; /* NULL: none yet */
    const char *other;    /* a second one */
    int64_t minor;
    size_t count;
    bool overflow;
};

static int add_line(void *data, const struct list_row *row)
{
    struct adding *a = data;
    a->count++;
    if (row->values[0].kind != VALUE_INT || row->values[1].kind != VALUE_TEXT) {
        return 0;
    }
    const char *currency = row->values[1].s;
    if (a->currency == NULL) {
        a->currency = arena_strdup(a->c->arena, currency);
    } else if (!str_eq(a->currency, currency)) {
        a->other = arena_strdup(a->c->arena, currency);
    }
    a->overflow = a->overflow || __builtin_add_overflow(a->minor, row->values[0].i, &a->minor) ||
                  a->minor > SCALED_MAX || a->minor < -SCALED_MAX;
    return 0;
}

static int add_lines(struct ctx *c, const struct entity *e, int64_t whole, struct adding *out)
{
    const struct lines *s = &e->lines;
    const struct field *total = s->total;
    struct who who = ctx_who(c);
    who.role = NULL;
    struct list_spec spec = {
        .entity = e,
        .action = ACTION_SEE,
        .filter = build_compare(c->arena, s->of, EXPR_EQ, value_int(whole)),
        .fields = &total,
        .field_count = 1};
    *out = (struct adding){.c = c};
    return query_list(c->db, &who, &spec, c->arena, add_line, out, NULL, &c->err);
}

static int refuse_currencies(struct ctx *c, const struct entity *e, const struct adding *sum)
{
    const struct lines *s = &e->lines;
    return err_add(&c->err, c->arena, ERR_INVALID,
                   arena_printf(c->arena, "%s.%s", e->name, s->price->name),
                   "All %s of a %s are in one currency; here are %s and %s.", e->label_plural,
                   s->of->to->name, sum->currency, sum->other);
}

/* An undo has put the amount back already to what it was before the lines it takes back. */
static int is_put_back(struct ctx *c, const struct field *sum, const struct record *whole, bool *is)
{
    const struct value *now = record_values(whole, sum);
    *is = c->undo_of != 0;
    for (size_t i = 0; *is && i < sum->column_count; i++) {
        struct value then;
        if (change_value_at(c->db, &sum->columns[i], whole->id, c->undo_of - 1, c->arena, &then,
                            &c->err) != 0) {
            return -1;
        }
        *is = value_equal(then, now[i]);
    }
    return 0;
}

/* The record's amount is what its lines come to; of none it stays. */
static int settle_whole(struct ctx *c, const struct entity *e, int64_t id)
{
    const struct lines *s = &e->lines;
    struct adding sum;
    struct record *before = NULL;
    bool changed = false, back = false;
    if (c->undo_of == 0 && record_permit(c, ACTION_EDIT, s->of->to, id, true) != 0) {
        return -1;
    }
    if (add_lines(c, e, id, &sum) != 0 ||
        rows_load(c->db, s->of->to, id, c->arena, &before, &c->err) != 0 ||
        is_put_back(c, s->sum, before, &back) != 0) {
        return -1;
    }
    if (back) {
        return 0;
    }
    if (sum.other != NULL) {
        return refuse_currencies(c, e, &sum);
    }
    if (sum.overflow) {
        return too_large(c, s->total);
    }
    if (sum.currency == NULL) {
        return 0;
    }
    struct record *after = record_copy(c->arena, before);
    if (set_amount(c, after, s->sum, sum.minor, sum.currency) != 0) {
        return -1;
    }
    return write_derived(c, before, after, &changed);
}

static int64_t whole_of(const struct record *r)
{
    struct value v = r != NULL ? record_value(r, r->entity->lines.of) : value_null();
    return v.kind == VALUE_INT ? v.i : 0;
}

int lines_settle(struct ctx *c, const struct record *before, const struct record *after)
{
    const struct entity *e = after->entity;
    if (e->lines.of == NULL) {
        return 0;
    }
    int64_t was = whole_of(before), is = whole_of(after);
    if (was != 0 && was != is && settle_whole(c, e, was) != 0) {
        return -1;
    }
    return is != 0 ? settle_whole(c, e, is) : 0;
}

int lines_has(struct ctx *c, const struct entity *e, int64_t id, bool *has)
{
    struct adding sum = {0};
    *has = false;
    if (e->lined_by == NULL) {
        return 0;
    }
    int rc = add_lines(c, e->lined_by, id, &sum);
    *has = sum.currency != NULL;
    return rc;
}
