/* Writing of vCards; see vcard.h. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "exchange/picture.h"
#include "exchange/vcard.h"

#define LINE_BYTES 75

struct writing {
    struct buf *out;
    struct buf line;
    int version;
    int group; /* of the last label that stands beside */
};

/* Folds between characters; a continued line begins with a blank. */
static void end_line(struct writing *w)
{
    const char *at = buf_text(&w->line);
    size_t left = w->line.size, room = LINE_BYTES;
    while (left > room) {
        size_t n = room;
        while (n > 0 && ((unsigned char)at[n] & 0xc0) == 0x80) {
            n--;
        }
        buf_add(w->out, at, n);
        buf_puts(w->out, "\r\n ");
        at += n;
        left -= n;
        room = LINE_BYTES - 1;
    }
    buf_add(w->out, at, left);
    buf_puts(w->out, "\r\n");
    buf_clear(&w->line);
}

static void put_escaped(struct writing *w, const char *text)
{
    for (; text != NULL && *text != '\0'; text++) {
        if (*text == '\n') {
            buf_puts(&w->line, "\\n");
        } else if (*text != '\r') {
            buf_puts(&w->line, strchr(",;\\", *text) != NULL ? "\\" : "");
            buf_putc(&w->line, *text);
        }
    }
}

static bool is_there(const char *text)
{
    return text != NULL && text[0] != '\0';
}

/* A property of one text; none without it. */
static void write_text(struct writing *w, const char *name, const char *text)
{
    if (is_there(text)) {
        buf_printf(&w->line, "%s:", name);
        put_escaped(w, text);
        end_line(w);
    }
}

/* ---- labels ---------------------------------------------------------------------------------- */

/* Words of a label that are types, for numbers; e-mails and links have the first two only. */
static const struct {
    const char *word, *type;
} WORDS[] = {{"work", "work"},   {"home", "home"}, {"mobile", "cell"}, {"fax", "fax"},
             {"pager", "pager"}, {"car", "car"},   {"isdn", "isdn"}};
#define PLACES 2

/* "work fax" is "work,fax", in this order only, for so it is read again. */
static bool types_of(const char *label, size_t words, char *out, size_t room)
{
    size_t next = 0;
    out[0] = '\0';
    while (*label != '\0') {
        size_t n = strcspn(label, " ");
        while (next < words &&
               (strlen(WORDS[next].word) != n || memcmp(WORDS[next].word, label, n) != 0)) {
            next++;
        }
        if (next == words) {
            return false;
        }
        size_t used = strlen(out);
        snprintf(out + used, room - used, "%s%s", used > 0 ? "," : "", WORDS[next++].type);
        label += n + (label[n] == ' ' && label[n + 1] != '\0');
    }
    return true;
}

/* The name of a property with its types, or in a group with its label. 0: no group. */
static int write_name(struct writing *w, const char *name, const char *label, size_t words,
                      bool preferred)
{
    char types[64] = "";
    bool plain = !is_there(label) || types_of(label, words, types, sizeof types);
    int group = plain ? 0 : ++w->group;
    if (!plain) {
        types[0] = '\0';
        buf_printf(&w->line, "item%d.", group);
    }
    buf_puts(&w->line, name);
    bool listed = preferred && w->version == 3;
    if (types[0] != '\0' || listed) {
        buf_printf(&w->line, ";TYPE=%s%s%s", types, types[0] != '\0' && listed ? "," : "",
                   listed ? "pref" : "");
    }
    buf_puts(&w->line, preferred && w->version != 3 ? ";PREF=1:" : ":");
    return group;
}

static void write_label(struct writing *w, int group, const char *label)
{
    if (group > 0) {
        buf_printf(&w->line, "item%d.X-ABLabel:", group);
        put_escaped(w, label);
        end_line(w);
    }
}

static void write_points(struct writing *w, const char *name, const struct vcard_point *points,
                         size_t count, size_t words)
{
    for (size_t i = 0; i < count; i++) {
        int group = write_name(w, name, points[i].label, words, points[i].primary && count > 1);
        if (strcmp(name, "URL") == 0) { /* an address has no escapes */
            buf_puts(&w->line, points[i].value);
        } else {
            put_escaped(w, points[i].value);
        }
        end_line(w);
        write_label(w, group, points[i].label);
    }
}

