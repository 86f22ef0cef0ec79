/* Records: creating, changing, validation, defaults, pipelines, links, users. Every write runs as a
 * dry run first (firm.h). */
#include "firm.h"

#include <string.h>

#include "store/accounts.h"

static struct firm firm;
static struct firm *f = &firm;

static const char FIELDS_YAML[] =
    "deal:\n"
    "  fields:\n"
    "    budget: {type: money, readonly: {if: 'stage.kind = \"won\"'}}\n"
    "    visits: {type: integer, min: 0, max: 9}\n"
    "    reason: {type: text, required: {if: 'amount > 10000'}}\n"
    "contact:\n"
    "  fields:\n"
    "    badge: {type: text, unique: true}\n"
    "    secret: {type: text, see: [admin, lead], edit: [admin]}\n";
static const char PIPELINES_YAML[] =
    "sales:\n"
    "  entity: deal\n"
    "  stages:\n"
    "    - {id: enquiry, percent: 10}\n"
    "    - {id: proposal, percent: 50, gate: {require: [amount, close_date], if: 'amount > 100', "
    "say: Too small a deal}}\n"
    "    - {id: won, percent: 100, kind: won}\n"
    "    - {id: lost, percent: 0, kind: lost, gate: {require: [lost_reason]}}\n"
    "renewals:\n"
    "  entity: deal\n"
    "  stages:\n"
    "    - {id: due, percent: 60}\n"
    "    - {id: renewed, percent: 100, kind: won}\n";
static const char *const FILES[] = {"fields.yaml", FIELDS_YAML, "pipelines.yaml", PIPELINES_YAML,
                                    NULL};

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

/* ---- creating -------------------------------------------------------------------------------- */

static void record__create_fills_defaults(void **state)
{
    (void)state;
    struct result r = firm_do(f, &f->ann, WRITE_CREATE, "deal", 0, 0,
                              "{\"name\":\"Roof\",\"amount\":\"1234.5\"}");
    assert_int_equal(r.code, ERR_NONE);
    assert_true(r.change > 0);
    assert_int_equal(r.version, 1);
    assert_string_equal(text(r.body, "title"), "Roof");
    assert_string_equal(text(r.body, "entity"), "deal");
    assert_string_equal(text(r.body, "owner.title"), "Ann");
    assert_string_equal(text(r.body, "team.title"), "North");
    assert_string_equal(text(r.body, "created_by.title"), "Ann");
    assert_string_equal(text(r.body, "pipeline"), "sales");
    assert_string_equal(text(r.body, "stage"), "enquiry");
    assert_string_equal(text(r.body, "percent"), "10.00");
    assert_string_equal(text(r.body, "amount.value"), "1234.50");
    assert_string_equal(text(r.body, "amount.currency"), "EUR");
    assert_string_equal(text(r.body, "weighted.value"), "123.45");
    assert_string_equal(text(r.body, "open"), "true");
    assert_string_equal(text(r.body, "next_step"), "");
    assert_string_equal(text(r.body, "idle_days"), "0");
}

static void record__create_says_everything_that_is_wrong(void **state)
{
    (void)state;
    struct result r = firm_do(f, &f->ann, WRITE_CREATE, "deal", 0, 0,
                              "{\"amount\":\"x\",\"visits\":12,\"nam\":\"Roof\",\"id\":3,\"won_"
                              "at\":\"2026-01-01\",\"weighted\":\"1\"}");
    assert_int_equal(r.code, ERR_INVALID);
    assert_true(result_has(&r, "deal.amount"));
    assert_true(result_has(&r, "deal.visits"));
    assert_true(result_has(&r, "deal.nam"));
    assert_true(result_has(&r, "deal.id"));
    assert_true(result_has(&r, "deal.won_at"));
    assert_true(result_has(&r, "deal.weighted"));
    assert_true(result_has(&r, "deal.name"));
    assert_int_equal(r.item_count, 7);
    for (const struct err_item *i = r.items; i != NULL; i = i->next) {
        if (strcmp(i->where, "deal.nam") == 0) {
            assert_string_equal(i->text, "There is no field named “nam”; did you mean “name”?");
        }
    }
}

