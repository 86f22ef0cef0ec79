/* kontor user, kontor token: who may sign in, and the keys of programs. */
#include <string.h>

#include "base/str.h"
#include "command.h"

const struct parameter USER_OPTIONS[] = {
    {"email", "EMAIL", "whom it is about; set with --id: the new address"},
    {"id", "ID", "instead of --email: whom it is about, as list tells"},
    {"name", "NAME", "add, set: the person's name"},
    {"role", "ROLE", "add, set: admin, lead, member (add: the default), reader or one of your own"},
    {"team", "TEAM",
     "add, set: the person's team; add makes one that does not exist, set takes \"\" for none"},
    {"password-file", "FILE",
     "add, password: the password is the file's first line; without it a one-time link is printed"},
    {NULL, NULL, NULL},
};

const struct parameter TOKEN_OPTIONS[] = {
    {"user", "EMAIL", "whose token it is; always needed but by revoke"},
    {"name", "NAME", "create: what it is for"},
    {"scope", "SCOPE", "create: read (default), write or admin"},
    {"expires", "DAYS", "create: such as 90d (default)"},
    {NULL, NULL, NULL},
};

/* A word after the command's name and what it does. */
struct verb {
    const char *name;
    int (*run)(struct arguments *a, struct client *client);
};

static int run_verb(struct arguments *a, const struct verb *verbs)
{
    struct client client;
    while (verbs->name != NULL && strcmp(verbs->name, a->words[0]) != 0) {
        verbs++;
    }
    if (verbs->name == NULL) {
        return usage_error(a, "%s knows no %s", a->command->name, a->words[0]);
    }
    int rc = open_client(a, &client);
    if (rc == EXIT_DONE) {
        rc = verbs->run(a, &client);
        client_close(&client);
    }
    return rc;
}

static const char *take_text(struct arguments *a, struct buf *out)
{
    const char *text = arena_strndup(a->arena, buf_text(out), out->size);
    buf_done(out);
    return text;
}

/* A JSON object of the pairs (name, value); pairs without value are left out. */
static const char *json_of(struct arguments *a, const char *const pairs[][2], size_t count)
{
    struct buf out = {0};
    struct json_writer w;
    jw_init(&w, &out);
    jw_object(&w);
    for (size_t i = 0; i < count; i++) {
        if (pairs[i][1] != NULL) {
            jw_kv_text(&w, pairs[i][0], pairs[i][1]);
        }
    }
    jw_object_end(&w);
    return take_text(a, &out);
}

/* ---- Users ------------------------------------------------------------------------------------
 */

/* Whom the arguments are about: --id, else --email. */
static int find_user(struct arguments *a, struct client *client, const char **id)
{
    struct buf target = {0}, filter = {0};
    const struct json *answer;
    const char *email = argument(a, "email");
    int64_t number;
    if (argument_given(a, "id")) {
        *id = argument(a, "id");
        return str_to_id(*id, &number) == 0
                   ? EXIT_DONE
                   : usage_error(a, "this is no id: %s", *id);
    }
    if (email == NULL) {
        return usage_error(a, "--email or --id is missing");
    }
    if (strpbrk(email, "\"\\") != NULL) {
        return usage_error(a, "this is no e-mail address: %s", email);
    }
    buf_printf(&filter, "email = \"%s\"", email);
    buf_puts(&target, "/api/v1/users");
    add_param(&target, "filter", buf_text(&filter));
    buf_done(&filter);
    int rc = ask(a, client, "GET", take_text(a, &target), NULL, &answer);
    if (rc != EXIT_DONE) {
        return rc;
    }
    const struct json *items = json_find(answer, "items");
    if (items == NULL || items->count == 0) {
        fprintf(stderr, "kontor: there is no user %s\n", email);
        return EXIT_REFUSED;
    }
    *id = text_of(items->child, "id");
    return EXIT_DONE;
}

static int print_link(struct arguments *a, struct client *client, const char *id)
{
    const struct json *answer;
    int rc =
        ask(a, client, "POST", arena_printf(a->arena, "/api/v1/users/%s/link", id), "{}", &answer);
    if (rc == EXIT_DONE) {
        const char *url = text_of(answer, "url");
        fprintf(stderr, "One-time link, good until %s%s:\n", text_of(answer, "expires_at"),
                url[0] != 0 ? "" : "; put the server's address in front of it");
        printf("%s\n", url[0] != 0 ? url : text_of(answer, "link"));
    }
    return rc;
}

