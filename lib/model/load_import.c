/*
 * Import mappings: which column of a file goes to which field. Checked here, so that a mistake
 * shows at `kontor check`; used by lib/core/import_map.
 */
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "model/load.h"

const struct import_key IMPORT_MAP_KEYS[] = {
    {"import", "what a row of the file is: the name of its entity", "import: deal"},
    {"header",
     "the names of all columns, in any order; a mapping in `imports/` is used for files with "
     "exactly these",
     "header: [Name, Betrag, Kunde]"},
    {"match",
     "fields by which a record is found that is there already, and then changed; `email` and "
     "`phone` find by any of them, `id` by a column of that name; all of them must fit; without it "
     "every row makes a record",
     "match: [name, company]"},
    {"columns", "every column of the file and where it goes: a field, `skip`, or the keys below",
     "columns: {Name: name, Notiz: skip}"},
    {"set", "fields that are the same in all rows, where no column fills them; links by name",
     "set: {source: trade fair}"},
    {"system",
     "the program the file comes from: ids of `ref` columns are kept under its name, so that other "
     "files and later ones link up by them",
     "system: salesforce"},
    {"decimal",
     "the decimal sign of all numbers and amounts, `comma` or `point`, like --decimal; without it "
     "the file tells, and one that does not is refused",
     "decimal: comma"},
    {NULL, NULL, NULL},
};

const struct import_key IMPORT_COLUMN_KEYS[] = {
    {"field", "the field the column fills", "{field: name}"},
    {"by",
     "links: the field of the other record that stands in the column; without it its title or any "
     "unique field",
     "{field: company, by: name}"},
    {"to", "links to records of any kind: the entity that is meant", "{field: links, to: company}"},
    {"create",
     "links: `true` makes a record that is missing, unless one is called nearly the same (like "
     "--create-links, which spares users and teams)",
     "{field: company, create: true}"},
    {"values",
     "what to take instead of a text, in any case of its letters; other texts stay as they are",
     "{field: product, values: {GTXPro: GTX Pro}}"},
    {"currency",
     "money: the column in which the currency of the amount stands as code or sign, or one code for "
     "all rows; that column needs no field of its own, but may have `values`",
     "{field: amount, currency: Währung}"},
    {"closed",
     "dates: `true` when it is the day on which a record that is won or lost became so; it goes to "
     "`won_at` or `lost_at` as well, when the row brings the record there",
     "{field: close_date, closed: true}"},
    {"unknown",
     "`empty` leaves the field empty where nothing is found or the text means nothing to it, another "
     "text is taken in its place; without it such a row is rejected",
     "{field: owner, unknown: empty}"},
    {"ref",
     "`true`: the column holds the id in the program the file comes from, of the row itself or, with "
     "`field`, of the record it links to",
     "{field: company, ref: true}"},
    {"of",
     "the entity of another record that the row makes too, linked to the others of the row",
     "{of: company, field: name}"},
    {"over",
     "`true`: goes before other columns of the field, where it says something the field knows",
     "{field: stage, over: true}"},
    {"join", "what to put between several columns that fill one field", "{field: street, join: \", \"}"},
    {"label", "addresses and numbers: what they are", "{field: phones, label: work}"},
    {"label_in", "the same, as another column says it",
     "{field: phones, label_in: Phone 1 - Label}"},
    {"opt_out_in", "the column that says with yes or no whether they are not to be used",
     "{field: emails, opt_out_in: Email Opt Out}"},
    {"part",
     "addresses: the part of one that stands in the column, `street`, `postcode`, `city`, `region` or "
     "`country`; columns with the same `label` are one address",
     "{field: addresses, part: city, label: work}"},
    {"decimal", "numbers and money: the decimal sign of this column, `comma` or `point`",
     "{field: amount, decimal: comma}"},
    {NULL, NULL, NULL},
};

static void write_keys(struct buf *out, const char *title, const struct import_key *keys)
{
    buf_printf(out, "| %s | Meaning | Example |\n|---|---|---|\n", title);
    for (const struct import_key *k = keys; k->name != NULL; k++) {
        buf_printf(out, "| `%s` | %s | `%s` |\n", k->name, k->meaning, k->example);
    }
}

void import_write_reference(struct buf *out)
{
    buf_puts(out, "\n## Import mappings\n\n");
    buf_puts(out, "A file for `--map`, or one of `imports/`.\n\n");
    write_keys(out, "Key", IMPORT_MAP_KEYS);
    buf_puts(out, "\nA column is `Column: field`, `Column: skip`, `Column: note` (it becomes a note about "
                  "the record), `Column: name`\n(a whole name, for people: a title before it goes to "
                  "`salutation`, “von der” to the last name), `Column: deleted`\n(rows where it "
                  "says yes are left out: they were deleted where they come from), or `Column: {…}` with\n\n");
    write_keys(out, "Key", IMPORT_COLUMN_KEYS);
    buf_puts(out,
             "\nFields that are kept by Kontor, with `readonly: true`, are filled by administrators only: "
             "`won_at`, `lost_at` and\n`stage_since` of deals. A deal that comes in as won or lost "
             "without such a column, without one that is\n`closed`, or with its cell empty, counts as won or "
             "lost at the moment of the import.\n"
             "`kontor import --at COLUMN` dates whole rows instead, so that\nhistory, as-of and these "
             "fields follow the file: for administrators, in a first load (no row older than the\nnewest "
             "change there is, none later than today), every row with a date; the rows are taken in the "
             "order of\ntheir dates, and the column needs no field. Without `--at` that column is like any "
             "other: give it a field\n(`closed: true` for the day of winning or losing) or `skip`.\n");
}

