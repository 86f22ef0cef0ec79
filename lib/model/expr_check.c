/*
 * Expressions, second half: unchecked tree → checked tree. Every name becomes a field, every node
 * gets its type, literals are brought to the type of what they meet. After this nobody checks a
 * type again.
 */
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "model/check.h"
#include "model/types.h"

#define DIVISION_PLACES 6
#define PLACES_MAX      9

static const char *const KIND_NAMES[] = {
    [KIND_NONE] = "nothing",    [KIND_NULL] = "nothing",     [KIND_BOOL] = "a condition",
    [KIND_TEXT] = "a text",     [KIND_NUMBER] = "a number",  [KIND_MONEY] = "an amount of money",
    [KIND_DATE] = "a date",     [KIND_INSTANT] = "a moment", [KIND_DURATION] = "a duration",
    [KIND_CHOICE] = "a choice", [KIND_LIST] = "a list",      [KIND_LINK] = "a link"};

const char *check_kind_name(enum expr_kind kind)
{
    return KIND_NAMES[kind];
}

const char *check_describe(struct check *c, const struct expr *x)
{
    if (x->type.kind == KIND_LINK && x->type.entity != NULL) {
        return arena_printf(c->arena, "a link to %s", x->type.entity->name);
    }
    return check_kind_name(x->type.kind);
}

struct expr *check_new(struct check *c, enum expr_op op, int position, enum expr_kind kind)
{
    struct expr *x = ARENA_NEW(c->arena, struct expr);
    x->op = op;
    x->position = position;
    x->type.kind = kind;
    return x;
}

struct expr_type expr_type_of(const struct field *f)
{
    struct expr_type type = {.kind = f->type->expr_kind};
    switch (type.kind) {
    case KIND_NUMBER:
    case KIND_MONEY:
        type.places = f->places;
        break;
    case KIND_CHOICE:
    case KIND_LIST:
        type.field = f;
        break;
    case KIND_LINK:
        type.entity = f->type->kind == TYPE_ID ? f->entity : f->to;
        break;
    default:
        break;
    }
    return type;
}

static void set_args(struct check *c, struct expr *x, struct expr **args, size_t count)
{
    x->args = ARENA_ARRAY(c->arena, const struct expr *, count);
    x->arg_count = count;
    for (size_t i = 0; i < count; i++) {
        x->args[i] = args[i];
    }
}

static struct expr *make(struct check *c, const struct syntax *s, enum expr_kind kind,
                         struct expr *a, struct expr *b)
{
    struct expr *x = check_new(c, s->op, s->position, kind);
    set_args(c, x, (struct expr *[]){a, b}, b == NULL ? 1 : 2);
    return x;
}

/* All arguments checked; NULL: refused. */
static struct expr **check_args(struct check *c, const struct syntax *s)
{
    struct expr **args = ARENA_ARRAY(c->arena, struct expr *, s->arg_count);
    for (size_t i = 0; i < s->arg_count; i++) {
        args[i] = check_node(c, s->args[i]);
        if (args[i] == NULL) {
            return NULL;
        }
    }
    return args;
}

struct expr *check_condition(struct check *c, const struct syntax *s)
{
    struct expr *x = check_node(c, s);
    if (x != NULL && x->type.kind != KIND_BOOL) {
        CHECK_REFUSE(c, x->position, "expected a condition here, this is %s", check_describe(c, x));
        return NULL;
    }
    return x;
}

static struct expr *check_logic(struct check *c, const struct syntax *s)
{
    struct expr *x = check_new(c, s->op, s->position, KIND_BOOL);
    struct expr **args = ARENA_ARRAY(c->arena, struct expr *, s->arg_count);
    for (size_t i = 0; i < s->arg_count; i++) {
        args[i] = check_condition(c, s->args[i]);
        if (args[i] == NULL) {
            return NULL;
        }
    }
    set_args(c, x, args, s->arg_count);
    return x;
}

