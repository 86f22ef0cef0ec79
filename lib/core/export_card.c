/*
 * Exports as vCards: whoever can be reached has a card. The fields of a card are those of the names
 * by which an import reads one (exchange/table_person.h), as far as the export holds them.
 */
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/str.h"
#include "core/export_private.h"
#include "core/file.h"
#include "exchange/picture.h"
#include "exchange/vcard.h"
#include "model/address.h"
#include "store/files.h"

#define PHOTO_MAX ((int64_t)PICTURE_TEXT_MAX * 3 / 4 - 1024) /* what an import takes again */

static bool is_reached_by(const struct field *f)
{
    return f->type->points != NULL && f->type->points->reaches;
}

enum card_kind export_card_kind(const struct entity *e)
{
    bool reached = false;
    for (size_t i = 0; i < e->field_count; i++) {
        reached = reached || (!e->fields[i]->hidden && is_reached_by(e->fields[i]));
    }
    if (!reached || entity_is_account(e)) {
        return CARD_NONE;
    }
    if (entity_field_find(e, "first_name") != NULL || entity_field_find(e, "last_name") != NULL) {
        return CARD_PERSON;
    }
    return entity_field_find(e, "name") != NULL ? CARD_ORGANISATION : CARD_NONE;
}

/* The text of a field by its name, "" when it is empty or not part of the export. */
static const char *text_of(struct export *x, const struct list_row *row, const char *name)
{
    size_t column = 0;
    for (size_t i = 0; i < x->field_count; i++) {
        const struct field *f = x->fields[i];
        struct value own[FIELD_MAX_COLUMNS];
        if (strcmp(f->name, name) == 0) {
            const char *text =
                export_text(x, f, export_typed(f, &row->values[column], own), row->titles[i].text);
            return text != NULL ? text : "";
        }
        column += export_width(f);
    }
    return "";
}

static struct value value_of(const struct export *x, const struct list_row *row, const char *name)
{
    size_t column = 0;
    for (size_t i = 0; i < x->field_count; i++) {
        if (strcmp(x->fields[i]->name, name) == 0) {
            return row->values[column];
        }
        column += export_width(x->fields[i]);
    }
    return value_null();
}

static const struct json *list_of(struct export *x, const struct list_row *row, const char *name)
{
    const struct json *list = NULL;
    struct err none = {0};
    struct value v = value_of(x, row, name);
    bool read = v.kind == VALUE_TEXT && json_parse(&x->row, v.s, v.n, &list, &none) == 0;
    return read && list->type == JSON_ARRAY ? list : NULL;
}

static size_t points_of(struct export *x, const struct list_row *row, const char *name,
                        const struct vcard_point **out)
{
    const struct json *list = list_of(x, row, name);
    struct vcard_point *points =
        ARENA_ARRAY(&x->row, struct vcard_point, list != NULL ? list->count + 1 : 1);
    size_t count = 0;
    for (const struct json *m = list != NULL ? list->child : NULL; m != NULL; m = m->next) {
        points[count++] = (struct vcard_point){json_text(m, "value"), json_text(m, "label"),
                                               json_true(m, "primary")};
    }
    *out = points;
    return count;
}

static size_t tags_of(struct export *x, const struct list_row *row, const char ***out)
{
    const struct json *list = list_of(x, row, "tags");
    size_t count = 0;
    *out = ARENA_ARRAY(&x->row, const char *, list != NULL ? list->count + 1 : 1);
    for (const struct json *m = list != NULL ? list->child : NULL; m != NULL; m = m->next) {
        if (m->type == JSON_STRING) {
            (*out)[count++] = m->text;
        }
    }
    return count;
}

/* A part of the primary address may be in the plain field of its name only. */
static const char *part_of(struct export *x, const struct list_row *row,
                           const struct address *address, enum address_part part)
{
    static const char *const NAMES[] = {"street", "postcode", "city", "region", "country"};
    const char *text = address != NULL ? address->part[part] : NULL;
    bool plain = address == NULL || address->is.primary;
    return plain && (text == NULL || text[0] == '\0') ? text_of(x, row, NAMES[part]) : text;
}

