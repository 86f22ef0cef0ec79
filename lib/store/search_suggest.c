/*
 * What may have been meant: words of titles that differ from a word nothing is found by in one or
 * two letters (left out, added, wrong, or two in the wrong order).
 *
 * The words of the index stand in their order, and a seek to the next one costs little. So the walk
 * goes from word to word: where the beginning of one is already too far off, it seeks the next
 * beginning that can still be near, which passes over all between. Whatever is proposed is searched
 * for as a whole word before it is shown: it stands in a record the reader sees, or it is not
 * mentioned.
 */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "store/search_private.h"

#define LETTERS_MIN   4  /* of a word that is corrected */
#define LETTERS_TWO   7  /* from which two letters may be wrong; the first one is right then */
#define LETTERS_MAX   32
#define SEEKS_MAX     900 /* of one search */
#define FIRST_LETTER  'a'
#define NEAR_MAX      12 /* words looked at more closely */
#define TRIED_MAX     6  /* and searched for */
#define SUGGESTED_MAX 3

/* Distances of one beginning of a word to all beginnings of the pattern. */
typedef unsigned char row[LETTERS_MAX + 1];

struct near {
    const char *word;
    int distance;
    size_t hits;
};

struct walk {
    struct search *s;
    uint32_t pattern[LETTERS_MAX];
    size_t letters;
    int most; /* distance */
    uint32_t word[LETTERS_MAX + 1];
    row rows[LETTERS_MAX + 2]; /* of the beginnings of `word` */
    struct near found[NEAR_MAX];
    size_t found_count;
};

static size_t decode(const char *s, uint32_t *out, size_t room)
{
    size_t n = 0;
    for (size_t size; *s != '\0' && n < room; s += size) {
        size = str_utf8_sequence(s, strnlen(s, 4));
        size = size > 0 ? size : 1;
        uint32_t c = (unsigned char)*s;
        c = size == 1 ? c : c & (0xffu >> (size + 1));
        for (size_t i = 1; i < size; i++) {
            c = c << 6 | ((unsigned char)s[i] & 0x3f);
        }
        out[n++] = c;
    }
    return n;
}

