/*
 * Users are records like any other, with consequences: who may sign in and what he may do hangs on
 * them. So only an administrator sets these fields, there is always an administrator left, and
 * account is told when a sign-in must end.
 */
#include <string.h>

#include "base/str.h"
#include "core/account.h"
#include "core/build.h"
#include "core/parts.h"
#include "store/accounts.h"

#define ADMINS_PAGE 100

static const char *const ACCOUNT_FIELDS[] = {"role", "active", "email", "team"};

static bool is_user(const struct record *r)
{
    return r != NULL && strcmp(r->entity->name, ENTITY_USER) == 0;
}

static struct value value_of(const struct record *r, const char *name)
{
    const struct field *f = r == NULL ? NULL : entity_field_find(r->entity, name);
    return f == NULL ? value_null() : record_value(r, f);
}

static bool differs(const struct record *before, const struct record *r, const char *name)
{
    return !value_equal(value_of(before, name), value_of(r, name));
}

static const struct role *role_of(const struct ctx *c, const struct record *r)
{
    struct value v = value_of(r, "role");
    return v.kind == VALUE_TEXT ? model_role_find(c->model, v.s) : NULL;
}

/* An administrator to be reckoned with: active, and with an address to sign in with. */
static bool is_active_admin(const struct ctx *c, const struct record *r)
{
    struct value active = value_of(r, "active");
    const struct role *role = role_of(c, r);
    return role != NULL && role->admin && active.kind == VALUE_INT && active.i != 0 &&
           !value_is_empty(value_of(r, "email"));
}

/* The ids of active users with an administrator's role, but for one. */
static const struct expr *admins_but(struct ctx *c, const struct record *one)
{
    struct arena *a = c->arena;
    const struct entity *e = one->entity;
    const struct expr *roles = NULL;
    for (size_t i = 0; i < c->model->role_count; i++) {
        if (c->model->roles[i].admin) {
            struct value id = value_text(c->model->roles[i].id);
            roles = build_or(a, roles, build_compare(a, entity_field_find(e, "role"), EXPR_EQ, id));
        }
    }
    const struct expr *filter =
        expr_and(a, build_compare(a, entity_field_find(e, "active"), EXPR_EQ, value_int(1)),
                 build_compare(a, entity_field_find(e, "id"), EXPR_NE, value_int(one->id)));
    filter = expr_and(a, filter, build_empty(a, entity_field_find(e, "email"), false));
    return expr_and(a, filter, roles);
}

/* Is there an administrator besides this one who can sign in: has a password, or a link to set one?
 */
static int find_other_admin(struct ctx *c, const struct record *one, bool *found)
{
    struct list_spec spec = {
        .entity = one->entity, .action = ACTION_SEE, .filter = admins_but(c, one)};
    struct who who = {.model = c->model, .now_ms = c->now_ms};
    int64_t *ids = NULL, after = 0;
    size_t n = ADMINS_PAGE;
    *found = false;
    while (n == ADMINS_PAGE && !*found) {
        if (query_ids(c->db, &who, &spec, after, ADMINS_PAGE, c->arena, &ids, &n, &c->err) != 0) {
            return -1;
        }
        for (size_t i = 0; i < n && !*found; i++) {
            after = ids[i];
            if (accounts_can_enter(c->db, ids[i], c->now_ms, found, &c->err) != 0) {
                return -1;
            }
        }
    }
    return 0;
}

/* What of a user keeps the last administrator from signing in, as the field to be named. */
static const char *lost_by(const struct record *before, const struct record *r)
{
    return r != NULL && differs(before, r, "role")     ? "user.role"
           : r == NULL || differs(before, r, "active") ? "user.active"
                                                       : "user.email";
}

static int check_last_admin(struct ctx *c, const struct record *before, const struct record *r)
{
    bool another = false;
    if (before == NULL || !is_active_admin(c, before) || (r != NULL && is_active_admin(c, r))) {
        return 0;
    }
    if (find_other_admin(c, before, &another) != 0) {
        return -1;
    }
    return another ? 0
                   : err_add(&c->err, c->arena, ERR_INVALID, lost_by(before, r),
                             "This is the last administrator who can sign in; make somebody else "
                             "one first, with a password or a link to set it.");
}

