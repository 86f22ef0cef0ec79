/*
 * Normalised handles: the form in which e-mail addresses, phone numbers and domains are compared.
 * They feed the handle index ("who is this?"). Nothing here judges whether an address exists.
 */
#include <ctype.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "model/field_type.h"

#define PHONE_DIGITS_MIN 4
#define PHONE_DIGITS_MAX 20

static void lower_ascii(char *s)
{
    for (; *s != '\0'; s++) {
        if (*s >= 'A' && *s <= 'Z') {
            *s = (char)(*s - 'A' + 'a');
        }
    }
}

bool email_fits(const char *s)
{
    const char *at = strrchr(s, '@');
    return at != NULL && at != s && at - s <= 64 && at[1] != '\0' && at[1] != '.' &&
           strpbrk(s, " ,;<>\"()[]\\") == NULL && strchr(s, '@') == at && s[strlen(s) - 1] != '.' &&
           strstr(at, "..") == NULL;
}

char *handle_email(struct arena *a, const char *text)
{
    char *s = arena_strdup(a, str_trim(a, text));
    const char *at = strchr(s, '@');
    if (at == NULL || at == s || at[1] == '\0') {
        return NULL;
    }
    lower_ascii(s);
    return s;
}

/* "+49 (0)30 12" and "0049 30 12" are the same as "+493012": the 0 in brackets is not dialled. */
char *handle_phone(struct arena *a, const char *text)
{
    const char *s = str_trim(a, text);
    bool plus = *s == '+' || strncmp(s, "00", 2) == 0;
    s += *s == '+' ? 1 : plus ? 2 : 0;
    char *out = arena_alloc(a, PHONE_DIGITS_MAX + 2);
    size_t n = 0;
    if (plus) {
        out[n++] = '+';
    }
    for (; *s != '\0' && n <= PHONE_DIGITS_MAX; s++) {
        if (plus && strncmp(s, "(0)", 3) == 0) {
            s += 2;
        } else if (isdigit((unsigned char)*s)) {
            out[n++] = *s;
        } else if (isalpha((unsigned char)*s)) {
            break;
        }
    }
    out[n] = '\0';
    return n < PHONE_DIGITS_MIN ? NULL : out;
}

/* How many digits a country code has: ITU-T E.164, assigned codes. */
static size_t country_code_size(const char *digits)
{
    static const char *const TWO[] = {
        "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46",
        "47", "48", "49", "51", "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63",
        "64", "65", "66", "81", "82", "84", "86", "90", "91", "92", "93", "94", "95", "98"};
    size_t n = strlen(digits), size = 3;
    if (*digits == '1' || *digits == '7') {
        size = 1;
    }
    for (size_t i = 0; i < sizeof TWO / sizeof TWO[0]; i++) {
        size = strncmp(digits, TWO[i], 2) == 0 ? 2 : size;
    }
    return size < n ? size : n;
}

struct phone_digits phone_digits(struct arena *a, const char *text)
{
    const char *s = text + strcspn(text, "+0123456789");
    bool abroad = *s == '+';
    char *out = arena_alloc(a, strlen(s) + 1);
    size_t n = 0;
    for (; *s != '\0'; s++) {
        if (strncmp(s, "(0)", 3) == 0) {
            s += 2;
        } else if (isdigit((unsigned char)*s)) {
            out[n++] = *s;
        }
    }
    out[n] = '\0';
    abroad = abroad || strncmp(out, "00", 2) == 0;
    const char *plain = out + strspn(out, "0");
    if (!abroad) {
        return (struct phone_digits){out, plain, false};
    }
    const char *national = plain + country_code_size(plain);
    return (struct phone_digits){plain, national + strspn(national, "0"), true};
}

char *handle_phone_home(struct arena *a, const char *text)
{
    const char *normal = handle_phone(a, text);
    const char *digits = normal != NULL ? phone_digits(a, normal).national : "";
    return strlen(digits) < PHONE_DIGITS_MIN - 1 ? NULL : arena_strdup(a, digits);
}

bool phones_differ(struct arena *a, const char *x, const char *y)
{
    const char *one = handle_phone(a, x), *other = handle_phone(a, y);
    return one != NULL && other != NULL && *one == '+' && *other == '+' && strcmp(one, other) != 0;
}

char *point_key(const struct point_type *p, struct arena *a, const char *text)
{
    return p->sought != NULL      ? p->sought(a, text)
           : p->normalise != NULL ? p->normalise(a, text)
                                  : NULL;
}

char *handle_domain(struct arena *a, const char *text)
{
    const char *s = str_trim(a, text);
    const char *scheme = strstr(s, "://");
    s = scheme != NULL ? scheme + 3 : s;
    size_t n = strcspn(s, "/?#");
    const char *at = memchr(s, '@', n);
    if (at != NULL) {
        n -= (size_t)(at + 1 - s);
        s = at + 1;
    }
    char *host = arena_strndup(a, s, n);
    host[strcspn(host, ":")] = '\0';
    lower_ascii(host);
    if (str_starts(host, "www.")) {
        host += 4;
    }
    return strchr(host, '.') == NULL || strchr(host, ' ') != NULL ? NULL : host;
}
