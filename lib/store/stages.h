/*
 * How records moved through their pipelines: every change of stage and pipeline, read from the change-sets. What the
 * time between them means is told by core/stages.c.
 */
#ifndef KONTOR_STORE_STAGES_H
#define KONTOR_STORE_STAGES_H

#include "model/model.h"
#include "store/store.h"

/* One column of one record that a set changed; valid only during the call. */
struct stage_change {
    int64_t record, set, at_ms;
    int64_t parent;  /* root of the sliced operation the set is part of; 0 none */
    int64_t undo_of; /* the set, or root, that it took back; 0 none */
    bool pipeline;   /* of the pipeline, else of the stage */
    const char *before;
};
typedef int (*stage_change_function)(void *data, const struct stage_change *change); /* not 0 ends it */

/* Those of one record (record 0: of all, in order of id), oldest first. */
int stages_read(struct db *db, const struct entity *e, int64_t record, stage_change_function take, void *data,
                struct err *err);

#endif
