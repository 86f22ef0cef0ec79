/*
 * Zones of calendars; see ical.h. Programs name them as they like and tell the rules beside: a name
 * we know decides, else the zone of ours that has the same offsets through the years is meant.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/zone.h"
#include "exchange/ical_private.h"

/* Names of Windows (CLDR, windowsZones), and what each is. */
static const char *const WINDOWS[][2] = {
    {"Dateline Standard Time", "Etc/GMT+12"},
    {"UTC-11", "Etc/GMT+11"},
    {"Hawaiian Standard Time", "Pacific/Honolulu"},
    {"Alaskan Standard Time", "America/Anchorage"},
    {"Pacific Standard Time", "America/Los_Angeles"},
    {"US Mountain Standard Time", "America/Phoenix"},
    {"Mountain Standard Time", "America/Denver"},
    {"Central America Standard Time", "America/Guatemala"},
    {"Central Standard Time", "America/Chicago"},
    {"Central Standard Time (Mexico)", "America/Mexico_City"},
    {"Canada Central Standard Time", "America/Regina"},
    {"SA Pacific Standard Time", "America/Bogota"},
    {"Eastern Standard Time", "America/New_York"},
    {"US Eastern Standard Time", "America/Indiana/Indianapolis"},
    {"Venezuela Standard Time", "America/Caracas"},
    {"Atlantic Standard Time", "America/Halifax"},
    {"SA Western Standard Time", "America/La_Paz"},
    {"Pacific SA Standard Time", "America/Santiago"},
    {"Newfoundland Standard Time", "America/St_Johns"},
    {"E. South America Standard Time", "America/Sao_Paulo"},
    {"SA Eastern Standard Time", "America/Cayenne"},
    {"Argentina Standard Time", "America/Argentina/Buenos_Aires"},
    {"Montevideo Standard Time", "America/Montevideo"},
    {"Azores Standard Time", "Atlantic/Azores"},
    {"Cape Verde Standard Time", "Atlantic/Cape_Verde"},
    {"UTC", "Etc/UTC"},
    {"GMT Standard Time", "Europe/London"},
    {"Greenwich Standard Time", "Africa/Abidjan"},
    {"Morocco Standard Time", "Africa/Casablanca"},
    {"W. Europe Standard Time", "Europe/Berlin"},
    {"Central Europe Standard Time", "Europe/Budapest"},
    {"Romance Standard Time", "Europe/Paris"},
    {"Central European Standard Time", "Europe/Warsaw"},
    {"W. Central Africa Standard Time", "Africa/Lagos"},
    {"GTB Standard Time", "Europe/Bucharest"},
    {"E. Europe Standard Time", "Europe/Chisinau"},
    {"FLE Standard Time", "Europe/Kiev"},
    {"Egypt Standard Time", "Africa/Cairo"},
    {"South Africa Standard Time", "Africa/Johannesburg"},
    {"Israel Standard Time", "Asia/Jerusalem"},
    {"Middle East Standard Time", "Asia/Beirut"},
    {"Jordan Standard Time", "Asia/Amman"},
    {"Turkey Standard Time", "Europe/Istanbul"},
    {"Arabic Standard Time", "Asia/Baghdad"},
    {"Arab Standard Time", "Asia/Riyadh"},
    {"E. Africa Standard Time", "Africa/Nairobi"},
    {"Belarus Standard Time", "Europe/Minsk"},
    {"Russian Standard Time", "Europe/Moscow"},
    {"Iran Standard Time", "Asia/Tehran"},
    {"Arabian Standard Time", "Asia/Dubai"},
    {"Azerbaijan Standard Time", "Asia/Baku"},
    {"Georgian Standard Time", "Asia/Tbilisi"},
    {"Caucasus Standard Time", "Asia/Yerevan"},
    {"Afghanistan Standard Time", "Asia/Kabul"},
    {"West Asia Standard Time", "Asia/Tashkent"},
    {"Ekaterinburg Standard Time", "Asia/Yekaterinburg"},
    {"Pakistan Standard Time", "Asia/Karachi"},
    {"India Standard Time", "Asia/Kolkata"},
    {"Sri Lanka Standard Time", "Asia/Colombo"},
    {"Nepal Standard Time", "Asia/Kathmandu"},
    {"Central Asia Standard Time", "Asia/Almaty"},
    {"Bangladesh Standard Time", "Asia/Dhaka"},
    {"Myanmar Standard Time", "Asia/Yangon"},
    {"SE Asia Standard Time", "Asia/Bangkok"},
    {"N. Central Asia Standard Time", "Asia/Novosibirsk"},
    {"China Standard Time", "Asia/Shanghai"},
    {"North Asia Standard Time", "Asia/Krasnoyarsk"},
    {"Singapore Standard Time", "Asia/Singapore"},
    {"W. Australia Standard Time", "Australia/Perth"},
    {"Taipei Standard Time", "Asia/Taipei"},
    {"Tokyo Standard Time", "Asia/Tokyo"},
    {"Korea Standard Time", "Asia/Seoul"},
    {"Yakutsk Standard Time", "Asia/Yakutsk"},
    {"Cen. Australia Standard Time", "Australia/Adelaide"},
    {"AUS Central Standard Time", "Australia/Darwin"},
    {"E. Australia Standard Time", "Australia/Brisbane"},
    {"AUS Eastern Standard Time", "Australia/Sydney"},
    {"Tasmania Standard Time", "Australia/Hobart"},
    {"West Pacific Standard Time", "Pacific/Port_Moresby"},
    {"Vladivostok Standard Time", "Asia/Vladivostok"},
    {"New Zealand Standard Time", "Pacific/Auckland"},
    {"UTC+12", "Etc/GMT-12"},
    {"Fiji Standard Time", "Pacific/Fiji"},
    {"Tonga Standard Time", "Pacific/Tongatapu"},
    {"Samoa Standard Time", "Pacific/Apia"},
};

