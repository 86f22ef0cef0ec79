/*
 * Money: minor units, ISO 4217 currency, and the amount in the base currency, which filters,
 * sorting and sums use. Written "1234.50" (base currency) or "1234.50 USD"; in JSON also
 * {"value","currency"}. A computed amount has one value only: base minor units, printed with the
 * field's currency.
 */
#include <ctype.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "model/types.h"

static int check_limits(const struct parse_context *c, const struct field *f, int64_t base,
                        struct err *e)
{
    bool low = f->has_min && base < f->min;
    if (!low && !(f->has_max && base > f->max)) {
        return 0;
    }
    struct buf limit = {0};
    print_scaled(&limit, low ? f->min : f->max, f->places);
    type_refuse(c, e, low ? "must be at least %s %s" : "must be at most %s %s", buf_text(&limit),
                f->currency);
    buf_done(&limit);
    return -1;
}

/* The code in capitals, in the arena; NULL: refused. */
static const char *read_currency(const struct parse_context *c, const char *text, struct err *e)
{
    char *code = arena_strdup(c->arena, text);
    for (char *s = code; *s != '\0'; s++) {
        *s = (char)toupper((unsigned char)*s);
    }
    if (currency_places(code) < 0) {
        type_refuse(c, e, "%s is not a currency code of ISO 4217 like \"EUR\"",
                    type_quote(c->arena, text));
        return NULL;
    }
    return code;
}

/* Digits and at most `places` more behind a point: if that cannot be read, it is too large. */
static bool is_written_well(const char *number, int places)
{
    const char *s = number + (*number == '-' || *number == '+');
    size_t whole = strspn(s, "0123456789");
    s += whole;
    size_t fraction = *s == '.' ? strspn(s + 1, "0123456789") : 0;
    s += *s == '.' ? fraction + 1 : 0;
    return whole > 0 && *s == '\0' && fraction <= (size_t)places && s[-1] != '.';
}

static int take_money(const struct parse_context *c, const struct field *f, const char *number,
                      const char *currency, struct parsed *out, struct err *e)
{
    int64_t minor, base;
    int places = currency_places(currency);
    if (parse_scaled(number, places, &minor) != 0) {
        return is_written_well(number, places)
                   ? type_refuse(c, e, "the amount is too large")
                   : type_refuse(c, e,
                                 "%s is not an amount like \"1234.50\" with at most %d digits after "
                                 "the point",
                                 type_quote(c->arena, number), places);
    }
    if (!money_has_rate(c->model, currency)) {
        return type_refuse(c, e,
                           "there is no rate for %s: an administrator adds %s to rates in "
                           "kontor.yaml, with what one %s is worth in %s",
                           currency, currency, currency, c->model->company.currency);
    }
    if (money_to_base(c->model, minor, currency, c->at_ms, &base) != 0) {
        return type_refuse(c, e, "the amount is too large");
    }
    if (check_limits(c, f, base, e) != 0) {
        return -1;
    }
    *out = (struct parsed){.values = {value_int(minor), value_text(currency), value_int(base)}};
    return 0;
}

TYPE_PARSE_TEXT(type_money_from_text)
{
    const char *s = type_clean(c, in, e);
    if (s == NULL) {
        return -1;
    }
    if (*s == '\0') {
        *out = (struct parsed){0};
        return 0;
    }
    const char *blank = strrchr(s, ' ');
    const char *currency = c->model->company.currency;
    if (blank != NULL) {
        currency = read_currency(c, blank + 1, e);
        if (currency == NULL) {
            return -1;
        }
        s = str_trim(c->arena, arena_strndup(c->arena, s, (size_t)(blank - s)));
    }
    return take_money(c, f, s, currency, out, e);
}

static int check_members(const struct parse_context *c, const struct json *in, struct err *e)
{
    for (const struct json *m = in->child; m != NULL; m = m->next) {
        if (!str_eq(m->key, "value") && !str_eq(m->key, "currency")) {
            return type_refuse(c, e, "money has \"value\" and \"currency\", not %s",
                               type_quote(c->arena, m->key));
        }
    }
    return 0;
}

TYPE_PARSE_JSON(type_money_from_json)
{
    if (in->type != JSON_OBJECT) {
        return type_number_from_json(c, f, in, out, e);
    }
    const struct json *number = json_find(in, "value");
    const struct json *code = json_find(in, "currency");
    if (check_members(c, in, e) != 0) {
        return -1;
    }
    if (number == NULL || (number->type != JSON_STRING && number->type != JSON_NUMBER)) {
        return type_refuse(c, e, "money needs \"value\": \"1234.50\"");
    }
    if (code != NULL && code->type != JSON_STRING && code->type != JSON_NULL) {
        return type_refuse(c, e, "\"currency\" must be a text like \"EUR\"");
    }
    bool own = code != NULL && code->type == JSON_STRING;
    const char *currency = own ? read_currency(c, code->text, e) : c->model->company.currency;
    const char *text = type_clean(c, number->text, e);
    if (currency == NULL || text == NULL) {
        return -1;
    }
    if (*text == '\0') {
        *out = (struct parsed){0};
        return 0;
    }
    return take_money(c, f, text, currency, out, e);
}

TYPE_PRINT_JSON(type_money_to_json)
{
    bool own = values[1].kind == VALUE_TEXT;
    struct buf text = {0};
    print_scaled(&text, values[0].i, own ? currency_places(values[1].s) : f->places);
    jw_object(w);
    jw_kv_text(w, "value", text.data);
    jw_kv_text(w, "currency", own ? values[1].s : f->currency);
    jw_object_end(w);
    buf_done(&text);
}

TYPE_PRINT_TEXT(type_money_to_text)
{
    bool own = values[1].kind == VALUE_TEXT;
    print_scaled(out, values[0].i, own ? currency_places(values[1].s) : f->places);
    if (own && !str_eq(values[1].s, f->currency)) {
        buf_printf(out, " %s", values[1].s);
    }
}
