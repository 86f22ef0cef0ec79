/* How well a record fits what was typed, and which of its fields shows it; see search_text.h. */
#include <ctype.h>
#include <string.h>

#include "base/str.h"
#include "model/field_type.h"
#include "model/text_ref.h"
#include "store/search_text.h"

#define SNIPPET_SIZE   160
#define SNIPPET_BEFORE 40 /* bytes shown in front of the word */

bool search_holds(const struct search_text *t, const char *folded)
{
    for (size_t i = 0; i < t->word_count; i++) {
        if (strstr(folded, t->words[i]) == NULL) {
            return false;
        }
    }
    return t->word_count > 0;
}

/* Does a word of the text begin with it? */
static bool begins_word(const char *text, const char *word)
{
    for (const char *s = text; (s = strstr(s, word)) != NULL; s++) {
        if (s == text || !isalnum((unsigned char)s[-1])) {
            return true;
        }
    }
    return false;
}

int search_score(const struct search_text *t, const char *title, struct arena *a)
{
    const char *folded = str_fold(a, title, strlen(title));
    if (str_eq(folded, t->folded)) {
        return 6;
    }
    if (str_starts(folded, t->folded)) {
        return 5;
    }
    if (!search_holds(t, folded)) {
        return 0;
    }
    for (size_t i = 0; i < t->word_count; i++) {
        if (!begins_word(folded, t->words[i])) {
            return 2;
        }
    }
    return begins_word(folded, t->folded) ? 4 : 3;
}

static bool any_word(const struct search_text *t, const char *folded)
{
    for (size_t i = 0; i < t->word_count; i++) {
        if (strstr(folded, t->words[i]) != NULL) {
            return true;
        }
    }
    return false;
}

static bool holds_digits(const char *text, const char *digits, struct arena *a)
{
    char *own = arena_alloc(a, strlen(text) + 1);
    size_t n = 0;
    for (; *text; text++) {
        if (isdigit((unsigned char)*text)) {
            own[n++] = *text;
        }
    }
    return strstr(own, digits) != NULL;
}

/* The part of a long text around the first word, cut between characters. */
static const char *shorten(const struct search_text *t, const char *text, struct arena *a)
{
    size_t size = strlen(text), from = 0;
    if (size <= SNIPPET_SIZE) {
        return arena_strdup(a, text);
    }
    const char *at = t->word_count > 0 ? strcasestr(text, t->words[0]) : NULL;
    if (at != NULL && at - text > SNIPPET_BEFORE) {
        from = (size_t)(at - text) - SNIPPET_BEFORE;
    }
    while (from > 0 && ((unsigned char)text[from] & 0xc0) == 0x80) {
        from--;
    }
    size_t end = from + SNIPPET_SIZE < size ? from + SNIPPET_SIZE : size;
    while (end > from && end < size && ((unsigned char)text[end] & 0xc0) == 0x80) {
        end--;
    }
    return arena_printf(a, "%s%.*s%s", from > 0 ? "…" : "", (int)(end - from), text + from,
                        end < size ? "…" : "");
}

static bool is_title_part(const struct field *f)
{
    for (size_t i = 0; i < f->entity->title_count; i++) {
        if (f->entity->title[i] == f) {
            return true;
        }
    }
    return false;
}

const char *search_snippet(const struct search_text *t, const struct field **fields, size_t count,
                           const struct list_row *row, struct arena *a)
{
    const struct value *values = row->values;
    const char *found = NULL;
    struct buf text = {0};
    for (size_t i = 0; i < count && found == NULL; values += fields[i++]->column_count) {
        if (values[0].kind == VALUE_NULL || is_title_part(fields[i])) {
            continue;
        }
        buf_clear(&text);
        if (field_is_words(fields[i])) {
            text_ref_plain(&text, values[0].s);
        } else {
            fields[i]->type->print_text(&text, fields[i], values);
        }
        const struct point_type *points = fields[i]->type->points;
        bool digits = points != NULL && points->by_digits && t->digits != NULL;
        if (digits ? holds_digits(buf_text(&text), t->digits, a)
                   : any_word(t, str_fold(a, buf_text(&text), text.size))) {
            found = shorten(t, buf_text(&text), a);
        }
    }
    buf_done(&text);
    return found;
}
