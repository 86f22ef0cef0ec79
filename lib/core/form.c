/* See form.h. */
#include "core/form.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "core/account.h"
#include "core/assigned.h"
#include "core/form_limit.h"
#include "core/notification.h"
#include "core/parts.h"
#include "store/forms.h"

#define KNOWN_MAX 5 /* records that may be the same and are named */

const struct form_outcome_row FORM_OUTCOME_ROWS[] = {
    [FORM_TAKEN] = {"taken", 303, FORM_THANKS, false},
    [FORM_REFUSED] = {"refused", 422, FORM_SUMMARY, false},
    [FORM_IS_TRAPPED] = {"trapped", 422, FORM_TRAPPED, true},
    [FORM_IS_EARLY] = {"early", 422, FORM_EARLY, true},
    [FORM_IS_EXPIRED] = {"expired", 403, FORM_EXPIRED, false},
    [FORM_IS_FORGED] = {"forged", 403, FORM_EXPIRED, true},
    [FORM_IS_REPLAYED] = {"replayed", 409, FORM_TWICE, true},
    [FORM_IS_TOO_MUCH] = {"too_much", 429, FORM_RATE, false},
    [FORM_IS_UNREADABLE] = {"unreadable", 400, FORM_UNREADABLE, true},
    [FORM_IS_TOO_LARGE] = {"too_large", 413, FORM_TOO_LARGE, true},
    [FORM_FAILED] = {"failed", 503, FORM_BUSY, false},
    [FORM_OUTCOMES] = {NULL, 0, FORM_TEXTS, false},
};

const char *const FORM_CAMPAIGN[5] = {"utm_source", "utm_medium", "utm_campaign", "utm_term",
                                      "utm_content"};

/* What is said of a value that the model does not take. */
static const enum form_text PROBLEMS[VISITOR_COUNT] = {
    [VISITOR_NONE] = FORM_WRONG,    [VISITOR_LINE] = FORM_WRONG,     [VISITOR_LINES] = FORM_WRONG,
    [VISITOR_WHOLE] = FORM_NUMBER,  [VISITOR_DECIMAL] = FORM_NUMBER, [VISITOR_DATE] = FORM_DATE,
    [VISITOR_TIME] = FORM_DATE,
    [VISITOR_TICK] = FORM_REQUIRED, [VISITOR_ONE] = FORM_CHOOSE,     [VISITOR_SEVERAL] = FORM_CHOOSE,
    [VISITOR_EMAIL] = FORM_EMAIL,   [VISITOR_PHONE] = FORM_PHONE,    [VISITOR_WEB] = FORM_WEB,
};

struct entry {
    const struct form *form;
    const struct form_sent *sent;
    struct form_result *out;
    unsigned char token[FORM_TOKEN_SIZE];
    int64_t token_until;
    const struct json *body; /* of the record */
};

/* ---- what was typed -------------------------------------------------------------------------- */

static bool is_filled(const struct form_answer *a)
{
    return a->count > 0 && a->texts[0][0] != '\0';
}

static size_t room_of(const struct field *f)
{
    size_t most = f->type->visitor == VISITOR_LINES ? FORM_LONGTEXT_MAX : FORM_TEXT_MAX;
    bool own = field_is_words(f) && f->has_max && f->max >= 0 && (size_t)f->max < most;
    return own ? (size_t)f->max : most;
}

/* "1.234,50", "1,234.50", "12,5", "1 200" as "1234.50" …: the last sign is the decimal one, unless
 * only one kind stands there and the language of the form groups thousands by it. */
static const char *plain_number(struct arena *a, const char *text, const char *language)
{
    char group = str_starts(language, "en") ? ',' : '.', *out = arena_strdup(a, text);
    const char *point = strrchr(text, '.'), *comma = strrchr(text, ',');
    const char *last = point == NULL || (comma != NULL && comma > point) ? comma : point;
    const char *first = strpbrk(text, ".,");
    bool groups = last != NULL && *last == group && strlen(last) == 4 && strlen(first) % 4 == 0;
    bool mixed = point != NULL && comma != NULL;
    const char *decimal = mixed || !groups ? last : NULL;
    size_t n = 0;
    for (const char *p = text; *p != '\0'; p++) {
        if (p == decimal) {
            out[n++] = '.';
        } else if (strchr(".,' ", *p) == NULL) {
            out[n++] = *p;
        }
    }
    out[n] = '\0';
    return out;
}

