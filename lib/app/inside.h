/* A request from a command, run against the API in this process: by the daemon for its channel, by
 * a command itself when no daemon runs. */
#ifndef KONTOR_APP_INSIDE_H
#define KONTOR_APP_INSIDE_H

#include "app/app.h"

/* Where the answer goes. begin comes once, before the first piece. Each 0/-1. */
struct inside_sink {
    int (*begin)(void *data, int status, const char *head); /* head: lines "Name: value\r\n" */
    int (*piece)(void *data, const void *bytes, size_t n);
    int (*end)(void *data, bool whole);
    void *data;
};

struct inside_request {
    const char *method;
    const char *target;  /* path with its query, as in a URL */
    const char *os_user; /* who runs the command */
    const char *as;      /* e-mail of the user to act as; NULL: the system, with all rights */
    const char *(*header)(void *io, const char *name);
    long (*read)(void *io, void *out, size_t room); /* as in struct request */
    void *io;
};

/* 0, or -1 when the sink failed. */
int inside_run(struct app *app, const struct inside_request *request,
               const struct inside_sink *sink);

#endif
