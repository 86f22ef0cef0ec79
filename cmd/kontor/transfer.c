/*
 * kontor import, kontor export. The command reads and writes its own files; the daemon (or the
 * library in this process) sees streams. An import is a job: made, fed, then asked until it is
 * done.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/str.h"
#include "command.h"
#include "output.h"
#include "rejects.h"

#define ASK_FIRST_MS 2
#define ASK_LAST_MS  500
#define MAP_SIZE     (1u << 20)

const struct parameter IMPORT_OPTIONS[] = {
    {"map", "FILE|NAME",
     "mapping of columns to fields: a YAML file, or the name of one saved in the browser or in "
     "conf/imports; without it one in conf/imports or the names decide"},
    {"match", "FIELDS",
     "fields that tell whether a record is there already, such as email or name,company"},
    {"create-links", NULL, "make linked records that are missing, but no users and teams"},
    {"decimal", "SIGN",
     "comma or point: the decimal sign of all numbers, for files that do not tell whether 1.500 is a "
     "thousand"},
    {"encoding", "NAME", "of the file, such as UTF-8 or Windows-1252, where the guess is wrong"},
    {"delimiter", "SIGN", "csv: , ; | or tab, where the guess is wrong"},
    {"sheet", "NAME", "xlsx: the sheet, by its name or number (without it the first with rows)"},
    {"rules", "none|silent|all",
     "rules of the firm that act after a change: none (the default), silent without telling anybody, or "
     "all; those that refuse bind every row"},
    {"all", "DIR|ZIP",
     "everything that `kontor export --all DIR` wrote, or the ZIP of \u201cDownload everything\u201d, "
     "into an empty system"},
    {"no-gates", NULL,
     "let rows past the gates of stages and past rules that refuse; noted in the history "
     "(administrators)"},
    {"dry-run", NULL, "do everything, keep nothing"},
    {"rejects", "FILE",
     "where rejected rows go; without it NAME-rejects.csv beside the file (NAME-rejects-2.csv when "
     "that is there), with --dry-run nowhere"},
    {"at", "COLUMN",
     "the column with each row's date: old data get their history (first load, administrators)"},
    {NULL, NULL, NULL},
};

const struct parameter EXPORT_OPTIONS[] = {
    {"all", "DIR", "everything, into a new folder: records, history, configuration"},
    {"filter", "EXPR", "only records for which this holds"},
    {"fields", "A,B", "only these fields"},
    {"format", "FORMAT",
     "csv, ndjson, xlsx or vcf (vCards); without it the end of FILE decides, else csv"},
    {"card", "VERSION", "vcf: 4 (default) or 3"},
    {"delimiter", "SIGN",
     "csv: , (default) ; | or tab; German spreadsheets want ; and with --out such a file gets the mark "
     "by which they know UTF-8"},
    {"out", "FILE", "instead of standard output"},
    {"guard", NULL, "csv: keep spreadsheets from taking text for formulas; with the mark of UTF-8"},
    {NULL, NULL, NULL},
};

static long read_file(void *data, void *out, size_t room)
{
    const int *fd = data;
    ssize_t n;
    do {
        n = read(*fd, out, room);
    } while (n < 0 && errno == EINTR);
    return (long)n;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

/* ---- Import -----------------------------------------------------------------------------------
 */

/* No file, and no path to one: a mapping that Kontor keeps under this name. */
static bool is_map_name(const char *text)
{
    struct stat st;
    return stat(text, &st) != 0 && strchr(text, '/') == NULL && !str_ends(text, ".yaml") &&
           !str_ends(text, ".yml");
}

static int import_json(struct arguments *a, const char **out)
{
    struct buf body = {0}, map = {0};
    struct json_writer w;
    struct err e = {0};
    const char *map_file = argument(a, "map");
    bool named = map_file != NULL && is_map_name(map_file);
    if (map_file != NULL && !named && fs_read(map_file, MAP_SIZE, &map, &e) != 0) {
        return print_err(&e);
    }
    jw_init(&w, &body);
    jw_object(&w);
    jw_kv_text(&w, "entity", a->words[0]);
    jw_kv_text(&w, "file_name", base_name(a->words[1]));
    if (map_file != NULL) {
        jw_kv_text(&w, "map", named ? NULL : buf_text(&map));
        jw_kv_text(&w, "map_name", base_name(map_file));
    }
    static const char *const texts[] = {"match", "at", "decimal", "encoding", "sheet", "rules"};
    for (size_t i = 0; i < COUNT(texts); i++) {
        if (argument_given(a, texts[i])) {
            jw_kv_text(&w, texts[i], argument(a, texts[i]));
        }
    }
    if (argument_given(a, "delimiter")) {
        const char *sign = argument(a, "delimiter");
        jw_kv_text(&w, "delimiter", strcmp(sign, "tab") == 0 ? "\t" : sign);
    }
    jw_kv_bool(&w, "create_links", argument_given(a, "create-links"));
    jw_kv_bool(&w, "no_gates", argument_given(a, "no-gates"));
    jw_kv_bool(&w, "dry_run", argument_given(a, "dry-run"));
    jw_object_end(&w);
    *out = arena_strndup(a->arena, body.data, body.size);
    buf_done(&body);
    buf_done(&map);
    return EXIT_DONE;
}

