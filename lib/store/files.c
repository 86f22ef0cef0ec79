/* See files.h. */
#include "store/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/fs.h"
#include "base/str.h"
#include "store/schema_tables.h"
#include "store/store_private.h"

#define PASSING   "upload-" /* begins the names of what is on its way */
#define GRACE_MS  ((int64_t)7 * 24 * 3600000)
#define DIED_S    ((int64_t)24 * 3600) /* an upload that takes longer is not coming any more */
#define PAGE      500
#define LOOK_EACH ((int64_t)1 << 20) /* bytes between two looks at the room on disk */

/* Private copies have their files where the original has them. */
static const char *data_dir(const struct store *s)
{
    return s->origin != NULL ? s->origin->dir : s->dir;
}

static int system_error(struct err *e, const char *what)
{
    bool full = errno == ENOSPC || errno == EDQUOT;
    return err_fail(e, full ? ERR_FULL : ERR_INTERNAL, "",
                    full ? "The disk has no room for this file." : "A file cannot be %s: %s.", what,
                    strerror(errno));
}

const char *files_path(struct arena *a, const char *data_dir, const char *hash)
{
    return arena_printf(a, "%s/" FILES_DIR "/%.2s/%s", data_dir, hash, hash);
}

/* ---- drafts ---------------------------------------------------------------------------------- */

static void draft_done(void *data)
{
    struct file_draft *d = data;
    if (d->fd >= 0) {
        close(d->fd);
        unlink(d->path);
    }
    if (d->running != NULL) {
        crypto_hash_free(d->running);
    }
}

int file_draft_begin(struct store *s, struct arena *a, struct file_draft **out, struct err *e)
{
    static atomic_int number;
    const char *dir = fs_join(a, data_dir(s), FILES_DIR);
    struct file_draft *d = ARENA_NEW(a, struct file_draft);
    if (!fs_is_dir(dir) && (fs_make_dirs(dir, e) != 0 || fs_sync_dir(data_dir(s), e) != 0)) {
        return -1;
    }
    *d = (struct file_draft){.store = s, .running = crypto_hash_new()};
    d->path = arena_printf(a, "%s/" PASSING "%ld-%d", dir, (long)getpid(),
                           atomic_fetch_add(&number, 1));
    d->fd = open(d->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    arena_defer(a, draft_done, d);
    *out = d;
    return d->fd < 0 ? system_error(e, "stored") : 0;
}

int file_draft_add(struct file_draft *d, const void *bytes, size_t n, struct err *e)
{
    if (d->size / LOOK_EACH != (d->size + (int64_t)n) / LOOK_EACH &&
        !fs_leaves_room(d->path, (uint64_t)LOOK_EACH)) {
        errno = ENOSPC;
        return system_error(e, "stored");
    }
    if (fs_write_at(d->fd, bytes, n, d->size) != 0) {
        return system_error(e, "stored");
    }
    crypto_hash_add(d->running, bytes, n);
    d->size += (int64_t)n;
    return 0;
}

int file_draft_end(struct file_draft *d, struct err *e)
{
    unsigned char hash[CRYPTO_HASH_SIZE];
    crypto_hash_end(d->running, hash);
    for (size_t i = 0; i < sizeof hash; i++) {
        snprintf(d->hash + 2 * i, 3, "%02x", hash[i]);
    }
    return fsync(d->fd) != 0 ? system_error(e, "stored") : 0;
}

int file_draft_read(const struct file_draft *d, void *out, size_t n, size_t *got, struct err *e)
{
    ssize_t size = fs_read_at(d->fd, out, n, 0);
    *got = size > 0 ? (size_t)size : 0;
    return size < 0 ? system_error(e, "read") : 0;
}

static bool is_there(const char *path, int64_t size)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && (size < 0 || st.st_size == size);
}

static int sync_folders(const char *root, const char *folder, bool made, struct err *e)
{
    return fs_sync_dir(folder, e) != 0 || (made && fs_sync_dir(root, e) != 0) ? -1 : 0;
}

