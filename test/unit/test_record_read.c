/* Reading records: lists with filter, sort, fields, expand, groups and as-of; next steps, timeline,
 * changes, boards, trash, search. */
#include "firm.h"

#include <string.h>

#include "base/clock.h"
#include "core/build.h"

static struct firm firm;
static struct firm *f = &firm;

static const char FIELDS_YAML[] = "company:\n"
                                  "  fields:\n"
                                  "    secret: {type: text, see: [admin], edit: [admin]}\n";
static const char *const FILES[] = {"fields.yaml", FIELDS_YAML, NULL};

static int setup(void **state)
{
    (void)state;
    firm_open(f, FILES);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    firm_close(f);
    return 0;
}

static const char *text(const struct json *j, const char *path)
{
    return firm_text(f, j, path);
}

static const char *number(int64_t i)
{
    return arena_printf(&f->arena, "%lld", (long long)i);
}

/* "One,Two": a member of each item. */
static const char *each(const struct json *list, const char *path)
{
    char *all = arena_strdup(&f->arena, "");
    const struct json *items = json_find(list, "items");
    for (const struct json *i = items != NULL ? items->child : NULL; i != NULL; i = i->next) {
        all = arena_printf(&f->arena, "%s%s%s", all, *all != '\0' ? "," : "", text(i, path));
    }
    return all;
}

static const char *listed(const struct person *who, const char *entity, struct list_request q,
                          const char *path)
{
    return each(firm_list(f, who, entity, &q, NULL), path);
}

static enum err_code refused(const struct person *who, const char *entity, struct list_request q)
{
    enum err_code code;
    firm_list(f, who, entity, &q, &code);
    return code;
}

static int64_t deal(const char *name, int amount, const char *more)
{
    return firm_create(
        f, &f->ann, "deal",
        arena_printf(&f->arena, "{\"name\":\"%s\",\"amount\":%d%s}", name, amount, more));
}

/* ---- lists ----------------------------------------------------------------------------------- */

static void list__filters_sorts_and_pages(void **state)
{
    (void)state;
    deal("One", 100, "");
    deal("Two", 300, "");
    deal("Three", 200, "");
    assert_string_equal(listed(&f->ann, "deal", (struct list_request){.sort = "-amount"}, "name"),
                        "Two,Three,One");
    assert_string_equal(listed(&f->ann, "deal",
                               (struct list_request){.sort = "amount", .filter = "amount > 150"},
                               "name"),
                        "Three,Two");
    struct list_request q = {.sort = "name", .limit = 2};
    const struct json *j = firm_list(f, &f->ann, "deal", &q, NULL);
    assert_string_equal(each(j, "name"), "One,Three");
    assert_string_equal(text(j, "count"), "3");
    q.cursor = text(j, "next");
    j = firm_list(f, &f->ann, "deal", &q, NULL);
    assert_string_equal(each(j, "name"), "Two");
    assert_string_equal(text(j, "next"), "");
    assert_string_equal(text(j, "count"), "3");
    assert_int_equal(refused(&f->ann, "deal", (struct list_request){.filter = "amout > 1"}),
                     ERR_MALFORMED);
    assert_int_equal(refused(&f->ann, "deal", (struct list_request){.sort = "amout"}),
                     ERR_MALFORMED);
    assert_int_equal(refused(&f->ann, "deal", (struct list_request){.fields = "amout"}),
                     ERR_MALFORMED);
    assert_int_equal(refused(&f->ann, "deal", (struct list_request){.limit = 501}), ERR_MALFORMED);
    assert_int_equal(refused(&f->ann, "deal", (struct list_request){.cursor = "x"}), ERR_MALFORMED);
}

static void list__names_its_fields(void **state)
{
    (void)state;
    int64_t acme = firm_create(f, &f->ann, "company", "{\"name\":\"Acme\",\"city\":\"Bonn\"}");
    deal("One", 100, arena_printf(&f->arena, ",\"company\":%lld", (long long)acme));
    struct list_request q = {.fields = "amount,company", .expand = "company"};
    const struct json *one = json_find(firm_list(f, &f->ann, "deal", &q, NULL), "items")->child;
    assert_int_equal(one->count, 6);
    assert_string_equal(text(one, "version"), "1");
    assert_string_equal(text(one, "title"), "One");
    assert_string_equal(text(one, "company.title"), "Acme");
    assert_string_equal(text(one, "company.record.city"), "Bonn");
    assert_string_equal(text(one, "company.record.id"), number(acme));
    assert_string_equal(text(one, "company.record.created_by"), "");
    assert_int_equal(refused(&f->ann, "deal", (struct list_request){.expand = "amount"}),
                     ERR_MALFORMED);
}

