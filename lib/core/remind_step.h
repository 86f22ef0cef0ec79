/*
 * Reminders of activities: their field `reminders` says how many minutes before they are due. A timer
 * looks for what struck since the last look, whose moment is kept in the same transaction, so what
 * fell due while nothing ran is told once it runs again, and nothing is told twice. It looks once a
 * minute, and at the moment of the next reminder when that comes sooner: the look before says so, and
 * what is written with such a one. No row of its own has to be kept right when dates change.
 * A day without a time is reminded of at the firm's hour of that day, or so long before it.
 */
#ifndef KONTOR_CORE_REMIND_STEP_H
#define KONTOR_CORE_REMIND_STEP_H

#include "core/ctx.h"
#include "store/rows.h"

#define STEPS_TIMER         "steps"
#define STEPS_MS            60000LL /* it looks so often, and when the next one it knows of strikes */
#define SNOOZE_TIMER        "snooze"
#define SNOOZE_MINUTES_MAX  (60 * 24 * 60)

/* Timers': the look of every minute; a reminder that was put off comes again (record: its id, key: its user). */
int remind_steps_timer(struct ctx *c, int64_t record, const char *key);
int remind_snooze_timer(struct ctx *c, int64_t record, const char *key);
/* The actor's reminder is seen for now, and comes again so many minutes later. */
int remind_snooze(struct ctx *c, int64_t notification, int64_t minutes);
/* Within a write: what is done, or due at another time, is reminded of no more. */
int remind_step_changed(struct ctx *c, const struct record *before, const struct record *r);

#endif