/* The same bytes by another upload a moment ago are on disk, but their folder need not be yet. */
int file_draft_keep(struct file_draft *d, struct err *e)
{
    struct arena a;
    arena_init(&a);
    const char *root = fs_join(&a, data_dir(d->store), FILES_DIR);
    const char *path = files_path(&a, data_dir(d->store), d->hash);
    const char *folder = arena_printf(&a, "%s/%.2s", root, d->hash);
    bool made = !fs_is_dir(folder);
    int rc = 0;
    if (made && mkdir(folder, 0700) != 0 && errno != EEXIST) {
        rc = system_error(e, "stored");
    } else if (is_there(path, d->size)) {
        unlink(d->path);
    } else if (rename(d->path, path) != 0) {
        rc = system_error(e, "stored");
    }
    if (rc == 0) {
        rc = sync_folders(root, folder, made, e);
        close(d->fd);
        d->fd = -1;
    }
    arena_done(&a);
    return rc;
}

/* ---- the table ------------------------------------------------------------------------------- */

static int run_hash(struct db *db, const char *sql, const char *hash, const int64_t *values,
                    size_t count, struct err *e)
{
    sqlite3_stmt *st = stmt_get(db, sql, e);
    if (st == NULL) {
        return -1;
    }
    stmt_bind_text(st, 1, hash);
    for (size_t i = 0; i < count; i++) {
        sqlite3_bind_int64(st, (int)i + 2, values[i]);
    }
    int rc = stmt_step(db, st, e);
    stmt_done(st);
    return rc;
}

int files_have(struct db *db, const char *hash, bool *out, struct err *e)
{
    int rc = run_hash(db, "SELECT 1 FROM stored_file WHERE hash = ?1", hash, NULL, 0, e);
    *out = rc == 1;
    return rc < 0 ? -1 : 0;
}

int files_bytes(struct db *db, int64_t *out, struct err *e)
{
    return db_counter(db, "stored_bytes", out, e);
}

static int add_bytes(struct db *db, int64_t n, struct err *e)
{
    return db_run_ints(db, "UPDATE counter SET value = value + ?1 WHERE name = 'stored_bytes'", &n,
                       1, e);
}

int files_note(struct db *db, const char *hash, int64_t size, int64_t now_ms, bool dry,
               struct err *e)
{
    const int64_t values[] = {size, now_ms};
    bool have = false;
    struct arena a;
    arena_init(&a);
    bool gone = !dry && !is_there(files_path(&a, data_dir(db->store), hash), size);
    arena_done(&a);
    if (gone) {
        return err_fail(e, ERR_BUSY, "", "The file could not be kept; send it once more.");
    }
    if (files_have(db, hash, &have, e) != 0) {
        return -1;
    }
    if (have) {
        return run_hash(db, "UPDATE stored_file SET unused_since = NULL WHERE hash = ?1", hash,
                        NULL, 0, e) < 0
                   ? -1
                   : 0;
    }
    return run_hash(db, "INSERT INTO stored_file(hash, size, at) VALUES(?1, ?2, ?3)", hash, values,
                    2, e) < 0
               ? -1
               : add_bytes(db, size, e);
}

