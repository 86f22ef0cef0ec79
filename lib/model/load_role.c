/*
 * Roles: their names, and who sees and edits which field. The shipped ones first; a role of
 * conf/roles.yaml with a known name replaces it. What a role may do with records stands in
 * load_rights.c.
 */
#include <string.h>

#include "base/str.h"
#include "model/load.h"

static const char *const ROLE_KEYS[] = {"label", "admin", "entities", "fields", NULL};
static const char *const FIELD_RIGHT_KEYS[] = {"see", "edit", NULL};

static struct role *role_slot(struct loader *l, const struct yaml *node)
{
    struct model *m = l->m;
    for (size_t i = 0; i < m->role_count; i++) {
        if (strcmp(m->roles[i].id, node->key) == 0) {
            return &m->roles[i];
        }
    }
    if (m->role_count == LOAD_ROLES_MAX) {
        load_key_error(l, node, "more than %d roles", LOAD_ROLES_MAX);
        return NULL;
    }
    struct role *r = &m->roles[m->role_count];
    r->id = node->key;
    r->index = (int)m->role_count++;
    return r;
}

static void read_role(struct loader *l, const struct yaml *node)
{
    if (!str_is_identifier(node->key)) {
        load_key_error(l, node, "the id of a role must be of small letters, digits and _");
        return;
    }
    struct role *r = load_check_keys(l, node, ROLE_KEYS) ? role_slot(l, node) : NULL;
    if (r == NULL) {
        return;
    }
    const struct yaml *admin = yaml_find(node, "admin");
    r->label = load_label(l, yaml_find(node, "label"), load_label_of(l, r->id));
    r->admin = load_bool(l, admin, false);
    r->where = yaml_key_where(l->arena, node);
    l->role_yaml[r->index] = node;
    if (strcmp(r->id, "admin") == 0 && !r->admin) {
        load_key_error(l, admin != NULL ? admin : node, "the role admin must have admin: true");
    }
}

void load_role_names(struct loader *l)
{
    l->m->roles = ARENA_ARRAY(l->arena, struct role, LOAD_ROLES_MAX);
    l->role_yaml = ARENA_ARRAY(l->arena, const struct yaml *, LOAD_ROLES_MAX);
    for (int pass = 0; pass < 2; pass++) {
        const struct document *d = load_document(l, "roles.yaml", pass == 0);
        for (const struct yaml *n = d == NULL ? NULL : d->root->child; n != NULL; n = n->next) {
            read_role(l, n);
        }
    }
}

/* ---- what conf/README.md says of them ---- */

static const char *const REFERENCE[][3] = {
    {"label", "what it is called on the screen", "label: Team lead"},
    {"admin", "`true`: may do everything, accounts and configuration included", "admin: true"},
    {"entities",
     "for an entity, or `\"*\"` for all, how far `see`, `create`, `edit`, `delete`, `export` and "
     "`import` reach: `none`, `own` (the owner is me), `team` (the team is mine), `all`; what an "
     "entity leaves out is as under `\"*\"`, and nothing reaches further than `see`",
     "entities: {\"*\": {see: all, edit: own}}"},
    {"fields",
     "fields that are hidden or read only; what is computed from a hidden field is hidden too, unless "
     "its own `see` is given",
     "fields: {deal: {amount: {see: false}}}"},
};

/* In words what schema/roles.yaml says. */
static const char *const SHIPPED[][3] = {
    {"admin", "everything", "everything; imports, accounts, configuration"},
    {"lead", "what belongs to the own team", "all of that, whoever owns it; exports it"},
    {"member", "all records", "what is their own; exports that"},
    {"reader", "all records", "nothing, and exports nothing"},
};