static void list__shows_what_the_role_sees(void **state)
{
    (void)state;
    firm_create(f, &f->admin, "company", "{\"name\":\"Acme\",\"secret\":\"x\"}");
    firm_create(f, &f->bob, "company", "{\"name\":\"Bolt\"}");
    assert_string_equal(listed(&f->lead, "company", (struct list_request){0}, "name"), "Acme");
    assert_string_equal(
        text(firm_list(f, &f->lead, "company", &(struct list_request){.limit = 1}, NULL), "count"),
        "1");
    assert_string_equal(listed(&f->reader, "company", (struct list_request){0}, "name"),
                        "Acme,Bolt");
    assert_string_equal(
        listed(&f->admin, "company", (struct list_request){.filter = "secret = \"x\""}, "secret"),
        "x");
    assert_int_equal(refused(&f->ann, "company", (struct list_request){.filter = "secret = \"x\""}),
                     ERR_MALFORMED);
    assert_int_equal(refused(&f->ann, "company", (struct list_request){.sort = "secret"}),
                     ERR_MALFORMED);
    assert_int_equal(refused(&f->ann, "company", (struct list_request){.fields = "secret"}),
                     ERR_MALFORMED);
    assert_int_equal(refused(&f->ann, "company", (struct list_request){.group = "secret"}),
                     ERR_MALFORMED);
    struct ctx c;
    struct buf out = {0};
    firm_begin(f, &c, &f->ann);
    c.actor.anonymous = true;
    assert_int_equal(
        record_list(&c, model_entity_find(f->model, "company"), &(struct list_request){0}, &out),
        -1);
    assert_int_equal(c.err.code, ERR_UNAUTHENTICATED);
    ctx_end(&c);
    buf_done(&out);
}

static void list__groups_with_sums(void **state)
{
    (void)state;
    deal("One", 100, "");
    deal("Two", 300, ",\"stage\":\"proposal\"");
    deal("Three", 200, "");
    struct list_request q = {.group = "stage", .limit = 1};
    const struct json *j = firm_list(f, &f->ann, "deal", &q, NULL);
    assert_string_equal(text(j, "groups.0.value"), "enquiry");
    assert_string_equal(text(j, "groups.0.label"), "Enquiry");
    assert_string_equal(text(j, "groups.0.count"), "2");
    assert_string_equal(text(j, "groups.0.sums.amount"), "300.00");
    q.group = "owner";
    j = firm_list(f, &f->ann, "deal", &q, NULL);
    assert_string_equal(text(j, "groups.0.label"), "Ann");
    assert_string_equal(text(j, "groups.0.count"), "3");
}

static void list__looks_back(void **state)
{
    (void)state;
    int64_t acme = firm_create(f, &f->ann, "company", "{\"name\":\"Acme\",\"city\":\"Bonn\"}");
    int64_t change = firm_update(f, &f->ann, "company", acme, "{\"city\":\"Kiel\"}");
    firm_update(f, &f->ann, "company", acme, "{\"city\":\"Ulm\"}");
    firm_create(f, &f->ann, "company", "{\"name\":\"Bolt\"}");
    const char *then = arena_printf(&f->arena, "cs:%lld", (long long)change);
    assert_string_equal(listed(&f->ann, "company", (struct list_request){.as_of = then}, "city"),
                        "Kiel");
    assert_string_equal(listed(&f->ann, "company",
                               (struct list_request){.as_of = then, .filter = "city = \"Kiel\""},
                               "name"),
                        "Acme");
    assert_string_equal(listed(&f->ann, "company",
                               (struct list_request){.as_of = then, .filter = "city = \"Ulm\""},
                               "name"),
                        "");
    assert_string_equal(
        listed(&f->ann, "company", (struct list_request){.as_of = "1990-01-01"}, "name"), "");
    assert_string_equal(
        listed(&f->ann, "company", (struct list_request){.as_of = "2999-01-01"}, "name"),
        "Acme,Bolt");
    assert_int_equal(refused(&f->ann, "company", (struct list_request){.as_of = "yesterday"}),
                     ERR_MALFORMED);
}

/* ---- next steps ------------------------------------------------------------------------------ */

