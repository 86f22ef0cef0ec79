/*
 * A command's way to the API. When a daemon holds the data directory it asks the daemon over the
 * private socket; else it opens store and model itself. Commands do not know the difference.
 */
#ifndef KONTOR_APP_CLIENT_H
#define KONTOR_APP_CLIENT_H

#include "app/app.h"

struct client_options {
    const char *data, *conf;
    const char *os_user;
    const char *as; /* e-mail or NULL */
    bool create;    /* make an absent database (init) */
    struct arena *messages; /* where those of a failure are; outlives the client */
};

struct client {
    struct client_options options;
    bool remote;
    bool cut;       /* the last answer did not come whole: the daemon may have ended */
    struct app app; /* when not remote */
};

struct client_request {
    const char *method, *target;
    const char *json;     /* body, NUL-terminated; NULL: none, or read */
    const char *if_match; /* NULL: none */
    long (*read)(void *data, void *out,
                 size_t room); /* streamed body: > 0, 0 the end, -1 failed (nothing is done then) */
    void *read_data;
    int (*sink)(void *data, const void *bytes,
                size_t n); /* of a good answer (2xx), in pieces; NULL: into answer->body */
    void *sink_data;
};

struct client_answer {
    int status;
    struct buf head; /* lines "Name: value\n" */
    struct buf body; /* all of it, unless it went into the sink */
    bool whole;
};

int client_open(struct client *client, const struct client_options *options, struct err *e);
void client_close(struct client *client);
/* 0 when there is a complete answer, of whatever status. */
int client_send(struct client *client, const struct client_request *request,
                struct client_answer *out, struct err *e);
void client_answer_done(struct client_answer *answer);

#endif
