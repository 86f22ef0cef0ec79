/*
 * Inside record_print.c, print_plan.c and print_page.c: how the rows of one entity are written for
 * one actor. A plan serves one list and lives in the ctx's arena.
 */
#ifndef KONTOR_CORE_PRINT_PLAN_H
#define KONTOR_CORE_PRINT_PLAN_H

#include "core/parts.h"

enum cell_kind {
    CELL_PLAIN,    /* the type's printer, links with their titles */
    CELL_COMPUTED, /* one value */
    CELL_RECORDS,  /* a list of ids of any records */
    CELL_SILENT    /* read because something else needs it */
};

struct slice { /* one printed record within a text */
    int64_t id;
    size_t start, size;
};

struct expansion { /* linked records that were asked for, of one field */
    const struct field *field;
    struct print_plan *plan; /* of field->to */
    struct buf text;
    struct slice *slices;
    size_t count;
};

struct cell {
    const struct field *field;
    const char *key; /* as it follows another member: ,"name": */
    size_t key_size;
    size_t slot; /* position among the fields read */
    size_t at;   /* its first value in a row */
    enum cell_kind how;
    struct expansion *expand; /* NULL: not asked for */
};

struct step { /* a next step as read for the page */
    int64_t id;
    struct value subject, kind, due[FIELD_MAX_COLUMNS];
};

struct print_plan {
    struct ctx *c;
    const struct entity *entity;
    const char *head; /* between id and version: ,"entity":"…","version": */
    size_t head_size;
    const struct field **fields; /* fields[0] is the title */
    size_t field_count, value_count;
    struct cell *cells; /* for fields[1] and following, in order of printing */
    size_t cell_count;
    const struct expr **extra;
    size_t extra_count;
    int next_at, idle_at; /* first of their expressions in extra; -1: not wanted */
    const struct cell *since, *stage, *pipeline; /* read for idle_days; NULL if absent */
    struct activity_model activity;
    bool defers; /* rows are held until the page is known */

    /* While a list runs: */
    struct json_writer *out;
    size_t rows;
    int64_t as_of, last_version;
    struct slice *marks; /* where each row begins; NULL: nobody asks */
    struct list_row *held;
    size_t held_room;
    struct title_row *titles; /* of all ids in records fields, ordered by id */
    size_t title_count;
    struct step *steps;
    size_t step_count;
};

/* print_page.c */
void page_hold(struct print_plan *p, const struct list_row *row);
int page_complete(struct print_plan *p);
const struct title_row *page_title(const struct print_plan *p, int64_t id); /* NULL when unknown */
const struct slice *page_expanded(const struct expansion *x, int64_t id); /* NULL when not there */
void print_next_step(struct json_writer *w, const struct print_plan *p, const struct list_row *row);
void print_idle_days(struct json_writer *w, const struct print_plan *p, const struct list_row *row);

#endif
