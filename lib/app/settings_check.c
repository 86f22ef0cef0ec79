/* What the server would refuse when it starts, told before; see settings.h. */
#include <stddef.h>

#include "app/settings.h"
#include "base/err.h"
#include "base/tls.h"
#include "base/yaml.h"
#include "web/listen.h"

static int add(struct arena *a, const struct yaml *yaml, const char *key, const struct err *why,
               struct err *e)
{
    const struct yaml *node = yaml_find(yaml, key);
    return err_add(e, a, ERR_INVALID, node != NULL ? yaml_where(a, node) : key, "%s", why->text);
}

int settings_check(struct arena *a, const struct yaml *yaml, const struct settings *s,
                   struct err *e)
{
    struct err why = {0};
    int rc = 0;
    if (yaml == NULL || s->listen == NULL) {
        return 0;
    }
    if (listen_check(s->listen, &why) != 0) {
        rc = add(a, yaml, "listen", &why, e);
    }
    err_clear(&why);
    if (s->tls_certificate[0] != 0 && s->tls_key[0] != 0 &&
        tls_check(s->tls_certificate, s->tls_key, &why) != 0) {
        rc = add(a, yaml, why.where, &why, e);
    }
    return rc;
}
