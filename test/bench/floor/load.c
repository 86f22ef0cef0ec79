/*
 * load: sends requests over kept-alive connections and measures how they are answered. One thread;
 * each connection sends its next request when the last one was answered.
 *
 *   load port=8080 path=/api/v1/contacts/%d [key=value…]
 *     c=16           connections
 *     s=2 / n=1000   ends after so many seconds / requests, in any case when told by SIGTERM
 *     r=1-1000       %d in path and body: a random number of the range
 *     lines=FILE     %s in path and body: a random line of the file
 *     method=GET body=TEXT head=LINE (several)      %n in the body: a number used once
 *     expect=200     any other status counts as failed
 *     pid=PID        its CPU time is read before and after
 *     think=MS       each connection waits so long before its next request
 *
 * Prints one line of JSON: requests, failed, seconds, cpu_us (per request), p50_ms, p95_ms, p99_ms,
 * max_ms, bytes (of the last answer). Used by test/bench only.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ROOM (1 << 20)

struct options {
    int port, connections, expect, pid, think_ms;
    double seconds;
    long requests;
    long low, high;
    const char *path, *method, *body;
    char head[4096];
    char **lines;
    size_t line_count;
};

struct connection {
    int fd;
    bool waits;      /* for an answer */
    double sent_at;  /* or, while it does not wait, when it may send again */
    size_t got, head_size, body_size;
    char *in;
};

struct run {
    struct options o;
    struct connection *connections;
    int poll;
    float *times; /* seconds */
    size_t count, room, failed, started;
    size_t last_bytes;
    int first_bad;
    char bad_text[200];
};

static uint64_t random_state = 88172645463325252u;

