/*
 * What a field's own keys say, as far as no other entity is needed: type, label, options, limits.
 * Links get their target in link_field.c, expressions their tree in link_expr.c.
 */
#include <string.h>

#include "base/str.h"
#include "model/load.h"

#define PLACES_MAX      6
#define OPTION_SIZE_MAX 60

/* Known words of later versions, with what to say. */
static const struct {
    const char *key, *text;
} LATER[] = {
    {"was", "renaming a field is not part of this version yet; keep the name and change the label"},
};

static bool check_later(struct loader *l, const struct yaml *node)
{
    bool found = false;
    for (size_t i = 0; i < COUNT(LATER); i++) {
        const struct yaml *key = yaml_find(node, LATER[i].key);
        if (key != NULL) {
            load_key_error(l, key, "%s", LATER[i].text);
            found = true;
        }
    }
    return found;
}

/* ---- type ---- */

static void unknown_type(struct loader *l, const struct yaml *node, const char *name)
{
    const char *names[64];
    size_t n = 0;
    for (const struct field_type *t = FIELD_TYPES; t->name != NULL; t++) {
        if (t->declarable) {
            names[n++] = t->name;
        }
    }
    names[n++] = "computed";
    load_unknown(l, node, "type", name, names, n);
}

static void read_type(struct loader *l, struct field_def *d)
{
    struct field *f = d->field;
    const struct yaml *node = yaml_find(d->yaml, "type");
    bool computed = yaml_find(d->yaml, "compute") != NULL;
    if (node == NULL) {
        load_error(l, d->yaml, "the field \"%s\" needs a type", f->name);
        return;
    }
    const char *name = load_text(l, node);
    if (name != NULL && strcmp(name, "computed") == 0) {
        if (!computed) {
            load_error(l, node, "a computed field needs an expression under \"compute\"");
        }
        return;
    }
    const struct field_type *t = name == NULL ? NULL : field_type_find(name);
    if (t != NULL && (t->declarable || (!f->custom && t->kind != TYPE_ID))) {
        f->type = t;
    } else if (name != NULL) {
        unknown_type(l, node, name);
    }
}

/* ---- options ---- */

static bool check_option(struct loader *l, const struct yaml *node, const char *id)
{
    if (id[0] == '\0' || strlen(id) > OPTION_SIZE_MAX || strpbrk(id, ";,\n\t") != NULL) {
        load_error(l, node, "the key of an option has 1 to %d characters, no comma or semicolon",
                   OPTION_SIZE_MAX);
        return false;
    }
    return true;
}

static void add_option(struct loader *l, struct field *f, struct option *options,
                       const struct yaml *node, struct option option)
{
    for (size_t i = 0; i < f->option_count; i++) {
        if (strcmp(options[i].id, option.id) == 0) {
            load_error(l, node, "the option \"%s\" is listed twice", option.id);
            return;
        }
    }
    options[f->option_count++] = option;
}

/* "Visit", {en: Visit, de: Besuch}, or {label: either, icon: map-pin, answers: false, of: {…}}. */
static bool is_told_in_full(const struct yaml *item)
{
    const struct yaml *of = yaml_find(item, "of");
    return item->type == YAML_MAP && (yaml_find(item, "label") != NULL || yaml_find(item, "icon") != NULL ||
                                      yaml_find(item, "answers") != NULL ||
                                      (of != NULL && of->type != YAML_SCALAR));
}

static struct option read_option(struct loader *l, const struct yaml *item, const char *id,
                                 const char *parent, bool map)
{
    static const char *const KEYS[] = {"label", "icon", "of", "answers", NULL};
    struct option o = {.id = id, .label = load_label_of(l, id), .parent = parent};
    const struct yaml *label = map ? item : NULL, *answers = NULL;
    if (map && is_told_in_full(item)) {
        load_check_keys(l, item, KEYS);
        label = yaml_find(item, "label");
        o.icon = load_text(l, yaml_find(item, "icon"));
        answers = yaml_find(item, "answers");
        o.no_answer = answers != NULL && !load_bool(l, answers, true);
    }
    o.label = label != NULL ? load_label(l, label, o.label) : o.label;
    return o;
}

/* Those below an option; NULL: none. */
static const struct yaml *below(struct loader *l, const struct yaml *item)
{
    const struct yaml *of = is_told_in_full(item) ? yaml_find(item, "of") : NULL;
    if (of != NULL && (of->type == YAML_SCALAR || of->count == 0)) {
        load_error(l, of, "must be a list of keys, or a map of keys and labels");
        return NULL;
    }
    return of;
}

static size_t count_options(const struct yaml *node)
{
    size_t count = node->count;
    for (const struct yaml *item = node->child; item != NULL; item = item->next) {
        const struct yaml *of = is_told_in_full(item) ? yaml_find(item, "of") : NULL;
        count += of != NULL ? count_options(of) : 0;
    }
    return count;
}

