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
