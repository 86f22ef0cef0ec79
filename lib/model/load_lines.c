/*
 * `lines: {of: deal, sum: amount}`: records that are the lines of another one, whose amount they make.
 * What each line comes to follows from fields of well-known names and types; core/lines.c.
 */
#include <string.h>

#include "model/field_type.h"
#include "model/load.h"

static const char *const KEYS[] = {"of", "sum", NULL};

static bool is_stored(const struct field *f, enum type_kind kind)
{
    return f != NULL && f->type->kind == kind && f->column_count > 0 && f->compute == NULL;
}

static const struct field *named(const struct entity *e, const char *name, enum type_kind kind)
{
    const struct field *f = entity_field_find(e, name);
    return is_stored(f, kind) ? f : NULL;
}

static const struct field *number_named(const struct entity *e, const char *name)
{
    const struct field *f = named(e, name, TYPE_PLAIN);
    return f != NULL && f->type->expr_kind == KIND_NUMBER && !f->type->serial ? f : NULL;
}

/* False after a message. */
static bool read_ends(struct loader *l, const struct entity *e, const struct yaml *node,
                      struct lines *out)
{
    const struct yaml *of = yaml_find(node, "of"), *sum = yaml_find(node, "sum");
    if (of == NULL || sum == NULL) {
        load_error(l, node, "must say of what and which sum, like {of: deal, sum: amount}");
        return false;
    }
    out->of = load_field(l, e, of);
    if (out->of == NULL) {
        return false;
    }
    if (!field_is_link(out->of) || out->of->to == NULL || out->of->to == e) {
        load_error(l, of, "must name a link to another kind of records");
        return false;
    }
    out->sum = load_field(l, out->of->to, sum);
    if (out->sum != NULL && !is_stored(out->sum, TYPE_MONEY)) {
        load_error(l, sum, "must name an amount of %s that is not computed", out->of->to->name);
        return false;
    }
    return out->sum != NULL;
}

static void read_lines(struct loader *l, struct entity *e, const struct yaml *node)
{
    struct lines s = {0};
    if (!load_check_keys(l, node, KEYS) || !read_ends(l, e, node, &s)) {
        return;
    }
    s.quantity = number_named(e, "quantity");
    s.price = named(e, "price", TYPE_MONEY);
    s.total = named(e, "total", TYPE_MONEY);
    if (s.quantity == NULL || s.price == NULL || s.total == NULL) {
        load_error(l, node, "lines need quantity (a number), price and total (amounts)");
        return;
    }
    s.product = entity_field_find(e, "product");
    s.product = s.product != NULL && field_is_link(s.product) ? s.product : NULL;
    s.product_price = s.product != NULL && s.product->to != NULL
                          ? named(s.product->to, "price", TYPE_MONEY)
                          : NULL;
    s.discount = named(e, "discount", TYPE_PERCENT);
    s.tax = named(e, "tax", TYPE_PERCENT);
    s.tax_amount = named(e, "tax_amount", TYPE_MONEY);
    s.name = named(e, "name", TYPE_PLAIN);
    s.name = s.name != NULL && s.name->type->words == WORDS_LINE ? s.name : NULL;
    struct entity *whole = l->m->entities[s.of->to->index];
    if (whole->lined_by != NULL) {
        load_error(l, node, "%s has its lines in %s", whole->name, whole->lined_by->name);
        return;
    }
    whole->lined_by = e;
    e->lines = s;
}

void link_lines(struct loader *l)
{
    for (size_t i = 0; i < l->m->entity_count; i++) {
        const struct yaml *node = yaml_find(l->defs[i].yaml, "lines");
        if (node != NULL) {
            read_lines(l, l->m->entities[i], node);
        }
    }
}