/* The password from --password-file; NULL with *rc EXIT_DONE when none is given. */
static const char *password_of(struct arguments *a, int *rc)
{
    const char *path = argument(a, "password-file");
    const char *password = path != NULL ? read_secret(a, path) : NULL;
    *rc = path != NULL && password == NULL ? EXIT_REFUSED : EXIT_DONE;
    return password;
}

static int user_add(struct arguments *a, struct client *client)
{
    int rc;
    const struct json *answer;
    const char *password = password_of(a, &rc);
    const char *email = argument(a, "email");
    const char *const pairs[][2] = {
        {"email", email},
        {"name", argument(a, "name") != NULL ? argument(a, "name") : email},
        {"role", argument(a, "role")},
        {"team", argument(a, "team")},
        {"password", password},
    };
    if (rc != EXIT_DONE) {
        return rc;
    }
    if (email == NULL) {
        return usage_error(a, "--email is missing");
    }
    rc = ask(a, client, "POST", "/api/v1/system/users", json_of(a, pairs, COUNT(pairs)), &answer);
    if (rc != EXIT_DONE) {
        return rc;
    }
    if (a->json) {
        print_json_line(answer);
    }
    return password == NULL ? print_link(a, client, text_of(answer, "id")) : EXIT_DONE;
}

#define USER_ROW "%-6s %-32s %-24s %-10s %-16s %s\n"

/* `known`: ids of those who have a password; NULL: that may not be asked. */
static const char *state_of(const struct json *user, const struct json *known)
{
    if (!json_true(user, "active")) {
        return "disabled";
    }
    const struct json *id = known != NULL ? known->child : NULL;
    while (id != NULL && strcmp(id->text != NULL ? id->text : "", text_of(user, "id")) != 0) {
        id = id->next;
    }
    return known == NULL || id != NULL ? "active" : "no password yet";
}

static void print_user(const struct json *user, const struct json *known)
{
    printf(USER_ROW, text_of(user, "id"), text_of(user, "email"), text_of(user, "name"),
           title_of(user, "role"), title_of(user, "team"), state_of(user, known));
}

/* Only the system itself is told; NULL otherwise, and for those who want JSON. */
static int find_passwords(struct arguments *a, struct client *client, const struct json **known)
{
    const struct json *answer = NULL;
    *known = NULL;
    if (a->json || a->as != NULL) {
        return EXIT_DONE;
    }
    int rc = ask(a, client, "GET", "/api/v1/system/passwords", NULL, &answer);
    *known = rc == EXIT_DONE ? json_find(answer, "users") : NULL;
    return rc;
}

/* Every page of a list. */
static int user_list(struct arguments *a, struct client *client)
{
    const char *cursor = NULL;
    const struct json *known;
    int done = find_passwords(a, client, &known);
    if (done != EXIT_DONE) {
        return done;
    }
    if (!a->json) {
        printf(USER_ROW, "ID", "E-MAIL", "NAME", "ROLE", "TEAM", "STATE");
    }
    do {
        struct buf target = {0};
        const struct json *answer;
        buf_puts(&target, "/api/v1/users?limit=500");
        add_param(&target, "cursor", cursor);
        int rc = ask(a, client, "GET", take_text(a, &target), NULL, &answer);
        if (rc != EXIT_DONE) {
            return rc;
        }
        const struct json *items = json_find(answer, "items");
        for (const struct json *user = items != NULL ? items->child : NULL; user != NULL;
             user = user->next) {
            if (a->json) {
                print_json_line(user);
            } else {
                print_user(user, known);
            }
        }
        cursor = json_text(answer, "next");
    } while (cursor != NULL);
    return EXIT_DONE;
}

static int change_user(struct arguments *a, struct client *client, const char *body)
{
    const char *id = NULL;
    const struct json *answer;
    int rc = find_user(a, client, &id);
    return rc != EXIT_DONE ? rc
                           : ask(a, client, "PATCH", arena_printf(a->arena, "/api/v1/users/%s", id),
                                 body, &answer);
}

static int user_disable(struct arguments *a, struct client *client)
{
    return change_user(a, client, "{\"active\":false}");
}

static int user_enable(struct arguments *a, struct client *client)
{
    return change_user(a, client, "{\"active\":true}");
}

