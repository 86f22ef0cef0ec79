/*
 * The one gate for records: validate, permit, change, emit. Every way in (browser, API, CLI, import, later rules and DAV)
 * goes through these functions, and there is no other way to a record.
 *
 * A write, inside one savepoint, in this order: load with the visibility of the action (0 rows: ERR_NOT_FOUND; visible but not
 * permitted: ERR_FORBIDDEN), version check, parse each field (all problems collected), links resolved among what the actor may see,
 * defaults, pipeline/stage/percent/won_at/lost_at upkeep, row and change rows, computed fields, required/limits/unique/gates as
 * expressions on the written row, search and handle index, roll-ups, hash. Then the record is printed as it stands, so that a dry
 * run's answer is the real one.
 */
#ifndef KONTOR_CORE_RECORD_H
#define KONTOR_CORE_RECORD_H

#include "base/json.h"
#include "core/ctx.h"
#include "model/field_type.h"
#include "store/rows.h"

struct record_result {
    int64_t id, version, change; /* change: change-set id, 0 if nothing changed */
    const char *body;            /* the record as JSON, in the arena; of a refused dry run {"dry_run","draft"} */
    size_t body_size;
    size_t left; /* of a series: how many others are somebody else's and stayed as they are */
};

/* if_match: -1 missing (ERR_NEEDS_VERSION), 0 "*", else the version. Stale: ERR_STALE and result->body is
 * {"current":…,"base":…} for the answer. A PATCH whose base differs only in other fields is still stale (the UI merges). */
int record_create(struct ctx *c, const struct entity *e, const struct json *body, struct record_result *out);
int record_update(struct ctx *c, const struct entity *e, int64_t id, int64_t if_match, const struct json *body, struct record_result *out);
int record_trash(struct ctx *c, const struct entity *e, int64_t id, int64_t if_match, struct record_result *out);
/* The same for an activity that repeats (series.h): for it alone, for it and those after it, or for all. */
enum series_scope { SERIES_THIS, SERIES_FOLLOWING, SERIES_ALL };
int record_update_scope(struct ctx *c, const struct entity *e, int64_t id, int64_t if_match, const struct json *body,
                        enum series_scope scope, struct record_result *out);
/* body: NULL, or what is planned instead of it ("then"). */
int record_trash_scope(struct ctx *c, const struct entity *e, int64_t id, int64_t if_match, const struct json *body, enum series_scope scope,
                       struct record_result *out);
/* body {} out of the trash; {"change","field"} one value back to before that change; {"at"} whole record to a moment;
 * other keys are refused. */
int record_restore(struct ctx *c, const struct entity *e, int64_t id, const struct json *body, struct record_result *out);

/* In a running write (c->in_write), without own ctx_write: for import, bulk, undo, conversion. `values` by e->columns, `given` by
 * e->fields (field->index) marks the fields that are set. created: out. A failure may leave half a write behind: the caller fails
 * too, or has wrapped the call in ctx_try. Rights: insert and change check the fields' values, not the actor's right to the record;
 * record_permit does. */
struct field_set { bool *given; struct value *values; };
struct field_set *field_set_new(struct arena *a, const struct entity *e);
void field_set_put(struct field_set *set, const struct entity *e, const struct field *f, const struct value *values);
const struct value *field_set_values(const struct field_set *set, const struct entity *e, const struct field *f); /* its columns */
/* 0 when the actor may; else ERR_FORBIDDEN (visible, not permitted) or ERR_NOT_FOUND. trash: also among the deleted. */
int record_permit(struct ctx *c, enum action action, const struct entity *e, int64_t id, bool trash);
/* The same question about a page of records (ids, at least one) by one query: those the actor may, in the arena, by id. */
int record_permitted(struct ctx *c, enum action action, const struct entity *e, const int64_t *ids, size_t count, bool trash,
                     int64_t **out, size_t *out_count);
