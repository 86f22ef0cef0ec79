/*
 * TLS of the server; see tls.h. Here because only lib/base knows OpenSSL. Called once, before the
 * server listens, in the thread that starts it. Messages name the file, never its content.
 */
#include "base/tls.h"

#include <errno.h>
#include <openssl/ssl.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"

#define CIPHERS                                                                                    \
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"     \
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"

static const char *reason(const char *certificate)
{
    return access(certificate, R_OK) == 0 ? "it is no certificate in PEM form" : strerror(errno);
}

int tls_prepare(void *ssl_ctx, const char *certificate, const char *key, struct err *e)
{
    static const unsigned char name[] = "kontor";
    SSL_CTX *ctx = ssl_ctx;
    if (SSL_CTX_use_certificate_chain_file(ctx, certificate) != 1) {
        return err_fail(e, ERR_INVALID, "tls_certificate", "Cannot use the certificate %s: %s.",
                        certificate, reason(certificate));
    }
    if (SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(ctx) != 1) {
        return err_fail(e, ERR_INVALID, "tls_key", "Cannot use the key %s: %s.", key,
                        access(key, R_OK) == 0 ? "it is not the one of the certificate, in PEM form"
                                               : strerror(errno));
    }
    SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                 SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_session_id_context(ctx, name, sizeof name - 1);
    if (SSL_CTX_set_cipher_list(ctx, CIPHERS) != 1) {
        return err_fail(e, ERR_INTERNAL, "", "OpenSSL knows none of the ciphers.");
    }
    return 0;
}

int tls_check(const char *certificate, const char *key, struct err *e)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    if (ctx == NULL) {
        return err_fail(e, ERR_INTERNAL, "tls_certificate", "OpenSSL cannot be used.");
    }
    int rc = tls_prepare(ctx, certificate, key, e);
    SSL_CTX_free(ctx);
    return rc;
}
