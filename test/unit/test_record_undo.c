/* Taking back: undo with what is kept, restore, trash, bulk changes. Every write runs as a dry run
 * first (firm.h). */
#include "firm.h"

#include <string.h>

#include "base/clock.h"
#include "store/jobs.h"

static struct firm firm;
static struct firm *f = &firm;

static const char FIELDS_YAML[] = "company:\n"
                                  "  fields:\n"
                                  "    code: {type: text, unique: true}\n"
                                  "    size: {type: integer, min: 0, max: 100}\n";
static const char *const FILES[] = {"fields.yaml", FIELDS_YAML, NULL};
static const char WATCHED_YAML[] = "deal:\n"
                                   "  fields:\n"
                                   "    approval:\n"
                                   "      type: text\n"
                                   "      required: {if: 'company.open_value > 250'}\n";
static const char *const WATCHED[] = {"fields.yaml", WATCHED_YAML, NULL};

static int setup(void **state)
{
    (void)state;
    firm_open(f, FILES);
    return 0;
}

static int setup_watched(void **state)
{
    (void)state;
    firm_open(f, WATCHED);
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

static enum err_code code_of(const struct person *who, const char *entity, int64_t id)
{
    enum err_code code;
    firm_get(f, who, entity, id, &code);
    return code;
}

/* ---- undo ------------------------------------------------------------------------------------ */

static void undo__takes_an_edit_back(void **state)
{
    (void)state;
    int64_t id = firm_create(f, &f->ann, "company", "{\"name\":\"Acme\",\"city\":\"Bonn\"}");
    int64_t change =
        firm_update(f, &f->ann, "company", id, "{\"city\":\"Kiel\",\"industry\":\"Solar\"}");
    struct result r = firm_undo(f, &f->ann, change);
    assert_int_equal(r.code, ERR_NONE);
    assert_string_equal(text(r.body, "undone"), "1");
    assert_int_equal(json_find(r.body, "kept")->count, 0);
    const struct json *j = firm_get(f, &f->ann, "company", id, NULL);
    assert_string_equal(text(j, "city"), "Bonn");
    assert_string_equal(text(j, "industry"), "");
    struct result again = firm_undo(f, &f->ann, change);
    assert_int_equal(again.code, ERR_CONFLICT);
    assert_string_equal(again.text,
                        arena_printf(&f->arena, "Change %lld is undone already by change %lld.",
                                     (long long)change, (long long)r.change));
    r = firm_undo(f, &f->ann, r.change);
    assert_int_equal(r.code, ERR_NONE);
    assert_string_equal(text(firm_get(f, &f->ann, "company", id, NULL), "city"), "Kiel");
    r = firm_undo(f, &f->ann, change);
    assert_int_equal(r.code, ERR_NONE);
    assert_string_equal(text(firm_get(f, &f->ann, "company", id, NULL), "city"), "Bonn");
}

static void undo__keeps_what_was_changed_since(void **state)
{
    (void)state;
    int64_t id = firm_create(f, &f->ann, "company", "{\"name\":\"Acme\",\"city\":\"Bonn\"}");
    int64_t change =
        firm_update(f, &f->ann, "company", id, "{\"city\":\"Kiel\",\"industry\":\"Solar\"}");
    firm_update(f, &f->ann, "company", id, "{\"city\":\"Ulm\"}");
    struct result r = firm_undo(f, &f->ann, change);
    assert_string_equal(text(r.body, "kept.0.id"), number(id));
    assert_string_equal(text(r.body, "kept.0.title"), "Acme");
    assert_string_equal(text(r.body, "kept.0.fields.0"), "city");
    const struct json *j = firm_get(f, &f->ann, "company", id, NULL);
    assert_string_equal(text(j, "city"), "Ulm");
    assert_string_equal(text(j, "industry"), "");
}

static void undo__of_creating_and_deleting(void **state)
{
    (void)state;
    struct result made = firm_do(f, &f->ann, WRITE_CREATE, "company", 0, 0, "{\"name\":\"Acme\"}");
    struct result r = firm_undo(f, &f->ann, made.change);
    assert_int_equal(r.code, ERR_NONE);
    assert_int_equal(code_of(&f->ann, "company", made.id), ERR_NOT_FOUND);
    r = firm_undo(f, &f->ann, r.change);
    assert_int_equal(r.code, ERR_NONE);
    assert_int_equal(code_of(&f->ann, "company", made.id), ERR_NONE);
    r = firm_do(f, &f->ann, WRITE_TRASH, "company", made.id, 0, NULL);
    assert_int_equal(r.code, ERR_NONE);
    r = firm_undo(f, &f->ann, r.change);
    assert_int_equal(r.code, ERR_NONE);
    assert_int_equal(code_of(&f->ann, "company", made.id), ERR_NONE);
}

static void undo__needs_the_right_to_every_record(void **state)
{
    (void)state;
    int64_t mine = firm_create(f, &f->ann, "company", "{\"name\":\"Acme\"}");
    int64_t other = firm_create(f, &f->ann, "company", "{\"name\":\"Bolt\"}");
    struct result bulk =
        firm_do(f, &f->ann, WRITE_BULK, "company", 0, 0,
                arena_printf(&f->arena, "{\"ids\":[%lld,%lld],\"set\":{\"city\":\"Kiel\"}}",
                             (long long)mine, (long long)other));
    assert_string_equal(text(bulk.body, "changed"), "2");
    firm_update(f, &f->admin, "company", other,
                arena_printf(&f->arena, "{\"owner\":%lld}", (long long)f->bob.id));
    struct result r = firm_undo(f, &f->ann, bulk.change);
    assert_int_equal(r.code, ERR_FORBIDDEN);
    assert_null(strstr(r.text, "Bolt"));
    assert_string_equal(text(firm_get(f, &f->ann, "company", mine, NULL), "city"), "Kiel");
    r = firm_undo(f, &f->reader, bulk.change);
    assert_int_equal(r.code, ERR_FORBIDDEN);
    r = firm_undo(f, &f->admin, bulk.change);
    assert_int_equal(r.code, ERR_NONE);
    assert_string_equal(text(r.body, "undone"), "2");
    r = firm_undo(f, &f->admin, 999999);
    assert_int_equal(r.code, ERR_NOT_FOUND);
}

static void undo__leaves_the_configuration(void **state)
{
    (void)state;
    struct result r = firm_undo(f, &f->admin, 1);
    assert_int_equal(r.code, ERR_CONFLICT);
    assert_non_null(strstr(r.text, "configuration"));
}

static void undo__says_when_a_unique_value_is_taken(void **state)
{
    (void)state;
    int64_t id = firm_create(f, &f->ann, "company", "{\"name\":\"Acme\",\"code\":\"A\"}");
    struct result gone = firm_do(f, &f->ann, WRITE_TRASH, "company", id, 0, NULL);
    firm_create(f, &f->ann, "company", "{\"name\":\"Bolt\",\"code\":\"a\"}");
    struct result r = firm_undo(f, &f->ann, gone.change);
    assert_int_equal(r.code, 0);
    assert_string_equal(text(r.body, "undone"), "0");
    const struct json *kept = json_find(r.body, "kept")->child;
    assert_string_equal(json_text(kept, "text"), "Another Company has this Code already.");
    assert_string_equal(json_find(kept, "fields")->child->text, "code");
    r = firm_do(f, &f->ann, WRITE_RESTORE, "company", id, 0, "{}");
    assert_int_equal(r.code, ERR_CONFLICT);
    assert_int_equal(code_of(&f->ann, "company", id), ERR_NOT_FOUND);
}

static void undo__recomputes_what_follows(void **state)
{
    (void)state;
    int64_t acme = firm_create(f, &f->ann, "company", "{\"name\":\"Acme\"}");
    int64_t deal =
        firm_create(f, &f->ann, "deal",
                    arena_printf(&f->arena, "{\"name\":\"Roof\",\"amount\":100,\"company\":%lld}",
                                 (long long)acme));
    int64_t change = firm_update(f, &f->ann, "deal", deal, "{\"stage\":\"won\"}");
    assert_string_equal(text(firm_get(f, &f->ann, "company", acme, NULL), "open_value.value"),
                        "0.00");
    firm_undo(f, &f->ann, change);
    const struct json *j = firm_get(f, &f->ann, "deal", deal, NULL);
    assert_string_equal(text(j, "stage"), "enquiry");
    assert_string_equal(text(j, "percent"), "10.00");
    assert_string_equal(text(j, "won_at"), "");
    assert_string_equal(text(firm_get(f, &f->ann, "company", acme, NULL), "open_value.value"),
                        "100.00");
}

/* ---- restore --------------------------------------------------------------------------------- */

static void restore__takes_out_of_the_trash(void **state)
{
    (void)state;
    int64_t acme = firm_create(f, &f->ann, "company", "{\"name\":\"Acme\"}");
    int64_t lee = firm_create(
        f, &f->ann, "contact",
        arena_printf(&f->arena, "{\"last_name\":\"Lee\",\"company\":%lld}", (long long)acme));
    firm_do(f, &f->ann, WRITE_TRASH, "company", acme, 0, NULL);
    struct result r = firm_do(f, &f->reader, WRITE_RESTORE, "company", acme, 0, "{}");
    assert_int_equal(r.code, ERR_FORBIDDEN);
    r = firm_do(f, &f->lead, WRITE_RESTORE, "company", 999999, 0, "{}");
    assert_int_equal(r.code, ERR_NOT_FOUND);
    r = firm_do(f, &f->ann, WRITE_RESTORE, "company", acme, 0, "{}");
    assert_int_equal(r.code, ERR_NONE);
    assert_string_equal(text(r.body, "name"), "Acme");
    assert_string_equal(text(firm_get(f, &f->ann, "contact", lee, NULL), "company.title"), "Acme");
}

static void restore__gives_one_value_back(void **state)
{
    (void)state;
    int64_t id = firm_create(
        f, &f->ann, "company",
        "{\"name\":\"Acme\",\"city\":\"Bonn\",\"revenue\":{\"value\":\"5\",\"currency\":\"EUR\"}}");
    int64_t change =
        firm_update(f, &f->ann, "company", id, "{\"city\":\"Kiel\",\"revenue\":\"7\"}");
    firm_update(f, &f->ann, "company", id, "{\"city\":\"Ulm\"}");
    const char *json =
        arena_printf(&f->arena, "{\"change\":%lld,\"field\":\"city\"}", (long long)change);
    struct result r = firm_do(f, &f->ann, WRITE_RESTORE, "company", id, 0, json);
    assert_int_equal(r.code, ERR_NONE);
    assert_string_equal(text(r.body, "city"), "Bonn");
    assert_string_equal(text(r.body, "revenue.value"), "7.00");
    json = arena_printf(&f->arena, "{\"change\":%lld,\"field\":\"revenue\"}", (long long)change);
    r = firm_do(f, &f->ann, WRITE_RESTORE, "company", id, 0, json);
    assert_string_equal(text(r.body, "revenue.value"), "5.00");
    r = firm_do(f, &f->bob, WRITE_RESTORE, "company", id, 0, json);
    assert_int_equal(r.code, ERR_FORBIDDEN);
    r = firm_do(f, &f->ann, WRITE_RESTORE, "company", id, 0, "{\"change\":1,\"field\":\"city\"}");
    assert_int_equal(r.code, ERR_NOT_FOUND);
    r = firm_do(f, &f->ann, WRITE_RESTORE, "company", id, 0, "{\"change\":1,\"field\":\"town\"}");
    assert_int_equal(r.code, ERR_MALFORMED);
}

static void restore__goes_back_to_a_moment(void **state)
{
    (void)state;
    int64_t id = firm_create(f, &f->ann, "company", "{\"name\":\"Acme\",\"city\":\"Bonn\"}");
    int64_t change = firm_update(f, &f->ann, "company", id, "{\"city\":\"Kiel\"}");
    firm_update(f, &f->ann, "company", id, "{\"city\":\"Ulm\",\"industry\":\"Solar\"}");
    struct result r = firm_do(f, &f->ann, WRITE_RESTORE, "company", id, 0,
                              arena_printf(&f->arena, "{\"at\":\"cs:%lld\"}", (long long)change));
    assert_int_equal(r.code, ERR_NONE);
    assert_string_equal(text(r.body, "city"), "Kiel");
    assert_string_equal(text(r.body, "industry"), "");
    r = firm_do(f, &f->ann, WRITE_RESTORE, "company", id, 0, "{\"at\":\"1999-01-01\"}");
    assert_int_equal(r.code, ERR_INVALID);
}

/* ---- bulk ------------------------------------------------------------------------------------ */

static void bulk__skips_what_it_may_not(void **state)
{
    (void)state;
    int64_t a = firm_create(f, &f->ann, "company", "{\"name\":\"Acme\"}");
    int64_t b = firm_create(f, &f->bob, "company", "{\"name\":\"Bolt\"}");
    const char *json =
        arena_printf(&f->arena, "{\"ids\":[%lld,%lld,999999],\"set\":{\"city\":\"Kiel\"}}",
                     (long long)a, (long long)b);
    struct result r = firm_do(f, &f->ann, WRITE_BULK, "company", 0, 0, json);
    assert_int_equal(r.code, ERR_NONE);
    assert_string_equal(text(r.body, "changed"), "1");
    assert_string_equal(text(r.body, "change"), number(r.change));
    assert_int_equal(json_find(r.body, "errors")->count, 2);
    assert_string_equal(text(r.body, "errors.0.text"), "You may not edit this company.");
    assert_string_equal(text(r.body, "errors.1.text"), "There is no company with the id 999999.");
    r = firm_do(f, &f->lead, WRITE_BULK, "company", 0, 0, json);
    assert_string_equal(
        text(r.body, "errors.0.text"),
        arena_printf(&f->arena, "There is no company with the id %lld.", (long long)b));
}

static void bulk__takes_a_filter_and_validates_each(void **state)
{
    (void)state;
    firm_create(f, &f->ann, "deal", "{\"name\":\"One\",\"amount\":1}");
    firm_create(f, &f->ann, "deal", "{\"name\":\"Two\",\"amount\":2,\"lost_reason\":\"price\"}");
    firm_create(f, &f->bob, "deal", "{\"name\":\"Three\",\"amount\":2}");
    struct result r = firm_do(f, &f->ann, WRITE_BULK, "deal", 0, 0,
                              "{\"filter\":\"amount > 0\",\"set\":{\"stage\":\"lost\"}}");
    assert_int_equal(r.code, ERR_NONE);
    assert_string_equal(text(r.body, "changed"), "1");
    assert_int_equal(json_find(r.body, "errors")->count, 1);
    assert_string_equal(text(r.body, "errors.0.where"), "deal.lost_reason");
    r = firm_do(f, &f->ann, WRITE_BULK, "deal", 0, 0, "{\"filter\":\"amout > 0\",\"delete\":true}");
    assert_int_equal(r.code, ERR_MALFORMED);
    r = firm_do(f, &f->ann, WRITE_BULK, "deal", 0, 0,
                "{\"all\":true,\"set\":{\"amount\":\"x\"}}");
    assert_int_equal(r.code, ERR_INVALID);
    r = firm_do(f, &f->ann, WRITE_BULK, "deal", 0, 0, "{\"all\":true,\"delete\":true}");
    assert_string_equal(text(r.body, "changed"), "2");
    r = firm_do(f, &f->ann, WRITE_BULK, "deal", 0, 0, "{\"all\":true,\"restore\":true}");
    assert_string_equal(text(r.body, "changed"), "2");
    r = firm_do(f, &f->reader, WRITE_BULK, "deal", 0, 0, "{\"all\":true,\"delete\":true}");
    assert_int_equal(r.code, ERR_FORBIDDEN);
    r = firm_do(f, &f->ann, WRITE_BULK, "deal", 0, 0, "{\"all\":true}");
    assert_int_equal(r.code, ERR_MALFORMED);
}

/* ---- roll-ups -------------------------------------------------------------------------------- */

static int64_t company_with_deals(int count, const char *amount)
{
    int64_t company = firm_create(f, &f->ann, "company", "{\"name\":\"Acme\"}");
    for (int i = 0; i < count; i++) {
        firm_create(f, &f->ann, "deal",
                    arena_printf(&f->arena, "{\"name\":\"Roof\",\"amount\":%s,\"company\":%lld}",
                                 amount, (long long)company));
    }
    return company;
}

static int64_t rollups(void)
{
    struct store_figures figures;
    store_figures(f->store, &figures);
    return figures.rollups;
}

static const char *open_value(int64_t company)
{
    return text(firm_get(f, &f->ann, "company", company, NULL), "open_value.value");
}

static void rollup__is_computed_once_for_many_children(void **state)
{
    (void)state;
    int64_t company = company_with_deals(20, "10");
    int64_t before = rollups();
    struct result r = firm_do(f, &f->ann, WRITE_BULK, "deal", 0, 0,
                              "{\"all\":true,\"set\":{\"amount\":5}}");
    assert_string_equal(text(r.body, "changed"), "20");
    assert_int_equal(rollups() - before, 2); /* the dry run and the real one */
    assert_string_equal(open_value(company), "100.00");
    before = rollups();
    r = firm_undo(f, &f->ann, r.change);
    assert_string_equal(text(r.body, "undone"), "20");
    assert_int_equal(rollups() - before, 2);
    assert_string_equal(open_value(company), "200.00");
    assert_string_equal(text(firm_get(f, &f->ann, "company", company, NULL), "version"), "1");
}

/* What reads the sum while the set is open sees it as it is by then, also after a record that was
 * taken back. */
static void rollup__is_there_for_the_next_record(void **state)
{
    (void)state;
    int64_t company = company_with_deals(4, "0");
    struct result r = firm_do(f, &f->ann, WRITE_BULK, "deal", 0, 0,
                              "{\"all\":true,\"set\":{\"amount\":100}}");
    assert_int_equal(r.code, ERR_NONE);
    assert_string_equal(text(r.body, "changed"), "2");
    assert_int_equal(json_find(r.body, "errors")->count, 2);
    assert_string_equal(text(r.body, "errors.0.where"), "deal.approval");
    assert_string_equal(open_value(company), "200.00");
    firm_undo(f, &f->ann, r.change);
    assert_string_equal(open_value(company), "0.00");
}

/* ---- long writes ----------------------------------------------------------------------------- */

#define MANY 1203

static int create_many(struct ctx *c, void *params)
{
    (void)params;
    const struct entity *e = model_entity_find(c->model, "company");
    for (int i = 0; i < MANY; i++) {
        struct field_set *set = field_set_new(c->arena, e);
        struct record *r = NULL;
        struct value name = value_text(arena_printf(c->arena, "Company %04d", i));
        field_set_put(set, e, entity_field_find(e, "name"), &name);
        if (record_insert_in(c, e, set, &r) != 0) {
            return -1;
        }
    }
    return 0;
}

static void long_write__is_one_change_and_undone_whole(void **state)
{
    (void)state;
    struct ctx c;
    firm_begin(f, &c, &f->ann);
    assert_int_equal(ctx_write(&c, create_many, NULL), 0);
    ctx_end(&c);
    struct result r = firm_do(f, &f->ann, WRITE_BULK, "company", 0, 0,
                              "{\"all\":true,\"set\":{\"city\":\"Kiel\"}}");
    assert_int_equal(r.code, ERR_NONE);
    assert_string_equal(text(r.body, "changed"), number(MANY));
    assert_string_equal(text(r.body, "change"), number(r.change));
    struct list_request q = {.filter = "city = \"Kiel\"", .limit = 1};
    assert_string_equal(text(firm_list(f, &f->ann, "company", &q, NULL), "count"), number(MANY));
    const struct json *first =
        json_find(firm_list(f, &f->ann, "company", &q, NULL), "items")->child;
    int64_t id = 0;
    json_int(json_find(first, "id"), &id);
    firm_update(f, &f->ann, "company", id, "{\"city\":\"Ulm\"}");
    struct result u = firm_undo(f, &f->ann, r.change);
    assert_int_equal(u.code, ERR_NONE);
    assert_string_equal(text(u.body, "undone"), number(MANY - 1));
    assert_string_equal(text(u.body, "kept.0.id"), number(id));
    assert_string_equal(text(firm_list(f, &f->ann, "company", &q, NULL), "count"), "0");
    u = firm_undo(f, &f->ann, r.change);
    assert_int_equal(u.code, ERR_CONFLICT);
}

/* Every slice reads and writes its job: many ids lie there as a short text. */
static void long_write__keeps_a_short_list_of_ids(void **state)
{
    (void)state;
    struct ctx c;
    struct job job = {0};
    struct buf body = {0};
    int64_t first = firm_create(f, &f->ann, "company", "{\"name\":\"First\"}");
    firm_begin(f, &c, &f->ann);
    assert_int_equal(ctx_write(&c, create_many, NULL), 0);
    ctx_end(&c);
    for (int64_t id = first + MANY; id >= first; id--) {
        buf_printf(&body, "%s%lld", body.size == 0 ? "{\"ids\":[" : ",", (long long)id);
    }
    buf_puts(&body, ",777777],\"set\":{\"city\":\"Kiel\"}}");
    struct result r = firm_do(f, &f->ann, WRITE_BULK, "company", 0, 0, buf_text(&body));
    assert_int_equal(r.code, ERR_NONE);
    assert_string_equal(text(r.body, "changed"), number(MANY + 1));
    assert_int_equal(json_find(r.body, "errors")->count, 1);
    firm_begin(f, &c, &f->ann);
    assert_non_null(ctx_db(&c));
    for (int64_t id = 1; job.kind == NULL || strcmp(job.kind, "bulk") != 0; id++) {
        assert_true(id < 10);
        err_clear(&c.err);
        jobs_find(c.db, id, c.arena, &job, &c.err);
    }
    assert_true(3 * strlen(job.params) < 2 * body.size); /* of ids below 10000 */
    ctx_end(&c);
    buf_done(&body);
}

/* A job as it lies there when the process ended after its beginning: root and description, nothing
 * done. */
struct beginning {
    const char *kind, *params;
    int64_t undo_of;
    struct job job;
};

static int begin_job(struct ctx *c, void *params)
{
    struct beginning *b = params;
    struct change_set root = {.actor = c->actor.user, .source = SOURCE_BULK, .undo_of = b->undo_of};
    if (change_root(c->db, &root, c->arena, &c->err) != 0) {
        return -1;
    }
    b->job = (struct job){.kind = b->kind,
                          .params = b->params,
                          .position = "{}",
                          .root = root.id,
                          .user = c->actor.user,
                          .state = JOB_WAITING,
                          .created_at = clock_now_ms()};
    return jobs_add(c->db, &b->job, &c->err);
}

/* Runs the slices of a job, each as another process would; gives how many there were. */
static int run_slices(struct beginning *b, int (*slice)(struct ctx *c, int64_t job, bool *more))
{
    struct ctx c;
    int slices = 0;
    firm_begin(f, &c, &f->ann);
    assert_int_equal(ctx_write(&c, begin_job, b), 0);
    ctx_end(&c);
    for (bool more = true; more; slices++) {
        firm_begin(f, &c, &f->ann);
        if (slice(&c, b->job.id, &more) != 0) {
            fail_msg("%s", c.err.text);
        }
        ctx_end(&c);
    }
    return slices;
}

static void long_write__goes_on_where_it_was(void **state)
{
    (void)state;
    struct ctx c;
    firm_begin(f, &c, &f->ann);
    assert_int_equal(ctx_write(&c, create_many, NULL), 0);
    ctx_end(&c);
    struct beginning bulk = {
        .kind = "bulk",
        .params =
            "{\"entity\":\"company\",\"body\":{\"all\":true,\"set\":{\"city\":\"Kiel\"}}}"};
    assert_true(run_slices(&bulk, bulk_slice) >= 3);
    struct list_request q = {.filter = "city = \"Kiel\"", .limit = 1};
    assert_string_equal(text(firm_list(f, &f->ann, "company", &q, NULL), "count"), number(MANY));
    struct beginning undo = {
        .kind = "undo",
        .params = arena_printf(&f->arena, "{\"set\":%lld}", (long long)bulk.job.root),
        .undo_of = bulk.job.root};
    assert_true(run_slices(&undo, undo_slice) >= 3);
    assert_string_equal(text(firm_list(f, &f->ann, "company", &q, NULL), "count"), "0");
    struct result r = firm_undo(f, &f->ann, bulk.job.root);
    assert_int_equal(r.code, ERR_CONFLICT);
}

static void undo__waits_for_the_end_of_a_long_write(void **state)
{
    (void)state;
    struct ctx c;
    struct beginning bulk = {
        .kind = "bulk",
        .params = "{\"entity\":\"company\",\"body\":{\"all\":true,\"set\":{\"city\":\"Kiel\"}}}"};
    struct record_result out = {0};
    firm_create(f, &f->ann, "company", "{\"name\":\"Acme\"}");
    firm_begin(f, &c, &f->ann);
    assert_int_equal(ctx_write(&c, begin_job, &bulk), 0);
    assert_int_equal(change_undo(&c, bulk.job.root, &out), -1);
    assert_int_equal(c.err.code, ERR_CONFLICT);
    err_clear(&c.err);
    c.job = bulk.job.id; /* a job that fails takes its own work back */
    assert_int_equal(change_undo(&c, bulk.job.root, &out), 0);
    ctx_end(&c);
}

static void token__of_scope_read_writes_nothing(void **state)
{
    (void)state;
    int64_t id = firm_create(f, &f->ann, "company", "{\"name\":\"Acme\"}");
    struct ctx c;
    struct record_result r = {0};
    const struct json *body = NULL;
    const struct entity *e = model_entity_find(f->model, "company");
    firm_begin(f, &c, &f->ann);
    c.actor.token = TOKEN_READ;
    assert_int_equal(json_parse(&f->arena, "{\"name\":\"X\"}", 12, &body, &c.err), 0);
    assert_int_equal(record_create(&c, e, body, &r), -1);
    assert_int_equal(c.err.code, ERR_FORBIDDEN);
    err_clear(&c.err);
    assert_int_equal(record_update(&c, e, id, 0, body, &r), -1);
    assert_int_equal(c.err.code, ERR_FORBIDDEN);
    err_clear(&c.err);
    assert_int_equal(record_trash(&c, e, id, 0, &r), -1);
    assert_int_equal(c.err.code, ERR_FORBIDDEN);
    err_clear(&c.err);
    assert_int_equal(change_undo(&c, 2, &r), -1);
    assert_int_equal(c.err.code, ERR_FORBIDDEN);
    ctx_end(&c);
}

#define FIRM_TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIRM_TEST(undo__takes_an_edit_back),
        FIRM_TEST(undo__keeps_what_was_changed_since),
        FIRM_TEST(undo__of_creating_and_deleting),
        FIRM_TEST(undo__needs_the_right_to_every_record),
        FIRM_TEST(undo__leaves_the_configuration),
        FIRM_TEST(undo__says_when_a_unique_value_is_taken),
        FIRM_TEST(undo__recomputes_what_follows),
        FIRM_TEST(restore__takes_out_of_the_trash),
        FIRM_TEST(restore__gives_one_value_back),
        FIRM_TEST(restore__goes_back_to_a_moment),
        FIRM_TEST(bulk__skips_what_it_may_not),
        FIRM_TEST(bulk__takes_a_filter_and_validates_each),
        FIRM_TEST(rollup__is_computed_once_for_many_children),
        cmocka_unit_test_setup_teardown(rollup__is_there_for_the_next_record, setup_watched,
                                        teardown),
        FIRM_TEST(long_write__is_one_change_and_undone_whole),
        FIRM_TEST(long_write__keeps_a_short_list_of_ids),
        FIRM_TEST(long_write__goes_on_where_it_was),
        FIRM_TEST(undo__waits_for_the_end_of_a_long_write),
        FIRM_TEST(token__of_scope_read_writes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
