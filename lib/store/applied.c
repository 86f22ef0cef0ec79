/*
 * Which model is the applied one. Every apply counts up the generation in the database, in its own
 * transaction; a model that is bound or applied carries the number. A write compares the two, so a
 * request that began before an apply cannot write by the model of then.
 */
#include <errno.h>
#include <stdio.h>

#include "store/accounts.h"
#include "store/schema_tables.h"
#include "store/store_private.h"

#define PUBLISH_S 5 /* from the commit of an apply to store_model_set: a moment */
#define FACT      "model_generation"

int schema_generation(struct db *db, int64_t *out, struct err *e)
{
    return db_get_int(db, "SELECT CAST(value AS INTEGER) FROM fact WHERE key = '" FACT "'", NULL, 0,
                      0, out, e);
}

int schema_count_up(struct db *db, struct err *e)
{
    int64_t generation = 0;
    char text[24];
    if (schema_generation(db, &generation, e) != 0) {
        return -1;
    }
    snprintf(text, sizeof(text), "%lld", (long long)generation + 1);
    return accounts_set_fact(db, FACT, text, e);
}

struct model *store_model_take(struct store *s, int64_t generation)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PUBLISH_S;
    pthread_mutex_lock(&s->model_lock);
    while (s->model && s->model->generation < generation &&
           pthread_cond_timedwait(&s->model_set, &s->model_lock, &until) != ETIMEDOUT) {
    }
    bool there = s->model && s->model->generation >= generation;
    struct model *m = there ? model_take(s->model) : NULL;
    pthread_mutex_unlock(&s->model_lock);
    return m;
}

struct model *store_model_set(struct store *s, struct model *m)
{
    pthread_mutex_lock(&s->model_lock);
    struct model *before = s->model;
    s->model = m;
    pthread_cond_broadcast(&s->model_set);
    pthread_mutex_unlock(&s->model_lock);
    return before;
}
