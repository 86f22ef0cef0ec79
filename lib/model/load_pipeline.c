/*
 * Pipelines and their stages. conf/pipelines.yaml replaces the built-in pipelines of the entities
 * it names. Stages come before fields (choices check against them); gates come last, they need
 * fields and expressions.
 */
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "model/field_type.h"
#include "model/load.h"

#define PIPELINES_MAX 50
#define STAGES_MAX    50
#define DAY_MS        INT64_C(86400000)

static const char *const PIPELINE_KEYS[] = {"entity", "label", "stages", "card",
                                            "teams",  "b2c",   "from",   "next_step", NULL};
static const char *const STAGE_KEYS[] = {"id",         "label", "percent", "kind",
                                         "idle_after", "gate",  "forecast", NULL};
static const char *const GATE_KEYS[] = {"require", "ask", "activities", "if", "say", NULL};
static const char *const GATE_ACTIVITY_KEYS[] = {"kind", "done", NULL};
static const char *const KINDS[] = {"", "open", "won", "lost"};
const char *const FORECASTS[] = {"", "omitted", "pipeline", "best", "commit"};

/* From which chance on an open stage counts as what, when it does not say. */
#define COMMIT_PERCENT 75
#define BEST_PERCENT   50

struct pipeline_def {
    const struct yaml **gates; /* as pipeline->stages; NULL: none */
    const struct yaml *b2c, *card, *from;
};

/* "14 days", "2 weeks", "36 hours" */
static int64_t read_idle(struct loader *l, const struct yaml *node)
{
    static const int64_t UNIT_MS[] = {
        [UNIT_MINUTE] = 60000,     [UNIT_HOUR] = 3600000,      [UNIT_DAY] = DAY_MS,
        [UNIT_WEEK] = 7 * DAY_MS,  [UNIT_MONTH] = 30 * DAY_MS, [UNIT_QUARTER] = 91 * DAY_MS,
        [UNIT_YEAR] = 365 * DAY_MS};
    const char *text = load_text(l, node);
    if (text == NULL) {
        return 0;
    }
    const char *blank = strchr(text, ' ');
    int64_t n = 0;
    enum unit unit = blank == NULL ? UNIT_NONE : unit_find(blank + 1);
    const char *number =
        blank == NULL ? "" : arena_strndup(l->messages, text, (size_t)(blank - text));
    if (unit == UNIT_NONE || str_to_int(number, &n) != 0 || n < 1 || n > 10000) {
        load_error(l, node, "must be a duration like \"7 days\"");
        return 0;
    }
    return n * UNIT_MS[unit];
}

static enum stage_kind read_kind(struct loader *l, const struct yaml *node)
{
    const char *text = load_text(l, node);
    for (size_t i = STAGE_OPEN; text != NULL && i < COUNT(KINDS); i++) {
        if (strcmp(KINDS[i], text) == 0) {
            return (enum stage_kind)i;
        }
    }
    if (text != NULL) {
        load_unknown(l, node, "stage kind", text, KINDS + STAGE_OPEN, COUNT(KINDS) - STAGE_OPEN);
    }
    return STAGE_OPEN;
}

static enum forecast read_forecast(struct loader *l, const struct yaml *node)
{
    const char *text = load_text(l, node);
    for (size_t i = FORECAST_OMITTED; text != NULL && i < FORECAST_COUNT; i++) {
        if (strcmp(FORECASTS[i], text) == 0) {
            return (enum forecast)i;
        }
    }
    if (text != NULL) {
        load_unknown(l, node, "forecast", text, FORECASTS + 1, FORECAST_COUNT - 1);
    }
    return FORECAST_NONE;
}

static bool read_stage(struct loader *l, const struct pipeline *p, const struct yaml *node,
                       struct stage *s)
{
    if (!load_check_keys(l, node, STAGE_KEYS)) {
        return false;
    }
    const struct yaml *id = yaml_find(node, "id");
    if (id == NULL) {
        load_error(l, node, "a stage needs an id");
        return false;
    }
    s->id = load_text(l, id);
    if (s->id == NULL || !str_is_identifier(s->id)) {
        load_error(l, id, "the id of a stage must be of small letters, digits and _");
        return false;
    }
    if (pipeline_stage_find(p, s->id) != NULL) {
        load_error(l, id, "there is a stage \"%s\" already", s->id);
        return false;
    }
    s->label = load_label(l, yaml_find(node, "label"), load_label_of(l, s->id));
    s->kind = read_kind(l, yaml_find(node, "kind"));
    s->percent = load_int(l, yaml_find(node, "percent"), 0, 100, -1);
    s->idle_after_ms = read_idle(l, yaml_find(node, "idle_after"));
    s->forecast = read_forecast(l, yaml_find(node, "forecast"));
    s->where = yaml_where(l->arena, node);
    return true;
}

