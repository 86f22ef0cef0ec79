/* See form_page.h. */
#include "api/form_page.h"

#include <string.h>

#include "base/str.h"

/* ---- pieces ---------------------------------------------------------------------------------- */

static void put_text(struct buf *out, const char *s)
{
    static const struct {
        char c;
        const char *entity;
    } ENTITIES[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}};
    for (; *s != '\0'; s++) {
        const char *entity = NULL;
        for (size_t i = 0; i < COUNT(ENTITIES) && entity == NULL; i++) {
            entity = ENTITIES[i].c == *s ? ENTITIES[i].entity : NULL;
        }
        if (entity != NULL) {
            buf_puts(out, entity);
        } else {
            buf_putc(out, *s);
        }
    }
}

/* " name="text"" */
static void put_attribute(struct buf *out, const char *name, const char *text)
{
    buf_printf(out, " %s=\"", name);
    put_text(out, text);
    buf_putc(out, '"');
}

/* <tag class="…">text</tag>, with a paragraph's line breaks kept by the style sheet. */
static void put_element(struct buf *out, const char *tag, const char *class, const char *text)
{
    buf_printf(out, "<%s", tag);
    if (class != NULL) {
        put_attribute(out, "class", class);
    }
    buf_putc(out, '>');
    put_text(out, text);
    buf_printf(out, "</%s>\n", tag);
}

static void put_hidden(struct buf *out, const char *prefix, const char *name, const char *value)
{
    if (value != NULL && value[0] != '\0') {
        buf_printf(out, "<input type=\"hidden\" name=\"%s%s\"", prefix, name);
        put_attribute(out, "value", value);
        buf_puts(out, ">\n");
    }
}

static void begin(struct buf *out, const char *language, const char *theme, const char *title,
                  const char *style)
{
    buf_puts(out, "<!doctype html>\n<html");
    put_attribute(out, "lang", language);
    put_attribute(out, "data-theme", theme);
    buf_puts(out, ">\n<head>\n<meta charset=\"utf-8\">\n"
                  "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                  "<meta name=\"robots\" content=\"noindex\">\n<title>");
    put_text(out, title);
    buf_puts(out, "</title>\n<link rel=\"stylesheet\"");
    put_attribute(out, "href", style);
    buf_puts(out, ">\n</head>\n<body>\n<main>\n");
}

static void end(struct buf *out)
{
    buf_puts(out, "</main>\n</body>\n</html>\n");
}

/* ---- fields ---------------------------------------------------------------------------------- */

/* How a kind of field is filled in. */
static const struct control {
    const char *type; /* of the input; NULL: no such element */
    const char *mode; /* which keys a phone shows; NULL: those of the type */
} CONTROLS[VISITOR_COUNT] = {
    [VISITOR_LINE] = {"text", NULL},      [VISITOR_WHOLE] = {"text", "numeric"},
    [VISITOR_DECIMAL] = {"text", "decimal"}, [VISITOR_DATE] = {"date", NULL},
    [VISITOR_TIME] = {"datetime-local", NULL},
    [VISITOR_EMAIL] = {"email", NULL},    [VISITOR_PHONE] = {"tel", NULL},
    [VISITOR_WEB] = {"url", NULL},        [VISITOR_TICK] = {"checkbox", NULL},
};

/* What browsers may fill in by themselves (HTML, 4.10.18.7), by the name of the field. */
static const char *autocomplete_of(const struct field *f)
{
    static const struct {
        const char *name, *token;
    } KNOWN[] = {{"first_name", "given-name"},   {"last_name", "family-name"},
                 {"salutation", "honorific-prefix"}, {"job_title", "organization-title"},
                 {"company_name", "organization"},   {"street", "street-address"},
                 {"postcode", "postal-code"},    {"city", "address-level2"},
                 {"country", "country-name"},    {"birthday", "bday"}};
    for (size_t i = 0; i < COUNT(KNOWN); i++) {
        if (str_eq(KNOWN[i].name, f->name)) {
            return KNOWN[i].token;
        }
    }
    return f->type->visitor == VISITOR_EMAIL   ? "email"
           : f->type->visitor == VISITOR_PHONE ? "tel"
           : f->type->visitor == VISITOR_WEB   ? "url"
                                               : NULL;
}

