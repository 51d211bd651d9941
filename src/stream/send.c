/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "stream/stream_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "base/clock.h"
#include "dns/msg.h"
#include "push/message.h"
#include "stream/tls.h"

enum {
	CHUNK = 4096 - sizeof(struct stream_chunk) - 16,
	PIECES = 64, /* chunks or messages at most, sent by one call */
	SHARED = 62, /* messages in a chunk, for a connection that does not keep up */
};

/* Appends a chunk with room for `size` bytes. Returns NULL if memory is short: then the connection
 * has failed. */
static struct stream_chunk *chunk_append(struct stream_connection *c, size_t size)
{
	struct stream_chunk *chunk = malloc(sizeof(*chunk) + size);

	if (chunk == NULL) {
		c->has_failed = true;
		return NULL;
	}
	chunk->next = NULL;
	chunk->shared = NULL;
	chunk->first = chunk->count = chunk->room = 0;
	chunk->nsent = 0;
	chunk->out = base_out_over(chunk->bytes, size);
	if (c->last == NULL)
		c->first = chunk;
	else
		c->last->next = chunk;
	c->last = chunk;
	return chunk;
}

static void chunk_free(struct stream_chunk *chunk)
{
	for (unsigned i = chunk->first; i < chunk->count; i++)
		push_message_release(chunk->shared[i]);
	free(chunk);
}

void stream_send_later(struct stream_connection *c, const uint8_t *bytes, size_t nbytes)
{
	struct stream_chunk *chunk = c->last;

	if (chunk == NULL || chunk->shared != NULL || base_out_left(&chunk->out) < nbytes) {
		chunk = chunk_append(c, nbytes > CHUNK ? nbytes : CHUNK);
		if (chunk == NULL)
			return;
	}
	base_out_bytes(&chunk->out, bytes, nbytes);
	c->nunsent += nbytes;
}

/* Accounts for the result of a call that sends. Returns how many bytes were taken. */
static size_t sent(struct stream_connection *c, ssize_t n)
{
	if (n < 0)
		return 0;
	c->is_moving |= n > 0;
	c->window_sent += (size_t)n;
	c->nsent += (uint64_t)n;
	return (size_t)n;
}

