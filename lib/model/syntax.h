/*
 * Inside lib/model: the unchecked tree of an expression, between expr_parse.c and expr_check.c.
 *
 * Names are only texts here. Everything lives in the caller's arena and borrows nothing from the
 * text. Limits keep every later recursion shallow: text 10,000 bytes, tree 64 deep, lists of 300.
 */
#ifndef KONTOR_MODEL_SYNTAX_H
#define KONTOR_MODEL_SYNTAX_H

#include "model/expr.h"

#define EXPR_SIZE_MAX  10000
#define EXPR_DEPTH_MAX 64
#define EXPR_LIST_MAX  300

/* What was written; `op` says which members are used. */
struct syntax {
    enum expr_op op;
    int position, depth;   /* depth: 1 for a leaf */
    int from, to;          /* bytes of the text it stands in; to 0: of a part of a condition */
    struct expr_type type; /* EXPR_LITERAL: KIND_NUMBER, KIND_TEXT, KIND_BOOL */
    struct value value;    /* EXPR_LITERAL */
    int64_t amount;        /* EXPR_DURATION */
    enum unit unit;        /* EXPR_DURATION */
    const char **names;    /* EXPR_FIELD; EXPR_AGGREGATE: the path in the brackets */
    int *name_positions;
    size_t name_count;
    const struct expr_function_row *function; /* EXPR_CALL, EXPR_AGGREGATE */
    const struct syntax *where;               /* EXPR_AGGREGATE; NULL if none */
    const struct syntax **args;
    size_t arg_count;
};

/* First message and where it belongs; texts in the arena. */
struct expr_message {
    const char *text; /* NULL while nothing failed */
    int position;     /* byte offset */
};

/* 0 and *out, or -1 and the message. */
int syntax_parse(struct arena *a, const char *text, const struct syntax **out,
                 struct expr_message *message);
/* The unit of a word ("day", "days"), or UNIT_NONE. */
enum unit unit_find(const char *word);
const char *unit_name(enum unit unit);
/* Words of the language, which no field can be named; ends with NULL. */
extern const char *const EXPR_WORDS[];

/* The message of a problem that `resolve` has reported itself. */
#define EXPR_REPORTED ""

/* Keeps the first message. Always -1. */
int expr_refuse(struct arena *a, struct expr_message *m, int position, const char *format, ...)
    PRINTF_LIKE(4, 5);

/*
 * The full form of expr_compile. `resolve` is called with every computed field that is met, before
 * its type is used (the loader compiles it then); -1: a message was reported already.
 */
struct expr_request {
    struct arena *arena;
    const struct model *model;
    const struct entity *scope;
    const struct role *role;
    enum expr_kind want;        /* KIND_NONE: any */
    const struct entity *around; /* outer record, by its own name; NULL: none */
    bool changes;               /* was() and changed() are known: rules */
    const struct field *target; /* the value is for this field: its options, places; NULL if none */
    int (*resolve)(void *data, const struct field *f);
    void *data;
};
int expr_build(const struct expr_request *request, const char *text, const struct expr **out,
               struct expr_message *message);

#endif
