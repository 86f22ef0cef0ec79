/* How well a record fits what was typed, and which of its fields shows it; see search_text.h. */
#include <ctype.h>
#include <string.h>

#include "base/str.h"
#include "model/field_type.h"
#include "model/text_ref.h"
#include "store/search_text.h"

#define SNIPPET_SIZE   160
#define SNIPPET_BEFORE 40    /* bytes shown in front of the word */
#define LOOKED_AT      20000 /* bytes of a long text in which the word is looked for */

static bool is_letter(char c)
{
    return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

bool search_begins(const char *folded, const char *word)
{
    for (const char *s = folded; (s = strstr(s, word)) != NULL; s++) {
        if (s == folded || !is_letter(s[-1])) {
            return true;
        }
    }
    return false;
}

static bool has_word(const struct search_word *w, const char *folded)
{
    for (size_t i = 0; i < w->form_count; i++) {
        if (w->slight ? search_begins(folded, w->forms[i]) : strstr(folded, w->forms[i]) != NULL) {
            return true;
        }
    }
    return false;
}

static bool begins_any(const struct search_word *w, const char *folded)
{
    for (size_t i = 0; i < w->form_count; i++) {
        if (search_begins(folded, w->forms[i])) {
            return true;
        }
    }
    return false;
}

bool search_holds(const struct search_text *t, const char *folded)
{
    for (size_t i = 0; i < t->word_count; i++) {
        if (!has_word(&t->words[i], folded)) {
            return false;
        }
    }
    return t->word_count > 0;
}

int search_score(const struct search_text *t, const char *folded)
{
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
        if (!begins_any(&t->words[i], folded)) {
            return 2;
        }
    }
    return search_begins(folded, t->folded) ? 4 : 3;
}

bool search_holds_any(const struct search_text *t, const char *folded)
{
    for (size_t i = 0; i < t->word_count; i++) {
        if (!t->words[i].slight && has_word(&t->words[i], folded)) {
            return true;
        }
    }
    return false;
}

/* Numbers of a list side by side: their digits with a blank between two. */
static bool holds_digits(const char *text, const char *digits, struct arena *a)
{
    char *own = arena_alloc(a, strlen(text) + 1);
    size_t n = 0;
    for (; *text; text++) {
        if (strncmp(text, "(0)", 3) == 0) {
            text += 2;
        } else if (isdigit((unsigned char)*text)) {
            own[n++] = *text;
        } else if (*text == ',' || *text == ';') {
            own[n++] = ' ';
        }
    }
    own[n] = '\0';
    return strstr(own, digits) != NULL;
}

/* ---- the part of a long text that shows the word ---- */

/* Where the first of the words begins in the text as it was written; 0 when it is not there. */
static size_t place_of(const struct search_text *t, const char *text, size_t size, struct arena *a)
{
    struct buf folded = {0};
    size_t *from = ARENA_ARRAY(a, size_t, LOOKED_AT * 4 + 32);
    size_t place = 0;
    for (size_t i = 0; i < size && i < LOOKED_AT && folded.size < LOOKED_AT * 3;) {
        size_t n = str_utf8_sequence(text + i, size - i);
        n = n > 0 ? n : 1;
        char plain = isspace((unsigned char)text[i]) ? ' ' : (char)tolower((unsigned char)text[i]);
        const char *one = n > 1 ? str_fold_search(a, text + i, n) : NULL;
        size_t before = folded.size;
        buf_add(&folded, one != NULL ? one : &plain, one != NULL ? strlen(one) : 1);
        for (size_t k = before; k < folded.size; k++) {
            from[k] = i;
        }
        i += n;
    }
    const char *best = NULL, *all = buf_text(&folded);
    for (size_t i = 0; i < t->word_count; i++) {
        for (size_t k = 0; k < t->words[i].form_count && !t->words[i].slight; k++) {
            const char *at = strstr(all, t->words[i].forms[k]);
            best = at != NULL && (best == NULL || at < best) ? at : best;
        }
    }
    place = best != NULL ? from[best - all] : 0;
    buf_done(&folded);
    return place;
}

