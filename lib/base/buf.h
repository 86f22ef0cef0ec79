/*
 * Growable byte buffer on the heap, always followed by a NUL that is not counted.
 * Out of memory ends the process, as in arena.h. `struct buf b = {0}` is a valid empty buffer.
 */
#ifndef KONTOR_BASE_BUF_H
#define KONTOR_BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct buf {
    char *data;  /* NULL while empty; else NUL-terminated */
    size_t size; /* bytes in use, without the NUL */
    size_t room; /* bytes allocated */
};

void buf_done(struct buf *b);  /* frees; b is empty and usable afterwards */
void buf_clear(struct buf *b); /* size 0, keeps the memory */
void buf_reserve(struct buf *b, size_t more);
/* buf_reserve without the call when there is room, as there is nearly always. */
static inline void buf_room(struct buf *b, size_t more)
{
    if (b->room - b->size <= more) {
        buf_reserve(b, more);
    }
}
void buf_add(struct buf *b, const void *bytes, size_t n);
void buf_puts(struct buf *b, const char *s);
void buf_putc(struct buf *b, char c);
void buf_int(struct buf *b, int64_t i);
void buf_printf(struct buf *b, const char *format, ...) PRINTF_LIKE(2, 3);
void buf_vprintf(struct buf *b, const char *format, va_list args) PRINTF_LIKE(2, 0);
const char *buf_text(const struct buf *b); /* never NULL */

#endif
