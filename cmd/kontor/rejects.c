/* See rejects.h. Each row ends with the cells rejected_column, rejected_value and rejected_reason. */
#include "rejects.h"

#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "base/err.h"

#define OWN_COLUMNS 3
#define SHOWN       60 /* bytes of a value */

void rejects_init(struct rejects *r, struct arena *a)
{
    *r = (struct rejects){.arena = a};
}

/* What stands in somebody's file must not steer a terminal; long values end in an ellipsis. */
static const char *clean(struct arena *a, const char *text, size_t most)
{
    size_t n = strlen(text), kept = n <= most ? n : most;
    while (kept < n && kept > 0 && ((unsigned char)text[kept] & 0xC0) == 0x80) {
        kept--;
    }
    char *copy = arena_printf(a, "%.*s%s", (int)kept, text, kept < n ? "…" : "");
    for (char *p = copy; *p != '\0'; p++) {
        *p = (unsigned char)*p < 0x20 || *p == 0x7f ? ' ' : *p;
    }
    return copy;
}

static void take_row(struct rejects *r, const struct csv_row *row)
{
    const char *own[OWN_COLUMNS];
    if (r->columns == 0 || row->count != r->columns) {
        r->columns = row->count > OWN_COLUMNS ? row->count : 0;
        r->unclear = r->columns == 0;
        return;
    }
    for (size_t i = 0; i < OWN_COLUMNS; i++) {
        own[i] = csv_unguard(row->cells[row->count - OWN_COLUMNS + i].text);
    }
    for (size_t i = 0; i < r->count; i++) {
        struct reason *known = &r->reasons[i];
        if (strcmp(known->column, own[0]) == 0 && strcmp(known->value, own[1]) == 0 &&
            strcmp(known->text, own[2]) == 0) {
            known->rows++;
            return;
        }
    }
    if (r->count == REASONS_MAX) {
        r->others++;
        return;
    }
    r->reasons[r->count++] = (struct reason){arena_strdup(r->arena, own[0]),
                                             arena_strdup(r->arena, own[1]),
                                             arena_strdup(r->arena, own[2]), 1};
}

static void begin(struct rejects *r, const char **bytes, size_t *n)
{
    static const char MARK[] = "\xEF\xBB\xBF";
    struct csv_format format;
    if (*n >= 3 && memcmp(*bytes, MARK, 3) == 0) {
        *bytes += 3;
        *n -= 3;
    }
    csv_detect(*bytes, *n, false, &format);
    csv_reader_init(&r->reader, &format);
    r->begun = true;
}

static void read_rows(struct rejects *r)
{
    struct csv_row row;
    struct err ignored = {0};
    int rc = 0;
    while (!r->unclear && (rc = csv_reader_next(&r->reader, &row, &ignored)) == 1) {
        take_row(r, &row);
    }
    r->unclear = r->unclear || rc < 0;
}

void rejects_feed(struct rejects *r, const char *bytes, size_t n)
{
    if (!r->begun) {
        begin(r, &bytes, &n);
    }
    if (!r->unclear) {
        csv_reader_feed(&r->reader, bytes, n);
        read_rows(r);
    }
}

void rejects_print(struct rejects *r)
{
    if (!r->begun) {
        return;
    }
    csv_reader_end(&r->reader);
    read_rows(r);
    for (size_t i = 0; i < r->count && !r->unclear; i++) {
        const struct reason *why = &r->reasons[i];
        bool placed = why->column[0] != '\0';
        printf("  %ld × %s%s%s%s%s\n", why->rows, clean(r->arena, why->column, SHOWN),
               placed ? " “" : "", placed ? clean(r->arena, why->value, SHOWN) : "",
               placed ? "”: " : "", clean(r->arena, why->text, 400));
    }
    if (r->others > 0 && !r->unclear) {
        printf("  %ld × other reasons\n", r->others);
    }
}

void rejects_done(struct rejects *r)
{
    if (r->begun) {
        csv_reader_done(&r->reader);
    }
}
