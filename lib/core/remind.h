/*
 * Reminders of dates (`remind` of a field). Once a day, at the firm's hour, a timer makes a job that
 * looks for the records whose day has come into reach since the last time, so days without a running
 * program are made up for; that costs one reading of a table for each reminder, and no row for each
 * record has to be kept right when dates, owners or the configuration change. What is entered or
 * changed so late that its day of reminding is over is told within that write. Nobody is told twice
 * of the same day, nor of what he entered himself.
 */
#ifndef KONTOR_CORE_REMIND_H
#define KONTOR_CORE_REMIND_H

#include "store/rows.h"
#include "core/ctx.h"

/* A timer's: makes the job of the day when its hour has come. */
int remind_timer(struct ctx *c, int64_t record, const char *key);
/* One slice of that job. */
int remind_slice(struct ctx *c, int64_t job, bool *more);
/* Within a write, once r is written: what its dates now ask for, and no longer. before NULL: new. */
int remind_changed(struct ctx *c, const struct record *before, const struct record *r);

#endif
