/*
 * What goes over the private socket between a command and the daemon. Request and answer have the
 * same form: a head of text lines ended by an empty one, then the body in frames: four bytes of
 * length (big end first), then as many bytes; length 0 is the end, 0xFFFFFFFF says that the sender
 * gave up. A connection that closes before the end was cut.
 *
 *   POST /api/v1/imports?dry_run=1            201
 *   X-Kontor-User: root                       X-Kontor-Change: 17
 */
#ifndef KONTOR_APP_WIRE_H
#define KONTOR_APP_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WIRE_HEAD_SIZE 16384

struct wire {
    int fd;
    size_t at, size; /* unread part of buffer */
    uint32_t left;   /* of the present frame */
    bool ended;      /* the end frame was read */
    char buffer[65536];
};

void wire_init(struct wire *w, int fd);
/* Text up to the empty line, NUL-terminated, without the empty line. 0/-1. */
int wire_read_head(struct wire *w, char out[WIRE_HEAD_SIZE]);
/* Body bytes: > 0, 0 at the end, -1 cut off. */
long wire_read(struct wire *w, void *out, size_t room);
int wire_send(int fd, const void *bytes, size_t n);  /* as they are */
int wire_frame(int fd, const void *bytes, size_t n); /* n 0: nothing is sent */
int wire_end(int fd, bool whole);
/* Address of the socket in a data directory; false when the path is too long for one. */
struct sockaddr_un;
bool wire_address(const char *data, struct sockaddr_un *out);

#endif
