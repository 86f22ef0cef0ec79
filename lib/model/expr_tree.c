/*
 * An expression as a tree for people's tools: the filter builder of the browser shows it as rows
 * and groups, and writes a text again. The grammar stays in expr_parse.c alone.
 */
#include <string.h>

#include "base/err.h"
#include "model/field_type.h"
#include "model/syntax.h"

#define LEVELS_MAX 24 /* what lies deeper is told by the text of the conditions around it */

static const char *const OPS[] = {
    [EXPR_FIELD] = "field", [EXPR_CALL] = "call",         [EXPR_DURATION] = "duration",
    [EXPR_AND] = "and",     [EXPR_OR] = "or",             [EXPR_NOT] = "not",
    [EXPR_EQ] = "=",        [EXPR_NE] = "!=",             [EXPR_LT] = "<",
    [EXPR_LE] = "<=",       [EXPR_GT] = ">",              [EXPR_GE] = ">=",
    [EXPR_IN] = "in",       [EXPR_CONTAINS] = "contains", [EXPR_STARTS] = "starts",
    [EXPR_EMPTY] = "empty", [EXPR_ADD] = "+",             [EXPR_SUB] = "-",
    [EXPR_MUL] = "*",       [EXPR_DIV] = "/",             [EXPR_NEG] = "neg"};

static void write_literal(struct json_writer *w, const struct syntax *s)
{
    struct buf number = {0};
    switch (s->type.kind) {
    case KIND_TEXT:
        jw_kv_text(w, "op", "text");
        jw_kv_text(w, "value", s->value.s);
        break;
    case KIND_BOOL:
        jw_kv_text(w, "op", "bool");
        jw_kv_bool(w, "value", s->value.i != 0);
        break;
    default:
        print_scaled(&number, s->value.i, s->type.places);
        jw_kv_text(w, "op", "number");
        jw_kv_text(w, "value", number.data);
        buf_done(&number);
    }
}

static void write_names(struct json_writer *w, const struct syntax *s)
{
    jw_key(w, "names");
    jw_array(w);
    for (size_t i = 0; i < s->name_count; i++) {
        jw_text(w, s->names[i]);
    }
    jw_array_end(w);
}

static void write_head(struct json_writer *w, const struct syntax *s)
{
    if (s->op == EXPR_LITERAL) {
        write_literal(w, s);
        return;
    }
    jw_kv_text(w, "op", s->op == EXPR_AGGREGATE ? s->function->name : OPS[s->op]);
    if (s->op == EXPR_CALL) {
        jw_kv_text(w, "name", s->function->name);
    }
    if (s->op == EXPR_DURATION) {
        jw_kv_int(w, "amount", s->amount);
        jw_kv_text(w, "unit", unit_name(s->unit));
    }
    if (s->op == EXPR_FIELD || s->op == EXPR_AGGREGATE) {
        write_names(w, s);
    }
}

static void write_node(struct json_writer *w, const struct syntax *s, const char *text, int level)
{
    jw_object(w);
    if (level == LEVELS_MAX) {
        jw_kv_text(w, "op", "deep");
        jw_object_end(w);
        return;
    }
    write_head(w, s);
    if (s->to > 0) {
        jw_kv_int(w, "from", s->from);
        jw_kv_int(w, "to", s->to);
        jw_key(w, "text");
        jw_text_n(w, text + s->from, (size_t)(s->to - s->from));
    }
    if (s->where != NULL) {
        jw_key(w, "where");
        write_node(w, s->where, text, level + 1);
    }
    if (s->arg_count > 0) {
        jw_key(w, "args");
        jw_array(w);
        for (size_t i = 0; i < s->arg_count; i++) {
            write_node(w, s->args[i], text, level + 1);
        }
        jw_array_end(w);
    }
    jw_object_end(w);
}

int expr_tree(struct arena *a, const char *text, struct json_writer *w, struct err *e)
{
    struct expr_message message = {0};
    const struct syntax *s = NULL;
    if (syntax_parse(a, text, &s, &message) != 0) {
        return err_fail(e, ERR_INVALID, "", "at %d: %s", message.position + 1, message.text);
    }
    write_node(w, s, text, 0);
    return 0;
}
