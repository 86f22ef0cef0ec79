/*
 * How records move through pipelines, from change-sets: how long they stay in each stage, where they
 * go from there, how long it takes to win or lose them. Right for any past time, also of what was
 * imported with its dates. All times in whole seconds ("…_s"); null where nothing was measured.
 */
#ifndef KONTOR_CORE_STAGES_H
#define KONTOR_CORE_STAGES_H

#include "core/record.h"

struct stages_wish { /* as in the URL; NULL if absent */
    const char *filter;
    const char *from, *to; /* days (both whole) or moments; without them the year up to now */
};
/* {"from","to","stages":[{"id","entered","left","forward","back","won","lost","moved","conversion",
 * "typical_s","here","age_s"}],"won":{"count","cycle_s"},"lost":…}.
 * Of those that left a stage in the period: forward and back to other open stages, won, lost, moved
 * to another pipeline; conversion: percent that went on or were won; typical_s: the median of their
 * stays. here: in the stage at the end of the period; age_s: the median of how long they had been.
 * cycle_s: the median from the beginning of a record to its end. */
int stages_print(struct ctx *c, const struct pipeline *p, const struct stages_wish *wish,
                 struct buf *out);
struct stays_wish {
    const char *stage;
    bool here; /* those that are there at the end of the period, else those that left in it */
    int64_t limit, offset;
};
/* The stays behind the figures of one stage, longest first: {"from","to","stage":(as above),"count",
 * "items":[{"id","title","entered_at","stay_s"}],"next"}; of those that left also "left_at", "way"
 * (forward, back, won, lost, moved), "to_pipeline" and "to_stage". */
int stages_print_stays(struct ctx *c, const struct pipeline *p, const struct stages_wish *wish,
                       const struct stays_wish *which, struct buf *out);
/* {"pipeline","stages":[{"id","visits","stay_s","entered_at","here"}]}: the way of one record. */
int stages_print_record(struct ctx *c, const struct entity *e, int64_t id, struct buf *out);

#endif
