/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "fabric/tls_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>

enum {
	RECORD_MAX = 16384, /* bytes of data, RFC 8446 section 5.1 */
	HANDSHAKE_RECEIVES = 8,
};

/* ---- making ---- */

static int session_new(struct fabric_tls **out, struct fabric_tls_context *c, int fd)
{
	struct fabric_tls *t = calloc(1, sizeof(*t));
	BIO *bio = t != NULL ? fabric_tls_socket_new(t) : NULL;

	if (bio == NULL || (t->ssl = SSL_new(c->ssl)) == NULL) {
		BIO_free(bio);
		free(t);
		ERR_clear_error();
		return -ENOMEM;
	}
	t->fd = fd;
	t->context = fabric_tls_context_acquire(c);
	SSL_set_bio(t->ssl, bio, bio);
	SSL_set_app_data(t->ssl, t);
	*out = t;
	return 0;
}

int fabric_tls_accept(struct fabric_tls **out, struct fabric_tls_context *c, int fd)
{
	int ret = session_new(out, c, fd);

	if (ret == 0)
		SSL_set_accept_state((*out)->ssl);
	return ret;
}

void fabric_tls_abort(struct fabric_tls *t)
{
	t->result = FABRIC_TLS_FAILED;
}

int fabric_tls_connect(struct fabric_tls **out, struct fabric_tls_context *c, int fd,
		       const char *name)
{
	struct fabric_tls *t;
	int ret;

	fabric_tls_context_complete(c);
	ret = session_new(&t, c, fd);
	if (ret < 0)
		return ret;
	SSL_set_connect_state(t->ssl);
	if (name != NULL &&
	    ((t->name = strdup(name)) == NULL ||
	     (!fabric_tls_is_address(name) && SSL_set_tlsext_host_name(t->ssl, name) != 1))) {
		fabric_tls_abort(t);
		fabric_tls_free(t);
		return -ENOMEM;
	}
	*out = t;
	return 0;
}

void fabric_tls_free(struct fabric_tls *t)
{
	if (t == NULL)
		return;
	if (t->is_done && t->result != FABRIC_TLS_FAILED)
		SSL_shutdown(t->ssl);
	SSL_free(t->ssl);
	ERR_clear_error();
	fabric_tls_context_release(t->context);
	free(t->unsent);
	free(t->key);
	free(t->name);
	free(t);
}

/* ---- results ---- */

static enum fabric_tls_failure failure_of(const struct fabric_tls *t, unsigned long code)
{
	if (t->is_abuse)
		return t->is_done ? FABRIC_TLS_ABUSE : FABRIC_TLS_PROTOCOL;
	if (ERR_GET_LIB(code) != ERR_LIB_SSL)
		return code == 0 ? FABRIC_TLS_CLOSED : FABRIC_TLS_PROTOCOL;
	switch (ERR_GET_REASON(code)) {
	case SSL_R_UNEXPECTED_EOF_WHILE_READING:
		return FABRIC_TLS_CLOSED;
	case SSL_R_NO_APPLICATION_PROTOCOL:
		return FABRIC_TLS_ALPN;
	case SSL_R_CERTIFICATE_VERIFY_FAILED:
	case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
		return FABRIC_TLS_CERTIFICATE;
	default:
		return ERR_GET_REASON(code) >= SSL_AD_REASON_OFFSET ? FABRIC_TLS_ALERT
								    : FABRIC_TLS_PROTOCOL;
	}
}

static int fail(struct fabric_tls *t)
{
	t->code = ERR_peek_error();
	t->failure = failure_of(t, t->code);
	t->result = FABRIC_TLS_FAILED;
	ERR_clear_error();
	return t->result;
}

/* Returns what OpenSSL's result means. */
static int result_of(struct fabric_tls *t, int ret)
{
	switch (SSL_get_error(t->ssl, ret)) {
	case SSL_ERROR_WANT_READ:
		return FABRIC_TLS_WANTS_READ;
	case SSL_ERROR_WANT_WRITE: /* the socket's BIO takes everything */
		return FABRIC_TLS_WANTS_WRITE;
	case SSL_ERROR_ZERO_RETURN:
		if (!t->is_done)
			return fail(t);
		return t->result = FABRIC_TLS_END;
	default:
		return fail(t);
	}
}

/* ---- the handshake ---- */

int fabric_tls_handshake(struct fabric_tls *t)
{
	int ret, result = 0;

	if (t->result != 0)
		return t->result;
	if (!t->is_done) {
		ERR_clear_error();
		t->nreceives = HANDSHAKE_RECEIVES;
		ret = SSL_do_handshake(t->ssl);
		result = ret == 1 ? 0 : result_of(t, ret);
		if (result == FABRIC_TLS_FAILED) {
			(void)fabric_tls_flush(t); /* the alert */
			return result;
		}
		if (result == 0) {
			t->is_done = t->is_fresh = true;
			if (!fabric_tls_peer_name(t))
				return fail(t);
		}
	}
	ret = fabric_tls_flush(t);
	return ret != 0 ? ret : result;
}

