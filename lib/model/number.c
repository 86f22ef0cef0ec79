/*
 * Numbers without floating point: scaled integers and currencies (ISO 4217).
 * Everything is bounded by 2^53, so that a stored number survives every JSON reader and sums of
 * thousands of rows stay within 64 bits.
 */
#include <string.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/str.h"
#include "model/field_type.h"

#define NUMBER_MAX INT64_C(9007199254740991)
#define RATE_SCALE INT64_C(1000000)

/* Codes in use; places other than 2 stand in PLACES. */
static const char CODES[] = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD "
                            "BND BOB BRL BSD BTN BWP BYN "
                            "BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN "
                            "ETB EUR FJD FKP GBP GEL GHS "
                            "GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD "
                            "JPY KES KGS KHR KMF KPW KRW "
                            "KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU "
                            "MUR MVR MWK MXN MYR MZN NAD "
                            "NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB "
                            "RWF SAR SBD SCR SDG SEK SGD "
                            "SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD "
                            "TZS UAH UGX USD UYU UZS VES "
                            "VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG ";

static const struct {
    char code[4];
    int places;
} PLACES[] = {{"BHD", 3}, {"BIF", 0}, {"CLP", 0}, {"DJF", 0}, {"GNF", 0}, {"IQD", 3},
              {"ISK", 0}, {"JOD", 3}, {"JPY", 0}, {"KMF", 0}, {"KRW", 0}, {"KWD", 3},
              {"LYD", 3}, {"OMR", 3}, {"PYG", 0}, {"RWF", 0}, {"TND", 3}, {"UGX", 0},
              {"VND", 0}, {"VUV", 0}, {"XAF", 0}, {"XOF", 0}, {"XPF", 0}};

static int code_index(const char *code)
{
    if (code == NULL || strlen(code) != 3) {
        return -1;
    }
    for (size_t i = 0; i + 4 <= sizeof CODES; i += 4) {
        if (memcmp(CODES + i, code, 3) == 0) {
            return (int)i;
        }
    }
    return -1;
}

int currency_places(const char *code)
{
    if (code_index(code) < 0) {
        return -1;
    }
    for (size_t i = 0; i < COUNT(PLACES); i++) {
        if (memcmp(PLACES[i].code, code, 3) == 0) {
            return PLACES[i].places;
        }
    }
    return 2;
}

static int64_t power_of_ten(int n)
{
    int64_t p = 1;
    while (n-- > 0) {
        p *= 10;
    }
    return p;
}

void print_scaled(struct buf *out, int64_t value, int places)
{
    uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    uint64_t unit = (uint64_t)power_of_ten(places);
    if (value < 0) {
        buf_putc(out, '-');
    }
    buf_printf(out, "%llu", (unsigned long long)(magnitude / unit));
    if (places > 0) {
        buf_printf(out, ".%0*llu", places, (unsigned long long)(magnitude % unit));
    }
}

/* Reads digits into *n; at most `places` of them count, further ones must be 0. */
static int read_digits(const char **s, int places, int64_t *n, int *seen)
{
    *seen = 0;
    for (; **s >= '0' && **s <= '9'; (*s)++, (*seen)++) {
        if (*seen >= places) {
            if (**s != '0') {
                return -1;
            }
            continue;
        }
        *n = *n * 10 + (**s - '0');
        if (*n > NUMBER_MAX) {
            return -1;
        }
    }
    return 0;
}

int parse_scaled(const char *text, int places, int64_t *out)
{
    const char *s = text;
    bool negative = *s == '-';
    if (*s == '-' || *s == '+') {
        s++;
    }
    int64_t n = 0;
    int whole = 0, fraction = 0;
    if (read_digits(&s, 400, &n, &whole) != 0) {
        return -1;
    }
    if (*s == '.') {
        s++;
        if (read_digits(&s, places, &n, &fraction) != 0 || fraction == 0) {
            return -1;
        }
    }
    if (*s != '\0' || whole == 0) {
        return -1;
    }
    for (int i = fraction; i < places; i++) {
        n *= 10;
        if (n > NUMBER_MAX) {
            return -1;
        }
    }
    *out = negative ? -n : n;
    return 0;
}

static int64_t day_of(int64_t at_ms)
{
    char date[CLOCK_DATE_SIZE];
    clock_date_of(at_ms != 0 ? at_ms : clock_now_ms(), date);
    return clock_days_of(date);
}

/* Does `one` say more about the day than `best`? The latest from its day or before it; of later
 * ones, when there is none, the earliest. */
static bool is_nearer(const struct rate *one, const struct rate *best, int64_t day)
{
    if (best == NULL || (one->from_day <= day) != (best->from_day <= day)) {
        return best == NULL || one->from_day <= day;
    }
    return one->from_day <= day ? one->from_day > best->from_day : one->from_day < best->from_day;
}

/* The rate of a day, in millionths; 0: there is none. */
static int64_t rate_of(const struct model *m, const char *currency, int64_t at_ms)
{
    const struct company *c = &m->company;
    if (str_eq(c->currency, currency)) {
        return RATE_SCALE;
    }
    const struct rate *best = NULL;
    int64_t day = day_of(at_ms);
    for (size_t i = 0; i < c->rate_count; i++) {
        if (str_eq(c->rates[i].currency, currency) && is_nearer(&c->rates[i], best, day)) {
            best = &c->rates[i];
        }
    }
    return best != NULL ? best->micro : 0;
}

/* minor * rate / divisor, half away from zero, in 64 bits: whole part and rest apart. */
static int scale_amount(int64_t minor, int64_t rate, int64_t divisor, int64_t *out)
{
    int64_t whole, rest;
    if (__builtin_mul_overflow(minor / divisor, rate, &whole) ||
        __builtin_mul_overflow(minor % divisor, rate, &rest)) {
        return -1;
    }
    int64_t half = rest < 0 ? -(divisor / 2) : divisor / 2;
    int64_t sum = whole + (rest + half) / divisor;
    if (sum > NUMBER_MAX || sum < -NUMBER_MAX) {
        return -1;
    }
    *out = sum;
    return 0;
}

bool money_has_rate(const struct model *m, const char *currency)
{
    return rate_of(m, currency, 0) != 0;
}

int money_to_base(const struct model *m, int64_t minor, const char *currency, int64_t at_ms,
                  int64_t *out)
{
    int64_t rate = rate_of(m, currency, at_ms);
    if (rate == 0) {
        return -1;
    }
    int shift = m->company.currency_places - currency_places(currency);
    int64_t scaled;
    if (__builtin_mul_overflow(minor, power_of_ten(shift > 0 ? shift : 0), &scaled)) {
        return -1;
    }
    return scale_amount(scaled, rate, RATE_SCALE * power_of_ten(shift < 0 ? -shift : 0), out);
}

int64_t rescale(int64_t value, int from, int to)
{
    const int64_t limit = value < 0 ? INT64_MIN : INT64_MAX;
    for (; from < to; from++) {
        if (__builtin_mul_overflow(value, (int64_t)10, &value)) {
            return limit;
        }
    }
    for (; from > to + 1; from--) {
        value /= 10; /* only the last digit that goes decides about rounding: 0.445 is 0, not 1 */
    }
    if (from > to) {
        int64_t rest = value % 10;
        value = value / 10 + (rest >= 5) - (rest <= -5);
    }
    return value;
}
