/*
 * forms.yaml: public forms. What a visitor may fill in is derived from the model; whatever would let
 * a stranger learn something (a unique field tells whether a value is known) or reach what is not his
 * (links, owners, stages) is refused here, once, with its place in the file.
 */
#include <ctype.h>
#include <string.h>

#include "base/embed.h"
#include "base/json.h"
#include "base/str.h"
#include "model/form.h"
#include "model/load.h"
#include "model/types.h"

#define FORMS_MAX       100
#define FORM_FIELDS_MAX 60
#define PER_ADDRESS     10
#define PER_FORM        200
#define WAIT_SECONDS    3
#define HOUR_MAX        100000
#define WORD_FILES_MAX  20

static const struct model_key KEYS[] = {
    {"entity", "what an entry makes: `lead`, or any entity with a timeline", "entity: lead", false},
    {"title", "the heading", "title: Write to us", false},
    {"intro", "a few words below it", "intro: We answer within a day.", false},
    {"language", "of the page (en): what the program says comes in English and German, for others see `texts`",
     "language: de", false},
    {"theme", "`light` or `dark`; without it as the visitor's system", "theme: light", false},
    {"fields",
     "what is asked, in order: names of fields, own ones too, or {field: …} with `label`, `help` and `required`",
     "fields: [last_name, {field: emails, required: true}]", false},
    {"set", "fixed values: source, tags, team, a product of interest; links by name, people by e-mail address",
     "set: {source: website, tags: [Web]}", false},
    {"owner", "whose the record is, by the e-mail address he signs in with; without it rules decide",
     "owner: anna@example.com", false},
    {"consent",
     "what is agreed to by a tick, see below; kept word for word with time, address and version",
     "consent: {text: You may call me., version: 2026-01}", false},
    {"thanks", "what is shown when it was sent", "thanks: 'Thank you, Anna calls you.'", false},
    {"redirect", "or where the visitor goes then: a path of the same host, or a page of a site under `embed`",
     "redirect: https://www.example.com/thanks", false},
    {"embed", "the sites whose pages may show the form in a frame", "embed: [https://www.example.com]", false},
    {"address", "where visitors find it when a proxy serves it: for the link and the lines to copy",
     "address: https://www.example.com/forms/offer", false},
    {"rate", "entries in an hour: from one address (10), and when the form counts as flooded (200)",
     "rate: {address: 5, form: 100}", false},
    {"wait", "seconds a person needs at least (3); what comes sooner is asked to be sent again", "wait: 5", false},
    {"texts", "what the program says, otherwise or in another language", "texts: {send: Envoyer}", false},
    {NULL, NULL, NULL, false},
};

static const char *const FIELD_KEYS_HERE[] = {"field", "label", "help", "required", NULL};
static const char *const CONSENT_KEYS[] = {"text", "version", "required", NULL};
static const char *const RATE_KEYS[] = {"address", "form", NULL};
static const char *const THEMES[] = {"auto", "light", "dark"};

/* ---- words in the language of a form --------------------------------------------------------- */

/* The texts of the UI in a language, for labels of fields that the form does not name otherwise. */
struct words {
    const char *language;
    const struct json *files[WORD_FILES_MAX];
    size_t count;
};

static void read_words(struct loader *l, const char *language, struct words *out)
{
    const char *start = arena_printf(l->messages, "static/i18n/%.2s", language);
    *out = (struct words){.language = language};
    for (size_t i = 0; i < embed_count() && out->count < WORD_FILES_MAX; i++) {
        const struct embed_file *file = embed_at(i);
        struct err ignored = {0};
        if (str_starts(file->path, start) && strchr(".-", file->path[strlen(start)]) != NULL &&
            json_parse(l->messages, (const char *)file->raw, file->raw_size,
                       &out->files[out->count], &ignored) == 0) {
            out->count++;
        }
    }
}

static const char *word_of(struct loader *l, const struct words *w, const char *english)
{
    for (size_t i = 0; i < w->count; i++) {
        const char *text = json_text(w->files[i], english);
        if (text != NULL) {
            return arena_strdup(l->arena, text);
        }
    }
    return english;
}

/* A text, of several the one in the language of the form. */
static const char *text_in(struct loader *l, const struct form *form, const struct yaml *node,
                           const char *fallback)
{
    const char *language = arena_strndup(l->messages, form->language, 2);
    const struct yaml *own =
        node != NULL && node->type == YAML_MAP ? yaml_find(node, language) : NULL;
    const char *text = load_label(l, node, fallback); /* says what is wrong with the whole */
    return own != NULL && own->type == YAML_SCALAR && own->text[0] != '\0' ? own->text : text;
}

