/* See table_person.h. */
#include "exchange/table_person.h"

#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "exchange/name.h"

static const struct {
    const char *column;
    const char *between; /* several of one kind; NULL: the first one counts */
} TEXTS[PERSON_TEXTS] = {
    [PERSON_FULL_NAME] = {"name", NULL},
    [PERSON_FIRST] = {"first_name", " "},
    [PERSON_MIDDLE] = {"middle_name", " "},
    [PERSON_LAST] = {"last_name", NULL},
    [PERSON_SALUTATION] = {"salutation", " "},
    [PERSON_SUFFIX] = {"suffix", " "},
    [PERSON_NICKNAME] = {"nickname", ", "},
    [PERSON_COMPANY] = {"company", NULL},
    [PERSON_OTHER_COMPANY] = {"other_companies", "; "},
    [PERSON_DEPARTMENT] = {"department", ", "},
    [PERSON_TITLE] = {"job_title", ", "},
    [PERSON_ROLE] = {"role", ", "},
    [PERSON_BIRTHDAY] = {"birthday", NULL},
    [PERSON_BIRTHDAY_PART] = {"birthday_without_year", NULL},
    [PERSON_ANNIVERSARY] = {"anniversary", NULL},
    [PERSON_OTHER_DATE] = {"other_dates", ", "},
    [PERSON_CHAT] = {"chat", ", "},
    [PERSON_RELATED] = {"related", ", "},
    [PERSON_NOTE] = {"note", "\n\n"},
    [PERSON_TAG] = {"tags", "; "},
    [PERSON_UID] = {"uid", NULL},
    [PERSON_PHOTO] = {"photo", NULL},
    [PERSON_PHOTO_LEFT] = {"photo_not_taken", ", "},
};

static const char *const LISTS[PERSON_LISTS] = {
    [PERSON_EMAILS] = "emails", [PERSON_PHONES] = "phones", [PERSON_LINKS] = "links"};

static const char *const PARTS[ADDRESS_PARTS] = {[ADDRESS_STREET] = "street",
                                                 [ADDRESS_POSTCODE] = "postcode",
                                                 [ADDRESS_CITY] = "city",
                                                 [ADDRESS_REGION] = "region",
                                                 [ADDRESS_COUNTRY] = "country"};

void person_init(struct person *p)
{
    *p = (struct person){0};
    arena_init(&p->arena);
}

void person_done(struct person *p)
{
    arena_done(&p->arena);
}

void person_begin(struct person *p)
{
    arena_reset(&p->arena);
    memset(p->texts, 0, sizeof p->texts);
    memset(p->rooms, 0, sizeof p->rooms);
    memset(p->point_count, 0, sizeof p->point_count);
    p->address_count = 0;
    p->organisation = false;
}

static const char *trimmed(struct person *p, const char *text)
{
    return text != NULL ? str_trim(&p->arena, text) : "";
}

static const char *one_line(struct person *p, const char *text)
{
    char *line = arena_strdup(&p->arena, text);
    for (char *c = line; *c != '\0'; c++) {
        *c = *c == '\n' || *c == '\r' || *c == '\t' ? ' ' : *c;
    }
    return line;
}

#define TEXT_ENOUGH   1000000 /* bytes: more than any field takes, and refused as such */
#define TEXT_COMPARED 60000   /* up to here what is said twice stands there once */

/* One of the parts of a joined text. */
static bool holds(const char *all, const char *text, const char *between)
{
    size_t n = strlen(text), step = strlen(between);
    for (const char *at = strstr(all, text); at != NULL; at = strstr(at + 1, text)) {
        bool begins = at == all || (at >= all + step && memcmp(at - step, between, step) == 0);
        if (begins && (at[n] == '\0' || strncmp(at + n, between, step) == 0)) {
            return true;
        }
    }
    return false;
}

/* Behind the text there is, which has `size` bytes; in room that doubles. */
static const char *join(struct person *p, enum person_text kind, size_t size, const char *more)
{
    const char *between = TEXTS[kind].between;
    size_t step = strlen(between), n = strlen(more), all = size + step + n + 1;
    if (all > p->rooms[kind]) {
        p->rooms[kind] = 2 * all;
        char *grown = arena_alloc(&p->arena, p->rooms[kind]);
        memcpy(grown, p->texts[kind], size);
        p->grown[kind] = grown;
    }
    memcpy(p->grown[kind] + size, between, step);
    memcpy(p->grown[kind] + size + step, more, n + 1);
    return p->grown[kind];
}

