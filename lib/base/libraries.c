/* See libraries.h. Filled once; the libraries own the texts. */
#include "base/libraries.h"

#include <openssl/crypto.h>
#include <pthread.h>
#include <utf8proc.h>
#include <yaml.h>
#include <zlib.h>

#include "base/xml.h"

static struct base_library rows[6];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void fill(void)
{
    rows[0] = (struct base_library){"libyaml", yaml_get_version_string()};
    rows[1] = (struct base_library){"OpenSSL", OpenSSL_version(OPENSSL_VERSION_STRING)};
    rows[2] = (struct base_library){"zlib", zlibVersion()};
    rows[3] = (struct base_library){"utf8proc", utf8proc_version()};
    rows[4] = (struct base_library){"expat", xml_version()};
}

const struct base_library *base_libraries(void)
{
    pthread_once(&once, fill);
    return rows;
}
