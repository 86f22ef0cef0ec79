/*
 * What a user typed, as questions to the full-text tables. Every word is quoted, so nothing he
 * types is an operator. Used by search_find.c and search_snippet.c.
 */
#ifndef KONTOR_STORE_SEARCH_TEXT_H
#define KONTOR_STORE_SEARCH_TEXT_H

#include "store/query.h"

#define SEARCH_WORDS_MAX 8

struct search_text {
    const char *folded;                  /* the whole text */
    const char *words[SEARCH_WORDS_MAX]; /* folded, each with a letter or digit */
    size_t word_count;
    const char *digits;         /* what to look for in phone numbers; NULL when the text is none */
    const char *email, *domain; /* handles; NULL when it is none */
};

void search_read(struct search_text *out, const char *text, struct arena *a);
/* For search_words: all words (as beginnings), and the tokens of what the reader may see. NULL: he
 * sees nothing. */
const char *search_match_words(const struct search_text *t, const struct who *who,
                               const struct entity *kind, struct arena *a);
/* For search_parts: all groups of three characters; NULL when no word has three. */
const char *search_match_parts(const struct search_text *t, struct arena *a);

/* Does every word stand in the text (folded)? */
bool search_holds(const struct search_text *t, const char *folded);
/* How well a title fits: the larger the better; 0: not by its title. */
int search_score(const struct search_text *t, const char *title, struct arena *a);
/* The first searchable field that holds what was typed, shortened; NULL if there is none. `row` is
 * from query_list. */
const char *search_snippet(const struct search_text *t, const struct field **fields, size_t count,
                           const struct list_row *row, struct arena *a);

#endif
