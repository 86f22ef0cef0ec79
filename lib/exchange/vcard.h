/*
 * vCard 2.1, 3.0 (RFC 2426) and 4.0 (RFC 6350): one property read out of its line, and cards
 * written. What programs make of it is read, too: types without their name, values in
 * quoted-printable or another charset, escapes where there need be none.
 */
#ifndef KONTOR_EXCHANGE_VCARD_H
#define KONTOR_EXCHANGE_VCARD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct arena;

#define VCARD_TYPES_MAX 16

struct vcard_property {
    const char *group;                  /* "item1" of "item1.TEL"; NULL: none */
    const char *name;                   /* in capitals */
    const char *types[VCARD_TYPES_MAX]; /* in small letters, "pref" is not among them */
    size_t type_count;
    int preference;    /* 1 to 100; 0: nothing is said */
    const char *value; /* UTF-8, escapes as they are */
    bool omits_year;   /* of a date: its year means nothing */
    bool is_uri;
    bool is_base64; /* of a picture: the value is base64 still */
};

/* Is the line a property of this name, in capitals? */
bool vcard_is_called(const char *line, const char *name);
/* Does a line look like a property: [group.]name followed by ";" or ":"? */
bool vcard_is_property(const char *line);
/* `line` is unfolded, with lines of quoted-printable joined; `bytes`: its charset is not known yet.
 * false: it is none, or its value no text. Results live in the arena. */
bool vcard_read(struct arena *a, const char *line, bool bytes, struct vcard_property *out);
bool vcard_has_type(const struct vcard_property *p, const char *type);
/* Is the value of this line written as quoted-printable? */
bool vcard_is_quoted_printable(const char *line);

/* The parts of a value between `separator`s that are not escaped, without escapes; blanks around
 * them are dropped. Returns how many (at least 1). */
size_t vcard_split(struct arena *a, const char *value, char separator, const char ***out);
/* The whole value without escapes. */
const char *vcard_plain(struct arena *a, const char *value);

/* ---- Writing */

struct vcard_point {
    const char *value, *label; /* label "" or NULL: none */
    bool primary;
};

struct vcard_address {
    const char *street, *postcode, *city, *region, *country, *label; /* NULL or "": none */
    bool primary;
};

struct vcard {
    const char *full_name; /* must be there */
    const char *first, *last, *salutation, *nickname, *company, *department, *title, *role, *note,
        *uid, *birthday, *revised; /* NULL or "": none; birthday YYYY-MM-DD, revised …T…Z */
    const char *photo_type; /* NULL: none; else its bytes follow */
    const void *photo;
    size_t photo_size;
    bool organisation;
    const struct vcard_point *emails, *phones, *links;
    size_t email_count, phone_count, link_count;
    const struct vcard_address *addresses;
    size_t address_count;
    const char **tags;
    size_t tag_count;
};

/* Appends one card; `version` 4 or 3. Lines are folded at 75 bytes, never inside a character. */
void vcard_write(struct buf *out, const struct vcard *card, int version);

#endif
