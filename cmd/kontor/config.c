/* kontor check, plan, apply: the configuration files and what they would change. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "app/config.h"
#include "command.h"

const struct parameter APPLY_OPTIONS[] = {
    {"yes", NULL, "also what loses or converts data"},
    {NULL, NULL, NULL},
};

static void print_items(struct json_writer *w, const char *key, const struct err *e)
{
    jw_key(w, key);
    jw_array(w);
    for (const struct err_item *item = e->items; item != NULL; item = item->next) {
        jw_object(w);
        jw_kv_text(w, "where", item->where);
        jw_kv_text(w, "text", item->text);
        jw_object_end(w);
    }
    jw_array_end(w);
}

static void print_check_json(const struct err *e, const struct err *notes, bool sound)
{
    struct buf out = {0};
    struct json_writer w;
    jw_init(&w, &out);
    jw_object(&w);
    jw_kv_bool(&w, "ok", sound);
    print_items(&w, "problems", e);
    print_items(&w, "notes", notes);
    jw_object_end(&w);
    puts(buf_text(&out));
    buf_done(&out);
}

/* Files nobody reads: worth a word, no reason to fail. */
static void print_notes(const struct err *notes)
{
    for (const struct err_item *item = notes->items; item != NULL; item = item->next) {
        fprintf(stderr, "note: %s: %s\n", item->where, item->text);
    }
}

int command_check(struct arguments *a)
{
    struct err e = {0};
    struct candidate candidate;
    bool sound = config_read(a->conf, a->arena, &candidate, &e) == 0;
    if (a->json) {
        print_check_json(&e, &candidate.notes, sound);
    } else {
        print_notes(&candidate.notes);
    }
    if (!sound) {
        return a->json ? EXIT_REFUSED : print_err(&e);
    }
    if (!a->json) {
        printf("%zu file%s, %zu kinds of records: no problems.\n", candidate.file_count,
               candidate.file_count == 1 ? "" : "s", candidate.model->entity_count);
    }
    model_release(candidate.model);
    return EXIT_DONE;
}

/* What stands before a line of the plan. */
static const char *mark_of(const struct json *step)
{
    const char *kind = text_of(step, "kind");
    if (strcmp(kind, "refuse") == 0) {
        return "refused:";
    }
    if (json_true(step, "loses")) {
        return "loses:  ";
    }
    return strncmp(kind, "add", 3) == 0 ? "adds:   " : "changes:";
}

static void print_answer_notes(const struct json *answer)
{
    const struct json *notes = json_find(answer, "notes");
    for (const struct json *n = notes != NULL ? notes->child : NULL; n != NULL; n = n->next) {
        fprintf(stderr, "note: %s: %s\n", text_of(n, "file"), text_of(n, "text"));
    }
}

static int print_problems(const struct json *answer)
{
    const struct json *problems = json_find(answer, "problems");
    for (const struct json *p = problems != NULL ? problems->child : NULL; p != NULL; p = p->next) {
        bool placed = strcmp(text_of(p, "line"), "0") != 0;
        fprintf(stderr, "%s%s%s%s%s: %s\n", text_of(p, "file"), placed ? ":" : "",
                placed ? text_of(p, "line") : "", placed ? ":" : "",
                placed ? text_of(p, "column") : "", text_of(p, "text"));
    }
    return problems != NULL && problems->count > 0 ? EXIT_REFUSED : EXIT_DONE;
}

/* Prints what there is; *loses and *refused tell about it. EXIT_REFUSED when the files have
 * problems. */
static int show_plan(struct arguments *a, const struct json *answer, bool *loses, bool *refused)
{
    const struct json *plan = json_find(answer, "plan");
    *loses = *refused = false;
    for (const struct json *step = plan != NULL ? plan->child : NULL; step != NULL;
         step = step->next) {
        *loses = *loses || json_true(step, "loses");
        *refused = *refused || strcmp(text_of(step, "kind"), "refuse") == 0;
        if (!a->json) {
            const char *where = text_of(step, "where");
            printf("%s %s%s%s\n", mark_of(step), where, where[0] != 0 ? ": " : "",
                   text_of(step, "text"));
        }
    }
    if (a->json) {
        print_json_line(answer);
        return json_find(answer, "problems")->count > 0 ? EXIT_REFUSED : EXIT_DONE;
    }
    print_answer_notes(answer);
    if (print_problems(answer) != EXIT_DONE) {
        return EXIT_REFUSED;
    }
    if (plan == NULL || plan->count == 0) {
        puts(json_true(answer, "differs") ? "The tables stay as they are." : "Nothing changes.");
    }
    return EXIT_DONE;
}

/* A running daemon reads its own folder: another one named here would be passed over. */
static int check_folder(const struct arguments *a, const struct json *answer)
{
    char named[PATH_MAX];
    const char *folder = text_of(answer, "folder");
    if (!a->conf_given) {
        return EXIT_DONE;
    }
    if (realpath(a->conf, named) == NULL) {
        fprintf(stderr,
                "kontor: cannot read %s: %s. The daemon that runs on %s reads its configuration from "
                "%s.\n",
                a->conf, strerror(errno), a->data, folder);
        return EXIT_REFUSED;
    }
    if (strcmp(named, folder) == 0) {
        return EXIT_DONE;
    }
    fprintf(stderr,
            "kontor: the daemon that runs on %s reads its configuration from %s, not from %s. Leave "
            "--conf out, or stop the daemon and start it with the other folder.\n",
            a->data, folder, a->conf);
    return EXIT_REFUSED;
}

int command_plan(struct arguments *a)
{
    const struct json *answer;
    bool loses, refused;
    int rc = ask_once(a, "POST", "/api/v1/config/check", "{}", &answer);
    rc = rc == EXIT_DONE ? check_folder(a, answer) : rc;
    if (rc == EXIT_DONE) {
        rc = show_plan(a, answer, &loses, &refused);
    }
    return rc == EXIT_DONE && refused ? EXIT_REFUSED : rc;
}

static int apply(struct arguments *a, struct client *client)
{
    const struct json *answer;
    bool loses, refused, yes = argument_given(a, "yes");
    int rc = ask(a, client, "POST", "/api/v1/config/check", "{}", &answer);
    rc = rc == EXIT_DONE ? check_folder(a, answer) : rc;
    rc = rc == EXIT_DONE ? show_plan(a, answer, &loses, &refused) : rc;
    if (rc != EXIT_DONE) {
        return rc;
    }
    if (refused || (loses && !yes)) {
        fputs(refused ? "kontor: nothing was applied: part of the plan is refused.\n"
                      : "kontor: nothing was applied: the plan loses data; say --yes.\n",
              stderr);
        return EXIT_REFUSED;
    }
    rc = ask(a, client, "POST", "/api/v1/config/apply", yes ? "{\"yes\":true}" : "{}", &answer);
    if (rc == EXIT_DONE && !a->json) {
        puts("Applied.");
    }
    return rc;
}

int command_apply(struct arguments *a)
{
    struct client client;
    int rc = open_client(a, &client);
    if (rc == EXIT_DONE) {
        rc = apply(a, &client);
        client_close(&client);
    }
    return rc;
}
