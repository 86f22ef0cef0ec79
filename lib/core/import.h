/*
 * Inside an import: what its files share. import.c takes the file in and answers for the job,
 * import_file.c makes sure it is whole, import_guess.c finds out how it writes numbers and dates,
 * import_map.c decides which column goes where, import_same.c what a row says that its record says already, import_sort.c in which order rows are written,
 * import_depend.c whether that matters, import_dated.c when dated rows may be, import_cell.c reads
 * cells, import_row.c turns a row into a record, import_match.c finds the record a row is about,
 * import_points.c what it keeps of its addresses and numbers, import_calendar.c makes series of what
 * repeats, import_run.c writes slices. See core/transfer.h.
 */
#ifndef KONTOR_CORE_IMPORT_H
#define KONTOR_CORE_IMPORT_H

#include "base/map.h"
#include "base/yaml.h"
#include "core/record.h"
#include "core/transfer.h"
#include "exchange/csv.h"
#include "exchange/name.h"
#include "exchange/number.h"
#include "exchange/table.h"
#include "store/jobs.h"

#define IMPORT_MATCH_MAX   4
#define IMPORT_COLUMNS_MAX 1000
#define IMPORT_MADE_MAX    16 /* kinds of records that links of one file make; of a row, records */

/* Columns of a calendar that are no fields; see import_calendar.c. */
enum import_calendar {
    CALENDAR_NONE,
    CALENDAR_REPEATS,
    CALENDAR_LEFT_OUT,
    CALENDAR_CHANGED,
    CALENDAR_OCCURRENCE,
    CALENDAR_ALARMS,
    CALENDAR_PEOPLE,
    CALENDAR_URL,
    CALENDAR_CATEGORIES,
    IMPORT_CALENDAR_ROLES
};

struct import_column {
    const char *header;
    const struct field *field; /* NULL: the column is left alone */
    const struct entity *to;   /* links: whose record is meant */
    const char *by;            /* key of the target; NULL: any that fits */
    int64_t id;                /* of a link that says it: settles which of several is meant */
    bool create;               /* an unknown target is made */
    bool extra;                /* of the format: see table_column.extra */
    bool left;                 /* one of the format that has no place here: see table_column.extra */
    bool closed;               /* the day the record came to the end of its pipeline */
    bool lenient;              /* what it cannot make out is left empty */
    const char *fallback;      /* what is taken instead; NULL: nothing */
    bool over;                 /* goes before other columns of the field, where it says something */
    bool ref;                  /* links: the id that the target has in the other system */
    bool by_ref;               /* links: another column has the id of the same target */
    bool own_ref;              /* the id that the record itself has there */
    bool split;                /* a whole name, for both fields of it */
    bool note;                 /* becomes a note about the record */
    bool html;                 /* other programs keep such texts in HTML: plain lines are made of it */
    bool deleted;              /* says yes of rows that were deleted where they come from */
    enum import_calendar calendar; /* what of a calendar it holds that is no field */
    const struct entity *part; /* whose column it is, by a mapping */
    const char *join;          /* several columns fill one field, with this between them */
    const char *label;         /* of addresses and numbers: what they are */
    const char *label_in;      /* header of the column that says so */
    const char *opt_out_in;    /* header of the column that says they are not to be used */
    const char *address;       /* of addresses: the part of one that the column holds */
    struct map values;         /* folded cell → text to take instead */
    const struct import_column *currency; /* money: the column with its code; NULL: none */
    const char *currency_code;            /* money: one code for the whole file; NULL: none */
    char decimal;              /* '.' or ',' if it was said or the file gives it away, else 0 */
    enum date_order order;
};

struct import_constant {
    const struct field *field;
    const char *text;
};

struct import_plan {
    const struct entity *entity;
    struct import_column *columns;
    size_t column_count;
    const struct field *match[IMPORT_MATCH_MAX];
    size_t match_count;
    bool match_id; /* by the column "id" */
    bool own;      /* an export of Kontor: the same id and created_at are the same record */
    size_t id_column, made_column;
    struct import_constant *constants;
    size_t constant_count;
    int at; /* column that dates the rows, -1 if none */
    bool create_links;
    bool clear;      /* empty cells empty what is there */
    const char *system;  /* whose ids those are; NULL: none are kept */
    struct import_plan *parts; /* other records a row makes, in the order they are written */
    size_t part_count;
    bool part;           /* it is one of those: `match` are the fields of its title */
    const struct field *help; /* a part: addresses or numbers that tell those of one name apart, and
                                 find it where no name is told; NULL: none */
    bool before;         /* a part: the main record links to it */
    bool notes;          /* some column becomes a note */
    bool calendar;       /* some column is one of a calendar */
    bool self_links; /* some column links to the entity itself */
};

