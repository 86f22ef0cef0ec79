/*
 * The API as an OpenAPI 3.1 document (spec.openapis.org/oas/v3.1.0), made from ROUTES and the model
 * as the caller may see it: a new entity, field or route is in it without another line.
 */
#include <stdio.h>
#include <string.h>

#include "api/route.h"
#include "core/mention.h"
#include "model/field_type.h"

/* What the schemas of field types refer to. */
static const char FIXED[] =
    "\"Money\":{\"type\":[\"object\",\"string\",\"null\"],\"properties\":{\"value\":{\"type\":"
    "\"string\"},\"currency\":{\"type\":\"string\"}}},"
    "\"Link\":{\"type\":[\"object\",\"integer\",\"null\"],\"properties\":{\"id\":{\"type\":"
    "\"integer\"},\"title\":{\"type\":\"string\"},"
    "\"hidden\":{\"type\":\"boolean\"},\"deleted\":{\"type\":\"boolean\"}}},"
    "\"Points\":{\"type\":[\"array\",\"null\"],\"items\":{\"type\":\"object\",\"properties\":{"
    "\"value\":{\"type\":\"string\"},"
    "\"label\":{\"type\":\"string\"},\"primary\":{\"type\":\"boolean\"},\"opt_out\":{\"type\":"
    "\"boolean\"},\"invalid\":{\"type\":\"boolean\"}}}},"
    "\"Addresses\":{\"type\":[\"array\",\"string\",\"null\"],\"items\":{\"type\":\"object\","
    "\"properties\":{\"label\":{\"type\":\"string\"},\"street\":{\"type\":\"string\"},"
    "\"postcode\":{\"type\":\"string\"},\"city\":{\"type\":\"string\"},\"region\":{\"type\":"
    "\"string\"},\"country\":{\"type\":\"string\"},\"primary\":{\"type\":\"boolean\"},"
    "\"opt_out\":{\"type\":\"boolean\"},\"invalid\":{\"type\":\"boolean\"},"
    "\"country_code\":{\"type\":\"string\"},\"text\":{\"type\":\"string\"}}}},"
    "\"Error\":{\"type\":\"object\",\"properties\":{\"error\":{\"type\":\"object\",\"properties\":{"
    "\"code\":{\"type\":\"string\"},"
    "\"text\":{\"type\":\"string\"},\"trace\":{\"type\":\"string\"},\"fields\":{\"type\":\"array\","
    "\"items\":{\"type\":\"object\","
    "\"properties\":{\"where\":{\"type\":\"string\"},\"text\":{\"type\":\"string\"}}}}}}}}";

static const char *schema_of(const struct field *f)
{
    return f->type->schema != NULL ? f->type->schema : "{\"type\":[\"string\",\"null\"]}";
}

static void print_schema(struct json_writer *w, const struct ctx *c, const struct entity *e)
{
    jw_key(w, e->name);
    jw_object(w);
    jw_kv_text(w, "type", "object");
    jw_kv_text(w, "title", e->label);
    jw_key(w, "properties");
    jw_object(w);
    for (size_t i = 0; i < e->field_count; i++) {
        const struct field *f = e->fields[i];
        if (f->hidden || (c->actor.role != NULL && !role_sees(c->actor.role, f))) {
            continue;
        }
        const char *schema = schema_of(f);
        jw_key(w, f->name);
        jw_raw(w, schema, strlen(schema));
    }
    if (mention_field(e) != NULL) { /* of a new one: who shall see its first record as well */
        static const char USERS[] =
            "{\"type\":\"array\",\"items\":{\"type\":\"integer\"},\"writeOnly\":true}";
        jw_key(w, "share_with");
        jw_raw(w, USERS, sizeof USERS - 1);
    }
    if (e->story.done != NULL || (e->pipeline != NULL && e->timeline)) { /* its next steps, made with it */
        static const char STEPS[] =
            "{\"type\":\"array\",\"items\":{\"type\":\"object\"},\"writeOnly\":true}";
        jw_key(w, "then");
        jw_raw(w, STEPS, sizeof STEPS - 1);
    }
    jw_object_end(w);
    jw_object_end(w);
}

static void print_param(struct json_writer *w, const char *name, size_t n, const char *in,
                        bool must)
{
    static const char text[] = "{\"type\":\"string\"}";
    jw_object(w);
    jw_key(w, "name");
    jw_text_n(w, name, n);
    jw_kv_text(w, "in", in);
    if (must) {
        jw_kv_bool(w, "required", true);
    }
    jw_key(w, "schema");
    jw_raw(w, text, sizeof text - 1);
    jw_object_end(w);
}

/* What every write takes: a dry run; changes of a record its version; POST a key against doing it
 * twice. */
static void print_write_params(struct json_writer *w, const struct route *row)
{
    bool record = strstr(row->pattern, "/:plural/:id") != NULL;
    print_param(w, "dry_run", 7, "query", false);
    if (strcmp(row->method, "POST") == 0) {
        print_param(w, "Idempotency-Key", 15, "header", false);
    } else if (record) {
        print_param(w, "If-Match", 8, "header", true);
    }
}

static void print_params(struct json_writer *w, const struct route *row)
{
    static const char *const in_path[] = {":id", ":name"};
    jw_key(w, "parameters");
    jw_array(w);
    for (size_t i = 0; i < COUNT(in_path); i++) {
        if (strstr(row->pattern, in_path[i]) != NULL) {
            print_param(w, in_path[i] + 1, strlen(in_path[i] + 1), "path", true);
        }
    }
    for (const char *p = row->params; *p != 0;) {
        size_t n = strcspn(p, " ");
        print_param(w, p, n, "query", false);
        p += n + (p[n] == ' ');
    }
    if (strcmp(row->method, "GET") != 0) {
        print_write_params(w, row);
    }
    jw_array_end(w);
}

