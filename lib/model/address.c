/* Postal addresses: reading and writing lists of them, and printing one for an envelope; see address.h. */
#include "model/address.h"

#include <ctype.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "model/country.h"

static const char *const PART_NAMES[] = {"street", "postcode", "city", "region", "country"};

static const struct field *plain_field(const struct field *f, enum address_part part)
{
    const struct entity *e = f->entity;
    for (size_t i = 0; i < e->field_count && e->fields[i] != f; i++) {
        if (e->fields[i]->type == f->type && !e->fields[i]->hidden) {
            return NULL; /* only the first */
        }
    }
    const struct field *m = entity_field_find(e, PART_NAMES[part]);
    bool plain = m != NULL && !m->hidden && !m->system && m->compute == NULL &&
                 m->column_count == 1 && m->type->words == WORDS_LINE;
    return plain ? m : NULL;
}

const struct field **address_beside(struct arena *a, const struct field *f)
{
    const struct field **all = ARENA_ARRAY(a, const struct field *, ADDRESS_PARTS);
    bool any = false;
    for (int i = 0; i < ADDRESS_PARTS; i++) {
        all[i] = plain_field(f, (enum address_part)i);
        any = any || all[i] != NULL;
    }
    return any ? all : NULL;
}

const struct field *address_mirror(const struct field *f, enum address_part part)
{
    return f->beside != NULL ? f->beside[part] : NULL;
}

unsigned address_mask(const struct field *f)
{
    unsigned mask = 0;
    for (int i = 0; i < ADDRESS_PARTS; i++) {
        mask |= address_mirror(f, (enum address_part)i) != NULL ? 1U << i : 0;
    }
    return mask;
}

bool address_is_shared(const struct field *f)
{
    return f->beside != NULL;
}

/* ---- Lists ----------------------------------------------------------------------------------- */

static struct address read_one(struct json_list *list)
{
    struct address x = {.label = ""};
    for (struct json_member m; json_list_member(list, &m);) {
        if (m.text == NULL) {
            marks_take(&x.is, &m);
            continue;
        }
        x.label = json_member_is(&m, "label") ? m.text : x.label;
        for (int i = 0; i < ADDRESS_PARTS; i++) {
            x.part[i] = json_member_is(&m, PART_NAMES[i]) ? m.text : x.part[i];
        }
    }
    return x;
}

static const char *text_in(const struct json *object, const char *key)
{
    const struct json *j = json_find(object, key);
    return j != NULL && j->type == JSON_STRING ? j->text : NULL;
}

void address_from_json(const struct json *entry, struct address *out)
{
    *out = (struct address){.label = text_in(entry, "label"), .is = marks_read(entry)};
    out->label = out->label != NULL ? out->label : "";
    for (int i = 0; i < ADDRESS_PARTS; i++) {
        out->part[i] = text_in(entry, PART_NAMES[i]);
    }
}

size_t address_read(struct arena *a, struct value list, struct address **out)
{
    *out = NULL;
    if (list.kind != VALUE_TEXT) {
        return 0;
    }
    struct json_list entries = json_list(a, list.s, list.n);
    size_t n = 0;
    *out = ARENA_ARRAY(a, struct address, json_list_room(list.s, list.n));
    while (json_list_entry(&entries)) {
        (*out)[n++] = read_one(&entries);
    }
    return n;
}

void address_print(struct json_writer *w, const struct address *x)
{
    jw_kv_text(w, "label", x->label);
    for (int p = 0; p < ADDRESS_PARTS; p++) {
        if (x->part[p] != NULL) {
            jw_kv_text(w, PART_NAMES[p], x->part[p]);
        }
    }
    for (size_t i = 0; i < MARKS; i++) {
        struct marks m = x->is;
        if (i == MARK_PRIMARY || *mark_of(&m, i)) {
            jw_kv_bool(w, MARK_KEYS[i], *mark_of(&m, i));
        }
    }
}

struct value address_list(struct arena *a, const struct address *list, size_t count)
{
    struct buf text = {0};
    struct json_writer w;
    jw_init(&w, &text);
    jw_array(&w);
    for (size_t i = 0; i < count; i++) {
        jw_object(&w);
        address_print(&w, &list[i]);
        jw_object_end(&w);
    }
    jw_array_end(&w);
    struct value v = value_text(arena_strndup(a, text.data, text.size));
    buf_done(&text);
    return count > 0 ? v : value_null();
}

