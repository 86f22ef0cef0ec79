/*
 * Log lines; see log.h. A line is put together on the stack and leaves with one write(2), so lines
 * of several threads never mix. Control bytes become blanks: nobody can forge a line. The level and
 * the journal's name are the only state: one is atomic, the other is read once.
 */
#include "base/log.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE_SIZE 2048

static atomic_int level_now = LOG_LEVEL_INFO;

/* "device:inode" of the journal's stream (systemd.exec(5)), "" outside of systemd. Read when the
 * level is set at the start, before there are threads that set variables. */
static char journal[64];
static pthread_once_t journal_once = PTHREAD_ONCE_INIT;

static void read_journal(void)
{
    const char *name = getenv("JOURNAL_STREAM");
    snprintf(journal, sizeof journal, "%s", name != NULL ? name : "");
}

void log_set_level(enum log_level level)
{
    pthread_once(&journal_once, read_journal);
    atomic_store_explicit(&level_now, level, memory_order_relaxed);
}

/* Whether standard error is the journal: only there is a level before the line understood. */
static bool goes_to_journal(void)
{
    struct stat st;
    char own[64];
    pthread_once(&journal_once, read_journal);
    if (journal[0] == '\0' || fstat(STDERR_FILENO, &st) != 0) {
        return false;
    }
    snprintf(own, sizeof own, "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
    return strcmp(own, journal) == 0;
}

PRINTF_LIKE(2, 0)
static void write_line(enum log_level level, const char *format, va_list args)
{
    if ((int)level > atomic_load_explicit(&level_now, memory_order_relaxed)) {
        return;
    }
    char line[LINE_SIZE];
    size_t start = 0;
    if (goes_to_journal()) {
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
