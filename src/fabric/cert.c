/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "fabric/cert_priv.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>

#include "base/secret.h"

/* The fabric's own certificate is the same at any time (RFC 5280 section 4.1.2.5 has the second
 * date for certificates without an end). */
#define AUTHORITY_FROM "20000101000000Z"
#define AUTHORITY_UNTIL "99991231235959Z"

enum {
	SERIAL_SIZE = 16,     /* bytes; RFC 5280 section 4.1.2.2 allows 20 */
	COMMON_NAME_MAX = 64, /* RFC 5280 appendix A.1, ub-common-name */
	SECURITY_MIN = 112,   /* bits, those of RSA with 2,048 */
};

/* ---- keys ---- */

EVP_PKEY *fabric_cert_public(const uint8_t public_key[static FABRIC_PUBLIC_SIZE])
{
	return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key, FABRIC_PUBLIC_SIZE);
}

static EVP_PKEY *private_of(const struct fabric *f)
{
	return EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, f->seed, FABRIC_SEED_SIZE);
}

/* ---- names ---- */

/* Writes a name as certificates have it: without the final dot. Returns its length, or 0 if it
 * cannot be in one, because it is the root or has characters that RFC 5280 section 4.2.1.6 does not
 * mean. */
static size_t name_to_text(char out[static DNS_NAME_TEXT_MAX], const uint8_t *name)
{
	size_t nchars = dns_name_to_text(out, name) - 1;

	out[nchars] = '\0';
	for (size_t i = 0; i < nchars; i++)
		if (!(out[i] == '.' || out[i] == '-' || out[i] == '_' || out[i] == '*' ||
		      (out[i] >= '0' && out[i] <= '9') || (out[i] >= 'a' && out[i] <= 'z') ||
		      (out[i] >= 'A' && out[i] <= 'Z')))
			return 0;
	return nchars;
}

/* Returns whether the last label of a name is a number, as in addresses only. */
static bool ends_in_number(const char *text, size_t nchars)
{
	size_t ndigits = 0;

	while (ndigits < nchars && text[nchars - 1 - ndigits] >= '0' &&
	       text[nchars - 1 - ndigits] <= '9')
		ndigits++;
	return ndigits == nchars || (ndigits > 0 && text[nchars - 1 - ndigits] == '.');
}

int fabric_cert_add_name(struct fabric_cert_subject *s, const uint8_t *name)
{
	char text[DNS_NAME_TEXT_MAX];
	size_t nchars = name_to_text(text, name);

	if (ends_in_number(text, nchars))
		return -EINVAL;
	for (size_t i = 0; i < s->nnames; i++)
		if (dns_name_equal(s->names[i], name))
			return 0;
	if (s->nnames == FABRIC_CERT_NAMES_MAX)
		return -E2BIG;
	dns_name_lower(s->names[s->nnames++], name);
	return 0;
}

/* Adds an organization, so that the authority's name differs from that of a server with the name of
 * the fabric: a certificate of which subject and issuer are the same counts as self-signed. */
static bool organization_add(X509_NAME *subject)
{
	static const unsigned char text[] = "weft fabric";

	return X509_NAME_add_entry_by_NID(subject, NID_organizationName, MBSTRING_UTF8, text,
					  sizeof(text) - 1, -1, 0) == 1;
}

/* Sets the common name; of a name that is too long, its end. */
static bool subject_set(X509_NAME *subject, const char *text, size_t nchars)
{
	size_t skipped = nchars > COMMON_NAME_MAX ? nchars - COMMON_NAME_MAX : 0;

	return X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8,
					  (const unsigned char *)text + skipped,
					  (int)(nchars - skipped), -1, 0) == 1;
}

