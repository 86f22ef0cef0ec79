/*
 * What the files behind core/record.h share. Nobody outside lib/core includes it. Everything runs
 * with a ctx and leaves its results in the ctx's arena; failures stand in c->err.
 */
#ifndef KONTOR_CORE_PARTS_H
#define KONTOR_CORE_PARTS_H

#include "core/record.h"

#define BULK_SLICE 500 /* records per transaction of a long write */
#define ERRORS_MAX 100 /* errors listed by a bulk change */

/* ---- access.c: is there such a thing, and may the actor? ---- */

/* The action on the entity as such: ERR_UNAUTHENTICATED, ERR_FORBIDDEN. */
int access_entity(struct ctx *c, enum action action, const struct entity *e);
bool access_sees(const struct ctx *c, const struct field *f); /* exists for this actor */
bool access_sets(const struct ctx *c, const struct field *f); /* may stand in a body */
/* A field by the name a caller wrote; NULL with an error of `code` at `where` that offers the
 * nearest visible name. */
const struct field *access_field(struct ctx *c, const struct entity *e, const char *name,
                                 enum err_code code, const char *where);
/* The same of a field that links to one record. */
const struct field *access_link(struct ctx *c, const struct entity *e, const char *name,
                                const char *where);
/* Links a name like "company.parent.city" goes over, at most. */
#define NAME_LINKS_MAX 3
/* The names of the fields this actor may see, for messages. */
const char *access_nearest(struct ctx *c, const struct entity *e, const char *name);

/* ---- record_keep.c: what follows from what was set ---- */

/* Defaults of a new record. `given` gets the fields that were filled. */
int keep_defaults(struct ctx *c, struct record *r, const bool *given);
/* A record with an owner and without a team belongs to the owner's team. */
int keep_team(struct ctx *c, struct record *r, const bool *given);
/* An amount that stays as it is keeps the rate of the day it was written on. */
void keep_rates(const struct record *before, struct record *after);
/* Pipeline, stage, percent, won_at, lost_at. before NULL: a new record. */
int keep_pipeline(struct ctx *c, const struct record *before, struct record *r, const bool *given);
/* Fields that move along with the stage; NULL: the entity has no such stored field. */
enum follower {
    FOLLOWS_PERCENT,
    FOLLOWS_ENTERED,
    FOLLOWS_WON,
    FOLLOWS_LOST,
    FOLLOWS_LOST_FROM, /* the stage in which it was lost, by its id */
    FOLLOWS_COUNT
};
const struct field *keep_follower(const struct entity *e, enum follower which);
bool keep_follows_stage(const struct field *f); /* one of these, or the pipeline */
/* Says why it was lost: asked at each loss, so that it does not outlive one that is taken back. */
bool keep_says_why_lost(const struct field *f);
const struct pipeline *keep_pipeline_of(const struct ctx *c,
                                        const struct record *r);                /* NULL if none */
const struct stage *keep_stage_of(const struct ctx *c, const struct record *r); /* NULL if none */
/* The value of an expression at the scale of a field, as its type prints it: out[3]. */
void keep_scaled(const struct ctx *c, const struct field *f, const struct expr *x, struct value v,
                 struct value *out);

/* The same for any expression that a field may be set to. */
void keep_value(const struct ctx *c, const struct field *f, const struct expr *x, struct value v,
                struct value *out);

/* ---- lines.c: lines of a deal and their sum ---- */

/* Before a line is written: name and price of its product, what it comes to. */
int lines_keep(struct ctx *c, const struct record *before, struct record *r, const bool *given);
/* After it: the amount of what it belongs (or belonged) to. before NULL: a new one. */
int lines_settle(struct ctx *c, const struct record *before, const struct record *after);
/* The amount of this record is that of its lines. */
int lines_has(struct ctx *c, const struct entity *e, int64_t id, bool *has);

/* ---- record_check.c: does the written row satisfy the model? ---- */

