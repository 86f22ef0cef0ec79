/*
 * A stored value: what one column of one record holds. SQLite keeps only integers and text for us
 * (no REAL anywhere), so a value is nothing, an integer or a text. What it means is said by its
 * field type.
 */
#ifndef KONTOR_MODEL_VALUE_H
#define KONTOR_MODEL_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum value_kind { VALUE_NULL, VALUE_INT, VALUE_TEXT };

struct value {
    enum value_kind kind;
    int64_t i;     /* VALUE_INT */
    const char *s; /* VALUE_TEXT, NUL-terminated, valid UTF-8, borrowed */
    size_t n;      /* bytes of s */
};

struct value value_null(void);
struct value value_int(int64_t i);
struct value value_text(const char *s); /* NULL gives VALUE_NULL */
bool value_equal(struct value a, struct value b);
bool value_is_empty(struct value v); /* null or ""; no list is stored empty */

#endif
