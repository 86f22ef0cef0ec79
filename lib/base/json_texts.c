/*
 * Texts out of a stored list without a tree; see json.h. Lists of addresses and numbers are stored
 * as the writer made them, so nothing has to be proven here; every import, export and search row
 * reads some. What is no such list gives what was found until there.
 */
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"

struct walk {
    struct arena *arena;
    const char *key; /* NULL: texts that stand in the list itself */
    size_t key_size;
    const char **texts;
    size_t count;
    int depth;
    bool wanted; /* the next text is one */
};

/* The quote that ends the string whose first byte is s; NULL: none does. */
static const char *string_end(const char *s, const char *end)
{
    for (; s < end && *s != '"'; s++) {
        s += *s == '\\';
    }
    return s < end ? s : NULL;
}

/* `s` and `quote` are its quotes. */
static void take(struct walk *w, const char *s, const char *quote)
{
    size_t n = (size_t)(quote - s) - 1;
    const struct json *text = NULL;
    struct err ignored = {0};
    if (memchr(s, '\\', n + 1) == NULL) {
        w->texts[w->count++] = arena_strndup(w->arena, s + 1, n);
    } else if (json_parse(w->arena, s, n + 2, &text, &ignored) == 0) {
        w->texts[w->count++] = text->text;
    }
}

static void meet_string(struct walk *w, const char *s, const char *quote, bool is_key)
{
    if (w->depth != (w->key != NULL ? 2 : 1)) {
        return;
    }
    if (is_key) {
        w->wanted = (size_t)(quote - s) - 1 == w->key_size &&
                    memcmp(s + 1, w->key, w->key_size) == 0;
        return;
    }
    if (w->wanted) {
        take(w, s, quote);
    }
    w->wanted = w->key == NULL;
}

static size_t count_bytes(const char *s, size_t n, char c)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        count += s[i] == c;
    }
    return count;
}

size_t json_texts(struct arena *a, const char *list, size_t n, const char *key, const char ***out)
{
    const char *end = list + n;
    struct walk w = {.arena = a, .key = key, .key_size = key ? strlen(key) : 0};
    w.texts = *out = ARENA_ARRAY(a, const char *, count_bytes(list, n, '"') / 2 + 1);
    w.wanted = key == NULL;
    for (const char *s = list; n > 0 && *list == '[' && s < end; s++) {
        if (*s == '"') {
            const char *quote = string_end(s + 1, end);
            if (quote == NULL) {
                break;
            }
            meet_string(&w, s, quote, quote + 1 < end && quote[1] == ':');
            s = quote;
        } else if (*s == '[' || *s == '{') {
            w.depth++;
            w.wanted = key == NULL;
        } else if (*s == ']' || *s == '}') {
            w.depth--;
        }
    }
    return w.count;
}
