/* Properties of vCards, read; see vcard.h. Cards are written by vcard_writer.c. */
#include "exchange/vcard.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/str.h"
#include "exchange/coded.h"

enum coding { PLAIN_VALUE, QUOTED_PRINTABLE, BASE64 };

bool vcard_is_property(const char *line)
{
    size_t n = 0;
    while (isalnum((unsigned char)line[n]) || line[n] == '-' || line[n] == '_' || line[n] == '.') {
        n++;
    }
    return n > 0 && (line[n] == ';' || line[n] == ':') && strchr(line + n, ':') != NULL;
}

bool vcard_is_called(const char *line, const char *name)
{
    const char *dot = memchr(line, '.', strcspn(line, ":;"));
    const char *own = dot != NULL ? dot + 1 : line;
    size_t n = strcspn(own, ":;");
    return strlen(name) == n && strncasecmp(own, name, n) == 0;
}

/* The first ":" or ";" that is not in quotes; the end if there is none. */
static const char *next_sign(const char *at)
{
    bool quoted = false;
    while (*at != '\0' && (quoted || (*at != ':' && *at != ';'))) {
        quoted = quoted != (*at++ == '"');
    }
    return at;
}

static enum coding coding_of(const char *name)
{
    static const struct {
        const char *name;
        enum coding coding;
    } CODINGS[] = {{"QUOTED-PRINTABLE", QUOTED_PRINTABLE}, {"BASE64", BASE64}, {"B", BASE64}};
    for (size_t i = 0; i < COUNT(CODINGS); i++) {
        if (strcasecmp(CODINGS[i].name, name) == 0) {
            return CODINGS[i].coding;
        }
    }
    return PLAIN_VALUE;
}

struct reading {
    struct arena *arena;
    struct vcard_property *out;
    enum coding coding;
    const char *charset;
};

static char *small_letters(struct arena *a, const char *text)
{
    char *out = arena_strdup(a, text);
    for (char *p = out; *p != '\0'; p++) {
        *p = (char)tolower((unsigned char)*p);
    }
    return out;
}

/* "work,voice" */
static void take_types(struct reading *r, const char *list)
{
    while (*list != '\0') {
        size_t n = strcspn(list, ",");
        const char *type = small_letters(r->arena, arena_strndup(r->arena, list, n));
        if (strcmp(type, "pref") == 0) {
            r->out->preference = 1;
        } else if (n > 0 && r->out->type_count < VCARD_TYPES_MAX) {
            r->out->types[r->out->type_count++] = type;
        }
        list += n + (list[n] == ',');
    }
}

static void take_named(struct reading *r, const char *name, const char *value)
{
    if (strcasecmp(name, "TYPE") == 0) {
        take_types(r, value);
    } else if (strcasecmp(name, "ENCODING") == 0) {
        r->coding = coding_of(value);
    } else if (strcasecmp(name, "CHARSET") == 0) {
        r->charset = value;
    } else if (strcasecmp(name, "X-APPLE-OMIT-YEAR") == 0) {
        r->out->omits_year = true;
    } else if (strcasecmp(name, "VALUE") == 0) {
        r->out->is_uri = strcasecmp(value, "uri") == 0;
    } else if (strcasecmp(name, "PREF") == 0) {
        int64_t preference = 0;
        bool good = str_to_int(value, &preference) == 0 && preference >= 1 && preference <= 100;
        r->out->preference = good ? (int)preference : r->out->preference;
    }
}

/* One between ";": NAME=value, value in quotes or not; of 2.1 a value alone. */
static void take_parameter(struct reading *r, const char *text, size_t n)
{
    char *parameter = arena_alloc(r->arena, n + 1);
    size_t used = 0;
    for (size_t i = 0; i < n; i++) {
        if (text[i] != '"') {
            parameter[used++] = text[i];
        }
    }
    char *equals = strchr(parameter, '=');
    if (equals != NULL) {
        *equals = '\0';
        take_named(r, parameter, equals + 1);
    } else if (coding_of(parameter) != PLAIN_VALUE) {
        r->coding = coding_of(parameter);
    } else {
        take_types(r, parameter);
    }
}

