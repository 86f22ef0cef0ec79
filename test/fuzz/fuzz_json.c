/* JSON: whatever is accepted prints to text that is accepted again and prints the same. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const char *data, size_t size)
{
    struct arena a;
    arena_init(&a);
    struct err e = {0};
    const struct json *first;
    struct buf printed = {0};
    struct buf again = {0};
    if (json_parse(&a, data, size, &first, &e) == 0) {
        json_print(&printed, first);
        const struct json *second;
        if (json_parse(&a, printed.data, printed.size, &second, &e)) {
            abort();
        }
        json_print(&again, second);
        if (strcmp(buf_text(&printed), buf_text(&again)) != 0) {
            abort();
        }
    } else if (e.code == ERR_NONE) {
        abort();
    }
    buf_clear(&printed);
    json_escape(&printed, data, size);
    buf_done(&printed);
    buf_done(&again);
    arena_done(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *exact = malloc(size > 0 ? size : 1);
    memcpy(exact, data, size);
    check(exact, size);
    free(exact);
    return 0;
}
