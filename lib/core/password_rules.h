/* What a password must be: long enough, not among the commonest, not the firm, the user or the product. No composition rules. */
#ifndef KONTOR_CORE_PASSWORD_RULES_H
#define KONTOR_CORE_PASSWORD_RULES_H

struct arena;

/* NULL when the password may be used, else one sentence that says what to change. company, name, email may be NULL. */
const char *password_problem(struct arena *a, const char *password, const char *company, const char *name, const char *email);

#endif
