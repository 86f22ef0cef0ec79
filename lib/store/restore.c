/*
 * See restore.h. The journal holds the restore's time and the configuration's path. Every step looks
 * at what is there, so the whole may be run again from any point; it always goes forward, because
 * the new data were checked and on disk before the journal was written.
 */
#include "store/restore.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/str.h"
#include "store/backup_format.h"
#include "store/files.h"
#include "store/store_private.h"

#define JOURNAL       "restore.journal"
#define JOURNAL_LIMIT 8192

const char *restore_absolute(struct arena *a, const char *conf_dir)
{
    size_t n = strlen(conf_dir);
    while (n > 1 && conf_dir[n - 1] == '/') {
        n--;
    }
    const char *conf = arena_strndup(a, conf_dir, n);
    char *here = conf[0] == '/' ? NULL : getcwd(NULL, 0);
    if (here != NULL) {
        conf = arena_printf(a, "%s/%s", here, conf);
    }
    free(here);
    return conf;
}

const char *restore_database(struct arena *a, const char *data_dir, const char *when)
{
    return arena_printf(a, "%s/restore-%s.db", data_dir, when);
}

const char *restore_conf(struct arena *a, const char *conf, const char *when)
{
    return arena_printf(a, "%s.restore-%s", conf, when);
}

const char *restore_files(struct arena *a, const char *data_dir, const char *when)
{
    return arena_printf(a, "%s/restore-%s." FILES_DIR, data_dir, when);
}

/* Opening and closing the old database empties its log into it, so that moving single files cannot
 * part them. */
static void settle_old(const char *path)
{
    sqlite3 *handle = NULL;
    if (fs_exists(path) &&
        sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) ==
            SQLITE_OK) {
        sqlite3_wal_checkpoint_v2(handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    }
    sqlite3_close_v2(handle);
}

/* The log first: a log left beside a new database would be played into it. */
static int move_old(const char *data_dir, const char *before, struct arena *a, struct err *e)
{
    static const char *const FILES[] = {"kontor.db-wal", "kontor.db-shm", BACKUP_DATABASE};
    settle_old(fs_join(a, data_dir, BACKUP_DATABASE));
    if (fs_make_dirs(before, e) != 0) {
        return -1;
    }
    for (size_t i = 0; i < COUNT(FILES); i++) {
        const char *from = fs_join(a, data_dir, FILES[i]);
        if (fs_exists(from) && fs_rename_durable(from, fs_join(a, before, FILES[i]), e) != 0) {
            return -1;
        }
    }
    return 0;
}

static const char *before_data(struct arena *a, const char *data_dir, const char *when)
{
    return arena_printf(a, "%s/before-restore-%s", data_dir, when);
}

static const char *before_conf(struct arena *a, const char *conf, const char *when)
{
    return arena_printf(a, "%s.before-restore-%s", conf, when);
}

const char *restore_kept_data(struct arena *a, const char *data_dir, const char *when)
{
    const char *before = before_data(a, data_dir, when);
    return fs_exists(fs_join(a, before, BACKUP_DATABASE)) ? before : NULL;
}

const char *restore_kept_conf(struct arena *a, const char *conf, const char *when)
{
    const char *before = before_conf(a, conf, when);
    return fs_is_dir(before) ? before : NULL;
}

/* A database that still waits means that the one in place, if any, is the old one. */
static int swap_database(const char *data_dir, const char *when, struct arena *a, struct err *e)
{
    const char *staged = restore_database(a, data_dir, when);
    const char *before = before_data(a, data_dir, when);
    if (!fs_exists(staged)) {
        return 0;
    }
    return move_old(data_dir, before, a, e) != 0
               ? -1
               : fs_rename_durable(staged, fs_join(a, data_dir, BACKUP_DATABASE), e);
}

/* The bytes of attachments stay with the database that names them. */
static int swap_files(const char *data_dir, const char *when, struct arena *a, struct err *e)
{
    const char *staged = restore_files(a, data_dir, when);
    const char *present = fs_join(a, data_dir, FILES_DIR);
    const char *before = before_data(a, data_dir, when);
    if (!fs_is_dir(staged)) {
        return 0;
    }
    if (fs_is_dir(present) &&
        (fs_make_dirs(before, e) != 0 ||
         fs_rename_durable(present, fs_join(a, before, FILES_DIR), e) != 0)) {
        return -1;
    }
    return fs_rename_durable(staged, present, e);
}

