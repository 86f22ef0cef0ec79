/*
 * Files in a ZIP (APPNOTE.TXT 6.3 of PKWARE), found by its directory at the end and read by name,
 * for formats that are packed folders: XLSX. Bounded against what packs nothing into gigabytes.
 * (archive.h reads our own from front to back.) Bytes come from the caller's function.
 */
#ifndef KONTOR_EXCHANGE_ZIP_H
#define KONTOR_EXCHANGE_ZIP_H

#include "exchange/table.h"

#define ZIP_FILES_MAX    10000
#define ZIP_UNPACKED_MAX ((uint64_t)2 << 30) /* bytes of one file */
#define ZIP_RATIO_MAX    400 /* times its packed size, where that matters (from 64 MiB on) */

struct zip;
/* Goes with the arena. -1: ERR_INVALID. */
int zip_open(struct arena *a, const struct table_source *source, struct zip **out, struct err *e);

struct zip_file; /* being read */
/* Goes with the arena, or with zip_file_close. *out NULL: there is none of this name (case does not
 * matter, nor a / before it). */
int zip_file_open(struct zip *z, const char *name, struct zip_file **out, struct err *e);
void zip_file_close(struct zip_file *f);
/* Bytes of it: > 0, 0 at its end (its check sum was right), -1 with e filled. */
long zip_file_read(struct zip_file *f, void *out, size_t room, struct err *e);

#endif
