/* How alike two records are; see duplicate.h. */
#include <string.h>

#include "base/str.h"
#include "core/build.h"
#include "core/duplicate.h"
#include "model/likeness.h"

/* What a reason is worth, in percent: of people, of anybody else. Several add up as chances do. */
static const struct {
    const char *name, *text;
    int people, others;
} REASONS[REASON_COUNT] = {
    [REASON_EMAIL] = {"email", "Same e-mail address", 75, 70},
    [REASON_PHONE] = {"phone", "Same phone number", 45, 55},
    [REASON_DOMAIN] = {"domain", "Same web address", 30, 70},
    [REASON_NAME_PLACE] = {"name_place", "Same name and place", 80, 92},
    [REASON_NAME] = {"name", "Same name", 52, 80},
    [REASON_NEAR_PLACE] = {"near_place", "Similar name, same place", 66, 78},
    [REASON_NEAR] = {"near", "Similar name", 30, 52},
};

const char *duplicate_name(enum reason_kind kind)
{
    return REASONS[kind].name;
}

const char *duplicate_word(struct arena *a, enum reason_kind kind, const char *told)
{
    return told == NULL || *told == '\0' ? REASONS[kind].text
                                         : arena_printf(a, "%s: %s", REASONS[kind].text, told);
}

/* ---- Facts ----------------------------------------------------------------------------------- */

void duplicate_model(const struct ctx *c, const struct entity *e, struct duplicate_model *out)
{
    const struct field *town = entity_town(e), *home = entity_home(e);
    *out = (struct duplicate_model){.entity = e,
                                    .town = town != NULL && access_sees(c, town) ? town : NULL,
                                    .home = home != NULL && access_sees(c, home) ? home : NULL,
                                    .people = e->title_count > 1};
}

bool twin_key_equal(const struct twin_key *x, const struct twin_key *y)
{
    return x->kind == y->kind && strcmp(x->value, y->value) == 0;
}

static void add_key(struct fact *f, int kind, const char *value, const char *told)
{
    const struct twin_key key = {kind, value};
    for (size_t i = 0; i < f->key_count; i++) {
        if (twin_key_equal(&f->keys[i], &key)) {
            return;
        }
    }
    if (value != NULL && f->key_count < FACT_KEYS_MAX) {
        f->told[f->key_count] = told;
        f->keys[f->key_count++] = key;
    }
}

void duplicate_keys(struct ctx *c, struct fact *f)
{
    const char *name = twin_name(c->arena, f->title);
    const char *sound = twin_sound(c->arena, f->title, f->town, f->home);
    if (name != NULL) {
        add_key(f, TWIN_NAME, name, NULL);
    }
    if (sound != NULL) {
        add_key(f, TWIN_SOUND, sound, NULL);
    }
    f->words = name_words(c->arena, f->title);
    f->in_order = name_in_order(c->arena, f->title);
}

struct reading {
    struct ctx *c;
    const struct duplicate_model *model;
    const struct field **fields;
    size_t field_count;
    struct fact *out;
    size_t count;
};

static void take_points(struct reading *r, struct fact *f, const struct field *field,
                        struct value v)
{
    struct arena *a = r->c->arena;
    const struct point_type *p = field->type->points;
    const char **texts = NULL;
    size_t count = point_texts(a, v, &texts);
    for (size_t i = 0; i < count; i++) {
        const char *normal = point_key(p, a, texts[i]);
        if (normal != NULL) {
            add_key(f, p->handle, normal, texts[i]);
        }
    }
}