static void print_operation(struct json_writer *w, const struct route *row, const struct entity *e)
{
    char method[8] = {0};
    for (size_t i = 0; row->method[i] != 0 && i + 1 < sizeof method; i++) {
        method[i] = (char)(row->method[i] + 'a' - 'A');
    }
    jw_key(w, method);
    jw_object(w);
    jw_kv_text(w, "summary", row->help);
    print_params(w, row);
    if (row->body == BODY_JSON && e != NULL) {
        char ref[200];
        snprintf(ref, sizeof ref,
                 "{\"content\":{\"application/json\":{\"schema\":{\"$ref\":\"#/components/schemas/"
                 "%s\"}}}}",
                 e->name);
        jw_key(w, "requestBody");
        jw_raw(w, ref, strlen(ref));
    } else if (row->body == BODY_JSON) {
        static const char ANY[] =
            "{\"content\":{\"application/json\":{\"schema\":{\"type\":\"object\"}}}}";
        jw_key(w, "requestBody");
        jw_raw(w, ANY, sizeof ANY - 1);
    } else if (row->body == BODY_STREAM) {
        static const char BYTES[] =
            "{\"content\":{\"*/*\":{\"schema\":{\"type\":\"string\",\"format\":\"binary\"}}}}";
        jw_key(w, "requestBody");
        jw_raw(w, BYTES, sizeof BYTES - 1);
    }
    static const char RESPONSES[] = "{\"2XX\":{\"description\":\"Done\"},\"default\":{"
                                    "\"description\":\"Refused\",\"content\":{\"application/json\":"
                                    "{\"schema\":{\"$ref\":\"#/components/schemas/Error\"}}}}}";
    jw_key(w, "responses");
    jw_raw(w, RESPONSES, sizeof RESPONSES - 1);
    if (row->need == NEED_PUBLIC) {
        jw_key(w, "security");
        jw_raw(w, "[]", 2);
    }
    jw_object_end(w);
}

/* "/api/v1/:plural/:id" → "/api/v1/contacts/{id}" */
static void write_path(struct buf *out, const char *pattern, const struct entity *e)
{
    for (const char *p = pattern; *p != 0;) {
        if (*p != ':') {
            buf_putc(out, *p++);
            continue;
        }
        size_t n = strcspn(p, "/");
        if (strncmp(p, ":plural", 7) == 0 && e != NULL) {
            buf_puts(out, e->plural);
        } else {
            buf_printf(out, "{%.*s}", (int)(n - 1), p + 1);
        }
        p += n;
    }
}

/* Every row of one pattern goes under one path key; a path is printed when its first row is met. */
static void print_path(struct json_writer *w, const struct route *first, const struct entity *e)
{
    for (const struct route *row = ROUTES; row != first; row++) {
        if (strcmp(row->pattern, first->pattern) == 0) {
            return;
        }
    }
    struct buf path = {0};
    write_path(&path, first->pattern, e);
    jw_key(w, buf_text(&path));
    jw_object(w);
    for (const struct route *row = first; row->method != NULL; row++) {
        if (strcmp(row->pattern, first->pattern) == 0) {
            print_operation(w, row, e);
        }
    }
    jw_object_end(w);
    buf_done(&path);
}

static void print_paths(struct json_writer *w, const struct ctx *c)
{
    jw_key(w, "paths");
    jw_object(w);
    for (const struct route *row = ROUTES; row->method != NULL; row++) {
        if (row->need == NEED_SYSTEM || row->need == NEED_STRANGER) { /* pages are for people */
            continue;
        }
        if (strstr(row->pattern, ":plural") == NULL) {
            print_path(w, row, NULL);
            continue;
        }
        for (size_t i = 0; i < c->model->entity_count; i++) {
            if (ctx_may(c, ACTION_SEE, c->model->entities[i])) {
                print_path(w, row, c->model->entities[i]);
            }
        }
    }
    jw_object_end(w);
}

int api_openapi(struct request *q, struct reply *r)
{
    r->pack = true;
    const struct ctx *c = q->ctx;
    struct json_writer w;
    jw_init(&w, &r->body);
    jw_object(&w);
    jw_kv_text(&w, "openapi", "3.1.0");
    jw_key(&w, "info");
    jw_object(&w);
    jw_kv_text(&w, "title", "Kontor");
    jw_kv_text(&w, "version", c->model->version);
    jw_object_end(&w);
    static const char SECURITY[] = "[{\"token\":[]},{\"session\":[]}]";
    jw_key(&w, "security");
    jw_raw(&w, SECURITY, sizeof SECURITY - 1);
    print_paths(&w, c);
    jw_key(&w, "components");
    jw_object(&w);
    static const char SCHEMES[] =
        "{\"token\":{\"type\":\"http\",\"scheme\":\"bearer\"},"
        "\"session\":{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"kontor\"}}";
    jw_key(&w, "securitySchemes");
    jw_raw(&w, SCHEMES, sizeof SCHEMES - 1);
    jw_key(&w, "schemas");
    jw_object(&w);
    for (size_t i = 0; i < c->model->entity_count; i++) {
        if (ctx_may(c, ACTION_SEE, c->model->entities[i])) {
            print_schema(&w, c, c->model->entities[i]);
        }
    }
    buf_putc(&r->body, ',');
    buf_add(&r->body, FIXED, sizeof FIXED - 1);
    jw_object_end(&w);
    jw_object_end(&w);
    jw_object_end(&w);
    return 0;
}