/* ---- data ---- */

ssize_t fabric_tls_read(struct fabric_tls *t, void *bytes, size_t size)
{
	size_t nbytes = 0, n;
	int ret, result = 0;

	if (t->result != 0)
		return t->result;
	t->nreceives = 1;
	t->is_full = t->is_fresh = false;
	while (nbytes < size && result == 0) {
		ERR_clear_error();
		ret = SSL_read_ex(t->ssl, (uint8_t *)bytes + nbytes, size - nbytes, &n);
		if (ret == 1)
			nbytes += n;
		else
			result = result_of(t, ret);
	}
	t->is_full = result == 0;
	t->ndata += nbytes;
	return nbytes > 0 ? (ssize_t)nbytes : result;
}

bool fabric_tls_has_pending(const struct fabric_tls *t)
{
	return t->result != 0 || t->is_full || (t->is_fresh && SSL_has_pending(t->ssl));
}

ssize_t fabric_tls_write(struct fabric_tls *t, const void *bytes, size_t nbytes)
{
	size_t nsent = 0, n;
	int result = t->result == FABRIC_TLS_FAILED ? FABRIC_TLS_FAILED : fabric_tls_flush(t);

	while (nsent < nbytes && result == 0) {
		size_t left = nbytes - nsent;
		int ret;

		ERR_clear_error();
		ret = SSL_write_ex(t->ssl, (const uint8_t *)bytes + nsent,
				   left < RECORD_MAX ? left : RECORD_MAX, &n);
		if (ret != 1) {
			result = result_of(t, ret);
			break;
		}
		nsent += n;
		result = t->nunsent > 0 ? FABRIC_TLS_WANTS_WRITE : 0;
	}
	t->ndata += nsent;
	if (result == FABRIC_TLS_FAILED)
		return result;
	return nsent > 0 || nbytes == 0 ? (ssize_t)nsent : result;
}

size_t fabric_tls_nunsent(const struct fabric_tls *t)
{
	return t->nunsent;
}

/* ---- what is known ---- */

const uint8_t *fabric_tls_key(const struct fabric_tls *t, uint64_t *until_s)
{
	*until_s = t->until_s;
	return t->key;
}

bool fabric_tls_is_resumed(const struct fabric_tls *t)
{
	return SSL_session_reused(t->ssl) == 1;
}

bool fabric_tls_is_admitted(const struct fabric_tls *t, const struct fabric_tls_context *c)
{
	return !(SSL_CTX_get_verify_mode(c->ssl) & SSL_VERIFY_FAIL_IF_NO_PEER_CERT) ||
	       SSL_get0_peer_certificate(t->ssl) != NULL;
}

const char *fabric_tls_version(const struct fabric_tls *t)
{
	return SSL_get_version(t->ssl);
}

enum fabric_tls_failure fabric_tls_failure(const struct fabric_tls *t)
{
	return t->failure;
}

const char *fabric_tls_failure_to_text(enum fabric_tls_failure failure)
{
	static const char *const texts[FABRIC_TLS_FAILURES] = {
		[FABRIC_TLS_CLOSED] = "closed", [FABRIC_TLS_PROTOCOL] = "protocol",
		[FABRIC_TLS_ALPN] = "alpn",	[FABRIC_TLS_CERTIFICATE] = "certificate",
		[FABRIC_TLS_ALERT] = "alert",	[FABRIC_TLS_ABUSE] = "abuse",
	};

	return texts[failure];
}

const char *fabric_tls_explain(const struct fabric_tls *t, char out[static FABRIC_TLS_EXPLAIN_MAX])
{
	long verified = SSL_get_verify_result(t->ssl);
	const char *reason = t->code != 0 ? ERR_reason_error_string(t->code) : NULL, *before = "";

	if (t->failure == FABRIC_TLS_CERTIFICATE && verified != X509_V_OK) {
		reason = X509_verify_cert_error_string(verified);
		before = "the certificate is not trusted: ";
	}
	if (t->failure == FABRIC_TLS_CLOSED)
		reason = "the connection was closed";
	if (t->failure == FABRIC_TLS_ABUSE)
		reason = "too many records without data";
	if (t->is_abuse && !t->is_done)
		reason = "what came first is not a client's hello";
	snprintf(out, FABRIC_TLS_EXPLAIN_MAX, "%s%s", before, reason != NULL ? reason : "unknown");
	return out;
}
