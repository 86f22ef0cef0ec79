/* Shared by config.c and config_start.c. */
#ifndef KONTOR_APP_CONFIG_PARTS_H
#define KONTOR_APP_CONFIG_PARTS_H

#include "app/config.h"

struct sources {
    struct source *list;
    size_t count;
};

/* Built-in texts and the customer's as a candidate. */
int config_link(struct arena *a, const struct sources *builtin, const struct sources *own,
                struct candidate *out, struct err *e);
/* As config_read; without the folder there are no files. */
int config_read_files(const char *conf, struct arena *a, struct candidate *out, struct err *e);
/* Notes pipelines without a lost stage, and the firm's follow-ups without a subject. */
void config_note_gaps(const struct model *m, struct arena *a, struct err *notes);
/* What applying a model would do. */
int config_plan(struct app *app, const struct model *model, struct arena *a, struct plan *out,
                struct err *e);
const struct plan_step *config_first_loss(const struct plan *plan); /* or refusal; NULL: none */
/* Writes the model to the database and makes it the present one; takes the candidate's reference
 * over on success. */
int config_apply(struct app *app, struct candidate *candidate, int64_t actor, bool dry_run,
                 struct arena *a, struct err *e);
/* What works at once; the rest waits for the next start and is said. */
void config_use_settings(struct app *app, const struct settings *s);
/* "file:line:column: text" of the first message. */
const char *config_first_problem(const struct err *e, struct arena *a);

#endif
