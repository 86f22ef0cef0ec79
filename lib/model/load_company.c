/*
 * kontor.yaml: the company, its currency and rates. All other keys are settings of the program,
 * which lib/app interprets and checks.
 */
#include <string.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/str.h"
#include "model/country.h"
#include "model/load.h"

#define ZONE_FOLDER "/usr/share/zoneinfo/"
#define RATE_PLACES 6
#define RATE_MAX    (INT64_C(1000000) * 1000000)

static size_t count_rates(const struct yaml *node)
{
    size_t n = 0;
    for (const struct yaml *item = node->child; item != NULL; item = item->next) {
        n += item->type == YAML_MAP ? item->count : 1;
    }
    return n;
}

static void read_rate(struct loader *l, const struct yaml *node, const char *currency,
                      int64_t from_day)
{
    struct company *c = &l->m->company;
    int64_t micro;
    if (node->type != YAML_SCALAR || parse_scaled(node->text, RATE_PLACES, &micro) != 0 ||
        micro <= 0 || micro > RATE_MAX) {
        load_error(l, node,
                   "must be a rate like 0.92, with at most %d digits after the point, or rates by "
                   "day like {2026-01-01: 0.92}",
                   RATE_PLACES);
        return;
    }
    c->rates[c->rate_count++] =
        (struct rate){.currency = currency, .micro = micro, .from_day = from_day};
}

/* {2026-01-01: 0.92, 2026-07-01: 0.9}: each from its day on. */
static void read_dated(struct loader *l, const struct yaml *node)
{
    for (const struct yaml *item = node->child; item != NULL; item = item->next) {
        if (clock_is_date(item->key)) {
            read_rate(l, item, node->key, clock_days_of(item->key));
        } else {
            load_key_error(l, item, "\"%s\" is not a day like 2026-01-01", item->key);
        }
    }
}

static void read_rates(struct loader *l, const struct yaml *node)
{
    struct company *c = &l->m->company;
    if (node == NULL) {
        return;
    }
    if (node->type != YAML_MAP) {
        load_error(l, node, "must be a map like {USD: 0.92}");
        return;
    }
    c->rates = ARENA_ARRAY(l->arena, struct rate, count_rates(node));
    for (const struct yaml *item = node->child; item != NULL; item = item->next) {
        if (currency_places(item->key) < 0) {
            load_key_error(l, item, "\"%s\" is not a currency code of ISO 4217", item->key);
        } else if (str_eq(item->key, c->currency)) {
            load_key_error(l, item, "\"%s\" is the base currency", item->key);
        } else if (item->type == YAML_MAP) {
            read_dated(l, item);
        } else {
            read_rate(l, item, item->key, INT64_MIN);
        }
    }
}

static void read_country(struct loader *l, const struct yaml *node)
{
    const char *text = load_text(l, node);
    const struct country *c = text == NULL ? NULL : country_find(text);
    if (c != NULL) {
        l->m->company.country = c->code;
    } else if (text != NULL) {
        load_error(l, node, "\"%s\" is not a country of ISO 3166 like DE", text);
    }
}

static void read_zone(struct loader *l, const struct yaml *node)
{
    const char *zone = load_text(l, node);
    if (zone == NULL) {
        return;
    }
    const char *path = arena_printf(l->messages, ZONE_FOLDER "%s", zone);
    bool plain = zone[0] != '/' && strstr(zone, "..") == NULL;
    if (plain && (strcmp(zone, "UTC") == 0 || (fs_exists(path) && !fs_is_dir(path)))) {
        l->m->company.zone = zone;
    } else {
        load_error(l, node, "\"%s\" is not a time zone like Europe/Berlin", zone);
    }
}

/* "07:30" */
static void read_time(struct loader *l, const struct yaml *node, int *minute)
{
    const char *text = load_text(l, node);
    const char *colon = text != NULL ? strchr(text, ':') : NULL;
    int64_t hour = 0, rest = 0;
    if (text == NULL) {
        return;
    }
    if (colon == NULL || colon == text || strlen(colon) != 3 ||
        str_to_int(arena_strndup(l->messages, text, (size_t)(colon - text)), &hour) != 0 ||
        str_to_int(colon + 1, &rest) != 0 || hour < 0 || hour > 23 || rest < 0 || rest > 59) {
        load_error(l, node, "must be a time of the day like 07:30");
        return;
    }
    *minute = (int)(hour * 60 + rest);
}

/* Words others use for ours. */
static void refuse_synonyms(struct loader *l, const struct yaml *root)
{
    static const char *const WORDS[][2] = {{"company", "name"}, {"currencies", "rates"}};
    for (size_t i = 0; i < COUNT(WORDS); i++) {
        const struct yaml *node = yaml_find(root, WORDS[i][0]);
        if (node != NULL) {
            load_key_error(l, node, "unknown key \"%s\"; do you mean \"%s\"?", WORDS[i][0],
                           WORDS[i][1]);
        }
    }
}

void load_company(struct loader *l)
{
    struct company *c = &l->m->company;
    const struct document *d = load_document(l, COMPANY_FILE, false);
    *c = (struct company){.name = COMPANY_NAME,
                          .currency = COMPANY_CURRENCY,
                          .currency_where = COMPANY_FILE,
                          .zone = COMPANY_ZONE,
                          .remind_minute = COMPANY_REMIND};
    c->currency_places = currency_places(c->currency);
    if (d == NULL) {
        return;
    }
    l->m->settings = d->root;
    refuse_synonyms(l, d->root);
    const char *name = load_text(l, yaml_find(d->root, "name"));
    c->name = name != NULL ? name : c->name;
    read_zone(l, yaml_find(d->root, "zone"));
    read_country(l, yaml_find(d->root, "country"));
    read_time(l, yaml_find(d->root, "remind_at"), &c->remind_minute);
    const struct yaml *currency = yaml_find(d->root, "currency");
    const char *code = load_text(l, currency);
    if (code != NULL && currency_places(code) < 0) {
        load_error(l, currency, "\"%s\" is not a currency code of ISO 4217 like EUR", code);
    } else if (code != NULL) {
        c->currency = code;
        c->currency_where = yaml_where(l->arena, currency);
        c->currency_places = currency_places(code);
    }
    read_rates(l, yaml_find(d->root, "rates"));
}
