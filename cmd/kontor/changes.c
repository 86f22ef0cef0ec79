/* kontor changes, kontor undo. */
#include <string.h>

#include "base/str.h"
#include "command.h"

const struct parameter CHANGES_OPTIONS[] = {
    {"entity", "ENTITY", "only of this kind of record"},
    {"id", "N", "only of this record"},
    {"limit", "N", "how many, default 50"},
    {NULL, NULL, NULL},
};

/* What the set-up did lies before all history, so that old data can be loaded with its dates. */
static const char *when_of(const struct json *change)
{
    const char *at = text_of(change, "at");
    return at[0] == 0 ? "set-up" : at;
}

int command_changes(struct arguments *a)
{
    struct buf target = {0};
    const struct json *answer;
    if (argument_given(a, "id") != argument_given(a, "entity")) {
        return usage_error(a, "--entity and --id go together");
    }
    buf_puts(&target, "/api/v1/changes");
    add_param(&target, "entity", argument(a, "entity"));
    add_param(&target, "id", argument(a, "id"));
    add_param(&target, "limit", argument(a, "limit"));
    int rc = ask_once(a, "GET", buf_text(&target), NULL, &answer);
    buf_done(&target);
    const struct json *items = rc == EXIT_DONE ? json_find(answer, "items") : NULL;
    for (const struct json *c = items != NULL ? items->child : NULL; c != NULL; c = c->next) {
        if (a->json) {
            print_json_line(c);
        } else {
            printf("%-8s %-24s  %-20s %-7s %s%s\n", text_of(c, "id"), when_of(c),
                   title_of(c, "by"), text_of(c, "source"), text_of(c, "summary"),
                   text_of(c, "undone_by")[0] != 0 ? " (undone)" : "");
        }
    }
    return rc;
}

int command_undo(struct arguments *a)
{
    int64_t id;
    const struct json *answer;
    if (str_to_int(a->words[0], &id) != 0 || id < 1) {
        return usage_error(a, "a change is named by its number; kontor changes shows them");
    }
    int rc = ask_once(a, "POST", arena_printf(a->arena, "/api/v1/changes/%s/undo", a->words[0]),
                      "{}", &answer);
    if (rc != EXIT_DONE) {
        return rc;
    }
    if (a->json) {
        print_json_line(answer);
        return rc;
    }
    const struct json *kept = json_find(answer, "kept");
    printf("%s records are as they were before change %s.\n", text_of(answer, "undone"),
           a->words[0]);
    for (const struct json *k = kept != NULL ? kept->child : NULL; k != NULL; k = k->next) {
        printf("kept, because it was changed since: %s %s %s\n", text_of(k, "entity"),
               text_of(k, "id"), text_of(k, "title"));
    }
    return rc;
}
