/*
 * The last part of a restore: moving the old data aside and the checked new data into place. Several renames, so it is written down
 * before the first: what was begun when the process died is finished by whoever opens the data directory next. Called with the lock
 * of the data directory.
 */
#ifndef KONTOR_STORE_RESTORE_H
#define KONTOR_STORE_RESTORE_H

struct arena;
struct err;

/* Names of a restore begun at `when`; conf is absolute, without a slash at its end. */
const char *restore_absolute(struct arena *a, const char *conf_dir);
const char *restore_database(struct arena *a, const char *data_dir, const char *when);
const char *restore_conf(struct arena *a, const char *conf, const char *when);
const char *restore_files(struct arena *a, const char *data_dir, const char *when);
/* Before anything is unpacked: whoever opens the data directory next knows what to remove if we die. */
int restore_note(const char *data_dir, const char *conf, const char *when, struct arena *a, struct err *e);
/* What was unpacked and is not wanted: of restores that did not come to their swap. */
void restore_forget(const char *data_dir, struct arena *a);
/* Database, attached files and configuration (if there is one) wait under these names, on disk. Puts them into place. */
int restore_swap(const char *data_dir, const char *conf, const char *when, struct arena *a, struct err *e);
/* The folders in which a swap kept what was there before; NULL: nothing was. */
const char *restore_kept_data(struct arena *a, const char *data_dir, const char *when);
const char *restore_kept_conf(struct arena *a, const char *conf, const char *when);
/* Finishes a swap that was interrupted; nothing to do is success. */
int restore_resume(const char *data_dir, struct err *e);

#endif
