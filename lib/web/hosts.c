/* See hosts.h. A browser that was lured to our address under a foreign name (DNS rebinding) sends
 * that name: it is refused. */
#include "web/hosts.h"

#include <ctype.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "web/web.h"

#define NAMES_MAX 64

static void add(struct hosts *h, struct arena *a, const char *name)
{
    if (h->count == NAMES_MAX || name[0] == 0) {
        return;
    }
    char *copy = arena_strdup(a, name);
    for (char *p = copy; *p != 0; p++) {
        *p = (char)tolower((unsigned char)*p);
    }
    h->names[h->count++] = copy;
}

/* Every name of the lines of /etc/hosts that name this machine (its full name is there, and no
 * resolver is asked). */
static void add_aliases(struct hosts *h, struct arena *a, const char *own)
{
    FILE *file = fopen("/etc/hosts", "re");
    if (file == NULL) {
        return;
    }
    char line[512];
    while (fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "#\n")] = 0;
        char *words[16];
        size_t count = 0;
        bool ours = false;
        for (char *save = NULL, *word = strtok_r(line, " \t", &save); word != NULL && count < 16;
             word = strtok_r(NULL, " \t", &save)) {
            ours = ours || strcasecmp(word, own) == 0;
            words[count++] = word;
        }
        for (size_t i = 1; ours && i < count; i++) {
            add(h, a, words[i]);
        }
    }
    fclose(file);
}

static void add_addresses(struct hosts *h, struct arena *a)
{
    struct ifaddrs *all = NULL;
    if (getifaddrs(&all) != 0) {
        return;
    }
    for (struct ifaddrs *one = all; one != NULL; one = one->ifa_next) {
        int family = one->ifa_addr != NULL ? one->ifa_addr->sa_family : AF_UNSPEC;
        socklen_t size =
            family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
        char text[80];
        if ((family == AF_INET || family == AF_INET6) &&
            getnameinfo(one->ifa_addr, size, text, sizeof text, NULL, 0, NI_NUMERICHOST) == 0) {
            text[strcspn(text, "%")] = 0;
            add(h, a, text);
        }
    }
    freeifaddrs(all);
}

void hosts_init(struct hosts *h, struct arena *a, const struct web_settings *settings)
{
    *h = (struct hosts){.names = ARENA_ARRAY(a, const char *, NAMES_MAX),
                        .proxies = settings->proxies,
                        .proxy_count = settings->proxy_count};
    for (size_t i = 0; i < settings->host_count; i++) {
        h->any = h->any || strcmp(settings->hosts[i], "*") == 0;
        add(h, a, settings->hosts[i]);
    }
    add(h, a, "localhost");
    add(h, a, "127.0.0.1");
    add(h, a, "::1");
    if (settings->host_count > 0) {
        return;
    }
    char own[256] = "";
    gethostname(own, sizeof own - 1);
    add(h, a, own);
    add_aliases(h, a, own);
    add_addresses(h, a);
}

/* Length of the host part, its start in *name; 0 when malformed. */
static size_t host_part(const char *authority, const char **name, const char **rest)
{
    const char *end;
    if (authority[0] == '[') {
        end = strchr(authority, ']');
        *name = authority + 1;
        if (end == NULL || strspn(*name, "0123456789abcdefABCDEF:.") != (size_t)(end - *name)) {
            return 0;
        }
        *rest = end + 1;
        return (size_t)(end - *name);
    }
    *name = authority;
    end = authority;
    while (isalnum((unsigned char)*end) || *end == '.' || *end == '-' || *end == '_') {
        end++;
    }
    *rest = end;
    return (size_t)(end - authority);
}

bool hosts_is_authority(const char *authority)
{
    const char *name, *rest;
    size_t n = host_part(authority, &name, &rest);
    if (n == 0 || n > 255) {
        return false;
    }
    if (*rest == 0) {
        return true;
    }
    size_t digits = strspn(rest + 1, "0123456789");
    return *rest == ':' && digits >= 1 && digits <= 5 && rest[1 + digits] == 0;
}

bool hosts_has(const struct hosts *h, const char *authority)
{
    const char *name, *rest;
    size_t n = host_part(authority, &name, &rest);
    if (h->any) {
        return n > 0;
    }
    for (size_t i = 0; i < h->count; i++) {
        if (strlen(h->names[i]) == n && strncasecmp(h->names[i], name, n) == 0) {
            return true;
        }
    }
    return false;
}

bool hosts_is_proxy(const struct hosts *h, const char *address)
{
    for (size_t i = 0; i < h->proxy_count; i++) {
        if (strcmp(h->proxies[i], address) == 0) {
            return true;
        }
    }
    return false;
}
