/*
 * The model: everything YAML says about this business, parsed, linked and checked.
 *
 * Built-in files come from schema/ (embedded), the customer's from conf/. model_load() reads and
 * links them into one immutable structure in its own arena; after that nobody checks a name again.
 * Tables, API, validation, forms, lists, search, import, export, permissions and menus are derived
 * from it. Shared between threads by reference count; a reload makes a new model and swaps the
 * pointer. The only later write: lib/store fills entity.id, column.id and column.sql_name before
 * publication.
 */
#ifndef KONTOR_MODEL_MODEL_H
#define KONTOR_MODEL_MODEL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/map.h"
#include "model/value.h"

struct entity;
struct err;
struct expr;
struct field_type;
struct form;
struct calendar;
struct response;
struct rule;
struct yaml;

/* What a role may be allowed to do with records of an entity. */
enum action {
    ACTION_NONE,
    ACTION_SEE,
    ACTION_CREATE,
    ACTION_EDIT,
    ACTION_DELETE,
    ACTION_EXPORT,
    ACTION_IMPORT,
    ACTION_COUNT
};
/* Whose records: the ladder of rights. own: owner = me; team: team = my_team or owner = me. */
enum scope { SCOPE_NONE, SCOPE_OWN, SCOPE_TEAM, SCOPE_ALL };

/* One column of a table: the unit of change-sets. Most fields have one, money has three. */
struct column {
    const struct field *field;
    int part; /* 0..2: which part of the field (money: minor units, currency, base minor units) */
    const char *name;     /* "amount", "amount_cur", "amount_base" */
    const char *sql_type; /* "INTEGER" or "TEXT" */
    const char *sql_name; /* quoted physical name; by store */
    int64_t id;           /* id in the change tables; by store; never reused */
};

struct option {
    const char *id, *label;
    const char *icon;   /* NULL: none of its own */
    const char *parent; /* id of the one it stands under; NULL: on top */
    bool no_answer;     /* of kinds of work: who writes to us is not answered by it (response.h) */
};

/* A property that is fixed or holds under a condition: `required: true`, `required: {if: 'x'}`. */
struct condition {
    bool always;
    const struct expr *when; /* boolean over the record; NULL if none */
};

/* Before a date comes, somebody is told; load_remind.c. */
struct reminder {
    int days;               /* before it; 0: on the day */
    bool yearly;            /* every year again, 29 February on the 28th of common years */
    const struct field *to; /* of the same entity: the user */
};

/* A field of another kind of record that takes the value when a record is converted. */
struct becoming {
    const struct field *to;
    bool otherwise; /* only if no record took it by the entry before */
};

struct field {
    const char *name, *label, *help;
    const struct field_type *type;
    const struct entity *entity;
    int index;   /* in entity->fields */
    bool system; /* id, version, created_at … : made by the store, never written by callers */
    bool custom; /* from conf/ */
    bool unique, search, indexed;
    bool hidden; /* removed from the YAML, column kept: not part of anything */
    struct condition required, visible, readonly;
    const struct expr *initial;   /* `default:` as expression; NULL if none */
    /* The same as columns, where it is a plain value; else NULL. */
    const struct value *initial_values;
    const struct expr *compute;   /* computed; NULL for ordinary fields */
    bool stored;                  /* computed and kept in a column */
    int rank; /* computed: one above the highest rank of what it uses; else 0 */
    const struct option *options; /* choice, choices */
    size_t option_count;
    const char *options_where;    /* "file:line:column" of the list */
    const struct entity *to; /* link, user; NULL for records (any) */
    const char *reverse;     /* name of the way back on `to` ("deals"); NULL if none */
    bool tree;  /* links of this kind make a tree: no record stands above itself */
    bool inner; /* a link over which something stored counts within counting other records */
    bool has_min, has_max;
    int64_t min, max; /* in stored units (scaled, minor, days for dates); lengths for text */
    int places;       /* decimal, percent: digits after the point; money: of the base currency */
    const char *currency; /* money: the base currency */
    const char *home;     /* addresses: code of the own country, NULL unknown */
    /* addresses: the plain fields that hold parts of the primary one, by enum address_part; NULL: it
     * shares none. See address.h. */
    const struct field **beside;
    const char *group;    /* heading in forms; may be NULL */
    /* First column; NULL when nothing is stored. A stored computed field has the columns of its
     * type (money: base amount, base currency, base amount). System fields have one that is not in
     * entity->columns. */
    struct column *columns;
    size_t column_count;
    const struct becoming *becomes; /* load_becomes.c */
    size_t becomes_count;
    bool holds; /* a link: to what its record became */
    const struct reminder *reminders; /* of dates, the longest before first */
    size_t reminder_count;
    uint64_t see_roles, edit_roles; /* bit per role->index; link_see.c for computed ones */
    const char *where;              /* "file:line:column" of the definition */
};