/* Which of these the actor may take out of the trash, or would after giving his password once more. */
int record_restorable(struct ctx *c, const struct entity *e, const int64_t *ids, size_t count, int64_t **out, size_t *out_count);
int record_insert_in(struct ctx *c, const struct entity *e, const struct field_set *set, struct record **out);
int record_change_in(struct ctx *c, struct record *before, const struct field_set *set, bool *changed);
int record_trash_in(struct ctx *c, struct record *r);
int record_restore_in(struct ctx *c, struct record *r);
/* Parses a JSON object into a field_set (all problems collected in c->err as "entity.field"); unknown, read-only, hidden and
 * system fields are problems. id: of the record that is changed, 0: a new one (create) or many; a link it has already may lead to
 * the trash. */
int record_parse(struct ctx *c, const struct entity *e, const struct json *body, int64_t id, bool create, struct field_set *out);
/* Values a field had before, looked at as parsing them would now: options, limits, links. *why: a sentence when they cannot
 * come back into `now`, else NULL. */
int record_fits(struct ctx *c, const struct record *now, const struct field *f, const struct value *values, const char **why);

/* Finds the living records the actor may see by a text: `key` is a unique or title field of `to`, "email" or "title" (NULL: title,
 * then unique text fields). count 0: none; 1: id; 2: several. near: title of a near-double (equal without case, blanks and
 * punctuation) when there is none. ERR_MALFORMED: no such key. */
struct lookup { int64_t id; int count; const char *near; };
int record_lookup(struct ctx *c, const struct entity *to, const char *key, const char *text, struct lookup *out);
/* The same for a parsed reference of field f; no single hit: an item at `where` ("no company named “X”") and -1. */
int record_resolve(struct ctx *c, const struct field *f, const struct reference *r, const char *where, int64_t *id);

/* {"filter" or "ids" or "all":true} and what to do: {"set":{…}, "add":{…}, "remove":{…}} (add and remove: entries of lists),
 * {"delete":true}, {"restore":true}, or {"make":{"note":{…}}}: a record about each. Over 500 records it runs in slices under one
 * root. Answer body: {"matched","changed","refused","change","errors":[{"id","text"}],
 * "examples":[{"id","title","before":{…},"after":{…}}]}: what differs in the first few. */
int record_bulk(struct ctx *c, const struct entity *e, const struct json *body, struct record_result *out);

/* {"into":id,"from":[ids],"fields":{"phone":id,…}}: two to five records become one (merge.h). Answer body: {"id","change",
 * "moved":[{"entity","count"}],"folded":n,"dropped":[{"field","label","values":[{"id","value"}]}],"record":{…}}. */
int record_merge(struct ctx *c, const struct entity *e, const struct json *body, struct record_result *out);
bool record_merges(const struct entity *e); /* are there merges of such records at all? */
/* {"company":{…} or {"id"}, …}: what the record (a lead) becomes (convert.h). Answer body: an entry for each kind, the record or
 * null, the converted one, "change", "already": it was converted before and this is the result of then; of a dry run "draft", too. */
int record_convert(struct ctx *c, const struct entity *e, int64_t id, const struct json *body, struct record_result *out);
/* The id of a merged record becomes that of its survivor, if the actor may see it. */
int record_follow(struct ctx *c, const struct entity *e, int64_t *id, bool *followed);

/* {"items":[{"ids","titles","score","reasons","why":[{"kind","value"}],"mergeable"}],"next"}: groups of records that may be
 * the same (duplicate.h). A page may hold fewer than the limit, even none, and still have a next. */
int duplicates_list(struct ctx *c, const struct entity *e, const char *cursor, int64_t limit, struct buf *out);
/* {"ids":[…]}: these are not the same; with "dismissed":false that is forgotten. */
int duplicates_dismiss(struct ctx *c, const struct json *body, bool *dismissed);

/* One slice of a merge, bulk change or undo that is kept as a job (kind "merge", "bulk" or "undo"; made by record_merge, record_bulk and change_undo, which also
 * run it while the caller waits). Called by lib/jobs when the process ended in between, with the job's user as actor. */
int merge_slice(struct ctx *c, int64_t job, bool *more);
int bulk_slice(struct ctx *c, int64_t job, bool *more);
int undo_slice(struct ctx *c, int64_t job, bool *more);

/* Tags everywhere: {"from":[ids]} with "into": id (merge), "name" (rename) or "delete": true; in slices under one root (kind "tags").
 * Answer body: {"changed":n,"change":id}. */
