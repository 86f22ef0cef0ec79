/* See status.h. */
#include "app/status.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "app/app.h"
#include "app/config.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/log.h"
#include "build.h"
#include "core/file.h"
#include "core/form.h"
#include "store/accounts.h"
#include "store/backup.h"
#include "store/files.h"

#define COUNT_CAP     1000000000
#define CLOCK_EVEN_MS 60000 /* clocks are set by so much now and then */

const char *status_clock(struct store *s, struct arena *a)
{
    struct err ignored = {0};
    int64_t newest = 0;
    char at[CLOCK_INSTANT_SIZE];
    struct db *db = store_reader_take(s, 0);
    bool known = db != NULL && change_newest(db, &newest, &ignored) == 0;
    if (db != NULL) {
        store_reader_give(s, db);
    }
    if (!known || newest <= clock_now_ms() + CLOCK_EVEN_MS) {
        return NULL;
    }
    clock_print_instant(newest, at);
    return arena_printf(a,
                        "The newest change is of %s, which lies in the future: the clock of this "
                        "machine is wrong, or was. Until then all changes bear that date, so the "
                        "history and views of past days are wrong from there on. Set the clock; if it "
                        "is right, put back a backup from before, or live with it.",
                        at);
}

static int print_counts(struct ctx *c, struct db *db, struct json_writer *w)
{
    const struct who system = {.model = c->model, .now_ms = c->now_ms};
    int64_t users = 0;
    jw_key(w, "records");
    jw_object(w);
    for (size_t i = 0; i < c->model->entity_count; i++) {
        const struct list_spec spec = {.entity = c->model->entities[i], .action = ACTION_SEE};
        int64_t n;
        bool more;
        if (query_count(db, &system, &spec, COUNT_CAP, &n, &more, &c->err) != 0) {
            return -1;
        }
        jw_kv_int(w, spec.entity->name, n);
        users = strcmp(spec.entity->name, ENTITY_USER) == 0 ? n : users;
    }
    jw_object_end(w);
    jw_kv_int(w, "users", users);
    return 0;
}

/* What the daily look at the attached files found; NULL: all are there. */
static const char *lost_files(struct store *s, struct arena *a)
{
    struct err ignored = {0};
    const char *fact = NULL;
    const struct json *lost = NULL;
    int64_t count = 0;
    struct db *db = store_reader_take(s, 0);
    bool known = db != NULL && accounts_fact(db, "files_missing", a, &fact, &ignored) == 0;
    if (db != NULL) {
        store_reader_give(s, db);
    }
    if (!known || fact == NULL || json_parse(a, fact, strlen(fact), &lost, &ignored) != 0 ||
        json_find(lost, "count") == NULL || json_int(json_find(lost, "count"), &count) != 0 ||
        count == 0) {
        return NULL;
    }
    return arena_printf(a,
                        "%lld attached files are missing on the disk or were cut, among them %s. Put "
                        "the folder files back from a backup; kontor verify names them all.",
                        (long long)count, json_text(lost, "first"));
}

static void print_problems(struct app *app, struct arena *a, struct json_writer *w)
{
    const char *late = status_clock(app->store, a);
    const char *lost = lost_files(app->store, a);
    jw_key(w, "problems");
    jw_array(w);
    pthread_mutex_lock(&app->lock);
    if (app->notice[0] != 0) {
        jw_text(w, app->notice);
    }
    pthread_mutex_unlock(&app->lock);
    if (store_is_full(app->store)) {
        jw_text(w, "The disk is full: nothing can be changed until there is space.");
    }
    if (late != NULL) {
        jw_text(w, late);
    }
    if (lost != NULL) {
        jw_text(w, lost);
    }
    if (app->insecure) {
        jw_text(w,
                "Browsers reach this server without encryption; set tls_certificate and tls_key.");
    }
    jw_array_end(w);
}

void status_host_problems(void *data, struct json_writer *w)
{
    struct app *app = data;
    pthread_mutex_lock(&app->lock);
    bool config = app->notice[0] != 0;
    pthread_mutex_unlock(&app->lock);
    const struct {
        const char *name;
        bool is;
    } PROBLEMS[] = {
        {"disk_full", store_is_full(app->store)},
        {"config", config},
        {"insecure", app->insecure},
    };
    for (size_t i = 0; i < COUNT(PROBLEMS); i++) {
        if (PROBLEMS[i].is) {
            jw_text(w, PROBLEMS[i].name);
        }
    }
}

