/*
 * What public forms keep beside records: tokens that were used, and how many entries were taken or
 * turned away. Fixed tables; within a write but for forms_counts. Errors as everywhere in the store.
 */
#ifndef KONTOR_STORE_FORMS_H
#define KONTOR_STORE_FORMS_H

#include <stddef.h>
#include <stdint.h>

struct arena;
struct db;
struct err;

#define FORM_TOKEN_SIZE 32 /* bytes of what identifies a token */

/* Uses a token up; it is remembered until that time. ERR_CONFLICT: it was used before. */
int forms_use_token(struct db *db, const unsigned char token[FORM_TOKEN_SIZE], int64_t until_ms,
                    struct err *e);

struct form_count {
    const char *form, *day, *outcome;
    int64_t n, last_at;
};
int forms_count(struct db *db, const struct form_count *more, struct err *e); /* adds to the day's */
/* By form and outcome, of the days from `since` on; day is NULL. */
int forms_counts(struct db *db, const char *since, struct arena *a, struct form_count **out,
                 size_t *count, struct err *e);
/* Drops tokens that have expired and counts of days before `since`. */
int forms_tidy(struct db *db, int64_t now_ms, const char *since, struct err *e);

#endif
