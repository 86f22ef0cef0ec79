/* What account.c and account_sign_in.c share. */
#ifndef KONTOR_CORE_ACCOUNT_PRIVATE_H
#define KONTOR_CORE_ACCOUNT_PRIVATE_H

#include "core/account.h"

struct user {
    int64_t id, team;
    const char *name, *email, *role; /* email, role NULL when empty */
    bool active;                     /* active and not in the trash */
};

int account_load_user(struct ctx *c, int64_t id, struct user *out); /* ERR_NOT_FOUND */
int account_id_of_email(struct ctx *c, const char *email, int64_t *out);
/* Acts as the system until the returned actor is put back. */
struct actor account_become_system(struct ctx *c, enum change_source source);

#endif