struct place { /* a field on its page */
    const struct form_page *page;
    const struct form_field *field;
    const struct form_answer *typed;
    enum form_text problem; /* FORM_TEXTS: none */
    bool first;             /* of those with a problem: the cursor stands there */
};

static const char *typed_of(const struct place *x)
{
    return x->typed->count > 0 ? x->typed->texts[0] : "";
}

static bool has_typed(const struct place *x, const char *text)
{
    for (size_t i = 0; i < x->typed->count; i++) {
        if (str_eq(x->typed->texts[i], text)) {
            return true;
        }
    }
    return false;
}

/* id, name and what tells assistive programs about help and problem. */
static void put_names(struct buf *out, const struct place *x, const char *suffix)
{
    const char *name = x->field->field->name;
    bool wrong = x->problem != FORM_TEXTS;
    buf_printf(out, " id=\"f-%s%s\" name=\"%s\"", name, suffix, name);
    if (x->field->help != NULL || wrong) {
        buf_printf(out, " aria-describedby=\"%s%s%s%s%s\"", wrong ? "e-" : "", wrong ? name : "",
                   wrong && x->field->help != NULL ? " " : "",
                   x->field->help != NULL ? "h-" : "", x->field->help != NULL ? name : "");
    }
    if (wrong) {
        buf_puts(out, " aria-invalid=\"true\"");
    }
    if (x->first && suffix[0] == '\0') {
        buf_puts(out, " autofocus");
    }
}

static void put_input(struct buf *out, const struct place *x)
{
    const struct field *f = x->field->field;
    const struct control *k = &CONTROLS[f->type->visitor];
    const char *fills = autocomplete_of(f);
    buf_printf(out, "<input type=\"%s\"", k->type);
    put_names(out, x, "");
    buf_printf(out, " maxlength=\"%d\"%s", FORM_TEXT_MAX, x->field->required ? " required" : "");
    if (k->mode != NULL) {
        put_attribute(out, "inputmode", k->mode);
    }
    if (fills != NULL) {
        put_attribute(out, "autocomplete", fills);
    }
    put_attribute(out, "value", typed_of(x));
    buf_puts(out, ">\n");
}

static void put_lines(struct buf *out, const struct place *x)
{
    buf_puts(out, "<textarea rows=\"5\"");
    put_names(out, x, "");
    buf_printf(out, " maxlength=\"%d\"%s>\n", FORM_LONGTEXT_MAX,
               x->field->required ? " required" : "");
    put_text(out, typed_of(x));
    buf_puts(out, "</textarea>\n");
}

static void put_select(struct buf *out, const struct place *x)
{
    buf_puts(out, "<select");
    put_names(out, x, "");
    buf_printf(out, "%s>\n<option value=\"\">", x->field->required ? " required" : "");
    put_text(out, x->page->form->texts[FORM_CHOOSE]);
    buf_puts(out, "</option>\n");
    for (size_t i = 0; i < x->field->option_count; i++) {
        const struct option *o = &x->field->options[i];
        buf_puts(out, "<option");
        put_attribute(out, "value", o->id);
        buf_puts(out, has_typed(x, o->id) ? " selected>" : ">");
        put_text(out, o->label);
        buf_puts(out, "</option>\n");
    }
    buf_puts(out, "</select>\n");
}

static void put_ticks(struct buf *out, const struct place *x)
{
    for (size_t i = 0; i < x->field->option_count; i++) {
        const struct option *o = &x->field->options[i];
        char suffix[24] = "";
        if (i > 0) {
            memcpy(suffix, "-", 2);
            size_t n = 1;
            for (size_t rest = i; rest > 0; rest /= 10) {
                suffix[n++] = (char)('0' + rest % 10);
            }
        }
        buf_puts(out, "<label class=\"tick\"><input type=\"checkbox\"");
        put_names(out, x, suffix);
        put_attribute(out, "value", o->id);
        buf_puts(out, has_typed(x, o->id) ? " checked> " : "> ");
        put_element(out, "span", NULL, o->label);
        buf_puts(out, "</label>\n");
    }
}

