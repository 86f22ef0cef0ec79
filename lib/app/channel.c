/* See channel.h. */
#include "app/channel.h"

#include <errno.h>
#include <poll.h>
#include <pwd.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "app/inside.h"
#include "app/wire.h"
#include "base/err.h"
#include "base/log.h"
#include "base/str.h"

#define MOST_AT_ONCE 32

/* One command being served, on its thread. */
struct call {
    struct channel *channel;
    struct call *before, *next; /* in channel->calls, from its thread's start to its end */
    int fd;
    uid_t uid;
    struct arena arena;
    struct wire wire;
    char head[WIRE_HEAD_SIZE]; /* cut into lines */
    const char *names[32], *values[32];
    size_t header_count;
    const char *method, *target;
};

static const char *find_header(void *io, const char *name)
{
    const struct call *call = io;
    for (size_t i = 0; i < call->header_count; i++) {
        if (strcasecmp(call->names[i], name) == 0) {
            return call->values[i];
        }
    }
    return NULL;
}

static long read_body(void *io, void *out, size_t room)
{
    struct call *call = io;
    return wire_read(&call->wire, out, room);
}

static int send_head(void *data, int status, const char *head)
{
    struct call *call = data;
    struct buf out = {0};
    buf_printf(&out, "%d\n", status);
    for (const char *p = head; *p != 0; p++) {
        if (*p != '\r') {
            buf_putc(&out, *p);
        }
    }
    buf_putc(&out, '\n');
    int rc = wire_send(call->fd, out.data, out.size);
    buf_done(&out);
    return rc;
}

static int send_piece(void *data, const void *bytes, size_t n)
{
    const struct call *call = data;
    return wire_frame(call->fd, bytes, n);
}

static int send_end(void *data, bool whole)
{
    const struct call *call = data;
    return wire_end(call->fd, whole);
}

/* "METHOD TARGET" and "Name: value" lines. */
static int parse_head(struct call *call)
{
    char *save = NULL;
    char *line = strtok_r(call->head, "\n", &save);
    char *blank = line != NULL ? strchr(line, ' ') : NULL;
    if (blank == NULL || blank[1] != '/') {
        return -1;
    }
    *blank = 0;
    call->method = line;
    call->target = blank + 1;
    while ((line = strtok_r(NULL, "\n", &save)) != NULL) {
        char *colon = strstr(line, ": ");
        if (colon == NULL || call->header_count == COUNT(call->names)) {
            return -1;
        }
        *colon = 0;
        call->names[call->header_count] = line;
        call->values[call->header_count++] = colon + 2;
    }
    return 0;
}

/* Who runs the command. A command started by root has taken another identity and says so itself. */
static const char *os_user_of(struct call *call)
{
    const char *said = find_header(call, "X-Kontor-User");
    struct passwd entry, *found = NULL;
    char text[1024];
    if (said != NULL && str_is_utf8(said, strlen(said)) && strlen(said) < 64) {
        return said;
    }
    getpwuid_r(call->uid, &entry, text, sizeof text, &found);
    return found != NULL ? arena_strdup(&call->arena, found->pw_name)
                         : arena_printf(&call->arena, "%lld", (long long)call->uid);
}

static void serve(struct call *call)
{
    const struct inside_sink sink = {send_head, send_piece, send_end, call};
    if (wire_read_head(&call->wire, call->head) != 0 || parse_head(call) != 0) {
        return;
    }
    const struct inside_request request = {
        .method = call->method,
        .target = call->target,
        .os_user = os_user_of(call),
        .as = find_header(call, "X-Kontor-As"),
        .header = find_header,
        .read = read_body,
        .io = call,
    };
    inside_run(call->channel->app, &request, &sink);
}

static void leave(struct channel *channel)
{
    pthread_mutex_lock(&channel->lock);
    channel->active--;
    pthread_cond_broadcast(&channel->idle);
    pthread_mutex_unlock(&channel->lock);
}

static void add_call(struct call *call)
{
    struct channel *channel = call->channel;
    pthread_mutex_lock(&channel->lock);
    call->next = channel->calls;
    if (call->next != NULL) {
        call->next->before = call;
    }
    channel->calls = call;
    pthread_mutex_unlock(&channel->lock);
}

static void drop_call(struct call *call)
{
    struct channel *channel = call->channel;
    pthread_mutex_lock(&channel->lock);
    *(call->before != NULL ? &call->before->next : &channel->calls) = call->next;
    if (call->next != NULL) {
        call->next->before = call->before;
    }
    pthread_mutex_unlock(&channel->lock);
}