int status_host_print(void *data, struct ctx *c, struct buf *out)
{
    struct app *app = data;
    struct store_figures figures;
    const char *backup = NULL;
    int64_t files = 0;
    struct db *db = ctx_db(c);
    if (db == NULL || accounts_fact(db, "last_backup", c->arena, &backup, &c->err) != 0 ||
        files_bytes(db, &files, &c->err) != 0) {
        return -1;
    }
    store_figures(app->store, &figures);
    struct json_writer w;
    jw_init(&w, out);
    jw_object(&w);
    jw_kv_text(&w, "version", KONTOR_VERSION);
    jw_kv_text(&w, "config", c->model->version);
    jw_kv_int(&w, "uptime_s", (clock_monotonic_ms() - app->started_ms) / 1000);
    jw_kv_int(&w, "database_bytes", figures.database_bytes);
    jw_kv_int(&w, "wal_bytes", figures.wal_bytes);
    jw_kv_int(&w, "files_bytes", files);
    jw_kv_int(&w, "files_quota_bytes", file_bytes_all());
    jw_kv_int(&w, "commands", figures.commands);
    jw_kv_int(&w, "groups", figures.groups);
    jw_kv_int(&w, "change_sets", figures.change_sets);
    jw_key(&w, "last_backup");
    if (backup != NULL) {
        jw_raw(&w, backup, strlen(backup));
    } else {
        jw_null(&w);
    }
    if (print_counts(c, db, &w) != 0) {
        return -1;
    }
    jw_kv_bool(&w, "insecure", app->insecure);
    ctx_release(c);
    config_look_again(app, c->arena);
    print_problems(app, c->arena, &w);
    jw_object_end(&w);
    return 0;
}

/* ---- figures for programs -------------------------------------------------------------------- */

static void print_metric(struct buf *out, const char *name, const char *type, const char *help,
                         int64_t value)
{
    buf_printf(out, "# HELP kontor_%s %s\n# TYPE kontor_%s %s\nkontor_%s %lld\n", name, help, name,
               type, name, (long long)value);
}

/* When the last backup was checked, in seconds since 1970; 0 if there is none. */
static int last_backup(struct ctx *c, int64_t *out)
{
    const char *fact = NULL;
    const struct json *backup = NULL;
    struct db *db = ctx_db(c);
    *out = 0;
    if (db == NULL || accounts_fact(db, "last_backup", c->arena, &fact, &c->err) != 0) {
        return -1;
    }
    if (fact == NULL) {
        return 0;
    }
    if (json_parse(c->arena, fact, strlen(fact), &backup, &c->err) != 0) {
        return -1;
    }
    const char *at = json_text(backup, "at");
    int64_t ms = 0;
    *out = at != NULL && clock_parse_instant(at, &ms) == 0 ? ms / 1000 : 0;
    return 0;
}

int status_host_metrics(void *data, struct ctx *c, struct buf *out)
{
    struct app *app = data;
    struct store_figures f;
    int64_t backup;
    if (last_backup(c, &backup) != 0) {
        return -1;
    }
    ctx_release(c);
    store_figures(app->store, &f);
    const struct {
        const char *name, *type, *help;
        int64_t value;
    } METRICS[] = {
        {"uptime_seconds", "gauge", "Since the server started.",
         (clock_monotonic_ms() - app->started_ms) / 1000},
        {"disk_full", "gauge", "1 when the last write failed for want of space.",
         store_is_full(app->store)},
        {"database_bytes", "gauge", "Size of the database file.", f.database_bytes},
        {"log_bytes", "gauge", "Size of the write-ahead log.", f.wal_bytes},
        {"change_sets", "gauge", "Changes ever made to records.", f.change_sets},
        {"last_backup_timestamp_seconds", "gauge", "When the last backup was checked; 0: never.",
         backup},
        {"writes_total", "counter", "Writes that were asked for.", f.commands},
        {"commits_total", "counter", "Transactions they were written in.", f.groups},
        {"dry_runs_total", "counter", "Writes that were only tried.", f.dry_runs},
        {"write_retries_total", "counter", "Writes that were tried again.", f.retries},
    };
    buf_printf(out,
               "# HELP kontor_info Version of the program.\n# TYPE kontor_info gauge\n"
               "kontor_info{version=\"%s\"} 1\n",
               KONTOR_VERSION);
    for (size_t i = 0; i < COUNT(METRICS); i++) {
        print_metric(out, METRICS[i].name, METRICS[i].type, METRICS[i].help, METRICS[i].value);
    }
    form_metrics(c, out);
    return 0;
}

/* ---- backup ---------------------------------------------------------------------------------- */

static int send_file(struct ctx *c, int fd, struct reply *r)
{
    char piece[65536];
    ssize_t n;
    int64_t at = 0;
    int rc = 0;
    while (rc == 0 && (n = fs_read_at(fd, piece, sizeof piece, at)) != 0) {
        rc = n < 0 ? -1 : r->write(r->io, r, piece, (size_t)n);
        at += n;
    }
    return rc == 0 ? 0 : ctx_fail(c, ERR_INTERNAL, "", "The backup could not be sent.");
}

int status_host_backup(void *data, struct ctx *c, struct reply *r)
{
    struct app *app = data;
    struct backup_report report;
    const char *dir = fs_join(c->arena, app->data, "tmp");
    if (fs_make_dirs(dir, &c->err) != 0) {
        return -1;
    }
    ctx_release(c);
    int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0) {
        return ctx_fail(c, ERR_INTERNAL, "", "Cannot make a temporary file in the data directory.");
    }
    int rc = backup_write(app->store, app->conf, fd, c->arena, &report, &c->err);
    for (size_t i = 0; rc == 0 && app->daemon && i < report.missing_count; i++) {
        log_warn("Not in the backup: %s", report.missing[i]);
    }
    for (size_t i = 0; rc == 0 && app->daemon && i < report.lost_told; i++) {
        log_warn("Not in the backup: %s", report.lost[i]);
    }
    if (rc == 0) {
        rc = send_file(c, fd, r);
    }
    close(fd);
    return rc;
}
