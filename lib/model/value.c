/* Stored values: see value.h. */
#include "model/value.h"

#include <string.h>

struct value value_null(void)
{
    return (struct value){.kind = VALUE_NULL};
}

struct value value_int(int64_t i)
{
    return (struct value){.kind = VALUE_INT, .i = i};
}

struct value value_text(const char *s)
{
    if (s == NULL) {
        return value_null();
    }
    return (struct value){.kind = VALUE_TEXT, .s = s, .n = strlen(s)};
}

bool value_equal(struct value a, struct value b)
{
    if (a.kind != b.kind) {
        return false;
    }
    if (a.kind == VALUE_INT) {
        return a.i == b.i;
    }
    return a.kind == VALUE_NULL || (a.n == b.n && memcmp(a.s, b.s, a.n) == 0);
}

bool value_is_empty(struct value v)
{
    return v.kind == VALUE_NULL || (v.kind == VALUE_TEXT && v.n == 0);
}
