/*
 * Search: what somebody typed → records he may see. See query.h.
 *
 * Candidates come from several passes, each bounded: the handle index (a whole e-mail address or
 * domain); titles, then all words of records that stand for themselves; notes and activities; tags;
 * then records that point to one whose title has a word ("anna nordwind": Anna at Nordwind); at
 * last letters in the middle. Long words are first sought as they are: all that begins with them is
 * gathered by FTS5 before the first hit comes.
 *
 * Tokens in the index leave out most of what may not be seen; every candidate is then read through
 * its entity's rights, and that decides. Where a pass finds more than it looks at, it goes on for
 * each kind of record, so that many of one kind hide no other, and for the reader's own. Order is by
 * how the title fits, among what was gathered: the rank of FTS5 would read every occurrence of a
 * common word.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "model/field_type.h"
#include "store/index_rows.h"
#include "store/search_private.h"

#define PASS_HITS    200  /* of one pass */
#define PASS_LOOKED  4000 /* candidates looked at for them */
#define KIND_HITS    20   /* of a pass for one kind of record, for somebody who types */
#define TEXT_HITS    60   /* of a pass over notes, for somebody who types */
#define OWN_HITS     50
#define LATE_US      15000
#define BATCH        200
#define KEY_HITS     20 /* titles that begin with the text, of each kind */
#define LINKED_MAX   15 /* records that may stand for a word */
#define UNPROVEN_MAX 150
#define FEW          3 /* hits below which something else may have been meant */

struct pass {
    struct search_ask ask;
    bool proven;
    int rank;
    size_t hits; /* at most */
};

static const char *sql_of(enum search_table table)
{
    return table == SEARCH_TEXTS
               ? "SELECT f.rowid, d.entity FROM search_texts f CROSS JOIN doc d ON d.id=f.rowid"
                 " WHERE search_texts MATCH ?1 ORDER BY f.rowid DESC LIMIT 4000"
               : "SELECT f.rowid, d.entity FROM search_words f CROSS JOIN doc d ON d.id=f.rowid"
                 " WHERE search_words MATCH ?1 ORDER BY f.rowid DESC LIMIT 4000";
}

/* Newest first, until `hits` are there or enough was looked at; *full: it was one of these. */
static int gather_rows(struct search *s, const char *sql, const char *match, const struct pass *p,
                       bool *full, struct err *e)
{
    struct search_found found[BATCH];
    size_t n = 0, looked = 0, first = s->list.count, batch = BATCH / 4;
    sqlite3_stmt *st = stmt_get(s->db, sql, e);
    int rc = 1;
    *full = false;
    if (st == NULL) {
        return -1;
    }
    stmt_bind_text(st, 1, match);
    while (rc == 1 && s->list.count - first < p->hits) {
        rc = stmt_step(s->db, st, e);
        if (rc == 1) {
            found[n++] = (struct search_found){sqlite3_column_int64(st, 0),
                                               search_entity(s, sqlite3_column_int64(st, 1))};
            looked++;
        }
        if (n == batch || (rc == 0 && n > 0)) {
            if (search_add(s, found, n, p->proven, p->rank, e) != 0) {
                rc = -1;
            }
            n = 0;
            batch = BATCH;
        }
    }
    stmt_done(st);
    *full = rc == 1 || looked == PASS_LOOKED;
    return rc < 0 ? -1 : 0;
}

/* One letter beside words is not asked of the index. */
static bool has_slight_word(const struct search_text *t)
{
    for (size_t i = 0; i < t->word_count; i++) {
        if (t->words[i].slight) {
            return true;
        }
    }
    return false;
}

static int run_pass(struct search *s, const struct pass *pass, bool *full, struct err *e)
{
    const char *match = search_match(&s->text, s->who, &pass->ask, s->arena);
    struct pass p = *pass;
    p.proven = p.proven && !has_slight_word(&s->text);
    *full = false;
    return match == NULL ? 0 : gather_rows(s, sql_of(p.ask.table), match, &p, full, e);
}

static size_t count_of(const struct search *s, const struct entity *e)
{
    size_t n = 0;
    for (size_t i = 0; i < s->list.count; i++) {
        n += s->list.items[i].entity == e;
    }
    return n;
}

/* Beginnings of very common words take long to gather: then what is there must do. */
static bool is_late(const struct search *s)
{
    return clock_thread_us() - s->begun_us > LATE_US;
}

