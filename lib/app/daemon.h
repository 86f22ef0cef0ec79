/* `kontor serve`: everything in order, until a signal ends it. */
#ifndef KONTOR_APP_DAEMON_H
#define KONTOR_APP_DAEMON_H

#include <stdbool.h>

struct arena;
struct err;

struct daemon_options {
    const char *data, *conf;
    const char *listen;     /* instead of the setting; NULL: the setting */
    const char *static_dir; /* UI files from disk; NULL: the embedded ones */
    struct arena *messages; /* where those of a failed start are */
    bool insecure_http;     /* plain HTTP off this machine is wanted */
};

#define DAEMON_FATAL                                                                               \
    74 /* exit code after an I/O error of the database: a restart recovers what was acknowledged   \
        */

/* 0 after an orderly stop; -1 with e filled when it could not start. Prints "ready URL" on standard
 * output, and while nobody can sign in "setup URL" with a one-time code. Does not return after a
 * fatal error of the store. */
int daemon_run(const struct daemon_options *options, struct err *e);

#endif
