/* Reading a configuration directory into sources; see model.h. Nothing is interpreted here. */
#include <string.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/str.h"
#include "model/calendar.h"
#include "model/response.h"

#define SOURCE_SIZE_MAX ((size_t)1024 * 1024)
#define SOURCES_MAX     1000

struct reader {
    struct arena *arena;
    const char *dir;
    struct source *sources;
    size_t count, room;
};

static int read_one(struct reader *r, const char *name, struct err *e)
{
    struct buf text = {0};
    if (r->count == SOURCES_MAX) {
        return err_add(e, r->arena, ERR_INVALID, name, "there are more than %d configuration files",
                       SOURCES_MAX);
    }
    if (fs_read(fs_join(r->arena, r->dir, name), SOURCE_SIZE_MAX, &text, e) != 0) {
        buf_done(&text);
        return -1;
    }
    if (r->count == r->room) {
        size_t room = r->room == 0 ? 16 : r->room * 2;
        struct source *more = ARENA_ARRAY(r->arena, struct source, room);
        for (size_t i = 0; i < r->count; i++) {
            more[i] = r->sources[i];
        }
        r->sources = more;
        r->room = room;
    }
    r->sources[r->count++] =
        (struct source){.name = arena_strdup(r->arena, name),
                        .text = arena_strndup(r->arena, buf_text(&text), text.size),
                        .size = text.size};
    buf_done(&text);
    return 0;
}

static const char *const FILES[] = {COMPANY_FILE, "fields.yaml", "pipelines.yaml", "roles.yaml",
                                    RULES_FILE, "views.yaml", "targets.yaml", "forms.yaml",
                                    "follow_ups.yaml", CALENDAR_FILE, RESPONSE_FILE};
static const struct {
    const char *name, *ending;
} FOLDERS[] = {{"entities", ".yaml"}, {"imports", ".yaml"}, {"holidays", ".ics"}};

int model_list_dir(struct arena *a, const char *dir, const char ***out, size_t *count,
                   struct err *e)
{
    const char **names[COUNT(FOLDERS)];
    size_t counts[COUNT(FOLDERS)], all = COUNT(FILES), n = 0;
    for (size_t i = 0; i < COUNT(FOLDERS); i++) {
        if (fs_list(a, fs_join(a, dir, FOLDERS[i].name), FOLDERS[i].ending, &names[i], &counts[i],
                    e) != 0) {
            return -1;
        }
        all += counts[i];
    }
    const char **list = ARENA_ARRAY(a, const char *, all);
    for (size_t i = 0; i < COUNT(FILES); i++) {
        if (fs_exists(fs_join(a, dir, FILES[i]))) {
            list[n++] = FILES[i];
        }
    }
    for (size_t i = 0; i < COUNT(FOLDERS); i++) {
        for (size_t k = 0; k < counts[i]; k++) {
            list[n++] = fs_join(a, FOLDERS[i].name, names[i][k]);
        }
    }
    *out = list;
    *count = n;
    return 0;
}

int model_read_dir(struct arena *a, const char *dir, struct source **out, size_t *count,
                   struct err *e)
{
    struct reader r = {.arena = a, .dir = dir};
    const char **names = NULL;
    size_t name_count = 0;
    if (model_list_dir(a, dir, &names, &name_count, e) != 0) {
        return -1;
    }
    for (size_t i = 0; i < name_count; i++) {
        if (read_one(&r, names[i], e) != 0) {
            return -1;
        }
    }
    *out = r.sources;
    *count = r.count;
    return 0;
}

/* ---- what is not read ------------------------------------------------------------------------ */

/* Nobody expects these to be read: notes, copies that editors and people leave, what else of a
 * service is kept here. */
static bool is_no_configuration(const char *name)
{
    static const char *const STARTS[] = {".", "#", "README", "LICENSE", "kontor.minimal.yaml"};
    static const char *const ENDS[] = {"~",    ".bak", ".old", ".orig", ".rej", ".save",   ".swp",
                                       ".tmp", ".md",  ".txt", ".pem",  ".crt", ".cer",    ".key",
                                       ".csr", ".log", ".csv", ".gz",   ".zip", ".service"};
    for (size_t i = 0; i < COUNT(STARTS); i++) {
        if (str_starts(name, STARTS[i])) {
            return true;
        }
    }
    for (size_t i = 0; i < COUNT(ENDS); i++) {
        if (str_ends(name, ENDS[i])) {
            return true;
        }
    }
    return false;
}

static void note_file(struct arena *a, const char *name, struct err *notes)
{
    const char *near = str_nearest(name, FILES, COUNT(FILES));
    if (near != NULL) {
        err_add(notes, a, ERR_INVALID, name, "this file is not read; do you mean \"%s\"?", near);
        return;
    }
    err_add(notes, a, ERR_INVALID, name,
            "this file is not read; there are kontor.yaml, fields.yaml, pipelines.yaml, "
            "roles.yaml, rules.yaml, views.yaml, targets.yaml, forms.yaml, calendar.yaml, response.yaml, *.yaml in "
            "entities/ and imports/, and *.ics in holidays/");
}

static void note_folder(struct arena *a, const char *dir, const char *folder, const char *ending,
                        struct err *notes)
{
    const char **names;
    size_t count;
    struct err ignored = {0};
    if (fs_list(a, fs_join(a, dir, folder), "", &names, &count, &ignored) != 0) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (!str_ends(names[i], ending) && !is_no_configuration(names[i])) {
            err_add(notes, a, ERR_INVALID, fs_join(a, folder, names[i]),
                    "this file is not read; its name must end with %s", ending);
        }
    }
}

void model_unread_files(struct arena *a, const char *dir, struct err *notes)
{
    const char **names;
    size_t count;
    struct err ignored = {0};
    if (fs_list(a, dir, "", &names, &count, &ignored) != 0) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        bool known = is_no_configuration(names[i]);
        for (size_t k = 0; k < COUNT(FILES) && !known; k++) {
            known = strcmp(FILES[k], names[i]) == 0;
        }
        if (!known) {
            note_file(a, names[i], notes);
        }
    }
    for (size_t i = 0; i < COUNT(FOLDERS); i++) {
        note_folder(a, dir, FOLDERS[i].name, FOLDERS[i].ending, notes);
    }
}
