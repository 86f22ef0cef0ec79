/*
 * Heap memory that is always there: the only place of lib/base that calls malloc. Out of memory
 * ends the process with a message (see arena.h for why). Used by arena, buf and crypto; everybody
 * else takes memory from an arena. Thread-safe.
 */
#ifndef KONTOR_BASE_MEMORY_H
#define KONTOR_BASE_MEMORY_H

#include <stddef.h>

void *memory_take(size_t size);              /* not zeroed; given back with free() */
void *memory_resize(void *old, size_t size); /* like realloc */
_Noreturn void memory_out(void);             /* the message, then abort */
void memory_trim(void);                      /* gives what is free back to the system, if it can */

#endif
