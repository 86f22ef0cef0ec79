/*
 * kontor: one program. COMMANDS is the table of everything it does; a new subcommand is a row here
 * and a function in the file of its family. Started by root it takes the identity of the data
 * directory's owner before it opens anything.
 */
#include <grp.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/str.h"
#include "command.h"
#include "output.h"

#define DATA_DEFAULT "/var/lib/kontor"
#define CONF_DEFAULT "/var/lib/kontor/conf"

const struct command COMMANDS[] = {
    {"init", "", 0, 0, INIT_OPTIONS,
     "Makes a new installation: directories, configuration, database, first user.",
     "kontor init --company \"Acme GmbH\" --currency EUR --zone Europe/Berlin --admin "
     "ada@acme.example "
     "--password-file pw.txt",
     command_init},
    {"serve", "", 0, 0, SERVE_OPTIONS,
     "Serves browsers and programs until it is told to stop; without an installation it makes one.",
     "kontor serve --listen 127.0.0.1:8080", command_serve},
    {"check", "", 0, 0, NULL, "Reads the configuration files and names every problem.",
     "kontor check", command_check},
    {"plan", "", 0, 0, NULL, "Says what applying the configuration files would change.",
     "kontor plan", command_plan},
    {"apply", "", 0, 0, APPLY_OPTIONS, "Applies the configuration files.", "kontor apply --yes",
     command_apply},
    {"user", "add|list|set|disable|enable|password", 1, 1, USER_OPTIONS, "Handles the people who may sign in.",
     "kontor user add --email bo@acme.example --name \"Bo Berg\" --role member --password-file "
     "pw.txt",
     command_user},
    {"token", "create|list|revoke [ID]", 1, 2, TOKEN_OPTIONS,
     "Handles API tokens; a new one is printed once.",
     "kontor token create --user ada@acme.example --scope read --expires 90d", command_token},
    {"import", "ENTITY FILE", 0, 2, IMPORT_OPTIONS,
     "Imports a CSV file; rejected rows go into a file beside it.",
     "kontor import contact people.csv --match email --dry-run", command_import},
    {"export", "ENTITY", 0, 1, EXPORT_OPTIONS, "Writes records to standard output or a file.",
     "kontor export deal --filter 'amount > 1000' --format csv --out deals.csv", command_export},
    {"file", "add ENTITY ID FILE… | get ID", 2, WORDS_MAX, FILE_OPTIONS,
     "Attaches files to a record, or fetches the bytes of one.",
     "kontor file add contact 12 offer.pdf", command_file},
    {"duplicates", "ENTITY", 1, 1, DUPLICATES_OPTIONS, "Lists records that may be the same, and why.",
     "kontor duplicates contact --limit 20", command_duplicates},
    {"merge", "ENTITY INTO FROM…", 3, 6, MERGE_OPTIONS,
     "Makes one record of two to five; kontor undo takes them apart again.",
     "kontor merge contact 12 40 77 --take city=40 --dry-run", command_merge},
    {"exports", "", 0, 0, EXPORTS_OPTIONS, "Lists who took which records out, newest first.",
     "kontor exports --limit 20", command_exports},
    {"rules", "", 0, 0, NULL, "Lists the rules in use and what they do.", "kontor rules",
     command_rules},
    {"changes", "", 0, 0, CHANGES_OPTIONS, "Lists what was changed, newest first.",
     "kontor changes --limit 20", command_changes},
    {"undo", "CHANGE-ID", 1, 1, NULL,
     "Takes a change back; what was changed since is kept, listed, and ends it with 3.",
     "kontor undo 1234", command_undo},
    {"backup", "FILE", 1, 1, NULL, "Writes database and configuration into one file and checks it.",
     "kontor backup kontor.backup", command_backup},
    {"verify", "FILE", 1, 1, NULL, "Checks a backup completely.", "kontor verify kontor.backup",
     command_verify},
    {"restore", "FILE", 1, 1, NULL, "Puts a backup in place; what was there is kept beside it.",
     "kontor restore kontor.backup", command_restore},
    {"version", "", 0, 0, VERSION_OPTIONS, "Prints the version.", "kontor version --libraries",
     command_version},
    {NULL, NULL, 0, 0, NULL, NULL, NULL, NULL},
};

