/*
 * The unit of work: one request, one CLI command, one job slice. First argument of everything above the store. Results live
 * in its arena; handlers never free. It pins the model it began with, so a reload in between cannot change its meaning;
 * a write by a model that is no longer the applied one fails (ERR_BUSY, c->stale).
 */
#ifndef KONTOR_CORE_CTX_H
#define KONTOR_CORE_CTX_H

#include "base/arena.h"
#include "base/err.h"
#include "model/model.h"
#include "store/change.h"
#include "store/query.h"
#include "store/store.h"

/* What a token may do; sessions and the CLI have TOKEN_NONE: everything their role allows. */
enum token_scope { TOKEN_NONE, TOKEN_READ, TOKEN_WRITE, TOKEN_ADMIN };

struct actor {
    int64_t user;            /* 0: the system (CLI with all rights, set-up) */
    int64_t team;            /* 0: none */
    const struct role *role; /* NULL: the system; of ctx->model; model->nobody when anonymous */
    enum token_scope token;
    enum change_source source;
    const char *name;        /* "cli:root" or the user's name; for reasons and logs */
    bool anonymous;          /* nobody signed in: only public routes */
    bool shared;             /* somebody shares a record with him, or did */
    bool unconfirmed;        /* a session whose password was given too long ago to change accounts with it */
};

struct import_feed;
struct ctx;

/* Whether rules of the firm act on what is written; those that refuse are asked all the same. */
enum rules_mode { RULES_ALL, RULES_SILENT /* nobody is told */, RULES_NONE };

/* What lib/rules hands down, by store_hang. */
struct ctx_hooks {
    int (*settle)(struct ctx *c); /* rules that act after what was written since c->events_seen */
};

/* The private copy on which the dry run of a job goes from slice to slice; lib/jobs has one. */
struct trial {
    int64_t job;
    struct store *copy; /* NULL: none */
};
void trial_end(struct trial *t);
struct old_model;

struct ctx {
    struct arena *arena;
    struct store *store;
    struct model *model;  /* one reference held */
    struct old_model *earlier; /* pinned before ctx_renew: others may still hold what lies in them */
    int64_t stale;        /* a write failed because this generation was applied meanwhile; 0 none */
    bool wrote;           /* something was kept: this unit of work cannot simply begin again */
    struct actor actor;
    struct db *db;        /* reader taken by ctx_db, or the writer's connection inside a command */
    struct query_cost cost; /* of the readers given back so far */
    bool in_write;
    bool dry_run;
    bool draft;           /* a dry run for a form that is being filled in */
    bool no_gates;        /* an import that an administrator lets past the gates of stages and rules that refuse */
    bool halfway;         /* what is written is part of something larger that is judged before it began */
    bool passive;         /* runs by itself (an event stream): no use of the session that would keep it alive */
    int64_t now_ms;       /* fixed */
    char trace[17];       /* hex; in errors and log lines */
    const char *reason;   /* of the change-sets to come ("import contacts.csv"); NULL: the actor's name if it is the system */
    enum change_source as;     /* source of the change-sets to come; 0: the actor's */
    int64_t undo_of;      /* of the change-sets to come; 0: none */
    bool along;           /* what is written goes along with another record, whose people are told of that one (series) */
    enum rules_mode rules;
    bool settling;              /* rules act just now */
    size_t events_seen;         /* of the open group: what rules have looked at */
    int64_t dated_ms;           /* date of the set begun by ctx_next_change; 0: now */
    const struct role *asker;   /* while rules act: of the actor, who has system rights then */
    struct change_set *settled; /* while rules act: the set they act on */
    struct change_set change; /* of the running or last write; change.id 0 if none */
    /* Called inside the writer after `run` of ctx_write succeeded, before the set is finished, in the same savepoint; not for dry
     * runs and slices; once: after the first write that was kept it is NULL. lib/api keeps idempotency answers with it. */
    int (*with_effect)(struct ctx *c, void *data);
    void *with_effect_data;
    const char *spool;      /* where imports keep their files; NULL: spool/ of the store */
    int64_t job;            /* whose work this is: it may take back what it has written so far, and write while its dates keep others out; 0 none */
    int64_t began_job, began_root; /* the long write this request began, whose slices it runs; 0 none */
    bool identities_changed; /* this write changed who somebody is: cached identities go after it */
    struct trial *trial;    /* of the scheduler; NULL for all but jobs */
    int64_t pause_ms;       /* out, of a slice: another job has what this one needs */
    struct import_feed *feeding; /* the import whose file this request sends (import.c); NULL none */
    struct err err;
};

/* Takes a reference on the model. actor is copied. */
void ctx_begin(struct ctx *c, struct arena *a, struct store *s, struct model *m, const struct actor *actor);
/* Outside a write: pins the applied model in place of the earlier one, the actor with his role as it is there, and forgets c->stale.
 * What was parsed before has to be parsed again. -1 with c->err filled: the role is gone, or there is no such model. */
int ctx_renew(struct ctx *c);
/* Gives back the reader and the model. The arena stays the caller's. */
void ctx_end(struct ctx *c);
/* The connection to read with: inside a write the writer's, else a pooled reader (taken at first use). NULL: err filled. */
struct db *ctx_db(struct ctx *c);
/* Gives the reader back early (before a reply is sent). */
void ctx_release(struct ctx *c);
struct who ctx_who(const struct ctx *c);
/* The moment of the rates by which amounts are converted now: that of the row of a dated import. */
int64_t ctx_rates_ms(const struct ctx *c);
bool ctx_is_admin(const struct ctx *c); /* system, or a role with admin */
int ctx_fail(struct ctx *c, enum err_code code, const char *where, const char *format, ...) PRINTF_LIKE(4, 5);

/*
 * Runs `run` in the writer with c->db = the writer's connection, c->change fresh (actor and source of c), change_finish at the
 * end. c->dry_run decides about rolling back. `run` may run more than once and must start from scratch.
 */
int ctx_write(struct ctx *c, int (*run)(struct ctx *c, void *params), void *params);
/* The same for what touches only the fixed tables (sessions, jobs, facts): whatever model is applied. */
int ctx_write_fixed(struct ctx *c, int (*run)(struct ctx *c, void *params), void *params);
/* The same for a slice of a long write: yields to others, belongs to root `parent`. */
int ctx_write_slice(struct ctx *c, int64_t parent, int (*run)(struct ctx *c, void *params), void *params);

/*
 * Within a write: runs `run` so that its failure leaves nothing behind and the write can go on (one row of an import, one record of
 * a bulk change). 0 or -1 with c->err filled; *fatal then tells that the whole write is lost (disk full, database gone).
 */
int ctx_try(struct ctx *c, int (*run)(struct ctx *c, void *params), void *params, bool *fatal);
/* Within a write: finishes the set begun and begins another, dated at_ms (0: now); for writes in date order (import --at). */
int ctx_next_change(struct ctx *c, int64_t at_ms);

/*
 * Within a write: rules act on what was written so far, each in a set of its own below the same root. The set begun is finished
 * then if one did, and takes nothing more: it is the last a write does, before it prints what stands there. Done by itself at the
 * end of every write.
 */
int ctx_settle(struct ctx *c);
/* For lib/rules, between them: what one rule does to one record. The reason may be set anew until the end. */
int ctx_rule_begin(struct ctx *c, const char *reason);
int ctx_rule_end(struct ctx *c);

/* Rights of the actor on an entity, before any record is looked at. */
bool ctx_may(const struct ctx *c, enum action action, const struct entity *e);

#endif
