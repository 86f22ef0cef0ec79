/* Single-byte encodings: bytes below 0x80 are ASCII. */
#ifndef KONTOR_EXCHANGE_ENCODING_TABLES_H
#define KONTOR_EXCHANGE_ENCODING_TABLES_H

#include "exchange/encoding.h"

struct encoding_table {
    enum encoding encoding;
    const char *name;
    uint16_t high[128]; /* of bytes 0x80 to 0xff; 0: none */
};
extern const struct encoding_table ENCODING_TABLES[]; /* ends with ENCODING_NONE */

#endif
