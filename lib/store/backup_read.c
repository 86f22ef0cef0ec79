/*
 * Verifying and restoring a backup; see backup.h and backup_format.h. Nothing in the file is
 * believed before its hash fits. Restoring happens beside the present data, which are moved aside
 * only when the new ones are complete, checked and on disk.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/str.h"
#include "store/backup_files.h"
#include "store/backup_format.h"
#include "store/restore.h"
#include "store/change.h"
#include "store/db.h"

#define CHUNK ((size_t)256 * 1024)

struct part {
    const char *name;
    int64_t size;
    const char *hash; /* hex */
};

struct archive {
    int fd;
    int64_t size; /* of the file */
    const struct json *manifest;
    struct part *parts;
    size_t count;
    bool has_files; /* backups of before know of none */
    int64_t file_count, file_bytes;
    struct backup_files files; /* once they were read */
    struct backup_lost lost;
};

static int damaged(struct err *e, const char *what)
{
    return err_fail(e, ERR_INVALID, "", "The backup is damaged: %s.", what);
}

/* ---- reading --------------------------------------------------------------------------------- */

static int read_exactly(int fd, void *out, size_t n)
{
    char *p = out;
    while (n > 0) {
        ssize_t got = read(fd, p, n);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return -1;
        }
        p += got;
        n -= (size_t)got;
    }
    return 0;
}

/* How many attached files stand behind the parts. */
static int read_file_count(struct archive *ar, struct err *e)
{
    const struct json *files = json_find(ar->manifest, "files");
    const struct json *count = files != NULL ? json_find(files, "count") : NULL;
    const struct json *bytes = files != NULL ? json_find(files, "bytes") : NULL;
    ar->has_files = files != NULL;
    if (files != NULL &&
        (count == NULL || bytes == NULL || json_int(count, &ar->file_count) != 0 ||
         json_int(bytes, &ar->file_bytes) != 0 || ar->file_count < 0 || ar->file_bytes < 0 ||
         ar->file_bytes > ar->size || ar->file_count > ar->file_bytes)) {
        return damaged(e, "the manifest says nothing possible of attached files");
    }
    return 0;
}

static int read_parts(struct archive *ar, struct arena *a, int64_t offset, struct err *e)
{
    const struct json *list = json_find(ar->manifest, "parts");
    if (!list || list->type != JSON_ARRAY || list->count == 0) {
        return damaged(e, "the manifest lists no parts");
    }
    ar->parts = ARENA_ARRAY(a, struct part, list->count);
    for (const struct json *item = list->child; item; item = item->next) {
        struct part *p = &ar->parts[ar->count];
        const struct json *size = json_find(item, "size");
        p->name = json_text(item, "name");
        p->hash = json_text(item, "sha256");
        if (!backup_name_is_safe(p->name) || !p->hash || !size || json_int(size, &p->size) != 0 ||
            p->size < 0 || p->size > ar->size) {
            return damaged(e, "the manifest names a part that cannot be");
        }
        offset += p->size;
        ar->count++;
    }
    if (read_file_count(ar, e) != 0) {
        return -1;
    }
    if (!str_eq(ar->parts[0].name, BACKUP_DATABASE) || offset + ar->file_bytes != ar->size) {
        return damaged(e, "it is cut off or has something behind its end");
    }
    return 0;
}

