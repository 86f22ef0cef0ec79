/* kontor duplicates, kontor merge. */
#include <string.h>

#include "base/str.h"
#include "command.h"

const struct parameter DUPLICATES_OPTIONS[] = {
    {"limit", "N", "how many groups at most, default all"},
    {NULL, NULL, NULL},
};

const struct parameter MERGE_OPTIONS[] = {
    {"take", "FIELD=ID[,FIELD=ID]", "values that are taken from one of them, else the first there is"},
    {"dry-run", NULL, "say what would happen, and keep nothing"},
    {NULL, NULL, NULL},
};

/* ---- Duplicates ------------------------------------------------------------------------------ */

static void print_texts(const struct json *list, const char *between)
{
    for (const struct json *one = list != NULL ? list->child : NULL; one != NULL; one = one->next) {
        printf("%s%s", one == list->child ? "" : between, one->text);
    }
}

/* "91 %  12 Anna Lee | 40 Ann Lee  Same e-mail address: anna@lee.example; Same name" */
static void print_group(struct arguments *a, const struct json *group)
{
    const struct json *ids = json_find(group, "ids"), *titles = json_find(group, "titles");
    if (a->json) {
        print_json_line(group);
        return;
    }
    printf("%3s %%  ", text_of(group, "score"));
    const struct json *title = titles != NULL ? titles->child : NULL;
    for (const struct json *id = ids != NULL ? ids->child : NULL; id != NULL; id = id->next) {
        printf("%s%s %s", id == ids->child ? "" : " | ", id->text, title != NULL ? title->text : "");
        title = title != NULL ? title->next : NULL;
    }
    printf("%s  (", json_find(group, "more") != NULL ? " | …" : "");
    print_texts(json_find(group, "reasons"), "; ");
    puts(")");
}

static int list_duplicates(struct arguments *a, struct client *client, int64_t limit)
{
    const char *cursor = NULL;
    int64_t told = 0;
    int rc;
    do {
        struct buf target = {0};
        const struct json *answer = NULL;
        buf_puts(&target, "/api/v1/duplicates?limit=200");
        add_param(&target, "entity", a->words[0]);
        add_param(&target, "cursor", cursor);
        rc = ask(a, client, "GET", buf_text(&target), NULL, &answer);
        buf_done(&target);
        const struct json *items = rc == EXIT_DONE ? json_find(answer, "items") : NULL;
        for (const struct json *g = items != NULL ? items->child : NULL;
             g != NULL && (limit == 0 || told < limit); g = g->next) {
            print_group(a, g);
            told++;
        }
        cursor = rc == EXIT_DONE ? json_text(answer, "next") : NULL;
    } while (cursor != NULL && (limit == 0 || told < limit));
    return rc;
}

int command_duplicates(struct arguments *a)
{
    struct client client;
    int64_t limit = 0;
    const char *text = argument(a, "limit");
    if (text != NULL && (str_to_int(text, &limit) != 0 || limit < 1)) {
        return usage_error(a, "--limit is a number from 1");
    }
    int rc = open_client(a, &client);
    if (rc == EXIT_DONE) {
        rc = list_duplicates(a, &client, limit);
        client_close(&client);
    }
    return rc;
}

/* ---- Merge ----------------------------------------------------------------------------------- */

/* "city=12,phones=9" as members of an object; false: it is none. */
static bool put_choices(struct arguments *a, const char *text, struct json_writer *w)
{
    while (*text != 0) {
        size_t n = strcspn(text, ",");
        const char *one = arena_strndup(a->arena, text, n);
        const char *sign = strchr(one, '=');
        int64_t id = 0;
        if (sign == NULL || sign == one || str_to_id(sign + 1, &id) != 0) {
            return false;
        }
        jw_key_text(w, arena_strndup(a->arena, one, (size_t)(sign - one)));
        jw_int(w, id);
        text += n + (text[n] == ',' ? 1 : 0);
    }
    return true;
}

static bool put_body(struct arguments *a, struct buf *body)
{
    const char *take = argument(a, "take");
    struct json_writer w;
    int64_t id = 0;
    jw_init(&w, body);
    jw_object(&w);
    for (int i = 1; i < a->count; i++) {
        if (str_to_id(a->words[i], &id) != 0) {
            return false;
        }
        if (i == 1) {
            jw_kv_int(&w, "into", id);
            jw_key(&w, "from");
            jw_array(&w);
        } else {
            jw_int(&w, id);
        }
    }
    jw_array_end(&w);
    jw_key(&w, "fields");
    jw_object(&w);
    bool fits = take == NULL || put_choices(a, take, &w);
    jw_object_end(&w);
    jw_object_end(&w);
    return fits;
}

static void print_dropped(const struct json *dropped)
{
    const struct json *values = json_find(dropped, "values");
    printf("dropped: %s", text_of(dropped, "field"));
    for (const struct json *v = values != NULL ? values->child : NULL; v != NULL; v = v->next) {
        struct buf text = {0};
        const struct json *value = json_find(v, "value");
        json_print(&text, value);
        printf("%s %s (of %s)", v == values->child ? "" : ",",
               value != NULL && value->type == JSON_STRING ? value->text : buf_text(&text),
               text_of(v, "id"));
        buf_done(&text);
    }
    putchar('\n');
}

static void print_merged(struct arguments *a, const struct json *answer)
{
    const struct json *moved = json_find(answer, "moved"), *dropped = json_find(answer, "dropped");
    const char *title = text_of(json_find(answer, "record"), "title");
    bool dry = argument_given(a, "dry-run");
    printf("%s %s %s%s%s.", a->words[0], text_of(answer, "id"), title,
           dry ? " would be all of them" : " is all of them now: change ",
           dry ? "" : text_of(answer, "change"));
    putchar('\n');
    for (const struct json *m = moved != NULL ? moved->child : NULL; m != NULL; m = m->next) {
        printf("moved: %s %s\n", text_of(m, "count"), text_of(m, "entity"));
    }
    for (const struct json *d = dropped != NULL ? dropped->child : NULL; d != NULL; d = d->next) {
        print_dropped(d);
    }
}

static int merge(struct arguments *a, struct client *client, const char *body)
{
    const char *plural = NULL;
    const struct json *answer = NULL;
    int rc = find_plural(a, client, a->words[0], &plural);
    if (rc == EXIT_DONE) {
        rc = ask(a, client, "POST",
                 arena_printf(a->arena, "/api/v1/%s/merge%s", plural,
                              argument_given(a, "dry-run") ? "?dry_run=1" : ""),
                 body, &answer);
    }
    if (rc == EXIT_DONE && a->json) {
        print_json_line(answer);
    } else if (rc == EXIT_DONE) {
        print_merged(a, answer);
    }
    return rc;
}

int command_merge(struct arguments *a)
{
    struct client client;
    struct buf body = {0};
    if (!put_body(a, &body)) {
        buf_done(&body);
        return usage_error(a, "records are named by their ids, --take by FIELD=ID");
    }
    int rc = open_client(a, &client);
    if (rc == EXIT_DONE) {
        rc = merge(a, &client, buf_text(&body));
        client_close(&client);
    }
    buf_done(&body);
    return rc;
}