static struct expr *check_compare(struct check *c, const struct syntax *s)
{
    struct expr **args = check_args(c, s);
    if (args == NULL || coerce_pair(c, &args[0], &args[1]) != 0) {
        return NULL;
    }
    bool ordered = s->op != EXPR_EQ && s->op != EXPR_NE;
    enum expr_kind kind = args[0]->type.kind;
    if (ordered &&
        (kind == KIND_BOOL || kind == KIND_CHOICE || kind == KIND_LINK || kind == KIND_DURATION)) {
        CHECK_REFUSE(c, s->position, "%s has no order; use = or !=", check_describe(c, args[0]));
        return NULL;
    }
    return make(c, s, KIND_BOOL, args[0], args[1]);
}

static struct expr *check_in(struct check *c, const struct syntax *s)
{
    struct expr **args = check_args(c, s);
    if (args == NULL) {
        return NULL;
    }
    struct expr *x = check_new(c, EXPR_IN, s->position, KIND_BOOL);
    bool text = args[0]->type.kind == KIND_LINK && args[1]->type.kind == KIND_TEXT;
    if (text && coerce_to_text(c, &args[0], args[1]) != 0) {
        return NULL;
    }
    for (size_t i = 1; i < s->arg_count; i++) {
        if (coerce_pair(c, &args[0], &args[i]) != 0) {
            return NULL;
        }
    }
    set_args(c, x, args, s->arg_count);
    return x;
}

/* What an entry of a list is looked up by. */
static int coerce_entry(struct check *c, struct expr *list, struct expr *entry)
{
    bool keys = list->type.field->type->form == FORM_KEYS;
    bool records = field_is_records(list->type.field);
    bool literal = entry->op == EXPR_LITERAL;
    if (keys && literal && entry->type.kind == KIND_TEXT) {
        return coerce_option(c, list, entry);
    }
    if (records && literal && entry->type.kind == KIND_NUMBER && entry->type.places == 0) {
        entry->type = (struct expr_type){.kind = KIND_LINK};
    }
    enum expr_kind want = records ? KIND_LINK : KIND_TEXT;
    if (entry->type.kind != want && !(keys && entry->type.kind == KIND_CHOICE)) {
        return CHECK_REFUSE(c, entry->position, "\"%s\" holds %s, not %s", list->type.field->name,
                            want == KIND_LINK ? "links" : "texts", check_describe(c, entry));
    }
    return 0;
}

static struct expr *check_contains(struct check *c, const struct syntax *s)
{
    struct expr **args = check_args(c, s);
    if (args == NULL) {
        return NULL;
    }
    if (args[0]->type.kind == KIND_LIST && s->op == EXPR_CONTAINS) {
        return coerce_entry(c, args[0], args[1]) != 0 ? NULL
                                                      : make(c, s, KIND_BOOL, args[0], args[1]);
    }
    if (args[0]->type.kind == KIND_LINK && args[1]->type.kind == KIND_TEXT &&
        coerce_to_text(c, &args[0], args[1]) != 0) {
        return NULL;
    }
    for (size_t i = 0; i < 2; i++) {
        if (args[i]->type.kind != KIND_TEXT) {
            CHECK_REFUSE(c, args[i]->position, "expected a text here, this is %s",
                         check_describe(c, args[i]));
            return NULL;
        }
    }
    return make(c, s, KIND_BOOL, args[0], args[1]);
}

static struct expr *check_empty(struct check *c, const struct syntax *s)
{
    struct expr *x = check_node(c, s->args[0]);
    return x == NULL ? NULL : make(c, s, KIND_BOOL, x, NULL);
}

static bool is_numeric(const struct expr *x)
{
    return x->type.kind == KIND_NUMBER || x->type.kind == KIND_MONEY;
}

static struct expr *check_time_shift(struct check *c, const struct syntax *s, struct expr *time,
                                     struct expr *duration)
{
    if (time->op == EXPR_LITERAL && time->type.kind == KIND_TEXT) {
        struct expr *shape = check_new(c, EXPR_NONE, time->position, KIND_INSTANT);
        if (coerce_pair(c, &shape, &time) != 0) {
            return NULL;
        }
    }
    bool date = time->type.kind == KIND_DATE;
    if (!date && time->type.kind != KIND_INSTANT) {
        CHECK_REFUSE(c, time->position, "a duration goes with a date or a moment, this is %s",
                     check_describe(c, time));
        return NULL;
    }
    if (date && (duration->unit == UNIT_MINUTE || duration->unit == UNIT_HOUR)) {
        CHECK_REFUSE(c, duration->position, "a date has no %ss; use now() or whole days",
                     unit_name(duration->unit));
        return NULL;
    }
    return make(c, s, time->type.kind, time, duration);
}

