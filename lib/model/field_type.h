/*
 * FIELD_TYPES: THE table. A row says everything about a type: its columns, the only way in (parse),
 * the only way out (print), how expressions see it, how lists, search, files and the API treat it.
 * Whoever has to know something about a field asks a trait of its row, by the questions below; the
 * types themselves are named in lib/model only, but for the few kinds (test/lint/types says where).
 * A new type is a row in field_type.c with its functions, and a widget (static/js/ui/field.js).
 */
#ifndef KONTOR_MODEL_FIELD_TYPE_H
#define KONTOR_MODEL_FIELD_TYPE_H

#include "base/buf.h"
#include "base/json.h"
#include "model/expr.h"
#include "model/model.h"

/* Types that do what no other does and no trait can say. */
enum type_kind {
    TYPE_PLAIN,    /* nothing but what the row says: most types */
    TYPE_ID,       /* system: the record's id */
    TYPE_MONEY,    /* three columns: minor, currency, base minor; files have its currency apart */
    TYPE_PERCENT,  /* what boards weigh amounts by; "percent" follows the stage */
    TYPE_PIPELINE, /* id of a pipeline of this entity, which has one such field */
    TYPE_STAGE     /* id of a stage of the record's pipeline; one such field */
};

/* What a field holds. */
enum type_form {
    FORM_PLAIN,  /* one value, in one column or more */
    FORM_LINK,   /* id of a record of field->to, printed with its title */
    FORM_KEYS,   /* JSON list of texts */
    FORM_POINTS, /* JSON list of {value,label,primary,opt_out,invalid}; field_type.points says of what */
    FORM_ADDRESSES, /* JSON list, see address.h */
    FORM_RECORDS /* JSON list of ids of records of any entity; index rows in table ref */
};

/* Words as people write them: folded to be sorted and compared, and a plain word under `default`
 * is taken for an expression. */
enum type_words {
    WORDS_NONE,
    WORDS_LINE, /* one line; sought by a folded key beside it, see column_has_key */
    WORDS_LINES /* with line breaks */
};

/* Where the keys come from that a field may hold, see field_option. */
enum type_options {
    OPTIONS_NONE,
    OPTIONS_OWN,       /* the field lists them under `of` */
    OPTIONS_PIPELINES, /* the pipelines of the entity */
    OPTIONS_STAGES     /* the stages of these */
};

/* The order of lists sorted by such a field. */
enum type_sort {
    SORT_NONE, /* lists cannot be sorted by it */
    SORT_VALUE,
    SORT_FOLDED,
    SORT_OPTIONS, /* as the options stand in the model */
    SORT_TITLE    /* of the linked record */
};

/* How a stranger fills such a field in on a public form; VISITOR_NONE: he does not. */
enum type_visitor {
    VISITOR_NONE,
    VISITOR_LINE,
    VISITOR_LINES,
    VISITOR_WHOLE,
    VISITOR_DECIMAL,
    VISITOR_DATE,
    VISITOR_TIME, /* a day with a time, in the company's zone */
    VISITOR_TICK,
    VISITOR_ONE,
    VISITOR_SEVERAL,
    VISITOR_EMAIL,
    VISITOR_PHONE,
    VISITOR_WEB,
    VISITOR_COUNT
};

/* What the handle index knows records by; the numbers stand in the database. */
enum handle_kind { HANDLE_NONE, HANDLE_EMAIL, HANDLE_PHONE, HANDLE_DOMAIN };

/* What the entries of a list of contact points are. */
struct point_type {
    const char *noun;    /* "e-mail address": for messages */
    const char *example; /* "an e-mail address like …": what would be right */
    bool (*fits)(const char *text);
    const char *separators;  /* between several that are written as one text */
    enum handle_kind handle; /* as what they are indexed; HANDLE_NONE: they are not */
    /* The form in which equal ones are the same; NULL: it has none, and is not indexed. */
    char *(*normalise)(struct arena *a, const char *text);
    /* The form in which they are indexed and looked up, equal also for those that may be the same;
     * NULL: as normalised. */
    char *(*sought)(struct arena *a, const char *text);
    bool own_entity; /* the same one makes doubles only among records of one entity */
    bool reaches;    /* somebody: records with such a field are compared by name too */
    bool by_digits;  /* sought by its digits, however they are grouped */
    bool by_part;    /* search finds any part of it, not only the beginnings of its words */
};

/* What the index has for this text; NULL: nothing. */
char *point_key(const struct point_type *p, struct arena *a, const char *text);
/* The addresses or numbers of a stored list of contact points, as typed; returns how many. */
size_t point_texts(struct arena *a, struct value list, const char ***out);

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
    struct reference *references; /* FORM_LINK: 0 or 1; FORM_RECORDS: any, appended to values[0] */
    size_t reference_count;
};

struct parse_context {
    struct arena *arena;
    const struct model *model;
    int64_t at_ms;  /* the day whose rates count for amounts; 0: today */
    bool by_labels; /* of a file: an option that there is not is answered with what they are called */
};