/* What the cells of a column give away. */
struct import_votes {
    size_t point, comma;           /* read only with this as decimal sign */
    size_t ymd, dmy, mdy, dotted;  /* dates; dotted: 21.11.2026 */
    struct import_unclear {
        size_t count, broken; /* "1.500": thousand or decimal; broken: not whole as a decimal */
        const char *text;     /* the first */
        uint64_t line; /* its place */
    } unclear[2]; /* by point, by comma */
};

/* How the file is written; kept with the job. */
struct import_file {
    enum table_format kind;    /* NONE: taken in by a program that knew CSV only */
    struct csv_format format; /* of a CSV */
    const char *sheet;        /* of a workbook, else NULL */
    const char **sheets;      /* all it has */
    size_t sheet_count;
    uint64_t data_offset, data_line; /* of the first row, in the file of rows */
    uint64_t size, rows;
    bool marked; /* came from a spreadsheet that tells encodings by a mark, or in an old encoding */
    const char *encoding;  /* its name */
    char decimal;          /* of all amounts and numbers with a sign; 0: none has one */
    enum date_order order; /* of all dates, in the same way */
    const char **header;
    size_t header_count;
    bool *extra;           /* by column: as in table_column */
    bool *left;            /* by column: extra, and there is no place for it */
    char *decimals;        /* by column */
    unsigned char *orders; /* by column */
    struct import_votes *votes; /* by column; kept for drafts */
    struct table_note *notes;   /* what of the file comes in otherwise, or not at all */
    size_t note_count;
};

/* One row, cells copied. */
struct import_row {
    const char **cells;
    size_t count;
    uint64_t offset, next_offset, next_line; /* in the file of rows */
    uint64_t line; /* its place in the file that came: see import_where */
    int64_t at_ms;
    struct import_picture *pictures; /* of its cells, once they were taken; NULL: none */
};

/* import_file.c */
char *import_path(struct ctx *c, int64_t job, const char *suffix);
/* Turns the raw spool into rows, whatever its format, and checks that every one can be read; fills
 * out. The raw file stays: it bears the lock of who sends it. */
int import_file_check(struct ctx *c, int64_t job, const struct import_request *q,
                      struct import_file *out);
/* A place of the file, for messages: see table_where. */
const char *import_where(struct ctx *c, const struct import_file *f, const char *name,
                         uint64_t place);
void import_file_print(const struct import_file *f, struct json_writer *w);
void import_file_print_notes(const struct import_file *f, struct json_writer *w);
void import_file_print_sheets(const struct import_file *f, struct json_writer *w);
int import_file_parse(struct ctx *c, const struct json *j, struct import_file *out);

struct import_reader; /* reads rows in file order or by a list of offsets */
struct import_reader *import_reader_open(struct ctx *c, int64_t job, const struct import_file *f);
void import_reader_close(struct import_reader *r);
/* 1 a row, 0 the end, -1 error. */
int import_reader_at(struct import_reader *r, struct ctx *c, uint64_t offset, uint64_t line,
                     struct import_row *out);
int import_reader_next(struct import_reader *r, struct ctx *c, struct import_row *out);

/* The file came out of an import: rows it rejected, corrected since. */
bool import_file_is_rejects(const struct import_file *f);
/* import_guess.c. */
#define IMPORT_DECIMALS_DIFFER '~' /* import_file.decimal: not the same everywhere */
void import_vote(struct ctx *c, struct import_votes *v, const struct table_cell *cell,
                 uint64_t line);
/* What a column gives away of itself. */
void import_take_votes(struct ctx *c, struct import_file *f);
/* The rest of the file decides for columns like "1.500"; an item for each that stays unclear. */
int import_decide(struct ctx *c, const char *name, struct import_file *f, struct import_plan *plan);
/* "unclear": the columns of a draft that would be refused for it, with how their numbers read either
 * way: [{"column", "text", "comma", "point"}]. */
void import_print_unclear(struct ctx *c, const struct import_request *q,
                          const struct import_file *f, struct json_writer *w);
