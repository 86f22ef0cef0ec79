/*
 * vCards as rows: one card a row, with the columns of table_person.h. Folded lines of any kind,
 * cards inside cards (AGENT), labels that stand beside in a group (X-ABLabel); lists of members
 * (KIND:group) are no rows. Logos, sounds and keys are passed over. In one file each value may be in
 * a charset of its own, so unless the file is UTF-16 or the like, values are decoded one by one.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "exchange/picture.h"
#include "exchange/table_person.h"
#include "exchange/vcard.h"

#define LINE_MAX_BYTES (PICTURE_TEXT_MAX * 2)
#define LARGE_PHOTO    "PHOTO:too large"
#define GROUPS_MAX     64

struct vcards {
    struct buf line, next;
    bool property, photo, bulky; /* what line is */
    bool have_next;
    bool bytes; /* values are decoded one by one */
    uint64_t card;
    struct person person;
    struct arena arena; /* of the card */
    struct label {
        const char *group, *text;
    } labels[GROUPS_MAX]; /* X-ABLabel by group */
    size_t label_count;
    bool is_list;     /* KIND:group */
    struct buf lines; /* those of the card, each with its NUL: labels stand behind what they name */
};

/* ---- lines ----------------------------------------------------------------------------------- */

/* What no column takes, and may be large. */
static bool is_bulky(const char *line)
{
    static const char *const BULKY[] = {"LOGO", "SOUND", "KEY", "AGENT"};
    bool bulky = false;
    for (size_t i = 0; !bulky && i < COUNT(BULKY); i++) {
        bulky = vcard_is_called(line, BULKY[i]);
    }
    return bulky;
}

static bool is_photo(const char *line)
{
    return vcard_is_called(line, "PHOTO");
}

#define HEAD_BYTES 4096 /* of a line: what it is is known by then */

/* What the line is, as far as it goes; each look would read all of a photo otherwise. */
static void look_at_line(struct vcards *own)
{
    const char *line = buf_text(&own->line);
    own->property = vcard_is_property(line);
    own->photo = is_photo(line);
    own->bulky = is_bulky(line);
}

enum join { NOT_JOINED, FOLDED, SOFT_BREAK, STRAY };

/* Does the next line belong to this one? */
static enum join join_of(const struct vcards *own)
{
    const char *line = buf_text(&own->line), *next = buf_text(&own->next);
    bool soft = own->line.size > 0 && line[own->line.size - 1] == '=';
    if (soft && vcard_is_quoted_printable(line)) {
        return SOFT_BREAK;
    }
    if (next[0] == ' ' || next[0] == '\t') {
        return FOLDED;
    }
    return next[0] != '\0' && !vcard_is_property(next) && own->property ? STRAY : NOT_JOINED;
}

static void join(struct vcards *own, enum join how)
{
    const char *next = buf_text(&own->next);
    size_t size = own->line.size;
    if (size > HEAD_BYTES && (own->photo ? size > PICTURE_TEXT_MAX : own->bulky)) {
        return;
    }
    if (how == SOFT_BREAK) {
        own->line.data[--own->line.size] = '\0';
    }
    buf_puts(&own->line, how == STRAY && !own->photo ? "\\n" : "");
    buf_puts(&own->line, next + (how == FOLDED));
    if (size <= HEAD_BYTES) {
        look_at_line(own);
    }
}

/* The next line that is not empty, with those that continue it. 1, 0 the end, -1. */
static int next_line(struct table *r, struct err *e)
{
    struct vcards *own = r->own;
    bool begun = false;
    buf_clear(&own->line);
    for (;;) {
        int rc = own->have_next ? 1 : table_text_line(r->text, &own->next, LINE_MAX_BYTES, e);
        own->have_next = false;
        if (rc <= 0) {
            r->place = own->card;
            return rc < 0 ? -1 : begun;
        }
        enum join how = begun ? join_of(own) : NOT_JOINED;
        if (how != NOT_JOINED) {
            join(own, how);
        } else if (begun) {
            own->have_next = true;
            return 1;
        } else if (own->next.size > 0) {
            buf_add(&own->line, own->next.data, own->next.size);
            look_at_line(own);
            begun = true;
        }
        if (own->line.size > LINE_MAX_BYTES) {
            return table_fail(r, own->card, e, "A value of this card is longer than 16 MiB.");
        }
    }
}

static bool is_mark(const struct vcards *own, const char *mark)
{
    const char *line = buf_text(&own->line);
    size_t n = strlen(mark);
    return strncasecmp(line, mark, n) == 0 && strspn(line + n, " \t") == strlen(line + n);
}

