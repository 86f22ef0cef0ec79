/* A rule that could not act on what a visitor sent: it is kept, and administrators hear why. */
#include "base/log.h"
#include "core/notification.h"
#include "rules/rules.h"
#include "store/query.h"

/* Active users with an administrator's role. */
static int find_admins(struct ctx *c, const struct rule *rule, int64_t record, int64_t **ids,
                       size_t *count)
{
    const struct entity *users = model_entity_find(c->model, ENTITY_USER);
    const char *roles = "";
    struct fitting what = {.from = users, .around = rule->entity, .id = record};
    struct who who = ctx_who(c);
    for (size_t i = 0; i < c->model->role_count; i++) {
        if (c->model->roles[i].admin) {
            roles = arena_printf(c->arena, "%s%s\"%s\"", roles, *roles != '\0' ? ", " : "",
                                 c->model->roles[i].id);
        }
    }
    const char *test = arena_printf(c->arena, "active = true and role in (%s)", roles);
    return expr_compile(c->arena, c->model, users, NULL, test, KIND_BOOL, &what.test, &c->err) != 0
               ? -1
               : query_fitting(c->db, &who, &what, c->arena, ids, count, &c->err);
}

int rules_failed(struct ctx *c, const struct rule *rule, int64_t record, const char *why)
{
    int64_t *admins = NULL;
    size_t count = 0;
    struct buf params = {0};
    struct json_writer w;
    log_warn("%s %lld was taken without the rule %s: %s", rule->entity->name, (long long)record,
             rule->name, why);
    if (find_admins(c, rule, record, &admins, &count) != 0) {
        return -1;
    }
    jw_init(&w, &params);
    jw_object(&w);
    jw_kv_text(&w, "rule", rule->name);
    jw_kv_text(&w, "text", why);
    jw_object_end(&w);
    const char *text = arena_strndup(c->arena, params.data, params.size);
    int rc = 0;
    for (size_t i = 0; i < count && rc == 0; i++) {
        rc = notify(c, &(struct notification){.user = admins[i],
                                              .kind = NOTIFY_RULE,
                                              .record = record,
                                              .key = arena_printf(c->arena, "failed:%s", rule->name),
                                              .params = text});
    }
    buf_done(&params);
    return rc;
}
