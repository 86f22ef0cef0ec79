/*
 * found("text"): what the search finds, as a condition: the words of the full-text index with what
 * of it the reader may see, parts of names, addresses and phone numbers, and titles of linked
 * records. Everything becomes one set of ids, read once from the index. The index knows living
 * records of now: as of a past moment, and for a text the index cannot serve, the title is looked
 * at. See expr_sql.h; how the search itself does it: search_find.c.
 */
#include <string.h>

#include "base/str.h"
#include "model/field_type.h"
#include "store/expr_sql.h"
#include "store/index_rows.h"
#include "store/search_text.h"

#define WORD_MIN 2 /* characters; one letter begins too many words */
#define TAG_MIN  3 /* as search_tags.c */

struct found {
    struct compile *c;
    const char *typed;
    struct search_text text;
};

/* A field whose words stand in the index: every role sees it, the model wants that. */
static bool is_sought(const struct field *f)
{
    return f->search && !field_refers(f) && f->column_count > 0;
}

static void put_field_holds(struct compile *c, const struct scope_row *r, const struct field *f,
                            const char *part)
{
    const struct expr field = {.op = EXPR_FIELD, .field = f, .type = expr_type_of(f)};
    const struct expr text = {
        .op = EXPR_LITERAL, .type = {.kind = KIND_TEXT}, .value = value_text(part)};
    const struct expr *args[] = {&field, &text};
    const struct expr x = {.op = EXPR_CONTAINS, .args = args, .arg_count = 2};
    put_test(c, r, &x, true);
}

static void put_title_holds(struct compile *c, const struct scope_row *r, const char *word)
{
    sql_add(c->sql, "kcontains(");
    put_title(c, r);
    sql_add(c->sql, ",");
    sql_bind(c->sql, value_text(word));
    sql_add(c->sql, ")");
}

/* The word stands in the title or in a field that is searched. */
static void put_word_holds(struct compile *c, const struct scope_row *r, const char *word)
{
    sql_add(c->sql, " AND (");
    put_title_holds(c, r, word);
    for (size_t i = 0; i < r->entity->field_count; i++) {
        const struct field *f = r->entity->fields[i];
        bool tested = expr_type_of(f).kind == KIND_TEXT || f->type->points != NULL;
        if (is_sought(f) && tested) {
            sql_add(c->sql, " OR ");
            put_field_holds(c, r, f, word);
        }
    }
    sql_add(c->sql, ")");
}

static void put_holds(struct found *s, const struct scope_row *r)
{
    if (s->text.digits != NULL) {
        put_word_holds(s->c, r, s->text.digits);
        return;
    }
    for (size_t i = 0; i < s->text.word_count; i++) {
        put_word_holds(s->c, r, s->text.words[i].forms[0]);
    }
}

static void put_match(struct compile *c, const char *table, const char *match)
{
    sql_printf(c->sql, "SELECT rowid FROM %s WHERE %s MATCH ", table, table);
    sql_bind(c->sql, value_text(match));
}

/* " FROM table WHERE living": the rights of these records are tested around the whole. */
static void put_own_rows(struct compile *c, const struct scope_row *own)
{
    bool trusted = c->trusted;
    c->trusted = true;
    sql_printf(c->sql, "SELECT t%d.id", own->alias);
    records_from(c, own, "", LIFE_LIVING, ACTION_SEE);
    c->trusted = trusted;
}

/* One letter beside words is not asked of the index: the record must hold it. */
static void put_whole_words(struct found *s, const struct entity *e, const char *words)
{
    const char *table = SEARCH_TABLES[search_table_of(e)];
    bool slight = false;
    for (size_t i = 0; i < s->text.word_count; i++) {
        slight = slight || s->text.words[i].slight;
    }
    if (!slight) {
        put_match(s->c, table, words);
        return;
    }
    struct scope_row own = scope_new(s->c, e, NULL);
    put_own_rows(s->c, &own);
    sql_printf(s->c->sql, " AND t%d.id IN (", own.alias);
    put_match(s->c, table, words);
    sql_add(s->c->sql, ")");
    for (size_t i = 0; i < s->text.word_count; i++) {
        if (s->text.words[i].slight) {
            put_word_holds(s->c, &own, s->text.words[i].forms[0]);
        }
    }
}

