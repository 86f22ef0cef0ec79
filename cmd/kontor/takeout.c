/*
 * kontor export --all DIR and kontor import --all DIR: everything there is as files anybody can read,
 * and back into an empty system. The program sends and takes one archive (core/takeout.h); here it
 * becomes a folder and a folder becomes it; the ZIP that the browser gives is that archive.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/str.h"
#include "command.h"
#include "exchange/archive.h"

#define MANIFEST     "manifest.json"
#define MANIFEST_MAX ((size_t)64 << 20)
#define CONF_MAX     ((size_t)4 << 20)
#define CONF_FILES   10000
#define PIECE        65536

static int cannot(const char *what, const char *path)
{
    fprintf(stderr, "kontor: cannot %s %s: %s\n", what, path, strerror(errno));
    return EXIT_REFUSED;
}

/* ---- out ------------------------------------------------------------------------------------- */

static int fetch_archive(struct arguments *a, FILE *archive)
{
    struct client client;
    int rc = open_client(a, &client);
    if (rc != EXIT_DONE) {
        return rc;
    }
    rc = fetch(a, &client, "/api/v1/takeout", archive, P_tmpdir);
    client_close(&client);
    return rc == EXIT_DONE && fflush(archive) != 0 ? cannot("write", P_tmpdir) : rc;
}

static long read_piece(void *data, void *out, size_t room)
{
    size_t n = fread(out, 1, room, data);
    return n == 0 && ferror((FILE *)data) ? -1 : (long)n;
}

/* One file of the archive, with the folders it lies in; over `most` bytes it is refused. */
static int unpack_file(struct arguments *a, struct archive_reader *r, const char *path, size_t most)
{
    struct err e = {0};
    char piece[PIECE];
    long n;
    if (fs_make_dirs(arena_strndup(a->arena, path, (size_t)(strrchr(path, '/') - path)), &e) != 0) {
        return print_err(&e);
    }
    FILE *file = fopen(path, "wbx");
    if (file == NULL) {
        return cannot("write", path);
    }
    bool written = true;
    size_t size = 0;
    while (written && (n = archive_read(r, piece, sizeof(piece), &e)) > 0) {
        size += (size_t)n;
        errno = EFBIG;
        written = size <= most && fwrite(piece, 1, (size_t)n, file) == (size_t)n;
    }
    written = written && fflush(file) == 0 && fsync(fileno(file)) == 0;
    int error = errno;
    fclose(file);
    errno = error;
    if (!written) {
        return cannot("write", path);
    }
    return e.code != ERR_NONE ? print_err(&e) : EXIT_DONE;
}

static int unpack(struct arguments *a, FILE *archive, const char *dir)
{
    struct err e = {0};
    const char *name = NULL;
    int next, rc = EXIT_DONE;
    rewind(archive);
    struct archive_reader *r = archive_reader_new(a->arena, read_piece, archive);
    while ((next = archive_next(r, &name, &e)) == 1) {
        rc = unpack_file(a, r, fs_join(a->arena, dir, name), SIZE_MAX);
        if (rc != EXIT_DONE) {
            break;
        }
    }
    return next < 0 ? print_err(&e) : rc;
}

/* A manifest as JSON; NULL when it is said why there is none. */
static const struct json *read_manifest(struct arguments *a, const char *dir)
{
    struct err e = {0};
    struct buf text = {0};
    const struct json *out = NULL;
    if (fs_read(fs_join(a->arena, dir, MANIFEST), MANIFEST_MAX, &text, &e) != 0 ||
        json_parse(a->arena, arena_strndup(a->arena, buf_text(&text), text.size), text.size, &out,
                   &e) != 0) {
        print_err(&e);
    }
    buf_done(&text);
    return out;
}

static void print_made(struct arguments *a, const char *dir, const struct json *manifest)
{
    int64_t records = 0, n = 0;
    size_t files = 0;
    const struct json *list = json_find(manifest, "files");
    for (const struct json *f = list != NULL ? list->child : NULL; f != NULL; f = f->next) {
        files++;
        if (str_eq(json_text(f, "kind"), "records") && json_int(json_find(f, "lines"), &n) == 0) {
            records += n;
        }
    }
    if (a->json) {
        print_json_line(manifest);
    } else {
        printf("%s: %lld records in %zu files; %s lists them.\n", dir, (long long)records, files,
               MANIFEST);
    }
}

int takeout_out(struct arguments *a, const char *dir)
{
    struct err e = {0};
    const char *part = arena_printf(a->arena, "%s.part", dir);
    if (fs_exists(dir)) {
        fprintf(stderr, "kontor: %s is there already; a full export makes a new folder\n", dir);
        return EXIT_REFUSED;
    }
    FILE *archive = tmpfile();
    if (archive == NULL) {
        return cannot("make a file in", P_tmpdir);
    }
    int rc = fs_remove_tree(part, &e) == 0 && fs_make_dirs(part, &e) == 0 ? fetch_archive(a, archive)
                                                                         : print_err(&e);
    rc = rc == EXIT_DONE ? unpack(a, archive, part) : rc;
    fclose(archive);
    const struct json *manifest = rc == EXIT_DONE ? read_manifest(a, part) : NULL;
    if (manifest == NULL || rename(part, dir) != 0) {
        fs_remove_tree(part, &(struct err){0});
        return manifest != NULL ? cannot("write", dir) : EXIT_REFUSED;
    }
    print_made(a, dir, manifest);
    return EXIT_DONE;
}

