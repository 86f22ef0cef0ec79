/*
 * What the files of the command line share: a subcommand as a row, its arguments, the way to the
 * API, printing. Results go to standard output, everything else to standard error. Exit codes: see
 * enum exit_code.
 */
#ifndef KONTOR_CMD_COMMAND_H
#define KONTOR_CMD_COMMAND_H

#include <stdbool.h>
#include <stdio.h>

#include "app/client.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"

/* EXIT_PARTLY: done, but for rejected rows of an import, what an undo kept, or attached files that a
 * backup could not have. */
enum exit_code { EXIT_DONE = 0, EXIT_REFUSED = 1, EXIT_USAGE = 2, EXIT_PARTLY = 3 };

struct parameter {
    const char *name;  /* without "--" */
    const char *value; /* what its value is called in the help; NULL: a flag */
    const char *help;
};

#define OPTIONS_MAX 16
#define WORDS_MAX   103 /* kontor file add takes a hundred files */

struct arguments {
    const struct command *command;
    struct arena *arena;
    const char *data, *conf, *as;
    const char *os_user; /* who started the command, before it took another identity */
    bool conf_given;
    bool json;
    const char *words[WORDS_MAX]; /* what is no option, in order */
    int count;
    const char *values[OPTIONS_MAX]; /* by row of command->options; a flag that is given has "" */
};

struct command {
    const char *name;
    const char *form;                /* words after the name, for the help */
    int min, max;                    /* number of words */
    const struct parameter *options; /* ends with a zero row; NULL: none of its own */
    const char *help;                /* one sentence */
    const char *example;
    int (*run)(struct arguments *a);
};

/* The value of an option, NULL when it is not given. The option must be one of the command's. */
const char *argument(const struct arguments *a, const char *name);
bool argument_given(const struct arguments *a, const char *name);
/* Says what is wrong with the arguments and where the help is; EXIT_USAGE. */
int usage_error(const struct arguments *a, const char *format, ...) PRINTF_LIKE(2, 3);

/* "kontor: where: text" on standard error, for every item; EXIT_REFUSED. */
int print_err(const struct err *e);
/* The same from an answer that is not 2xx. */
int print_refusal(struct arguments *a, const struct client_answer *answer);

/* Connects, or opens the data directory. EXIT_DONE, else an exit code and everything is said. */
int open_client(struct arguments *a, struct client *client);
/* One request with a JSON body (or none). EXIT_DONE: *out is the parsed answer (NULL when it is
 * empty). */
int ask(struct arguments *a, struct client *client, const char *method, const char *target,
        const char *json, const struct json **out);
/* What a GET answers, as it comes, into an open file; `name`: of the file, to say what cannot be
 * written. */
int fetch(struct arguments *a, struct client *client, const char *target, FILE *file,
          const char *name);
/* The same as ask on a connection of its own. */
int ask_once(struct arguments *a, const char *method, const char *target, const char *json,
             const struct json **out);
/* transfer.c: how the address of an entity's records is called, by its name or plural. */
int find_plural(struct arguments *a, struct client *client, const char *name,
                const char **plural);
/* A parsed answer on one line, for --json. */
void print_json_line(const struct json *json);

/* "?name=value" or "&name=value", encoded; nothing when value is NULL. */
void add_param(struct buf *target, const char *name, const char *value);
/* First line of a file, without its end; NULL and a message when it cannot be read. */
const char *read_secret(struct arguments *a, const char *path);
/* Text of an answer's member, "" when absent; numbers as they are. */
const char *text_of(const struct json *object, const char *key);
/* "title" of a link member, "" when empty or hidden. */
const char *title_of(const struct json *object, const char *key);

extern const struct command COMMANDS[]; /* ends with a zero row */

int command_init(struct arguments *a);
int command_serve(struct arguments *a);
int command_check(struct arguments *a);
int command_plan(struct arguments *a);
int command_apply(struct arguments *a);
int command_user(struct arguments *a);
int command_token(struct arguments *a);
int command_import(struct arguments *a);
int command_export(struct arguments *a);
int command_file(struct arguments *a);
int command_duplicates(struct arguments *a);
int command_merge(struct arguments *a);
int command_changes(struct arguments *a);
int command_exports(struct arguments *a);
int command_rules(struct arguments *a);
int command_undo(struct arguments *a);
int command_backup(struct arguments *a);
int command_verify(struct arguments *a);
int command_restore(struct arguments *a);
int command_version(struct arguments *a);

/* takeout.c: everything, out into a new folder and in from one. */
int takeout_out(struct arguments *a, const char *dir);
int takeout_in(struct arguments *a, const char *dir);

extern const struct parameter INIT_OPTIONS[], SERVE_OPTIONS[], APPLY_OPTIONS[], USER_OPTIONS[],
    TOKEN_OPTIONS[], IMPORT_OPTIONS[], EXPORT_OPTIONS[], FILE_OPTIONS[], CHANGES_OPTIONS[],
    EXPORTS_OPTIONS[],
    DUPLICATES_OPTIONS[], MERGE_OPTIONS[],
    VERSION_OPTIONS[];

/* version.c: true when every library is good enough; else says which is not. */
bool libraries_are_good(void);

#endif