static void encode(struct buf *out, uint32_t c)
{
    if (c < 0x80) {
        buf_putc(out, (char)c);
    } else if (c < 0x800) {
        buf_printf(out, "%c%c", 0xc0 | c >> 6, 0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        buf_printf(out, "%c%c%c", 0xe0 | c >> 12, 0x80 | (c >> 6 & 0x3f), 0x80 | (c & 0x3f));
    } else {
        buf_printf(out, "%c%c%c%c", 0xf0 | c >> 18, 0x80 | (c >> 12 & 0x3f),
                   0x80 | (c >> 6 & 0x3f), 0x80 | (c & 0x3f));
    }
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* The row of word[0..j] when its last letter is c; the least distance in it. */
static int next_row(struct walk *w, size_t j, uint32_t c)
{
    const unsigned char *before = w->rows[j - 1];
    unsigned char *now = w->rows[j];
    now[0] = (unsigned char)j;
    unsigned min = now[0];
    for (size_t i = 1; i <= w->letters; i++) {
        unsigned d = before[i - 1] + (w->pattern[i - 1] != c);
        d = least(d, least(before[i], now[i - 1]) + 1u);
        bool swapped = i > 1 && j > 1 && w->pattern[i - 2] == c &&
                       w->pattern[i - 1] == w->word[j - 2];
        d = swapped ? least(d, w->rows[j - 2][i - 2] + 1u) : d;
        now[i] = (unsigned char)d;
        min = least(min, d);
    }
    return (int)min;
}

/* The least letter above c with which word[0..j] can still come near; 0: none. */
static uint32_t next_letter(struct walk *w, size_t j, uint32_t c)
{
    uint32_t best = 0;
    if (next_row(w, j, 0) <= w->most && (j > 1 || w->most == 1)) {
        return c < FIRST_LETTER ? FIRST_LETTER : c + 1; /* words with digits are none */
    }
    for (size_t i = 0; i < w->letters; i++) {
        uint32_t one = w->pattern[i];
        bool better = one > c && (best == 0 || one < best);
        if (better && next_row(w, j, one) <= w->most) {
            best = one;
        }
    }
    return best;
}

/* Behind the word in hand, of which the first `dead` letters lead nowhere: where to seek next; false:
 * the end. */
static bool seek_on(struct walk *w, size_t dead, struct buf *target)
{
    for (size_t j = dead; j > 0; j--) {
        uint32_t c = next_letter(w, j, w->word[j - 1]);
        if (c != 0) {
            buf_clear(target);
            for (size_t i = 0; i + 1 < j; i++) {
                encode(target, w->word[i]);
            }
            encode(target, c);
            return true;
        }
    }
    return false;
}

static void keep(struct walk *w, const char *word, int distance)
{
    size_t at = w->found_count;
    while (at > 0 && w->found[at - 1].distance > distance) {
        at--;
    }
    if (at == NEAR_MAX) {
        return;
    }
    w->found_count += w->found_count < NEAR_MAX;
    memmove(&w->found[at + 1], &w->found[at], (w->found_count - at - 1) * sizeof(*w->found));
    w->found[at] = (struct near){arena_strdup(w->s->arena, word), distance, 0};
}

/* Looks at one word of the index and says where to go on. */
static bool look(struct walk *w, const char *word, struct buf *target)
{
    size_t n = decode(word, w->word, LETTERS_MAX + 1), dead = 0;
    for (size_t j = 1; j <= n && j <= LETTERS_MAX && dead == 0; j++) {
        bool off = next_row(w, j, w->word[j - 1]) > w->most ||
                   (w->most > 1 && w->word[0] != w->pattern[0]);
        dead = off ? j : 0;
    }
    if (dead == 0 && n > LETTERS_MAX) {
        dead = LETTERS_MAX;
    }
    if (dead > 0) {
        return seek_on(w, dead, target);
    }
    int distance = w->rows[n][w->letters];
    if (distance > 0 && distance <= w->most) {
        keep(w, word, distance);
    }
    buf_clear(target);
    buf_puts(target, word);
    buf_putc(target, '\x01');
    return true;
}

static int walk(struct walk *w, struct err *e)
{
    struct buf target = {0};
    bool on = true;
    int rc = 1;
    for (size_t i = 0; i <= w->letters; i++) {
        w->rows[0][i] = (unsigned char)i;
    }
    encode(&target, w->most > 1 ? w->pattern[0] : FIRST_LETTER);
    for (; on && rc == 1 && w->s->seeks < SEEKS_MAX; w->s->seeks++) {
        sqlite3_stmt *st =
            stmt_get(w->s->db, "SELECT term FROM search_known WHERE term >= ?1 LIMIT 1", e);
        if (st == NULL) {
            rc = -1;
            break;
        }
        stmt_bind_text(st, 1, buf_text(&target));
        rc = stmt_step(w->s->db, st, e);
        if (rc == 1) {
            const char *term = (const char *)sqlite3_column_text(st, 0);
            on = look(w, arena_strdup(w->s->arena, term != NULL ? term : ""), &target);
        }
        stmt_done(st);
    }
    buf_done(&target);
    return rc < 0 ? -1 : 0;
}

/* ---- trying them ---- */

static bool is_correctable(const struct search_word *w)
{
    const char *word = w->forms[0];
    return !w->compound && w->letters >= LETTERS_MIN && w->letters <= LETTERS_MAX &&
           strpbrk(word, "0123456789") == NULL;
}

/* Is anything found by the text with this word instead, as a whole word? How many. */
static int try_word(struct search *s, const struct search_text *text, size_t at, const char *word,
                    size_t *hits, struct err *e)
{
    s->text = *text;
    s->text.exact = true;
    s->text.words[at] = (struct search_word){
        .forms = {word}, .form_count = 1, .letters = text->words[at].letters, .whole = true};
    if (search_gather(s, e) != 0) {
        return -1;
    }
    *hits = s->list.count;
    return 0;
}

static int by_use(const void *a, const void *b)
{
    const struct near *x = a, *y = b;
    if (x->distance != y->distance) {
        return x->distance - y->distance;
    }
    return x->hits != y->hits ? (x->hits > y->hits ? -1 : 1) : 0;
}

static const char *written(struct search *s, const struct search_text *text, size_t at,
                           const char *word)
{
    struct buf out = {0};
    for (size_t i = 0; i < text->word_count; i++) {
        buf_printf(&out, "%s%s", i > 0 ? " " : "", i == at ? word : text->words[i].forms[0]);
    }
    const char *result = arena_strndup(s->arena, buf_text(&out), out.size);
    buf_done(&out);
    return result;
}

static int find_near(struct walk *w, struct search *s, const struct search_word *word,
                     struct err *e)
{
    *w = (struct walk){.s = s, .most = 1};
    for (size_t i = 0; i < word->form_count && w->found_count == 0; i++) {
        w->letters = decode(word->forms[i], w->pattern, LETTERS_MAX);
        if (walk(w, e) != 0) {
            return -1;
        }
    }
    if (w->found_count == 0 && word->letters >= LETTERS_TWO) {
        w->most = 2;
        return walk(w, e);
    }
    return 0;
}

static int suggest_for(struct search *s, const struct search_text *text, size_t at,
                       struct search_result *out, struct err *e)
{
    struct walk w;
    if (find_near(&w, s, &text->words[at], e) != 0) {
        return -1;
    }
    size_t n = w.found_count < TRIED_MAX ? w.found_count : TRIED_MAX;
    for (size_t i = 0; i < n; i++) {
        if (try_word(s, text, at, w.found[i].word, &w.found[i].hits, e) != 0) {
            return -1;
        }
    }
    if (n > 1) {
        qsort(w.found, n, sizeof(*w.found), by_use);
    }
    for (size_t i = 0; i < n && out->suggestion_count < SUGGESTED_MAX; i++) {
        if (w.found[i].hits > out->total) {
            out->suggestions[out->suggestion_count++] = written(s, text, at, w.found[i].word);
        }
    }
    return 0;
}

int search_suggest(struct search *s, struct search_result *out, struct err *e)
{
    const struct search_text text = s->text;
    struct search_spec plain = *s->spec;
    plain.whole = false;
    plain.limit = SEARCH_RANKED / 10;
    plain.offset = 0;
    s->spec = &plain;
    out->suggestions = ARENA_ARRAY(s->arena, const char *, SUGGESTED_MAX);
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < text.word_count; i++) {
        bool known = false;
        if (!is_correctable(&text.words[i])) {
            continue;
        }
        rc = text.word_count > 1 ? search_knows(s, &text.words[i], &known, e) : 0;
        if (rc == 0 && !known) {
            rc = suggest_for(s, &text, i, out, e);
        }
    }
    return rc;
}