int files_each(struct db *db, const char *after, size_t limit, struct arena *a,
               struct stored_file **out, size_t *count, struct err *e)
{
    sqlite3_stmt *st = stmt_get(
        db, "SELECT hash, size FROM stored_file WHERE hash > ?1 AND unused_since IS NULL"
            " ORDER BY hash LIMIT ?2",
        e);
    if (st == NULL) {
        return -1;
    }
    stmt_bind_text(st, 1, after);
    sqlite3_bind_int64(st, 2, (int64_t)limit);
    *out = ARENA_ARRAY(a, struct stored_file, limit);
    *count = 0;
    int rc = 0;
    while (*count < limit && (rc = stmt_step(db, st, e)) == 1) {
        (*out)[(*count)++] =
            (struct stored_file){stmt_text(st, 0, a), sqlite3_column_int64(st, 1)};
    }
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

static bool is_hash(const char *s)
{
    return strspn(s, "0123456789abcdef") == (size_t)2 * CRYPTO_HASH_SIZE &&
           s[2 * CRYPTO_HASH_SIZE] == '\0';
}

int files_open(const struct store *s, const char *hash, int64_t size)
{
    struct arena a;
    struct stat st;
    if (!is_hash(hash)) {
        return -1;
    }
    arena_init(&a);
    int fd = open(files_path(&a, data_dir(s), hash), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    arena_done(&a);
    if (fd >= 0 && size >= 0 && (fstat(fd, &st) != 0 || st.st_size != size)) {
        close(fd);
        fd = -1;
    }
    return fd;
}

int files_missing(struct db *db, struct arena *a, int64_t *count, const char **first,
                  struct err *e)
{
    struct stored_file *page = NULL;
    size_t n = 0;
    const char *after = "";
    *count = 0;
    *first = NULL;
    do {
        if (files_each(db, after, PAGE, a, &page, &n, e) != 0) {
            return -1;
        }
        for (size_t i = 0; i < n; i++) {
            after = page[i].hash;
            if (!is_there(files_path(a, data_dir(db->store), page[i].hash), page[i].size)) {
                *first = *count == 0 ? page[i].hash : *first;
                ++*count;
            }
        }
    } while (n == PAGE);
    return 0;
}

/* ---- tidying --------------------------------------------------------------------------------- */

/* What rows of the entity `file` name, in the bin or not, and what their history does: made for the
 * table as it is, whatever the model of the day says. NULL: there is no such table. */
static int used_query(struct db *db, struct arena *a, const char **out, struct err *e)
{
    struct tables t = {0};
    *out = NULL;
    if (tables_read(db, a, &t, e) != 0) {
        return -1;
    }
    const struct table_entity *file = tables_entity(&t, "file");
    const struct table_field *hash = file != NULL ? tables_field(file, "hash", 0) : NULL;
    if (hash != NULL) {
        *out = arena_printf(a,
                            "SELECT %s FROM %s WHERE %s IS NOT NULL UNION SELECT before FROM change "
                            "WHERE field = %lld AND before IS NOT NULL",
                            quoted(a, hash->column), table_name(a, "file"),
                            quoted(a, hash->column), (long long)hash->id);
    }
    return 0;
}

int files_called(struct db *db, const char *hash, struct arena *a, const char **out, struct err *e)
{
    struct tables t = {0};
    *out = "a file";
    if (tables_read(db, a, &t, e) != 0) {
        return -1;
    }
    const struct table_entity *file = tables_entity(&t, "file");
    const struct table_field *field = file != NULL ? tables_field(file, "hash", 0) : NULL;
    sqlite3_stmt *st =
        field == NULL ? NULL
                      : stmt_get(db,
                                 arena_printf(a, "SELECT title FROM %s WHERE %s = ?1 LIMIT 1",
                                              table_name(a, "file"), quoted(a, field->column)),
                                 e);
    if (st == NULL) {
        return field == NULL ? 0 : -1;
    }
    stmt_bind_text(st, 1, hash);
    int rc = stmt_step(db, st, e);
    *out = rc == 1 ? stmt_text(st, 0, a) : *out;
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

/* Those that are used lose their mark, the others get one. */
static int mark_unused(struct db *db, int64_t now_ms, struct arena *a, struct err *e)
{
    const char *used = NULL;
    if (used_query(db, a, &used, e) != 0 || used == NULL) {
        return used == NULL ? 0 : -1;
    }
    const char *mark = arena_printf(a,
                                    "UPDATE stored_file SET unused_since = ?1 "
                                    "WHERE unused_since IS NULL AND hash NOT IN (%s)",
                                    used);
    const char *clear = arena_printf(a,
                                     "UPDATE stored_file SET unused_since = NULL "
                                     "WHERE unused_since IS NOT NULL AND hash IN (%s)",
                                     used);
    return db_run_ints(db, mark, &now_ms, 1, e) != 0 ? -1 : db_run(db, clear, e);
}

static int remove_bytes(struct db *db, const struct stored_file *f, struct arena *a, struct err *e)
{
    if (run_hash(db, "DELETE FROM stored_file WHERE hash = ?1", f->hash, NULL, 0, e) < 0 ||
        add_bytes(db, -f->size, e) != 0) {
        return -1;
    }
    unlink(files_path(a, data_dir(db->store), f->hash));
    return 0;
}

static int old_marks(struct db *db, int64_t before, struct arena *a, struct stored_file *out,
                     size_t *count, struct err *e)
{
    sqlite3_stmt *st =
        stmt_get(db, "SELECT hash, size FROM stored_file WHERE unused_since < ?1 LIMIT ?2", e);
    if (st == NULL) {
        return -1;
    }
    sqlite3_bind_int64(st, 1, before);
    sqlite3_bind_int64(st, 2, PAGE);
    int rc = 0;
    *count = 0;
    while (*count < PAGE && (rc = stmt_step(db, st, e)) == 1) {
        out[(*count)++] = (struct stored_file){stmt_text(st, 0, a), sqlite3_column_int64(st, 1)};
    }
    stmt_done(st);
    return rc < 0 ? -1 : 0;
}

static int remove_strays(struct db *db, const struct file_strays *strays, struct err *e)
{
    for (size_t i = 0; i < strays->count; i++) {
        bool have = false;
        if (files_have(db, strrchr(strays->paths[i], '/') + 1, &have, e) != 0) {
            return -1;
        }
        if (!have) {
            unlink(strays->paths[i]);
        }
    }
    return 0;
}

int files_tidy(struct db *db, int64_t now_ms, const struct file_strays *strays, struct err *e)
{
    struct arena a;
    struct stored_file old[PAGE];
    size_t count = 0;
    arena_init(&a);
    int rc = mark_unused(db, now_ms, &a, e);
    if (rc == 0) {
        rc = old_marks(db, now_ms - GRACE_MS, &a, old, &count, e);
    }
    for (size_t i = 0; rc == 0 && i < count; i++) {
        rc = remove_bytes(db, &old[i], &a, e);
    }
    arena_done(&a);
    return rc == 0 ? remove_strays(db, strays, e) : -1;
}

static bool is_old(const char *path, int64_t now_ms, int64_t seconds)
{
    struct stat st;
    return stat(path, &st) == 0 && (int64_t)st.st_mtime < now_ms / 1000 - seconds;
}

static void add_stray(struct file_strays *strays, const char *path)
{
    if (strays->count < PAGE) {
        strays->paths[strays->count++] = path;
    }
}

static int look_into(struct db *db, const char *folder, int64_t now_ms, struct arena *a,
                     struct file_strays *out, struct err *e)
{
    const char **names = NULL;
    size_t count = 0;
    if (fs_list(a, folder, "", &names, &count, e) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        const char *path = fs_join(a, folder, names[i]);
        bool have = strlen(names[i]) != FILES_HASH_SIZE - 1;
        if (!have && files_have(db, names[i], &have, e) != 0) {
            return -1;
        }
        if (!have && is_old(path, now_ms, GRACE_MS / 1000)) {
            add_stray(out, path);
        }
    }
    return 0;
}

static void remove_passing(const char *root, int64_t now_ms, struct arena *a)
{
    const char **names = NULL;
    size_t count = 0;
    struct err ignored = {0};
    if (fs_list(a, root, "", &names, &count, &ignored) != 0) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const char *path = fs_join(a, root, names[i]);
        if (str_starts(names[i], PASSING) && is_old(path, now_ms, DIED_S)) {
            unlink(path);
        }
    }
}

int files_strays(struct db *db, int64_t now_ms, struct arena *a, struct file_strays *out,
                 struct err *e)
{
    const char *root = fs_join(a, data_dir(db->store), FILES_DIR);
    *out = (struct file_strays){.paths = ARENA_ARRAY(a, const char *, PAGE)};
    for (unsigned i = 0; i < 256; i++) {
        if (look_into(db, arena_printf(a, "%s/%02x", root, i), now_ms, a, out, e) != 0) {
            return -1;
        }
    }
    remove_passing(root, now_ms, a);
    return 0;
}
