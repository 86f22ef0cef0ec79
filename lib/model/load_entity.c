/*
 * Entities and the names of their fields. Built-in ones first (schema/entities), then the
 * customer's (entities/), then what fields.yaml adds. A field of fields.yaml that exists already is
 * an override: only the keys of OVERRIDES may change, because others would change the table.
 */
#include <string.h>

#include "base/str.h"
#include "model/load.h"

/* What the store makes for every record. */
static const struct {
    const char *name, *label, *type;
} SYSTEM_FIELDS[] = {
    {"id", "ID", "id"},
    {"version", "Version", "integer"},
    {"created_at", "Created", "instant"},
    {"created_by", "Created by", "user"},
    {"updated_at", "Changed", "instant"},
    {"updated_by", "Changed by", "user"},
    {"deleted_at", "Deleted", "instant"},
    {"title", "Title", "text"},
};

/* Words that stand beside the fields in a record's JSON, and columns of every table. */
static const char *const RESERVED[] = {"draft",   "dry_run",     "hidden",  "idle_days",  "next_step",
                                       "owner",   "merged_into", "created", "created_cs", "title_k",
                                       "kept",    "then", NULL};

/* First words of the API's own addresses, and of those to come: an entity of that plural could not
 * be reached. test_routes holds them against the routes. */
static const char *const RESERVED_PLURALS[] = {
    "setup",   "session", "me",      "sessions", "tokens",     "meta",     "openapi", "events",
    "search",  "trash",   "changes", "boards",   "config",     "status",   "backup",  "system",
    "imports", "files",   "forms",   "feeds",    "recurrence", "forecast", "notifications",
    "titles",  "tags",    "takeout", "exports",  "calendar",   "rules",    NULL};

/* First words of the browser's own pages (static/js/app.js, test_routes compares), and of what else
 * stands beside them. */
static const char *const PAGES[] = {"home",   "trash", "search", "people", "profile", "settings",   "signin",
                                    "setup",  "import", "merge", "duplicates", "tags", "steps",
                                    "tasks",  "calendar", NULL};
static const char *const BESIDE_PAGES[] = {"api", "healthz", "metrics", NULL};

/* Entities of people: they have no owner, and their rights are fixed (load_rights.c). */
static const char *const PEOPLE[] = {ENTITY_USER, ENTITY_TEAM, NULL};

static bool is_one_of(const char *const *words, const char *word)
{
    for (size_t i = 0; words[i] != NULL; i++) {
        if (strcmp(words[i], word) == 0) {
            return true;
        }
    }
    return false;
}

static struct field *add_field(struct entity_def *d, const char *name)
{
    struct entity *e = d->entity;
    struct field *f = ARENA_NEW(e->field_by_name.arena, struct field);
    f->name = name;
    f->entity = e;
    f->index = (int)e->field_count;
    f->type = field_type_find("text");
    e->fields[e->field_count] = f;
    d->fields[e->field_count] = (struct field_def){.field = f};
    e->field_count++;
    map_set(&e->field_by_name, name, f);
    return f;
}

static void add_system_fields(struct entity_def *d)
{
    for (size_t i = 0; i < COUNT(SYSTEM_FIELDS); i++) {
        struct field *f = add_field(d, SYSTEM_FIELDS[i].name);
        f->label = SYSTEM_FIELDS[i].label;
        f->type = field_type_find(SYSTEM_FIELDS[i].type);
        f->system = true;
        f->where = d->entity->where;
    }
}

bool model_is_page(const char *word)
{
    return is_one_of(PAGES, word);
}

bool model_plural_reserved(const char *plural)
{
    return is_one_of(RESERVED_PLURALS, plural) || is_one_of(BESIDE_PAGES, plural) ||
           model_is_page(plural);
}

/* ---- the entity itself ---- */

static bool check_name(struct loader *l, const struct yaml *node, const char *name,
                       const char *what)
{
    if (name == NULL) {
        return false;
    }
    if (!str_is_identifier(name)) {
        load_error(l, node, "%s must be of small letters, digits and _, like \"work_order\"", what);
        return false;
    }
    return true;
}

