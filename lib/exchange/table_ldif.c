/*
 * LDIF as rows (RFC 2849): the entries of a directory or of an address book (Thunderbird, Outlook,
 * OpenLDAP). Continued lines, comments, base64, attribute options; entries of people become the
 * columns of table_person.h, attributes that it does not know columns of their own name. Entries
 * that hold others (organisational units, groups) are no rows. Only entries to add are read: a file
 * of other changes is refused. Passwords, pictures and certificates are never read, nor are files
 * that a value points to.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "exchange/coded.h"
#include "exchange/table_person.h"

#define LINE_MAX_BYTES  ((size_t)16 * 1024 * 1024)
#define ATTRIBUTE_BYTES 64

struct ldif {
    struct buf line, next; /* a whole line; the piece of file behind it */
    bool have_next;
    uint64_t next_line;  /* number of `next` */
    uint64_t line_place; /* number of `line` */
    struct buf value;
    struct person person;
    uint64_t entry; /* line where the entry begins */
    bool skipped;   /* the entry is no row */
    bool is_person;
    const char *birth[3]; /* year, month, day, in person.arena */
};

/* ---- attributes ------------------------------------------------------------------------------ */

enum target { TO_TEXT, TO_POINT, TO_ADDRESS, TO_BIRTH };

struct attribute {
    const char *name;
    enum target target;
    int kind; /* person_text, person_list, address_part, part of the date of birth */
    const char *label;
};

