/* See settings.h. */
#include "app/settings.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "base/yaml.h"

/* A sanitizer's shadow memory makes a thousand threads too many for a small machine. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define THREADS "32"
#else
#define THREADS "1024"
#endif

#define AT(member) offsetof(struct settings, member)
#define HOUR       3600000LL

const struct setting SETTINGS[] = {
    {"listen", SETTING_TEXT, AT(listen), "127.0.0.1:8080", 0, 0, NULL, true,
     "Address and port to serve on; off this machine a certificate is needed"},
    {"tls_certificate", SETTING_TEXT, AT(tls_certificate), "", 0, 0, NULL, true,
     "PEM file with the certificate and its chain"},
    {"tls_key", SETTING_TEXT, AT(tls_key), "", 0, 0, NULL, true,
     "PEM file with the certificate's key"},
    {"hosts", SETTING_LIST, AT(hosts), "", 0, 0, NULL, true,
     "Names browsers may use for this server; without any its host name and addresses"},
    {"trusted_proxies", SETTING_LIST, AT(trusted_proxies), "", 0, 0, NULL, true,
     "Addresses of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed"},
    {"threads", SETTING_INTEGER, AT(threads), THREADS, 4, 4096, NULL, true,
     "Connections served at the same time"},
    {"connections_per_address", SETTING_INTEGER, AT(connections_per_address), "0", 0, 4096, NULL,
     true, "Connections of one address served at the same time; 0: half of the threads"},
    {"password_cost", SETTING_CHOICE, AT(password_cost), "normal", 0, 0, "normal low", false,
     "Work for one guess at a password; low is for tests"},
    {"session_idle", SETTING_DURATION, AT(session_idle), "8 hours", 60000, 8784 * HOUR, NULL, false,
     "A session ends when it is not used for so long"},
    {"session_max", SETTING_DURATION, AT(session_max), "14 days", 60000, 8784 * HOUR, NULL, false,
     "A session ends after so long in any case"},
    {"file_max", SETTING_INTEGER, AT(file_max), "100", 1, 10240, NULL, false,
     "Megabytes one attached file may have"},
    {"files_quota", SETTING_INTEGER, AT(files_quota), "20480", 1, 100000000, NULL, false,
     "Megabytes all attached files together may have"},
    {"log_level", SETTING_CHOICE, AT(log_level), "info", 0, 0, "error warn info debug", false,
     "What is written to the log"},
    {NULL, SETTING_NONE, 0, NULL, 0, 0, NULL, false, NULL},
};

/* Keys of kontor.yaml that belong to the model, and words for them, which it refuses itself. */
static const char *const OTHERS[] = {"name", "currency", "zone", "country", "rates",
                                     "remind_at", NULL};
static const char *const SYNONYMS[] = {"company", "currencies"};

static const struct setting *setting_find(const char *key)
{
    for (const struct setting *s = SETTINGS; s->key != NULL; s++) {
        if (strcmp(s->key, key) == 0) {
            return s;
        }
    }
    return NULL;
}

int settings_duration(const char *text, int64_t *out)
{
    static const struct {
        const char *name;
        int64_t ms;
    } units[] = {{"minute", 60000}, {"hour", HOUR}, {"day", 24 * HOUR}, {"week", 168 * HOUR}};
    int64_t n;
    size_t digits = strspn(text, "0123456789");
    char number[12];
    if (digits == 0 || digits > 9) {
        return -1;
    }
    memcpy(number, text, digits);
    number[digits] = 0;
    const char *unit = text + digits + strspn(text + digits, " ");
    for (size_t i = 0; i < COUNT(units); i++) {
        size_t size = strlen(units[i].name);
        if (strncmp(unit, units[i].name, size) == 0 &&
            (unit[size] == 0 || str_eq(unit + size, "s"))) {
            return str_to_int(number, &n) != 0 ? -1 : (*out = n * units[i].ms, 0);
        }
    }
    return -1;
}

static bool has_word(const char *words, const char *word)
{
    size_t n = strlen(word);
    for (const char *p = words; *p != 0; p += strcspn(p, " "), p += *p == ' ') {
        if (strcspn(p, " ") == n && strncmp(p, word, n) == 0) {
            return true;
        }
    }
    return false;
}

/* A scalar into its member; NULL when it fits, else what would be right. */
static const char *put_text(struct arena *a, const struct setting *s, const char *text,
                            struct settings *out)
{
    char *at = (char *)out + s->at;
    int64_t n = 0;
    int rc = 0;
    switch (s->type) {
    case SETTING_INTEGER:
    case SETTING_DURATION:
        rc = s->type == SETTING_INTEGER ? str_to_int(text, &n) : settings_duration(text, &n);
        if (rc != 0 || n < s->min || n > s->max) {
            return s->type == SETTING_DURATION ? "a duration such as \"8 hours\" or \"14 days\""
                                               : arena_printf(a, "a whole number from %lld to %lld",
                                                              (long long)s->min, (long long)s->max);
        }
        memcpy(at, &n, sizeof n);
        return NULL;
    case SETTING_CHOICE:
        if (!has_word(s->choices, text)) {
            return arena_printf(a, "one of: %s", s->choices);
        }
        break;
    default:
        break;
    }
    const char *copy = arena_strdup(a, text);
    memcpy(at, &copy, sizeof copy);
    return NULL;
}