static void *run_call(void *data)
{
    struct call *call = data;
    struct channel *channel = call->channel;
    add_call(call);
    serve(call);
    drop_call(call);
    close(call->fd);
    struct arena arena = call->arena; /* the call itself lives in it */
    arena_done(&arena);
    leave(channel);
    return NULL;
}

static bool enter(struct channel *channel)
{
    pthread_mutex_lock(&channel->lock);
    bool room = channel->active < MOST_AT_ONCE;
    channel->active += room;
    pthread_mutex_unlock(&channel->lock);
    return room;
}

static bool is_friend(int fd, uid_t *uid)
{
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
        return false;
    }
    *uid = peer.uid;
    return peer.uid == 0 || peer.uid == geteuid();
}

static void take(struct channel *channel, int fd)
{
    uid_t uid;
    if (!is_friend(fd, &uid) || !enter(channel)) {
        close(fd);
        return;
    }
    struct arena arena;
    arena_init(&arena);
    struct call *call = ARENA_NEW(&arena, struct call);
    call->channel = channel;
    call->fd = fd;
    call->uid = uid;
    call->arena = arena;
    wire_init(&call->wire, fd);
    pthread_attr_t detached;
    pthread_t thread;
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    if (pthread_create(&thread, &detached, run_call, call) != 0) {
        close(fd);
        arena = call->arena;
        arena_done(&arena);
        leave(channel);
    }
    pthread_attr_destroy(&detached);
}

static void *accept_calls(void *data)
{
    struct channel *channel = data;
    struct pollfd ready[2] = {{.fd = channel->fd, .events = POLLIN},
                              {.fd = channel->wake[0], .events = POLLIN}};
    while (poll(ready, 2, -1) >= 0 || errno == EINTR) {
        if (ready[1].revents != 0) {
            break;
        }
        int fd = ready[0].revents != 0 ? accept4(channel->fd, NULL, NULL, SOCK_CLOEXEC) : -1;
        if (fd >= 0) {
            take(channel, fd);
        }
    }
    return NULL;
}

static int listen_at(const char *data, int *out, struct err *e)
{
    struct sockaddr_un address;
    if (!wire_address(data, &address)) {
        return err_fail(e, ERR_INVALID, "",
                        "The path of the data directory is too long for a socket: %s.", data);
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return err_fail(e, ERR_INTERNAL, "", "Cannot make a socket: %s.", strerror(errno));
    }
    unlink(address.sun_path); /* of a process that ended; we hold the lock of the directory */
    mode_t before = umask(0177);
    int rc = bind(fd, (struct sockaddr *)&address, sizeof address);
    umask(before);
    if (rc != 0 || listen(fd, MOST_AT_ONCE) != 0) {
        err_fail(e, ERR_INTERNAL, "", "Cannot listen at %s: %s.", address.sun_path,
                 strerror(errno));
        close(fd);
        return -1;
    }
    *out = fd;
    return 0;
}

int channel_start(struct channel *channel, struct app *app, struct err *e)
{
    *channel = (struct channel){.app = app};
    if (listen_at(app->data, &channel->fd, e) != 0) {
        return -1;
    }
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&channel->lock, NULL);
    pthread_cond_init(&channel->idle, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (pipe(channel->wake) != 0 ||
        pthread_create(&channel->thread, NULL, accept_calls, channel) != 0) {
        close(channel->fd);
        return err_fail(e, ERR_INTERNAL, "", "Cannot start a thread.");
    }
    return 0;
}

void channel_stop(struct channel *channel, int limit_ms)
{
    struct sockaddr_un address;
    struct timespec until;
    if (write(channel->wake[1], "", 1) == 1) {
        pthread_join(channel->thread, NULL);
    }
    if (wire_address(channel->app->data, &address)) {
        unlink(address.sun_path);
    }
    close(channel->fd);
    close(channel->wake[0]);
    close(channel->wake[1]);
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += limit_ms / 1000 + 1;
    pthread_mutex_lock(&channel->lock);
    int rc = 0;
    while (channel->active > 0 && rc != ETIMEDOUT) {
        rc = pthread_cond_timedwait(&channel->idle, &channel->lock, &until);
    }
    if (channel->active > 0) {
        log_warn("%d command(s) did not end in time.", channel->active);
    }
    for (struct call *call = channel->calls; call != NULL; call = call->next) {
        shutdown(call->fd, SHUT_RDWR);
    }
    while (channel->active > 0) { /* they work with what is freed next */
        pthread_cond_wait(&channel->idle, &channel->lock);
    }
    pthread_mutex_unlock(&channel->lock);
}