/* ---- in -------------------------------------------------------------------------------------- */

static int pack_piece(void *data, const char *bytes, size_t n)
{
    return fwrite(bytes, 1, n, data) == n ? 0 : -1;
}

static int pack_file(struct archive_writer *w, const char *dir, const char *name, struct arguments *a)
{
    char piece[PIECE];
    size_t n;
    const char *path = fs_join(a->arena, dir, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return cannot("read", path);
    }
    bool good = archive_begin(w, name) == 0;
    while (good && (n = fread(piece, 1, sizeof(piece), file)) > 0) {
        good = archive_add(w, piece, n) == 0;
    }
    good = good && !ferror(file);
    fclose(file);
    return good ? EXIT_DONE : cannot("pack", path);
}

/* The files that the manifest names, and it: what else lies in the folder is none of ours. */
static int pack(struct arguments *a, const char *dir, const struct json *manifest, FILE *archive)
{
    struct archive_writer *w = archive_writer_new(a->arena, pack_piece, archive, (int64_t)time(NULL));
    const struct json *list = json_find(manifest, "files");
    int rc = EXIT_DONE;
    for (const struct json *f = list != NULL ? list->child : NULL; f != NULL && rc == EXIT_DONE;
         f = f->next) {
        rc = pack_file(w, dir, text_of(f, "name"), a);
    }
    rc = rc == EXIT_DONE ? pack_file(w, dir, MANIFEST, a) : rc;
    if (rc == EXIT_DONE && (archive_finish(w) != 0 || fflush(archive) != 0)) {
        rc = cannot("pack", dir);
    }
    return rc;
}

/* A file of the configuration; one that is there and says something else is kept beside it. */
static int put_conf(struct arguments *a, const char *from, const char *to)
{
    struct err e = {0};
    struct buf text = {0}, present = {0};
    int rc = EXIT_DONE;
    const char *older = arena_printf(a->arena, "%s.before", to);
    if (fs_read(from, CONF_MAX, &text, &e) != 0) {
        rc = print_err(&e);
    } else if (fs_exists(to) && fs_read(to, CONF_MAX, &present, &e) == 0 &&
               present.size == text.size && memcmp(buf_text(&present), buf_text(&text), text.size) == 0) {
        rc = EXIT_DONE;
    } else if (fs_exists(to) && rename(to, older) != 0) {
        rc = cannot("keep", to);
    } else {
        if (fs_exists(older)) {
            fprintf(stderr, "kontor: the %s that was there before is now %s\n", to, older);
        }
        const char *folder = arena_strndup(a->arena, to, (size_t)(strrchr(to, '/') - to));
        err_clear(&e);
        if (fs_make_dirs(folder, &e) != 0 ||
            fs_write_atomic(to, buf_text(&text), text.size, 0600, &e) != 0) {
            rc = print_err(&e);
        }
    }
    buf_done(&text);
    buf_done(&present);
    return rc;
}

static int put_config(struct arguments *a, struct client *client, const char *dir,
                      const struct json *manifest)
{
    const struct json *answer = NULL;
    const struct json *list = json_find(manifest, "files");
    int rc = ask(a, client, "POST", "/api/v1/config/check", "{}", &answer);
    const char *conf = rc == EXIT_DONE ? text_of(answer, "folder") : "";
    for (const struct json *f = list != NULL ? list->child : NULL; f != NULL && rc == EXIT_DONE;
         f = f->next) {
        const char *name = text_of(f, "name");
        if (str_eq(text_of(f, "kind"), "config") && str_starts(name, "conf/")) {
            rc = put_conf(a, fs_join(a->arena, dir, name),
                          fs_join(a->arena, conf, name + strlen("conf/")));
        }
    }
    return rc == EXIT_DONE
               ? ask(a, client, "POST", "/api/v1/config/apply", "{\"yes\":true}", &answer)
               : rc;
}

/* Before any file of the configuration is touched; the load itself looks again. */
static int check_empty(struct arguments *a, struct client *client)
{
    static const char *const ALLOWED[] = {"user", "team"};
    const struct json *status = NULL;
    int rc = ask(a, client, "GET", "/api/v1/status", NULL, &status);
    const struct json *records = rc == EXIT_DONE ? json_find(status, "records") : NULL;
    for (const struct json *n = records != NULL ? records->child : NULL; n != NULL; n = n->next) {
        int64_t count = 0;
        bool counts = json_int(n, &count) == 0 && count > 0;
        for (size_t i = 0; i < COUNT(ALLOWED); i++) {
            counts = counts && strcmp(n->key, ALLOWED[i]) != 0;
        }
        if (counts) {
            fprintf(stderr,
                    "kontor: this system is not empty: it holds %lld of %s. Everything goes into a "
                    "new one (kontor init).\n",
                    (long long)count, n->key);
            return EXIT_REFUSED;
        }
    }
    return rc;
}

