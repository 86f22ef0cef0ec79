/* See gate.h. */
#include "web/gate.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"

static const struct refusal PASSED = {0, NULL};

const char *http_header(const struct http *h, const char *name)
{
    for (int i = 0; i < h->info->num_headers; i++) {
        if (strcasecmp(h->info->http_headers[i].name, name) == 0) {
            return h->info->http_headers[i].value;
        }
    }
    return NULL;
}

/* The last of several: what the nearest proxy has added. */
static const char *last_header(const struct http *h, const char *name)
{
    const char *value = NULL;
    for (int i = 0; i < h->info->num_headers; i++) {
        if (strcasecmp(h->info->http_headers[i].name, name) == 0) {
            value = h->info->http_headers[i].value;
        }
    }
    return value;
}

static int header_count(const struct http *h, const char *name)
{
    int n = 0;
    for (int i = 0; i < h->info->num_headers; i++) {
        n += strcasecmp(h->info->http_headers[i].name, name) == 0;
    }
    return n;
}

static bool is_token(const char *s)
{
    size_t n =
        strspn(s, "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
    return n > 0 && s[n] == 0;
}

/* Between name and value civetweb leaves the NUL it put over the colon and blanks; a second NUL was
 * a blank before it. */
static bool colon_is_clean(const struct mg_header *at)
{
    const char *p = at->name + strlen(at->name) + 1;
    while (p < at->value && (*p == ' ' || *p == '\t')) {
        p++;
    }
    return p == at->value;
}

/*
 * The header block lies in civetweb's buffer with NULs where names and lines ended. Each line must
 * begin two bytes (CR LF) after the end of the one before, and the empty line must follow the last:
 * so bare line feeds, folded lines and headers beyond civetweb's table, which it drops without a
 * word, are seen. civetweb itself refuses control bytes.
 */
static struct refusal check_lines(struct http *h)
{
    static const struct refusal bad = {400, "The request's header lines are malformed."};
    const struct mg_request_info *info = h->info;
    if (info->num_headers <= 0 || info->num_headers > GATE_HEADERS) {
        return (struct refusal){400, "The request has too many header lines, or none."};
    }
    const char *line = info->http_version + strlen(info->http_version) + 2;
    for (int i = 0; i < info->num_headers; i++) {
        const struct mg_header *at = &info->http_headers[i];
        if (at->name != line || !is_token(at->name) || !colon_is_clean(at)) {
            return bad;
        }
        line = at->value + strlen(at->value) + 2;
    }
    return line[-1] == 0 && line[-2] == 0 && line[0] == '\r' && line[1] == 0 ? PASSED : bad;
}

static struct refusal check_version(struct http *h)
{
    h->old = strcmp(h->info->http_version, "1.0") == 0;
    return h->old || strcmp(h->info->http_version, "1.1") == 0
               ? PASSED
               : (struct refusal){505, "Speak HTTP/1.1."};
}

/* Methods known; what a path takes is decided by its route. */
static const char *const METHODS[] = {"GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", NULL};

static struct refusal check_method(struct http *h)
{
    h->method = h->info->request_method;
    h->head = strcmp(h->method, "HEAD") == 0;
    for (size_t i = 0; METHODS[i] != NULL; i++) {
        if (strcmp(METHODS[i], h->method) == 0) {
            return PASSED;
        }
    }
    return (struct refusal){405, "This server does not know the method."};
}

/* One length or none, only digits; no transfer coding beside it, and none at all: bodies come with
 * their length. */
static struct refusal check_length(struct http *h)
{
    const char *length = http_header(h, "Content-Length");
    if (header_count(h, "Content-Length") > 1 || header_count(h, "Transfer-Encoding") > 1) {
        return (struct refusal){400, "The request announces its length twice."};
    }
    if (http_header(h, "Transfer-Encoding") != NULL) {
        return length != NULL
                   ? (struct refusal){400,
                                      "Content-Length and Transfer-Encoding exclude each other."}
                   : (struct refusal){411, "Send the body with Content-Length."};
    }
    if (length == NULL) {
        h->size = 0;
        return PASSED;
    }
    size_t digits = strspn(length, "0123456789");
    if (digits == 0 || digits > 15 || length[digits] != 0 || str_to_int(length, &h->size) != 0) {
        return (struct refusal){400, "Content-Length must be a number of bytes."};
    }
    return PASSED;
}

static struct refusal check_host(struct http *h)
{
    if (header_count(h, "Host") != 1) {
        return (struct refusal){400, "The request must name one host."};
    }
    h->authority = http_header(h, "Host");
    if (!hosts_is_authority(h->authority)) {
        return (struct refusal){400, "The Host header is malformed."};
    }
    return hosts_has(&h->web->hosts, h->authority)
               ? PASSED
               : (struct refusal){
                     421, "This server does not go by that name; see the setting \"hosts\"."};
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)tolower((unsigned char)c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One byte of a raw path at *raw, decoded; -1 when it may not be there. */
static int path_byte(const char **raw)
{
    unsigned char c = (unsigned char)**raw;
    if (c == '%') {
        int high = hex_value((*raw)[1]);
        int low = high >= 0 ? hex_value((*raw)[2]) : -1;
        if (low < 0) {
            return -1;
        }
        c = (unsigned char)(high * 16 + low);
        *raw += 2;
        if (c == '/') {
            return -1;
        }
    } else if (c >= 0x7f || c == '#') {
        return -1;
    }
    *raw += 1;
    return c <= ' ' || c == '\\' || c == 0x7f ? (c == ' ' ? ' ' : -1) : c;
}

bool gate_path(const char *raw, char *out)
{
    if (raw[0] != '/') {
        return false;
    }
    size_t n = 0;
    size_t segment = 1; /* where the present one begins in out */
    while (*raw != 0) {
        int c = path_byte(&raw);
        if (c < 0) {
            return false;
        }
        bool ends = c == '/' && n > 0;
        if (ends && n == segment) {
            return false; /* "//" */
        }
        if (ends && (strncmp(out + segment, ".", n - segment) == 0 ||
                     strncmp(out + segment, "..", n - segment) == 0)) {
            return false;
        }
        segment = c == '/' ? n + 1 : segment;
        out[n++] = (char)c;
    }
    out[n] = 0;
    return str_is_utf8(out, n) && strcmp(out + segment, ".") != 0 &&
           strcmp(out + segment, "..") != 0;
}

/* Method, target and version stand in one buffer with one byte between them; more were blanks,
 * which another reader of the request may take otherwise. */
static bool line_is_tight(const struct mg_request_info *info)
{
    const char *query = info->query_string;
    const char *end = query != NULL ? query + strlen(query)
                                    : info->request_uri + strlen(info->request_uri);
    return info->request_uri == info->request_method + strlen(info->request_method) + 1 &&
           info->http_version == end + 1 + strlen("HTTP/");
}

static struct refusal check_target(struct http *h)
{
    const char *raw = h->info->local_uri_raw != NULL ? h->info->local_uri_raw : "";
    const char *query = h->info->query_string != NULL ? h->info->query_string : "";
    if (raw != h->info->request_uri) {
        return (struct refusal){400, "Ask for a path, not for a whole address."};
    }
    if (!line_is_tight(h->info)) {
        return (struct refusal){400, "The request line is malformed."};
    }
    if (strlen(raw) + strlen(query) > GATE_URI_SIZE) {
        return (struct refusal){414, "The address is longer than 4096 bytes."};
    }
    for (const char *p = query; *p != 0; p++) {
        if ((unsigned char)*p <= ' ' || (unsigned char)*p >= 0x7f || *p == '#') {
            return (struct refusal){400, "The query holds bytes that must be encoded."};
        }
    }
    char *path = arena_alloc(&h->scratch->arena, strlen(raw) + 1);
    if (!gate_path(raw, path)) {
        return (struct refusal){400, "The path is not in normal form."};
    }
    h->path = path;
    return PASSED;
}

static struct refusal check_expectation(struct http *h)
{
    const char *expect = http_header(h, "Expect");
    h->expects = expect != NULL && h->size > 0;
    return expect == NULL || strcasecmp(expect, "100-continue") == 0
               ? PASSED
               : (struct refusal){417, "This expectation cannot be met."};
}

/* Headers of which a second one would let two readers of the request disagree. */
static struct refusal check_singles(struct http *h)
{
    static const char *const singles[] = {
        "Authorization", "Content-Type", "If-Match", "Idempotency-Key",
        "Origin",        "X-CSRF-Token", "Expect",   "Cookie", NULL};
    for (size_t i = 0; singles[i] != NULL; i++) {
        if (header_count(h, singles[i]) > 1) {
            return (struct refusal){400, "A header stands twice."};
        }
    }
    return PASSED;
}

/* Who asks, and over what. A trusted proxy says so; of a list, in one line or several, only the last
 * entry is its own word. */
static struct refusal find_client(struct http *h)
{
    h->address = h->info->remote_addr;
    h->secure = h->info->is_ssl != 0;
    if (!hosts_is_proxy(&h->web->hosts, h->address)) {
        return PASSED;
    }
    const char *list = last_header(h, "X-Forwarded-For");
    if (list != NULL) {
        const char *last = strrchr(list, ',');
        h->address = str_trim(&h->scratch->arena, last != NULL ? last + 1 : list);
    }
    const char *scheme = last_header(h, "X-Forwarded-Proto");
    h->secure = h->secure || (scheme != NULL && strcasecmp(scheme, "https") == 0);
    return PASSED;
}

struct refusal gate_check(struct http *h)
{
    /* The order matters: framing first, so that nothing is believed before the request is known to
     * be whole. */
    static struct refusal (*const CHECKS[])(struct http *) = {
        check_version, check_lines,   check_length,      check_method, check_host,
        check_target,  check_singles, check_expectation, find_client,
    };
    for (size_t i = 0; i < COUNT(CHECKS); i++) {
        struct refusal refusal = CHECKS[i](h);
        if (refusal.status != 0) {
            return refusal;
        }
    }
    return guard_draining(h->web->guard) ? (struct refusal){503, "The server is about to stop."}
                                         : PASSED;
}
