/*
 * The few SQL functions of our own, for queries only: tables, indexes and generated columns never
 * use them, so any SQLite opens and checks the file. They are registered on every connection
 * (query_register, called by db_open).
 *
 *   kfold(text)             folded key, as in str_fold; null stays null
 *   kcontains(text, part)   1 when the folded text holds the folded part, which is not empty;
 *                           else 0; null if one is null
 *   kstarts(text, part)     the same at the beginning
 *   kaddress(…)             a list of addresses with what the plain columns say of the primary one
 *   kplain(text)            folded without blanks and punctuation, as in str_fold_tight
 *   kdiv(a, b, k)           a * 10^k / b, rounded half away from zero; null for b = 0 and when it
 *                           does not fit
 *   ksum(x)                 sum of whole numbers, 0 of none; null when it does not fit (the
 *                           built-in one would fail the statement)
 *   ktotal(x)               the same; the text of its digits when it does not fit
 *   kshare(a, b, divisor)   ktotal of a * b / divisor, rounded once, half away from zero
 *   kshift(ms, months, days, more)  a moment by so much of the company's calendar, then by so many
 *                           milliseconds; null when it leaves the years 1 to 9999
 *   kmidnight(day, end)     the moment at which a day begins or, with 1, ends; null for no date
 */
#include <stdlib.h>
#include <string.h>

#include "model/address.h"
#include "model/field_type.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/str.h"
#include "store/query.h"
#include "store/sql_functions.h"

#define SHORT_TEXT 256 /* bytes folded without taking memory */
#define SCALE_MAX  18

/* A folded text: in the small buffer when it is plain ASCII, else in the arena. */
struct folded {
    struct arena arena;
    char small[SHORT_TEXT];
    const char *text;
    bool on_heap;
};

static void fold_value(struct folded *f, sqlite3_value *v)
{
    const char *s = (const char *)sqlite3_value_text(v);
    size_t n = (size_t)sqlite3_value_bytes(v);
    f->on_heap = false;
    f->text = f->small;
    if (str_fold_ascii(f->small, sizeof(f->small), s ? s : "", n) != 0) {
        arena_init(&f->arena);
        f->text = str_fold(&f->arena, s, n);
        f->on_heap = true;
    }
}

static void fold_done(struct folded *f)
{
    if (f->on_heap) {
        arena_done(&f->arena);
    }
}

static bool any_null(int n, sqlite3_value **args)
{
    for (int i = 0; i < n; i++) {
        if (sqlite3_value_type(args[i]) == SQLITE_NULL) {
            return true;
        }
    }
    return false;
}

static void run_fold(sqlite3_context *c, int n, sqlite3_value **args)
{
    if (any_null(n, args)) {
        return;
    }
    struct folded f;
    fold_value(&f, args[0]);
    sqlite3_result_text(c, f.text, -1, SQLITE_TRANSIENT);
    fold_done(&f);
}

static void run_plain(sqlite3_context *c, int n, sqlite3_value **args)
{
    if (any_null(n, args)) {
        return;
    }
    struct arena a;
    struct arena_room room;
    arena_init_in(&a, &room);
    sqlite3_result_text(c, str_fold_tight(&a, (const char *)sqlite3_value_text(args[0])), -1,
                        SQLITE_TRANSIENT);
    arena_done(&a);
}

/* kaddress(mask, stored, street, postcode, city, region, country): see model/address.h. */
static void run_address(sqlite3_context *c, int n, sqlite3_value **args)
{
    struct arena a;
    struct arena_room room;
    struct value mirrors[ADDRESS_PARTS], values[ADDRESS_PARTS + 2];
    arena_init_in(&a, &room);
    for (int i = 1; i < n; i++) {
        const char *text = (const char *)sqlite3_value_text(args[i]);
        values[i] = text != NULL ? value_text(text) : value_null();
    }
    memcpy(mirrors, &values[2], sizeof(mirrors));
    struct value whole =
        address_whole(&a, values[1], (unsigned)sqlite3_value_int(args[0]), mirrors);
    if (whole.kind == VALUE_TEXT) {
        sqlite3_result_text(c, whole.s, (int)whole.n, SQLITE_TRANSIENT);
    }
    arena_done(&a);
}

static void free_text(void *text)
{
    free(text);
}

