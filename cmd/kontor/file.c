/*
 * kontor file: attaches files to a record, fetches the bytes of one. The daemon sees streams only:
 * paths are opened here.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/str.h"
#include "command.h"
#include "output.h"

const struct parameter FILE_OPTIONS[] = {
    {"out", "FILE", "get: a file, or a folder for its own name; default: standard output"},
    {"field", "NAME", "add: the field of type file that is to hold it"},
    {NULL, NULL, NULL},
};

struct sender {
    FILE *file;
};

static long read_piece(void *data, void *out, size_t room)
{
    struct sender *from = data;
    size_t n = fread(out, 1, room, from->file);
    return n == 0 && ferror(from->file) ? -1 : (long)n;
}

static int refuse_path(const char *path)
{
    fprintf(stderr, "kontor: %s cannot be read: %s\n", path, strerror(errno));
    return EXIT_REFUSED;
}

static const char *address(struct arguments *a, const char *plural, const char *path)
{
    const char *slash = strrchr(path, '/');
    struct buf target = {0};
    buf_printf(&target, "/api/v1/%s/%s/files", plural, a->words[2]);
    add_param(&target, "name", slash != NULL ? slash + 1 : path);
    add_param(&target, "field", argument(a, "field"));
    const char *text = arena_strndup(a->arena, target.data, target.size);
    buf_done(&target);
    return text;
}

static int print_added(struct arguments *a, const struct client_answer *answer)
{
    const struct json *file = NULL;
    struct err e = {0};
    if (json_parse(a->arena, buf_text(&answer->body), answer->body.size, &file, &e) != 0) {
        return print_err(&e);
    }
    if (a->json) {
        print_json_line(file);
    } else {
        printf("%s  %s, %s bytes\n", text_of(file, "id"), text_of(file, "name"),
               text_of(file, "size"));
    }
    return EXIT_DONE;
}

static int add_one(struct arguments *a, struct client *client, const char *plural, const char *path)
{
    struct err e = {0};
    struct client_answer answer;
    errno = fs_is_dir(path) ? EISDIR : 0;
    struct sender from = {.file = errno == 0 ? fopen(path, "rbe") : NULL};
    if (from.file == NULL) {
        return refuse_path(path);
    }
    const struct client_request request = {.method = "POST",
                                           .target = address(a, plural, path),
                                           .read = read_piece,
                                           .read_data = &from};
    int rc = client_send(client, &request, &answer, &e) != 0 ? print_err(&e) : EXIT_DONE;
    if (rc == EXIT_DONE) {
        rc = answer.status == 201 ? print_added(a, &answer) : print_refusal(a, &answer);
        client_answer_done(&answer);
    }
    fclose(from.file);
    return rc;
}

/* One that is refused does not keep the others out. */
static int add(struct arguments *a, struct client *client)
{
    const char *plural = NULL;
    int rc = find_plural(a, client, a->words[1], &plural);
    if (rc != EXIT_DONE) {
        return rc;
    }
    for (int i = 3; i < a->count; i++) {
        int one = add_one(a, client, plural, a->words[i]);
        rc = one != EXIT_DONE ? one : rc;
    }
    return rc;
}

static const char *bytes_of(struct arguments *a)
{
    return arena_printf(a->arena, "/api/v1/files/%s", a->words[1]);
}

/* In a folder it has its own name. */
static int find_out(struct arguments *a, struct client *client, const char **out)
{
    const struct json *record = NULL;
    const char *target = arena_printf(a->arena, "/api/v1/files/%s?fields=name", a->words[1]);
    if (!fs_is_dir(*out)) {
        return EXIT_DONE;
    }
    int rc = ask(a, client, "GET", target, NULL, &record);
    if (rc == EXIT_DONE) {
        *out = fs_join(a->arena, *out, text_of(record, "name"));
    }
    return rc;
}

static int get(struct arguments *a, struct client *client)
{
    struct err e = {0};
    struct output out;
    const char *path = argument(a, "out");
    if (path == NULL) {
        return fetch(a, client, bytes_of(a), stdout, "standard output");
    }
    int rc = find_out(a, client, &path);
    if (rc != EXIT_DONE) {
        return rc;
    }
    if (output_open(a->arena, path, false, &out, &e) != 0) {
        return print_err(&e);
    }
    rc = fetch(a, client, bytes_of(a), out.file, out.name);
    if (rc != EXIT_DONE) {
        output_drop(&out);
        return rc;
    }
    return output_keep(&out, &e) != 0 ? print_err(&e) : EXIT_DONE;
}

static bool is_id(const char *word)
{
    int64_t id;
    return str_to_id(word, &id) == 0;
}

static int run(struct arguments *a, int (*what)(struct arguments *a, struct client *client))
{
    struct client client;
    int rc = open_client(a, &client);
    if (rc == EXIT_DONE) {
        rc = what(a, &client);
        client_close(&client);
    }
    return rc;
}

int command_file(struct arguments *a)
{
    bool adds = strcmp(a->words[0], "add") == 0;
    if (adds && (a->count < 4 || !is_id(a->words[2]))) {
        return usage_error(a, "add needs ENTITY, the ID of a record, and files");
    }
    if (adds && argument_given(a, "field") && a->count > 4) {
        return usage_error(a, "a field holds one file");
    }
    if (!adds && (strcmp(a->words[0], "get") != 0 || a->count != 2 || !is_id(a->words[1]))) {
        return usage_error(a, "say add ENTITY ID FILE…, or get ID");
    }
    return run(a, adds ? add : get);
}