static void put_list(struct settings *out, const struct setting *s, const char **items,
                     size_t count)
{
    const struct text_list list = {items, count};
    memcpy((char *)out + s->at, &list, sizeof list);
}

static void put_default(struct arena *a, const struct setting *s, struct settings *out)
{
    if (s->type == SETTING_LIST) {
        put_list(out, s, NULL, 0);
    } else {
        put_text(a, s, s->initial, out);
    }
}

/* A list, or one item written as a scalar. */
static int read_list(struct arena *a, const struct setting *s, const struct yaml *node,
                     struct settings *out, struct err *e)
{
    const char **items = ARENA_ARRAY(a, const char *, node->count + 1);
    size_t count = 0;
    if (node->type == YAML_SCALAR) {
        items[count++] = arena_strdup(a, node->text);
    }
    for (const struct yaml *item = node->type == YAML_LIST ? node->child : NULL; item != NULL;
         item = item->next) {
        if (item->type != YAML_SCALAR) {
            return err_add(e, a, ERR_INVALID, yaml_where(a, item), "%s is a list of plain texts.",
                           s->key);
        }
        items[count++] = arena_strdup(a, item->text);
    }
    put_list(out, s, items, count);
    return node->type == YAML_MAP ? err_add(e, a, ERR_INVALID, yaml_where(a, node),
                                            "%s is a list of plain texts.", s->key)
                                  : 0;
}

static int unknown_key(struct arena *a, const struct yaml *node, struct err *e)
{
    const char *names[COUNT(SETTINGS) + COUNT(OTHERS)];
    size_t count = 0;
    for (size_t i = 0; i < COUNT(SYNONYMS); i++) {
        if (strcmp(SYNONYMS[i], node->key) == 0) {
            return 0;
        }
    }
    for (const struct setting *s = SETTINGS; s->key != NULL; s++) {
        names[count++] = s->key;
    }
    for (size_t i = 0; OTHERS[i] != NULL; i++) {
        if (strcmp(OTHERS[i], node->key) == 0) {
            return 0;
        }
        names[count++] = OTHERS[i];
    }
    const char *near = str_nearest(node->key, names, count);
    const char *hint = near != NULL ? arena_printf(a, "; did you mean \"%s\"?", near) : ".";
    return err_add(e, a, ERR_INVALID, yaml_key_where(a, node), "There is no setting \"%s\"%s",
                   node->key, hint);
}

static int read_one(struct arena *a, const struct yaml *node, struct settings *out, struct err *e)
{
    const struct setting *s = setting_find(node->key);
    if (s == NULL) {
        return unknown_key(a, node, e);
    }
    if (s->type == SETTING_LIST) {
        return read_list(a, s, node, out, e);
    }
    const char *right =
        node->type == YAML_SCALAR ? put_text(a, s, node->text, out) : "a plain text";
    return right == NULL
               ? 0
               : err_add(e, a, ERR_INVALID, yaml_where(a, node), "%s must be %s.", s->key, right);
}

/* What only shows in two settings together. */
static int check_together(struct arena *a, const struct yaml *yaml, const struct settings *s,
                          struct err *e)
{
    if ((s->tls_certificate[0] == 0) != (s->tls_key[0] == 0)) {
        const char *there = s->tls_key[0] == 0 ? "tls_certificate" : "tls_key";
        return err_add(e, a, ERR_INVALID, yaml_key_where(a, yaml_find(yaml, there)),
                       "tls_certificate and tls_key go together.");
    }
    return 0;
}

int settings_read(struct arena *a, const struct yaml *yaml, struct settings *out, struct err *e)
{
    int rc = 0;
    *out = (struct settings){0};
    for (const struct setting *s = SETTINGS; s->key != NULL; s++) {
        put_default(a, s, out);
    }
    for (const struct yaml *node = yaml != NULL ? yaml->child : NULL; node != NULL;
         node = node->next) {
        rc |= read_one(a, node, out, e);
    }
    return rc | check_together(a, yaml, out, e);
}

static bool same_list(const struct text_list *a, const struct text_list *b)
{
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++) {
        same = strcmp(a->items[i], b->items[i]) == 0;
    }
    return same;
}

static bool same_value(const struct setting *s, const struct settings *x, const struct settings *y)
{
    const char *a = (const char *)x + s->at;
    const char *b = (const char *)y + s->at;
    switch (s->type) {
    case SETTING_LIST:
        return same_list((const void *)a, (const void *)b);
    case SETTING_INTEGER:
    case SETTING_DURATION:
        return memcmp(a, b, sizeof(int64_t)) == 0;
    default:
        return str_eq(*(const char *const *)(const void *)a, *(const char *const *)(const void *)b);
    }
}

const char *settings_restart_needed(const struct settings *running, const struct settings *wanted)
{
    for (const struct setting *s = SETTINGS; s->key != NULL; s++) {
        if (s->restart && !same_value(s, running, wanted)) {
            return s->key;
        }
    }
    return NULL;
}
