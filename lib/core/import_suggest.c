/*
 * Where the columns of a file probably go. First what was said before: a saved recipe or a mapping
 * of conf/imports for exactly this header. Then the files of other programs, known by columns only
 * they have (schema/known/imports.yml). Else each column by its name: that of a field, one of the
 * words that other programs and languages use for it, or what its cells look like. A suggestion is a
 * mapping like any other; nothing here decides what happens to a row.
 */
#include <string.h>

#include "base/buf.h"
#include "base/embed.h"
#include "base/str.h"
#include "core/import.h"
#include "core/import_job.h"
#include "core/parts.h"
#include "store/recipes.h"

#define KNOWN "schema/known/imports.yml" /* .yml: data of this file, no part of the model */

static int load_known(struct ctx *c, const struct yaml **out)
{
    const struct embed_file *file = embed_find(KNOWN);
    return file == NULL
               ? ctx_fail(c, ERR_INTERNAL, "", "The list of known files is missing.")
               : yaml_parse(c->arena, KNOWN, (const char *)file->raw, file->raw_size, out, &c->err);
}

const char *import_program(struct ctx *c, const struct import_request *q)
{
    const struct yaml *map = NULL, *known = NULL;
    struct err ignored = {0};
    bool said = q->map_yaml != NULL && yaml_parse(c->arena, "map", q->map_yaml, strlen(q->map_yaml),
                                                  &map, &ignored) == 0;
    const struct yaml *system = said ? yaml_find(map, "system") : NULL;
    if (system == NULL || system->type != YAML_SCALAR || load_known(c, &known) != 0) {
        return NULL;
    }
    const struct yaml *name = yaml_find(yaml_find(known, "programs"), system->text);
    return name != NULL ? name->text : system->text;
}

/* ---- YAML as JSON, which is YAML too --------------------------------------------------------- */

static void write_yaml(struct json_writer *w, const struct yaml *y)
{
    if (y->type == YAML_SCALAR) {
        jw_text(w, y->text);
    } else if (y->type == YAML_LIST) {
        jw_array(w);
        for (const struct yaml *m = y->child; m != NULL; m = m->next) {
            write_yaml(w, m);
        }
        jw_array_end(w);
    } else {
        jw_object(w);
        for (const struct yaml *m = y->child; m != NULL; m = m->next) {
            jw_key_text(w, m->key);
            write_yaml(w, m);
        }
        jw_object_end(w);
    }
}

const char *import_yaml_json(struct ctx *c, const struct yaml *y)
{
    struct buf text = {0};
    struct json_writer w;
    jw_init(&w, &text);
    write_yaml(&w, y);
    const char *json = arena_strndup(c->arena, text.data, text.size);
    buf_done(&text);
    return json;
}

const char *import_map_json(struct ctx *c, const char *yaml)
{
    const struct yaml *map = NULL;
    struct err ignored = {0};
    return yaml_parse(c->arena, "map", yaml, strlen(yaml), &map, &ignored) == 0 ? import_yaml_json(c, map)
                                                                              : NULL;
}

/* ---- said before ----------------------------------------------------------------------------- */

static const struct entity *entity_of(struct ctx *c, const struct yaml *map)
{
    const struct yaml *name = yaml_find(map, "import");
    const struct entity *e =
        name != NULL && name->text != NULL ? model_entity_find(c->model, name->text) : NULL;
    return e != NULL && ctx_may(c, ACTION_IMPORT, e) ? e : NULL;
}

static bool take_map(struct ctx *c, const struct yaml *map, const struct entity *wanted,
                     const struct import_file *f, const char *source, const char *name,
                     struct import_suggestion *out)
{
    const struct entity *e = entity_of(c, map);
    if (e == NULL || (wanted != NULL && e != wanted) || !import_header_is(c, map, f)) {
        return false;
    }
    out->entity = e;
    out->source = source;
    out->name = name;
    out->map = import_yaml_json(c, map);
    for (size_t i = 0; i < f->header_count; i++) {
        out->how[i] = "exact";
    }
    return true;
}

