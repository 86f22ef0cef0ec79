/*
 * What a stranger can write into an address: the path goes through the gate, the query through the
 * parameter parser. A path that passes is clean and stays the same when it is read again; a
 * parameter that decodes is UTF-8.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "api/route.h"
#include "base/str.h"
#include "web/gate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_path(const char *raw)
{
    char *path = malloc(strlen(raw) + 1);
    if (gate_path(raw, path)) {
        for (const char *p = path; *p != 0; p++) {
            if ((unsigned char)*p < ' ' || *p == '\\' || *p == 0x7f) {
                abort();
            }
        }
        if (path[0] != '/' || strstr(path, "//") != NULL || strstr(path, "/../") != NULL) {
            abort();
        }
    }
    free(path);
}

static void check_query(struct arena *a, const char *query)
{
    struct ctx c = {.arena = a};
    struct request q = {.ctx = &c, .query = query};
    static const char *const names[] = {"filter", "q", "", "dry_run"};
    for (size_t i = 0; i < COUNT(names); i++) {
        const char *value = request_param(&q, names[i]);
        if (value != NULL && !str_is_utf8(value, strlen(value))) {
            abort();
        }
        err_clear(&c.err);
    }
    int64_t n;
    if (request_int(&q, "limit", 0, 1, 500, &n) == 0 && (n < 0 || n > 500)) {
        abort();
    }
    hosts_is_authority(query);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a;
    arena_init(&a);
    char *text = malloc(size + 1);
    memcpy(text, data, size);
    text[size] = 0;
    check_path(text);
    check_query(&a, text);
    free(text);
    arena_done(&a);
    return 0;
}