static void write_addresses(struct writing *w, const struct vcard *c)
{
    for (size_t i = 0; i < c->address_count; i++) {
        const struct vcard_address *a = &c->addresses[i];
        const char *const parts[] = {"",        "",          a->street, a->city,
                                     a->region, a->postcode, a->country};
        int group = write_name(w, "ADR", a->label, PLACES, a->primary && c->address_count > 1);
        for (size_t k = 0; k < COUNT(parts); k++) {
            buf_puts(&w->line, k > 0 ? ";" : "");
            put_escaped(w, parts[k]);
        }
        end_line(w);
        write_label(w, group, a->label);
    }
}

static void write_name_parts(struct writing *w, const struct vcard *c)
{
    const char *const parts[] = {c->last, c->first, "", c->salutation, ""};
    if (c->organisation && w->version != 3) {
        return;
    }
    buf_puts(&w->line, "N:");
    for (size_t i = 0; i < COUNT(parts); i++) {
        buf_puts(&w->line, i > 0 ? ";" : "");
        put_escaped(w, parts[i]);
    }
    end_line(w);
}

static void write_company(struct writing *w, const struct vcard *c)
{
    if (!is_there(c->company) && !is_there(c->department)) {
        return;
    }
    buf_puts(&w->line, "ORG:");
    put_escaped(w, c->company);
    buf_puts(&w->line, is_there(c->department) ? ";" : "");
    put_escaped(w, c->department);
    end_line(w);
}

static void write_tags(struct writing *w, const struct vcard *c)
{
    for (size_t i = 0; i < c->tag_count; i++) {
        buf_puts(&w->line, i > 0 ? "," : "CATEGORIES:");
        put_escaped(w, c->tags[i]);
    }
    if (c->tag_count > 0) {
        end_line(w);
    }
}

/* 4.0 writes dates without dashes, 3.0 with them. */
static void write_birthday(struct writing *w, const char *date)
{
    if (is_there(date) && strlen(date) == 10) {
        buf_printf(&w->line, w->version == 3 ? "BDAY:%.4s-%.2s-%.2s" : "BDAY:%.4s%.2s%.2s", date,
                   date + 5, date + 8);
        end_line(w);
    }
}

/* 4.0 has a data: URI, 3.0 base64 and a type in capitals. */
static void write_photo(struct writing *w, const struct vcard *c)
{
    const char *slash = c->photo_type != NULL ? strchr(c->photo_type, '/') : NULL;
    if (slash == NULL) {
        return;
    }
    if (w->version == 3) {
        buf_puts(&w->line, "PHOTO;ENCODING=b;TYPE=");
        for (const char *at = slash + 1; *at != '\0'; at++) {
            buf_putc(&w->line, (char)toupper((unsigned char)*at));
        }
        buf_putc(&w->line, ':');
    } else {
        buf_printf(&w->line, "PHOTO:data:%s;base64,", c->photo_type);
    }
    picture_base64(&w->line, c->photo, c->photo_size);
    end_line(w);
}

void vcard_write(struct buf *out, const struct vcard *c, int version)
{
    struct writing w = {.out = out, .version = version};
    buf_puts(out, "BEGIN:VCARD\r\n");
    write_text(&w, "VERSION", version == 3 ? "3.0" : "4.0");
    write_text(&w, "PRODID", "-//Kontor//EN");
    write_text(&w, "UID", c->uid);
    if (c->organisation) {
        write_text(&w, version == 3 ? "X-ABShowAs" : "KIND", version == 3 ? "COMPANY" : "org");
    }
    write_text(&w, "FN", c->full_name);
    write_name_parts(&w, c);
    write_text(&w, "NICKNAME", c->nickname);
    write_company(&w, c);
    write_text(&w, "TITLE", c->title);
    write_text(&w, "ROLE", c->role);
    write_points(&w, "EMAIL", c->emails, c->email_count, PLACES);
    write_points(&w, "TEL", c->phones, c->phone_count, COUNT(WORDS));
    write_points(&w, "URL", c->links, c->link_count, PLACES);
    write_addresses(&w, c);
    write_birthday(&w, c->birthday);
    write_tags(&w, c);
    write_text(&w, "NOTE", c->note);
    write_photo(&w, c);
    write_text(&w, "REV", c->revised);
    buf_puts(out, "END:VCARD\r\n");
    buf_done(&w.line);
}