static const struct attribute ATTRIBUTES[] = {
    {"cn", TO_TEXT, PERSON_FULL_NAME, NULL},
    {"commonname", TO_TEXT, PERSON_FULL_NAME, NULL},
    {"givenname", TO_TEXT, PERSON_FIRST, NULL},
    {"gn", TO_TEXT, PERSON_FIRST, NULL},
    {"sn", TO_TEXT, PERSON_LAST, NULL},
    {"surname", TO_TEXT, PERSON_LAST, NULL},
    {"personaltitle", TO_TEXT, PERSON_SALUTATION, NULL},
    {"generationqualifier", TO_TEXT, PERSON_SUFFIX, NULL},
    {"mozillanickname", TO_TEXT, PERSON_NICKNAME, NULL},
    {"xmozillanickname", TO_TEXT, PERSON_NICKNAME, NULL},
    {"nickname", TO_TEXT, PERSON_NICKNAME, NULL},
    {"o", TO_TEXT, PERSON_COMPANY, NULL},
    {"organizationname", TO_TEXT, PERSON_COMPANY, NULL},
    {"company", TO_TEXT, PERSON_COMPANY, NULL},
    {"ou", TO_TEXT, PERSON_DEPARTMENT, NULL},
    {"orgunit", TO_TEXT, PERSON_DEPARTMENT, NULL},
    {"department", TO_TEXT, PERSON_DEPARTMENT, NULL},
    {"departmentnumber", TO_TEXT, PERSON_DEPARTMENT, NULL},
    {"title", TO_TEXT, PERSON_TITLE, NULL},
    {"employeetype", TO_TEXT, PERSON_ROLE, NULL},
    {"description", TO_TEXT, PERSON_NOTE, NULL},
    {"info", TO_TEXT, PERSON_NOTE, NULL},
    {"comment", TO_TEXT, PERSON_NOTE, NULL},
    {"notes", TO_TEXT, PERSON_NOTE, NULL},
    {"entryuuid", TO_TEXT, PERSON_UID, NULL},
    {"mail", TO_POINT, PERSON_EMAILS, ""},
    {"rfc822mailbox", TO_POINT, PERSON_EMAILS, ""},
    {"mozillasecondemail", TO_POINT, PERSON_EMAILS, ""},
    {"xmozillasecondemail", TO_POINT, PERSON_EMAILS, ""},
    {"othermailbox", TO_POINT, PERSON_EMAILS, ""},
    {"telephonenumber", TO_POINT, PERSON_PHONES, "work"},
    {"workphone", TO_POINT, PERSON_PHONES, "work"},
    {"othertelephone", TO_POINT, PERSON_PHONES, "work"},
    {"homephone", TO_POINT, PERSON_PHONES, "home"},
    {"hometelephonenumber", TO_POINT, PERSON_PHONES, "home"},
    {"mobile", TO_POINT, PERSON_PHONES, "mobile"},
    {"mobiletelephonenumber", TO_POINT, PERSON_PHONES, "mobile"},
    {"cellphone", TO_POINT, PERSON_PHONES, "mobile"},
    {"carphone", TO_POINT, PERSON_PHONES, "mobile"},
    {"facsimiletelephonenumber", TO_POINT, PERSON_PHONES, "fax"},
    {"fax", TO_POINT, PERSON_PHONES, "fax"},
    {"homefax", TO_POINT, PERSON_PHONES, "home fax"},
    {"pager", TO_POINT, PERSON_PHONES, "pager"},
    {"pagerphone", TO_POINT, PERSON_PHONES, "pager"},
    {"pagertelephonenumber", TO_POINT, PERSON_PHONES, "pager"},
    {"mozillaworkurl", TO_POINT, PERSON_LINKS, "work"},
    {"workurl", TO_POINT, PERSON_LINKS, "work"},
    {"mozillahomeurl", TO_POINT, PERSON_LINKS, "home"},
    {"homeurl", TO_POINT, PERSON_LINKS, "home"},
    {"labeleduri", TO_POINT, PERSON_LINKS, ""},
    {"url", TO_POINT, PERSON_LINKS, ""},
    {"wwwhomepage", TO_POINT, PERSON_LINKS, ""},
    {"street", TO_ADDRESS, ADDRESS_STREET, "work"},
    {"streetaddress", TO_ADDRESS, ADDRESS_STREET, "work"},
    {"postaladdress", TO_ADDRESS, ADDRESS_STREET, "work"},
    {"mozillaworkstreet2", TO_ADDRESS, ADDRESS_STREET, "work"},
    {"postofficebox", TO_ADDRESS, ADDRESS_STREET, "work"},
    {"l", TO_ADDRESS, ADDRESS_CITY, "work"},
    {"locality", TO_ADDRESS, ADDRESS_CITY, "work"},
    {"localityname", TO_ADDRESS, ADDRESS_CITY, "work"},
    {"st", TO_ADDRESS, ADDRESS_REGION, "work"},
    {"region", TO_ADDRESS, ADDRESS_REGION, "work"},
    {"stateorprovincename", TO_ADDRESS, ADDRESS_REGION, "work"},
    {"postalcode", TO_ADDRESS, ADDRESS_POSTCODE, "work"},
    {"zip", TO_ADDRESS, ADDRESS_POSTCODE, "work"},
    {"c", TO_ADDRESS, ADDRESS_COUNTRY, "work"},
    {"co", TO_ADDRESS, ADDRESS_COUNTRY, "work"},
    {"countryname", TO_ADDRESS, ADDRESS_COUNTRY, "work"},
    {"friendlycountryname", TO_ADDRESS, ADDRESS_COUNTRY, "work"},
    {"mozillahomestreet", TO_ADDRESS, ADDRESS_STREET, "home"},
    {"mozillahomestreet2", TO_ADDRESS, ADDRESS_STREET, "home"},
    {"homepostaladdress", TO_ADDRESS, ADDRESS_STREET, "home"},
    {"mozillahomelocalityname", TO_ADDRESS, ADDRESS_CITY, "home"},
    {"mozillahomestate", TO_ADDRESS, ADDRESS_REGION, "home"},
    {"mozillahomepostalcode", TO_ADDRESS, ADDRESS_POSTCODE, "home"},
    {"mozillahomecountryname", TO_ADDRESS, ADDRESS_COUNTRY, "home"},
    {"birthyear", TO_BIRTH, 0, NULL},
    {"birthmonth", TO_BIRTH, 1, NULL},
    {"birthday", TO_BIRTH, 2, NULL},
    {NULL, TO_TEXT, 0, NULL},
};

/* Of no use as text, or nobody's business. displayName is what cn is. */
static const char *const LEFT_OUT[] = {"objectclass",
                                       "userpassword",
                                       "jpegphoto",
                                       "thumbnailphoto",
                                       "photo",
                                       "usercertificate",
                                       "usersmimecertificate",

                                       "audio",
                                       "modifytimestamp",
                                       "createtimestamp",
                                       "creatorsname",
                                       "modifiersname",
                                       "entrycsn",
                                       "structuralobjectclass",
                                       "entrydn",
                                       "hassubordinates",
                                       "subschemasubentry",
                                       "krbprincipalkey",
                                       "sambantpassword",
                                       "sambalmpassword",
                                       "unicodepwd",
                                       "member",
                                       "uniquemember",
                                       "memberof",
                                       NULL};

/* Classes of entries that hold others, unless the entry is a person's as well. */
static const char *const HOLDERS[] = {
    "organizationalunit", "groupofnames", "groupofuniquenames", "posixgroup", "domain", "dcobject",
    "organizationalrole", "country",      "locality",           NULL};
static const char *const PEOPLE[] = {
    "person", "inetorgperson", "organizationalperson", "mozillaabpersonalpha", "contact", "user",
    NULL};