static bool check_keys(struct loader *l, const struct yaml *node, const struct import_key *keys)
{
    const char *names[20] = {NULL};
    for (size_t i = 0; keys[i].name != NULL && i + 1 < COUNT(names); i++) {
        names[i] = keys[i].name;
    }
    return load_check_keys(l, node, names);
}

bool import_is_word(const struct entity *e, const char *name)
{
    bool free = name != NULL && entity_field_find(e, name) == NULL;
    return name != NULL && (strcmp(name, "skip") == 0 || (free && strcmp(name, IMPORT_NOTE) == 0) ||
                            (free && strcmp(name, IMPORT_DELETED) == 0) ||
                            (free && strcmp(name, IMPORT_CALENDAR) == 0) ||
                            (free && strcmp(name, IMPORT_NAME) == 0 && e->title_count > 1));
}

/* A field to find records by; "email" and "phone" also mean the lists of them. */
static void check_key(struct loader *l, const struct entity *e, const struct yaml *where,
                      const char *name)
{
    static const char *const LISTS[][2] = {{"email", "emails"}, {"phone", "phones"}};
    for (size_t i = 0; i < COUNT(LISTS); i++) {
        if (strcmp(LISTS[i][0], name) == 0 && entity_field_find(e, LISTS[i][1]) != NULL) {
            return;
        }
    }
    struct yaml node = *where;
    node.text = name;
    load_field(l, e, &node);
}

/* A list, or names with commas between them. */
static void check_match(struct loader *l, const struct entity *e, const struct yaml *match)
{
    size_t count;
    const struct yaml **items = load_items(l, match, &count);
    for (size_t i = 0; i < count; i++) {
        const char *text = items[i]->text;
        while (*text != '\0') {
            size_t size = strcspn(text, ",");
            check_key(l, e, items[i],
                      str_trim(l->messages, arena_strndup(l->messages, text, size)));
            text += size + (text[size] == ',');
        }
    }
}

static void check_by(struct loader *l, const struct field *f, const struct yaml *node)
{
    const struct yaml *by = yaml_find(node, "by"), *create = yaml_find(node, "create");
    const char *name = load_text(l, by);
    load_bool(l, create, false);
    if (name == NULL) {
        return;
    }
    if (!field_refers(f)) {
        load_key_error(l, by, "only links are found by a field");
    } else if (f->to != NULL) {
        check_key(l, f->to, by, name);
    }
}

static void check_values(struct loader *l, const struct yaml *values)
{
    if (values != NULL && values->type != YAML_MAP) {
        load_error(l, values, "must be a map like {GTXPro: GTX Pro}");
        return;
    }
    for (const struct yaml *n = values == NULL ? NULL : values->child; n != NULL; n = n->next) {
        if (n->type != YAML_SCALAR) {
            load_error(l, n, "must be a text");
        }
    }
}

static void check_target(struct loader *l, const struct entity *e, const struct yaml *node)
{
    const struct field *f = load_field(l, e, node);
    if (f != NULL && (f->compute != NULL || f->system)) {
        load_error(l, node, "\"%s\" is made by the system and cannot be imported", f->name);
    }
}

/* Case and blanks do not matter, as between a header and the file. */
static bool same_name(struct loader *l, const char *a, const char *b)
{
    return strcmp(str_fold(l->messages, a, strlen(a)), str_fold(l->messages, b, strlen(b))) == 0;
}

/* A column of the file (of the header, when the mapping has one), or a code for all rows. */
static void check_currency(struct loader *l, const struct field *f, const struct yaml *root,
                           const struct yaml *node)
{
    const char *name = load_text(l, node);
    const struct yaml *header = yaml_find(root, "header");
    if (name == NULL) {
        return;
    }
    if (f->type->kind != TYPE_MONEY) {
        load_key_error(l, node, "only amounts of money have a currency");
        return;
    }
    bool found = header == NULL || header->type != YAML_LIST || currency_places(name) >= 0;
    for (const struct yaml *n = found ? NULL : header->child; n != NULL && !found; n = n->next) {
        found = n->text != NULL && same_name(l, n->text, name);
    }
    if (!found) {
        load_error(l, node,
                   "\"%s\" is neither a column of the header nor a currency code like EUR", name);
    }
}

