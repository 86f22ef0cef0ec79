/*
 * A file that a command writes. It is written beside its final name and renamed when it is complete,
 * so that a file that is there is a whole one; behind a symbolic link it is the file the link points
 * to. What cannot be renamed (a pipe, a device, /dev/stdout) is written as it comes, never replaced.
 */
#ifndef KONTOR_CMD_OUTPUT_H
#define KONTOR_CMD_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/err.h"

struct output {
    const char *name; /* as given */
    const char *path; /* behind symbolic links */
    const char *part; /* where it is written; NULL: as it comes, into `path` */
    FILE *file;
};

/* whole: a pipe or device is refused. What is opened is ended with one of those below. */
int output_open(struct arena *a, const char *name, bool whole, struct output *out, struct err *e);
/* All that was written, to the disk: from here on it may be read as out->part. */
int output_flush(struct output *out, struct err *e);
/* Closes it and gives it its name. */
int output_keep(struct output *out, struct err *e);
/* Closes it and leaves nothing. */
void output_drop(struct output *out);

/* False: standard output could not be written, which is said (once). */
bool output_told(const char *command);

#endif
