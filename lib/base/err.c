/* Errors; see err.h. Texts are cut at a whole UTF-8 character when they do not fit. */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"

/* Takes a character back that vsnprintf cut in the middle. `n` is the length it wanted to write. */
static void mend_end(char *text, size_t room, int n)
{
    if (n < 0 || (size_t)n < room) {
        return;
    }
    size_t end = room - 1;
    while (end > 0 && ((unsigned char)text[end - 1] & 0xc0) == 0x80) {
        end--;
    }
    if (end > 0 && (unsigned char)text[end - 1] >= 0xc0) {
        end--;
    }
    text[end] = '\0';
}

static void set_first(struct err *e, enum err_code code, const char *where, const char *text)
{
    e->code = code;
    int n = snprintf(e->where, sizeof(e->where), "%s", where ? where : "");
    mend_end(e->where, sizeof(e->where), n);
    n = snprintf(e->text, sizeof(e->text), "%s", text);
    mend_end(e->text, sizeof(e->text), n);
}

int err_fail(struct err *e, enum err_code code, const char *where, const char *format, ...)
{
    if (e->code != ERR_NONE) {
        return -1;
    }
    char text[sizeof(e->text)];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    mend_end(text, sizeof(text), n);
    set_first(e, code, where, text);
    return -1;
}

int err_add(struct err *e, struct arena *a, enum err_code code, const char *where,
            const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *text = arena_vprintf(a, format, args);
    va_end(args);
    struct err_item *item = ARENA_NEW(a, struct err_item);
    item->where = arena_strdup(a, where ? where : "");
    item->text = text;
    if (e->last) {
        e->last->next = item;
    } else {
        e->items = item;
    }
    e->last = item;
    e->item_count++;
    if (e->code == ERR_NONE) {
        set_first(e, code, where, text);
    }
    return -1;
}

void err_clear(struct err *e)
{
    *e = (struct err){0};
}

void err_keep(struct err *e, struct arena *a)
{
    const struct err_item *old = e->items;
    e->items = e->last = NULL;
    for (; old != NULL; old = old->next) {
        struct err_item *item = ARENA_NEW(a, struct err_item);
        *item = (struct err_item){.where = arena_strdup(a, old->where),
                                  .text = arena_strdup(a, old->text)};
        if (e->last != NULL) {
            e->last->next = item;
        } else {
            e->items = item;
        }
        e->last = item;
    }
}
