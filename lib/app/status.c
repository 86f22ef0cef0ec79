/* See status.h. */
#include "app/status.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "app/app.h"
#include "base/clock.h"
#include "base/fs.h"
#include "build.h"
#include "store/accounts.h"
#include "store/backup.h"

#define COUNT_CAP 1000000000

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
        users = strcmp(spec.entity->name, "user") == 0 ? n : users;
    }
    jw_object_end(w);
    jw_kv_int(w, "users", users);
    return 0;
}

static void print_problems(struct app *app, struct json_writer *w)
{
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
    if (app->insecure) {
        jw_text(w,
                "Browsers reach this server without encryption; set tls_certificate and tls_key.");
    }
    jw_array_end(w);
}

int status_host_print(void *data, struct ctx *c, struct buf *out)
{
    struct app *app = data;
    struct store_figures figures;
    const char *backup = NULL;
    struct db *db = ctx_db(c);
    if (db == NULL || accounts_fact(db, "last_backup", c->arena, &backup, &c->err) != 0) {
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
    print_problems(app, &w);
    jw_object_end(&w);
    return 0;
}

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
    if (rc == 0) {
        rc = send_file(c, fd, r);
    }
    close(fd);
    return rc;
}
