/*
 * Running numbers: fields whose type is serial. Each has a counter in the table `counter`, named by
 * the id of its column, which outlives renames and is never reused. It holds the highest number that
 * was ever given and is written in the transaction of the record: a dry run and a create that fails
 * take none, two writers never get the same one, what a record had that was undone is not given
 * again. See rows_private.h.
 */
#include <stdio.h>

#include "model/field_type.h"
#include "store/rows_private.h"

#define NAME_SIZE 32

/* The counter becomes f(itself, value), or `first` where there is none yet. */
static int count_up(struct db *db, const char *name, const char *update, int64_t value,
                    int64_t first, struct err *e)
{
    static const char *const INSERT = "INSERT INTO counter(name, value) VALUES(?1, ?2)";
    const char *const sqls[] = {update, INSERT};
    const int64_t values[] = {value, first};
    for (size_t i = 0; i < COUNT(sqls); i++) {
        sqlite3_stmt *st = stmt_get(db, sqls[i], e);
        if (!st) {
            return -1;
        }
        stmt_bind_text(st, 1, name);
        sqlite3_bind_int64(st, 2, values[i]);
        int rc = stmt_step(db, st, e);
        stmt_done(st);
        if (rc < 0) {
            return -1;
        }
        if (sqlite3_changes64(db->handle) > 0) {
            break;
        }
    }
    return 0;
}

static void name_counter(const struct column *c, char name[NAME_SIZE])
{
    snprintf(name, NAME_SIZE, "serial %lld", (long long)c->id);
}

static int next_number(struct db *db, const struct column *c, struct value *out, struct err *e)
{
    char name[NAME_SIZE];
    int64_t first = c->field->has_min ? c->field->min : 1;
    int64_t n = 0;
    name_counter(c, name);
    if (count_up(db, name, "UPDATE counter SET value = max(value + 1, ?2) WHERE name = ?1", first,
                 first, e) != 0 ||
        db_counter(db, name, &n, e) != 0) {
        return -1;
    }
    *out = value_int(n);
    return 0;
}

int rows_serial_pass(struct db *db, const struct column *c, struct value v, struct err *e)
{
    char name[NAME_SIZE];
    if (!c->field->type->serial || v.kind != VALUE_INT) {
        return 0;
    }
    name_counter(c, name);
    return count_up(db, name, "UPDATE counter SET value = max(value, ?2) WHERE name = ?1", v.i,
                    v.i, e);
}

int rows_serial_fill(struct db *db, struct record *r, struct err *e)
{
    for (size_t i = 0; i < r->entity->column_count; i++) {
        const struct column *c = r->entity->columns[i];
        if (!c->field->type->serial) {
            continue;
        }
        if (r->values[i].kind == VALUE_NULL ? next_number(db, c, &r->values[i], e) != 0
                                            : rows_serial_pass(db, c, r->values[i], e) != 0) {
            return -1;
        }
    }
    return 0;
}

int rows_serial_refresh(struct db *db, struct change_set *cs, struct record *r, struct err *e)
{
    for (size_t i = 0; i < r->entity->column_count; i++) {
        const struct column *c = r->entity->columns[i];
        if (!c->field->type->serial || r->values[i].kind != VALUE_NULL) {
            continue;
        }
        if (next_number(db, c, &r->values[i], e) != 0 ||
            change_add(db, cs, c, r->id, value_null(), r->values[i], e) != 0 ||
            rows_put(db, r, c, r->values[i], e) != 0) {
            return -1;
        }
    }
    return 0;
}
