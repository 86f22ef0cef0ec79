/* The parts of a workbook that say how its sheets are to be read; see xlsx.h. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "base/str.h"
#include "exchange/xlsx.h"

#define PIECE       65536
#define FORMATS_MAX 100000

int xlsx_parse(struct xlsx_book *b, const char *part, const struct xml_handler *handler, void *data,
               struct err *e)
{
    struct zip_file *file;
    if (part == NULL) {
        return 0;
    }
    if (zip_file_open(b->zip, part, &file, e) != 0 || file == NULL) {
        return file == NULL && e->code == ERR_NONE ? 0 : -1;
    }
    struct xml_reader *xml = xml_reader_new(handler, data);
    char *piece = arena_alloc(b->arena, PIECE);
    long n;
    int rc = 0;
    while (rc == 0 && (n = zip_file_read(file, piece, PIECE, e)) > 0) {
        rc = xml_feed(xml, piece, (size_t)n, false, e);
    }
    rc = rc == 0 && n == 0 ? xml_feed(xml, "", 0, true, e) : -1;
    xml_reader_free(xml);
    zip_file_close(file);
    return rc;
}

static void no_end(void *data, const char *name)
{
    (void)data;
    (void)name;
}

static void no_text(void *data, const char *bytes, size_t n)
{
    (void)data;
    (void)bytes;
    (void)n;
}

/* ---- which part is which --------------------------------------------------------------------- */

struct relations {
    struct arena *arena;
    const char *folder; /* of what the relations are of */
    struct map by_id, by_type;
};

/* A target from the folder of the part that names it; "/xl/…" from the top. */
static const char *path_of(struct relations *r, const char *target)
{
    if (target[0] == '/') {
        return arena_strdup(r->arena, target + 1);
    }
    const char *folder = r->folder;
    while (str_starts(target, "../")) {
        size_t n = strlen(folder);
        while (n > 0 && (n == strlen(folder) || folder[n - 1] != '/')) {
            n--;
        }
        folder = arena_strndup(r->arena, folder, n);
        target += 3;
    }
    return arena_printf(r->arena, "%s%s", folder, target);
}

static void begin_relation(void *data, const char *name, const char **attributes)
{
    struct relations *r = data;
    const char *id = xml_attribute(attributes, "Id"), *type = xml_attribute(attributes, "Type");
    const char *target = xml_attribute(attributes, "Target");
    if (strcmp(name, "Relationship") != 0 || id == NULL || type == NULL || target == NULL) {
        return;
    }
    const char *slash = strrchr(type, '/');
    char *path = arena_strdup(r->arena, path_of(r, target));
    map_set(&r->by_id, arena_strdup(r->arena, id), path);
    map_set(&r->by_type, arena_strdup(r->arena, slash != NULL ? slash + 1 : type), path);
}

static int read_relations(struct xlsx_book *b, const char *part, const char *folder,
                          struct relations *out, struct err *e)
{
    static const struct xml_handler HANDLER = {begin_relation, no_end, no_text};
    *out = (struct relations){.arena = b->arena, .folder = folder};
    map_init(&out->by_id, b->arena);
    map_init(&out->by_type, b->arena);
    return xlsx_parse(b, part, &HANDLER, out, e);
}

/* ---- sheets ---------------------------------------------------------------------------------- */

struct listing {
    struct xlsx_book *book;
    struct relations *relations;
};

static void begin_book(void *data, const char *name, const char **attributes)
{
    struct listing *l = data;
    struct xlsx_book *b = l->book;
    if (strcmp(name, "workbookPr") == 0) {
        const char *from = xml_attribute(attributes, "date1904");
        b->from_1904 = from != NULL && (strcmp(from, "1") == 0 || strcmp(from, "true") == 0);
    }
    const char *title = xml_attribute(attributes, "name"), *id = NULL;
    for (size_t i = 0; attributes[i] != NULL; i += 2) { /* r:id, not sheetId */
        id = str_ends(attributes[i], ":id") ? attributes[i + 1] : id;
    }
    const char *part = id != NULL ? map_find(&l->relations->by_id, id) : NULL;
    if (strcmp(name, "sheet") == 0 && title != NULL && part != NULL &&
        b->sheet_count < XLSX_SHEETS_MAX) {
        const char *state = xml_attribute(attributes, "state");
        b->sheets[b->sheet_count++] = (struct xlsx_sheet){
            arena_strdup(b->arena, title), part, state != NULL && strcmp(state, "visible") != 0};
    }
}

/* ---- formats --------------------------------------------------------------------------------- */

struct styles {
    struct xlsx_book *book;
    struct map codes; /* number of a format, as text → its code */
    bool in_cells;
    struct buf formats;
};

static void begin_style(void *data, const char *name, const char **attributes)
{
    struct styles *s = data;
    const char *number = xml_attribute(attributes, "numFmtId");
    const char *code = xml_attribute(attributes, "formatCode");
    if (strcmp(name, "numFmt") == 0 && number != NULL && code != NULL) {
        map_set(&s->codes, arena_strdup(s->book->arena, number),
                arena_strdup(s->book->arena, code));
    }
    s->in_cells = s->in_cells || strcmp(name, "cellXfs") == 0;
    if (!s->in_cells || strcmp(name, "xf") != 0 ||
        s->formats.size >= FORMATS_MAX * sizeof(struct xlsx_format)) {
        return;
    }
    struct xlsx_format format = {0};
    const char *own = number != NULL ? map_find(&s->codes, number) : NULL;
    if (own != NULL) {
        xlsx_format_read(s->book->arena, own, &format);
    } else {
        xlsx_format_built_in(number != NULL ? atoi(number) : 0, &format);
    }
    buf_add(&s->formats, &format, sizeof format);
}