/* The very three letters that the index has; numbers stand there in other forms too. */
static bool is_one_part(const struct search_text *t)
{
    const char *word = t->words[0].forms[0];
    return t->digits == NULL && t->word_count == 1 && str_utf8_length(word) == 3 &&
           strpbrk(word, "0123456789") == NULL;
}

/* Three letters each only promise it: the record must hold the words. Those that are known to, by
 * whole words, are not read: they stand in the table `known`. */
static void put_parts(struct found *s, const struct entity *e, const char *parts, int known)
{
    if (is_one_part(&s->text)) {
        put_match(s->c, "search_parts", parts);
        return;
    }
    struct scope_row own = scope_new(s->c, e, NULL);
    put_own_rows(s->c, &own);
    sql_printf(s->c->sql, " AND t%d.id IN (", own.alias);
    put_match(s->c, "search_parts", parts);
    sql_printf(s->c->sql, ") AND t%d.id NOT IN (SELECT id FROM w%d)", own.alias, known);
    put_holds(s, &own);
}

/* What is shared is not known by the tokens of the index: looked at one by one. */
static void put_shared_rows(struct found *s, const struct entity *e)
{
    bool never;
    const struct expr *rule = rights_of(s->c, e, ACTION_SEE, &never);
    if (rule == NULL || !s->c->who->shared || !e->timeline) {
        return;
    }
    struct scope_row own = scope_new(s->c, e, NULL);
    sql_add(s->c->sql, " UNION ALL ");
    put_own_rows(s->c, &own);
    sql_add(s->c->sql, " AND ");
    put_shared(s->c, &own, NULL);
    put_holds(s, &own);
}

/* Records with a tag that is what was typed, or begins so. */
static void put_tagged(struct found *s, const struct entity *e)
{
    struct compile *c = s->c;
    const char *tag = str_fold_tight(c->sql->arena, s->typed);
    bool begins = str_utf8_length(tag) >= TAG_MIN;
    for (size_t i = 0; i < e->field_count && *tag != '\0'; i++) {
        const struct field *f = e->fields[i];
        if (!tagged_has(f) || f->hidden || (c->who->role != NULL && !role_sees(c->who->role, f))) {
            continue;
        }
        struct scope_row own = scope_new(c, e, NULL);
        sql_add(c->sql, " UNION ALL ");
        put_own_rows(c, &own);
        sql_printf(c->sql, " AND t%d.id IN (SELECT record FROM tagged WHERE field=%lld AND tag>=",
                   own.alias, (long long)f->columns[0].id);
        sql_bind(c->sql, value_text(tag));
        sql_add(c->sql, " AND tag<=");
        sql_bind(c->sql, value_text(begins ? arena_printf(c->sql->arena, "%s\U0010ffff", tag) : tag));
        sql_add(c->sql, ")");
    }
}

/* Targets by words of their title; those that are hidden from the reader are not there. */
static void put_targets(struct found *s, const struct entity *to, const char *words)
{
    if (!is_restricted(s->c, to)) { /* the index knows the living */
        put_match(s->c, SEARCH_TABLES[SEARCH_WORDS], words);
        return;
    }
    struct scope_row target = scope_new(s->c, to, NULL);
    sql_printf(s->c->sql, "SELECT t%d.id", target.alias);
    records_from(s->c, &target, "", LIFE_LIVING, ACTION_SEE);
    sql_printf(s->c->sql, " AND t%d.id IN (", target.alias);
    put_match(s->c, SEARCH_TABLES[SEARCH_WORDS], words);
    sql_add(s->c->sql, ")");
}

static const char *match_of(const struct found *s, const struct entity *e, bool title)
{
    const struct search_ask ask = {.table = search_table_of(e), .kind = e, .title = title, .loose = true};
    return search_match(&s->text, s->c->who, &ask, s->c->sql->arena);
}

