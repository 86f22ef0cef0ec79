/*
 * kontor-sample: writes the CSV files of a sample firm, deterministic for a given size and day.
 *
 *   kontor-sample DIR SIZE TODAY        SIZE small | medium | large, TODAY YYYY-MM-DD
 *
 * The firm has worked for two years. Its history comes in windows (two weeks, or a month or two for
 * the larger sizes): in each, new companies, then their people, new deals and moves of deals,
 * activities, now and then notes, second positions and participants, every row with its moment in
 * the column "at", so that `kontor import --at at` rebuilds the history. DIR/plan lists the imports
 * in order: entity, file, match field (or "-"), and whether rules act. Used by cmd/demo and the benchmark; not part of the
 * product.
 *
 * firm.h has the state and the tools, book.c, sales.c, leads.c and story.c the records, words.c and talks.c
 * the texts.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "firm.h"

static const struct size SIZES[] = {
    {"small", 400, 1500, 600, 4000, 8, 52},
    {"medium", 20000, 60000, 30000, 600000, 60, 24},
    {"large", 100000, 1000000, 60000, 1000000, 60, 12},
};

#define LAST_LEADS 9 /* enquiries of the last days */

/* ---- two years ------------------------------------------------------------------------------- */

static int share(int total, int window, int windows)
{
    return (int)((int64_t)total * (window + 1) / windows);
}

/* Part of a window, in its fourteenths: the days of the shortest window, from Monday on. */
static struct span part(int64_t start, int64_t length, int from, int until)
{
    int days = (int)(length * until / 14 - length * from / 14);
    return (struct span){start + length * from / 14, days};
}

/* The address book grows faster in the beginning. */
static int grown(int total, int window, int windows)
{
    int early = (window + 1) * 4, late = windows * 2 + (window + 1 - windows / 2) * 2;
    return (int)((int64_t)total * (window < windows / 2 ? early : late) / (windows * 3));
}

static void write_window(struct firm *f, int w, int64_t start, int64_t length)
{
    const struct size *s = f->size;
    bool last = w + 1 == s->windows;
    write_companies(f, grown(s->companies, w, s->windows), part(start, length, 0, 1));
    write_contacts(f, grown(s->contacts, w, s->windows), part(start, length, 1, 2));
    write_deals(f, share(s->deals - s->deals / 60, w, s->windows), part(start, length, 2, 4),
                part(start, length, 4, 5));
    int leads = f->lead_count;
    write_leads(f, share(s->deals / 5, w, s->windows), w, part(start, length, 5, 7));
    write_activities(f,
                     share(s->activities, w, s->windows) - share(s->activities, w - 1, s->windows),
                     part(start, length, 7, 10));
    write_answers(f, leads, w, part(start, length, 10, 11).from * DAY + DAY / 2);
    if (w % 2 == 1) {
        int n = share(s->activities, w, s->windows) - share(s->activities, w - 2, s->windows);
        write_notes(f, n / 8, part(start, length, 11, 12));
    }
    int64_t evening = part(start, length, 11, 12).from + length / 14;
    if (w % 4 == 3 || last) {
        write_participants(f, evening * DAY);
    }
    if (w % 8 == 7 || last) {
        write_positions(f, evening * DAY + DAY / 2);
    }
    write_lead_moves(f, leads, w, part(start, length, 13, 14).from * DAY + DAY / 3);
}

/* The days that are left when the windows are over, at least four. */
static void write_last_days(struct firm *f, int64_t from)
{
    int days = (int)(f->today - 1 - from);
    write_deals(f, f->size->deals, (struct span){from, 1}, (struct span){from + 1, 1});
    int leads = f->lead_count;
    write_leads(f, leads + LAST_LEADS, f->size->windows, (struct span){from + 2, 1});
    write_activities(f, f->size->activities * days / 500, (struct span){from + 3, days - 3});
    write_plans(f, (f->today - 1) * DAY + DAY / 2);
    write_answers(f, leads, f->size->windows, (f->today - 1) * DAY + DAY / 2 + DAY / 4);
    write_lead_moves(f, leads, f->size->windows, (f->today - 1) * DAY + DAY / 2 + DAY / 3);
}

/* Full windows from a Monday on, and then the last days up to yesterday. */
static void write_history(struct firm *f)
{
    const struct size *s = f->size;
    int64_t length = 728 / s->windows, first = f->today - 733;
    first -= (first + 3) % 7; /* a Monday */
    write_users(f, (first - 2) * DAY);
    write_products(f, (first - 1) * DAY, 94);
    for (int w = 0; w < s->windows; w++) {
        write_window(f, w, first + w * length, length);
        if (w + 1 == s->windows / 2) {
            write_products(f, (first + (w + 1) * length - 1) * DAY + DAY / 2, 100);
        }
    }
    write_last_days(f, first + length * s->windows);
}

/* ---- arguments ------------------------------------------------------------------------------- */

static void *table(size_t n, size_t size)
{
    void *p = calloc(n, size);
    if (p == NULL) {
        perror("kontor-sample");
        exit(1);
    }
    return p;
}

static int write_firm(struct firm *f)
{
    char plan[4096];
    snprintf(plan, sizeof plan, "%s/plan", f->dir);
    f->plan = fopen(plan, "w");
    if (f->plan == NULL) {
        perror(plan);
        return 1;
    }
    f->companies = table((size_t)f->size->companies, sizeof *f->companies);
    f->contacts = table((size_t)f->size->contacts, sizeof *f->contacts);
    f->deals = table((size_t)f->size->deals, sizeof *f->deals);
    f->leads = table((size_t)f->size->deals / 5 + LAST_LEADS, sizeof *f->leads);
    f->names = table(deal_name_slots(), sizeof *f->names);
    write_history(f);
    free(f->companies);
    free(f->contacts);
    free(f->deals);
    free(f->leads);
    free(f->names);
    return fclose(f->plan) != 0;
}

int main(int argc, char **argv)
{
    struct firm f = {.random = 42};
    int y, m, d;
    for (size_t i = 0; argc == 4 && i < sizeof SIZES / sizeof SIZES[0]; i++) {
        if (strcmp(SIZES[i].name, argv[2]) == 0) {
            f.size = &SIZES[i];
        }
    }
    if (f.size == NULL || sscanf(argv[3], "%d-%d-%d", &y, &m, &d) != 3) {
        fprintf(stderr, "usage: kontor-sample DIR small|medium|large YYYY-MM-DD\n");
        return 2;
    }
    f.dir = argv[1];
    f.today = days_of(y, m, d);
    return write_firm(&f);
}
