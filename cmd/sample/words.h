/* Word lists of the sample firm's world. Every person, company and address made of them is
 * invented. */
#ifndef KONTOR_SAMPLE_WORDS_H
#define KONTOR_SAMPLE_WORDS_H

#include <stdbool.h>
#include <stddef.h>

struct words {
    const char *const *at;
    size_t count;
};

/* What a firm does, as in its name and as its industry. */
struct trade {
    const char *kind, *industry;
};

struct place {
    const char *city, *country, *postcode, *phone, *mobile; /* with the country's number */
    const struct words *forms, *streets;
};

/* What projects and talks are about, bits. */
enum family {
    FAMILY_PV = 1,
    FAMILY_STORAGE = 2,
    FAMILY_HEAT = 4,
    FAMILY_CHARGING = 8,
    FAMILY_SERVICE = 16,
    FAMILY_BUILT = FAMILY_PV | FAMILY_STORAGE | FAMILY_HEAT | FAMILY_CHARGING,
    FAMILY_ANY = FAMILY_BUILT | FAMILY_SERVICE,
};

struct project {
    const char *name, *unit;
    int low, high; /* units */
    int price;     /* of a unit, euros */
    unsigned families;
    int often; /* compared with the others */
};

struct product {
    const char *name, *sku, *category;
    int cents;
    const char *description;
    bool ends; /* no longer sold in the second year */
};

extern const struct words FIRST_NAMES, LAST_NAMES, FIRM_NAMES, LEADERS, JOBS, BETTER_JOBS,
    SIDE_JOBS, PARTS, SITES, SOURCES, LOST_REASONS;
extern const struct trade TRADES[];
extern const struct place PLACES[];
extern const struct project PROJECTS[];
extern const struct product PRODUCTS[];
extern const size_t TRADE_COUNT, PLACE_COUNT, PROJECT_COUNT, PRODUCT_COUNT;

#endif