static bool general_add(GENERAL_NAMES *names, int type, const void *bytes, size_t nbytes)
{
	ASN1_STRING *s = type == GEN_DNS ? ASN1_IA5STRING_new() : ASN1_OCTET_STRING_new();
	GENERAL_NAME *name = GENERAL_NAME_new();

	if (s == NULL || name == NULL || ASN1_STRING_set(s, bytes, (int)nbytes) != 1) {
		ASN1_STRING_free(s);
		GENERAL_NAME_free(name);
		return false;
	}
	GENERAL_NAME_set0_value(name, type, s);
	if (sk_GENERAL_NAME_push(names, name) > 0)
		return true;
	GENERAL_NAME_free(name);
	return false;
}

/* Returns the octets of an address, whose number goes to `nbytes`. */
static const void *address_bytes(const struct sockaddr_storage *a, size_t *nbytes)
{
	if (a->ss_family == AF_INET) {
		*nbytes = 4;
		return &((const struct sockaddr_in *)a)->sin_addr;
	}
	*nbytes = 16;
	return &((const struct sockaddr_in6 *)a)->sin6_addr;
}

int fabric_cert_add_address(struct fabric_cert_subject *s, const struct sockaddr_storage *a)
{
	size_t nbytes, n;
	const void *bytes = address_bytes(a, &nbytes);

	for (size_t i = 0; i < s->naddresses; i++) {
		const void *other = address_bytes(&s->addresses[i], &n);

		if (n == nbytes && memcmp(other, bytes, n) == 0)
			return 0;
	}
	if (s->naddresses == FABRIC_CERT_ADDRESSES_MAX)
		return -E2BIG;
	s->addresses[s->naddresses++] = *a;
	return 0;
}

static bool address_add(GENERAL_NAMES *names, const struct sockaddr_storage *a)
{
	size_t nbytes;
	const void *bytes = address_bytes(a, &nbytes);

	return general_add(names, GEN_IPADD, bytes, nbytes);
}

static bool alternatives_add(X509 *x, const struct fabric_cert_subject *s)
{
	GENERAL_NAMES *names = GENERAL_NAMES_new();
	char text[DNS_NAME_TEXT_MAX];
	bool is_ok = names != NULL;

	for (size_t i = 0; is_ok && i < s->nnames; i++)
		is_ok = general_add(names, GEN_DNS, text, name_to_text(text, s->names[i]));
	for (size_t i = 0; is_ok && i < s->naddresses; i++)
		is_ok = address_add(names, &s->addresses[i]);
	if (is_ok)
		is_ok = X509_add1_ext_i2d(x, NID_subject_alt_name, names, 0, X509V3_ADD_DEFAULT) ==
			1;
	GENERAL_NAMES_free(names);
	return is_ok;
}

/* ---- extensions ---- */