/* What nobody says: won is certain, lost is nothing, the rest grows with its place. */
static void fill_percents(struct pipeline *p)
{
    size_t open = 0, place = 0;
    for (size_t i = 0; i < p->stage_count; i++) {
        open += p->stages[i].kind == STAGE_OPEN;
    }
    for (size_t i = 0; i < p->stage_count; i++) {
        struct stage *s = &p->stages[i];
        place += s->kind == STAGE_OPEN;
        if (s->percent < 0) {
            s->percent = s->kind == STAGE_WON    ? 100
                         : s->kind == STAGE_LOST ? 0
                                                 : (int64_t)(100 * place / (open + 1));
        }
        if (s->forecast == FORECAST_NONE) {
            s->forecast = s->percent >= COMMIT_PERCENT ? FORECAST_COMMIT
                          : s->percent >= BEST_PERCENT ? FORECAST_BEST
                                                       : FORECAST_PIPELINE;
        }
    }
}

static void read_stages(struct loader *l, struct pipeline *p, struct pipeline_def *d,
                        const struct yaml *node, const struct yaml *pipeline)
{
    if (node == NULL || node->type != YAML_LIST || node->count == 0) {
        load_error(l, node != NULL ? node : pipeline, "a pipeline needs a list of stages");
        return;
    }
    if (node->count > STAGES_MAX) {
        load_error(l, node, "more than %d stages", STAGES_MAX);
        return;
    }
    p->stages = ARENA_ARRAY(l->arena, struct stage, node->count);
    p->stages_where = yaml_where(l->arena, node);
    d->gates = ARENA_ARRAY(l->arena, const struct yaml *, node->count);
    for (const struct yaml *item = node->child; item != NULL; item = item->next) {
        if (read_stage(l, p, item, &p->stages[p->stage_count])) {
            d->gates[p->stage_count++] = yaml_find(item, "gate");
        }
    }
    fill_percents(p);
}

/* A pipeline that names no entity is of the one that the first built-in pipeline names. */
static const char *entity_of(const struct loader *l, const struct yaml *pipeline)
{
    const struct document *builtin = load_document(l, "pipelines.yaml", true);
    const struct yaml *entity = yaml_find(pipeline, "entity");
    if (entity == NULL && builtin != NULL && builtin->root->child != NULL) {
        entity = yaml_find(builtin->root->child, "entity");
    }
    return entity == NULL ? NULL : entity->text;
}

/* Teams are records: their names can only be compared when somebody looks. */
static void read_teams(struct loader *l, struct pipeline *p, const struct yaml *node)
{
    size_t count = 0;
    const struct yaml **items = load_items(l, node, &count);
    p->teams = ARENA_ARRAY(l->arena, const char *, count + 1);
    for (size_t i = 0; i < count; i++) {
        p->teams[p->team_count++] = items[i]->text;
    }
}

static void read_pipeline(struct loader *l, const struct yaml *node)
{
    struct model *m = l->m;
    struct pipeline *p = &m->pipelines[m->pipeline_count];
    if (!load_check_keys(l, node, PIPELINE_KEYS)) {
        return;
    }
    if (!str_is_identifier(node->key) || model_pipeline_find(m, node->key) != NULL) {
        load_key_error(l, node,
                       model_pipeline_find(m, node->key) != NULL
                           ? "there is a pipeline \"%s\" already"
                           : "the id \"%s\" must be of small letters, digits and _",
                       node->key);
        return;
    }
    const struct yaml *entity = yaml_find(node, "entity");
    const char *name = entity == NULL ? entity_of(l, node) : load_text(l, entity);
    if (entity == NULL && name == NULL) {
        load_error(l, node, "a pipeline needs its entity");
    }
    struct entity_def *d = load_entity_def(l, entity != NULL ? entity : node, name);
    if (d == NULL) {
        return;
    }
    *p = (struct pipeline){.id = node->key, .entity = d->entity};
    p->label = load_label(l, yaml_find(node, "label"), load_label_of(l, p->id));
    p->where = yaml_key_where(l->arena, node);
    p->b2c = load_bool(l, yaml_find(node, "b2c"), false);
    p->next_step = load_bool(l, yaml_find(node, "next_step"), false);
    read_teams(l, p, yaml_find(node, "teams"));
    l->pipelines[m->pipeline_count].b2c = yaml_find(node, "b2c");
    l->pipelines[m->pipeline_count].from = yaml_find(node, "from");
    l->pipelines[m->pipeline_count].card = yaml_find(node, "card");
    m->pipeline_count++;
    read_stages(l, p, &l->pipelines[m->pipeline_count - 1], yaml_find(node, "stages"), node);
}