static void print_answer(struct ctx *c, const struct form *form, const struct field *f,
                         const struct form_answer *a, struct json_writer *w)
{
    enum type_visitor v = f->type->visitor;
    if (v == VISITOR_SEVERAL) {
        jw_array(w);
        for (size_t i = 0; i < a->count; i++) {
            jw_text(w, a->texts[i]);
        }
        jw_array_end(w);
    } else if (v == VISITOR_TICK) {
        jw_bool(w, true);
    } else if (v == VISITOR_WHOLE || v == VISITOR_DECIMAL) {
        jw_text(w, plain_number(c->arena, a->texts[0], form->language));
    } else {
        jw_text(w, a->texts[0]);
    }
}

/* By the type's own parser, so that all that is wrong is told at once. */
static bool is_readable(struct ctx *c, const struct form *form, const struct field *f,
                        const struct form_answer *a)
{
    const struct parse_context pc = {.arena = c->arena, .model = c->model};
    struct buf text = {0};
    struct json_writer w;
    const struct json *in = NULL;
    struct parsed ignored = {0};
    struct err e = {0};
    jw_init(&w, &text);
    print_answer(c, form, f, a, &w);
    bool good = json_parse(c->arena, buf_text(&text), text.size, &in, &e) == 0 &&
                f->type->parse_json(&pc, f, in, &ignored, &e) == 0;
    buf_done(&text);
    return good;
}

/* FORM_TEXTS: nothing is wrong as far as the field alone tells. */
static enum form_text check_answer(struct ctx *c, const struct form *form,
                                   const struct form_field *f, const struct form_answer *a)
{
    if (!is_filled(a)) {
        return f->required ? FORM_REQUIRED : FORM_TEXTS;
    }
    for (size_t i = 0; i < a->count; i++) {
        if (str_utf8_length(a->texts[i]) > room_of(f->field)) {
            return FORM_TOO_LONG;
        }
    }
    return is_readable(c, form, f->field, a) ? FORM_TEXTS : PROBLEMS[f->field->type->visitor];
}

static bool check_answers(struct ctx *c, struct entry *x)
{
    bool good = !x->out->disagreed;
    for (size_t i = 0; i < x->form->field_count; i++) {
        x->out->problems[i] =
            check_answer(c, x->form, &x->form->fields[i], &x->sent->answers[i]);
        good = good && x->out->problems[i] == FORM_TEXTS;
    }
    return good;
}

/* ---- fixed values ---------------------------------------------------------------------------- */

/* The record a fixed link names; *id 0: there is none, or several. */
static int find_link(struct ctx *c, const struct form_value *v, int64_t *id)
{
    struct lookup found = {0};
    const char *key = strchr(v->text, '@') != NULL ? "email" : NULL;
    *id = 0;
    if (record_lookup(c, v->field->to, key, v->text, &found) != 0) {
        return -1;
    }
    *id = found.count == 1 ? found.id : 0;
    bool active = true, user = strcmp(v->field->to->name, ENTITY_USER) == 0;
    if (*id != 0 && user && account_is_active(c, *id, &active) != 0) {
        return -1;
    }
    *id = active ? *id : 0; /* who has left hears of no enquiry */
    return 0;
}

/* A link that leads nowhere must not lose an enquiry: it stays empty, and the log says so. */
static int print_values(struct ctx *c, const struct form *form, struct json_writer *w)
{
    for (size_t i = 0; i < form->set_count; i++) {
        const struct form_value *v = &form->set[i];
        int64_t id = 0;
        if (!field_is_link(v->field)) {
            jw_key(w, v->field->name);
            jw_raw(w, v->json, strlen(v->json));
            continue;
        }
        if (find_link(c, v, &id) != 0) {
            return -1;
        }
        if (id != 0) {
            jw_kv_int(w, v->field->name, id);
        } else {
            log_warn("%s: there is no one \"%s\", or not any more; entries of the form %s come without %s", v->where,
                     v->text, form->name, v->field->name);
        }
    }
    return 0;
}