/* ---- fields ---------------------------------------------------------------------------------- */

bool form_fills(const struct field *f)
{
    return f->system || f->hidden || f->compute != NULL || f->readonly.always || f->type->serial ||
           f->column_count == 0;
}

/* Why a visitor cannot fill it in; NULL: he can. */
static const char *why_not(const struct field *f)
{
    return form_fills(f)                      ? "it is filled in by the program"
           : f->type->visitor == VISITOR_NONE ? "visitors cannot fill in a field of its type"
           : f->unique ? "it is unique, and a visitor would learn which values are known"
                       : NULL;
}

static bool is_asked(const struct form *form, const struct field *f)
{
    for (size_t i = 0; i < form->field_count; i++) {
        if (form->fields[i].field == f) {
            return true;
        }
    }
    return false;
}

static bool is_set(const struct form *form, const struct field *f)
{
    for (size_t i = 0; i < form->set_count; i++) {
        if (form->set[i].field == f) {
            return true;
        }
    }
    return false;
}

/* What a visitor may choose, in the language of the form. */
static void read_options(struct loader *l, const struct words *w, struct form_field *out)
{
    size_t count = 0;
    const struct option *all = type_options(l->messages, l->m, out->field, &count);
    struct option *options = ARENA_ARRAY(l->arena, struct option, count + 1);
    for (size_t i = 0; i < count; i++) {
        options[i] = all[i];
        options[i].label = word_of(l, w, all[i].label);
    }
    out->options = options;
    out->option_count = count;
}

static void read_field(struct loader *l, struct form *form, const struct yaml *item,
                       const struct words *w)
{
    bool map = item->type == YAML_MAP;
    const struct yaml *node = map ? yaml_find(item, "field") : item;
    if (map && !load_check_keys(l, item, FIELD_KEYS_HERE)) {
        return;
    }
    if (node == NULL || load_text(l, node) == NULL) {
        if (node == NULL) {
            load_error(l, item, "must name a field under \"field\"");
        }
        return;
    }
    const struct field *f = load_field(l, form->entity, node);
    const char *why = f != NULL ? why_not(f) : NULL;
    if (why != NULL) {
        load_error(l, node, "\"%s\" cannot be asked: %s", f->name, why);
    } else if (f != NULL && is_asked(form, f)) {
        load_error(l, node, "\"%s\" is listed twice", f->name);
    } else if (f != NULL) {
        form->fields[form->field_count++] = (struct form_field){
            .field = f,
            .label = text_in(l, form, map ? yaml_find(item, "label") : NULL, word_of(l, w, f->label)),
            .help = text_in(l, form, map ? yaml_find(item, "help") : NULL,
                               f->help != NULL ? word_of(l, w, f->help) : NULL),
            .required = load_bool(l, map ? yaml_find(item, "required") : NULL, false) ||
                        f->required.always};
        read_options(l, w, &form->fields[form->field_count - 1]);
    }
}

static void read_fields(struct loader *l, struct form *form, const struct yaml *node,
                        const struct yaml *list, const struct words *w)
{
    if (list == NULL || list->type != YAML_LIST || list->count == 0 ||
        list->count > FORM_FIELDS_MAX) {
        load_error(l, list != NULL ? list : node, "a form needs a list of 1 to %d fields",
                   FORM_FIELDS_MAX);
        return;
    }
    form->fields = ARENA_ARRAY(l->arena, struct form_field, list->count);
    for (const struct yaml *item = list->child; item != NULL; item = item->next) {
        read_field(l, form, item, w);
    }
}

/* What an entry would always be refused for. */
static void check_complete(struct loader *l, const struct form *form, const struct yaml *node)
{
    const struct entity *e = form->entity;
    for (size_t i = 0; i < e->field_count; i++) {
        const struct field *f = e->fields[i];
        bool kept = f == e->pipeline || f == e->stage || f->initial != NULL;
        if (f->required.always && !form_fills(f) && !kept && !is_asked(form, f) &&
            !is_set(form, f)) {
            load_key_error(l, node, "every %s needs \"%s\": ask for it, or give it under set",
                           e->name, f->name);
        }
    }
}

/* ---- fixed values ---------------------------------------------------------------------------- */