/* The label's text, "(optional)" behind what need not be filled in. */
static void put_label(struct buf *out, const struct place *x)
{
    put_text(out, x->field->label);
    if (!x->field->required) {
        buf_puts(out, " <span class=\"optional\">(");
        put_text(out, x->page->form->texts[FORM_OPTIONAL]);
        buf_puts(out, ")</span>");
    }
}

static void put_notes(struct buf *out, const struct place *x)
{
    const char *name = x->field->field->name;
    if (x->field->help != NULL) {
        buf_printf(out, "<p class=\"help\" id=\"h-%s\">", name);
        put_text(out, x->field->help);
        buf_puts(out, "</p>\n");
    }
    if (x->problem != FORM_TEXTS) {
        buf_printf(out, "<p class=\"wrong\" id=\"e-%s\">", name);
        put_text(out, x->page->form->texts[x->problem]);
        buf_puts(out, "</p>\n");
    }
}

static void put_one_tick(struct buf *out, const struct place *x)
{
    buf_puts(out, "<label class=\"tick\"><input type=\"checkbox\"");
    put_names(out, x, "");
    buf_printf(out, " value=\"1\"%s%s> <span>", x->typed->count > 0 ? " checked" : "",
               x->field->required ? " required" : "");
    put_label(out, x);
    buf_puts(out, "</span></label>\n");
    put_notes(out, x);
}

static void put_group(struct buf *out, const struct place *x)
{
    buf_puts(out, "<fieldset><legend>");
    put_label(out, x);
    buf_puts(out, "</legend>\n");
    put_notes(out, x);
    put_ticks(out, x);
    buf_puts(out, "</fieldset>\n");
}

static void put_field(struct buf *out, const struct place *x)
{
    enum type_visitor v = x->field->field->type->visitor;
    buf_printf(out, "<div class=\"field%s\">\n", x->problem != FORM_TEXTS ? " is-wrong" : "");
    if (v == VISITOR_TICK) {
        put_one_tick(out, x);
    } else if (v == VISITOR_SEVERAL) {
        put_group(out, x);
    } else {
        buf_printf(out, "<label for=\"f-%s\">", x->field->field->name);
        put_label(out, x);
        buf_puts(out, "</label>\n");
        put_notes(out, x);
        (v == VISITOR_LINES ? put_lines : v == VISITOR_ONE ? put_select : put_input)(out, x);
    }
    buf_puts(out, "</div>\n");
}

/* ---- the page -------------------------------------------------------------------------------- */

static enum form_text problem_of(const struct form_page *p, size_t i)
{
    return p->result != NULL ? p->result->problems[i] : FORM_TEXTS;
}

static void put_problem(struct buf *out, const char *target, const char *label, const char *text)
{
    buf_printf(out, "<li><a href=\"#f-%s\">", target);
    put_text(out, label);
    buf_puts(out, "</a>: ");
    put_text(out, text);
    buf_puts(out, "</li>\n");
}

/* What is wrong, on top, with links to the places. */
static void put_summary(struct buf *out, const struct form_page *p)
{
    const struct form *form = p->form;
    if (p->result == NULL) {
        return;
    }
    buf_puts(out, "<div class=\"summary\" role=\"alert\">\n");
    put_element(out, "p", NULL, form->texts[FORM_OUTCOME_ROWS[p->result->outcome].text]);
    if (p->result->outcome == FORM_REFUSED) {
        bool any = p->result->disagreed;
        buf_puts(out, "<ul>\n");
        for (size_t i = 0; i < form->field_count; i++) {
            if (p->result->problems[i] != FORM_TEXTS) {
                put_problem(out, form->fields[i].field->name, form->fields[i].label,
                            form->texts[p->result->problems[i]]);
                any = true;
            }
        }
        if (p->result->disagreed) {
            put_problem(out, FORM_IN_CONSENT, form->texts[FORM_CONSENT_NAME], form->texts[FORM_CONSENT]);
        }
        if (!any) {
            put_element(out, "li", NULL, form->texts[FORM_WRONG]);
        }
        buf_puts(out, "</ul>\n");
    }
    buf_puts(out, "</div>\n");
}

