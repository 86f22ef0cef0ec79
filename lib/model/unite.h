/*
 * Lists of values (keys, contact points, links to records) of records that become one, and back: as
 * one list each entry of which stands there once, and what is left of it when only that is taken
 * away again. Entries are the same by what they mean: an address by its normal form.
 */
#ifndef KONTOR_MODEL_UNITE_H
#define KONTOR_MODEL_UNITE_H

#include "model/field_type.h"

/* Is its value a list whose entries can be united? One column. */
bool field_unites(const struct field *f);
/* The entries of `a`, then those of `b` that `a` lacks. What is marked in one of two equal entries
 * (not to be written to) stays marked, an empty label is filled; one stays the primary one. */
struct value unite_lists(struct arena *arena, const struct field *f, struct value a,
                         struct value b);
/* `now` without what a change brought that made `left` of `before`, and with what it took away:
 * what others added or changed since stays. Exactly `before` when nobody did. */
struct value unite_take_back(struct arena *arena, const struct field *f, struct value before,
                             struct value left, struct value now);
/* Is everything that was there before there still, as it was? */
bool unite_only_adds(struct arena *arena, const struct field *f, struct value before,
                     struct value left);

#endif