static struct expr *refuse_sum(struct check *c, const struct syntax *s, const struct expr *a,
                               const struct expr *b)
{
    bool dates = s->op == EXPR_SUB && (a->type.kind == KIND_DATE || a->type.kind == KIND_INSTANT);
    CHECK_REFUSE(c, s->position, "%s and %s cannot be %s%s", check_describe(c, a),
                 check_describe(c, b), s->op == EXPR_ADD ? "added" : "subtracted",
                 dates ? "; compare with a duration instead: d < today() - 14 days" : "");
    return NULL;
}

static struct expr *check_sum(struct check *c, const struct syntax *s)
{
    struct expr **args = check_args(c, s);
    if (args == NULL) {
        return NULL;
    }
    struct expr *a = args[0], *b = args[1];
    if (b->type.kind == KIND_DURATION && b->op == EXPR_DURATION) {
        return check_time_shift(c, s, a, b);
    }
    if (a->op == EXPR_DURATION && s->op == EXPR_ADD) {
        return check_time_shift(c, s, b, a);
    }
    if (!is_numeric(a) || !is_numeric(b)) {
        return refuse_sum(c, s, a, b);
    }
    if (coerce_pair(c, &a, &b) != 0) {
        return NULL;
    }
    bool money = a->type.kind == KIND_MONEY || b->type.kind == KIND_MONEY;
    struct expr *x = make(c, s, money ? KIND_MONEY : KIND_NUMBER, a, b);
    x->type.places = a->type.places > b->type.places ? a->type.places : b->type.places;
    return x;
}

static struct expr *check_product(struct check *c, const struct syntax *s)
{
    struct expr **args = check_args(c, s);
    if (args == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < 2; i++) {
        if (!is_numeric(args[i])) {
            CHECK_REFUSE(c, args[i]->position, "expected a number here, this is %s",
                         check_describe(c, args[i]));
            return NULL;
        }
    }
    bool left = args[0]->type.kind == KIND_MONEY, right = args[1]->type.kind == KIND_MONEY;
    if (right && (left ? s->op == EXPR_MUL : s->op == EXPR_DIV)) {
        CHECK_REFUSE(c, s->position,
                     left ? "two amounts of money cannot be multiplied"
                          : "a number cannot be divided by an amount of money");
        return NULL;
    }
    struct expr *x = make(c, s, left != right ? KIND_MONEY : KIND_NUMBER, args[0], args[1]);
    x->type.places =
        s->op == EXPR_DIV ? DIVISION_PLACES : args[0]->type.places + args[1]->type.places;
    if (x->type.places > PLACES_MAX) {
        CHECK_REFUSE(c, s->position, "this would have more than %d digits after the point",
                     PLACES_MAX);
        return NULL;
    }
    return x;
}

static struct expr *check_negation(struct check *c, const struct syntax *s)
{
    struct expr *x = check_node(c, s->args[0]);
    if (x == NULL) {
        return NULL;
    }
    if (!is_numeric(x)) {
        CHECK_REFUSE(c, x->position, "expected a number here, this is %s", check_describe(c, x));
        return NULL;
    }
    if (x->op == EXPR_LITERAL) {
        x->value.i = -x->value.i;
        return x;
    }
    struct expr *negated = make(c, s, x->type.kind, x, NULL);
    negated->type = x->type;
    return negated;
}

/* A text literal beside no other side: must be a date or moment. */
static int check_time(struct check *c, struct expr **x)
{
    struct expr *shape = check_new(c, EXPR_NONE, (*x)->position, KIND_INSTANT);
    if ((*x)->op == EXPR_LITERAL && (*x)->type.kind == KIND_TEXT &&
        coerce_pair(c, &shape, x) != 0) {
        return -1;
    }
    if ((*x)->type.kind != KIND_DATE && (*x)->type.kind != KIND_INSTANT) {
        return CHECK_REFUSE(c, (*x)->position, "expected a date here, this is %s",
                            check_describe(c, *x));
    }
    return 0;
}