static int feed(struct arguments *a, struct client *client, const char *id, int fd)
{
    struct err e = {0};
    struct client_answer answer;
    const struct client_request request = {
        .method = "PUT",
        .target = arena_printf(a->arena, "/api/v1/imports/%s/data", id),
        .read = read_file,
        .read_data = &fd,
    };
    if (client_send(client, &request, &answer, &e) != 0) {
        return print_err(&e);
    }
    int rc = answer.status >= 200 && answer.status < 300 ? EXIT_DONE : print_refusal(a, &answer);
    client_answer_done(&answer);
    return rc;
}

static bool is_over(const struct json *status)
{
    static const char *const over[] = {"done", "failed", "cancelled", NULL};
    for (size_t i = 0; over[i] != NULL; i++) {
        if (strcmp(text_of(status, "state"), over[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* An import that is tried again later says why, once. */
static void say_delay(const struct json *status, bool *told)
{
    const char *why = text_of(status, "error");
    if (why[0] != 0 && !*told) {
        fprintf(stderr,
                "kontor: the import waits and is tried again by itself: %s If you end this command, it "
                "goes on while Kontor serves, or when it runs next.\n",
                why);
        *told = true;
    }
}

/* A full disk does not end an import, but nobody knows for how long it waits. */
static int say_full(const struct json *status)
{
    const char *change = text_of(status, "change");
    fprintf(stderr,
            "kontor: the disk is full; the import waits for room (job %s, change %s, %s of %s rows). "
            "Make room: it goes on by itself while Kontor serves, or when it serves next.",
            text_of(status, "id"), change[0] != 0 ? change : "none yet",
            text_of(status, "done_rows"), text_of(status, "rows"));
    if (change[0] != 0) {
        fprintf(stderr, " When it is over, kontor undo %s takes it back.", change);
    }
    fputc('\n', stderr);
    return EXIT_REFUSED;
}

/* Until the job is over; on a terminal it shows how far it is. */
static int wait_for(struct arguments *a, struct client *client, const char *id,
                    const struct json **status)
{
    long pause_ms = ASK_FIRST_MS;
    bool terminal = isatty(STDERR_FILENO) && !a->json, told = false;
    struct arena *own = a->arena;
    struct arena turn;
    int rc;
    arena_init(&turn);
    const char *target = arena_printf(own, "/api/v1/imports/%s", id);
    for (;;) {
        a->arena = &turn;
        rc = ask(a, client, "GET", target, NULL, status);
        a->arena = own;
        if (rc != EXIT_DONE || is_over(*status)) {
            break;
        }
        if (terminal) {
            fprintf(stderr, "\r%s of %s rows", text_of(*status, "done_rows"),
                    text_of(*status, "rows"));
        }
        if (strcmp(text_of(*status, "disk_full"), "true") == 0) {
            break;
        }
        say_delay(*status, &told);
        nanosleep(&(struct timespec){.tv_nsec = pause_ms * 1000000L}, NULL);
        pause_ms = pause_ms * 2 < ASK_LAST_MS ? pause_ms * 2 : ASK_LAST_MS;
        arena_reset(&turn);
    }
    arena_done(&turn);
    if (terminal) {
        fputs("\r", stderr);
    }
    if (rc != EXIT_DONE) {
        fprintf(stderr,
                "kontor: the import (job %s) goes on while Kontor serves, or at its next start.\n",
                id);
        return rc;
    }
    rc = ask(a, client, "GET", target, NULL, status);
    return rc == EXIT_DONE && !is_over(*status) ? say_full(*status) : rc;
}

/* A file that has a place of its own; "-", /dev/stdin and the shell's <(…) have none. */
static bool has_place(const char *file)
{
    struct stat st;
    return stat(file, &st) == 0 && S_ISREG(st.st_mode) && !str_starts(file, "/dev/") &&
           !str_starts(file, "/proc/");
}

/* "people.csv" → "people-rejects.csv" beside it; "people-rejects-2.csv" when that is there, perhaps
 * half corrected. */
static const char *rejects_name(struct arguments *a, const char *file)
{
    struct stat st;
    file = has_place(file) ? file : "import";
    const char *base = base_name(file);
    const char *dot = strrchr(base, '.');
    int n = (int)(dot != NULL && dot != base ? (size_t)(dot - file) : strlen(file));
    const char *name = arena_printf(a->arena, "%.*s-rejects.csv", n, file);
    for (int i = 2; lstat(name, &st) == 0; i++) {
        name = arena_printf(a->arena, "%.*s-rejects-%d.csv", n, file, i);
    }
    return name;
}

/* A streamed answer goes to a file, to those who tell why rows were rejected, or both. */
struct receiver {
    const char *name; /* of the file, to say what cannot be written */
    FILE *file;
    struct rejects *rejects;
    int error; /* errno of writing */
};

static int receive(void *data, const void *bytes, size_t n)
{
    struct receiver *to = data;
    if (to->rejects != NULL) {
        rejects_feed(to->rejects, bytes, n);
    }
    errno = 0;
    if (to->file == NULL || fwrite(bytes, 1, n, to->file) == n) {
        return 0;
    }
    to->error = errno;
    return -1;
}

static int fetch_into(struct arguments *a, struct client *client, const char *target,
                      struct receiver *to)
{
    struct err e = {0};
    struct client_answer answer;
    const struct client_request request = {
        .method = "GET", .target = target, .sink = receive, .sink_data = to};
    if (client_send(client, &request, &answer, &e) != 0) {
        if (to->error != 0) {
            fprintf(stderr, "kontor: cannot write %s: %s\n", to->name, strerror(to->error));
            return EXIT_REFUSED;
        }
        return print_err(&e);
    }
    int rc = answer.status == 200 ? EXIT_DONE : print_refusal(a, &answer);
    client_answer_done(&answer);
    return rc;
}

/* Why rows were rejected is told even when their file cannot be opened. */
static int fetch_file(struct arguments *a, struct client *client, const char *target,
                      const char *path, struct rejects *rejects)
{
    struct err e = {0};
    struct output out;
    struct receiver to = {.name = path, .rejects = rejects};
    if (output_open(a->arena, path, false, &out, &e) != 0) {
        print_err(&e);
        if (rejects != NULL) {
            fetch_into(a, client, target, &to);
        }
        return EXIT_REFUSED;
    }
    to.file = out.file;
    int rc = fetch_into(a, client, target, &to);
    if (rc != EXIT_DONE) {
        output_drop(&out);
        return rc;
    }
    return output_keep(&out, &e) == 0 ? EXIT_DONE : print_err(&e);
}

/* What went in, but perhaps not as it was meant. */
static const struct told {
    const char *count, *what, *advice;
} TOLD[] = {
    /* what one row made and others matched may have been several records */
    {"again", "Rows taken for a record that another row of the file made",
     "Match by more, or by an id, if these are several records."},
    /* a mapping may leave links and values empty that say nothing known; nobody would see it */
    {"emptied", "Rows with a cell left empty, for what it says is not known here or is several records",
     "Where it names a record, import those first and this file again."},
    /* old deals that are won on the day of their import spoil every report of that month */
    {"closed_now", "Won or lost as of now, for want of a date",
     "In a mapping, `closed: true` says which column is that day; --at COLUMN dates all of a first "
     "load."},
};

static void say_told(const struct json *status)
{
    for (size_t i = 0; i < COUNT(TOLD); i++) {
        const char *count = text_of(status, TOLD[i].count);
        if (count[0] > '0') {
            printf("%s: %s. %s\n", TOLD[i].what, count, TOLD[i].advice);
        }
    }
}

/* "Read as UTF-8", "Read as xlsx, sheet Contacts" */
static void say_format(const struct json *found)
{
    const char *format = text_of(found, "format"), *encoding = text_of(found, "encoding");
    bool csv = strcmp(format, "csv") == 0;
    printf("Read as %s", csv ? encoding : format);
    if (!csv && encoding[0] != 0) {
        printf(", %s", encoding);
    }
    if (text_of(found, "sheet")[0] != 0) {
        printf(", sheet “%s”", text_of(found, "sheet"));
    }
}

/* What the format has and the records have no field for. */
static void say_left(const struct json *left)
{
    const struct json *m = left != NULL ? left->child : NULL;
    for (const char *between = "Left out, for there is no field for it: "; m != NULL; m = m->next) {
        printf("%s%s%s", between, m->text, m->next == NULL ? ".\n" : "");
        between = ", ";
    }
}

/* What comes in otherwise than it stands there, or not at all. */
static void say_notes(const struct json *notes)
{
    for (const struct json *m = notes != NULL ? notes->child : NULL; m != NULL; m = m->next) {
        printf("%s: %s, %sline %s.\n", text_of(m, "text"), text_of(m, "count"),
               strcmp(text_of(m, "count"), "1") == 0 ? "" : "the first in ", text_of(m, "line"));
    }
}

/* What was found out about the file, so that a wrong guess is seen. */
static void say_found(const struct json *status)
{
    static const char *const orders[][2] = {
        {"YMD", "year-month-day"}, {"DMY", "day.month.year"}, {"MDY", "month/day/year"}};
    const struct json *found = json_find(status, "found");
    if (found == NULL || found->type != JSON_OBJECT || text_of(found, "format")[0] == 0) {
        return;
    }
    const char *sign = text_of(found, "delimiter"), *decimal = text_of(found, "decimal");
    say_format(found);
    if (sign[0] != 0) {
        printf(", columns parted by “%s”", strcmp(sign, "\t") == 0 ? "tab" : sign);
    }
    if (strcmp(decimal, "mixed") == 0) {
        printf(", decimal signs of both kinds");
    } else if (decimal[0] != 0) {
        printf(", decimal sign “%s”", decimal);
    }
    for (size_t i = 0; i < COUNT(orders); i++) {
        if (strcmp(text_of(found, "dates"), orders[i][0]) == 0) {
            printf(", dates %s", orders[i][1]);
        }
    }
    puts(".");
    say_left(json_find(found, "left"));
    say_notes(json_find(found, "notes"));
}

/* A saved mapping that nobody named was taken for the file has its columns. */
static void say_mapping(const struct json *status)
{
    const struct json *asked = json_find(status, "asked");
    const char *by = asked != NULL ? text_of(asked, "map_by") : "";
    if (asked != NULL && json_true(asked, "map_found")) {
        printf("Columns by the saved mapping “%s”%s%s; --map takes another.\n",
               text_of(asked, "map_name"), by[0] != 0 ? " of " : "", by);
    }
}

/* Rows that were deleted where they come from. */
static void say_left_out(const struct json *status)
{
    const char *count = text_of(status, "left_out"), *program = text_of(status, "program");
    if (count[0] > '0') {
        printf("%s %s deleted in %s: left out; a mapping with that column as skip takes them.\n",
               count, strcmp(count, "1") == 0 ? "row was" : "rows were",
               program[0] != '\0' ? program : "the other program");
    }
}

/* Links that were made, so that nobody finds them by surprise. */
static void say_linked(const struct json *status)
{
    const struct json *linked = json_find(status, "linked"), *found = json_find(status, "found");
    bool calendar = found != NULL && strcmp(text_of(found, "format"), "calendar") == 0;
    for (const struct json *m = linked != NULL ? linked->child : NULL; m != NULL; m = m->next) {
        const char *count = text_of(m, "count");
        printf("%s %s created %s.\n", count,
               text_of(m, strcmp(count, "1") == 0 ? "entity" : "plural"),
               calendar ? "along with them" : "for links");
    }
}

static void print_counts(FILE *out, const struct arguments *a, const struct json *status)
{
    bool dry = argument_given(a, "dry-run"), keyless = text_of(status, "keyless")[0] > '0';
    const char *of_them =
        keyless ? arena_printf(a->arena, " (%s with nothing to match by)", text_of(status, "keyless"))
                : "";
    fprintf(out, "%s created%s, %s updated, %s unchanged, %s rejected%s%s.\n",
            text_of(status, "created"), of_them, text_of(status, "updated"), text_of(status, "unchanged"),
            text_of(status, "rejected"), dry ? " (dry run, nothing kept)" : "; change ",
            dry ? "" : text_of(status, "change"));
}

static void print_details(const struct json *status, const char *path, struct rejects *rejects)
{
    say_found(status);
    say_mapping(status);
    if (path != NULL) {
        printf("Rejected rows: %s\n", path);
    }
    rejects_print(rejects);
    say_left_out(status);
    say_linked(status);
    say_told(status);
}

static void print_json(const struct json *status, const char *rejects)
{
    static const char *const counts[] = {"created", "updated", "unchanged", "rejected", "left_out",
                                         "change"};
    struct buf out = {0};
    struct json_writer w;
    jw_init(&w, &out);
    jw_object(&w);
    for (size_t i = 0; i < COUNT(counts); i++) {
        int64_t n = 0;
        const struct json *member = json_find(status, counts[i]);
        if (member != NULL && json_int(member, &n) == 0) {
            jw_kv_int(&w, counts[i], n);
        } else {
            jw_key(&w, counts[i]);
            jw_null(&w);
        }
    }
    jw_kv_text(&w, "rejects_file", rejects);
    jw_object_end(&w);
    puts(buf_text(&out));
    buf_done(&out);
}

/* A dry run leaves no file unless it is asked for one. */
static const char *rejects_path(struct arguments *a)
{
    const char *named = argument(a, "rejects");
    bool dry = argument_given(a, "dry-run");
    return named != NULL ? named : dry ? NULL : rejects_name(a, a->words[1]);
}

static int fetch_rejects(struct arguments *a, struct client *client, const char *id,
                         const char *path, struct rejects *rejects)
{
    const char *target = arena_printf(a->arena, "/api/v1/imports/%s/rejects", id);
    struct receiver to = {.rejects = rejects};
    return path != NULL ? fetch_file(a, client, target, path, rejects)
                        : fetch_into(a, client, target, &to);
}

/* The import is done, whatever becomes of telling it: exit 1 would make people repeat it. */
static const char *save_rejects(struct arguments *a, struct client *client, const char *id,
                                struct rejects *rejects)
{
    const char *path = rejects_path(a);
    if (fetch_rejects(a, client, id, path, rejects) == EXIT_DONE) {
        return path;
    }
    fprintf(stderr,
            "kontor: the %s is done; its rejected rows are not in a file. Kontor keeps them for 30 "
            "days: GET /api/v1/imports/%s/rejects\n",
            argument_given(a, "dry-run") ? "dry run" : "import", id);
    return NULL;
}

static int print_result(struct arguments *a, struct client *client, const char *id,
                        const struct json *status, int64_t rejected)
{
    struct rejects rejects;
    bool told = true;
    rejects_init(&rejects, a->arena);
    if (!a->json) {
        print_counts(stdout, a, status);
        told = output_told("import");
    }
    const char *path = rejected > 0 ? save_rejects(a, client, id, &rejects) : NULL;
    if (a->json) {
        print_json(status, path);
    } else {
        print_details(status, path, &rejects);
    }
    rejects_done(&rejects);
    told = told && output_told("import");
    if (!told) {
        print_counts(stderr, a, status);
        return EXIT_REFUSED;
    }
    return rejected > 0 ? EXIT_PARTLY : EXIT_DONE;
}

static int finish_import(struct arguments *a, struct client *client, const char *id,
                         const struct json *status)
{
    int64_t rejected = 0;
    const struct json *member = json_find(status, "rejected");
    if (strcmp(text_of(status, "state"), "done") != 0) {
        const char *why = text_of(status, "error");
        fprintf(stderr, "kontor: the import did not finish: %s\n",
                why[0] != 0 ? why : text_of(status, "state"));
        return EXIT_REFUSED;
    }
    if (member != NULL) {
        json_int(member, &rejected);
    }
    return print_result(a, client, id, status, rejected);
}

static int import_from(struct arguments *a, struct client *client, int fd)
{
    const char *json = NULL;
    const struct json *answer;
    int rc = import_json(a, &json);
    rc = rc == EXIT_DONE ? ask(a, client, "POST", "/api/v1/imports", json, &answer) : rc;
    if (rc != EXIT_DONE) {
        return rc;
    }
    const char *id = text_of(answer, "id");
    rc = feed(a, client, id, fd);
    rc = rc == EXIT_DONE ? wait_for(a, client, id, &answer) : rc;
    return rc == EXIT_DONE ? finish_import(a, client, id, answer) : rc;
}

static int import_file(struct arguments *a)
{
    struct client client;
    bool standard = strcmp(a->words[1], "-") == 0;
    if (argument_given(a, "rejects") && strcmp(argument(a, "rejects"), "-") == 0) {
        return usage_error(a, "--rejects needs a file, not -");
    }
    int fd = standard ? STDIN_FILENO : open(a->words[1], O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fs_is_dir(a->words[1])) {
        fprintf(stderr, "kontor: cannot read %s: %s\n", a->words[1],
                strerror(fd < 0 ? errno : EISDIR));
        return EXIT_REFUSED;
    }
    int rc = open_client(a, &client);
    if (rc == EXIT_DONE) {
        rc = import_from(a, &client, fd);
        client_close(&client);
    }
    if (!standard) {
        close(fd);
    }
    return rc;
}

/* With --all the folder stands in place of entity and file. */
static bool has_all(const struct arguments *a)
{
    return argument_given(a, "all");
}

int command_import(struct arguments *a)
{
    if (has_all(a)) {
        return a->count > 0 ? usage_error(a, "--all takes no ENTITY and FILE")
                            : takeout_in(a, argument(a, "all"));
    }
    return a->count < 2 ? usage_error(a, "something is missing: %s", a->command->form)
                        : import_file(a);
}

/* ---- Export -----------------------------------------------------------------------------------
 */

int find_plural(struct arguments *a, struct client *client, const char *name,
                const char **plural)
{
    const struct json *meta;
    int rc = ask(a, client, "GET", "/api/v1/meta", NULL, &meta);
    const struct json *entities = rc == EXIT_DONE ? json_find(meta, "entities") : NULL;
    for (const struct json *e = entities != NULL ? entities->child : NULL; e != NULL; e = e->next) {
        if (strcmp(text_of(e, "name"), name) == 0 || strcmp(text_of(e, "plural"), name) == 0) {
            *plural = text_of(e, "plural");
            return EXIT_DONE;
        }
    }
    if (rc == EXIT_DONE) {
        fprintf(stderr, "kontor: there is no entity %s\n", name);
        rc = EXIT_REFUSED;
    }
    return rc;
}

/* Only spreadsheets want ";": without the mark of UTF-8 they take umlauts for something else. What
 * programs read has none. */
static bool for_spreadsheet(struct arguments *a, const char *out)
{
    const char *delimiter = argument(a, "delimiter");
    return argument_given(a, "guard") ||
           (out != NULL && delimiter != NULL && strcmp(delimiter, ";") == 0);
}

/* As said, else as the name of the file ends. */
static const char *format_of(struct arguments *a, const char *out)
{
    static const char *const FORMATS[] = {"ndjson", "xlsx", "vcf"};
    const char *said = argument(a, "format");
    const char *dot = out != NULL ? strrchr(base_name(out), '.') : NULL;
    for (size_t i = 0; said == NULL && dot != NULL && i < COUNT(FORMATS); i++) {
        said = strcasecmp(dot + 1, FORMATS[i]) == 0 ? FORMATS[i] : NULL;
    }
    return said;
}

static int export_with(struct arguments *a, struct client *client)
{
    struct buf target = {0};
    const char *plural = NULL;
    const char *out = argument(a, "out");
    out = out != NULL && strcmp(out, "-") == 0 ? NULL : out;
    int rc = find_plural(a, client, a->words[0], &plural);
    if (rc != EXIT_DONE) {
        return rc;
    }
    buf_printf(&target, "/api/v1/%s/export", plural);
    add_param(&target, "format", format_of(a, out));
    add_param(&target, "card", argument(a, "card"));
    add_param(&target, "filter", argument(a, "filter"));
    add_param(&target, "fields", argument(a, "fields"));
    add_param(&target, "delimiter", argument(a, "delimiter"));
    add_param(&target, "guard", argument_given(a, "guard") ? "1" : "0");
    add_param(&target, "mark", for_spreadsheet(a, out) ? "1" : "0");
    struct receiver standard = {.name = "standard output", .file = stdout};
    rc = out != NULL ? fetch_file(a, client, buf_text(&target), out, NULL)
                     : fetch_into(a, client, buf_text(&target), &standard);
    buf_done(&target);
    return rc;
}

int command_export(struct arguments *a)
{
    struct client client;
    if (has_all(a)) {
        return a->count > 0 ? usage_error(a, "--all takes no ENTITY")
                            : takeout_out(a, argument(a, "all"));
    }
    if (a->count < 1) {
        return usage_error(a, "something is missing: %s", a->command->form);
    }
    int rc = open_client(a, &client);
    if (rc == EXIT_DONE) {
        rc = export_with(a, &client);
        client_close(&client);
    }
    return rc;
}