static size_t addresses_of(struct export *x, const struct list_row *row,
                           const struct vcard_address **out)
{
    struct address *list = NULL;
    struct value v = value_of(x, row, "addresses");
    size_t found = v.kind == VALUE_TEXT ? address_read(&x->row, v, &list) : 0, count = 0;
    struct vcard_address *made = ARENA_ARRAY(&x->row, struct vcard_address, found + 1);
    for (size_t i = 0; i == 0 || i < found; i++) {
        const struct address *a = i < found ? &list[i] : NULL;
        struct vcard_address card = {.street = part_of(x, row, a, ADDRESS_STREET),
                                     .postcode = part_of(x, row, a, ADDRESS_POSTCODE),
                                     .city = part_of(x, row, a, ADDRESS_CITY),
                                     .region = part_of(x, row, a, ADDRESS_REGION),
                                     .country = part_of(x, row, a, ADDRESS_COUNTRY),
                                     .label = a != NULL ? a->label : "",
                                     .primary = a == NULL || a->is.primary};
        const char *const all[] = {card.street, card.postcode, card.city, card.region,
                                   card.country};
        bool any = false;
        for (size_t k = 0; k < COUNT(all); k++) {
            any = any || (all[k] != NULL && all[k][0] != '\0');
        }
        if (any) {
            made[count++] = card;
        }
    }
    *out = made;
    return count;
}

/* Called by some name: what a card must have. */
static const char *full_name(struct export *x, const struct vcard *c, int64_t id)
{
    bool first = c->first[0] != '\0', last = c->last[0] != '\0';
    if (first || last) {
        return arena_printf(&x->row, "%s%s%s", c->first, first && last ? " " : "", c->last);
    }
    return c->company[0] != '\0' ? c->company
           : c->email_count > 0  ? c->emails[0].value
           : c->phone_count > 0  ? c->phones[0].value
                                : arena_printf(&x->row, "%s %lld", x->entity->label, (long long)id);
}

/* The bytes, in x->row; none when they are missing on disk, or are no picture that cards carry. */
static void read_photo(struct export *x, const char *hash, int64_t size, struct vcard *card)
{
    int fd = files_open(x->c->store, hash, size);
    char *bytes = fd >= 0 ? arena_alloc(&x->row, (size_t)size + 1) : NULL;
    bool whole = bytes != NULL && fs_read_at(fd, bytes, (size_t)size, 0) == size;
    if (fd >= 0) {
        close(fd);
    }
    card->photo_type = whole ? picture_type(bytes, (size_t)size) : NULL;
    card->photo = bytes;
    card->photo_size = (size_t)size;
}

/* The picture of the record, as far as the export holds it and its reader may see it. */
static int take_photo(struct export *x, const struct list_row *row, struct vcard *card)
{
    struct ctx *c = x->c;
    const struct field *picture = x->entity->picture;
    const struct entity *e = file_entity(c->model);
    struct value id = picture != NULL ? value_of(x, row, picture->name) : value_null();
    struct record *r = NULL;
    if (id.kind != VALUE_INT || e == NULL || text_of(x, row, picture->name)[0] == '\0') {
        return 0;
    }
    if (rows_load(c->db, e, id.i, &x->row, &r, &c->err) != 0) {
        bool gone = c->err.code == ERR_NOT_FOUND;
        err_clear(&c->err);
        return gone ? 0 : ctx_fail(c, ERR_INTERNAL, "", "A file cannot be read.");
    }
    struct value hash = record_value(r, entity_field_find(e, "hash"));
    struct value size = record_value(r, entity_field_find(e, "size"));
    if (hash.kind == VALUE_TEXT && size.kind == VALUE_INT && size.i > 0 && size.i <= PHOTO_MAX) {
        read_photo(x, hash.s, size.i, card);
    }
    return 0;
}

static void card_row(struct export *x, const struct list_row *row)
{
    bool organisation = export_card_kind(x->entity) == CARD_ORGANISATION;
    struct vcard c = {
        .organisation = organisation,
        .uid = arena_printf(&x->row, "kontor-%s-%lld", x->entity->name, (long long)row->id),
        .first = organisation ? "" : text_of(x, row, "first_name"),
        .last = organisation ? "" : text_of(x, row, "last_name"),
        .salutation = text_of(x, row, "salutation"),
        .nickname = text_of(x, row, "nickname"),
        .company = text_of(x, row, organisation ? "name" : "company"),
        .department = text_of(x, row, "department"),
        .title = text_of(x, row, "job_title"),
        .role = text_of(x, row, "role"),
        .birthday = text_of(x, row, "birthday")};
    c.email_count = points_of(x, row, "emails", &c.emails);
    c.phone_count = points_of(x, row, "phones", &c.phones);
    c.link_count = points_of(x, row, "links", &c.links);
    if (c.link_count == 0) {
        c.link_count = points_of(x, row, "website", &c.links);
    }
    c.address_count = addresses_of(x, row, &c.addresses);
    c.tag_count = tags_of(x, row, &c.tags);
    c.full_name = full_name(x, &c, row->id);
    if (take_photo(x, row, &c) != 0) {
        return; /* the error ends the list */
    }
    vcard_write(&x->out, &c, x->request->card_version);
}

static void nothing(struct export *x)
{
    (void)x;
}

const struct export_row_functions EXPORT_CARDS = {nothing, card_row, nothing};
