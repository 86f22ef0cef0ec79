/* kontor exports: who took which records out. */
#include "base/arena.h"
#include "command.h"

const struct parameter EXPORTS_OPTIONS[] = {
    {"limit", "N", "at most so many (50)"},
    {NULL, NULL, NULL},
};

static void print_export(struct arguments *a, const struct json *x)
{
    const char *entity = text_of(x, "entity"), *filter = text_of(x, "filter");
    if (a->json) {
        print_json_line(x);
        return;
    }
    printf("%-21s %-20s %7s %-16s %-7s %s\n", text_of(x, "at"), text_of(x, "by"),
           text_of(x, "records"), entity[0] != 0 ? entity : "everything", text_of(x, "format"),
           filter);
}

int command_exports(struct arguments *a)
{
    struct client client;
    struct buf target = {0};
    const struct json *answer;
    int rc = open_client(a, &client);
    if (rc != EXIT_DONE) {
        return rc;
    }
    buf_puts(&target, "/api/v1/exports");
    add_param(&target, "limit", argument(a, "limit"));
    rc = ask(a, &client, "GET", buf_text(&target), NULL, &answer);
    const struct json *items = rc == EXIT_DONE ? json_find(answer, "items") : NULL;
    for (const struct json *x = items != NULL ? items->child : NULL; x != NULL; x = x->next) {
        print_export(a, x);
    }
    buf_done(&target);
    client_close(&client);
    return rc;
}
