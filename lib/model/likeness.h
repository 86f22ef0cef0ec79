/*
 * Names that may mean the same: forms in which they are equal, and how far apart they are. People's
 * words come in any order and with titles, firms with and without their legal form; accents and
 * their spellings (ue for ü) count for nothing.
 */
#ifndef KONTOR_MODEL_LIKENESS_H
#define KONTOR_MODEL_LIKENESS_H

#include <stdint.h>

#include "model/model.h"

/* The words of a name, folded, without titles and legal forms, in alphabetical order: "gmbh" in
 * "Nordlicht GmbH" goes. "" when nothing is left. */
char *name_words(struct arena *a, const char *name);
/* The same in the order they stand. */
char *name_in_order(struct arena *a, const char *name);
/* The sounds of a name, whatever their order and number: what is spelled a little differently is
 * the same, and so is much else. Only to find what to look at. "" when there are too few. */
char *name_sounds(struct arena *a, const char *name);
/* Are two results of name_words, or of name_in_order, a slip or two apart? Letters swapped, one missing
 * or another, of words long enough; or written as one word. */
bool name_is_near(const char *x, const char *y);

/* What stands for where a record belongs: its town, and what it is linked to that has names and
 * addresses of its own (a person's company); NULL: the entity has none. */
const struct field *entity_town(const struct entity *e);
const struct field *entity_home(const struct entity *e);
/* Are its records somebody who can be reached, so that there may be doubles of them? */
bool entity_has_doubles(const struct entity *e);

#endif
