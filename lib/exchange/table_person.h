/*
 * People as address books know them (vCard, LDIF), as columns that a CRM has: `first_name`,
 * `last_name`, `company`, `job_title`, `emails`, `phones`, `links`, `street`, `postcode`, `city`,
 * `country` (or all `addresses`, where there is a place for
 * them), `birthday`, `tags` and the like. Where records have no names of people, a card is that
 * of its organisation: `name`, with `logo` for `photo`. E-mails, phones and links that have a label are lists as JSON. All
 * columns are extra (table.h): nobody need have a place for a nickname.
 */
#ifndef KONTOR_EXCHANGE_TABLE_PERSON_H
#define KONTOR_EXCHANGE_TABLE_PERSON_H

#include "base/arena.h"
#include "exchange/table_private.h"

enum person_text {
    PERSON_FULL_NAME,
    PERSON_FIRST,
    PERSON_MIDDLE,
    PERSON_LAST,
    PERSON_SALUTATION,
    PERSON_SUFFIX,
    PERSON_NICKNAME,
    PERSON_COMPANY,
    PERSON_OTHER_COMPANY,
    PERSON_DEPARTMENT,
    PERSON_TITLE,
    PERSON_ROLE,
    PERSON_BIRTHDAY,
    PERSON_BIRTHDAY_PART, /* without a year, or no date at all */
    PERSON_ANNIVERSARY,
    PERSON_OTHER_DATE,
    PERSON_CHAT,    /* addresses of messengers */
    PERSON_RELATED, /* people: who they are stands behind */
    PERSON_NOTE,
    PERSON_TAG,
    PERSON_UID,
    PERSON_PHOTO,      /* a data: URI, see picture.h */
    PERSON_PHOTO_LEFT, /* why there is none: its address */
    PERSON_TEXTS
};

enum person_list { PERSON_EMAILS, PERSON_PHONES, PERSON_LINKS, PERSON_LISTS };

enum address_part {
    ADDRESS_STREET,
    ADDRESS_POSTCODE,
    ADDRESS_CITY,
    ADDRESS_REGION,
    ADDRESS_COUNTRY,
    ADDRESS_PARTS
};

struct person_point {
    const char *value, *label;
    int preference; /* 1 is the most preferred; 0: nothing is said */
};

struct person_address {
    const char *parts[ADDRESS_PARTS]; /* NULL: it has none */
    const char *label;
    int preference;
};

#define PERSON_POINTS_MAX 100 /* of each list, and addresses: more are left out */

struct person {
    struct arena arena; /* of what is added; emptied by person_begin */
    const char *texts[PERSON_TEXTS];
    char *grown[PERSON_TEXTS]; /* texts of several parts, which still grow */
    size_t rooms[PERSON_TEXTS];
    struct person_point points[PERSON_LISTS][PERSON_POINTS_MAX];
    size_t point_count[PERSON_LISTS];
    struct person_address addresses[PERSON_POINTS_MAX];
    size_t address_count;
    bool organisation; /* the card says it is no person's */
};

void person_init(struct person *p);
void person_done(struct person *p);
void person_begin(struct person *p);
/* Adds a text to what is there of its kind. "" and NULL add nothing; nothing is added twice. */
void person_add(struct person *p, enum person_text kind, const char *text);
/* `label` may be NULL. */
void person_add_point(struct person *p, enum person_list list, const char *value, const char *label,
                      int preference);
/* The address with this label, made when it is not there; NULL: there are too many. */
struct person_address *person_address(struct person *p, const char *label);
/* A new one. */
struct person_address *person_add_address(struct person *p, const char *label);
/* Nothing is known of this one. */
bool person_is_empty(const struct person *p);
/* Puts the cells, or finds the columns while the file is opened. */
void person_put(struct person *p, struct table *r);

#endif
