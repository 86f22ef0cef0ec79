/*
 * kontor-embed: writing what was read. Compression happens here, once for each content: the piece
 * OUT/<sha>.raw|gz|br is left alone when it exists. Text files below static/ are compressed; a
 * compressed form is dropped when it saves less than a tenth.
 */
#include "embed.h"

#include <brotli/encode.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

enum { SMALLEST_TO_COMPRESS = 256 };

/* Which forms a file has, for the loops below. */
static const struct {
    const char *ending;
    size_t offset; /* of the struct bytes in struct input */
} FORMS[] = {
    {"raw", offsetof(struct input, raw)},
    {"gz", offsetof(struct input, gzip)},
    {"br", offsetof(struct input, brotli)},
    {NULL, 0},
};

static struct bytes *form_of(const struct input *in, size_t form)
{
    return (struct bytes *)((char *)in + FORMS[form].offset);
}

static bool wants_compression(const struct input *in)
{
    return strncmp(in->path, "static/", 7) == 0 && in->raw.size >= SMALLEST_TO_COMPRESS &&
           strncmp(in->mime, "font/", 5) != 0 && strcmp(in->mime, "image/png") != 0;
}

static struct bytes gzip_form(struct bytes raw)
{
    z_stream z = {0};
    struct bytes out = {0};

    if (deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) != Z_OK) {
        die("deflateInit2 failed");
    }
    out.size = deflateBound(&z, raw.size);
    out.at = must_realloc(NULL, out.size);
    z.next_in = raw.at;
    z.avail_in = (uInt)raw.size;
    z.next_out = out.at;
    z.avail_out = (uInt)out.size;
    if (deflate(&z, Z_FINISH) != Z_STREAM_END) {
        die("deflate failed");
    }
    out.size = z.total_out;
    deflateEnd(&z);
    return out;
}

static struct bytes brotli_form(struct bytes raw)
{
    struct bytes out = {NULL, BrotliEncoderMaxCompressedSize(raw.size)};

    out.at = must_realloc(NULL, out.size);
    if (!BrotliEncoderCompress(BROTLI_MAX_QUALITY, BROTLI_MAX_WINDOW_BITS, BROTLI_MODE_TEXT,
                               raw.size, raw.at, &out.size, out.at)) {
        die("brotli failed");
    }
    return out;
}

static void drop_if_useless(struct bytes *form, const struct input *in)
{
    if (form->size * 10 > in->raw.size * 9) {
        *form = (struct bytes){0};
    }
}

static void hex_of(const unsigned char *sha, size_t size, char *out)
{
    for (size_t i = 0; i < size; i++) {
        sprintf(out + 2 * i, "%02x", sha[i]);
    }
}

static void piece_path(const struct input *in, size_t form, const char *dir, char out[4096])
{
    char hex[2 * SHA_SIZE + 1];

    hex_of(in->sha, SHA_SIZE, hex);
    if (snprintf(out, 4096, "%s/%s.%s", dir, hex, FORMS[form].ending) >= 4096) {
        die("path too long: %s", dir);
    }
}

static bool load_piece(const char *path, struct bytes *out)
{
    FILE *f = fopen(path, "rb");
    struct stat st;

    if (!f) {
        return false;
    }
    if (fstat(fileno(f), &st) != 0) {
        die("cannot read %s", path);
    }
    *out = (struct bytes){must_realloc(NULL, (size_t)st.st_size), (size_t)st.st_size};
    if (fread(out->at, 1, out->size, f) != out->size) {
        die("cannot read %s", path);
    }
    fclose(f);
    return true;
}

static void save_piece(const char *path, struct bytes b)
{
    char temp[4100];
    FILE *f;

    snprintf(temp, sizeof temp, "%s.new", path);
    f = fopen(temp, "wb");
    if (!f || fwrite(b.at, 1, b.size, f) != b.size || fclose(f) != 0 || rename(temp, path) != 0) {
        die("cannot write %s", path);
    }
}