static void record__conditions_require_and_hide(void **state)
{
    (void)state;
    struct result r =
        firm_do(f, &f->ann, WRITE_CREATE, "deal", 0, 0, "{\"name\":\"Big\",\"amount\":20000}");
    assert_int_equal(r.code, ERR_INVALID);
    assert_true(result_has(&r, "deal.reason"));
    r = firm_do(f, &f->ann, WRITE_CREATE, "deal", 0, 0,
                "{\"name\":\"Big\",\"amount\":20000,\"reason\":\"Fair\"}");
    assert_int_equal(r.code, ERR_NONE);
    struct buf draft = {0};
    json_print(&draft, r.draft);
    assert_non_null(strstr(draft.data, "\"reason\""));
    assert_non_null(strstr(draft.data, "\"hidden\":[\"lost_reason\","));
    buf_done(&draft);
    r = firm_do(f, &f->ann, WRITE_CREATE, "contact", 0, 0, "{\"job_title\":\"Cook\"}");
    assert_true(result_has(&r, "contact.last_name"));
}

static void record__a_role_sets_what_it_may(void **state)
{
    (void)state;
    struct result r = firm_do(f, &f->ann, WRITE_CREATE, "contact", 0, 0,
                              "{\"last_name\":\"Lee\",\"secret\":\"x\"}");
    assert_true(result_has(&r, "contact.secret"));
    assert_non_null(strstr(r.text, "There is no field"));
    r = firm_do(f, &f->lead, WRITE_CREATE, "contact", 0, 0,
                "{\"last_name\":\"Lee\",\"secret\":\"x\"}");
    assert_true(result_has(&r, "contact.secret"));
    assert_non_null(strstr(r.text, "may not be set"));
    int64_t id = firm_create(f, &f->admin, "contact", "{\"last_name\":\"Lee\",\"secret\":\"x\"}");
    assert_null(json_find(firm_get(f, &f->ann, "contact", id, NULL), "secret"));
    firm_update(f, &f->admin, "contact", id,
                arena_printf(&f->arena, "{\"team\":%lld}", (long long)f->north));
    assert_string_equal(text(firm_get(f, &f->lead, "contact", id, NULL), "secret"), "x");
}

static void record__a_reader_creates_nothing(void **state)
{
    (void)state;
    struct result r = firm_do(f, &f->reader, WRITE_CREATE, "company", 0, 0, "{\"name\":\"Acme\"}");
    assert_int_equal(r.code, ERR_FORBIDDEN);
}

static void record__unique_values_clash(void **state)
{
    (void)state;
    firm_create(f, &f->ann, "contact", "{\"last_name\":\"One\",\"badge\":\"A-1\"}");
    struct result r = firm_do(f, &f->bob, WRITE_CREATE, "contact", 0, 0,
                              "{\"last_name\":\"Two\",\"badge\":\"a-1\"}");
    assert_int_equal(r.code, ERR_CONFLICT);
    assert_true(result_has(&r, "contact.badge"));
    assert_null(strstr(r.text, "One"));
}

/* ---- links ----------------------------------------------------------------------------------- */