void role_write_reference(struct buf *out)
{
    buf_puts(out, "\n## Roles\n\nIn `roles.yaml`, by id.\n\n| Key | Meaning | Example |\n"
                  "|---|---|---|\n");
    for (size_t i = 0; i < COUNT(REFERENCE); i++) {
        buf_printf(out, "| `%s` | %s | `%s` |\n", REFERENCE[i][0], REFERENCE[i][1],
                   REFERENCE[i][2]);
    }
    buf_puts(out, "\nA role of your own with one of these ids takes the place of the shipped one, "
                  "as a whole:\n\n| Role | Sees | Changes |\n|---|---|---|\n");
    for (size_t i = 0; i < COUNT(SHIPPED); i++) {
        buf_printf(out, "| `%s` | %s | %s |\n", SHIPPED[i][0], SHIPPED[i][1], SHIPPED[i][2]);
    }
    buf_puts(out,
             "\nA lead sees less than a member, on purpose. Members look everything up, so that nobody "
             "calls a customer\ntwice, and change what is theirs; a lead answers for one team, corrects "
             "and hands over what its people\nhave, and is kept out of the books of the others. Where "
             "leads are to see all:\n\n"
             "```yaml\nlead:\n  label: Team lead\n  entities:\n"
             "    \"*\": {see: all, create: all, edit: team, delete: team, export: team}\n"
             "    product: {create: none, edit: none, delete: none, export: all}\n```\n\n"
             "Everybody sees users and teams; saved views belong to who made them, who may show them "
             "to his team or to everybody. With which\nof them the lists of others open, administrators "
             "and leads say. A record without owner "
             "and team is\nseen by those who see all.\n\n"
             "One record can be shared with one user more (the entity `share`). That widens `see` for "
             "this record alone, never\n`edit`, `delete` or `export`, and only where the role sees any "
             "of the kind. Who may share is the right to create\nshares: `share: {create: none}` under "
             "`entities` takes it from a role; its owner, who shared, and whoever may delete\nshares "
             "end one.\n\nA field is hidden from a role by `see: false` here, or by `see: [admin, "
             "lead]` in its own definition, which\nnames those who see it. Whatever is computed from it, "
             "stored or not, directly or through other computed\nfields, links and lists, is hidden from the "
             "same roles, since it would tell the value: with the amounts of\ndeals go `weighted` and the "
             "`open_value` of companies. The same goes for what is computed from records a\nrole sees none "
             "of. Where a role is to see the result all the same, say so at the computed field:\n\n"
             "```yaml\nmember:\n  label: Member\n  entities:\n"
             "    \"*\": {see: all, create: all, edit: own, delete: own, export: own}\n"
             "  fields:\n    deal: {amount: {see: false}}          # hides deal.weighted too\n"
             "    company: {open_value: {see: true}}    # shows the total of a company all the same\n```\n\n"
             "A total counts every record, also those its reader may not see one by one.\n");
}

/* ---- rights on fields ---- */

static void set_bit(uint64_t *bits, const struct role *r, bool value)
{
    uint64_t bit = UINT64_C(1) << r->index;
    *bits = value ? *bits | bit : *bits & ~bit;
}

static void read_field_right(struct loader *l, const struct role *r, struct entity_def *d,
                             const struct yaml *node)
{
    const struct yaml name = {.type = YAML_SCALAR,
                              .text = node->key,
                              .file = node->file,
                              .line = node->key_line,
                              .column = node->key_column};
    const struct field *found = load_field(l, d->entity, &name);
    if (found == NULL || !load_check_keys(l, node, FIELD_RIGHT_KEYS)) {
        return;
    }
    struct field_def *def = &d->fields[found->index];
    struct field *f = def->field;
    if (f->system) {
        load_key_error(l, node, "everybody sees \"%s\"", f->name);
        return;
    }
    if (r->admin) {
        load_key_error(l, node, "an admin role sees and edits every field");
        return;
    }
    const struct yaml *see = yaml_find(node, "see");
    set_bit(&f->see_roles, r, load_bool(l, see, role_sees(r, f)));
    set_bit(&def->told_roles, r, see != NULL || (def->told_roles >> r->index & 1) != 0);
    bool edits = load_bool(l, yaml_find(node, "edit"), role_edits(r, f));
    set_bit(&f->edit_roles, r, edits && role_sees(r, f));
    def->hider = role_sees(r, f) ? def->hider : node;
}

static void read_field_rights(struct loader *l, const struct role *r, const struct yaml *fields)
{
    if (fields != NULL && fields->type != YAML_MAP) {
        load_error(l, fields, "must be a map of entities and their fields");
        return;
    }
    for (const struct yaml *e = fields == NULL ? NULL : fields->child; e != NULL; e = e->next) {
        struct entity_def *d = load_entity_def(l, e, e->key);
        if (d == NULL) {
            continue;
        }
        if (e->type != YAML_MAP) {
            load_error(l, e, "must be a map of fields like {birthday: {see: false}}");
            continue;
        }
        for (const struct yaml *n = e->child; n != NULL; n = n->next) {
            read_field_right(l, r, d, n);
        }
    }
}

/* Search and titles are shown to everybody who sees the record. */
static void check_hidden(struct loader *l, const struct field_def *d)
{
    if (d->hider != NULL && d->field->search) {
        load_key_error(l, d->hider,
                       "\"%s\" is searched, so every role must see it; search: false "
                       "changes that",
                       d->field->name);
    }
}

void load_role_fields(struct loader *l)
{
    for (size_t i = 0; i < l->m->role_count; i++) {
        read_field_rights(l, &l->m->roles[i], yaml_find(l->role_yaml[i], "fields"));
    }
    for (size_t i = 0; i < l->m->entity_count; i++) {
        for (size_t k = 0; k < l->m->entities[i]->field_count; k++) {
            check_hidden(l, &l->defs[i].fields[k]);
        }
    }
}
