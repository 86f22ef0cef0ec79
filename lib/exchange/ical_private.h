/* Inside ical.h: one property of a line, and zones told by their rules. */
#ifndef KONTOR_EXCHANGE_ICAL_PRIVATE_H
#define KONTOR_EXCHANGE_ICAL_PRIVATE_H

#include "exchange/ical.h"

#define ICAL_PARAMETERS_MAX 24
#define ICAL_ONSETS_MAX     1200
#define ICAL_ZONES_MAX      64

struct ical_property {
    const char *name; /* in capitals, without group */
    struct ical_parameter {
        const char *name, *value;
    } parameters[ICAL_PARAMETERS_MAX];
    size_t parameter_count;
    const char *value; /* escapes as they are */
};

/* Takes a line apart, in the arena. false: it is no property. */
bool ical_property_read(struct arena *a, const char *line, struct ical_property *out);
const char *ical_parameter(const struct ical_property *p, const char *name); /* or NULL */
/* A value of text without escapes, trimmed. */
const char *ical_text(struct arena *a, const char *value);

/* A zone as its block in the file tells it. */
struct ical_zone {
    const char *id;
    const char *location; /* X-LIC-LOCATION, or NULL */
    struct ical_onset {
        int64_t at; /* wall seconds by the offset before */
        int64_t from, to;
    } *onsets; /* in order */
    size_t count;
    bool is_known;    /* ical_zone_end has looked */
    const char *iana; /* what it is; NULL: none of those we know */
    int64_t *budget;  /* looks at days that all zones of the file may take yet */
};

/* One STANDARD or DAYLIGHT part. */
struct ical_part {
    int64_t start, from, to;
    bool has_start;
    const char *rule; /* or NULL */
    struct ical_times also;
};
/* Adds what the part says. */
void ical_zone_part(struct arena *a, struct ical_zone *zone, const struct ical_part *part);
/* After its last part: finds out what it is, for times of that year. `company` is tried first. */
void ical_zone_end(struct arena *a, struct ical_zone *zone, const char *company, int year);
/* UTC seconds of a wall time. */
int64_t ical_zone_instant(const struct ical_zone *zone, int64_t wall);

#endif