static void record__links_are_found_by_name(void **state)
{
    (void)state;
    int64_t acme = firm_create(f, &f->ann, "company",
                               "{\"name\":\"GTX Pro\",\"emails\":\"hello@gtx.example\"}");
    struct result r = firm_do(
        f, &f->ann, WRITE_CREATE, "contact", 0, 0,
        "{\"last_name\":\"Lee\",\"first_name\":\"Ann\",\"company\":{\"name\":\"gtx  pro\"}}");
    assert_int_equal(r.code, ERR_NONE);
    assert_string_equal(text(r.body, "company.id"),
                        arena_printf(&f->arena, "%lld", (long long)acme));
    r = firm_do(f, &f->ann, WRITE_CREATE, "contact", 0, 0,
                "{\"last_name\":\"Lee\",\"company\":{\"name\":\"GTXPro\"}}");
    assert_int_equal(r.code, ERR_INVALID);
    assert_string_equal(r.text, "There is no company “GTXPro”; did you mean “GTX Pro”?");
    r = firm_do(f, &f->ann, WRITE_CREATE, "contact", 0, 0,
                "{\"last_name\":\"Lee\",\"company\":{\"email\":\"Hello@GTX.example\"}}");
    assert_int_equal(r.code, ERR_NONE);
    r = firm_do(f, &f->ann, WRITE_CREATE, "contact", 0, 0,
                "{\"last_name\":\"Lee\",\"company\":{\"city\":\"Bonn\"}}");
    assert_true(result_has(&r, "contact.company"));
    firm_create(f, &f->ann, "company", "{\"name\":\"GTX Pro\"}");
    r = firm_do(f, &f->ann, WRITE_CREATE, "contact", 0, 0,
                "{\"last_name\":\"Lee\",\"company\":{\"name\":\"GTX Pro\"}}");
    assert_non_null(strstr(r.text, "several companies"));
    r = firm_do(f, &f->ann, WRITE_CREATE, "deal", 0, 0,
                "{\"name\":\"D\",\"contact\":{\"title\":\"Ann Lee\"}}");
    assert_int_equal(r.code, ERR_NONE);
    assert_string_equal(text(r.body, "contact.title"), "Ann Lee");
}

static void record__unseen_links_are_as_absent(void **state)
{
    (void)state;
    int64_t own = firm_create(f, &f->bob, "company", "{\"name\":\"South Sea\"}");
    const char *by_id =
        arena_printf(&f->arena, "{\"last_name\":\"Lee\",\"company\":%lld}", (long long)own);
    struct result r = firm_do(f, &f->lead, WRITE_CREATE, "contact", 0, 0, by_id);
    assert_int_equal(r.code, ERR_INVALID);
    assert_string_equal(
        r.text, arena_printf(&f->arena, "There is no company with the id %lld.", (long long)own));
    r = firm_do(f, &f->lead, WRITE_CREATE, "contact", 0, 0,
                "{\"last_name\":\"Lee\",\"company\":{\"name\":\"South Sea\"}}");
    assert_string_equal(r.text, "There is no company “South Sea”.");
    r = firm_do(f, &f->ann, WRITE_CREATE, "contact", 0, 0,
                "{\"last_name\":\"Lee\",\"company\":999999}");
    assert_string_equal(r.text, "There is no company with the id 999999.");
}

static void record__hidden_links_stay_and_print_hidden(void **state)
{
    (void)state;
    int64_t own = firm_create(f, &f->bob, "company", "{\"name\":\"South Sea\"}");
    int64_t id = firm_create(
        f, &f->ann, "contact",
        arena_printf(&f->arena, "{\"last_name\":\"Lee\",\"company\":%lld}", (long long)own));
    const struct json *j = firm_get(f, &f->lead, "contact", id, NULL);
    assert_string_equal(text(j, "company.hidden"), "true");
    assert_string_equal(text(j, "company.title"), "");
    firm_update(f, &f->lead, "contact", id, "{\"job_title\":\"Cook\"}");
    assert_string_equal(text(firm_get(f, &f->ann, "contact", id, NULL), "company.title"),
                        "South Sea");
}

static void record__unseen_entries_of_a_list_stay(void **state)
{
    (void)state;
    int64_t north = firm_create(f, &f->ann, "company", "{\"name\":\"North Sea\"}");
    int64_t south = firm_create(f, &f->bob, "company", "{\"name\":\"South Sea\"}");
    int64_t note =
        firm_create(f, &f->ann, "note",
                    arena_printf(&f->arena, "{\"text\":\"Hi\",\"links\":[%lld,{\"id\":%lld}]}",
                                 (long long)north, (long long)south));
    const struct json *j = firm_get(f, &f->lead, "note", note, NULL);
    assert_int_equal(json_find(j, "links")->count, 2);
    assert_string_equal(text(j, "links.0.title"), "North Sea");
    assert_string_equal(text(j, "links.0.entity"), "company");
    assert_string_equal(text(j, "links.1.hidden"), "true");
    firm_update(f, &f->lead, "note", note, "{\"links\":[]}");
    j = firm_get(f, &f->ann, "note", note, NULL);
    assert_int_equal(json_find(j, "links")->count, 1);
    assert_string_equal(text(j, "links.0.title"), "South Sea");
}

