/* vCards of any version, in any charset: as they are, and behind a beginning by which they are
 * known. */
#include "fuzz_table.h"

#include "base/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf known = {0};
    read_table(data, size);
    buf_puts(&known, "BEGIN:VCARD\r\n");
    buf_add(&known, data, size);
    read_table(known.data, known.size);
    buf_done(&known);
    return 0;
}