static void read_level(struct loader *l, struct field *f, struct option *options,
                       const struct yaml *node, const char *parent)
{
    bool map = node->type == YAML_MAP;
    for (const struct yaml *item = node->child; item != NULL; item = item->next) {
        const char *id = map ? item->key : load_text(l, item);
        if (id == NULL || !check_option(l, item, id)) {
            continue;
        }
        add_option(l, f, options, item, read_option(l, item, id, parent, map));
        const struct yaml *more = map ? below(l, item) : NULL;
        if (more != NULL) {
            read_level(l, f, options, more, id);
        }
    }
}

/* Behind those that are there. */
static void read_option_nodes(struct loader *l, struct field *f, const struct yaml *node)
{
    size_t room = f->option_count + count_options(node);
    struct option *options = ARENA_ARRAY(l->arena, struct option, room);
    if (room > LOAD_OPTIONS_MAX) {
        load_error(l, node, "more than %d options", LOAD_OPTIONS_MAX);
        return;
    }
    for (size_t i = 0; i < f->option_count; i++) {
        options[i] = f->options[i];
    }
    read_level(l, f, options, node, NULL);
    f->options = options;
    f->options_where = yaml_where(l->arena, node);
}

/* `of: roles`: the roles there are. */
static void use_roles(struct loader *l, struct field *f)
{
    struct option *options = ARENA_ARRAY(l->arena, struct option, l->m->role_count);
    for (size_t i = 0; i < l->m->role_count; i++) {
        options[i] = (struct option){.id = l->m->roles[i].id, .label = l->m->roles[i].label};
    }
    const struct document *conf = load_document(l, "roles.yaml", false);
    f->options = options;
    f->option_count = l->m->role_count;
    f->options_where = conf != NULL ? yaml_where(l->arena, conf->root) : "roles.yaml";
}

static void read_options(struct loader *l, struct field_def *d)
{
    struct field *f = d->field;
    const struct yaml *of = load_def_key(d, "of");
    bool takes = f->type->options == OPTIONS_OWN;
    if (of == NULL) {
        if (takes && yaml_find(d->yaml, "compute") == NULL) {
            load_error(l, d->yaml, "a %s needs its options under \"of\"", f->type->name);
        }
        return;
    }
    if (!takes) {
        load_key_error(l, of, "only choice and choices have options");
    } else if (of->type == YAML_SCALAR && strcmp(of->text, "roles") == 0) {
        use_roles(l, f);
    } else if (of->type == YAML_SCALAR || of->count == 0) {
        load_error(l, of, "must be a list of keys, or a map of keys and labels");
    } else {
        read_option_nodes(l, f, of);
    }
}

/* `also`: a firm's own beside the built-in ones. */
static void read_more_options(struct loader *l, struct field_def *d)
{
    const struct yaml *also = load_def_key(d, "also");
    if (also == NULL) {
        return;
    }
    if (d->field->type->options != OPTIONS_OWN) {
        load_key_error(l, also, "only choice and choices have options");
    } else if (also->type == YAML_SCALAR || also->count == 0) {
        load_error(l, also, "must be a list of keys, or a map of keys and labels");
    } else {
        read_option_nodes(l, d->field, also);
    }
}

/* ---- limits ---- */

static bool read_limit(struct loader *l, struct field_def *d, const char *key, int64_t *out)
{
    const struct yaml *node = load_def_key(d, key);
    const char *text = load_text(l, node);
    if (text == NULL) {
        return false;
    }
    const struct field_type *t = d->field->type;
    if (t->parse_limit == NULL) {
        load_key_error(l, node, "the type %s has no %s", t->name, key);
        return false;
    }
    if (t->parse_limit(d->field, text, out) != 0) {
        load_error(l, node, "\"%s\" is not a limit for the type %s", text, t->name);
        return false;
    }
    return true;
}

static void read_limits(struct loader *l, struct field_def *d)
{
    struct field *f = d->field;
    f->has_min = read_limit(l, d, "min", &f->min);
    f->has_max = read_limit(l, d, "max", &f->max);
    if (f->has_min && f->has_max && f->min > f->max) {
        load_error(l, load_def_key(d, "min"), "min is larger than max");
    }
}

static void read_places(struct loader *l, struct field_def *d)
{
    struct field *f = d->field;
    const struct yaml *node = d->yaml == NULL ? NULL : yaml_find(d->yaml, "places");
    bool computed = d->yaml != NULL && yaml_find(d->yaml, "compute") != NULL;
    if (node != NULL && f->type->places < 0 && !(computed && field_is_words(f))) {
        load_key_error(l, node, "the type %s has no places", f->type->name);
        return;
    }
    f->places = (int)load_int(l, node, 0, PLACES_MAX, f->type->places < 0 ? 0 : f->type->places);
    if (f->type->kind == TYPE_MONEY) {
        f->places = l->m->company.currency_places;
        f->currency = l->m->company.currency;
    }
    f->home = l->m->company.country;
}

/* ---- rights and the rest ---- */

