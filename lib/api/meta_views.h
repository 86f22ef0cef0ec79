/* Saved views of users, for /meta. Private to lib/api. */
#ifndef KONTOR_API_META_VIEWS_H
#define KONTOR_API_META_VIEWS_H

#include "api/api.h"

struct saved_view {
    int64_t id;
    const char *name, *entity, *filter, *sort, *mode, *by, *pipeline, *group_by;
    const char *columns; /* JSON list of field names */
    const char *widths;  /* as view_width_next takes it */
    bool shared, with_team, opens, own;
};

struct saved_views {
    struct saved_view *items;
    size_t count;
};

/* What the caller may see, by name. */
int meta_views_load(struct ctx *c, struct saved_views *out);
/* There may be such a field, also "company.city", but not for the caller. */
bool meta_is_hidden(const struct ctx *c, const struct entity *e, const char *name);
/* "widths": pixels by column, of those the caller may see; nothing for NULL. */
void meta_widths_print(struct json_writer *w, const struct ctx *c, const struct entity *e,
                       const char *widths);
/* Filter, sort and grouping of a view name only fields the caller may see; texts may be NULL. */
bool meta_view_fits(const struct ctx *c, const struct entity *e, const char *filter,
                    const char *sort, const char *by);
/* Prints those of an entity as elements of an open array; of shared ones only what fits. */
void meta_views_print(struct json_writer *w, const struct ctx *c, const struct saved_views *views,
                      const struct entity *e);

#endif
