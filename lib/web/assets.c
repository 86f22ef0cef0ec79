/*
 * See assets.h. /s/<build id>/<file> never changes under its name, so browsers keep it for a year;
 * the build id changes with any file. index.html is asked for each time and names the build. Every
 * other path without a dot is a page of the UI, whose own router finds it: the same index.html. A
 * path that no page can have gets it too, to say so to people, and 404 to say so to programs.
 * Compressed forms were made at build time.
 */
#include "web/assets.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/crypto.h"
#include "base/embed.h"
#include "base/fs.h"
#include "base/gzip.h"
#include "base/str.h"
#include "web/answer.h"

#define FOREVER    "public, max-age=31536000, immutable"
#define ASK        "no-cache"
#define FILE_LIMIT (8u << 20)

static const struct {
    const char *suffix, *mime;
} MIMES[] = {
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".webmanifest", "application/manifest+json"},
    {".woff2", "font/woff2"},
    {".txt", "text/plain; charset=utf-8"},
    {"", "application/octet-stream"},
};

static const char *mime_of(const char *path)
{
    size_t i = 0;
    while (!str_ends(path, MIMES[i].suffix)) {
        i++;
    }
    return MIMES[i].mime;
}

static bool is_known(const struct http *h, const char *etag)
{
    const char *wanted = http_header(h, "If-None-Match");
    return wanted != NULL && strstr(wanted, etag) != NULL;
}

static enum answer_kind kind_of(const char *name)
{
    static const struct {
        const char *suffix;
        enum answer_kind kind;
    } KINDS[] = {{"-worker.js", ANSWER_WORKER}, {".js", ANSWER_PART},    {".css", ANSWER_PART},
                 {".json", ANSWER_PART},        {".woff2", ANSWER_PART}, {"", ANSWER_PICTURE}};
    size_t i = 0;
    while (!str_ends(name, KINDS[i].suffix)) {
        i++;
    }
    return KINDS[i].kind;
}

/* No ETag: under this name it is the same for ever. */
static void send_file(struct http *h, const struct embed_file *file, const char *cache)
{
    char head[64];
    const char *coding = "";
    struct answer answer = {.status = 200,
                            .type = file->mime,
                            .cache = cache,
                            .kind = kind_of(file->path),
                            .head = head,
                            .body = file->raw,
                            .size = file->raw_size};
    if (file->brotli != NULL && answer_accepts(h, "br")) {
        coding = "Content-Encoding: br\r\n";
        answer.body = file->brotli;
        answer.size = file->brotli_size;
    } else if (file->gzip != NULL && answer_accepts(h, "gzip")) {
        coding = "Content-Encoding: gzip\r\n";
        answer.body = file->gzip;
        answer.size = file->gzip_size;
    }
    snprintf(head, sizeof head, "Vary: Accept-Encoding\r\n%s", coding);
    answer_send(h, &answer);
}

/* The page with the build id in place of its mark. */
static void send_page(struct http *h, int status, const char *text, size_t size, const char *build)
{
    static const char mark[] = "{{BUILD}}";
    struct arena *a = &h->scratch->arena;
    struct buf *out = &h->scratch->body;
    unsigned char hash[CRYPTO_HASH_SIZE];
    buf_clear(out);
    for (const char *end = text + size; text < end;) {
        const char *at = memmem(text, (size_t)(end - text), mark, sizeof mark - 1);
        buf_add(out, text, (size_t)((at != NULL ? at : end) - text));
        text = at != NULL ? at + sizeof mark - 1 : end;
        if (at != NULL) {
            buf_puts(out, build);
        }
    }
    crypto_sha256(out->data, out->size, hash);
    const char *etag = arena_printf(a, "W/\"%s\"", crypto_hex(a, hash, 16)), *coding = "";
    struct buf packed = {0};
    if (answer_accepts(h, "gzip")) {
        gzip_pack(out->data, out->size, &packed);
        coding = "Content-Encoding: gzip\r\n";
    }
    const struct buf *body = *coding != 0 ? &packed : out;
    const struct answer answer = {
        .status = status == 200 && is_known(h, etag) ? 304 : status,
        .type = "text/html; charset=utf-8",
        .cache = ASK,
        .kind = ANSWER_PAGE,
        .head = arena_printf(a, "ETag: %s\r\nVary: Accept-Encoding\r\n%s", etag, coding),
        .body = body->data,
        .size = body->size};
    answer_send(h, &answer);
    buf_done(&packed);
}

