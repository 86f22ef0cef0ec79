/*
 * What is sold: deals of a company with one of its people, their way through the stages, and who
 * else takes part in the larger ones.
 */
#include <inttypes.h>

#include "firm.h"
#include "words.h"

#define UNITS_MAX 1000
#define MANY      6     /* deals of a company, if others are to be had */
#define LARGE     60000 /* euros: several people take part */

/* ---- names ----------------------------------------------------------------------------------- */

const char *deal_name(const struct firm *f, int deal)
{
    static char text[2][160];
    static int turn;
    char *out = text[turn++ & 1];
    const struct deal *d = &f->deals[deal];
    const struct project *p = &PROJECTS[d->project];
    int n = snprintf(out, sizeof text[0], "%s", p->name);
    if (d->units > 0) {
        n += snprintf(out + n, sizeof text[0] - (size_t)n, " %d %s", d->units, p->unit);
    }
    if (d->site != NONE) {
        n += snprintf(out + n, sizeof text[0] - (size_t)n, ", %s", SITES.at[d->site]);
    }
    if (d->number > 0) {
        snprintf(out + n, sizeof text[0] - (size_t)n, " (%d)", d->number);
    }
    return out;
}

static bool *name_slot(struct firm *f, const struct deal *d)
{
    size_t row = (size_t)d->project * UNITS_MAX + (size_t)d->units;
    return &f->names[row * (SITES.count + 1) + (size_t)(d->site + 1)];
}

size_t deal_name_slots(void)
{
    return PROJECT_COUNT * UNITS_MAX * (SITES.count + 1);
}

/* Imports find deals by their names: none comes twice. */
static void name_deal(struct firm *f, int deal, int units)
{
    struct deal *d = &f->deals[deal];
    bool sized = pick(f, 3) > 0;
    d->units = sized ? units : 0;
    d->site = sized ? NONE : pick(f, SITES.count);
    for (size_t i = 0; *name_slot(f, d) && i < SITES.count; i++) {
        d->units = units;
        d->site = (int)(((size_t)deal + i) % SITES.count);
    }
    d->number = *name_slot(f, d) ? deal + 1 : 0;
    *name_slot(f, d) = true;
}

/* ---- deals ----------------------------------------------------------------------------------- */

#define DEAL_HEADER "name,company,person,stage,amount,close_date,source,lost_reason,owner,at"

static const char *const STAGE_IDS[STAGE_COUNT] = {"enquiry",     "qualified", "proposal",
                                                   "negotiation", "won",       "lost"};

static void deal_row(struct firm *f, FILE *out, int i, int64_t at)
{
    const struct deal *d = &f->deals[i];
    static const int CLOSE_DAYS[STAGE_COUNT] = {75, 55, 40, 25, 0, 0};
    int64_t close = (at / DAY + CLOSE_DAYS[d->stage] + (d->open ? i % 15 : 0)) * DAY;
    fprintf(out, "\"%s\",%s,%s,%s,%" PRId64 ",%s,%s,%s,%s,%s\n", deal_name(f, i),
            f->companies[d->company].name, contact_email(f, d->contact), STAGE_IDS[d->stage],
            d->amount, date_text(close), SOURCES.at[(size_t)i % SOURCES.count],
            d->stage == LOST ? LOST_REASONS.at[(size_t)i % LOST_REASONS.count] : "",
            user_name(d->owner), moment_text(at));
}

/* Now and then a customer once more, else any firm, those with many people more often. */
static int some_firm(struct firm *f)
{
    for (int i = 0; i < 8 && f->deal_count > 0 && pick(f, 5) == 0; i++) {
        const struct deal *d = &f->deals[pick(f, (size_t)f->deal_count)];
        if (d->stage == WON) {
            return d->company;
        }
    }
    return pick(f, 2) == 0 ? f->contacts[pick(f, (size_t)f->contact_count)].company
                           : pick(f, (size_t)f->company_count);
}

static int some_company(struct firm *f)
{
    int company = some_firm(f);
    for (int i = 0; i < 20 && f->companies[company].deals >= MANY; i++) {
        company = some_firm(f);
    }
    f->companies[company].deals++;
    return company;
}