/* {"name", "role", "team", "email"} of what is given; NULL when nothing is. */
static const char *new_values(struct arguments *a)
{
    static const char *const texts[] = {"name", "role", "email"};
    size_t count = argument_given(a, "id") ? COUNT(texts) : COUNT(texts) - 1;
    const char *team = argument(a, "team");
    bool any = team != NULL;
    struct buf out = {0};
    struct json_writer w;
    jw_init(&w, &out);
    jw_object(&w);
    for (size_t i = 0; i < count; i++) {
        if (argument_given(a, texts[i])) {
            jw_kv_text(&w, texts[i], argument(a, texts[i]));
            any = true;
        }
    }
    if (team != NULL) {
        jw_key(&w, "team");
        if (team[0] != 0) {
            jw_object(&w);
            jw_kv_text(&w, "name", team);
            jw_object_end(&w);
        } else {
            jw_null(&w);
        }
    }
    jw_object_end(&w);
    const char *body = take_text(a, &out);
    return any ? body : NULL;
}

static int user_set(struct arguments *a, struct client *client)
{
    const char *body = new_values(a);
    return body != NULL ? change_user(a, client, body)
                        : usage_error(a, "say what to change: --name, --role, --team, or --email of an --id");
}

static int user_password(struct arguments *a, struct client *client)
{
    int rc;
    const char *id = NULL;
    const struct json *answer;
    const char *password = password_of(a, &rc);
    rc = rc == EXIT_DONE ? find_user(a, client, &id) : rc;
    if (rc != EXIT_DONE) {
        return rc;
    }
    const char *const pairs[][2] = {{"user", id}, {"password", password}};
    return password == NULL ? print_link(a, client, id)
                            : ask(a, client, "POST", "/api/v1/system/password",
                                  json_of(a, pairs, COUNT(pairs)), &answer);
}

int command_user(struct arguments *a)
{
    static const struct verb verbs[] = {{"add", user_add},
                                        {"list", user_list},
                                        {"disable", user_disable},
                                        {"enable", user_enable},
                                        {"set", user_set},
                                        {"password", user_password},
                                        {NULL, NULL}};
    return run_verb(a, verbs);
}

/* ---- Tokens -----------------------------------------------------------------------------------
 */

static int token_create(struct arguments *a, struct client *client)
{
    const struct json *answer;
    const char *const pairs[][2] = {
        {"user", argument(a, "user")},
        {"name", argument(a, "name") != NULL ? argument(a, "name") : "command line"},
        {"scope", argument(a, "scope")},
        {"expires", argument(a, "expires")},
    };
    if (pairs[0][1] == NULL && a->as == NULL) {
        return usage_error(a, "--user is missing");
    }
    int rc = ask(a, client, "POST", "/api/v1/tokens", json_of(a, pairs, COUNT(pairs)), &answer);
    if (rc == EXIT_DONE && a->json) {
        print_json_line(answer);
    } else if (rc == EXIT_DONE) {
        puts(text_of(answer, "token"));
    }
    return rc;
}

static int token_list(struct arguments *a, struct client *client)
{
    struct buf target = {0};
    const struct json *answer;
    buf_puts(&target, "/api/v1/tokens");
    add_param(&target, "user", argument(a, "user"));
    int rc = ask(a, client, "GET", take_text(a, &target), NULL, &answer);
    const struct json *items = rc == EXIT_DONE ? json_find(answer, "items") : NULL;
    for (const struct json *t = items != NULL ? items->child : NULL; t != NULL; t = t->next) {
        if (a->json) {
            print_json_line(t);
        } else {
            printf("%-6s %-24s %-6s until %s, last used %s\n", text_of(t, "id"), text_of(t, "name"),
                   text_of(t, "scope"), text_of(t, "expires_at"),
                   text_of(t, "used_at")[0] != 0 ? text_of(t, "used_at") : "never");
        }
    }
    return rc;
}

static int token_revoke(struct arguments *a, struct client *client)
{
    int64_t id;
    const struct json *answer;
    if (a->count < 2 || str_to_int(a->words[1], &id) != 0) {
        return usage_error(a,
                           "say which token by its number; kontor token list --user E shows them");
    }
    return ask(a, client, "DELETE", arena_printf(a->arena, "/api/v1/tokens/%s", a->words[1]), NULL,
               &answer);
}

int command_token(struct arguments *a)
{
    static const struct verb verbs[] = {
        {"create", token_create}, {"list", token_list}, {"revoke", token_revoke}, {NULL, NULL}};
    return run_verb(a, verbs);
}