/* A photo that is too large is only mentioned. */
static void keep_line(struct vcards *own)
{
    const char *line = buf_text(&own->line);
    if (own->line.size > PICTURE_TEXT_MAX && is_photo(line)) {
        buf_add(&own->lines, LARGE_PHOTO, sizeof LARGE_PHOTO);
    } else if (!is_bulky(line)) {
        buf_add(&own->lines, line, own->line.size + 1);
    }
}

/* All lines of the next card, into own->lines. 1, 0 the end, -1. */
static int next_card(struct table *r, struct err *e)
{
    struct vcards *own = r->own;
    int rc, depth = 0;
    buf_clear(&own->lines);
    while ((rc = next_line(r, e)) == 1) {
        bool begins = is_mark(own, "BEGIN:VCARD");
        depth += begins;
        own->card += begins && depth == 1;
        if (depth > 0 && is_mark(own, "END:VCARD") && --depth == 0) {
            return 1;
        }
        if (depth == 1 && !begins) {
            keep_line(own);
        }
        if (own->lines.size > CSV_ROW_MAX * 2 + PICTURE_TEXT_MAX * 2) {
            return table_fail(r, own->card, e, "This card is larger than 24 MiB.");
        }
    }
    if (rc == 0 && depth > 0) {
        return table_fail(r, own->card, e, "The file ends within this card: it was cut off.");
    }
    return rc;
}

/* ---- labels ---------------------------------------------------------------------------------- */

/* Types that are a label, in the order in which several stand in it; others say what is plain. */
static const struct {
    const char *type, *word;
} WORDS[] = {{"work", "work"},     {"home", "home"},   {"cell", "mobile"}, {"mobile", "mobile"},
             {"fax", "fax"},       {"pager", "pager"}, {"car", "car"},     {"isdn", "isdn"},
             {"iphone", "iPhone"}, {"main", "main"},   {"other", "other"}};

static const char *label_of_types(struct vcards *own, const struct vcard_property *p)
{
    const char *label = "";
    for (size_t i = 0; i < COUNT(WORDS); i++) {
        if (vcard_has_type(p, WORDS[i].type)) {
            label = arena_printf(&own->arena, "%s%s%s", label, label[0] != '\0' ? " " : "",
                                 WORDS[i].word);
        }
    }
    return label;
}

static const char *label_of(struct vcards *own, const struct vcard_property *p)
{
    for (size_t i = 0; p->group != NULL && i < own->label_count; i++) {
        if (strcmp(own->labels[i].group, p->group) == 0) {
            return own->labels[i].text;
        }
    }
    return label_of_types(own, p);
}

/* "_$!<HomePage>!$_" is Apple's own word. */
static void take_label(struct vcards *own, const struct vcard_property *p)
{
    const char *text = vcard_plain(&own->arena, p->value);
    size_t n = strlen(text);
    if (str_starts(text, "_$!<") && str_ends(text, ">!$_")) {
        text = arena_strndup(&own->arena, text + 4, n - 8);
    }
    if (p->group != NULL && text[0] != '\0' && own->label_count < GROUPS_MAX) {
        own->labels[own->label_count++] = (struct label){p->group, text};
    }
}

/* ---- properties ------------------------------------------------------------------------------ */

typedef void property_function(struct vcards *own, const struct vcard_property *p, int kind);

static void take_text(struct vcards *own, const struct vcard_property *p, int kind)
{
    person_add(&own->person, (enum person_text)kind, vcard_plain(&own->arena, p->value));
}

/* Each part between commas. */
static void take_list(struct vcards *own, const struct vcard_property *p, int kind)
{
    const char **parts;
    size_t count = vcard_split(&own->arena, p->value, ',', &parts);
    for (size_t i = 0; i < count; i++) {
        person_add(&own->person, (enum person_text)kind, parts[i]);
    }
}

/* Tags hold neither commas nor semicolons, however they were escaped. */
static void take_tags(struct vcards *own, const struct vcard_property *p, int kind)
{
    const char *at = vcard_plain(&own->arena, p->value);
    while (*at != '\0') {
        size_t n = strcspn(at, ",;");
        person_add(&own->person, (enum person_text)kind, arena_strndup(&own->arena, at, n));
        at += n + (at[n] != '\0');
    }
}

