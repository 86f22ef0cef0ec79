/*
 * Which record is meant by a text: links in requests, cells of an import. Only living records the
 * actor may see count. Equal means equal after folding (case, accents, runs of blanks). A
 * near-double (equal also without blanks and punctuation) is never taken, only offered in the
 * message.
 */
#include <string.h>

#include "base/str.h"
#include "core/build.h"
#include "core/parts.h"
#include "store/key.h"

#define EXACT_MAX      8
#define NEIGHBOURS_MAX 200 /* rows looked at for near equality */
#define NEAREST_MAX    1000 /* records looked at for a slip of the pen */
#define SIMILAR_MAX    40  /* the same for what may have been meant: many rows of an import ask */
#define STEM_MAX       3   /* characters that near-doubles begin with alike */
#define WORDS_MAX      6

static bool is_title(const struct field *f)
{
    return f->system && strcmp(f->name, "title") == 0;
}

static bool is_title_part(const struct entity *e, const struct field *f)
{
    for (size_t i = 0; i < e->title_count; i++) {
        if (e->title[i] == f) {
            return true;
        }
    }
    return is_title(f);
}

/* ---- Equal ----------------------------------------------------------------------------------- */

struct search {
    struct ctx *c;
    const struct field *field;
    const char *text, *folded;
    struct key_row rows[EXACT_MAX];
    size_t count;
};

static bool is_new(const struct search *s, int64_t id)
{
    for (size_t i = 0; i < s->count; i++) {
        if (s->rows[i].id == id) {
            return false;
        }
    }
    return s->count < EXACT_MAX;
}

static int search_key(struct search *s, const char *key)
{
    struct ctx *c = s->c;
    struct key_row *rows = NULL;
    size_t count = 0;
    struct who who = ctx_who(c);
    if (key_find(c->db, &who, s->field, key, false, EXACT_MAX, c->arena, &rows, &count, &c->err) !=
        0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        const char *text = rows[i].text != NULL ? rows[i].text : "";
        if (strcmp(str_fold(c->arena, text, strlen(text)), s->folded) == 0 &&
            is_new(s, rows[i].id)) {
            s->rows[s->count++] = rows[i];
        }
    }
    return 0;
}

/* A title is kept by its sort key, whose parts stand in another order: "Ann Lee" is found under
 * "lee ann". */
static int search_rotated(struct search *s)
{
    const char *word = s->folded;
    for (int i = 0; i < WORDS_MAX; i++) {
        const char *blank = strchr(word, ' ');
        if (blank == NULL) {
            return 0;
        }
        word = blank + 1;
        const char *key =
            arena_printf(s->c->arena, "%s %.*s", word, (int)(blank - s->folded), s->folded);
        if (search_key(s, key) != 0) {
            return -1;
        }
    }
    return 0;
}

static int find_equal(struct ctx *c, const struct field *f, const char *text, struct lookup *out)
{
    struct search s = {
        .c = c, .field = f, .text = text, .folded = str_fold(c->arena, text, strlen(text))};
    bool rotate = is_title(f) && entity_sorts_otherwise(f->entity);
    if (search_key(&s, s.folded) != 0 || (rotate && search_rotated(&s) != 0)) {
        return -1;
    }
    out->count = s.count > 1 ? 2 : (int)s.count;
    out->id = s.count == 1 ? s.rows[0].id : 0;
    return 0;
}

/* ---- Near ------------------------------------------------------------------------------------ */

/* The first characters of a folded text, up to a blank or sign; NULL if there are none. */
static const char *stem_of(struct arena *a, const char *folded)
{
    size_t n = 0;
    for (int i = 0; i < STEM_MAX; i++) {
        size_t one = str_utf8_sequence(folded + n, strlen(folded + n));
        if (one == 0 || (one == 1 && strchr(" -.,'&/+()", folded[n]) != NULL)) {
            break;
        }
        n += one;
    }
    return n == 0 ? NULL : arena_strndup(a, folded, n);
}

