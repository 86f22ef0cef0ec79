/* The session cookie. Over TLS it is "__Host-kontor" (Secure), on plain HTTP (loopback or
 * --insecure-http) "kontor". */
#include "api/route.h"

const char *session_cookie_name(bool tls)
{
    return tls ? "__Host-kontor" : "kontor";
}

void reply_cookie(struct request *q, struct reply *r, const char *cookie)
{
    const char *secure = q->tls ? "; Secure" : "";
    const char *age = cookie != NULL ? "; Max-Age=1209600" : "; Max-Age=0";
    reply_header(r, "Set-Cookie",
                 arena_printf(q->ctx->arena, "%s=%s; Path=/; HttpOnly; SameSite=Lax%s%s",
                              session_cookie_name(q->tls), cookie != NULL ? cookie : "", secure,
                              age));
}