/* The folded second argument; kept with the statement while that argument stays the same. */
static const char *fold_part(sqlite3_context *c, sqlite3_value *v, struct folded *f)
{
    const char *kept = sqlite3_get_auxdata(c, 1);
    f->on_heap = false;
    if (kept) {
        return kept;
    }
    fold_value(f, v);
    size_t size = strlen(f->text) + 1;
    char *copy = memory_take(size);
    memcpy(copy, f->text, size);
    sqlite3_set_auxdata(c, 1, copy, free_text);
    return f->text;
}

static void run_match(sqlite3_context *c, int n, sqlite3_value **args)
{
    if (any_null(n, args)) {
        return;
    }
    const bool *at_start = sqlite3_user_data(c);
    struct folded part, text;
    const char *wanted = fold_part(c, args[1], &part);
    fold_value(&text, args[0]);
    const char *found =
        *at_start ? (str_starts(text.text, wanted) ? text.text : NULL) : strstr(text.text, wanted);
    sqlite3_result_int(c, *wanted != '\0' && found != NULL);
    fold_done(&text);
    fold_done(&part);
}

/* Magnitude without the trap of the smallest integer. */
static uint64_t magnitude(int64_t i)
{
    return i < 0 ? (uint64_t)0 - (uint64_t)i : (uint64_t)i;
}

/* a * 10^k / b digit by digit; false when it does not fit. */
static bool divide(uint64_t a, uint64_t b, int k, uint64_t *out)
{
    uint64_t quotient = a / b, rest = a % b;
    for (; k > 0; k--) {
        if (__builtin_mul_overflow(rest, 10, &rest) ||
            __builtin_mul_overflow(quotient, 10, &quotient) ||
            __builtin_add_overflow(quotient, rest / b, &quotient)) {
            return false;
        }
        rest %= b;
    }
    if (rest >= b - rest) {
        quotient++;
    }
    *out = quotient;
    return quotient <= INT64_MAX;
}

static void run_divide(sqlite3_context *c, int n, sqlite3_value **args)
{
    if (any_null(n, args)) {
        return;
    }
    int64_t a = sqlite3_value_int64(args[0]), b = sqlite3_value_int64(args[1]);
    int k = sqlite3_value_int(args[2]);
    uint64_t divisor = magnitude(b), result;
    for (; k < 0 && k >= -SCALE_MAX; k++) {
        if (__builtin_mul_overflow(divisor, 10, &divisor)) {
            sqlite3_result_int(c, 0); /* less than any digit we keep */
            return;
        }
    }
    if (b == 0 || !divide(magnitude(a), divisor, k, &result)) {
        return;
    }
    sqlite3_result_int64(c, (a < 0) != (b < 0) ? -(int64_t)result : (int64_t)result);
}

/* A sum of whole numbers, wide enough for any number of rows. Packed, because SQLite aligns memory
 * to 8 bytes. */
struct sum {
    __extension__ __int128 total;
    int64_t divisor; /* of kshare; else 0 */
    bool lost;       /* something was no whole number */
} __attribute__((packed));

static void step_sum(sqlite3_context *c, int n, sqlite3_value **args)
{
    struct sum *s = sqlite3_aggregate_context(c, sizeof(*s));
    if (s != NULL && !any_null(n, args)) {
        s->total += sqlite3_value_int64(args[0]);
        s->lost = s->lost || sqlite3_value_type(args[0]) != SQLITE_INTEGER;
    }
}

static void step_share(sqlite3_context *c, int n, sqlite3_value **args)
{
    struct sum *s = sqlite3_aggregate_context(c, sizeof(*s));
    if (s == NULL || any_null(n, args)) {
        return;
    }
    __extension__ __int128 product = sqlite3_value_int64(args[0]);
    s->total += product * sqlite3_value_int64(args[1]);
    s->divisor = sqlite3_value_int64(args[2]);
    s->lost = s->lost || s->divisor <= 0;
}

static bool fits(const struct sum *s)
{
    return s->total >= INT64_MIN && s->total <= INT64_MAX;
}

static void end_sum(sqlite3_context *c)
{
    const struct sum *s = sqlite3_aggregate_context(c, 0);
    if (s == NULL) {
        sqlite3_result_int64(c, 0);
    } else if (!s->lost && fits(s)) {
        sqlite3_result_int64(c, (int64_t)s->total);
    }
}

