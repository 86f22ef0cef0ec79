/* Questions to the full-text tables, in the language of FTS5; see search_text.h. */
#include <string.h>

#include "base/str.h"
#include "model/field_type.h"
#include "store/index_rows.h"
#include "store/search_text.h"

#define NUMBER_MIN 4 /* digits from which a word may be a phone number */
#define GRAM       3 /* characters of a group in search_parts */

const char *const SEARCH_TABLES[] = {
    [SEARCH_WORDS] = "search_words", [SEARCH_TEXTS] = "search_texts"};

enum search_table search_table_of(const struct entity *e)
{
    return e->visible_by_count > 0 ? SEARCH_TEXTS : SEARCH_WORDS;
}

bool search_is_about(const struct field *f)
{
    return field_is_link(f) && f->to != NULL && f->column_count > 0 && !f->system && !f->hidden &&
           f != f->entity->owner && f != f->entity->team && search_has(f->to);
}

bool search_points(const struct field *f)
{
    return search_is_about(f) || (field_is_records(f) && !f->hidden);
}

void search_put_token(struct buf *out, const char *kind, int64_t id)
{
    buf_printf(out, "\"%s%lld\"", kind, (long long)id);
}

/* A text in the quotes of FTS5. */
static void put_quoted(struct buf *out, const char *s, size_t n)
{
    buf_putc(out, '"');
    for (size_t i = 0; i < n; i++) {
        buf_puts(out, s[i] == '"' ? "\"" : "");
        buf_putc(out, s[i]);
    }
    buf_putc(out, '"');
}

static void put_form(struct buf *out, const char *form, bool beginning)
{
    put_quoted(out, form, strlen(form));
    buf_puts(out, beginning ? " *" : "");
}

/* ---- words ---- */

static bool is_number(const char *word)
{
    return strlen(word) >= NUMBER_MIN && word[strspn(word, "0123456789")] == '\0';
}

static const char *columns_of(const struct search_ask *ask, bool number)
{
    return ask->table == SEARCH_TEXTS ? "words"
           : ask->title               ? "title"
           : number                   ? "{title words digits}"
                                      : "{title words}";
}

static void put_word(struct buf *out, const struct search_text *t, size_t i,
                     const struct search_ask *ask)
{
    const struct search_word *w = &t->words[i];
    bool number = is_number(w->forms[0]);
    bool typing = i + 1 == t->word_count || ask->loose;
    bool whole = w->whole || w->letters < 2 || (t->digits != NULL && t->word_count > 1) ||
                 (w->letters >= SEARCH_LONG && (ask->whole || !typing));
    const char *linked = ask->linked != NULL ? ask->linked[i] : NULL;
    buf_printf(out, "%s%s : (", linked != NULL ? "(" : "", columns_of(ask, number));
    for (size_t k = 0; k < w->form_count; k++) {
        buf_puts(out, k > 0 ? " OR " : "");
        put_form(out, w->forms[k], !whole);
    }
    const char *bare = w->forms[0] + strspn(w->forms[0], "0");
    if (number && bare > w->forms[0] && *bare != '\0') {
        buf_puts(out, " OR ");
        put_form(out, bare, !whole);
    }
    buf_putc(out, ')');
    if (linked != NULL) {
        buf_printf(out, " OR access : (%s))", linked);
    }
}

static void put_words(struct buf *out, const struct search_text *t, const struct search_ask *ask)
{
    bool first = true;
    for (size_t i = 0; i < t->word_count; i++) {
        if (!t->words[i].slight) {
            buf_puts(out, first ? "(" : " AND ");
            put_word(out, t, i, ask);
            first = false;
        }
    }
    buf_puts(out, first ? "" : ")");
}

/* In the index stand the number with its country code and without; one that was written without is
 * marked by a 0, so that another country's does not fit. */
static void put_digits(struct buf *out, const struct search_text *t)
{
    buf_puts(out, out->size > 0 ? " OR digits : (" : "digits : (");
    if (t->foreign != NULL) {
        put_form(out, t->foreign, true);
        buf_printf(out, " OR \"0%s\" *", t->digits);
    } else {
        put_form(out, t->digits, true);
    }
    buf_puts(out, ")");
}

/* ---- rights ---- */

/* How far the tokens of a row tell whether it may be seen. */
enum reach { REACH_NONE, REACH_OWN, REACH_TEAM, REACH_ENTITY };

static enum reach reach_of(const struct who *who, const struct entity *e)
{
    if (who->role == NULL) {
        return REACH_ENTITY;
    }
    const struct entity_rights *rights = &who->role->rights[e->index];
    if (rights->visible[ACTION_SEE] == NULL) {
        return REACH_NONE;
    }
    bool plain = e->visible_by_count == 0 && e->visible_if == NULL && e->owner != NULL;
    bool limited = plain && !rights->everything[ACTION_SEE];
    return limited && rights->scope[ACTION_SEE] == SCOPE_OWN    ? REACH_OWN
           : limited && rights->scope[ACTION_SEE] == SCOPE_TEAM ? REACH_TEAM
                                                                : REACH_ENTITY;
}

