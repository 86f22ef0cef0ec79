/*
 * What is done, written down and planned. Most of it belongs to deals that are open or were decided
 * lately and fits their stage; the rest keeps in touch with people. Everything names the person it
 * was with, so that people have a story of their own.
 */
#include <inttypes.h>
#include <string.h>

#include "firm.h"
#include "talks.h"
#include "words.h"

#define CHOICE 3 /* looked at before one is chosen */

/* Whom and what an activity or a note is about. */
struct topic {
    int deal, contact, company; /* or NONE */
};

static const char *topic_deal(const struct firm *f, struct topic t)
{
    return t.deal != NONE ? deal_name(f, t.deal) : "";
}

static const char *topic_contact(const struct firm *f, struct topic t)
{
    return t.contact != NONE ? contact_email(f, t.contact) : "";
}

static struct topic about_deal(const struct firm *f, int deal)
{
    return (struct topic){deal, f->deals[deal].contact, f->deals[deal].company};
}

/* ---- choosing -------------------------------------------------------------------------------- */

/* Open, won in the last months, or now and then lost. */
static bool is_topical(struct firm *f, const struct deal *d, int64_t now)
{
    bool lately = now - d->changed < (d->stage == WON ? 90 : 30) * (int64_t)DAY;
    return d->open || (lately && pick(f, d->stage == WON ? 2 : 5) == 0);
}

/* Of a few deals the one that was longest forgotten; NONE if none is met. */
static int some_deal(struct firm *f, int64_t now)
{
    int last = f->deal_count < 120 ? f->deal_count : 120 + (f->deal_count - 120) / 8;
    int found = NONE, seen = 0;
    for (int tries = 0; tries < 60 && seen < CHOICE && last > 0; tries++) {
        int i = f->deal_count - 1 - pick(f, (size_t)last);
        const struct deal *d = &f->deals[i];
        if (is_topical(f, d, now)) {
            found = found == NONE || d->touched < f->deals[found].touched ? i : found;
            seen++;
        }
    }
    return found;
}

/* Of a few people the one who was talked to least. */
static int some_contact(struct firm *f)
{
    int found = NONE;
    for (int tries = 0; tries < CHOICE; tries++) {
        int i = pick(f, (size_t)f->contact_count);
        while (f->contacts[i].quiet) {
            i = (i + 1) % f->contact_count;
        }
        found = found == NONE || f->contacts[i].talks < f->contacts[found].talks ? i : found;
    }
    return found;
}

/* A colleague of the topic's contact; NONE if there is none or none has time. */
static int some_other(struct firm *f, struct topic t)
{
    int c = f->companies[t.company].first_contact;
    while (c != NONE && (c == t.contact || f->contacts[c].quiet || pick(f, 3) == 0)) {
        c = f->contacts[c].next;
    }
    return c;
}

/* A deal is talked about with its contact, now and then with a colleague. */
static struct topic some_topic(struct firm *f, int64_t now)
{
    int deal = pick(f, 100) < 72 ? some_deal(f, now) : NONE;
    if (deal != NONE) {
        struct topic t = about_deal(f, deal);
        int other = pick(f, 4) == 0 ? some_other(f, t) : NONE;
        t.contact = other != NONE ? other : t.contact;
        return t;
    }
    int contact = some_contact(f);
    return (struct topic){NONE, contact, f->contacts[contact].company};
}

static bool fits(const struct talk *talk, unsigned when, unsigned families)
{
    return (talk->when & when) != 0 && (talk->families & families) != 0;
}

/* The talks that fit and are not among those that were had; how many. */
static size_t list_talks(unsigned when, unsigned families, uint64_t told, size_t *out)
{
    size_t n = 0;
    for (size_t i = 0; i < TALK_COUNT; i++) {
        if (fits(&TALKS[i], when, families) && (told >> i & 1) == 0) {
            out[n++] = i;
        }
    }
    return n;
}

/* A talk that fits; of a deal, one that was not had yet, if there is one. The table begins with
 * what comes first. */
static const struct talk *some_talk(struct firm *f, struct topic t)
{
    struct deal *d = t.deal != NONE ? &f->deals[t.deal] : NULL;
    unsigned when = d != NULL ? 1u << d->stage : WITHOUT_DEAL;
    unsigned families = d != NULL ? PROJECTS[d->project].families : FAMILY_ANY;
    uint64_t told = d != NULL ? d->told : 0;
    size_t list[64], n = list_talks(when, families, told, list);
    n = n > 0 ? n : list_talks(when, families, 0, list);
    size_t found = list[pick(f, d != NULL && told == 0 && n > 3 ? 3 : n)];
    if (d != NULL) {
        d->told |= UINT64_C(1) << found;
    }
    return &TALKS[found];
}

/* ---- activities ------------------------------------------------------------------------------ */

#define ACTIVITY_HEADER "kind,subject,due,done_at,result,outcome,deal,company,person,with,owner,at"

static const char *some_outcome(struct firm *f, const struct talk *talk)
{
    static char text[400];
    const char *outcome = talk->outcomes[pick(f, 3)];
    bool spoken = talk->kind[0] == 'c' || talk->kind[0] == 'm';
    const char *after = spoken && pick(f, 3) == 0 ? AFTERWARDS[pick(f, AFTERWARDS_COUNT)] : "";
    snprintf(text, sizeof text, "%s%s%s", outcome, *after != 0 ? " " : "", after);
    return text;
}

