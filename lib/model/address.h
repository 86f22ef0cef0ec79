/*
 * Postal addresses: what a field of type addresses holds, and what the plain columns beside it do.
 *
 * The first field of that type of an entity shares its primary address with the plain text fields
 * street, postcode, city, region and country of the entity, as far as there are such: the address of
 * what was there before is the primary address from the start, and none of the two can say other
 * than the other. What such a column holds is left out of the primary entry of the stored list, and
 * nothing at all is stored of one that holds no more; address_whole puts both together for readers,
 * address_split takes apart what is written.
 */
#ifndef KONTOR_MODEL_ADDRESS_H
#define KONTOR_MODEL_ADDRESS_H

#include "model/field_type.h"
#include "model/point.h"

enum address_part {
    ADDRESS_STREET, /* any number of lines */
    ADDRESS_POSTCODE,
    ADDRESS_CITY,
    ADDRESS_REGION,
    ADDRESS_COUNTRY,
    ADDRESS_PARTS
};

struct address {
    const char *label;              /* "" none */
    const char *part[ADDRESS_PARTS]; /* "" empty; NULL: a plain column has it */
    struct marks is;
};

/* What field->beside holds, once the columns of the entity are known. */
const struct field **address_beside(struct arena *a, const struct field *f);
/* The plain field that holds this part of the primary address of f; NULL: f does itself. */
const struct field *address_mirror(const struct field *f, enum address_part part);
/* Has f such fields at all? */
bool address_is_shared(const struct field *f);
/* The whole list as readers see it: a JSON text or null. mirrors: values of the plain columns; those
 * of parts that are none (bit of `mask` not set) are not looked at. */
struct value address_whole(struct arena *a, struct value stored, unsigned mask,
                           const struct value mirrors[ADDRESS_PARTS]);
/* A whole list into what is stored and the values of the plain columns (null or text). *found[i]:
 * the list says something about the part, so that the column is to be set. */
struct value address_split(struct arena *a, struct value whole, unsigned mask,
                           struct value mirrors[ADDRESS_PARTS], bool found[ADDRESS_PARTS]);
unsigned address_mask(const struct field *f);

/* One entry; parts it lacks are NULL. */
void address_from_json(const struct json *entry, struct address *out);
/* A stored or whole list; returns how many. */
size_t address_read(struct arena *a, struct value list, struct address **out);
/* Members of a JSON object: label, the parts that are not NULL, the marks. */
void address_print(struct json_writer *w, const struct address *x);
/* A list as it is stored, null when there are none. */
struct value address_list(struct arena *a, const struct address *list, size_t count);
/* The lines of an envelope below the name, in the order of the country; its name, in capitals, when
 * it is not that of `home` (ISO 3166 code; NULL: unknown). */
char *address_text(struct arena *a, const struct address *x, const char *home);
/* One address written freely, lines or commas between its parts. */
void address_guess(struct arena *a, const char *text, struct address *out);
/* A cell: "label* [opt-out, invalid]|street|postcode|city|region|country; …", * marks the primary one,
 * brackets only where one of their words is so; a backslash before ; | * [ and itself, "\n" between lines. 0, or -1: not of this form. */
int address_cell_read(struct arena *a, const char *cell, struct address *out, size_t room,
                      size_t *count);
void address_cell_write(struct buf *out, const struct address *x);

#endif