static const char *shorten(const struct search_text *t, const char *text, struct arena *a)
{
    size_t size = strlen(text), from = 0;
    if (size <= SNIPPET_SIZE) {
        return arena_strdup(a, text);
    }
    size_t at = place_of(t, text, size, a);
    from = at > SNIPPET_BEFORE ? at - SNIPPET_BEFORE : 0;
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

/* ---- a row ---- */

struct search_fields search_fields_of(const struct who *who, const struct entity *e,
                                      struct arena *a)
{
    struct search_fields out = {.list = ARENA_ARRAY(a, const struct field *, e->field_count)};
    for (size_t i = 0; i < e->field_count; i++) {
        const struct field *f = e->fields[i];
        bool seen = !f->hidden && (who->role == NULL || role_sees(who->role, f));
        bool words = (f->search || field_is_tags(f)) && !field_refers(f) && f->column_count > 0;
        if (seen && (words || search_is_about(f))) {
            out.list[out.count++] = f;
        }
    }
    return out;
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

/* As people read it: parts of an address with commas instead of bars. */
static void put_field_text(struct buf *out, const struct field *f, const struct value *values)
{
    struct buf text = {0};
    if (f->type->form != FORM_ADDRESSES) {
        f->type->print_text(out, f, values);
        return;
    }
    f->type->print_text(&text, f, values);
    bool due = false;
    for (const char *s = buf_text(&text); *s; s++) {
        bool bar = *s == '|' || *s == '*' || *s == '\n';
        if (!bar) {
            buf_puts(out, due && out->size > 0 ? ", " : "");
            buf_putc(out, *s);
        }
        due = bar || (due && *s == ' ' && out->size == 0);
    }
    buf_done(&text);
}

/* One field's text: does it show what was typed? */
static bool shows(const struct search_text *t, const struct field *f, const char *text,
                  const char *folded, struct arena *a)
{
    const struct point_type *points = f->type->points;
    bool digits = points != NULL && points->by_digits && t->digits != NULL;
    return digits ? holds_digits(text, t->digits, a) : search_holds_any(t, folded);
}

struct search_shown search_show(const struct search_text *t, const struct search_fields *fields,
                                const char *title, const struct list_row *row, struct arena *a)
{
    struct search_shown out = {0};
    const struct value *values = row->values;
    const char *heading = str_fold_search(a, title, strlen(title));
    struct buf text = {0}, all = {0};
    buf_puts(&all, heading);
    bool by_digits = false;
    for (size_t i = 0; i < fields->count; values += fields->list[i++]->column_count) {
        const struct field *f = fields->list[i];
        bool link = field_refers(f);
        const char *linked = link ? row->titles[i].text : NULL;
        if (values[0].kind == VALUE_NULL || (link && linked == NULL)) {
            continue;
        }
        buf_clear(&text);
        if (link) {
            buf_puts(&text, linked);
            out.about = out.about == NULL ? arena_strdup(a, linked) : out.about;
        } else if (field_is_words(f)) {
            text_ref_plain(&text, values[0].s);
        } else {
            put_field_text(&text, f, values);
        }
        const char *folded = str_fold_search(a, buf_text(&text), text.size);
        buf_printf(&all, "\n%s", folded);
        bool told = is_title_part(f) && (!field_is_words(f) || search_holds_any(t, heading));
        bool shown = !link && !told && shows(t, f, buf_text(&text), folded, a);
        by_digits = by_digits || (shown && t->digits != NULL && f->type->points != NULL);
        if (shown && out.snippet == NULL) {
            out.snippet = shorten(t, buf_text(&text), a);
        }
    }
    out.holds = by_digits || search_holds(t, buf_text(&all));
    buf_done(&text);
    buf_done(&all);
    return out;
}
