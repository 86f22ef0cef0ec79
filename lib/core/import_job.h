/* The job of an import: what it was asked, how far it is. Shared by import.c and import_run.c. */
#ifndef KONTOR_CORE_IMPORT_JOB_H
#define KONTOR_CORE_IMPORT_JOB_H

#include "core/import.h"

#define IMPORT_NEVER INT64_MAX       /* due_at of a job whose file is not there yet */
#define IMPORT_DRAFT (INT64_MAX - 1) /* of a draft: its file is there */

struct import_job {
    struct job job;
    struct import_request request;
    struct actor limits; /* token and unconfirmed, of whoever asked and sent the file */
    const struct json *file_json; /* NULL before the file is complete */
    struct import_file file;
    int64_t oldest, first; /* dated rows: date of the oldest, and the one the load begins with */
};

/* Records that links made, by kind. */
struct import_made {
    const char *entity; /* NULL behind the last */
    int64_t count;
};

/*
 * How far the job is. Pass 0 reads the file in order, or by list 0 (rows by date or title). Rows
 * whose links to the entity itself cannot be resolved yet go to the list of the next pass; passes
 * go on while they get anywhere, the last one rejects what is left. Rows sorted by title that fail
 * go there too, so that they are rejected in the order of the file.
 */
struct import_position {
    int64_t pass;
    int64_t offset, line; /* pass 0 without a list: next row */
    int64_t index, count; /* with a list: next entry, entries */
    int64_t deferred;     /* entries written to the next pass's list */
    int64_t last_at;      /* date of the newest set written, at first the one to begin with */
    int64_t rows, created, updated, unchanged, rejected;
    int64_t left_out;     /* they were deleted where they come from */
    int64_t keyless;      /* of those created: the row had nothing to match by */
    int64_t again;        /* rows matched with a record that an earlier row made */
    int64_t emptied;      /* rows with a cell that says what is not known here, left empty for it */
    int64_t first_made;   /* the first record a row made; 0: none yet */
    int64_t closed;       /* of those created: won or lost as of now, for want of a date */
    struct import_made made[IMPORT_MADE_MAX];
    int64_t rejects_size; /* bytes of the rejects file that count */
    int64_t preview_size; /* and of the rows as they turned out */
    bool last;            /* this pass rejects what it cannot resolve */
    bool careful;         /* the slice before met rows it had to reject */
};

int import_job_load(struct ctx *c, int64_t id, struct import_job *out);
/* What the job row keeps; f NULL: no file yet. */
const char *import_params(struct ctx *c, const struct import_request *q,
                          const struct actor *limits, const struct import_file *f);
/* The file in .raw is whole: the job is made ready to run. */
int import_begin(struct ctx *c, struct import_job *j);
/* The job ends here: nothing was imported. -1, the error stays in c->err. */
int import_give_up(struct ctx *c, struct import_job *j, enum job_state state);
/* import_said.c: what a person said about a file is among what can be said. */
int import_said_check(struct ctx *c, const struct import_request *q);
/* import_recipe.c: a mapping that is only named is looked up. */
int import_recipe_take(struct ctx *c, struct import_request *q);
/* import_suggest.c: the entity that the header of the file speaks of most. */
int import_guess_entity(struct ctx *c, struct import_job *j);
/* A file of another program is of the entity that it holds there, whatever was asked for. */
int import_known_entity(struct ctx *c, struct import_job *j);
int import_position_parse(struct ctx *c, const struct import_job *j, struct import_position *out);
const char *import_position_print(struct ctx *c, const struct import_position *p);
void import_position_made(struct import_position *p, const char *entity, int64_t count);
const char *import_position_start(struct ctx *c, const struct import_job *j, bool by_list);

/* One row of a list: where it stands in the file, and its date (0: none; sorted by title: the
 * beginning of its sort key). Lists are native files of these, never older than the job. */
struct import_list_entry {
    int64_t at_ms, offset, line;
};
char *import_list_path(struct ctx *c, int64_t job, int64_t pass);
int import_list_read(struct ctx *c, const char *path, int64_t index, size_t n,
                     struct import_list_entry **out);
/* Makes the file end with these bytes at `at`, durably. */
int import_spool_write(struct ctx *c, const char *path, const void *bytes, size_t n, int64_t at);
/* import_runs.c: makes a list of entries that come in any order, sorted by at_ms, else in the order
 * of the file, within a bounded memory; durable when it ends, and nothing is there before. */
#define IMPORT_RUN ((size_t)1 << 20) /* entries that are sorted in memory at once */
struct import_sorter;
/* For `most` entries; ends with the arena. */
struct import_sorter *import_sorter_new(struct arena *a, const char *path, size_t most);
int import_sorter_add(struct import_sorter *s, const struct import_list_entry *entry,
                      struct err *e);
int import_sorter_end(struct import_sorter *s, struct err *e);
/* The same for a file of n entries; again and again gives the same. */
int import_list_sort_file(struct ctx *c, const char *path, size_t n);
/* import_sort.c: writes list 0 if the rows are not to be written in the order of the file: dated
 * ones by their date (refuses dates that cannot be read or lie before the newest change), those of
 * a large file by title, if nothing depends on the order. */
int import_sort(struct ctx *c, struct import_job *j, const struct import_plan *plan, bool *listed);
/* For ctx_write: the file is whole, the job may run (data: struct job). */
int import_job_ready(struct ctx *c, void *job);
/* import_correct.c: the import that the rejected rows of this one went in with, put right, and were
 * not taken back from; 0: none. -1 on failure. */
int import_corrected_by(struct ctx *c, const struct import_job *j, int64_t *out);
/* ERR_CONFLICT when there is one. */
int import_may_correct(struct ctx *c, int64_t job);
/* import_job_ready, which is when corrected rows count as such (data: struct import_job). */
int import_corrected_ready(struct ctx *c, void *import_job);
/* import_dated.c: the moment of a row; an item in memory of `a` when it has none or a later one than
 * now. */
int import_date_of(struct ctx *c, struct arena *a, const struct import_job *j,
                   const struct import_plan *plan, const struct import_row *row, int64_t *out);
/* j->oldest may not lie before the newest change that lasts. */
int import_check_oldest(struct ctx *c, struct import_job *j);
/* ERR_BUSY while another job than `own` is in the way of a dated load. */
int import_may_load(struct ctx *c, int64_t own);
/* import_job_ready for dated rows, if nobody was quicker (data: struct import_job). */
int import_dated_ready(struct ctx *c, void *import_job);
/* A dated load of another job is running. */
bool import_waits(struct ctx *c, const struct import_job *j);
void import_spool_drop(struct ctx *c, int64_t job);

#endif
