/* See address.h. */
#include "app/address.h"

#include <string.h>

#include "base/str.h"

static const char *first_host(const struct settings *s)
{
    for (size_t i = 0; i < s->hosts.count; i++) {
        if (strcmp(s->hosts.items[i], "*") != 0) {
            return s->hosts.items[i];
        }
    }
    return NULL;
}

/* The host of "host:port"; NULL when that is any address of this machine. */
static const char *listen_host(struct arena *a, const char *listen, const char *colon)
{
    bool any = colon == listen || listen[0] == '+' || str_starts(listen, "0.0.0.0:") ||
               str_starts(listen, "[::]:");
    return any ? NULL : arena_strndup(a, listen, (size_t)(colon - listen));
}

const char *address_public(struct arena *a, const struct settings *s, const char *listen, int port)
{
    bool tls = s->tls_certificate[0] != 0, proxy = s->trusted_proxies.count > 0;
    const char *scheme = tls || proxy ? "https" : "http";
    const char *host = first_host(s), *colon = strrchr(listen, ':');
    int64_t number = port;
    bool known = colon != NULL && (port != 0 || str_to_int(colon + 1, &number) == 0) && number > 0;
    if (host != NULL && strchr(host, ':') != NULL && host[0] != '[') {
        host = arena_printf(a, "[%s]", host);
    }
    if (host == NULL && !proxy && known) {
        host = listen_host(a, listen, colon);
    }
    if (host == NULL || (!known && !proxy)) {
        return "";
    }
    return proxy || number == (tls ? 443 : 80)
               ? arena_printf(a, "%s://%s", scheme, host)
               : arena_printf(a, "%s://%s:%lld", scheme, host, (long long)number);
}
