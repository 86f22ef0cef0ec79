/*
 * FIELD_TYPES: THE table. A row says everything about a type: its columns, the only way in (parse),
 * the only way out (print), how expressions see it, how the UI edits it. A new type is a row here
 * and a widget there.
 */
#ifndef KONTOR_MODEL_FIELD_TYPE_H
#define KONTOR_MODEL_FIELD_TYPE_H

#include "base/buf.h"
#include "base/json.h"
#include "model/expr.h"
#include "model/model.h"

enum type_kind {
    TYPE_NONE,
    TYPE_ID, /* system: the record's id */
    TYPE_TEXT,
    TYPE_LONGTEXT,
    TYPE_INTEGER,
    TYPE_DECIMAL, /* scaled by field->places */
    TYPE_MONEY,   /* minor, currency, base minor */
    TYPE_PERCENT, /* scaled by field->places */
    TYPE_DATE,
    TYPE_INSTANT, /* UTC ms */
    TYPE_BOOL,    /* 0/1 */
    TYPE_CHOICE,
    TYPE_CHOICES, /* JSON list of keys */
    TYPE_EMAILS,  /* JSON list of {value,label,primary,opt_out} */
    TYPE_PHONES,
    TYPE_LINKS,    /* web links, same shape */
    TYPE_LINK,     /* id of a record of field->to */
    TYPE_USER,     /* id of a user */
    TYPE_RECORDS,  /* JSON list of ids of any records; index rows in table ref */
    TYPE_PIPELINE, /* id of a pipeline of this entity */
    TYPE_STAGE,    /* id of a stage of the record's pipeline */
    TYPE_TAGS      /* JSON list of free words; built-in entities only */
};

#define FIELD_MAX_COLUMNS 3

/* A link given by other means than its id: {"name": "Acme"} ; resolved by lib/core. */
struct reference {
    const struct entity *entity; /* NULL: field->to */
    const char *key;             /* field name on the target ("name", "email", "title") */
    const char *text;
};

/* What a parser gives: the values of the field's columns, or references still to be resolved. */
struct parsed {
    struct value values[FIELD_MAX_COLUMNS];
    struct reference
        *references; /* TYPE_LINK/USER: 0 or 1; TYPE_RECORDS: any, appended to values[0] */
    size_t reference_count;
};

struct parse_context {
    struct arena *arena;
    const struct model *model;
};

struct field_type {
    const char *name;
    enum type_kind kind;
    bool declarable; /* may stand in YAML as `type:` */
    size_t column_count;
    const char *suffix[FIELD_MAX_COLUMNS]; /* appended to the field name */
    const char *sql_type[FIELD_MAX_COLUMNS];
    /* Way in from JSON (never JSON null: that is "empty" and handled by the caller) and from a CSV
     * cell or other text. On refusal: -1 and one err_item text without `where` in message (what is
     * wrong and what would be right). */
    int (*parse_json)(const struct parse_context *c, const struct field *f, const struct json *in,
                      struct parsed *out, struct err *e);
    int (*parse_text)(const struct parse_context *c, const struct field *f, const char *in,
                      struct parsed *out, struct err *e);
    /* Way out. values[0] is not null. Links print their id here; {"id","title"} is made by
     * lib/core, which knows titles. */
    void (*print_json)(struct json_writer *w, const struct field *f, const struct value *values);
    void (*print_text)(struct buf *out, const struct field *f,
                       const struct value *values); /* CSV cell */
    bool sortable, groupable;
    bool uniqueable, searchable; /* `unique: true`, `search: true` are allowed */
    bool limited;                /* `min` and `max` are allowed */
    int places;                  /* default of `places`; -1: the key is not allowed */
    enum expr_kind expr_kind;    /* how expressions see it */
    const char *widget;          /* for the UI */
    const char *example;         /* JSON; parse(example) then print must give it back */
    const char *doc;             /* one line for conf/README.md */
};

extern const struct field_type FIELD_TYPES[];               /* ends with a zero row */
const struct field_type *field_type_find(const char *name); /* NULL when unknown */

/* Normalised handles for the handle index: e-mail lower-cased, phone digits with country prefix if
 * it has one, domain of a web link or e-mail. NULL when there is nothing to index. */
char *handle_email(struct arena *a, const char *text);
/* Has it the form of an e-mail address? */
bool email_fits(const char *s);
char *handle_phone(struct arena *a, const char *text);
char *handle_domain(struct arena *a, const char *text);

/* ISO 4217: places of a currency code, -1 when unknown. */
int currency_places(const char *code);
/* Prints a scaled integer: 123450, 2 → "1234.50". */
void print_scaled(struct buf *out, int64_t value, int places);
bool money_has_rate(const struct model *m, const char *currency);
/* Base-currency minor units of an amount; half away from zero. -1: no rate or too large. */
int money_to_base(const struct model *m, int64_t minor, const char *currency, int64_t *out);
/* Parses "1234.5" with at most `places` digits after the point: 0/-1. No thousands separators, no
 * exponent. */
int parse_scaled(const char *text, int places, int64_t *out);
/* The same number with other places, half away from zero; the largest or smallest integer when it does not fit. */
int64_t rescale(int64_t value, int from, int to);

#endif
