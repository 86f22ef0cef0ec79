/*
 * JSON. Reading (cJSON inside) gives a small immutable tree in the arena; writing goes straight
 * into a buffer, without a tree. Reader limits: size given by the caller, depth 64, duplicate keys
 * refused, strings must be valid UTF-8 without NUL, numbers outside ±2^53 refused for integers.
 */
#ifndef KONTOR_BASE_JSON_H
#define KONTOR_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"

struct arena;
struct err;

enum json_type {
    JSON_NONE,
    JSON_NULL,
    JSON_BOOL,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT
};

struct json {
    enum json_type type;
    bool boolean;
    double number;
    const char *text; /* string value; for numbers their shortest exact text ("12.5", "7") */
    const char *key;  /* within an object, else NULL */
    const struct json *child; /* first element or member */
    const struct json *next;
    size_t count; /* elements or members */
};

/* Parses the whole text (trailing white space allowed). Errors: ERR_MALFORMED with the byte
 * position. */
int json_parse(struct arena *a, const char *text, size_t size, const struct json **out,
               struct err *e);
/* NULL when absent or not an object. */
const struct json *json_find(const struct json *object, const char *key);
const char *json_text(const struct json *object, const char *key); /* string member or NULL */
bool json_true(const struct json *object, const char *key);        /* member is exactly true */
int json_int(const struct json *j, int64_t *out);                  /* integral number: 0, else -1 */
/* The texts of a list that the writer below made, without a tree: the member `key` of each of its
 * objects, or with NULL the texts that are its elements. Whatever else is in it is passed over.
 * Returns how many there are. */
size_t json_texts(struct arena *a, const char *list, size_t n, const char *key, const char ***out);
/* The objects of such a list, entry by entry, and of each its members that are texts, true or false,
 * until there are no more. */
struct json_list {
    struct arena *arena; /* of the texts */
    const char *at, *end;
};
struct json_member {
    const char *key; /* not ended by a NUL */
    size_t key_size;
    const char *text; /* NULL: true or false, or null */
    bool yes;
};
struct json_list json_list(struct arena *a, const char *list, size_t n);
size_t json_list_room(const char *list, size_t n); /* more entries than that are not in it */
bool json_list_entry(struct json_list *l);
bool json_list_member(struct json_list *l, struct json_member *out);
/* Whether it has this key, which is not empty. */
static inline bool json_member_is(const struct json_member *m, const char *key)
{
    return *m->key == *key && m->key_size == strlen(key) && memcmp(m->key, key, m->key_size) == 0;
}
/* Writes the tree back (used to copy a parsed value). */
void json_print(struct buf *out, const struct json *j);

/* Writer: commas are placed by the writer. Nesting at most 64. */
struct json_writer {
    struct buf *out;
    unsigned char depth;
    bool comma[65]; /* a comma is due before the next item at this depth */
};
void jw_init(struct json_writer *w, struct buf *out);
void jw_object(struct json_writer *w);
void jw_object_end(struct json_writer *w);
void jw_array(struct json_writer *w);
void jw_array_end(struct json_writer *w);
/* Keys are trusted plain ASCII and not escaped. */
void jw_key_n(struct json_writer *w, const char *key, size_t n);
/* One that was made ready, ,"key": as it follows another member; may hold whole members, too. */
void jw_ready_key(struct json_writer *w, const char *text, size_t n);
void jw_key_text(struct json_writer *w, const char *key); /* any text, escaped */
void jw_text(struct json_writer *w, const char *s);       /* NULL writes null */
void jw_text_n(struct json_writer *w, const char *s, size_t n);
void jw_int(struct json_writer *w, int64_t i);
void jw_bool(struct json_writer *w, bool b);
void jw_null(struct json_writer *w);
void jw_plain(struct json_writer *w, const char *s, size_t n);  /* trusted plain ASCII in quotes */
void jw_raw(struct json_writer *w, const char *json, size_t n); /* already valid JSON */
/* Inline, so that the length of a key that is written out is known when compiling. */
static inline void jw_key(struct json_writer *w, const char *key)
{
    jw_key_n(w, key, strlen(key));
}
/* Short forms: jw_key + value. */
static inline void jw_kv_text(struct json_writer *w, const char *key, const char *s)
{
    jw_key(w, key);
    jw_text(w, s);
}
static inline void jw_kv_int(struct json_writer *w, const char *key, int64_t i)
{
    jw_key(w, key);
    jw_int(w, i);
}
/* A moment in UTC milliseconds, as RFC 3339 has it; 0 is null. */
void jw_kv_instant(struct json_writer *w, const char *key, int64_t ms);
static inline void jw_kv_bool(struct json_writer *w, const char *key, bool b)
{
    jw_key(w, key);
    jw_bool(w, b);
}
/* Escapes into out with quotes (RFC 8259; also escapes U+2028/2029 and DEL). A byte that is not
 * UTF-8 becomes U+FFFD, so what the writer makes is always valid JSON. */
void json_escape(struct buf *out, const char *s, size_t n);

#endif