/* Every command takes these. */
static const struct parameter COMMON[] = {
    {"data", "DIR", "data directory, default " DATA_DEFAULT},
    {"conf", "DIR", "configuration directory, default " CONF_DEFAULT},
    {"as", "EMAIL", "act as this user, with this user's rights"},
    {"json", NULL, "print JSON"},
    {"help", NULL, "this text"},
    {NULL, NULL, NULL},
};

static void print_options(const struct parameter *options)
{
    for (const struct parameter *o = options; o != NULL && o->name != NULL; o++) {
        char left[60];
        snprintf(left, sizeof left, "--%s%s%s", o->name, o->value != NULL ? " " : "",
                 o->value != NULL ? o->value : "");
        printf("  %-24s %s\n", left, o->help);
    }
}

static int print_help(const struct command *c)
{
    printf("kontor %s%s%s [options]\n\n%s\n\n", c->name, c->form[0] != 0 ? " " : "", c->form,
           c->help);
    print_options(c->options);
    print_options(COMMON);
    printf("\nExample:\n  %s\n", c->example);
    return EXIT_DONE;
}

static int print_commands(FILE *out)
{
    fputs("kontor COMMAND [--data DIR] [--conf DIR] …\n\n", out);
    for (const struct command *c = COMMANDS; c->name != NULL; c++) {
        fprintf(out, "  %-10s %s\n", c->name, c->help);
    }
    fputs("\n`kontor COMMAND --help` says more.\n", out);
    return out == stdout ? EXIT_DONE : EXIT_USAGE;
}

int usage_error(const struct arguments *a, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("kontor: ", stderr);
    vfprintf(stderr, format, args);
    fprintf(stderr, "\nSee kontor %s --help.\n", a->command->name);
    va_end(args);
    return EXIT_USAGE;
}

static int option_row(const struct parameter *options, const char *name, size_t n)
{
    for (int i = 0; options != NULL && options[i].name != NULL; i++) {
        if (strlen(options[i].name) == n && strncmp(options[i].name, name, n) == 0) {
            return i;
        }
    }
    return -1;
}

const char *argument(const struct arguments *a, const char *name)
{
    int row = option_row(a->command->options, name, strlen(name));
    return row >= 0 ? a->values[row] : NULL;
}

bool argument_given(const struct arguments *a, const char *name)
{
    return argument(a, name) != NULL;
}

static void put_common(struct arguments *a, const char *name, const char *value)
{
    const char **places[] = {&a->data, &a->conf, &a->as};
    for (size_t i = 0; i < COUNT(places); i++) {
        if (strcmp(COMMON[i].name, name) == 0) {
            *places[i] = value;
        }
    }
    a->conf_given = a->conf_given || strcmp(name, "conf") == 0;
    a->json = a->json || strcmp(name, "json") == 0;
}

/* argv[*i] is an option: takes its value too, "--name VALUE" or "--name=VALUE". */
static int parse_option(struct arguments *a, int argc, char **argv, int *i)
{
    const char *name = argv[*i] + 2;
    size_t n = strcspn(name, "=");
    int own = option_row(a->command->options, name, n);
    int common = own < 0 ? option_row(COMMON, name, n) : -1;
    const struct parameter *o = own >= 0      ? &a->command->options[own]
                                : common >= 0 ? &COMMON[common]
                                              : NULL;
    if (o == NULL) {
        return usage_error(a, "there is no option --%.*s", (int)n, name);
    }
    const char *value = name[n] == '=' ? name + n + 1 : NULL;
    if (o->value == NULL && value != NULL) {
        return usage_error(a, "--%s takes no value", o->name);
    }
    if (o->value != NULL && value == NULL) {
        if (*i + 1 >= argc) {
            return usage_error(a, "--%s needs a value: %s", o->name, o->value);
        }
        value = argv[++*i];
    }
    if (own >= 0) {
        a->values[own] = value != NULL ? value : "";
    } else {
        put_common(a, o->name, value);
    }
    return EXIT_DONE;
}