static bool is_used(const struct form *form, const struct field *f)
{
    bool used = false;
    for (size_t i = 0; i < form->field_count; i++) {
        used = used || form->fields[i].field == f;
    }
    for (size_t i = 0; i < form->set_count; i++) {
        used = used || form->set[i].field == f;
    }
    return used;
}

/* Parameters of the address go into fields of their names, where there are such. */
static void print_campaign(const struct entry *x, struct json_writer *w)
{
    for (size_t i = 0; i < COUNT(FORM_CAMPAIGN); i++) {
        const struct field *f = entity_field_find(x->form->entity, FORM_CAMPAIGN[i]);
        bool fits = f != NULL && f->type->visitor == VISITOR_LINE && !form_fills(f) && !f->unique;
        if (fits && x->sent->campaign[i] != NULL && !is_used(x->form, f)) {
            jw_kv_text(w, f->name, x->sent->campaign[i]);
        }
    }
}

static int make_body(struct ctx *c, struct entry *x)
{
    struct buf out = {0};
    struct json_writer w;
    jw_init(&w, &out);
    jw_object(&w);
    int rc = print_values(c, x->form, &w);
    for (size_t i = 0; rc == 0 && i < x->form->field_count; i++) {
        if (is_filled(&x->sent->answers[i])) {
            jw_key(&w, x->form->fields[i].field->name);
            print_answer(c, x->form, x->form->fields[i].field, &x->sent->answers[i], &w);
        }
    }
    print_campaign(x, &w);
    jw_object_end(&w);
    if (rc == 0) {
        const char *text = arena_strndup(c->arena, buf_text(&out), out.size);
        rc = json_parse(c->arena, text, out.size, &x->body, &c->err);
    }
    buf_done(&out);
    return rc;
}

/* ---- evidence -------------------------------------------------------------------------------- */

/* Records that may be the same, as a form in the browser is warned of them: their ids. */
static int find_known(struct ctx *c, const struct entry *x, int64_t record, int64_t *ids,
                      size_t *count)
{
    struct record *r = NULL;
    struct buf text = {0};
    struct json_writer w;
    const struct json *list = NULL;
    jw_init(&w, &text);
    *count = 0;
    int rc = rows_load(c->db, x->form->entity, record, c->arena, &r, &c->err);
    if (rc == 0) {
        rc = check_warnings(c, NULL, r, &w);
    }
    if (rc == 0) {
        rc = json_parse(c->arena, buf_text(&text), text.size, &list, &c->err);
    }
    for (const struct json *j = rc == 0 ? list->child : NULL; j != NULL && *count < KNOWN_MAX;
         j = j->next) {
        *count += json_int(json_find(j, "id"), &ids[*count]) == 0;
    }
    buf_done(&text);
    return rc;
}

/* What stands on the timeline, in the language of the form. Records are named by their numbers, so
 * that only who may see them reads who they are (text_ref.h). */
static int print_said(struct ctx *c, const struct entry *x, int64_t record, struct buf *out)
{
    const struct form *form = x->form;
    int64_t known[KNOWN_MAX];
    size_t count = 0;
    if (find_known(c, x, record, known, &count) != 0) {
        return -1;
    }
    if (x->sent->agreed && form->consent != NULL) {
        buf_printf(out, "%s (%s): %s\n", form->texts[FORM_AGREED], form->consent_version,
                   form->consent);
    }
    if (x->sent->page != NULL) {
        buf_printf(out, "%s: %s\n", form->texts[FORM_PAGE], x->sent->page);
    }
    buf_printf(out, "%s: %s", form->texts[FORM_FROM], x->sent->address);
    for (size_t i = 0; i < count; i++) {
        buf_printf(out, "%s#[%lld]", i == 0 ? arena_printf(c->arena, "\n%s: ",
                                                           form->texts[FORM_KNOWN])
                                            : ", ",
                   (long long)known[i]);
    }
    return 0;
}