/* Several lines as one. */
static const char *one_line(struct arena *a, const char *street)
{
    struct buf line = {0};
    for (const char *at = street; *at != '\0';) {
        size_t n = strcspn(at, "\n");
        if (n > 0) {
            buf_puts(&line, line.size > 0 ? ", " : "");
            buf_add(&line, at, n);
        }
        at += n + (at[n] != '\0');
    }
    const char *s = arena_strdup(a, buf_text(&line));
    buf_done(&line);
    return s;
}

static bool is_empty(const struct address *x)
{
    for (int i = 0; i < ADDRESS_PARTS; i++) {
        if (x->part[i] != NULL && *x->part[i] != '\0') {
            return false;
        }
    }
    return true;
}

/* The columns into the primary entry. Lines of the street that it keeps hold as long as the column
 * says the same in one. */
static void fill(struct arena *a, struct address *x, unsigned mask, const struct value *mirrors)
{
    for (int i = 0; i < ADDRESS_PARTS; i++) {
        const char *own = x->part[i] != NULL ? x->part[i] : "";
        const char *shared = mirrors[i].kind == VALUE_TEXT ? mirrors[i].s : "";
        bool lines = i == ADDRESS_STREET && strcmp(one_line(a, own), shared) == 0;
        x->part[i] = (mask & (1U << i)) == 0 || lines ? own : shared;
    }
}

static void complete(struct address *x)
{
    for (int i = 0; i < ADDRESS_PARTS; i++) {
        x->part[i] = x->part[i] != NULL ? x->part[i] : "";
    }
}

struct value address_whole(struct arena *a, struct value stored, unsigned mask,
                           const struct value mirrors[ADDRESS_PARTS])
{
    struct address *list = NULL, primary = {.label = "", .is = {.primary = true}};
    size_t count = address_read(a, stored, &list), n = 0;
    struct address *out = ARENA_ARRAY(a, struct address, count + 1);
    bool found = false;
    for (size_t i = 0; i < count && !found; i++) {
        found = list[i].is.primary;
    }
    if (!found) {
        fill(a, &primary, mask, mirrors);
        out[n] = primary;
        n += is_empty(&primary) ? 0 : 1;
    }
    for (size_t i = 0; i < count; i++) {
        if (list[i].is.primary) {
            fill(a, &list[i], mask, mirrors);
        }
        complete(&list[i]);
        if (!is_empty(&list[i])) {
            out[n++] = list[i];
        }
    }
    return address_list(a, out, n);
}

/* Takes out of the primary entry what the columns say. */
static void take_out(struct arena *a, struct address *x, unsigned mask, struct value *mirrors,
                     bool *found)
{
    for (int i = 0; i < ADDRESS_PARTS; i++) {
        const char *text = x->part[i];
        if ((mask & (1U << i)) == 0 || text == NULL) {
            continue;
        }
        bool lines = i == ADDRESS_STREET && strchr(text, '\n') != NULL;
        const char *plain = lines ? one_line(a, text) : text;
        found[i] = true;
        mirrors[i] = *plain != '\0' ? value_text(plain) : value_null();
        x->part[i] = lines ? text : NULL;
    }
}

/* What no column holds. */
static bool says_more(const struct address *x)
{
    return *x->label != '\0' || x->is.opt_out || x->is.invalid || !is_empty(x);
}

struct value address_split(struct arena *a, struct value whole, unsigned mask,
                           struct value mirrors[ADDRESS_PARTS], bool found[ADDRESS_PARTS])
{
    struct address *list = NULL;
    size_t count = address_read(a, whole, &list), n = 0;
    for (int i = 0; i < ADDRESS_PARTS; i++) {
        mirrors[i] = value_null();
        found[i] = count == 0 && (mask & (1U << i)) != 0;
    }
    for (size_t i = 0; i < count; i++) {
        struct address x = list[i];
        if (x.is.primary) {
            take_out(a, &x, mask, mirrors, found);
        }
        if (!x.is.primary || says_more(&x)) {
            list[n++] = x;
        }
    }
    return address_list(a, list, n);
}

/* ---- Envelopes ------------------------------------------------------------------------------- */

static const char *const PATTERN_LETTERS = "SPCR";

/* A line of a pattern; the signs before a part only stand where something stands before them. */
static void put_line(struct buf *out, const char *pattern, size_t size, const struct address *x)
{
    size_t begin = out->size;
    const char *sign = pattern;
    if (begin > 0) {
        buf_putc(out, '\n');
        begin++;
    }
    for (const char *s = pattern; s < pattern + size; s++) {
        const char *letter = strchr(PATTERN_LETTERS, *s);
        if (letter == NULL) {
            continue;
        }
        const char *text = x->part[letter - PATTERN_LETTERS];
        if (text != NULL && *text != '\0') {
            buf_add(out, sign, out->size > begin ? (size_t)(s - sign) : 0);
            buf_puts(out, text);
        }
        sign = s + 1;
    }
    if (out->size == begin && begin > 0) {
        out->data[--out->size] = '\0';
    }
}

