/*
 * Addresses that are written: what the plain fields beside them hold of the primary address goes
 * there, the rest is stored (model/address.h). Who may not set one of these fields may not set the
 * addresses. A plain field that is given as well says what holds.
 */
#include "core/parts.h"
#include "model/address.h"

static int take_apart(struct ctx *c, const struct entity *e, const struct field *f,
                      struct field_set *set)
{
    struct value mirrors[ADDRESS_PARTS], none[FIELD_MAX_COLUMNS] = {{0}};
    bool found[ADDRESS_PARTS];
    struct value rest = address_split(c->arena, field_set_values(set, e, f)[0], address_mask(f),
                                      mirrors, found);
    for (int i = 0; i < ADDRESS_PARTS; i++) {
        const struct field *m = address_mirror(f, (enum address_part)i);
        if (m == NULL || !found[i] || set->given[m->index]) {
            continue;
        }
        if (!access_sets(c, m)) {
            return err_add(&c->err, c->arena, ERR_INVALID,
                           arena_printf(c->arena, "%s.%s", e->name, f->name),
                           "%s may not be set, because %s may not.", f->label, m->label);
        }
        none[0] = mirrors[i];
        field_set_put(set, e, m, none);
    }
    none[0] = rest;
    field_set_put(set, e, f, none);
    return 0;
}

int keep_addresses(struct ctx *c, const struct entity *e, struct field_set *set)
{
    for (size_t i = 0; i < e->field_count; i++) {
        const struct field *f = e->fields[i];
        if (set->given[f->index] && address_is_shared(f) && take_apart(c, e, f, set) != 0) {
            return -1;
        }
    }
    return 0;
}

struct value record_addresses(struct arena *a, const struct record *r, const struct field *f)
{
    struct value mirrors[ADDRESS_PARTS];
    for (int i = 0; i < ADDRESS_PARTS; i++) {
        const struct field *m = address_mirror(f, (enum address_part)i);
        mirrors[i] = m != NULL ? record_value(r, m) : value_null();
    }
    return address_whole(a, record_value(r, f), address_mask(f), mirrors);
}

void keep_same_addresses(struct ctx *c, const struct record *before, struct record *after,
                         const bool *given)
{
    for (size_t i = 0; i < after->entity->field_count; i++) {
        const struct field *f = after->entity->fields[i];
        if (given[i] && address_is_shared(f) &&
            value_equal(record_addresses(c->arena, before, f),
                        record_addresses(c->arena, after, f))) {
            struct value values[FIELD_MAX_COLUMNS] = {record_value(before, f)};
            record_set(after, f, values);
        }
    }
}
