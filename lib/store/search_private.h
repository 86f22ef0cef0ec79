/* Shared by search_find.c, search_hits.c and search_suggest.c: one search on its way. */
#ifndef KONTOR_STORE_SEARCH_PRIVATE_H
#define KONTOR_STORE_SEARCH_PRIVATE_H

#include "store/query_private.h"
#include "store/search_text.h"

/* How well a hit fits: titles first. */
enum rank {
    RANK_NONE,
    RANK_FAR,   /* about a record whose title has a word, with the others in its own text */
    RANK_LINK,  /* the same of records that stand for themselves */
    RANK_NEAR,  /* with one of the words in the title */
    RANK_PART,  /* letters in the middle of a field */
    RANK_TEXT,  /* notes, activities */
    RANK_INNER, /* letters in the middle of the title */
    RANK_FIELD,
    RANK_TITLE, /* words of the title; and the better the more the higher, up to RANK_TITLE + 3 */
    RANK_HANDLE = RANK_TITLE + 4 /* the very address */
};

struct candidate {
    int64_t id;
    const struct entity *entity;
    const char *title;
    int rank;
    bool own, ended;
    int64_t picture; /* 0: none */
    bool proven; /* the index is right; else the record must hold the words */
    bool shown;  /* `says` is there */
    struct search_shown says;
};

struct search_list {
    struct candidate *items;
    size_t count, room;
    int64_t *known; /* ids in the list: open addressing, 0 free */
    size_t slots;   /* a power of two */
};

struct search_found {
    int64_t id;
    const struct entity *entity;
};

/* Statements over hits of one entity, made when needed; by entity->index. */
struct hits_query {
    const char *text;
    struct value *binds;
    size_t bind_count;
    struct search_fields fields;
};

struct search {
    struct db *db;
    const struct who *who;
    const struct search_spec *spec;
    struct arena *arena;
    struct search_text text;
    struct search_list list;
    struct hits_query *queries;
    const struct entity **by_id; /* entity of an id, as in table doc */
    int64_t id_max;
    size_t *open;      /* by entity: passes that ended before all was seen */
    /* Of a reader who sees few records: all of them that stand for themselves (but for kinds that
     * everybody sees and that are many), and what is about them. */
    bool few;
    bool more_names, more_texts; /* there are others, to be sought in the index */
    struct search_found *seen;
    size_t seen_count;
    const char *narrow; /* see search_ask; NULL: not needed */
    int seeks;          /* in the words that are known, for suggestions */
    int64_t begun_us;   /* of the thread's own time */
};


/* ---- search_hits.c ---- */

/* Adds those the reader may see that are alive and of the kind asked for; `rank` where the title
 * says nothing. */
int search_add(struct search *s, const struct search_found *found, size_t n, bool proven, int rank,
               struct err *e);
const struct entity *search_entity(const struct search *s, int64_t entity_id);
/* Reads what the candidates from `from` to `to` say. */
int search_read_rows(struct search *s, size_t from, size_t to, struct err *e);
/* Adds what is shared with the reader: tokens of the index do not tell it. */
int search_shared(struct search *s, struct err *e);
/* Records whose sort key begins with the text: at most `limit` of an entity, looked at, not seen. */
int search_by_key(struct search *s, const struct entity *e, size_t limit, struct err *err);
/* Finds out whether the reader sees few, and what: then it is compared one by one. */
int search_narrow(struct search *s, struct err *e);

/* ---- search_tags.c ---- */

/* Adds records with the tag that was typed; unless there are `enough`, with those that begin so. */
int search_tags(struct search *s, bool enough, struct err *e);

/* ---- search_suggest.c ---- */

int search_suggest(struct search *s, struct search_result *out, struct err *e);
/* Whether a word alone finds something, as it stands. */
int search_knows(struct search *s, const struct search_word *word, bool *out, struct err *e);
/* One search without suggestions, in a new list. */
int search_gather(struct search *s, struct err *e);

#endif