static void read_entity(struct loader *l, const struct document *doc, const char *name,
                        const char *plural)
{
    struct entity_def *d = &l->defs[l->m->entity_count];
    struct entity *e = ARENA_NEW(l->arena, struct entity);
    *d = (struct entity_def){.entity = e, .yaml = doc->root};
    e->name = name;
    e->plural = plural;
    e->index = (int)l->m->entity_count;
    e->custom = !doc->builtin;
    e->where = yaml_where(l->arena, yaml_find(doc->root, "entity"));
    map_init(&e->field_by_name, l->arena);
    e->fields = ARENA_ARRAY(l->arena, struct field *, LOAD_FIELDS_MAX + 20);
    d->fields = ARENA_ARRAY(l->arena, struct field_def, LOAD_FIELDS_MAX + 20);
    l->m->entities[l->m->entity_count++] = e;
    map_set(&l->m->entity_by_name, name, e);
    map_set(&l->m->entity_by_plural, plural, e);
    add_system_fields(d);
}

static void declare_entity(struct loader *l, const struct document *doc)
{
    const struct yaml *name_node = yaml_find(doc->root, "entity");
    const struct yaml *plural_node = yaml_find(doc->root, "plural");
    load_check_model_keys(l, doc->root, ENTITY_KEYS, false);
    if (name_node == NULL) {
        load_error(l, doc->root, "the key \"entity\" is missing: the entity's name");
        return;
    }
    const char *name = load_text(l, name_node);
    if (!check_name(l, name_node, name, "the name of an entity")) {
        return;
    }
    const char *plural = load_text(l, plural_node);
    plural = plural != NULL ? plural : arena_printf(l->arena, "%ss", name);
    if (plural_node != NULL && !check_name(l, plural_node, plural, "the plural")) {
        return;
    }
    if (!doc->builtin && model_plural_reserved(plural)) {
        load_error(l, plural_node != NULL ? plural_node : name_node,
                   "the plural \"%s\" is an address of %s; write another under plural", plural,
                   model_is_page(plural) ? "the browser's pages" : "the API");
    } else if (map_find(&l->m->entity_by_name, name) != NULL) {
        load_error(l, name_node, "there is an entity \"%s\" already", name);
    } else if (map_find(&l->m->entity_by_plural, plural) != NULL || strcmp(name, plural) == 0) {
        load_error(l, plural_node != NULL ? plural_node : name_node,
                   "the plural \"%s\" is taken; write another under plural", plural);
    } else if (l->m->entity_count == LOAD_ENTITIES_MAX) {
        load_error(l, name_node, "there are more than %d entities", LOAD_ENTITIES_MAX);
    } else {
        read_entity(l, doc, name, plural);
    }
}

static void read_labels(struct loader *l, struct entity_def *d)
{
    struct entity *e = d->entity;
    e->label = load_label(l, load_entity_key(d, "label"), load_label_of(l, e->name));
    e->label_plural =
        load_label(l, load_entity_key(d, "label_plural"), load_label_of(l, e->plural));
    const char *icon = load_text(l, load_entity_key(d, "icon"));
    e->icon = icon != NULL ? icon : "box";
    e->menu = load_bool(l, load_entity_key(d, "menu"), true);
    e->timeline = load_bool(l, load_entity_key(d, "timeline"), true);
}

/* ---- its fields ---- */

static bool is_reserved(const struct entity *e, const char *name)
{
    bool people = is_one_of(PEOPLE, e->name);
    return is_one_of(RESERVED, name) || is_one_of(EXPR_WORDS, name) ||
           (!people && strcmp(name, "team") == 0) || (e->custom && strcmp(name, "entity") == 0);
}

static void declare_field(struct loader *l, struct entity_def *d, const struct yaml *node,
                          bool custom)
{
    const struct field *before = entity_field_find(d->entity, node->key);
    if (!str_is_identifier(node->key)) {
        load_key_error(l, node,
                       "the name of a field must be of small letters, digits and _, like "
                       "\"contract_end\"");
    } else if (before != NULL && !before->system) {
        load_key_error(l, node, "%s has a field \"%s\" already", d->entity->name, node->key);
    } else if (before != NULL || is_reserved(d->entity, node->key)) {
        load_key_error(l, node, "\"%s\" is a reserved name", node->key);
    } else if (node->type != YAML_MAP) {
        load_error(l, node, "must be a map like {type: text}");
    } else if (d->entity->field_count >= LOAD_FIELDS_MAX) {
        load_key_error(l, node, "%s has more than %d fields", d->entity->name, LOAD_FIELDS_MAX);
    } else {
        struct field *f = add_field(d, node->key);
        f->custom = custom;
        f->where = yaml_key_where(l->arena, node);
        d->fields[f->index].yaml = node;
    }
}

