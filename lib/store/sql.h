/*
 * SQL text under construction, with the values bound to it. Every value is bound, never written
 * into the text, so equal shapes give equal texts and hit the cache of prepared statements.
 * Parameters are numbered ("?7"): a piece of text may be cut out and used again in another place,
 * or twice. Names come from the model only.
 */
#ifndef KONTOR_STORE_SQL_H
#define KONTOR_STORE_SQL_H

#include <sqlite3.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "model/value.h"

struct db;

struct sql {
    struct buf text;
    struct arena *arena;
    struct value *binds; /* of ?1, ?2 …; texts are borrowed until the statement is done */
    size_t bind_count, bind_room;
    uint64_t reads; /* stored computed fields, by entity (rows_reads): written before it runs */
};

void sql_init(struct sql *s, struct arena *a);
void sql_done(struct sql *s); /* frees the text; allowed twice */
void sql_add(struct sql *s, const char *text);
void sql_add_column(struct sql *s, int alias, const char *name); /* "t3.city" */
void sql_printf(struct sql *s, const char *format, ...) PRINTF_LIKE(2, 3);
/* Binds the value and writes its "?n"; gives n. */
size_t sql_bind(struct sql *s, struct value v);
/* Binds without writing. */
size_t sql_keep(struct sql *s, struct value v);
void sql_param(struct sql *s, size_t n); /* writes "?n" of a value bound before */
/* The text from `start` on, cut off and kept in the arena; its parameters stay bound. */
const char *sql_cut(struct sql *s, size_t start);
/* The prepared statement with everything bound; NULL with e filled. Give it back with stmt_done
 * before sql's arena goes. */
sqlite3_stmt *sql_statement(struct db *db, const struct sql *s, struct err *e);

#endif
