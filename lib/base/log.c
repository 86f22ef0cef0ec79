/*
 * Log lines; see log.h. A line is put together on the stack and leaves with one write(2), so lines
 * of several threads never mix. Control bytes become blanks: nobody can forge a line. The level is
 * the only state; it is atomic.
 */
#include "base/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINE_SIZE 2048

static atomic_int level_now = LOG_LEVEL_INFO;

void log_set_level(enum log_level level)
{
    atomic_store_explicit(&level_now, level, memory_order_relaxed);
}

PRINTF_LIKE(2, 0)
static void write_line(enum log_level level, const char *format, va_list args)
{
    if ((int)level > atomic_load_explicit(&level_now, memory_order_relaxed)) {
        return;
    }
    char line[LINE_SIZE];
    size_t start = 0;
    if (!isatty(STDERR_FILENO)) {
        start = (size_t)snprintf(line, sizeof(line), "<%d>", (int)level);
    }
    int n = vsnprintf(line + start, sizeof(line) - start - 1, format, args);
    if (n < 0) {
        return;
    }
    size_t size = start + strlen(line + start);
    for (size_t i = start; i < size; i++) {
        if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f) {
            line[i] = ' ';
        }
    }
    line[size++] = '\n';
    ssize_t ignored = write(STDERR_FILENO, line, size);
    (void)ignored;
}

void log_error(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    write_line(LOG_LEVEL_ERROR, format, args);
    va_end(args);
}

void log_warn(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    write_line(LOG_LEVEL_WARN, format, args);
    va_end(args);
}

void log_info(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    write_line(LOG_LEVEL_INFO, format, args);
    va_end(args);
}

void log_debug(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    write_line(LOG_LEVEL_DEBUG, format, args);
    va_end(args);
}