/* Visible records whose value is the same but for case, blanks and signs; rows in the arena. */
static int find_near(struct ctx *c, const struct field *f, const char *text, struct key_row **out,
                     size_t *count)
{
    const char *stem = stem_of(c->arena, str_fold(c->arena, text, strlen(text)));
    const char *tight = str_fold_tight(c->arena, text);
    struct key_row *rows = NULL;
    struct who who = ctx_who(c);
    size_t found = 0, n = 0;
    *count = 0;
    if (stem == NULL || key_find(c->db, &who, f, stem, true, NEIGHBOURS_MAX, c->arena, &rows,
                                 &found, &c->err) != 0) {
        return stem == NULL ? 0 : -1;
    }
    for (size_t i = 0; i < found; i++) {
        if (rows[i].text != NULL && strcmp(str_fold_tight(c->arena, rows[i].text), tight) == 0) {
            rows[n++] = rows[i];
        }
    }
    *out = rows;
    *count = n;
    return 0;
}

int lookup_same_title(struct ctx *c, const struct entity *e, const char *title, int64_t except,
                      size_t max, struct title_row *out, size_t *count)
{
    const struct field *f = entity_field_find(e, "title");
    struct search s = {.c = c, .field = f};
    struct key_row *rows = NULL;
    size_t found = 0;
    *count = 0;
    if (title == NULL || f == NULL) {
        return 0;
    }
    s.text = title;
    s.folded = str_fold(c->arena, title, strlen(title));
    if (entity_sorts_otherwise(e)) {
        if (search_rotated(&s) != 0) {
            return -1;
        }
        rows = s.rows;
        found = s.count;
    } else if (find_near(c, f, title, &rows, &found) != 0) {
        return -1;
    }
    for (size_t i = 0; i < found && *count < max; i++) {
        if (rows[i].id != except) {
            out[(*count)++] =
                (struct title_row){.id = rows[i].id, .entity = e, .title = rows[i].title};
        }
    }
    return 0;
}

/* The value most like a folded text among the first `limit` that begin with `prefix`; `whole`: among
 * all of them, if they are no more. *many: they are more. */
static int nearest_of(struct ctx *c, const struct field *f, const char *prefix, size_t limit,
                      bool whole, const char *text, const char **out, bool *many)
{
    struct who who = ctx_who(c);
    struct key_row *rows = NULL;
    size_t count = 0;
    if (key_find(c->db, &who, f, prefix, true, limit + 1, c->arena, &rows, &count, &c->err) != 0) {
        return -1;
    }
    *many = *many || count > limit;
    if (whole && count > limit) {
        return 0;
    }
    const char **folded = ARENA_ARRAY(c->arena, const char *, count + 1);
    for (size_t i = 0; i < count; i++) {
        const char *value = rows[i].text != NULL ? rows[i].text : "";
        folded[i] = str_fold(c->arena, value, strlen(value));
    }
    const char *near = str_nearest(text, folded, count);
    for (size_t i = 0; near != NULL && *out == NULL && i < count; i++) {
        *out = folded[i] == near ? rows[i].text : NULL;
    }
    return 0;
}

int lookup_nearest(struct ctx *c, const struct entity *e, const char *text, const char **out)
{
    const struct field *f = entity_field_find(e, "title");
    bool many = false;
    *out = NULL;
    return f == NULL || !ctx_may(c, ACTION_SEE, e)
               ? 0
               : nearest_of(c, f, "", NEAREST_MAX, false, str_fold(c->arena, text, strlen(text)),
                            out, &many);
}

/* "solarhaus gmb" → "solarhaus ", its first quarters; by whole characters. */
static const char *part_of(struct arena *a, const char *folded, size_t quarters)
{
    size_t n = 0, size = (strlen(folded) * quarters + 3) / 4;
    while (n < size) {
        size_t one = str_utf8_sequence(folded + n, strlen(folded + n));
        n += one > 0 ? one : 1;
    }
    return arena_strndup(a, folded, n);
}

