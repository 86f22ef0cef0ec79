/* The address people reach this server at, for links that are handed on. */
#ifndef KONTOR_APP_ADDRESS_H
#define KONTOR_APP_ADDRESS_H

#include "app/settings.h"
#include "base/arena.h"

/*
 * "https://crm.example.com": the first of the settings' hosts, else the address in `listen`. `port`
 * is the one really listened on; 0: the one in `listen`. Behind a proxy the hosts are the proxy's,
 * and it encrypts. "" when it is not known: any address, a free port, a proxy without a name.
 */
const char *address_public(struct arena *a, const struct settings *s, const char *listen, int port);

#endif