/* A relation seen from the other side: company.deals */
struct relation {
    const char *name;          /* "deals" */
    const char *label;         /* from the name under `reverse`; NULL: the plural of `from` */
    const struct entity *from; /* deal */
    const struct field *by;    /* deal.company, or a field of type records */
};

struct view {
    const char *id, *label;
    const struct expr *filter; /* NULL: everything */
    const char *filter_text;
    const char *filter_where; /* "views.yaml:3:11" */
    const char *sort; /* "last_name,-created_at"; NULL: the entity's */
    const char **columns; /* names of fields, also over links: "company.city" */
    size_t column_count;
    const char *widths;     /* "name:220,company.city:140", as view_width_next takes it; NULL: none */
    const char *group_by;   /* "stage", "close_date:month"; NULL: not grouped */
    const char *mode;       /* "list", "board" or "forecast" */
    const struct field *by; /* board: the field that makes the columns */
    bool first;             /* `default: true`: what the list opens with */
};

#define SORTS_MAX 4 /* fields a list is ordered by */
#define VIEW_WIDTH_MIN 56
#define VIEW_WIDTH_MAX 900
/* Takes "city:180" off the front of a list with commas; false at its end, and where no width of
 * VIEW_WIDTH_MIN to VIEW_WIDTH_MAX pixels stands. `name` is not ended by NUL. */
bool view_width_next(const char **widths, const char **name, size_t *size, int *pixels);

struct field_group {
    const char *label;
    const struct field **fields;
    size_t count;
};

/* How records of an entity stand in the timelines of the records they point to; load_story.c. */
struct story {
    const struct field *records; /* the first they point with; NULL: they tell of nothing */
    const struct field *at;      /* when: done, or the key of the entity, or created_at */
    const struct field *kind;    /* a choice; NULL: the kind is the entity's name */
    const struct field *subject, *text; /* the title, the first long text; NULL: none */
    const struct field *pin;            /* on top of whose timelines; NULL: of nobody's */
    const struct field *due, *done;     /* of work, which is a next step until done; else NULL */
};

/* Lines of an order or offer: what they come to is a field of the record they belong to; load_lines.c. */
struct lines {
    const struct field *of, *sum; /* the link to that record, its field; NULL: these are no lines */
    const struct field *quantity, *price, *total;           /* never NULL beside `of` */
    const struct field *product, *product_price;            /* NULL: none; so the rest: */
    const struct field *discount, *tax, *tax_amount, *name;
};
/* Points of a record for which a condition holds; load_score.c. */
struct score_point {
    int64_t points;
    const struct expr *when;
    const char *say; /* why, in words */
};
#define SCORE_FIELD "score" /* their sum, of entities with a list of them */

struct entity {
    const char *name, *label, *plural, *label_plural, *icon;
    int index;             /* in model->entities: 0.. */
    int64_t id;            /* in the database; by store; never reused */
    const char *sql_table; /* quoted; by store */
    bool custom, menu;
    bool converts; /* has links that hold what a record becomes */
    bool timeline; /* notes and activities may point here (default true, false for products etc. by
                      YAML) */
    struct field **fields; /* system fields first, then declared order */
    size_t field_count;
    struct map field_by_name;
    struct column **columns; /* every stored column but the system ones, in order */
    size_t column_count;
    const struct field *picture; /* of type file, shown in place of initials; NULL: none */
    const struct field **title; /* parts of the title, joined by blanks */
    size_t title_count;
    const struct field **title_else; /* the first filled one stands where the title is empty */
    size_t title_else_count;
    const struct field **title_sort; /* parts of the sort key of the title; default = title */
    size_t title_sort_count;
    struct relation *relations;
    size_t relation_count;
    const struct field *owner, *team;     /* NULL for user and team */
    const struct field *pipeline, *stage; /* of entities in pipelines, else NULL */
    const struct field *tree;             /* the link upwards of records that form a tree, or NULL */
    /* Rights of derived things: `visible: {any_of: [...]}`; count 0: by owner and team. */
    const struct field **visible_by;
    size_t visible_by_count;
    bool visible_all; /* all_of */
    const struct expr *visible_if; /* `visible: {if: x}`: seen by all who may see any; or NULL */
    struct view *views;
    size_t view_count;
    const struct field **list; /* default columns */
    size_t list_count;
    const struct field **quick; /* fields of quick create */
    size_t quick_count;
    struct field_group *detail;
    size_t detail_count;
    struct story story;
    struct lines lines;
    const struct entity *lined_by; /* its lines; NULL: it has none */
    const struct score_point *score;
    size_t score_count;
    const struct field *score_field; /* NULL: there is no score */
    int64_t hot;                     /* from so many points on a record is hot; 0: none is */
    const char *sort; /* default sort, "title" if not given */
    const char *where;
};

