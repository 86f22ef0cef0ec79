/*
 * See html.h. It is read from front to back, tag by tag; nothing is nested but a link and what is left
 * out, so depth costs nothing. A tag that nothing ends is the last that is looked for: what comes
 * stays as it is, and no text is searched again and again.
 */
#include "exchange/html.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/str.h"

enum effect {
    EFFECT_NONE,
    EFFECT_BREAK,     /* a line ends; after two of them one is empty */
    EFFECT_LINE,      /* what follows begins a line */
    EFFECT_PARAGRAPH, /* an empty line is between it and others */
    EFFECT_ITEM,      /* a line with a dash */
    EFFECT_CELL,      /* apart from the one before */
    EFFECT_LINK,
    EFFECT_DROP /* with all that is in it */
};

static const struct tag {
    const char *name;
    enum effect effect;
} TAGS[] = {
    {"a", EFFECT_LINK},         {"abbr", EFFECT_NONE},    {"article", EFFECT_LINE},
    {"b", EFFECT_NONE},         {"big", EFFECT_NONE},     {"blockquote", EFFECT_PARAGRAPH},
    {"body", EFFECT_LINE},      {"br", EFFECT_BREAK},      {"center", EFFECT_LINE},
    {"code", EFFECT_NONE},      {"col", EFFECT_NONE},     {"colgroup", EFFECT_NONE},
    {"dd", EFFECT_LINE},        {"del", EFFECT_NONE},     {"div", EFFECT_LINE},
    {"dl", EFFECT_PARAGRAPH},   {"dt", EFFECT_LINE},      {"em", EFFECT_NONE},
    {"figure", EFFECT_LINE},    {"font", EFFECT_NONE},    {"footer", EFFECT_LINE},
    {"h1", EFFECT_PARAGRAPH},   {"h2", EFFECT_PARAGRAPH}, {"h3", EFFECT_PARAGRAPH},
    {"h4", EFFECT_PARAGRAPH},   {"h5", EFFECT_PARAGRAPH}, {"h6", EFFECT_PARAGRAPH},
    {"head", EFFECT_DROP},      {"header", EFFECT_LINE},  {"hr", EFFECT_PARAGRAPH},
    {"html", EFFECT_NONE},      {"i", EFFECT_NONE},       {"img", EFFECT_NONE},
    {"ins", EFFECT_NONE},       {"label", EFFECT_NONE},   {"li", EFFECT_ITEM},
    {"main", EFFECT_LINE},      {"mark", EFFECT_NONE},    {"o:p", EFFECT_NONE},     {"ol", EFFECT_LINE},
    {"p", EFFECT_PARAGRAPH},    {"pre", EFFECT_PARAGRAPH}, {"s", EFFECT_NONE},
    {"script", EFFECT_DROP},    {"section", EFFECT_LINE}, {"small", EFFECT_NONE},
    {"span", EFFECT_NONE},      {"strike", EFFECT_NONE},  {"strong", EFFECT_NONE},
    {"style", EFFECT_DROP},     {"sub", EFFECT_NONE},     {"sup", EFFECT_NONE},
    {"table", EFFECT_PARAGRAPH}, {"tbody", EFFECT_NONE},  {"td", EFFECT_CELL},
    {"tfoot", EFFECT_NONE},     {"th", EFFECT_CELL},      {"thead", EFFECT_NONE},
    {"title", EFFECT_DROP},     {"tr", EFFECT_LINE},      {"tt", EFFECT_NONE},
    {"u", EFFECT_NONE},         {"ul", EFFECT_LINE},
};

static const struct {
    const char *name;
    int32_t code_point;
} CHARACTERS[] = {
    {"amp", '&'},      {"apos", '\''},    {"bdquo", 0x201e},  {"bull", 0x2022},  {"copy", 0xa9},
    {"deg", 0xb0},     {"euro", 0x20ac},  {"gt", '>'},        {"hellip", 0x2026}, {"laquo", 0xab},
    {"ldquo", 0x201c}, {"lsquo", 0x2018}, {"lt", '<'},        {"mdash", 0x2014}, {"middot", 0xb7},
    {"nbsp", ' '},     {"ndash", 0x2013}, {"pound", 0xa3},    {"quot", '"'},     {"raquo", 0xbb},
    {"rdquo", 0x201d}, {"reg", 0xae},     {"rsquo", 0x2019},  {"sbquo", 0x201a}, {"sect", 0xa7},
    {"shy", 0},        {"times", 0xd7},   {"trade", 0x2122},  {"auml", 0xe4},    {"Auml", 0xc4},
    {"ouml", 0xf6},    {"Ouml", 0xd6},    {"uuml", 0xfc},     {"Uuml", 0xdc},    {"szlig", 0xdf},
    {"agrave", 0xe0},  {"aacute", 0xe1},  {"acirc", 0xe2},    {"aring", 0xe5},   {"aelig", 0xe6},
    {"ccedil", 0xe7},  {"egrave", 0xe8},  {"eacute", 0xe9},   {"ecirc", 0xea},   {"iacute", 0xed},
    {"ntilde", 0xf1},  {"oacute", 0xf3},  {"ocirc", 0xf4},    {"oslash", 0xf8},  {"uacute", 0xfa},
};

