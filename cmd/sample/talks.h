/* What people of the sample firm talk about with customers, and what comes of it. */
#ifndef KONTOR_SAMPLE_TALKS_H
#define KONTOR_SAMPLE_TALKS_H

#include <stddef.h>

/* When a talk fits, bits: 1 << enum stage, or without any deal. */
#define WITHOUT_DEAL (1u << 6)

struct talk {
    const char *kind;
    unsigned when;
    unsigned families;
    const char *subject;
    const char *outcomes[3];
};

/* About whom a note is. */
enum about { ABOUT_DEAL, ABOUT_CONTACT, ABOUT_COMPANY };

struct remark {
    enum about about;
    unsigned families;
    const char *text;
};

extern const struct talk TALKS[];
extern const size_t TALK_COUNT; /* at most 64: deals keep a bit for each */
extern const struct remark REMARKS[];
extern const size_t REMARK_COUNT;
/* What may follow an outcome. */
extern const char *const AFTERWARDS[];
extern const size_t AFTERWARDS_COUNT;

#endif
