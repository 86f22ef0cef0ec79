/* The pages of public forms as HTML: no script, nothing inline, nothing from elsewhere. Every text of
 * a visitor or of the configuration is escaped here. */
#ifndef KONTOR_API_FORM_PAGE_H
#define KONTOR_API_FORM_PAGE_H

#include "base/buf.h"
#include "core/form.h"

/* Names of what a form sends besides its fields, whose names begin with a letter. */
#define FORM_IN_TOKEN    "_token"
#define FORM_IN_TRAP     "_more"
#define FORM_IN_CONSENT  "_consent"
#define FORM_IN_PAGE     "_page"
#define FORM_IN_CAMPAIGN "_" /* and utm_source … */

struct form_page {
    const struct form *form;
    const struct form_sent *sent;     /* what was typed before; all empty at first */
    const struct form_result *result; /* NULL: shown for the first time */
    const char *token;
    const char *style; /* the address of the style sheet */
};

void form_page_print(struct buf *out, const struct form_page *p);
/* What is shown when it was sent. */
void form_page_thanks(struct buf *out, const struct form_page *p);
/* There is no such form. */
void form_page_absent(struct buf *out, const char *style);

#endif
