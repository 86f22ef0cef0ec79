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
const char *search_definition(struct arena *a, const struct entity *entity);
const char *table_name(struct arena *a, const char *entity); /* "e_<entity>" in double quotes */
const char *quoted(struct arena *a, const char *name);

int schema_count_up(struct db *db, struct err *e); /* another generation begins: schema_apply */

struct index_want {
    const char *name, *sql;
    const struct field *unique; /* NULL: an ordinary index */
};
/* The indexes an entity should have. */
size_t index_wants(struct arena *a, const struct entity *entity, struct index_want **out);
struct index_have {
    const char *name, *sql, *table;
};
int index_haves(struct db *db, struct arena *a, struct index_have **out, size_t *count,
                struct err *e);

#endif