/* Sends; the only function that writes to the socket. Returns how many bytes the socket took. */
static size_t send_some(struct stream_connection *c, struct iovec *iov, size_t niov)
{
	struct msghdr m = {.msg_iov = iov, .msg_iovlen = niov};
	ssize_t n;

	if (c->tls != NULL) {
		n = stream_tls_send(c, iov, niov);
		c->has_failed |= n < 0;
		return sent(c, n);
	}
	do
		n = niov == 1 ? send(c->io.fd, iov->iov_base, iov->iov_len, /* the cheaper call */
				     MSG_NOSIGNAL | MSG_DONTWAIT)
			      : sendmsg(c->io.fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		c->has_failed |= errno != EAGAIN && errno != ENOBUFS && errno != ENOMEM;
	return sent(c, n);
}

/* Counts the time that a change has taken to get here. */
static void count_sent(struct stream_connection *c, const struct push_message *m)
{
	if (m->since_us > 0)
		base_histogram_add(&c->worker->stats.push_sent,
				   base_clock_steady_us() - m->since_us);
}

/* Takes up to `*nbytes` that were sent from a chunk's own bytes. Returns whether all are sent. */
static bool own_sent(struct stream_chunk *chunk, size_t *nbytes)
{
	size_t left = base_out_nbytes(&chunk->out) - chunk->nsent;
	size_t n = *nbytes < left ? *nbytes : left;

	chunk->nsent += n;
	*nbytes -= n;
	return n == left;
}

/* Likewise from shared messages, which are released. */
static bool shared_sent(struct stream_connection *c, struct stream_chunk *chunk, size_t *nbytes)
{
	while (chunk->first < chunk->count) {
		struct push_message *m = chunk->shared[chunk->first];
		size_t left = m->nbytes - chunk->nsent;

		if (*nbytes < left) {
			chunk->nsent += *nbytes;
			*nbytes = 0;
			return false;
		}
		*nbytes -= left;
		count_sent(c, m);
		push_message_release(m);
		chunk->first++;
		chunk->nsent = 0;
	}
	return true;
}

static void forget_sent(struct stream_connection *c, size_t nbytes)
{
	struct stream_chunk *chunk;

	c->nunsent -= nbytes;
	while ((chunk = c->first) != NULL) {
		if (!(chunk->shared == NULL ? own_sent(chunk, &nbytes)
					    : shared_sent(c, chunk, &nbytes)))
			return;
		c->first = chunk->next;
		chunk_free(chunk);
	}
	c->last = NULL;
}

/* What one call sends. */
struct pieces {
	struct iovec iov[PIECES];
	size_t count, nbytes;
};

static bool is_full(const struct pieces *p)
{
	return p->count == PIECES || p->nbytes >= STREAM_SLICE;
}

static void piece_add(struct pieces *p, uint8_t *bytes, size_t nbytes)
{
	p->iov[p->count++] = (struct iovec){bytes, nbytes};
	p->nbytes += nbytes;
}

static void pieces_add(struct pieces *p, struct stream_chunk *chunk)
{
	size_t nsent = chunk->nsent;

	if (chunk->shared == NULL)
		piece_add(p, chunk->out.start + nsent, base_out_nbytes(&chunk->out) - nsent);
	for (unsigned i = chunk->first; i < chunk->count && !is_full(p); i++, nsent = 0)
		piece_add(p, chunk->shared[i]->bytes + nsent, chunk->shared[i]->nbytes - nsent);
}

void stream_send_flush(struct stream_connection *c)
{
	struct pieces p = {.count = 0};

	if (c->tls != NULL && !c->has_failed)
		c->has_failed = !stream_tls_flush(c);
	if (c->first == NULL || c->has_failed)
		return;
	for (struct stream_chunk *chunk = c->first; chunk != NULL && !is_full(&p);
	     chunk = chunk->next)
		pieces_add(&p, chunk);
	forget_sent(c, send_some(c, p.iov, p.count));
}

void stream_send_gathered(struct stream_connection *c)
{
	struct base_out *out = &c->worker->stream->out;
	struct iovec iov = {out->start, base_out_nbytes(out)};
	size_t nsent = 0;

	*out = base_out_over(out->start, STREAM_OUT);
	if (iov.iov_len == 0 || c->has_failed)
		return;
	if (c->first == NULL)
		nsent = send_some(c, &iov, 1);
	if (nsent < iov.iov_len && !c->has_failed)
		stream_send_later(c, out->start + nsent, iov.iov_len - nsent);
}

void stream_send_frame(struct stream_connection *c, size_t length)
{
	base_out_u16(&c->worker->stream->out, (uint16_t)length);
	base_out_take(&c->worker->stream->out, length);
	server_count(&c->worker->stats.responses[c->peer.transport], 1);
}

void stream_send_message(struct stream_connection *c, const uint8_t *msg, size_t nbytes)
{
	struct stream *st = c->worker->stream;
	uint8_t length[2];

	server_count(&c->worker->stats.responses[c->peer.transport], 1);
	if (st->gathering == c && base_out_left(&st->out) >= 2 + nbytes) {
		base_out_u16(&st->out, (uint16_t)nbytes);
		base_out_bytes(&st->out, msg, nbytes);
		return;
	}
	if (st->gathering == c)
		stream_send_gathered(c);
	base_store16(length, (uint16_t)nbytes);
	stream_send_later(c, length, sizeof(length));
	stream_send_later(c, msg, nbytes);
}

/* The first message goes out at once, as a rule; of more, many share a chunk, so that a connection
 * that does not keep up takes little memory. */
static struct stream_chunk *shared_append(struct stream_connection *c)
{
	unsigned room = c->first == NULL ? 1 : SHARED;
	struct stream_chunk *chunk = c->last;

	if (chunk != NULL && chunk->count < chunk->room)
		return chunk;
	chunk = chunk_append(c, room * sizeof(*chunk->shared));
	if (chunk == NULL)
		return NULL;
	chunk->shared = (struct push_message **)(void *)chunk->bytes;
	chunk->room = room;
	return chunk;
}

/* Queues a message, of which `nsent` bytes have been sent. */
static void shared_queue(struct stream_connection *c, struct push_message *m, size_t nsent)
{
	struct stream_chunk *chunk = shared_append(c);

	if (chunk == NULL)
		return;
	if (nsent > 0)
		chunk->nsent = nsent;
	chunk->shared[chunk->count++] = push_message_acquire(m);
	c->nunsent += m->nbytes - nsent;
}

void stream_send_shared(struct stream_connection *c, struct push_message *m)
{
	if (c->worker->stream->gathering == c)
		stream_send_gathered(c);
	shared_queue(c, m, 0);
	server_count(&c->worker->stats.responses[c->peer.transport], 1);
}

void stream_send_shared_now(struct stream_connection *c, struct push_message *m)
{
	struct iovec iov = {m->bytes, m->nbytes};
	size_t nsent;

	if (c->worker->stream->gathering == c || c->has_failed || stream_send_is_blocked(c)) {
		stream_send_shared(c, m);
		return;
	}
	server_count(&c->worker->stats.responses[c->peer.transport], 1);
	nsent = send_some(c, &iov, 1);
	if (nsent == m->nbytes)
		count_sent(c, m);
	else if (!c->has_failed)
		shared_queue(c, m, nsent);
}

/* Releases the messages of a chunk of which nothing has been sent. */
static void shared_drop(struct stream_connection *c, struct stream_chunk *chunk)
{
	unsigned kept = chunk->first + (chunk->nsent > 0);

	while (chunk->count > kept) {
		struct push_message *m = chunk->shared[--chunk->count];

		c->nunsent -= m->nbytes;
		push_message_release(m);
	}
	chunk->room = chunk->count;
}

void stream_send_drop_shared(struct stream_connection *c)
{
	struct stream_chunk **at = &c->first, *chunk, *last = NULL;

	while ((chunk = *at) != NULL) {
		if (chunk->shared != NULL)
			shared_drop(c, chunk);
		if (chunk->shared == NULL || chunk->count > chunk->first) {
			last = chunk;
			at = &chunk->next;
			continue;
		}
		*at = chunk->next;
		chunk_free(chunk);
	}
	c->last = last;
}

void stream_send_clear(struct stream_connection *c)
{
	struct stream_chunk *chunk;

	while ((chunk = c->first) != NULL) {
		c->first = chunk->next;
		chunk_free(chunk);
	}
	c->last = NULL;
	c->nunsent = 0;
}