void person_add(struct person *p, enum person_text kind, const char *text)
{
    const char *more = kind == PERSON_NOTE ? trimmed(p, text) : one_line(p, trimmed(p, text));
    const char *all = p->texts[kind];
    const char *between = TEXTS[kind].between;
    size_t size = all != NULL ? strlen(all) : 0;
    if (more[0] == '\0' || size > TEXT_ENOUGH ||
        (all != NULL &&
         (between == NULL || (size < TEXT_COMPARED && holds(all, more, between))))) {
        return;
    }
    p->texts[kind] = all == NULL ? more : join(p, kind, size, more);
}

void person_add_point(struct person *p, enum person_list list, const char *value, const char *label,
                      int preference)
{
    const char *text = trimmed(p, value);
    if (text[0] == '\0') {
        return;
    }
    for (size_t i = 0; i < p->point_count[list]; i++) {
        struct person_point *known = &p->points[list][i];
        if (strcmp(known->value, text) == 0) {
            known->preference = known->preference != 0 ? known->preference : preference;
            return;
        }
    }
    if (p->point_count[list] < PERSON_POINTS_MAX) {
        p->points[list][p->point_count[list]++] = (struct person_point){
            text, arena_strdup(&p->arena, label != NULL ? label : ""), preference};
    }
}

struct person_address *person_address(struct person *p, const char *label)
{
    for (size_t i = 0; i < p->address_count; i++) {
        if (strcmp(p->addresses[i].label, label) == 0) {
            return &p->addresses[i];
        }
    }
    return person_add_address(p, label);
}

struct person_address *person_add_address(struct person *p, const char *label)
{
    if (p->address_count == PERSON_POINTS_MAX) {
        return NULL;
    }
    struct person_address *a = &p->addresses[p->address_count++];
    *a = (struct person_address){.label = arena_strdup(&p->arena, label)};
    return a;
}

bool person_is_empty(const struct person *p)
{
    for (size_t i = 0; i < PERSON_TEXTS; i++) {
        if (p->texts[i] != NULL && i != PERSON_UID && i != PERSON_PHOTO && i != PERSON_PHOTO_LEFT) {
            return false;
        }
    }
    return p->address_count + p->point_count[PERSON_EMAILS] + p->point_count[PERSON_PHONES] +
               p->point_count[PERSON_LINKS] ==
           0;
}

/* ---- the name -------------------------------------------------------------------------------- */

static const char *first_point(const struct person *p, enum person_list list)
{
    return p->point_count[list] > 0 ? p->points[list][0].value : NULL;
}

static const char *lines_joined(struct person *p, const char *text)
{
    struct buf all = {0};
    for (size_t n; *text != '\0'; text += n + (text[n] != '\0')) {
        n = strcspn(text, "\n");
        buf_puts(&all, all.size > 0 ? ", " : "");
        buf_add(&all, text, n);
    }
    const char *line = arena_strdup(&p->arena, buf_text(&all));
    buf_done(&all);
    return line;
}

/* "Main Street 1, 12345 Town, Country" */
static const char *address_line(struct person *p, const struct person_address *a)
{
    const char *const *part = a->parts;
    const char *line = "";
    for (size_t i = 0; i < ADDRESS_PARTS; i++) {
        if (part[i] != NULL) {
            bool town = i == ADDRESS_CITY && part[ADDRESS_POSTCODE] != NULL;
            line = arena_printf(&p->arena, "%s%s%s", line,
                                line[0] == '\0' ? ""
                                : town          ? " "
                                                : ", ",
                                lines_joined(p, part[i]));
        }
    }
    return line;
}

/* The first there is: what a person without a name is called by. */
static const char *some_name(struct person *p)
{
    const char *address = p->address_count > 0 ? address_line(p, &p->addresses[0]) : NULL;
    const char *const names[] = {p->texts[PERSON_FULL_NAME],
                                 p->texts[PERSON_NICKNAME],
                                 p->texts[PERSON_COMPANY],
                                 first_point(p, PERSON_EMAILS),
                                 first_point(p, PERSON_PHONES),
                                 first_point(p, PERSON_LINKS),
                                 address};
    size_t i = 0;
    while (i + 1 < COUNT(names) && names[i] == NULL) {
        i++;
    }
    return names[i];
}

