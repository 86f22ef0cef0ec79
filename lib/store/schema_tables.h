/* The live tables as the fixed tables `entity` and `field` describe them, compared with what a
 * model wants. Shared by schema_plan*.c. */
#ifndef KONTOR_STORE_SCHEMA_TABLES_H
#define KONTOR_STORE_SCHEMA_TABLES_H

#include "store/db.h"
#include "store/schema_plan.h"

struct table_field {
    int64_t id;
    const char *name, *column, *type, *definition;
    int part;
    bool derived, gone;
};
struct table_entity {
    int64_t id;
    const char *name, *definition;
    bool gone;
    struct table_field *fields; /* without pseudo columns */
    size_t count;
};
struct tables {
    struct table_entity *entities;
    size_t count;
};

int tables_read(struct db *db, struct arena *a, struct tables *out, struct err *e);
const struct table_entity *tables_entity(const struct tables *t,
                                         const char *name); /* NULL when there is none */
const struct table_field *tables_field(const struct table_entity *te, const char *name, int part);

/* What the tables remember of a model: type of a column, digest of an expression and of what it uses, or "key", make of
 * titles and search rows. */
const char *type_text(struct arena *a, const struct field *f);
const char *column_definition(struct arena *a, const struct model *m, const struct column *c);
const char *title_definition(struct arena *a, const struct entity *entity);
const char *entity_definition(struct arena *a, const struct entity *entity); /* of title and search row */
const char *table_name(struct arena *a, const char *entity); /* "e_<entity>" in double quotes */
const char *quoted(struct arena *a, const char *name);

int schema_count_up(struct db *db, struct err *e); /* another generation begins: schema_apply */

/* The folded key beside a column: "<column>_k" (column_has_key). */
const char *column_key(struct arena *a, const struct column *c);

/* What has to happen to columns of a table before those a model needs fit in (schema_room.c). */
enum room_kind {
    ROOM_NONE,
    ROOM_MOVE, /* a kept column gets another name */
    ROOM_DROP, /* a key that is left over goes */
    ROOM_BACK, /* the field returns: the column gets its name back */
};
struct room {
    enum room_kind kind;
    const struct column *column;      /* of the model: for whom */
    const struct table_field *holder; /* whose column it is; NULL: ROOM_DROP */
    const char *from, *to;            /* to: NULL of ROOM_DROP */
};
/* Reads only; in the order in which it has to happen. */
int rooms_needed(struct db *db, struct arena *a, const struct entity *entity,
                 const struct table_entity *te, struct room **out, size_t *count, struct err *e);
/* Does it. `te` is to be read again. */
int rooms_make(struct db *db, struct arena *a, const struct entity *entity,
               const struct table_entity *te, struct err *e);
int column_rename(struct db *db, struct arena *a, const char *entity, const char *from,
                  const char *to, struct err *e);

struct index_want {
    const char *name, *table, *sql; /* sql: "CREATE [UNIQUE ]INDEX" and `stands` */
    const char *stands;             /* " ON …": on what it stands */
    const struct field *unique; /* NULL: an ordinary index */
};
/* The indexes an entity should have. */
size_t index_wants(struct arena *a, const struct entity *entity, struct index_want **out);
struct index_have {
    const char *name, *sql, *table;
};
/* The same index. Names alone tell nothing: those of earlier versions belonged to two at times. */
bool index_is(const struct index_have *have, const struct index_want *want);
/* The same but for its name. */
bool index_is_like(const struct index_have *have, const struct index_want *want);
int index_haves(struct db *db, struct arena *a, struct index_have **out, size_t *count,
                struct err *e);

#endif
