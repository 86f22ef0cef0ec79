/* How files are called and what they are; see file.h. Names are for people: bytes are stored by their
 * hash. Types are for browsers: what one may show in place is decided by the first bytes alone. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/str.h"
#include "core/file.h"
#include "exchange/picture.h"

#define NAME_MAX_CHARACTERS 200
#define EXTENSION_MAX       20 /* characters that are kept of a name that is too long */
#define TYPE_SIZE_MAX       127

/* ---- names ----------------------------------------------------------------------------------- */

static int32_t code_point(const char *s, size_t n)
{
    static const unsigned char MASKS[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    int32_t c = (unsigned char)s[0] & MASKS[n];
    for (size_t i = 1; i < n; i++) {
        c = c << 6 | ((unsigned char)s[i] & 0x3f);
    }
    return c;
}

/* Control characters, and those that nobody sees but that turn what stands behind them around. */
static bool is_unwanted(int32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c || (c >= 0x200b && c <= 0x200f) ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
           (c >= 0xfff9 && c <= 0xfffb);
}

static const char *last_part(const char *name)
{
    const char *last = name;
    for (const char *s = name; *s != '\0'; s++) {
        last = *s == '/' || *s == '\\' ? s + 1 : last;
    }
    return last;
}

static const char *skip_characters(const char *s, size_t count)
{
    while (count-- > 0 && *s != '\0') {
        s += str_utf8_sequence(s, strlen(s));
    }
    return s;
}

/* A name that is too long keeps its beginning and its extension. */
static const char *shorten(struct arena *a, const char *name)
{
    size_t length = str_utf8_length(name);
    if (length <= NAME_MAX_CHARACTERS) {
        return name;
    }
    const char *dot = strrchr(name, '.');
    const char *end = dot != NULL && str_utf8_length(dot) <= EXTENSION_MAX ? dot : "";
    size_t keep = NAME_MAX_CHARACTERS - str_utf8_length(end);
    return arena_printf(a, "%.*s%s", (int)(skip_characters(name, keep) - name), name, end);
}

const char *file_clean_name(struct arena *a, const char *name)
{
    struct buf out = {0};
    size_t n = 0;
    for (const char *s = last_part(name); (n = str_utf8_sequence(s, strlen(s))) > 0; s += n) {
        if (!is_unwanted(code_point(s, n))) {
            buf_add(&out, s, n);
        }
    }
    const char *clean = str_trim(a, buf_text(&out));
    buf_done(&out);
    return *clean == '\0' || strcmp(clean, ".") == 0 || strcmp(clean, "..") == 0
               ? "file"
               : shorten(a, clean);
}

/* ---- types ----------------------------------------------------------------------------------- */

/* What browsers show; it is known by its bytes alone. */
static const char *const SHOWN[] = {"image/png", "image/jpeg", "image/gif", "image/webp",
                                    "application/pdf"};

/* Of names. Types that browsers show are missing: their bytes tell. */
static const struct {
    const char *extension, *type;
} TYPES[] = {
    {"txt", "text/plain"},
    {"log", "text/plain"},
    {"csv", "text/csv"},
    {"md", "text/markdown"},
    {"json", "application/json"},
    {"xml", "application/xml"},
    {"yaml", "application/yaml"},
    {"yml", "application/yaml"},
    {"htm", "text/html"},
    {"html", "text/html"},
    {"svg", "image/svg+xml"},
    {"ics", "text/calendar"},
    {"vcf", "text/vcard"},
    {"eml", "message/rfc822"},
    {"rtf", "application/rtf"},
    {"doc", "application/msword"},
    {"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    {"xls", "application/vnd.ms-excel"},
    {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {"ppt", "application/vnd.ms-powerpoint"},
    {"pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
    {"odt", "application/vnd.oasis.opendocument.text"},
    {"ods", "application/vnd.oasis.opendocument.spreadsheet"},
    {"odp", "application/vnd.oasis.opendocument.presentation"},
    {"zip", "application/zip"},
    {"gz", "application/gzip"},
    {"mp3", "audio/mpeg"},
    {"mp4", "video/mp4"},
    {"heic", "image/heic"},
    {"tif", "image/tiff"},
    {"tiff", "image/tiff"},
};

const char *file_shown_as(const void *start, size_t n)
{
    static const char PDF[] = "%PDF-";
    const char *type = picture_type(start, n);
    bool pdf = type == NULL && n >= sizeof PDF - 1 && memcmp(start, PDF, sizeof PDF - 1) == 0;
    return pdf ? "application/pdf" : type;
}

static const char *by_extension(const char *name)
{
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot != NULL && i < COUNT(TYPES); i++) {
        if (strcasecmp(dot + 1, TYPES[i].extension) == 0) {
            return TYPES[i].type;
        }
    }
    return NULL;
}

/* "type/subtype" without its parameters, in small letters; NULL for anything else, and for types
 * whose bytes would have told. */
static const char *as_said(struct arena *a, const char *said)
{
    size_t n = said != NULL ? strcspn(said, "; \t") : 0;
    char *type = arena_strndup(a, n > 0 ? said : "", n);
    size_t slashes = 0;
    for (char *s = type; *s != '\0'; s++) {
        *s = (char)tolower((unsigned char)*s);
        slashes += *s == '/';
        if (!isalnum((unsigned char)*s) && strchr("/+-._", *s) == NULL) {
            return NULL;
        }
    }
    bool shown = false;
    for (size_t i = 0; i < COUNT(SHOWN); i++) {
        shown = shown || strcmp(SHOWN[i], type) == 0;
    }
    return shown || slashes != 1 || n > TYPE_SIZE_MAX || *type == '/' || type[n - 1] == '/' ? NULL
                                                                                          : type;
}

const char *file_media_type(struct arena *a, const char *name, const char *said,
                            const void *start, size_t n)
{
    const char *type = file_shown_as(start, n);
    type = type != NULL ? type : by_extension(name);
    type = type != NULL ? type : as_said(a, said);
    return type != NULL && !str_starts(type, "multipart/") ? type : "application/octet-stream";
}

bool file_is_text(const char *type)
{
    static const char *const TEXTS[] = {"application/json", "application/xml", "application/yaml",
                                        "application/x-ndjson"};
    bool text = str_starts(type, "text/");
    for (size_t i = 0; !text && i < COUNT(TEXTS); i++) {
        text = strcmp(TEXTS[i], type) == 0;
    }
    return text;
}
