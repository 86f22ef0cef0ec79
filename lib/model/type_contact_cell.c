/*
 * Contact points as one cell: "ada@example.com; info@example.com [office, opt-out]". A plain list
 * stays plain; what else is known of an entry stands behind it in brackets: its label and the words
 * primary (where it is not the first), opt-out and invalid. A backslash stands before a sign that is
 * meant as itself, and before a label that reads like one of the words. What is written so comes
 * back the same; what people write into cells is taken as it stands.
 */
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "model/types.h"

#define LABEL_ENOUGH 4000 /* bytes: longer than any label may be, and refused as such */

static bool reads_like_mark(const char *label)
{
    struct marks any;
    return mark_named(&any, MARK_WORDS, label) != NULL;
}

static bool is_escape(const char *s)
{
    return *s == '\\' && s[1] != '\0' && strchr("\\[],;\n", s[1]) != NULL;
}

/* Where the bracket of an item begins, which ends with a bare "]"; NULL: it has none. */
static const char *bracket_of(const char *item)
{
    const char *open = NULL, *close = NULL;
    for (const char *s = item; *s != '\0'; s++) {
        if (is_escape(s)) {
            s++;
        } else if (*s == '[' && open == NULL) {
            open = s;
        } else if (*s == ']') {
            close = s;
        }
    }
    return open != NULL && open != item && close != NULL && close > open && close[1] == '\0' ? open
                                                                                             : NULL;
}

static const char *plain(struct arena *a, const char *s, size_t n)
{
    char *out = arena_alloc(a, n + 1), *at = out;
    for (size_t i = 0; i < n; i++) {
        i += is_escape(s + i) && i + 1 < n ? 1 : 0;
        *at++ = s[i];
    }
    *at = '\0';
    return str_trim(a, out);
}

/* One word in the brackets. */
static void take_word(struct arena *a, const char *s, size_t n, struct point *p)
{
    const char *word = str_trim(a, arena_strndup(a, s, n));
    bool *mark = mark_named(&p->is, MARK_WORDS, word);
    if (mark != NULL) {
        *mark = true;
        return;
    }
    word = reads_like_mark(word + (*word == '\\' ? 1 : 0)) ? word + 1
                                                              : plain(a, word, strlen(word));
    if (*word == '\0' || strlen(p->label) > LABEL_ENOUGH) {
        return;
    }
    p->label = *p->label == '\0' ? word : arena_printf(a, "%s, %s", p->label, word);
}

/* Up to the next bare sign. */
static size_t part_size(const char *s, const char *signs, bool brackets)
{
    const char *begin = s;
    bool inside = false;
    for (; *s != '\0'; s++) {
        if (is_escape(s)) {
            s++;
        } else if (strchr(signs, *s) != NULL && !inside) {
            break;
        } else {
            inside = brackets && ((inside && *s != ']') ||
                                  (!inside && *s == '[' && strchr(s, ']') != NULL));
        }
    }
    return (size_t)(s - begin);
}

static void take_item(struct arena *a, const char *item, struct point *p)
{
    const char *open = bracket_of(item);
    *p = (struct point){.label = ""};
    p->value = plain(a, item, open != NULL ? (size_t)(open - item) : strlen(item));
    for (const char *s = open != NULL ? open + 1 : ""; *s != '\0';) {
        size_t n = part_size(s, ",", false);
        bool last = s[n] == '\0';
        take_word(a, s, last && n > 0 ? n - 1 : n, p);
        s += n + (last ? 0 : 1);
    }
}

int type_points_split(const struct parse_context *c, const char *in, const char *separators,
                      struct point **out, size_t *count, struct err *e)
{
    struct point *points = ARENA_ARRAY(c->arena, struct point, TYPE_ITEMS_MAX);
    size_t n = 0;
    for (const char *s = in; *s != '\0';) {
        size_t size = part_size(s, separators, true);
        const char *item = type_clean(c, arena_strndup(c->arena, s, size), e);
        s += size + (s[size] != '\0');
        if (item == NULL) {
            return -1;
        }
        if (*item == '\0') {
            continue;
        }
        if (n == TYPE_ITEMS_MAX) {
            return type_refuse(c, e, "has more than %d entries", TYPE_ITEMS_MAX);
        }
        take_item(c->arena, item, &points[n++]);
    }
    *out = points;
    *count = n;
    return 0;
}

/* With a backslash before each of the signs, which one is itself. */
static void put_text(struct buf *out, const char *text, const char *signs)
{
    for (const char *s = text; *s != '\0';) {
        size_t n = strcspn(s, signs);
        buf_add(out, s, n);
        s += n;
        if (*s != '\0') {
            buf_putc(out, '\\');
            buf_putc(out, *s++);
        }
    }
}

void type_point_put(struct buf *out, struct point *p, bool first)
{
    const char *comma = "";
    put_text(out, p->value, "\\[;,");
    p->is.primary = p->is.primary && !first;
    if (*p->label == '\0' && !p->is.primary && !p->is.opt_out && !p->is.invalid) {
        return;
    }
    buf_puts(out, " [");
    if (*p->label != '\0') {
        buf_puts(out, reads_like_mark(p->label) ? "\\" : "");
        put_text(out, p->label, "\\[],;");
        comma = ", ";
    }
    for (size_t i = 0; i < MARKS; i++) {
        if (*mark_of(&p->is, i)) {
            buf_printf(out, "%s%s", comma, MARK_WORDS[i]);
            comma = ", ";
        }
    }
    buf_putc(out, ']');
}