void import_votes_print(const struct import_votes *v, struct json_writer *w);
void import_votes_parse(const struct json *j, struct import_votes *out); /* j NULL: none */
/* How the file was read, for people. */
void import_file_print_found(const struct import_file *f, struct json_writer *w);
/* "comma" or "point" as ',' and '.'; else 0. */
char import_decimal_said(const char *text);

/* import_map.c: header plus mapping → plan; every problem as an item of c->err. */
/* The actor may write notes, and there are such records. */
bool import_may_note(struct ctx *c);
/* The field that a column is called like; NULL: none the actor may see. */
const struct field *import_field_of(struct ctx *c, const struct entity *e, const char *header);
/* "company.city" or "Company · City": what a list shows of a linked record. Files that lists were
 * exported to have it beside the data; it is not imported. */
bool import_is_linked(struct ctx *c, const struct entity *e, const char *header);
#define IMPORT_LINKED_SIGN " · "
int import_plan_make(struct ctx *c, const struct import_request *q, const struct import_file *f,
                     struct import_plan *out);

/* The field takes values from outside; the actor may set it. */
bool import_fills(const struct ctx *c, const struct field *f);
bool import_may_fill(const struct ctx *c, const struct field *f);
/* The `header` of a mapping names exactly the file's columns, in any order. */
bool import_header_is(struct ctx *c, const struct yaml *map, const struct import_file *f);

/* import_suggest.c: where the columns of a file probably go. */
struct import_suggestion {
    const struct entity *entity;
    const char *source; /* "recipe", "config", "shape", "names" */
    const char *name;   /* of the recipe, mapping file or shape; NULL: by names */
    int64_t user;       /* whose recipe it is */
    const char *map;    /* a mapping as JSON, which is YAML too */
    const char **how;   /* by column: "exact", "guess" or "none" */
};
/* What the program is called that the file comes from; NULL: the mapping does not say. */
const char *import_program(struct ctx *c, const struct import_request *q);
const char *import_yaml_json(struct ctx *c, const struct yaml *y);
/* The text of a mapping as JSON; NULL: it is none. */
const char *import_map_json(struct ctx *c, const char *yaml);
/* e NULL: the file decides. samples: by column, a few of its texts, or NULL. */
int import_suggest(struct ctx *c, const struct entity *e, const struct import_file *f,
                   const char *const *const *samples, struct import_suggestion *out);

/* import_cell.c: what people write as the type of the field reads it; text it cannot make out stays,
 * for the type to refuse. */
const char *import_cell_plain(struct ctx *c, const struct import_column *column, const char *text);
/* Where a time is wanted at which work was done: "Yes", "Done" or "To do" instead. */
bool import_cell_done(struct ctx *c, const struct import_column *column, const char *text,
                      bool *done);
/* A list or object as JSON, of a field that has one; NULL: the text is text. */
const struct json *import_cell_json(struct ctx *c, const struct field *f, const char *text);
/* What import_cell_plain gave, or JSON, as values; e has no place. */
int import_cell_parse(struct ctx *c, const struct import_column *column, const char *text,
                      struct parsed *out, struct err *e);
/* A link as JSON becomes the text to look for; sets by and id of the column. */
const char *import_cell_link(struct ctx *c, struct import_column *column, const char *text);
/* A list of records as JSON becomes the text of records_cell.c. */
const char *import_cell_records(struct ctx *c, const struct field *f, const char *text);
/* "1.234,56 €" → "1234.56 EUR" (a number that is no money: without); `base` settles what "$" or
 * "kr" is. */
const char *import_cell_amount(struct ctx *c, const struct import_column *column, const char *text,
                               const char *base);
/* import_row.c. */
enum row_result {
    ROW_NONE,
    ROW_CREATED,
    ROW_UPDATED,
    ROW_UNCHANGED,
    ROW_DEFERRED,
    ROW_REJECTED,
    ROW_LEFT_OUT /* it was deleted where it comes from */
};
struct import_done { /* a record the row made or found */
    const struct entity *entity;
    int64_t id;
};
struct import_shown { /* the same, to be shown: as it was and as it is */
    const struct entity *entity;
    enum row_result result;
    const struct record *before; /* NULL: a new one */
    const struct field_set *set;
    const struct record *made; /* the new one with what it holds by itself; NULL: not told */
    const struct import_plan *plan; /* whose columns it has, NULL: made for a link */
    const struct field *via; /* it was made for this link; NULL: it is of the row itself */
    bool main;
    struct import_shown *next;
};
struct import_shown_list {
    const struct import_plan *main;
    struct import_shown *first, *last;
};
enum import_showing { SHOW_NONE, SHOW_UPDATE /* only if it changes something */, SHOW_ROW };
/* A cell that names nothing known and is left empty for it, as the mapping says. */
struct import_lost {
    const struct field *field;
    const char *column, *text;
    bool several; /* it names more than one record */
    struct import_lost *next;
};

