/* Bodies of public forms: never beyond the text, and what is taken is text. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "exchange/urlencoded.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a;
    struct urlencoded u;
    char *copy = malloc(size > 0 ? size : 1); /* no byte behind it */
    if (copy == NULL) {
        return 0;
    }
    if (size > 0) {
        memcpy(copy, data, size);
    }
    arena_init(&a);
    if (urlencoded_read(&a, copy, size, &u) == URLENCODED_OK) {
        assert(u.count <= URLENCODED_PAIRS_MAX);
        for (size_t i = 0; i < u.count; i++) {
            assert(str_is_utf8(u.pairs[i].name, strlen(u.pairs[i].name)));
            assert(str_is_utf8(u.pairs[i].value, strlen(u.pairs[i].value)));
            assert(urlencoded_find(&u, u.pairs[i].name) != NULL);
        }
    }
    arena_done(&a);
    free(copy);
    return 0;
}