static bool is_one_of(const char *const *list, const char *name)
{
    while (*list != NULL && strcasecmp(*list, name) != 0) {
        list++;
    }
    return *list != NULL;
}

static const struct attribute *attribute_of(const char *name)
{
    const struct attribute *a = ATTRIBUTES;
    while (a->name != NULL && strcasecmp(a->name, name) != 0) {
        a++;
    }
    return a->name != NULL ? a : NULL;
}

#define STREET_ENOUGH 8000 /* bytes: longer than any street may be, and refused as such */

static void add_address(struct person *p, const struct attribute *a, const char *text)
{
    struct person_address *address = person_address(p, a->label);
    if (address == NULL) {
        return;
    }
    char *part = arena_strdup(&p->arena, str_trim(&p->arena, text));
    for (char *c = part; a->kind == ADDRESS_STREET && *c != '\0'; c++) {
        *c = *c == '$' ? '\n' : *c; /* lines of a postalAddress */
    }
    const char **known = &address->parts[a->kind];
    if (a->kind != ADDRESS_STREET || *known == NULL) {
        *known = *known != NULL ? *known : part;
    } else if (strlen(*known) < STREET_ENOUGH && strstr(*known, part) == NULL) {
        *known = arena_printf(&p->arena, "%s\n%s", *known, part);
    }
}

static void add_known(struct ldif *own, const struct attribute *a, const char *text)
{
    struct person *p = &own->person;
    switch (a->target) {
    case TO_TEXT:
        person_add(p, (enum person_text)a->kind, text);
        break;
    case TO_POINT: /* a labeledURI has its label behind the address */
        person_add_point(
            p, (enum person_list)a->kind,
            a->kind == PERSON_LINKS ? arena_strndup(&p->arena, text, strcspn(text, " ")) : text,
            a->label, 0);
        break;
    case TO_ADDRESS:
        add_address(p, a, text);
        break;
    case TO_BIRTH:
        own->birth[a->kind] = arena_strdup(&p->arena, text);
        break;
    }
}

static void add_class(struct ldif *own, const char *name)
{
    own->is_person = own->is_person || is_one_of(PEOPLE, name);
    own->skipped = own->skipped || is_one_of(HOLDERS, name);
}

/* One with the attribute's own name. */
static void add_other(struct table *r, const char *name, const char *text)
{
    char small[ATTRIBUTE_BYTES];
    size_t n = 0;
    for (; name[n] != '\0' && n + 1 < sizeof small; n++) {
        small[n] = (char)tolower((unsigned char)name[n]);
    }
    table_put(r, table_column(r, small, n, true), text, strlen(text), false, "; ");
}

/* ---- lines ----------------------------------------------------------------------------------- */

/* The next line with those that continue it, comments left out; "" stands between entries. 1, 0,
 * -1.
 */
static int next_line(struct table *r, struct err *e)
{
    struct ldif *own = r->own;
    bool begun = false, comment = false;
    buf_clear(&own->line);
    for (;;) {
        int rc = own->have_next ? 1 : table_text_line(r->text, &own->next, LINE_MAX_BYTES, e);
        own->have_next = false;
        if (rc < 0) {
            r->place = r->text->line;
        }
        if (rc <= 0) {
            return rc < 0 ? -1 : begun;
        }
        const char *text = buf_text(&own->next);
        if (text[0] == ' ' && (begun || comment)) {
            if (!comment) {
                buf_puts(&own->line, text + 1);
            }
        } else if (begun) {
            own->have_next = true;
            return 1;
        } else {
            comment = text[0] == '#';
            begun = !comment;
            own->line_place = r->text->line;
            buf_puts(&own->line, begun ? text : "");
        }
        if (own->line.size > LINE_MAX_BYTES) {
            return table_fail(r, own->line_place, e, "This value is longer than 16 MiB.");
        }
    }
}

/* The value behind "name:", "name::" (base64) or "name:<" (an address: not read). NULL: none. */
static const char *value_of(struct ldif *own, const char *colon)
{
    const char *text = colon + 1;
    bool coded = *text == ':', address = *text == '<';
    text += coded || address;
    text += strspn(text, " ");
    if (address) {
        return NULL;
    }
    if (!coded) {
        return text;
    }
    struct buf bytes = {0};
    buf_clear(&own->value);
    bool read = coded_base64(text, strlen(text), &bytes) == 0 &&
                coded_text(buf_text(&bytes), bytes.size, NULL, &own->value);
    buf_done(&bytes);
    return read ? buf_text(&own->value) : NULL;
}

static int refuse_change(struct table *r, const char *value, struct err *e)
{
    const struct ldif *own = r->own;
    return table_fail(
        r, own->line_place, e,
        "This file changes entries of a directory (changetype %.20s); only entries to "
        "add can be imported.",
        value);
}

