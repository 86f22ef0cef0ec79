/* See text_ref.h. */
#include "model/text_ref.h"

#include <ctype.h>
#include <string.h>

#define NAME_MAX_BYTES 240
#define DIGITS_MAX     18

static const char *after_number(const char *s, int64_t *id)
{
    const char *at = s;
    *id = 0;
    while (isdigit((unsigned char)*at) && at - s < DIGITS_MAX) {
        *id = *id * 10 + (*at++ - '0');
    }
    bool whole = at > s && (*at == ']' || *at == ' ');
    if (!whole || *id == 0) {
        *id = 0;
        return s;
    }
    return *at == ' ' ? at + 1 : at;
}

/* s stands on the sign. */
static bool read(const char *s, struct text_ref *out)
{
    const char *inner = s + 2;
    size_t n = 0;
    while (n < NAME_MAX_BYTES && inner[n] != '\0' && strchr("[]\r\n", inner[n]) == NULL) {
        n++;
    }
    if (inner[n] != ']' || n == 0) {
        return false;
    }
    *out = (struct text_ref){.sign = *s, .begin = s, .end = inner + n + 1};
    out->name = after_number(inner, &out->id);
    out->name_size = (size_t)(inner + n - out->name);
    return true;
}

bool text_ref_next(const char *s, struct text_ref *out)
{
    for (; (s = strpbrk(s, "@#")) != NULL; s++) {
        if (s[1] == '[' && read(s, out)) {
            return true;
        }
    }
    return false;
}

bool text_ref_any(const char *s)
{
    return strstr(s, "@[") != NULL || strstr(s, "#[") != NULL;
}

void text_ref_plain(struct buf *out, const char *s)
{
    struct text_ref ref;
    while (text_ref_next(s, &ref)) {
        buf_add(out, s, (size_t)(ref.begin - s));
        buf_putc(out, ref.sign);
        if (ref.sign == '#' && ref.id != 0) {
            buf_puts(out, "…");
        } else {
            buf_add(out, ref.name, ref.name_size);
        }
        s = ref.end;
    }
    buf_puts(out, s);
}

size_t text_ref_ids(struct arena *a, const char *s, char sign, int64_t **out)
{
    struct text_ref ref;
    size_t count = 0, room = 0;
    *out = NULL;
    for (; count < TEXT_REFS_MAX && text_ref_next(s, &ref); s = ref.end) {
        bool again = ref.sign != sign || ref.id == 0;
        for (size_t i = 0; i < count && !again; i++) {
            again = (*out)[i] == ref.id;
        }
        if (again) {
            continue;
        }
        if (count == room) {
            room = room == 0 ? 8 : 2 * room;
            int64_t *more = ARENA_ARRAY(a, int64_t, room);
            if (count > 0) {
                memcpy(more, *out, sizeof(*more) * count);
            }
            *out = more;
        }
        (*out)[count++] = ref.id;
    }
    return count;
}
