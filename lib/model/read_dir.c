/* Reading a configuration directory into sources; see model.h. Nothing is interpreted here. */
#include "base/err.h"
#include "base/fs.h"
#include "base/str.h"
#include "model/model.h"

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

static int read_folder(struct reader *r, const char *folder, struct err *e)
{
    const char **names;
    size_t count;
    if (fs_list(r->arena, fs_join(r->arena, r->dir, folder), ".yaml", &names, &count, e) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        if (read_one(r, fs_join(r->arena, folder, names[i]), e) != 0) {
            return -1;
        }
    }
    return 0;
}

int model_read_dir(struct arena *a, const char *dir, struct source **out, size_t *count,
                   struct err *e)
{
    static const char *const FILES[] = {"kontor.yaml", "fields.yaml", "pipelines.yaml",
                                        "roles.yaml", "views.yaml"};
    struct reader r = {.arena = a, .dir = dir};
    for (size_t i = 0; i < COUNT(FILES); i++) {
        if (fs_exists(fs_join(a, dir, FILES[i])) && read_one(&r, FILES[i], e) != 0) {
            return -1;
        }
    }
    if (read_folder(&r, "entities", e) != 0 || read_folder(&r, "imports", e) != 0) {
        return -1;
    }
    *out = r.sources;
    *count = r.count;
    return 0;
}
