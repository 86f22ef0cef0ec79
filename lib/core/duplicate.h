/*
 * Doubles: groups of records of one entity that may be the same, with a score and the reasons.
 * Found by what the store keeps of every record (handles, names), compared by what the actor may
 * see of them: a field he does not see is no reason. duplicate.c finds groups, duplicate_score.c
 * compares two records.
 */
#ifndef KONTOR_CORE_DUPLICATE_H
#define KONTOR_CORE_DUPLICATE_H

#include "core/parts.h"
#include "store/twin.h"

#define FACT_KEYS_MAX 40 /* handles of one record that are compared */

struct fact { /* what is known of a record */
    int64_t id, home;
    const char *title, *words, *in_order;
    const char *town, *town_told; /* folded, "" if none; as typed */
    struct twin_key keys[FACT_KEYS_MAX];
    const char *told[FACT_KEYS_MAX]; /* the same as people write it; NULL: of a name */
    size_t key_count;
};

enum reason_kind { /* the best first */
    REASON_EMAIL,
    REASON_PHONE,
    REASON_DOMAIN,
    REASON_NAME_PLACE,
    REASON_NAME,
    REASON_NEAR_PLACE,
    REASON_NEAR,
    REASON_COUNT
};

struct likeness {
    int score;                        /* percent */
    bool is[REASON_COUNT];
    const char *told[REASON_COUNT];   /* the address, the number, the place; or NULL */
    const struct twin_key *first;     /* the first key both have, NULL: none */
};

#define DUPLICATE_SCORE 50 /* below it two records are not told of */

struct duplicate_model { /* of an entity: what is compared */
    const struct entity *entity;
    const struct field *town, *home; /* NULL: none, or not seen */
    bool people;                     /* names of several parts: many have the same */
};
void duplicate_model(const struct ctx *c, const struct entity *e, struct duplicate_model *out);
/* Adds the records with that key that the actor sees and that are not among facts[0..*count), up to
 * `most` in all; their facts are in the arena. *more: he sees others, too. */
int duplicate_find(struct ctx *c, const struct duplicate_model *m, const struct twin_key *key,
                   struct fact *facts, size_t *count, size_t most, bool *more);
/* The keys that follow from name and place; after title, town and home are filled. */
void duplicate_keys(struct ctx *c, struct fact *f);
void duplicate_compare(const struct duplicate_model *m, const struct fact *x, const struct fact *y,
                       struct likeness *out);
bool twin_key_equal(const struct twin_key *x, const struct twin_key *y);
/* A reason in words: "Same phone number: +49…". */
const char *duplicate_word(struct arena *a, enum reason_kind kind, const char *told);
const char *duplicate_name(enum reason_kind kind); /* "phone" */

#endif