static int swap_conf(const char *conf, const char *when, struct arena *a, struct err *e)
{
    const char *staged = restore_conf(a, conf, when);
    const char *before = before_conf(a, conf, when);
    if (!fs_is_dir(staged)) {
        return 0;
    }
    if (fs_is_dir(conf) && fs_rename_durable(conf, before, e) != 0) {
        return -1;
    }
    return fs_rename_durable(staged, conf, e);
}

static int swap(const char *data_dir, const char *conf, const char *when, struct arena *a,
                struct err *e)
{
    if (swap_database(data_dir, when, a, e) != 0 || swap_files(data_dir, when, a, e) != 0 ||
        swap_conf(conf, when, a, e) != 0) {
        return -1;
    }
    unlink(fs_join(a, data_dir, JOURNAL));
    return fs_sync_dir(data_dir, e);
}

int restore_swap(const char *data_dir, const char *conf, const char *when, struct arena *a,
                 struct err *e)
{
    const char *text = arena_printf(a, "%s\n%s\n", when, conf);
    if (fs_write_atomic(fs_join(a, data_dir, JOURNAL), text, strlen(text), 0600, e) != 0) {
        return -1;
    }
    return swap(data_dir, conf, when, a, e);
}

static int resume(const char *data_dir, const char *journal, struct arena *a, struct err *e)
{
    struct buf text = {0};
    int rc = fs_read(journal, JOURNAL_LIMIT, &text, e);
    const char *when = buf_text(&text);
    size_t n = strcspn(when, "\n");
    const char *conf = when + n + (when[n] == '\n');
    if (rc == 0) {
        when = arena_strndup(a, when, n);
        conf = arena_strndup(a, conf, strcspn(conf, "\n"));
        log_warn("A restore was interrupted; finishing it.");
        rc = swap(data_dir, conf, when, a, e);
    }
    buf_done(&text);
    return rc;
}

/* ---- restores that did not come to their swap ------------------------------------------------ */

#define NOTE ".conf" /* restore-WHEN.conf says where the configuration is unpacked */

int restore_note(const char *data_dir, const char *conf, const char *when, struct arena *a,
                 struct err *e)
{
    const char *text = restore_conf(a, conf, when);
    const char *note = arena_printf(a, "%s/restore-%s" NOTE, data_dir, when);
    return fs_write_atomic(note, text, strlen(text), 0600, e);
}

/* The folder of a note "restore-WHEN.conf", which has the same WHEN in its name: nothing else is
 * ever removed. */
static void remove_conf(const char *data_dir, const char *name, struct arena *a)
{
    struct buf text = {0};
    struct err ignored = {0};
    const char *stem = arena_strndup(a, name, strlen(name) - strlen(NOTE));
    if (fs_read(fs_join(a, data_dir, name), JOURNAL_LIMIT, &text, &ignored) == 0 &&
        str_ends(buf_text(&text), arena_printf(a, ".%s", stem))) {
        fs_remove_tree(buf_text(&text), &ignored);
    }
    fs_remove_tree(arena_printf(a, "%s/%s." FILES_DIR, data_dir, stem), &ignored);
    buf_done(&text);
}

void restore_forget(const char *data_dir, struct arena *a)
{
    const char **names = NULL;
    size_t count = 0;
    struct err ignored = {0};
    if (fs_list(a, data_dir, "", &names, &count, &ignored) != 0) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (str_starts(names[i], "restore-") && str_ends(names[i], NOTE)) {
            remove_conf(data_dir, names[i], a);
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (str_starts(names[i], "restore-") || str_starts(names[i], JOURNAL ".")) {
            unlink(fs_join(a, data_dir, names[i]));
        }
    }
}

int restore_resume(const char *data_dir, struct err *e)
{
    struct arena a;
    int rc = 0;
    arena_init(&a);
    const char *journal = fs_join(&a, data_dir, JOURNAL);
    if (fs_exists(journal)) {
        rc = resume(data_dir, journal, &a, e);
    }
    if (rc == 0) {
        restore_forget(data_dir, &a);
    }
    arena_done(&a);
    return rc;
}
