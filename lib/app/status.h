/* How the installation is: status page and backup, as host functions of the API. */
#ifndef KONTOR_APP_STATUS_H
#define KONTOR_APP_STATUS_H

#include "api/api.h"

/* What is to be said when the newest change is dated later than the clock says; NULL: all is well. */
const char *status_clock(struct store *s, struct arena *a);

int status_host_print(void *data, struct ctx *c, struct buf *out);
/* The kinds of problems an administrator is told of on every page, as items of an open list. */
void status_host_problems(void *data, struct json_writer *w);
/* The status for programs, in the text format of Prometheus: nothing that tells of records. */
int status_host_metrics(void *data, struct ctx *c, struct buf *out);
/* Streams a whole backup: made in a nameless file beside the database first, so that a slow reader
 * holds nothing up. */
int status_host_backup(void *data, struct ctx *c, struct reply *r);

#endif
