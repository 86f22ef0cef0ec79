/* Shared by the fuzz targets of file formats: all of a file is read, and what comes is sound. */
#ifndef KONTOR_FUZZ_TABLE_H
#define KONTOR_FUZZ_TABLE_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "exchange/table.h"

static inline void must(int ok)
{
    if (!ok) {
        abort();
    }
}

/* Reads the bytes as whatever they are, to the end. */
static inline void read_table(const void *bytes, size_t n)
{
    struct table_memory memory = {bytes, n};
    const struct table_source source = {table_read_memory, &memory};
    const struct table_options options = {.name = "fuzz"};
    struct arena a;
    struct table *t = NULL;
    struct table_row row;
    struct err e = {0};
    int rc = 0;
    arena_init(&a);
    if (table_open(&a, &source, &options, &t, &e) == 0) {
        const struct table_info *info = table_info(t);
        while ((rc = table_next(t, &row, &e)) == 1) {
            for (size_t i = 0; i < info->column_count; i++) {
                must(strlen(row.cells[i].text) == row.cells[i].size);
            }
        }
    }
    must(rc <= 0 && (e.code == ERR_NONE || e.code == ERR_INVALID));
    must(table_where(&a, table_info(t)->format, "fuzz", table_info(t)->sheet, table_place(t)) !=
         NULL);
    arena_done(&a);
}

#endif
