/* See answer.h. */
#include "web/answer.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/clock.h"
#include "base/json.h"

#define WRITE_MS    30000
#define DRAIN_MS    5000
#define DRAIN_IDLE  1000 /* ms in which nothing more comes */
#define DRAIN_BYTES (32 * 1024 * 1024) /* of a body nobody wants */
#define DRAIN_PIECE 16384

/* On every answer but parts of a page. */
#define NOSNIFF    "X-Content-Type-Options: nosniff\r\n"
#define EVERYWHERE NOSNIFF "Referrer-Policy: same-origin\r\n"
#define POLICY "Content-Security-Policy: "
#define ALWAYS EVERYWHERE "Cross-Origin-Resource-Policy: same-origin\r\n" POLICY
#define PROTECTION ALWAYS "default-src 'none'; "
#define UNFRAMED   "frame-ancestors 'none'\r\n"
#define MORE                                                                                       \
    "X-Frame-Options: DENY\r\n"                                                                    \
    "Cross-Origin-Opener-Policy: same-origin\r\n"                                                  \
    "Permissions-Policy: camera=(), microphone=(), geolocation=(), payment=(), usb=()\r\n"

/* By what is answered: a page takes everything from here and nothing inline; pictures and data show
 * nothing by themselves, and a worker's script only asks. Scripts, style sheets and fonts are nothing
 * by themselves, say nothing of anybody, and sixty of them make up a first visit: that they are no
 * more than their type says is all they need to say. */
static const char *const POLICIES[] = {
    [ANSWER_DATA] = PROTECTION UNFRAMED MORE,
    [ANSWER_PART] = NOSNIFF,
    [ANSWER_PICTURE] = PROTECTION UNFRAMED,
    [ANSWER_WORKER] = PROTECTION "script-src 'self'; connect-src 'self'; " UNFRAMED
    "Service-Worker-Allowed: /\r\n",
    [ANSWER_PAGE] = PROTECTION
    "script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "font-src 'self'; frame-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; " UNFRAMED MORE,
};