static void put_fields(struct buf *out, const struct form_page *p)
{
    bool found = false;
    for (size_t i = 0; i < p->form->field_count; i++) {
        enum form_text problem = problem_of(p, i);
        const struct place x = {.page = p,
                                .field = &p->form->fields[i],
                                .typed = &p->sent->answers[i],
                                .problem = problem,
                                .first = problem != FORM_TEXTS && !found};
        found = found || problem != FORM_TEXTS;
        put_field(out, &x);
    }
}

static void put_consent(struct buf *out, const struct form_page *p)
{
    const struct form *form = p->form;
    bool wrong = p->result != NULL && p->result->outcome == FORM_REFUSED && p->result->disagreed;
    if (form->consent == NULL) {
        return;
    }
    buf_printf(out,
               "<div class=\"field consent%s\">\n<label class=\"tick\"><input type=\"checkbox\" "
               "id=\"f-" FORM_IN_CONSENT "\" name=\"" FORM_IN_CONSENT "\" value=\"1\"%s%s%s> <span>",
               wrong ? " is-wrong" : "", p->sent->agreed ? " checked" : "",
               form->consent_required ? " required" : "",
               wrong ? " aria-invalid=\"true\" aria-describedby=\"e-" FORM_IN_CONSENT "\"" : "");
    put_text(out, form->consent);
    buf_puts(out, "</span></label>\n");
    if (wrong) {
        buf_puts(out, "<p class=\"wrong\" id=\"e-" FORM_IN_CONSENT "\">");
        put_text(out, form->texts[FORM_CONSENT]);
        buf_puts(out, "</p>\n");
    }
    buf_puts(out, "</div>\n");
}

/* Seen by machines only. */
static void put_trap(struct buf *out, const struct form_page *p)
{
    buf_puts(out, "<div class=\"more\" aria-hidden=\"true\"><label for=\"f-" FORM_IN_TRAP "\">");
    put_text(out, p->form->texts[FORM_TRAP_LABEL]);
    buf_puts(out, "</label><input type=\"text\" id=\"f-" FORM_IN_TRAP "\" name=\"" FORM_IN_TRAP
                  "\" tabindex=\"-1\" autocomplete=\"off\" value=\"\"></div>\n");
}

static void put_hiddens(struct buf *out, const struct form_page *p)
{
    put_hidden(out, "", FORM_IN_TOKEN, p->token);
    put_hidden(out, "", FORM_IN_PAGE, p->sent->page);
    for (size_t i = 0; i < COUNT(FORM_CAMPAIGN); i++) {
        put_hidden(out, FORM_IN_CAMPAIGN, FORM_CAMPAIGN[i], p->sent->campaign[i]);
    }
}

void form_page_print(struct buf *out, const struct form_page *p)
{
    const struct form *form = p->form;
    begin(out, form->language, form->theme, form->title, p->style);
    put_element(out, "h1", NULL, form->title);
    if (form->intro != NULL) {
        put_element(out, "p", "intro", form->intro);
    }
    put_summary(out, p);
    buf_puts(out, "<form method=\"post\" accept-charset=\"utf-8\" novalidate");
    put_attribute(out, "action", form->name);
    buf_puts(out, ">\n");
    put_hiddens(out, p);
    put_fields(out, p);
    put_consent(out, p);
    put_trap(out, p);
    put_element(out, "button", "send", form->texts[FORM_SEND]);
    buf_puts(out, "</form>\n");
    end(out);
}

void form_page_thanks(struct buf *out, const struct form_page *p)
{
    const struct form *form = p->form;
    begin(out, form->language, form->theme, form->title, p->style);
    put_element(out, "h1", NULL, form->title);
    buf_puts(out, "<div class=\"thanks\" role=\"status\">\n");
    put_element(out, "p", NULL, form->texts[FORM_THANKS]);
    buf_puts(out, "</div>\n");
    end(out);
}

void form_page_absent(struct buf *out, const char *style)
{
    begin(out, "en", "auto", "No such form", style);
    put_element(out, "h1", NULL, "No such form");
    put_element(out, "p", NULL, "There is nothing at this address.");
    end(out);
}
