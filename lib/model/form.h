/*
 * Forms that strangers fill in on the public path /forms/: what forms.yaml says of each, checked by
 * load_form.c. Served by lib/api (form_page.c), taken in by core/form.c.
 */
#ifndef KONTOR_MODEL_FORM_H
#define KONTOR_MODEL_FORM_H

#include "model/field_type.h"

#define FORM_TEXT_MAX     500  /* characters of a line a visitor types, whatever its field may hold */
#define FORM_LONGTEXT_MAX 10000
#define FORM_CAMPAIGN_MAX 200  /* of utm_… */
#define FORM_PAGE_MAX     500  /* of the address of the page a visitor came from */
#define FORM_EMBED_MAX    20   /* sites that may show one form */

/* What the program itself says on a form, in the language of the form: THE table is in form_text.c. */
enum form_text {
    FORM_SEND,
    FORM_OPTIONAL,
    FORM_CHOOSE,
    FORM_THANKS,
    FORM_SUMMARY,
    FORM_REQUIRED,
    FORM_WRONG,
    FORM_TOO_LONG,
    FORM_EMAIL,
    FORM_PHONE,
    FORM_WEB,
    FORM_NUMBER,
    FORM_DATE,
    FORM_CONSENT,
    FORM_CONSENT_NAME,
    FORM_TRAP_LABEL,
    FORM_TRAPPED,
    FORM_EARLY,
    FORM_EXPIRED,
    FORM_TWICE,
    FORM_RATE,
    FORM_UNREADABLE,
    FORM_TOO_LARGE,
    FORM_BUSY,
    FORM_AGREED,  /* on the timeline: "Agreed to (version {version}): …" */
    FORM_FROM,
    FORM_PAGE,
    FORM_KNOWN,
    FORM_TEXTS
};

struct form_text_row {
    const char *key; /* under `texts` */
    const char *english, *german;
};
extern const struct form_text_row FORM_TEXT_ROWS[]; /* by enum form_text; ends with a zero row */

struct form_field {
    const struct field *field;
    const char *label, *help; /* help may be NULL */
    bool required;
    const struct option *options; /* choices: with labels in the language of the form */
    size_t option_count;
};

/* A value every record of the form gets. */
struct form_value {
    const struct field *field;
    const char *json;  /* as the API takes it; of a link {"title": …} or {"email": …} */
    const char *text;  /* as written */
    const char *where;
};

struct form {
    const char *name;
    const struct entity *entity;
    const char *language; /* "en", "de-AT": of the page */
    const char *theme;    /* "auto", "light" or "dark" */
    const char *title;
    const char *intro;    /* NULL: none */
    const char *texts[FORM_TEXTS];
    const char *address;  /* where visitors find it, if not on this host; for those who link to it */
    const char *redirect; /* where a visitor goes after sending; NULL: the text FORM_THANKS is shown */
    const char *redirect_origin; /* of that address; NULL: it is one of our own host */
    struct form_field *fields;
    size_t field_count;
    struct form_value *set;
    size_t set_count;
    const char *consent, *consent_version; /* NULL: none is asked for */
    bool consent_required;
    const char **embed; /* origins that may frame it; none: nobody but the settings page */
    size_t embed_count;
    int wait_seconds; /* nobody fills it in faster */
    int per_address, per_form; /* entries in an hour */
    const char *where;
};

const struct form *model_form_find(const struct model *m, const char *name); /* NULL when unknown */
/* The entity of what was sent (schema/entities/submission.yaml). */
#define ENTITY_SUBMISSION "submission"
/* Is it made and filled in by the program alone, whoever asks? */
bool form_fills(const struct field *f);
/* The keys of forms.yaml as Markdown, for conf/README.md. */
void form_write_reference(struct buf *out);

#endif