static struct expr *check_start_of(struct check *c, const struct syntax *s)
{
    struct expr *x = check_new(c, EXPR_CALL, s->position, KIND_DATE);
    const struct syntax *unit = s->args[0];
    x->function = FN_START_OF;
    x->unit =
        unit->op == EXPR_FIELD && unit->name_count == 1 ? unit_find(unit->names[0]) : UNIT_NONE;
    if (x->unit < UNIT_DAY) {
        CHECK_REFUSE(c, unit->position, "start_of takes day, week, month, quarter or year");
        return NULL;
    }
    if (s->arg_count == 1) {
        c->varies = true;
        return x;
    }
    struct expr *d = check_node(c, s->args[1]);
    if (d == NULL || check_time(c, &d) != 0) {
        return NULL;
    }
    set_args(c, x, &d, 1);
    return x;
}

static struct expr *check_date(struct check *c, const struct syntax *s)
{
    struct expr *d = check_node(c, s->args[0]);
    if (d == NULL || check_time(c, &d) != 0) {
        return NULL;
    }
    if (d->type.kind == KIND_DATE) {
        return d;
    }
    struct expr *x = check_new(c, EXPR_CALL, s->position, KIND_DATE);
    x->function = FN_DATE;
    set_args(c, x, &d, 1);
    return x;
}

/* earliest(a, b): of one kind, all days or all moments. */
static struct expr *check_earliest(struct check *c, const struct syntax *s)
{
    struct expr *args[9] = {NULL};
    for (size_t i = 0; i < s->arg_count; i++) {
        args[i] = check_node(c, s->args[i]);
        if (args[i] == NULL || check_time(c, &args[i]) != 0) {
            return NULL;
        }
        if (args[i]->type.kind != args[0]->type.kind) {
            CHECK_REFUSE(c, args[i]->position, "earliest takes days or moments, not both");
            return NULL;
        }
    }
    struct expr *x = check_new(c, EXPR_CALL, s->position, args[0]->type.kind);
    x->function = FN_EARLIEST;
    x->type = args[0]->type;
    set_args(c, x, args, s->arg_count);
    return x;
}

/* found("text"): the text is known when the statement is made. */
static struct expr *check_found(struct check *c, const struct syntax *s)
{
    const struct syntax *text = s->args[0];
    if (text->op != EXPR_LITERAL || text->type.kind != KIND_TEXT) {
        CHECK_REFUSE(c, text->position, "found takes a text in double quotes");
        return NULL;
    }
    struct expr *x = check_new(c, EXPR_CALL, s->position, KIND_BOOL);
    x->function = FN_FOUND;
    x->value = text->value;
    c->varies = true;
    return x;
}

static bool is_below(const struct field *f, const struct option *o, const char *id)
{
    for (size_t i = 0; o != NULL && strcmp(o->id, id) != 0; i = 0) {
        while (o->parent != NULL && i < f->option_count && strcmp(f->options[i].id, o->parent) != 0) {
            i++;
        }
        o = o->parent != NULL && i < f->option_count ? &f->options[i] : NULL;
    }
    return o != NULL;
}

/* within(lost_reason, "competitor"): the same as "in" with the options of the branch. */
static struct expr *check_branch(struct check *c, const struct syntax *s, struct expr *choice,
                                 struct expr *id)
{
    const struct field *f = choice->type.field;
    if (id->op != EXPR_LITERAL || id->type.kind != KIND_TEXT) {
        CHECK_REFUSE(c, id->position, "within takes an option of %s in double quotes", f->name);
        return NULL;
    }
    if (coerce_option(c, choice, id) != 0) {
        return NULL;
    }
    struct expr **args = ARENA_ARRAY(c->arena, struct expr *, f->option_count + 1);
    size_t n = 0;
    args[n++] = choice;
    for (size_t i = 0; i < f->option_count; i++) {
        if (is_below(f, &f->options[i], id->value.s)) {
            struct expr *one = check_new(c, EXPR_LITERAL, id->position, KIND_CHOICE);
            one->type = id->type;
            one->value = value_text(f->options[i].id);
            args[n++] = one;
        }
    }
    struct expr *x = check_new(c, EXPR_IN, s->position, KIND_BOOL);
    set_args(c, x, args, n);
    return x;
}

