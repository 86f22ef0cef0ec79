/*
 * The expression language (CONTRACT 5). One language for filters, visibility, conditions, gates,
 * computed fields, roll-ups and reports. Here: text → tree → checked tree. SQL is made from it only
 * in lib/store/query; SQLite is the only evaluator.
 *
 *   or   := and ("or" and)*
 *   and  := not ("and" not)*
 *   not  := "not" not | test
 *   test := sum [op sum | ["not"] "in" "(" sum ("," sum)* ")" | "is" ["not"] "empty"]
 *   op   := "=" | "!=" | "<" | "<=" | ">" | ">=" | "contains" | "starts" "with"
 *   sum  := term (("+" | "-") term)*
 *   term := unary (("*" | "/") unary)*
 *   unary := "-" unary | atom
 *   atom := literal | duration | name ("." name)* | call | aggregate | "(" or ")"
 *   call := "me" | "my_team" | function "(" [sum ("," sum)*] ")"
 *   aggregate := ("sum" | "min" | "max" | "avg") "(" path "." field ["where" or] ")"
 *              | "count" "(" path ["where" or] ")"
 *
 * Positions are byte offsets into the text; messages say line:column of the YAML where there is
 * one.
 */
#ifndef KONTOR_MODEL_EXPR_H
#define KONTOR_MODEL_EXPR_H

#include "base/buf.h"
#include "base/json.h"
#include "model/model.h"

enum expr_op {
    EXPR_NONE,
    EXPR_LITERAL,   /* value; type says what: number (scaled), text, date, bool, null */
    EXPR_DURATION,  /* amount + unit */
    EXPR_FIELD,     /* scope `up`, then `path` of link fields, then `field` [and attribute] */
    EXPR_CALL,      /* function + args */
    EXPR_AGGREGATE, /* function over relation */
    EXPR_AND,
    EXPR_OR,
    EXPR_NOT,
    EXPR_EQ,
    EXPR_NE,
    EXPR_LT,
    EXPR_LE,
    EXPR_GT,
    EXPR_GE,
    EXPR_IN, /* args[0] in args[1..] */
    EXPR_CONTAINS,
    EXPR_STARTS,
    EXPR_ALIKE, /* args[0], a field, is the text args[1] but for case and accents; not written */
    EXPR_EMPTY, /* args[0] is empty; "is not empty" is NOT of it */
    EXPR_ADD,
    EXPR_SUB,
    EXPR_MUL,
    EXPR_DIV,
    EXPR_NEG,
    EXPR_VISIBLE, /* at least one (all: every) record the link field args[0] points to may be seen by
                     the actor; made by role linking for derived rights, not writable by users */
    EXPR_SHARED   /* somebody shares the record with the actor; made there too */
};

enum expr_kind {
    KIND_NONE,
    KIND_NULL,
    KIND_BOOL,
    KIND_TEXT,
    KIND_NUMBER, /* integer scaled by `places` */
    KIND_MONEY,  /* base-currency minor units, `places` of the base currency */
    KIND_DATE,
    KIND_INSTANT,
    KIND_DURATION,
    KIND_CHOICE, /* text key; `field` gives the options */
    KIND_LIST,   /* choices, emails, phones, links: only contains, empty */
    KIND_LINK    /* id; `entity` the target, NULL for any */
};

/*
 * Scales: a number is an integer scaled by `places`. A literal carries the places of its text and
 * is brought to the places of the other side when that has more. + and - give the larger places, *
 * adds them (at most 9), / always gives 6; sum, min, max and avg keep those of the measure, count
 * gives 0. Comparing different places is left to the compiler, as is comparing a date with an
 * instant. Whoever stores or prints a computed field brings compute->type.places to field->places
 * (half away from 0).
 */
struct expr_type {
    enum expr_kind kind;
    int places;                  /* number, money */
    const struct field *field;   /* choice: where the options are */
    const struct entity *entity; /* link */
};

enum expr_attribute {
    ATTR_NONE,
    ATTR_STAGE_KIND,
    ATTR_STAGE_LABEL,
    ATTR_STAGE_PERCENT,
    ATTR_STAGE_FORECAST,
    ATTR_CURRENCY,
    ATTR_OWN
};

enum expr_function {
    FN_NONE,
    FN_TODAY,
    FN_NOW,
    FN_START_OF,
    FN_DATE,
    FN_EARLIEST,
    FN_ME,
    FN_MY_TEAM,
    FN_FOUND,
    FN_WITHIN,
    FN_NEXT_OF,
    FN_WORKING,
    FN_WORK_HOURS,
    FN_WAS,
    FN_CHANGED,
    FN_SUM,
    FN_COUNT,
    FN_MIN,
    FN_MAX,
    FN_AVG
};

/* A row per function: the parser, the checker, the compiler and conf/README.md all use it. */
struct expr_function_row {
    const char *name;
    enum expr_function id;
    int min_args, max_args; /* -1/-1: written without parentheses (me, my_team) */
    bool aggregate;
    bool in_rules; /* only there: it looks at a change */
    const char *form, *doc, *example;
};
extern const struct expr_function_row EXPR_FUNCTIONS[]; /* ends with a zero row */

