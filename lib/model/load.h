/*
 * Inside lib/model: the loader. Texts become YAML nodes, nodes become definitions, definitions are
 * linked.
 *
 * model_load() in load.c runs the passes in order; each pass stands in its own file. A pass never
 * stops at a problem: it reports it with file:line:column and goes on with something harmless, so
 * that all problems of a configuration come out at once. The model is published only if there were
 * none.
 */
#ifndef KONTOR_MODEL_LOAD_H
#define KONTOR_MODEL_LOAD_H

#include "base/err.h"
#include "base/yaml.h"
#include "model/field_type.h"
#include "model/rule.h"
#include "model/syntax.h"

#define LOAD_ROLES_MAX    64
#define LOAD_ENTITIES_MAX 200
#define LOAD_FIELDS_MAX   300
#define LOAD_OPTIONS_MAX  500

/* A parsed file; name without "schema/". */
struct document {
    const char *name;
    const struct yaml *root;
    bool builtin;
};

enum def_state { DEF_NEW, DEF_RUNNING, DEF_DONE, DEF_FAILED };

/* A field while it is being built. */
struct field_def {
    struct field *field;
    const struct yaml *yaml;  /* where it is declared; NULL for implicit fields */
    const struct yaml *over;  /* conf/fields.yaml on a built-in field; NULL if none */
    const struct yaml *hider; /* what keeps some role from seeing it; NULL if nothing does */
    uint64_t told_roles;      /* those whose right to see it stands in YAML; bit per role->index */
    enum def_state state;     /* of its compute expression */
};

struct entity_def {
    struct entity *entity;
    const struct yaml *yaml;
    const struct yaml *over;  /* conf/fields.yaml: `<entity>:`; NULL if none */
    struct field_def *fields; /* as entity->fields */
};

struct loader {
    struct model *m;
    struct arena *arena;    /* the model's */
    struct arena *messages; /* the caller's */
    struct err *e;
    struct document *documents;
    size_t document_count;
    struct entity_def *defs;        /* as m->entities */
    struct pipeline_def *pipelines; /* load_pipeline.c; as m->pipelines */
    const struct yaml **role_yaml;  /* as m->roles */
    bool changes;                   /* expressions may look at a change: while rules are read */
    const struct entity *around;    /* expressions are about a record within one of these; NULL: alone */
};

/* ---- load_util.c: reading nodes */
void load_error(struct loader *l, const struct yaml *node, const char *format, ...)
    PRINTF_LIKE(3, 4);
void load_key_error(struct loader *l, const struct yaml *node, const char *format, ...)
    PRINTF_LIKE(3, 4);
/* `there is no <what> "<text>"` with the nearest of the names. */
void load_unknown(struct loader *l, const struct yaml *node, const char *what, const char *text,
                  const char *const *names, size_t count);
/* Reports every key that is not in `keys` (ends with NULL). False: node is not a map. */
bool load_check_keys(struct loader *l, const struct yaml *node, const char *const *keys);
/* The same by one of the tables of keys.c; built_in: only what may be said of built-in ones. */
struct model_key {
    const char *name, *meaning, *example;
    bool built_in;
};
extern const struct model_key ENTITY_KEYS[], FIELD_KEYS[], VISIBLE_KEYS[]; /* end with a zero row */
/* As a table of Markdown. */
void keys_write_table(struct buf *out, const struct model_key *keys);
bool load_check_model_keys(struct loader *l, const struct yaml *node, const struct model_key *keys,
                           bool built_in);
/* NULL (and a message) unless the node is a non-empty scalar; NULL without a message for NULL. */
const char *load_text(struct loader *l, const struct yaml *node);
/* A text or {en: …, de: …}; `fallback` for NULL. */
const char *load_label(struct loader *l, const struct yaml *node, const char *fallback);
bool load_bool(struct loader *l, const struct yaml *node, bool fallback);
/* Whole number within limits; `fallback` for NULL or after a message. */
int64_t load_int(struct loader *l, const struct yaml *node, int64_t min, int64_t max,
                 int64_t fallback);
/* Scalars of a list, or the one scalar; *count 0 for NULL. Wrong nodes are reported and left out.
 */
const struct yaml **load_items(struct loader *l, const struct yaml *node, size_t *count);
/* "job_title" → "Job title" */
const char *load_label_of(struct loader *l, const char *name);
/* Fields named by the node's items; system fields too. Unknown names are reported. */
const struct field **load_fields(struct loader *l, const struct entity *e, const struct yaml *node,
                                 size_t *count);
