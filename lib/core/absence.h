/*
 * Who is away: records of the entity absence. They belong to whom they are about, so that everybody
 * may enter his own (roles.yaml).
 */
#ifndef KONTOR_CORE_ABSENCE_H
#define KONTOR_CORE_ABSENCE_H

#include "core/record.h"

#define ENTITY_ABSENCE "absence"

/* Before r is written: its owner is who is away. before NULL: a new record. */
void absence_keep(const struct ctx *c, struct record *r);
/* After r was written: whoever moves it to somebody else must be one who may enter his. */
bool absence_is_moved(const struct record *before, const struct record *r);
/* Its last day is not before its first: an item of c->err. */
void absence_check(struct ctx *c, const struct record *r);
/* Which of these users are away on the day it is where they are: away[i] of users[i]. */
int absence_today(struct ctx *c, const int64_t *users, size_t count, bool *away);

#endif
