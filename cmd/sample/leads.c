/*
 * Enquiries of people who are no contacts yet: those of earlier windows have been answered or put
 * aside, those of the last two are still looked into. The clock of first answers runs for those of the last
 * windows, and some were answered late. They come after the deals of a window and have random numbers of their
 * own, so that the rest of the firm is what it was without them.
 */
#include <inttypes.h>

#include <string.h>

#include "firm.h"
#include "words.h"

#define OPEN_WINDOWS 2
#define RULED_WINDOWS 9

struct enquiry {
    const char *about, *text;
};

static const struct enquiry ENQUIRIES[] = {
    {"Solar power for our roof", "We have about 900 square metres facing south. What would that bring, and what does it cost?"},
    {"Charging points for the car park", "Ten places to begin with, twenty later. Can you come and have a look?"},
    {"Battery for an existing plant", "Our plant is from 2016. Does a battery still pay?"},
    {"Heat pump in an old building", "The oil heating is 25 years old. We would like an offer for a heat pump."},
    {"Service contract", "Our installer has closed down. Do you look after plants of others?"},
    {"Call me back, please", "I was at your stand and would like to know more."},
};
struct answer {
    const char *kind, *subject, *result, *outcome;
};

static const struct answer ANSWERS[] = {
    {"call", "First call", "reached", "Talked it through, sends the plans."},
    {"call", "First call", "reached", "Asks two others as well."},
    {"email", "Answer to the enquiry", "", "Sent our brochure and three dates for a visit."},
    {"call", "Called back", "call_back", "In a meeting, wants to be called back."},
    {"meeting", "Met at the showroom", "reached", "Has seen the modules, thinks it over."},
};
static const char *const STAGES[] = {"new", "new", "contacted", "qualified"};
static const char *const REASONS[] = {"no_budget", "no_reply", "no_need", "no_fit"};
static const char *const CAMPAIGNS[] = {"", "", "autumn-roofs", "charging-at-work", "trade-fair"};
#define AT(list, n) (list)[(n) % (sizeof (list) / sizeof (list)[0])]

static uint64_t mixed(uint64_t n)
{
    n = (n ^ n >> 31) * UINT64_C(0x9e3779b97f4a7c15);
    return (n ^ n >> 29) >> 16;
}

static uint64_t number_of(int lead)
{
    return mixed((uint64_t)lead + 1);
}

static const char *lead_email(int lead)
{
    static char text[200];
    uint64_t r = number_of(lead);
    char first[64];
    snprintf(first, sizeof first, "%s", plain(FIRST_NAMES.at[r % FIRST_NAMES.count], '.'));
    snprintf(text, sizeof text, "%s.%s@enquiry%d.example", first,
             plain(LAST_NAMES.at[(r >> 6) % LAST_NAMES.count], '.'), lead);
    return text;
}

/* The stage it is in by now. */
static const char *lead_stage(const struct firm *f, int lead)
{
    return f->leads[lead].open ? AT(STAGES, number_of(lead) >> 43) : "discarded";
}

static bool is_waiting(const struct firm *f, int lead)
{
    return strcmp(lead_stage(f, lead), STAGES[0]) == 0;
}

/* Some that wait belong to nobody yet. */
static const char *lead_owner(const struct firm *f, int lead)
{
    uint64_t r = number_of(lead);
    int user = (int)(r % (uint64_t)f->size->users);
    user -= user % 8 == 7; /* readers own nothing */
    return is_waiting(f, lead) && (r >> 21) % 2 == 0 ? "" : user_name(user);
}

static void lead_row(FILE *out, const struct firm *f, int lead)
{
    uint64_t r = number_of(lead);
    const struct place *place = &PLACES[(r >> 12) % PLACE_COUNT];
    const struct enquiry *e = &AT(ENQUIRIES, r >> 18);
    char phone[64] = "";
    if ((r >> 34) % 3 > 0) {
        snprintf(phone, sizeof phone, "%s 55%05d", place->phone, (int)((r >> 20) % 100000));
    }
    fprintf(out, "%s,%s,\"%s %s\",%s,%s,%s,%s,\"%s\",\"%s\",%s,%s,%s,%s,%s\n", FIRST_NAMES.at[r % FIRST_NAMES.count],
            LAST_NAMES.at[(r >> 6) % LAST_NAMES.count], FIRM_NAMES.at[(r >> 24) % FIRM_NAMES.count],
            TRADES[(r >> 30) % TRADE_COUNT].kind, lead_email(lead), phone, place->city, place->country, e->about,
            e->text, SOURCES.at[(r >> 36) % SOURCES.count], AT(CAMPAIGNS, r >> 40), STAGES[0], lead_owner(f, lead),
            moment_text(f->leads[lead].at));
}

/* The clock of first answers is new in the firm. */
static FILE *begin_ruled(struct firm *f, int window, const char *entity, const char *match, const char *header)
{
    f->rules = window >= f->size->windows - RULED_WINDOWS;
    FILE *out = begin(f, entity, match, header);
    f->rules = false;
    return out;
}

void write_leads(struct firm *f, int until, int window, struct span span)
{
    int first = f->lead_count;
    FILE *out = begin_ruled(f, window, "lead", "-",
                      "first_name,last_name,company_name,emails,phones,city,country,subject,enquiry,source,utm_campaign,"
                      "stage,owner,at");
    for (; f->lead_count < until; f->lead_count++) {
        f->leads[f->lead_count] =
            (struct lead){work_time(span, f->lead_count - first, until - first), window + OPEN_WINDOWS >= f->size->windows};
        lead_row(out, f, f->lead_count);
    }
    fclose(out);
}

/* ---- what became of them --------------------------------------------------------------------- */

static void end(FILE *out)
{
    if (out != NULL) {
        fclose(out);
    }
}

/* Most within a working day, one of six later. */
static int64_t answer_time(const struct firm *f, int lead)
{
    return work_time((struct span){f->leads[lead].at / DAY + 1, 3}, (int64_t)(number_of(lead) >> 15) % 6, 9);
}

static void answer_row(FILE *out, const struct firm *f, int lead, int64_t at)
{
    const struct answer *a = &AT(ANSWERS, number_of(lead) >> 9);
    fprintf(out, "%s,\"%s\",%s,%s,\"%s\",%s,%s,%s\n", a->kind, a->subject, moment_text(answer_time(f, lead)), a->result,
            a->outcome, lead_email(lead), lead_owner(f, lead), moment_text(at));
}

void write_answers(struct firm *f, int first, int window, int64_t at)
{
    FILE *out = NULL;
    for (int i = first; i < f->lead_count; i++) {
        if (!is_waiting(f, i) && answer_time(f, i) < at) {
            out = out != NULL ? out : begin_ruled(f, window, "activity", "-", "kind,subject,done_at,result,outcome,lead,owner,at");
            answer_row(out, f, i, at++);
        }
    }
    end(out);
}

void write_lead_moves(struct firm *f, int first, int window, int64_t at)
{
    FILE *out = NULL;
    for (int i = first; i < f->lead_count; i++) {
        if (!is_waiting(f, i)) {
            out = out != NULL ? out : begin_ruled(f, window, "lead", "emails", "emails,stage,lost_reason,at");
            fprintf(out, "%s,%s,%s,%s\n", lead_email(i), lead_stage(f, i), f->leads[i].open ? "" : AT(REASONS, number_of(i) >> 45),
                    moment_text(at++));
        }
    }
    end(out);
}
