/*
 * kontor-embed: our scripts and style sheets travel without their comments, a tenth of a first
 * visit. Only whole lines of comment go, and they stay as empty lines: what a browser reports
 * keeps its line numbers, and a line of code is never looked into.
 */
#include "embed.h"

#include <string.h>

static bool is_ours(const char *path, const char *ending)
{
    size_t n = strlen(path), e = strlen(ending);

    return strncmp(path, "static/", 7) == 0 && strncmp(path, "static/vendor/", 14) != 0 && n > e &&
           strcmp(path + n - e, ending) == 0;
}

/* Does nothing but blanks follow? */
static bool ends_here(const unsigned char *at, const unsigned char *end)
{
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\r')) {
        at++;
    }
    return at == end;
}

/* Is this line, without its end, all comment? `open` is whether a comment goes on in it. */
static bool is_comment(const unsigned char *at, const unsigned char *end, bool slashes, bool *open)
{
    const unsigned char *close;

    while (at < end && *at == ' ') {
        at++;
    }
    if (!*open && slashes && end - at >= 2 && memcmp(at, "//", 2) == 0) {
        return true;
    }
    if (!*open && (end - at < 2 || memcmp(at, "/*", 2) != 0)) {
        return false;
    }
    close = memmem(*open ? at : at + 2, (size_t)(end - (*open ? at : at + 2)), "*/", 2);
    if (close && !ends_here(close + 2, end)) {
        if (*open) {
            die("code stands behind the end of a comment of several lines");
        }
        return false;
    }
    *open = !close;
    return true;
}

void make_lean(const char *path, struct bytes *raw)
{
    bool script = is_ours(path, ".js"), open = false;
    const unsigned char *at = raw->at, *end = raw->at + raw->size;
    unsigned char *out = raw->at;

    if (!script && !is_ours(path, ".css")) {
        return;
    }
    while (at < end) {
        const unsigned char *stop = memchr(at, '\n', (size_t)(end - at));
        const unsigned char *line_end = stop ? stop : end;
        size_t size = is_comment(at, line_end, script, &open) ? 0 : (size_t)(line_end - at);

        memmove(out, at, size);
        out += size;
        if (stop) {
            *out++ = '\n';
        }
        at = stop ? stop + 1 : end;
    }
    raw->size = (size_t)(out - raw->at);
}
