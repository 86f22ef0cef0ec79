/* Growable byte buffer; see buf.h. Room doubles, so adding n bytes one by one costs O(n). */
#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define ROOM_MIN 256

void buf_done(struct buf *b)
{
    free(b->data);
    *b = (struct buf){0};
}

void buf_clear(struct buf *b)
{
    b->size = 0;
    if (b->data) {
        b->data[0] = '\0';
    }
}

void buf_reserve(struct buf *b, size_t more)
{
    if (b->room - b->size > more) {
        return;
    }
    if (more > SIZE_MAX / 4 - b->size) {
        memory_out();
    }
    size_t need = b->size + more + 1;
    size_t room = b->room > 0 ? b->room : ROOM_MIN;
    while (room < need) {
        room *= 2;
    }
    b->data = memory_resize(b->data, room);
    b->room = room;
    b->data[b->size] = '\0';
}

void buf_add(struct buf *b, const void *bytes, size_t n)
{
    buf_room(b, n);
    if (n > 0) {
        memcpy(b->data + b->size, bytes, n);
        b->size += n;
        b->data[b->size] = '\0';
    }
}

void buf_puts(struct buf *b, const char *s)
{
    buf_add(b, s, strlen(s));
}

void buf_putc(struct buf *b, char c)
{
    buf_room(b, 1);
    b->data[b->size++] = c;
    b->data[b->size] = '\0';
}

static size_t count_digits(uint64_t u)
{
    size_t n = 1;
    for (; u >= 10000; u /= 10000) {
        n += 4;
    }
    return n + (u >= 10) + (u >= 100) + (u >= 1000);
}

/* Written where it stays, from its end; most numbers are ids, so two digits are taken at once. */
void buf_int(struct buf *b, int64_t i)
{
    uint64_t u = i < 0 ? 0 - (uint64_t)i : (uint64_t)i;
    buf_room(b, 20); /* "-9223372036854775808" */
    char *start = b->data + b->size;
    if (i < 0) {
        *start++ = '-';
    }
    char *p = start + count_digits(u);
    *p = '\0';
    b->size = (size_t)(p - b->data);
    for (; u >= 10; u /= 100) {
        *--p = (char)('0' + u % 10);
        *--p = (char)('0' + u / 10 % 10);
    }
    if (p > start) {
        *--p = (char)('0' + u);
    }
}

void buf_printf(struct buf *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    buf_vprintf(b, format, args);
    va_end(args);
}

void buf_vprintf(struct buf *b, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    buf_reserve(b, 64);
    size_t free_bytes = b->room - b->size;
    int n = vsnprintf(b->data + b->size, free_bytes, format, args);
    if (n < 0) {
        memory_out();
    }
    if ((size_t)n >= free_bytes) {
        buf_reserve(b, (size_t)n);
        vsnprintf(b->data + b->size, (size_t)n + 1, format, again);
    }
    va_end(again);
    b->size += (size_t)n;
}

const char *buf_text(const struct buf *b)
{
    return b->data ? b->data : "";
}