struct reading {
    struct buf *out;
    struct arena *a;
    bool blank;            /* a blank is due before the next word */
    size_t empty;          /* line ends that are due before it */
    bool item;             /* in one of a list: paragraphs are lines there */
    size_t dash;           /* `out` ends with that of an item; 0: it does not */
    bool lines;            /* no tag makes lines: those of the text do */
    const struct tag *dropping; /* the one whose end is looked for */
    bool unclosed;
    const char *href;      /* of the link we are in */
    size_t link;           /* where its words begin in `out` */
};

static const struct tag COMMENT = {"!", EFFECT_NONE};

/* What the name at `p` is, up to `n`; NULL: no tag of HTML. */
static const struct tag *find_tag(const char *p, size_t n)
{
    size_t i = 0;
    while (i < COUNT(TAGS) && (strlen(TAGS[i].name) != n || strncasecmp(TAGS[i].name, p, n) != 0)) {
        i++;
    }
    return n > 0 && i < COUNT(TAGS) && p[n] != 0 && strchr(" \t\r\n/>", p[n]) != NULL ? &TAGS[i] : NULL;
}

/* Behind the tag whose attributes begin at `p`; NULL: nothing ends it. */
static const char *end_of_tag(const char *p)
{
    for (char quote = 0; *p != 0 && (quote != 0 || *p != '>'); p++) {
        quote = quote != 0 ? (*p == quote ? 0 : quote) : *p == '"' || *p == '\'' ? *p : 0;
    }
    return *p == '>' ? p + 1 : NULL;
}

static const char *end_of_comment(const char *p)
{
    bool real = strncmp(p, "<!--", 4) == 0;
    const char *end = real ? strstr(p + 4, "-->") : strchr(p, '>');
    return end != NULL ? end + (real ? 3 : 1) : NULL;
}

struct place {
    const struct tag *tag;
    const char *begin, *end; /* of the tag */
    bool closes;
};

/* The next tag from `p` on; false: none. */
static bool next_tag(const char *p, struct place *at)
{
    at->tag = NULL;
    for (p = strchr(p, '<'); p != NULL && at->tag == NULL; p = strchr(p + 1, '<')) {
        at->closes = p[1] == '/';
        const char *name = p + 1 + at->closes;
        size_t n = 0;
        while (isalnum((unsigned char)name[n]) || name[n] == ':') {
            n++;
        }
        at->tag = p[1] == '!' ? &COMMENT : find_tag(name, n);
        at->begin = p;
        at->end = at->tag == &COMMENT ? end_of_comment(p) : at->tag != NULL ? end_of_tag(name + n) : p;
    }
    return at->tag != NULL && at->end != NULL;
}

bool html_is(const char *text)
{
    struct place at = {.end = text};
    bool found;
    do {
        found = next_tag(at.end, &at);
    } while (found && at.tag == &COMMENT);
    return found;
}

/* What is due stands before the next word; nothing does before the first one. */
static void settle(struct reading *r)
{
    if (r->out->size > 0 && r->empty > 0) {
        buf_puts(r->out, r->empty > 1 ? "\n\n" : "\n");
    } else if (r->out->size > 0 && r->blank) {
        buf_putc(r->out, ' ');
    }
    r->blank = false;
    r->empty = 0;
}

/* Editors put paragraphs into items: behind the dash of one nothing is due yet. */
static void need_lines(struct reading *r, size_t n)
{
    r->empty = r->empty > n || r->out->size == r->dash ? r->empty : n;
}

static void end_line(struct reading *r)
{
    r->empty += r->empty < 2;
}

static bool is_blank(const char *bytes, size_t n)
{
    return (n == 1 && strchr(" \t\r\n", bytes[0]) != NULL) || (n == 2 && memcmp(bytes, "\xc2\xa0", 2) == 0);
}

/* One character of n bytes; those of control are nothing. */
static void put(struct reading *r, const char *bytes, size_t n)
{
    bool control = n == 1 && ((unsigned char)bytes[0] < ' ' || bytes[0] == 0x7f);
    if (n == 1 && bytes[0] == '\n' && r->lines) {
        end_line(r);
    } else if (is_blank(bytes, n)) {
        r->blank = true;
    } else if (n > 0 && !control) {
        settle(r);
        buf_add(r->out, bytes, n);
    }
}

/* "&amp;", "&#228;", "&#xe4;" at `p`; where it is over. NULL: no such character, it stands for itself. */
static const char *read_character(const char *p, int32_t *out)
{
    const char *end = p + 1 + strcspn(p + 1, "; \t\r\n<&");
    if (*end != ';' || end == p + 1) {
        return NULL;
    }
    if (p[1] == '#') {
        bool hex = p[2] == 'x' || p[2] == 'X';
        const char *digits = p + 2 + hex;
        char *stop = NULL;
        unsigned long n = isxdigit((unsigned char)*digits) ? strtoul(digits, &stop, hex ? 16 : 10) : 0;
        *out = n <= 0x10ffff ? (int32_t)n : 0;
        return stop == end ? end + 1 : NULL;
    }
    size_t n = (size_t)(end - p - 1);
    for (size_t i = 0; i < COUNT(CHARACTERS); i++) {
        if (strlen(CHARACTERS[i].name) == n && memcmp(CHARACTERS[i].name, p + 1, n) == 0) {
            *out = CHARACTERS[i].code_point;
            return end + 1;
        }
    }
    return NULL;
}

