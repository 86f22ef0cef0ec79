/*
 * Import and export. An import is one job: its input is read to the end into a spool file first (a
 * cut-off file ends here and imports nothing), then rows are written in slices of at most 1,000
 * rows and 60 ms through core/record, all under one change-set root; the job's position is stored in
 * each slice's transaction. Rows are written in the order of the file, or in one that is faster and
 * has the same outcome (import_sort.c). A dry run does the same on a private snapshot.
 */
#ifndef KONTOR_CORE_TRANSFER_H
#define KONTOR_CORE_TRANSFER_H

#include "core/record.h"

struct import_request {
    const struct entity *entity;
    const char *file_name; /* for messages and the reason */
    const char
        *map_yaml; /* text of a mapping file, or NULL: conf/imports by header, else by names */
    const char *map_name; /* for messages */
    int64_t map_user;     /* whose saved mapping was taken by itself; 0: none was */
    const char *match; /* "email" or "name,company"; NULL: the mapping's, else none (create only) */
    const char *at;    /* column that dates the change-sets; admin, first load */
    const char *decimal; /* sign of all numbers, "comma" or "point"; NULL: the mapping's, else found out */
    /* How the file is written, against what is found out; NULL: found out (exchange/table.h). */
    const char *encoding, *delimiter, *sheet;
    const char *by; /* filled by import_open: who asks, if it is no user ("cli:root") */
    const char *dates; /* order of all dates, "DMY", "MDY" or "YMD"; NULL: found out */
    const char *rules; /* which rules run on the rows: "none", "silent", "all"; NULL: none */
    bool create_links;
    bool clear;        /* an empty cell empties the field of a record that is there already */
    bool no_gates;     /* gates of stages and rules that refuse let every row pass; administrators */
    bool dry_run;
    bool wizard;       /* the file waits for import_start: a draft */
    bool guess;        /* a draft: the file decides about the entity */
    int64_t draft;     /* the draft this run was started from; 0 none */
    int64_t corrects;  /* an import some of whose rejected rows come again, put right; 0 none */
    int64_t corrected; /* the last import that did so with its rows; 0 none */
    int64_t check, run; /* a draft: its last trial run, and its run; 0 none */
};
/* What a body says of an import, but for the entity; a key there is none of is refused. begins: of a
 * new one, not of a draft. */
int import_said(struct ctx *c, const struct json *body, bool begins, struct import_request *q);
/* Makes the job row and its spool file; the caller then feeds bytes. */
int import_open(struct ctx *c, const struct import_request *q, int64_t *job);
/* The first piece begins the file anew; ERR_CONFLICT while another request sends it. */
int import_feed(struct ctx *c, int64_t job, const void *bytes, size_t n);
/* Ends the input: checks it is whole (encoding, quotes), then the job is due. `complete` false: the
 * sender vanished: job cancelled. */
int import_close(struct ctx *c, int64_t job, bool complete);
/* {"id","state","created","updated","unchanged","rejected","keyless","again","emptied","closed_now","left_out","change",
 * "rows","done_rows","error"}; again: matched with a record that an earlier row made;
 * emptied: a cell of the row says what is not known here, and the mapping leaves it empty for that;
 * keyless: created, for the row had nothing to match by; closed_now:
 * created as won or lost without a date of that; "corrected": the import its rejected rows went in
 * with, put right; left_out: rows that were deleted in "program" */
int import_status(struct ctx *c, int64_t job, struct buf *out);
/* A draft: an import whose file is there and that waits for its person. Keys of body: entity, map,
 * map_name, match, encoding, delimiter, sheet, decimal, dates, rules, create_links, clear, no_gates; null takes one
 * back. */
