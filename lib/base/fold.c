/*
 * Folding text to keys for search, sorting and comparing; see str.h. ASCII is folded byte by byte;
 * only what lies above goes through utf8proc (NFKD, case folding, marks stripped). Results fold to
 * themselves. One code point of Unicode unfolds to at most 18 others (U+FDFA).
 */
#include <string.h>
#include <utf8proc.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

#define UNFOLDED_MAX 32
#define REPLACEMENT  0xfffd

/* Takes the folded code points one after the other. */
struct folder {
    struct buf out;
    bool tight;     /* drop blanks and punctuation instead of joining blanks */
    bool blank_due; /* a blank came after the last visible character */
};

static bool is_punctuation(int32_t c)
{
    utf8proc_category_t k = utf8proc_category(c);
    return k >= UTF8PROC_CATEGORY_PC && k <= UTF8PROC_CATEGORY_PO;
}

static void put_visible(struct folder *f, const char *bytes, size_t n)
{
    if (f->blank_due && f->out.size > 0) {
        buf_putc(&f->out, ' ');
    }
    f->blank_due = false;
    buf_add(&f->out, bytes, n);
}

static void put_code_point(struct folder *f, int32_t c)
{
    if (str_is_blank(c)) {
        f->blank_due = !f->tight;
        return;
    }
    if (f->tight && is_punctuation(c)) {
        return;
    }
    utf8proc_uint8_t bytes[4];
    utf8proc_ssize_t n = utf8proc_encode_char(c, bytes);
    put_visible(f, (const char *)bytes, n > 0 ? (size_t)n : 0);
}

static void unfold(struct folder *f, int32_t c)
{
    utf8proc_int32_t parts[UNFOLDED_MAX];
    int boundary = 0;
    utf8proc_option_t how = UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD |
                            UTF8PROC_STRIPMARK | UTF8PROC_IGNORE;
    utf8proc_ssize_t n = utf8proc_decompose_char(c, parts, UNFOLDED_MAX, how, &boundary);
    for (utf8proc_ssize_t i = 0; i < n && i < UNFOLDED_MAX; i++) {
        put_code_point(f, parts[i]);
    }
}

static void fold_all(struct folder *f, const char *s, size_t n)
{
    for (size_t i = 0; i < n;) {
        unsigned char c = (unsigned char)s[i];
        if (c < 0x80 && c != 0) {
            put_code_point(f, c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
            i++;
            continue;
        }
        size_t size = str_utf8_sequence(s + i, n - i);
        utf8proc_int32_t code_point = REPLACEMENT;
        if (size > 0) {
            utf8proc_iterate((const utf8proc_uint8_t *)s + i, (utf8proc_ssize_t)size, &code_point);
        }
        unfold(f, code_point);
        i += size > 0 ? size : 1;
    }
}

/* One byte of ASCII folded: 0 = not ASCII or NUL, ' ' = blank. */
static unsigned char fold_byte(unsigned char c)
{
    if (c >= 'A' && c <= 'Z') {
        return (unsigned char)(c + ('a' - 'A'));
    }
    if (c >= '\t' && c <= '\r') {
        return ' ';
    }
    return c < 0x80 ? c : 0;
}

int str_fold_ascii(char *out, size_t room, const char *s, size_t n)
{
    if (room == 0 || n >= room) {
        return -1;
    }
    char *end = out;
    bool blank_due = false;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = fold_byte((unsigned char)s[i]);
        if (c == 0) {
            return -1;
        }
        if (c == ' ') {
            blank_due = true;
            continue;
        }
        if (blank_due && end > out) {
            *end++ = ' ';
        }
        blank_due = false;
        *end++ = (char)c;
    }
    *end = '\0';
    return 0;
}

char *str_fold(struct arena *a, const char *s, size_t n)
{
    char *plain = arena_alloc(a, n + 1);
    if (str_fold_ascii(plain, n + 1, s, n) == 0) {
        return plain;
    }
    struct folder f = {0};
    fold_all(&f, s, n);
    char *result = arena_strndup(a, buf_text(&f.out), f.out.size);
    buf_done(&f.out);
    return result;
}

/* What case folding and decomposition leave as a letter of its own. */
static const struct {
    const char *from, *to;
} PLAIN[] = {
    {"ø", "o"},  {"ł", "l"},  {"đ", "d"},  {"ð", "d"}, {"ħ", "h"}, {"ŧ", "t"},  {"ı", "i"},
    {"æ", "ae"}, {"œ", "oe"}, {"þ", "th"}, {"ŋ", "n"}, {"’", "'"}, {"‘", "'"}, {"ʼ", "'"},
    {"‐", "-"},  {"–", "-"},  {"—", "-"},  {"−", "-"},
};

static bool put_plain(struct buf *out, const char *s, size_t n)
{
    for (size_t i = 0; i < sizeof PLAIN / sizeof PLAIN[0]; i++) {
        if (strlen(PLAIN[i].from) == n && memcmp(PLAIN[i].from, s, n) == 0) {
            buf_puts(out, PLAIN[i].to);
            return true;
        }
    }
    return false;
}

char *str_fold_search(struct arena *a, const char *s, size_t n)
{
    char *folded = str_fold(a, s, n);
    const char *p = folded;
    while (*p != '\0' && (unsigned char)*p < 0x80) {
        p++;
    }
    if (*p == '\0') {
        return folded;
    }
    struct buf out = {0};
    for (p = folded; *p != '\0';) {
        size_t size = (unsigned char)*p < 0x80 ? 1 : str_utf8_sequence(p, 4);
        size = size > 0 ? size : 1;
        if (size == 1 || !put_plain(&out, p, size)) {
            buf_add(&out, p, size);
        }
        p += size;
    }
    char *result = arena_strndup(a, buf_text(&out), out.size);
    buf_done(&out);
    return result;
}

char *str_fold_tight(struct arena *a, const char *s)
{
    struct folder f = {.tight = true};
    fold_all(&f, s, strlen(s));
    char *result = arena_strndup(a, buf_text(&f.out), f.out.size);
    buf_done(&f.out);
    return result;
}

char *str_upper(struct arena *a, const char *s)
{
    struct buf out = {0};
    size_t size = strlen(s);
    for (size_t i = 0; i < size;) {
        utf8proc_int32_t c = REPLACEMENT;
        utf8proc_uint8_t bytes[4];
        if ((unsigned char)s[i] < 0x80) {
            buf_putc(&out, s[i] >= 'a' && s[i] <= 'z' ? (char)(s[i] - 'a' + 'A') : s[i]);
            i++;
            continue;
        }
        utf8proc_ssize_t n =
            utf8proc_iterate((const utf8proc_uint8_t *)s + i, (utf8proc_ssize_t)(size - i), &c);
        i += n > 0 ? (size_t)n : 1;
        utf8proc_ssize_t wide = utf8proc_encode_char(utf8proc_toupper(n > 0 ? c : REPLACEMENT), bytes);
        buf_add(&out, (const char *)bytes, (size_t)wide);
    }
    char *upper = arena_strndup(a, buf_text(&out), out.size);
    buf_done(&out);
    return upper;
}
