/* The session cookie. Over TLS it is "__Host-kontor" (Secure), on plain HTTP (loopback or --insecure-http) "kontor". */
#include "api/route.h"

void reply_cookie(struct request *q, struct reply *r, const char *cookie)
{
    bool tls = q->tls;
    reply_header(r, "Set-Cookie",
                 arena_printf(q->ctx->arena, "%s=%s; Path=/; HttpOnly; SameSite=Lax%s%s", tls ? "__Host-kontor" : "kontor",
                              cookie != NULL ? cookie : "", tls ? "; Secure" : "", cookie != NULL ? "; Max-Age=1209600" : "; Max-Age=0"));
}