/* within(company, 12): a link to records that form a tree; or a choice whose options form one. */
static struct expr *check_within(struct check *c, const struct syntax *s)
{
    struct expr *link = check_node(c, s->args[0]);
    struct expr *id = link != NULL ? check_node(c, s->args[1]) : NULL;
    if (id == NULL) {
        return NULL;
    }
    if (link->type.kind == KIND_CHOICE && link->type.field != NULL &&
        link->type.field->option_count > 0) {
        return check_branch(c, s, link, id);
    }
    const struct entity *to = link->type.kind == KIND_LINK ? link->type.entity : NULL;
    if (to == NULL || to->tree == NULL ||
        (c->request->role != NULL && !role_sees(c->request->role, to->tree))) {
        CHECK_REFUSE(c, link->position, "within takes a link to records that form a tree, this is %s",
                     check_describe(c, link));
        return NULL;
    }
    if (id->op != EXPR_LITERAL || id->type.kind != KIND_NUMBER || id->type.places != 0) {
        CHECK_REFUSE(c, id->position, "within takes the id of a record, like 12");
        return NULL;
    }
    struct expr *x = check_new(c, EXPR_CALL, s->position, KIND_BOOL);
    struct expr *args[] = {link, id};
    x->function = FN_WITHIN;
    set_args(c, x, args, COUNT(args));
    c->varies = true; /* what is below changes without the record */
    return x;
}

/* next_of(series): a link of work itself, whose dates the role sees. */
static struct expr *check_next_of(struct check *c, const struct syntax *s)
{
    struct expr *link = check_node(c, s->args[0]);
    struct expr *x = link != NULL ? expr_next_of(c->arena, link) : NULL;
    const struct role *role = c->request->role;
    if (x == NULL || (role != NULL && (!role_sees(role, x->args[1]->field) ||
                                       !role_sees(role, x->args[2]->field)))) {
        if (link != NULL) {
            CHECK_REFUSE(c, link->position,
                         "next_of takes a link of what is due and done, like series, this is %s",
                         check_describe(c, link));
        }
        return NULL;
    }
    x->position = s->position;
    c->varies = true;
    return x;
}

/* work_hours(4) */
static struct expr *check_hours(struct check *c, const struct syntax *s)
{
    struct expr *n = check_node(c, s->args[0]);
    if (n == NULL) {
        return NULL;
    }
    if (n->op != EXPR_LITERAL || n->type.kind != KIND_NUMBER || n->value.i < 0) {
        CHECK_REFUSE(c, n->position, "work_hours takes a number of hours, like 4 or 1.5");
        return NULL;
    }
    struct expr *x = check_new(c, EXPR_CALL, s->position, KIND_INSTANT);
    x->function = FN_WORK_HOURS;
    set_args(c, x, &n, 1);
    c->varies = true;
    return x;
}

/* was(stage), changed(owner): of a stored field of the record the rule is about. */
static struct expr *check_change(struct check *c, const struct syntax *s)
{
    bool was = s->function->id == FN_WAS;
    if (!c->request->changes) {
        CHECK_REFUSE(c, s->position, "%s looks at a change; only conditions of rules can",
                     s->function->form);
        return NULL;
    }
    struct expr *x = check_node(c, s->args[0]);
    if (x == NULL) {
        return NULL;
    }
    bool own = x->op == EXPR_FIELD && x->path_count == 0 && x->attribute == ATTR_NONE &&
               x->up == (int)c->scope_count - 1;
    if (!own || x->field->column_count == 0 || x->field->system ||
        (was && x->type.kind == KIND_LIST)) {
        CHECK_REFUSE(c, x->position, "%s takes a stored field of the record itself%s",
                     s->function->name, was ? " with one value" : "");
        return NULL;
    }
    struct expr *call = check_new(c, EXPR_CALL, s->position, KIND_BOOL);
    call->function = s->function->id;
    if (was) {
        call->type = x->type;
    }
    set_args(c, call, &x, 1);
    c->varies = true;
    return call;
}