static void put(struct field_set *set, const struct entity *e, const char *name, const char *text)
{
    const struct value v = text != NULL ? value_text(text) : value_null();
    const struct field *f = entity_field_find(e, name);
    if (f != NULL) {
        field_set_put(set, e, f, &v);
    }
}

static int keep_evidence(struct ctx *c, const struct entry *x, int64_t record)
{
    const struct entity *e = model_entity_find(c->model, ENTITY_SUBMISSION);
    const struct form *form = x->form;
    const struct value now = value_int(c->now_ms);
    struct record *made = NULL;
    struct buf said = {0};
    if (e == NULL) {
        return 0;
    }
    if (print_said(c, x, record, &said) != 0) {
        buf_done(&said);
        return -1;
    }
    struct field_set *set = field_set_new(c->arena, e);
    put(set, e, "heading", form->title);
    put(set, e, "form", form->name);
    put(set, e, "said", arena_strndup(c->arena, buf_text(&said), said.size));
    put(set, e, "consent", x->sent->agreed ? form->consent : NULL);
    put(set, e, "consent_version", x->sent->agreed ? form->consent_version : NULL);
    put(set, e, "address", x->sent->address);
    put(set, e, "page", x->sent->page);
    put(set, e, "links", arena_printf(c->arena, "[%lld]", (long long)record));
    field_set_put(set, e, entity_field_find(e, "received_at"), &now);
    buf_done(&said);
    return record_insert_in(c, e, set, &made);
}

/* Whom the form gives its records to; rules tell those they choose. */
static int tell_owner(struct ctx *c, const struct entry *x, int64_t record)
{
    const struct form *form = x->form;
    struct buf params = {0};
    struct json_writer w;
    int64_t user = 0;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < form->set_count; i++) {
        if (form->set[i].field == form->entity->owner) {
            rc = find_link(c, &form->set[i], &user);
        }
    }
    jw_init(&w, &params);
    jw_object(&w);
    jw_kv_text(&w, "form", form->name);
    jw_kv_text(&w, "why", form->title);
    jw_object_end(&w);
    if (rc == 0) {
        rc = assigned_to(c, record, user,
                         arena_strndup(c->arena, buf_text(&params), params.size));
    }
    buf_done(&params);
    return rc;
}

/* ---- taking it in ---------------------------------------------------------------------------- */

/* As any record is made, but that rules wait until its evidence stands there too. */
static int make_record(struct ctx *c, const struct entry *x, int64_t *id)
{
    const struct entity *e = x->form->entity;
    struct field_set *set = field_set_new(c->arena, e);
    struct record *made = NULL;
    if (record_parse(c, e, x->body, 0, true, set) != 0 && c->err.code != ERR_INVALID) {
        return -1;
    }
    if (record_insert_in(c, e, set, &made) != 0) { /* tells also what was wrong before */
        return -1;
    }
    *id = made->id;
    return 0;
}

static int run_take(struct ctx *c, void *data)
{
    struct entry *x = data;
    int64_t made = 0;
    char day[CLOCK_DATE_SIZE];
    clock_date_of(c->now_ms, day);
    const struct form_count taken = {.form = x->form->name,
                                     .day = day,
                                     .outcome = FORM_OUTCOME_ROWS[FORM_TAKEN].name,
                                     .n = 1,
                                     .last_at = c->now_ms};
    if (forms_use_token(c->db, x->token, x->token_until, &c->err) != 0 || make_body(c, x) != 0 ||
        make_record(c, x, &made) != 0 || keep_evidence(c, x, made) != 0 ||
        tell_owner(c, x, made) != 0 ||
        forms_count(c->db, &taken, &c->err) != 0) {
        return -1;
    }
    x->out->record = made;
    return 0;
}

