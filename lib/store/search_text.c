/* What a user typed, word by word; see search_text.h. */
#include "store/search_text.h"

#include <ctype.h>
#include <string.h>

#include "base/str.h"
#include "model/field_type.h"

#define TEXT_SIZE_MAX 200 /* bytes of a text that are looked at */
#define DRAWN_MIN     4   /* letters of a word in which ue may be ü */
#define DIGITS_MIN    4   /* a phone number has at least so many */
#define DIGITS_SOUGHT 3   /* without zeros in front */

static bool is_plain(unsigned char c)
{
    return isalnum(c) || c >= 0x80;
}

/* Letters and digits of any script: the tokenizer finds something in it. */
static bool has_token(const char *word)
{
    for (; *word; word++) {
        if (is_plain((unsigned char)*word)) {
            return true;
        }
    }
    return false;
}

static size_t count_letters(const char *word)
{
    size_t n = 0;
    for (; *word; word++) {
        n += is_plain((unsigned char)*word) && ((unsigned char)*word & 0xc0) != 0x80;
    }
    return n;
}

static bool has_break(const char *word)
{
    const char *s = word;
    while (*s && !is_plain((unsigned char)*s)) {
        s++;
    }
    while (is_plain((unsigned char)*s)) {
        s++;
    }
    return has_token(s);
}

/* ü written as ue, before folding takes the dots. */
static const char *spell_out(const char *text, struct arena *a)
{
    static const char *const LETTERS[][2] = {{"ä", "ae"}, {"ö", "oe"}, {"ü", "ue"},
                                             {"Ä", "ae"}, {"Ö", "oe"}, {"Ü", "ue"}};
    struct buf out = {0};
    while (*text) {
        const char *to = NULL;
        for (size_t i = 0; to == NULL && i < COUNT(LETTERS); i++) {
            to = str_starts(text, LETTERS[i][0]) ? LETTERS[i][1] : NULL;
        }
        if (to != NULL) {
            buf_puts(&out, to);
            text += 2;
        } else {
            buf_putc(&out, *text++);
        }
    }
    const char *result = arena_strndup(a, buf_text(&out), out.size);
    buf_done(&out);
    return result;
}

/* "mueller" as "muller"; not "neue", where the e is spoken. */
static const char *draw_together(const char *word, struct arena *a)
{
    char *out = arena_alloc(a, strlen(word) + 1), *end = out;
    for (const char *s = word; *s; s++) {
        *end++ = *s;
        bool first = s == word || strchr("aeiouyq", s[-1]) == NULL;
        if (first && strchr("aou", *s) != NULL && s[1] == 'e') {
            s++;
        }
    }
    *end = '\0';
    return out;
}

static void add_form(struct search_word *w, const char *form)
{
    for (size_t i = 0; i < w->form_count; i++) {
        if (str_eq(w->forms[i], form)) {
            return;
        }
    }
    w->forms[w->form_count++] = form;
}

static const char *next_word(const char **s, struct arena *a)
{
    size_t n = strcspn(*s, " ");
    const char *word = arena_strndup(a, *s, n);
    *s += n + ((*s)[n] == ' ');
    return word;
}

static void read_words(struct search_text *t, const char *text, struct arena *a)
{
    const char *spelled = spell_out(text, a);
    const char *folded = t->folded, *other = str_fold_search(a, spelled, strlen(spelled));
    size_t letters_max = 0;
    while (*folded && t->word_count < SEARCH_WORDS_MAX) {
        const char *word = next_word(&folded, a), *alike = next_word(&other, a);
        if (!has_token(word)) {
            continue;
        }
        struct search_word *w = &t->words[t->word_count++];
        *w = (struct search_word){.letters = count_letters(word), .compound = has_break(word)};
        add_form(w, word);
        add_form(w, alike);
        if (w->letters >= DRAWN_MIN) {
            add_form(w, draw_together(word, a));
        }
        letters_max = w->letters > letters_max ? w->letters : letters_max;
    }
    for (size_t i = 0; i < t->word_count; i++) {
        struct search_word *w = &t->words[i];
        w->slight = w->letters == 1 && isalpha((unsigned char)*w->forms[0]) && letters_max > 1;
    }
}

/* A phone number in any form, with or without a word like "Tel." before it. */
static void read_digits(struct search_text *t, const char *text, struct arena *a)
{
    static const char *const BEFORE[] = {"telephone", "telefon", "mobile", "mobil", "phone",
                                         "handy",     "tel",     "fon",    "fax",   NULL};
    const char *s = t->folded;
    for (size_t i = 0; s == t->folded && BEFORE[i] != NULL; i++) {
        s += str_starts(s, BEFORE[i]) ? strlen(BEFORE[i]) : 0;
    }
    s += s > t->folded ? strspn(s, ".: ") : 0;
    if (s[strspn(s, "0123456789 +()/.-")] != '\0') {
        return;
    }
    struct phone_digits digits = phone_digits(a, s > t->folded ? s : text);
    if (strlen(digits.full) >= DIGITS_MIN && strlen(digits.national) >= DIGITS_SOUGHT) {
        t->digits = digits.national;
        t->foreign = digits.abroad ? digits.full : NULL;
    }
}

void search_read(struct search_text *out, const char *text, struct arena *a)
{
    size_t n = strlen(text);
    for (n = n > TEXT_SIZE_MAX ? TEXT_SIZE_MAX : n;
         n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80; n--) {
    }
    const char *cut = str_trim(a, arena_strndup(a, text, n));
    *out = (struct search_text){.folded = str_fold_search(a, cut, strlen(cut)),
                                .key = str_fold(a, cut, strlen(cut))};
    read_words(out, cut, a);
    read_digits(out, cut, a);
    bool one = strchr(cut, ' ') == NULL;
    out->email = one ? handle_email(a, cut) : NULL;
    out->domain = one && out->email == NULL ? handle_domain(a, cut) : NULL;
}
