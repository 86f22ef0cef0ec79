/*
 * Everything out, and in again: `kontor export --all DIR`, the button for owners, and `kontor import
 * --all DIR` into an empty system, which then has the same records, links, history and settings.
 *
 * The stream is a ZIP archive (exchange/archive.h) of open formats:
 *
 *   records/<plural>.ndjson   a record a line, in the bin too, as the API prints it with all its
 *                             fields; "_change": the change-set that made it; "_stored": values that
 *                             would not come back from what stands there, such as an amount at the
 *                             rate of its day
 *   tables/<table>.ndjson     what people made and that is no record: a row a line
 *   history.ndjson            a change-set a line, with the value each field had before
 *   files/<sha256>.<ending>   the bytes of an attachment; records/files.ndjson says whose and its name
 *   conf/…                    the configuration as applied
 *   manifest.json             what there is: for each file its lines and SHA-256
 *
 * Passwords, sessions and tokens are not in it.
 */
#ifndef KONTOR_CORE_TAKEOUT_H
#define KONTOR_CORE_TAKEOUT_H

#include "core/ctx.h"
#include "core/transfer.h"
#include "exchange/archive.h"

#define TAKEOUT_FORMAT   1
#define TAKEOUT_MANIFEST "manifest.json"

/* Streams the archive. All of it is read in one snapshot and stored before the first byte is sent. */
int takeout_export(struct ctx *c, export_sink sink, void *data);

struct takeout_result {
    int64_t records, changes, files;
    int64_t left; /* changes of fields that the model does not have */
};
/* Reads the archive to its end, checks it against its manifest, then loads it in one write: all or
 * nothing. ERR_CONFLICT when there are records already. */
int takeout_import(struct ctx *c, archive_source source, void *data, struct takeout_result *out);

#endif