static void take_name(struct reading *r, const char *line, size_t n)
{
    char *name = arena_strndup(r->arena, line, n);
    char *dot = strrchr(name, '.');
    if (dot != NULL) {
        *dot = '\0';
        r->out->group = small_letters(r->arena, name);
        name = dot + 1;
    }
    for (char *p = name; *p != '\0'; p++) {
        *p = (char)toupper((unsigned char)*p);
    }
    r->out->name = name;
}

static bool take_value(struct reading *r, const char *text, bool bytes)
{
    struct buf decoded = {0}, value = {0};
    bool good = true;
    if (r->coding == BASE64 && strcmp(r->out->name, "PHOTO") == 0) {
        r->out->is_base64 = true;
        r->out->value = arena_strdup(r->arena, text);
        return true;
    }
    if (r->coding == BASE64) {
        good = coded_base64(text, strlen(text), &decoded) == 0;
    } else if (r->coding == QUOTED_PRINTABLE) {
        coded_quoted_printable(text, strlen(text), &decoded);
    } else {
        buf_puts(&decoded, text);
    }
    const char *charset = bytes || r->coding != PLAIN_VALUE ? r->charset : "UTF-8";
    good = good && coded_text(buf_text(&decoded), decoded.size, charset, &value);
    r->out->value = arena_strdup(r->arena, good ? buf_text(&value) : "");
    buf_done(&decoded);
    buf_done(&value);
    return good;
}

bool vcard_read(struct arena *a, const char *line, bool bytes, struct vcard_property *out)
{
    struct reading r = {.arena = a, .out = out};
    *out = (struct vcard_property){.value = ""};
    if (!vcard_is_property(line)) {
        return false;
    }
    const char *at = next_sign(line);
    take_name(&r, line, (size_t)(at - line));
    while (*at == ';') {
        const char *end = next_sign(at + 1);
        take_parameter(&r, at + 1, (size_t)(end - at - 1));
        at = end;
    }
    return *at == ':' && take_value(&r, at + 1, bytes);
}

bool vcard_has_type(const struct vcard_property *p, const char *type)
{
    for (size_t i = 0; i < p->type_count; i++) {
        if (strcmp(p->types[i], type) == 0) {
            return true;
        }
    }
    return false;
}

bool vcard_is_quoted_printable(const char *line)
{
    static const char NAME[] = "QUOTED-PRINTABLE";
    const char *end = next_sign(line);
    while (*end == ';') {
        end = next_sign(end + 1);
    }
    for (const char *at = line; at + sizeof NAME - 1 <= end; at++) {
        if (strncasecmp(at, NAME, sizeof NAME - 1) == 0) {
            return true;
        }
    }
    return false;
}

/* ---- values ---------------------------------------------------------------------------------- */

static char *unescaped(struct arena *a, const char *text, size_t n)
{
    char *out = arena_alloc(a, n + 1);
    size_t used = 0;
    for (size_t i = 0; i < n; i++) {
        bool escape = text[i] == '\\' && i + 1 < n;
        if (escape && (text[i + 1] == 'n' || text[i + 1] == 'N')) {
            out[used++] = '\n';
            i++;
        } else if (escape && strchr(",;:\\\"", text[i + 1]) != NULL) {
            out[used++] = text[++i];
        } else if (text[i] != '\r') {
            out[used++] = text[i];
        }
    }
    out[used] = '\0';
    return out;
}

const char *vcard_plain(struct arena *a, const char *value)
{
    return str_trim(a, unescaped(a, value, strlen(value)));
}

static size_t part_size(const char *at, char separator)
{
    size_t n = 0;
    while (at[n] != '\0' && at[n] != separator) {
        n += at[n] == '\\' && at[n + 1] != '\0' ? 2 : 1;
    }
    return n;
}

size_t vcard_split(struct arena *a, const char *value, char separator, const char ***out)
{
    size_t count = 1, i = 0;
    for (const char *at = value; *at != '\0'; at++) {
        count += *at == separator;
    }
    *out = ARENA_ARRAY(a, const char *, count);
    for (const char *at = value;; at++) {
        size_t n = part_size(at, separator);
        (*out)[i++] = str_trim(a, unescaped(a, at, n));
        at += n;
        if (*at == '\0') {
            return i;
        }
    }
}
