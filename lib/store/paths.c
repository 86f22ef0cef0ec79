/* Where the store keeps its files: for the layers that put their own beside it (spool, temporary copies). */
#include "store/store_private.h"

const char *store_dir(const struct store *s)
{
    return s->dir;
}
