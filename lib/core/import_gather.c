/*
 * What several columns of a row say of one field. Texts are joined; addresses, numbers and e-mails
 * whose columns say what they are (home, work) become a list that keeps it; the parts of an address
 * come together. Lists as other programs write them are read like ours: "a ::: b" of Google, quoted
 * ones of Mailchimp.
 */
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "core/import.h"
#include "core/parts.h"
#include "model/point.h"

#define GOOGLE_BETWEEN " ::: "

/* ---- lists of other programs ----------------------------------------------------------------- */

static const char *replaced(struct ctx *c, const char *text, const char *what, const char *by)
{
    struct buf out = {0};
    const char *at;
    while ((at = strstr(text, what)) != NULL) {
        buf_add(&out, text, (size_t)(at - text));
        buf_puts(&out, by);
        text = at + strlen(what);
    }
    buf_puts(&out, text);
    const char *all = arena_strndup(c->arena, out.data, out.size);
    buf_done(&out);
    return all;
}

/* "* Friends ::: Work" → "Friends; Work", ""VIP","Blog"" → "VIP; Blog". */
static const char *plain_list(struct ctx *c, const char *text)
{
    size_t n = strlen(text);
    if (text[0] == '[' || text[0] == '{') {
        return text;
    }
    if (n > 1 && text[0] == '"' && text[n - 1] == '"') {
        text = replaced(c, arena_strndup(c->arena, text + 1, n - 2), "\",\"", "; ");
    }
    text = strstr(text, GOOGLE_BETWEEN) != NULL ? replaced(c, text, GOOGLE_BETWEEN, "; ") : text;
    text = str_starts(text, "* ") ? text + 2 : text;
    return strstr(text, "; * ") != NULL ? replaced(c, text, "; * ", "; ") : text;
}

static const char *cell_of(struct ctx *c, const struct import_plan *p, const struct import_row *row,
                           size_t i)
{
    const char *text = import_cell_text(c, &p->columns[i], row, i);
    return field_is_list(p->columns[i].field) ? plain_list(c, text) : text;
}

/* ---- what they are --------------------------------------------------------------------------- */

/* The cell of the column of this name. */
static const char *text_under(struct ctx *c, const struct import_plan *p,
                              const struct import_row *row, const char *header)
{
    for (size_t i = 0; i < p->column_count && i < row->count; i++) {
        if (strcmp(p->columns[i].header, header) == 0) {
            return str_trim(c->arena, row->cells[i]);
        }
    }
    return "";
}

/* Another column says yes or no to not being used ("Email Opt Out"); nothing, where it is empty. */
static void add_opt_out(struct ctx *c, const struct import_plan *p, const struct import_row *row,
                        const struct import_column *column, struct json_writer *w)
{
    bool out = false;
    if (column->opt_out_in != NULL &&
        number_parse_bool(text_under(c, p, row, column->opt_out_in), &out) == 0) {
        jw_kv_bool(w, MARK_KEYS[MARK_OPT_OUT], out);
    }
}

/* "work", or what the column named by `label_in` says: "* Home" → "Home". */
static const char *label_of(struct ctx *c, const struct import_plan *p,
                            const struct import_row *row, const struct import_column *column)
{
    if (column->label_in != NULL) {
        const char *text = text_under(c, p, row, column->label_in);
        return str_starts(text, "* ") ? text + 2 : text;
    }
    return column->label != NULL ? column->label : "";
}

static bool is_labelled(const struct import_plan *p, const struct field *f)
{
    bool any = false;
    for (size_t i = 0; i < p->column_count; i++) {
        const struct import_column *column = &p->columns[i];
        any = any || (column->field == f && (column->label != NULL || column->label_in != NULL ||
                                             column->opt_out_in != NULL ||
                                             column->address != NULL));
    }
    return any;
}

/* Its label and marks, as far as the row tells them. */
static void add_said(struct ctx *c, const struct import_plan *p, const struct import_row *row,
                     const struct import_column *column, struct json_writer *w)
{
    const char *label = label_of(c, p, row, column);
    if (label[0] != 0) {
        jw_kv_text(w, "label", label);
    }
    add_opt_out(c, p, row, column, w);
}

/* Every item of the cells, with the label of its column. */
static size_t write_points(struct ctx *c, const struct import_plan *p, const struct import_row *row,
                           const struct field *f, struct json_writer *w)
{
    size_t count = 0;
    for (size_t i = 0; i < p->column_count; i++) {
        const char *text = p->columns[i].field == f ? cell_of(c, p, row, i) : "";
        while (*text != 0) {
            size_t n = strcspn(text, ";");
            const char *item = str_trim(c->arena, arena_strndup(c->arena, text, n));
            if (item[0] != 0) {
                jw_object(w);
                jw_kv_text(w, "value", item);
                add_said(c, p, row, &p->columns[i], w);
                jw_object_end(w);
                count++;
            }
            text += n + (text[n] == ';');
        }
    }
    return count;
}