static const struct {
    int status;
    const char *reason;
} REASONS[] = {
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {303, "See Other"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {409, "Conflict"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {500, "Internal Server Error"},
    {503, "Service Unavailable"},
    {505, "HTTP Version Not Supported"},
    {507, "Insufficient Storage"},
    {0, "Unknown"},
};

static const char *reason_of(int status)
{
    size_t i = 0;
    while (REASONS[i].status != 0 && REASONS[i].status != status) {
        i++;
    }
    return REASONS[i].reason;
}

static void put_date(struct buf *out)
{
    time_t now = (time_t)(clock_now_ms() / 1000);
    struct tm at;
    gmtime_r(&now, &at);
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    buf_printf(out, "Date: %.3s, %02d %.3s %d %02d:%02d:%02d GMT\r\n", days + 3 * at.tm_wday,
               at.tm_mday, months + 3 * at.tm_mon, at.tm_year + 1900, at.tm_hour, at.tm_min,
               at.tm_sec);
}

static bool wants_close(const struct http *h)
{
    const char *wish = http_header(h, "Connection");
    return wish != NULL ? strcasecmp(wish, "keep-alive") != 0 : h->old;
}

static void put_head(struct http *h, const struct answer *answer, struct buf *out)
{
    buf_puts(out, "HTTP/1.1 ");
    buf_int(out, answer->status);
    buf_putc(out, ' ');
    buf_puts(out, reason_of(answer->status));
    buf_puts(out, "\r\n");
    put_date(out);
    if (answer->policy != NULL && answer->framed) {
        buf_printf(out, EVERYWHERE "Cross-Origin-Resource-Policy: cross-origin\r\n" POLICY "%s\r\n",
                   answer->policy);
    } else if (answer->policy != NULL) {
        buf_printf(out, "X-Frame-Options: SAMEORIGIN\r\n" ALWAYS "%s\r\n", answer->policy);
    } else {
        buf_puts(out, POLICIES[answer->kind]);
    }
    buf_puts(out, "Cache-Control: ");
    buf_puts(out, answer->cache != NULL ? answer->cache : "no-store");
    /* What HTTP/1.1 means by itself is not said (RFC 9112, 9.3): pages are many small files. */
    buf_puts(out, h->close ? "\r\nConnection: close\r\n"
                  : h->old ? "\r\nConnection: keep-alive\r\n"
                           : "\r\n");
    if (h->web != NULL && h->web->secure) {
        buf_puts(out, "Strict-Transport-Security: max-age=31536000\r\n");
    }
    if (answer->status != 204 && answer->status != 304) {
        buf_puts(out, "Content-Type: ");
        buf_puts(out, answer->type != NULL ? answer->type : "application/json");
        buf_puts(out, "\r\n");
    }
    if (answer->status == 401) {
        buf_puts(out, "WWW-Authenticate: Bearer\r\n");
    }
    if (answer->head != NULL) {
        buf_puts(out, answer->head);
    }
}

bool answer_accepts(const struct http *h, const char *coding)
{
    const char *at = http_header(h, "Accept-Encoding");
    size_t n = strlen(coding);
    while (at != NULL && *at != 0) {
        at += strspn(at, ", \t");
        size_t size = strcspn(at, ",");
        if (size >= n && strncasecmp(at, coding, n) == 0 &&
            (size == n || strchr("; \t", at[n]) != NULL)) {
            const char *q = memmem(at, size, "q=0", 3);
            return q == NULL || (q + 3 < at + size && q[3] == '.' && q[4] != '0');
        }
        at += size;
    }
    return false;
}

int answer_raw(struct http *h, const void *bytes, size_t n)
{
    guard_press(h->seat, WRITE_MS, (int64_t)n);
    int sent = mg_write(h->conn, bytes, n);
    guard_ease(h->seat);
    return sent >= 0 && (size_t)sent == n ? 0 : -1;
}

/* A close with unread bytes makes the kernel send a reset, which can overtake the answer; and many
 * clients send all they have before they read a word. So as much is read as an honest mistake has. */
static void swallow_body(struct http *h)
{
    char bytes[DRAIN_PIECE];
    const int64_t end_ms = clock_monotonic_ms() + DRAIN_MS;
    while (h->got < h->size && h->got < DRAIN_BYTES) {
        const int64_t rest_ms = end_ms - clock_monotonic_ms(), left = h->size - h->got;
        guard_press(h->seat, rest_ms < DRAIN_IDLE ? rest_ms : DRAIN_IDLE, 0);
        int n = rest_ms <= 0 ? 0
                             : mg_read(h->conn, bytes,
                                       left < (int64_t)sizeof bytes ? (size_t)left : sizeof bytes);
        if (n <= 0) {
            break;
        }
        h->got += n;
    }
    guard_ease(h->seat);
}

static void decide_close(struct http *h)
{
    h->close = h->close || wants_close(h) || h->got < h->size || guard_crowded(h->web->guard) ||
               guard_draining(h->web->guard);
    if (h->close) {
        mg_disable_connection_keep_alive(h->conn);
    }
}

void answer_send(struct http *h, const struct answer *answer)
{
    struct buf *out = &h->scratch->out;
    bool bodiless = answer->status == 204 || answer->status == 304;
    buf_clear(out);
    decide_close(h);
    put_head(h, answer, out);
    if (!bodiless) {
        buf_puts(out, "Content-Length: ");
        buf_int(out, (int64_t)answer->size);
        buf_puts(out, "\r\n");
    }
    buf_puts(out, "\r\n");
    if (!bodiless && !h->head && answer->size > 0) {
        buf_add(out, answer->body, answer->size);
    }
    answer_raw(h, out->data, out->size);
    if (h->close && h->got < h->size && !h->expects) {
        swallow_body(h);
    }
}

void answer_refuse(struct http *h, int status, const char *text)
{
    static const struct {
        int status;
        const char *code;
    } codes[] = {{403, "forbidden"}, {404, "not_found"}, {405, "method"},
                 {413, "too_large"}, {414, "too_large"}, {421, "host"},
                 {500, "internal"},  {503, "busy"},      {0, "malformed"}};
    size_t i = 0;
    while (codes[i].status != 0 && codes[i].status != status) {
        i++;
    }
    struct buf body = {0}; /* that of the request may be in a reply's hands */
    buf_printf(&body, "{\"error\":{\"code\":\"%s\",\"text\":", codes[i].code);
    struct json_writer w;
    jw_init(&w, &body);
    jw_text(&w, text);
    buf_puts(&body, ",\"fields\":[],\"trace\":\"\"}}");
    h->close = true;
    answer_send(h, &(struct answer){.status = status, .body = body.data, .size = body.size});
    buf_done(&body);
}

int answer_begin(struct http *h, const struct answer *answer)
{
    struct buf *out = &h->scratch->out;
    buf_clear(out);
    h->close = h->close || h->old;
    decide_close(h);
    put_head(h, answer, out);
    h->sized = answer->length > 0;
    if (h->sized) {
        buf_printf(out, "Content-Length: %lld\r\n\r\n", (long long)answer->length);
    } else {
        buf_puts(out, h->old ? "\r\n" : "Transfer-Encoding: chunked\r\n\r\n");
    }
    h->began = true;
    return answer_raw(h, out->data, out->size);
}

int answer_piece(struct http *h, const void *bytes, size_t n)
{
    if (h->head || n == 0) {
        return 0;
    }
    if (h->old || h->sized) {
        return answer_raw(h, bytes, n);
    }
    struct buf *out = &h->scratch->out;
    buf_clear(out);
    buf_printf(out, "%zx\r\n", n);
    buf_add(out, bytes, n);
    buf_puts(out, "\r\n");
    return answer_raw(h, out->data, out->size);
}

void answer_end(struct http *h, bool whole)
{
    if (!whole) {
        mg_disable_connection_keep_alive(h->conn);
    } else if (!h->old && !h->sized && !h->head) {
        answer_raw(h, "0\r\n\r\n", 5);
    }
}