/* "Ada Maria Lund" is Lund, Ada Maria. */
static void split_name(struct person *p, const char *name)
{
    const char *blank = strrchr(name, ' ');
    if (blank == NULL || p->organisation || name != p->texts[PERSON_FULL_NAME]) {
        p->texts[PERSON_LAST] = name;
        return;
    }
    struct name parts;
    name_split(&p->arena, str_trim(&p->arena, name), &parts);
    const char **title = &p->texts[PERSON_SALUTATION];
    if (*title == NULL && parts.title[0] != '\0') {
        *title = parts.title;
    }
    p->texts[PERSON_FIRST] = parts.first[0] != '\0' ? parts.first : NULL;
    p->texts[PERSON_LAST] = parts.last;
}

/* The whole name says the part that was not given on its own: Jensen of "Barbara Jensen". */
static void complete_name(struct person *p)
{
    const char *full = p->texts[PERSON_FULL_NAME];
    const char **first = &p->texts[PERSON_FIRST], **last = &p->texts[PERSON_LAST];
    const char *known = *first != NULL ? *first : *last, *title = p->texts[PERSON_SALUTATION];
    if (full != NULL && title != NULL && str_starts(full, title) && full[strlen(title)] == ' ') {
        full += strlen(title) + 1;
    }
    size_t all = full != NULL ? strlen(full) : 0, n = known != NULL ? strlen(known) : 0;
    if ((*first != NULL) == (*last != NULL) || all < n + 2 || p->organisation ||
        p->texts[PERSON_MIDDLE] != NULL) {
        return;
    }
    if (*first == NULL && full[all - n - 1] == ' ' && strcmp(full + all - n, known) == 0) {
        *first = arena_strndup(&p->arena, full, all - n - 1);
    } else if (*last == NULL && full[n] == ' ' && memcmp(full, known, n) == 0) {
        *last = full + n + 1;
    }
}

/* Everybody has a name to be found by. */
static void settle_person(struct person *p, const struct table *r)
{
    complete_name(p);
    const char *middle = p->texts[PERSON_MIDDLE], *first = p->texts[PERSON_FIRST];
    if (middle != NULL && !table_has(r, TEXTS[PERSON_MIDDLE].column)) {
        p->texts[PERSON_FIRST] =
            first != NULL ? arena_printf(&p->arena, "%s %s", first, middle) : middle;
        p->texts[PERSON_MIDDLE] = NULL;
    }
    const char *company = p->texts[PERSON_COMPANY], *full = p->texts[PERSON_FULL_NAME];
    p->organisation = p->organisation || (company != NULL && str_eq(company, full));
    const char *name = some_name(p);
    if (p->texts[PERSON_FIRST] == NULL && p->texts[PERSON_LAST] == NULL && name != NULL) {
        split_name(p, name);
    }
    p->texts[PERSON_FULL_NAME] = NULL;
}

static void settle_organisation(struct person *p)
{
    const char *first = p->texts[PERSON_FIRST], *last = p->texts[PERSON_LAST];
    if (p->texts[PERSON_FULL_NAME] == NULL && (first != NULL || last != NULL)) {
        p->texts[PERSON_FULL_NAME] =
            arena_printf(&p->arena, "%s%s%s", first != NULL ? first : "",
                         first != NULL && last != NULL ? " " : "", last != NULL ? last : "");
    }
    const char *company = p->texts[PERSON_COMPANY], *name = some_name(p);
    p->texts[PERSON_FULL_NAME] = company != NULL ? company : name;
    p->texts[PERSON_COMPANY] = NULL;
}

/* ---- cells ----------------------------------------------------------------------------------- */

static void put(struct table *r, const char *column, const char *text, bool exact)
{
    if (text != NULL && text[0] != '\0') {
        table_put(r, table_column(r, column, strlen(column), true), text, strlen(text), exact, "");
    }
}

/* Of 1 and 0 the first is the better one; of several the first. */
static bool is_better(int preference, int than)
{
    return preference != 0 && (than == 0 || preference < than);
}