static bool is_asked(const struct search_ask *ask, const struct entity *e)
{
    return (ask->kind == NULL || e == ask->kind) && search_has(e) &&
           search_table_of(e) == ask->table;
}

/* Tokens of the entities with this reach; their number. */
static size_t put_entities(struct buf *out, const struct who *who, const struct search_ask *ask,
                           enum reach reach)
{
    const struct model *m = who->model;
    size_t n = 0;
    for (size_t i = 0; i < m->entity_count; i++) {
        const struct entity *e = m->entities[i];
        if (is_asked(ask, e) && reach_of(who, e) == reach) {
            buf_puts(out, n++ > 0 ? " OR " : "");
            search_put_token(out, TOKEN_ENTITY, e->id);
        }
    }
    return n;
}

static size_t put_reach(struct buf *out, const struct who *who, const struct search_ask *ask,
                        enum reach reach)
{
    struct buf entities = {0};
    size_t n = put_entities(&entities, who, ask, reach);
    if (n > 0) {
        buf_puts(out, out->size > 0 ? " OR " : "");
        buf_printf(out, "((%s)", buf_text(&entities));
        if (reach == REACH_OWN || reach == REACH_TEAM) {
            buf_puts(out, " AND (");
            search_put_token(out, TOKEN_OWNER, who->user);
            if (reach == REACH_TEAM && who->team != 0) {
                buf_puts(out, " OR ");
                search_put_token(out, TOKEN_TEAM, who->team);
            }
            buf_puts(out, ")");
        }
        buf_puts(out, ")");
    }
    buf_done(&entities);
    return n;
}

/* " AND access : (…)" as far as the tokens leave something out; false: he sees nothing. */
static bool put_access(struct buf *out, const struct who *who, const struct search_ask *ask)
{
    struct buf access = {0}, nothing = {0};
    size_t whole = put_reach(&access, who, ask, REACH_ENTITY);
    size_t part = put_reach(&access, who, ask, REACH_TEAM);
    part += put_reach(&access, who, ask, REACH_OWN);
    bool all = ask->kind == NULL && part == 0 &&
               put_entities(&nothing, who, ask, REACH_NONE) == 0;
    if (!all && whole + part > 0) {
        buf_printf(out, " AND access : (%s)", buf_text(&access));
    }
    if (ask->own) {
        buf_puts(out, " AND access : ");
        search_put_token(out, TOKEN_OWNER, who->user);
    }
    if (ask->narrow != NULL) {
        buf_printf(out, " AND access : (%s)", ask->narrow);
    }
    buf_done(&access);
    buf_done(&nothing);
    return whole + part > 0;
}

const char *search_match(const struct search_text *t, const struct who *who,
                         const struct search_ask *ask, struct arena *a)
{
    struct buf words = {0}, out = {0};
    const char *match = NULL;
    put_words(&words, t, ask);
    if (t->digits != NULL && ask->table == SEARCH_WORDS && !ask->title) {
        put_digits(&words, t);
    }
    if (words.size > 0) {
        buf_printf(&out, "(%s)", buf_text(&words));
        match = put_access(&out, who, ask) ? arena_strndup(a, buf_text(&out), out.size) : NULL;
    }
    buf_done(&words);
    buf_done(&out);
    return match;
}

/* ---- parts ---- */

static size_t step_back(const char *s, size_t at)
{
    do {
        at--;
    } while (at > 0 && ((unsigned char)s[at] & 0xc0) == 0x80);
    return at;
}

/* Groups side by side, the last one ending with the word: every letter is covered, and each further
 * group costs as much as it could leave out. */
static size_t put_grams(struct buf *out, const char *word)
{
    size_t n = 0, size = strlen(word);
    if (str_utf8_length(word) < GRAM) {
        return 0;
    }
    for (size_t from = 0; from < size; n++) {
        size_t end = from;
        int letters = 0;
        for (; letters < GRAM && end < size; letters++) {
            end += str_utf8_sequence(word + end, size - end);
        }
        for (; letters < GRAM; letters++) {
            from = step_back(word, from);
        }
        buf_puts(out, out->size > 0 ? " AND " : "");
        put_quoted(out, word + from, end - from);
        from = end;
    }
    return n;
}

const char *search_match_parts(const struct search_text *t, struct arena *a)
{
    struct buf out = {0};
    size_t n = 0;
    if (t->digits != NULL) {
        n = put_grams(&out, t->digits);
    }
    for (size_t i = 0; t->digits == NULL && i < t->word_count; i++) {
        n += put_grams(&out, t->words[i].forms[0]);
    }
    const char *match = n > 0 ? arena_strndup(a, buf_text(&out), out.size) : NULL;
    buf_done(&out);
    return match;
}
