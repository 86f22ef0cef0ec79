/*
 * The file of a backup, shared by backup.c (writing) and backup_read.c (verifying, restoring).
 *
 *   "KONTORB1"          8 bytes
 *   size of manifest    8 bytes, lowest first
 *   SHA-256 of manifest 32 bytes
 *   manifest            JSON: {"version","taken_at","change_set","chain","counts":{entity: n},
 *                       "parts":[{"name","size","sha256"}],"files":{"count","bytes"},
 *                       "missing":["conf/entities/x.yaml: why"]}
 *   parts               one after the other, in the manifest's order: kontor.db, then conf/<file> …
 *   attached files      see backup_files.h; nothing follows
 *
 * Every byte is covered by a hash or must have one certain value, so any flipped bit shows.
 */
#ifndef KONTOR_STORE_BACKUP_FORMAT_H
#define KONTOR_STORE_BACKUP_FORMAT_H

#include <stdint.h>

#include "base/json.h"
#include "store/backup.h"

struct db;

#define BACKUP_MAGIC "KONTORB1"
#define BACKUP_MAGIC_SIZE 8
#define BACKUP_HEAD_SIZE (BACKUP_MAGIC_SIZE + 8 + 32)
#define BACKUP_MANIFEST_LIMIT ((size_t)4 << 20)
#define BACKUP_DATABASE "kontor.db"
#define BACKUP_CONF "conf/"

/* What a database holds, for the manifest and for comparing with it. */
struct backup_contents {
    int64_t change_set;    /* newest */
    const char *chain;     /* its hash, hex; "" if there is none */
    const char **names;    /* entities, gone ones too */
    int64_t *counts;       /* records of each, the trash included */
    size_t count;
    int64_t records;       /* sum */
};
int backup_contents(struct db *db, struct arena *a, struct backup_contents *out, struct err *e);
/* Whether a part may be called so: nothing is ever unpacked beside the configuration. */
bool backup_name_is_safe(const char *name);
/* Human lines about it. */
const char *backup_lines(struct arena *a, const struct backup_contents *c, const char *taken_at, int64_t bytes);

#endif