/* ---- changing -------------------------------------------------------------------------------- */

static void record__update_needs_the_version(void **state)
{
    (void)state;
    int64_t id = firm_create(f, &f->ann, "company", "{\"name\":\"Acme\",\"city\":\"Bonn\"}");
    struct result r = firm_do(f, &f->ann, WRITE_UPDATE, "company", id, -1, "{\"city\":\"Kiel\"}");
    assert_int_equal(r.code, ERR_NEEDS_VERSION);
    r = firm_do(f, &f->ann, WRITE_UPDATE, "company", id, 1, "{\"city\":\"Kiel\"}");
    assert_int_equal(r.code, ERR_NONE);
    assert_int_equal(r.version, 2);
    r = firm_do(f, &f->ann, WRITE_UPDATE, "company", id, 1, "{\"city\":\"Ulm\"}");
    assert_int_equal(r.code, ERR_STALE);
    assert_string_equal(text(r.body, "current.city"), "Kiel");
    assert_string_equal(text(r.body, "base.city"), "Bonn");
    r = firm_do(f, &f->ann, WRITE_UPDATE, "company", id, 2, "{\"city\":\"Kiel\"}");
    assert_int_equal(r.code, ERR_NONE);
    assert_int_equal(r.change, 0);
    assert_int_equal(r.version, 2);
}

static void record__rights_tell_403_from_404(void **state)
{
    (void)state;
    int64_t bobs = firm_create(f, &f->bob, "company", "{\"name\":\"South Sea\"}");
    struct result r = firm_do(f, &f->ann, WRITE_UPDATE, "company", bobs, 0, "{\"city\":\"Kiel\"}");
    assert_int_equal(r.code, ERR_FORBIDDEN);
    r = firm_do(f, &f->lead, WRITE_UPDATE, "company", bobs, 0, "{\"city\":\"Kiel\"}");
    assert_int_equal(r.code, ERR_NOT_FOUND);
    r = firm_do(f, &f->ann, WRITE_UPDATE, "company", 999999, 0, "{\"city\":\"Kiel\"}");
    assert_int_equal(r.code, ERR_NOT_FOUND);
    r = firm_do(f, &f->ann, WRITE_TRASH, "company", bobs, 0, NULL);
    assert_int_equal(r.code, ERR_FORBIDDEN);
    r = firm_do(f, &f->reader, WRITE_TRASH, "company", bobs, 0, NULL);
    assert_int_equal(r.code, ERR_FORBIDDEN);
    enum err_code code;
    assert_null(firm_get(f, &f->lead, "company", bobs, &code));
    assert_int_equal(code, ERR_NOT_FOUND);
    r = firm_do(f, &f->bob, WRITE_TRASH, "company", bobs, 0, NULL);
    assert_int_equal(r.code, ERR_NONE);
    r = firm_do(f, &f->bob, WRITE_TRASH, "company", bobs, 0, NULL);
    assert_int_equal(r.code, ERR_NOT_FOUND);
}

static void record__a_record_may_be_given_away(void **state)
{
    (void)state;
    int64_t id = firm_create(f, &f->lead, "company", "{\"name\":\"Acme\"}");
    const char *json = arena_printf(&f->arena, "{\"owner\":%lld,\"team\":%lld}",
                                    (long long)f->bob.id, (long long)f->south);
    struct result r = firm_do(f, &f->lead, WRITE_UPDATE, "company", id, 0, json);
    assert_int_equal(r.code, ERR_NONE);
    assert_string_equal(text(r.body, "hidden"), "true");
    assert_string_equal(text(r.body, "name"), "");
    assert_string_equal(text(firm_get(f, &f->bob, "company", id, NULL), "owner.title"), "Bob");
}

