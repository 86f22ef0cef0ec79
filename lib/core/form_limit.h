/*
 * How much comes in by public forms, and from where: limits that stop whoever sends too much and
 * nobody else, and counts of what was taken and turned away. In memory; form_counts_keep writes the
 * counts down. Thread-safe.
 *
 * A form that many addresses flood is not closed: an address that has not sent yet still may, as long
 * as few others of its network did. So nobody can use up what others need.
 */
#ifndef KONTOR_CORE_FORM_LIMIT_H
#define KONTOR_CORE_FORM_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/form.h"

/* Takes a place for one more entry from this address; false: not now. form_limit_leave gives it back
 * when the entry was not stored after all. */
bool form_limit_enter(const struct form *form, const char *address, int64_t now_ms);
void form_limit_leave(const struct form *form, const char *address);
/* Tries that no person makes: after many of them an address is not listened to for a while. */
bool form_limit_deaf(const char *address, int64_t now_ms);
void form_limit_bad(const char *address, int64_t now_ms);
/* One more wrong address of a calendar, counted apart from forms: a program that goes on asking for
 * what was taken back stops neither them nor the other calendars of its house. false: too many. */
bool form_limit_calendar(const char *address, int64_t now_ms);

void form_counted(const char *form, enum form_outcome outcome, int64_t now_ms);
struct form_tally {
    char form[61];
    enum form_outcome outcome;
    int64_t n;       /* since the program started */
    int64_t unsaved; /* of these, not written down yet */
    int64_t last_ms;
};
/* Copies of all tallies, at most `room`; returns how many. */
#define FORM_TALLIES 1000
size_t form_tallies(struct form_tally *out, size_t room);
/* So many of them are written down now. */
void form_tally_saved(const struct form_tally *of);

#endif
