/*
 * Numbers and yes/no as people write them; see number.h. Dates are in number_date.c.
 *
 * A text is first reduced to its skeleton: digits, '.', ',', ' ' and '\'' between the first and the
 * last digit, with sign, currency and percent taken off. Then the decimal sign is settled, the
 * groups of thousands are checked, and the digits are added up to the wanted places.
 */
#include "exchange/number.h"

#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/str.h"

#define SKELETON_MAX 48

struct skeleton {
    char text[SKELETON_MAX]; /* begins with a digit or a decimal sign */
    size_t size;
    bool negative;
};

/* ---- Skeleton ---------------------------------------------------------------------------------
 */

/* Ways to write the characters a number may have; the first of a class is how the skeleton has it.
 */
static const struct {
    const char *text;
    char stands_for;
} SIGNS[] = {
    {" ", ' '},
    {"\t", ' '},
    {"\xc2\xa0", ' '},
    {"\xe2\x80\xaf", ' '},
    {"\xe2\x80\x89", ' '},
    {"\xe2\x80\x87", ' '},
    {"'", '\''},
    {"\xe2\x80\x99", '\''},
    {"-", '-'},
    {"\xe2\x88\x92", '-'},
    {"\xe2\x80\x93", '-'},
    {"\xe2\x80\x94", '-'},
    {"+", '+'},
    {".", '.'},
    {",", ','},
    {NULL, 0},
};

/* Signs and words that stand for a currency, longer before shorter, and the codes they may mean: the
 * first, unless the base currency is another of them; with `asks` no guess is made. */
static const struct currency_sign {
    const char *sign, *codes;
    bool asks;
} CURRENCIES[] = {
    {"US$", "USD", false},
    {"CA$", "CAD", false},
    {"AU$", "AUD", false},
    {"NZ$", "NZD", false},
    {"HK$", "HKD", false},
    {"NT$", "TWD", false},
    {"MX$", "MXN", false},
    {"R$", "BRL", false},
    {"C$", "CAD", false},
    {"A$", "AUD", false},
    {"S$", "SGD", false},
    {"$",
     "USD CAD AUD NZD SGD HKD TWD MXN ARS CLP COP UYU DOP BBD BSD BZD BMD BND FJD GYD JMD KYD LRD "
     "NAD SBD SRD TTD XCD",
     false},
    {"\xe2\x82\xac", "EUR", false},
    {"EURO", "EUR", false},
    {"Euro", "EUR", false},
    {"euro", "EUR", false},
    {"\xc2\xa3", "GBP EGP LBP SYP GIP FKP SHP", false},
    {"\xc2\xa5", "JPY CNY", true},
    {"\xef\xbf\xa5", "JPY CNY", true},
    {"SFr.", "CHF", false},
    {"sFr.", "CHF", false},
    {"Fr.", "CHF", false},
    {"Fr", "CHF", false},
    {"kr.", "SEK NOK DKK ISK", true},
    {"Kr.", "SEK NOK DKK ISK", true},
    {"kr", "SEK NOK DKK ISK", true},
    {"Kr", "SEK NOK DKK ISK", true},
    {"z\xc5\x82", "PLN", false},
    {"Z\xc5\x82", "PLN", false},
    {"K\xc4\x8d", "CZK", false},
    {"k\xc4\x8d", "CZK", false},
    {"Ft", "HUF", false},
    {"lei", "RON", false},
    {"Rs.", "INR PKR LKR NPR", true},
    {"Rs", "INR PKR LKR NPR", true},
    {"\xe2\x82\xb9", "INR", false},
    {"\xe2\x82\xbd", "RUB", false},
    {"\xe2\x82\xba", "TRY", false},
    {"\xe2\x82\xb4", "UAH", false},
    {"\xe2\x82\xa9", "KRW", false},
    {"\xe2\x82\xaa", "ILS", false},
    {"\xe2\x82\xab", "VND", false},
    {NULL, NULL, false},
};

