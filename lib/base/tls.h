/* TLS of the server: what lib/web's library needs from OpenSSL. */
#ifndef KONTOR_BASE_TLS_H
#define KONTOR_BASE_TLS_H

struct err;

/* Sets an SSL_CTX up: certificate chain and key from PEM files, TLS 1.2 and later, forward secrecy
 * and authenticated encryption only, no renegotiation, sessions bound to this program. */
int tls_prepare(void *ssl_ctx, const char *certificate, const char *key, struct err *e);
/* The same for nothing: could a server start with them? */
int tls_check(const char *certificate, const char *key, struct err *e);

#endif