static int read_manifest(struct archive *ar, struct arena *a, struct err *e)
{
    unsigned char head[BACKUP_HEAD_SIZE];
    unsigned char hash[CRYPTO_HASH_SIZE];
    uint64_t size = 0;
    if (read_exactly(ar->fd, head, sizeof(head)) != 0 ||
        memcmp(head, BACKUP_MAGIC, BACKUP_MAGIC_SIZE) != 0) {
        return err_fail(e, ERR_INVALID, "", "The file is not a backup of Kontor.");
    }
    for (int i = 7; i >= 0; i--) {
        size = size << 8 | head[BACKUP_MAGIC_SIZE + i];
    }
    if (size == 0 || size > BACKUP_MANIFEST_LIMIT || (int64_t)size > ar->size) {
        return damaged(e, "its manifest has no possible size");
    }
    char *text = arena_alloc(a, size + 1);
    if (read_exactly(ar->fd, text, size) != 0) {
        return damaged(e, "it ends within the manifest");
    }
    crypto_sha256(text, size, hash);
    if (memcmp(hash, head + BACKUP_MAGIC_SIZE + 8, sizeof(hash)) != 0) {
        return damaged(e, "the manifest does not fit its hash");
    }
    if (json_parse(a, text, size, &ar->manifest, e) != 0) {
        return -1;
    }
    return read_parts(ar, a, BACKUP_HEAD_SIZE + (int64_t)size, e);
}

