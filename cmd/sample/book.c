/*
 * The address book: users, products, companies, contacts. Every company has contacts from its first
 * days on; some people are quiet, a few have a second position, some get on in their firm.
 */
#include <inttypes.h>
#include <string.h>

#include "firm.h"
#include "words.h"

static const char *word(struct firm *f, const struct words *list)
{
    return list->at[pick(f, list->count)];
}

/* ---- users and products ---------------------------------------------------------------------- */

static const char *const ROLES[] = {"admin", "lead",   "member", "member",
                                    "lead",  "member", "member", "reader"};

void write_users(struct firm *f, int64_t at)
{
    FILE *out = begin(f, "team", "name", "name,at");
    fprintf(out, "North,%s\nSouth,%s\n", moment_text(at), moment_text(at));
    fclose(out);
    out = begin(f, "user", "email", "name,email,role,team,active,at");
    for (int i = 0; i < f->size->users; i++) {
        fprintf(out, "%s,user%d@sample.example,%s,%s,yes,%s\n", user_name(i), i + 1, ROLES[i % 8],
                i % 8 < 4 ? "North" : "South", moment_text(at + 1 + i));
    }
    fclose(out);
}

/* A price list; earlier ones are some percent cheaper, and have what is no longer sold. */
void write_products(struct firm *f, int64_t at, int percent)
{
    FILE *out = begin(f, "product", "sku", "name,sku,category,price,active,description,at");
    for (size_t i = 0; i < PRODUCT_COUNT; i++) {
        const struct product *p = &PRODUCTS[i];
        int64_t step = p->cents > 20000 ? 500 : 10, cents = p->cents;
        if (percent != 100) {
            cents = (int64_t)p->cents * percent / 100 / step * step;
        }
        fprintf(out, "\"%s\",%s,%s,%" PRId64 ".%02" PRId64 ",%s,\"%s\",%s\n", p->name, p->sku,
                p->category, cents / 100, cents % 100, p->ends && percent == 100 ? "no" : "yes",
                p->description, moment_text(at + (int64_t)i * 60));
    }
    fclose(out);
}

/* ---- companies ------------------------------------------------------------------------------- */

static int some_seller(struct firm *f)
{
    int user = pick(f, (size_t)f->size->users);
    return user % 8 == 7 ? user - 1 : user; /* readers own nothing */
}

/* Firms of one name are told apart by their trade, then by a number; a firm that came later may
 * belong to the one that has its name. */
static void name_company(struct firm *f, int i, struct company *c)
{
    int names = (int)FIRM_NAMES.count, kinds = (int)TRADE_COUNT;
    int kind = (i / names + 7 * (i % names)) % kinds, again = i / names / kinds;
    char number[16] = "";
    if (again > 0) {
        snprintf(number, sizeof number, " %d", again + 1);
    }
    snprintf(c->name, sizeof c->name, "%s %s%s", FIRM_NAMES.at[i % names], TRADES[kind].kind,
             number);
    snprintf(c->domain, sizeof c->domain, "%s.example", plain(c->name, '-'));
    size_t n = strlen(c->name);
    const struct words *forms = PLACES[c->place].forms;
    snprintf(c->name + n, sizeof c->name - n, " %s", word(f, forms));
    bool sister = i >= names && pick(f, 9) == 0 && f->companies[i - names].parent == NONE;
    c->parent = sister ? i - names : NONE;
}

static void company_row(struct firm *f, FILE *out, int i, int64_t at)
{
    struct company *c = &f->companies[i];
    const struct place *p = &PLACES[c->place];
    int names = (int)FIRM_NAMES.count, kind = (i / names + 7 * (i % names)) % (int)TRADE_COUNT;
    int employees = 3 + pick_low(f, 380);
    fprintf(out, "%s,https://www.%s,%s,%d,%d,%s,%s %d,%s,%s,%s,%s 555%04d,info@%s,%s,%s\n", c->name,
            c->domain, TRADES[kind].industry, employees, employees * (80 + pick(f, 15) * 10) * 1000,
            c->parent >= 0 ? f->companies[c->parent].name : "", word(f, p->streets),
            1 + pick(f, 90), p->postcode, p->city, p->country, p->phone, i + 1, c->domain,
            user_name(c->owner), moment_text(at));
}

void write_companies(struct firm *f, int until, struct span span)
{
    int first = f->company_count;
    if (first >= until) {
        return;
    }
    FILE *out = begin(f, "company", "name",
                      "name,website,industry,employees,revenue,parent,street,postcode,city,country,"
                      "phones,emails,owner,at");
    for (; f->company_count < until; f->company_count++) {
        int i = f->company_count;
        struct company *c = &f->companies[i];
        *c = (struct company){.owner = some_seller(f),
                              .place = pick(f, PLACE_COUNT),
                              .first_contact = NONE,
                              .last_contact = NONE};
        name_company(f, i, c);
        company_row(f, out, i, work_time(span, i - first, until - first));
    }
    fclose(out);
}

/* ---- contacts -------------------------------------------------------------------------------- */

static bool is_user(const struct firm *f, int given, int family)
{
    char name[96];
    snprintf(name, sizeof name, "%s %s", FIRST_NAMES.at[given], LAST_NAMES.at[family]);
    for (int i = 0; i < f->size->users; i++) {
        if (strcmp(user_name(i), name) == 0) {
            return true;
        }
    }
    return false;
}

