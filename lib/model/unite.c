/* Lists that become one, and back; see unite.h. */
#include "model/unite.h"

#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "model/address.h"
#include "model/point.h"

#define PRIMARY "primary"

struct entry {
    const struct json *json;
    const char *key;  /* equal ones are the same entry */
    const char *text; /* all of it but which is the primary one: that follows from the list */
    bool primary;
    const struct entry *also; /* the same one in another list, to be joined with it; or NULL */
};

struct list {
    struct entry *entries;
    size_t count;
};

bool field_unites(const struct field *f)
{
    return f->column_count == 1 && f->type->form != FORM_PLAIN && f->type->form != FORM_LINK;
}

static const char *text_of(struct arena *a, const struct json *j)
{
    struct buf out = {0};
    json_print(&out, j);
    const char *text = arena_strndup(a, buf_text(&out), out.size);
    buf_done(&out);
    return text;
}

static const char *text_without_primary(struct arena *a, const struct json *j)
{
    struct buf out = {0};
    if (j->type != JSON_OBJECT) {
        return text_of(a, j);
    }
    for (const struct json *m = j->child; m != NULL; m = m->next) {
        if (strcmp(m->key, PRIMARY) != 0) {
            buf_printf(&out, ",%s:", m->key);
            json_print(&out, m);
        }
    }
    const char *text = arena_strndup(a, buf_text(&out), out.size);
    buf_done(&out);
    return text;
}

/* Of an entry with a value, that in its normal form; of any other object all but its label and
 * which is the primary one. */
static const char *key_of(struct arena *a, const struct field *f, const struct json *j)
{
    const char *value = json_text(j, "value");
    const struct point_type *p = f->type->points;
    if (value != NULL) {
        const char *normal = p != NULL && p->normalise != NULL ? p->normalise(a, value) : NULL;
        return normal != NULL ? normal : str_fold(a, value, strlen(value));
    }
    if (j->type != JSON_OBJECT) {
        return j->type == JSON_STRING ? str_fold_tight(a, j->text) : text_of(a, j);
    }
    struct buf out = {0};
    for (const struct json *m = j->child; m != NULL; m = m->next) {
        bool empty = m->type == JSON_NULL || (m->type == JSON_STRING && *m->text == '\0');
        if (m->type != JSON_BOOL && !empty && strcmp(m->key, "label") != 0) {
            buf_printf(&out, "%s=", m->key);
            json_print(&out, m);
        }
    }
    const char *key = str_fold(a, buf_text(&out), out.size);
    buf_done(&out);
    return key;
}

static void read_list(struct arena *a, const struct field *f, struct value v, struct list *out)
{
    const struct json *list = NULL;
    struct err ignored = {0};
    *out = (struct list){0};
    if (v.kind != VALUE_TEXT || json_parse(a, v.s, v.n, &list, &ignored) != 0 ||
        list->type != JSON_ARRAY) {
        return;
    }
    out->entries = ARENA_ARRAY(a, struct entry, list->count + 1);
    for (const struct json *j = list->child; j != NULL; j = j->next) {
        out->entries[out->count++] =
            (struct entry){.json = j,
                           .key = key_of(a, f, j),
                           .text = text_without_primary(a, j),
                           .primary = json_true(j, PRIMARY)};
    }
}

static struct entry *find(const struct list *l, const char *key)
{
    for (size_t i = 0; i < l->count; i++) {
        if (strcmp(l->entries[i].key, key) == 0) {
            return &l->entries[i];
        }
    }
    return NULL;
}

/* ---- Writing --------------------------------------------------------------------------------- */

static bool says_nothing(const struct json *m)
{
    return m->type == JSON_NULL || (m->type == JSON_STRING && *m->text == '\0') ||
           (m->type == JSON_BOOL && !m->boolean);
}

/* What the same entries elsewhere say of it; NULL: nothing. */
static const struct json *said_elsewhere(const struct entry *e, const char *key)
{
    const struct json *said = NULL;
    for (e = e->also; e != NULL; e = e->also) {
        const struct json *m = json_find(e->json, key);
        said = said == NULL && m != NULL && !says_nothing(m) ? m : said;
    }
    return said;
}

static void put_member(struct buf *out, const struct entry *e, const struct json *m, bool primary)
{
    const struct json *other = said_elsewhere(e, m->key);
    bool is_primary = strcmp(m->key, PRIMARY) == 0;
    json_escape(out, m->key, strlen(m->key));
    buf_putc(out, ':');
    if (is_primary) {
        buf_puts(out, primary ? "true" : "false");
    } else {
        json_print(out, says_nothing(m) && other != NULL ? other : m);
    }
}