static int check_role(struct ctx *c, const struct record *before, const struct record *r)
{
    struct value v = value_of(r, "role");
    if (v.kind != VALUE_TEXT || role_of(c, r) != NULL ||
        (before != NULL && !differs(before, r, "role"))) {
        return 0;
    }
    char *names = arena_strdup(c->arena, "");
    for (size_t i = 0; i < c->model->role_count; i++) {
        names = arena_printf(c->arena, "%s%s%s", names, i > 0 ? ", " : "", c->model->roles[i].id);
    }
    return err_add(&c->err, c->arena, ERR_INVALID, "user.role",
                   "There is no role “%.60s”; roles are %s.", v.s, names);
}

/* An address that was taken before it was looked at may stay. */
static int check_email(struct ctx *c, const struct record *before, const struct record *r)
{
    struct value v = value_of(r, "email");
    return v.kind != VALUE_TEXT || email_fits(v.s) || !differs(before, r, "email")
               ? 0
               : err_add(&c->err, c->arena, ERR_INVALID, "user.email",
                         "“%.100s” is not an e-mail address; write one like ada@example.com.", v.s);
}

/* Neither active nor disabled is nothing a filter finds. */
static int check_active(struct ctx *c, const struct record *before, const struct record *r)
{
    return value_of(r, "active").kind != VALUE_NULL ||
                   (before != NULL && !differs(before, r, "active"))
               ? 0
               : err_add(&c->err, c->arena, ERR_INVALID, "user.active", "Active is yes or no.");
}

void user_fold(struct ctx *c, struct record *r)
{
    const struct field *f = is_user(r) ? entity_field_find(r->entity, "email") : NULL;
    if (f != NULL && field_is_words(f)) {
        struct value v = record_value(r, f);
        const char *email = v.kind == VALUE_TEXT ? handle_email(c->arena, v.s) : NULL;
        if (email != NULL) {
            v = value_text(email);
            record_set(r, f, &v);
        }
    }
}

int user_permit(struct ctx *c)
{
    return account_in_person(c) != 0 || (!c->draft && account_confirmed(c) != 0) ? -1 : 0;
}

int user_permit_all(struct ctx *c, const struct entity *e)
{
    return strcmp(e->name, ENTITY_USER) == 0 ? user_permit(c) : 0;
}

int user_permit_touch(struct ctx *c, const struct change_touch *touch)
{
    bool decides = touch->field == NULL && touch->op != OP_UPDATE;
    for (size_t i = 0; touch->field != NULL && i < COUNT(ACCOUNT_FIELDS); i++) {
        decides = decides || strcmp(touch->field->name, ACCOUNT_FIELDS[i]) == 0;
    }
    return decides ? user_permit_all(c, touch->entity) : 0;
}

/* Name, and what else does not decide who may sign in, is nobody's account. */
static int check_account_fields(struct ctx *c, const struct record *before, const struct record *r)
{
    bool any = r == NULL; /* to the trash: nobody signs in from there */
    for (size_t i = 0; i < COUNT(ACCOUNT_FIELDS) && r != NULL; i++) {
        if (!differs(before, r, ACCOUNT_FIELDS[i])) {
            continue;
        }
        if (!ctx_is_admin(c)) {
            return ctx_fail(c, ERR_FORBIDDEN, "", "Only an administrator sets %s of a user.",
                            ACCOUNT_FIELDS[i]);
        }
        any = true;
    }
    return any ? user_permit(c) : 0;
}

int user_check(struct ctx *c, const struct record *before, const struct record *r)
{
    if (!is_user(r) && !is_user(before)) {
        return 0;
    }
    if (check_account_fields(c, before, r) != 0 || check_last_admin(c, before, r) != 0) {
        return -1;
    }
    return r != NULL && (check_role(c, before, r) != 0 || check_email(c, before, r) != 0 ||
                         check_active(c, before, r) != 0)
               ? -1
               : 0;
}

int user_changed(struct ctx *c, const struct record *before, const struct record *r)
{
    if (!is_user(before)) {
        return 0;
    }
    bool changed = r == NULL;
    for (size_t i = 0; i < COUNT(ACCOUNT_FIELDS) && !changed; i++) {
        changed = differs(before, r, ACCOUNT_FIELDS[i]);
    }
    return changed ? account_user_changed(c, before->id) : 0;
}
