/*
 * Public forms: the pages strangers see, and the list administrators see. The first answer HTML whatever
 * happens, and know neither session nor token: what a browser sends along of those is not looked at.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/form_page.h"
#include "api/route.h"
#include "base/embed.h"
#include "base/log.h"
#include "base/str.h"
#include "exchange/urlencoded.h"

#define BODY_MAX   262144 /* the longest texts of any script, encoded */
#define STYLE_FILE "static/css/form.css"
#define AGAIN_MAX  3
#define DAY_CACHE  "public, max-age=86400"

/* A visit to a form: what was typed, where it came from. */
struct visit {
    struct request *request;
    struct reply *reply;
    const struct form *form;
    struct form_sent sent;
};

int api_forms(struct request *q, struct reply *r)
{
    return form_list(q->ctx, &r->body);
}

int api_form_style(struct request *q, struct reply *r)
{
    const struct embed_file *file = embed_find(STYLE_FILE);
    if (file == NULL) {
        return ctx_fail(q->ctx, ERR_NOT_FOUND, "", "There is nothing at this address.");
    }
    r->type = "text/css; charset=utf-8";
    r->cache = DAY_CACHE; /* its address changes with it */
    r->pack = true;
    r->policy = "default-src 'none'";
    r->framed = true;
    buf_add(&r->body, file->raw, file->raw_size);
    return 0;
}

/* ---- pages ----------------------------------------------------------------------------------- */

static const char *style_of(struct ctx *c)
{
    return arena_printf(c->arena, "style.css?%s", embed_build_id());
}

static const char *policy_of(struct ctx *c, const struct form *form)
{
    struct buf out = {0};
    buf_puts(&out, "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'");
    if (form != NULL && form->redirect_origin != NULL) {
        buf_printf(&out, " %s", form->redirect_origin);
    }
    buf_puts(&out, "; frame-ancestors 'self'");
    for (size_t i = 0; form != NULL && i < form->embed_count; i++) {
        buf_printf(&out, " %s", form->embed[i]);
    }
    const char *policy = arena_strndup(c->arena, buf_text(&out), out.size);
    buf_done(&out);
    return policy;
}

static void begin_page(struct request *q, struct reply *r, const struct form *form, int status)
{
    r->status = status;
    r->type = "text/html; charset=utf-8";
    r->policy = policy_of(q->ctx, form);
    r->framed = form != NULL && form->embed_count > 0;
    buf_clear(&r->body);
    reply_header(r, "Permissions-Policy",
                 "camera=(), microphone=(), geolocation=(), payment=(), usb=()");
}

static void show(struct visit *v, const struct form_result *result, const char *token)
{
    struct ctx *c = v->request->ctx;
    const struct form_page page = {.form = v->form,
                                   .sent = &v->sent,
                                   .result = result,
                                   .token = token,
                                   .style = style_of(c)};
    int status = result != NULL ? FORM_OUTCOME_ROWS[result->outcome].status : 200;
    begin_page(v->request, v->reply, v->form, status);
    form_page_print(&v->reply->body, &page);
}

/* False: there is none, and the reply says so. */
static bool find_form(struct request *q, struct reply *r, struct visit *v)
{
    *v = (struct visit){
        .request = q, .reply = r, .form = model_form_find(q->ctx->model, q->name)};
    if (v->form == NULL) {
        begin_page(q, r, NULL, 404);
        form_page_absent(&r->body, style_of(q->ctx));
        return false;
    }
    v->sent.answers = ARENA_ARRAY(q->ctx->arena, struct form_answer, v->form->field_count + 1);
    v->sent.address = q->address;
    return true;
}

/* ---- where he comes from --------------------------------------------------------------------- */

/* One line of at most so many characters, without control characters; NULL when nothing is left. */
static const char *one_line(struct ctx *c, const char *text, size_t most)
{
    if (text == NULL) {
        return NULL;
    }
    char *out = arena_strdup(c->arena, text);
    size_t n = 0, length = 0;
    for (const char *p = text; *p != '\0' && length < most;) {
        size_t step = str_utf8_sequence(p, strlen(p));
        if (step == 0) {
            return NULL;
        }
        bool control = (unsigned char)*p < ' ' || *p == 0x7f;
        memcpy(out + n, control ? " " : p, step);
        n += step;
        p += step;
        length++;
    }
    out[n] = '\0';
    const char *line = str_trim(c->arena, out);
    return line[0] != '\0' ? line : NULL;
}