static size_t primary_of(const struct person_point *points, size_t count)
{
    size_t best = 0;
    for (size_t i = 1; i < count; i++) {
        best = is_better(points[i].preference, points[best].preference) ? i : best;
    }
    return best;
}

static void put_list(struct person *p, struct table *r, enum person_list list, const char *column)
{
    const struct person_point *points = p->points[list];
    size_t count = p->point_count[list], primary = primary_of(points, count);
    struct buf text = {0};
    struct json_writer w;
    if (count == 1 && points[0].label[0] == '\0') {
        put(r, column, points[0].value, false);
        return;
    }
    jw_init(&w, &text);
    jw_array(&w);
    for (size_t i = 0; i < count; i++) {
        jw_object(&w);
        jw_kv_text(&w, "value", points[i].value);
        jw_kv_text(&w, "label", points[i].label);
        jw_kv_bool(&w, "primary", i == primary);
        jw_object_end(&w);
    }
    jw_array_end(&w);
    if (count > 0) {
        put(r, column, buf_text(&text), false);
    }
    buf_done(&text);
}

static size_t primary_address(const struct person *p)
{
    size_t best = 0;
    for (size_t i = 1; i < p->address_count; i++) {
        best = is_better(p->addresses[i].preference, p->addresses[best].preference) ? i : best;
    }
    return best;
}

/* All of them, as JSON. */
static void put_all_addresses(struct person *p, struct table *r)
{
    size_t primary = primary_address(p);
    struct buf text = {0};
    struct json_writer w;
    jw_init(&w, &text);
    jw_array(&w);
    for (size_t i = 0; i < p->address_count; i++) {
        jw_object(&w);
        jw_kv_text(&w, "label", p->addresses[i].label);
        for (size_t k = 0; k < ADDRESS_PARTS; k++) {
            const char *part = p->addresses[i].parts[k];
            jw_kv_text(&w, PARTS[k], part != NULL ? part : "");
        }
        jw_kv_bool(&w, "primary", i == primary);
        jw_object_end(&w);
    }
    jw_array_end(&w);
    if (p->address_count > 0) {
        put(r, "addresses", buf_text(&text), false);
    }
    buf_done(&text);
}

static void put_addresses(struct person *p, struct table *r)
{
    struct buf others = {0};
    size_t primary = primary_address(p);
    if (table_has(r, "addresses")) {
        put_all_addresses(p, r);
        return;
    }
    for (size_t i = 0; i < p->address_count; i++) {
        for (size_t k = 0; i == primary && k < ADDRESS_PARTS; k++) {
            const char *part = p->addresses[i].parts[k];
            put(r, PARTS[k], part != NULL ? lines_joined(p, part) : NULL, false);
        }
        if (i != primary) {
            const char *label = p->addresses[i].label;
            buf_printf(&others, "%s%s%s%s", others.size > 0 ? "\n" : "", label,
                       label[0] != '\0' ? ": " : "", address_line(p, &p->addresses[i]));
        }
    }
    put(r, "other_addresses", arena_strdup(&p->arena, buf_text(&others)), false);
    buf_done(&others);
}

/* NULL: there is no place for a picture. */
static const char *photo_column(const struct table *r)
{
    return table_has(r, "photo") ? "photo" : table_has(r, "logo") ? "logo" : NULL;
}

void person_put(struct person *p, struct table *r)
{
    bool people = table_has(r, "first_name") || table_has(r, "last_name");
    if (people) {
        settle_person(p, r);
    } else {
        settle_organisation(p);
    }
    for (size_t i = 0; i < PERSON_TEXTS; i++) {
        const char *column = i == PERSON_PHOTO ? photo_column(r) : TEXTS[i].column;
        put(r, column, column != NULL ? p->texts[i] : NULL,
            i == PERSON_BIRTHDAY || i == PERSON_ANNIVERSARY);
    }
    for (size_t i = 0; i < PERSON_LISTS; i++) {
        bool site = i == PERSON_LINKS && !table_has(r, LISTS[i]) && table_has(r, "website");
        put_list(p, r, (enum person_list)i, site ? "website" : LISTS[i]);
    }
    put_addresses(p, r);
}
