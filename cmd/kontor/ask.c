/* Asking the API from a command and saying what it refused; see command.h. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/fs.h"
#include "base/log.h"
#include "base/str.h"
#include "command.h"

int print_err(const struct err *e)
{
    for (const struct err_item *item = e->items; item != NULL; item = item->next) {
        fprintf(stderr, "%s: %s\n", item->where[0] != 0 ? item->where : "kontor", item->text);
    }
    if (e->items == NULL) {
        fprintf(stderr, "kontor: %s%s%s\n", e->where, e->where[0] != 0 ? ": " : "", e->text);
    }
    return EXIT_REFUSED;
}

int print_refusal(struct arguments *a, const struct client_answer *answer)
{
    const struct json *body = NULL;
    struct err ignored = {0};
    if (json_parse(a->arena, buf_text(&answer->body), answer->body.size, &body, &ignored) != 0) {
        fprintf(stderr, "kontor: refused with status %d\n", answer->status);
        return EXIT_REFUSED;
    }
    const struct json *error = json_find(body, "error");
    const struct json *fields = json_find(error, "fields");
    const char *text = json_text(error, "text");
    if (fields == NULL || fields->count == 0) {
        fprintf(stderr, "kontor: %s\n", text != NULL ? text : "refused");
    }
    for (const struct json *f = fields != NULL ? fields->child : NULL; f != NULL; f = f->next) {
        const char *where = text_of(f, "where");
        fprintf(stderr, "%s: %s\n", where[0] != 0 ? where : "kontor", text_of(f, "text"));
    }
    return EXIT_REFUSED;
}

int open_client(struct arguments *a, struct client *client)
{
    struct err e = {0};
    const struct client_options options = {
        .data = a->data,
        .conf = a->conf,
        .os_user = a->os_user,
        .as = a->as,
        .messages = a->arena};
    log_set_level(LOG_LEVEL_WARN);
    return client_open(client, &options, &e) == 0 ? EXIT_DONE : print_err(&e);
}

int ask(struct arguments *a, struct client *client, const char *method, const char *target,
        const char *json, const struct json **out)
{
    struct err e = {0};
    struct client_answer answer;
    const struct client_request request = {
        .method = method, .target = target, .json = json, .if_match = "*"};
    if (client_send(client, &request, &answer, &e) != 0) {
        return print_err(&e);
    }
    int rc = EXIT_DONE;
    *out = NULL;
    if (answer.status < 200 || answer.status > 299) {
        rc = print_refusal(a, &answer);
    } else if (answer.body.size > 0 &&
               json_parse(a->arena, answer.body.data, answer.body.size, out, &e) != 0) {
        rc = print_err(&e);
    }
    client_answer_done(&answer);
    return rc;
}

struct receiver {
    FILE *file;
    int error; /* errno of writing */
};

static int write_piece(void *data, const void *bytes, size_t n)
{
    struct receiver *to = data;
    errno = 0;
    if (fwrite(bytes, 1, n, to->file) == n) {
        return 0;
    }
    to->error = errno;
    return -1;
}

int fetch(struct arguments *a, struct client *client, const char *target, FILE *file,
          const char *name)
{
    struct err e = {0};
    struct client_answer answer;
    struct receiver to = {.file = file};
    const struct client_request request = {
        .method = "GET", .target = target, .sink = write_piece, .sink_data = &to};
    if (client_send(client, &request, &answer, &e) != 0) {
        if (to.error != 0) {
            fprintf(stderr, "kontor: cannot write %s: %s\n", name, strerror(to.error));
            return EXIT_REFUSED;
        }
        return print_err(&e);
    }
    int rc = answer.status == 200 ? EXIT_DONE : print_refusal(a, &answer);
    client_answer_done(&answer);
    return rc;
}

int ask_once(struct arguments *a, const char *method, const char *target, const char *json,
             const struct json **out)
{
    struct client client;
    int rc = open_client(a, &client);
    if (rc == EXIT_DONE) {
        rc = ask(a, &client, method, target, json, out);
        client_close(&client);
    }
    return rc;
}

void print_json_line(const struct json *json)
{
    struct buf out = {0};
    if (json != NULL) {
        json_print(&out, json);
    }
    puts(buf_text(&out));
    buf_done(&out);
}

void add_param(struct buf *target, const char *name, const char *value)
{
    if (value == NULL) {
        return;
    }
    buf_printf(target, "%c%s=", strchr(buf_text(target), '?') != NULL ? '&' : '?', name);
    for (const unsigned char *p = (const unsigned char *)value; *p != 0; p++) {
        if (isalnum(*p) || strchr("-_.~", *p) != NULL) {
            buf_putc(target, (char)*p);
        } else {
            buf_printf(target, "%%%02X", *p);
        }
    }
}

const char *read_secret(struct arguments *a, const char *path)
{
    struct buf text = {0};
    struct err e = {0};
    if (fs_read(path, 4096, &text, &e) != 0) {
        print_err(&e);
        return NULL;
    }
    const char *line = arena_strndup(a->arena, buf_text(&text), strcspn(buf_text(&text), "\r\n"));
    buf_done(&text);
    return line;
}

const char *text_of(const struct json *object, const char *key)
{
    const struct json *member = json_find(object, key);
    if (member == NULL || member->type == JSON_NULL) {
        return "";
    }
    if (member->type == JSON_BOOL) {
        return member->boolean ? "true" : "false";
    }
    return member->text != NULL ? member->text : "";
}

const char *title_of(const struct json *object, const char *key)
{
    const struct json *member = json_find(object, key);
    return member != NULL && member->type == JSON_OBJECT ? text_of(member, "title")
                                                         : text_of(object, key);
}