/* As JSON: a text, a list of texts, or how a record is found. */
static const char *json_of(struct loader *l, const struct field *f, const struct yaml *node)
{
    struct buf out = {0};
    struct json_writer w;
    size_t count = 0;
    const struct yaml **items = load_items(l, node, &count);
    jw_init(&w, &out);
    if (field_is_link(f)) {
        jw_object(&w);
        jw_kv_text(&w, strchr(items[0]->text, '@') != NULL ? "email" : "title", items[0]->text);
        jw_object_end(&w);
    } else if (node->type == YAML_LIST || field_is_list(f)) {
        jw_array(&w);
        for (size_t i = 0; i < count; i++) {
            jw_text(&w, items[i]->text);
        }
        jw_array_end(&w);
    } else {
        jw_text(&w, items[0]->text);
    }
    const char *json = arena_strndup(l->arena, buf_text(&out), out.size);
    buf_done(&out);
    return json;
}

/* The type's own parser says whether it can be taken; records that links name stand in the database. */
static void check_value(struct loader *l, const struct form_value *v, const struct yaml *node)
{
    const struct parse_context pc = {.arena = l->messages, .model = l->m};
    const struct json *in = NULL;
    struct parsed ignored = {0};
    struct err e = {0};
    if (json_parse(l->messages, v->json, strlen(v->json), &in, &e) != 0 ||
        v->field->type->parse_json(&pc, v->field, in, &ignored, &e) != 0) {
        load_error(l, node, "%s", e.text);
    }
}

static void add_value(struct loader *l, struct form *form, const struct field *f,
                      const struct yaml *node)
{
    size_t count = 0, before = l->e->item_count;
    (void)load_items(l, node, &count);
    if (form_fills(f) || field_is_records(f)) {
        load_key_error(l, node, "\"%s\" cannot be set", f->name);
    } else if (is_asked(form, f)) {
        load_key_error(l, node, "\"%s\" is asked for already", f->name);
    } else if (is_set(form, f)) {
        load_key_error(l, node, "\"%s\" is set already", f->name);
    } else if (count == 0 && l->e->item_count == before) {
        load_error(l, node, "must be a value");
    } else if (count > 0) {
        struct form_value *v = &form->set[form->set_count];
        *v = (struct form_value){.field = f,
                                 .json = json_of(l, f, node),
                                 .text = node->type == YAML_SCALAR ? node->text : node->child->text,
                                 .where = yaml_where(l->arena, node)};
        form->set_count++;
        check_value(l, v, node);
    }
}

static void read_set(struct loader *l, struct form *form, const struct yaml *set,
                     const struct yaml *owner)
{
    size_t room = set != NULL ? set->count : 0;
    form->set = ARENA_ARRAY(l->arena, struct form_value, room + 1);
    if (set != NULL && set->type != YAML_MAP) {
        load_error(l, set, "must be a map of fields and their values");
        return;
    }
    for (const struct yaml *n = set != NULL ? set->child : NULL; n != NULL; n = n->next) {
        const struct field *f = entity_field_find(form->entity, n->key);
        if (f != NULL) {
            add_value(l, form, f, n);
            continue;
        }
        const struct yaml name = {.type = YAML_SCALAR, .text = n->key, .file = n->file,
                                  .line = n->key_line, .column = n->key_column};
        (void)load_field(l, form->entity, &name);
    }
    if (owner != NULL && form->entity->owner == NULL) {
        load_key_error(l, owner, "%s has no owner", form->entity->name);
    } else if (load_text(l, owner) != NULL) {
        add_value(l, form, form->entity->owner, owner);
    }
}

/* ---- texts, consent, addresses --------------------------------------------------------------- */

static const char *read_language(struct loader *l, const struct yaml *node)
{
    const char *text = load_text(l, node);
    size_t n = text != NULL ? strlen(text) : 0;
    bool fits = n >= 2 && n <= 20 && isalpha((unsigned char)text[0]) &&
                isalpha((unsigned char)text[1]) && (text[2] == '\0' || text[2] == '-');
    for (size_t i = 0; i < n; i++) {
        fits = fits && (isalnum((unsigned char)text[i]) || text[i] == '-');
    }
    if (text != NULL && !fits) {
        load_error(l, node, "must be a language like \"en\" or \"de-AT\"");
    }
    return fits ? text : "en";
}

static const char *read_theme(struct loader *l, const struct yaml *node)
{
    const char *text = load_text(l, node);
    for (size_t i = 0; text != NULL && i < COUNT(THEMES); i++) {
        if (strcmp(THEMES[i], text) == 0) {
            return THEMES[i];
        }
    }
    if (text != NULL) {
        load_unknown(l, node, "theme", text, THEMES, COUNT(THEMES));
    }
    return THEMES[0];
}

