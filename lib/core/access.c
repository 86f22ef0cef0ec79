/*
 * Who may do what: the one place that turns rights into 401, 403 and 404. Rights to records are
 * part of the SQL of query_permits and query_list; here stands only which answer follows. A record
 * that is not visible and one that does not exist give the same words.
 */
#include "base/str.h"
#include "core/build.h"
#include "core/parts.h"

struct action_word {
    enum action action;
    const char *word;
};

static const struct action_word ACTION_WORDS[] = {
    {ACTION_SEE, "see"},       {ACTION_CREATE, "create"}, {ACTION_EDIT, "edit"},
    {ACTION_DELETE, "delete"}, {ACTION_EXPORT, "export"}, {ACTION_IMPORT, "import"},
    {ACTION_NONE, NULL},
};

static const char *word_of(enum action action)
{
    const struct action_word *w = ACTION_WORDS;
    while (w->word != NULL && w->action != action) {
        w++;
    }
    return w->word != NULL ? w->word : "use";
}

static int refuse_anonymous(struct ctx *c)
{
    return ctx_fail(c, ERR_UNAUTHENTICATED, "", "Sign in first.");
}

int access_entity(struct ctx *c, enum action action, const struct entity *e)
{
    if (c->actor.anonymous) {
        return refuse_anonymous(c);
    }
    if (ctx_may(c, action, e)) {
        return 0;
    }
    return ctx_fail(c, ERR_FORBIDDEN, "", "You may not %s %s.", word_of(action), e->label_plural);
}

/* A write to a record that was merged is not done to another one unasked. */
static int not_found(struct ctx *c, enum action action, const struct entity *e, int64_t id)
{
    int64_t survivor = id;
    bool merged = false;
    if (action != ACTION_SEE && record_follow(c, e, &survivor, &merged) != 0) {
        return -1;
    }
    if (merged) {
        return ctx_fail(c, ERR_CONFLICT, "", "The %s %lld was merged into %lld: use that id.",
                        e->name, (long long)id, (long long)survivor);
    }
    return ctx_fail(c, ERR_NOT_FOUND, "", "There is no %s with the id %lld.", e->name,
                    (long long)id);
}

int record_permit(struct ctx *c, enum action action, const struct entity *e, int64_t id, bool trash)
{
    if (c->actor.anonymous) {
        return refuse_anonymous(c);
    }
    struct db *db = ctx_db(c);
    if (db == NULL) {
        return -1;
    }
    struct who who = ctx_who(c);
    if (ctx_may(c, action, e)) {
        int permitted = query_permits(db, &who, action, e, id, trash, &c->err);
        if (permitted != 0) {
            return permitted < 0 ? -1 : 0;
        }
    }
    if (action == ACTION_SEE || !ctx_may(c, ACTION_SEE, e)) {
        return not_found(c, action, e, id);
    }
    int visible = query_permits(db, &who, ACTION_SEE, e, id, trash, &c->err);
    if (visible < 0) {
        return -1;
    }
    if (visible == 0) {
        return not_found(c, action, e, id);
    }
    return ctx_fail(c, ERR_FORBIDDEN, "", "You may not %s this %s.", word_of(action), e->name);
}

int record_permitted(struct ctx *c, enum action action, const struct entity *e, const int64_t *ids,
                     size_t count, bool trash, int64_t **out, size_t *out_count)
{
    struct who who = ctx_who(c);
    *out_count = 0;
    if (!ctx_may(c, action, e)) {
        return 0;
    }
    const struct list_spec spec = {.entity = e,
                                   .action = action,
                                   .filter = build_ids(c->arena, e, ids, count),
                                   .both = trash};
    return ctx_db(c) == NULL
               ? -1
               : query_ids(c->db, &who, &spec, 0, count, c->arena, out, out_count, &c->err);
}

bool access_sees(const struct ctx *c, const struct field *f)
{
    return !f->hidden && (c->actor.role == NULL || role_sees(c->actor.role, f));
}

bool access_sets(const struct ctx *c, const struct field *f)
{
    if (f->system || f->hidden || f->compute != NULL || f->readonly.always ||
        f->column_count == 0) {
        return false;
    }
    return c->actor.role == NULL || role_edits(c->actor.role, f);
}

const char *access_nearest(struct ctx *c, const struct entity *e, const char *name)
{
    const char **names = ARENA_ARRAY(c->arena, const char *, e->field_count + 1);
    size_t count = 0;
    for (size_t i = 0; i < e->field_count; i++) {
        if (access_sees(c, e->fields[i])) {
            names[count++] = e->fields[i]->name;
        }
    }
    return str_nearest(name, names, count);
}

const struct field *access_field(struct ctx *c, const struct entity *e, const char *name,
                                 enum err_code code, const char *where)
{
    const struct field *f = entity_field_find(e, name);
    if (f != NULL && access_sees(c, f)) {
        return f;
    }
    const char *near = access_nearest(c, e, name);
    if (near != NULL) {
        err_add(&c->err, c->arena, code, where,
                "There is no field named “%.60s”; did you mean “%s”?", name, near);
    } else {
        err_add(&c->err, c->arena, code, where, "There is no field named “%.60s”.", name);
    }
    return NULL;
}

const struct field *access_link(struct ctx *c, const struct entity *e, const char *name,
                                const char *where)
{
    const struct field *f = access_field(c, e, name, ERR_MALFORMED, where);
    if (f != NULL && (f->to == NULL || field_is_records(f))) {
        err_add(&c->err, c->arena, ERR_MALFORMED, where, "%s is not a link to one record.", f->name);
        return NULL;
    }
    return f;
}
