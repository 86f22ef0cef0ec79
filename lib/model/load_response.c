/* response.yaml: how soon enquiries are to be answered. See response.h. */
#include "base/buf.h"
#include "base/str.h"
#include "model/load.h"
#include "model/response.h"

#define RESPONSES_MAX 20
#define STEPS_MAX     50
#define TELL_MAX      50
#define HOURS_MAX     2000

static const struct import_key KEYS[] = {
    {"within", "working hours until the first answer; the first line whose condition holds",
     "within: [{if: 'priority = \"high\"', hours: 2}, {hours: 8}]"},
    {"tell", "who is told when nobody has answered in time; without it the owner",
     "tell: [owner, {team: Sales}]"},
    {NULL, NULL, NULL},
};

const struct response *response_of(const struct model *m, const struct entity *e)
{
    for (size_t i = 0; i < m->response_count; i++) {
        if (m->responses[i].entity == e) {
            return &m->responses[i];
        }
    }
    return NULL;
}

static void read_step(struct loader *l, const struct yaml *node, struct response *r)
{
    static const char *const STEP_KEYS[] = {"if", "hours", NULL};
    struct response_step *s = &r->steps[r->step_count];
    int64_t hundredths = 0;
    if (!load_check_keys(l, node, STEP_KEYS)) {
        return;
    }
    const struct yaml *test = yaml_find(node, "if"), *hours = yaml_find(node, "hours");
    const char *text = load_text(l, hours);
    if (hours == NULL ||
        (text != NULL && (parse_scaled(text, 2, &hundredths) != 0 || hundredths <= 0 ||
                          hundredths > HOURS_MAX * 100))) {
        load_error(l, hours != NULL ? hours : node, "must say working hours, like {hours: 4}");
        return;
    }
    s->work_ms = hundredths * 36000;
    s->test = test == NULL ? NULL : load_expr(l, test, r->entity, KIND_BOOL, NULL);
    r->step_count++;
}

static void read_tell(struct loader *l, struct response *r, const struct yaml *node)
{
    struct yaml owner = {.type = YAML_SCALAR, .text = "owner"};
    bool list = node != NULL && node->type == YAML_LIST;
    size_t count = list ? node->count : 1;
    if (count > TELL_MAX) {
        load_error(l, node, "more than %d", TELL_MAX);
        return;
    }
    r->tell = ARENA_ARRAY(l->arena, struct people, count + 1);
    for (const struct yaml *n = node == NULL ? &owner : list ? node->child : node; n != NULL;
         n = list ? n->next : NULL) {
        r->tell_count += load_people(l, r->entity, n, &r->tell[r->tell_count]);
    }
}

static const struct field *find(struct loader *l, const struct yaml *node, const struct entity *e,
                                const char *name, enum expr_kind kind)
{
    const struct field *f = entity_field_find(e, name);
    if (f == NULL || f->type->expr_kind != kind || f->column_count == 0) {
        load_key_error(l, node, "%s needs a field %s of type %s", e->name, name,
                       kind == KIND_BOOL ? "bool" : "instant");
        return NULL;
    }
    return f;
}

static void read_response(struct loader *l, const struct yaml *node)
{
    struct model *m = l->m;
    const struct entity_def *d = load_entity_def(l, node, node->key);
    if (d == NULL || !load_check_table(l, node, KEYS)) {
        return;
    }
    struct response *r = &m->responses[m->response_count++];
    *r = (struct response){.entity = d->entity};
    r->by = find(l, node, d->entity, "respond_by", KIND_INSTANT);
    r->at = find(l, node, d->entity, "responded_at", KIND_INSTANT);
    r->late = find(l, node, d->entity, "answered_late", KIND_BOOL);
    const struct yaml *within = yaml_find(node, "within");
    if (within == NULL || within->type != YAML_LIST || within->count == 0 ||
        within->count > STEPS_MAX) {
        load_error(l, within != NULL ? within : node,
                   "needs a list of 1 to %d lines under within, like - {hours: 8}", STEPS_MAX);
        return;
    }
    r->steps = ARENA_ARRAY(l->arena, struct response_step, within->count);
    for (const struct yaml *n = within->child; n != NULL; n = n->next) {
        read_step(l, n, r);
    }
    read_tell(l, r, yaml_find(node, "tell"));
}

void load_responses(struct loader *l)
{
    const struct document *d = load_document(l, RESPONSE_FILE, false);
    l->m->responses = ARENA_ARRAY(l->arena, struct response, RESPONSES_MAX);
    for (const struct yaml *n = d == NULL ? NULL : d->root->child; n != NULL; n = n->next) {
        if (l->m->response_count == RESPONSES_MAX) {
            load_key_error(l, n, "more than %d kinds of records", RESPONSES_MAX);
            return;
        }
        read_response(l, n);
    }
}

void response_write_reference(struct buf *out)
{
    buf_puts(out, "\n## First answers\n\nIn `response.yaml`, by entity: `lead`, or any with the fields `respond_by` and "
                  "`responded_at` (instant) and `answered_late` (bool).\n\n"
                  "| Key | Meaning | Example |\n|---|---|---|\n");
    for (const struct import_key *k = KEYS; k->name != NULL; k++) {
        buf_printf(out, "| `%s` | %s | `%s` |\n", k->name, k->meaning, k->example);
    }
}