struct draft { /* names of fields, for forms */
    const char **required, **hidden, **readonly;
    size_t required_count, hidden_count, readonly_count;
};
/* All problems as items of c->err. `draft` may be NULL. */
int check_record(struct ctx *c, const struct record *before, const struct record *r,
                 const bool *given, struct draft *draft);
/* Warnings of a draft (possible duplicates) as a JSON list. */
int check_warnings(struct ctx *c, const struct record *before, const struct record *r,
                   struct json_writer *w);

/* The same of a new record, without those among `own`. */
int check_twins(struct ctx *c, const struct record *r, const int64_t *own, size_t own_count,
                struct json_writer *w);
void draft_print_names(struct json_writer *w, const struct draft *d); /* its lists, in an object */

/* Where a record that belongs nowhere yet may belong: what has the domain of its e-mail address. */
int check_offers(struct ctx *c, const struct record *r, struct json_writer *w);

/* ---- record_user.c: users are records with consequences ---- */

void user_fold(struct ctx *c,
               struct record *r); /* before it is written: one spelling of the e-mail address */
int user_check(struct ctx *c, const struct record *before,
               const struct record *r); /* r NULL: goes to the trash */
/* The actor may change accounts now: in person, and the password was given lately. A form's draft
 * only needs the person. */
int user_permit(struct ctx *c);
/* The same if `e` are users (whole lists of them: bulk, import). */
int user_permit_all(struct ctx *c, const struct entity *e);
/* The same if taking this back would change an account. */
int user_permit_touch(struct ctx *c, const struct change_touch *touch);
int user_changed(struct ctx *c, const struct record *before, const struct record *r);

/* ---- record_view.c ---- */

/* What a saved view says is something a list can be asked for. */
int view_check(struct ctx *c, const struct record *before, const struct record *r);
/* Saved views whose filters quote one of the tags (tight folds) say `to` instead; *changed grows. */
int views_retag(struct ctx *c, const char *const *from, size_t count, const char *to,
                int64_t *changed);

/* ---- record_share.c: one record shown to one more user ---- */

/* What is shared is one record of a timeline that the actor sees by his own role, with another
 * active user. before NULL: a new one. */
int share_check(struct ctx *c, const struct record *before, const struct record *r);
int share_tell(struct ctx *c, const struct record *r); /* once it is written: who sees it from now on */
void share_changed(struct ctx *c, const struct entity *e);
/* May the actor share this record? 1 or 0, -1 error. */
int share_may(struct ctx *c, const struct entity *e, int64_t id);
/* Would sharing let him (account_who) see records of the entity? */
bool share_helps(const struct who *who, const struct entity *e);
/* The member of a new entry that names users its first record is to be shared with. */
#define SHARE_WITH "share_with"
bool share_is_asked(const struct entity *e, const char *member);
int share_with(struct ctx *c, const struct record *entry, const struct json *users);

/* ---- record_then.c ---- */

/* With an activity, or a record that goes through a pipeline, its next steps, as objects under this
 * member; they concern what the activity does, or the record, unless they say otherwise. */
#define THEN "then"
bool then_is_asked(const struct ctx *c, const struct entity *e, const char *member);
/* Is if_match (0: any; negative: not sent) the record's version? ERR_NEEDS_VERSION; ERR_STALE with {"current","base","changed"} in
 * out. */
int record_check_version(struct ctx *c, const struct record *r, int64_t if_match, struct record_result *out);
int then_create(struct ctx *c, const struct record *entry, const struct json *body);

/* ---- next_keep.c ---- */

/* Refuses what was written since next_begin if it leaves an open record of a pipeline with
 * `next_step` without one. Done by itself at the end of every write; long writes look at each of
 * their records. */
size_t next_begin(const struct ctx *c);
int next_keep(struct ctx *c, size_t from);
/* The same of a merge, before it begins: before[0] becomes `after`, with what is planned for all. */
int next_keep_merged(struct ctx *c, struct record *const *before, size_t count,
                     const struct record *after);

