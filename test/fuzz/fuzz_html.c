/* Texts in HTML: never beyond the text, and what comes of it is text without blanks at its ends. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "exchange/html.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a;
    char *html = malloc(size + 1);
    if (html == NULL) {
        return 0;
    }
    memcpy(html, data, size);
    html[size] = 0;
    if (str_is_utf8(html, size)) {
        arena_init(&a);
        (void)html_is(html);
        const char *text = html_text(&a, html);
        size_t n = strlen(text);
        assert(str_is_utf8(text, n));
        assert(n == 0 || (strchr(" \n", text[0]) == NULL && strchr(" \n", text[n - 1]) == NULL));
        assert(strstr(text, "\n\n\n") == NULL);
        arena_done(&a);
    }
    free(html);
    return 0;
}