enum stage_kind { STAGE_OPEN = 1, STAGE_WON, STAGE_LOST };

/* How sure the records of an open stage are within a forecast; a field `forecast` of the record
 * with one of the same names decides for it alone. */
enum forecast { FORECAST_NONE, FORECAST_OMITTED, FORECAST_PIPELINE, FORECAST_BEST, FORECAST_COMMIT, FORECAST_COUNT };
extern const char *const FORECASTS[FORECAST_COUNT]; /* their names; [0] "" */
#define FORECAST_FIELD "forecast"

/* Work that must be planned, or done, about a record before it enters a stage. */
struct gate_activity {
    const struct option *kind; /* of model->work; NULL: any */
    bool done;
};

struct stage {
    const char *id, *label;
    enum stage_kind kind;
    int64_t percent;                   /* 0..100, whole */
    enum forecast forecast;            /* never NONE */
    int64_t idle_after_ms;             /* 0: never idle */
    const struct field **gate_require; /* fields that must be filled to be in this stage */
    size_t gate_require_count;
    const struct field **gate_ask; /* fields that are asked for beside them */
    size_t gate_ask_count;
    const struct expr *gate_if;    /* must hold; NULL if none */
    const char *gate_if_text;      /* the same as it is written */
    const struct gate_activity *gate_activities;
    size_t gate_activity_count;
    const char *gate_say;       /* message for gate_if, NULL for a default */
    const char *where;
};

/* Where a record goes that comes from a stage of another pipeline. */
struct stage_move {
    const struct stage *from, *to;
};

struct pipeline {
    const char *id, *label;
    const struct entity *entity;
    struct stage *stages;
    size_t stage_count;
    const struct field **card; /* what its cards show beside name and next step */
    size_t card_count;         /* 0: what the lists of the entity begin with */
    const char **teams;        /* names of those who work with it */
    size_t team_count;         /* 0: all do */
    bool next_step;             /* open records always have one */
    bool b2c;                   /* about people: `firm` is not needed, `person` stands for it */
    struct stage_move *moves; /* as declared; load_moves.c */
    size_t move_count;
    const struct field *person; /* b2c: the link to people; else NULL */
    const struct field *firm;   /* b2c: the link to where they belong; NULL: there is none */
    const char *where, *stages_where;
};

struct entity_rights {
    enum scope scope[ACTION_COUNT];
    /* Boolean expression over the entity that must hold for the action; NULL means never
     * (SCOPE_NONE). For SCOPE_ALL it is the constant true unless the entity's rights are derived
     * from its links. */
    const struct expr *visible[ACTION_COUNT];
    bool everything[ACTION_COUNT]; /* the expression is constant true */
    const struct expr *shared;     /* what is seen together with what others share with the reader */
};

/* What is suggested as the next step when an activity is done; load_follow.c. */
#define WORK_RESULT "result" /* the field of work that says how it went */
struct follow_up {
    const struct option *after, *result; /* NULL: any kind, however it went */
    const struct option *kind;           /* of the next step */
    const char *subject;                 /* NULL: none */
    int days;                            /* after today */
    const char *at;                      /* "09:00"; NULL: on that day */
    const char *where;                   /* in the firm's file; NULL: built in */
};

/* What is to be won in a time: of a person, a team or the firm; load_target.c. */
enum target_span { SPAN_NONE, SPAN_MONTH = 1, SPAN_QUARTER = 3, SPAN_YEAR = 12 }; /* in months */
/* "2026", "2026-07" or "2026-Q3" as its first month, year * 12 + month - 1, and how long it is; -1:
 * nothing of the kind. */
