/*
 * Sharing: a record of the entity `share` shows one record to one user whose role does not show it
 * to him, until a day or until it is deleted. He sees it as if it were within his role's reach, and
 * what hangs on it (notes, files); he may do nothing else with it, and fields hidden from his role
 * stay hidden. Queries count it in (put_shared in store/expr_sql_link.c); here stands who may share.
 */
#include <string.h>

#include "core/account.h"
#include "core/mention.h"
#include "core/notification.h"
#include "core/parts.h"

#define USERS_MAX 100 /* with whom one entry shares its record */

static const struct sharing *sharing_of(const struct ctx *c, const struct entity *e)
{
    const struct sharing *s = &c->model->sharing;
    return s->entity != NULL && s->entity == e ? s : NULL;
}

static int refuse(struct ctx *c, const char *field, const char *text)
{
    return err_add(&c->err, c->arena, ERR_INVALID,
                   arena_printf(c->arena, "%s.%s", ENTITY_SHARE, field), "%s", text);
}

/* Of what kind a record is; NULL with no error: there is no such record. */
static int entity_of(struct ctx *c, int64_t id, const struct entity **out)
{
    struct title_row row;
    const struct who system = {.model = c->model, .now_ms = c->now_ms};
    int rc = query_titles(c->db, &system, &id, 1, c->arena, &row, &c->err);
    *out = rc == 0 && row.entity != NULL && !row.hidden ? row.entity : NULL;
    return rc;
}

int share_may(struct ctx *c, const struct entity *e, int64_t id)
{
    const struct sharing *s = &c->model->sharing;
    struct who who = ctx_who(c);
    if (s->entity == NULL || !e->timeline || !ctx_may(c, ACTION_CREATE, s->entity)) {
        return 0;
    }
    who.shared = false; /* what somebody shares with him he does not pass on */
    return query_permits(c->db, &who, ACTION_SEE, e, id, false, &c->err);
}

bool share_helps(const struct who *who, const struct entity *e)
{
    return who->user != 0 && who->role != NULL &&
           who->role->rights[e->index].visible[ACTION_SEE] != NULL;
}

static int check_record_shared(struct ctx *c, const struct record *r, const struct sharing *s)
{
    int64_t *ids = NULL;
    const struct entity *e = NULL;
    size_t count = print_ids(c->arena, record_value(r, s->records), &ids);
    if (count != 1) {
        return count == 0 ? 0 : refuse(c, "records", "One record is shared at a time.");
    }
    if (entity_of(c, ids[0], &e) != 0) {
        return -1;
    }
    if (e == NULL || !e->timeline) {
        return refuse(c, "records", "Records of this kind are not shared.");
    }
    int may = share_may(c, e, ids[0]);
    return may != 0 ? (may < 0 ? -1 : 0)
                    : refuse(c, "records",
                             "Only who sees a record by his own role may share it.");
}

static int check_user(struct ctx *c, const struct record *r, const struct sharing *s)
{
    struct value user = record_value(r, s->user);
    struct who who;
    if (user.kind != VALUE_INT) {
        return 0; /* it is required, which is said elsewhere */
    }
    if (account_who(c, user.i, &who) != 0) {
        return -1;
    }
    return who.user != 0 ? 0 : refuse(c, "user", "This user is not active.");
}

int share_check(struct ctx *c, const struct record *before, const struct record *r)
{
    const struct sharing *s = sharing_of(c, r->entity);
    if (s == NULL) {
        return 0;
    }
    if (before != NULL && (!value_equal(record_value(before, s->records), record_value(r, s->records)) ||
                           !value_equal(record_value(before, s->user), record_value(r, s->user)))) {
        return refuse(c, "records",
                      "Record and user of a share stay; delete it and share anew.");
    }
    return check_record_shared(c, r, s) != 0 || check_user(c, r, s) != 0 ? -1 : 0;
}

int share_tell(struct ctx *c, const struct record *r)
{
    const struct sharing *s = sharing_of(c, r->entity);
    enum change_source source = c->as != SOURCE_NONE ? c->as : c->actor.source;
    int64_t *ids = NULL;
    if (s == NULL || source == SOURCE_IMPORT || print_ids(c->arena, record_value(r, s->records), &ids) != 1) {
        return 0;
    }
    return notify(c, &(struct notification){
                         .user = record_value(r, s->user).i,
                         .kind = NOTIFY_SHARE,
                         .record = ids[0],
                         .actor = c->actor.user,
                         .key = arena_printf(c->arena, "%lld", (long long)r->id),
                     });
}

void share_changed(struct ctx *c, const struct entity *e)
{
    if (sharing_of(c, e) != NULL) {
        account_forget();
        c->identities_changed = true;
    }
}

/* ---- Together with an entry ------------------------------------------------------------------ */

bool share_is_asked(const struct entity *e, const char *member)
{
    return strcmp(member, SHARE_WITH) == 0 && mention_field(e) != NULL;
}

/* Nothing is shared with who sees the record already. */
static int share_one(struct ctx *c, int64_t record, const struct entity *e, int64_t user)
{
    const struct sharing *s = &c->model->sharing;
    struct field_set *set = field_set_new(c->arena, s->entity);
    struct written done = {0};
    struct who who;
    if (account_who(c, user, &who) != 0) {
        return -1;
    }
    int sees = who.user != 0 ? query_permits(c->db, &who, ACTION_SEE, e, record, false, &c->err) : 0;
    if (sees != 0) {
        return sees < 0 ? -1 : 0;
    }
    struct value ids = value_text(arena_printf(c->arena, "[%lld]", (long long)record));
    struct value with = value_int(user);
    field_set_put(set, s->entity, s->records, &ids);
    field_set_put(set, s->entity, s->user, &with);
    return write_insert(c, s->entity, set, &done);
}

int share_with(struct ctx *c, const struct record *entry, const struct json *users)
{
    const struct sharing *s = &c->model->sharing;
    const struct entity *e = NULL;
    int64_t *ids = NULL, user = 0;
    size_t count = print_ids(c->arena, record_value(entry, entry->entity->story.records), &ids);
    if (s->entity == NULL || users->type != JSON_ARRAY || users->count > USERS_MAX || count == 0) {
        return ctx_fail(c, ERR_MALFORMED, SHARE_WITH,
                        "Name users by id, and the record that is shared with them.");
    }
    if (access_entity(c, ACTION_CREATE, s->entity) != 0 || entity_of(c, ids[0], &e) != 0) {
        return -1;
    }
    for (const struct json *one = users->child; e != NULL && one != NULL; one = one->next) {
        if (json_int(one, &user) != 0) {
            return ctx_fail(c, ERR_MALFORMED, SHARE_WITH, "Name users by id.");
        }
        if (share_one(c, ids[0], e, user) != 0) {
            return -1;
        }
    }
    return 0;
}
