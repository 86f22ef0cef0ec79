/*
 * kontor-embed OUT TREE FOLDER...: a build tool.
 *
 * Turns the folders of the source tree into OUT/data.S (bytes by .incbin, read-only) and
 * OUT/table.c (one sorted table of struct embed_file). Files below static/ also get a gzip and a
 * brotli form where that is smaller; ours lose their comments. It runs at build time only: the binary needs no brotli.
 *
 * The pieces that data.S includes are named by the hash of the file, so a piece that exists
 * already is not compressed again and a changed file always changes data.S.
 */
#include "embed.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

_Noreturn void die(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fputs("kontor-embed: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(1);
}

void *must_realloc(void *old, size_t size)
{
    void *at = realloc(old, size ? size : 1);

    if (!at) {
        die("out of memory");
    }
    return at;
}

int main(int argc, char **argv)
{
    struct inputs all = {0};

    if (argc < 4) {
        fputs("usage: kontor-embed OUT TREE FOLDER...\n", stderr);
        return 2;
    }
    for (int i = 3; i < argc; i++) {
        inputs_add_folder(&all, argv[2], argv[i]);
    }
    inputs_sort(&all);
    emit_all(&all, argv[1]);
    return 0;
}