static void plan(int64_t record, const char *subject, int days, const char *more)
{
    char due[CLOCK_INSTANT_SIZE];
    clock_print_instant(clock_now_ms() + (int64_t)days * 86400000, due);
    firm_create(f, &f->ann, "activity",
                arena_printf(&f->arena, "{\"subject\":\"%s\",\"due\":\"%s\",\"links\":[%lld]%s}",
                             subject, due, (long long)record, more));
}

static void next_step__is_the_earliest_open_activity(void **state)
{
    (void)state;
    int64_t one = deal("One", 1, ""), two = deal("Two", 2, "");
    plan(one, "Later", 9, "");
    plan(one, "Soon", 3, "");
    plan(one, "Done", 1, ",\"done_at\":\"2026-01-01T10:00:00Z\"");
    firm_create(f, &f->ann, "activity",
                arena_printf(&f->arena,
                             "{\"subject\":\"Undated\",\"kind\":\"call\",\"links\":[%lld]}",
                             (long long)two));
    const struct json *j = firm_get(f, &f->ann, "deal", one, NULL);
    assert_string_equal(text(j, "next_step.subject"), "Soon");
    assert_string_equal(text(j, "next_step.kind"), "task");
    assert_string_equal(text(j, "idle_days"), "0");
    struct list_request q = {.fields = "next_step", .sort = "name"};
    assert_string_equal(each(firm_list(f, &f->ann, "deal", &q, NULL), "next_step.subject"),
                        "Soon,Undated");
    int64_t lee = firm_create(f, &f->ann, "contact", "{\"last_name\":\"Lee\"}");
    plan(lee, "Call Lee", 2, "");
    struct list_request contacts = {.fields = "next_step"};
    assert_string_equal(
        each(firm_list(f, &f->ann, "contact", &contacts, NULL), "next_step.subject"), "Call Lee");
    assert_string_equal(
        listed(&f->ann, "product", (struct list_request){.fields = "next_step"}, "next_step"), "");
}

static void urgency__puts_overdue_first(void **state)
{
    (void)state;
    int64_t later = deal("Later", 1, ""), overdue = deal("Overdue", 1, ""),
            today = deal("Today", 1, "");
    deal("None", 1, "");
    plan(later, "x", 9, "");
    plan(overdue, "x", -3, "");
    plan(today, "x", 0, "");
    assert_string_equal(listed(&f->ann, "deal", (struct list_request){.sort = "urgency"}, "name"),
                        "Overdue,Today,Later,None");
    struct list_request q = {.sort = "urgency", .limit = 2};
    const struct json *j = firm_list(f, &f->ann, "deal", &q, NULL);
    q.cursor = text(j, "next");
    assert_string_equal(each(firm_list(f, &f->ann, "deal", &q, NULL), "name"), "Later,None");
}

/* ---- timeline and changes -------------------------------------------------------------------- */

static const struct json *timeline(const struct person *who, const char *entity, int64_t id,
                                   const char *kinds, const char *cursor, int64_t limit)
{
    struct ctx c;
    struct buf out = {0};
    const struct json *j = NULL;
    struct err e = {0};
    firm_begin(f, &c, who);
    if (timeline_list(&c, model_entity_find(f->model, entity), id,
                      &(struct timeline_request){.kinds = kinds, .cursor = cursor, .limit = limit},
                      &out) !=
        0) {
        fail_msg("%s", c.err.text);
    }
    assert_int_equal(json_parse(&f->arena, out.data, out.size, &j, &e), 0);
    ctx_end(&c);
    buf_done(&out);
    return j;
}

