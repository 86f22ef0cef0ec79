/*
 * kontor-sample: writes the CSV files of a sample firm, deterministic for a given size and day.
 *
 *   kontor-sample DIR SIZE TODAY        SIZE small | medium | large, TODAY YYYY-MM-DD
 *
 * The firm has worked for two years. Its history comes in windows (a week, or a month for the
 * larger sizes): in each, new companies, then their people, new deals, moves of deals, activities
 * and notes, every row with its moment in the column "at", so that `kontor import --at at` rebuilds
 * the history. DIR/plan lists the imports in order: entity, file, match field (or "-"). Used by
 * cmd/demo and the benchmark; not part of the product.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "words.h"

#define DAY    86400
#define STAGES 6

struct size {
    const char *name;
    int companies, contacts, deals, activities, users, windows;
};

static const struct size SIZES[] = {
    {"small", 400, 1500, 600, 4000, 8, 52},
    {"medium", 20000, 60000, 30000, 600000, 60, 24},
    {"large", 100000, 1000000, 60000, 1000000, 60, 12},
};

struct deal {
    int company, contact, owner, stage, project;
    int64_t amount, changed; /* seconds */
    bool open;
};

struct company {
    int owner, place;
    char name[72];
};

struct firm {
    const struct size *size;
    const char *dir;
    FILE *plan;
    int64_t today; /* seconds of its midnight, UTC */
    uint64_t random;
    struct company *companies;
    int *contact_company;
    struct deal *deals;
    int company_count, contact_count, deal_count;
};