static const char *page_of(struct ctx *c, const char *text)
{
    const char *line = one_line(c, text, FORM_PAGE_MAX);
    bool web = line != NULL && (str_starts(line, "https://") || str_starts(line, "http://"));
    return web ? line : NULL;
}

/* From the address of the page, which whoever embeds or links to the form has made. */
static void read_origin(struct visit *v, const struct urlencoded *in, const char *prefix,
                        const char *page)
{
    struct ctx *c = v->request->ctx;
    for (size_t i = 0; i < COUNT(FORM_CAMPAIGN); i++) {
        const char *name = arena_printf(c->arena, "%s%s", prefix, FORM_CAMPAIGN[i]);
        v->sent.campaign[i] = one_line(c, urlencoded_find(in, name), FORM_CAMPAIGN_MAX);
    }
    v->sent.page = page_of(c, page);
}

static void read_query(struct visit *v)
{
    struct request *q = v->request;
    struct urlencoded in = {.count = 0};
    if (q->query != NULL) {
        (void)urlencoded_read(q->ctx->arena, q->query, strlen(q->query), &in);
    }
    const char *page = urlencoded_find(&in, "referrer");
    read_origin(v, &in, "", page != NULL ? page : request_header(q, "Referer"));
}

static bool is_sent(const struct request *q)
{
    return q->query != NULL && strcmp(q->query, "sent=1") == 0;
}

int api_form_show(struct request *q, struct reply *r)
{
    struct visit v;
    if (!find_form(q, r, &v)) {
        return 0;
    }
    if (is_sent(q)) {
        const struct form_page page = {.form = v.form, .style = style_of(q->ctx)};
        begin_page(q, r, v.form, 200);
        form_page_thanks(&r->body, &page);
        return 0;
    }
    read_query(&v);
    const char *token = form_token(q->ctx, v.form);
    if (token == NULL) {
        return -1;
    }
    show(&v, NULL, token);
    return 0;
}

/* ---- what is sent ---------------------------------------------------------------------------- */

static bool is_form_type(const char *type)
{
    static const char *const TYPE = "application/x-www-form-urlencoded";
    size_t n = strlen(TYPE);
    return type != NULL && strncasecmp(type, TYPE, n) == 0 &&
           (type[n] == '\0' || type[n] == ';' || type[n] == ' ');
}

/* FORM_TAKEN: it is whole and was read. */
static enum form_outcome read_body(struct request *q, struct urlencoded *out)
{
    size_t used = 0;
    long n = 0;
    if (!is_form_type(request_header(q, "Content-Type")) || q->body_size < 0) {
        return FORM_IS_UNREADABLE;
    }
    if (q->body_size > BODY_MAX) {
        return FORM_IS_TOO_LARGE;
    }
    char *text = arena_alloc(q->ctx->arena, (size_t)q->body_size + 1);
    while (used < (size_t)q->body_size &&
           (n = q->read(q->io, text + used, (size_t)q->body_size - used)) > 0) {
        used += (size_t)n;
    }
    if (used != (size_t)q->body_size) {
        return FORM_IS_UNREADABLE;
    }
    enum urlencoded_result read = urlencoded_read(q->ctx->arena, text, used, out);
    return read == URLENCODED_OK         ? FORM_TAKEN
           : read == URLENCODED_TOO_MANY ? FORM_IS_TOO_LARGE
                                         : FORM_IS_UNREADABLE;
}

/* What may stand in the field: line breaks as we keep them, and no other control characters. */
static const char *clean(struct ctx *c, const struct field *f, const char *text)
{
    bool lines = f->type->visitor == VISITOR_LINES;
    char *out = arena_strdup(c->arena, text);
    size_t n = 0;
    for (const char *p = text; *p != '\0'; p++) {
        bool control = (unsigned char)*p < ' ' || *p == 0x7f;
        bool stays = lines && (*p == '\n' || *p == '\t');
        if (*p == '\r' && (p[1] == '\n' || !lines)) {
            continue;
        }
        out[n++] = control && !stays ? (*p == '\r' ? '\n' : ' ') : *p;
    }
    out[n] = '\0';
    return str_trim(c->arena, out);
}

