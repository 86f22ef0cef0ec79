/* See multipart.h. */
#include "exchange/multipart.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/str.h"
#include "exchange/encoding.h"

#define BLANKS " \t"

static int malformed(struct err *e, const char *what)
{
    return err_fail(e, ERR_MALFORMED, "", "The form cannot be read: %s.", what);
}

/* ---- parameters of a header ------------------------------------------------------------------ */

static bool is_token(char c)
{
    return c > ' ' && c < 0x7f && strchr("()<>@,;:\\\"/[]?={}", c) == NULL;
}

/* The value at s, plain or in quotes, where a backslash only guards a quote or itself: paths of old
 * browsers have plain ones. *end is behind it. */
static char *read_value(struct arena *a, const char *s, const char **end)
{
    char *out = arena_alloc(a, strlen(s) + 1);
    size_t n = 0;
    if (*s != '"') {
        size_t size = strcspn(s, ";" BLANKS);
        *end = s + size;
        return arena_strndup(a, s, size);
    }
    for (s++; *s != '\0' && *s != '"'; s++) {
        s += *s == '\\' && (s[1] == '"' || s[1] == '\\');
        out[n++] = *s;
    }
    out[n] = '\0';
    *end = s + (*s == '"');
    return out;
}

static int hex_of(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

/* %XX; with `only`, of these bytes alone. */
static char *unescape(struct arena *a, const char *s, const char *only)
{
    char *out = arena_alloc(a, strlen(s) + 1);
    size_t n = 0;
    while (*s != '\0') {
        int high = *s == '%' ? hex_of(s[1]) : -1;
        int low = high >= 0 ? hex_of(s[2]) : -1;
        char c = (char)(high * 16 + low);
        if (low >= 0 && c != '\0' && (only == NULL || strchr(only, c) != NULL)) {
            out[n++] = c;
            s += 3;
        } else {
            out[n++] = *s++;
        }
    }
    out[n] = '\0';
    return out;
}

static const char *as_utf8(struct arena *a, const char *s)
{
    struct decoder d;
    struct buf text = {0};
    struct err ignored = {0};
    if (str_is_utf8(s, strlen(s))) {
        return s;
    }
    decoder_init(&d, ENCODING_WINDOWS_1252);
    bool good = decoder_feed(&d, s, strlen(s), &text, &ignored) == 0;
    const char *out = good && str_is_utf8(buf_text(&text), text.size)
                          ? arena_strndup(a, buf_text(&text), text.size)
                          : "";
    buf_done(&text);
    return out;
}

/* charset'language'%XX…: only UTF-8 and ISO-8859-1 are ever sent. */
static const char *extended(struct arena *a, const char *value)
{
    const char *language = strchr(value, '\'');
    const char *text = language != NULL ? strchr(language + 1, '\'') : NULL;
    return text != NULL ? as_utf8(a, unescape(a, text + 1, NULL)) : NULL;
}

const char *header_parameter(struct arena *a, const char *header, const char *name)
{
    const char *plain = NULL;
    size_t n = strlen(name);
    for (const char *s = strchr(header, ';'); s != NULL && *s != '\0';) {
        s += strspn(s, ";" BLANKS);
        size_t size = 0;
        while (is_token(s[size])) {
            size++;
        }
        const char *key = s;
        s += size + strspn(s + size, BLANKS);
        if (*s != '=') {
            s = strchr(s, ';');
            continue;
        }
        s += 1 + strspn(s + 1, BLANKS);
        const char *value = read_value(a, s, &s);
        if (size == n + 1 && key[n] == '*' && strncasecmp(key, name, n) == 0) {
            const char *better = extended(a, value);
            if (better != NULL) {
                return better;
            }
        } else if (size == n && strncasecmp(key, name, n) == 0 && plain == NULL) {
            plain = value;
        }
        s = strchr(s, ';');
    }
    return plain != NULL ? as_utf8(a, unescape(a, plain, "\"\r\n")) : NULL;
}

/* ---- the parser ------------------------------------------------------------------------------ */

bool multipart_is(const char *type)
{
    static const char ours[] = "multipart/form-data";
    return type != NULL && strncasecmp(type, ours, sizeof ours - 1) == 0 &&
           strchr("; \t", type[sizeof ours - 1]) != NULL;
}

static bool is_boundary(const char *s)
{
    size_t n = strlen(s);
    return n > 0 && n <= MULTIPART_BOUNDARY_MAX && s[n - 1] != ' ' &&
           strspn(s, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'()+_,-./:=? ") == n;
}

int multipart_init(struct multipart *m, const char *type, const struct multipart_events *events,
                   struct err *e)
{
    struct arena a;
    *m = (struct multipart){.events = *events, .state = MULTIPART_BEFORE};
    arena_init(&a);
    const char *boundary = header_parameter(&a, type, "boundary");
    bool good = boundary != NULL && is_boundary(boundary);
    if (good) {
        m->delimiter_size = strlen(boundary) + 4;
        memcpy(m->delimiter, "\r\n--", 4);
        memcpy(m->delimiter + 4, boundary, m->delimiter_size - 4);
        buf_puts(&m->pending, "\r\n"); /* the first delimiter may stand at the very beginning */
    }
    arena_done(&a);
    return good ? 0 : malformed(e, "its Content-Type names no boundary");
}

void multipart_done(struct multipart *m)
{
    buf_done(&m->pending);
}

static void drop(struct multipart *m, size_t n)
{
    m->pending.size -= n;
    memmove(m->pending.data, m->pending.data + n, m->pending.size);
    m->pending.data[m->pending.size] = '\0';
}

static int hand_on(struct multipart *m, size_t n, struct err *e)
{
    int rc = 0;
    if (m->state == MULTIPART_BEFORE) {
        m->before += n;
        rc = m->before > MULTIPART_BEFORE_MAX ? malformed(e, "it does not begin with its boundary")
                                              : 0;
    } else if (n > 0) {
        rc = m->events.bytes(m->events.data, m->pending.data, n, e);
    }
    drop(m, n);
    return rc;
}

/* How many of the last bytes may be the beginning of a delimiter. */
static size_t tail_of(const struct multipart *m)
{
    size_t n = m->pending.size < m->delimiter_size - 1 ? m->pending.size : m->delimiter_size - 1;
    while (n > 0 && memcmp(m->pending.data + m->pending.size - n, m->delimiter, n) != 0) {
        n--;
    }
    return n;
}

/* Each step: 1 something was done, 0 more bytes are needed, -1. */
static int step_bytes(struct multipart *m, struct err *e)
{
    const char *at = memmem(m->pending.data, m->pending.size, m->delimiter, m->delimiter_size);
    if (at == NULL) {
        return hand_on(m, m->pending.size - tail_of(m), e);
    }
    if (hand_on(m, (size_t)(at - m->pending.data), e) != 0 ||
        (m->state == MULTIPART_BYTES && m->events.end(m->events.data, e) != 0)) {
        return -1;
    }
    drop(m, m->delimiter_size);
    m->state = MULTIPART_LINE;
    return 1;
}

/* Behind a boundary: "--" and the form is over, or the end of the line and a part begins. */
static int step_line(struct multipart *m, struct err *e)
{
    const char *s = buf_text(&m->pending);
    size_t blank = strspn(s, BLANKS);
    if (m->pending.size >= 2 && memcmp(s, "--", 2) == 0) {
        m->state = MULTIPART_OVER;
        return 1;
    }
    if (m->pending.size < blank + 2) {
        return blank > MULTIPART_BEFORE_MAX ? malformed(e, "a boundary does not end") : 0;
    }
    if (memcmp(s + blank, "\r\n", 2) != 0) {
        return malformed(e, "a boundary is followed by something else");
    }
    if (++m->parts > MULTIPART_PARTS_MAX) {
        return malformed(e, "it has too many parts");
    }
    drop(m, blank); /* its line end stays: header lines are looked for between two */
    m->state = MULTIPART_HEAD;
    return 1;
}

/* The value of a header line in the block of a part; NULL. */
static const char *line_of(struct arena *a, const char *block, const char *name)
{
    size_t n = strlen(name);
    for (const char *s = strstr(block, "\r\n"); s != NULL; s = strstr(s, "\r\n")) {
        s += 2;
        if (strncasecmp(s, name, n) == 0 && s[n] == ':') {
            return str_trim(a, arena_strndup(a, s + n + 1, strcspn(s + n + 1, "\r")));
        }
    }
    return NULL;
}

static int begin_part(struct multipart *m, const char *block, struct arena *a, struct err *e)
{
    const char *disposition = line_of(a, block, "Content-Disposition");
    const char *coding = line_of(a, block, "Content-Transfer-Encoding");
    if (disposition == NULL || strncasecmp(disposition, "form-data", 9) != 0) {
        return malformed(e, "a part has no Content-Disposition of form-data");
    }
    if (coding != NULL && strcasecmp(coding, "binary") != 0 && strcasecmp(coding, "8bit") != 0 &&
        strcasecmp(coding, "7bit") != 0) {
        return malformed(e, "a part is encoded; send its bytes as they are");
    }
    const char *name = header_parameter(a, disposition, "name");
    const struct multipart_part part = {.name = name != NULL ? name : "",
                                        .file_name = header_parameter(a, disposition, "filename"),
                                        .type = line_of(a, block, "Content-Type")};
    return m->events.begin(m->events.data, &part, e);
}

/* From the line end behind the boundary to the empty line. */
static int step_head(struct multipart *m, struct err *e)
{
    struct arena a;
    const char *end = memmem(m->pending.data, m->pending.size, "\r\n\r\n", 4);
    size_t n = end != NULL ? (size_t)(end - m->pending.data) : m->pending.size;
    if (n > MULTIPART_HEAD_MAX) {
        return malformed(e, "the header lines of a part are too long");
    }
    if (end == NULL) {
        return 0;
    }
    if (memchr(m->pending.data, 0, n) != NULL) {
        return malformed(e, "the header lines of a part hold a NUL");
    }
    arena_init(&a);
    int rc = begin_part(m, arena_strndup(&a, m->pending.data, n), &a, e);
    arena_done(&a);
    drop(m, n + 4);
    m->state = MULTIPART_BYTES;
    return rc == 0 ? 1 : -1;
}

int multipart_feed(struct multipart *m, const void *bytes, size_t n, struct err *e)
{
    if (m->state == MULTIPART_OVER) {
        return 0; /* what follows the end means nothing */
    }
    buf_add(&m->pending, bytes, n);
    int rc = 1;
    while (rc == 1) {
        rc = m->state == MULTIPART_LINE   ? step_line(m, e)
             : m->state == MULTIPART_HEAD ? step_head(m, e)
             : m->state == MULTIPART_OVER ? 0
                                          : step_bytes(m, e);
    }
    return rc;
}

int multipart_end(struct multipart *m, struct err *e)
{
    return m->state == MULTIPART_OVER ? 0 : malformed(e, "it was cut off on its way");
}
