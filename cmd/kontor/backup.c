/*
 * kontor backup, verify, restore. The file is written beside its final name, checked as a whole and
 * only then renamed, so that a backup that is there is a good one.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "command.h"
#include "output.h"
#include "store/backup.h"

/* Checks a backup with a scratch directory beside it. */
static int verify(struct arguments *a, const char *file, struct backup_report *report)
{
    struct err e = {0};
    char *dir = arena_printf(a->arena, "%s.check-XXXXXX", file);
    if (mkdtemp(dir) == NULL) {
        fprintf(stderr, "kontor: cannot make a directory beside %s: %s\n", file, strerror(errno));
        return EXIT_REFUSED;
    }
    int rc = backup_verify(file, dir, a->arena, report, &e);
    rmdir(dir);
    return rc == 0 ? EXIT_DONE : print_err(&e);
}

static void print_report(struct arguments *a, const char *file, const struct backup_report *report)
{
    for (size_t i = 0; i < report->missing_count; i++) {
        fprintf(stderr, "kontor: not in the backup: %s\n", report->missing[i]);
    }
    for (size_t i = 0; i < report->lost_told; i++) {
        fprintf(stderr, "kontor: %s\n", report->lost[i]);
    }
    if (a->json) {
        struct buf out = {0};
        struct json_writer w;
        jw_init(&w, &out);
        jw_object(&w);
        jw_kv_text(&w, "file", file);
        jw_kv_text(&w, "taken_at", report->taken_at);
        jw_kv_int(&w, "bytes", report->bytes);
        jw_kv_int(&w, "records", report->records);
        jw_kv_int(&w, "change_sets", report->change_sets);
        jw_kv_int(&w, "files", report->files);
        jw_kv_int(&w, "files_lost", report->lost_count);
        jw_object_end(&w);
        puts(buf_text(&out));
        buf_done(&out);
    } else {
        printf("%s: of %s, %lld records, %lld changes, %lld attached files: ", file,
               report->taken_at != NULL ? report->taken_at : "unknown date",
               (long long)report->records, (long long)report->change_sets,
               (long long)report->files);
        if (report->lost_count > 0) {
            printf("%lld attached files are missing or altered.\n", (long long)report->lost_count);
        } else {
            printf("whole and sound.\n");
        }
    }
}

/* For the status page: when there last was a good one. */
static int tell_daemon(struct arguments *a, struct client *client, const char *file)
{
    struct buf body = {0};
    struct json_writer w;
    const struct json *answer;
    jw_init(&w, &body);
    jw_object(&w);
    jw_kv_text(&w, "file", file);
    jw_object_end(&w);
    int rc = ask(a, client, "POST", "/api/v1/system/backup", buf_text(&body), &answer);
    buf_done(&body);
    return rc;
}

/* The backup that has the name already keeps a name of its own until the next: whoever writes the
 * same file every night has two. NULL: there was none, or the disk has no links. */
static const char *keep_older(struct arguments *a, const struct output *out)
{
    const char *older = arena_printf(a->arena, "%s.before", out->path);
    if (!fs_exists(out->path)) {
        return NULL;
    }
    unlink(older);
    return link(out->path, older) == 0 || rename(out->path, older) == 0 ? older : NULL;
}

static int backup(struct arguments *a, struct client *client, const char *file)
{
    struct err e = {0};
    struct backup_report report = {0};
    struct output out;
    if (output_open(a->arena, file, true, &out, &e) != 0) {
        return print_err(&e);
    }
    int rc = fetch(a, client, "/api/v1/backup", out.file, out.name);
    rc = rc == EXIT_DONE && output_flush(&out, &e) != 0 ? print_err(&e) : rc;
    rc = rc == EXIT_DONE ? verify(a, out.part, &report) : rc;
    if (rc != EXIT_DONE) {
        output_drop(&out);
        return rc;
    }
    const char *older = keep_older(a, &out);
    if (output_keep(&out, &e) != 0) {
        return print_err(&e);
    }
    print_report(a, file, &report);
    if (older != NULL) {
        fprintf(stderr, "kontor: the backup that was there before is now %s\n", older);
    }
    rc = tell_daemon(a, client, file);
    return rc == EXIT_DONE && report.lost_count > 0 ? EXIT_PARTLY : rc;
}

int command_backup(struct arguments *a)
{
    struct client client;
    if (strcmp(a->words[0], "-") == 0) {
        return usage_error(a, "a backup is read again to check it, so it needs a file, not -");
    }
    int rc = open_client(a, &client);
    if (rc == EXIT_DONE) {
        rc = backup(a, &client, a->words[0]);
        client_close(&client);
    }
    return rc;
}

int command_verify(struct arguments *a)
{
    struct backup_report report = {0};
    int rc = verify(a, a->words[0], &report);
    if (rc == EXIT_DONE) {
        print_report(a, a->words[0], &report);
    }
    return rc == EXIT_DONE && report.lost_count > 0 ? EXIT_REFUSED : rc;
}

static void print_kept(const char *what, const char *folder)
{
    if (folder != NULL) {
        printf("%s that was there before is kept in %s\n", what, folder);
    }
}

int command_restore(struct arguments *a)
{
    struct err e = {0};
    struct backup_report report = {0};
    if (fs_make_dirs(a->data, &e) != 0) {
        return print_err(&e);
    }
    int lock = fs_lock(fs_join(a->arena, a->data, "kontor.lock"), &e);
    if (lock < 0) {
        return print_err(&e);
    }
    int rc = backup_restore(a->words[0], a->data, a->conf, a->arena, &report, &e);
    close(lock);
    if (rc != 0) {
        return print_err(&e);
    }
    print_report(a, a->words[0], &report);
    if (report.text != NULL && !a->json) {
        printf("%s", report.text);
    }
    if (!a->json) {
        print_kept("The database", report.kept_data);
        print_kept("The configuration", report.kept_conf);
    }
    return EXIT_DONE;
}
