/* What a handler asks of its request: query parameters, headers, versions. Texts land in the unit's
 * arena. */
#include <stdlib.h>
#include <string.h>

#include "api/route.h"
#include "base/str.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

char *param_decode(struct arena *a, const char *s, size_t n)
{
    char *out = arena_alloc(a, n + 1);
    size_t used = 0;
    for (size_t i = 0; i < n; i++) {
        if (s[i] != '%') {
            out[used++] = s[i] == '+' ? ' ' : s[i];
            continue;
        }
        int high = i + 2 < n ? hex_digit(s[i + 1]) : -1;
        int low = i + 2 < n ? hex_digit(s[i + 2]) : -1;
        if (high < 0 || low < 0) {
            return NULL;
        }
        out[used++] = (char)(high * 16 + low);
        i += 2;
    }
    out[used] = 0;
    return str_is_utf8(out, used) ? out : NULL;
}

const char *request_param(struct request *q, const char *name)
{
    size_t name_size = strlen(name);
    for (const char *p = q->query; p != NULL && *p != 0;) {
        const char *end = strchr(p, '&');
        size_t n = end != NULL ? (size_t)(end - p) : strlen(p);
        bool bare = n == name_size; /* a name alone has an empty value */
        if ((bare || (n > name_size && p[name_size] == '=')) && memcmp(p, name, name_size) == 0) {
            size_t skip = name_size + (bare ? 0 : 1);
            char *value = param_decode(q->ctx->arena, p + skip, n - skip);
            if (value == NULL) {
                ctx_fail(q->ctx, ERR_MALFORMED, name, "The parameter %s is not properly encoded.",
                         name);
            }
            return value;
        }
        p = end != NULL ? end + 1 : NULL;
    }
    return NULL;
}

int request_int(struct request *q, const char *name, int64_t missing, int64_t min, int64_t max,
                int64_t *out)
{
    const char *text = request_param(q, name);
    if (text == NULL) {
        *out = missing;
        return q->ctx->err.code == ERR_NONE ? 0 : -1;
    }
    int64_t value;
    if (str_to_int(text, &value) != 0 || value < min || value > max) {
        return ctx_fail(q->ctx, ERR_MALFORMED, name, "%s must be a whole number from %lld to %lld.",
                        name, (long long)min, (long long)max);
    }
    *out = value;
    return 0;
}

int request_flag(struct request *q, const char *name, bool missing, bool *out)
{
    static const struct {
        const char *word;
        bool means;
    } WORDS[] = {{"1", true}, {"true", true}, {"0", false}, {"false", false}};
    const char *text = request_param(q, name);
    if (text == NULL && q->ctx->err.code == ERR_NONE) {
        *out = missing;
        return 0;
    }
    for (size_t i = 0; text != NULL && i < COUNT(WORDS); i++) {
        if (strcmp(text, WORDS[i].word) == 0) {
            *out = WORDS[i].means;
            return 0;
        }
    }
    return q->ctx->err.code != ERR_NONE
               ? -1
               : ctx_fail(q->ctx, ERR_MALFORMED, name, "%s must be 1, true, 0 or false.", name);
}

const char *request_header(struct request *q, const char *name)
{
    return q->header != NULL ? q->header(q->io, name) : NULL;
}

int request_if_match(struct request *q, int64_t *out)
{
    const char *text = request_header(q, "If-Match");
    if (text == NULL) {
        *out = -1;
        return 0;
    }
    if (strcmp(text, "*") == 0) {
        *out = 0;
        return 0;
    }
    size_t n = strlen(text);
    bool quoted = n >= 2 && text[0] == '"' && text[n - 1] == '"';
    const char *digits = quoted ? arena_strndup(q->ctx->arena, text + 1, n - 2) : text;
    if (str_to_int(digits, out) != 0 || *out <= 0) {
        return ctx_fail(q->ctx, ERR_MALFORMED, "If-Match",
                        "If-Match must be one version in quotes, or *.");
    }
    return 0;
}