/* The reader's own, and every kind that is rare so far. */
static int widen(struct search *s, const struct pass *p, struct err *e)
{
    const struct model *m = s->who->model;
    struct pass own = *p;
    bool full = false;
    own.ask.own = true;
    own.hits = OWN_HITS;
    if (s->who->user != 0 && !is_late(s) && run_pass(s, &own, &full, e) != 0) {
        return -1;
    }
    for (size_t i = 0; i < m->entity_count; i++) {
        const struct entity *entity = m->entities[i];
        struct pass one = *p;
        if (!search_has(entity) || search_table_of(entity) != p->ask.table) {
            continue;
        }
        s->open[i]++;
        one.ask.kind = entity;
        one.hits = s->spec->whole ? PASS_HITS / 2 : KIND_HITS;
        bool wanted = s->spec->whole || count_of(s, entity) < KIND_HITS / 4;
        if (p->ask.kind == NULL && wanted && !is_late(s)) {
            if (run_pass(s, &one, &full, e) != 0) {
                return -1;
            }
            s->open[i] -= !full;
        }
    }
    return 0;
}

static int run_wide(struct search *s, struct pass p, struct err *e)
{
    bool full;
    p.ask.kind = s->spec->kind;
    bool texts = p.ask.table == SEARCH_TEXTS;
    if ((s->spec->kind != NULL && search_table_of(s->spec->kind) != p.ask.table) ||
        (s->few && !(texts ? s->more_texts : s->more_names))) {
        return 0;
    }
    p.hits = s->spec->kind != NULL ? SEARCH_RANKED : s->spec->whole ? PASS_HITS : p.hits;
    p.ask.narrow = p.ask.table == SEARCH_TEXTS ? s->narrow : NULL;
    if (run_pass(s, &p, &full, e) != 0) {
        return -1;
    }
    return full ? widen(s, &p, e) : 0;
}

/* ---- the ways in ---- */

static int add_handles(struct search *s, enum handle_kind kind, const char *value, struct err *e)
{
    int64_t *ids = NULL;
    size_t count = 0;
    if (value == NULL) {
        return 0;
    }
    if (handle_find(s->db, s->who, kind, value, s->spec->kind, PASS_HITS / 2, s->arena, &ids,
                    &count, e) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        int64_t entity = 0;
        if (db_get_int(s->db, "SELECT entity FROM doc WHERE id=?1", &ids[i], 1, 0, &entity, e) !=
            0) {
            return -1;
        }
        const struct search_found one = {ids[i], search_entity(s, entity)};
        if (search_add(s, &one, 1, true, RANK_HANDLE, e) != 0) {
            return -1;
        }
    }
    return 0;
}

static bool has_long_word(const struct search_text *t)
{
    for (size_t i = 0; i < t->word_count; i++) {
        if (t->words[i].letters >= SEARCH_LONG) {
            return true;
        }
    }
    return false;
}

static bool is_enough(const struct search *s)
{
    return s->list.count >= (s->spec->whole ? SEARCH_RANKED : s->spec->limit + s->spec->offset);
}

enum how { HOW_WHOLE, HOW_TYPING, HOW_LOOSE };

static int by_words(struct search *s, enum how how, struct err *e)
{
    const struct search_ask ask = {.whole = how == HOW_WHOLE, .loose = how == HOW_LOOSE};
    struct pass words = {ask, true, RANK_FIELD, PASS_HITS}, texts = {ask, true, RANK_TEXT, TEXT_HITS};
    words.ask.table = SEARCH_WORDS;
    texts.ask.table = SEARCH_TEXTS;
    return run_wide(s, words, e) != 0 || run_wide(s, texts, e) != 0 ? -1 : 0;
}

/* Titles that begin with the text, however many others hold it. */
static int by_key(struct search *s, struct err *e)
{
    const struct model *m = s->who->model;
    for (size_t i = 0; i < m->entity_count; i++) {
        const struct entity *entity = m->entities[i];
        bool named = search_has(entity) && search_table_of(entity) == SEARCH_WORDS;
        bool wanted = s->spec->kind == NULL || s->spec->kind == entity;
        if (named && wanted && entity->sql_table != NULL &&
            search_by_key(s, entity, KEY_HITS, e) != 0) {
            return -1;
        }
    }
    return 0;
}

/* One plain letter begins too many words for the index. */
static bool is_one_letter(const struct search_text *t)
{
    return t->word_count == 1 && t->words[0].letters == 1 &&
           (unsigned char)*t->words[0].forms[0] < 0x80;
}


/* Does the last token of an address come after a dot? Then its beginning is left to the parts: "u7.k"
 * would gather all words with k. */
static bool is_compound(const struct search_text *t)
{
    return t->word_count == 1 && t->words[0].compound && t->digits == NULL;
}

