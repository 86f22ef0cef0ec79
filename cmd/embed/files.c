/*
 * kontor-embed: reading the folders. Every regular file becomes a struct input with its MIME type
 * and hash; a file whose ending is not in MIME_TYPES stops the build, so that nothing is served
 * with a guessed type.
 */
#include "embed.h"

#include <ftw.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Ending of the name, Content-Type. An empty ending stands for names without a dot. */
static const struct {
    const char *ending;
    const char *mime;
} MIME_TYPES[] = {
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".webmanifest", "application/manifest+json"},
    {".txt", "text/plain; charset=utf-8"},
    {".md", "text/markdown; charset=utf-8"},
    {".yaml", "application/yaml"},
    {".yml", "application/yaml"},
    {".sql", "text/plain; charset=utf-8"},
    {".csv", "text/csv; charset=utf-8"},
    {".service", "text/plain; charset=utf-8"},
    {"", "text/plain; charset=utf-8"},
    {NULL, NULL},
};

/* nftw() hands no argument to its callback. */
static struct inputs *walk_into;
static size_t walk_skip; /* length of "TREE/" */

static const char *mime_of(const char *path)
{
    const char *name = strrchr(path, '/') + 1;
    const char *dot = strrchr(name, '.');

    for (size_t i = 0; MIME_TYPES[i].ending; i++) {
        if (strcmp(dot ? dot : "", MIME_TYPES[i].ending) == 0) {
            return MIME_TYPES[i].mime;
        }
    }
    die("%s: no MIME type for this ending; add a row to MIME_TYPES in cmd/embed/files.c", path);
}

static struct bytes read_file(const char *path, size_t size)
{
    struct bytes b = {must_realloc(NULL, size), size};
    FILE *f = fopen(path, "rb");

    if (!f || fread(b.at, 1, size, f) != size) {
        die("cannot read %s", path);
    }
    fclose(f);
    return b;
}

static int visit(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    struct input *in;

    if (type != FTW_F || path[ftw->base] == '.') {
        return 0;
    }
    walk_into->items = must_realloc(walk_into->items, (walk_into->count + 1) * sizeof *in);
    in = &walk_into->items[walk_into->count++];
    memset(in, 0, sizeof *in);
    in->path = strdup(path + walk_skip);
    in->mime = mime_of(path);
    in->raw = read_file(path, (size_t)st->st_size);
    make_lean(in->path, &in->raw);
    if (!in->path || !EVP_Digest(in->raw.at, in->raw.size, in->sha, NULL, EVP_sha256(), NULL)) {
        die("cannot hash %s", path);
    }
    return 0;
}

void inputs_add_folder(struct inputs *all, const char *tree, const char *folder)
{
    char path[4096];
    struct stat st;

    if (snprintf(path, sizeof path, "%s/%s", tree, folder) >= (int)sizeof path) {
        die("path too long: %s", tree);
    }
    if (stat(path, &st) != 0) {
        return; /* a folder that does not exist yet is empty */
    }
    walk_into = all;
    walk_skip = strlen(tree) + 1;
    if (nftw(path, visit, 16, 0) != 0) {
        die("cannot walk through %s", path);
    }
}

static int compare_paths(const void *a, const void *b)
{
    return strcmp(((const struct input *)a)->path, ((const struct input *)b)->path);
}

void inputs_sort(struct inputs *all)
{
    if (all->count) {
        qsort(all->items, all->count, sizeof all->items[0], compare_paths);
    }
}

void inputs_build_id(const struct inputs *all, char out[17])
{
    unsigned char sha[SHA_SIZE];
    EVP_MD_CTX *md = EVP_MD_CTX_new();

    if (!md || !EVP_DigestInit_ex(md, EVP_sha256(), NULL)) {
        die("cannot hash");
    }
    for (size_t i = 0; i < all->count; i++) {
        const struct input *in = &all->items[i];

        if (strncmp(in->path, "static/", 7) == 0) {
            EVP_DigestUpdate(md, in->path, strlen(in->path) + 1);
            EVP_DigestUpdate(md, in->sha, SHA_SIZE);
        }
    }
    EVP_DigestFinal_ex(md, sha, NULL);
    EVP_MD_CTX_free(md);
    for (size_t i = 0; i < 8; i++) {
        sprintf(out + 2 * i, "%02x", sha[i]);
    }
}
