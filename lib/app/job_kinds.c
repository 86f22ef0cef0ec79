/* See job_kinds.h. A new kind of work is a row here and its functions in lib/core. */
#include "app/job_kinds.h"

#include "core/file.h"
#include "core/notification.h"
#include "core/record.h"
#include "core/transfer.h"

#define DAY_MS (24 * 3600000LL)

const struct job_kind JOB_KINDS[] = {
    {"import", import_slice},
    {"bulk", bulk_slice},
    {"undo", undo_slice},
    {"tags", tags_slice},
    {"files", file_tidy_slice},
    {"merge", merge_slice},
    {NULL, NULL},
};

const struct timer_kind TIMER_KINDS[] = {
    {"tidy", DAY_MS, import_tidy},
    {"notifications", DAY_MS, notification_tidy},
    {"files", DAY_MS, file_tidy},
    {NULL, 0, NULL},
};