static bool is_followed(const struct compile *c, const struct field *f)
{
    return search_is_about(f) && search_table_of(f->to) == SEARCH_WORDS &&
           (c->who->role == NULL || role_sees(c->who->role, f));
}

static void put_pointing(struct found *s, const struct scope_row *r, const struct field *f,
                         const char *words)
{
    put_column(s->c, r, value_column(f));
    sql_add(s->c->sql, " IN (");
    put_targets(s, f->to, words);
    sql_add(s->c->sql, ")");
}

/* Records by what they point to: in the set, or as tests of the row itself (`row`). */
static void put_links(struct found *s, const struct entity *e, const struct scope_row *row)
{
    for (size_t i = 0; i < e->field_count; i++) {
        const struct field *f = e->fields[i];
        const char *words = is_followed(s->c, f) ? match_of(s, f->to, true) : NULL;
        if (words != NULL && row != NULL) {
            sql_add(s->c->sql, " OR ");
            put_pointing(s, row, f, words);
        } else if (words != NULL) {
            struct scope_row own = scope_new(s->c, e, NULL);
            sql_add(s->c->sql, " UNION ALL ");
            put_own_rows(s->c, &own);
            sql_add(s->c->sql, " AND ");
            put_pointing(s, &own, f, words);
        }
    }
}

static bool is_long_enough(const struct search_text *t)
{
    for (size_t i = 0; i < t->word_count; i++) {
        if (t->words[i].letters >= WORD_MIN) {
            return true;
        }
    }
    return false;
}

/* What is sought; words: of it what the index is asked for, NULL when it cannot serve. */
static struct found found_begin(struct compile *c, const struct entity *e, const struct expr *x,
                                const char **words)
{
    struct found s = {.c = c, .typed = x->value.s};
    search_read(&s.text, x->value.s, c->sql->arena);
    *words = match_of(&s, e, false);
    if (c->as_of != 0 || !search_has(e) || !is_long_enough(&s.text)) {
        *words = NULL;
    }
    return s;
}

/* The ids of what holds the words itself. */
static void put_holding(struct found *s, const struct entity *e, const char *words)
{
    struct compile *c = s->c;
    int known = c->aliases++;
    /* A whole address is found by its words; its many threes of letters cost more than they find. */
    bool parted = s->text.email == NULL && search_table_of(e) == SEARCH_WORDS;
    const char *parts = parted ? search_match_parts(&s->text, c->sql->arena) : NULL;
    sql_printf(c->sql, "WITH w%d(id) AS MATERIALIZED (", known);
    put_whole_words(s, e, words);
    sql_printf(c->sql, ") SELECT id FROM w%d", known);
    if (parts != NULL) {
        sql_add(c->sql, " UNION ALL ");
        put_parts(s, e, parts, known);
    }
    put_shared_rows(s, e);
    put_tagged(s, e);
}

bool put_found_ids(struct compile *c, const struct entity *e, const struct expr *x)
{
    const char *words;
    struct found s = found_begin(c, e, x, &words);
    if (words == NULL) {
        return false;
    }
    put_holding(&s, e, words);
    put_links(&s, e, NULL);
    return true;
}

void put_found(struct compile *c, const struct scope_row *r, const struct expr *x)
{
    const char *words;
    struct found s = found_begin(c, r->entity, x, &words);
    if (words == NULL) {
        put_title_holds(c, r, x->value.s);
    } else if (c->walked == x) {
        sql_printf(c->sql, "(+t%d.id IN (", r->alias);
        put_holding(&s, r->entity, words);
        sql_add(c->sql, ")");
        put_links(&s, r->entity, r);
        sql_add(c->sql, ")");
    } else if (c->streamed == x) {
        sql_printf(c->sql, "t%d.id=f.id", r->alias);
    } else {
        sql_printf(c->sql, "t%d.id IN (", r->alias);
        put_holding(&s, r->entity, words);
        put_links(&s, r->entity, NULL);
        sql_add(c->sql, ")");
    }
}
