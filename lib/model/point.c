#include "model/point.h"

#include <string.h>

#include "base/buf.h"
#include "base/err.h"

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

size_t points_read(struct arena *a, struct value list, size_t room, struct point **out)
{
    const struct json *items = NULL;
    struct err ignored = {0};
    bool some = list.kind == VALUE_TEXT && json_parse(a, list.s, list.n, &items, &ignored) == 0;
    size_t n = 0;
    *out = ARENA_ARRAY(a, struct point, room + (some ? items->count : 0) + 1);
    for (const struct json *j = some ? items->child : NULL; j != NULL; j = j->next) {
        const char *value = json_text(j, "value"), *label = json_text(j, "label");
        if (value != NULL) {
            (*out)[n++] = (struct point){value, label != NULL ? label : "", marks_read(j)};
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
