/*
 * Text: UTF-8 checks, folding for search and sorting, nearest names for messages.
 * Folding uses utf8proc (Unicode data of its release); no locale is ever consulted.
 */
#ifndef KONTOR_BASE_STR_H
#define KONTOR_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

bool str_eq(const char *a, const char *b); /* both may be NULL; NULL equals only NULL */
bool str_starts(const char *s, const char *prefix);
bool str_ends(const char *s, const char *suffix);
bool str_is_utf8(const char *s, size_t n); /* well-formed per RFC 3629, no NUL */
/* Bytes (1..4) of the well-formed sequence at s of n bytes; 0 at NUL, at the end, or for none. */
size_t str_utf8_sequence(const char *s, size_t n);
/* Writes a code point; its bytes, 0 if it is none that may stand alone (surrogates, beyond 10FFFF). */
#define STR_UTF8_MAX 4
size_t str_utf8_put(int32_t code_point, char out[STR_UTF8_MAX]);
size_t str_utf8_length(const char *s); /* code points of a valid string */
bool str_is_blank(int32_t code_point); /* white space, Unicode */
/* A copy without leading and trailing white space (Unicode); NULL gives NULL. */
const char *str_trim(struct arena *a, const char *s);

/* Folded key: NFKD, case-folded, marks stripped, ß→ss, white space runs to one space, trimmed.
 * "Émile  GROß" gives "emile gross". Invalid UTF-8 bytes become U+FFFD. */
char *str_fold(struct arena *a, const char *s, size_t n);
/* str_fold as the search wants it: strokes and ligatures are plain letters too (ø o, ł l, æ ae, ı i,
 * þ th), apostrophes and dashes of all kinds are ' and -. */
char *str_fold_search(struct arena *a, const char *s, size_t n);
/* Folded key without blanks and punctuation: "GTX-Pro " and "gtxpro" are the same. */
char *str_fold_tight(struct arena *a, const char *s);
/* In capitals, letter by letter; ß stays. */
char *str_upper(struct arena *a, const char *s);
/* str_fold into caller's memory for ASCII input without allocation; -1 when s is not pure ASCII or
 * too long. */
int str_fold_ascii(char *out, size_t room, const char *s, size_t n);

/* The candidate with the smallest edit distance to `name`, or NULL. The distance is at most a third
 * of the name's length (or 2, if that is more) and less than the length itself. */
const char *str_nearest(const char *name, const char *const *candidates, size_t count);

bool str_is_identifier(const char *s); /* [a-z][a-z0-9_]*, 1..60 bytes */
/* The whole string is a decimal integer in range ("-" allowed, "+" not): 0, else -1. */
int str_to_int(const char *s, int64_t *out);
/* The same for an id as we write them: from 1 on, digits only, the first one not 0. */
int str_to_id(const char *s, int64_t *out);

#endif