/* ---- record_address.c ---- */

/* Of whole lists of addresses in the set what the plain fields beside them hold goes there. */
int keep_addresses(struct ctx *c, const struct entity *e, struct field_set *set);
/* A list that says the same as before is stored as before. */
void keep_same_addresses(struct ctx *c, const struct record *before, struct record *after,
                         const bool *given);
/* The whole list of a record, as readers see it. */
struct value record_addresses(struct arena *a, const struct record *r, const struct field *f);

/* ---- record_tag.c: words of fields of type tags are names of records ---- */

/* The tags of fields that were given: those there are, or new ones. */
int keep_tags(struct ctx *c, const struct record *before, struct record *r, const bool *given);
/* A tag that is written: its name and colour. */
int tag_check(struct ctx *c, const struct record *before, struct record *r);
int tag_check_trash(struct ctx *c, const struct record *r); /* nobody has it any more */
/* Puts one tag (NULL: none) in place of others (tight folds) in a field of a record. */
void tag_swap(struct ctx *c, struct record *r, const struct field *f, const char *const *from,
              size_t from_count, const char *to);

/* ---- trash_links.c ---- */

/* "links":[{"entity","count"}] of a record in the trash. */
int trash_links(struct ctx *c, const struct entity *e, int64_t id, struct json_writer *w);

/* ---- undo.c ---- */

/* May the actor take this change back, as far as a list has to know? */
int undo_offered(struct ctx *c, const struct change_info *info, bool *offered);

/* ---- merge.c ---- */

/* A record that was merged comes back by undoing the merge only: ERR_CONFLICT. */
int merge_refuse_restore(struct ctx *c, const struct entity *e, int64_t id);

/* ---- record_lookup.c ---- */

/* Visible living records whose title is the same but for case, blanks and punctuation; at most max.
 */
int lookup_same_title(struct ctx *c, const struct entity *e, const char *title, int64_t except,
                      size_t max, struct title_row *out, size_t *count);

/* The visible title that is most like this text, NULL when none is; for kinds with few records. */
int lookup_nearest(struct ctx *c, const struct entity *e, const char *text, const char **out);
/* What may have been meant by a text that found nothing, by field `key` (NULL: the title): of a
 * large table only what begins like it is looked at. */
int lookup_similar(struct ctx *c, const struct entity *e, const char *key, const char *text,
                   const char **out);

/* ---- record_write.c ---- */

struct written {
    struct record *record; /* as it stands */
    bool changed;
    size_t left; /* others of its series that are somebody else's and stayed as they are */
    struct draft draft;
};
int write_insert(struct ctx *c, const struct entity *e, const struct field_set *set,
                 struct written *out);
int write_change(struct ctx *c, const struct record *before, const struct field_set *set,
                 struct written *out);
/* What follows from a write of another record: no checks and no rights. */
int write_derived(struct ctx *c, const struct record *before, struct record *after, bool *changed);
/* Columns put back as they were, without the rules for edits (undo): only what must hold always. */
/* record_tree.c: within a write, after it. *why: what is wrong with the link upwards, NULL if nothing. */
int tree_check(struct ctx *c, const struct record *before, const struct record *r, const char **why);
int write_back(struct ctx *c, const struct record *before, struct record *after, bool *changed);
struct record *record_copy(struct arena *a, const struct record *r); /* with values of its own */

/* ---- record_print.c ---- */

struct print_plan;
/* fields, expand: as in the URL. Errors: ERR_MALFORMED. */
int print_plan_make(struct ctx *c, const struct entity *e, const char *fields, const char *expand,
                    bool trash, struct print_plan **out);
/* Runs the list with this plan and writes the items (an object each) into w; spec->entity, action,
 * filter, sort, limit, cursor … are the caller's. *rows: number of items. last_version may be NULL.
 */