static struct expr *check_call(struct check *c, const struct syntax *s)
{
    static const struct {
        enum expr_function id;
        enum expr_kind kind;
        const char *entity;
    } PLAIN[] = {{FN_TODAY, KIND_DATE, NULL},
                 {FN_NOW, KIND_INSTANT, NULL},
                 {FN_WORKING, KIND_BOOL, NULL},
                 {FN_ME, KIND_LINK, ENTITY_USER},
                 {FN_MY_TEAM, KIND_LINK, ENTITY_TEAM}};
    for (size_t i = 0; i < COUNT(PLAIN); i++) {
        if (PLAIN[i].id == s->function->id) {
            struct expr *x = check_new(c, EXPR_CALL, s->position, PLAIN[i].kind);
            x->function = PLAIN[i].id;
            x->type.entity = PLAIN[i].entity == NULL
                                 ? NULL
                                 : model_entity_find(c->request->model, PLAIN[i].entity);
            c->varies = true;
            return x;
        }
    }
    return s->function->id == FN_FOUND    ? check_found(c, s)
           : s->function->id == FN_WITHIN ? check_within(c, s)
           : s->function->id == FN_NEXT_OF ? check_next_of(c, s)
           : s->function->in_rules       ? check_change(c, s)
           : s->function->id == FN_WORK_HOURS ? check_hours(c, s)
           : s->function->id == FN_DATE   ? check_date(c, s)
           : s->function->id == FN_EARLIEST ? check_earliest(c, s)
                                          : check_start_of(c, s);
}

static struct expr *check_literal(struct check *c, const struct syntax *s)
{
    struct expr *x = check_new(c, s->op, s->position, KIND_DURATION);
    if (s->op == EXPR_LITERAL) {
        x->type = s->type;
        x->value = s->value;
    }
    x->amount = s->amount;
    x->unit = s->unit;
    return x;
}

typedef struct expr *(*check_function)(struct check *c, const struct syntax *s);

static const check_function CHECKS[] = {
    [EXPR_LITERAL] = check_literal,
    [EXPR_DURATION] = check_literal,
    [EXPR_FIELD] = check_names,
    [EXPR_CALL] = check_call,
    [EXPR_AGGREGATE] = check_aggregate,
    [EXPR_AND] = check_logic,
    [EXPR_OR] = check_logic,
    [EXPR_NOT] = check_logic,
    [EXPR_EQ] = check_compare,
    [EXPR_NE] = check_compare,
    [EXPR_LT] = check_compare,
    [EXPR_LE] = check_compare,
    [EXPR_GT] = check_compare,
    [EXPR_GE] = check_compare,
    [EXPR_IN] = check_in,
    [EXPR_CONTAINS] = check_contains,
    [EXPR_STARTS] = check_contains,
    [EXPR_EMPTY] = check_empty,
    [EXPR_ADD] = check_sum,
    [EXPR_SUB] = check_sum,
    [EXPR_MUL] = check_product,
    [EXPR_DIV] = check_product,
    [EXPR_NEG] = check_negation,
};

struct expr *check_node(struct check *c, const struct syntax *s)
{
    return CHECKS[s->op](c, s);
}

int expr_build(const struct expr_request *request, const char *text, const struct expr **out,
               struct expr_message *message)
{
    struct check c = {.request = request, .arena = request->arena, .message = message};
    const struct syntax *s;
    if (syntax_parse(request->arena, text, &s, message) != 0) {
        return -1;
    }
    if (request->around != NULL) {
        c.scopes[c.scope_count++] =
            (struct check_scope){request->around, request->around->name};
    }
    c.scopes[c.scope_count++] = (struct check_scope){.entity = request->scope};
    struct expr *x = check_node(&c, s);
    if (x == NULL || coerce_to(&c, &x, request->want, request->target) != 0) {
        return -1;
    }
    x->varies = c.varies;
    x->climbs = c.climbs;
    x->aggregates = c.aggregates;
    *out = x;
    return 0;
}

int expr_compile(struct arena *a, const struct model *m, const struct entity *scope,
                 const struct role *role, const char *text, enum expr_kind want,
                 const struct expr **out, struct err *e)
{
    const struct expr_request request = {
        .arena = a, .model = m, .scope = scope, .role = role, .want = want};
    struct expr_message message = {0};
    if (expr_build(&request, text, out, &message) == 0) {
        return 0;
    }
    size_t character = 1;
    for (int i = 0; i < message.position; i++) {
        character += ((unsigned char)text[i + 1] & 0xC0) != 0x80;
    }
    return err_add(e, a, ERR_INVALID, "", "at %zu: %s", character, message.text);
}
