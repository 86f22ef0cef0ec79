/*
 * Search by tags: records with the tag that was typed, or with one that begins so. The index of tags
 * finds them (tagged.c); the words of a record do not hold its tags.
 */
#include <string.h>

#include "base/str.h"
#include "model/field_type.h"
#include "store/index_rows.h"
#include "store/search_private.h"

#define TAG_HITS      100 /* with one tag, of one kind */
#define TAG_LOOKED    4000
#define TAG_BATCH     100
#define BEGIN_TAGS    4 /* that begin with the text */
#define BEGIN_LETTERS 3 /* from which beginnings are looked for */

/* The newest first. */
static int add_field(struct search *s, const struct field *f, const char *tag, struct err *e)
{
    struct search_found found[TAG_BATCH];
    size_t n = 0, looked = 0, first = s->list.count;
    size_t hits = s->spec->kind != NULL ? SEARCH_RANKED : TAG_HITS;
    sqlite3_stmt *st = stmt_get(s->db,
                                "SELECT record FROM tagged WHERE tag = ?1 AND field = ?2"
                                " ORDER BY record DESC",
                                e);
    int rc = 1;
    if (st == NULL) {
        return -1;
    }
    stmt_bind_text(st, 1, tag);
    sqlite3_bind_int64(st, 2, f->columns[0].id);
    while (rc == 1 && s->list.count - first < hits && looked < TAG_LOOKED) {
        rc = stmt_step(s->db, st, e);
        if (rc == 1) {
            found[n++] = (struct search_found){sqlite3_column_int64(st, 0), f->entity};
            looked++;
        }
        if (n == TAG_BATCH || (rc == 0 && n > 0)) {
            rc = search_add(s, found, n, true, RANK_FIELD, e) != 0 ? -1 : rc;
            n = 0;
        }
    }
    stmt_done(st);
    s->open[f->entity->index] += rc == 1;
    return rc < 0 ? -1 : 0;
}

static int add_tag(struct search *s, const char *tag, struct err *e)
{
    const struct model *m = s->who->model;
    for (size_t i = 0; i < m->entity_count; i++) {
        const struct entity *entity = m->entities[i];
        bool wanted = s->spec->kind == NULL || s->spec->kind == entity;
        for (size_t k = 0; wanted && k < entity->field_count; k++) {
            const struct field *f = entity->fields[k];
            bool seen = !f->hidden && (s->who->role == NULL || role_sees(s->who->role, f));
            if (seen && tagged_has(f) && add_field(s, f, tag, e) != 0) {
                return -1;
            }
        }
    }
    return 0;
}

/* The first tag behind `after` that begins with the text; NULL: none. */
static int next_tag(struct search *s, const char *after, const char *text, const char **out,
                    struct err *e)
{
    sqlite3_stmt *st =
        stmt_get(s->db, "SELECT min(tag) FROM tagged WHERE tag > ?1 AND tag < ?2", e);
    *out = NULL;
    if (st == NULL) {
        return -1;
    }
    stmt_bind_text(st, 1, after);
    stmt_bind_text(st, 2, arena_printf(s->arena, "%s\U0010ffff", text));
    int rc = stmt_step(s->db, st, e);
    if (rc == 1 && sqlite3_column_type(st, 0) != SQLITE_NULL) {
        *out = stmt_text(st, 0, s->arena);
    }
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

int search_tags(struct search *s, bool enough, struct err *e)
{
    const char *text = str_fold_tight(s->arena, s->spec->text), *tag = text;
    if (*text == '\0' || add_tag(s, text, e) != 0) {
        return *text == '\0' ? 0 : -1;
    }
    size_t tags = enough || str_utf8_length(text) < BEGIN_LETTERS ? 0 : BEGIN_TAGS;
    for (size_t i = 0; i < tags; i++) {
        if (next_tag(s, tag, text, &tag, e) != 0 || (tag != NULL && add_tag(s, tag, e) != 0)) {
            return -1;
        }
        if (tag == NULL) {
            return 0;
        }
    }
    return 0;
}