static int take_row(void *data, const struct list_row *row)
{
    struct reading *r = data;
    struct arena *a = r->c->arena;
    struct fact *f = &r->out[r->count++];
    const struct value *v = row->values;
    *f = (struct fact){.id = row->id, .title = "", .town = "", .town_told = ""};
    for (size_t i = 0; i < r->field_count; i++) {
        const struct field *field = r->fields[i];
        if (i == 0) {
            f->title = v->kind == VALUE_TEXT ? arena_strndup(a, v->s, v->n) : "";
        } else if (field == r->model->town) {
            f->town_told = v->kind == VALUE_TEXT ? arena_strndup(a, v->s, v->n) : "";
            f->town = str_fold(a, f->town_told, strlen(f->town_told));
        } else if (field == r->model->home) {
            f->home = v->kind == VALUE_INT ? v->i : 0;
        } else if (v->kind == VALUE_TEXT) {
            take_points(r, f, field, value_text(arena_strndup(a, v->s, v->n)));
        }
        v += field->column_count > 0 ? field->column_count : 1;
    }
    duplicate_keys(r->c, f);
    return 0;
}

/* Facts of those of the records that the actor sees, at most `room` of them. */
static int read_facts(struct ctx *c, const struct duplicate_model *m, const int64_t *ids,
                      size_t count, struct fact *out, size_t room, size_t *out_count)
{
    const struct entity *e = m->entity;
    struct reading r = {.c = c, .model = m, .out = out};
    struct who who = ctx_who(c);
    const char *next = NULL;
    r.fields = ARENA_ARRAY(c->arena, const struct field *, e->field_count + 3);
    r.fields[r.field_count++] = entity_field_find(e, "title");
    for (size_t i = 0; i < e->field_count; i++) {
        const struct field *f = e->fields[i];
        bool handle = field_handle(f) != HANDLE_NONE && f->column_count == 1 && access_sees(c, f);
        if (handle || (f == m->town) || (f == m->home)) {
            r.fields[r.field_count++] = f;
        }
    }
    struct list_spec spec = {.entity = e,
                             .action = ACTION_SEE,
                             .filter = build_ids(c->arena, e, ids, count),
                             .fields = r.fields,
                             .field_count = r.field_count,
                             .limit = count < room ? count : room};
    if (query_list(c->db, &who, &spec, c->arena, take_row, &r, &next, &c->err) != 0) {
        return -1;
    }
    *out_count = r.count;
    return 0;
}

#define FIRST_AT_ONCE 24    /* rarely have more the same */
#define AT_ONCE       500
#define LOOKED_MAX    10000 /* what so many have the same tells nothing */

static bool has(const struct fact *facts, size_t count, int64_t id)
{
    for (size_t i = 0; i < count; i++) {
        if (facts[i].id == id) {
            return true;
        }
    }
    return false;
}

static int add_seen(struct ctx *c, const struct duplicate_model *m, int64_t *ids, size_t found,
                    struct fact *facts, size_t *count, size_t most, bool *more)
{
    size_t unknown = 0, seen = 0, room = most - *count;
    for (size_t i = 0; i < found; i++) {
        if (!has(facts, *count, ids[i])) {
            ids[unknown++] = ids[i];
        }
    }
    if (unknown == 0) {
        return 0;
    }
    struct fact *fresh = ARENA_ARRAY(c->arena, struct fact, room + 1);
    if (read_facts(c, m, ids, unknown, fresh, room + 1, &seen) != 0) {
        return -1;
    }
    *more = seen > room;
    for (size_t i = 0; i < seen && i < room; i++) {
        facts[(*count)++] = fresh[i];
    }
    return 0;
}