/* Names that are none of IANA's but plain enough. */
static const char *const PLAIN[][2] = {{"UTC", "Etc/UTC"},
                                       {"GMT", "Etc/UTC"},
                                       {"Z", "Etc/UTC"},
                                       {"US-Eastern", "America/New_York"},
                                       {"US-Central", "America/Chicago"},
                                       {"US-Mountain", "America/Denver"},
                                       {"US-Pacific", "America/Los_Angeles"}};

static const char *in_list(const char *const (*list)[2], size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcasecmp(list[i][0], name) == 0) {
            return list[i][1];
        }
    }
    return NULL;
}

/* The last two or three parts of a path: "/vendor/20260101/America/Indiana/Knox". */
static const char *end_of_path(const char *name)
{
    const char *found = NULL, *at = name + strlen(name);
    for (int parts = 0; at > name && parts < 3;) {
        at--;
        if (*at == '/' && ++parts >= 2 && zone_is_known(at + 1)) {
            found = at + 1;
        }
    }
    return found;
}

const char *ical_zone_named(struct arena *a, const char *name)
{
    const char *found = in_list(PLAIN, COUNT(PLAIN), name);
    if (found == NULL && strlen(name) < ZONE_NAME_SIZE && zone_is_known(name)) {
        found = name;
    }
    if (found == NULL) {
        found = in_list(WINDOWS, COUNT(WINDOWS), name);
    }
    if (found == NULL) {
        found = end_of_path(name);
    }
    return found == NULL ? NULL : arena_strdup(a, found);
}

/* ---- by their rules -------------------------------------------------------------------------- */

static void add_onset(struct arena *a, struct ical_zone *zone, int64_t at,
                      const struct ical_part *part)
{
    if (zone->onsets == NULL) {
        zone->onsets = ARENA_ARRAY(a, struct ical_onset, ICAL_ONSETS_MAX);
    }
    if (zone->count < ICAL_ONSETS_MAX) {
        zone->onsets[zone->count++] = (struct ical_onset){at, part->from, part->to};
    }
}

#define LAST_ONSET  (ical_day_of(2100, 1, 1) * ICAL_DAY)
#define FIRST_YEAR  1960

/* Rules said to hold since 1601 are looked at from when they matter. */
static int64_t begin_of(const struct ical_part *part, const struct ical_rule *rule)
{
    int64_t day = (part->start - (ICAL_DAY - 1)) / ICAL_DAY;
    int year, month, month_day;
    if (part->start >= 0 || rule->interval != 1 || rule->count > 0) {
        return part->start;
    }
    ical_day_print(day, &year, &month, &month_day);
    bool late = year >= FIRST_YEAR;
    int64_t time = part->start - day * ICAL_DAY;
    return late ? part->start : ical_day_of(FIRST_YEAR, month, 1) * ICAL_DAY + time % ICAL_DAY;
}