static void end_style(void *data, const char *name)
{
    struct styles *s = data;
    s->in_cells = s->in_cells && strcmp(name, "cellXfs") != 0;
}

static int read_styles(struct xlsx_book *b, const char *part, struct err *e)
{
    static const struct xml_handler HANDLER = {begin_style, end_style, no_text};
    struct styles s = {.book = b};
    map_init(&s.codes, b->arena);
    int rc = xlsx_parse(b, part, &HANDLER, &s, e);
    b->format_count = s.formats.size / sizeof(struct xlsx_format);
    b->formats = ARENA_ARRAY(b->arena, struct xlsx_format, b->format_count + 1);
    if (b->format_count > 0) {
        memcpy(b->formats, s.formats.data, s.formats.size);
    }
    buf_done(&s.formats);
    return rc;
}

/* ---- shared texts ---------------------------------------------------------------------------- */

struct texts {
    struct xlsx_book *book;
    bool open, in_text, in_phonetic; /* an item within an item is part of it, and ends it */
    size_t start;                    /* of the open one */
};

static void begin_texts(void *data, const char *name, const char **attributes)
{
    struct texts *t = data;
    (void)attributes;
    if (!t->open && strcmp(name, "si") == 0) {
        t->open = true;
        t->start = t->book->texts.size;
    }
    t->in_phonetic = t->in_phonetic || strcmp(name, "rPh") == 0;
    t->in_text = t->in_text || strcmp(name, "t") == 0;
}

static void end_texts(void *data, const char *name)
{
    struct texts *t = data;
    struct xlsx_book *b = t->book;
    t->in_text = t->in_text && strcmp(name, "t") != 0;
    t->in_phonetic = t->in_phonetic && strcmp(name, "rPh") != 0;
    if (t->open && strcmp(name, "si") == 0) {
        t->open = false;
        buf_putc(&b->texts, '\0');
        b->texts.size =
            t->start + xlsx_unescape(b->texts.data + t->start, b->texts.size - 1 - t->start);
        buf_putc(&b->texts, '\0');
        buf_add(&b->offsets, &t->start, sizeof t->start);
    }
}

static void add_text(void *data, const char *bytes, size_t n)
{
    struct texts *t = data;
    if (t->open && t->in_text && !t->in_phonetic && t->book->texts.size < XLSX_TEXTS_MAX) {
        buf_add(&t->book->texts, bytes, n);
    }
}

static int read_texts(struct xlsx_book *b, const char *part, struct err *e)
{
    static const struct xml_handler HANDLER = {begin_texts, end_texts, add_text};
    struct texts t = {.book = b};
    if (xlsx_parse(b, part, &HANDLER, &t, e) != 0) {
        return -1;
    }
    return b->texts.size < XLSX_TEXTS_MAX
               ? 0
               : err_fail(e, ERR_INVALID, "", "The workbook has more than 512 MiB of text.");
}

const char *xlsx_text(const struct xlsx_book *b, size_t number, size_t *size)
{
    size_t count = b->offsets.size / sizeof(size_t);
    if (number >= count) {
        return NULL;
    }
    const size_t *offsets = (const size_t *)(const void *)b->offsets.data;
    size_t end = number + 1 < count ? offsets[number + 1] : b->texts.size;
    *size = end - offsets[number] - 1;
    return b->texts.data + offsets[number];
}

/* ---- the book -------------------------------------------------------------------------------- */

/* "xl/" of "xl/workbook.xml". */
static const char *folder_of(struct arena *a, const char *path)
{
    const char *slash = strrchr(path, '/');
    return arena_strndup(a, path, slash != NULL ? (size_t)(slash - path) + 1 : 0);
}

static int read_book(struct xlsx_book *b, struct err *e)
{
    static const struct xml_handler HANDLER = {begin_book, no_end, no_text};
    struct relations top, own;
    if (read_relations(b, "_rels/.rels", "", &top, e) != 0) {
        return -1;
    }
    const char *book = map_find(&top.by_type, "officeDocument");
    book = book != NULL ? book : "xl/workbook.xml";
    const char *folder = folder_of(b->arena, book);
    const char *relations =
        arena_printf(b->arena, "%s_rels/%s.rels", folder, book + strlen(folder));
    struct listing listing = {b, &own};
    if (read_relations(b, relations, folder, &own, e) != 0 ||
        xlsx_parse(b, book, &HANDLER, &listing, e) != 0) {
        return -1;
    }
    if (b->sheet_count == 0) {
        return err_fail(e, ERR_INVALID, "",
                        "This is no workbook (.xlsx) with sheets; save it as one, or as CSV.");
    }
    return read_styles(b, map_find(&own.by_type, "styles"), e) != 0
               ? -1
               : read_texts(b, map_find(&own.by_type, "sharedStrings"), e);
}

int xlsx_open(struct arena *a, const struct table_source *source, struct xlsx_book *out,
              struct err *e)
{
    *out = (struct xlsx_book){.arena = a};
    out->sheets = ARENA_ARRAY(a, struct xlsx_sheet, XLSX_SHEETS_MAX);
    return zip_open(a, source, &out->zip, e) != 0 ? -1 : read_book(out, e);
}

void xlsx_close(struct xlsx_book *b)
{
    buf_done(&b->texts);
    buf_done(&b->offsets);
}