/* The address of a link, as far as it leads out of the text: "https://…", "mailto:…". */
static const char *read_href(struct arena *a, const char *tag, const char *end)
{
    for (const char *p = tag; p + 6 < end; p++) {
        char quote = p[5] == '=' ? p[6] : 0;
        if (!isspace((unsigned char)p[0]) || strncasecmp(p + 1, "href", 4) != 0 ||
            (quote != '"' && quote != '\'')) {
            continue;
        }
        const char *value = p + 7, *stop = memchr(value, quote, (size_t)(end - value));
        bool leads = strncasecmp(value, "http", 4) == 0 || strncasecmp(value, "mailto:", 7) == 0;
        return stop != NULL && leads ? arena_strndup(a, value, (size_t)(stop - value)) : NULL;
    }
    return NULL;
}

static void put_words(struct reading *r, const char *p, size_t n)
{
    const char *end = p + n;
    while (p < end) {
        int32_t c = 0;
        char bytes[STR_UTF8_MAX];
        const char *next = *p == '&' ? read_character(p, &c) : NULL;
        if (next != NULL && next <= end) {
            put(r, bytes, str_utf8_put(c, bytes));
            p = next;
        } else {
            size_t size = str_utf8_sequence(p, (size_t)(end - p));
            put(r, p, size > 0 ? size : 1);
            p += size > 0 ? size : 1;
        }
    }
}

static void begin_link(struct reading *r, const char *tag, const char *end)
{
    r->href = read_href(r->a, tag, end);
    r->link = r->out->size;
}

/* Words that are the address themselves say it already. */
static void end_link(struct reading *r)
{
    const char *href = r->href;
    r->href = NULL;
    if (href == NULL) {
        return;
    }
    size_t plain = strncasecmp(href, "mailto:", 7) == 0 ? 7 : 0, n = strlen(href + plain);
    const char *words = r->out->size > 0 ? r->out->data + r->link : "";
    size_t have = r->out->size - r->link;
    if (memmem(words, have, href + plain, n) == NULL) {
        r->blank = have > 0;
        put(r, "(", 1);
        put_words(r, href + plain, n);
        put(r, ")", 1);
    }
}

/* What nothing closes is not left out. */
static bool is_closed(struct reading *r, const struct place *opened)
{
    struct place at = *opened;
    while (!r->unclosed && next_tag(at.end, &at)) {
        if (at.closes && at.tag == opened->tag) {
            return true;
        }
    }
    r->unclosed = true; /* nor is looked for again */
    return false;
}

static void take_tag(struct reading *r, const struct place *at)
{
    switch (at->tag->effect) {
    case EFFECT_NONE:
        break;
    case EFFECT_BREAK:
        end_line(r);
        break;
    case EFFECT_LINE:
        need_lines(r, 1);
        break;
    case EFFECT_PARAGRAPH:
        need_lines(r, r->item ? 1 : 2);
        break;
    case EFFECT_ITEM:
        r->dash = 0;
        r->item = !at->closes;
        need_lines(r, 1);
        if (!at->closes) {
            put(r, "-", 1);
            r->dash = r->out->size;
            r->blank = true;
        }
        break;
    case EFFECT_CELL:
        r->blank = true;
        break;
    case EFFECT_LINK:
        end_link(r);
        if (!at->closes) {
            begin_link(r, at->begin, at->end);
        }
        break;
    case EFFECT_DROP:
        r->dropping = at->closes || !is_closed(r, at) ? NULL : at->tag;
        break;
    }
}

static bool has_lines(const char *html)
{
    struct place at = {.end = html};
    bool found = false;
    while (!found && next_tag(at.end, &at)) {
        found = at.tag->effect >= EFFECT_BREAK && at.tag->effect <= EFFECT_ITEM;
    }
    return found;
}

const char *html_text(struct arena *a, const char *html)
{
    struct buf out = {0};
    struct place at = {0};
    struct reading r = {.out = &out, .a = a, .lines = !has_lines(html)};
    while (next_tag(html, &at)) {
        if (r.dropping == NULL) {
            put_words(&r, html, (size_t)(at.begin - html));
        }
        if (r.dropping == NULL || (r.dropping == at.tag && at.closes)) {
            take_tag(&r, &at);
        }
        html = at.end;
    }
    if (r.dropping == NULL) {
        put_words(&r, html, strlen(html));
    }
    end_link(&r);
    const char *text = arena_strndup(a, out.size > 0 ? out.data : "", out.size);
    buf_done(&out);
    return text;
}