const struct field *load_field(struct loader *l, const struct entity *e, const struct yaml *node);
/* Entity named by the node; NULL after a message. */
struct entity_def *load_entity_def(struct loader *l, const struct yaml *node, const char *name);
/* Checked expression, NULL after a message at the node (or at the very character). */
const struct expr *load_expr(struct loader *l, const struct yaml *node, const struct entity *scope,
                             enum expr_kind want, const struct field *target);
/* The same of a part of the node's text, of any type. */
const struct expr *load_expr_part(struct loader *l, const struct yaml *node, size_t at, size_t size,
                                  const struct entity *scope);
/* A problem at a byte of the node's text. */
void load_error_at(struct loader *l, const struct yaml *node, size_t at, const char *text);
/* The document of this name, built-in or not; NULL if absent. */
const struct document *load_document(const struct loader *l, const char *name, bool builtin);
/* Key of a field definition: conf/fields.yaml wins. */
const struct yaml *load_def_key(const struct field_def *d, const char *key);
const struct yaml *load_entity_key(const struct entity_def *d, const char *key);

/* load_score.c: the field that a `score` list makes is declared with the fields of its entity; the list
 * it comes from, NULL of any other field; and its expression, NULL after messages. */
void score_declare(struct loader *l, struct entity_def *d,
                   struct field *(*add)(struct entity_def *, const char *));
const struct yaml *score_node(const struct loader *l, const struct field *f);
const struct expr *score_compile(struct loader *l, const struct field *f);

/* Reports unknown and unsortable names of "last_name,-created_at"; node may be NULL. */
void load_sort(struct loader *l, const struct entity *e, const struct yaml *node);

/* ---- the passes, in this order */
void load_company(struct loader *l);    /* load_company.c: kontor.yaml */
void load_entities(struct loader *l);   /* load_entity.c: entities and their fields by name */
void load_role_names(struct loader *l); /* load_role.c */
void load_pipelines(struct loader *l);  /* load_pipeline.c: pipelines and stages */
void load_field_properties(
    struct loader *l);                   /* load_field.c: all that needs no other entity's fields */
void link_fields(struct loader *l);      /* link_field.c: targets and relations */
void load_role_fields(struct loader *l); /* load_role.c: who sees which field */
void link_computed(struct loader *l);    /* link_expr.c: computed fields, in order of need */
void link_columns(struct loader *l);     /* link_field.c */
void link_expressions(struct loader *l); /* link_expr.c: conditions and defaults */
void load_layouts(struct loader *l);     /* load_layout.c: titles, lists, forms */
void link_names(struct loader *l);       /* link_field.c: names of columns */
void link_rights(struct loader *l);      /* load_rights.c */
void link_see(struct loader *l);         /* link_see.c: who sees computed fields */
void link_becomes(struct loader *l);     /* load_becomes.c */
/* load_moves.c: `from` of a pipeline; node may be NULL */
void link_moves(struct loader *l, struct pipeline *to, const struct yaml *node);
void link_gates(struct loader *l);       /* load_pipeline.c */
void load_views(struct loader *l);       /* load_view.c */
void link_stories(struct loader *l);     /* load_story.c */
void link_reminders(struct loader *l);   /* load_remind.c */
void link_lines(struct loader *l);       /* load_lines.c */
void load_targets(struct loader *l);     /* load_target.c */
void load_forms(struct loader *l);       /* load_form.c */
void load_follow_ups(struct loader *l);  /* load_follow.c */
void load_imports(struct loader *l);     /* load_import.c */
void load_calendar(struct loader *l);    /* load_calendar.c */
void load_responses(struct loader *l);   /* load_response.c */
void load_rules(struct loader *l);       /* load_rule.c */

/* load_rule_action.c: the actions of a rule whose entity is known. */
void load_rule_actions(struct loader *l, struct rule *r, const struct yaml *node);
/* "Call {first_name}", about e; NULL after a message. */
const struct rule_text *load_rule_text(struct loader *l, const struct entity *e, const struct yaml *node);
/* A user or a team: anna@firm.example, owner, {team: Solar}. False after a message. */
bool load_people(struct loader *l, const struct entity *e, const struct yaml *node, struct people *out);
/* Reports every key that no row has (load_rule.c). False: node is not a map. */
bool load_check_table(struct loader *l, const struct yaml *node, const struct import_key *keys);
/* load_rule_assign.c */
extern const struct import_key ASSIGN_KEYS[]; /* ends with a zero row */
const struct assignment *load_assignment(struct loader *l, const struct entity *e, const struct yaml *node);

/* link_field.c: a link whose target stands in YAML, under `to`. */
bool names_target(const struct field *f);
/* link_expr.c: makes sure a computed field has its type; the checker calls it. */
int link_resolve(void *loader, const struct field *f);

#endif