static uint64_t read_roles(struct loader *l, const struct yaml *node, uint64_t all)
{
    size_t count;
    const struct yaml **items = load_items(l, node, &count);
    uint64_t bits = 0;
    if (node == NULL) {
        return all;
    }
    for (size_t i = 0; i < l->m->role_count; i++) {
        bits |= l->m->roles[i].admin ? UINT64_C(1) << i : 0;
    }
    for (size_t i = 0; i < count; i++) {
        const struct role *r = model_role_find(l->m, items[i]->text);
        if (r != NULL) {
            bits |= UINT64_C(1) << r->index;
            continue;
        }
        const char *names[LOAD_ROLES_MAX];
        for (size_t k = 0; k < l->m->role_count; k++) {
            names[k] = l->m->roles[k].id;
        }
        load_unknown(l, items[i], "role", items[i]->text, names, l->m->role_count);
    }
    return bits;
}

static void read_flags(struct loader *l, struct field_def *d)
{
    struct field *f = d->field;
    const struct yaml *unique = load_def_key(d, "unique");
    const struct yaml *search = load_def_key(d, "search");
    f->unique = load_bool(l, unique, false);
    f->search = load_bool(l, search, false);
    f->tree = load_bool(l, load_def_key(d, "tree"), false);
    f->indexed = load_bool(l, load_def_key(d, "index"), f->indexed);
    if (f->unique && (!f->type->uniqueable || load_def_key(d, "compute") != NULL)) {
        load_key_error(l, unique, "a field of type %s cannot be unique",
                       load_def_key(d, "compute") != NULL ? "computed" : f->type->name);
    }
    if (f->type->serial && unique != NULL && !f->unique) {
        load_key_error(l, unique, "a field of type %s is always unique", f->type->name);
    }
    f->unique = f->unique || f->type->serial;
    if (f->search && !f->type->searchable) {
        load_key_error(l, search, "a field of type %s cannot be searched", f->type->name);
    }
}

static const char *const NOT_COMPUTED[] = {"required", "default", "of",       "to",   "min",
                                           "max",      "search",  "readonly", "edit", "reverse"};

/* It comes from its counter: there is always one, and none is the last. */
static const char *const NOT_SERIAL[] = {"required", "default", "max"};

static void check_serial(struct loader *l, const struct field_def *d)
{
    for (size_t i = 0; d->field->type->serial && i < COUNT(NOT_SERIAL); i++) {
        const struct yaml *node = load_def_key(d, NOT_SERIAL[i]);
        if (node != NULL) {
            load_key_error(l, node, "a field of type %s has no \"%s\"", d->field->type->name,
                           NOT_SERIAL[i]);
        }
    }
}

static void check_computed(struct loader *l, const struct field_def *d)
{
    const struct yaml *compute = yaml_find(d->yaml, "compute");
    const struct yaml *stored = yaml_find(d->yaml, "stored");
    if (compute == NULL && stored != NULL) {
        load_key_error(l, stored, "only computed fields can be stored or not");
    }
    for (size_t i = 0; compute != NULL && i < COUNT(NOT_COMPUTED); i++) {
        const struct yaml *node = load_def_key(d, NOT_COMPUTED[i]);
        if (node != NULL) {
            load_key_error(l, node, "a computed field has no \"%s\"", NOT_COMPUTED[i]);
        }
    }
}

static void read_field(struct loader *l, struct field_def *d)
{
    struct field *f = d->field;
    uint64_t all = l->m->role_count == 64 ? UINT64_MAX : (UINT64_C(1) << l->m->role_count) - 1;
    f->see_roles = f->edit_roles = all;
    read_places(l, d);
    if (f->system) {
        return;
    }
    f->label = load_label(l, load_def_key(d, "label"),
                          f->label != NULL ? f->label : load_label_of(l, f->name));
    f->help = load_label(l, load_def_key(d, "help"), NULL);
    f->group = load_label(l, load_def_key(d, "group"), NULL);
    read_flags(l, d);
    read_limits(l, d);
    f->see_roles = read_roles(l, load_def_key(d, "see"), all);
    d->told_roles = load_def_key(d, "see") != NULL ? all : 0;
    d->hider = (f->see_roles & all) != all ? load_def_key(d, "see") : NULL;
    f->edit_roles = read_roles(l, load_def_key(d, "edit"), all) & f->see_roles;
    if (d->yaml != NULL) {
        read_options(l, d);
        read_more_options(l, d);
        check_computed(l, d);
        check_serial(l, d);
    }
}

void load_field_properties(struct loader *l)
{
    for (size_t i = 0; i < l->m->entity_count; i++) {
        struct entity_def *d = &l->defs[i];
        for (size_t k = 0; k < d->entity->field_count; k++) {
            struct field_def *f = &d->fields[k];
            if (f->yaml != NULL) {
                if (!check_later(l, f->yaml)) {
                    load_check_model_keys(l, f->yaml, FIELD_KEYS, false);
                }
                read_type(l, f);
            }
            read_field(l, f);
        }
    }
}
