/* The configuration's way: files → model and settings → plan → applied. Used by app, the API (as
 * host) and SIGHUP. */
#ifndef KONTOR_APP_CONFIG_H
#define KONTOR_APP_CONFIG_H

#include "app/app.h"
#include "store/schema_plan.h"

/* What the files of conf/ say. */
struct candidate {
    struct source *files; /* the customer's, as read */
    size_t file_count;
    struct model *model; /* NULL when there are problems; one reference */
    struct settings settings;
    struct err notes; /* items: files in the folder that are not read, unknown tags; no problem */
};

/* Reads and links; -1 with every problem as an item of e (where "file:line:column"). files are
 * there in any case. */
int config_read(const char *conf, struct arena *a, struct candidate *out, struct err *e);

/* Notes the tags that views quote and that are not there. */
int config_note_tags(struct ctx *c, struct candidate *seen);
/* The same of people and teams: of targets, pipelines, rules, first answers and calendars. */
int config_note_people(struct ctx *c, struct candidate *seen);

/* First model of a process: the applied one, or on a new database what conf/ says. When this
 * program's built-in files do not go with the applied ones, those of before stay in force and
 * app.held says why. */
int config_start(struct app *app, struct err *e);
/* SIGHUP: applies what loses nothing, else keeps the old and says so in the log and in app.notice.
 */
void config_reload(struct app *app);
/* Compares the files with what is applied and sets app.notice. */
void config_compare(struct app *app);

/* What was just seen of the files becomes app.notice; problems: of files without a model. */
void config_note(struct app *app, const struct candidate *seen, const struct plan *plan,
                 const struct err *problems, struct arena *a);
/* Reads the files, so that app.notice is true now; nothing is logged. */
void config_look_again(struct app *app, struct arena *a);

/* Host functions of the API. */
int config_host_print(void *data, struct ctx *c, bool reread, struct buf *out);
int config_host_apply(void *data, struct ctx *c, bool yes, struct buf *out);
int config_host_setup(void *data, struct ctx *c, const char *name, const char *currency,
                      const char *zone);

/* kontor.yaml with some values set, everything else as it was; NULL members stay. In the arena. */
const char *config_with_company(struct arena *a, const char *yaml, const char *name,
                                const char *currency, const char *zone);
/* The file a new installation begins with. */
const char *config_initial(struct arena *a, const char *name, const char *currency,
                           const char *zone);

#endif