/* Fills gzip and brotli and sees to it that the pieces of all wanted forms are on disk. */
static void prepare(struct input *in, const char *dir)
{
    struct bytes (*const makers[])(struct bytes) = {NULL, gzip_form, brotli_form};
    char path[4096];
    struct bytes seen;

    for (size_t form = 0; FORMS[form].ending; form++) {
        struct bytes *b = form_of(in, form);

        piece_path(in, form, dir, path);
        if (form > 0) {
            if (!wants_compression(in)) {
                continue;
            }
            if (load_piece(path, b)) {
                drop_if_useless(b, in);
                continue;
            }
            *b = makers[form](in->raw);
            save_piece(path, *b);
            drop_if_useless(b, in);
        } else if (!load_piece(path, &seen)) {
            save_piece(path, in->raw);
        }
    }
}

static FILE *create(const char *dir, const char *name)
{
    char path[4096];
    FILE *f;

    snprintf(path, sizeof path, "%s/%s", dir, name);
    f = fopen(path, "w");
    if (!f) {
        die("cannot write %s", path);
    }
    return f;
}

static void emit_data(const struct inputs *all, const char *dir)
{
    FILE *f = create(dir, "data.S");
    char path[4096];

    fputs("/* Written by kontor-embed. */\n.section .rodata.embed, \"a\", %progbits\n", f);
    for (size_t i = 0; i < all->count; i++) {
        for (size_t form = 0; FORMS[form].ending; form++) {
            if (form_of(&all->items[i], form)->at) {
                piece_path(&all->items[i], form, dir, path);
                fprintf(f, ".balign 16\n.globl embed_%zu_%s\nembed_%zu_%s:\n.incbin \"%s\"\n", i,
                        FORMS[form].ending, i, FORMS[form].ending, path);
            }
        }
    }
    fputs(".byte 0\n.section .note.GNU-stack, \"\", %progbits\n", f);
    fclose(f);
}

static void emit_row(FILE *f, size_t i, const struct input *in)
{
    fprintf(f, "    {\"%s\", \"%s\"", in->path, in->mime);
    for (size_t form = 0; FORMS[form].ending; form++) {
        const struct bytes *b = form_of(in, form);

        if (b->at) {
            fprintf(f, ",\n     embed_%zu_%s, %zu", i, FORMS[form].ending, b->size);
        } else {
            fputs(", 0, 0", f);
        }
    }
    fputs("},\n", f);
}

static void emit_table(const struct inputs *all, const char *dir)
{
    FILE *f = create(dir, "table.c");
    char build_id[17];

    fputs("/* Written by kontor-embed: the table of base/embed.h. */\n"
          "#include \"base/embed.h\"\n\n",
          f);
    for (size_t i = 0; i < all->count; i++) {
        for (size_t form = 0; FORMS[form].ending; form++) {
            if (form_of(&all->items[i], form)->at) {
                fprintf(f, "extern const unsigned char embed_%zu_%s[];\n", i, FORMS[form].ending);
            }
        }
    }
    fputs("\nconst struct embed_file EMBED_FILES[] = {\n", f);
    for (size_t i = 0; i < all->count; i++) {
        emit_row(f, i, &all->items[i]);
    }
    inputs_build_id(all, build_id);
    fprintf(f,
            "    {0, 0, 0, 0, 0, 0, 0, 0},\n};\n"
            "const size_t EMBED_FILE_COUNT = %zu;\n"
            "const char EMBED_BUILD_ID[] = \"%s\";\n",
            all->count, build_id);
    fclose(f);
}

void emit_all(const struct inputs *all, const char *out)
{
    mkdir(out, 0777);
    for (size_t i = 0; i < all->count; i++) {
        prepare(&all->items[i], out);
    }
    emit_data(all, out);
    emit_table(all, out);
}
