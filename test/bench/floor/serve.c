/*
 * serve PORT THREADS DB [pool=N] [cache=KIB]: the least a web server with a database does. civetweb
 * with Kontor's options, a pool of reader connections, answers in one write.
 *   /s        200 bytes
 *   /pk/bw    a random contact by its id, as JSON
 *   /li/bw    fifty contacts by name from a random one on, twelve columns, as JSON
 * DB is made by `import DB ROWS I`. Ends on SIGTERM.
 */
#include <civetweb.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "floor.h"

#define POOL_MAX 64
#define PAGE     50

struct text {
    char *data;
    size_t size, room;
};

struct reader {
    sqlite3 *db;
    sqlite3_stmt *one, *page;
};

static struct reader pool[POOL_MAX];
static int pool_free[POOL_MAX], pool_count;
static pthread_mutex_t pool_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t pool_given = PTHREAD_COND_INITIALIZER;
static int64_t row_count;
static volatile sig_atomic_t stopping;

/* ---- text ------------------------------------------------------------------------------------ */

static char *need(struct text *t, size_t more)
{
    if (t->size + more > t->room) {
        t->room = 2 * (t->size + more) + 4096;
        t->data = realloc(t->data, t->room);
        if (t->data == NULL) {
            floor_fail(NULL, "memory");
        }
    }
    return t->data + t->size;
}

static void put(struct text *t, const char *s, size_t n)
{
    memcpy(need(t, n), s, n);
    t->size += n;
}

static void put_string(struct text *t, const unsigned char *s, size_t n)
{
    char *out = need(t, 6 * n + 2), *start = out;
    *out++ = '"';
    for (size_t i = 0; i < n; i++) {
        if (s[i] >= ' ' && s[i] != '"' && s[i] != '\\') {
            *out++ = (char)s[i];
        } else if (s[i] < ' ') {
            out += sprintf(out, "\\u%04x", s[i]);
        } else {
            *out++ = '\\';
            *out++ = (char)s[i];
        }
    }
    *out++ = '"';
    t->size += (size_t)(out - start);
}

static void put_row(struct text *t, sqlite3_stmt *st)
{
    for (int i = 0; i < FLOOR_COLUMNS; i++) {
        put(t, i == 0 ? "{\"" : ",\"", 2);
        put(t, FLOOR_NAMES[i], strlen(FLOOR_NAMES[i]));
        put(t, "\":", 2);
        if (sqlite3_column_type(st, i) == SQLITE_INTEGER) {
            t->size += (size_t)sprintf(need(t, 24), "%lld", sqlite3_column_int64(st, i));
        } else {
            const unsigned char *s = sqlite3_column_text(st, i);
            put_string(t, s, (size_t)sqlite3_column_bytes(st, i));
        }
    }
    put(t, "}", 1);
}

/* ---- requests -------------------------------------------------------------------------------- */

static int reader_take(void)
{
    pthread_mutex_lock(&pool_lock);
    while (pool_count == 0) {
        pthread_cond_wait(&pool_given, &pool_lock);
    }
    int which = pool_free[--pool_count];
    pthread_mutex_unlock(&pool_lock);
    return which;
}

static void reader_give(int which)
{
    pthread_mutex_lock(&pool_lock);
    pool_free[pool_count++] = which;
    pthread_cond_signal(&pool_given);
    pthread_mutex_unlock(&pool_lock);
}

static int answer(struct mg_connection *conn, const char *body, size_t n)
{
    static _Thread_local struct text out;
    out.size = 0;
    out.size = (size_t)sprintf(need(&out, 400),
                               "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                               "Content-Length: %zu\r\nCache-Control: no-store\r\n"
                               "X-Content-Type-Options: nosniff\r\n\r\n",
                               n);
    put(&out, body, n);
    mg_write(conn, out.data, out.size);
    return 200;
}

static int serve_static(struct mg_connection *conn, void *data)
{
    static char body[200];
    (void)data;
    if (body[0] == 0) {
        memset(body, 'x', sizeof body);
    }
    return answer(conn, body, sizeof body);
}