static int archive_open(struct archive *ar, const char *file, struct arena *a, struct err *e)
{
    struct stat st;
    *ar = (struct archive){.fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    if (ar->fd < 0 || fstat(ar->fd, &st) != 0) {
        return err_fail(e, ERR_NOT_FOUND, "", "%s cannot be opened: %s.", file, strerror(errno));
    }
    if (!S_ISREG(st.st_mode)) {
        return err_fail(e, ERR_NOT_FOUND, "", "%s is not a file.", file);
    }
    ar->size = st.st_size;
    return read_manifest(ar, a, e);
}

static void archive_close(struct archive *ar)
{
    if (ar->fd >= 0) {
        close(ar->fd);
    }
}

/* ---- unpacking ------------------------------------------------------------------------------- */

static int write_chunk(int fd, const char *data, size_t n, struct err *e)
{
    if (fs_write(fd, data, n) == 0) {
        return 0;
    }
    return err_fail(e, errno == ENOSPC ? ERR_FULL : ERR_INTERNAL, "",
                    "The backup cannot be unpacked: %s.", strerror(errno));
}

/* The next part of the archive into the descriptor (-1: only checked), its hash compared. */
static int copy_part(struct archive *ar, const struct part *p, int out, struct err *e)
{
    char *chunk = memory_take(CHUNK);
    struct crypto_hash *h = crypto_hash_new();
    unsigned char hash[CRYPTO_HASH_SIZE];
    int rc = 0;
    for (int64_t left = p->size; rc == 0 && left > 0;) {
        size_t n = left < (int64_t)CHUNK ? (size_t)left : CHUNK;
        if (read_exactly(ar->fd, chunk, n) != 0) {
            rc = damaged(e, "it is cut off");
            break;
        }
        crypto_hash_add(h, chunk, n);
        rc = out < 0 ? 0 : write_chunk(out, chunk, n, e);
        left -= (int64_t)n;
    }
    crypto_hash_end(h, hash);
    crypto_hash_free(h);
    free(chunk);
    struct arena a;
    arena_init(&a);
    if (rc == 0 && !str_eq(crypto_hex(&a, hash, sizeof(hash)), p->hash)) {
        rc = damaged(e, "a part does not fit its hash");
    }
    arena_done(&a);
    return rc;
}

/* Part to a new file, on disk when this returns. */
static int unpack_to(struct archive *ar, const struct part *p, const char *path, struct err *e)
{
    int out = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (out < 0) {
        return err_fail(e, ERR_INTERNAL, "", "The backup cannot be unpacked: %s.", strerror(errno));
    }
    int rc = copy_part(ar, p, out, e);
    if (rc == 0 && fsync(out) != 0) {
        rc = err_fail(e, ERR_INTERNAL, "", "The backup cannot be unpacked: %s.", strerror(errno));
    }
    close(out);
    return rc;
}

static int unpack_conf(struct archive *ar, const struct part *p, const char *dir, struct arena *a,
                       struct err *e)
{
    const char *path = fs_join(a, dir, p->name + strlen(BACKUP_CONF));
    const char *slash = strrchr(path, '/');
    const char *folder = arena_strndup(a, path, (size_t)(slash - path));
    if (fs_make_dirs(folder, e) != 0 || unpack_to(ar, p, path, e) != 0) {
        return -1;
    }
    return fs_sync_dir(folder, e);
}

/* Database to `database`, configuration below conf, attached files below files (NULL: checked only). */
static int unpack(struct archive *ar, const char *database, const char *conf, const char *files,
                  struct arena *a, struct err *e)
{
    if (unpack_to(ar, &ar->parts[0], database, e) != 0) {
        return -1;
    }
    for (size_t i = 1; i < ar->count; i++) {
        int rc =
            conf ? unpack_conf(ar, &ar->parts[i], conf, a, e) : copy_part(ar, &ar->parts[i], -1, e);
        if (rc != 0) {
            return -1;
        }
    }
    return backup_files_read(ar->fd, ar->file_count, ar->file_bytes, files, a, &ar->files,
                             &ar->lost, e);
}

/* ---- checking -------------------------------------------------------------------------------- */

/* SQLite's own checks: the first line of the pragma must be `wanted`, or there must be none. */
static int pragma_says(sqlite3 *handle, const char *sql, const char *wanted, struct err *e)
{
    sqlite3_stmt *st = NULL;
    if (sqlite3_prepare_v2(handle, sql, -1, &st, NULL) != SQLITE_OK) {
        return damaged(e, "its database cannot be read");
    }
    int rc = sqlite3_step(st);
    bool fine = wanted
                    ? rc == SQLITE_ROW && str_eq((const char *)sqlite3_column_text(st, 0), wanted)
                    : rc == SQLITE_DONE;
    sqlite3_finalize(st);
    return fine ? 0 : damaged(e, "its database does not pass the integrity check");
}

static int check_pages(const char *path, struct err *e)
{
    sqlite3 *handle = NULL;
    int rc = sqlite3_open_v2(path, &handle, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc != SQLITE_OK) {
        rc = damaged(e, "its database cannot be opened");
    } else {
        rc = pragma_says(handle, "PRAGMA integrity_check", "ok", e);
    }
    if (rc == 0) {
        rc = pragma_says(handle, "PRAGMA foreign_key_check", NULL, e);
    }
    sqlite3_close_v2(handle);
    return rc;
}

static void count_bad(void *data, int64_t set, const char *text)
{
    int *bad = data;
    log_warn("audit chain, change %lld: %s", (long long)set, text);
    ++*bad;
}

static int check_counts(const struct archive *ar, const struct backup_contents *c, struct err *e)
{
    const struct json *counts = json_find(ar->manifest, "counts");
    const struct json *newest = json_find(ar->manifest, "change_set");
    int64_t wanted = -1;
    if (!newest || json_int(newest, &wanted) != 0 || wanted != c->change_set ||
        !str_eq(json_text(ar->manifest, "chain"), c->chain)) {
        return damaged(e, "its newest change is not that of the manifest");
    }
    for (size_t i = 0; i < c->count; i++) {
        const struct json *n = json_find(counts, c->names[i]);
        if (!n || json_int(n, &wanted) != 0 || wanted != c->counts[i]) {
            return damaged(e, "it does not hold as many records as the manifest says");
        }
    }
    return 0;
}

static void list_missing(const struct archive *ar, struct arena *a, struct backup_report *out)
{
    const struct json *list = json_find(ar->manifest, "missing");
    if (list == NULL || list->type != JSON_ARRAY) {
        return;
    }
    out->missing = ARENA_ARRAY(a, const char *, list->count + 1);
    for (const struct json *item = list->child; item != NULL; item = item->next) {
        if (item->type == JSON_STRING) {
            out->missing[out->missing_count++] = item->text;
        }
    }
}

/* All checks of an unpacked database; fills the report. A chain that does not hold fails a
 * verification (`strict`), but does not stand in the way of getting the data back. */
static int check_database(struct archive *ar, const char *path, bool strict, struct arena *a,
                          struct backup_report *out, struct err *e)
{
    struct backup_contents c;
    unsigned char head[CRYPTO_HASH_SIZE];
    int64_t checked = 0;
    int bad = 0;
    if (check_pages(path, e) != 0) {
        return -1;
    }
    struct db *db = db_open(NULL, path, false, e);
    if (!db) {
        return -1;
    }
    int rc = backup_contents(db, a, &c, e);
    if (rc == 0) {
        rc = check_counts(ar, &c, e);
    }
    if (rc == 0 && ar->has_files) {
        rc = backup_files_compare(db, &ar->files, a, &ar->lost, e);
    }
    if (rc == 0) {
        rc = chain_verify(db, NULL, 0, count_bad, &bad, &checked, head, e);
    }
    db_close(db);
    if (rc == 0 && bad > 0 && strict) {
        rc = damaged(e, "its audit chain does not hold");
    }
    if (rc == 0) {
        const char *taken_at = json_text(ar->manifest, "taken_at");
        *out = (struct backup_report){.bytes = ar->size,
                                      .records = c.records,
                                      .change_sets = c.change_set,
                                      .taken_at = taken_at ? taken_at : "",
                                      .files = ar->file_count,
                                      .lost = ar->lost.texts,
                                      .lost_told = ar->lost.told,
                                      .lost_count = ar->lost.count};
        out->text = backup_lines(a, &c, out->taken_at, ar->size);
        list_missing(ar, a, out);
        if (bad > 0) {
            out->text =
                arena_printf(a, "%sThe audit chain does not hold in %d places.\n", out->text, bad);
        }
    }
    return rc;
}

int backup_verify(const char *file, const char *tmp_dir, struct arena *a, struct backup_report *out,
                  struct err *e)
{
    struct archive ar = {.fd = -1};
    const char *database = arena_printf(a, "%s/verify-%ld.db", tmp_dir, (long)getpid());
    int rc = archive_open(&ar, file, a, e);
    if (rc == 0) {
        rc = fs_make_dirs(tmp_dir, e);
    }
    if (rc == 0) {
        rc = unpack(&ar, database, NULL, NULL, a, e);
        if (rc == 0) {
            rc = check_database(&ar, database, true, a, out, e);
        }
        unlink(database);
    }
    archive_close(&ar);
    return rc;
}

/* ---- restoring ------------------------------------------------------------------------------- */

static const char *stamp(struct arena *a)
{
    char text[CLOCK_INSTANT_SIZE];
    char digits[CLOCK_INSTANT_SIZE];
    size_t n = 0;
    clock_print_instant(clock_now_ms(), text);
    for (const char *p = text; *p; p++) {
        if ((*p >= '0' && *p <= '9') || *p == 'T') {
            digits[n++] = *p;
        }
    }
    return arena_strndup(a, digits, n);
}

int backup_restore(const char *file, const char *data_dir, const char *conf_dir, struct arena *a,
                   struct backup_report *out, struct err *e)
{
    struct archive ar = {.fd = -1};
    const char *when = stamp(a);
    const char *conf = restore_absolute(a, conf_dir);
    const char *staged_db = restore_database(a, data_dir, when);
    const char *staged_conf = restore_conf(a, conf, when);
    const char *staged_files = restore_files(a, data_dir, when);
    if (fs_make_dirs(data_dir, e) != 0 || restore_resume(data_dir, e) != 0) {
        return -1;
    }
    bool swapping = false;
    int rc = archive_open(&ar, file, a, e);
    if (rc == 0) {
        rc = restore_note(data_dir, conf, when, a, e);
        if (rc == 0) {
            rc = unpack(&ar, staged_db, staged_conf, staged_files, a, e);
        }
        if (rc == 0) {
            rc = check_database(&ar, staged_db, false, a, out, e);
        }
        swapping = rc == 0;
        if (swapping) {
            rc = restore_swap(data_dir, conf, when, a, e);
        }
        if (rc == 0) {
            out->kept_data = restore_kept_data(a, data_dir, when);
            out->kept_conf = restore_kept_conf(a, conf, when);
        }
        if (rc == 0 || !swapping) {
            restore_forget(data_dir, a);
        }
    }
    archive_close(&ar);
    return rc;
}