/* What the model refused: to the field it is about, in words a visitor understands. */
static void sort_problems(struct ctx *c, struct entry *x)
{
    for (const struct err_item *item = c->err.items; item != NULL; item = item->next) {
        const char *dot = strchr(item->where, '.');
        size_t i = 0;
        while (dot != NULL && i < x->form->field_count &&
               strcmp(x->form->fields[i].field->name, dot + 1) != 0) {
            i++;
        }
        if (dot == NULL || i == x->form->field_count) {
            log_warn("the form %s cannot be taken: %s %s", x->form->name, item->where, item->text);
            continue;
        }
        const struct field *f = x->form->fields[i].field;
        x->out->problems[i] =
            is_filled(&x->sent->answers[i]) ? PROBLEMS[f->type->visitor] : FORM_REQUIRED;
    }
}

static void become_form(struct ctx *c, const struct form *form)
{
    c->actor = (struct actor){.source = SOURCE_FORM,
                              .name = arena_printf(c->arena, "form %s", form->name)};
    c->dry_run = false;
}

static int store_entry(struct ctx *c, struct entry *x)
{
    struct form_result *out = x->out;
    become_form(c, x->form);
    if (ctx_write(c, run_take, x) == 0) {
        out->outcome = FORM_TAKEN;
        out->change = c->change.id;
        form_counted(x->form->name, FORM_TAKEN, c->now_ms);
        return 0;
    }
    form_limit_leave(x->form, x->sent->address);
    if (c->err.code == ERR_CONFLICT && str_eq(c->err.where, "token")) {
        err_clear(&c->err);
        out->outcome = FORM_IS_REPLAYED;
        return 0;
    }
    if (c->err.code == ERR_INVALID) {
        sort_problems(c, x);
        err_clear(&c->err);
        out->outcome = FORM_REFUSED;
        return 0;
    }
    out->outcome = FORM_FAILED;
    return -1;
}

/* Cheap checks first; nothing of a machine's is looked at any closer. */
static int take(struct ctx *c, struct entry *x)
{
    struct form_result *out = x->out;
    const char *address = x->sent->address;
    if (form_limit_deaf(address, c->now_ms)) {
        out->outcome = FORM_IS_TOO_MUCH;
        return 0;
    }
    if (x->sent->trap != NULL && x->sent->trap[0] != '\0') {
        out->outcome = FORM_IS_TRAPPED;
        return 0;
    }
    out->outcome = form_token_check(c, x->form, x->sent->token, x->token, &x->token_until);
    if (out->outcome == FORM_FAILED) {
        return -1;
    }
    if (out->outcome != FORM_TAKEN) {
        return 0;
    }
    if (!check_answers(c, x)) {
        out->outcome = FORM_REFUSED;
        return 0;
    }
    if (!form_limit_enter(x->form, address, c->now_ms)) {
        out->outcome = FORM_IS_TOO_MUCH;
        return 0;
    }
    return store_entry(c, x);
}

/* The same token while it is good, so that he who was asked again need not wait again. */
static const char *next_token(struct ctx *c, const struct entry *x)
{
    bool same = x->out->outcome == FORM_REFUSED || x->out->outcome == FORM_IS_EARLY;
    return same ? x->sent->token : form_token(c, x->form);
}

void form_turned_away(const struct form *form, enum form_outcome outcome, const char *address,
                      int64_t now_ms)
{
    form_counted(form->name, outcome, now_ms);
    if (FORM_OUTCOME_ROWS[outcome].bad) {
        form_limit_bad(address, now_ms);
    }
}

int form_take(struct ctx *c, const struct form *form, const struct form_sent *sent,
              struct form_result *out)
{
    struct entry x = {.form = form, .sent = sent, .out = out};
    *out = (struct form_result){
        .problems = ARENA_ARRAY(c->arena, enum form_text, form->field_count + 1),
        .disagreed = form->consent != NULL && form->consent_required && !sent->agreed};
    for (size_t i = 0; i < form->field_count; i++) {
        out->problems[i] = FORM_TEXTS;
    }
    int rc = take(c, &x);
    if (out->outcome != FORM_TAKEN) {
        form_turned_away(form, out->outcome, sent->address, c->now_ms);
        log_debug("form %s: turned away: %s", form->name, FORM_OUTCOME_ROWS[out->outcome].name);
    }
    if (rc == 0 && out->outcome != FORM_TAKEN) {
        out->token = next_token(c, &x);
        rc = out->token != NULL ? 0 : -1;
    }
    return rc;
}
