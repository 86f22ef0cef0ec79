/*
 * What the files of the generator share: the firm as far as it has been written, and how a moment,
 * a name or a row is written. A sequence of random numbers runs through all of it, so the order of
 * the calls is part of the result.
 */
#ifndef KONTOR_SAMPLE_FIRM_H
#define KONTOR_SAMPLE_FIRM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define DAY  86400
#define NONE (-1) /* no index */

enum stage { ENQUIRY, QUALIFIED, PROPOSAL, NEGOTIATION, WON, LOST, STAGE_COUNT };

struct size {
    const char *name;
    int companies, contacts, deals, activities, users, windows;
};

struct company {
    int owner, place;
    int parent;        /* company or NONE */
    int first_contact; /* or NONE; the others follow through contact.next */
    int last_contact;
    int deals; /* how many it has had */
    char name[72], domain[72];
};

struct contact {
    int company;
    int given, family; /* words */
    int next;          /* contact of the same company, or NONE */
    int second;        /* company of a second position, or NONE */
    const char *job;
    bool quiet;    /* nobody talks to this one */
    int talks;     /* that were had */
    int64_t since; /* seconds */
};

struct deal {
    int company, contact, owner, project;
    int units;  /* how big; 0: the name tells the place instead */
    int site;   /* word, or NONE */
    int number; /* tells deals of one name apart; 0: not needed */
    enum stage stage;
    int64_t amount;         /* whole euros */
    int64_t since, changed; /* seconds */
    int64_t touched;        /* when it was last talked about, seconds */
    bool open;
    uint64_t told; /* talks that were had, a bit each */
};

struct lead {
    int64_t at; /* seconds */
    bool open;
};

/* Working days in which something happens. */
struct span {
    int64_t from; /* day, counted from 1970 */
    int days;
};

struct firm {
    const struct size *size;
    const char *dir;
    FILE *plan;
    int64_t today; /* day, counted from 1970 */
    uint64_t random;
    struct company *companies;
    struct contact *contacts;
    struct deal *deals;
    struct lead *leads;
    int company_count, contact_count, deal_count, lead_count;
    bool rules;    /* the files that are begun wake the firm's rules */
    int unmanned;  /* first company without contacts */
    int name_turn; /* names that were given */
    int placed;    /* contacts whose second positions are written */
    int joined;    /* deals whose participants are written */
    bool *names;   /* deal names that are taken: project, units, site */
};

/* 0 to n - 1, the same on every machine. */
int pick(struct firm *f, size_t n);
/* The same, small numbers more often. */
int pick_low(struct firm *f, size_t n);

int64_t days_of(int y, int m, int d);
/* "2026-05-04T09:30:00Z" or "2026-05-04"; good for the next seven calls. */
const char *moment_text(int64_t seconds);
const char *date_text(int64_t seconds);
/* The moment of the i-th of n events, in order, in working hours. */
int64_t work_time(struct span span, int64_t i, int64_t n);
/* A quarter of an hour in the working hours of that day, or of Friday or Monday beside it. */
int64_t some_time(struct firm *f, int64_t day, bool later);

/* A new CSV file and its line in the plan; match is the field by which rows find records, or "-"; the
 * last column is for the option --rules of the import.
 */
FILE *begin(struct firm *f, const char *entity, const char *match, const char *header);

/* Lower-case ASCII for addresses: "Jörg Groß" with "." is "joerg.gross". Good for one more call. */
const char *plain(const char *name, char blank);
const char *user_name(int user);
const char *contact_email(const struct firm *f, int contact);

/* The address book: users, products, companies, contacts and their positions. */
void write_users(struct firm *f, int64_t at);
void write_products(struct firm *f, int64_t at, int percent);
void write_companies(struct firm *f, int until, struct span span);
void write_contacts(struct firm *f, int until, struct span span);
void write_positions(struct firm *f, int64_t at);

/* What is sold: deals, their moves and who takes part. */
const char *deal_name(const struct firm *f, int deal);
/* How many flags firm.names has. */
size_t deal_name_slots(void);
void write_deals(struct firm *f, int until, struct span made, struct span moved);
void write_participants(struct firm *f, int64_t at);

/* Who asks and is no contact yet. */
void write_leads(struct firm *f, int until, int window, struct span span);
/* What was answered to those from the first-th on, and where they stand. */
void write_answers(struct firm *f, int first, int window, int64_t at);
void write_lead_moves(struct firm *f, int first, int window, int64_t at);

/* What is done, written down and planned. */
void write_activities(struct firm *f, int n, struct span span);
void write_notes(struct firm *f, int n, struct span span);
void write_plans(struct firm *f, int64_t at);

#endif
