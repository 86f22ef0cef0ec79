/*
 * What is said of an import in a request: when it is begun, and later of a draft. Every key is taken
 * and checked, or refused by its name: nothing that was said is lost on the way. See core/transfer.h.
 */
#include <stddef.h>
#include <string.h>

#include "base/str.h"
#include "core/import_job.h"
#include "core/parts.h"
#include "exchange/encoding.h"

enum said_form {
    SAID_TEXT,
    SAID_FLAG,
    SAID_ID,
    SAID_ENTITY /* read by whoever asks */
};

static const struct said {
    const char *key;
    enum said_form form;
    size_t at;
    bool begins; /* only of an import that begins */
} SAID[] = {
    {"entity", SAID_ENTITY, 0, false},
    {"file_name", SAID_TEXT, offsetof(struct import_request, file_name), true},
    {"map", SAID_TEXT, offsetof(struct import_request, map_yaml), false},
    {"map_name", SAID_TEXT, offsetof(struct import_request, map_name), false},
    {"match", SAID_TEXT, offsetof(struct import_request, match), false},
    {"at", SAID_TEXT, offsetof(struct import_request, at), true},
    {"decimal", SAID_TEXT, offsetof(struct import_request, decimal), false},
    {"encoding", SAID_TEXT, offsetof(struct import_request, encoding), false},
    {"delimiter", SAID_TEXT, offsetof(struct import_request, delimiter), false},
    {"sheet", SAID_TEXT, offsetof(struct import_request, sheet), false},
    {"dates", SAID_TEXT, offsetof(struct import_request, dates), false},
    {"rules", SAID_TEXT, offsetof(struct import_request, rules), false},
    {"create_links", SAID_FLAG, offsetof(struct import_request, create_links), false},
    {"clear", SAID_FLAG, offsetof(struct import_request, clear), false},
    {"no_gates", SAID_FLAG, offsetof(struct import_request, no_gates), false},
    {"dry_run", SAID_FLAG, offsetof(struct import_request, dry_run), true},
    {"corrects", SAID_ID, offsetof(struct import_request, corrects), true},
    {"wizard", SAID_FLAG, offsetof(struct import_request, wizard), true},
};

static const struct said *said_find(const char *key, bool begins)
{
    for (size_t i = 0; i < COUNT(SAID); i++) {
        if (strcmp(SAID[i].key, key) == 0 && (begins || !SAID[i].begins)) {
            return &SAID[i];
        }
    }
    return NULL;
}

static int refuse(struct ctx *c, const struct said *s, const char *wanted)
{
    return err_add(&c->err, c->arena, ERR_INVALID, s->key, "“%s” must be %s.", s->key, wanted);
}

/* null takes back what was said. */
static int take(struct ctx *c, const struct said *s, const struct json *m, struct import_request *q)
{
    const char *text = m->type == JSON_STRING && m->text[0] != 0 ? m->text : NULL;
    bool flag = m->type == JSON_BOOL && m->boolean, none = m->type == JSON_NULL;
    int64_t id = 0;
    char *at = (char *)q + s->at;
    switch (s->form) {
    case SAID_TEXT:
        memcpy(at, &text, sizeof text);
        return none || m->type == JSON_STRING ? 0 : refuse(c, s, "a text");
    case SAID_FLAG:
        memcpy(at, &flag, sizeof flag);
        return none || m->type == JSON_BOOL ? 0 : refuse(c, s, "true or false");
    case SAID_ID:
        if (!none && json_int(m, &id) != 0) {
            return refuse(c, s, "the id of an import");
        }
        memcpy(at, &id, sizeof id);
        return 0;
    case SAID_ENTITY:
        break;
    }
    return 0;
}

static bool is_one(const char *text, const char *const *of, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(of[i], text) == 0) {
            return true;
        }
    }
    return false;
}

int import_said_check(struct ctx *c, const struct import_request *q)
{
    static const char *const DELIMITERS[] = {",", ";", "\t", "|"};
    static const char *const DATES[] = {"DMY", "MDY", "YMD"};
    static const char *const RULES[] = {"none", "silent", "all"};
    static const char *const DECIMALS[] = {"comma", "point"};
    const struct {
        const char *key, *text;
        const char *const *of;
        size_t count;
        const char *wanted;
    } TEXTS[] = {
        {"delimiter", q->delimiter, DELIMITERS, COUNT(DELIMITERS),
         "Columns are parted by one of , ; | or a tab"},
        {"dates", q->dates, DATES, COUNT(DATES), "The order of dates is DMY, MDY or YMD"},
        {"rules", q->rules, RULES, COUNT(RULES), "Rules are “none”, “silent” or “all”"},
        {"decimal", q->decimal, DECIMALS, COUNT(DECIMALS),
         "The decimal sign is “comma” or “point”"}};
    if (q->no_gates && !ctx_is_admin(c)) {
        return ctx_fail(c, ERR_FORBIDDEN, "no_gates",
                        "Only an administrator may let rows past gates and rules.");
    }
    for (size_t i = 0; i < COUNT(TEXTS); i++) {
        if (TEXTS[i].text != NULL && !is_one(TEXTS[i].text, TEXTS[i].of, TEXTS[i].count)) {
            return ctx_fail(c, ERR_INVALID, TEXTS[i].key, "%s, not “%s”.", TEXTS[i].wanted,
                            TEXTS[i].text);
        }
    }
    return q->encoding == NULL || encoding_find(q->encoding) != ENCODING_NONE
               ? 0
               : ctx_fail(c, ERR_INVALID, "encoding",
                          "There is no encoding “%s”; some there are: %s.", q->encoding,
                          ENCODING_EXAMPLES);
}

int import_said(struct ctx *c, const struct json *body, bool begins, struct import_request *q)
{
    for (const struct json *m = body != NULL ? body->child : NULL; m != NULL; m = m->next) {
        const struct said *s = said_find(m->key, begins);
        if (s == NULL) {
            err_add(&c->err, c->arena, ERR_INVALID, m->key, "There is no key “%s” here.", m->key);
        } else {
            take(c, s, m, q);
        }
    }
    return c->err.code != ERR_NONE ? -1 : 0;
}
