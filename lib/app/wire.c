/* See wire.h. */
#include "app/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define GAVE_UP UINT32_MAX

void wire_init(struct wire *w, int fd)
{
    w->fd = fd;
    w->at = w->size = 0;
    w->left = 0;
    w->ended = false;
}

/* 0 when there are unread bytes, -1 at the end of the connection. */
static int fill(struct wire *w)
{
    if (w->at < w->size) {
        return 0;
    }
    ssize_t n;
    do {
        n = recv(w->fd, w->buffer, sizeof w->buffer, 0);
    } while (n < 0 && errno == EINTR);
    w->at = 0;
    w->size = n > 0 ? (size_t)n : 0;
    return n > 0 ? 0 : -1;
}

int wire_read_head(struct wire *w, char out[WIRE_HEAD_SIZE])
{
    size_t n = 0;
    while (n + 1 < WIRE_HEAD_SIZE) {
        if (fill(w) != 0) {
            return -1;
        }
        char c = w->buffer[w->at++];
        if (c == 0) {
            return -1;
        }
        if (c == '\n' && n > 0 && out[n - 1] == '\n') {
            out[n] = 0;
            return 0;
        }
        out[n++] = c;
    }
    return -1;
}

static int read_length(struct wire *w)
{
    unsigned char bytes[4];
    for (size_t i = 0; i < sizeof bytes; i++) {
        if (fill(w) != 0) {
            return -1;
        }
        bytes[i] = (unsigned char)w->buffer[w->at++];
    }
    w->left =
        (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
    w->ended = w->left == 0;
    return w->left == GAVE_UP ? -1 : 0;
}

long wire_read(struct wire *w, void *out, size_t room)
{
    if (w->ended || room == 0) {
        return 0;
    }
    if (w->left == 0 && read_length(w) != 0) {
        w->left = GAVE_UP;
        return -1;
    }
    if (w->ended) {
        return 0;
    }
    if (w->left == GAVE_UP || fill(w) != 0) {
        w->left = GAVE_UP;
        return -1;
    }
    size_t n = w->size - w->at;
    n = n < w->left ? n : w->left;
    n = n < room ? n : room;
    memcpy(out, w->buffer + w->at, n);
    w->at += n;
    w->left -= (uint32_t)n;
    return (long)n;
}

int wire_send(int fd, const void *bytes, size_t n)
{
    const char *p = bytes;
    while (n > 0) {
        ssize_t sent = send(fd, p, n, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) {
            continue;
        }
        if (sent <= 0) {
            return -1;
        }
        p += sent;
        n -= (size_t)sent;
    }
    return 0;
}

int wire_frame(int fd, const void *bytes, size_t n)
{
    const char *p = bytes;
    while (n > 0) {
        size_t part = n < (1u << 30) ? n : 1u << 30;
        uint32_t length = htonl((uint32_t)part);
        if (wire_send(fd, &length, sizeof length) != 0 || wire_send(fd, p, part) != 0) {
            return -1;
        }
        p += part;
        n -= part;
    }
    return 0;
}

int wire_end(int fd, bool whole)
{
    uint32_t length = htonl(whole ? 0 : GAVE_UP);
    return wire_send(fd, &length, sizeof length);
}

bool wire_address(const char *data, struct sockaddr_un *out)
{
    memset(out, 0, sizeof *out);
    out->sun_family = AF_UNIX;
    int n = snprintf(out->sun_path, sizeof out->sun_path, "%s/kontor.sock", data);
    return n > 0 && (size_t)n < sizeof out->sun_path;
}
