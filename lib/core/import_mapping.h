/* Between import_map.c (one column), import_plan.c (the whole) and import_parts.c (other records). */
#ifndef KONTOR_CORE_IMPORT_MAPPING_H
#define KONTOR_CORE_IMPORT_MAPPING_H

#include "core/import.h"

/* The text of a scalar member; NULL: there is none. */
const char *import_scalar(const struct yaml *node, const char *key);
int import_refuse_field(struct ctx *c, const struct field *f, const char *where);
int import_unknown_field(struct ctx *c, const struct entity *e, const char *where,
                         const char *name);
/* After the columns that mean nothing: what there is, and the way out. */
void import_say_fields(struct ctx *c, const struct import_request *q);
/* One that came along with the request: its keys are known. */
int import_check_map(struct ctx *c, const struct yaml *map, const struct yaml *columns);
/* *out NULL without error: by names. */
int import_find_map(struct ctx *c, const struct import_request *q, const struct import_file *f,
                    const struct yaml **out);
int import_read_decimal(struct ctx *c, const struct yaml *node, char *out);
int import_plan_column(struct ctx *c, const struct import_request *q, const struct yaml *columns,
                       bool extra, struct import_column *out);
void import_plan_currency(struct ctx *c, const struct yaml *columns, struct import_plan *p,
                          struct import_column *column);
/* The columns of other records and notes leave the plan for its parts. */
void import_parts_plan(struct ctx *c, const struct yaml *map, struct import_plan *p);

#endif