/* What was typed as it stands suffices to know one address; the rest would find its domain. */
static bool is_address_found(const struct search *s)
{
    return s->list.count > 0 && (s->text.email != NULL || is_compound(&s->text));
}

static int gather_words(struct search *s, struct err *e)
{
    if (is_one_letter(&s->text)) {
        return by_key(s, e);
    }
    bool whole = (has_long_word(&s->text) || is_compound(&s->text)) && !s->text.exact;
    if (whole && by_words(s, HOW_WHOLE, e) != 0) {
        return -1;
    }
    if (is_address_found(s) || is_compound(&s->text)) {
        return 0;
    }
    if (whole && is_enough(s)) {
        return by_key(s, e);
    }
    size_t before = s->list.count;
    if (by_words(s, HOW_TYPING, e) != 0) {
        return -1;
    }
    if (s->list.count == 0 && s->text.word_count > 1 && !s->text.exact &&
        by_words(s, HOW_LOOSE, e) != 0) {
        return -1;
    }
    return s->list.count - before >= PASS_HITS ? by_key(s, e) : 0;
}

/* ---- order ---- */

static int by_rank(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    if (x->rank != y->rank) {
        return x->rank > y->rank ? -1 : 1;
    }
    if (x->ended != y->ended) {
        return x->ended ? 1 : -1;
    }
    if (x->own != y->own) {
        return x->own ? -1 : 1;
    }
    size_t m = x->rank >= RANK_TITLE ? strlen(x->title) : 0;
    size_t n = y->rank >= RANK_TITLE ? strlen(y->title) : 0;
    if (m != n) {
        return m < n ? -1 : 1;
    }
    return x->id > y->id ? -1 : x->id < y->id;
}

/* ---- words of linked records ---- */

static bool is_target(const struct model *m, const struct entity *to)
{
    for (size_t i = 0; i < m->entity_count; i++) {
        for (size_t k = 0; k < m->entities[i]->field_count; k++) {
            const struct field *f = m->entities[i]->fields[k];
            if (f->to == to && search_is_about(f)) {
                return true;
            }
        }
    }
    return false;
}

/* Tokens of records whose title has one word of the text: all there are, or of a common word those
 * whose title begins with it. NULL: none. */
static int find_linked(struct search *s, size_t word, const char **out, bool *known,
                       struct err *e)
{
    const struct search_spec any = {.limit = LINKED_MAX};
    struct search one = *s;
    struct buf tokens = {0};
    one.spec = &any;
    one.text = (struct search_text){.folded = s->text.words[word].forms[0],
                                    .key = s->text.words[word].forms[0],
                                    .words = {s->text.words[word]},
                                    .word_count = 1};
    one.list = (struct search_list){0};
    const struct pass p = {{.table = SEARCH_WORDS, .whole = true},
                           true,
                           RANK_FIELD,
                           PASS_HITS / 5};
    bool full;
    if (run_pass(&one, &p, &full, e) != 0 ||
        ((full || one.list.count == 0) && by_key(&one, e) != 0)) {
        return -1;
    }
    if (one.list.count > 1) {
        qsort(one.list.items, one.list.count, sizeof(*one.list.items), by_rank);
    }
    size_t n = 0;
    for (size_t i = 0; i < one.list.count && n < LINKED_MAX; i++) {
        const struct candidate *c = &one.list.items[i];
        if (c->rank >= RANK_INNER && is_target(s->who->model, c->entity)) {
            buf_puts(&tokens, n++ > 0 ? " OR " : "");
            search_put_token(&tokens, TOKEN_LINK, c->id);
        }
    }
    *out = n > 0 ? arena_strndup(s->arena, buf_text(&tokens), tokens.size) : NULL;
    *known = one.list.count > 0;
    buf_done(&tokens);
    return 0;
}

/* The index knows what notes point to; that is no secret where the reader sees all such fields. */
static bool sees_pointers(const struct search *s)
{
    const struct model *m = s->who->model;
    for (size_t i = 0; i < m->entity_count; i++) {
        const struct entity *e = m->entities[i];
        for (size_t k = 0; search_table_of(e) == SEARCH_TEXTS && k < e->field_count; k++) {
            const struct field *f = e->fields[k];
            if (search_points(f) && s->who->role != NULL && !role_sees(s->who->role, f)) {
                return false;
            }
        }
    }
    return true;
}