static int send(struct arguments *a, struct client *client, FILE *archive)
{
    struct err e = {0};
    struct client_answer answer;
    const struct json *result = NULL;
    rewind(archive);
    const struct client_request request = {.method = "PUT",
                                           .target = "/api/v1/system/takeout",
                                           .read = read_piece,
                                           .read_data = archive};
    if (client_send(client, &request, &answer, &e) != 0) {
        return print_err(&e);
    }
    int rc = answer.status == 200 ? EXIT_DONE : print_refusal(a, &answer);
    if (rc == EXIT_DONE &&
        json_parse(a->arena, arena_strndup(a->arena, buf_text(&answer.body), answer.body.size),
                   answer.body.size, &result, &e) != 0) {
        rc = print_err(&e);
    }
    client_answer_done(&answer);
    if (rc != EXIT_DONE) {
        return rc;
    }
    if (a->json) {
        print_json_line(result);
        return rc;
    }
    printf("%s records, %s changes and %s attachments are in.\n", text_of(result, "records"),
           text_of(result, "changes"), text_of(result, "files"));
    if (text_of(result, "left")[0] > '0') {
        printf("%s values of fields that are in no configuration any more were left out of the "
               "history.\n",
               text_of(result, "left"));
    }
    puts("Passwords are not part of an export: kontor user password --email E, or a link from People.");
    return rc;
}

/* ---- in, from the ZIP -------------------------------------------------------------------------- */

/* Of an archive only what is read here: the manifest and the configuration. The rest goes as it is. */
static int unpack_settings(struct arguments *a, FILE *archive, const char *dir)
{
    struct err e = {0};
    const char *name = NULL;
    int next, rc = EXIT_DONE;
    size_t files = 0;
    struct archive_reader *r = archive_reader_new(a->arena, read_piece, archive);
    while (rc == EXIT_DONE && (next = archive_next(r, &name, &e)) == 1) {
        bool manifest = str_eq(name, MANIFEST);
        if ((manifest || str_starts(name, "conf/")) && ++files <= CONF_FILES) {
            rc = unpack_file(a, r, fs_join(a->arena, dir, name), manifest ? MANIFEST_MAX : CONF_MAX);
        }
    }
    return e.code != ERR_NONE ? print_err(&e) : rc;
}

/* Fills the empty folder with what load() reads there. */
static const struct json *read_zip(struct arguments *a, const char *path, FILE *archive,
                                   const char *dir)
{
    bool good = unpack_settings(a, archive, dir) == EXIT_DONE;
    if (good && fs_exists(fs_join(a->arena, dir, MANIFEST))) {
        return read_manifest(a, dir);
    }
    fprintf(stderr,
            "kontor: %s is %s ZIP of \u201cDownload everything\u201d. If it holds one that was packed "
            "again, unpack it and give the folder.\n",
            path, good ? "no" : "not a whole");
    return NULL;
}

/* ---- in, of either ----------------------------------------------------------------------------- */

static int load(struct arguments *a, const char *dir, const struct json *manifest, FILE *archive)
{
    struct client client;
    int rc = open_client(a, &client);
    if (rc == EXIT_DONE) {
        rc = check_empty(a, &client);
        rc = rc == EXIT_DONE ? put_config(a, &client, dir, manifest) : rc;
        rc = rc == EXIT_DONE ? send(a, &client, archive) : rc;
        client_close(&client);
    }
    return rc;
}

static int load_folder(struct arguments *a, const char *dir)
{
    const struct json *manifest = read_manifest(a, dir);
    FILE *archive = manifest != NULL ? tmpfile() : NULL;
    if (archive == NULL) {
        return manifest != NULL ? cannot("make a file in", P_tmpdir) : EXIT_REFUSED;
    }
    int rc = pack(a, dir, manifest, archive);
    rc = rc == EXIT_DONE ? load(a, dir, manifest, archive) : rc;
    fclose(archive);
    return rc;
}

static int load_zip(struct arguments *a, const char *path)
{
    char dir[] = P_tmpdir "/kontor-XXXXXX";
    FILE *archive = fopen(path, "rb");
    if (archive == NULL) {
        return cannot("read", path);
    }
    if (mkdtemp(dir) == NULL) {
        fclose(archive);
        return cannot("make a folder in", P_tmpdir);
    }
    const struct json *manifest = read_zip(a, path, archive, dir);
    int rc = manifest != NULL ? load(a, dir, manifest, archive) : EXIT_REFUSED;
    fs_remove_tree(dir, &(struct err){0});
    fclose(archive);
    return rc;
}

int takeout_in(struct arguments *a, const char *path)
{
    struct stat what;
    bool file = stat(path, &what) == 0 && S_ISREG(what.st_mode);
    return file ? load_zip(a, path) : load_folder(a, path);
}
