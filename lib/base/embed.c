/*
 * Lookup in the table of embedded files. See embed.h; the table itself is written by cmd/embed.
 */
#include "base/embed.h"

#include <stdlib.h>
#include <string.h>

static int compare_path(const void *key, const void *row)
{
    return strcmp(key, ((const struct embed_file *)row)->path);
}

const struct embed_file *embed_find(const char *path)
{
    return bsearch(path, EMBED_FILES, EMBED_FILE_COUNT, sizeof EMBED_FILES[0], compare_path);
}

size_t embed_count(void)
{
    return EMBED_FILE_COUNT;
}

const struct embed_file *embed_at(size_t index)
{
    return index < EMBED_FILE_COUNT ? &EMBED_FILES[index] : NULL;
}

const char *embed_build_id(void)
{
    return EMBED_BUILD_ID;
}