static int by_linked(struct search *s, const char *const *linked, bool whole, bool named,
                     struct err *e)
{
    for (int table = SEARCH_WORDS; table <= SEARCH_TEXTS; table++) {
        struct pass p = {{.table = (enum search_table)table, .linked = linked, .whole = whole,
                          .loose = !whole},
                         table == SEARCH_TEXTS && sees_pointers(s),
                         table == SEARCH_WORDS ? RANK_LINK : RANK_FAR,
                         UNPROVEN_MAX};
        bool full, wanted = table == SEARCH_WORDS ? named || !whole : s->text.word_count > 1;
        p.ask.kind = s->spec->kind;
        if (s->spec->kind != NULL && search_table_of(s->spec->kind) != p.ask.table) {
            continue;
        }
        if (wanted && run_pass(s, &p, &full, e) != 0) {
            return -1;
        }
    }
    return 0;
}

static int by_links(struct search *s, struct err *e)
{
    const char *linked[SEARCH_WORDS_MAX] = {0};
    bool any = false, named = true; /* named: each word stands in some record of its own */
    for (size_t i = 0; i < s->text.word_count; i++) {
        bool known = true;
        if (!s->text.words[i].slight && s->text.words[i].letters > 1 &&
            find_linked(s, i, &linked[i], &known, e) != 0) {
            return -1;
        }
        any = any || linked[i] != NULL;
        named = named && known;
    }
    for (int whole = 1; any && whole >= 0; whole--) {
        size_t before = s->list.count;
        if (by_linked(s, linked, whole != 0, named, e) != 0) {
            return -1;
        }
        any = s->list.count == before && before == 0 && !is_late(s);
    }
    return 0;
}

/* Letters in the middle: three each only promise it, the record must hold the words. */
static int by_parts(struct search *s, struct err *e)
{
    static const char SQL[] = "SELECT f.rowid, d.entity FROM search_parts f"
                              " CROSS JOIN doc d ON d.id=f.rowid"
                              " WHERE search_parts MATCH ?1 ORDER BY f.rowid DESC LIMIT 4000";
    const char *match = search_match_parts(&s->text, s->arena);
    const struct pass p = {{0}, false, RANK_PART, UNPROVEN_MAX};
    bool full;
    return match == NULL ? 0 : gather_rows(s, SQL, match, &p, &full, e);
}

/* ---- the best ---- */

/* Reads what nothing proves yet and drops what does not hold the words. */
static int prove(struct search *s, struct err *e)
{
    struct search_list *l = &s->list;
    size_t n = 0, proven = 0;
    for (size_t i = 0; i < l->count; i++) { /* those to be read come last */
        if (l->items[i].proven) {
            struct candidate c = l->items[i];
            l->items[i] = l->items[proven];
            l->items[proven++] = c;
        }
    }
    if (proven < l->count && search_read_rows(s, proven, l->count, e) != 0) {
        return -1;
    }
    for (size_t i = 0; i < l->count; i++) {
        if (l->items[i].proven || (l->items[i].shown && l->items[i].says.holds)) {
            l->items[n++] = l->items[i];
        }
    }
    l->count = n;
    if (l->count > 1) {
        qsort(l->items, l->count, sizeof(*l->items), by_rank);
    }
    return 0;
}

/* Do all words stand in the title of something? Then nobody asks for what is linked to it. */
static bool is_named(const struct search *s)
{
    for (size_t i = 0; i < s->list.count; i++) {
        if (s->list.items[i].rank >= RANK_TITLE) {
            return true;
        }
    }
    return false;
}

/* "ann@firm.example" is found by its words, or not at all; "ann@fi" by its letters too. */
static bool is_whole_address(const struct search_text *t)
{
    return t->email != NULL && strchr(strchr(t->email, '@'), '.') != NULL;
}

static int gather_more(struct search *s, struct err *e)
{
    bool number = s->text.digits != NULL && s->list.count > 0;
    bool several = s->text.word_count > 1 && s->text.digits == NULL;
    if (s->few) { /* they are compared one by one */
        return (several && by_links(s, e) != 0) ||
                       search_add(s, s->seen, s->seen_count, false, RANK_PART, e) != 0
                   ? -1
                   : 0;
    }
    if (several && !is_enough(s) && (s->spec->whole || !is_named(s)) && by_links(s, e) != 0) {
        return -1;
    }
    bool done = is_enough(s) || number || is_address_found(s) || is_whole_address(&s->text) ||
                (s->list.count > 0 && is_late(s));
    if (done) {
        return 0;
    }
    if (!several && !is_compound(&s->text) && s->text.digits == NULL && by_links(s, e) != 0) {
        return -1;
    }
    return is_enough(s) ? 0 : by_parts(s, e);
}

