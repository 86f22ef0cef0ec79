/* Index rows of fields that link to records of any entity: who points here? See index_rows.h and
 * the table ref. */
#include "base/json.h"
#include "store/index_rows.h"

static int add_one(struct db *db, const struct field *f, int64_t record, int64_t target,
                   struct err *e)
{
    const int64_t values[] = {record, f->columns[0].id, target};
    return db_run_ints(db,
                       "INSERT OR IGNORE INTO ref(record, field, target, target_entity)"
                       " SELECT ?1, ?2, id, entity FROM doc WHERE id = ?3",
                       values, COUNT(values), e);
}

int ref_add(struct db *db, const struct field *f, int64_t record, struct value value,
            struct arena *a, struct err *e)
{
    const struct json *list = NULL;
    struct err ignored = {0};
    if (value.kind != VALUE_TEXT || json_parse(a, value.s, value.n, &list, &ignored) != 0) {
        return 0;
    }
    for (const struct json *item = list->child; item; item = item->next) {
        int64_t target = 0;
        if (json_int(item, &target) == 0 && add_one(db, f, record, target, e) != 0) {
            return -1;
        }
    }
    return 0;
}

int ref_take(struct db *db, const struct field *f, int64_t record, struct err *e)
{
    const int64_t values[] = {record, f->columns[0].id};
    return db_run_ints(db, "DELETE FROM ref WHERE record = ?1 AND field = ?2", values, 2, e);
}
