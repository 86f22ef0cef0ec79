/*
 * Backup in one file: header, manifest (JSON: version, time, sizes, SHA-256 of each part, newest change-set, chain head, counts per
 * entity), the database (online backup inside one read transaction), the configuration files, the attached files this database
 * names. Verify opens the copy: hashes, integrity_check, foreign_key_check, counts, chain, every attached file. Restore unpacks beside, verifies, swaps by rename, keeps the old.
 */
#ifndef KONTOR_STORE_BACKUP_H
#define KONTOR_STORE_BACKUP_H

#include "store/store.h"

struct backup_report {
    int64_t bytes, records, change_sets;
    const char *taken_at;
    const char *text;     /* human lines */
    const char **missing; /* "conf/entities/x.yaml: why": files of the configuration that are not in it */
    size_t missing_count;
    int64_t files;            /* attached files in it */
    /* Attached files the database needs that it lacks, or has altered: "offer.pdf (files/ab/…): why"; the first ones, and
     * how many there are. */
    const char **lost;
    size_t lost_told;
    int64_t lost_count;
    const char *kept_data, *kept_conf; /* restore: folders with what was there before; NULL: nothing was */
};
/* Writes to the open descriptor (the CLI's file or a pipe); conf_dir's YAML files are included as they are, be they good or
 * not. One that cannot be read does not stop a backup: it is missing, and the text that is applied takes its place. */
int backup_write(struct store *s, const char *conf_dir, int fd, struct arena *a, struct backup_report *out, struct err *e);
/* Checks a backup file completely, using tmp_dir for the unpacked database. */
int backup_verify(const char *file, const char *tmp_dir, struct arena *a, struct backup_report *out, struct err *e);
/* Daemon down, lock taken by the caller. Old data end up in data_dir/before-restore-<time>/ and conf_dir.before-restore-<time>. */
int backup_restore(const char *file, const char *data_dir, const char *conf_dir, struct arena *a, struct backup_report *out, struct err *e);

#endif
