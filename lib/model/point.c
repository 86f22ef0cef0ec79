#include "model/point.h"

#include <string.h>

#include "base/buf.h"

const char *const MARK_KEYS[MARKS] = {"primary", "opt_out", "invalid"};
const char *const MARK_WORDS[MARKS] = {"primary", "opt-out", "invalid"};

bool *mark_of(struct marks *m, enum mark i)
{
    bool *const marks[MARKS] = {&m->primary, &m->opt_out, &m->invalid};
    return marks[i];
}

bool *mark_named(struct marks *m, const char *const names[MARKS], const char *name)
{
    for (size_t i = 0; i < MARKS; i++) {
        if (strcmp(names[i], name) == 0) {
            return mark_of(m, i);
        }
    }
    return NULL;
}

struct marks marks_read(const struct json *entry)
{
    struct marks m;
    for (size_t i = 0; i < MARKS; i++) {
        *mark_of(&m, i) = json_true(entry, MARK_KEYS[i]);
    }
    return m;
}

void marks_take(struct marks *m, const struct json_member *member)
{
    for (size_t i = 0; member->yes && i < MARKS; i++) {
        if (json_member_is(member, MARK_KEYS[i])) {
            *mark_of(m, i) = true;
        }
    }
}

static struct point read_one(struct json_list *list)
{
    struct point p = {.label = ""};
    for (struct json_member m; json_list_member(list, &m);) {
        marks_take(&p.is, &m);
        p.value = m.text != NULL && json_member_is(&m, "value") ? m.text : p.value;
        p.label = m.text != NULL && json_member_is(&m, "label") ? m.text : p.label;
    }
    return p;
}

size_t points_read(struct arena *a, struct value list, size_t room, struct point **out)
{
    size_t size = list.kind == VALUE_TEXT ? list.n : 0, n = 0;
    struct json_list entries = json_list(a, list.s, size);
    *out = ARENA_ARRAY(a, struct point, room + json_list_room(list.s, size));
    while (json_list_entry(&entries)) {
        struct point p = read_one(&entries);
        if (p.value != NULL) {
            (*out)[n++] = p;
        }
    }
    return n;
}

struct value points_print(struct arena *a, const struct point *points, size_t count)
{
    struct buf text = {0};
    struct json_writer w;
    jw_init(&w, &text);
    jw_array(&w);
    for (size_t i = 0; i < count; i++) {
        jw_object(&w);
        jw_kv_text(&w, "value", points[i].value);
        jw_kv_text(&w, "label", points[i].label);
        jw_kv_bool(&w, MARK_KEYS[MARK_PRIMARY], points[i].is.primary);
        jw_kv_bool(&w, MARK_KEYS[MARK_OPT_OUT], points[i].is.opt_out);
        if (points[i].is.invalid) {
            jw_kv_bool(&w, MARK_KEYS[MARK_INVALID], true);
        }
        jw_object_end(&w);
    }
    jw_array_end(&w);
    struct value list = value_text(arena_strndup(a, text.data, text.size));
    buf_done(&text);
    return count > 0 ? list : value_null();
}