int duplicate_find(struct ctx *c, const struct duplicate_model *m, const struct twin_key *key,
                   struct fact *facts, size_t *count, size_t most, bool *more)
{
    size_t found = FIRST_AT_ONCE, at_once = FIRST_AT_ONCE;
    int64_t after = 0;
    for (size_t looked = 0; found == at_once && looked < LOOKED_MAX && !*more; looked += found) {
        int64_t *ids = NULL;
        at_once = looked == 0 ? FIRST_AT_ONCE : AT_ONCE;
        if (twin_find(c->db, m->entity, key, after, at_once, c->arena, &ids, &found, &c->err) != 0) {
            return -1;
        }
        after = found > 0 ? ids[found - 1] : after;
        if (add_seen(c, m, ids, found, facts, count, most, more) != 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- Two of them ----------------------------------------------------------------------------- */

static void mark(struct likeness *l, enum reason_kind kind, const char *told)
{
    if (!l->is[kind]) {
        l->is[kind] = true;
        l->told[kind] = told;
    }
}

/* Numbers of two countries. */
static bool are_apart(const char *x, const char *y)
{
    struct arena a;
    arena_init(&a);
    bool apart = phones_differ(&a, x, y);
    arena_done(&a);
    return apart;
}

static void compare_keys(const struct fact *x, const struct fact *y, struct likeness *l)
{
    static const enum reason_kind KINDS[] = {[HANDLE_EMAIL] = REASON_EMAIL,
                                             [HANDLE_PHONE] = REASON_PHONE,
                                             [HANDLE_DOMAIN] = REASON_DOMAIN};
    for (size_t i = 0; i < x->key_count; i++) {
        for (size_t k = 0; k < y->key_count; k++) {
            const struct twin_key *key = &x->keys[i];
            if (!twin_key_equal(key, &y->keys[k]) ||
                (key->kind == HANDLE_PHONE && are_apart(x->told[i], y->told[k]))) {
                continue;
            }
            bool before = l->first == NULL || key->kind < l->first->kind ||
                          (key->kind == l->first->kind && strcmp(key->value, l->first->value) < 0);
            l->first = before ? key : l->first;
            if (key->kind < (int)COUNT(KINDS)) {
                mark(l, KINDS[key->kind], x->told[i]);
            }
        }
    }
}

static bool same_text(const char *x, const char *y)
{
    return *x != '\0' && strcmp(x, y) == 0;
}

/* Doubles with different addresses are rarer than namesakes, and branches of a firm. */
static bool is_elsewhere(const struct fact *x, const struct fact *y)
{
    bool towns = *x->town != '\0' && *y->town != '\0';
    bool homes = x->home != 0 && y->home != 0;
    bool same = same_text(x->town, y->town) || (homes && x->home == y->home);
    return !same && (towns || homes);
}

static void compare_names(const struct fact *x, const struct fact *y, struct likeness *l)
{
    bool same = same_text(x->words, y->words);
    bool place = same_text(x->town, y->town) || (x->home != 0 && x->home == y->home);
    const char *told = place && same_text(x->town, y->town) ? x->town_told : NULL;
    if (same) {
        mark(l, place ? REASON_NAME_PLACE : REASON_NAME, told);
    } else if (name_is_near(x->words, y->words) || name_is_near(x->in_order, y->in_order)) {
        mark(l, place ? REASON_NEAR_PLACE : REASON_NEAR, told);
    }
}

void duplicate_compare(const struct duplicate_model *m, const struct fact *x, const struct fact *y,
                       struct likeness *out)
{
    *out = (struct likeness){0};
    compare_keys(x, y, out);
    compare_names(x, y, out);
    int unlike = 1000;
    bool named = out->is[REASON_NAME_PLACE] || out->is[REASON_NAME] || out->is[REASON_NEAR_PLACE] ||
                 out->is[REASON_NEAR];
    for (int i = 0; i < REASON_COUNT; i++) {
        int worth = m->people ? REASONS[i].people : REASONS[i].others;
        unlike = out->is[i] ? unlike * (100 - worth) / 100 : unlike;
    }
    out->score = 100 - (unlike + 9) / 10;
    if (!named && *x->words != '\0' && *y->words != '\0') {
        out->score = out->score * 75 / 100; /* others share an address or a number */
    }
    bool reached = out->is[REASON_EMAIL] || out->is[REASON_PHONE] || out->is[REASON_DOMAIN];
    if (!reached && is_elsewhere(x, y)) {
        out->score = out->score * 65 / 100;
    }
}
