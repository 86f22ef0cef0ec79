/* JSON: whatever is accepted prints to text that is accepted again and prints the same. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is read out of a printed list without a tree is what the tree has. */
static void check_texts(struct arena *a, const struct buf *printed)
{
    struct err e = {0};
    const struct json *list;
    if (printed->size == 0 || json_parse(a, printed->data, printed->size, &list, &e) != 0 ||
        list->type != JSON_ARRAY) {
        return;
    }
    for (int bare = 0; bare < 2; bare++) {
        const char **texts;
        size_t count = json_texts(a, printed->data, printed->size, bare ? NULL : "value", &texts);
        size_t met = 0;
        for (const struct json *j = list->child; j; j = j->next) {
            const char *text = bare && j->type == JSON_STRING ? j->text
                               : bare                         ? NULL
                                                              : json_text(j, "value");
            if (text && (met == count || strcmp(text, texts[met++]) != 0)) {
                abort();
            }
        }
        if (met != count) {
            abort();
        }
    }
}

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
    check_texts(&a, &printed);
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
