/* Small macros used everywhere. None of them hides control flow. */
#ifndef KONTOR_BASE_ATTR_H
#define KONTOR_BASE_ATTR_H

#include <stddef.h>

#define COUNT(array)                  (sizeof(array) / sizeof((array)[0]))
#define PRINTF_LIKE(text_at, args_at) __attribute__((format(printf, text_at, args_at)))
#define MUST_CHECK                    __attribute__((warn_unused_result))

#endif
