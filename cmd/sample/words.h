/* Word lists of the sample firm's world. Every person, company and address made of them is
 * invented. */
#ifndef KONTOR_SAMPLE_WORDS_H
#define KONTOR_SAMPLE_WORDS_H

#include <stddef.h>

struct words {
    const char *const *at;
    size_t count;
};

struct place {
    const char *city, *country;
};

extern const struct words FIRST_NAMES, LAST_NAMES, FIRM_NAMES, FIRM_KINDS, FIRM_FORMS, JOBS,
    INDUSTRIES, PROJECTS, CALLS, MEETINGS, TASKS, OUTCOMES, NOTES, SOURCES, LOST_REASONS, STREETS;
extern const struct place PLACES[];
extern const size_t PLACE_COUNT;

#endif