/* Whether the word alone finds something as it stands. */
int search_knows(struct search *s, const struct search_word *word, bool *out, struct err *e)
{
    const struct search_spec any = {.limit = 1};
    struct search one = *s;
    const struct pass p = {{.table = SEARCH_WORDS}, true, RANK_FIELD, 1};
    const struct pass texts = {{.table = SEARCH_TEXTS, .narrow = s->narrow}, true, RANK_TEXT, 1};
    bool full;
    one.spec = &any;
    one.text = (struct search_text){.folded = word->forms[0], .key = word->forms[0],
                                    .words = {*word}, .word_count = 1};
    one.text.words[0].whole = true;
    one.list = (struct search_list){0};
    int rc = run_pass(&one, &p, &full, e);
    if (rc == 0 && one.list.count == 0) {
        rc = run_pass(&one, &texts, &full, e);
    }
    *out = one.list.count > 0;
    return rc;
}

int search_gather(struct search *s, struct err *e)
{
    s->list = (struct search_list){0};
    if (s->text.word_count == 0 && s->text.digits == NULL) {
        return 0;
    }
    if (add_handles(s, HANDLE_EMAIL, s->text.email, e) != 0 ||
        add_handles(s, HANDLE_DOMAIN, s->text.domain, e) != 0 || gather_words(s, e) != 0 ||
        (s->who->shared && !s->few && search_shared(s, e) != 0)) {
        return -1;
    }
    if (!s->text.exact && (search_tags(s, is_enough(s), e) != 0 || gather_more(s, e) != 0)) {
        return -1;
    }
    return prove(s, e);
}

static int take_hits(struct search *s, struct search_result *out, struct err *e)
{
    size_t all = s->list.count < SEARCH_RANKED ? s->list.count : SEARCH_RANKED;
    size_t from = s->spec->offset < all ? s->spec->offset : all;
    size_t to = all - from < s->spec->limit ? all : from + s->spec->limit;
    if (to > from && search_read_rows(s, from, to, e) != 0) {
        return -1;
    }
    out->hits = ARENA_ARRAY(s->arena, struct search_hit, to - from);
    for (size_t i = from; i < to; i++) {
        const struct candidate *c = &s->list.items[i];
        out->hits[out->count++] = (struct search_hit){
            c->id, c->entity, c->title, c->says.snippet, c->says.about, c->ended, c->picture};
    }
    out->total = s->list.count;
    return 0;
}

static int by_count(const void *a, const void *b)
{
    const struct search_kind *x = a, *y = b;
    return x->count != y->count ? (x->count > y->count ? -1 : 1) : 0;
}

static void count_kinds(struct search *s, struct search_result *out)
{
    const struct model *m = s->who->model;
    out->kinds = ARENA_ARRAY(s->arena, struct search_kind, m->entity_count);
    for (size_t i = 0; i < m->entity_count; i++) {
        size_t n = count_of(s, m->entities[i]);
        out->more = out->more || s->open[i] > 0;
        if (n > 0) {
            out->kinds[out->kind_count++] =
                (struct search_kind){m->entities[i], n, s->open[i] > 0};
        }
    }
    qsort(out->kinds, out->kind_count, sizeof(*out->kinds), by_count);
}

/* Entities by their id in the database. */
static void index_entities(struct search *s)
{
    const struct model *m = s->who->model;
    for (size_t i = 0; i < m->entity_count; i++) {
        s->id_max = m->entities[i]->id > s->id_max ? m->entities[i]->id : s->id_max;
    }
    s->by_id = ARENA_ARRAY(s->arena, const struct entity *, (size_t)s->id_max + 1);
    for (size_t i = 0; i < m->entity_count; i++) {
        if (m->entities[i]->id > 0) {
            s->by_id[m->entities[i]->id] = m->entities[i];
        }
    }
}

int search_find(struct db *db, const struct who *who, const struct search_spec *spec,
                struct arena *a, struct search_result *out, struct err *e)
{
    struct search s = {.db = db, .who = who, .spec = spec, .arena = a, .begun_us = clock_thread_us()};
    *out = (struct search_result){0};
    search_read(&s.text, spec->text, a);
    s.queries = ARENA_ARRAY(a, struct hits_query, who->model->entity_count);
    s.open = ARENA_ARRAY(a, size_t, who->model->entity_count);
    index_entities(&s);
    if (search_narrow(&s, e) != 0 || search_gather(&s, e) != 0 || take_hits(&s, out, e) != 0) {
        return -1;
    }
    count_kinds(&s, out);
    if (spec->suggest && out->total < FEW && search_suggest(&s, out, e) != 0) {
        return -1;
    }
    return 0;
}
