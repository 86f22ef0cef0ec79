/* Countries: who is meant by a code or a name, and how addresses are written there. */
#ifndef KONTOR_MODEL_COUNTRY_H
#define KONTOR_MODEL_COUNTRY_H

struct country {
    const char *code; /* ISO 3166-1 alpha-2 */
    const char *english, *german;
    const char *pattern; /* of an address, see country.c */
};

/* By code, or by name in English or German in any case; NULL: none is known by this text. */
const struct country *country_find(const char *text);

#endif
