/*
 * Whose turn it was: for rules that give records to people in turn. A row for each rule and user, with the number of the turn he
 * had last; rows of rules that are gone do no harm.
 */
#ifndef KONTOR_STORE_TURNS_H
#define KONTOR_STORE_TURNS_H

#include "store/store.h"

/* last[i]: the number of the last turn of users[i], 0: he had none. */
int turns_read(struct db *db, const char *rule, const int64_t *users, size_t count, int64_t *last, struct err *e);
/* Writer only: the next turn of this rule is this user's. */
int turns_take(struct db *db, const char *rule, int64_t user, struct err *e);

#endif