int print_list(struct ctx *c, struct print_plan *plan, struct list_spec *spec,
               struct json_writer *w, const char **next, size_t *rows, int64_t *last_version);
/* One value of a record as JSON; values: columns of f. to: a link's target, NULL if f is none. */
void print_value(struct json_writer *w, const struct ctx *c, const struct field *f,
                 const struct value *values, const struct link_title *to);
/* The value with its text in the arena: rows of a list last until the next one. */
struct value print_kept(struct arena *a, struct value v);
/* A sum of query_group as an amount of the base currency. */
void print_sum(const struct ctx *c, struct buf *out, struct value sum);
/* {"id","title"}, with "deleted":true of what lies in the trash; {"hidden":true}; id 0: null. */
void print_link(struct json_writer *w, int64_t id, const struct link_title *to);
struct link_title print_target(const struct title_row *row); /* row NULL: hidden */
/* When a change-set was made; null for those of the set-up, which lie before all history. */
void print_change_time(struct json_writer *w, const char *key, int64_t at_ms);
/* {"id","title"} of users by id, read once: */
int print_titles(struct ctx *c, const int64_t *ids, size_t count, struct title_row **out);
/* Ids of a records field; in the arena. */
size_t print_ids(struct arena *a, struct value v, int64_t **out);
/* One of them: {"id","title","entity"}, with "deleted":true of what lies in the trash, or {"hidden":true} for NULL and what cannot be seen. */
void print_record_link(struct json_writer *w, const struct title_row *row);

/* ---- record_moment.c ---- */

/* All of a record as it was at the time `at`, as far as it can be so. left: empty, or a JSON list of
 * what stays as it is, with the reasons. */
int moment_restore(struct ctx *c, const struct entity *e, int64_t id, const struct json *at,
                   struct written *done, struct buf *left);

/* ---- records_cell.c: a field of type records as one cell of a table ---- */

void records_cell_add(struct buf *out, const struct title_row *row); /* one more visible record */
/* The next item of a cell, trimmed; *cell moves behind it. */
const char *records_cell_next(struct arena *a, const char **cell);
/* Kind and title of an item; NULL if it names no kind there is. */
const struct entity *records_cell_split(const struct ctx *c, const char *item, const char **title);

/* ---- board.c ---- */

/* What boards and forecasts sum: the amount of a record, and its part by the chance. Returns the
 * field of the amount; NULL: the entity has none the actor sees. */
const struct field *board_measures(struct ctx *c, const struct entity *e,
                                   const struct expr *out[2]);

/* ---- record_list.c ---- */

int list_filter(struct ctx *c, const struct entity *e, const char *text,
                const struct expr **out); /* NULL, "": NULL */
int list_sort(struct ctx *c, struct list_spec *spec, const char *text);
/* What a request says about which records, of which time and in which order (its own or its view's,
 * else none); not its limit. */
int list_read(struct ctx *c, const struct entity *e, const struct list_request *q,
              struct list_spec *out);
/* The label of a choice, pipeline or stage; the text itself of others; NULL if there is none. */
const char *list_value_label(const struct ctx *c, const struct field *f, struct value v);

/* ---- record_next.c: what comes next ---- */

struct activity_model { /* the entity of model->work and its fields; NULL members: there is none */
    const struct entity *entity;
    const struct field *records, *subject, *due, *done_at, *kind;
};
bool next_activity(const struct ctx *c, const struct entity *e,
                   struct activity_model *out); /* false: none for e */
/* Expressions whose values identify the next step of a row: the earliest dated one, else any. */
int next_step_exprs(struct ctx *c, const struct entity *e, const struct expr **dated,
                    const struct expr **any);
/* Sort keys of "urgency"; appended to spec. */
int next_urgency(struct ctx *c, struct list_spec *spec);
/* When a row was last touched by work: newest done activity. NULL if the entity has none. */
int next_last_done(struct ctx *c, const struct entity *e, const struct expr **out);

#endif