/* The character at *s in the skeleton's alphabet, or 0; moves *s behind it. */
static char scan_sign(const char **s)
{
    for (size_t i = 0; SIGNS[i].text; i++) {
        if (str_starts(*s, SIGNS[i].text)) {
            *s += strlen(SIGNS[i].text);
            return SIGNS[i].stands_for;
        }
    }
    return 0;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Moves *s behind a code of three capital letters or a sign; the sign's row, if it is one. */
static bool scan_currency(const char **s, const struct currency_sign **sign)
{
    const char *p = *s;
    size_t letters = 0;
    while (p[letters] >= 'A' && p[letters] <= 'Z') {
        letters++;
    }
    *sign = NULL;
    if (letters == 3 && !is_letter(p[3])) {
        *s += 3;
        return true;
    }
    for (size_t i = 0; CURRENCIES[i].sign; i++) {
        size_t n = strlen(CURRENCIES[i].sign);
        if (str_starts(p, CURRENCIES[i].sign) && !(is_letter(p[n - 1]) && is_letter(p[n]))) {
            *s += n;
            *sign = &CURRENCIES[i];
            return true;
        }
    }
    return false;
}

/* What has been seen around the digits. */
struct around {
    bool currency, percent, minus, plus, open, closed;
    const char *code;                 /* where the currency stands */
    const struct currency_sign *sign; /* its row, unless it is a code */
};

/* One thing before or behind the digits; false when there is none or one too many. */
static bool scan_around(const char **s, struct around *a, bool behind)
{
    const char *p = *s;
    const struct currency_sign *currency;
    bool *once = NULL;
    if (*p == '(' || *p == ')') {
        once = *p == '(' ? &a->open : &a->closed;
        p++;
    } else if (*p == '%' && behind) {
        once = &a->percent;
        p++;
    } else if (scan_currency(&p, &currency)) {
        once = &a->currency;
        a->code = *s;
        a->sign = currency;
    } else {
        char sign = scan_sign(&p);
        if (sign == ' ') {
            *s = p;
            return true;
        }
        if (sign == '-' || sign == '+') {
            once = sign == '-' ? &a->minus : &a->plus;
        }
    }
    if (!once || *once) {
        return false;
    }
    *once = true;
    *s = p;
    return true;
}

static bool starts_digits(const char *s)
{
    return is_digit(s[0]) || ((s[0] == '.' || s[0] == ',') && is_digit(s[1]));
}

/* Digits and what groups them, up to the last digit or a decimal sign right behind it. */
static int scan_digits(const char **s, struct skeleton *k)
{
    const char *p = *s;
    size_t kept = 0;
    for (;;) {
        bool after_digit = k->size > 0 && is_digit(k->text[k->size - 1]);
        bool digit = is_digit(*p);
        char c = digit ? *p++ : scan_sign(&p);
        if (c == 0 || c == '-' || c == '+') {
            break;
        }
        if (k->size == SKELETON_MAX) {
            return -1;
        }
        k->text[k->size++] = c;
        if (digit || (after_digit && (c == '.' || c == ','))) {
            kept = k->size;
            *s = p;
        }
    }
    k->size = kept;
    return 0;
}

/* A dash in the place of the cents ("5,-") is no minus. */
static void skip_no_cents(const char **s, const struct skeleton *k)
{
    char last = k->size > 0 ? k->text[k->size - 1] : '\0';
    const char *p = *s;
    if ((last == '.' || last == ',') && scan_sign(&p) == '-') {
        *s = p;
        const char *second = p;
        if (scan_sign(&second) == '-') {
            *s = second;
        }
    }
}

static int read_around(const char *s, struct skeleton *k, struct around *seen)
{
    struct around a = {0};
    *k = (struct skeleton){0};
    while (!starts_digits(s)) {
        if (!scan_around(&s, &a, false)) {
            return -1;
        }
    }
    if (a.closed || scan_digits(&s, k)) {
        return -1;
    }
    skip_no_cents(&s, k);
    while (*s != '\0') {
        if (!scan_around(&s, &a, true)) {
            return -1;
        }
    }
    if (a.open != a.closed || a.minus + a.plus + a.open > 1) {
        return -1;
    }
    k->negative = a.minus || a.open;
    *seen = a;
    return 0;
}

static int make_skeleton(const char *s, struct skeleton *k)
{
    struct around ignored;
    return read_around(s, k, &ignored);
}

/* ---- Currency ---------------------------------------------------------------------------------
 */

/* A text that is a currency and nothing else. */
static bool read_alone(const char *s, struct around *a)
{
    const char *p = s;
    while (scan_sign(&p) == ' ') {
        s = p;
    }
    p = s;
    a->code = s;
    a->currency = scan_currency(&p, &a->sign);
    while (a->currency && *p != '\0') {
        a->currency = scan_sign(&p) == ' ';
    }
    return a->currency;
}

/* "SEK NOK DKK" as "SEK, NOK, DKK". */
static void list_codes(const char *codes, char out[NUMBER_CURRENCY_SIZE])
{
    size_t n = 0;
    for (; *codes != '\0' && n + 3 < NUMBER_CURRENCY_SIZE; codes++) {
        if (*codes == ' ') {
            out[n++] = ',';
        }
        out[n++] = *codes;
    }
    out[n] = '\0';
}

int number_currency(const char *text, const char *base, char out[NUMBER_CURRENCY_SIZE])
{
    struct skeleton k;
    struct around a = {0};
    out[0] = '\0';
    if ((read_around(text, &k, &a) && !read_alone(text, &a)) || !a.currency) {
        return 0;
    }
    bool own = a.sign != NULL && strlen(base) == 3 && strstr(a.sign->codes, base) != NULL;
    if (a.sign != NULL && a.sign->asks && !own) {
        list_codes(a.sign->codes, out);
        return -1;
    }
    memcpy(out, own ? base : a.sign != NULL ? a.sign->codes : a.code, 3);
    out[3] = '\0';
    return 0;
}

/* ---- Decimal sign -----------------------------------------------------------------------------
 */

static size_t count_of(const struct skeleton *k, char c)
{
    size_t n = 0;
    for (size_t i = 0; i < k->size; i++) {
        n += k->text[i] == c ? 1 : 0;
    }
    return n;
}

static size_t last_of(const struct skeleton *k, char c)
{
    size_t i = k->size;
    while (i > 0 && k->text[i - 1] != c) {
        i--;
    }
    return i;
}

/* The only c of the text could as well group thousands: "1,234" "12.345" but not "0,123". */
static bool could_group(const struct skeleton *k, char c)
{
    size_t behind = last_of(k, c);
    size_t before = behind - 1;
    return k->size - behind == 3 && before >= 1 && before <= 3 && k->text[0] != '0';
}

/* '.' or ',' if the text leaves no choice, 0 otherwise. */
static char settled_sign(const struct skeleton *k)
{
    size_t points = count_of(k, '.');
    size_t commas = count_of(k, ',');
    if (points > 0 && commas > 0) {
        return last_of(k, '.') > last_of(k, ',') ? '.' : ',';
    }
    char only = points > 0 ? '.' : ',';
    size_t count = points + commas;
    if (count > 1) {
        return only == '.' ? ',' : '.';
    }
    return count == 1 && !could_group(k, only) ? only : 0;
}

char number_decimal_sign(const char *text)
{
    struct skeleton k;
    int64_t ignored;
    if (make_skeleton(text, &k)) {
        return 0;
    }
    char sign = settled_sign(&k);
    return sign != 0 && number_parse(text, sign, 0, &ignored) == 0 ? sign : 0;
}

char number_unclear_sign(const char *text)
{
    struct skeleton k;
    int64_t ignored;
    if (make_skeleton(text, &k) || settled_sign(&k) != 0) {
        return 0;
    }
    char sign = count_of(&k, '.') > 0 ? '.' : count_of(&k, ',') > 0 ? ',' : 0;
    return sign != 0 && number_parse(text, sign, 0, &ignored) == 0 ? sign : 0;
}

/* ---- Value ------------------------------------------------------------------------------------
 */

/* The part before the decimal sign: digits alone, or in groups of three by one and the same sign
 * (as in India, commas may also make groups of two before the last). */
static bool groups_are_right(const struct skeleton *k, size_t size)
{
    char group = 0;
    size_t digits = 0;
    size_t groups = 0;
    for (size_t i = 0; i < size; i++) {
        char c = k->text[i];
        if (is_digit(c)) {
            digits++;
            continue;
        }
        size_t least = groups == 0 ? 1 : c == ',' ? 2 : 3;
        if ((group != 0 && c != group) || digits < least || digits > 3) {
            return false;
        }
        group = c;
        groups++;
        digits = 0;
    }
    return groups == 0 || (digits == 3 && k->text[0] != '0');
}

static bool are_digits(const struct skeleton *k, size_t from)
{
    for (size_t i = from; i < k->size; i++) {
        if (!is_digit(k->text[i])) {
            return false;
        }
    }
    return true;
}

static int add_digit(int64_t *value, int digit)
{
    return __builtin_mul_overflow(*value, 10, value) || __builtin_add_overflow(*value, digit, value)
               ? -1
               : 0;
}

/* Adds up the digits before `point` and `places` behind it, half away from zero. */
static int add_up(const struct skeleton *k, size_t point, int places, int64_t *out)
{
    int64_t value = 0;
    for (size_t i = 0; i < point; i++) {
        if (is_digit(k->text[i]) && add_digit(&value, k->text[i] - '0')) {
            return -1;
        }
    }
    for (int i = 1; i <= places; i++) {
        size_t at = point + (size_t)i;
        if (add_digit(&value, at < k->size ? k->text[at] - '0' : 0)) {
            return -1;
        }
    }
    size_t next = point + (size_t)places + 1;
    if (next < k->size && k->text[next] >= '5' && __builtin_add_overflow(value, 1, &value)) {
        return -1;
    }
    *out = k->negative ? -value : value;
    return 0;
}

int number_parse(const char *text, char decimal, int places, int64_t *out)
{
    assert(places >= 0 && places <= NUMBER_PLACES_MAX);
    struct skeleton k;
    if (make_skeleton(text, &k)) {
        return -1;
    }
    if (decimal == 0) {
        decimal = settled_sign(&k);
        decimal = decimal != 0 ? decimal : '.';
    }
    size_t count = count_of(&k, decimal);
    size_t point = count > 0 ? last_of(&k, decimal) - 1 : k.size;
    if (count > 1 || !groups_are_right(&k, point) || (count > 0 && !are_digits(&k, point + 1))) {
        return -1;
    }
    return add_up(&k, point, places, out);
}

/* ---- Yes and no -------------------------------------------------------------------------------
 */

/* Folded words, each between blanks. */
static const char YES[] =
    " 1 x y yes true on ja j wahr oui o vrai si s vero sim verdadero verdadeiro tak t prawda waar "
    "sant kylla ano igen evet da \xd0\xb4\xd0\xb0 \xe2\x9c\x93 \xe2\x9c\x94 ";
static const char NO[] =
    " 0 n no false off nein falsch non faux falso nao nie falsz nee onwaar nej falskt ei ne nem "
    "hayir \xd0\xbd\xd0\xb5\xd1\x82 ";

static bool has_word(const char *words, const char *folded)
{
    char word[20];
    size_t n = strlen(folded);
    if (n == 0 || n + 3 > sizeof(word) || strchr(folded, ' ')) {
        return false;
    }
    word[0] = ' ';
    memcpy(word + 1, folded, n);
    memcpy(word + 1 + n, " ", 2);
    return strstr(words, word) != NULL;
}

static int take_word(const char *folded, bool *out)
{
    bool yes = has_word(YES, folded);
    if (!yes && !has_word(NO, folded)) {
        return -1;
    }
    *out = yes;
    return 0;
}

int number_parse_bool(const char *text, bool *out)
{
    char plain[20];
    if (str_fold_ascii(plain, sizeof(plain), text, strlen(text)) == 0) {
        return take_word(plain, out);
    }
    if (strlen(text) > 64) {
        return -1;
    }
    struct arena a;
    arena_init(&a);
    int result = take_word(str_fold(&a, text, strlen(text)), out);
    arena_done(&a);
    return result;
}