/* The part after "/s/<build>/"; NULL when the path is no file of the UI. */
static const char *file_part(const char *path, const char **build, size_t *build_size)
{
    if (!str_starts(path, "/s/")) {
        return NULL;
    }
    const char *slash = strchr(path + 3, '/');
    *build = path + 3;
    *build_size = slash != NULL ? (size_t)(slash - *build) : 0;
    return slash != NULL && slash[1] != 0 ? slash + 1 : NULL;
}

static void not_found(struct http *h)
{
    answer_refuse(h, 404, "There is nothing at this address.");
}

static bool is_page(const char *path)
{
    return strchr(strrchr(path, '/'), '.') == NULL;
}

static bool is_number(const char *s)
{
    return *s != 0 && s[strspn(s, "0123456789")] == 0;
}

static const char *const WITH_TOPIC[] = {"settings", "merge", "duplicates"};

static bool is_one_of(const char *const *words, size_t count, const char *word)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq(words[i], word)) {
            return true;
        }
    }
    return false;
}

/* 200 for the pages of the UI, as static/js/app.js has them: its own words, the topics of the
 * settings, imports by their number, and /<plural> or /<plural>/<id>, whether there are such records or not: which kinds
 * there are is told to nobody who is not signed in. */
static int page_status(struct arena *a, const char *path)
{
    const char *first = path + 1, *slash = strchr(first, '/');
    const char *rest = slash != NULL ? slash + 1 : "";
    size_t n = strlen(rest);
    first = slash != NULL ? arena_strndup(a, first, (size_t)(slash - first)) : first;
    rest = n > 0 && rest[n - 1] == '/' ? arena_strndup(a, rest, n - 1) : rest;
    if (*first == 0 || model_is_page(first)) {
        bool topic = is_one_of(WITH_TOPIC, COUNT(WITH_TOPIC), first) && strchr(rest, '/') == NULL;
        bool import = str_eq(first, "import") && is_number(rest);
        return *rest == 0 || topic || import ? 200 : 404;
    }
    bool plural = str_is_identifier(first) && !model_plural_reserved(first);
    return plural && (*rest == 0 || is_number(rest)) ? 200 : 404;
}

/* gate_path has refused ".." and the like, so the path stays below the folder. */
static void serve_disk(struct http *h, const char *name)
{
    struct buf text = {0};
    struct err e = {0};
    const char *path =
        fs_join(&h->scratch->arena, h->web->settings.static_dir, name != NULL ? name : "index.html");
    if (fs_read(path, FILE_LIMIT, &text, &e) != 0) {
        not_found(h);
    } else if (name == NULL) {
        send_page(h, page_status(&h->scratch->arena, h->path), buf_text(&text), text.size, "dev");
    } else {
        answer_send(h, &(struct answer){.status = 200,
                                        .type = mime_of(name),
                                        .cache = ASK,
                                        .kind = kind_of(name),
                                        .body = buf_text(&text),
                                        .size = text.size});
    }
    buf_done(&text);
}

void assets_serve(struct http *h)
{
    const char *build = NULL;
    size_t build_size = 0;
    const char *name = file_part(h->path, &build, &build_size);
    if (strcmp(h->method, "GET") != 0 && !h->head) {
        answer_refuse(h, 405, "This address can only be read.");
        return;
    }
    if (name == NULL && (str_starts(h->path, "/s/") || !is_page(h->path))) {
        not_found(h);
        return;
    }
    if (h->web->settings.static_dir != NULL) {
        serve_disk(h, name);
        return;
    }
    const char *id = embed_build_id();
    const struct embed_file *file = embed_find(
        name != NULL ? arena_printf(&h->scratch->arena, "static/%s", name) : "static/index.html");
    if (file == NULL ||
        (name != NULL && (strlen(id) != build_size || strncmp(build, id, build_size) != 0))) {
        not_found(h);
    } else if (name == NULL) {
        send_page(h, page_status(&h->scratch->arena, h->path), (const char *)file->raw,
                  file->raw_size, id);
    } else {
        send_file(h, file, FOREVER);
    }
}