struct times {
    int64_t due, done, at; /* seconds; done 0: to do */
};

/* How a call went, as its outcome tells. */
static const char *result_of(const struct talk *talk, const char *outcome)
{
    if (strcmp(talk->kind, "call") != 0 || *outcome == 0) {
        return "";
    }
    return strstr(outcome, "ot reached") != NULL   ? "not_reached"
           : strstr(outcome, "calls us") != NULL ? "call_back"
                                                 : "reached";
}

static void activity_row(struct firm *f, FILE *out, struct topic t, struct times times)
{
    const struct talk *talk = some_talk(f, t);
    int other = strcmp(talk->kind, "meeting") == 0 ? some_other(f, t) : NONE;
    const char *outcome = times.done > 0 ? some_outcome(f, talk) : "";
    fprintf(out, "%s,\"%s\",%s,%s,%s,\"%s\",\"%s\",%s,%s,%s,%s,%s\n", talk->kind, talk->subject,
            moment_text(times.due), times.done > 0 ? moment_text(times.done) : "",
            result_of(talk, outcome), outcome, topic_deal(f, t),
            f->companies[t.company].name, topic_contact(f, t),
            other != NONE ? contact_email(f, other) : "", user_name(f->companies[t.company].owner),
            moment_text(times.at));
}

/* Written down within days, never before the record was there that it is about. */
static struct times some_times(struct firm *f, struct topic t, int64_t at)
{
    int64_t first = f->contacts[t.contact].since;
    if (t.deal != NONE && f->deals[t.deal].since > first) {
        first = f->deals[t.deal].since;
    }
    int64_t done = some_time(f, at / DAY - pick_low(f, 9), false);
    if (done <= first) {
        done = first + (15 + pick(f, 60)) * 60;
    }
    done = done > at ? at : done;
    f->contacts[t.contact].talks++;
    if (t.deal != NONE) {
        f->deals[t.deal].touched = done;
    }
    return (struct times){done - (done - first > 3 * DAY && pick(f, 3) == 0 ? DAY : 0), done, at};
}

void write_activities(struct firm *f, int n, struct span span)
{
    FILE *out = begin(f, "activity", "-", ACTIVITY_HEADER);
    for (int i = 0; i < n; i++) {
        int64_t at = work_time(span, i, n);
        struct topic t = some_topic(f, at);
        activity_row(f, out, t, some_times(f, t, at));
    }
    fclose(out);
}

/* ---- notes ----------------------------------------------------------------------------------- */

static const char *some_remark(struct firm *f, enum about about, unsigned families)
{
    size_t i;
    do {
        i = (size_t)pick(f, REMARK_COUNT);
    } while (REMARKS[i].about != about || (REMARKS[i].families & families) == 0);
    return REMARKS[i].text;
}

static void note_row(struct firm *f, FILE *out, int64_t at)
{
    struct topic t = some_topic(f, at);
    enum about about = t.deal != NONE ? ABOUT_DEAL : pick(f, 3) > 0 ? ABOUT_CONTACT : ABOUT_COMPANY;
    unsigned families = t.deal != NONE ? PROJECTS[f->deals[t.deal].project].families : FAMILY_ANY;
    if (about == ABOUT_COMPANY) {
        t.contact = NONE;
    }
    fprintf(out, "\"%s\",\"%s\",%s,%s,%s,%s\n", some_remark(f, about, families), topic_deal(f, t),
            about == ABOUT_CONTACT ? "" : f->companies[t.company].name, topic_contact(f, t),
            user_name(f->companies[t.company].owner), moment_text(at));
}

void write_notes(struct firm *f, int n, struct span span)
{
    FILE *out = begin(f, "note", "-", "text,deal,company,person,owner,at");
    for (int i = 0; i < n; i++) {
        note_row(f, out, work_time(span, i, n));
    }
    fclose(out);
}

/* ---- plans ----------------------------------------------------------------------------------- */

/* Some of it overdue, some for today, most for the next two weeks. */
static int64_t some_due(struct firm *f)
{
    int luck = pick(f, 100);
    if (luck < 12) {
        return some_time(f, f->today - 1 - pick(f, 5), false);
    }
    if (luck < 30) {
        return f->today * DAY + (8 + pick(f, 8)) * 3600 + pick(f, 4) * 900;
    }
    return some_time(f, f->today + 1 + pick(f, 15), true);
}

/* What is planned: for most of the open deals, and for some people without one. */
void write_plans(struct firm *f, int64_t at)
{
    FILE *out = begin(f, "activity", "-", ACTIVITY_HEADER);
    for (int i = 0; i < f->deal_count; i++) {
        if (f->deals[i].open && i % 7 != 0) {
            activity_row(f, out, about_deal(f, i), (struct times){some_due(f), 0, at++});
        }
    }
    for (int i = 0; i < f->size->contacts / 50; i++) {
        int contact = some_contact(f);
        struct topic t = {NONE, contact, f->contacts[contact].company};
        activity_row(f, out, t, (struct times){some_due(f), 0, at++});
    }
    fclose(out);
}
