/*
 * Writing a backup: a copy of the database beside the live one, hashed, then streamed with the
 * configuration into one file or pipe; see backup.h and backup_format.h. Runs in the caller's
 * thread on connections of its own while others write.
 */
#include "store/backup.h"

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
#include "base/memory.h"
#include "base/str.h"
#include "build.h"
#include "model/model.h"
#include "store/backup_files.h"
#include "store/backup_format.h"
#include "store/copy.h"
#include "store/schema_plan.h"
#include "store/schema_tables.h"
#include "store/store_private.h"

#define CHUNK      ((size_t)256 * 1024)
#define CONF_ROOM  ((size_t)64 << 20) /* of all configuration files together */
#define CONF_FILES 1000               /* more would not fit into the manifest */
#define MISSING    100                /* told */

/* One part: a file on disk, or text in memory. */
struct part {
    const char *name;
    const char *path; /* or NULL */
    const char *text;
    int64_t size;
    unsigned char hash[CRYPTO_HASH_SIZE];
};

/* ---- contents -------------------------------------------------------------------------------- */

static int newest_set(struct db *db, struct arena *a, struct backup_contents *out, struct err *e)
{
    sqlite3_stmt *st = stmt_get(db, "SELECT id, hash FROM change_set ORDER BY id DESC LIMIT 1", e);
    if (!st) {
        return -1;
    }
    int rc = stmt_step(db, st, e);
    out->chain = "";
    if (rc == 1) {
        out->change_set = sqlite3_column_int64(st, 0);
        out->chain = crypto_hex(a, sqlite3_column_blob(st, 1), (size_t)sqlite3_column_bytes(st, 1));
    }
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

int backup_contents(struct db *db, struct arena *a, struct backup_contents *out, struct err *e)
{
    struct tables t = {0};
    *out = (struct backup_contents){0};
    if (newest_set(db, a, out, e) != 0 || tables_read(db, a, &t, e) != 0) {
        return -1;
    }
    out->names = ARENA_ARRAY(a, const char *, t.count + 1);
    out->counts = ARENA_ARRAY(a, int64_t, t.count + 1);
    out->count = t.count;
    for (size_t i = 0; i < t.count; i++) {
        const char *sql =
            arena_printf(a, "SELECT count(*) FROM %s", table_name(a, t.entities[i].name));
        out->names[i] = t.entities[i].name;
        if (db_get_int(db, sql, NULL, 0, 0, &out->counts[i], e) != 0) {
            return -1;
        }
        out->records += out->counts[i];
    }
    return 0;
}

const char *backup_lines(struct arena *a, const struct backup_contents *c, const char *taken_at,
                         int64_t bytes)
{
    const char *text = arena_printf(a, "taken at %s, %lld bytes, %lld changes\n", taken_at,
                                    (long long)bytes, (long long)c->change_set);
    for (size_t i = 0; i < c->count; i++) {
        text = arena_printf(a, "%s%-24s %lld\n", text, c->names[i], (long long)c->counts[i]);
    }
    return text;
}

/* ---- parts ----------------------------------------------------------------------------------- */

static int hash_file(struct part *p, struct err *e)
{
    int fd = open(p->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return err_fail(e, ERR_INTERNAL, "", "The copy of the database cannot be read.");
    }
    char *chunk = memory_take(CHUNK);
    struct crypto_hash *h = crypto_hash_new();
    ssize_t n;
    while ((n = fs_read_at(fd, chunk, CHUNK, p->size)) > 0) {
        crypto_hash_add(h, chunk, (size_t)n);
        p->size += n;
    }
    crypto_hash_end(h, p->hash);
    crypto_hash_free(h);
    free(chunk);
    close(fd);
    return n < 0 ? err_fail(e, ERR_INTERNAL, "", "The copy of the database cannot be read.") : 0;
}

static int write_file(int fd, const struct part *p, struct err *e)
{
    int in = open(p->path, O_RDONLY | O_CLOEXEC);
    if (in < 0) {
        return err_fail(e, ERR_INTERNAL, "", "The copy of the database cannot be read.");
    }
    char *chunk = memory_take(CHUNK);
    int rc = 0;
    int64_t at = 0;
    ssize_t n;
    while (rc == 0 && (n = fs_read_at(in, chunk, CHUNK, at)) > 0) {
        rc = backup_put(fd, chunk, (size_t)n, e);
        at += n;
    }
    free(chunk);
    close(in);
    return rc == 0 && at != p->size
               ? err_fail(e, ERR_INTERNAL, "", "The copy of the database cannot be read.")
               : rc;
}

/* ---- configuration --------------------------------------------------------------------------- */

bool backup_name_is_safe(const char *name)
{
    if (str_eq(name, BACKUP_DATABASE)) {
        return true;
    }
    return name && str_starts(name, BACKUP_CONF) && !strstr(name, "../") && !strstr(name, "//") &&
           !strchr(name, '\\') && str_ends(name, ".yaml");
}

/* What goes into the backup; the first part is the database. */
struct contents {
    struct arena *a;
    const char *conf_dir;
    struct source *applied;
    size_t applied_count;
    struct part *parts;
    size_t count;
    size_t room; /* bytes of configuration that still fit */
    struct backup_files files;
    struct backup_lost lost;
    const char **missing;
    size_t missing_count;
};

static void add_conf(struct contents *c, const char *name, const char *text, size_t size)
{
    struct part *p = &c->parts[c->count++];
    *p = (struct part){.name = name, .text = text, .size = (int64_t)size};
    crypto_sha256(text, size, p->hash);
}

/* The text that is applied stands in for a file that cannot be read. */
static void add_applied(struct contents *c, const char *name)
{
    for (size_t i = 0; i < c->applied_count; i++) {
        const struct source *s = &c->applied[i];
        if (name == NULL || str_eq(s->name, name)) {
            add_conf(c, arena_printf(c->a, BACKUP_CONF "%s", s->name), s->text, s->size);
        }
    }
}

static void note_missing(struct contents *c, const char *what, const char *why)
{
    if (c->missing_count < MISSING) {
        c->missing[c->missing_count++] = arena_printf(c->a, "%s: %s", what, why);
    }
}

static void add_file(struct contents *c, const char *name)
{
    struct buf text = {0};
    struct err e = {0};
    const char *part = arena_printf(c->a, BACKUP_CONF "%s", name);
    if (!backup_name_is_safe(part)) {
        note_missing(c, part, "A file of this name cannot be in a backup.");
    } else if (c->count > CONF_FILES) {
        note_missing(c, part, "There are too many configuration files.");
    } else if (fs_read(fs_join(c->a, c->conf_dir, name), c->room, &text, &e) != 0) {
        note_missing(c, part, e.text);
        add_applied(c, name);
    } else {
        c->room -= text.size;
        add_conf(c, part, arena_strndup(c->a, buf_text(&text), text.size), text.size);
    }
    buf_done(&text);
}

/* The files as they are on disk; without their folder those that are applied. */
static void conf_parts(struct contents *c)
{
    const char **names = NULL;
    size_t count = 0;
    struct err e = {0};
    bool listed =
        c->conf_dir == NULL || model_list_dir(c->a, c->conf_dir, &names, &count, &e) == 0;
    c->parts = ARENA_ARRAY(c->a, struct part, 1 + count + c->applied_count);
    c->missing = ARENA_ARRAY(c->a, const char *, MISSING);
    c->count = 1;
    c->room = CONF_ROOM;
    if (c->conf_dir != NULL && (!listed || !fs_is_dir(c->conf_dir))) {
        note_missing(c, c->conf_dir, listed ? "There is no such folder." : e.text);
        add_applied(c, NULL);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        add_file(c, names[i]);
    }
}

/* ---- manifest -------------------------------------------------------------------------------- */

static void write_manifest(struct buf *out, struct arena *a, const struct backup_contents *c,
                           const char *taken_at, const struct contents *all)
{
    const struct part *parts = all->parts;
    struct json_writer w;
    jw_init(&w, out);
    jw_object(&w);
    jw_kv_text(&w, "version", KONTOR_VERSION);
    jw_kv_text(&w, "taken_at", taken_at);
    jw_kv_int(&w, "change_set", c->change_set);
    jw_kv_text(&w, "chain", c->chain);
    jw_key(&w, "counts");
    jw_object(&w);
    for (size_t i = 0; i < c->count; i++) {
        jw_kv_int(&w, c->names[i], c->counts[i]);
    }
    jw_object_end(&w);
    jw_key(&w, "parts");
    jw_array(&w);
    for (size_t i = 0; i < all->count; i++) {
        jw_object(&w);
        jw_kv_text(&w, "name", parts[i].name);
        jw_kv_int(&w, "size", parts[i].size);
        jw_kv_text(&w, "sha256", crypto_hex(a, parts[i].hash, sizeof(parts[i].hash)));
        jw_object_end(&w);
    }
    jw_array_end(&w);
    jw_key(&w, "files");
    jw_object(&w);
    jw_kv_int(&w, "count", (int64_t)all->files.count);
    jw_kv_int(&w, "bytes", all->files.bytes);
    jw_object_end(&w);
    jw_key(&w, "missing");
    jw_array(&w);
    for (size_t i = 0; i < all->missing_count; i++) {
        jw_text(&w, all->missing[i]);
    }
    jw_array_end(&w);
    jw_object_end(&w);
}

static int write_head(int fd, const struct buf *manifest, struct err *e)
{
    unsigned char head[BACKUP_HEAD_SIZE];
    memcpy(head, BACKUP_MAGIC, BACKUP_MAGIC_SIZE);
    for (int i = 0; i < 8; i++) {
        head[BACKUP_MAGIC_SIZE + i] = (unsigned char)((uint64_t)manifest->size >> (8 * i));
    }
    crypto_sha256(manifest->data, manifest->size, head + BACKUP_MAGIC_SIZE + 8);
    return backup_put(fd, head, sizeof(head), e) != 0
               ? -1
               : backup_put(fd, manifest->data, manifest->size, e);
}

static int write_archive(int fd, const struct buf *manifest, const struct contents *all,
                         const char *data_dir, int64_t *bytes, struct err *e)
{
    const struct part *parts = all->parts;
    if (write_head(fd, manifest, e) != 0) {
        return -1;
    }
    *bytes = BACKUP_HEAD_SIZE + (int64_t)manifest->size;
    for (size_t i = 0; i < all->count; i++) {
        int rc = parts[i].path ? write_file(fd, &parts[i], e)
                               : backup_put(fd, parts[i].text, (size_t)parts[i].size, e);
        if (rc != 0) {
            return -1;
        }
        *bytes += parts[i].size;
    }
    if (backup_files_write(fd, data_dir, &all->files, e) != 0) {
        return -1;
    }
    *bytes += all->files.bytes;
    if (fsync(fd) != 0 && errno != EINVAL && errno != EROFS &&
        errno != ENOTSUP) { /* pipes cannot */
        return err_fail(e, ERR_INTERNAL, "", "The backup cannot be made durable: %s.",
                        strerror(errno));
    }
    return 0;
}

/* A backup that lies beside the database, be it on its way to the receiver, leaves room there. */
static bool leaves_room(int fd, const struct part *database, int64_t files)
{
    struct stat target, copy;
    bool beside = fstat(fd, &target) == 0 && stat(database->path, &copy) == 0 &&
                  S_ISREG(target.st_mode) && target.st_dev == copy.st_dev;
    return !beside || fs_leaves_room(database->path, (uint64_t)(database->size + files));
}

/* What the copy holds, and the texts that were applied to it. */
static int read_copy(const char *copy, const char *data_dir, struct arena *a,
                     struct backup_contents *held, struct contents *all, struct err *e)
{
    struct db *db = db_open(NULL, copy, false, e);
    if (!db) {
        return -1;
    }
    int rc = backup_contents(db, a, held, e);
    if (rc == 0) {
        rc = backup_files_list(db, data_dir, a, &all->files, &all->lost, e);
    }
    if (rc == 0 && all->conf_dir != NULL) {
        rc = schema_applied_sources(db, a, &all->applied, &all->applied_count, e);
    }
    db_close(db);
    return rc;
}

static int write_from_copy(const char *copy, const char *data_dir, const char *conf_dir, int fd,
                           struct arena *a, struct backup_report *out, struct err *e)
{
    struct backup_contents held;
    struct contents all = {.a = a, .conf_dir = conf_dir};
    char taken_at[CLOCK_INSTANT_SIZE];
    if (read_copy(copy, data_dir, a, &held, &all, e) != 0) {
        return -1;
    }
    conf_parts(&all);
    all.parts[0] = (struct part){.name = BACKUP_DATABASE, .path = copy};
    if (hash_file(&all.parts[0], e) != 0) {
        return -1;
    }
    if (!leaves_room(fd, &all.parts[0], all.files.bytes)) {
        return err_fail(e, ERR_FULL, "", "The disk has no room for the backup (%lld MB).",
                        (long long)((all.parts[0].size + all.files.bytes) >> 20));
    }
    struct buf manifest = {0};
    clock_print_instant(clock_now_ms(), taken_at);
    write_manifest(&manifest, a, &held, taken_at, &all);
    *out = (struct backup_report){.records = held.records,
                                  .change_sets = held.change_set,
                                  .taken_at = arena_strdup(a, taken_at),
                                  .missing = all.missing,
                                  .missing_count = all.missing_count,
                                  .files = (int64_t)all.files.count,
                                  .lost = all.lost.texts,
                                  .lost_told = all.lost.told,
                                  .lost_count = all.lost.count};
    int rc = write_archive(fd, &manifest, &all, data_dir, &out->bytes, e);
    out->text = backup_lines(a, &held, taken_at, out->bytes);
    buf_done(&manifest);
    return rc;
}

int backup_write(struct store *s, const char *conf_dir, int fd, struct arena *a,
                 struct backup_report *out, struct err *e)
{
    static atomic_int number;
    const char *tmp = fs_join(a, s->dir, "tmp");
    const char *copy =
        arena_printf(a, "%s/backup-%ld-%d.db", tmp, (long)getpid(), atomic_fetch_add(&number, 1));
    if (fs_make_dirs(tmp, e) != 0) {
        return -1;
    }
    int rc = copy_database(s->path, copy, &s->ending, e);
    if (rc == 0) {
        rc = write_from_copy(copy, s->dir, conf_dir, fd, a, out, e);
    }
    unlink(copy);
    return rc;
}
