/*
 * SETTINGS: how this installation runs, from kontor.yaml (the company's name, currency and zone in
 * the same file are the model's). A row says everything about a setting; its default is text read
 * by the same code as a customer's.
 */
#ifndef KONTOR_APP_SETTINGS_H
#define KONTOR_APP_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct err;
struct yaml;

struct text_list {
    const char *const *items;
    size_t count;
};

/* Values; texts live in the arena they were read with. */
struct settings {
    const char *listen;
    const char *tls_certificate, *tls_key; /* "" : none */
    struct text_list hosts, trusted_proxies;
    int64_t threads, connections_per_address;
    const char *password_cost;         /* "normal", "low" */
    int64_t session_idle, session_max; /* ms */
    int64_t file_max, files_quota; /* MB */
    const char *log_level;
};

enum setting_type {
    SETTING_NONE,
    SETTING_TEXT,
    SETTING_LIST,
    SETTING_INTEGER,
    SETTING_DURATION,
    SETTING_CHOICE
};

struct setting {
    const char *key;
    enum setting_type type;
    size_t at;           /* offset in struct settings */
    const char *initial; /* default as text; lists: words separated by blanks */
    int64_t min, max;    /* integer, duration (ms) */
    const char *choices; /* words separated by blanks */
    bool restart;        /* takes effect at the next start */
    const char *help;
};

extern const struct setting SETTINGS[]; /* ends with a zero row */

/* Reads kontor.yaml's mapping (NULL: only defaults). Every problem becomes an item
 * "kontor.yaml:line:column" of e. */
int settings_read(struct arena *a, const struct yaml *yaml, struct settings *out, struct err *e);
/* What would keep the server from starting on this machine with settings that were read: the address
 * to listen on, certificate and key (settings_check.c). */
int settings_check(struct arena *a, const struct yaml *yaml, const struct settings *s,
                   struct err *e);
/* A setting that needs a restart and differs; NULL if there is none. */
const char *settings_restart_needed(const struct settings *running, const struct settings *wanted);
/* "8 hours", "90 days", "15 minutes" in ms: 0/-1. */
int settings_duration(const char *text, int64_t *out);

#endif
