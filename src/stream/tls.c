/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "stream/tls.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#include "stream/handshake.h"
#include "stream/stream_priv.h"

enum { RECORD = 16384 }; /* bytes of data in the largest one */

bool stream_tls_open(struct stream_connection *c, struct stream_handshake *h)
{
	uint64_t until_s;
	const uint8_t *name = fabric_tls_key(h->tls, &until_s);
	struct dns_tsig_key *key;

	if (name != NULL) {
		key = calloc(1, sizeof(*key));
		if (key == NULL)
			return false;
		key->name_nbytes = (uint8_t)dns_name_nbytes(name);
		memcpy(key->name, name, key->name_nbytes);
		c->identity = key;
		c->peer.key = key;
		c->peer.key_until_s = until_s;
	}
	c->tls = h->tls;
	h->tls = NULL;
	return true;
}

void stream_tls_close(struct stream_connection *c)
{
	fabric_tls_free(c->tls);
	c->tls = NULL;
	free(c->identity);
	c->identity = NULL;
}

/* Returns what a system call would, for the result of a TLS function that is less than 0. */
static ssize_t result_of(ssize_t result)
{
	if (result == FABRIC_TLS_END)
		return 0;
	errno = result == FABRIC_TLS_FAILED ? EIO : EAGAIN;
	return -1;
}

ssize_t stream_tls_receive(struct stream_connection *c, uint8_t *bytes, size_t size)
{
	ssize_t n = fabric_tls_read(c->tls, bytes, size);

	if (n == FABRIC_TLS_FAILED && fabric_tls_failure(c->tls) == FABRIC_TLS_ABUSE)
		server_count(&c->worker->stats.tls_failed[FABRIC_TLS_ABUSE], 1);
	return n >= 0 ? n : result_of(n);
}

/* Writes until the socket is full. Returns how many bytes were taken, or FABRIC_TLS_FAILED. */
static ssize_t write_all(struct stream_connection *c, const uint8_t *bytes, size_t nbytes)
{
	ssize_t n = fabric_tls_write(c->tls, bytes, nbytes);

	return n == FABRIC_TLS_WANTS_WRITE || n == FABRIC_TLS_WANTS_READ ? 0 : n;
}

/* Copies pieces to `record` as long as they fit, at least a part of one. Moves on `i` and `offset`,
 * which say where. */
static size_t gather(uint8_t record[static RECORD], const struct iovec *iov, size_t niov, size_t *i,
		     size_t *offset)
{
	size_t nbytes = 0;

	while (*i < niov && nbytes < RECORD) {
		size_t n = iov[*i].iov_len - *offset;

		if (n > RECORD - nbytes)
			n = RECORD - nbytes;
		memcpy(record + nbytes, (const uint8_t *)iov[*i].iov_base + *offset, n);
		nbytes += n;
		*offset += n;
		if (*offset == iov[*i].iov_len) {
			*offset = 0;
			(*i)++;
		}
	}
	return nbytes;
}

/* Small pieces share a record: each costs 22 bytes and a call. */
ssize_t stream_tls_send(struct stream_connection *c, const struct iovec *iov, size_t niov)
{
	uint8_t record[RECORD];
	size_t i = 0, offset = 0, nsent = 0;
	ssize_t n;

	if (niov == 1)
		return write_all(c, iov->iov_base, iov->iov_len);
	while (i < niov) {
		size_t nbytes = gather(record, iov, niov, &i, &offset);

		n = write_all(c, record, nbytes);
		if (n < 0)
			return n;
		nsent += (size_t)n;
		if ((size_t)n < nbytes)
			break;
	}
	return (ssize_t)nsent;
}

bool stream_tls_flush(struct stream_connection *c)
{
	size_t before = fabric_tls_nunsent(c->tls);
	int result;

	if (before == 0)
		return true;
	result = fabric_tls_flush(c->tls);
	c->is_moving |= fabric_tls_nunsent(c->tls) < before;
	return result != FABRIC_TLS_FAILED;
}
