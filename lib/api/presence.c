/* Who has which record open: a page says it here, the live streams tell it to the others. */
#include "api/route.h"
#include "base/str.h"
#include "core/record.h"

static bool is_tab(const char *tab)
{
    return tab != NULL && *tab != 0 && strlen(tab) < PRESENCE_TAB_SIZE &&
           tab[strspn(tab, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")] == 0;
}

/* {"stream": 5, "tab": "k3x", "editing": true}; {"stream", "tab", "gone": true}: it is open there no more. */
int api_records_present(struct request *q, struct reply *r)
{
    struct ctx *c = q->ctx;
    const struct api_host *host = &q->api->host;
    const struct json *stream = json_find(q->body, "stream");
    struct api_present said = {.user = c->actor.user,
                               .tab = json_text(q->body, "tab"),
                               .entity = q->entity->id,
                               .record = q->id,
                               .editing = json_true(q->body, "editing"),
                               .gone = json_true(q->body, "gone")};
    r->status = 204;
    if (stream == NULL || json_int(stream, &said.stream) != 0 || said.stream <= 0) {
        return ctx_fail(c, ERR_INVALID, "stream",
                        "Say by its number on which stream of live changes the page listens.");
    }
    if (!is_tab(said.tab)) {
        return ctx_fail(c, ERR_INVALID, "tab", "Name the tab by up to 32 letters and digits.");
    }
    if (!said.gone && record_permit(c, ACTION_SEE, q->entity, q->id, false) != 0) {
        return -1;
    }
    if (!c->dry_run && (host->present == NULL || !host->present(host->data, &said))) {
        return ctx_fail(c, ERR_NOT_FOUND, "stream",
                        "That stream of live changes is over; say it anew on the next one.");
    }
    return 0;
}