static void timeline__merges_notes_work_and_changes(void **state)
{
    (void)state;
    int64_t acme = firm_create(f, &f->ann, "company", "{\"name\":\"Acme\",\"city\":\"Bonn\"}");
    int64_t one = deal("One", 1, "");
    const char *set = arena_printf(
        &f->arena, "{\"company\":%lld,\"amount\":{\"value\":\"5\",\"currency\":\"EUR\"}}",
        (long long)acme);
    firm_update(f, &f->ann, "deal", one, set);
    firm_create(f, &f->ann, "note",
                arena_printf(&f->arena, "{\"text\":\"Hello\",\"links\":[%lld]}", (long long)one));
    plan(one, "Old call", -2, ",\"kind\":\"call\",\"done_at\":\"2020-01-01T10:00:00Z\"");
    plan(one, "To do", 2, "");
    const struct json *j = timeline(&f->ann, "deal", one, NULL, NULL, 0);
    assert_string_equal(each(j, "kind"), "note,change,created,call");
    assert_string_equal(text(j, "items.0.text"), "Hello");
    assert_string_equal(text(j, "items.0.by.title"), "Ann");
    assert_string_equal(text(j, "items.1.fields.0.name"), "company");
    assert_string_equal(text(j, "items.1.fields.0.after.title"), "Acme");
    assert_string_equal(text(j, "items.1.fields.1.before.value"), "1.00");
    assert_string_equal(text(j, "items.1.fields.1.after.value"), "5.00");
    assert_string_equal(text(j, "items.3.subject"), "Old call");
    assert_string_equal(each(timeline(&f->ann, "deal", one, "call,note", NULL, 0), "kind"),
                        "note,call");
    assert_string_equal(each(timeline(&f->ann, "deal", one, "open", NULL, 0), "subject"), "To do");
    char *all = arena_strdup(&f->arena, "");
    const char *cursor = NULL;
    do {
        j = timeline(&f->ann, "deal", one, NULL, cursor, 1);
        all = arena_printf(&f->arena, "%s %s", all, each(j, "kind"));
        cursor = text(j, "next");
    } while (*cursor != '\0');
    assert_string_equal(all, " note change created call");
    struct ctx c;
    struct buf out = {0};
    firm_begin(f, &c, &f->ann);
    assert_int_equal(
        timeline_list(&c, model_entity_find(f->model, "deal"), 999999,
                      &(struct timeline_request){0}, &out), -1);
    assert_int_equal(c.err.code, ERR_NOT_FOUND);
    ctx_end(&c);
}

/* Of any number of entries the newest are found from the record's side, by the index of references
 * alone, and in the order of their ids: nothing is sorted. */
static void timeline__reads_entries_by_an_index_in_order(void **state)
{
    (void)state;
    int64_t targets[] = {deal("One", 1, ""), deal("Two", 1, "")};
    const struct entity *note = model_entity_find(f->model, "note");
    for (size_t count = 1; count <= COUNT(targets); count++) {
        struct ctx c;
        const char *sql = NULL, *plan = NULL;
        firm_begin(f, &c, &f->ann);
        struct list_spec spec = {
            .entity = note,
            .action = ACTION_SEE,
            .filter = build_any_of(&f->arena, note->story.records, targets, count),
            .sort = {{.field = entity_field_find(note, "id"), .descending = true}},
            .sort_count = 1,
            .limit = 50};
        struct who who = ctx_who(&c);
        assert_non_null(ctx_db(&c));
        assert_int_equal(query_explain(c.db, &who, &spec, &f->arena, &sql, &plan, &c.err), 0);
        assert_non_null(strstr(plan, "COVERING INDEX ref_target"));
        assert_non_null(strstr(plan, "USING INTEGER PRIMARY KEY"));
        assert_null(strstr(plan, "SCAN t0"));
        assert_null(strstr(plan, "TEMP B-TREE FOR ORDER"));
        ctx_end(&c);
    }
}

static const struct json *changes(const struct person *who, bool mine, const char *cursor,
                                  int64_t limit, const char *entity, int64_t record)
{
    struct ctx c;
    struct buf out = {0};
    const struct json *j = NULL;
    struct err e = {0};
    firm_begin(f, &c, who);
    const struct entity *of = entity != NULL ? model_entity_find(f->model, entity) : NULL;
    if (changes_list(&c, 0, cursor, mine, of, record, limit, &out) != 0) {
        fail_msg("%s", c.err.text);
    }
    assert_int_equal(json_parse(&f->arena, out.data, out.size, &j, &e), 0);
    ctx_end(&c);
    buf_done(&out);
    return j;
}

