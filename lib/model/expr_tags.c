/*
 * Tags that an expression quotes: `tags contains "VIP"`, also of linked records and within
 * aggregates. Who renames a tag writes the texts anew that quote it; who reads a configuration asks
 * whether there are such tags.
 */
#include <stdlib.h>

#include "base/arena.h"
#include "model/expr.h"
#include "model/field_type.h"

struct finder {
    const char *text;
    struct expr_quote *quotes; /* NULL: they are only counted */
    size_t count;
};

/* Behind the closing quote of the text that begins here. */
static int end_of(const char *text, int at)
{
    for (at++; text[at] != '"'; at++) {
        at += text[at] == '\\' && (text[at + 1] == '"' || text[at + 1] == '\\');
    }
    return at + 1;
}

static void look(const struct expr *x, void *data)
{
    struct finder *f = data;
    bool list = x->op == EXPR_CONTAINS && x->args[0]->type.kind == KIND_LIST;
    const struct expr *tag = list ? x->args[1] : NULL;
    if (!list || !field_is_tags(x->args[0]->type.field) || tag->op != EXPR_LITERAL ||
        tag->value.kind != VALUE_TEXT || f->text[tag->position] != '"') {
        return;
    }
    if (f->quotes != NULL) {
        f->quotes[f->count] = (struct expr_quote){
            tag->value.s, tag->position, end_of(f->text, tag->position)};
    }
    f->count++;
}

static int by_place(const void *x, const void *y)
{
    const struct expr_quote *a = x, *b = y;
    return (a->from > b->from) - (a->from < b->from);
}

size_t expr_quoted_tags(struct arena *a, const struct expr *x, const char *text,
                        struct expr_quote **out)
{
    struct finder f = {.text = text};
    *out = NULL;
    expr_walk(x, look, &f);
    if (f.count > 0) {
        f.quotes = *out = ARENA_ARRAY(a, struct expr_quote, f.count);
        f.count = 0;
        expr_walk(x, look, &f);
        qsort(f.quotes, f.count, sizeof *f.quotes, by_place);
    }
    return f.count;
}
