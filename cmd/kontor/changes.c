/* kontor changes, kontor undo. */
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/str.h"
#include "command.h"

const struct parameter CHANGES_OPTIONS[] = {
    {"entity", "ENTITY", "with --id: kind of the record"},
    {"id", "N", "with --entity: only of this record"},
    {"limit", "N", "how many, default 50, at most 200"},
    {NULL, NULL, NULL},
};

/* The firm's zone, in which its people read times. */
static void take_zone(struct arguments *a, struct client *client)
{
    const struct json *meta = NULL;
    if (!a->json && ask(a, client, "GET", "/api/v1/meta", NULL, &meta) == EXIT_DONE) {
        clock_set_zone(text_of(json_find(meta, "company"), "zone"));
    }
}

/* "2026-11-21 15:05:00 CET". What the set-up did lies before all history, so that old data can be
 * loaded with its dates. */
static const char *when_of(struct arguments *a, const struct json *change)
{
    int64_t ms;
    struct tm local;
    char text[40];
    const char *at = text_of(change, "at");
    if (at[0] == 0) {
        return "set-up";
    }
    if (clock_parse_instant(at, &ms) != 0) {
        return at;
    }
    time_t seconds = (time_t)(ms / 1000);
    localtime_r(&seconds, &local);
    strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S %Z", &local);
    return arena_strdup(a->arena, text);
}

/* Who did it; a command without --as is named by who started it, also behind the file of an import:
 * "import people.csv, cli:root". */
static const char *who_of(struct arguments *a, const struct json *change, const char **reason)
{
    const char *by = title_of(change, "by"), *who = *reason;
    for (const char *p = *reason; (p = strstr(p, ", cli:")) != NULL; p++) {
        who = p + 2;
    }
    if (by[0] != 0 || strncmp(who, "cli:", 4) != 0) {
        return by;
    }
    *reason = who > *reason ? arena_strndup(a->arena, *reason, (size_t)(who - *reason) - 2) : "";
    return who;
}

/* Another change that belongs to it: " (undo of 8)". */
static void print_other(const struct json *c, const char *key, const char *words)
{
    if (text_of(c, key)[0] != 0) {
        printf(" (%s %s)", words, text_of(c, key));
    }
}

static void print_change(struct arguments *a, const struct json *c)
{
    const char *reason = text_of(c, "reason");
    if (a->json) {
        print_json_line(c);
        return;
    }
    const char *who = who_of(a, c, &reason);
    printf("%-8s %-24s  %-20s %-7s %s", text_of(c, "id"), when_of(a, c), who, text_of(c, "source"),
           text_of(c, "summary"));
    if (strncmp(reason, "import ", 7) == 0) {
        printf(" (%s)", reason);
    }
    print_other(c, "undo_of", "undo of");
    print_other(c, "part_of", "part of");
    print_other(c, "undone_by", "undone by");
    putchar('\n');
}

static int list_changes(struct arguments *a, struct client *client)
{
    struct buf target = {0};
    const struct json *answer;
    buf_puts(&target, "/api/v1/changes");
    add_param(&target, "entity", argument(a, "entity"));
    add_param(&target, "id", argument(a, "id"));
    add_param(&target, "limit", argument(a, "limit"));
    int rc = ask(a, client, "GET", buf_text(&target), NULL, &answer);
    buf_done(&target);
    const struct json *items = rc == EXIT_DONE ? json_find(answer, "items") : NULL;
    for (const struct json *c = items != NULL ? items->child : NULL; c != NULL; c = c->next) {
        print_change(a, c);
    }
    return rc;
}

int command_changes(struct arguments *a)
{
    struct client client;
    if (argument_given(a, "id") != argument_given(a, "entity")) {
        return usage_error(a, "--entity and --id go together");
    }
    int rc = open_client(a, &client);
    if (rc == EXIT_DONE) {
        take_zone(a, &client);
        rc = list_changes(a, &client);
        client_close(&client);
    }
    return rc;
}

/* "kept: company 12 Acme (city), changed since" */
static void print_kept(const struct json *kept)
{
    const struct json *fields = json_find(kept, "fields");
    const char *why = text_of(kept, "text");
    printf("kept: %s %s %s", text_of(kept, "entity"), text_of(kept, "id"), text_of(kept, "title"));
    for (const struct json *f = fields != NULL ? fields->child : NULL; f != NULL; f = f->next) {
        printf("%s%s%s", f == fields->child ? " (" : ", ", f->text, f->next == NULL ? ")" : "");
    }
    printf(", %s\n", why[0] != 0 ? why : "changed since");
}

/* What was done and what was left; the answer lists the first of what it kept. */
static void print_undone(struct arguments *a, const struct json *answer, int64_t kept_count)
{
    const struct json *kept = json_find(answer, "kept");
    if (kept_count == 0 && strcmp(text_of(answer, "undone"), "0") == 0) {
        printf("There is nothing to take back in change %s.\n", a->words[0]);
        return;
    }
    bool one = strcmp(text_of(answer, "undone"), "1") == 0;
    printf("%s %s as before change %s.\n", text_of(answer, "undone"),
           one ? "record is" : "records are", a->words[0]);
    for (const struct json *k = kept != NULL ? kept->child : NULL; k != NULL; k = k->next) {
        print_kept(k);
    }
    if (kept != NULL && kept_count > (int64_t)kept->count) {
        printf("and %lld more\n", (long long)(kept_count - (int64_t)kept->count));
    }
}

static int64_t kept_count_of(const struct json *answer)
{
    const struct json *kept = json_find(answer, "kept");
    const struct json *all = json_find(answer, "kept_count"); /* when there are more than listed */
    int64_t count = kept != NULL ? (int64_t)kept->count : 0;
    if (all != NULL) {
        json_int(all, &count);
    }
    return count;
}

/* A large undo is a job: it goes on when whoever ran it has ended. */
static int send_undo(struct arguments *a, const struct json **answer)
{
    struct client client;
    int rc = open_client(a, &client);
    if (rc != EXIT_DONE) {
        return rc;
    }
    rc = ask(a, &client, "POST", arena_printf(a->arena, "/api/v1/changes/%s/undo", a->words[0]),
             "{}", answer);
    if (client.cut) {
        fprintf(stderr,
                "kontor: if the undo of change %s had begun, it goes on at the next start of Kontor; "
                "kontor undo %s tells then how far it is, and begins it if it had not.\n",
                a->words[0], a->words[0]);
    }
    client_close(&client);
    return rc;
}

int command_undo(struct arguments *a)
{
    int64_t id;
    const struct json *answer;
    if (str_to_int(a->words[0], &id) != 0 || id < 1) {
        return usage_error(a, "a change is named by its number; kontor changes shows them");
    }
    int rc = send_undo(a, &answer);
    if (rc != EXIT_DONE) {
        return rc;
    }
    int64_t kept_count = kept_count_of(answer);
    if (a->json) {
        print_json_line(answer);
    } else {
        print_undone(a, answer, kept_count);
    }
    return kept_count > 0 ? EXIT_PARTLY : EXIT_DONE;
}