static void changes__are_named_and_guarded(void **state)
{
    (void)state;
    int64_t acme = firm_create(f, &f->ann, "company", "{\"name\":\"Acme\"}");
    int64_t change =
        firm_update(f, &f->ann, "company", acme, "{\"city\":\"Kiel\",\"industry\":\"Solar\"}");
    firm_create(f, &f->bob, "company", "{\"name\":\"South Sea\"}");
    struct result r = firm_undo(f, &f->ann, change);
    const struct json *j = changes(&f->admin, false, NULL, 4, NULL, 0);
    assert_string_equal(each(j, "by.title"), "Ann,Bob,Ann,Ann");
    assert_string_equal(text(j, "items.0.undo_of"), number(change));
    assert_string_equal(text(j, "items.0.source"), "undo");
    assert_string_equal(text(j, "items.1.summary"), "Company South Sea: created");
    assert_string_equal(text(j, "items.2.undone_by"), number(r.change));
    assert_string_equal(text(j, "items.2.summary"), "Company Acme: Industry, City");
    assert_string_equal(text(j, "items.2.record.title"), "Acme");
    assert_string_not_equal(text(j, "next"), "");
    j = changes(&f->lead, false, NULL, 4, NULL, 0);
    for (const struct json *i = json_find(j, "items")->child; i != NULL; i = i->next) {
        assert_string_not_equal(text(i, "record.title"), "South Sea");
    }
    assert_string_equal(each(changes(&f->bob, true, NULL, 0, NULL, 0), "summary"),
                        "Company South Sea: created");
    assert_string_equal(each(changes(&f->ann, false, NULL, 0, "company", acme), "by.title"),
                        "Ann,Ann,Ann");
    j = changes(&f->ann, false, NULL, 2, "company", acme);
    assert_string_equal(
        each(changes(&f->ann, false, text(j, "next"), 2, "company", acme), "summary"),
        "Company Acme: created");
}

/* ---- boards, trash, search ------------------------------------------------------------------- */

static const struct json *board(const struct person *who, const char *filter, const char *as_of)
{
    struct ctx c;
    struct buf out = {0};
    const struct json *j = NULL;
    struct err e = {0};
    firm_begin(f, &c, who);
    if (board_print(&c, &f->model->pipelines[0], filter, as_of, &out) != 0) {
        fail_msg("%s", c.err.text);
    }
    assert_int_equal(json_parse(&f->arena, out.data, out.size, &j, &e), 0);
    ctx_end(&c);
    buf_done(&out);
    return j;
}

static void board__sums_and_weighs(void **state)
{
    (void)state;
    deal("One", 100, "");
    int64_t two = deal("Two", 301, ",\"percent\":\"12.5\"");
    const struct json *j = board(&f->ann, NULL, NULL);
    assert_string_equal(text(j, "stages.0.id"), "enquiry");
    assert_string_equal(text(j, "stages.0.count"), "2");
    assert_string_equal(text(j, "stages.0.sum.value"), "401.00");
    assert_string_equal(text(j, "stages.0.sum.currency"), "EUR");
    assert_string_equal(text(j, "stages.0.weighted.value"), "47.63");
    assert_string_equal(text(j, "stages.1.count"), "0");
    int64_t change = firm_update(f, &f->ann, "deal", two, "{\"stage\":\"proposal\"}");
    assert_string_equal(text(board(&f->ann, "amount > 300", NULL), "stages.0.count"), "0");
    const char *then = arena_printf(&f->arena, "cs:%lld", (long long)change - 1);
    assert_string_equal(text(board(&f->ann, NULL, then), "stages.0.count"), "2");
    assert_string_equal(text(board(&f->ann, NULL, "1990-01-01"), "stages.0.count"), "0");
    assert_string_equal(text(board(&f->lead, NULL, NULL), "stages.0.count"), "1");
}

static void trash__lists_all_entities(void **state)
{
    (void)state;
    int64_t acme = firm_create(f, &f->ann, "company", "{\"name\":\"Acme\"}");
    int64_t sea = firm_create(f, &f->bob, "company", "{\"name\":\"South Sea\"}");
    int64_t one = deal("One", 1, "");
    firm_do(f, &f->ann, WRITE_TRASH, "company", acme, 0, NULL);
    firm_do(f, &f->bob, WRITE_TRASH, "company", sea, 0, NULL);
    firm_do(f, &f->ann, WRITE_TRASH, "deal", one, 0, NULL);
    char *all = arena_strdup(&f->arena, "");
    const char *cursor = NULL;
    do {
        struct ctx c;
        struct buf out = {0};
        const struct json *j = NULL;
        struct err e = {0};
        firm_begin(f, &c, &f->lead);
        assert_int_equal(trash_list(&c, NULL, cursor, 1, false, &out), 0);
        assert_int_equal(json_parse(&f->arena, out.data, out.size, &j, &e), 0);
        all = arena_printf(&f->arena, "%s %s:%s", all, each(j, "entity"), each(j, "title"));
        assert_string_equal(each(j, "deleted_by.title"), "Ann");
        cursor = text(j, "next");
        ctx_end(&c);
        buf_done(&out);
    } while (*cursor != '\0');
    assert_string_equal(all, " deal:One company:Acme");
    assert_string_equal(
        listed(&f->ann, "company", (struct list_request){.trash = true, .sort = "title"}, "title"),
        "Acme,South Sea");
    assert_string_equal(listed(&f->ann, "company", (struct list_request){0}, "title"), "");
}