/* Where records sort by their last word, that is what they begin with. */
static const char *begins_with(const struct field *f, const char *folded)
{
    const char *blank = strrchr(folded, ' ');
    return is_title(f) && entity_sorts_otherwise(f->entity) && blank != NULL ? blank + 1 : folded;
}

int lookup_similar(struct ctx *c, const struct entity *e, const char *key, const char *text,
                   const char **out)
{
    const struct field *title = entity_field_find(e, "title");
    const struct field *f = key != NULL ? entity_field_find(e, key) : NULL;
    *out = NULL;
    f = f != NULL && key_has(f) ? f : title;
    if (f == NULL || !ctx_may(c, ACTION_SEE, e) || !access_sees(c, f)) {
        return 0;
    }
    const char *folded = str_fold(c->arena, text, strlen(text));
    const char *begin = begins_with(f, folded);
    const char *prefixes[] = {part_of(c->arena, begin, 3), part_of(c->arena, begin, 2),
                              stem_of(c->arena, begin), ""};
    bool many = false; /* a large table: what begins otherwise is not looked at */
    for (size_t i = 0; i < COUNT(prefixes) && *out == NULL; i++) {
        bool all = prefixes[i] != NULL && *prefixes[i] == 0;
        if (prefixes[i] != NULL && !(many && all) &&
            nearest_of(c, f, prefixes[i], all ? NEIGHBOURS_MAX : SIMILAR_MAX, all, folded, out,
                       &many) != 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- Ways to look ---------------------------------------------------------------------------- */

/* What may have been meant, when nothing is equal. */
static int offer_near(struct ctx *c, const struct field *f, const char *text, struct lookup *out)
{
    struct key_row *rows = NULL;
    size_t count = 0;
    if (out->count == 0 && find_near(c, f, text, &rows, &count) != 0) {
        return -1;
    }
    out->near = count > 0 ? rows[0].text : NULL;
    return 0;
}

static int find_by_text(struct ctx *c, const struct field *f, const char *text, struct lookup *out)
{
    return find_equal(c, f, text, out) != 0 ? -1 : offer_near(c, f, text, out);
}

/* By a value that is no text (a number): as its type reads it. */
static int find_by_value(struct ctx *c, const struct field *f, const char *text, struct lookup *out)
{
    struct parse_context pc = {.arena = c->arena, .model = c->model};
    struct parsed parsed = {0};
    struct err ignored = {0};
    struct who who = ctx_who(c);
    int64_t *ids = NULL;
    size_t count = 0;
    if (f->type->parse_text(&pc, f, text, &parsed, &ignored) != 0 ||
        parsed.values[0].kind == VALUE_NULL) {
        return 0;
    }
    const struct expr *filter = build_compare(c->arena, f, EXPR_EQ, parsed.values[0]);
    struct list_spec spec = {.entity = f->entity, .action = ACTION_SEE, .filter = filter};
    if (query_ids(c->db, &who, &spec, 0, 2, c->arena, &ids, &count, &c->err) != 0) {
        return -1;
    }
    out->count = (int)count;
    out->id = count == 1 ? ids[0] : 0;
    return 0;
}

static int find_by_field(struct ctx *c, const struct field *f, const char *text, struct lookup *out)
{
    const struct entity *e = f->entity;
    bool alone = e->title_count == 1 && e->title[0] == f && !entity_sorts_otherwise(e);
    const struct field *title = entity_field_find(e, "title");
    if (alone && f->type->words == WORDS_LINE && title != NULL) {
        f = title;
    }
    return key_has(f) ? find_by_text(c, f, text, out) : find_by_value(c, f, text, out);
}

/* By an e-mail address in the handle index. */
static int find_by_email(struct ctx *c, const struct entity *to, const char *text,
                         struct lookup *out)
{
    const char *email = handle_email(c->arena, text);
    int64_t *ids = NULL;
    size_t count = 0;
    struct who who = ctx_who(c);
    if (email == NULL) {
        return 0;
    }
    if (handle_find(c->db, &who, HANDLE_EMAIL, email, to, EXACT_MAX, c->arena, &ids, &count,
                    &c->err) != 0) {
        return -1;
    }
    out->count = count < 2 ? (int)count : 2;
    out->id = count == 1 ? ids[0] : 0;
    return 0;
}

static bool has_emails(const struct ctx *c, const struct entity *to)
{
    for (size_t i = 0; i < to->field_count; i++) {
        if (field_handle(to->fields[i]) == HANDLE_EMAIL && access_sees(c, to->fields[i])) {
            return true;
        }
    }
    return false;
}

/* Without a key: the title, then every unique text. */
static int find_by_any(struct ctx *c, const struct entity *to, const char *text, struct lookup *out)
{
    const struct field *title = entity_field_find(to, "title");
    if (title != NULL && find_equal(c, title, text, out) != 0) {
        return -1;
    }
    for (size_t i = 0; i < to->field_count && out->count == 0; i++) {
        const struct field *f = to->fields[i];
        if (f->unique && field_is_words(f) && access_sees(c, f) &&
            find_equal(c, f, text, out) != 0) {
            return -1;
        }
    }
    return title != NULL ? offer_near(c, title, text, out) : 0;
}

int record_lookup(struct ctx *c, const struct entity *to, const char *key, const char *text,
                  struct lookup *out)
{
    *out = (struct lookup){0};
    if (ctx_db(c) == NULL) {
        return -1;
    }
    text = str_trim(c->arena, text);
    if (!ctx_may(c, ACTION_SEE, to) || *text == '\0') {
        return 0;
    }
    if (key == NULL) {
        return find_by_any(c, to, text, out);
    }
    const struct field *f = entity_field_find(to, key);
    if (f == NULL && strcmp(key, "name") == 0) {
        f = entity_field_find(to, "title"); /* people have no field of that name */
    }
    if (f == NULL && strcmp(key, "email") == 0 && has_emails(c, to)) {
        return find_by_email(c, to, text, out);
    }
    if (f != NULL && access_sees(c, f) && field_handle(f) == HANDLE_EMAIL) {
        return find_by_email(c, to, text, out);
    }
    if (f == NULL || !access_sees(c, f) || !(f->unique || is_title_part(to, f))) {
        return ctx_fail(c, ERR_MALFORMED, "",
                        "A %s is found by its title or a unique field, not by “%.60s”.", to->name,
                        key);
    }
    return find_by_field(c, f, text, out);
}

static int refuse(struct ctx *c, const struct entity *to, const struct reference *r,
                  const struct lookup *found, const char *where)
{
    if (found->count > 1) {
        return err_add(&c->err, c->arena, ERR_INVALID, where,
                       "There are several %s “%.100s”; give the id.", to->plural, r->text);
    }
    const char *near = found->near;
    if (near == NULL && lookup_similar(c, to, r->key, r->text, &near) != 0) {
        return -1;
    }
    if (near != NULL) {
        return err_add(&c->err, c->arena, ERR_INVALID, where,
                       "There is no %s “%.100s”; did you mean “%.100s”?", to->name, r->text, near);
    }
    return err_add(&c->err, c->arena, ERR_INVALID, where, "There is no %s “%.100s”.", to->name,
                   r->text);
}

int record_resolve(struct ctx *c, const struct field *f, const struct reference *r,
                   const char *where, int64_t *id)
{
    const struct entity *to = r->entity != NULL ? r->entity : f->to;
    if (to == NULL) {
        return err_add(&c->err, c->arena, ERR_INVALID, where,
                       "Say of which kind the record is, or give its id.");
    }
    struct err before = c->err;
    struct lookup found;
    err_clear(&c->err);
    int rc = record_lookup(c, to, r->key, r->text, &found);
    struct err failed = c->err;
    c->err = before;
    if (rc != 0 && failed.code == ERR_MALFORMED) {
        return err_add(&c->err, c->arena, ERR_INVALID, where, "%s", failed.text);
    }
    if (rc != 0) {
        c->err = failed;
        return -1;
    }
    if (found.count != 1) {
        return refuse(c, to, r, &found, where);
    }
    *id = found.id;
    return 0;
}
