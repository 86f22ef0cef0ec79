/* Shared by forecast.c, which asks the store, and forecast_print.c, which answers. */
#ifndef KONTOR_CORE_FORECAST_PARTS_H
#define KONTOR_CORE_FORECAST_PARTS_H

#include "base/clock.h"
#include "core/forecast.h"

/* Figures of a cell: won in place of "no forecast", the forecasts by their number, and these. */
enum { FIG_WON = FORECAST_NONE, FIG_WEIGHTED = FORECAST_COUNT, FIG_COUNT };

struct cell {
    int64_t sum[FIG_COUNT], count[FIG_COUNT];
    bool wide; /* a sum fits no 64 bits */
};

/* Cells: one per month, then what lies before, after, and nowhere. */
enum { SLOT_BEFORE, SLOT_AFTER, SLOT_UNDATED, SLOTS_MORE };

struct group {
    int64_t id; /* 0: of nobody, or all */
    struct link_title title;
    struct cell *now, *last;
};

enum by { BY_MONTH, BY_OWNER, BY_TEAM };
extern const char *const BYS[3];

struct outlook {
    struct ctx *c;
    const struct entity *entity;
    const struct pipeline *pipeline; /* NULL: all */
    const struct field *close, *won, *sure, *amount, *group_by;
    const struct expr *filter;
    const struct expr *measures[2];
    size_t measure_count;
    enum by by;
    int from, to; /* months */
    size_t month_count;
    int64_t at_ms, set; /* now, or the moment asked for; 0: the present */
    int64_t week_set;   /* a week before; -1: nothing was there */
    char today[CLOCK_DATE_SIZE], week[CLOCK_DATE_SIZE]; /* the day, and the one a week before */
    struct group total, *groups;
    size_t group_count;
    bool groups_more;
    struct target_book *book;
};


/* One more group of records: not a number is a sum that is too wide, NULL none. */
void cell_add(struct cell *cell, int figure, int64_t count, struct value sum);
/* What a target has to be told for: its person or team, by the group. */
struct target_of outlook_whose(const struct outlook *f, const struct group *g);
/* A target is told to whom it is about, to leads of their teams, and to those who see all. */
bool outlook_tells(const struct outlook *f, struct target_of whom);
void outlook_print(struct outlook *f, struct buf *out);

#endif
