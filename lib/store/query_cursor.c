/*
 * Cursors: where the next page of a list begins. The sort values and the id of the last row, as
 * base64url of [fingerprint, [values], id]; integers are texts ("i12") so that none loses digits. A
 * cursor needs no secret: it can only say "after this place", the reader's rights stay in the
 * WHERE. One made for another list is refused.
 */
#include <stdio.h>
#include <string.h>

#include "base/crypto.h"
#include "base/json.h"
#include "base/str.h"
#include "store/query_private.h"

#define CURSOR_SIZE_MAX 8192

static void write_value(struct json_writer *w, struct arena *a, struct value v)
{
    switch (v.kind) {
    case VALUE_INT:
        jw_text(w, arena_printf(a, "i%lld", (long long)v.i));
        break;
    case VALUE_TEXT:
        jw_text(w, arena_printf(a, "t%.*s", (int)v.n, v.s));
        break;
    case VALUE_NULL:
        jw_null(w);
        break;
    }
}

const char *cursor_write(struct query *q, const struct cursor *at)
{
    struct buf text = {0};
    struct json_writer w;
    jw_init(&w, &text);
    jw_array(&w);
    jw_text(&w, arena_printf(q->arena, "%016llx", (unsigned long long)q->fingerprint));
    jw_array(&w);
    for (size_t i = 0; i < q->key_count; i++) {
        write_value(&w, q->arena, at->values[i]);
    }
    jw_array_end(&w);
    jw_text(&w, arena_printf(q->arena, "i%lld", (long long)at->id));
    jw_array_end(&w);
    const char *cursor = crypto_base64url(q->arena, buf_text(&text), text.size);
    buf_done(&text);
    return cursor;
}

static int read_value(struct arena *a, const struct json *j, struct value *out)
{
    if (j->type == JSON_NULL) {
        *out = value_null();
        return 0;
    }
    if (j->type != JSON_STRING || (j->text[0] != 'i' && j->text[0] != 't')) {
        return -1;
    }
    if (j->text[0] == 't') {
        *out = value_text(arena_strdup(a, j->text + 1));
        return 0;
    }
    out->kind = VALUE_INT;
    return str_to_int(j->text + 1, &out->i);
}

static int read_parts(struct query *q, const struct json *list, struct cursor *out)
{
    const struct json *values = list->child->next, *id = values->next;
    char fingerprint[20];
    snprintf(fingerprint, sizeof(fingerprint), "%016llx", (unsigned long long)q->fingerprint);
    if (!str_eq(list->child->text, fingerprint) || values->type != JSON_ARRAY ||
        values->count != q->key_count) {
        return -1;
    }
    const struct json *v = values->child;
    for (size_t i = 0; i < q->key_count; i++, v = v->next) {
        if (read_value(q->arena, v, &out->values[i]) != 0 ||
            (out->values[i].kind == VALUE_NULL && !q->keys[i].nullable)) {
            return -1;
        }
    }
    struct value number = {0};
    if (read_value(q->arena, id, &number) != 0 || number.kind != VALUE_INT) {
        return -1;
    }
    out->id = number.i;
    return 0;
}

int cursor_read(struct query *q, const char *text, struct cursor *out, struct err *e)
{
    unsigned char *bytes = NULL;
    size_t n = 0;
    const struct json *list = NULL;
    struct err ignored = {0};
    if (strlen(text) > CURSOR_SIZE_MAX || crypto_unbase64url(q->arena, text, &bytes, &n) != 0 ||
        json_parse(q->arena, (const char *)bytes, n, &list, &ignored) != 0 ||
        list->type != JSON_ARRAY || list->count != 3 || list->child->type != JSON_STRING ||
        read_parts(q, list, out) != 0) {
        return err_fail(e, ERR_MALFORMED, "cursor", "the cursor does not belong to this list");
    }
    return 0;
}

static void put_id_after(struct query *q, int64_t id)
{
    sql_printf(&q->sql, "t%d.id%s", q->row.alias, q->id_descending ? "<" : ">");
    sql_bind(&q->sql, value_int(id));
}

/* Rows behind `at` from key i on: (k > v or k is empty) or (k = v and the rest is behind). */
static void put_after(struct query *q, const struct cursor *at, size_t i)
{
    if (i == q->key_count) {
        put_id_after(q, at->id);
        return;
    }
    const struct query_key *k = &q->keys[i];
    if (at->values[i].kind == VALUE_NULL) {
        sql_printf(&q->sql, "(%s IS NULL AND ", k->text);
        put_after(q, at, i + 1);
        sql_add(&q->sql, ")");
        return;
    }
    sql_printf(&q->sql, "(%s%s", k->text, k->descending ? "<" : ">");
    size_t value = sql_bind(&q->sql, at->values[i]);
    if (k->nullable) {
        sql_printf(&q->sql, " OR %s IS NULL", k->text);
    }
    sql_printf(&q->sql, " OR (%s=?%zu AND ", k->text, value);
    put_after(q, at, i + 1);
    sql_add(&q->sql, "))");
}

void query_after(struct query *q, const struct cursor *at)
{
    if (q->key_count == 1 && !q->keys[0].nullable && q->keys[0].descending == q->id_descending) {
        const char *sign = q->keys[0].descending ? "<" : ">";
        sql_printf(&q->sql, "(%s,t%d.id)%s(", q->keys[0].text, q->row.alias, sign);
        sql_bind(&q->sql, at->values[0]);
        sql_add(&q->sql, ",");
        sql_bind(&q->sql, value_int(at->id));
        sql_add(&q->sql, ")");
    } else {
        put_after(q, at, 0);
    }
    q->after = sql_cut(&q->sql, 0);
}