static int take_attribute(struct table *r, struct err *e)
{
    struct ldif *own = r->own;
    char *line = own->line.data;
    char *colon = strchr(line, ':');
    if (colon == NULL) {
        return table_fail(r, own->line_place, e, "This line is no attribute: value.");
    }
    const char *value = value_of(own, colon);
    *colon = '\0';
    line[strcspn(line, ";")] = '\0'; /* options: a language, binary */
    if (strcasecmp(line, "changetype") == 0 && value != NULL && strcasecmp(value, "add") != 0) {
        return refuse_change(r, value, e);
    }
    if (value == NULL || strcasecmp(line, "changetype") == 0 || strcasecmp(line, "dn") == 0 ||
        strcasecmp(line, "control") == 0) {
        return 0;
    }
    const struct attribute *a = attribute_of(line);
    if (strcasecmp(line, "objectclass") == 0) {
        add_class(own, value);
    } else if (a != NULL) {
        add_known(own, a, value);
    } else if (strcasecmp(line, "displayname") == 0) {
        if (own->person.texts[PERSON_FULL_NAME] == NULL) {
            person_add(&own->person, PERSON_FULL_NAME, value);
        }
    } else if (!is_one_of(LEFT_OUT, line)) {
        add_other(r, line, value);
    }
    return 0;
}

static void settle_birth(struct ldif *own)
{
    int64_t part[3] = {0};
    for (size_t i = 0; i < COUNT(part); i++) {
        if (own->birth[i] == NULL || str_to_int(own->birth[i], &part[i]) != 0) {
            return;
        }
    }
    person_add(&own->person, PERSON_BIRTHDAY,
               arena_printf(&own->person.arena, "%04d-%02d-%02d", (int)part[0], (int)part[1],
                            (int)part[2]));
}

static void begin_entry(struct table *r)
{
    struct ldif *own = r->own;
    person_begin(&own->person);
    memset(own->birth, 0, sizeof own->birth);
    own->entry = 0;
    own->skipped = own->is_person = false;
    table_row_begin(r);
}

/* Takes lines up to the end of an entry that is a row. 1, 0 the end of the file, -1. */
static int next_entry(struct table *r, struct err *e)
{
    struct ldif *own = r->own;
    int rc;
    begin_entry(r);
    do {
        rc = next_line(r, e);
        if (rc < 0) {
            return -1;
        }
        if (rc == 1 && own->line.size > 0) {
            bool version = own->entry == 0 && strncasecmp(own->line.data, "version:", 8) == 0;
            own->entry = version || own->entry != 0 ? own->entry : own->line_place;
            if (!version && take_attribute(r, e) != 0) {
                return -1;
            }
        } else if (own->entry != 0) {
            if ((!own->skipped || own->is_person) && !person_is_empty(&own->person)) {
                settle_birth(own);
                person_put(&own->person, r);
                return 1;
            }
            begin_entry(r);
        }
    } while (rc == 1);
    return 0;
}

static void ldif_begin(struct table *r)
{
    struct ldif *own = r->own;
    own->have_next = false;
    table_text_begin(r->text, &r->source, r->text->encoding);
}

static int ldif_open(struct table *r, struct err *e)
{
    struct ldif *own = ARENA_NEW(r->arena, struct ldif);
    int rc;
    person_init(&own->person);
    r->own = own;
    while ((rc = next_entry(r, e)) == 1) {
    }
    table_columns_end(r);
    ldif_begin(r);
    return rc;
}

static int ldif_next(struct table *r, struct table_row *out, struct err *e)
{
    const struct ldif *own = r->own;
    int rc = next_entry(r, e);
    return rc == 1 ? table_row_end(r, own->entry, out) : rc;
}

static void ldif_close(struct table *r)
{
    struct ldif *own = r->own;
    if (own != NULL) {
        person_done(&own->person);
        buf_done(&own->line);
        buf_done(&own->next);
        buf_done(&own->value);
    }
}

/* "dn: …", "dn:: …" or "version: 1", perhaps behind comments. */
static bool ldif_is(const char *text)
{
    while (*text == '#') {
        text += strcspn(text, "\r\n");
        text += strspn(text, "\r\n ");
    }
    return strncasecmp(text, "dn:", 3) == 0 || strncasecmp(text, "version: 1", 10) == 0;
}

const struct table_kind TABLE_LDIF_KIND = {.format = TABLE_LDIF,
                                           .name = "ldif",
                                           .is = ldif_is,
                                           .open = ldif_open,
                                           .next = ldif_next,
                                           .close = ldif_close};
