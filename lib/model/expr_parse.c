/*
 * Expressions, first half: text → unchecked tree, by recursive descent over the grammar in expr.h.
 * The scanner looks one token ahead. The first problem ends the parse with its position.
 */
#include <ctype.h>
#include <stdarg.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "model/field_type.h"
#include "model/syntax.h"

enum token { TOKEN_END, TOKEN_NAME, TOKEN_NUMBER, TOKEN_TEXT, TOKEN_SIGN, TOKEN_BAD };

struct parser {
    struct arena *arena;
    struct expr_message *message;
    const char *text;
    int at;           /* behind the current token */
    int end;          /* behind the one before */
    enum token token; /* the current one */
    int position;
    const char *word; /* name, sign, digits, or decoded text */
    int depth;
};

int expr_refuse(struct arena *a, struct expr_message *m, int position, const char *format, ...)
{
    if (m->text == NULL) {
        va_list args;
        va_start(args, format);
        m->text = arena_vprintf(a, format, args);
        m->position = position;
        va_end(args);
    }
    return -1;
}

#define REFUSE(p, at, ...) expr_refuse((p)->arena, (p)->message, (at), __VA_ARGS__)

static bool is_name_char(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static void scan_while(struct parser *p, bool (*fits)(char c), enum token token)
{
    int from = p->at;
    while (fits(p->text[p->at])) {
        p->at++;
    }
    p->token = token;
    p->word = arena_strndup(p->arena, p->text + from, (size_t)(p->at - from));
}

static bool is_number_char(char c)
{
    return isdigit((unsigned char)c) || c == '.';
}

static void bad_token(struct parser *p, const char *text)
{
    REFUSE(p, p->position, "%s", text);
    p->token = TOKEN_BAD;
    p->word = "";
}

/* Text in double quotes; \" and \\ are the only escapes. */
static void scan_text(struct parser *p)
{
    char *out = arena_alloc(p->arena, strlen(p->text + p->at) + 1);
    size_t n = 0;
    for (p->at++; p->text[p->at] != '"'; p->at++) {
        if (p->text[p->at] == '\\' && (p->text[p->at + 1] == '"' || p->text[p->at + 1] == '\\')) {
            p->at++;
        } else if (p->text[p->at] == '\0') {
            bad_token(p, "this text has no closing quote");
            return;
        }
        out[n++] = p->text[p->at];
    }
    p->at++;
    p->token = TOKEN_TEXT;
    p->word = out;
}

static void scan_sign(struct parser *p)
{
    static const char *const SIGNS[] = {"!=", "<=", ">=", "=", "<", ">", "+",
                                        "-",  "*",  "/",  "(", ")", ",", "."};
    for (size_t i = 0; i < COUNT(SIGNS); i++) {
        if (str_starts(p->text + p->at, SIGNS[i])) {
            p->at += (int)strlen(SIGNS[i]);
            p->token = TOKEN_SIGN;
            p->word = SIGNS[i];
            return;
        }
    }
    bad_token(p, p->text[p->at] == '\'' ? "text stands in double quotes"
                                        : "this character has no meaning here");
}

static void next(struct parser *p)
{
    p->end = p->at;
    while (p->text[p->at] != '\0' && strchr(" \t\r\n", p->text[p->at]) != NULL) {
        p->at++;
    }
    p->position = p->at;
    char c = p->text[p->at];
    if (c == '\0') {
        p->token = TOKEN_END;
        p->word = "";
    } else if (isdigit((unsigned char)c)) {
        scan_while(p, is_number_char, TOKEN_NUMBER);
    } else if (is_name_char(c)) {
        scan_while(p, is_name_char, TOKEN_NAME);
    } else if (c == '"') {
        scan_text(p);
    } else {
        scan_sign(p);
    }
}

static bool is_sign(const struct parser *p, const char *sign)
{
    return p->token == TOKEN_SIGN && strcmp(p->word, sign) == 0;
}

static bool is_word(const struct parser *p, const char *word)
{
    return p->token == TOKEN_NAME && strcmp(p->word, word) == 0;
}

static bool take_sign(struct parser *p, const char *sign)
{
    bool found = is_sign(p, sign);
    if (found) {
        next(p);
    }
    return found;
}

static bool take_word(struct parser *p, const char *word)
{
    bool found = is_word(p, word);
    if (found) {
        next(p);
    }
    return found;
}

static int expect(struct parser *p, const char *sign)
{
    return take_sign(p, sign) ? 0 : REFUSE(p, p->position, "expected \"%s\" here", sign);
}

static struct syntax *node_new(struct parser *p, enum expr_op op, int position)
{
    struct syntax *s = ARENA_NEW(p->arena, struct syntax);
    s->op = op;
    s->position = position;
    s->depth = 1;
    return s;
}

static int add_arg(struct parser *p, struct syntax *s, const struct syntax *arg)
{
    if (s->arg_count == EXPR_LIST_MAX) {
        return REFUSE(p, arg->position, "more than %d parts", EXPR_LIST_MAX);
    }
    if (arg->depth >= EXPR_DEPTH_MAX) {
        return REFUSE(p, arg->position, "nested deeper than %d levels", EXPR_DEPTH_MAX);
    }
    if ((s->arg_count & (s->arg_count - 1)) == 0) {
        size_t room = s->arg_count == 0 ? 1 : s->arg_count * 2;
        const struct syntax **more = ARENA_ARRAY(p->arena, const struct syntax *, room);
        for (size_t i = 0; i < s->arg_count; i++) {
            more[i] = s->args[i];
        }
        s->args = more;
    }
    s->args[s->arg_count++] = arg;
    s->depth = arg->depth >= s->depth ? arg->depth + 1 : s->depth;
    return 0;
}

static const struct syntax *node_with(struct parser *p, enum expr_op op, int position,
                                      const struct syntax *a, const struct syntax *b)
{
    struct syntax *s = node_new(p, op, position);
    if (a == NULL || add_arg(p, s, a) != 0 || (b != NULL && add_arg(p, s, b) != 0)) {
        return NULL;
    }
    return s;
}

static const struct syntax *parse_or(struct parser *p);
static const struct syntax *parse_sum(struct parser *p);

static struct syntax *parse_number(struct parser *p)
{
    struct syntax *s = node_new(p, EXPR_LITERAL, p->position);
    const char *point = strchr(p->word, '.');
    int places = point == NULL ? 0 : (int)strlen(point + 1);
    int64_t n;
    if (places > 6 || parse_scaled(p->word, places, &n) != 0) {
        REFUSE(p, p->position, "\"%.40s\" is not a number with at most 6 digits after the point",
               p->word);
        return NULL;
    }
    s->type = (struct expr_type){.kind = KIND_NUMBER, .places = places};
    s->value = value_int(n);
    next(p);
    enum unit unit = p->token == TOKEN_NAME ? unit_find(p->word) : UNIT_NONE;
    if (unit == UNIT_NONE) {
        return s;
    }
    if (places != 0 || n > 1000000) {
        REFUSE(p, s->position, "a duration needs a whole number up to 1000000");
        return NULL;
    }
    s->op = EXPR_DURATION;
    s->amount = n;
    s->unit = unit;
    next(p);
    return s;
}

/* name("." name)* into s */
static int parse_names(struct parser *p, struct syntax *s)
{
    const size_t room = 8;
    s->names = ARENA_ARRAY(p->arena, const char *, room);
    s->name_positions = ARENA_ARRAY(p->arena, int, room);
    do {
        if (p->token != TOKEN_NAME) {
            return REFUSE(p, p->position, "expected a field name here");
        }
        if (s->name_count == room) {
            return REFUSE(p, p->position, "more than %zu names in a row", room);
        }
        s->names[s->name_count] = p->word;
        s->name_positions[s->name_count++] = p->position;
        next(p);
    } while (take_sign(p, "."));
    return 0;
}

static const struct syntax *parse_aggregate(struct parser *p, struct syntax *s)
{
    if (expect(p, "(") != 0 || parse_names(p, s) != 0) {
        return NULL;
    }
    if (take_word(p, "where")) {
        s->where = parse_or(p);
        if (s->where == NULL) {
            return NULL;
        }
        s->depth = s->where->depth + 1;
    }
    return expect(p, ")") != 0 ? NULL : s;
}

static const struct syntax *parse_call(struct parser *p, struct syntax *s)
{
    const struct expr_function_row *f = s->function;
    if (f->max_args < 0) {
        return s;
    }
    if (expect(p, "(") != 0) {
        return NULL;
    }
    while (!is_sign(p, ")")) {
        const struct syntax *arg = parse_sum(p);
        if (arg == NULL || add_arg(p, s, arg) != 0) {
            return NULL;
        }
        if (!take_sign(p, ",")) {
            break;
        }
    }
    if (expect(p, ")") != 0) {
        return NULL;
    }
    if ((int)s->arg_count < f->min_args || (int)s->arg_count > f->max_args) {
        REFUSE(p, s->position, "write %s", f->form);
        return NULL;
    }
    return s;
}

static const struct expr_function_row *find_function(const char *name)
{
    for (const struct expr_function_row *f = EXPR_FUNCTIONS; f->name != NULL; f++) {
        if (strcmp(f->name, name) == 0) {
            return f;
        }
    }
    return NULL;
}

static const struct syntax *refuse_function(struct parser *p, int position, const char *name)
{
    const char *names[32];
    size_t n = 0;
    for (const struct expr_function_row *f = EXPR_FUNCTIONS; f->name != NULL; f++) {
        names[n++] = f->name;
    }
    const char *near = str_nearest(name, names, n);
    if (near != NULL) {
        REFUSE(p, position, "there is no function \"%.60s\"; do you mean \"%s\"?", name, near);
    } else {
        REFUSE(p, position, "there is no function \"%.60s\"", name);
    }
    return NULL;
}

/* A word of the language where a value should stand. */
static bool is_misplaced(const char *word)
{
    for (size_t i = 0; EXPR_WORDS[i] != NULL; i++) {
        if (strcmp(EXPR_WORDS[i], word) == 0) {
            return true;
        }
    }
    return false;
}

static const struct syntax *parse_name(struct parser *p)
{
    int position = p->position;
    const struct expr_function_row *f = find_function(p->word);
    const char *rest = p->text + p->at + strspn(p->text + p->at, " \t\r\n");
    if (f != NULL && (*rest == '(' || f->max_args < 0)) {
        struct syntax *s = node_new(p, f->aggregate ? EXPR_AGGREGATE : EXPR_CALL, position);
        s->function = f;
        next(p);
        return f->aggregate ? parse_aggregate(p, s) : parse_call(p, s);
    }
    if (is_word(p, "true") || is_word(p, "false")) {
        struct syntax *s = node_new(p, EXPR_LITERAL, position);
        s->type.kind = KIND_BOOL;
        s->value = value_int(is_word(p, "true"));
        next(p);
        return s;
    }
    if (*rest == '(' && !is_misplaced(p->word)) {
        return refuse_function(p, position, p->word);
    }
    if (is_misplaced(p->word)) {
        REFUSE(p, position, "expected a value here, not \"%s\"", p->word);
        return NULL;
    }
    struct syntax *s = node_new(p, EXPR_FIELD, position);
    return parse_names(p, s) == 0 ? s : NULL;
}

static const struct syntax *parse_atom(struct parser *p)
{
    if (p->token == TOKEN_NUMBER) {
        return parse_number(p);
    }
    if (p->token == TOKEN_NAME) {
        return parse_name(p);
    }
    if (p->token == TOKEN_TEXT) {
        struct syntax *s = node_new(p, EXPR_LITERAL, p->position);
        s->type.kind = KIND_TEXT;
        s->value = value_text(p->word);
        next(p);
        return s;
    }
    if (take_sign(p, "(")) {
        const struct syntax *s = parse_or(p);
        return s == NULL || expect(p, ")") != 0 ? NULL : s;
    }
    REFUSE(p, p->position,
           p->token == TOKEN_END ? "the expression ends too early" : "expected a value here");
    return NULL;
}

static const struct syntax *parse_unary(struct parser *p)
{
    int position = p->position;
    if (p->depth > 2 * EXPR_DEPTH_MAX) {
        REFUSE(p, position, "nested deeper than %d levels", EXPR_DEPTH_MAX);
        return NULL;
    }
    p->depth++;
    const struct syntax *s =
        take_sign(p, "-") ? node_with(p, EXPR_NEG, position, parse_unary(p), NULL) : parse_atom(p);
    p->depth--;
    return s;
}

/* left (sign right)*, left-associative */
static const struct syntax *parse_chain(struct parser *p,
                                        const struct syntax *(*part)(struct parser *),
                                        const char *one, enum expr_op one_op, const char *two,
                                        enum expr_op two_op)
{
    const struct syntax *left = part(p);
    while (left != NULL && (is_sign(p, one) || is_sign(p, two))) {
        int position = p->position;
        enum expr_op op = is_sign(p, one) ? one_op : two_op;
        next(p);
        const struct syntax *right = part(p);
        left = right == NULL ? NULL : node_with(p, op, position, left, right);
    }
    return left;
}

static const struct syntax *parse_term(struct parser *p)
{
    return parse_chain(p, parse_unary, "*", EXPR_MUL, "/", EXPR_DIV);
}

static const struct syntax *parse_sum(struct parser *p)
{
    return parse_chain(p, parse_term, "+", EXPR_ADD, "-", EXPR_SUB);
}

static const struct syntax *parse_in(struct parser *p, const struct syntax *left, int position)
{
    struct syntax *s = node_new(p, EXPR_IN, position);
    if (add_arg(p, s, left) != 0 || expect(p, "(") != 0) {
        return NULL;
    }
    do {
        const struct syntax *item = parse_sum(p);
        if (item == NULL || add_arg(p, s, item) != 0) {
            return NULL;
        }
    } while (take_sign(p, ","));
    return expect(p, ")") != 0 ? NULL : s;
}

static const struct syntax *parse_is(struct parser *p, const struct syntax *left, int position)
{
    bool negated = take_word(p, "not");
    if (!take_word(p, "empty")) {
        REFUSE(p, p->position, "after \"is\" comes \"empty\" or \"not empty\"");
        return NULL;
    }
    const struct syntax *s = node_with(p, EXPR_EMPTY, position, left, NULL);
    return negated ? node_with(p, EXPR_NOT, position, s, NULL) : s;
}

static const struct {
    const char *sign;
    enum expr_op op;
} COMPARISONS[] = {{"=", EXPR_EQ},  {"!=", EXPR_NE}, {"<", EXPR_LT},
                   {"<=", EXPR_LE}, {">", EXPR_GT},  {">=", EXPR_GE}};

static const struct syntax *parse_words(struct parser *p, const struct syntax *left, int position)
{
    if (take_word(p, "contains")) {
        return node_with(p, EXPR_CONTAINS, position, left, parse_sum(p));
    }
    if (take_word(p, "starts")) {
        if (!take_word(p, "with")) {
            REFUSE(p, p->position, "after \"starts\" comes \"with\"");
            return NULL;
        }
        return node_with(p, EXPR_STARTS, position, left, parse_sum(p));
    }
    if (take_word(p, "is")) {
        return parse_is(p, left, position);
    }
    bool negated = take_word(p, "not");
    if (take_word(p, "in")) {
        const struct syntax *s = parse_in(p, left, position);
        return negated ? node_with(p, EXPR_NOT, position, s, NULL) : s;
    }
    if (negated) {
        REFUSE(p, p->position, "expected \"in\" here");
        return NULL;
    }
    return left;
}

static const struct syntax *parse_test(struct parser *p)
{
    const struct syntax *left = parse_sum(p);
    int position = p->position;
    if (left == NULL || p->message->text != NULL) {
        return NULL;
    }
    for (size_t i = 0; i < COUNT(COMPARISONS); i++) {
        if (take_sign(p, COMPARISONS[i].sign)) {
            const struct syntax *right = parse_sum(p);
            return right == NULL ? NULL : node_with(p, COMPARISONS[i].op, position, left, right);
        }
    }
    return parse_words(p, left, position);
}

/* Notes where a condition stands; brackets around one do not belong to it, so the first note
 * counts. */
static const struct syntax *place(const struct parser *p, const struct syntax *s, int from)
{
    if (s != NULL && s->to == 0) {
        struct syntax *mine = (struct syntax *)s; /* made by this parser, shared with nobody yet */
        mine->from = from;
        mine->to = p->end;
    }
    return s;
}

static const struct syntax *parse_not(struct parser *p)
{
    int position = p->position;
    if (p->depth > 2 * EXPR_DEPTH_MAX) {
        REFUSE(p, position, "nested deeper than %d levels", EXPR_DEPTH_MAX);
        return NULL;
    }
    p->depth++;
    const struct syntax *s =
        take_word(p, "not") ? node_with(p, EXPR_NOT, position, parse_not(p), NULL) : parse_test(p);
    p->depth--;
    return place(p, s, position);
}

/* part (word part)* as one node with many parts, or the part itself */
static const struct syntax *parse_list(struct parser *p,
                                       const struct syntax *(*part)(struct parser *),
                                       const char *word, enum expr_op op)
{
    int from = p->position;
    const struct syntax *first = part(p);
    if (first == NULL || !is_word(p, word)) {
        return first;
    }
    struct syntax *s = node_new(p, op, p->position);
    if (add_arg(p, s, first) != 0) {
        return NULL;
    }
    while (take_word(p, word)) {
        const struct syntax *more = part(p);
        if (more == NULL || add_arg(p, s, more) != 0) {
            return NULL;
        }
    }
    return place(p, s, from);
}

static const struct syntax *parse_and(struct parser *p)
{
    return parse_list(p, parse_not, "and", EXPR_AND);
}

static const struct syntax *parse_or(struct parser *p)
{
    return parse_list(p, parse_and, "or", EXPR_OR);
}

int syntax_parse(struct arena *a, const char *text, const struct syntax **out,
                 struct expr_message *message)
{
    struct parser p = {.arena = a, .message = message, .text = text};
    if (strlen(text) > EXPR_SIZE_MAX) {
        return REFUSE(&p, 0, "longer than %d bytes", EXPR_SIZE_MAX);
    }
    if (!str_is_utf8(text, strlen(text))) {
        return REFUSE(&p, 0, "this is not valid UTF-8 text");
    }
    next(&p);
    const struct syntax *s = parse_or(&p);
    if (s != NULL && p.token != TOKEN_END) {
        REFUSE(&p, p.position, "expected \"and\", \"or\" or the end here");
    }
    if (message->text != NULL) {
        return -1;
    }
    *out = s;
    return 0;
}
