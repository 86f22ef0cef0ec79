/*
 * See listen.h. civetweb says only that it could not start; the system tells whoever asks once more
 * with the same address, by errno.
 */
#include "web/listen.h"

#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"

struct place {
    char host[256]; /* "" for all addresses */
    char port[8];
};

static bool is_port(const char *text)
{
    int64_t port;
    return strlen(text) <= 5 && strspn(text, "0123456789") == strlen(text) &&
           str_to_int(text, &port) == 0 && port <= 65535;
}

/* "[::1]" without its brackets, a name or IPv4 address as it is. False: neither. */
static bool take_host(const char *text, size_t n, char host[256])
{
    bool brackets = n > 2 && text[0] == '[' && text[n - 1] == ']';
    text += brackets;
    n -= brackets ? 2 : 0;
    if (n == 0 || n > 255) {
        return false;
    }
    snprintf(host, 256, "%.*s", (int)n, text);
    const char *signs = brackets ? "0123456789abcdefABCDEF:.%"
                                 : "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
    return strspn(host, signs) == n;
}

static bool split(const char *listen, struct place *out)
{
    const char *colon = strrchr(listen, ':');
    const char *port = colon != NULL ? colon + 1 : listen + (listen[0] == '+');
    *out = (struct place){0};
    if (!is_port(port) ||
        (colon != NULL && !take_host(listen, (size_t)(colon - listen), out->host))) {
        return false;
    }
    snprintf(out->port, sizeof out->port, "%s", port);
    return true;
}

int listen_check(const char *listen, struct err *e)
{
    struct place place;
    return split(listen, &place)
               ? 0
               : err_fail(e, ERR_INVALID, "listen",
                          "“%.100s” is no address with a port, such as 127.0.0.1:8080 or [::]:8443.",
                          listen);
}

/* What stands in the way, by errno. */
static const struct {
    int error;
    const char *text;
} REASONS[] = {
    {EADDRINUSE, "another program listens there already"},
    {EADDRNOTAVAIL, "that is no address of this machine"},
    {EACCES, "ports below 1024 are kept for root; take a higher one, or give the right to it "
             "(CAP_NET_BIND_SERVICE)"},
    {EAFNOSUPPORT, "this machine does not have that kind of address (IPv6)"},
    {0, NULL},
};

static const char *reason_of(int error)
{
    size_t i = 0;
    while (REASONS[i].text != NULL && REASONS[i].error != error) {
        i++;
    }
    return REASONS[i].text != NULL ? REASONS[i].text : strerror(error);
}

/* 0: one could listen there. */
static int try_address(const struct addrinfo *address)
{
    static const int on = 1;
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return errno;
    }
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    int rc = bind(fd, address->ai_addr, address->ai_addrlen) == 0 ? listen(fd, 1) : -1;
    int error = rc == 0 ? 0 : errno;
    close(fd);
    return error;
}

int listen_refuse(const char *listen, struct err *e)
{
    struct place place;
    struct addrinfo *found = NULL;
    const struct addrinfo wanted = {.ai_socktype = SOCK_STREAM,
                                    .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    if (!split(listen, &place)) {
        return listen_check(listen, e);
    }
    if (getaddrinfo(place.host[0] != '\0' ? place.host : NULL, place.port, &wanted, &found) != 0) {
        return err_fail(e, ERR_INVALID, "listen", "Cannot listen on %s: %s is no known address.",
                        listen, place.host);
    }
    int error = try_address(found);
    freeaddrinfo(found);
    return err_fail(e, ERR_INVALID, "listen", "Cannot listen on %s: %s.", listen,
                    error != 0 ? reason_of(error) : "the server could not be started");
}