int target_month(const char *text, enum target_span *span);
struct target_but {
    int month;     /* first of the span, as target->from */
    int64_t value; /* in place of target->value */
};
struct target {
    const char *id;
    const struct entity *entity;
    const struct pipeline *pipeline;  /* NULL: all of the entity together */
    const char *person, *team;        /* e-mail address in small letters; name; both NULL: the firm */
    enum target_span each;
    int from, to;                     /* months as year * 12 + month - 1; to: the last, INT_MAX: no end */
    bool money;                       /* value in minor units of the base currency; else records won */
    int64_t value;                    /* per span */
    const struct target_but *but;
    size_t but_count;
    const char *where, *whom_where;
};

/* Records that one user shows to another; entity NULL: the model has none. */
struct sharing {
    const struct entity *entity;
    const struct field *records, *user, *until;
};

struct role {
    const char *id, *label;
    int index;                    /* bit in field.see_roles; -1: sees no field */
    bool admin;                   /* people, configuration, tokens of others, undo of anything */
    struct entity_rights *rights; /* by entity->index */
    const char *where;
};

struct rate {
    const char *currency; /* ISO 4217 */
    int64_t micro;        /* one unit in millionths of the base currency's unit */
    int64_t from_day;     /* since 1970, in the company's zone: holds until the next; INT64_MIN: ever */
};

/* An import mapping from conf/imports; interpreted by core/transfer. */
struct import_map {
    const char *name; /* file name without .yaml */
    const struct entity *entity;
    const struct yaml *yaml;
};

/* A key of a story or of a mapping: THE tables, by which entities, conf/imports and --map are checked
 * and conf/README.md is made. */
struct import_key {
    const char *name, *meaning, *example;
};
extern const struct import_key IMPORT_MAP_KEYS[], IMPORT_COLUMN_KEYS[]; /* end with a zero row */
#define IMPORT_NOTE "note" /* targets of columns that are no fields */
#define IMPORT_NAME "name"
#define IMPORT_DELETED "deleted"
#define IMPORT_CALENDAR "calendar" /* columns of a calendar: as that has it */
/* A target that is no field: skip, note, calendar, name (a whole one, where titles have several
 * parts). */
bool import_is_word(const struct entity *e, const char *name);

/* The entities the program itself reads and writes: people, their teams, views they save, tags … */
#define ENTITY_USER "user"
#define ENTITY_TEAM "team"
#define ENTITY_VIEW "view"
#define ENTITY_TAG  "tag"
#define ENTITY_DEAL "deal" /* what targets are about by themselves */
#define ENTITY_FILE "file" /* attachments, core/file.h */
#define ENTITY_SHARE "share" /* core/record_share.c */

#define COMPANY_FILE     "kontor.yaml"
#define RULES_FILE       "rules.yaml" /* a list; the other files are maps */
#define COMPANY_NAME     "My company" /* these three when the file says nothing */
#define COMPANY_CURRENCY "EUR"
#define COMPANY_ZONE     "Europe/Berlin"
#define COMPANY_REMIND   (7 * 60)

struct company {
    const char *name, *currency, *zone;
    const char *country;        /* ISO 3166 code; NULL: not said */
    const char *currency_where; /* "file:line:column"; the file alone when it does not say */
    int currency_places;        /* minor units of the base currency, ISO 4217 */
    int remind_minute; /* of the day, in the zone: when people are reminded of dates */
    struct rate *rates;
    size_t rate_count;
};

/* One configuration text as read: kept in the database on apply, so that `serve` starts with it. */
struct source {
    const char *name; /* "fields.yaml", "entities/vessel.yaml" */
    const char *text;
    size_t size;
    bool builtin;
};

struct model {
    struct arena arena;
    atomic_int references;
    char version[17]; /* hex hash of all sources */
    int64_t generation; /* of the database it is bound to (schema_generation) */
    struct source *sources;
    size_t source_count;
    struct company company;
    const struct yaml
        *settings; /* kontor.yaml's other keys, interpreted by app/settings; may be NULL */
    struct entity **entities;
    size_t entity_count;
    struct map entity_by_name, entity_by_plural;
    const struct entity *work; /* the one whose records are due and done; NULL: none */
    struct follow_up *follow_ups;
    size_t follow_up_count;
    struct sharing sharing;
    struct pipeline *pipelines;
    size_t pipeline_count;
    struct form *forms; /* form.h */
    size_t form_count;
    struct target *targets;
    size_t target_count;
    struct role *roles;
    size_t role_count;
    const struct role *nobody; /* who is not signed in: no right to anything; not among roles */
    int rank_max; /* the highest field.rank; 0: nothing is computed */
    int nesting;  /* of lists that something stored counts within each other, the deepest */
    struct import_map *imports;
    size_t import_count;
    struct calendar *calendars; /* the firm's first; calendar.h */
    size_t calendar_count;      /* 0: every hour is worked */
    struct response *responses; /* response.h */
    size_t response_count;
    struct rule *rules; /* in the order of the file; rule.h */
    size_t rule_count;
};