/* One of those who talk to us, the first ones somewhat more often. */
static int some_contact(struct firm *f, int company)
{
    int found = f->companies[company].first_contact;
    for (int c = f->contacts[found].next; c != NONE && pick(f, 3) > 0; c = f->contacts[c].next) {
        found = f->contacts[c].quiet ? found : c;
    }
    return found;
}

static int some_project(struct firm *f)
{
    int sum = 0;
    for (size_t i = 0; i < PROJECT_COUNT; i++) {
        sum += PROJECTS[i].often;
    }
    int at = pick(f, (size_t)sum), i = 0;
    while (at >= PROJECTS[i].often) {
        at -= PROJECTS[i++].often;
    }
    return i;
}

static void add_deal(struct firm *f, int i, int64_t at)
{
    struct deal *d = &f->deals[i];
    int company = some_company(f);
    *d = (struct deal){.company = company,
                       .contact = some_contact(f, company),
                       .owner = f->companies[company].owner,
                       .project = some_project(f),
                       .since = at,
                       .changed = at,
                       .open = true};
    const struct project *p = &PROJECTS[d->project];
    int units = p->low + pick_low(f, (size_t)(p->high - p->low));
    int64_t amount = (int64_t)units * p->price * (92 + pick(f, 20)) / 100;
    d->amount = amount > 10000 ? amount / 100 * 100 : amount / 10 * 10;
    name_deal(f, i, units);
}

/* Open deals move on, are won or lost; some amounts change. Old open deals are decided more often,
 * so that few stay open. */
static bool move(struct firm *f, struct deal *d, int64_t now)
{
    int64_t age = (now - d->changed) / DAY;
    if (!d->open || age < 4 || pick(f, 100) >= (age > 40 ? 75 : 48)) {
        return false;
    }
    int luck = pick(f, 100);
    d->stage = luck < 22 ? LOST : d->stage + 1;
    if (luck > 75 && d->stage < WON) {
        d->amount += d->amount * (pick(f, 25) - 8) / 100 / 100 * 100;
    }
    d->open = d->stage < WON;
    return true;
}

static void write_moves(struct firm *f, FILE *out, int before, struct span span)
{
    int64_t moved = 0, open = 0;
    for (int i = 0; i < before; i++) {
        open += f->deals[i].open;
    }
    for (int i = 0; i < before; i++) {
        if (move(f, &f->deals[i], span.from * DAY)) {
            f->deals[i].changed = work_time(span, moved++, open);
            deal_row(f, out, i, f->deals[i].changed);
        }
    }
}

void write_deals(struct firm *f, int until, struct span made, struct span moved)
{
    int first = f->deal_count;
    FILE *out = begin(f, "deal", "name", DEAL_HEADER);
    for (; f->deal_count < until; f->deal_count++) {
        int i = f->deal_count;
        int64_t at = work_time(made, i - first, until - first);
        add_deal(f, i, at);
        deal_row(f, out, i, at);
    }
    write_moves(f, out, first, moved);
    fclose(out);
}

/* ---- participants ---------------------------------------------------------------------------- */

/* Colleagues of the deal's contact, at most three, each in another part. */
static int64_t write_parts(struct firm *f, FILE *out, int deal, int64_t at)
{
    const struct deal *d = &f->deals[deal];
    int part = pick(f, PARTS.count), most = 1 + pick(f, 3);
    for (int c = f->companies[d->company].first_contact; c != NONE && most > 0;
         c = f->contacts[c].next) {
        if (c == d->contact || f->contacts[c].since > d->since || pick(f, 4) == 0) {
            continue;
        }
        fprintf(out, "\"%s\",%s,%s,%s,%s\n", deal_name(f, deal), contact_email(f, c),
                PARTS.at[(size_t)part++ % PARTS.count], date_text(d->since), moment_text(at++));
        most--;
    }
    return at;
}

void write_participants(struct firm *f, int64_t at)
{
    FILE *out = NULL;
    for (; f->joined < f->deal_count; f->joined++) {
        if (f->deals[f->joined].amount < LARGE) {
            continue;
        }
        if (out == NULL) {
            out = begin(f, "deal_contact", "-", "sale,person,role,since,at");
        }
        at = write_parts(f, out, f->joined, at);
    }
    if (out != NULL) {
        fclose(out);
    }
}