/* Does conf/pipelines.yaml say something about the entity of this pipeline? */
static bool is_replaced(const struct loader *l, const struct document *conf,
                        const struct yaml *builtin)
{
    for (const struct yaml *n = conf == NULL ? NULL : conf->root->child; n != NULL; n = n->next) {
        if (str_eq(entity_of(l, n), entity_of(l, builtin))) {
            return true;
        }
    }
    return false;
}

void load_pipelines(struct loader *l)
{
    const struct document *builtin = load_document(l, "pipelines.yaml", true);
    const struct document *conf = load_document(l, "pipelines.yaml", false);
    l->m->pipelines = ARENA_ARRAY(l->arena, struct pipeline, PIPELINES_MAX);
    l->pipelines = ARENA_ARRAY(l->arena, struct pipeline_def, PIPELINES_MAX);
    for (int pass = 0; pass < 2; pass++) {
        const struct document *d = pass == 0 ? builtin : conf;
        for (const struct yaml *n = d == NULL ? NULL : d->root->child; n != NULL; n = n->next) {
            if (pass == 0 && is_replaced(l, conf, n)) {
                continue;
            }
            if (l->m->pipeline_count == PIPELINES_MAX) {
                load_key_error(l, n, "more than %d pipelines", PIPELINES_MAX);
                return;
            }
            read_pipeline(l, n);
        }
    }
}

static const struct option *kind_of_work(struct loader *l, const struct yaml *node)
{
    const struct field *kinds = l->m->work->story.kind;
    const char *names[LOAD_OPTIONS_MAX];
    size_t count = 0;
    const char *text = load_text(l, node);
    for (size_t i = 0; text != NULL && kinds != NULL && i < kinds->option_count; i++) {
        if (strcmp(kinds->options[i].id, text) == 0) {
            return &kinds->options[i];
        }
        names[count++] = kinds->options[i].id;
    }
    if (text != NULL) {
        load_unknown(l, node, "kind of activity", text, names, count);
    }
    return NULL;
}

static void read_gate_activities(struct loader *l, struct stage *s, const struct yaml *node)
{
    if (node == NULL) {
        return;
    }
    if (l->m->work == NULL) {
        load_key_error(l, node, "there are no activities here: nothing is due and done");
        return;
    }
    if (node->type != YAML_LIST || node->count == 0) {
        load_error(l, node, "must be a list like [{kind: meeting, done: true}]");
        return;
    }
    struct gate_activity *list = ARENA_ARRAY(l->arena, struct gate_activity, node->count);
    s->gate_activities = list;
    for (const struct yaml *item = node->child; item != NULL; item = item->next) {
        if (load_check_keys(l, item, GATE_ACTIVITY_KEYS)) {
            const struct yaml *kind = yaml_find(item, "kind");
            list[s->gate_activity_count++] =
                (struct gate_activity){.kind = kind == NULL ? NULL : kind_of_work(l, kind),
                                       .done = load_bool(l, yaml_find(item, "done"), false)};
        }
    }
}

static void link_gate(struct loader *l, const struct pipeline *p, struct stage *s,
                      const struct yaml *gate)
{
    if (gate == NULL || !load_check_keys(l, gate, GATE_KEYS)) {
        return;
    }
    s->gate_require = load_fields(l, p->entity, yaml_find(gate, "require"), &s->gate_require_count);
    s->gate_ask = load_fields(l, p->entity, yaml_find(gate, "ask"), &s->gate_ask_count);
    const struct yaml *test = yaml_find(gate, "if");
    s->gate_if_text = test == NULL ? NULL : test->text;
    s->gate_if = test == NULL ? NULL : load_expr(l, test, p->entity, KIND_BOOL, NULL);
    read_gate_activities(l, s, yaml_find(gate, "activities"));
    s->gate_say = load_label(l, yaml_find(gate, "say"), NULL);
}

/* The first link of e to a kind that has names of people, which have a first and a last one. */
static const struct field *person_of(const struct entity *e)
{
    for (size_t i = 0; i < e->field_count; i++) {
        const struct field *f = e->fields[i];
        if (field_is_link(f) && !f->system && f->to != NULL && f->to->title_count > 1) {
            return f;
        }
    }
    return NULL;
}

/* The link of e to where such people belong. */
static const struct field *firm_of(const struct entity *e, const struct entity *people)
{
    for (size_t i = 0; i < e->field_count; i++) {
        const struct field *f = e->fields[i];
        for (size_t k = 0; field_is_link(f) && !f->system && k < people->field_count; k++) {
            const struct field *theirs = people->fields[k];
            if (field_is_link(theirs) && !theirs->system && theirs->to == f->to &&
                !entity_is_account(f->to)) {
                return f;
            }
        }
    }
    return NULL;
}