struct field_type {
    const char *name;
    enum type_kind kind;
    bool declarable; /* may stand in YAML as `type:` */
    size_t column_count;
    /* Appended to the field name, the first is "". */
    const char *suffix[FIELD_MAX_COLUMNS];
    const char *sql_type[FIELD_MAX_COLUMNS];
    size_t compared; /* the column that expressions, sorting and indexes see */
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
    /* How expressions see it; by this a cell of a file is read too, before parse_text sees it:
     * "1.234,56" for a number, "24.12.2026" for a date, a label for a choice. */
    enum expr_kind expr_kind;
    enum type_form form;
    enum type_words words;
    enum type_options options;
    enum type_sort sort;
    const struct point_type *points; /* FORM_POINTS; else NULL */
    const char *to;                  /* FORM_LINK: always this entity; NULL: the field's `to` */
    /* `min` and `max`: from YAML into stored units (-1: is no limit), and back. NULL: there are
     * none. */
    int (*parse_limit)(const struct field *f, const char *text, int64_t *out);
    void (*print_limit)(struct buf *out, const struct field *f, int64_t limit);
    int64_t length_max;          /* words: characters at most */
    int places;                  /* default of `places`; -1: the key is not allowed */
    bool governed;               /* FORM_KEYS: every key names a record of ENTITY_TAG; index rows in
                                    table tagged, which know it by its tight fold */
    const char *stored_as;       /* what the database calls it; NULL: its name */
    const char *widens;          /* a type whose values are values of this one: a field may change from
                                    that one to this; NULL: none */
    bool local;                  /* a day or a time with its zone; see local_values */
    bool groupable;              /* lists can be grouped by it; one column only */
    bool uniqueable, searchable; /* `unique: true`, `search: true` are allowed */
    bool entitling;              /* may be part of a title */
    bool serial;                 /* one column: a whole number, which a counter of the store gives when
                                    a record is made; unique; `min` is the first one */
    bool bulky;                  /* needs room: in no list or form that YAML does not name it in */
    enum type_visitor visitor;
    const char *widget;          /* for the UI */
    const char *schema;          /* JSON Schema, for OpenAPI; NULL: a text or null */
    const char *example;         /* JSON; parse(example) then print must give it back */
    const char *doc;             /* one line for conf/README.md */
};

extern const struct field_type FIELD_TYPES[];               /* ends with a zero row */
const struct field_type *field_type_find(const char *name); /* NULL when unknown */

/* ---- questions about a field ---- */

/* Does it hold the id of one record (of field->to)? */
static inline bool field_is_link(const struct field *f)
{
    return f->type->form == FORM_LINK;
}

/* Does it hold a list of records of any entity? */
static inline bool field_is_records(const struct field *f)
{
    return f->type->form == FORM_RECORDS;
}

/* Does it point at records, at one or many? */
static inline bool field_refers(const struct field *f)
{
    return f->type->form == FORM_LINK || f->type->form == FORM_RECORDS;
}

/* Does it hold any number of values? An empty one is printed as []. */
static inline bool field_is_list(const struct field *f)
{
    return f->type->expr_kind == KIND_LIST;
}

/* Does it hold tags? */
static inline bool field_is_tags(const struct field *f)
{
    return f->type->governed;
}

static inline bool field_is_words(const struct field *f)
{
    return f->type->words != WORDS_NONE;
}

/* Is it long text that nobody writes: what the program read out of something else? It is there to be
 * searched, and printed only when it is asked for by name. */
static inline bool field_is_extract(const struct field *f)
{
    return f->type->words == WORDS_LINES && f->readonly.always && f->search && f->compute == NULL;
}

/* What kind of handle its entries are; HANDLE_NONE: it has no such entries. */
static inline enum handle_kind field_handle(const struct field *f)
{
    return f->type->points != NULL ? f->type->points->handle : HANDLE_NONE;
}

/* The n-th key a field may hold, in the order of the model; false behind the last one. */
bool field_option(const struct model *m, const struct field *f, size_t n, struct option *out);

/* Normalised handles for the handle index: e-mail lower-cased, phone digits with country prefix if
 * it has one, domain of a web link or e-mail. NULL when there is nothing to index. */
char *handle_email(struct arena *a, const char *text);
/* Has it the form of an e-mail address? */
bool email_fits(const char *s);
char *handle_phone(struct arena *a, const char *text);
/* Its digits within its country, whether that was written before them or not: "+49 (0)30 12" and
 * "030 12" are both "3012". */
char *handle_phone_home(struct arena *a, const char *text);
/* Numbers with the same digits within two countries that are both named. */
bool phones_differ(struct arena *a, const char *x, const char *y);
/* The digits of a phone number as the search compares them. abroad: written with its country code
 * ("+49 (0)30 12", "0049 30 12"): full "493012", national "3012". Else ("030 12") full is what was
 * written, "03012", national the same without zeros in front. */
struct phone_digits {
    const char *full, *national;
    bool abroad;
};
struct phone_digits phone_digits(struct arena *a, const char *text);
char *handle_domain(struct arena *a, const char *text);

/* The columns of a local time as people and programs write it, see base/zone.h. -1: it is none. */
int local_values(struct arena *a, const char *text, struct value out[FIELD_MAX_COLUMNS]);
/* And back; values[0] is not null. */
void local_put(struct buf *out, const struct value *values);

/* ISO 4217: places of a currency code, -1 when unknown. */
int currency_places(const char *code);
/* Prints a scaled integer: 123450, 2 → "1234.50". */
void print_scaled(struct buf *out, int64_t value, int places);
bool money_has_rate(const struct model *m, const char *currency);
/* Base-currency minor units of an amount at the rate of that day (at_ms 0: of now); half away from
 * zero. -1: no rate or too large. */
int money_to_base(const struct model *m, int64_t minor, const char *currency, int64_t at_ms,
                  int64_t *out);
/* Parses "1234.5" with at most `places` digits after the point: 0/-1. No thousands separators, no
 * exponent. */
int parse_scaled(const char *text, int places, int64_t *out);
/* The same number with other places, half away from zero; the largest or smallest integer when it does not fit. */
int64_t rescale(int64_t value, int from, int to);

#endif
