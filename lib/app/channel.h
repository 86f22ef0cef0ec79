/*
 * The daemon's private door: kontor.sock in the data directory, for commands on this machine. The
 * kernel says who is at the other end; only the daemon's own user and root are let in, and they may
 * act as the system. One request per connection.
 */
#ifndef KONTOR_APP_CHANNEL_H
#define KONTOR_APP_CHANNEL_H

#include "app/app.h"

struct channel {
    struct app *app;
    int fd;
    int wake[2]; /* a byte here ends the accepting thread */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t idle;
    int active; /* guarded by lock */
    struct call *calls; /* guarded by lock */
};

int channel_start(struct channel *channel, struct app *app, struct err *e);
/* Lets nobody in any more and waits for what is running. After limit_ms connections are shut, which
 * ends whoever waits for the other end; no thread is left behind. */
void channel_stop(struct channel *channel, int limit_ms);

#endif