static bool extension_add(X509 *x, X509 *issuer, int nid, const char *value)
{
	X509_EXTENSION *extension;
	X509V3_CTX context;
	bool is_ok;

	X509V3_set_ctx(&context, issuer, x, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	is_ok = extension != NULL && X509_add_ext(x, extension, -1) == 1;
	X509_EXTENSION_free(extension);
	return is_ok;
}

static bool authority_extend(X509 *x)
{
	return extension_add(x, x, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
	       extension_add(x, x, NID_key_usage, "critical,keyCertSign,cRLSign") &&
	       extension_add(x, x, NID_subject_key_identifier, "hash");
}

static bool issued_extend(X509 *x, X509 *issuer, const struct fabric_cert_order *order)
{
	const char *use = order->use == FABRIC_CERT_SERVER ? "serverAuth" : "clientAuth";

	return extension_add(x, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
	       extension_add(x, issuer, NID_key_usage, "critical,digitalSignature") &&
	       extension_add(x, issuer, NID_ext_key_usage, use) &&
	       extension_add(x, issuer, NID_subject_key_identifier, "hash") &&
	       extension_add(x, issuer, NID_authority_key_identifier, "keyid:always") &&
	       alternatives_add(x, order->subject);
}

/* ---- making ---- */

static bool serial_set(X509 *x, uint8_t bytes[static SERIAL_SIZE])
{
	BIGNUM *number;
	bool is_ok;

	bytes[0] = (bytes[0] & 0x7f) | 0x40; /* positive, and never shorter */
	number = BN_bin2bn(bytes, SERIAL_SIZE, NULL);
	is_ok = number != NULL && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x)) != NULL;
	BN_free(number);
	return is_ok;
}

/* Makes the certificate of the authority: everything in it, and Ed25519's signature, depends on
 * name and key alone. */
static X509 *authority_make(const struct fabric *f, EVP_PKEY *key, const char *name, size_t nchars)
{
	uint8_t hash[SHA256_DIGEST_LENGTH];
	X509 *x = X509_new();

	SHA256(f->public_key, FABRIC_PUBLIC_SIZE, hash);
	if (x != NULL && X509_set_version(x, X509_VERSION_3) == 1 && serial_set(x, hash) &&
	    ASN1_TIME_set_string_X509(X509_getm_notBefore(x), AUTHORITY_FROM) == 1 &&
	    ASN1_TIME_set_string_X509(X509_getm_notAfter(x), AUTHORITY_UNTIL) == 1 &&
	    organization_add(X509_get_subject_name(x)) &&
	    subject_set(X509_get_subject_name(x), name, nchars) &&
	    X509_set_issuer_name(x, X509_get_subject_name(x)) == 1 &&
	    X509_set_pubkey(x, key) == 1 && authority_extend(x) && X509_sign(x, key, NULL) > 0)
		return x;
	X509_free(x);
	return NULL;
}

static X509 *issued_make(X509 *issuer, EVP_PKEY *issuer_key, EVP_PKEY *key,
			 const struct fabric_cert_order *order)
{
	char name[DNS_NAME_TEXT_MAX];
	uint8_t serial[SERIAL_SIZE];
	size_t nchars = name_to_text(name, order->subject->names[0]);
	X509 *x = X509_new();

	base_secret_random(serial, sizeof(serial));
	if (x != NULL && X509_set_version(x, X509_VERSION_3) == 1 && serial_set(x, serial) &&
	    ASN1_TIME_set(X509_getm_notBefore(x), (time_t)order->from_s) != NULL &&
	    ASN1_TIME_set(X509_getm_notAfter(x), (time_t)order->until_s) != NULL &&
	    subject_set(X509_get_subject_name(x), name, nchars) &&
	    X509_set_issuer_name(x, X509_get_subject_name(issuer)) == 1 &&
	    X509_set_pubkey(x, key) == 1 && issued_extend(x, issuer, order) &&
	    X509_sign(x, issuer_key, NULL) > 0)
		return x;
	X509_free(x);
	return NULL;
}

/* Makes a certificate of its parts, all of which move in. Returns NULL if the certificate or the
 * chain is missing, or memory is short. */
static struct fabric_cert *cert_take(X509 *x509, EVP_PKEY *key, STACK_OF(X509) * chain)
{
	struct fabric_cert *c = calloc(1, sizeof(*c));

	if (c != NULL && x509 != NULL && chain != NULL) {
		*c = (struct fabric_cert){x509, key, chain};
		return c;
	}
	free(c);
	X509_free(x509);
	EVP_PKEY_free(key);
	sk_X509_pop_free(chain, X509_free);
	return NULL;
}

int fabric_cert_authority(struct fabric_cert **out, const struct fabric *f,
			  struct base_error *error)
{
	char name[DNS_NAME_TEXT_MAX];
	size_t nchars = name_to_text(name, f->name);
	struct fabric_cert *c;
	EVP_PKEY *key;

	if (!f->has_secrets)
		return base_error_set(error, -ENOKEY, "the fabric's secrets are sealed");
	if (nchars == 0)
		return base_error_set(error, -EINVAL, "%s cannot be the name of a certificate",
				      name);
	key = private_of(f);
	c = cert_take(key != NULL ? authority_make(f, key, name, nchars) : NULL, key,
		      sk_X509_new_null());
	ERR_clear_error();
	if (c == NULL)
		return base_error_set(error, -ENOMEM, "cannot make the certificate of %s", name);
	*out = c;
	return 0;
}

int fabric_cert_issue(struct fabric_cert **out, const struct fabric *f,
		      const struct fabric_cert_order *order, struct base_error *error)
{
	struct fabric_cert *issuer, *c;
	STACK_OF(X509) * chain;
	EVP_PKEY *key;
	int ret;

	if (order->subject->nnames == 0)
		return base_error_set(error, -EINVAL,
				      "there is no name that a certificate can have");
	ret = fabric_cert_authority(&issuer, f, error);
	if (ret < 0)
		return ret;
	chain = sk_X509_new_null();
	if (chain != NULL && X509_add_cert(chain, issuer->x509, X509_ADD_FLAG_UP_REF) != 1) {
		sk_X509_free(chain);
		chain = NULL;
	}
	key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	c = cert_take(key != NULL ? issued_make(issuer->x509, issuer->key, key, order) : NULL, key,
		      chain);
	fabric_cert_free(issuer);
	ERR_clear_error();
	if (c == NULL)
		return base_error_set(error, -ENOMEM, "cannot make a certificate");
	*out = c;
	return 0;
}

void fabric_cert_free(struct fabric_cert *c)
{
	if (c == NULL)
		return;
	X509_free(c->x509);
	EVP_PKEY_free(c->key);
	sk_X509_pop_free(c->chain, X509_free);
	free(c);
}

/* ---- reading ---- */

/* A key with a passphrase is not for a server that starts by itself. Notes that one was asked for.
 */
static int passphrase_refuse(char *out, int size, int is_writing, void *arg)
{
	bool *is_sealed = arg;

	(void)out;
	(void)size;
	(void)is_writing;
	*is_sealed = true;
	return -1;
}

static int error_at(struct base_error *error, const char *file, int code, const char *text)
{
	ERR_clear_error();
	return base_error_set_at(error, code, (struct base_location){.file = file}, "%s", text);
}

/* Opens a file. Returns NULL with errno and `error` set. */
static FILE *file_open(const char *path, struct base_error *error)
{
	FILE *file = fopen(path, "re");

	if (file == NULL)
		error_at(error, path, -errno, strerror(errno));
	return file;
}

/* Reads all certificates of the file. Returns false if the last one that begins is not one. */
static bool chain_read(FILE *file, STACK_OF(X509) * chain)
{
	X509 *x;

	while ((x = PEM_read_X509(file, NULL, NULL, NULL)) != NULL) {
		if (sk_X509_push(chain, x) <= 0) {
			X509_free(x);
			return false;
		}
	}
	/* Anything else than the end of the file is damage. */
	return sk_X509_num(chain) > 0 && ERR_GET_LIB(ERR_peek_last_error()) == ERR_LIB_PEM &&
	       ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
}

static int certificates_read(STACK_OF(X509) * chain, const char *path, struct base_error *error)
{
	FILE *file = file_open(path, error);
	bool is_ok;

	if (file == NULL)
		return error->code;
	is_ok = chain_read(file, chain);
	fclose(file);
	if (!is_ok)
		return error_at(error, path, -EBADMSG, "no certificate in PEM");
	ERR_clear_error();
	return 0;
}

static int key_read(EVP_PKEY **out, const char *path, struct base_error *error)
{
	bool is_sealed = false;
	FILE *file = file_open(path, error);

	if (file == NULL)
		return error->code;
	*out = PEM_read_PrivateKey(file, NULL, passphrase_refuse, &is_sealed);
	fclose(file);
	if (*out == NULL && is_sealed)
		return error_at(error, path, -ENOKEY, "the private key is sealed by a passphrase");
	if (*out == NULL)
		return error_at(error, path, -EBADMSG, "no private key in PEM");
	return 0;
}

int fabric_cert_read(struct fabric_cert **out, const char *certificate_file, const char *key_file,
		     struct base_error *error)
{
	struct base_error unused;
	STACK_OF(X509) *chain = sk_X509_new_null();
	EVP_PKEY *key = NULL;
	X509 *x;
	int ret;

	if (error == NULL)
		error = &unused;
	if (chain == NULL)
		return base_error_set(error, -ENOMEM, "out of memory");
	ret = certificates_read(chain, certificate_file, error);
	if (ret == 0 && key_file != NULL)
		ret = key_read(&key, key_file, error);
	if (ret == 0 && key != NULL && EVP_PKEY_get_security_bits(key) < SECURITY_MIN)
		ret = error_at(error, key_file, -EKEYREJECTED, "the private key is too weak");
	if (ret == 0 && key != NULL && X509_check_private_key(sk_X509_value(chain, 0), key) != 1)
		ret = error_at(error, key_file, -EKEYREJECTED,
			       "the private key is not that of the certificate");
	if (ret < 0) {
		EVP_PKEY_free(key);
		sk_X509_pop_free(chain, X509_free);
		return ret;
	}
	x = sk_X509_shift(chain);
	*out = cert_take(x, key, chain);
	return *out != NULL ? 0 : base_error_set(error, -ENOMEM, "out of memory");
}

/* ---- what is in it ---- */

uint64_t fabric_cert_time(const ASN1_TIME *t)
{
	int days, seconds;
	ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
	uint64_t s = 0;

	if (epoch != NULL && ASN1_TIME_diff(&days, &seconds, epoch, t) == 1 && days >= 0)
		s = 86400ull * (unsigned)days + (unsigned)seconds;
	ASN1_TIME_free(epoch);
	return s;
}

uint64_t fabric_cert_from(const struct fabric_cert *c)
{
	return fabric_cert_time(X509_get0_notBefore(c->x509));
}

uint64_t fabric_cert_until(const struct fabric_cert *c)
{
	return fabric_cert_time(X509_get0_notAfter(c->x509));
}

bool fabric_cert_is_of(X509 *x509, const uint8_t public_key[static FABRIC_PUBLIC_SIZE],
		       enum fabric_cert_use use)
{
	EVP_PKEY *key = fabric_cert_public(public_key);
	int purpose = use == FABRIC_CERT_SERVER ? X509_PURPOSE_SSL_SERVER : X509_PURPOSE_SSL_CLIENT;
	bool is_of = key != NULL && X509_verify(x509, key) == 1 &&
		     X509_check_purpose(x509, purpose, 0) == 1 &&
		     X509_cmp_current_time(X509_get0_notBefore(x509)) < 0 &&
		     X509_cmp_current_time(X509_get0_notAfter(x509)) > 0;

	EVP_PKEY_free(key);
	ERR_clear_error();
	return is_of;
}

/* ---- writing ---- */

int fabric_cert_write(FILE *out, const struct fabric_cert *c)
{
	bool is_ok = PEM_write_X509(out, c->x509) == 1;

	for (int i = 0; is_ok && i < sk_X509_num(c->chain); i++)
		is_ok = PEM_write_X509(out, sk_X509_value(c->chain, i)) == 1;
	ERR_clear_error();
	return is_ok ? 0 : -EIO;
}

int fabric_cert_write_key(FILE *out, const struct fabric_cert *c)
{
	bool is_ok = PEM_write_PKCS8PrivateKey(out, c->key, NULL, NULL, 0, NULL, NULL) == 1;

	ERR_clear_error();
	return is_ok ? 0 : -EIO;
}

bool fabric_cert_hash(X509 *x509, uint8_t out[static FABRIC_CERT_HASH])
{
	unsigned char *spki = NULL;
	int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x509), &spki);

	if (n > 0)
		SHA256(spki, (size_t)n, out);
	OPENSSL_free(spki);
	return n > 0;
}

const char *fabric_cert_pin(char out[static FABRIC_CERT_PIN_MAX], const struct fabric_cert *c)
{
	uint8_t hash[FABRIC_CERT_HASH];

	*out = '\0';
	if (fabric_cert_hash(c->x509, hash))
		base_secret_to_base64(out, hash, sizeof(hash));
	return out;
}