static void record__stages_move_what_hangs_on_them(void **state)
{
    (void)state;
    int64_t id = firm_create(f, &f->ann, "deal", "{\"name\":\"Roof\"}");
    struct result r = firm_do(f, &f->ann, WRITE_UPDATE, "deal", id, 0, "{\"stage\":\"proposal\"}");
    assert_int_equal(r.code, ERR_INVALID);
    assert_true(result_has(&r, "deal.amount"));
    assert_true(result_has(&r, "deal.close_date"));
    assert_true(result_has(&r, "deal.stage"));
    r = firm_do(f, &f->ann, WRITE_UPDATE, "deal", id, 0,
                "{\"stage\":\"proposal\",\"amount\":50,\"close_date\":\"2026-12-01\"}");
    assert_string_equal(r.text, "Too small a deal");
    firm_update(f, &f->ann, "deal", id,
                "{\"stage\":\"proposal\",\"amount\":5000,\"close_date\":\"2026-12-01\",\"percent\":"
                "\"33.3\"}");
    assert_string_equal(text(firm_get(f, &f->ann, "deal", id, NULL), "percent"), "33.30");
    firm_update(f, &f->ann, "deal", id, "{\"stage\":\"won\"}");
    const struct json *j = firm_get(f, &f->ann, "deal", id, NULL);
    assert_string_equal(text(j, "percent"), "100.00");
    assert_string_not_equal(text(j, "won_at"), "");
    assert_string_equal(text(j, "idle_days"), "");
    assert_string_equal(text(j, "open"), "false");
    r = firm_do(f, &f->ann, WRITE_UPDATE, "deal", id, 0, "{\"budget\":5}");
    assert_true(result_has(&r, "deal.budget"));
    r = firm_do(f, &f->ann, WRITE_UPDATE, "deal", id, 0, "{\"stage\":\"lost\"}");
    assert_true(result_has(&r, "deal.lost_reason"));
    firm_update(f, &f->ann, "deal", id, "{\"stage\":\"lost\",\"lost_reason\":\"price\"}");
    j = firm_get(f, &f->ann, "deal", id, NULL);
    assert_string_equal(text(j, "won_at"), "");
    assert_string_not_equal(text(j, "lost_at"), "");
    firm_update(f, &f->ann, "deal", id, "{\"stage\":\"enquiry\"}");
    j = firm_get(f, &f->ann, "deal", id, NULL);
    assert_string_equal(text(j, "lost_at"), "");
    assert_string_equal(text(j, "percent"), "10.00");
}

static void record__a_stage_belongs_to_its_pipeline(void **state)
{
    (void)state;
    int64_t id = firm_create(f, &f->ann, "deal", "{\"name\":\"Roof\"}");
    struct result r = firm_do(f, &f->ann, WRITE_UPDATE, "deal", id, 0, "{\"stage\":\"due\"}");
    assert_true(result_has(&r, "deal.stage"));
    firm_update(f, &f->ann, "deal", id, "{\"pipeline\":\"renewals\"}");
    assert_string_equal(text(firm_get(f, &f->ann, "deal", id, NULL), "stage"), "due");
    id = firm_create(f, &f->ann, "deal", "{\"name\":\"Roof\",\"stage\":\"renewed\"}");
    const struct json *j = firm_get(f, &f->ann, "deal", id, NULL);
    assert_string_equal(text(j, "pipeline"), "renewals");
    assert_string_not_equal(text(j, "won_at"), "");
}

