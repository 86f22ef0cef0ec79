/* See job_kinds.h. A new kind of work is a row here and its functions in lib/core. */
#include "app/job_kinds.h"

#include "core/file.h"
#include "core/form.h"
#include "core/notification.h"
#include "core/record.h"
#include "core/remind.h"
#include "core/remind_step.h"
#include "core/series.h"
#include "core/transfer.h"
#include "model/response.h"
#include "rules/rules.h"

#define DAY_MS    (24 * 3600000LL)
#define FORMS_MS  (10 * 60000LL) /* what a crash may lose of the counts */
#define REMIND_MS (5 * 60000LL) /* how late the hour of reminders may be */

const struct job_kind JOB_KINDS[] = {
    {"import", import_slice},
    {"bulk", bulk_slice},
    {"undo", undo_slice},
    {"remind", remind_slice},
    {"series", series_slice},
    {"tags", tags_slice},
    {"files", file_tidy_slice},
    {"merge", merge_slice},
    {NULL, NULL},
};

const struct timer_kind TIMER_KINDS[] = {
    {"tidy", DAY_MS, import_tidy},
    {"notifications", DAY_MS, notification_tidy},
    {"remind", REMIND_MS, remind_timer},
    {"series", DAY_MS, series_timer},
    {STEPS_TIMER, STEPS_MS, remind_steps_timer},
    {DIGEST_TIMER, 0, notification_digest},
    {QUIET_TIMER, 0, notification_heard},
    {SNOOZE_TIMER, 0, remind_snooze_timer},
    {"files", DAY_MS, file_tidy},
    {"forms", FORMS_MS, form_tidy},
    {RESPONSE_TIMER, 0, response_fire},
    {NULL, 0, NULL},
};
