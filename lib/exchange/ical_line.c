/* One line of iCalendar, taken apart; see ical_private.h. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/str.h"
#include "exchange/ical_private.h"

static char *capitals(struct arena *a, const char *text, size_t n)
{
    char *out = arena_strndup(a, text, n);
    for (char *p = out; *p != '\0'; p++) {
        *p = (char)toupper((unsigned char)*p);
    }
    return out;
}

static bool is_name(char c)
{
    return isalnum((unsigned char)c) || c == '-' || c == '_' || c == '.';
}

/* The end of a parameter's value: quotes hold ":", ";" and ",". */
static const char *end_of_value(const char *at)
{
    bool quoted = false;
    while (*at != '\0' && (quoted || (*at != ':' && *at != ';'))) {
        quoted = quoted != (*at++ == '"');
    }
    return at;
}

/* Without quotes; ^n, ^' and ^^ as RFC 6868 has them. */
static const char *plain_parameter(struct arena *a, const char *text, size_t n)
{
    char *out = arena_alloc(a, n + 1);
    size_t used = 0;
    for (size_t i = 0; i < n; i++) {
        char next = text[i] == '^' && i + 1 < n ? text[i + 1] : '\0';
        if (next == 'n' || next == '\'' || next == '^') {
            out[used++] = next == 'n' ? '\n' : next == '\'' ? '"' : '^';
            i++;
        } else if (text[i] != '"') {
            out[used++] = text[i];
        }
    }
    return out;
}

/* ";NAME=value", or of vCalendar 1.0 ";VALUE" alone. */
static void take_parameter(struct arena *a, struct ical_property *out, const char *at,
                           const char *end)
{
    const char *equals = memchr(at, '=', (size_t)(end - at));
    const char *value = equals != NULL ? equals + 1 : at;
    if (out->parameter_count < ICAL_PARAMETERS_MAX) {
        out->parameters[out->parameter_count++] = (struct ical_parameter){
            equals != NULL ? capitals(a, at, (size_t)(equals - at)) : "",
            plain_parameter(a, value, (size_t)(end - value))};
    }
}

bool ical_property_read(struct arena *a, const char *line, struct ical_property *out)
{
    size_t n = 0;
    *out = (struct ical_property){.value = ""};
    while (is_name(line[n])) {
        n++;
    }
    if (n == 0 || (line[n] != ':' && line[n] != ';')) {
        return false;
    }
    char *name = capitals(a, line, n);
    const char *dot = strrchr(name, '.');
    out->name = dot != NULL ? dot + 1 : name;
    const char *at = line + n;
    while (*at == ';') {
        const char *end = end_of_value(at + 1);
        take_parameter(a, out, at + 1, end);
        at = end;
    }
    out->value = at + (*at == ':');
    return *at == ':';
}

const char *ical_parameter(const struct ical_property *p, const char *name)
{
    for (size_t i = 0; i < p->parameter_count; i++) {
        if (strcmp(p->parameters[i].name, name) == 0) {
            return p->parameters[i].value;
        }
    }
    return NULL;
}

const char *ical_text(struct arena *a, const char *value)
{
    size_t n = strlen(value), used = 0;
    char *out = arena_alloc(a, n + 1);
    for (size_t i = 0; i < n; i++) {
        char next = value[i] == '\\' ? value[i + 1] : '\0';
        if (next == 'n' || next == 'N') {
            out[used++] = '\n';
            i++;
        } else if (next != '\0' && strchr(",;:\\\"", next) != NULL) {
            out[used++] = next;
            i++;
        } else if (value[i] != '\r') {
            out[used++] = value[i];
        }
    }
    return str_trim(a, out);
}