static void take_name(struct vcards *own, const struct vcard_property *p, int kind)
{
    static const enum person_text PARTS[] = {PERSON_LAST, PERSON_FIRST, PERSON_MIDDLE,
                                             PERSON_SALUTATION, PERSON_SUFFIX};
    const char **parts, **names;
    size_t count = vcard_split(&own->arena, p->value, ';', &parts);
    (void)kind;
    if (own->person.texts[PERSON_LAST] != NULL || own->person.texts[PERSON_FIRST] != NULL) {
        return; /* the first one counts */
    }
    for (size_t i = 0; i < count && i < COUNT(PARTS); i++) {
        struct buf joined = {0};
        size_t n = vcard_split(&own->arena, parts[i], ',', &names);
        for (size_t k = 0; k < n; k++) {
            buf_puts(&joined, joined.size > 0 && names[k][0] != '\0' ? " " : "");
            buf_puts(&joined, names[k]);
        }
        person_add(&own->person, PARTS[i], i > 0 && i < 4 ? buf_text(&joined) : parts[i]);
        buf_done(&joined);
    }
}

static void take_company(struct vcards *own, const struct vcard_property *p, int kind)
{
    const char **parts;
    size_t count = vcard_split(&own->arena, p->value, ';', &parts);
    const char *known = own->person.texts[kind];
    if (known != NULL && strcmp(known, parts[0]) != 0) {
        person_add(&own->person, PERSON_OTHER_COMPANY, parts[0]);
    }
    person_add(&own->person, (enum person_text)kind, parts[0]);
    for (size_t i = 1; i < count; i++) {
        person_add(&own->person, PERSON_DEPARTMENT, parts[i]);
    }
}

/* "tel:+1-418-656-9254;ext=102" is a number with an extension, "mailto:" an address. */
static const char *point_value(struct vcards *own, const struct vcard_property *p)
{
    const char *text = vcard_plain(&own->arena, p->value);
    if (strncasecmp(text, "mailto:", 7) == 0) {
        return text + 7;
    }
    if (strncasecmp(text, "tel:", 4) != 0) {
        return text;
    }
    text += 4;
    const char *extension = strstr(text, ";ext=");
    size_t n = strcspn(text, ";");
    return extension == NULL
               ? arena_strndup(&own->arena, text, n)
               : arena_printf(&own->arena, "%.*s ext. %s", (int)n, text, extension + 5);
}

static void take_point(struct vcards *own, const struct vcard_property *p, int kind)
{
    person_add_point(&own->person, (enum person_list)kind, point_value(own, p), label_of(own, p),
                     p->preference);
}

/* Its lines, without commas and blanks at their ends. */
static const char *clean_lines(struct vcards *own, const char *text)
{
    struct buf all = {0};
    while (*text != '\0') {
        size_t n = strcspn(text, "\n");
        const char *part = str_trim(&own->arena, arena_strndup(&own->arena, text, n));
        size_t end = strlen(part);
        while (end > 0 && (part[end - 1] == ',' || part[end - 1] == ' ')) {
            end--;
        }
        if (end > 0) {
            buf_puts(&all, all.size > 0 ? "\n" : "");
            buf_add(&all, part, end);
        }
        text += n + (text[n] != '\0');
    }
    const char *lines = arena_strdup(&own->arena, buf_text(&all));
    buf_done(&all);
    return lines;
}

static void take_address(struct vcards *own, const struct vcard_property *p, int kind)
{
    static const int TO[] = {ADDRESS_STREET, ADDRESS_STREET,   ADDRESS_STREET, ADDRESS_CITY,
                             ADDRESS_REGION, ADDRESS_POSTCODE, ADDRESS_COUNTRY};
    const char **parts;
    const char *found[ADDRESS_PARTS] = {NULL};
    size_t count = vcard_split(&own->arena, p->value, ';', &parts);
    bool any = false;
    (void)kind;
    for (size_t i = 0; i < count && i < COUNT(TO); i++) {
        const char *text = clean_lines(own, parts[i]), **at = &found[TO[i]];
        any = any || text[0] != '\0';
        if (text[0] != '\0') {
            *at = *at != NULL ? arena_printf(&own->arena, "%s\n%s", *at, text) : text;
        }
    }
    struct person_address *a = any ? person_add_address(&own->person, label_of(own, p)) : NULL;
    if (a != NULL) {
        memcpy(a->parts, found, sizeof found);
        a->preference = p->preference;
    }
}

static void take_kind(struct vcards *own, const struct vcard_property *p, int kind)
{
    (void)kind;
    own->is_list = own->is_list || strcasecmp(p->value, "group") == 0;
    own->person.organisation = own->person.organisation || strcasecmp(p->value, "org") == 0 ||
                               strcasecmp(p->value, "company") == 0;
}

