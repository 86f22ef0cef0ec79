/*
 * When and how a user is told: his preferences (prefs notify, digest, quiet, zone) as arithmetic on
 * moments. What is stored was checked when he said it; what cannot be read counts as not said.
 *
 *   notify: {"mention": "on" | "digest" | "off", …}   by kind
 *   digest: {"at": "08:00", "days": "working" | "all"}
 *   quiet:  {"from": "19:00", "to": "07:00", "days": ["mon", …], "free": true}   null: none
 *   zone:   "Europe/Berlin"   absent: the firm's
 */
#ifndef KONTOR_CORE_NOTICE_PLAN_H
#define KONTOR_CORE_NOTICE_PLAN_H

#include "base/json.h"
#include "core/ctx.h"
#include "model/calendar.h"

/* THE ways to be told, as they are written. */
enum notice_way { WAY_ON, WAY_DIGEST, WAY_OFF, WAY_COUNT };
extern const char *const NOTICE_WAYS[WAY_COUNT];

struct notice_plan {
    const struct json *ways; /* by kind; NULL: nothing said */
    const char *zone;
    const struct calendar *calendar; /* of his team; NULL: Monday to Friday */
    int digest_minute;
    bool digest_all; /* not on working days alone */
    bool quiet;
    int from, to;  /* minutes; to <= from: on the next day */
    unsigned days; /* bits, Monday first: on which a time of quiet begins */
    bool free;     /* days nobody works are quiet as a whole */
};

/* The working calendar of somebody's team, else the firm's; NULL: there is none. */
int calendar_for_user(struct ctx *c, int64_t user, const struct calendar **out);
int notice_plan_load(struct ctx *c, int64_t user, struct notice_plan *out);
/* What is said in `prefs` of all this: 0, or ERR_INVALID naming the place. */
int notice_plan_check(struct ctx *c, const struct json *prefs);
/* Whether `prefs` says anything of it. */
bool notice_plan_said(const struct json *prefs);
/* Of one kind; `otherwise` when nothing is said. */
enum notice_way notice_plan_way(const struct notice_plan *p, const char *kind,
                                enum notice_way otherwise);
/* When quiet hours in which the moment lies are over; the moment itself: it lies in none. */
int64_t notice_plan_heard(const struct notice_plan *p, int64_t at_ms);
/* The next time of the digest after a moment. */
int64_t notice_plan_digest(const struct notice_plan *p, int64_t after_ms);

#endif
