/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* OpenSSL's own socket BIO writes with write(2), of which SIGPIPE is a consequence, and stops in
 * the middle of a record, which then must be repeated byte by byte. This one has no such states: a
 * record is taken whole, and its rest is sent later by fabric_tls_flush. It also receives only as
 * often as the running call permits, so that a peer cannot keep a thread in one call. */
#include "fabric/tls_priv.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/buf.h"

enum {
	UNSENT_STEP = 1024,
	/* Bytes that a server receives at once. OpenSSL goes through all records of them before
	 * anything can stop it, and a request for another key, in the smallest record, costs some
	 * 30 us: 0.3 ms at most, instead of 18. From a client with which data was exchanged, and
	 * little else, more is received at once. */
	SERVER_RECEIVE = 256,
	SERVER_RECEIVE_MAX = 1024,
	PROVEN_SHIFT = 14, /* 16 KiB of data for each record without data */
};

static bool is_passing(int error)
{
	return error == EAGAIN || error == EINTR || error == ENOBUFS || error == ENOMEM;
}

static ssize_t socket_send(int fd, const void *bytes, size_t nbytes)
{
	ssize_t n;

	do
		n = send(fd, bytes, nbytes, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n < 0 && is_passing(errno))
		return 0;
	return n;
}

static bool unsent_append(struct fabric_tls *t, const uint8_t *bytes, size_t nbytes)
{
	if (t->unsent_size - t->nunsent < nbytes) {
		size_t size = (t->nunsent + nbytes + UNSENT_STEP - 1) / UNSENT_STEP * UNSENT_STEP;
		uint8_t *grown = realloc(t->unsent, size);

		if (grown == NULL)
			return false;
		t->unsent = grown;
		t->unsent_size = size;
	}
	memcpy(t->unsent + t->nunsent, bytes, nbytes);
	t->nunsent += nbytes;
	return true;
}

int fabric_tls_flush(struct fabric_tls *t)
{
	ssize_t n = 0;

	if (t->nunsent == 0)
		return 0;
	n = socket_send(t->fd, t->unsent, t->nunsent);
	if (n < 0) {
		t->result = FABRIC_TLS_FAILED;
		t->failure = FABRIC_TLS_CLOSED;
		return FABRIC_TLS_FAILED;
	}
	t->nunsent -= (size_t)n;
	if (t->nunsent > 0) {
		memmove(t->unsent, t->unsent + n, t->nunsent);
		return FABRIC_TLS_WANTS_WRITE;
	}
	free(t->unsent);
	t->unsent = NULL;
	t->unsent_size = 0;
	return 0;
}

static int bio_write(BIO *bio, const char *bytes, size_t nbytes, size_t *nwritten)
{
	struct fabric_tls *t = BIO_get_data(bio);
	ssize_t n = 0;

	BIO_clear_retry_flags(bio);
	if (t->nunsent == 0)
		n = socket_send(t->fd, bytes, nbytes);
	if (n < 0 || ((size_t)n < nbytes &&
		      !unsent_append(t, (const uint8_t *)bytes + n, nbytes - (size_t)n)))
		return -1;
	*nwritten = nbytes;
	return 1;
}

/* Returns how many bytes to receive at once. */
static size_t receive_size(const struct fabric_tls *t, size_t size)
{
	size_t most = size;

	if (t->context->is_server)
		most = t->ndata >> PROVEN_SHIFT > t->nother ? SERVER_RECEIVE_MAX : SERVER_RECEIVE;
	return size < most ? size : most;
}

/* Looks at the first bytes of a client, and returns false if what they begin is not a hello of a
 * reasonable size. OpenSSL takes memory for what is announced, up to 128 KiB. */
static bool hello_is_good(struct fabric_tls *t, const uint8_t *bytes, size_t nbytes)
{
	size_t n = FABRIC_TLS_HELLO_HEAD - t->nhello;
	const uint8_t *h = t->hello;

	if (n > nbytes)
		n = nbytes;
	memcpy(t->hello + t->nhello, bytes, n);
	t->nhello = (uint8_t)(t->nhello + n);
	return t->nhello < FABRIC_TLS_HELLO_HEAD ||
	       (h[0] == SSL3_RT_HANDSHAKE && h[5] == SSL3_MT_CLIENT_HELLO &&
		((uint32_t)h[6] << 16 | base_load16(h + 7)) <= FABRIC_TLS_HELLO_MAX);
}

static int bio_read(BIO *bio, char *bytes, size_t size, size_t *nread)
{
	struct fabric_tls *t = BIO_get_data(bio);
	ssize_t n = -1;

	*nread = 0;
	BIO_clear_retry_flags(bio);
	if (t->is_abuse)
		return -1;
	errno = EAGAIN;
	if (t->nreceives > 0) {
		t->nreceives--;
		n = recv(t->fd, bytes, receive_size(t, size), MSG_DONTWAIT);
	}
	if (n > 0 && t->context->is_server && t->nhello < FABRIC_TLS_HELLO_HEAD &&
	    !hello_is_good(t, (const uint8_t *)bytes, (size_t)n)) {
		t->is_abuse = true;
		return -1;
	}
	if (n > 0) {
		*nread = (size_t)n;
		return 1;
	}
	if (n == 0)
		t->is_eof = true;
	else if (is_passing(errno))
		BIO_set_retry_read(bio);
	return n == 0 ? 0 : -1;
}

static long bio_ctrl(BIO *bio, int command, long number, void *arg)
{
	const struct fabric_tls *t = BIO_get_data(bio);

	(void)number;
	(void)arg;
	if (command == BIO_CTRL_EOF)
		return t->is_eof;
	return command == BIO_CTRL_FLUSH || command == BIO_CTRL_DUP;
}

static BIO_METHOD *method;

static void method_make(void)
{
	method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "weft socket");
	if (method == NULL)
		return;
	BIO_meth_set_write_ex(method, bio_write);
	BIO_meth_set_read_ex(method, bio_read);
	BIO_meth_set_ctrl(method, bio_ctrl);
}

BIO *fabric_tls_socket_new(struct fabric_tls *t)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	BIO *bio;

	pthread_once(&once, method_make);
	bio = method != NULL ? BIO_new(method) : NULL;
	if (bio == NULL)
		return NULL;
	BIO_set_data(bio, t);
	BIO_set_init(bio, 1);
	return bio;
}