/* "19800322", "1980-03-22", "1953-10-15T23:10:00Z"; "--0322" has no year. */
static void take_date(struct vcards *own, const struct vcard_property *p, int kind)
{
    const char *text = vcard_plain(&own->arena, p->value);
    char digits[9];
    size_t n = 0;
    for (const char *at = text; *at != '\0' && *at != 'T' && *at != 't' && n < 8; at++) {
        if (*at >= '0' && *at <= '9') {
            digits[n++] = *at;
        }
    }
    digits[n] = '\0';
    bool whole = n == 8 && !p->omits_year && memcmp(digits, "1604", 4) != 0 && text[0] != '-';
    if (whole) {
        person_add(&own->person, (enum person_text)kind,
                   arena_printf(&own->arena, "%.4s-%.2s-%s", digits, digits + 4, digits + 6));
    } else if (kind == PERSON_BIRTHDAY && text[0] != '\0') {
        person_add(&own->person, PERSON_BIRTHDAY_PART, text);
    }
}

/* "Jenny (Spouse)"; a number of another card says nothing. */
static void take_related(struct vcards *own, const struct vcard_property *p, int kind)
{
    const char *text = vcard_plain(&own->arena, p->value), *label = label_of(own, p);
    const char *what = label[0] != '\0' ? label : p->type_count > 0 ? p->types[0] : "";
    if (text[0] != '\0' && strncasecmp(text, "urn:", 4) != 0) {
        person_add(&own->person, (enum person_text)kind,
                   what[0] != '\0' ? arena_printf(&own->arena, "%s (%s)", text, what) : text);
    }
}

/* A date with a name of its own: "Anniversary", or any other. */
static void take_named_date(struct vcards *own, const struct vcard_property *p, int kind)
{
    if (strcasecmp(label_of(own, p), "anniversary") == 0) {
        take_date(own, p, PERSON_ANNIVERSARY);
    } else {
        take_related(own, p, kind);
    }
}

/* Profiles that are web addresses are links; else they are names of somebody in a messenger. */
static void take_profile(struct vcards *own, const struct vcard_property *p, int kind)
{
    if (strncasecmp(point_value(own, p), "http", 4) == 0) {
        take_point(own, p, PERSON_LINKS);
    } else {
        take_related(own, p, kind);
    }
}

/* The first picture that comes along is the photo; addresses of pictures are told, never asked for. */
static void take_photo(struct vcards *own, const struct vcard_property *p, int kind)
{
    const char *text = p->is_base64 ? p->value : vcard_plain(&own->arena, p->value);
    const char *uri = picture_uri(&own->arena, text, p->is_base64);
    bool told = !p->is_base64 && strncasecmp(text, "data:", 5) != 0;
    if (uri != NULL) {
        person_add(&own->person, (enum person_text)kind, uri);
    } else if (text[0] != '\0') {
        person_add(&own->person, PERSON_PHOTO_LEFT, told ? text : "no picture Kontor knows");
    }
}

static const struct property {
    const char *name;
    property_function *take;
    int kind;
} PROPERTIES[] = {
    {"FN", take_text, PERSON_FULL_NAME},
    {"N", take_name, 0},
    {"NICKNAME", take_list, PERSON_NICKNAME},
    {"ORG", take_company, PERSON_COMPANY},
    {"TITLE", take_text, PERSON_TITLE},
    {"ROLE", take_text, PERSON_ROLE},
    {"EMAIL", take_point, PERSON_EMAILS},
    {"TEL", take_point, PERSON_PHONES},
    {"URL", take_point, PERSON_LINKS},
    {"ADR", take_address, 0},
    {"BDAY", take_date, PERSON_BIRTHDAY},
    {"ANNIVERSARY", take_date, PERSON_ANNIVERSARY},
    {"X-ANNIVERSARY", take_date, PERSON_ANNIVERSARY},
    {"X-MS-ANNIVERSARY", take_date, PERSON_ANNIVERSARY},
    {"X-ABDATE", take_named_date, PERSON_OTHER_DATE},
    {"X-SOCIALPROFILE", take_profile, PERSON_CHAT},
    {"IMPP", take_text, PERSON_CHAT},
    {"X-MS-IMADDRESS", take_text, PERSON_CHAT},
    {"X-JABBER", take_text, PERSON_CHAT},
    {"X-SKYPE", take_text, PERSON_CHAT},
    {"X-SKYPE-USERNAME", take_text, PERSON_CHAT},
    {"X-ICQ", take_text, PERSON_CHAT},
    {"X-AIM", take_text, PERSON_CHAT},
    {"X-MSN", take_text, PERSON_CHAT},
    {"X-YAHOO", take_text, PERSON_CHAT},
    {"X-QQ", take_text, PERSON_CHAT},
    {"X-GOOGLE-TALK", take_text, PERSON_CHAT},
    {"RELATED", take_related, PERSON_RELATED},
    {"X-ABRELATEDNAMES", take_related, PERSON_RELATED},
    {"X-SPOUSE", take_text, PERSON_RELATED},
    {"X-MANAGER", take_text, PERSON_RELATED},
    {"X-ASSISTANT", take_text, PERSON_RELATED},
    {"X-MS-MANAGER", take_text, PERSON_RELATED},
    {"X-MS-ASSISTANT", take_text, PERSON_RELATED},
    {"NOTE", take_text, PERSON_NOTE},
    {"PHOTO", take_photo, PERSON_PHOTO},
    {"CATEGORIES", take_tags, PERSON_TAG},
    {"CATEGORY", take_tags, PERSON_TAG},
    {"UID", take_text, PERSON_UID},
    {"KIND", take_kind, 0},
    {"X-ADDRESSBOOKSERVER-KIND", take_kind, 0},
    {"X-ABSHOWAS", take_kind, 0},
    {NULL, NULL, 0},
};