static int serve_one(struct mg_connection *conn, void *data)
{
    static _Thread_local struct text body;
    (void)data;
    int which = reader_take();
    sqlite3_stmt *st = pool[which].one;
    sqlite3_bind_int64(st, 1, (int64_t)(floor_random() % (uint64_t)row_count) + 1);
    body.size = 0;
    if (sqlite3_step(st) == SQLITE_ROW) {
        put_row(&body, st);
    }
    sqlite3_reset(st);
    reader_give(which);
    return answer(conn, body.data, body.size);
}

static int serve_page(struct mg_connection *conn, void *data)
{
    static _Thread_local struct text body;
    struct floor_row from;
    (void)data;
    int which = reader_take();
    sqlite3_stmt *st = pool[which].page;
    floor_row((int64_t)(floor_random() % (uint64_t)row_count) + 1, &from);
    sqlite3_bind_text(st, 1, from.last, -1, SQLITE_STATIC);
    body.size = 0;
    put(&body, "[", 1);
    while (sqlite3_step(st) == SQLITE_ROW) {
        if (body.size > 1) {
            put(&body, ",", 1);
        }
        put_row(&body, st);
    }
    put(&body, "]", 1);
    sqlite3_reset(st);
    reader_give(which);
    return answer(conn, body.data, body.size);
}

/* ---- start ----------------------------------------------------------------------------------- */

static void open_pool(const char *path, int count, int cache)
{
    char pragmas[160], sql[600];
    snprintf(pragmas, sizeof pragmas,
             "PRAGMA cache_size=-%d; PRAGMA wal_autocheckpoint=0; PRAGMA query_only=1", cache);
    for (int i = 0; i < count; i++) {
        pool[i].db = floor_open(path, pragmas);
        snprintf(sql, sizeof sql, "SELECT %s FROM contact WHERE id = ?", FLOOR_COLUMN_LIST);
        pool[i].one = floor_prepare(pool[i].db, sql);
        snprintf(sql, sizeof sql,
                 "SELECT %s FROM contact WHERE (last_name, id) > (?, 0)"
                 " ORDER BY last_name, id LIMIT %d",
                 FLOOR_COLUMN_LIST, PAGE);
        pool[i].page = floor_prepare(pool[i].db, sql);
        pool_free[pool_count++] = i;
    }
    sqlite3_stmt *max = floor_prepare(pool[0].db, "SELECT max(id) FROM contact");
    sqlite3_step(max);
    row_count = sqlite3_column_int64(max, 0);
    sqlite3_finalize(max);
}

static void on_signal(int signal)
{
    (void)signal;
    stopping = 1;
}

int main(int argc, char **argv)
{
    int count = 4, cache = 32768;
    if (argc < 4) {
        fprintf(stderr, "usage: serve PORT THREADS DB [pool=N] [cache=KIB]\n");
        return 2;
    }
    for (int i = 4; i < argc; i++) {
        sscanf(argv[i], "pool=%d", &count);
        sscanf(argv[i], "cache=%d", &cache);
    }
    char port[40];
    snprintf(port, sizeof port, "127.0.0.1:%s", argv[1]);
    const char *options[] = {"listening_ports", port, "num_threads", argv[2],
                             "enable_keep_alive", "yes", "keep_alive_timeout_ms", "5000",
                             "request_timeout_ms", "10000", "tcp_nodelay", "1",
                             "enable_auth_domain_check", "no", NULL};
    const struct mg_callbacks callbacks = {0};
    sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
    open_pool(argv[3], count < POOL_MAX ? count : POOL_MAX, cache);
    signal(SIGTERM, on_signal);
    mg_init_library(0);
    struct mg_context *server = mg_start(&callbacks, NULL, options);
    if (server == NULL) {
        floor_fail(NULL, port);
    }
    mg_set_request_handler(server, "/s$", serve_static, NULL);
    mg_set_request_handler(server, "/pk/bw", serve_one, NULL);
    mg_set_request_handler(server, "/li/bw", serve_page, NULL);
    while (!stopping) {
        usleep(20000);
    }
    mg_stop(server);
    return 0;
}