static int find_said(struct ctx *c, const struct entity *e, const struct import_file *f,
                     struct import_suggestion *out, bool *found)
{
    struct recipe *recipes = NULL;
    size_t count = 0;
    *found = false;
    if (ctx_db(c) == NULL ||
        recipes_list(c->db, c->actor.user, c->arena, &recipes, &count, &c->err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count && !*found; i++) {
        const struct yaml *map = NULL;
        struct err ignored = {0};
        *found = yaml_parse(c->arena, recipes[i].name, recipes[i].map, strlen(recipes[i].map), &map,
                            &ignored) == 0 &&
                 take_map(c, map, e, f, "recipe", recipes[i].name, out);
        out->user = *found ? recipes[i].user : 0;
    }
    for (size_t i = 0; i < c->model->import_count && !*found; i++) {
        const struct import_map *m = &c->model->imports[i];
        *found = take_map(c, m->yaml, e, f, "config", m->name, out);
    }
    return 0;
}

/* ---- words ----------------------------------------------------------------------------------- */

static bool says(struct ctx *c, const struct yaml *list, const char *tight)
{
    const struct yaml *word = list != NULL && list->type == YAML_LIST ? list->child : NULL;
    while (word != NULL && strcmp(str_fold_tight(c->arena, word->text), tight) != 0) {
        word = word->next;
    }
    return word != NULL;
}

static const char *text_in(const struct yaml *map, const char *key)
{
    const struct yaml *m = yaml_find(map, key);
    return m != NULL && m->type == YAML_SCALAR ? m->text : NULL;
}

static const struct yaml *target_among(struct ctx *c, const struct yaml *words, const char *tight)
{
    const struct yaml *word = words != NULL && tight[0] != 0 ? words->child : NULL;
    while (word != NULL && !says(c, word, tight)) {
        word = word->next;
    }
    return word;
}

/* The target that one of its words names, or of the kind it is `like`; NULL: none does. */
static const struct yaml *target_of(struct ctx *c, const struct yaml *known, const struct entity *e,
                                    const char *header)
{
    const char *tight = str_fold_tight(c->arena, header);
    const struct yaml *all = yaml_find(known, "words"), *words = yaml_find(all, e->name);
    const struct yaml *found = target_among(c, words, tight);
    const char *like = words != NULL ? text_in(words, "like") : NULL;
    return found == NULL && like != NULL ? target_among(c, yaml_find(all, like), tight) : found;
}

/* Texts of a column that have a sign no other kind of text has. */
static bool look_like(const char *const *texts, const char *sign)
{
    size_t all = 0, with = 0;
    for (; texts != NULL && *texts != NULL; texts++) {
        all++;
        with += strstr(*texts, sign) != NULL;
    }
    return all > 0 && with * 3 >= all * 2;
}

/* What cells give away when the header does not. */
static const char *field_by_cells(const struct entity *e, const char *const *texts)
{
    static const char *const SIGNS[][3] = {{"@", "emails", "email"},
                                           {"://", "website", "links"}};
    for (size_t i = 0; i < COUNT(SIGNS); i++) {
        for (size_t k = 1; look_like(texts, SIGNS[i][0]) && k < COUNT(SIGNS[i]); k++) {
            if (entity_field_find(e, SIGNS[i][k]) != NULL) {
                return SIGNS[i][k];
            }
        }
    }
    return NULL;
}

/* ---- one column ------------------------------------------------------------------------------ */

struct guess {
    struct ctx *c;
    const struct entity *entity;
    const struct import_file *file;
    const struct yaml *known, *shape; /* shape NULL: by words */
    const char *const *const *samples;
    struct json_writer w;
    bool *taken; /* by field: a column fills it already */
    const char **how;
    size_t fits; /* columns with a target */
    bool own_ref; /* a column has the id of the record in the other program */
};

static bool is_ref(const struct yaml *target)
{
    return target->type == YAML_MAP && yaml_find(target, "ref") != NULL;
}

/* The id of the record itself, not of one it links to. */
static bool is_own_ref(const struct yaml *target)
{
    return is_ref(target) && yaml_find(target, "field") == NULL && yaml_find(target, "of") == NULL;
}

/* It goes before another column of its field, so it leaves that free, wherever it stands. */
static bool is_over(const struct yaml *target)
{
    return target->type == YAML_MAP && yaml_find(target, "over") != NULL;
}

/* The field of a target, if there is such a thing here and it is free; `open`: no field is meant, or
 * one of another record of the row. */
static bool is_open(struct guess *g, const struct yaml *target, const struct field **f)
{
    const char *name = target->type == YAML_MAP ? text_in(target, "field") : target->text;
    const char *of = target->type == YAML_MAP ? text_in(target, "of") : NULL;
    const struct entity *e = of != NULL ? model_entity_find(g->c->model, of) : g->entity;
    *f = name != NULL && e != NULL ? entity_field_find(e, name) : NULL;
    if (*f == NULL) {
        return e != NULL && (is_ref(target) || import_is_word(e, name));
    }
    bool map = target->type == YAML_MAP;
    bool several = is_over(target) || is_ref(target) || field_is_list(*f) ||
                   (map && yaml_find(target, "join") != NULL) ||
                   (map && yaml_find(target, "to") != NULL && field_is_records(*f));
    return import_fills(g->c, *f) && import_may_fill(g->c, *f) &&
           (several || e != g->entity || !g->taken[(*f)->index]);
}

static void write_field(struct guess *g, const struct field *f)
{
    bool makes = f->to != NULL && !entity_is_account(f->to) && f->to != g->entity &&
                 ctx_may(g->c, ACTION_CREATE, f->to);
    if (f->to == NULL) {
        jw_text(&g->w, f->name);
        return;
    }
    jw_object(&g->w);
    jw_kv_text(&g->w, "field", f->name);
    if (makes) {
        jw_kv_text(&g->w, "create", "true");
    } else if (f->to != g->entity && !f->required.always) { /* nobody's default stands for it */
        jw_kv_text(&g->w, "unknown", "empty");
    }
    jw_object_end(&g->w);
}

static void take(struct guess *g, size_t i, const struct field *f, const char *how)
{
    g->how[i] = how;
    g->fits++;
    if (f != NULL && f->entity == g->entity) {
        g->taken[f->index] = true;
    }
}

static bool has_header(struct ctx *c, const struct import_file *f, const char *tight)
{
    bool found = false;
    for (size_t i = 0; i < f->header_count && !found; i++) {
        found = strcmp(str_fold_tight(c->arena, f->header[i]), tight) == 0;
    }
    return found;
}

/* A target without the column of the currency where the file has none: amounts are the firm's then. */
static void write_target(struct guess *g, const struct yaml *target)
{
    jw_object(&g->w);
    for (const struct yaml *m = target->child; m != NULL; m = m->next) {
        bool there = strcmp(m->key, "currency") != 0 || currency_places(m->text) >= 0 ||
                     has_header(g->c, g->file, str_fold_tight(g->c->arena, m->text));
        if (there) {
            jw_key_text(&g->w, m->key);
            write_yaml(&g->w, m);
        }
    }
    jw_object_end(&g->w);
}

/* A target of the list of known files; a plain link says what becomes of unknown texts. */
static bool put_target(struct guess *g, size_t i, const struct yaml *target, const char *how)
{
    const struct field *f = NULL;
    if (target == NULL || !is_open(g, target, &f)) {
        return false;
    }
    if (target->type == YAML_SCALAR && f != NULL) {
        write_field(g, f);
    } else if (target->type == YAML_MAP) {
        write_target(g, target);
    } else {
        write_yaml(&g->w, target);
    }
    take(g, i, is_ref(target) || is_over(target) ? NULL : f, how);
    g->own_ref = g->own_ref || is_own_ref(target);
    return true;
}

static bool put_named(struct guess *g, size_t i, const struct field *f, const char *how)
{
    bool free = f != NULL && import_fills(g->c, f) && import_may_fill(g->c, f) &&
                (field_is_list(f) || !g->taken[f->index]);
    if (free) {
        write_field(g, f);
        take(g, i, f, how);
    }
    return free;
}

/* A header as a shape or the words know it: the target stands as the word's key. */
static bool put_word(struct guess *g, size_t i)
{
    const struct yaml *word = target_of(g->c, g->known, g->entity, g->file->header[i]);
    if (word == NULL) {
        return false;
    }
    const struct yaml named = {.type = YAML_SCALAR, .text = word->key};
    const struct yaml *special = yaml_find(yaml_find(g->known, "targets"), word->key);
    return put_target(g, i, special != NULL ? special : &named, "exact");
}

static const struct yaml *shape_target(struct ctx *c, const struct yaml *shape, const char *header)
{
    const struct yaml *columns = yaml_find(shape, "columns");
    const char *tight = str_fold_tight(c->arena, header);
    const struct yaml *m = columns != NULL ? columns->child : NULL;
    while (m != NULL && strcmp(str_fold_tight(c->arena, m->key), tight) != 0) {
        m = m->next;
    }
    return m;
}

static bool is_skip(const struct yaml *target)
{
    return target->type == YAML_SCALAR && strcmp(target->text, "skip") == 0;
}

/* What an address book has beside the fields: its id is kept, the rest is a note. */
static bool put_extra(struct guess *g, size_t i)
{
    bool own = strcmp(g->file->header[i], "uid") == 0;
    bool calendar = !own && g->entity == g->c->model->work && g->file->kind == TABLE_CALENDAR &&
                    import_calendar_role(g->file->header[i]) != CALENDAR_NONE;
    bool note = !own && !calendar && import_is_word(g->entity, IMPORT_NOTE) && import_may_note(g->c);
    if (own) {
        jw_object(&g->w);
        jw_kv_text(&g->w, "ref", "true");
        jw_object_end(&g->w);
    } else if (calendar || note) {
        jw_text(&g->w, calendar ? IMPORT_CALENDAR : IMPORT_NOTE);
    }
    if (own || calendar || note) {
        g->how[i] = "exact"; /* it fits every kind of record, so it speaks for none */
    }
    return own || calendar || note;
}

static void put_column(struct guess *g, size_t i)
{
    const char *header = g->file->header[i];
    const struct yaml *target = g->shape != NULL ? shape_target(g->c, g->shape, header) : NULL;
    const struct field *own = import_field_of(g->c, g->entity, header);
    g->how[i] = "none";
    jw_key_text(&g->w, header);
    if (target != NULL) {
        if (is_skip(target) || !put_target(g, i, target, "exact")) {
            jw_text(&g->w, "skip");
        }
        return;
    }
    if (import_is_linked(g->c, g->entity, header)) {
        g->how[i] = "linked";
        jw_text(&g->w, "skip");
        return;
    }
    if (put_named(g, i, own, "exact") || put_word(g, i)) {
        return;
    }
    if (g->file->extra[i] && put_extra(g, i)) {
        return;
    }
    const char *name = g->samples != NULL ? field_by_cells(g->entity, g->samples[i]) : NULL;
    if (own != NULL || name == NULL ||
        !put_named(g, i, entity_field_find(g->entity, name), "guess")) {
        jw_text(&g->w, "skip");
    }
}

/* ---- by which records are found -------------------------------------------------------------- */

static bool is_taken(const struct guess *g, const char *field)
{
    const struct field *f = entity_field_find(g->entity, field);
    return f != NULL && g->taken[f->index];
}

/* Deals of one name are many: an id of their own tells them apart, a name would make one of them. */
static const struct yaml *ways_of(const struct guess *g)
{
    const struct yaml *by_id = yaml_find(yaml_find(g->known, "match_with_id"), g->entity->name);
    return g->own_ref && by_id != NULL
               ? by_id
               : yaml_find(yaml_find(g->known, "match"), g->entity->name);
}

/* The first of the ways to find such a record that the file gives; else a unique field of it. */
static const char *match_of(struct guess *g)
{
    const struct yaml *ways = ways_of(g);
    for (const struct yaml *w = ways != NULL ? ways->child : NULL; w != NULL; w = w->next) {
        const char *at = w->text;
        bool all = true;
        while (all && *at != 0) {
            size_t n = strcspn(at, ",");
            all = is_taken(g, arena_strndup(g->c->arena, at, n));
            at += n + (at[n] == ',');
        }
        if (all) {
            return w->text;
        }
    }
    for (size_t i = 0; i < g->entity->field_count; i++) {
        if (g->entity->fields[i]->unique && g->taken[i]) {
            return g->entity->fields[i]->name;
        }
    }
    return NULL;
}

static bool is_all_taken(const struct guess *g, const struct yaml *list)
{
    bool all = list->type == YAML_LIST;
    for (const struct yaml *m = list->child; all && m != NULL; m = m->next) {
        all = is_taken(g, m->text);
    }
    return all;
}

static void write_match(struct guess *g)
{
    const struct yaml *said = g->shape != NULL ? yaml_find(g->shape, "match") : NULL;
    const char *at = said != NULL && is_all_taken(g, said) ? NULL : match_of(g);
    jw_key(&g->w, "match");
    jw_array(&g->w);
    for (const struct yaml *m = at == NULL && said != NULL ? said->child : NULL; m; m = m->next) {
        jw_text(&g->w, m->text);
    }
    while (at != NULL && *at != 0) {
        size_t n = strcspn(at, ",");
        jw_text_n(&g->w, at, n);
        at += n + (at[n] == ',');
    }
    jw_array_end(&g->w);
}

static bool came_before(const struct import_file *f, size_t i)
{
    bool before = false;
    for (size_t k = 0; k < i; k++) {
        before = before || strcmp(f->header[k], f->header[i]) == 0;
    }
    return before;
}

static void guess_map(struct guess *g, struct buf *text)
{
    g->taken = ARENA_ARRAY(g->c->arena, bool, g->entity->field_count + 1);
    g->fits = 0;
    g->own_ref = false;
    buf_clear(text);
    jw_init(&g->w, text);
    jw_object(&g->w);
    jw_kv_text(&g->w, "import", g->entity->name);
    const char *system = g->shape != NULL ? text_in(g->shape, "system") : NULL;
    if (system != NULL) {
        jw_kv_text(&g->w, "system", system);
    }
    jw_key(&g->w, "columns");
    jw_object(&g->w);
    for (size_t i = 0; i < g->file->header_count; i++) {
        if (came_before(g->file, i)) {
            g->how[i] = "none";
        } else {
            put_column(g, i);
        }
    }
    jw_object_end(&g->w);
    write_match(g);
    jw_object_end(&g->w);
}

/* ---- which kind of record -------------------------------------------------------------------- */

static bool is_shape(struct ctx *c, const struct yaml *shape, const struct import_file *f)
{
    const struct yaml *by = yaml_find(shape, "known_by");
    const struct yaml *one = by != NULL ? by->child : NULL;
    while (one != NULL && has_header(c, f, str_fold_tight(c->arena, one->text))) {
        one = one->next;
    }
    return by != NULL && one == NULL;
}

static const struct yaml *find_shape(struct ctx *c, const struct yaml *known,
                                     const struct entity *e, const struct import_file *f)
{
    const struct yaml *shapes = yaml_find(known, "shapes");
    for (const struct yaml *s = shapes != NULL ? shapes->child : NULL; s != NULL; s = s->next) {
        const struct entity *of = entity_of(c, s);
        if (of != NULL && (e == NULL || e == of) && is_shape(c, s, f)) {
            return s;
        }
    }
    return NULL;
}

/* Kinds that look like others, but for some fields, are meant only where the file has one of these. */
static bool is_told_apart(struct guess *g)
{
    const struct yaml *by = yaml_find(yaml_find(g->known, "only_with"), g->entity->name);
    bool told = by == NULL;
    for (const struct yaml *m = by != NULL ? by->child : NULL; m != NULL; m = m->next) {
        told = told || is_taken(g, m->text);
    }
    return told;
}

static const struct entity *best_entity(struct guess *g, struct buf *text)
{
    const struct entity *best = NULL;
    size_t most = 0;
    for (size_t i = 0; i < g->c->model->entity_count; i++) {
        g->entity = g->c->model->entities[i];
        if (!ctx_may(g->c, ACTION_IMPORT, g->entity) || entity_is_account(g->entity)) {
            continue;
        }
        guess_map(g, text);
        if (is_told_apart(g) && (best == NULL || g->fits > most)) {
            best = g->entity;
            most = g->fits;
        }
    }
    return best;
}

int import_suggest(struct ctx *c, const struct entity *e, const struct import_file *f,
                   const char *const *const *samples, struct import_suggestion *out)
{
    bool found;
    *out = (struct import_suggestion){.entity = e, .source = "names"};
    out->how = ARENA_ARRAY(c->arena, const char *, f->header_count + 1);
    if (find_said(c, e, f, out, &found) != 0 || found) {
        return found ? 0 : -1;
    }
    struct buf text = {0};
    struct guess g = {.c = c, .file = f, .samples = samples, .how = out->how};
    if (load_known(c, &g.known) != 0) {
        return -1;
    }
    g.shape = find_shape(c, g.known, e, f);
    g.entity = g.shape != NULL ? entity_of(c, g.shape) : e != NULL ? e : best_entity(&g, &text);
    if (g.entity == NULL) {
        buf_done(&text);
        return ctx_fail(c, ERR_FORBIDDEN, "", "Your role may not import anything.");
    }
    guess_map(&g, &text);
    out->entity = g.entity;
    if (g.shape != NULL) {
        out->source = "shape";
        out->name = text_in(g.shape, "name");
    }
    out->map = arena_strndup(c->arena, text.data, text.size);
    buf_done(&text);
    return 0;
}

int import_known_entity(struct ctx *c, struct import_job *j)
{
    struct import_suggestion asked, any;
    if (import_suggest(c, j->request.entity, &j->file, NULL, &asked) != 0 ||
        (str_eq(asked.source, "names") && import_suggest(c, NULL, &j->file, NULL, &any) != 0)) {
        return -1;
    }
    if (str_eq(asked.source, "names") && str_eq(any.source, "shape")) {
        j->request.entity = any.entity;
    }
    return 0;
}

int import_guess_entity(struct ctx *c, struct import_job *j)
{
    struct import_suggestion s;
    if (import_suggest(c, NULL, &j->file, NULL, &s) != 0) {
        return -1;
    }
    j->request.entity = s.entity;
    return 0;
}
