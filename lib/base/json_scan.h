/*
 * The strict look at a JSON text before cJSON reads it (lib/base only). It checks the words of the
 * text (RFC 8259 strings, numbers, literals, white space), the balance and depth of brackets, and
 * our limits; the order of words is left to cJSON.
 */
#ifndef KONTOR_BASE_JSON_SCAN_H
#define KONTOR_BASE_JSON_SCAN_H

#include <stddef.h>

struct err;

/* 0 and the end of the value (white space behind it skipped), or -1 with ERR_MALFORMED. */
int json_scan(const char *text, size_t size, size_t *end, struct err *e);

#endif
