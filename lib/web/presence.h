/*
 * Who has which record open, as their pages say it over the streams of live changes. It lives as long as the streams: a page says
 * it anew on the next one, so nothing of it is kept. A place is one stream; the tabs of one browser share it. Every function
 * wants the lock of the live streams held (live.c). Private to lib/web.
 */
#ifndef KONTOR_WEB_PRESENCE_H
#define KONTOR_WEB_PRESENCE_H

#include "api/api.h"
#include "base/json.h"

#define PRESENCE_TABS      16 /* of one stream; a tab more takes the place of the oldest */
#define PRESENCE_OF_USER   64 /* streams: one user's pages cannot take every place */

struct presence_tab {
    char name[PRESENCE_TAB_SIZE];
    int64_t entity, record;
    bool editing;
};

struct presence_place {
    int64_t stream; /* never used again; 0: free */
    int64_t user;
    char name[64];
    bool news; /* somebody came to, left or edits a record that is open here */
    struct presence_tab tabs[PRESENCE_TABS];
    size_t tab_count;
};

struct presence;
struct presence *presence_new(int places);
void presence_free(struct presence *p);
/* A place for a stream of the user; NULL: there is none. */
struct presence_place *presence_enter(struct presence *p, int64_t user, const char *name);
/* True: somebody else has to hear of it. */
bool presence_leave(struct presence *p, struct presence_place *place);
/* Takes what a page says. -1: the user has no such stream; else whether somebody else has to hear of it. */
int presence_say(struct presence *p, const struct api_present *said);
/* The others at a record, as the data of an event. */
void presence_print(const struct presence *p, const struct presence_place *place, int64_t record,
                    struct json_writer *w);

#endif
