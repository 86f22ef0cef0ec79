/* Archives from anywhere: read to their end or refused with a reason, in bounded memory. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "exchange/archive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct source {
    const uint8_t *data;
    size_t left;
};

static long give(void *data, void *out, size_t room)
{
    struct source *s = data;
    size_t n = s->left < room ? s->left : room;
    n = n > 61 ? 61 : n;
    if (n > 0) {
        memcpy(out, s->data, n);
    }
    s->data += n;
    s->left -= n;
    return (long)n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct source s = {data, size};
    struct err e = {0};
    struct arena arena;
    arena_init(&arena);
    struct archive_reader *r = archive_reader_new(&arena, give, &s);
    const char *name;
    char bytes[512];
    size_t total = 0;
    int rc;
    while ((rc = archive_next(r, &name, &e)) == 1 && total < (1u << 20)) {
        long n;
        if (strstr(name, "..") != NULL && (name[2] == '/' || name[2] == 0) && name[0] == '.' && name[1] == '.') {
            abort();
        }
        while ((n = archive_read(r, bytes, sizeof(bytes), &e)) > 0 && total < (1u << 20)) {
            total += (size_t)n;
        }
    }
    if (rc < 0 && e.code == ERR_NONE) {
        abort();
    }
    arena_done(&arena);
    return 0;
}