/* splitmix64 (public domain algorithm of S. Vigna): the same numbers on every machine. */
static uint64_t next_random(struct firm *f)
{
    uint64_t z = (f->random += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static int pick(struct firm *f, size_t n)
{
    return n > 0 ? (int)(next_random(f) % n) : 0;
}

static const char *word(struct firm *f, const struct words *list)
{
    return list->at[pick(f, list->count)];
}

/* ---- dates and files ------------------------------------------------------------------------- */

static int64_t days_of(int y, int m, int d)
{
    y -= m <= 2;
    int64_t era = y / 400, yoe = y - era * 400,
            doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static const char *date_text(int64_t seconds, bool with_time)
{
    static char text[4][96];
    static int turn;
    char *out = text[turn++ & 3];
    int64_t z = seconds / DAY + 719468, era = z / 146097, doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365,
            doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153, day = doy - (153 * mp + 2) / 5 + 1,
            month = mp < 10 ? mp + 3 : mp - 9;
    int64_t year = yoe + era * 400 + (month <= 2), s = seconds % DAY;
    if (with_time) {
        snprintf(out, 96,
                 "%04" PRId64 "-%02" PRId64 "-%02" PRId64 "T%02" PRId64 ":%02" PRId64 ":%02" PRId64
                 "Z",
                 year, month, day, s / 3600, s / 60 % 60, s % 60);
    } else {
        snprintf(out, 96, "%04" PRId64 "-%02" PRId64 "-%02" PRId64, year, month, day);
    }
    return out;
}

static FILE *begin(struct firm *f, const char *entity, int window, const char *match,
                   const char *header)
{
    char path[4096];
    static int number;
    snprintf(path, sizeof path, "%s/%05d-%s-%02d.csv", f->dir, ++number, entity, window);
    FILE *out = fopen(path, "w");
    if (out == NULL) {
        perror(path);
        exit(1);
    }
    fprintf(out, "%s\n", header);
    fprintf(f->plan, "%s\t%s\t%s\n", entity, path, match);
    return out;
}

/* ---- who ------------------------------------------------------------------------------------- */

static const char *const ROLES[] = {"admin", "lead",   "member", "member",
                                    "lead",  "member", "member", "reader"};

static const char *user_name(int user)
{
    static char text[96];
    size_t n = FIRST_NAMES.count;
    snprintf(text, sizeof text, "%s %s", FIRST_NAMES.at[(size_t)(user * 7 + 3) % n],
             LAST_NAMES.at[(size_t)(user * 5 + 1 + user / (int)n) % LAST_NAMES.count]);
    return text;
}

/* How people write the letters of our names in an address. */
static const char *const PLAIN[][2] = {{"ä", "ae"}, {"ö", "oe"}, {"ü", "ue"}, {"ß", "ss"},
                                       {"ø", "oe"}, {"á", "a"},  {"é", "e"},  {"è", "e"},
                                       {"É", "e"},  {NULL, NULL}};

static const char *const *plain_row(const char *p)
{
    size_t i = 0;
    while (PLAIN[i][0] != NULL && strncmp(p, PLAIN[i][0], strlen(PLAIN[i][0])) != 0) {
        i++;
    }
    return PLAIN[i][0] != NULL ? PLAIN[i] : NULL;
}

/* Lower-case ASCII for addresses: "Jörg Groß" is "joerg.gross". */
static const char *plain(const char *name)
{
    static char text[2][96];
    static int turn;
    char *out = text[turn++ & 1];
    size_t n = 0;
    for (const char *p = name; *p != 0 && n < 90; p++) {
        const char *const *row = plain_row(p);
        if (row != NULL) {
            n += (size_t)snprintf(out + n, 96 - n, "%s", row[1]);
            p += strlen(row[0]) - 1;
        } else if (*p >= 'A' && *p <= 'Z') {
            out[n++] = (char)(*p + 32);
        } else if ((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9')) {
            out[n++] = *p;
        } else if (*p == ' ') {
            out[n++] = '.';
        } else {
            fprintf(stderr, "kontor-sample: no plain letter for %s\n", p);
            exit(1);
        }
    }
    out[n] = 0;
    return out;
}

static void write_users(struct firm *f, int64_t at)
{
    FILE *out = begin(f, "team", 0, "name", "name,at");
    fprintf(out, "North,%s\nSouth,%s\n", date_text(at, true), date_text(at, true));
    fclose(out);
    out = begin(f, "user", 0, "email", "name,email,role,team,active,at");
    for (int i = 0; i < f->size->users; i++) {
        fprintf(out, "%s,user%d@sample.example,%s,%s,yes,%s\n", user_name(i), i + 1, ROLES[i % 8],
                i % 8 < 4 ? "North" : "South", date_text(at + 1 + i, true));
    }
    fclose(out);
}

static int some_seller(struct firm *f)
{
    int user = pick(f, (size_t)f->size->users);
    return user % 8 == 7 ? user - 1 : user; /* readers own nothing */
}

/* ---- what ------------------------------------------------------------------------------------ */

static void write_companies(struct firm *f, int window, int until, int64_t from, int64_t span)
{
    int first = f->company_count;
    if (first >= until) {
        return;
    }
    FILE *out = begin(f, "company", window, "name",
                      "name,website,industry,employees,city,country,phones,emails,owner,at");
    for (; f->company_count < until; f->company_count++) {
        int i = f->company_count;
        struct company *c = &f->companies[i];
        int n = i / (int)FIRM_NAMES.count;
        c->owner = some_seller(f);
        c->place = pick(f, PLACE_COUNT);
        const char *kind = FIRM_KINDS.at[(size_t)n % FIRM_KINDS.count];
        int generation = n / (int)FIRM_KINDS.count;
        if (generation == 0) {
            snprintf(c->name, sizeof c->name, "%s %s %s",
                     FIRM_NAMES.at[(size_t)i % FIRM_NAMES.count], kind, word(f, &FIRM_FORMS));
        } else {
            snprintf(c->name, sizeof c->name, "%s %s %d %s",
                     FIRM_NAMES.at[(size_t)i % FIRM_NAMES.count], kind, generation + 1,
                     word(f, &FIRM_FORMS));
        }
        fprintf(out,
                "%s,https://www.firm%d.example,%s,%d,%s,%s,+49 40 %d,info@firm%d.example,%s,%s\n",
                c->name, i + 1, word(f, &INDUSTRIES), 2 + pick(f, 400), PLACES[c->place].city,
                PLACES[c->place].country, 2000000 + i, i + 1, user_name(c->owner),
                date_text(from + span * (i - first) / (until - first), true));
    }
    fclose(out);
}

static void write_contacts(struct firm *f, int window, int until, int64_t from, int64_t span)
{
    int first = f->contact_count;
    if (first >= until) {
        return;
    }
    FILE *out = begin(
        f, "contact", window, "emails",
        "first_name,last_name,job_title,company,emails,phones,city,country,birthday,owner,at");
    for (; f->contact_count < until; f->contact_count++) {
        int i = f->contact_count, k = f->contact_company[i] = pick(f, (size_t)f->company_count);
        const char *given = word(f, &FIRST_NAMES), *family = word(f, &LAST_NAMES);
        const struct company *c = &f->companies[k];
        fprintf(out, "%s,%s,%s,%s,%s.%s%d@firm%d.example,+49 170 %d,%s,%s,%s,%s,%s\n", given,
                family, word(f, &JOBS), c->name, plain(given), plain(family), i + 1, k + 1,
                1000000 + i, PLACES[c->place].city, PLACES[c->place].country,
                pick(f, 3) == 0
                    ? date_text(((int64_t)pick(f, 14000) - 4000) * DAY + 4000LL * DAY, false)
                    : "",
                user_name(c->owner), date_text(from + span * (i - first) / (until - first), true));
    }
    fclose(out);
}

static const char *const STAGE_IDS[STAGES] = {"enquiry",     "qualified", "proposal",
                                              "negotiation", "won",       "lost"};

static void deal_row(struct firm *f, FILE *out, int i, int64_t at)
{
    const struct deal *d = &f->deals[i];
    static const int CLOSE_DAYS[STAGES] = {80, 60, 40, 20, 0, 0};
    int64_t close = (at / DAY + CLOSE_DAYS[d->stage] + i % 9) * DAY;
    fprintf(out, "%s %d,%s,%s,%" PRId64 ",%s,%s,%s,%s,%s\n", PROJECTS.at[d->project], i + 1,
            f->companies[d->company].name, STAGE_IDS[d->stage], d->amount, date_text(close, false),
            SOURCES.at[(size_t)i % SOURCES.count],
            d->stage == 5 ? LOST_REASONS.at[(size_t)i % LOST_REASONS.count] : "",
            user_name(d->owner), date_text(at, true));
}

#define DEAL_HEADER "name,company,stage,amount,close_date,source,lost_reason,owner,at"

static void write_deals(struct firm *f, int window, int until, int64_t from, int64_t span)
{
    int first = f->deal_count;
    if (first >= until || f->company_count == 0) {
        return;
    }
    FILE *out = begin(f, "deal", window, "name", DEAL_HEADER);
    for (; f->deal_count < until; f->deal_count++) {
        int i = f->deal_count, k = pick(f, (size_t)f->company_count);
        int64_t at = from + span * (i - first) / (until - first);
        f->deals[i] =
            (struct deal){.company = k,
                          .owner = f->companies[k].owner,
                          .project = pick(f, PROJECTS.count),
                          .amount = (int64_t)(8 + pick(f, 60) + (pick(f, 10) == 0 ? 150 : 0)) * 500,
                          .changed = at,
                          .open = true};
        deal_row(f, out, i, at);
    }
    fclose(out);
}

/* Open deals move on, are won or lost; some amounts change. Old open deals are decided more often,
 * so that few stay open. */
static void write_moves(struct firm *f, int window, int64_t from, int64_t span)
{
    FILE *out = NULL;
    int moved = 0, open = 0;
    for (int i = 0; i < f->deal_count; i++) {
        open += f->deals[i].open;
    }
    for (int i = 0; i < f->deal_count; i++) {
        struct deal *d = &f->deals[i];
        int64_t age = (from - d->changed) / DAY;
        if (!d->open || age < 4 || pick(f, 100) >= (age > 45 ? 55 : 22)) {
            continue;
        }
        int luck = pick(f, 100);
        if (luck < 24) {
            d->stage = 5;
        } else {
            d->stage = d->stage < 4 ? d->stage + 1 : 4;
        }
        if (luck > 80) {
            d->amount += 500 * (1 + pick(f, 8));
        }
        d->open = d->stage < 4;
        if (out == NULL) {
            out = begin(f, "deal", window, "name", DEAL_HEADER);
        }
        d->changed = from + span * moved++ / (open + 1);
        deal_row(f, out, i, d->changed);
    }
    if (out != NULL) {
        fclose(out);
    }
}

static void activity_row(struct firm *f, FILE *out, int64_t at, bool done, int64_t due)
{
    static const char *const KINDS[] = {"call", "call", "meeting", "task", "task", "email"};
    const char *kind = KINDS[pick(f, 6)];
    const struct words *subjects = kind[0] == 'c' ? &CALLS : kind[0] == 'm' ? &MEETINGS : &TASKS;
    bool on_deal = f->deal_count > 0 && pick(f, 3) != 0;
    int deal =
        on_deal ? f->deal_count - 1 - pick(f, (size_t)(f->deal_count < 400 ? f->deal_count : 400))
                : 0;
    int company = on_deal ? f->deals[deal].company : pick(f, (size_t)f->company_count);
    char name[96] = "";
    if (on_deal) {
        snprintf(name, sizeof name, "%s %d", PROJECTS.at[f->deals[deal].project], deal + 1);
    }
    fprintf(out, "%s,%s,%s,%s,\"%s\",%s,%s,%s,%s\n", kind, word(f, subjects), date_text(due, true),
            done ? date_text(at, true) : "", done ? word(f, &OUTCOMES) : "", name,
            f->companies[company].name, user_name(f->companies[company].owner),
            date_text(at, true));
}

#define ACTIVITY_HEADER "kind,subject,due,done_at,outcome,deal,company,owner,at"

static void write_activities(struct firm *f, int window, int n, int64_t from, int64_t span)
{
    FILE *out = begin(f, "activity", window, "-", ACTIVITY_HEADER);
    for (int i = 0; i < n; i++) {
        int64_t at = from + span * i / n;
        activity_row(f, out, at, true, at - pick(f, 3) * DAY);
    }
    fclose(out);
    out = begin(f, "note", window, "-", "text,company,owner,at");
    for (int i = 0; i < n / 20 + 1; i++) {
        int company = pick(f, (size_t)f->company_count);
        fprintf(out, "\"%s\",%s,%s,%s\n", word(f, &NOTES), f->companies[company].name,
                user_name(f->companies[company].owner), date_text(from + span + i, true));
    }
    fclose(out);
}

/* What is planned: for two thirds of the open deals, some of it overdue, some for today. */
static void write_plans(struct firm *f, int64_t at)
{
    FILE *out = begin(f, "activity", 99, "-", ACTIVITY_HEADER);
    int64_t n = 0;
    for (int i = 0; i < f->deal_count; i++) {
        if (!f->deals[i].open || i % 3 == 0) {
            continue;
        }
        const struct deal *d = &f->deals[i];
        int64_t due = f->today + (int64_t)(pick(f, 24) - 5) * DAY + (8 + pick(f, 9)) * 3600;
        fprintf(out, "%s,%s,%s,,,%s %d,%s,%s,%s\n", i % 2 == 0 ? "call" : "task",
                word(f, i % 2 == 0 ? &CALLS : &TASKS), date_text(due, true),
                PROJECTS.at[d->project], i + 1, f->companies[d->company].name, user_name(d->owner),
                date_text(at + n++, true));
    }
    fclose(out);
}

/* ---- two years ------------------------------------------------------------------------------- */

static int share(int total, int window, int windows)
{
    return (int)((int64_t)total * (window + 1) / windows);
}

static void write_history(struct firm *f)
{
    const struct size *s = f->size;
    int64_t begin_at = f->today - 730 * DAY, length = 729 * DAY / s->windows, seen = 0;
    write_users(f, begin_at - DAY);
    for (int w = 0; w < s->windows; w++) {
        int64_t at = begin_at + w * length + 8 * 3600, part = length / 8;
        /* The address book grows faster in the beginning. */
        int grown =
            w < s->windows / 2 ? (w + 1) * 4 : s->windows * 2 + (w + 1 - s->windows / 2) * 2;
        write_companies(f, w, (int)((int64_t)s->companies * grown / (s->windows * 3)), at, part);
        write_contacts(f, w, (int)((int64_t)s->contacts * grown / (s->windows * 3)), at + part,
                       part);
        write_deals(f, w, share(s->deals, w, s->windows), at + 2 * part, part);
        write_moves(f, w, at + 3 * part, part);
        int n = share(s->activities, w, s->windows) - (int)seen;
        write_activities(f, w, n, at + 4 * part, 2 * part);
        seen += n;
    }
    write_companies(f, s->windows, s->companies, f->today - DAY + 3600, 600);
    write_contacts(f, s->windows, s->contacts, f->today - DAY + 7200, 600);
    write_plans(f, f->today - DAY + 10800);
}

static void *table(size_t n, size_t size)
{
    void *p = calloc(n, size);
    if (p == NULL) {
        perror("kontor-sample");
        exit(1);
    }
    return p;
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
    char plan[4096];
    f.dir = argv[1];
    f.today = days_of(y, m, d) * DAY;
    snprintf(plan, sizeof plan, "%s/plan", f.dir);
    f.plan = fopen(plan, "w");
    if (f.plan == NULL) {
        perror(plan);
        return 1;
    }
    f.companies = table((size_t)f.size->companies, sizeof *f.companies);
    f.contact_company = table((size_t)f.size->contacts, sizeof *f.contact_company);
    f.deals = table((size_t)f.size->deals, sizeof *f.deals);
    write_history(&f);
    free(f.companies);
    free(f.contact_company);
    free(f.deals);
    return fclose(f.plan) != 0;
}
