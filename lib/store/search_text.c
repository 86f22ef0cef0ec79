/* What a user typed, as questions to the full-text tables; see search_text.h. */
#include "store/search_text.h"

#include <ctype.h>
#include <string.h>

#include "base/str.h"
#include "model/field_type.h"
#include "store/index_rows.h"

#define TEXT_SIZE_MAX  200 /* bytes of a text that are looked at */
#define DIGITS_MIN     4   /* a phone number has at least so many */
#define COUNTRY_DIGITS 3   /* a country code has at most so many */
#define SUBSCRIBER_MIN 6   /* digits that must remain without it */
#define GRAM           3   /* characters of a group in search_parts */

/* Letters and digits of any script: the tokenizer finds something in it. */
static bool has_token(const char *word)
{
    for (; *word; word++) {
        if (isalnum((unsigned char)*word) || (unsigned char)*word >= 0x80) {
            return true;
        }
    }
    return false;
}

static void read_words(struct search_text *t, struct arena *a)
{
    const char *s = t->folded;
    while (*s && t->word_count < SEARCH_WORDS_MAX) {
        size_t n = strcspn(s, " ");
        const char *word = arena_strndup(a, s, n);
        if (has_token(word)) {
            t->words[t->word_count++] = word;
        }
        s += n;
        s += *s == ' ';
    }
}

/*
 * A phone number in any form. A leading 0 is dialled only within the country, a country code only
 * from outside: both are left out and the rest is looked for within the digits.
 */
static const char *read_digits(const char *text, struct arena *a)
{
    if (text[strspn(text, "0123456789 +()/.-")] != '\0') {
        return NULL;
    }
    char *digits = arena_alloc(a, strlen(text) + 1);
    size_t n = 0;
    for (const char *s = text; *s; s++) {
        if (isdigit((unsigned char)*s)) {
            digits[n++] = *s;
        }
    }
    bool abroad = *text == '+' || strncmp(digits, "00", 2) == 0;
    char *start = digits + strspn(digits, "0");
    if (abroad && strlen(start) >= COUNTRY_DIGITS + SUBSCRIBER_MIN) {
        start += COUNTRY_DIGITS;
    }
    return n < DIGITS_MIN || strlen(start) < GRAM ? NULL : start;
}

void search_read(struct search_text *out, const char *text, struct arena *a)
{
    size_t n = strlen(text);
    for (n = n > TEXT_SIZE_MAX ? TEXT_SIZE_MAX : n;
         n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80; n--) {
    }
    const char *cut = str_trim(a, arena_strndup(a, text, n));
    *out = (struct search_text){.folded = str_fold(a, cut, strlen(cut))};
    read_words(out, a);
    out->digits = read_digits(cut, a);
    bool one = strchr(cut, ' ') == NULL;
    out->email = one ? handle_email(a, cut) : NULL;
    out->domain = one && out->email == NULL ? handle_domain(a, cut) : NULL;
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

static bool is_number(const char *word)
{
    return strlen(word) >= DIGITS_MIN && word[strspn(word, "0123456789")] == '\0';
}

static void put_words(struct buf *out, const struct search_text *t)
{
    for (size_t i = 0; i < t->word_count; i++) {
        buf_puts(out, i > 0 ? " AND " : "");
        buf_puts(out, is_number(t->words[i]) ? "{words digits} : " : "words : ");
        put_quoted(out, t->words[i], strlen(t->words[i]));
        buf_puts(out, " *");
    }
}

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

/* "e5" OR "e7" of the entities with this reach; their number. */
static size_t put_entities(struct buf *out, const struct who *who, const struct entity *kind,
                           enum reach reach)
{
    const struct model *m = who->model;
    size_t n = 0;
    for (size_t i = 0; i < m->entity_count; i++) {
        const struct entity *e = m->entities[i];
        if ((kind == NULL || e == kind) && search_has(e) && reach_of(who, e) == reach) {
            buf_printf(out, "%s\"e%lld\"", n++ > 0 ? " OR " : "", (long long)e->id);
        }
    }
    return n;
}

static void put_reach(struct buf *out, const struct who *who, const struct entity *kind,
                      enum reach reach)
{
    struct buf entities = {0};
    if (put_entities(&entities, who, kind, reach) > 0) {
        buf_puts(out, out->size > 0 ? " OR " : "");
        buf_printf(out, "((%s)", buf_text(&entities));
        if (reach == REACH_OWN || reach == REACH_TEAM) {
            buf_printf(out, " AND (\"o%lld\"", (long long)who->user);
            if (reach == REACH_TEAM && who->team != 0) {
                buf_printf(out, " OR \"t%lld\"", (long long)who->team);
            }
            buf_puts(out, ")");
        }
        buf_puts(out, ")");
    }
    buf_done(&entities);
}

const char *search_match_words(const struct search_text *t, const struct who *who,
                               const struct entity *kind, struct arena *a)
{
    struct buf access = {0}, out = {0};
    put_reach(&access, who, kind, REACH_ENTITY);
    put_reach(&access, who, kind, REACH_TEAM);
    put_reach(&access, who, kind, REACH_OWN);
    const char *match = NULL;
    if (t->word_count > 0 && access.size > 0) {
        put_words(&out, t);
        if (who->role != NULL || kind != NULL) {
            buf_printf(&out, " AND access : (%s)", buf_text(&access));
        }
        match = arena_strndup(a, buf_text(&out), out.size);
    }
    buf_done(&access);
    buf_done(&out);
    return match;
}

static size_t put_grams(struct buf *out, const char *word)
{
    size_t n = 0;
    const char *end = word;
    for (int i = 0; i < GRAM && *end; i++) {
        end += str_utf8_sequence(end, strlen(end));
    }
    for (const char *from = word; str_utf8_length(from) >= GRAM; n++) {
        buf_puts(out, out->size > 0 ? " AND " : "");
        put_quoted(out, from, (size_t)(end - from));
        from += str_utf8_sequence(from, strlen(from));
        end += *end ? str_utf8_sequence(end, strlen(end)) : 0;
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
        n += put_grams(&out, t->words[i]);
    }
    const char *match = n > 0 ? arena_strndup(a, buf_text(&out), out.size) : NULL;
    buf_done(&out);
    return match;
}