static int parse(struct arguments *a, int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        if (str_starts(argv[i], "--")) {
            int rc = parse_option(a, argc, argv, &i);
            if (rc != EXIT_DONE) {
                return rc;
            }
        } else if (a->count == a->command->max || a->count == WORDS_MAX) {
            return usage_error(a, "one word too many: %s", argv[i]);
        } else {
            a->words[a->count++] = argv[i];
        }
    }
    return a->count < a->command->min ? usage_error(a, "something is missing: %s", a->command->form)
                                      : EXIT_DONE;
}

/* The owner of the data directory, or of the nearest directory above it that exists. */
static bool find_owner(const char *data, uid_t *uid, gid_t *gid)
{
    char path[4096];
    struct stat st;
    snprintf(path, sizeof path, "%s", data);
    while (stat(path, &st) != 0) {
        char *slash = strrchr(path, '/');
        if (slash == NULL || slash == path) {
            return false;
        }
        *slash = 0;
    }
    *uid = st.st_uid;
    *gid = st.st_gid;
    return true;
}

/* Files made by root would be closed to the daemon later. */
static int take_identity(const char *data)
{
    uid_t uid;
    gid_t gid;
    if (geteuid() != 0 || !find_owner(data, &uid, &gid) || uid == 0) {
        return 0;
    }
    const struct passwd *owner = getpwuid(uid);
    int groups = owner != NULL ? initgroups(owner->pw_name, gid) : setgroups(0, NULL);
    return groups == 0 && setgid(gid) == 0 && setuid(uid) == 0 ? 0 : -1;
}

static const char *starter_name(struct arena *a)
{
    const struct passwd *user = getpwuid(getuid());
    return user != NULL ? arena_strdup(a, user->pw_name)
                        : arena_printf(a, "%lld", (long long)getuid());
}

static const struct command *find_command(const char *name)
{
    for (const struct command *c = COMMANDS; c->name != NULL; c++) {
        if (strcmp(c->name, name) == 0) {
            return c;
        }
    }
    return NULL;
}

static bool wants_help(int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            return true;
        }
    }
    return false;
}

static int run(const struct command *command, struct arena *arena, int argc, char **argv)
{
    struct arguments a = {
        .command = command, .arena = arena, .data = DATA_DEFAULT, .conf = CONF_DEFAULT};
    int rc = parse(&a, argc, argv);
    if (rc != EXIT_DONE) {
        return rc;
    }
    if (!libraries_are_good()) {
        return EXIT_REFUSED;
    }
    a.os_user = starter_name(arena);
    if (take_identity(a.data) != 0) {
        fprintf(stderr, "kontor: cannot become the owner of %s\n", a.data);
        return EXIT_REFUSED;
    }
    umask(0077);
    return command->run(&a);
}

/* "help", "--help" and "-h". */
static bool is_word(const char *given, const char *word)
{
    return strcmp(given, word) == 0 || (given[0] == '-' && given[1] == word[0] && given[2] == 0) ||
           (str_starts(given, "--") && strcmp(given + 2, word) == 0);
}

static int start(int argc, char **argv)
{
    if (argc < 2 || is_word(argv[1], "help")) {
        const struct command *about = argc > 2 ? find_command(argv[2]) : NULL;
        return about != NULL ? print_help(about) : print_commands(argc < 2 ? stderr : stdout);
    }
    const struct command *command = find_command(is_word(argv[1], "version") ? "version" : argv[1]);
    if (command == NULL) {
        fprintf(stderr, "kontor: there is no command %s\n\n", argv[1]);
        return print_commands(stderr);
    }
    if (wants_help(argc - 2, argv + 2)) {
        return print_help(command);
    }
    struct arena arena;
    arena_init(&arena);
    crypto_init();
    int rc = run(command, &arena, argc - 2, argv + 2);
    arena_done(&arena);
    return rc;
}

/* KONTOR_NOW: for tests, the moment it is when the program starts. */
static void set_clock(void)
{
    int64_t ms;
    const char *now = getenv("KONTOR_NOW");
    if (now != NULL && clock_parse_instant(now, &ms) == 0) {
        clock_set_offset(ms - clock_now_ms());
    }
}

int main(int argc, char **argv)
{
    set_clock();
    int rc = start(argc, argv);
    bool done = rc == EXIT_DONE || rc == EXIT_PARTLY;
    return done && !output_told(argc > 1 ? argv[1] : "help") ? EXIT_REFUSED : rc;
}