static void read_texts(struct loader *l, struct form *form, const struct yaml *node)
{
    const char *keys[FORM_TEXTS + 1] = {NULL};
    bool german = str_starts(form->language, "de");
    for (size_t i = 0; i < FORM_TEXTS; i++) {
        keys[i] = FORM_TEXT_ROWS[i].key;
        form->texts[i] = german ? FORM_TEXT_ROWS[i].german : FORM_TEXT_ROWS[i].english;
    }
    bool good = node != NULL && load_check_keys(l, node, keys);
    for (size_t i = 0; good && i < FORM_TEXTS; i++) {
        form->texts[i] = text_in(l, form, yaml_find(node, keys[i]), form->texts[i]);
    }
}

static void read_consent(struct loader *l, struct form *form, const struct yaml *node)
{
    if (node == NULL || !load_check_keys(l, node, CONSENT_KEYS)) {
        return;
    }
    const struct yaml *text = yaml_find(node, "text"), *version = yaml_find(node, "version");
    form->consent = text_in(l, form, text, NULL);
    form->consent_version = load_text(l, version);
    form->consent_required = load_bool(l, yaml_find(node, "required"), true);
    if (text == NULL || version == NULL) {
        load_key_error(l, node, "consent needs its text and a version, which changes with the text");
    }
}

/* Bytes of "https://www.example.com:8443" at the start of an address; 0: it begins with none. Only
 * what may stand in a header as it is. */
static size_t origin_size(const char *text)
{
    size_t scheme = str_starts(text, "https://") ? 8 : str_starts(text, "http://") ? 7 : 0;
    const char *host = text + scheme;
    host += str_starts(host, "*.") ? 2 : 0;
    size_t n = strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-");
    if (scheme == 0 || n == 0 || n > 253 || host[0] == '.' || host[0] == '-') {
        return 0;
    }
    const char *end = host + n;
    if (*end == ':') {
        size_t digits = strspn(end + 1, "0123456789");
        end += digits > 0 && digits <= 5 ? digits + 1 : 0;
    }
    return (size_t)(end - text);
}

static void read_embed(struct loader *l, struct form *form, const struct yaml *node)
{
    size_t count = 0;
    const struct yaml **items = load_items(l, node, &count);
    form->embed = ARENA_ARRAY(l->arena, const char *, count + 1);
    for (size_t i = 0; i < count; i++) {
        size_t n = origin_size(items[i]->text);
        if (n == 0 || items[i]->text[n] != '\0') {
            load_error(l, items[i], "must be a site like \"https://www.example.com\", without a path");
        } else if (form->embed_count == FORM_EMBED_MAX) {
            load_error(l, items[i], "at most %d sites", FORM_EMBED_MAX);
        } else {
            form->embed[form->embed_count++] = items[i]->text;
        }
    }
}

static bool is_plain_address(const char *s)
{
    for (const char *p = s; *p != '\0'; p++) {
        if ((unsigned char)*p <= ' ' || (unsigned char)*p >= 0x7f || strchr("\\\"<>;,*", *p) != NULL) {
            return false;
        }
    }
    return strlen(s) <= 1000;
}

/* "/thanks", or a page of a site that may embed the form. */
static void read_redirect(struct loader *l, struct form *form, const struct yaml *node)
{
    const char *text = load_text(l, node);
    if (text == NULL) {
        return;
    }
    bool own = text[0] == '/' && text[1] != '/' && is_plain_address(text);
    size_t n = own || !is_plain_address(text) ? 0 : origin_size(text);
    for (size_t i = 0; n > 0 && (text[n] == '/' || text[n] == '\0') && i < form->embed_count; i++) {
        if (strlen(form->embed[i]) == n && strncmp(form->embed[i], text, n) == 0) {
            form->redirect_origin = form->embed[i];
        }
    }
    if (!own && form->redirect_origin == NULL) {
        load_error(l, node, "must be a path like \"/thanks\", or a page of a site under embed");
        return;
    }
    form->redirect = text;
}

static void read_address(struct loader *l, struct form *form, const struct yaml *node)
{
    const char *text = load_text(l, node);
    size_t n = text != NULL && is_plain_address(text) ? origin_size(text) : 0;
    if (text != NULL && (n == 0 || text[n] != '/')) {
        load_error(l, node, "must be an address like \"https://www.example.com/forms/offer\"");
        return;
    }
    form->address = text;
}

static void read_rate(struct loader *l, struct form *form, const struct yaml *node)
{
    form->per_address = PER_ADDRESS;
    form->per_form = PER_FORM;
    if (node != NULL && load_check_keys(l, node, RATE_KEYS)) {
        form->per_address =
            (int)load_int(l, yaml_find(node, "address"), 1, HOUR_MAX, form->per_address);
        form->per_form = (int)load_int(l, yaml_find(node, "form"), 1, HOUR_MAX, form->per_form);
    }
}