static void read_answer(struct ctx *c, const struct field *f, const struct urlencoded *in,
                        struct form_answer *out)
{
    bool several = f->type->visitor == VISITOR_SEVERAL;
    const char **texts = ARENA_ARRAY(c->arena, const char *, in->count + 1);
    *out = (struct form_answer){.texts = texts};
    for (size_t i = 0; i < in->count && (several || out->count == 0); i++) {
        if (strcmp(in->pairs[i].name, f->name) == 0) {
            const char *text = clean(c, f, in->pairs[i].value);
            texts[out->count] = text;
            out->count += text[0] != '\0';
        }
    }
}

static void read_sent(struct visit *v, const struct urlencoded *in)
{
    struct ctx *c = v->request->ctx;
    struct form_answer *answers =
        ARENA_ARRAY(c->arena, struct form_answer, v->form->field_count + 1);
    for (size_t i = 0; i < v->form->field_count; i++) {
        read_answer(c, v->form->fields[i].field, in, &answers[i]);
    }
    v->sent.answers = answers;
    v->sent.token = urlencoded_find(in, FORM_IN_TOKEN);
    v->sent.trap = urlencoded_find(in, FORM_IN_TRAP);
    v->sent.agreed = urlencoded_find(in, FORM_IN_CONSENT) != NULL;
    read_origin(v, in, FORM_IN_CAMPAIGN, urlencoded_find(in, FORM_IN_PAGE));
}

static void go_on(struct visit *v)
{
    const struct form *form = v->form;
    const char *target = form->redirect != NULL
                             ? form->redirect
                             : arena_printf(v->request->ctx->arena, "%s?sent=1", form->name);
    begin_page(v->request, v->reply, form, FORM_OUTCOME_ROWS[FORM_TAKEN].status);
    reply_header(v->reply, "Location", target);
}

/* What cannot be read is not shown again; the form is. */
static int turn_away(struct visit *v, enum form_outcome outcome)
{
    struct ctx *c = v->request->ctx;
    struct form_result result = {
        .outcome = outcome,
        .problems = ARENA_ARRAY(c->arena, enum form_text, v->form->field_count + 1),
    };
    for (size_t i = 0; i < v->form->field_count; i++) {
        result.problems[i] = FORM_TEXTS;
    }
    form_turned_away(v->form, outcome, v->sent.address, c->now_ms);
    const char *token = form_token(c, v->form);
    if (token == NULL) {
        return -1;
    }
    show(v, &result, token);
    return 0;
}

/* Ours is the fault; nothing of what was typed is lost. */
static int say_busy(struct visit *v, struct form_result *result)
{
    struct ctx *c = v->request->ctx;
    log_error("%s form %s: %s", c->trace, v->form->name, c->err.text);
    err_clear(&c->err);
    result->outcome = FORM_FAILED;
    reply_header(v->reply, "Retry-After", "60");
    show(v, result, v->sent.token != NULL ? v->sent.token : "");
    return 0;
}

/* A configuration that was applied meanwhile may have changed the form: it is read again by the new
 * one. */
static int take(struct request *q, struct reply *r, const struct urlencoded *in, int tries)
{
    struct visit v;
    struct form_result result = {0};
    if (!find_form(q, r, &v)) {
        return 0;
    }
    read_sent(&v, in);
    int rc = form_take(q->ctx, v.form, &v.sent, &result);
    if (rc != 0 && q->ctx->stale != 0 && !q->ctx->wrote && tries > 0) {
        q->ctx->actor = (struct actor){.anonymous = true, .source = SOURCE_API};
        return ctx_renew(q->ctx) == 0 ? take(q, r, in, tries - 1) : -1;
    }
    if (rc != 0) {
        return say_busy(&v, &result);
    }
    if (result.outcome == FORM_TAKEN) {
        go_on(&v);
    } else {
        show(&v, &result, result.token);
    }
    return 0;
}

int api_form_take(struct request *q, struct reply *r)
{
    struct visit v;
    struct urlencoded in = {.count = 0};
    if (!find_form(q, r, &v)) {
        return 0;
    }
    enum form_outcome read = read_body(q, &in);
    return read == FORM_TAKEN ? take(q, r, &in, AGAIN_MAX) : turn_away(&v, read);
}
