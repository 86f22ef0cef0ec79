/*
 * kontor init: directories, kontor.yaml (kept when it is there), the files of a starter, database,
 * first administrator. Run again it adds what is missing.
 */
#include <string.h>
#include <unistd.h>

#include "app/config.h"
#include "base/embed.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/str.h"
#include "command.h"

#define STARTERS "conf/examples/"

const struct parameter INIT_OPTIONS[] = {
    {"company", "NAME", "the company's name"},
    {"currency", "CODE", "its currency, such as EUR"},
    {"zone", "ZONE", "its time zone, such as Europe/Berlin"},
    {"admin", "EMAIL", "makes a first administrator"},
    {"name", "NAME", "the administrator's name, default the part before the @"},
    {"password-file", "FILE", "the administrator's password, the file's first line"},
    {"starter", "NAME", "begin with an example's configuration, such as hardware-seller"},
    {NULL, NULL, NULL},
};

/* Writes a file of conf/ unless there is one. */
static int put_file(struct arguments *a, const char *name, const char *text, size_t size,
                    struct err *e)
{
    const char *path = fs_join(a->arena, a->conf, name);
    if (fs_exists(path)) {
        return 0;
    }
    const char *slash = strrchr(path, '/');
    return fs_make_dirs(arena_strndup(a->arena, path, (size_t)(slash - path)), e) != 0
               ? -1
               : fs_write_atomic(path, text, size, 0600, e);
}

static void list_starters(void)
{
    char last[128] = "";
    fputs("There are:", stderr);
    for (size_t i = 0; i < embed_count(); i++) {
        const char *path = embed_at(i)->path;
        const char *name = path + sizeof STARTERS - 1;
        size_t n = str_starts(path, STARTERS) ? strcspn(name, "/") : 0;
        if (n > 0 && n < sizeof last && name[n] == '/' &&
            (strlen(last) != n || strncmp(last, name, n) != 0)) {
            snprintf(last, sizeof last, "%.*s", (int)n, name);
            fprintf(stderr, " %s", last);
        }
    }
    fputs("\n", stderr);
}

/* Copies the YAML files of an example; the text of its kontor.yaml, if it has one, goes to *own. */
static int put_starter(struct arguments *a, const char *name, const char **own, struct err *e)
{
    const char *folder = arena_printf(a->arena, STARTERS "%s/", name);
    size_t found = 0;
    for (size_t i = 0; i < embed_count(); i++) {
        const struct embed_file *file = embed_at(i);
        if (!str_starts(file->path, folder) || !str_ends(file->path, ".yaml")) {
            continue;
        }
        const char *relative = file->path + strlen(folder);
        found++;
        if (strcmp(relative, "kontor.yaml") == 0) {
            *own = arena_strndup(a->arena, (const char *)file->raw, file->raw_size);
        } else if (put_file(a, relative, (const char *)file->raw, file->raw_size, e) != 0) {
            return -1;
        }
    }
    if (found == 0) {
        list_starters();
        return err_fail(e, ERR_NOT_FOUND, "--starter", "There is no starter %s.", name);
    }
    return 0;
}

static int put_configuration(struct arguments *a, struct err *e)
{
    const char *name = argument(a, "company"), *currency = argument(a, "currency"),
               *zone = argument(a, "zone");
    const char *starter = argument(a, "starter");
    const char *text = NULL;
    if (fs_make_dirs(a->data, e) != 0 || fs_make_dirs(a->conf, e) != 0 ||
        (starter != NULL && put_starter(a, starter, &text, e) != 0)) {
        return -1;
    }
    text = text != NULL ? config_with_company(a->arena, text, name, currency, zone)
                        : config_initial(a->arena, name, currency, zone);
    return put_file(a, "kontor.yaml", text, strlen(text), e);
}

static const char *admin_json(struct arguments *a, const char *email, const char *password)
{
    struct buf out = {0};
    struct json_writer w;
    const char *name = argument(a, "name");
    jw_init(&w, &out);
    jw_object(&w);
    jw_kv_text(&w, "email", email);
    jw_kv_text(&w, "name",
               name != NULL ? name : arena_strndup(a->arena, email, strcspn(email, "@")));
    jw_kv_text(&w, "role", "admin");
    jw_kv_text(&w, "password", password);
    jw_object_end(&w);
    const char *text = arena_strndup(a->arena, out.data, out.size);
    buf_done(&out);
    return text;
}

static int add_admin(struct arguments *a, struct client *client)
{
    const char *email = argument(a, "admin");
    const struct json *unused = NULL;
    if (email == NULL) {
        return EXIT_DONE;
    }
    const char *password = read_secret(a, argument(a, "password-file"));
    if (password == NULL) {
        return EXIT_REFUSED;
    }
    return ask(a, client, "POST", "/api/v1/system/users", admin_json(a, email, password), &unused);
}

/* A slip in --currency must not stand in the way of the next try. */
static void take_back(struct arguments *a, bool kept)
{
    if (!kept) {
        unlink(fs_join(a->arena, a->conf, "kontor.yaml"));
    }
}

static void print_ready(struct arguments *a, bool again)
{
    if (!a->json) {
        printf("%s Next: kontor serve --data %s --conf %s\n",
               again ? "There is an installation already; what it has was kept."
                     : "The installation is ready.",
               a->data, a->conf);
    }
}

int command_init(struct arguments *a)
{
    struct err e = {0};
    bool kept = fs_exists(fs_join(a->arena, a->conf, "kontor.yaml"));
    bool again = kept && fs_exists(fs_join(a->arena, a->data, "kontor.db"));
    struct client client;
    const struct json *answer;
    const struct client_options options = {
        .data = a->data,
        .conf = a->conf,
        .os_user = a->os_user,
        .create = true,
        .messages = a->arena};
    if (argument_given(a, "admin") != argument_given(a, "password-file")) {
        return usage_error(a, "--admin and --password-file go together");
    }
    log_set_level(LOG_LEVEL_WARN);
    if (put_configuration(a, &e) != 0 || client_open(&client, &options, &e) != 0) {
        take_back(a, kept);
        return print_err(&e);
    }
    int rc = ask(a, &client, "POST", "/api/v1/config/apply", "{}", &answer);
    if (rc != EXIT_DONE) {
        take_back(a, kept);
    }
    rc = rc == EXIT_DONE ? add_admin(a, &client) : rc;
    client_close(&client);
    if (rc == EXIT_DONE) {
        print_ready(a, again);
    }
    return rc;
}
