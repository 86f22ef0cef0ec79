/* What came in by public forms, told to administrators and monitoring programs; see form.h. */
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "core/form_limit.h"
#include "core/parts.h"
#include "store/forms.h"

#define KEPT_DAYS  400
#define SHOWN_DAYS 30

struct figures {
    struct form_count *all, *lately;
    size_t all_count, lately_count;
    struct form_tally *tallies;
    size_t tally_count;
};

static const char *day_before(struct ctx *c, int64_t days)
{
    char today[CLOCK_DATE_SIZE], then[CLOCK_DATE_SIZE];
    clock_date_of(c->now_ms, today);
    clock_date_from_days(clock_days_of(today) - days, then);
    return arena_strdup(c->arena, then);
}

static int read_figures(struct ctx *c, struct figures *x)
{
    x->tallies = ARENA_ARRAY(c->arena, struct form_tally, FORM_TALLIES);
    x->tally_count = form_tallies(x->tallies, FORM_TALLIES);
    return ctx_db(c) == NULL ||
                   forms_counts(c->db, "", c->arena, &x->all, &x->all_count, &c->err) != 0 ||
                   forms_counts(c->db, day_before(c, SHOWN_DAYS - 1), c->arena, &x->lately,
                                &x->lately_count, &c->err) != 0
               ? -1
               : 0;
}

/* Those written down and those still in memory. */
static int64_t sum(const struct figures *x, bool lately, const char *form,
                   enum form_outcome outcome, int64_t *last_ms)
{
    const struct form_count *rows = lately ? x->lately : x->all;
    size_t count = lately ? x->lately_count : x->all_count;
    int64_t n = 0;
    *last_ms = 0;
    for (size_t i = 0; i < count; i++) {
        if (str_eq(rows[i].form, form) && str_eq(rows[i].outcome, FORM_OUTCOME_ROWS[outcome].name)) {
            n += rows[i].n;
            *last_ms = rows[i].last_at;
        }
    }
    for (size_t i = 0; i < x->tally_count && outcome != FORM_TAKEN; i++) {
        const struct form_tally *t = &x->tallies[i];
        if (t->outcome == outcome && strcmp(t->form, form) == 0 && t->unsaved > 0) {
            n += t->unsaved;
            *last_ms = t->last_ms > *last_ms ? t->last_ms : *last_ms;
        }
    }
    return n;
}

static void print_away(const struct figures *x, const struct form *form, struct json_writer *w)
{
    jw_key(w, "turned_away");
    jw_array(w);
    for (enum form_outcome o = FORM_REFUSED; o < FORM_OUTCOMES; o++) {
        int64_t last = 0, n = sum(x, true, form->name, o, &last);
        if (n > 0) {
            jw_object(w);
            jw_kv_text(w, "why", FORM_OUTCOME_ROWS[o].name);
            jw_kv_int(w, "count", n);
            jw_kv_instant(w, "last_at", last);
            jw_object_end(w);
        }
    }
    jw_array_end(w);
}

/* Fixed links that name no one record: entries come without them. */
static int print_problems(struct ctx *c, const struct form *form, struct json_writer *w)
{
    jw_key(w, "problems");
    jw_array(w);
    for (size_t i = 0; i < form->set_count; i++) {
        const struct form_value *v = &form->set[i];
        struct lookup found = {0};
        const char *key = strchr(v->text, '@') != NULL ? "email" : NULL;
        if (!field_is_link(v->field)) {
            continue;
        }
        if (record_lookup(c, v->field->to, key, v->text, &found) != 0) {
            return -1;
        }
        if (found.count != 1) {
            jw_object(w);
            jw_kv_text(w, "where", v->where);
            jw_kv_text(w, "field", v->field->label);
            jw_kv_text(w, "value", v->text);
            jw_object_end(w);
        }
    }
    jw_array_end(w);
    return 0;
}

static int print_form(struct ctx *c, const struct figures *x, const struct form *form,
                      struct json_writer *w)
{
    int64_t last = 0, ignored = 0;
    jw_object(w);
    jw_kv_text(w, "name", form->name);
    jw_kv_text(w, "title", form->title);
    jw_kv_text(w, "entity", form->entity->name);
    jw_kv_text(w, "path", arena_printf(c->arena, "/forms/%s", form->name));
    jw_kv_text(w, "address", form->address);
    jw_kv_text(w, "where", form->where);
    jw_kv_text(w, "consent_version", form->consent_version);
    jw_key(w, "embed");
    jw_array(w);
    for (size_t i = 0; i < form->embed_count; i++) {
        jw_text(w, form->embed[i]);
    }
    jw_array_end(w);
    jw_kv_int(w, "entries", sum(x, false, form->name, FORM_TAKEN, &last));
    jw_kv_int(w, "entries_lately", sum(x, true, form->name, FORM_TAKEN, &ignored));
    jw_kv_instant(w, "last_at", last);
    print_away(x, form, w);
    int rc = print_problems(c, form, w);
    jw_object_end(w);
    return rc;
}

int form_list(struct ctx *c, struct buf *out)
{
    struct figures x = {0};
    struct json_writer w;
    if (read_figures(c, &x) != 0) {
        return -1;
    }
    jw_init(&w, out);
    jw_object(&w);
    jw_kv_int(&w, "days", SHOWN_DAYS);
    jw_key(&w, "items");
    jw_array(&w);
    for (size_t i = 0; i < c->model->form_count; i++) {
        if (print_form(c, &x, &c->model->forms[i], &w) != 0) {
            return -1;
        }
    }
    jw_array_end(&w);
    jw_object_end(&w);
    return 0;
}

void form_metrics(struct ctx *c, struct buf *out)
{
    struct form_tally *tallies = ARENA_ARRAY(c->arena, struct form_tally, FORM_TALLIES);
    size_t n = form_tallies(tallies, FORM_TALLIES);
    buf_puts(out, "# HELP kontor_form_entries_total What became of entries of public forms.\n"
                  "# TYPE kontor_form_entries_total counter\n");
    for (size_t i = 0; i < n; i++) {
        buf_printf(out, "kontor_form_entries_total{form=\"%s\",outcome=\"%s\"} %lld\n",
                   tallies[i].form, FORM_OUTCOME_ROWS[tallies[i].outcome].name,
                   (long long)tallies[i].n);
    }
}

int form_tidy(struct ctx *c, int64_t record, const char *key)
{
    struct form_tally *tallies = ARENA_ARRAY(c->arena, struct form_tally, FORM_TALLIES);
    size_t n = form_tallies(tallies, FORM_TALLIES);
    (void)record;
    (void)key;
    for (size_t i = 0; i < n; i++) {
        const struct form_tally *t = &tallies[i];
        char day[CLOCK_DATE_SIZE];
        clock_date_of(t->last_ms, day);
        const struct form_count more = {.form = t->form,
                                        .day = day,
                                        .outcome = FORM_OUTCOME_ROWS[t->outcome].name,
                                        .n = t->unsaved,
                                        .last_at = t->last_ms};
        if (t->outcome == FORM_TAKEN || t->unsaved == 0) {
            continue; /* what was taken is counted with the record itself */
        }
        if (forms_count(c->db, &more, &c->err) != 0) {
            return -1;
        }
        form_tally_saved(t);
    }
    return forms_tidy(c->db, c->now_ms, day_before(c, KEPT_DAYS), &c->err);
}
