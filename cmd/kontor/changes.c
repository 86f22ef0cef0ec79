/* kontor changes, kontor undo. */
#include <string.h>

#include "base/str.h"
#include "command.h"

const struct parameter CHANGES_OPTIONS[] = {
    {"entity", "ENTITY", "with --id: kind of the record"},
    {"id", "N", "with --entity: only of this record"},
    {"limit", "N", "how many, default 50, at most 200"},
    {NULL, NULL, NULL},
};

/* What the set-up did lies before all history, so that old data can be loaded with its dates. */
static const char *when_of(const struct json *change)
{
    const char *at = text_of(change, "at");
    return at[0] == 0 ? "set-up" : at;
}

/* Who did it; a command without --as is named by who started it. */
static const char *who_of(const struct json *change)
{
    const char *by = title_of(change, "by"), *reason = text_of(change, "reason");
    return by[0] == 0 && strncmp(reason, "cli:", 4) == 0 ? reason : by;
}

static void print_change(struct arguments *a, const struct json *c)
{
    const char *reason = text_of(c, "reason");
    bool named = strncmp(reason, "import ", 7) == 0;
    if (a->json) {
        print_json_line(c);
        return;
    }
    printf("%-8s %-24s  %-20s %-7s %s%s%s%s%s\n", text_of(c, "id"), when_of(c), who_of(c),
           text_of(c, "source"), text_of(c, "summary"), named ? " (" : "", named ? reason : "",
           named ? ")" : "", text_of(c, "undone_by")[0] != 0 ? " (undone)" : "");
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
        print_change(a, c);
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
    int64_t kept_count = kept_count_of(answer);
    if (a->json) {
        print_json_line(answer);
    } else {
        print_undone(a, answer, kept_count);
    }
    return kept_count > 0 ? EXIT_PARTLY : EXIT_DONE;
}