enum unit {
    UNIT_NONE,
    UNIT_MINUTE,
    UNIT_HOUR,
    UNIT_DAY,
    UNIT_WEEK,
    UNIT_MONTH,
    UNIT_QUARTER,
    UNIT_YEAR
};

struct expr {
    enum expr_op op;
    int position; /* byte offset in the text */
    struct expr_type type;
    struct value value; /* EXPR_LITERAL */
    int64_t amount;     /* EXPR_DURATION */
    enum unit unit;     /* EXPR_DURATION, FN_START_OF */
    int up; /* EXPR_FIELD, EXPR_AGGREGATE: how many scopes outwards (0: the innermost) */
    const struct field **path; /* link fields walked first */
    size_t path_count;
    const struct field *field; /* EXPR_FIELD: last step */
    enum expr_attribute attribute;
    enum expr_function function;     /* EXPR_CALL, EXPR_AGGREGATE */
    const struct relation *relation; /* EXPR_AGGREGATE: what is aggregated (after path) */
    const struct expr
        *measure;             /* EXPR_AGGREGATE: expression in the child's scope; NULL for count */
    const struct expr *where; /* EXPR_AGGREGATE: condition in the child's scope; NULL if none */
    bool all;                 /* EXPR_VISIBLE */
    bool seen; /* CONTAINS of records: the actor is known to see what is asked for; never of written ones */
    const struct expr **args;
    size_t arg_count;
    /* Set by the checker on the root of the tree: */
    bool varies; /* uses today() now() me my_team: may not be in a stored computed field */
    bool climbs; /* walks a link upwards */
    bool aggregates;
};

/*
 * Parses and checks `text` against `scope`. `role` (may be NULL) hides fields it may not see: they
 * are unknown names. The result lives in `a` and borrows the model. `want` KIND_NONE accepts any
 * type. Errors: code ERR_INVALID, where "" and text with "at N: …" (1-based character); the nearest
 * known name is offered.
 */
int expr_compile(struct arena *a, const struct model *m, const struct entity *scope,
                 const struct role *role, const char *text, enum expr_kind want,
                 const struct expr **out, struct err *e);
/*
 * Writes the tree of a text as JSON, for who builds filters by hand: {"op":"and","from","to","text",
 * "args":[…]}. `from` and `to` are bytes, and `text` is the part between them, of conditions only.
 * Leaves: {"op":"field","names":["company","city"]}, {"op":"text","value":"Kiel"}, {"op":"number",
 * "value":"12.5"}, {"op":"bool","value":true}, {"op":"duration","amount":14,"unit":"day"}, {"op":
 * "call","name":"today","args":[]}, {"op":"count","names":["deals"],"where":{…}}. The text was
 * taken by expr_compile, or fails like it does.
 */
int expr_tree(struct arena *a, const char *text, struct json_writer *w, struct err *e);
/* The value of an expression that is nothing but a literal; NULL if it is more. */
const struct value *expr_literal(const struct expr *x);
/* Nothing but `me`, nothing but `today()`. */
bool expr_is_me(const struct expr *x);
bool expr_is_today(const struct expr *x);
/* Nothing but a field, of the record or of what it links to, with one value; *link: it links. */
bool expr_is_value(const struct expr *x, bool *link);
/* Nothing but `link = 12`, `= me` or `= my_team` of the record itself: the link, and *id; else NULL. */
const struct field *expr_one_link(const struct expr *x, int64_t me, int64_t my_team, int64_t *id);
/* How expressions see a field. */
struct expr_type expr_type_of(const struct field *f);
/* next_of(link), `link` a stored link of work that is done once: args are it, due and done. NULL: it is none. */
struct expr *expr_next_of(struct arena *a, const struct expr *link);
/* Constant true; and an AND of two (either may be NULL). */
const struct expr *expr_true(struct arena *a);
const struct expr *expr_and(struct arena *a, const struct expr *x, const struct expr *y);
/* Every field it looks at is one that the role (NULL: the system) sees. */
bool expr_is_seen(const struct expr *x, const struct role *role);
/* Of an expression that is a link: the title of what it leads to; NULL: it is none. */
const struct expr *expr_title(struct arena *a, const struct expr *link);
/* Calls visit for every node, children after their parent. */
void expr_walk(const struct expr *x, void (*visit)(const struct expr *node, void *data),
               void *data);
/* A tag that a text quotes: its name, and the bytes it stands in with its quotes. */
struct expr_quote {
    const char *tag;
    int from, to;
};
/* Those of `x`, which was made of `text`, in order. */
size_t expr_quoted_tags(struct arena *a, const struct expr *x, const char *text,
                        struct expr_quote **out);
/* Writes the list of functions and field types as Markdown (conf/README.md holds it; a test
 * compares). */
void expr_write_reference(struct buf *out);

#endif
