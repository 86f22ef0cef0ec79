/* See presence.h. */
#include "web/presence.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/str.h"

struct presence {
    struct presence_place *places;
    int most;
    int64_t last; /* number of the newest stream; begins with the time, so that it differs from those before a restart */
};

struct presence *presence_new(int places)
{
    struct presence *p = memory_take(sizeof *p);
    size_t size = sizeof *p->places * (size_t)places;
    *p = (struct presence){.places = memory_take(size), .most = places, .last = clock_now_ms()};
    memset(p->places, 0, size);
    return p;
}

void presence_free(struct presence *p)
{
    free(p->places);
    free(p);
}

/* As many whole characters as there is room for. */
static void copy_name(char *to, size_t room, const char *name)
{
    size_t n = 0, left = strlen(name);
    for (size_t step; left > n && (step = str_utf8_sequence(name + n, left - n)) > 0;) {
        if (n + step >= room) {
            break;
        }
        n += step;
    }
    memcpy(to, name, n);
    to[n] = 0;
}

struct presence_place *presence_enter(struct presence *p, int64_t user, const char *name)
{
    struct presence_place *free_one = NULL;
    int own = 0;
    for (int i = 0; i < p->most; i++) {
        struct presence_place *place = &p->places[i];
        own += place->stream != 0 && place->user == user;
        free_one = place->stream == 0 ? place : free_one;
    }
    if (free_one == NULL || own >= PRESENCE_OF_USER) {
        return NULL;
    }
    *free_one = (struct presence_place){.stream = ++p->last, .user = user};
    copy_name(free_one->name, sizeof free_one->name, name != NULL ? name : "");
    return free_one;
}

static const struct presence_tab *tab_at(const struct presence_place *place, int64_t record)
{
    const struct presence_tab *found = NULL;
    for (size_t i = 0; i < place->tab_count; i++) {
        const struct presence_tab *tab = &place->tabs[i];
        if (tab->record == record && (found == NULL || tab->editing)) {
            found = tab;
        }
    }
    return found;
}

/* Places of other users where the record is open have news. True: there is one. */
static bool spread(struct presence *p, int64_t user, int64_t record)
{
    bool heard = false;
    for (int i = 0; i < p->most; i++) {
        struct presence_place *place = &p->places[i];
        if (place->stream != 0 && place->user != user && tab_at(place, record) != NULL) {
            place->news = true;
            heard = true;
        }
    }
    return heard;
}

bool presence_leave(struct presence *p, struct presence_place *place)
{
    bool heard = false;
    const struct presence_place gone = *place;
    *place = (struct presence_place){0};
    for (size_t i = 0; i < gone.tab_count; i++) {
        heard = spread(p, gone.user, gone.tabs[i].record) || heard;
    }
    return heard;
}

static void remove_tab(struct presence_place *place, size_t i)
{
    place->tab_count--;
    memmove(&place->tabs[i], &place->tabs[i + 1],
            (place->tab_count - i) * sizeof place->tabs[0]);
}

/* The tab leaves where it was. True: somebody else has to hear of it. */
static bool tab_leaves(struct presence *p, struct presence_place *place, const char *tab)
{
    for (size_t i = 0; i < place->tab_count; i++) {
        if (str_eq(place->tabs[i].name, tab)) {
            int64_t record = place->tabs[i].record;
            remove_tab(place, i);
            return spread(p, place->user, record);
        }
    }
    return false;
}

int presence_say(struct presence *p, const struct api_present *said)
{
    struct presence_place *place = NULL;
    for (int i = 0; i < p->most; i++) {
        if (p->places[i].stream == said->stream && p->places[i].user == said->user) {
            place = &p->places[i];
        }
    }
    if (place == NULL) {
        return -1;
    }
    bool heard = tab_leaves(p, place, said->tab);
    if (said->gone) {
        return heard;
    }
    if (place->tab_count == PRESENCE_TABS) {
        remove_tab(place, 0);
    }
    struct presence_tab *tab = &place->tabs[place->tab_count++];
    *tab = (struct presence_tab){
        .entity = said->entity, .record = said->record, .editing = said->editing};
    snprintf(tab->name, sizeof tab->name, "%s", said->tab);
    bool others = spread(p, place->user, said->record);
    place->news = place->news || others;
    return heard || others;
}

/* Is he told of by an earlier place? Somebody may have several browsers. */
static bool told_before(const struct presence *p, int place, int64_t record)
{
    for (int i = 0; i < place; i++) {
        if (p->places[i].stream != 0 && p->places[i].user == p->places[place].user &&
            tab_at(&p->places[i], record) != NULL) {
            return true;
        }
    }
    return false;
}

static bool edits(const struct presence *p, int64_t user, int64_t record)
{
    for (int i = 0; i < p->most; i++) {
        const struct presence_place *place = &p->places[i];
        const struct presence_tab *tab = place->user == user ? tab_at(place, record) : NULL;
        if (tab != NULL && tab->editing) {
            return true;
        }
    }
    return false;
}

void presence_print(const struct presence *p, const struct presence_place *place, int64_t record,
                    struct json_writer *w)
{
    jw_object(w);
    jw_kv_int(w, "id", record);
    jw_key(w, "people");
    jw_array(w);
    for (int i = 0; i < p->most; i++) {
        const struct presence_place *other = &p->places[i];
        if (other->stream == 0 || other->user == place->user || tab_at(other, record) == NULL ||
            told_before(p, i, record)) {
            continue;
        }
        jw_object(w);
        jw_kv_int(w, "id", other->user);
        jw_kv_text(w, "title", other->name);
        jw_kv_bool(w, "editing", edits(p, other->user, record));
        jw_object_end(w);
    }
    jw_array_end(w);
    jw_object_end(w);
}