/* ---- addresses ------------------------------------------------------------------------------- */

static bool is_block(const struct import_column *a, const struct import_column *b)
{
    return a->field == b->field && b->address != NULL && str_eq(a->label, b->label);
}

/* The parts of one address: columns with the same label; those of one part in lines. */
static size_t write_block(struct ctx *c, const struct import_plan *p, const struct import_row *row,
                          size_t first, struct json_writer *w)
{
    static const char *const PARTS[] = {"street", "postcode", "city", "region", "country"};
    const char *texts[COUNT(PARTS)] = {NULL};
    size_t filled = 0;
    for (size_t i = first; i < p->column_count; i++) {
        for (size_t k = 0; k < COUNT(PARTS); k++) {
            const char *text =
                is_block(&p->columns[first], &p->columns[i]) &&
                        str_eq(p->columns[i].address, PARTS[k])
                    ? import_cell_text(c, &p->columns[i], row, i)
                    : "";
            if (text[0] != 0) {
                texts[k] = texts[k] == NULL ? text : arena_printf(c->arena, "%s\n%s", texts[k], text);
                filled++;
            }
        }
    }
    if (filled == 0) {
        return 0;
    }
    jw_object(w);
    add_said(c, p, row, &p->columns[first], w);
    for (size_t k = 0; k < COUNT(PARTS); k++) {
        if (texts[k] != NULL) {
            jw_kv_text(w, PARTS[k], k == 0 ? texts[k] : replaced(c, texts[k], "\n", ", "));
        }
    }
    jw_object_end(w);
    return 1;
}

static size_t write_addresses(struct ctx *c, const struct import_plan *p,
                              const struct import_row *row, const struct field *f,
                              struct json_writer *w)
{
    size_t count = 0;
    for (size_t i = 0; i < p->column_count; i++) {
        bool begins = p->columns[i].field == f && p->columns[i].address != NULL;
        for (size_t k = 0; begins && k < i; k++) {
            begins = !is_block(&p->columns[i], &p->columns[k]);
        }
        count += begins ? write_block(c, p, row, i, w) : 0;
    }
    return count;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static const char *labelled(struct ctx *c, const struct import_plan *p,
                            const struct import_row *row, const struct field *f)
{
    struct buf text = {0};
    struct json_writer w;
    jw_init(&w, &text);
    jw_array(&w);
    size_t count = f->type->form == FORM_ADDRESSES ? write_addresses(c, p, row, f, &w)
                                                   : write_points(c, p, row, f, &w);
    jw_array_end(&w);
    const char *list = count > 0 ? arena_strndup(c->arena, text.data, text.size) : NULL;
    buf_done(&text);
    return list;
}

static bool is_first(const struct import_plan *p, size_t index)
{
    bool first = true;
    for (size_t i = 0; i < index; i++) {
        first = first && p->columns[i].field != p->columns[index].field;
    }
    return first;
}

/* The text means something to the field. */
static bool is_known(struct ctx *c, const struct import_column *column, const char *text)
{
    struct parsed ignored;
    struct err none = {0};
    return import_cell_parse(c, column, import_cell_plain(c, column, text), &ignored, &none) == 0;
}

static const char *joined(struct ctx *c, const struct import_plan *p, const struct import_row *row,
                          size_t index)
{
    const char *all = NULL;
    for (size_t i = 0; i < p->column_count; i++) {
        const char *text =
            p->columns[i].field == p->columns[index].field ? cell_of(c, p, row, i) : "";
        if (p->columns[i].over && text[0] != 0 && is_known(c, &p->columns[i], text)) {
            return text;
        }
        const char *between = p->columns[i].join != NULL ? p->columns[i].join : "; ";
        if (text[0] != 0 && !p->columns[i].over) {
            all = all == NULL ? text : arena_printf(c->arena, "%s%s%s", all, between, text);
        }
    }
    return all;
}

const char *import_row_gather(struct ctx *c, const struct import_plan *p,
                              const struct import_row *row, size_t index)
{
    const struct field *f = p->columns[index].field;
    return !is_first(p, index) ? NULL
           : is_labelled(p, f) ? labelled(c, p, row, f)
                               : joined(c, p, row, index);
}

const char *import_row_text(struct ctx *c, const struct import_plan *p,
                            const struct import_row *row, const struct field *f)
{
    for (size_t i = 0; i < p->column_count; i++) {
        if (p->columns[i].field == f) {
            return import_row_gather(c, p, row, i);
        }
    }
    return NULL;
}

bool import_row_name(struct ctx *c, const struct import_plan *p, const struct import_row *row,
                     size_t index, struct name *out)
{
    const struct entity *e = p->entity;
    const char *text = import_cell_text(c, &p->columns[index], row, index);
    if (text[0] == 0 || import_row_text(c, p, row, e->title[0]) != NULL ||
        import_row_text(c, p, row, e->title[e->title_count - 1]) != NULL) {
        return false;
    }
    name_split(c->arena, text, out);
    return true;
}