static uint64_t next_random(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double cpu_of(int pid)
{
    clockid_t clock;
    struct timespec t = {0};
    if (pid == 0 || clock_getcpuclockid(pid, &clock) != 0) {
        return 0;
    }
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void die(const char *what)
{
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void *take(size_t size)
{
    void *p = calloc(1, size);
    if (p == NULL) {
        die("memory");
    }
    return p;
}

/* ---- options --------------------------------------------------------------------------------- */

static void read_lines(struct options *o, const char *path)
{
    FILE *f = fopen(path, "r");
    char *line = NULL;
    size_t size = 0, room = 0;
    ssize_t n;
    if (f == NULL) {
        die(path);
    }
    while ((n = getline(&line, &size, f)) > 0) {
        line[n - 1] = line[n - 1] == '\n' ? 0 : line[n - 1];
        if (o->line_count == room) {
            room = room ? 2 * room : 1024;
            o->lines = realloc(o->lines, room * sizeof *o->lines);
        }
        o->lines[o->line_count++] = strdup(line);
    }
    free(line);
    fclose(f);
}

static bool option(const char *arg, const char *name, const char **value)
{
    size_t n = strlen(name);
    bool found = strncmp(arg, name, n) == 0 && arg[n] == '=';
    *value = found ? arg + n + 1 : *value;
    return found;
}

static void read_options(struct options *o, int argc, char **argv)
{
    *o = (struct options){
        .connections = 16, .expect = 200, .seconds = 2, .method = "GET", .path = "/", .body = ""};
    for (int i = 1; i < argc; i++) {
        const char *v = "";
        if (option(argv[i], "port", &v)) {
            o->port = atoi(v);
        } else if (option(argv[i], "c", &v)) {
            o->connections = atoi(v);
        } else if (option(argv[i], "s", &v)) {
            o->seconds = atof(v);
        } else if (option(argv[i], "n", &v)) {
            o->requests = atol(v);
        } else if (option(argv[i], "r", &v)) {
            sscanf(v, "%ld-%ld", &o->low, &o->high);
        } else if (option(argv[i], "lines", &v)) {
            read_lines(o, v);
        } else if (option(argv[i], "expect", &v)) {
            o->expect = atoi(v);
        } else if (option(argv[i], "pid", &v)) {
            o->pid = atoi(v);
        } else if (option(argv[i], "think", &v)) {
            o->think_ms = atoi(v);
        } else if (option(argv[i], "head", &v)) {
            strncat(o->head, v, sizeof o->head - strlen(o->head) - 3);
            strcat(o->head, "\r\n");
        } else if (!option(argv[i], "path", &o->path) && !option(argv[i], "method", &o->method) &&
                   !option(argv[i], "body", &o->body)) {
            fprintf(stderr, "load: unknown option %s\n", argv[i]);
            exit(2);
        }
    }
}

/* ---- one request ----------------------------------------------------------------------------- */

/* Puts numbers and lines in place of %d, %s and %n. */
static size_t fill_in(struct run *r, const char *template, char *out, size_t room)
{
    const struct options *o = &r->o;
    size_t n = 0;
    for (const char *p = template; *p != 0 && n + 400 < room; p++) {
        if (p[0] == '%' && p[1] == 'd') {
            long span = o->high - o->low + 1;
            n += (size_t)sprintf(out + n, "%ld",
                                 o->low + (long)(next_random() % (uint64_t)(span > 0 ? span : 1)));
            p++;
        } else if (p[0] == '%' && p[1] == 's' && o->line_count > 0) {
            n += (size_t)snprintf(out + n, 300, "%s", o->lines[next_random() % o->line_count]);
            p++;
        } else if (p[0] == '%' && p[1] == 'n') {
            n += (size_t)sprintf(out + n, "%d-%zu", (int)getpid(), r->started);
            p++;
        } else {
            out[n++] = *p;
        }
    }
    out[n] = 0;
    return n;
}

static void send_next(struct run *r, struct connection *c)
{
    char path[4096], body[4096], request[16384];
    const struct options *o = &r->o;
    r->started++;
    fill_in(r, o->path, path, sizeof path);
    size_t size = fill_in(r, o->body, body, sizeof body);
    int n = snprintf(request, sizeof request, "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%s", o->method,
                     path, o->port, o->head);
    if (size > 0) {
        n += snprintf(request + n, sizeof request - (size_t)n,
                      "Content-Type: application/json\r\nContent-Length: %zu\r\n", size);
    }
    n += snprintf(request + n, sizeof request - (size_t)n, "\r\n%s", body);
    c->got = c->head_size = c->body_size = 0;
    c->waits = true;
    c->sent_at = now();
    if (send(c->fd, request, (size_t)n, MSG_NOSIGNAL) != n) {
        die("send");
    }
}

/* True when the answer is whole. */
static bool is_whole(struct connection *c)
{
    if (c->head_size == 0) {
        c->in[c->got] = 0;
        const char *end = strstr(c->in, "\r\n\r\n");
        if (end == NULL) {
            return false;
        }
        c->head_size = (size_t)(end - c->in) + 4;
        const char *length = strcasestr(c->in, "\r\nContent-Length:");
        c->body_size = length != NULL && length < end ? (size_t)atol(length + 17) : 0;
        if (c->head_size + c->body_size > ROOM) {
            die("an answer is too large");
        }
    }
    return c->got >= c->head_size + c->body_size;
}

static void take_answer(struct run *r, struct connection *c)
{
    int status = atoi(c->in + 9);
    if (r->count == r->room) {
        r->room = r->room ? 2 * r->room : 65536;
        r->times = realloc(r->times, r->room * sizeof *r->times);
    }
    double at = now();
    r->times[r->count++] = (float)(at - c->sent_at);
    r->last_bytes = c->body_size;
    if (status != r->o.expect && r->failed++ == 0) {
        r->first_bad = status;
        snprintf(r->bad_text, sizeof r->bad_text, "%.*s", (int)c->body_size, c->in + c->head_size);
    }
    c->waits = false;
    c->sent_at = at + r->o.think_ms * 1e-3;
}

static void receive(struct run *r, struct connection *c)
{
    ssize_t n = recv(c->fd, c->in + c->got, ROOM - c->got, MSG_DONTWAIT);
    if (n == 0 || (n < 0 && errno != EAGAIN)) {
        die("the server closed a connection");
    }
    c->got += n > 0 ? (size_t)n : 0;
    if (n > 0 && is_whole(c)) {
        take_answer(r, c);
    }
}

/* ---- the run --------------------------------------------------------------------------------- */

static void open_all(struct run *r)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)r->o.port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int one = 1;
    r->poll = epoll_create1(0);
    r->connections = take((size_t)r->o.connections * sizeof *r->connections);
    for (int i = 0; i < r->o.connections; i++) {
        struct connection *c = &r->connections[i];
        c->in = take(ROOM + 1);
        c->fd = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(c->fd, (struct sockaddr *)&to, sizeof to) != 0) {
            die("connect");
        }
        setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        epoll_ctl(r->poll, EPOLL_CTL_ADD, c->fd,
                  &(struct epoll_event){.events = EPOLLIN, .data.ptr = c});
    }
}