/* All pairs of names have their turn before one comes again; none is a user's. */
static void name_contact(struct firm *f, struct contact *c)
{
    int64_t pairs = (int64_t)(FIRST_NAMES.count * LAST_NAMES.count);
    do {
        int64_t pair = f->name_turn++ * INT64_C(1499) % pairs;
        c->given = (int)(pair % (int64_t)FIRST_NAMES.count);
        c->family = (int)(pair / (int64_t)FIRST_NAMES.count);
    } while (is_user(f, c->given, c->family));
}

/* New companies first, as long as the file has `left` rows for them. */
static int some_company(struct firm *f, int left)
{
    int waiting = f->company_count - f->unmanned;
    if (waiting > 0 && (waiting >= left || pick(f, 3) > 0)) {
        return f->unmanned++;
    }
    return pick(f, (size_t)(f->unmanned > 0 ? f->unmanned : f->company_count));
}

static void add_contact(struct firm *f, int left, int64_t at)
{
    int i = f->contact_count;
    struct contact *c = &f->contacts[i];
    *c = (struct contact){
        .company = some_company(f, left), .next = NONE, .second = NONE, .since = at};
    struct company *firm = &f->companies[c->company];
    bool first = firm->first_contact == NONE;
    c->job = word(f, first ? &LEADERS : &JOBS);
    c->quiet = !first && pick(f, 100) < 22;
    if (first) {
        firm->first_contact = i;
    } else {
        f->contacts[firm->last_contact].next = i;
    }
    firm->last_contact = i;
    if (pick(f, 16) == 0) {
        int other = firm->parent >= 0 ? firm->parent : pick(f, (size_t)f->company_count);
        c->second = other != c->company ? other : NONE;
    }
    name_contact(f, c);
}

static void contact_row(struct firm *f, FILE *out, int i, int64_t at)
{
    const struct contact *c = &f->contacts[i];
    const struct company *firm = &f->companies[c->company];
    const struct place *p = &PLACES[firm->place];
    /* From the number, so that a later row of the same contact says the same. */
    int64_t birthday = ((int64_t)i * 7919 % 14600 - 3300) * DAY;
    fprintf(out, "%s,%s,%s,%s,%s,%s 555%05d,%s,%s,%s,%s,%s\n", FIRST_NAMES.at[c->given],
            LAST_NAMES.at[c->family], c->job, firm->name, contact_email(f, i), p->mobile, i + 1,
            p->city, p->country, i % 3 == 0 ? date_text(birthday) : "", user_name(firm->owner),
            moment_text(at));
}

/* Somebody of long ago is promoted. */
static void promote(struct firm *f, FILE *out, int before, int64_t at)
{
    int i = pick(f, (size_t)before);
    struct contact *c = &f->contacts[i];
    if (!c->quiet && f->companies[c->company].first_contact != i) {
        c->job = word(f, &BETTER_JOBS);
        contact_row(f, out, i, at);
    }
}

void write_contacts(struct firm *f, int until, struct span span)
{
    int first = f->contact_count;
    if (first >= until) {
        return;
    }
    FILE *out = begin(f, "contact", "emails",
                      "first_name,last_name,job_title,company,emails,phones,city,country,birthday,"
                      "owner,at");
    for (; f->contact_count < until; f->contact_count++) {
        int i = f->contact_count;
        int64_t at = work_time(span, i - first, until - first);
        add_contact(f, until - i, at);
        contact_row(f, out, i, at);
        if (first > 0 && pick(f, 10) == 0) {
            promote(f, out, first, at);
        }
    }
    fclose(out);
}

/* ---- positions ------------------------------------------------------------------------------- */

static void position_row(FILE *out, const char *email, const char *company, const char *role,
                         int64_t since, int64_t until, int64_t at)
{
    fprintf(out, "%s,%s,%s,%s,%s,%s\n", email, company, role, date_text(since),
            until > 0 ? date_text(until) : "", moment_text(at));
}

/* Two thirds came from the other company, the rest work for both. */
static void write_position(struct firm *f, FILE *out, int i, int64_t at)
{
    const struct contact *c = &f->contacts[i];
    const char *email = contact_email(f, i), *own = f->companies[c->company].name,
               *other = f->companies[c->second].name;
    int64_t since = c->since - (200 + pick(f, 2500)) * (int64_t)DAY;
    bool both = c->second == f->companies[c->company].parent || pick(f, 3) == 0;
    if (both) {
        position_row(out, email, other, word(f, &SIDE_JOBS), since + pick(f, 150) * (int64_t)DAY, 0,
                     at);
    } else {
        position_row(out, email, other, word(f, &JOBS),
                     since - (300 + pick(f, 2000)) * (int64_t)DAY,
                     since - (1 + pick(f, 60)) * (int64_t)DAY, at);
    }
    position_row(out, email, own, c->job, since, 0, at + 1);
}

void write_positions(struct firm *f, int64_t at)
{
    FILE *out = NULL;
    for (; f->placed < f->contact_count; f->placed++) {
        if (f->contacts[f->placed].second == NONE) {
            continue;
        }
        if (out == NULL) {
            out = begin(f, "contact_company", "-", "person,firm,role,since,until,at");
        }
        write_position(f, out, f->placed, at);
        at += 2;
    }
    if (out != NULL) {
        fclose(out);
    }
}
