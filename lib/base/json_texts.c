/*
 * What stands in a stored list, without a tree; see json.h. Lists of addresses and numbers are stored
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

/* The text whose quotes are `s` and `quote`; NULL: it is none. */
static const char *text_of(struct arena *a, const char *s, const char *quote)
{
    size_t n = (size_t)(quote - s) - 1;
    const struct json *text = NULL;
    struct err ignored = {0};
    if (memchr(s, '\\', n + 1) == NULL) {
        return arena_strndup(a, s + 1, n);
    }
    return json_parse(a, s, n + 2, &text, &ignored) == 0 ? text->text : NULL;
}

static void take(struct walk *w, const char *s, const char *quote)
{
    const char *text = text_of(w->arena, s, quote);
    if (text != NULL) {
        w->texts[w->count++] = text;
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
    const char *end = s + n;
    while (s < end && (s = memchr(s, c, (size_t)(end - s))) != NULL) {
        s++;
        count++;
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

struct json_list json_list(struct arena *a, const char *list, size_t n)
{
    struct json_list l = {.arena = a};
    if (n > 0 && *list == '[') {
        l.at = list + 1;
        l.end = list + n;
    }
    return l;
}

size_t json_list_room(const char *list, size_t n)
{
    return count_bytes(list, n, '{') + 1;
}

bool json_list_entry(struct json_list *l)
{
    for (; l->at < l->end; l->at++) {
        if (*l->at == '{') {
            l->at++;
            return true;
        }
        const char *quote = *l->at == '"' ? string_end(l->at + 1, l->end) : l->at;
        if (quote == NULL || *l->at == '[') {
            break;
        }
        l->at = quote;
    }
    l->at = l->end;
    return false;
}

/* A word or a number; where it ends. What is nested ends the list. */
static const char *plain_end(const char *s, const char *end)
{
    while (s < end && *s != ',' && *s != '}') {
        s = *s == '[' || *s == '{' ? end : s + 1;
    }
    return s;
}

bool json_list_member(struct json_list *l, struct json_member *out)
{
    l->at += l->at < l->end && *l->at == ',';
    const char *key = l->at, *value, *quote;
    const char *key_end = key < l->end && *key == '"' ? string_end(key + 1, l->end) : NULL;
    if (key_end == NULL || l->end - key_end < 3 || key_end[1] != ':') {
        l->at = key < l->end && *key == '}' ? key + 1 : l->end;
        return false;
    }
    value = key_end + 2;
    *out = (struct json_member){.key = key + 1, .key_size = (size_t)(key_end - key) - 1};
    if (*value != '"') {
        out->yes = *value == 't';
        l->at = plain_end(value, l->end);
        return true;
    }
    quote = string_end(value + 1, l->end);
    out->text = quote != NULL ? text_of(l->arena, value, quote) : NULL;
    l->at = quote != NULL ? quote + 1 : l->end;
    return quote != NULL;
}