static void take_property(struct vcards *own, const struct vcard_property *p)
{
    const struct property *known = PROPERTIES;
    while (known->name != NULL && strcmp(known->name, p->name) != 0) {
        known++;
    }
    if (known->name != NULL) {
        known->take(own, p, known->kind);
    }
}

/* Reads the lines of the card: first what labels there are, then what they name. */
static void read_card(struct vcards *own)
{
    struct vcard_property p;
    const char *end = own->lines.data + own->lines.size;
    for (int pass = 0; pass < 2; pass++) {
        for (const char *line = own->lines.data; line != end; line += strlen(line) + 1) {
            if (vcard_read(&own->arena, line, own->bytes, &p) &&
                (strcmp(p.name, "X-ABLABEL") == 0) == (pass == 0)) {
                pass == 0 ? take_label(own, &p) : take_property(own, &p);
            }
        }
    }
}

/* 1 a card that is a row, 0 the end, -1. */
static int next_person(struct table *r, struct err *e)
{
    struct vcards *own = r->own;
    int rc;
    while ((rc = next_card(r, e)) == 1) {
        arena_reset(&own->arena);
        person_begin(&own->person);
        own->label_count = 0;
        own->is_list = false;
        if (own->lines.size > 0) {
            read_card(own);
        }
        if (!own->is_list && !person_is_empty(&own->person)) {
            table_row_begin(r);
            person_put(&own->person, r);
            return 1;
        }
    }
    return rc;
}

static void begin(struct table *r, enum encoding encoding)
{
    struct vcards *own = r->own;
    own->have_next = false;
    own->card = 0;
    table_text_begin(r->text, &r->source, encoding);
}

static int vcard_open(struct table *r, struct err *e)
{
    struct vcards *own = ARENA_NEW(r->arena, struct vcards);
    enum encoding encoding = r->text->encoding;
    int rc;
    r->own = own;
    arena_init(&own->arena);
    person_init(&own->person);
    own->bytes = r->options.encoding == NULL && (encoding == ENCODING_WINDOWS_1252 ||
                                                 (encoding == ENCODING_UTF_8 && !r->info.marked));
    encoding = own->bytes ? ENCODING_NONE : encoding;
    begin(r, encoding);
    while ((rc = next_person(r, e)) == 1) {
    }
    table_columns_end(r);
    begin(r, encoding);
    return rc;
}

static int vcard_next(struct table *r, struct table_row *out, struct err *e)
{
    const struct vcards *own = r->own;
    int rc = next_person(r, e);
    return rc == 1 ? table_row_end(r, own->card, out) : rc;
}

static void vcard_close(struct table *r)
{
    struct vcards *own = r->own;
    if (own != NULL) {
        arena_done(&own->arena);
        person_done(&own->person);
        buf_done(&own->line);
        buf_done(&own->next);
        buf_done(&own->lines);
    }
}

static bool vcard_is(const char *text)
{
    return strncasecmp(text, "BEGIN:VCARD", 11) == 0;
}

const struct table_kind TABLE_VCARD_KIND = {.format = TABLE_VCARD,
                                            .name = "vcard",
                                            .place = "card",
                                            .is = vcard_is,
                                            .open = vcard_open,
                                            .next = vcard_next,
                                            .close = vcard_close};