static void link_b2c(struct loader *l, struct pipeline *p, const struct yaml *node)
{
    if (!p->b2c) {
        return;
    }
    p->person = person_of(p->entity);
    if (p->person == NULL) {
        load_key_error(l, node, "%s has no link to people", p->entity->name);
        return;
    }
    p->firm = firm_of(p->entity, p->person->to);
}

void link_gates(struct loader *l)
{
    for (size_t i = 0; i < l->m->pipeline_count; i++) {
        struct pipeline *p = &l->m->pipelines[i];
        link_b2c(l, p, l->pipelines[i].b2c);
        link_moves(l, p, l->pipelines[i].from);
        p->card = load_fields(l, p->entity, l->pipelines[i].card, &p->card_count);
        for (size_t k = 0; k < p->stage_count; k++) {
            link_gate(l, p, &p->stages[k], l->pipelines[i].gates[k]);
        }
    }
}

/* The keys of pipelines and of their stages: THE tables behind conf/README.md. */
static const struct import_key PIPELINE_REFERENCE[] = {
    {"entity", "what goes through it; without it that of the built-in one", "entity: deal"},
    {"label", "what it is called on the screen", "label: Sales"},
    {"stages", "its stages in their order, see below", "stages: [{id: enquiry}, {id: won, kind: won}, {id: lost, kind: lost}]"},
    {"card", "what its cards on the board show beside name and next step, in this order; without it the "
             "company, the first amount and the closing date", "card: [company, amount, source]"},
    {"teams", "whose it is: people of these teams open it first and their new records begin in it; "
              "without it everybody's. It is no right: what people see is up to their role",
     "teams: [Solar, Wind]"},
    {"b2c", "`true`: its records are about a person: forms ask for the person and not for the company, "
            "cards and lists show the person where the company stands else. It requires nothing: a company "
            "that must be there in other pipelines is `required` in `fields.yaml` or asked for by a gate",
     "b2c: true"},
    {"next_step",
     "`true`: an open record of it always has a next step, whichever way one would go: it "
     "begins, moves, is won back or comes out of the bin with one, and its last planned "
     "activity is done, deleted or taken off it only together with the next one. It holds "
     "for the API, bulk changes, merges, rules and undo, too, and for imports without "
     "`--no-gates`; enquiries through public forms are always taken. What was without one "
     "before is left in peace until it is moved",
     "next_step: true"},
    {"from", "of other pipelines, to which stage here a record of theirs comes that moves over; without it to the "
             "one of the same id, else to that of its kind with the nearest chance", "from: {sales: {proposal: offer}}"},
    {NULL, NULL, NULL},
};
static const struct import_key STAGE_REFERENCE[] = {
    {"id", "by which everything refers to it", "id: proposal"},
    {"label", "what it is called on the screen", "label: Proposal"},
    {"percent", "the chance by which amounts are weighed, also in the forecast; without it won is 100, lost 0, "
                "and open stages rise in even steps by their place: 33 and 66 of two", "percent: 50"},
    {"kind", "`open`, `won` or `lost`; without it open, whatever the id", "kind: won"},
    {"forecast", "how sure its records are in the forecast: `commit`, `best`, `pipeline` or `omitted`; by itself "
                 "`commit` from 75 percent on, `best` from 50 on, else `pipeline`. The field `forecast` of a record "
                 "decides for it alone", "forecast: best"},
    {"idle_after", "a record that rests longer is shown as idle", "idle_after: 14 days"},
    {"gate", "what must be filled (`require`), be planned or done about it (`activities`) or hold (`if`) "
             "to enter it, and what is said when it does not (`say`). Asked for in a small form on the "
             "board, with what may be filled beside it when something is lost (`ask`); it holds for the API, bulk changes and imports, too",
     "gate: {require: [amount], activities: [{kind: meeting, done: true}], "
     "if: 'amount > 0', say: An amount first}"},
    {NULL, NULL, NULL},
};

static void write_table(struct buf *out, const struct import_key *keys)
{
    buf_puts(out, "| Key | Meaning | Example |\n|---|---|---|\n");
    for (; keys->name != NULL; keys++) {
        buf_printf(out, "| `%s` | %s | `%s` |\n", keys->name, keys->meaning, keys->example);
    }
}

void pipeline_write_reference(struct buf *out)
{
    buf_puts(out, "\n## Pipelines\n\nIn `pipelines.yaml`, by id; the file takes the place of the "
                  "built-in pipelines of the entities it names.\n\n");
    write_table(out, PIPELINE_REFERENCE);
    buf_puts(out, "\nA stage has\n\n");
    write_table(out, STAGE_REFERENCE);
}
