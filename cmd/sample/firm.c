/* Random numbers, moments, names and files: see firm.h. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "firm.h"
#include "words.h"

/* splitmix64 (public domain algorithm of S. Vigna): the same numbers on every machine. */
static uint64_t next_random(struct firm *f)
{
    uint64_t z = (f->random += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

int pick(struct firm *f, size_t n)
{
    return n > 0 ? (int)(next_random(f) % n) : 0;
}

int pick_low(struct firm *f, size_t n)
{
    int a = pick(f, n);
    return n > 0 ? (int)((int64_t)a * (pick(f, n) + 1) / (int64_t)n) : 0;
}

/* ---- moments --------------------------------------------------------------------------------- */

#define MORNING (7 * 3600) /* UTC */
#define HOURS   (8 * 3600)

int64_t days_of(int y, int m, int d)
{
    y -= m <= 2;
    int64_t era = y / 400, yoe = y - era * 400,
            doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static const char *time_text(int64_t seconds, bool with_time)
{
    static char text[8][96];
    static int turn;
    char *out = text[turn++ & 7];
    int64_t of_day = (seconds % DAY + DAY) % DAY;
    int64_t z = (seconds - of_day) / DAY + 719468, era = z / 146097, doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365,
            doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153, day = doy - (153 * mp + 2) / 5 + 1,
            month = mp < 10 ? mp + 3 : mp - 9;
    int64_t year = yoe + era * 400 + (month <= 2);
    int n = snprintf(out, 96, "%04" PRId64 "-%02" PRId64 "-%02" PRId64, year, month, day);
    if (with_time) {
        snprintf(out + n, 96 - (size_t)n, "T%02" PRId64 ":%02" PRId64 ":%02" PRId64 "Z",
                 of_day / 3600, of_day / 60 % 60, of_day % 60);
    }
    return out;
}

const char *moment_text(int64_t seconds)
{
    return time_text(seconds, true);
}

const char *date_text(int64_t seconds)
{
    return time_text(seconds, false);
}

/* 1970-01-01 was a Thursday. */
static bool is_workday(int64_t day)
{
    return (day + 3) % 7 < 5;
}

int64_t work_time(struct span span, int64_t i, int64_t n)
{
    int work = 0;
    for (int d = 0; d < span.days; d++) {
        work += is_workday(span.from + d);
    }
    int64_t length = (int64_t)HOURS * (work > 0 ? work : span.days), at = length * i / (n + 1);
    int64_t left = at / HOURS, day = span.from;
    while (left > 0 || (work > 0 && !is_workday(day))) {
        left -= work == 0 || is_workday(day);
        day++;
    }
    return day * DAY + MORNING + at % HOURS;
}

int64_t some_time(struct firm *f, int64_t day, bool later)
{
    while (!is_workday(day)) {
        day += later ? 1 : -1;
    }
    return day * DAY + MORNING + pick(f, HOURS / 900) * 900;
}

/* ---- names ----------------------------------------------------------------------------------- */

const char *user_name(int user)
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

const char *plain(const char *name, char blank)
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
            out[n++] = blank;
        } else {
            fprintf(stderr, "kontor-sample: no plain letter for %s\n", p);
            exit(1);
        }
    }
    out[n] = 0;
    return out;
}

const char *contact_email(const struct firm *f, int contact)
{
    static char text[2][256];
    static int turn;
    char *out = text[turn++ & 1];
    const struct contact *c = &f->contacts[contact];
    const char *given = plain(FIRST_NAMES.at[c->given], '.');
    const char *family = plain(LAST_NAMES.at[c->family], '.');
    /* Namesakes come when all names have had their turn. */
    char number[16] = "";
    if ((size_t)(contact + f->size->users) >= FIRST_NAMES.count * LAST_NAMES.count) {
        snprintf(number, sizeof number, "%d", contact + 1);
    }
    snprintf(out, sizeof text[0], "%s.%s%s@%s", given, family, number,
             f->companies[c->company].domain);
    return out;
}

/* ---- files ----------------------------------------------------------------------------------- */

FILE *begin(struct firm *f, const char *entity, const char *match, const char *header)
{
    char path[4096];
    static int number;
    snprintf(path, sizeof path, "%s/%05d-%s.csv", f->dir, ++number, entity);
    FILE *out = fopen(path, "w");
    if (out == NULL) {
        perror(path);
        exit(1);
    }
    fprintf(out, "%s\n", header);
    fprintf(f->plan, "%s\t%s\t%s\t%s\n", entity, path, match, f->rules ? "silent" : "none");
    return out;
}
