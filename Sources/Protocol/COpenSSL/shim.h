#pragma once
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <time.h>

// Only what Swift cannot see lives here: function-like macros, variadics and stacks.

// --- Options that are macros of 64-bit shifts
static const uint64_t shim_SSL_OPTIONS =
    SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
    SSL_OP_CIPHER_SERVER_PREFERENCE;

// --- SSL_CTX
static inline int shim_SSL_CTX_only_tls13(SSL_CTX *context) {
    return SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1 &&
           SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) == 1;
}
static inline void shim_SSL_CTX_set_mode(SSL_CTX *context, long mode) {
    SSL_CTX_set_mode(context, mode);
}
static inline void shim_SSL_CTX_cache_off(SSL_CTX *context) {
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF | SSL_SESS_CACHE_NO_INTERNAL);
}
static inline int shim_SSL_CTX_set_groups(SSL_CTX *context, const char *groups) {
    return (int)SSL_CTX_set1_groups_list(context, groups);
}
static inline void shim_SSL_CTX_set_max_cert_list(SSL_CTX *context, long byteCount) {
    SSL_CTX_set_max_cert_list(context, byteCount);
}
static inline int shim_SSL_CTX_add_chain(SSL_CTX *context, X509 *certificate) {
    return (int)SSL_CTX_add1_chain_cert(context, certificate);
}

// --- SSL
static inline int shim_SSL_set_server_name(SSL *ssl, const char *name) {
    return (int)SSL_set_tlsext_host_name(ssl, name);
}

// --- BIO
static inline void shim_BIO_clear_retry(BIO *bio) { BIO_clear_retry_flags(bio); }
static inline void shim_BIO_set_retry_read(BIO *bio) { BIO_set_retry_read(bio); }
static inline long shim_BIO_memory(BIO *bio, char **bytes) { return BIO_get_mem_data(bio, bytes); }

// --- Keys (the generators are variadic)
static inline EVP_PKEY *shim_generate_ed25519(void) {
    return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
}
static inline EVP_PKEY *shim_generate_p256(void) { return EVP_EC_gen("P-256"); }

// --- Error queue
static inline int shim_ERR_reason(unsigned long code) { return ERR_GET_REASON(code); }
static inline int shim_ERR_is_ssl(unsigned long code) { return ERR_GET_LIB(code) == ERR_LIB_SSL; }

// --- Certificates
static const unsigned long shim_RFC2253 = XN_FLAG_RFC2253;

// --- Alternative names of a certificate
static inline int shim_names_count(const GENERAL_NAMES *names) {
    return sk_GENERAL_NAME_num(names);
}
// The text of entry `index` when it is a URI, else NULL; `byteCount` may count embedded zeros.
static inline const unsigned char *shim_names_uri(
    const GENERAL_NAMES *names, int index, int *byteCount) {
    const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, index);
    if (!name || name->type != GEN_URI) return NULL;
    *byteCount = ASN1_STRING_length(name->d.uniformResourceIdentifier);
    return ASN1_STRING_get0_data(name->d.uniformResourceIdentifier);
}
static inline GENERAL_NAMES *shim_names_new(void) { return sk_GENERAL_NAME_new_null(); }
// Appends a URI or DNS name (an IA5 string).
static inline int shim_names_add_text(GENERAL_NAMES *names, int type, const char *text) {
    GENERAL_NAME *name = GENERAL_NAME_new();
    ASN1_IA5STRING *value = ASN1_IA5STRING_new();
    if (!name || !value || !ASN1_STRING_set(value, text, -1)) goto refused;
    GENERAL_NAME_set0_value(name, type, value);
    value = NULL;
    if (sk_GENERAL_NAME_push(names, name) > 0) return 1;
refused:
    ASN1_IA5STRING_free(value);
    GENERAL_NAME_free(name);
    return 0;
}
// Appends an address written as text; 0 when it is none.
static inline int shim_names_add_address(GENERAL_NAMES *names, const char *text) {
    ASN1_OCTET_STRING *value = a2i_IPADDRESS(text);
    GENERAL_NAME *name = value ? GENERAL_NAME_new() : NULL;
    if (!name) goto refused;
    GENERAL_NAME_set0_value(name, GEN_IPADD, value);
    value = NULL;
    if (sk_GENERAL_NAME_push(names, name) > 0) return 1;
refused:
    ASN1_OCTET_STRING_free(value);
    GENERAL_NAME_free(name);
    return 0;
}

// --- Times
// Seconds since 1970 of a certificate's time; 0 when it can't be read.
static inline int64_t shim_ASN1_TIME_seconds(const ASN1_TIME *time) {
    struct tm parts;
    if (!ASN1_TIME_to_tm(time, &parts)) return 0;
    return (int64_t)timegm(&parts);
}
