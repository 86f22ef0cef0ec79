/* See client.h. */
#include "app/client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "app/inside.h"
#include "app/wire.h"
#include "base/err.h"
#include "base/str.h"

#define RETRY_MS 100
#define RETRIES  100 /* a daemon that starts or stops holds the lock without answering */

/* A connection to the daemon; -1 when there is none. */
static int dial(const char *data)
{
    struct sockaddr_un address;
    int fd = wire_address(data, &address) ? socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) : -1;
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

int client_open(struct client *client, const struct client_options *options, struct err *e)
{
    const struct app_options app = {
        .data = options->data,
        .conf = options->conf,
        .create = options->create,
        .messages = options->messages};
    memset(client, 0, sizeof *client);
    client->options = *options;
    for (int i = 0; i < RETRIES; i++) {
        int fd = dial(options->data);
        if (fd >= 0) {
            close(fd);
            client->remote = true;
            return 0;
        }
        err_clear(e);
        if (app_open(&client->app, &app, e) == 0) {
            return 0;
        }
        if (e->code != ERR_BUSY) {
            return -1;
        }
        nanosleep(&(struct timespec){.tv_nsec = RETRY_MS * 1000000L}, NULL);
    }
    return -1;
}

void client_close(struct client *client)
{
    if (!client->remote) {
        app_close(&client->app);
    }
}

void client_answer_done(struct client_answer *answer)
{
    buf_done(&answer->head);
    buf_done(&answer->body);
}

/* ---- In this process --------------------------------------------------------------------------
 */

struct local {
    const struct client *client;
    const struct client_request *request;
    struct client_answer *answer;
    size_t sent; /* of request->json */
};

static const char *local_header(void *io, const char *name)
{
    const struct local *local = io;
    if (strcasecmp(name, "If-Match") == 0) {
        return local->request->if_match;
    }
    return strcasecmp(name, "Content-Type") == 0 && local->request->json != NULL
               ? "application/json"
               : NULL;
}

static long local_read(void *io, void *out, size_t room)
{
    struct local *local = io;
    if (local->request->read != NULL) {
        return local->request->read(local->request->read_data, out, room);
    }
    const char *json = local->request->json;
    size_t n = json != NULL ? strlen(json) - local->sent : 0;
    n = n < room ? n : room;
    if (n > 0) {
        memcpy(out, json + local->sent, n);
        local->sent += n;
    }
    return (long)n;
}

static int local_begin(void *data, int status, const char *head)
{
    struct local *local = data;
    local->answer->status = status;
    buf_puts(&local->answer->head, head);
    return 0;
}

/* A piece of an answer's body, from either side. */
static int receive(const struct client_request *request, struct client_answer *answer,
                   const void *bytes, size_t n)
{
    if (request->sink != NULL && answer->status >= 200 && answer->status < 300) {
        return n > 0 ? request->sink(request->sink_data, bytes, n) : 0;
    }
    buf_add(&answer->body, bytes, n);
    return 0;
}

static int local_piece(void *data, const void *bytes, size_t n)
{
    struct local *local = data;
    return receive(local->request, local->answer, bytes, n);
}

static int local_end(void *data, bool whole)
{
    struct local *local = data;
    local->answer->whole = whole;
    return 0;
}

static void send_local(struct client *client, const struct client_request *request,
                       struct client_answer *out)
{
    struct local local = {client, request, out, 0};
    const struct inside_sink sink = {local_begin, local_piece, local_end, &local};
    const struct inside_request inside = {
        .method = request->method,
        .target = request->target,
        .os_user = client->options.os_user,
        .as = client->options.as,
        .header = local_header,
        .read = local_read,
        .io = &local,
    };
    inside_run(&client->app, &inside, &sink);
}

/* ---- Over the socket --------------------------------------------------------------------------
 */

static int send_head(const struct client *client, const struct client_request *request, int fd)
{
    struct buf head = {0};
    buf_printf(&head, "%s %s\nX-Kontor-User: %s\n", request->method, request->target,
               client->options.os_user);
    if (client->options.as != NULL) {
        buf_printf(&head, "X-Kontor-As: %s\n", client->options.as);
    }
    if (request->if_match != NULL) {
        buf_printf(&head, "If-Match: %s\n", request->if_match);
    }
    buf_puts(&head, request->json != NULL ? "Content-Type: application/json\n\n" : "\n");
    int rc = wire_send(fd, head.data, head.size);
    buf_done(&head);
    return rc;
}

/* A daemon that refuses early does not read the rest: then sending fails, and the answer is there
 * to be read. */
static void send_body(const struct client_request *request, int fd)
{
    char piece[65536];
    long n = 0;
    int rc = 0;
    if (request->json != NULL) {
        rc = wire_frame(fd, request->json, strlen(request->json));
    }
    while (rc == 0 && request->read != NULL &&
           (n = request->read(request->read_data, piece, sizeof piece)) > 0) {
        rc = wire_frame(fd, piece, (size_t)n);
    }
    if (rc == 0) {
        wire_end(fd, n >= 0);
    }
}

static int read_answer(const struct client_request *request, int fd, struct client_answer *out)
{
    struct wire wire;
    char head[WIRE_HEAD_SIZE];
    char piece[65536];
    wire_init(&wire, fd);
    if (wire_read_head(&wire, head) != 0) {
        return -1;
    }
    out->status = atoi(head);
    const char *rest = strchr(head, '\n');
    buf_puts(&out->head, rest != NULL ? rest + 1 : "");
    long n;
    while ((n = wire_read(&wire, piece, sizeof piece)) > 0) {
        if (receive(request, out, piece, (size_t)n) != 0) {
            return -1;
        }
    }
    out->whole = n == 0;
    return 0;
}

static void send_remote(struct client *client, const struct client_request *request,
                        struct client_answer *out)
{
    int fd = dial(client->options.data);
    if (fd < 0) {
        return;
    }
    if (send_head(client, request, fd) == 0) {
        send_body(request, fd);
        read_answer(request, fd, out);
    }
    close(fd);
}

int client_send(struct client *client, const struct client_request *request,
                struct client_answer *out, struct err *e)
{
    *out = (struct client_answer){0};
    if (client->remote) {
        send_remote(client, request, out);
    } else {
        send_local(client, request, out);
    }
    client->cut = !out->whole || out->status == 0;
    if (!client->cut) {
        return 0;
    }
    client_answer_done(out);
    return err_fail(e, ERR_INTERNAL, "",
                    client->remote ? "The daemon did not give a whole answer."
                                   : "The answer could not be written.");
}
