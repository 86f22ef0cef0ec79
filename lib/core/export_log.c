/*
 * Who took what out. An export is noted before its first byte leaves: who goes away in the middle
 * has had the rest as well. Administrators read the list.
 */
#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "core/parts.h"
#include "core/transfer.h"
#include "store/exports.h"

static int add_entry(struct ctx *c, void *entry)
{
    return exports_add(c->db, entry, &c->err);
}

int export_note(struct ctx *c, const struct entity *e, const char *format, const char *filter,
                int64_t records)
{
    const char *name = c->actor.name != NULL ? c->actor.name : "system";
    struct export_entry entry = {.at = c->now_ms,
                                 .user = c->actor.user,
                                 .actor = name,
                                 .entity = e != NULL ? e->name : "",
                                 .format = format,
                                 .filter = filter != NULL ? filter : "",
                                 .records = records};
    log_info("%s: %s exported %lld %s as %s, filter: %s", c->trace, name, (long long)records,
             e != NULL ? e->plural : "records of all kinds", format,
             entry.filter[0] != 0 ? "yes" : "none");
    return ctx_write_fixed(c, add_entry, &entry);
}

static void print_entry(struct json_writer *w, const struct ctx *c, const struct export_entry *x)
{
    char at[CLOCK_INSTANT_SIZE];
    const struct entity *e = x->entity[0] != 0 ? model_entity_find(c->model, x->entity) : NULL;
    clock_print_instant(x->at, at);
    jw_object(w);
    jw_kv_int(w, "id", x->id);
    jw_kv_text(w, "at", at);
    jw_kv_text(w, "by", x->actor);
    jw_kv_text(w, "entity", x->entity[0] != 0 ? x->entity : NULL);
    jw_kv_text(w, "label", e != NULL ? e->label_plural : NULL);
    jw_kv_text(w, "format", x->format);
    jw_kv_text(w, "filter", x->filter[0] != 0 ? x->filter : NULL);
    jw_kv_int(w, "records", x->records);
    jw_object_end(w);
}

int export_log_print(struct ctx *c, int64_t before, int64_t limit, struct buf *out)
{
    struct export_entry *rows = NULL;
    struct json_writer w;
    struct db *db = ctx_db(c);
    size_t count = 0;
    if (db == NULL ||
        exports_list(db, before, (size_t)limit, c->arena, &rows, &count, &c->err) != 0) {
        return -1;
    }
    jw_init(&w, out);
    jw_object(&w);
    jw_key(&w, "items");
    jw_array(&w);
    for (size_t i = 0; i < count; i++) {
        print_entry(&w, c, &rows[i]);
    }
    jw_array_end(&w);
    jw_key(&w, "next");
    if (count > 0 && count == (size_t)limit) {
        jw_int(&w, rows[count - 1].id);
    } else {
        jw_null(&w);
    }
    jw_object_end(&w);
    return 0;
}