static void check_closed(struct loader *l, const struct field *f, const struct yaml *node)
{
    bool date = f->type->expr_kind == KIND_DATE || f->type->expr_kind == KIND_INSTANT;
    if (load_bool(l, node, false) && (!date || f->entity->stage == NULL)) {
        load_key_error(l, node, "only a date of records with stages can be the day they were closed");
    }
}

static void check_decimal(struct loader *l, const struct yaml *node)
{
    const char *said = load_text(l, node);
    if (said != NULL && strcmp(said, "comma") != 0 && strcmp(said, "point") != 0) {
        load_error(l, node, "the decimal sign is \"comma\" or \"point\", not \"%s\"", said);
    }
}

/* Another column says that its currency stands here. */
static bool is_currency(struct loader *l, const struct yaml *root, const char *column)
{
    const struct yaml *columns = yaml_find(root, "columns");
    for (const struct yaml *n = columns->child; n != NULL; n = n->next) {
        const struct yaml *name = yaml_find(n, "currency");
        if (name != NULL && name->type == YAML_SCALAR && same_name(l, name->text, column)) {
            return true;
        }
    }
    return false;
}

static void check_column(struct loader *l, const struct entity *e, const struct yaml *root,
                         const struct yaml *node)
{
    if (node->type == YAML_SCALAR) {
        if (load_text(l, node) != NULL && !import_is_word(e, node->text)) {
            check_target(l, e, node);
        }
        return;
    }
    if (!check_keys(l, node, IMPORT_COLUMN_KEYS)) {
        return;
    }
    const struct yaml *field = yaml_find(node, "field"), *of = yaml_find(node, "of");
    struct entity_def *other = of != NULL ? load_entity_def(l, of, load_text(l, of)) : NULL;
    if (of != NULL && other == NULL) {
        return;
    }
    e = other != NULL ? other->entity : e;
    load_bool(l, yaml_find(node, "ref"), false);
    if (field == NULL && yaml_find(node, "ref") != NULL) {
        return;
    }
    if (field != NULL && field->text != NULL && import_is_word(e, field->text)) {
        return;
    }
    if (field == NULL && is_currency(l, root, node->key)) {
        check_values(l, yaml_find(node, "values"));
        return;
    }
    if (field == NULL || load_text(l, field) == NULL) {
        load_error(l, node, "a column needs its field, or skip");
        return;
    }
    check_target(l, e, field);
    const struct field *f = entity_field_find(e, field->text);
    if (f != NULL) {
        check_by(l, f, node);
        check_currency(l, f, root, yaml_find(node, "currency"));
        check_closed(l, f, yaml_find(node, "closed"));
        check_decimal(l, yaml_find(node, "decimal"));
    }
    check_values(l, yaml_find(node, "values"));
}

static void check_map(struct loader *l, const struct entity *e, const struct yaml *root)
{
    size_t count;
    const struct yaml *columns = yaml_find(root, "columns"), *set = yaml_find(root, "set");
    load_items(l, yaml_find(root, "header"), &count);
    check_match(l, e, yaml_find(root, "match"));
    check_decimal(l, yaml_find(root, "decimal"));
    if (columns == NULL || columns->type != YAML_MAP) {
        load_error(l, columns != NULL ? columns : root, "a mapping needs a map of columns");
        return;
    }
    for (const struct yaml *n = columns->child; n != NULL; n = n->next) {
        check_column(l, e, root, n);
    }
    if (set != NULL && set->type != YAML_MAP) {
        load_error(l, set, "must be a map of fields and values");
        return;
    }
    for (const struct yaml *n = set == NULL ? NULL : set->child; n != NULL; n = n->next) {
        const struct yaml name = {.type = YAML_SCALAR,
                                  .text = n->key,
                                  .file = n->file,
                                  .line = n->key_line,
                                  .column = n->key_column};
        check_target(l, e, &name);
    }
}

static void read_import(struct loader *l, const struct document *d)
{
    const struct yaml *entity = yaml_find(d->root, "import");
    check_keys(l, d->root, IMPORT_MAP_KEYS);
    if (entity == NULL) {
        load_error(l, d->root, "the key \"import\" is missing: the entity of the rows");
        return;
    }
    struct entity_def *e = load_entity_def(l, entity, load_text(l, entity));
    if (e == NULL) {
        return;
    }
    check_map(l, e->entity, d->root);
    const char *file = d->name + strlen("imports/");
    l->m->imports[l->m->import_count++] =
        (struct import_map){.name = arena_strndup(l->arena, file, strlen(file) - strlen(".yaml")),
                            .entity = e->entity,
                            .yaml = d->root};
}

void load_imports(struct loader *l)
{
    l->m->imports = ARENA_ARRAY(l->arena, struct import_map, l->document_count);
    for (size_t i = 0; i < l->document_count; i++) {
        if (str_starts(l->documents[i].name, "imports/")) {
            read_import(l, &l->documents[i]);
        }
    }
}