/* Marks that are written only where they are so may stand in any of them. */
static void put_entry(struct buf *out, const struct entry *e, bool primary)
{
    if (e->json->type != JSON_OBJECT) {
        json_print(out, e->json);
        return;
    }
    buf_putc(out, '{');
    for (const struct json *m = e->json->child; m != NULL; m = m->next) {
        buf_puts(out, m == e->json->child ? "" : ",");
        put_member(out, e, m, primary);
    }
    for (size_t i = 0; i < MARKS; i++) {
        if (json_find(e->json, MARK_KEYS[i]) == NULL && said_elsewhere(e, MARK_KEYS[i]) != NULL &&
            i != MARK_PRIMARY) {
            buf_printf(out, ",\"%s\":true", MARK_KEYS[i]);
        }
    }
    buf_putc(out, '}');
}

/* One entry is the primary one: the first that says so, else the first; but of addresses the plain
 * fields may hold it. */
static struct value write_list(struct arena *a, const struct field *f, const struct list *l)
{
    struct buf out = {0};
    size_t primary = 0;
    while (primary < l->count && !json_true(l->entries[primary].json, PRIMARY)) {
        primary++;
    }
    primary = primary == l->count && !address_is_shared(f) ? 0 : primary;
    for (size_t i = 0; i < l->count; i++) {
        buf_putc(&out, i == 0 ? '[' : ',');
        put_entry(&out, &l->entries[i], i == primary);
    }
    buf_putc(&out, ']');
    struct value v =
        l->count == 0 ? value_null() : value_text(arena_strndup(a, out.data, out.size));
    buf_done(&out);
    return v;
}

/* ---- There and back -------------------------------------------------------------------------- */

struct value unite_lists(struct arena *arena, const struct field *f, struct value a,
                         struct value b)
{
    struct list have, more;
    read_list(arena, f, a, &have);
    read_list(arena, f, b, &more);
    if (have.count == 0 || more.count == 0) {
        return have.count == 0 ? b : a;
    }
    struct list all = {ARENA_ARRAY(arena, struct entry, have.count + more.count), have.count};
    memcpy(all.entries, have.entries, have.count * sizeof(*have.entries));
    for (size_t i = 0; i < more.count; i++) {
        struct entry *same = find(&all, more.entries[i].key);
        if (same == NULL) {
            all.entries[all.count++] = more.entries[i];
        } else {
            more.entries[i].also = same->also;
            same->also = &more.entries[i];
        }
    }
    return write_list(arena, f, &all);
}

static bool is_same(const struct entry *x, const struct entry *y)
{
    return x != NULL && y != NULL && strcmp(x->text, y->text) == 0;
}

static bool is_order_of(const struct list *l, const struct list *of)
{
    for (size_t i = 0; i < l->count && l->count == of->count; i++) {
        if (!is_same(&l->entries[i], &of->entries[i])) {
            return false;
        }
    }
    return l->count == of->count;
}

bool unite_only_adds(struct arena *arena, const struct field *f, struct value before,
                     struct value left)
{
    struct list was, made;
    read_list(arena, f, before, &was);
    read_list(arena, f, left, &made);
    for (size_t i = 0; i < was.count; i++) {
        const struct entry *then = find(&made, was.entries[i].key);
        if (!is_same(&was.entries[i], then) || was.entries[i].primary != then->primary) {
            return false;
        }
    }
    return true;
}

struct value unite_take_back(struct arena *arena, const struct field *f, struct value before,
                             struct value left, struct value now)
{
    struct list was, made, have;
    read_list(arena, f, before, &was);
    read_list(arena, f, left, &made);
    read_list(arena, f, now, &have);
    struct list all = {ARENA_ARRAY(arena, struct entry, was.count + have.count + 1), 0};
    for (size_t i = 0; i < was.count; i++) {
        const struct entry *old = &was.entries[i];
        const struct entry *present = find(&have, old->key), *then = find(&made, old->key);
        if (present == NULL ? then == NULL : is_same(present, then) || then == NULL) {
            all.entries[all.count++] = *old;
        } else if (present != NULL) {
            all.entries[all.count++] = *present; /* somebody changed it since */
        }
    }
    for (size_t i = 0; i < have.count; i++) {
        const struct entry *present = &have.entries[i];
        bool came = is_same(present, find(&made, present->key));
        if (find(&was, present->key) == NULL && !came) {
            all.entries[all.count++] = *present;
        }
    }
    return is_order_of(&all, &was) ? before : write_list(arena, f, &all);
}