static int64_t trash_queries(int64_t limit, const struct json **items)
{
    struct ctx c;
    struct buf out = {0};
    struct err e = {0};
    firm_begin(f, &c, &f->ann);
    assert_int_equal(trash_list(&c, NULL, NULL, limit, false, &out), 0);
    ctx_release(&c);
    assert_int_equal(json_parse(&f->arena, out.data, out.size, items, &e), 0);
    int64_t queries = c.cost.queries;
    ctx_end(&c);
    buf_done(&out);
    return queries;
}

static void trash__asks_for_a_page_at_once_what_may_be_restored(void **state)
{
    (void)state;
    const struct json *one = NULL, *all = NULL;
    for (int i = 0; i < 6; i++) {
        struct person *who = i % 2 == 0 ? &f->ann : &f->bob;
        int64_t id = firm_create(
            f, who, "company", arena_printf(&f->arena, "{\"name\":\"Firm %d\"}", i));
        firm_do(f, who, WRITE_TRASH, "company", id, 0, NULL);
    }
    int64_t queries = trash_queries(1, &one);
    assert_true(trash_queries(6, &all) <= queries);
    assert_true(queries > 0);
    assert_string_equal(each(all, "restorable"), "false,true,false,true,false,true");
}

static void search__finds_what_is_visible(void **state)
{
    (void)state;
    firm_create(f, &f->ann, "company", "{\"name\":\"Acme Solar\"}");
    firm_create(f, &f->bob, "company", "{\"name\":\"South Solar\"}");
    struct ctx c;
    struct buf out = {0};
    const struct json *j = NULL;
    struct err e = {0};
    firm_begin(f, &c, &f->lead);
    struct search_wish wish = {.q = "solar", .kind = "company"};
    assert_int_equal(search_print(&c, &wish, &out), 0);
    assert_int_equal(json_parse(&f->arena, out.data, out.size, &j, &e), 0);
    assert_string_equal(each(j, "title"), "Acme Solar");
    buf_clear(&out);
    wish.kind = "planet";
    assert_int_equal(search_print(&c, &wish, &out), -1);
    assert_int_equal(c.err.code, ERR_MALFORMED);
    buf_done(&out);
    ctx_end(&c);
}

/* Nobody is not the system: even a query that was not asked to refuse him finds nothing. */
static void nobody__has_no_right_to_anything(void **state)
{
    (void)state;
    struct ctx c;
    const struct actor nobody = {.anonymous = true};
    const struct entity *e = model_entity_find(f->model, "company");
    const struct list_spec spec = {.entity = e, .action = ACTION_SEE};
    int64_t count = -1;
    bool more = false;
    firm_create(f, &f->admin, "company", "{\"name\":\"Acme\"}");
    ctx_begin(&c, &f->arena, f->store, f->model, &nobody);
    assert_non_null(c.actor.role);
    c.actor.role = NULL; /* whoever forgets it */
    struct who who = ctx_who(&c);
    assert_int_equal(query_count(ctx_db(&c), &who, &spec, 10, &count, &more, &c.err), 0);
    assert_int_equal(count, 0);
    assert_false(role_sees(f->model->nobody, entity_field_find(e, "name")));
    ctx_end(&c);
}

#define FIRM_TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIRM_TEST(nobody__has_no_right_to_anything),
        FIRM_TEST(list__filters_sorts_and_pages),
        FIRM_TEST(list__names_its_fields),
        FIRM_TEST(list__shows_what_the_role_sees),
        FIRM_TEST(list__groups_with_sums),
        FIRM_TEST(list__looks_back),
        FIRM_TEST(next_step__is_the_earliest_open_activity),
        FIRM_TEST(urgency__puts_overdue_first),
        FIRM_TEST(timeline__reads_entries_by_an_index_in_order),
        FIRM_TEST(timeline__merges_notes_work_and_changes),
        FIRM_TEST(changes__are_named_and_guarded),
        FIRM_TEST(board__sums_and_weighs),
        FIRM_TEST(trash__lists_all_entities),
        FIRM_TEST(trash__asks_for_a_page_at_once_what_may_be_restored),
        FIRM_TEST(search__finds_what_is_visible),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