static void add_rule(struct arena *a, struct ical_zone *zone, const struct ical_part *part)
{
    struct err none = {0};
    struct ical_rule rule;
    struct ical_recur r;
    int64_t at;
    if (ical_rule_read(part->rule, &rule, &none) != 0) {
        return;
    }
    rule.until += rule.until_is_utc ? part->from : 0;
    ical_recur_start(&r, &rule, begin_of(part, &rule), false, LAST_ONSET);
    r.most_steps = *zone->budget;
    for (int i = 0; i < ICAL_ONSETS_MAX / 4 && ical_recur_next(&r, &at); i++) {
        add_onset(a, zone, at, part);
    }
    *zone->budget -= r.steps < *zone->budget ? r.steps : *zone->budget;
}

void ical_zone_part(struct arena *a, struct ical_zone *zone, const struct ical_part *part)
{
    if (!part->has_start) {
        return;
    }
    add_onset(a, zone, part->start, part);
    for (size_t i = 0; i < part->also.count; i++) {
        const struct ical_time *t = &part->also.list[i];
        add_onset(a, zone, t->wall + (t->is_utc ? part->from : 0), part);
    }
    if (part->rule != NULL) {
        add_rule(a, zone, part);
    }
}

static int by_time(const void *a, const void *b)
{
    int64_t x = ((const struct ical_onset *)a)->at, y = ((const struct ical_onset *)b)->at;
    return x < y ? -1 : x > y;
}

int64_t ical_zone_instant(const struct ical_zone *zone, int64_t wall)
{
    int64_t offset = zone->count > 0 ? zone->onsets[0].from : 0;
    for (size_t i = 0; i < zone->count && zone->onsets[i].at <= wall; i++) {
        offset = zone->onsets[i].to;
    }
    return wall - offset;
}

/* Zones many people live in, one for each set of rules in use. */
static const char *const COMMON[] = {
    "Europe/Berlin",       "Europe/London",    "Europe/Athens",       "Europe/Moscow",
    "Europe/Istanbul",     "Atlantic/Azores",  "America/New_York",    "America/Chicago",
    "America/Denver",      "America/Phoenix",  "America/Los_Angeles", "America/Anchorage",
    "Pacific/Honolulu",    "America/Halifax",  "America/St_Johns",    "America/Sao_Paulo",
    "America/Bogota",      "America/Caracas",  "America/Santiago",    "America/Regina",
    "Asia/Dubai",          "Asia/Karachi",     "Asia/Kolkata",        "Asia/Dhaka",
    "Asia/Bangkok",        "Asia/Shanghai",    "Asia/Tokyo",          "Asia/Jerusalem",
    "Asia/Tehran",         "Australia/Sydney", "Australia/Adelaide",  "Australia/Brisbane",
    "Pacific/Auckland",    "Africa/Lagos",     "Africa/Johannesburg", "Africa/Nairobi",
    "Africa/Cairo",        "Etc/UTC"};

#define WEEKS_LOOKED_AT 104

/* Has it the same offset in every week of two years? */
static bool is_same(const struct ical_zone *zone, const char *iana, int year)
{
    int64_t first = ical_day_of(year, 1, 1) * ICAL_DAY + 12 * 3600;
    bool same = iana != NULL && zone_is_known(iana);
    for (int i = 0; same && i < WEEKS_LOOKED_AT; i++) {
        int64_t wall = first + (int64_t)i * 7 * ICAL_DAY, at;
        same = zone_instant(iana, wall, &at) == 0 && at == ical_zone_instant(zone, wall);
    }
    return same;
}

static const char *same_zone(const struct ical_zone *zone, const char *company, int year)
{
    if (is_same(zone, company, year)) {
        return company;
    }
    for (size_t i = 0; i < COUNT(COMMON); i++) {
        if (is_same(zone, COMMON[i], year)) {
            return COMMON[i];
        }
    }
    return NULL;
}

void ical_zone_end(struct arena *a, struct ical_zone *zone, const char *company, int year)
{
    static const int YEARS[] = {2026, 2008, 2000};
    if (zone->count > 0) {
        qsort(zone->onsets, zone->count, sizeof *zone->onsets, by_time);
    }
    zone->is_known = true;
    zone->iana = zone->id != NULL ? ical_zone_named(a, zone->id) : NULL;
    if (zone->iana == NULL && zone->location != NULL) {
        zone->iana = ical_zone_named(a, zone->location);
    }
    if (zone->iana == NULL && zone->count > 0) {
        zone->iana = same_zone(zone, company, year);
    }
    for (size_t i = 0; i < COUNT(YEARS) && zone->iana == NULL && zone->count > 0; i++) {
        zone->iana = same_zone(zone, company, YEARS[i]);
    }
}
