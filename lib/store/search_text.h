/*
 * What a user typed, as questions to the full-text tables. Every word is quoted, so nothing he
 * types is an operator. Used by search_*.c and expr_sql_found.c.
 *
 * There are two tables of words: of records that stand for themselves (people, companies, deals),
 * and of those that are about others and whose rights follow from them (notes, activities, files).
 * The second holds far more, and its words must not crowd out the names of the first.
 */
#ifndef KONTOR_STORE_SEARCH_TEXT_H
#define KONTOR_STORE_SEARCH_TEXT_H

#include "store/query.h"

#define SEARCH_WORDS_MAX 8
#define SEARCH_FORMS_MAX 3
#define SEARCH_LONG      4 /* letters from which beginnings are not in an index of their own */

/* A word, with what else it may be written like ("mueller" for "müller"); the first is as typed. */
struct search_word {
    const char *forms[SEARCH_FORMS_MAX]; /* folded, each with a letter or digit */
    size_t form_count;
    size_t letters; /* and digits of the first */
    bool slight;    /* one plain letter beside longer words: tested on the record, not sought */
    bool whole;     /* not its beginning: of a suggestion, which must not promise more than it finds */
    bool compound;  /* the tokenizer sees several words in it: "firma.example", "meyer-koch" */
};

struct search_text {
    const char *folded; /* the whole text, as the search folds it */
    const char *key;    /* the same as keys of titles are folded */
    struct search_word words[SEARCH_WORDS_MAX];
    size_t word_count;
    const char *digits, *foreign; /* of a phone number: what to look for, and with its country code;
                                     NULL: the text is none, or was typed without the code */
    const char *email, *domain;   /* handles; NULL when it is none */
    bool exact; /* a suggestion is tried: by words alone */
};

void search_read(struct search_text *out, const char *text, struct arena *a);

/* ---- questions (search_match.c) ---- */

enum search_table { SEARCH_WORDS, SEARCH_TEXTS, SEARCH_TABLE_COUNT };
extern const char *const SEARCH_TABLES[];
/* The table that knows the records of the entity. */
enum search_table search_table_of(const struct entity *e);

struct search_ask {
    enum search_table table;
    const struct entity *kind; /* NULL: all of the table */
    bool title;                /* only in titles */
    bool whole;                /* long words as they are, not what begins with them */
    bool loose;                /* all words may be beginnings, not only the last and short ones */
    bool own;                  /* only what belongs to the reader */
    /* By words: tokens of records whose title holds the word; a record that points there has it
     * too. NULL: none asked for. */
    const char *const *linked;
    const char *narrow; /* tokens of the few records the reader sees; NULL: it does not help */
};
/* Words with the tokens of what the reader may see; NULL: he sees nothing, or there is no word. */
const char *search_match(const struct search_text *t, const struct who *who,
                         const struct search_ask *ask, struct arena *a);
/* For search_parts: groups of three characters that cover every word; NULL when no word has three. */
const char *search_match_parts(const struct search_text *t, struct arena *a);
/* Tokens begin with a character of private use: no word a user types is one, or begins as one. */
#define TOKEN_ENTITY "\uE000"
#define TOKEN_OWNER  "\uE001"
#define TOKEN_TEAM   "\uE002"
#define TOKEN_LINK   "\uE003" /* a record it points to */
void search_put_token(struct buf *out, const char *kind, int64_t id);
/* Links whose targets say what a record is about: companies, people; not who looks after it. */
bool search_is_about(const struct field *f);

/* ---- what a record says (search_snippet.c) ---- */

/* Does every word stand in the text (folded)? */
bool search_holds(const struct search_text *t, const char *folded);
/* Does a word of the text begin with it? */
bool search_begins(const char *folded, const char *word);
bool search_holds_any(const struct search_text *t, const char *folded);
/* How well a title (folded) fits: the larger the better; 0: it does not hold all words. */
int search_score(const struct search_text *t, const char *folded);

/* What of a row is looked at. */
struct search_fields {
    const struct field **list;
    size_t count;
};
struct search_shown {
    const char *snippet; /* the field that shows what was typed, shortened; NULL: none does */
    const char *about;   /* title of the first record it points to; NULL: none is seen */
    bool holds;          /* every word stands in it or in the title of a record it points to */
};
/* The fields a reader of hits needs, among those he may see. */
struct search_fields search_fields_of(const struct who *who, const struct entity *e,
                                      struct arena *a);
struct search_shown search_show(const struct search_text *t, const struct search_fields *fields,
                                const char *title, const struct list_row *row, struct arena *a);

#endif
