/* Which names and addresses are ours, which proxies are believed. Read-only after hosts_init. */
#ifndef KONTOR_WEB_HOSTS_H
#define KONTOR_WEB_HOSTS_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct web_settings;

struct hosts {
    const char **names; /* lower case, without port and brackets */
    size_t count;
    bool any;
    const char *const *proxies;
    size_t proxy_count;
};

/* Names from the settings; without any: host name, its names in /etc/hosts, own addresses,
 * localhost. */
void hosts_init(struct hosts *h, struct arena *a, const struct web_settings *settings);
/* `authority` is a Host header: name or address with an optional port. */
bool hosts_has(const struct hosts *h, const char *authority);
/* Well-formed: reg-name, IPv4 or [IPv6], then optionally ":port". */
bool hosts_is_authority(const char *authority);
bool hosts_is_proxy(const struct hosts *h, const char *address);

#endif