/* A built-in field may get other words and limits, but stays what it is. */
static void override_field(struct loader *l, struct field_def *d, const struct yaml *node)
{
    const struct yaml *type = yaml_find(node, "type");
    if (type != NULL) {
        load_key_error(l, type,
                       "%s has a built-in field \"%s\", whose type stays; take another name",
                       d->field->entity->name, node->key);
    } else if (load_check_model_keys(l, node, FIELD_KEYS, true)) {
        d->over = node;
    }
}

static void declare_fields(struct loader *l, struct entity_def *d, const struct yaml *fields,
                           bool custom)
{
    if (fields == NULL) {
        return;
    }
    if (fields->type != YAML_MAP) {
        load_error(l, fields, "must be a map of fields");
        return;
    }
    for (const struct yaml *node = fields->child; node != NULL; node = node->next) {
        const struct field *before = entity_field_find(d->entity, node->key);
        if (before == NULL || before->system || !custom || d->fields[before->index].over != NULL ||
            before->custom) {
            declare_field(l, d, node, custom);
        } else {
            override_field(l, &d->fields[before->index], node);
        }
    }
}

/* fields.yaml: `<entity>: {fields: {…}}`, for any entity. */
static void read_additions(struct loader *l)
{
    const struct document *doc = load_document(l, "fields.yaml", false);
    for (const struct yaml *node = doc == NULL ? NULL : doc->root->child; node != NULL;
         node = node->next) {
        const struct entity *e = model_entity_find(l->m, node->key);
        if (e == NULL) {
            const char **names = ARENA_ARRAY(l->messages, const char *, l->m->entity_count);
            for (size_t i = 0; i < l->m->entity_count; i++) {
                names[i] = l->m->entities[i]->name;
            }
            const char *near = str_nearest(node->key, names, l->m->entity_count);
            load_key_error(l, node,
                           near != NULL ? "there is no entity \"%s\"; do you mean \"%s\"?"
                                        : "there is no entity \"%s\"%s",
                           node->key, near != NULL ? near : "");
        } else if (load_check_model_keys(l, node, ENTITY_KEYS, true)) {
            l->defs[e->index].over = node;
        }
    }
}

static void add_owner(struct entity_def *d)
{
    struct entity *e = d->entity;
    if (is_one_of(PEOPLE, e->name)) {
        return;
    }
    struct field *owner = add_field(d, "owner"), *team = add_field(d, "team");
    owner->label = "Owner";
    owner->type = field_type_find("user");
    team->label = "Team";
    team->type = field_type_find("link");
    owner->where = team->where = e->where;
    owner->indexed = team->indexed = true;
    e->owner = owner;
    e->team = team;
}

static void read_fields(struct loader *l, struct entity_def *d)
{
    struct entity *e = d->entity;
    const struct yaml *fields = yaml_find(d->yaml, "fields");
    if (fields == NULL) {
        load_error(l, d->yaml, "%s has no fields; write them under \"fields\"", e->name);
    }
    declare_fields(l, d, fields, e->custom);
    add_owner(d);
    if (d->over != NULL) {
        declare_fields(l, d, yaml_find(d->over, "fields"), true);
    }
    score_declare(l, d, add_field);
}

void load_entities(struct loader *l)
{
    struct model *m = l->m;
    map_init(&m->entity_by_name, l->arena);
    map_init(&m->entity_by_plural, l->arena);
    m->entities = ARENA_ARRAY(l->arena, struct entity *, LOAD_ENTITIES_MAX);
    l->defs = ARENA_ARRAY(l->arena, struct entity_def, LOAD_ENTITIES_MAX);
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < l->document_count; i++) {
            if (str_starts(l->documents[i].name, "entities/") &&
                l->documents[i].builtin == (pass == 0)) {
                declare_entity(l, &l->documents[i]);
            }
        }
    }
    read_additions(l);
    for (size_t i = 0; i < m->entity_count; i++) {
        read_labels(l, &l->defs[i]);
        read_fields(l, &l->defs[i]);
    }
}