char *address_text(struct arena *a, const struct address *x, const char *home)
{
    const char *named = x->part[ADDRESS_COUNTRY] != NULL ? x->part[ADDRESS_COUNTRY] : "";
    const struct country *c = country_find(named);
    const char *pattern = c != NULL ? c->pattern : "S|P C|R";
    struct buf out = {0};
    for (size_t n; *pattern != '\0'; pattern += n + (pattern[n] != '\0')) {
        n = strcspn(pattern, "|");
        put_line(&out, pattern, n, x);
    }
    if (*named != '\0' && (c == NULL || home == NULL || strcmp(c->code, home) != 0)) {
        const char *name = c != NULL && strlen(named) == 2 ? c->english : named;
        buf_puts(&out, out.size > 0 ? "\n" : "");
        buf_puts(&out, str_upper(a, name));
    }
    char *text = arena_strndup(a, buf_text(&out), out.size);
    buf_done(&out);
    return text;
}

/* ---- Written freely -------------------------------------------------------------------------- */

static bool has_digit(const char *s)
{
    return strpbrk(s, "0123456789") != NULL;
}

/* How many characters of s are a postal code before a name: "12345 ", "D-12345 ", "1234 AB ". */
static size_t code_before(const char *s)
{
    const char *at = s;
    size_t letters = strspn(at, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    if (letters > 0 && letters <= 2 && at[letters] == '-') {
        at += letters + 1;
    }
    size_t digits = strspn(at, "0123456789");
    if (digits < 3 || digits > 6) {
        return 0;
    }
    at += digits;
    if (*at == ' ' && digits == 3 && isdigit((unsigned char)at[1]) &&
        isdigit((unsigned char)at[2]) && at[3] == ' ') {
        at += 3; /* "123 45 Praha" */
    } else if (*at == ' ' && digits == 4 && isupper((unsigned char)at[1]) &&
               isupper((unsigned char)at[2]) && at[3] == ' ') {
        at += 3; /* "1017 AB Amsterdam" */
    }
    return *at == ' ' && at[1] != '\0' ? (size_t)(at - s) : 0;
}

/* "Springfield, IL 62701", "London SW1A 1AA": how many characters stand before the code; 0: none. */
static size_t code_behind(const char *s)
{
    size_t n = strlen(s), at = n;
    for (int words = 0; words < 2 && at > 0; words++) {
        size_t begin = at;
        while (begin > 0 && s[begin - 1] != ' ') {
            begin--;
        }
        if (begin == 0 || n - begin > 9 || !has_digit(s + begin)) {
            break;
        }
        at = begin - 1;
    }
    return at < n ? at : 0;
}

static void take_place(struct arena *a, const char *line, struct address *out)
{
    size_t before = code_before(line), behind = before == 0 ? code_behind(line) : 0;
    if (before > 0) {
        out->part[ADDRESS_POSTCODE] = arena_strndup(a, line, before);
        out->part[ADDRESS_CITY] = str_trim(a, line + before);
    } else if (behind > 0) {
        out->part[ADDRESS_POSTCODE] = str_trim(a, line + behind);
        line = arena_strndup(a, line, behind);
        size_t n = strlen(line);
        while (n > 0 && strchr(" ,", line[n - 1]) != NULL) {
            n--;
        }
        out->part[ADDRESS_CITY] = arena_strndup(a, line, n);
    } else {
        out->part[ADDRESS_CITY] = line;
    }
}

static bool is_place(const char *line)
{
    return code_before(line) > 0;
}

#define LINES_MAX 12

void address_guess(struct arena *a, const char *text, struct address *out)
{
    const char *lines[LINES_MAX], *sign = strchr(text, '\n') != NULL ? "\n" : ",";
    size_t n = 0;
    *out = (struct address){.label = "", .part = {"", "", "", "", ""}};
    for (const char *at = text; *at != '\0' && n < LINES_MAX;) {
        size_t size = n + 1 < LINES_MAX ? strcspn(at, sign) : strlen(at);
        const char *line = str_trim(a, arena_strndup(a, at, size));
        at += size + (at[size] != '\0');
        if (*line != '\0') {
            lines[n++] = line;
        }
    }
    if (n > 1 && country_find(lines[n - 1]) != NULL) {
        out->part[ADDRESS_COUNTRY] = lines[--n];
    }
    size_t place = n > 1 || (n == 1 && !has_digit(lines[0])) ? n - 1 : n;
    for (size_t i = 0; i < n; i++) {
        place = is_place(lines[i]) ? i : place;
    }
    struct buf street = {0};
    for (size_t i = 0; i < n; i++) {
        if (i == place) {
            take_place(a, lines[i], out);
        } else {
            buf_puts(&street, street.size > 0 ? "\n" : "");
            buf_puts(&street, lines[i]);
        }
    }
    out->part[ADDRESS_STREET] = arena_strdup(a, buf_text(&street));
    buf_done(&street);
}

/* ---- Cells ----------------------------------------------------------------------------------- */

/* Up to the next bare sign of `ends`; the text without backslashes, trimmed. *star: it ends with a
 * bare *. */
static const char *cell_part(struct arena *a, const char **at, const char *ends, bool *star)
{
    struct buf text = {0};
    const char *s = *at;
    *star = false;
    for (; *s != '\0' && strchr(ends, *s) == NULL; s++) {
        bool bare = *s != '\\' || s[1] == '\0';
        s += bare ? 0 : 1;
        *star = bare && *s == '*' ? true : *s == ' ' ? *star : false;
        buf_putc(&text, !bare && *s == 'n' ? '\n' : *s);
    }
    *at = s;
    const char *part = str_trim(a, buf_text(&text));
    buf_done(&text);
    size_t n = strlen(part);
    return *star ? str_trim(a, arena_strndup(a, part, n - 1)) : part;
}

/* "[opt-out, invalid]": 0 and *at behind it; -1: other words. */
static int cell_marks(struct arena *a, const char **at, struct marks *out)
{
    const char *s = *at;
    do {
        size_t n = strcspn(++s, ",]|;\n");
        bool *mark = mark_named(out, MARK_WORDS, str_trim(a, arena_strndup(a, s, n)));
        s += n;
        if (mark == NULL) {
            return -1;
        }
        *mark = true;
    } while (*s == ',');
    *at = s + 1 + strspn(s + 1, " ");
    return *s == ']' ? 0 : -1;
}

static const char *cell_label(struct arena *a, const char **at, struct marks *out)
{
    const char *begin = *at, *label = cell_part(a, at, "[|;\n", &out->primary);
    if (**at == '[' && cell_marks(a, at, out) != 0) {
        *at = begin;
        *out = (struct marks){0};
        return cell_part(a, at, "|;\n", &out->primary);
    }
    return label;
}

int address_cell_read(struct arena *a, const char *cell, struct address *out, size_t room,
                      size_t *count)
{
    size_t n = 0;
    for (const char *at = cell; *at != '\0'; at += *at == ';' || *at == '\n' ? 1 : 0) {
        struct address x = {0};
        bool ignored;
        at += strspn(at, " ");
        if (*at == '\0') {
            break;
        }
        x.label = cell_label(a, &at, &x.is);
        for (int i = 0; i < ADDRESS_PARTS; i++) {
            if (*at != '|') {
                return -1;
            }
            at++;
            x.part[i] = cell_part(a, &at, "|;\n", &ignored);
            x.part[i] = ignored ? arena_printf(a, "%s*", x.part[i]) : x.part[i];
        }
        if ((*at != '\0' && *at != ';' && *at != '\n') || n == room) {
            return -1;
        }
        out[n++] = x;
    }
    *count = n;
    return 0;
}

static void put_cell(struct buf *out, const char *text)
{
    for (const char *s = text != NULL ? text : ""; *s != '\0';) {
        size_t n = strcspn(s, "\\|;*[\n");
        buf_add(out, s, n);
        s += n;
        if (*s != '\0') {
            buf_putc(out, '\\');
            buf_putc(out, *s == '\n' ? 'n' : *s);
            s++;
        }
    }
}

void address_cell_write(struct buf *out, const struct address *x)
{
    put_cell(out, x->label);
    buf_puts(out, x->is.primary ? "*" : "");
    if (x->is.opt_out || x->is.invalid) {
        buf_printf(out, " [%s%s%s]", x->is.opt_out ? MARK_WORDS[MARK_OPT_OUT] : "",
                   x->is.opt_out && x->is.invalid ? ", " : "",
                   x->is.invalid ? MARK_WORDS[MARK_INVALID] : "");
    }
    for (int i = 0; i < ADDRESS_PARTS; i++) {
        buf_putc(out, '|');
        put_cell(out, x->part[i]);
    }
}