/* ---- forms ----------------------------------------------------------------------------------- */

/* The entity whose records it makes; NULL after a message. */
static const struct entity *read_entity(struct loader *l, const struct yaml *node)
{
    const struct yaml *entity = yaml_find(node, "entity");
    if (entity == NULL) {
        load_key_error(l, node, "a form needs an entity");
        return NULL;
    }
    struct entity_def *d = load_entity_def(l, entity, load_text(l, entity));
    const struct entity *e = d != NULL ? d->entity : NULL;
    if (e != NULL && (!e->timeline || entity_is_account(e))) {
        load_error(l, entity, "a form cannot make a %s: it has no timeline to keep the evidence in",
                   e->name);
        return NULL;
    }
    return e;
}

static bool is_form_name(const char *name)
{
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_");
    return n > 0 && n <= 60 && name[n] == '\0' && name[0] != '-' && name[0] != '_';
}

static void read_form(struct loader *l, const struct yaml *node, struct words *words)
{
    struct model *m = l->m;
    if (!is_form_name(node->key)) {
        load_key_error(l, node, "the name of a form must be of small letters, digits, - and _");
        return;
    }
    if (!load_check_model_keys(l, node, KEYS, false)) {
        return;
    }
    const struct yaml *thanks = yaml_find(node, "thanks"), *redirect = yaml_find(node, "redirect");
    struct form form = {.name = node->key, .where = yaml_key_where(l->arena, node)};
    form.language = read_language(l, yaml_find(node, "language"));
    form.theme = read_theme(l, yaml_find(node, "theme"));
    form.title = text_in(l, &form, yaml_find(node, "title"),
                         load_label_of(l, form.name));
    form.intro = text_in(l, &form, yaml_find(node, "intro"), NULL);
    read_texts(l, &form, yaml_find(node, "texts"));
    form.texts[FORM_THANKS] = text_in(l, &form, thanks, form.texts[FORM_THANKS]);
    read_consent(l, &form, yaml_find(node, "consent"));
    read_embed(l, &form, yaml_find(node, "embed"));
    read_redirect(l, &form, redirect);
    read_address(l, &form, yaml_find(node, "address"));
    read_rate(l, &form, yaml_find(node, "rate"));
    form.wait_seconds = (int)load_int(l, yaml_find(node, "wait"), 0, 600, WAIT_SECONDS);
    if (thanks != NULL && redirect != NULL) {
        load_key_error(l, redirect, "thanks and redirect exclude each other");
    }
    if (words->language == NULL || strncmp(words->language, form.language, 2) != 0) {
        read_words(l, form.language, words);
    }
    form.entity = read_entity(l, node);
    if (form.entity != NULL) {
        read_fields(l, &form, node, yaml_find(node, "fields"), words);
        read_set(l, &form, yaml_find(node, "set"), yaml_find(node, "owner"));
        check_complete(l, &form, node);
        m->forms[m->form_count++] = form;
    }
}

void load_forms(struct loader *l)
{
    const struct document *d = load_document(l, "forms.yaml", false);
    struct words words = {0};
    if (d == NULL) {
        return;
    }
    if (d->root->count > FORMS_MAX) {
        load_error(l, d->root, "more than %d forms", FORMS_MAX);
        return;
    }
    l->m->forms = ARENA_ARRAY(l->arena, struct form, d->root->count);
    for (const struct yaml *n = d->root->child; n != NULL; n = n->next) {
        read_form(l, n, &words);
    }
}

const struct form *model_form_find(const struct model *m, const char *name)
{
    for (size_t i = 0; i < m->form_count; i++) {
        if (str_eq(m->forms[i].name, name)) {
            return &m->forms[i];
        }
    }
    return NULL;
}

void form_write_reference(struct buf *out)
{
    buf_puts(out, "\n## Forms\n\nIn `forms.yaml`, by name: `contact` is served at `/forms/contact`. What "
                  "a visitor types is checked by the model\nand becomes a record, with what he agreed "
                  "to on its timeline. Titles, labels and texts are written in the language\nof the "
                  "form. `utm_source`, `utm_medium`, `utm_campaign`, `utm_term` and `utm_content` of "
                  "the address go into the\nfields of these names.\n\n");
    keys_write_table(out, KEYS);
    buf_puts(out, "\n`consent` has `text`, `version` and `required` (`true`). `texts` has");
    for (size_t i = 0; i < FORM_TEXTS; i++) {
        buf_printf(out, "%s `%s`", i == 0 ? "" : ",", FORM_TEXT_ROWS[i].key);
    }
    buf_puts(out, ".\n");
}
