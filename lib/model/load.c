/*
 * model_load: texts → one linked, immutable model. See load.h for the passes.
 *
 * Called at start, by `kontor check|plan|apply` and on reload; runs on one thread and touches
 * nothing but its own arena. The result is published with one reference, or not at all.
 */
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/str.h"
#include "model/calendar.h"
#include "model/load.h"
#include "model/response.h"

static void copy_sources(struct model *m, const struct source *sources, size_t count)
{
    struct crypto_hash *hash = crypto_hash_new();
    m->sources = ARENA_ARRAY(&m->arena, struct source, count);
    m->source_count = count;
    for (size_t i = 0; i < count; i++) {
        m->sources[i] = sources[i];
        m->sources[i].name = arena_strdup(&m->arena, sources[i].name);
        m->sources[i].text = arena_strndup(&m->arena, sources[i].text, sources[i].size);
        crypto_hash_add(hash, sources[i].name, strlen(sources[i].name) + 1);
        crypto_hash_add(hash, sources[i].text, sources[i].size);
        crypto_hash_add(hash, "", 1);
    }
    unsigned char digest[CRYPTO_HASH_SIZE];
    crypto_hash_end(hash, digest);
    crypto_hash_free(hash);
    memcpy(m->version, crypto_hex(&m->arena, digest, 8), 16);
}

/* Which files belong to the model; others (lang/, examples/) are left alone. */
static bool is_ours(const char *name)
{
    static const char *const NAMES[] = {"kontor.yaml", "fields.yaml", "pipelines.yaml",
                                        "roles.yaml", RULES_FILE, "views.yaml", "targets.yaml",
                                        "forms.yaml", "follow_ups.yaml", CALENDAR_FILE,
                                        RESPONSE_FILE};
    for (size_t i = 0; i < COUNT(NAMES); i++) {
        if (strcmp(NAMES[i], name) == 0) {
            return true;
        }
    }
    return (str_starts(name, "entities/") || str_starts(name, "imports/")) &&
           str_ends(name, ".yaml");
}

static void parse_documents(struct loader *l)
{
    struct model *m = l->m;
    l->documents = ARENA_ARRAY(l->arena, struct document, m->source_count);
    for (size_t i = 0; i < m->source_count; i++) {
        const struct source *s = &m->sources[i];
        bool below_schema = s->builtin && str_starts(s->name, "schema/");
        const char *name = s->name + (below_schema ? strlen("schema/") : 0);
        const struct yaml *root;
        struct err e = {0};
        if (!is_ours(name)) {
            continue;
        }
        if (yaml_parse(l->arena, s->name, s->text, s->size, &root, &e) != 0) {
            err_add(l->e, l->messages, ERR_INVALID, e.where, "%s", e.text);
        } else if (root->type != YAML_MAP &&
                   (root->type != YAML_LIST || strcmp(name, RULES_FILE) != 0)) {
            load_error(l, root, "must be a map of keys and values");
        } else {
            l->documents[l->document_count++] =
                (struct document){.name = name, .root = root, .builtin = s->builtin};
        }
    }
}

/* "file:line:column" apart, so that messages sort as a reader goes through the files. */
struct place {
    struct err_item *item;
    size_t name_size;
    long line, column;
};

static struct place place_of(struct err_item *item)
{
    struct place p = {.item = item, .name_size = strlen(item->where)};
    const char *colon = strrchr(item->where, ':');
    while (colon != NULL && colon > item->where && colon[-1] != ':' && p.line == 0) {
        const char *before = colon;
        while (before > item->where && before[-1] != ':') {
            before--;
        }
        if (before == item->where) {
            break;
        }
        p.column = strtol(colon + 1, NULL, 10);
        p.line = strtol(before, NULL, 10);
        p.name_size = (size_t)(before - 1 - item->where);
    }
    return p;
}

static int compare_places(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    size_t n = x->name_size < y->name_size ? x->name_size : y->name_size;
    int order = memcmp(x->item->where, y->item->where, n);
    if (order == 0 && x->name_size != y->name_size) {
        return x->name_size < y->name_size ? -1 : 1;
    }
    if (order == 0 && x->line != y->line) {
        return x->line < y->line ? -1 : 1;
    }
    if (order == 0 && x->column != y->column) {
        return x->column < y->column ? -1 : 1;
    }
    return order;
}

static void sort_messages(struct loader *l)
{
    struct err *e = l->e;
    struct place *places = ARENA_ARRAY(l->messages, struct place, e->item_count);
    size_t n = 0;
    for (struct err_item *item = e->items; item != NULL; item = item->next) {
        places[n++] = place_of(item);
    }
    qsort(places, n, sizeof *places, compare_places);
    struct err sorted = {0};
    for (size_t i = 0; i < n; i++) {
        err_add(&sorted, l->messages, ERR_INVALID, places[i].item->where, "%s",
                places[i].item->text);
    }
    *e = sorted;
}

static void run_passes(struct loader *l)
{
    static void (*const PASSES[])(struct loader * l) = {
        load_company, load_entities,    load_role_names, load_pipelines, load_field_properties,
        link_fields,  load_role_fields, link_computed,   link_columns,   link_expressions,
        load_layouts, link_stories,     link_reminders,  link_lines,     link_names,
        link_rights,  link_see,         link_becomes,    link_gates,     load_views,
        load_targets, load_follow_ups,  load_forms,      load_imports,   load_calendar,
        load_responses,
        load_rules};
    for (size_t i = 0; i < COUNT(PASSES); i++) {
        PASSES[i](l);
    }
}

int model_load(const struct source *sources, size_t count, struct model **out, struct err *e,
               struct arena *messages)
{
    struct arena arena;
    arena_init(&arena);
    struct model *m = ARENA_NEW(&arena, struct model);
    m->arena = arena;
    atomic_init(&m->references, 1);
    struct err found = {0};
    struct loader l = {.m = m, .arena = &m->arena, .messages = messages, .e = &found};
    copy_sources(m, sources, count);
    parse_documents(&l);
    if (found.item_count == 0) {
        run_passes(&l);
    }
    if (found.item_count > 0) {
        sort_messages(&l);
        *e = found;
        model_release(m);
        return -1;
    }
    *out = m;
    return 0;
}