static void record__what_was_wrong_before_is_not_said_again(void **state)
{
    (void)state;
    int64_t id = firm_create(f, &f->ann, "deal", "{\"name\":\"Roof\",\"amount\":100}");
    int64_t change = firm_update(f, &f->ann, "deal", id, "{\"amount\":20000,\"reason\":\"Fair\"}");
    firm_update(f, &f->ann, "deal", id, "{\"amount\":30000}");
    firm_do(f, &f->ann, WRITE_UNDO, NULL, change, 0, NULL); /* keeps the amount, takes the reason */
    struct result r = firm_do(f, &f->ann, WRITE_UPDATE, "deal", id, 0, "{\"visits\":99}");
    assert_int_equal(r.item_count, 1);
    assert_true(result_has(&r, "deal.visits"));
    r = firm_do(f, &f->ann, WRITE_UPDATE, "deal", id, 0, "{\"name\":\"Roof\"}");
    assert_int_equal(r.code, ERR_NONE);
    r = firm_do(f, &f->ann, WRITE_UPDATE, "deal", id, 0, "{\"name\":\"Roofs\"}");
    assert_true(result_has(&r, "deal.reason"));
}

static void record__rollups_follow(void **state)
{
    (void)state;
    int64_t acme = firm_create(f, &f->ann, "company", "{\"name\":\"Acme\"}");
    const char *json = arena_printf(
        &f->arena, "{\"name\":\"Roof\",\"amount\":100,\"company\":%lld}", (long long)acme);
    int64_t deal = firm_create(f, &f->ann, "deal", json);
    firm_create(f, &f->ann, "deal", json);
    assert_string_equal(text(firm_get(f, &f->ann, "company", acme, NULL), "open_value.value"),
                        "200.00");
    firm_update(f, &f->ann, "deal", deal, "{\"stage\":\"won\"}");
    assert_string_equal(text(firm_get(f, &f->ann, "company", acme, NULL), "open_value.value"),
                        "100.00");
    assert_string_equal(text(firm_get(f, &f->ann, "company", acme, NULL), "version"), "1");
    firm_update(f, &f->ann, "deal", deal, "{\"stage\":\"enquiry\"}");
    firm_do(f, &f->ann, WRITE_TRASH, "deal", deal, 0, NULL);
    assert_string_equal(text(firm_get(f, &f->ann, "company", acme, NULL), "open_value.value"),
                        "100.00");
    firm_do(f, &f->ann, WRITE_RESTORE, "deal", deal, 0, "{}");
    assert_string_equal(text(firm_get(f, &f->ann, "company", acme, NULL), "open_value.value"),
                        "200.00");
}

/* ---- drafts ---------------------------------------------------------------------------------- */

static void record__drafts_warn_of_duplicates(void **state)
{
    (void)state;
    int64_t old = firm_create(
        f, &f->ann, "contact",
        "{\"first_name\":\"Ann\",\"last_name\":\"Lee\",\"emails\":\"ann@lee.example\"}");
    struct result r = firm_do(f, &f->ann, WRITE_CREATE, "contact", 0, 0,
                              "{\"last_name\":\"Other\",\"emails\":[\"ANN@lee.example\"]}");
    assert_string_equal(text(r.draft, "warnings.0.id"),
                        arena_printf(&f->arena, "%lld", (long long)old));
    assert_string_equal(text(r.draft, "warnings.0.title"), "Ann Lee");
    r = firm_do(f, &f->ann, WRITE_CREATE, "contact", 0, 0,
                "{\"first_name\":\"ann\",\"last_name\":\"lee\"}");
    assert_string_equal(text(r.draft, "warnings.0.text"),
                        "The contact “Ann Lee” has the same name.");
    firm_create(f, &f->bob, "company", "{\"name\":\"South Sea\",\"phones\":\"+49 30 1234\"}");
    r = firm_do(f, &f->lead, WRITE_CREATE, "company", 0, 0,
                "{\"name\":\"south-sea\",\"phones\":\"0049301234\"}");
    assert_int_equal(json_find(r.draft, "warnings")->count, 0);
    r = firm_do(f, &f->bob, WRITE_CREATE, "company", 0, 0, "{\"name\":\"south-sea\"}");
    assert_int_equal(json_find(r.draft, "warnings")->count, 2);
}

/* ---- users ----------------------------------------------------------------------------------- */