/* Half away from zero. */
static void divide_sum(struct sum *s)
{
    int64_t rest = (int64_t)(s->total % s->divisor);
    s->total /= s->divisor;
    if (magnitude(rest) >= (uint64_t)s->divisor - magnitude(rest)) {
        s->total += rest < 0 ? -1 : 1;
    }
}

static void end_total(sqlite3_context *c)
{
    struct sum *s = sqlite3_aggregate_context(c, 0);
    if (s != NULL && !s->lost && s->divisor > 0) {
        divide_sum(s);
    }
    if (s == NULL || s->lost || fits(s)) {
        end_sum(c);
        return;
    }
    char digits[48];
    char *at = digits + sizeof(digits);
    bool negative = s->total < 0;
    for (; s->total != 0; s->total /= 10) {
        int digit = (int)(s->total % 10);
        *--at = (char)('0' + (negative ? -digit : digit));
    }
    if (negative) {
        *--at = '-';
    }
    sqlite3_result_text(c, at, (int)(digits + sizeof(digits) - at), SQLITE_TRANSIENT);
}

/* ---- Moments --------------------------------------------------------------------------------- */

static void run_shift(sqlite3_context *c, int n, sqlite3_value **args)
{
    int64_t ms;
    if (!any_null(n, args) &&
        clock_shift_instant(sqlite3_value_int64(args[0]), sqlite3_value_int64(args[1]),
                            sqlite3_value_int64(args[2]), sqlite3_value_int64(args[3]), &ms) == 0) {
        sqlite3_result_int64(c, ms);
    }
}

static void run_midnight(sqlite3_context *c, int n, sqlite3_value **args)
{
    int64_t ms;
    const char *day = any_null(n, args) ? NULL : (const char *)sqlite3_value_text(args[0]);
    if (day != NULL &&
        (sqlite3_value_int(args[1]) ? clock_date_end(day, &ms) : clock_date_start(day, &ms)) == 0) {
        sqlite3_result_int64(c, ms);
    }
}

static void run_phone(sqlite3_context *c, int n, sqlite3_value **args)
{
    struct arena a;
    arena_init(&a);
    const char *key = any_null(n, args)
                          ? NULL
                          : handle_phone_home(&a, (const char *)sqlite3_value_text(args[0]));
    if (key != NULL) {
        sqlite3_result_text(c, key, -1, SQLITE_TRANSIENT);
    }
    arena_done(&a);
}

static const bool ANYWHERE = false, AT_START = true;

static const struct {
    const char *name;
    int args;
    void (*run)(sqlite3_context *, int, sqlite3_value **);
    const bool *data;
} FUNCTIONS[] = {
    {"kfold", 1, run_fold, NULL},           {"kplain", 1, run_plain, NULL},
    {"kcontains", 2, run_match, &ANYWHERE}, {"kstarts", 2, run_match, &AT_START},
    {"kdiv", 3, run_divide, NULL},          {"kshift", 4, run_shift, NULL},
    {"kmidnight", 2, run_midnight, NULL},   {"kaddress", 7, run_address, NULL},
    {"kphone", 1, run_phone, NULL},
};

static const struct {
    const char *name;
    int args;
    void (*step)(sqlite3_context *, int, sqlite3_value **);
    void (*end)(sqlite3_context *);
} AGGREGATES[] = {
    {"ksum", 1, step_sum, end_sum},
    {"ktotal", 1, step_sum, end_total},
    {"kshare", 3, step_share, end_total},
};

/*
 * Besides the functions: a plan must not hang on bound values. Otherwise (STAT4) every new value
 * compiles the statement again, which costs ten times what a look-up by key does.
 */
int query_register(sqlite3 *handle)
{
    sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_QPSG, 1, NULL);
    const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
    for (size_t i = 0; i < COUNT(FUNCTIONS); i++) {
        int rc = sqlite3_create_function_v2(handle, FUNCTIONS[i].name, FUNCTIONS[i].args, flags,
                                            (void *)FUNCTIONS[i].data, FUNCTIONS[i].run, NULL, NULL,
                                            NULL);
        if (rc != SQLITE_OK) {
            return -1;
        }
    }
    for (size_t i = 0; i < COUNT(AGGREGATES); i++) {
        if (sqlite3_create_function_v2(handle, AGGREGATES[i].name, AGGREGATES[i].args, flags, NULL,
                                       NULL, AGGREGATES[i].step, AGGREGATES[i].end,
                                       NULL) != SQLITE_OK) {
            return -1;
        }
    }
    return 0;
}
