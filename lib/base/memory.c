/*
 * Heap memory that is always there; see memory.h. The message goes out with write(2): printf could
 * itself need memory.
 */
#include "base/memory.h"

#include <malloc.h>
#include <stdlib.h>
#include <unistd.h>

_Noreturn void memory_out(void)
{
    static const char message[] = "<2>kontor: out of memory, ending\n";
    ssize_t ignored = write(STDERR_FILENO, message, sizeof(message) - 1);
    (void)ignored;
    abort();
}

void *memory_take(size_t size)
{
    void *p = malloc(size > 0 ? size : 1);
    if (!p) {
        memory_out();
    }
    return p;
}

void *memory_resize(void *old, size_t size)
{
    void *p = realloc(old, size > 0 ? size : 1);
    if (!p) {
        memory_out();
    }
    return p;
}

void memory_trim(void)
{
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}