struct row_run {
    const struct import_plan *plan;
    const struct import_row *row;
    const struct record *before; /* found by its id, before its cells are read; NULL: none */
    bool defer;        /* unresolved links to the entity itself may still come */
    struct map *links; /* "column\ntext" → found id, for the slice */
    struct map *similar; /* the same → what may have been meant, or NULL */
    enum row_result result;
    bool keyless; /* the row says nothing of a field that records are matched by */
    bool again; /* it was matched with a record that an earlier row of the file made */
    int64_t *first_made; /* of the import, kept over slices; 0: nothing made yet */
    bool closed; /* a new record that is won or lost, and nothing says when: it counts as of now */
    const struct entity *made[IMPORT_MADE_MAX]; /* a record of this kind for a link */
    size_t made_count;
    size_t occurrences; /* of a series, beside the record of the row */
    struct import_done *done;   /* the records of this row so far */
    size_t done_count;
    const char *column, *value; /* of the first problem, when it fails */
    struct import_lost **lost; /* of all records of the row, last first */
    enum import_showing show; /* whether what it does is to be shown */
    struct import_shown_list *list; /* what it did so far; NULL: it is not shown */
    const char *shown; /* out: JSON, import_preview.c; NULL: nothing */
};
int import_row_write(struct ctx *c, void *row_run); /* for ctx_try */
/* One record of the row, by run->plan; *id 0: it is deferred. */
int import_record_write(struct ctx *c, struct row_run *run, int64_t *id);
/* The text of a cell, without what a spreadsheet put before it, with the mapping's `values`. */
const char *import_cell_text(struct ctx *c, const struct import_column *column,
                             const struct import_row *row, size_t i);
/* import_parts.c: the records that come before the main one, and after it with its notes. */
#define IMPORT_PARTS_MAX 8
int import_parts_before(struct ctx *c, struct row_run *run);
int import_parts_after(struct ctx *c, struct row_run *run);
/* Links to the other records of the row, where no column says otherwise. */
void import_parts_link(struct ctx *c, const struct row_run *run, struct field_set *set);
/* import_picture.c: pictures in cells of fields of type file. */
bool import_is_picture(const struct ctx *c, const struct field *f, const char *text);
const char *import_picture_words(struct ctx *c, const char *text); /* "image/jpeg, 34 KB" */
/* Before the write: the bytes of all rows are put in place; of a trial they are only looked at. */
int import_pictures_take(struct ctx *c, const struct import_plan *p, bool trial,
                         struct import_row *rows, size_t count);
/* Those of one record, which is there; before NULL: a new one. What it gets goes to `shown` too. */
int import_pictures_write(struct ctx *c, struct row_run *run, int64_t id,
                          const struct record *before, struct field_set *shown, bool *changed);
#define IMPORT_LEFT_EMPTY 2 /* of what finds the target of a link: nothing, and that is no fault */
#define IMPORT_LEFT_SEVERAL 3 /* the same, for there are several */
/* import_refs.c: the record by the id it has elsewhere; *id 0: none. */
int import_ref_find(struct ctx *c, const struct row_run *run, int64_t *id);
/* The record is known there by another id than the row's: it is not the one the row means. */
int import_ref_other(struct ctx *c, const struct row_run *run, int64_t id, bool *other);
int import_ref_target(struct ctx *c, const struct row_run *run, const struct import_column *column,
                      const char *text, int64_t *id);
/* The record is known by the row's ids from now on. */
int import_ref_keep(struct ctx *c, const struct row_run *run, int64_t id,
                    const struct field_set *set);
/* Of several ids in one cell the first is the link; the others become records of the kind that joins
 * both, where there is one: participants of a deal. */
int import_refs_others(struct ctx *c, struct row_run *run, int64_t id);
/* The id the row has there, as it is kept; NULL: none. The record of another kind by such an id. */
const char *import_ref_own(struct ctx *c, const struct row_run *run);
int import_ref_known(struct ctx *c, const char *system, const struct entity *e, const char *key,
                     int64_t *id);
