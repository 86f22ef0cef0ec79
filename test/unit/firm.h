/*
 * A small firm in a temporary store, for tests of lib/core: the built-in model (plus what a test
 * adds), three users' worth of roles in two teams, and one function for every write. Every write
 * runs twice: first as a dry run, which must give the same status and messages and leave every
 * table as it was, then for real.
 */
#ifndef KONTOR_TEST_FIRM_H
#define KONTOR_TEST_FIRM_H

#include "core/record.h"
#include "unit.h"

struct person {
    int64_t id, team;
    const char *role;
};

struct firm {
    struct arena arena;
    struct store *store;
    struct model *model;
    char *dir;
    struct person system, admin, lead, ann, bob,
        reader; /* lead and ann in the north, bob in the south */
    int64_t north, south;
};

/* Configuration files of the test: name and text by turns, ending with NULL. */
void firm_open(struct firm *f, const char *const *files);
void firm_close(struct firm *f);
void firm_begin(struct firm *f, struct ctx *c, const struct person *who);

enum firm_write {
    WRITE_CREATE = 1,
    WRITE_UPDATE,
    WRITE_TRASH,
    WRITE_RESTORE,
    WRITE_BULK,
    WRITE_UNDO
};
struct result {
    enum err_code code;
    const char *where, *text;
    const struct err_item *items;
    size_t item_count;
    int64_t id, version, change;
    const struct json *body, *draft; /* draft: of the dry run */
};
/* if_match as in record.h; json may be NULL. */
struct result firm_do(struct firm *f, const struct person *who, enum firm_write what,
                      const char *entity, int64_t id, int64_t if_match, const char *json);
/* Shorthands that must succeed; give the id, or the change. */
int64_t firm_create(struct firm *f, const struct person *who, const char *entity, const char *json);
int64_t firm_update(struct firm *f, const struct person *who, const char *entity, int64_t id,
                    const char *json);
struct result firm_undo(struct firm *f, const struct person *who, int64_t change);

/* Reads; NULL when refused, then *code tells. */
const struct json *firm_get(struct firm *f, const struct person *who, const char *entity,
                            int64_t id, enum err_code *code);
const struct json *firm_list(struct firm *f, const struct person *who, const char *entity,
                             const struct list_request *q, enum err_code *code);
/* Member of a member …: "company.title"; "" when absent. Numbers as text. */
const char *firm_text(struct firm *f, const struct json *j, const char *path);
bool result_has(const struct result *r, const char *where); /* an item at this place */

#endif
