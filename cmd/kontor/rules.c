/* kontor rules: the rules of the firm in words. */
#include "base/arena.h"
#include "command.h"

static void print_list(const char *head, const struct json *list)
{
    for (const struct json *x = list != NULL ? list->child : NULL; x != NULL; x = x->next) {
        printf("  %-8s %s\n", head, x->text);
    }
}

static void print_rule(struct arguments *a, const struct json *x)
{
    if (a->json) {
        print_json_line(x);
        return;
    }
    printf("%s\n", text_of(x, "name"));
    if (text_of(x, "help")[0] != 0) {
        printf("  %s\n", text_of(x, "help"));
    }
    print_list(text_of(x, "when"), json_find(x, "changes"));
    if (text_of(x, "if")[0] != 0) {
        printf("  %-8s %s\n", "if", text_of(x, "if"));
    }
    print_list("do", json_find(x, "do"));
    print_list("problem", json_find(x, "problems"));
}

int command_rules(struct arguments *a)
{
    struct client client;
    const struct json *answer;
    int rc = open_client(a, &client);
    if (rc != EXIT_DONE) {
        return rc;
    }
    rc = ask(a, &client, "GET", "/api/v1/rules", NULL, &answer);
    const struct json *items = rc == EXIT_DONE ? json_find(answer, "items") : NULL;
    for (const struct json *x = items != NULL ? items->child : NULL; x != NULL; x = x->next) {
        print_rule(a, x);
    }
    client_close(&client);
    return rc;
}
