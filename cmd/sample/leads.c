/*
 * Enquiries of people who are no contacts yet: those of earlier windows have been answered or put
 * aside, those of the last two are still looked into. They come after the deals of a window and have
 * random numbers of their own, so that the rest of the firm is what it was without them.
 */
#include <inttypes.h>

#include "firm.h"
#include "words.h"

#define OPEN_WINDOWS 2

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
static const char *const STAGES[] = {"new", "new", "contacted", "qualified"};
static const char *const REASONS[] = {"no_budget", "no_reply", "no_need", "no_fit"};
static const char *const CAMPAIGNS[] = {"", "", "autumn-roofs", "charging-at-work", "trade-fair"};
#define AT(list, n) (list)[(n) % (sizeof (list) / sizeof (list)[0])]

static uint64_t mixed(uint64_t n)
{
    n = (n ^ n >> 31) * UINT64_C(0x9e3779b97f4a7c15);
    return (n ^ n >> 29) >> 16;
}

static void lead_row(FILE *out, const struct size *s, int number, bool open, int64_t at)
{
    uint64_t r = mixed((uint64_t)number + 1);
    const char *given = FIRST_NAMES.at[r % FIRST_NAMES.count];
    const char *family = LAST_NAMES.at[(r >> 6) % LAST_NAMES.count];
    const struct place *place = &PLACES[(r >> 12) % PLACE_COUNT];
    const struct enquiry *e = &AT(ENQUIRIES, r >> 18);
    char first[64], phone[64] = "";
    if ((r >> 34) % 3 > 0) {
        snprintf(phone, sizeof phone, "%s 55%05d", place->phone, (int)((r >> 20) % 100000));
    }
    snprintf(first, sizeof first, "%s", plain(given, '.'));
    fprintf(out, "%s,%s,\"%s %s\",%s.%s@enquiry%d.example,%s,%s,%s,\"%s\",\"%s\",%s,%s,%s,%s,%s,%s\n", given, family,
            FIRM_NAMES.at[(r >> 24) % FIRM_NAMES.count], TRADES[(r >> 30) % TRADE_COUNT].kind, first,
            plain(family, '.'), number, phone, place->city, place->country, e->about,
            e->text, SOURCES.at[(r >> 36) % SOURCES.count], AT(CAMPAIGNS, r >> 40), open ? AT(STAGES, r >> 43) : "discarded",
            open ? "" : AT(REASONS, r >> 45), open && (r >> 44) % 4 == 0 ? "" : user_name((int)(r % (uint64_t)s->users)),
            moment_text(at));
}

void write_leads(struct firm *f, int until, int window, struct span span)
{
    int first = f->lead_count;
    FILE *out = begin(f, "lead", "-",
                      "first_name,last_name,company_name,emails,phones,city,country,subject,enquiry,source,utm_campaign,"
                      "stage,lost_reason,owner,at");
    for (; f->lead_count < until; f->lead_count++) {
        lead_row(out, f->size, f->lead_count, window + OPEN_WINDOWS >= f->size->windows,
                 work_time(span, f->lead_count - first, until - first));
    }
    fclose(out);
}