/* Sends on every connection that is free; the number that wait for an answer. */
static int send_all(struct run *r, bool more)
{
    int waiting = 0;
    double at = now();
    for (int i = 0; i < r->o.connections; i++) {
        struct connection *c = &r->connections[i];
        if (!c->waits && more && c->sent_at <= at) {
            send_next(r, c);
        }
        waiting += c->waits;
    }
    return waiting;
}

static volatile sig_atomic_t told;

static void on_signal(int number)
{
    told = number;
}

static void go(struct run *r)
{
    struct epoll_event events[64];
    double end = now() + r->o.seconds;
    for (bool more = true;;) {
        more = more && told == 0 &&
               (r->o.requests > 0 ? r->started < (size_t)r->o.requests : now() < end);
        int waiting = send_all(r, more);
        if (waiting == 0 && !more) {
            return;
        }
        int n = epoll_wait(r->poll, events, 64, r->o.think_ms > 0 ? 1 : 1000);
        for (int i = 0; i < n; i++) {
            struct connection *c = events[i].data.ptr;
            receive(r, c);
            bool again = r->o.requests > 0 ? r->started < (size_t)r->o.requests : true;
            if (!c->waits && more && again && r->o.think_ms == 0) {
                send_next(r, c);
            }
        }
    }
}

static int by_size(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return x < y ? -1 : x > y;
}

static double part(const struct run *r, double share)
{
    return r->count > 0 ? 1e3 * (double)r->times[(size_t)(share * (double)(r->count - 1) + 0.5)] : 0;
}

int main(int argc, char **argv)
{
    struct run r = {0};
    read_options(&r.o, argc, argv);
    random_state ^= (uint64_t)getpid() * 0x9e3779b97f4a7c15u;
    open_all(&r);
    signal(SIGTERM, on_signal);
    double cpu = cpu_of(r.o.pid), start = now();
    go(&r);
    double seconds = now() - start;
    cpu = cpu_of(r.o.pid) - cpu;
    qsort(r.times, r.count, sizeof *r.times, by_size);
    printf("{\"requests\":%zu,\"failed\":%zu,\"seconds\":%.3f,\"cpu_us\":%.2f,\"p50_ms\":%.3f,"
           "\"p95_ms\":%.3f,\"p99_ms\":%.3f,\"max_ms\":%.3f,\"bytes\":%zu,\"bad\":%d}\n",
           r.count, r.failed, seconds, r.count > 0 ? cpu * 1e6 / (double)r.count : 0, part(&r, 0.5),
           part(&r, 0.95), part(&r, 0.99), part(&r, 1), r.last_bytes, r.first_bad);
    if (r.failed > 0) {
        fprintf(stderr, "load: status %d: %s\n", r.first_bad, r.bad_text);
    }
    return 0;
}