static int give_password(struct ctx *c, void *user)
{
    const int64_t *id = user;
    return accounts_set_password(c->db, *id, "any", c->now_ms, &c->err);
}

static void record__users_belong_to_administrators(void **state)
{
    (void)state;
    struct result r =
        firm_do(f, &f->ann, WRITE_UPDATE, "user", f->ann.id, 0, "{\"role\":\"admin\"}");
    assert_int_equal(r.code, ERR_FORBIDDEN);
    r = firm_do(f, &f->admin, WRITE_CREATE, "user", 0, 0,
                "{\"name\":\"Eve\",\"email\":\"ANN@Firm.example\"}");
    assert_int_equal(r.code, ERR_CONFLICT);
    r = firm_do(f, &f->admin, WRITE_UPDATE, "user", f->admin.id, 0, "{\"active\":false}");
    assert_int_equal(r.code, ERR_INVALID);
    assert_true(result_has(&r, "user.active"));
    r = firm_do(f, &f->admin, WRITE_UPDATE, "user", f->admin.id, 0, "{\"role\":\"member\"}");
    assert_true(result_has(&r, "user.role"));
    r = firm_do(f, &f->admin, WRITE_TRASH, "user", f->admin.id, 0, NULL);
    assert_int_equal(r.code, ERR_INVALID);
    firm_update(f, &f->admin, "user", f->ann.id, "{\"role\":\"admin\"}");
    r = firm_do(f, &f->admin, WRITE_UPDATE, "user", f->admin.id, 0, "{\"role\":\"member\"}");
    assert_true(result_has(&r, "user.role")); /* she cannot sign in yet */
    struct ctx c;
    firm_begin(f, &c, &f->system);
    assert_int_equal(ctx_write(&c, give_password, &f->ann.id), 0);
    ctx_end(&c);
    firm_update(f, &f->admin, "user", f->admin.id, "{\"role\":\"member\"}");
}

static int write_nothing(struct ctx *c, void *params)
{
    (void)c;
    (void)params;
    return 0;
}

static int count_effect(struct ctx *c, void *data)
{
    (void)c;
    ++*(int *)data;
    return 0;
}

/* A request of several writes is one effect: a second mark would look like somebody else's. */
static void effect__is_kept_with_the_first_write(void **state)
{
    (void)state;
    struct ctx c;
    int calls = 0;
    firm_begin(f, &c, &f->ann);
    c.with_effect = count_effect;
    c.with_effect_data = &calls;
    assert_int_equal(ctx_write(&c, write_nothing, NULL), 0);
    assert_int_equal(ctx_write(&c, write_nothing, NULL), 0);
    assert_int_equal(calls, 1);
    ctx_end(&c);
}

#define FIRM_TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIRM_TEST(effect__is_kept_with_the_first_write),
        FIRM_TEST(record__create_fills_defaults),
        FIRM_TEST(record__create_says_everything_that_is_wrong),
        FIRM_TEST(record__conditions_require_and_hide),
        FIRM_TEST(record__a_role_sets_what_it_may),
        FIRM_TEST(record__a_reader_creates_nothing),
        FIRM_TEST(record__unique_values_clash),
        FIRM_TEST(record__links_are_found_by_name),
        FIRM_TEST(record__unseen_links_are_as_absent),
        FIRM_TEST(record__hidden_links_stay_and_print_hidden),
        FIRM_TEST(record__unseen_entries_of_a_list_stay),
        FIRM_TEST(record__update_needs_the_version),
        FIRM_TEST(record__rights_tell_403_from_404),
        FIRM_TEST(record__a_record_may_be_given_away),
        FIRM_TEST(record__stages_move_what_hangs_on_them),
        FIRM_TEST(record__a_stage_belongs_to_its_pipeline),
        FIRM_TEST(record__what_was_wrong_before_is_not_said_again),
        FIRM_TEST(record__rollups_follow),
        FIRM_TEST(record__drafts_warn_of_duplicates),
        FIRM_TEST(record__users_belong_to_administrators),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