int import_adjust(struct ctx *c, int64_t draft, const struct json *body);
/* Starts a trial of a draft, or its run, as an import of its own; a trial before is over. */
int import_start(struct ctx *c, int64_t draft, bool dry_run, int64_t *job);
/* Ends a draft or a running import after its slice; what is in stays until it is undone. */
int import_cancel(struct ctx *c, int64_t job);
/* What the file of a draft holds, column by column, and where it may go. */
int import_look(struct ctx *c, int64_t draft, struct buf *out);
/* Rows as a trial left them, or those a run rejected: {"header","rows"}. */
int import_preview(struct ctx *c, int64_t job, struct buf *out);
/* The actor's imports of the last 30 days, newest first; everybody's for administrators. */
int import_list(struct ctx *c, struct buf *out);
/* A mapping under a name, for oneself or for all who import; a name of one's own is taken again.
 * Answers {"id"}. */
int import_recipe_save(struct ctx *c, const struct json *body, struct buf *out);
int import_recipe_drop(struct ctx *c, int64_t id);
/* Ids that a record had in other programs, as a list of {"system","id"}; nothing when there are
 * none. The caller has seen to the right to see it. */
int import_origins(struct ctx *c, int64_t record, struct buf *out);
/* Path of the file of rejected rows (CSV, whatever the format of the file, of its columns plus column,value,reason), NULL if
 * none. */
int import_rejects(struct ctx *c, int64_t job, const char **path);
/* A timer's: forgets finished jobs of every kind after 30 days, with the files of their rejected
 * rows, and what uploads and crashes left behind. */
int import_tidy(struct ctx *c, int64_t record, const char *key);
/* Within the write that stores the end of a job: its user is told if it is an import that failed, or
 * lasted so long that nobody waits for it. */
struct job;
int import_tell(struct ctx *c, const struct job *j);
/* One slice of the job: called by lib/jobs. *more: there is work left. */
int import_slice(struct ctx *c, int64_t job, bool *more);

/* The formats of exports; ends with a zero row. */
struct export_format {
    const char *name, *suffix, *type; /* of ?format=, of the file, for Content-Type */
    bool cards; /* only of entities that have cards */
    const struct export_row_functions *rows;
};
extern const struct export_format EXPORT_FORMATS[];
const struct export_format *export_format_find(const char *name); /* NULL: there is none */
/* Entities of people or organisations who can be reached have cards. */
enum card_kind { CARD_NONE, CARD_PERSON, CARD_ORGANISATION };
enum card_kind export_card_kind(const struct entity *e);

/* Streams the records of a list: sink gets pieces of at most 64 KiB. A
 * list that holds all there is of a kind asks for a password given lately. */
typedef int (*export_sink)(void *data, const char *bytes, size_t n);
struct export_request {
    const struct entity *entity;
    struct list_request list; /* as record_list takes it, but: no sort: by id; limit 0: all; fields
                                 NULL: all but version and updated_*; nothing of pages (cursor,
                                 expand, group) */
    const char *format; /* name of one of EXPORT_FORMATS */
    int card_version;   /* vcf: 4 or 3 */
    char delimiter; /* csv: one of , ; TAB | */
    bool guard;     /* csv: keep spreadsheets from taking text for formulas */
    bool mark;      /* csv: begins with the mark by which spreadsheets know UTF-8 */
};
/* An export's turn to hold a reader for minutes: ERR_BUSY when two do already. Ended with the other. */
int export_turn(struct ctx *c);
void export_turn_end(void);
/* More records than a day's work needs: a password given lately, as for all there is of a kind. */
#define EXPORT_UNASKED_MAX 1000
int export_records(struct ctx *c, const struct export_request *q, export_sink sink, void *data);

/* Notes in the database who took what out (e NULL: everything); before the first byte leaves. */
int export_note(struct ctx *c, const struct entity *e, const char *format, const char *filter,
                int64_t records);
/* {"items", "next"}: the newest first, those before the id `before` (0: all). For administrators. */
int export_log_print(struct ctx *c, int64_t before, int64_t limit, struct buf *out);

#endif
