/*
 * Stories: an entity with a field of type records tells of the records it points to, so what it
 * holds stands in their timelines. What an entry shows follows from the types of its fields and
 * from its title; what these cannot tell stands under the key `story` of the entity.
 */
#include <string.h>

#include "base/buf.h"
#include "model/load.h"

enum { KEY_AT, KEY_KIND, KEY_DUE, KEY_DONE, KEY_PIN };

static const struct import_key KEYS[] = {
    [KEY_AT] = {"at", "a required moment: where in a timeline the entry stands", "at: arrived"},
    [KEY_KIND] = {"kind", "a choice: what the entry is, by which timelines are filtered",
                  "kind: reason"},
    [KEY_DUE] = {"due", "with `done`: when it is to be done", "due: due"},
    [KEY_DONE] =
        {"done",
         "the moment it was done; until then it is a next step and in no timeline; only one "
         "entity has next steps: `activity`",
         "done: done_at"},
    [KEY_PIN] = {"pin", "a field of type records: the entry stands on top of their timelines", "pin: pinned"},
    {NULL, NULL, NULL},
};

static bool is_moment(const struct field *f)
{
    return f->type->expr_kind == KIND_INSTANT;
}

static bool is_time(const struct field *f)
{
    return is_moment(f) || f->type->expr_kind == KIND_DATE;
}

static bool is_choice(const struct field *f)
{
    return f->type->expr_kind == KIND_CHOICE && f->type->options == OPTIONS_OWN;
}

static bool is_long_text(const struct field *f)
{
    return f->type->words == WORDS_LINES;
}

/* Text somebody wrote. */
static bool is_told(const struct field *f)
{
    return is_long_text(f) && !field_is_extract(f);
}

/* What a key may name. */
static const struct {
    bool (*fits)(const struct field *f);
    bool required;
    const char *what;
} FITS[] = {
    [KEY_AT] = {is_moment, true, "a required field of type instant"},
    [KEY_KIND] = {is_choice, false, "a field of type choice"},
    [KEY_DUE] = {is_time, false, "a field of type instant or date"},
    [KEY_DONE] = {is_moment, false, "a field of type instant"},
    [KEY_PIN] = {field_is_records, false, "a field of type records"},
};

/* What a timeline is asked for besides entities and kinds, and what it calls its own entries. */
static const char *const TAKEN[] = {"change", "open", "created", "deleted", "restored"};

/* An option of these names could not be asked for. */
static void check_kinds(struct loader *l, const struct yaml *story, const struct field *kind)
{
    for (size_t i = 0; kind != NULL && i < kind->option_count * COUNT(TAKEN); i++) {
        const char *word = TAKEN[i % COUNT(TAKEN)];
        if (strcmp(kind->options[i / COUNT(TAKEN)].id, word) == 0) {
            load_error(l, yaml_find(story, KEYS[KEY_KIND].name),
                       "\"%s\" is an option of \"%s\" and a word of timelines; name the option "
                       "otherwise",
                       word, kind->name);
        }
    }
}

void story_write_reference(struct buf *out)
{
    buf_puts(out, "\n## Timelines\n\n");
    buf_puts(out, "What an entity with fields of type `records` holds stands in the timelines of "
                  "the records they point to: under its title, with its first long text, where it "
                  "was written down. Under `story` its file can say\n\n"
                  "| Key | Meaning | Example |\n|---|---|---|\n");
    for (const struct import_key *k = KEYS; k->name != NULL; k++) {
        buf_printf(out, "| `%s` | %s | `%s` |\n", k->name, k->meaning, k->example);
    }
}

static const struct field *named(struct loader *l, const struct entity *e, const struct yaml *story,
                                 int key)
{
    const struct yaml *node = yaml_find(story, KEYS[key].name);
    const struct field *f = load_text(l, node) == NULL ? NULL : load_field(l, e, node);
    bool fits = f != NULL && f->column_count > 0 && FITS[key].fits(f) &&
                (!FITS[key].required || f->system || f->required.always);
    if (f != NULL && !fits) {
        load_error(l, node, "must name %s", FITS[key].what);
    }
    return fits ? f : NULL;
}

static const struct field *first_of(const struct entity *e, bool (*fits)(const struct field *f))
{
    for (size_t i = 0; i < e->field_count; i++) {
        const struct field *f = e->fields[i];
        if (fits(f) && f->column_count > 0) {
            return f;
        }
    }
    return NULL;
}

/* The title, unless it is the text itself. */
static const struct field *subject_of(const struct entity *e)
{
    const struct field *only = e->title_count == 1 ? e->title[0] : NULL;
    if (only != NULL && is_long_text(only)) {
        return NULL;
    }
    return only != NULL && only->type->words == WORDS_LINE ? only : entity_field_find(e, "title");
}

/* False after a message: the keys do not go together. */
static bool check_together(struct loader *l, const struct entity *e, const struct yaml *node,
                           const struct story *s)
{
    if ((s->due == NULL) != (s->done == NULL)) {
        load_key_error(l, node, "due and done go together");
    } else if (s->pin != NULL && s->pin == s->records) {
        load_key_error(l, node, "%s is what the entry is about; pin needs a field of its own",
                       s->pin->name);
    } else if (s->done != NULL && yaml_find(node, KEYS[KEY_AT].name) != NULL) {
        load_key_error(l, node, "an entry stands where it was done: at goes without done");
    } else if (s->done != NULL && l->m->work != NULL) {
        load_key_error(l, node, "%s has the next steps; %s cannot have others", l->m->work->name,
                       e->name);
    } else {
        return true;
    }
    return false;
}

/* `story: none`: it points to records and is told in no timeline. */
static bool is_none(const struct yaml *node)
{
    return node->type == YAML_SCALAR && strcmp(node->text, "none") == 0;
}

static void read_keys(struct loader *l, struct entity *e, const struct yaml *node)
{
    const char *const names[] = {KEYS[KEY_AT].name, KEYS[KEY_KIND].name, KEYS[KEY_DUE].name,
                                 KEYS[KEY_DONE].name, KEYS[KEY_PIN].name, NULL};
    size_t before = l->e->item_count;
    struct story *s = &e->story;
    if (is_none(node)) {
        s->records = NULL;
        return;
    }
    if (s->records == NULL) {
        load_key_error(l, node, "%s needs a field of type records to be in timelines", e->name);
        return;
    }
    if (!load_check_keys(l, node, names)) {
        return;
    }
    const struct field *at = named(l, e, node, KEY_AT);
    s->kind = named(l, e, node, KEY_KIND);
    check_kinds(l, node, s->kind);
    s->due = named(l, e, node, KEY_DUE);
    s->done = named(l, e, node, KEY_DONE);
    s->pin = named(l, e, node, KEY_PIN);
    if (l->e->item_count == before && check_together(l, e, node, s)) {
        s->at = s->done != NULL ? s->done : at != NULL ? at : s->at;
        l->m->work = s->done != NULL ? e : l->m->work;
    }
}

void link_stories(struct loader *l)
{
    for (size_t i = 0; i < l->m->entity_count; i++) {
        struct entity *e = l->m->entities[i];
        const struct yaml *node = yaml_find(l->defs[i].yaml, "story");
        e->story = (struct story){.records = first_of(e, field_is_records),
                                  .at = entity_field_find(e, "created_at"),
                                  .subject = subject_of(e),
                                  .text = first_of(e, is_told)};
        if (node != NULL) {
            read_keys(l, e, node);
        }
    }
}