/* import_calendar.c: a column of this name in a calendar. */
enum import_calendar import_calendar_role(const char *header);
/* It says how things repeat or which one it is: nothing for people to choose a field for. */
bool import_calendar_is_inner(const char *header);
/* People, alarms and what has no field. */
int import_calendar_fill(struct ctx *c, struct row_run *run, struct field_set *set);
/* The activity a changed time of a series is, where no id tells (*id 0); a new one gets its place. */
int import_calendar_find(struct ctx *c, struct row_run *run, struct field_set *set, int64_t *id);
/* *taken: the row is a series, which is written; *id: an activity of it, 0: all of it is over. */
int import_calendar_write(struct ctx *c, struct row_run *run, struct field_set *set, bool *taken,
                          int64_t *id);
/* import_gather.c. */
/* What the columns of the field of this one say; NULL: nothing, or an earlier column said it. */
const char *import_row_gather(struct ctx *c, const struct import_plan *p,
                              const struct import_row *row, size_t index);
/* A whole name, see name.h; false: none, or its parts have columns of their own. */
bool import_row_name(struct ctx *c, const struct import_plan *p, const struct import_row *row,
                     size_t index, struct name *out);
/* What the columns of a field say in this row; NULL: none does. */
const char *import_row_text(struct ctx *c, const struct import_plan *p,
                            const struct import_row *row, const struct field *f);
/* The same as values (not of links); false: none, or the row will be rejected for it. */
bool import_row_value(struct ctx *c, const struct import_plan *p, const struct import_row *row,
                      const struct field *f, struct parsed *out);

/* The first value of a field that the row sets; NULL: it sets none. */
struct value *import_value_of(const struct import_plan *p, const struct field *f,
                              const struct field_set *set);
/* import_same.c: does the cell say what the record says already, in the words of an export? Such a cell
 * is left alone, even where its words would be unclear: two companies of one name, a list without its
 * labels. */
int import_cell_same(struct ctx *c, const struct record *before, const struct field *f,
                     const char *text, bool *same);
/* import_match.c. *id 0: no record matches; several: an item and -1. */
int import_match_find(struct ctx *c, const struct row_run *run, const struct field_set *set,
                      int64_t *id);
/* The row gives what records are matched by: all of it, of a part one of its ways. */
bool import_match_can(const struct row_run *run, const struct field_set *set);
/* A matched record keeps what import_points_join says. A name it was matched by keeps its spelling,
 * unless the record was found by its foreign id. */
void import_match_merge(struct ctx *c, const struct row_run *run, const struct record *before,
                        bool by_ref, struct field_set *set);
/* The normal forms of the addresses or numbers in a value. */
size_t import_match_normal(struct ctx *c, const struct field *f, struct value list,
                           const char ***out);

/* import_points.c: numbers and addresses that the record has already keep what the row does not tell of
 * them: label, marks, which is the primary one. `all`: those the row does not name stay beside them.
 * Does nothing to other fields, and to those the row does not set. */
void import_points_join(struct ctx *c, const struct row_run *run, const struct record *before,
                        const struct field *f, bool all, struct field_set *set);

/* import_preview.c: a row as it turned out, a line of JSON in the arena. */
/* Notes a record for it, if the row is to be shown; `shown` is copied. */
void import_show(struct ctx *c, const struct row_run *run, struct import_shown shown);
const char *import_show_row(struct ctx *c, const struct row_run *run);
const char *import_show_reject(struct ctx *c, const struct row_run *run);
/* The same for one that is left out. */
const char *import_show_left_out(struct ctx *c, const struct row_run *run);
/* The column of the row that a problem is about, "entity.field": of the main record or another one.
 * -1: of none. */
int import_column_of(const struct row_run *run, const char *where);

/* import_depend.c: may rows be written in another order than that of the file? First what mapping
 * and model tell, then what the rows do: two of them meet in a value or record. */
bool import_may_sort(const struct model *m, const struct import_plan *p);
struct import_marks {
    struct buf list;
    bool full;
};
void import_marks_add(struct ctx *c, struct import_marks *m, const struct import_plan *p,
                      const struct import_row *row);
bool import_marks_meet(struct ctx *c, struct import_marks *m, const struct import_plan *p);

#endif