/*
 * Builds a model from built-in sources (schema/, embedded) plus the customer's. On failure `e`
 * holds every problem as items with where "file:line:column". `*out` has one reference. The sources
 * are copied.
 */
int model_load(const struct source *sources, size_t count, struct model **out, struct err *e,
               struct arena *messages);
/* Reads conf/ into sources (kontor.yaml fields.yaml pipelines.yaml roles.yaml rules.yaml views.yaml targets.yaml forms.yaml entities/
 * imports/; examples/ and unknown files are left alone). Absent files are fine. */
int model_read_dir(struct arena *a, const char *dir, struct source **out, size_t *count,
                   struct err *e);
/* The names of the same files, "fields.yaml", "entities/vessel.yaml": none of them is opened. */
int model_list_dir(struct arena *a, const char *dir, const char ***out, size_t *count,
                   struct err *e);
/* Files in dir that are none of these and that nobody means for notes (README, dot files, backups,
 * keys): items "name" and why in *notes, which fails nothing. */
void model_unread_files(struct arena *a, const char *dir, struct err *notes);
struct model *model_take(struct model *m); /* one more reference */
void model_release(struct model *m);       /* one less; frees at 0 */

const struct entity *model_entity_find(const struct model *m, const char *name);
const struct entity *model_entity_by_id(const struct model *m, int64_t id); /* NULL: there is none */
const struct entity *model_plural_find(const struct model *m, const char *plural);
bool model_is_page(const char *word); /* the first word of one of the browser's own pages */
bool model_plural_reserved(const char *plural); /* an address of ours: no entity may have it */
const struct role *model_role_find(const struct model *m, const char *id);
const struct pipeline *model_pipeline_find(const struct model *m, const char *id);
const struct stage *pipeline_stage_find(const struct pipeline *p, const char *id);
/* The stage of `to` that a record comes to from stage s of another pipeline (NULL: of none). */
const struct stage *pipeline_fitting(const struct pipeline *to, const struct stage *s);
const struct field *entity_field_find(const struct entity *e, const char *name);
bool title_uses(const struct entity *e, const struct field *f); /* or its sort key */
/* Text fields that are unique, indexed or part of a title or its sort key have a physical column
 * more, "<name>_k": the folded value (str_fold). It is no column of the model and has no history. */
bool column_has_key(const struct column *c);
bool entity_sorts_otherwise(const struct entity *e); /* titles, by a key of other parts */
bool entity_is_account(const struct entity *e);      /* users and teams: rights hang on them */
/* The link of e that holds what a record of it became of this kind; NULL: it becomes none. */
const struct field *entity_holder(const struct entity *e, const struct entity *of);
const struct relation *entity_relation_find(const struct entity *e, const char *name);
/* The keys of entities, stories, mappings and roles as Markdown, for conf/README.md. */
struct buf;
void keys_write_reference(struct buf *out);
void story_write_reference(struct buf *out);
void import_write_reference(struct buf *out);
void role_write_reference(struct buf *out);
void pipeline_write_reference(struct buf *out);
void target_write_reference(struct buf *out);
void rule_write_reference(struct buf *out);
void calendar_write_reference(struct buf *out);
void follow_up_write_reference(struct buf *out); /* load_follow.c */
void response_write_reference(struct buf *out);
/* The embedded files below schema/ ending in .yaml, as sources with builtin set (names start with
 * "schema/"). */
int model_builtin_sources(struct arena *a, struct source **out, size_t *count);
bool role_sees(const struct role *r, const struct field *f); /* field right only */
bool role_edits(const struct role *r, const struct field *f);
/* The default sort, without what the role (NULL: the system) does not see; "title" if that is all. */
const char *entity_order(struct arena *a, const struct entity *e, const struct role *r);

#endif
