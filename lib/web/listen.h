/* The address to listen on: whether it is written well, and why the system refused it. */
#ifndef KONTOR_WEB_LISTEN_H
#define KONTOR_WEB_LISTEN_H

struct err;

/* One address with a port ("127.0.0.1:8080", "[::1]:8080", "localhost:8080"), or a port alone for all
 * addresses ("8080"; "+8080" with IPv6). */
int listen_check(const char *listen, struct err *e);
/* The server could not listen there: tries the address itself and says what stands in the way.
 * Always -1. */
int listen_refuse(const char *listen, struct err *e);

#endif
