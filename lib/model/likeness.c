/* Names that may mean the same; see likeness.h. */
#include "model/likeness.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "model/field_type.h"

#define WORDS_MAX  16
#define LETTERS_MAX 60 /* of a name, compared for slips */

/* Legal forms and titles, folded. */
static const char *const IDLE_WORDS[] = {
    "ab",   "ag",   "aps",  "as",   "bv",   "co",   "company", "corp", "corporation", "cie",
    "dipl", "dr",   "ek",   "ev",   "frau", "gbr",  "ges",     "gmbh", "herr",        "inc",
    "ing",  "kft",  "kg",   "kgaa", "limited", "llc", "ltd",   "mbh",  "mr",          "mrs",
    "ms",   "nv",   "ohg",  "oy",   "plc",  "prof", "pty",     "sa",   "sarl",        "sas",
    "se",   "sl",   "spa",  "srl",  "sro",  "the",  "ug",      "und",  "and",         "zoo",
};

static bool is_idle(const char *word)
{
    for (size_t i = 0; i < COUNT(IDLE_WORDS); i++) {
        if (strcmp(IDLE_WORDS[i], word) == 0) {
            return true;
        }
    }
    return word[0] == '\0';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c & 0x80) != 0;
}

/* "muller" of "mueller", as the folded "müller"; "stefan" of "stephan", "tomas" of "thomas". */
static void shorten(char *word)
{
    char *to = word;
    for (const char *p = word; *p != '\0'; p++) {
        bool aspirate = (*p == 'p' || *p == 't') && p[1] == 'h';
        *to++ = *p == 'p' && aspirate ? 'f' : *p;
        p += aspirate ? 1 : 0;
        bool umlaut = (*p == 'u' || *p == 'o' || *p == 'a') && p[1] == 'e';
        p += umlaut && (p == word || p[-1] != 'q') ? 1 : 0;
    }
    *to = '\0';
}

static int by_text(const void *x, const void *y)
{
    return strcmp(*(const char *const *)x, *(const char *const *)y);
}

/* The words of a name in the order they stand; points within one ("e.K.", "GmbH & Co. KG") go. */
static size_t split(struct arena *a, const char *name, char *words[WORDS_MAX])
{
    const char *folded = str_fold(a, name, strlen(name));
    size_t count = 0;
    while (*folded != '\0' && count < WORDS_MAX) {
        char *word = arena_strndup(a, folded, strcspn(folded, " ,;/&+-()\""));
        size_t n = 0;
        folded += strlen(word);
        folded += *folded != '\0' ? 1 : 0;
        for (const char *p = word; *p != '\0'; p++) {
            if (is_letter(*p)) {
                word[n++] = *p;
            }
        }
        word[n] = '\0';
        if (!is_idle(word)) {
            shorten(word);
            words[count++] = word;
        }
    }
    return count;
}

static char *joined(struct arena *a, const char *name, bool sorted)
{
    char *words[WORDS_MAX];
    size_t count = split(a, name, words);
    char *text = arena_strdup(a, "");
    if (count > 1 && sorted) {
        qsort(words, count, sizeof(*words), by_text);
    }
    for (size_t i = 0; i < count; i++) {
        text = i == 0 ? words[0] : arena_printf(a, "%s %s", text, words[i]);
    }
    return text;
}

char *name_words(struct arena *a, const char *name)
{
    return joined(a, name, true);
}

char *name_in_order(struct arena *a, const char *name)
{
    return joined(a, name, false);
}

/* Letters that sound alike, by the first of them; 0: vowels and what is often not heard. */
static char sound_of(const char *p)
{
    static const char SOUNDS[26] = {
        ['b' - 'a'] = 'b', ['p' - 'a'] = 'b', ['d' - 'a'] = 'd', ['t' - 'a'] = 'd',
        ['g' - 'a'] = 'g', ['k' - 'a'] = 'g', ['q' - 'a'] = 'g', ['c' - 'a'] = 'g',
        ['x' - 'a'] = 'g', ['f' - 'a'] = 'f', ['v' - 'a'] = 'f', ['w' - 'a'] = 'f',
        ['s' - 'a'] = 's', ['z' - 'a'] = 's', ['l' - 'a'] = 'l', ['m' - 'a'] = 'm',
        ['n' - 'a'] = 'n', ['r' - 'a'] = 'r',
    };
    return *p >= 'a' && *p <= 'z' ? SOUNDS[*p - 'a'] : (char)(*p >= '0' && *p <= '9' ? *p : 0);
}

