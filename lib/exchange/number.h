/*
 * Numbers, dates and yes/no as people write them in files.
 *
 * Integer arithmetic only: a number is an int64 scaled by 10^places, rounded half away from zero.
 * Every function looks at the whole text (blanks around it are allowed) and returns 0, or -1 when
 * the text is not of its kind or does not fit; the out parameter is then unchanged. Which of 1.234
 * and 1,234 is a thousand is a matter of the column, not of the cell: number_decimal_sign and
 * number_date_order tell what one cell gives away, so that a column can be asked before it is read.
 * No state; called by the import (core).
 */
#ifndef KONTOR_EXCHANGE_NUMBER_H
#define KONTOR_EXCHANGE_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

#define NUMBER_PLACES_MAX 6

/*
 * "1.234,56" "1,234.56" "1 234,50 €" "CHF 1'234.50" "(12.50)" "12,5-" "-3" "€ 5,–" (a dash is
 * no cents). `decimal` is '.' or ',' (the other one, blanks and apostrophes then group thousands),
 * or 0: the last of two different signs is the decimal one, a single "1,234" is a thousand, "1.234"
 * is not. A currency sign or three-letter code may stand before or behind, "%" behind;
 * any other word makes it no number.
 */
int number_parse(const char *text, char decimal, int places, int64_t *out);
#define NUMBER_CURRENCY_SIZE 32

/*
 * The currency that stands beside a number or alone, "" when there is none or the text is neither:
 * three capital letters (not looked up) or what a sign stands for ("12 €", "US$", "5 zł"). A sign
 * of several currencies means `base` if that is one of them, else the usual one ("$" is USD). Is
 * there no usual one ("kr", "¥"), it returns -1 and lists them: "SEK, NOK, DKK, ISK".
 */
int number_currency(const char *text, const char *base, char out[NUMBER_CURRENCY_SIZE]);
/* '.' or ',' when the text can only be read with it as decimal sign, else 0. */
char number_decimal_sign(const char *text);
/* '.' or ',' when it is the only sign of the text and may be the decimal one or group thousands
 * ("1.500", "12,000"), else 0. */
char number_unclear_sign(const char *text);

enum date_order {
    DATE_ORDER_NONE,
    DATE_ORDER_YMD, /* 2026-11-21 2026/11/21 20261121 */
    DATE_ORDER_DMY, /* 21.11.2026 21/11/2026 21-11-26 */
    DATE_ORDER_MDY  /* 11/21/2026 */
};

#define NUMBER_DATE_SIZE    11
#define NUMBER_INSTANT_SIZE 26

/* Gives "YYYY-MM-DD", a real day. A year first is read as such whatever `order` says. Years of two
 * digits are 1970 to 2069. A time behind the date is allowed when it is midnight. */
int number_parse_date(const char *text, enum date_order order, char out[NUMBER_DATE_SIZE]);
/* A date as above and, if there is one, a time ("14:05", "14:05:30.5", "2:05 PM") and a zone ("Z",
 * "+0100", "+01:00"). Gives text for clock_parse_instant: "YYYY-MM-DD HH:MM:SS", with a zone
 * "YYYY-MM-DDTHH:MM:SS+01:00". Fractions of seconds are dropped. */
int number_parse_instant(const char *text, enum date_order order, char out[NUMBER_INSTANT_SIZE]);
/* The only order the text can be read in as a date, else NONE. */
enum date_order number_date_order(const char *text);

/* yes, ja, oui, sí, x, true, wahr, 1 … and their opposites; case does not matter. */
int number_parse_bool(const char *text, bool *out);

#endif
