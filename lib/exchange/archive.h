/*
 * A folder as one stream of bytes: ZIP as APPNOTE.TXT 6.3 of PKWARE describes it, deflated, with the
 * sizes behind each file, so that it can be written and read from front to back without going
 * anywhere. More than 65,535 files and more than 4 GiB in all are written as ZIP64; one file holds
 * less than 4 GiB. Any unzip program opens what the writer makes. The reader takes what the writer
 * makes (and stored files of a known size); it checks every check sum. Pure functions on bytes.
 */
#ifndef KONTOR_EXCHANGE_ARCHIVE_H
#define KONTOR_EXCHANGE_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

#define ARCHIVE_FILE_MAX 0xfff00000u /* bytes of one file */
#define ARCHIVE_NAME_MAX 1000

typedef int (*archive_sink)(void *data, const char *bytes, size_t n);

struct archive_writer;
/* Goes with the arena. `at`: the time all files bear, seconds since 1970 UTC. */
struct archive_writer *archive_writer_new(struct arena *a, archive_sink sink, void *data, int64_t at);
/* Each 0, or -1 when the sink failed, or a file grew over ARCHIVE_FILE_MAX. Names are paths with /,
 * UTF-8. archive_begin ends the file before. */
int archive_begin(struct archive_writer *w, const char *name);
int archive_add(struct archive_writer *w, const void *bytes, size_t n);
int archive_finish(struct archive_writer *w);

/* Up to room bytes of the archive: > 0, 0 at the end, -1 failed (as struct request's read). */
typedef long (*archive_source)(void *data, void *out, size_t room);
struct archive_reader;
/* Goes with the arena. */
struct archive_reader *archive_reader_new(struct arena *a, archive_source source, void *data);
/* Goes to the next file, past what was not read of this one: 1 with its name (borrowed until the next
 * call), 0 behind the last one, -1 with e filled. Names that leave the folder are refused. */
int archive_next(struct archive_reader *r, const char **name, struct err *e);
/* Bytes of the file: > 0, 0 at its end (its check sum was right), -1 with e filled. */
long archive_read(struct archive_reader *r, void *out, size_t room, struct err *e);

#endif