int tags_replace(struct ctx *c, const struct json *body, struct record_result *out);
int tags_slice(struct ctx *c, int64_t job, bool *more);
/* {"items":[{"key","entity","field","count"}]}: key is the tag in small letters without blanks and signs. */
int tags_uses(struct ctx *c, struct buf *out);

/* The default of a field if it is a constant, by the field's columns. */
bool record_default(const struct ctx *c, const struct field *f, struct value out[FIELD_MAX_COLUMNS]);

/* Reading; each prints JSON. */
int record_print(struct ctx *c, const struct entity *e, int64_t id, int64_t as_of, const char *fields, const char *expand,
                 struct json_writer *w, int64_t *version);
struct list_request {
    const char *filter, *sort, *fields, *expand, *cursor, *as_of, *view, *group; /* as in the URL; NULL if absent */
    int64_t limit; /* 0: 50 */
    bool trash;
    bool exportable; /* only what an export would hold */
};
/* Writes the whole answer object {"items","next","count"…}. */
int record_list(struct ctx *c, const struct entity *e, const struct list_request *q, struct buf *out);
/* {"tree":…}: a filter of the entity as its parts (expr_tree), null for an empty one; what is wrong with it is ERR_MALFORMED. */
int filter_print(struct ctx *c, const struct entity *e, const char *text, struct buf *out);
/* as_of: instant, date (end of that day) or change-set id as "cs:123"; → change-set id, -1: before the first one (lists are empty,
 * records not found; both take -1). NULL or "": 0, now. */
int record_as_of(struct ctx *c, const char *text, int64_t *out);

/* {"items","next"}, on the first page "pinned", too. */
struct timeline_request {
    const char *kinds;  /* "note,call,change" or NULL for all; "open" gives the open activities, by due, undated last */
    const char *text;   /* words that all stand in an entry; NULL: any */
    int64_t by;         /* only of this user; 0: everybody's */
    bool with;          /* also the entries of what belongs to the record: a company's people and deals */
    const char *cursor; /* of an earlier answer to the same request; NULL: from the newest on */
    int64_t limit;      /* 0: 50 */
};
/* What belongs to records of e so: whose entries `with` adds, as the actor may see them. Returns the number, at most `most`. */
size_t timeline_with(const struct ctx *c, const struct entity *e, const struct entity **out, size_t most);
int timeline_list(struct ctx *c, const struct entity *e, int64_t id, const struct timeline_request *q, struct buf *out);
int changes_list(struct ctx *c, int64_t parent, const char *cursor, bool mine, const struct entity *e, int64_t record, int64_t limit, struct buf *out);
/* {"undone":n,"kept":[{"entity","id","title","fields":[…]}],"change":id}. The actor needs the right to edit each record (else
 * ERR_FORBIDDEN and nothing happens); over 500 records it runs in slices. */
int change_undo(struct ctx *c, int64_t id, struct record_result *out);
/* {"score","hot","points":[{"points","say","given"}]}: what a record's score is made of; ERR_NOT_FOUND without one. */
int score_print(struct ctx *c, const struct entity *e, int64_t id, struct buf *out);
/* tree.c: the tree a record stands in, for entities that form one; ERR_NOT_FOUND otherwise. */
int tree_print(struct ctx *c, const struct entity *e, int64_t id, struct buf *out);
/* The pipelines the actor sees, those of his team first, those of other teams last; out: room for all. */
int record_pipelines(struct ctx *c, const struct pipeline **out, size_t *count);
int board_print(struct ctx *c, const struct pipeline *p, const char *filter, const char *as_of, struct buf *out);
struct search_wish {
    const char *q, *kind; /* kind: name of an entity or its plural; NULL or empty: all */
    int64_t limit;        /* 0: 20 */
    int64_t offset;
    bool counts; /* everything there is, with counts by kind */
};
int search_print(struct ctx *c, const struct search_wish *wish, struct buf *out);
/* e NULL: the records of every kind. links: with what points at each. */
int trash_list(struct ctx *c, const struct entity *e, const char *cursor, int64_t limit, bool links, struct buf *out);

#endif