char *name_sounds(struct arena *a, const char *name)
{
    bool heard[128] = {false};
    char *words[WORDS_MAX], text[128];
    size_t count = split(a, name, words), n = 0;
    for (size_t i = 0; i < count; i++) {
        for (const char *p = words[i]; *p != '\0'; p++) {
            heard[(unsigned char)sound_of(p) & 127] = true;
        }
    }
    for (int c = 1; c < 128; c++) {
        if (heard[c]) {
            text[n++] = (char)c;
        }
    }
    return arena_strndup(a, text, n < 2 ? 0 : n);
}

/* Optimal string alignment: letters changed, missing, or swapped with the next. */
static size_t distance(const char *x, size_t nx, const char *y, size_t ny)
{
    size_t rows[3][LETTERS_MAX + 1];
    for (size_t k = 0; k <= ny; k++) {
        rows[0][k] = k;
    }
    for (size_t i = 1; i <= nx; i++) {
        size_t *now = rows[i % 3], *last = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
        now[0] = i;
        for (size_t k = 1; k <= ny; k++) {
            size_t best = last[k - 1] + (x[i - 1] != y[k - 1]);
            best = last[k] + 1 < best ? last[k] + 1 : best;
            best = now[k - 1] + 1 < best ? now[k - 1] + 1 : best;
            bool swapped =
                i > 1 && k > 1 && x[i - 1] == y[k - 2] && x[i - 2] == y[k - 1];
            now[k] = swapped && before[k - 2] + 1 < best ? before[k - 2] + 1 : best;
        }
    }
    return rows[nx % 3][ny];
}

/* Without blanks: words may have been written as one. */
static size_t letters_of(const char *words, char *out)
{
    size_t n = 0;
    for (const char *p = words; *p != '\0' && n < LETTERS_MAX; p++) {
        if (*p != ' ') {
            out[n++] = *p;
        }
    }
    return n;
}

static bool is_slip(const char *x, size_t nx, const char *y, size_t ny)
{
    size_t least = nx < ny ? nx : ny;
    return nx <= LETTERS_MAX && ny <= LETTERS_MAX && least >= 4 &&
           distance(x, nx, y, ny) <= (least < 8 ? 1u : 2u);
}

static size_t words_of(const char *text)
{
    size_t count = 1;
    for (const char *p = text; *p != '\0'; p++) {
        count += *p == ' ';
    }
    return count;
}

bool name_is_near(const char *x, const char *y)
{
    char lx[LETTERS_MAX], ly[LETTERS_MAX];
    if (words_of(x) != words_of(y)) {
        size_t nx = letters_of(x, lx), ny = letters_of(y, ly);
        return is_slip(lx, nx, ly, ny);
    }
    while (*x != '\0' && *y != '\0') {
        size_t nx = strcspn(x, " "), ny = strcspn(y, " ");
        bool same = nx == ny && memcmp(x, y, nx) == 0;
        if (!same && !is_slip(x, nx, y, ny)) {
            return false;
        }
        x += nx + (x[nx] == ' ');
        y += ny + (y[ny] == ' ');
    }
    return *x == '\0' && *y == '\0';
}

const struct field *entity_town(const struct entity *e)
{
    const struct field *f = entity_field_find(e, "city");
    return f != NULL && f->type->words == WORDS_LINE && f->column_count == 1 && !f->hidden ? f
                                                                                           : NULL;
}

bool entity_has_doubles(const struct entity *e)
{
    for (size_t i = 0; i < e->field_count; i++) {
        const struct point_type *p = e->fields[i]->type->points;
        if (p != NULL && p->reaches && !entity_is_account(e)) {
            return true;
        }
    }
    return false;
}

const struct field *entity_home(const struct entity *e)
{
    for (size_t i = 0; i < e->field_count; i++) {
        const struct field *f = e->fields[i];
        if (field_is_link(f) && f->to != NULL && f->to != e && f->column_count == 1 &&
            !f->system && !f->hidden && f->compute == NULL && !f->readonly.always &&
            entity_has_doubles(f->to)) {
            return f;
        }
    }
    return NULL;
}
